"""Measures how long the window's thread works at a time: what a key that is pressed just then has to wait for.

A turn of the event loop – everything that is due, from waking up to the next wait – is what no key gets between. It is measured as processor time of the thread, which other
programs don't make much longer. Where Qt doesn't run on GLib's loop (Windows, macOS) its turns can't be told apart, and nothing is measured.

Tests allow six times the aim: each begins cold, and processors that are shared work up to three times as long at the same. Where even that is passed, work that is
always the same tells whether it was the machine. Looking for garbage isn't counted there: it goes through all that hundreds of tests have left.
"""

from __future__ import annotations

import gc
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QAbstractEventDispatcher

if TYPE_CHECKING:
    from collections.abc import Iterator

AIM_MS: Final = 50.0
ALLOWED_MS: Final = 6 * AIM_MS
ROUNDS: Final = 60_000
USUAL_MS: Final = 10.0
"""What `pace` is on an ordinary computer that does nothing else."""


def pace() -> float:
    """Return how many ms of the processor it takes to do what is always the same."""
    begun, kept = time.thread_time(), {}
    for number in range(ROUNDS):
        kept[number & 255] = f"{number}"
    return (time.thread_time() - begun) * 1000


def too_long(work: float) -> str:
    """Return what is wrong with a turn of so many ms, nothing where nobody would notice."""
    if work <= ALLOWED_MS:
        return ""
    slow = max(1.0, pace() / USUAL_MS)
    return f"the window's thread worked for {work:.0f} ms at a time, where {AIM_MS:.0f} are the aim and {ALLOWED_MS:.0f} are let pass" if work > ALLOWED_MS * slow else ""


@dataclass
class LoopWatch:
    """The longest turn since it was made or `forget` was called: `work` in ms of the processor; `turns` how many there were. Looking for garbage counts up to the age of `garbage`."""

    work: float = 0.0
    turns: int = 0
    garbage: int = 3
    _began: float | None = None
    _looking: float = 0.0

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

    def leave_out(self, phase: str, info: dict[str, int]) -> None:
        """Leave the time out that looking for older garbage takes; called by Python before and after it."""
        if threading.current_thread() is not threading.main_thread() or info["generation"] < self.garbage:
            return
        if phase == "start":
            self._looking = time.thread_time()
        elif self._began is not None:
            self._began += time.thread_time() - self._looking


@contextmanager
def watching_loop(*, garbage: int = 3) -> Iterator[LoopWatch]:
    """Watch the event loop of this thread. Of looking for `garbage` so many ages count as its work, the youngest first: 0 none, 3 all."""
    watch, dispatcher = LoopWatch(garbage=garbage), QAbstractEventDispatcher.instance()
    measured = dispatcher is not None and "Glib" in (dispatcher.metaObject().className() or "")
    if measured:
        dispatcher.aboutToBlock.connect(watch.begin)
        dispatcher.awake.connect(watch.end)
    gc.callbacks.append(watch.leave_out)
    try:
        yield watch
    finally:
        gc.callbacks.remove(watch.leave_out)
        if measured:
            dispatcher.aboutToBlock.disconnect(watch.begin)
            dispatcher.awake.disconnect(watch.end)
