"""Measures how long the window's thread works at a time: what a key that is pressed just then has to wait for.

A turn of the event loop – everything that is due, from waking up to the next wait – is what no key gets between. It is measured as processor time of the thread, which other
programs don't make longer. Where Qt doesn't run on GLib's loop (Windows, macOS) its turns can't be told apart, and nothing is measured.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractEventDispatcher

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class LoopWatch:
    """The longest turn since it was made or `forget` was called: `work` in ms of the processor; `turns` how many there were."""

    work: float = 0.0
    turns: int = 0
    _began: float | None = None

    def forget(self) -> None:
        """Begin anew; the turn in which this is called still counts, from now on."""
        self.work = 0.0
        self.turns = 0
        if self._began is not None:
            self._began = time.thread_time()

    def begin(self) -> None:
        """Take note that the loop looks for what is due."""
        self._began = time.thread_time()

    def end(self) -> None:
        """Take note that it did all of it."""
        if self._began is None:  # a loop inside this turn ended it
            return
        worked = time.thread_time() - self._began
        self._began = None
        self.turns += 1
        self.work = max(self.work, worked * 1000)


@contextmanager
def watching_loop() -> Iterator[LoopWatch]:
    """Watch the event loop of this thread."""
    watch, dispatcher = LoopWatch(), QAbstractEventDispatcher.instance()
    measured = dispatcher is not None and "Glib" in (dispatcher.metaObject().className() or "")
    if measured:
        dispatcher.aboutToBlock.connect(watch.begin)
        dispatcher.awake.connect(watch.end)
    try:
        yield watch
    finally:
        if measured:
            dispatcher.aboutToBlock.disconnect(watch.begin)
            dispatcher.awake.disconnect(watch.end)
