"""Long work of the window's thread in steps, so that keys and the pointer get between."""

from __future__ import annotations

import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Iterator

SLICE_S: Final = 0.016
"""How long a turn goes on with further steps: a frame, since what was made is painted in another turn; shorter ones have half-made pages painted more often."""

QUIET_S: Final = 0.002
"""How soon a turn comes after the last one where neither does anything."""
MOST_RESTS: Final = 3
"""Turns that something else may have before it goes on all the same."""

OVER: Final = object()
PARTED: Final = 500
"""Things that are given up at a time."""


class _Beat(QTimer):
    """Goes on with all that has steps left, one slice for them together in a turn of the event loop that does nothing else.

    What a slice made is laid out and painted in the turn after it, which takes longer than making it, and Qt does that before it looks at timers.
    A timer of no length and not a posted call: Qt sends what was posted meanwhile in the same turn, before it looks for keys.
    """

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self.until: float | None = None
        self.worked = 0.0
        self._ticked = 0.0
        self._rested = 0
        self._waiting: deque[Steps] = deque()
        self.setInterval(0)
        self.timeout.connect(self._go_on)

    def add(self, steps: Steps) -> None:
        """Go on with `steps` when it is their turn."""
        self._waiting.append(steps)
        if not self.isActive():
            self.start()

    def idle(self) -> bool:
        """Tell whether nothing has steps left."""
        return not self._waiting

    def _go_on(self) -> None:
        before, self._ticked = self._ticked, time.perf_counter()
        if self._ticked - before > QUIET_S and self._rested < MOST_RESTS:
            self._rested += 1
            return
        self._rested = 0
        while self._waiting:
            steps = self._waiting.popleft()
            if shiboken6.isValid(steps) and steps.under_way():
                steps.go_on()
                return
        self.stop()


_beats: list[_Beat] = []


def _beat() -> _Beat:
    """Return the beat of the application's thread, made when it is first asked for."""
    if not _beats or not shiboken6.isValid(_beats[0]):
        _beats[:] = [_Beat(QCoreApplication.instance())]
    return _beats[0]


@contextmanager
def turn_slice() -> Iterator[float]:
    """Yield until when this turn may go on with long work, in seconds of `time.perf_counter`; what begins inside of it ends with it."""
    beat = _beat()
    before = beat.until
    beat.until = time.perf_counter() + SLICE_S if before is None else before
    try:
        yield beat.until
    finally:
        if shiboken6.isValid(beat):
            beat.until = before


def steps_rest() -> bool:
    """Tell whether nothing has steps left."""
    return _beat().idle()


def last_step() -> float:
    """Return when something was last done step by step that somebody waited for, in seconds of `time.perf_counter`."""
    return _beat().worked


class Steps(QObject):
    """Goes on with `work`, which yields after each step, in turns of the event loop until it is done or `owner` is gone.

    The first begins at once, or, where nobody waits for it (`aside`), when nothing else has steps left.
    """

    def __init__(self, owner: QObject, work: Iterator[None], *, aside: bool = False) -> None:
        super().__init__(owner)
        self._work: Iterator[None] | None = work
        self._aside = aside
        if aside:
            _beat().add(self)
        else:
            self.go_on()

    def under_way(self) -> bool:
        """Tell whether there are steps left."""
        return self._work is not None

    def finish(self) -> None:
        """Do all that is left at once, for somebody who can't wait."""
        self._do(float("inf"))

    def cancel(self) -> None:
        """Do nothing more."""
        self._work = None
        self.deleteLater()

    def go_on(self) -> None:
        """Do what this turn has time for, one step at least."""
        with turn_slice() as until:
            self._do(until)

    def _do(self, until: float) -> None:
        work, self._work = self._work, None  # a step that fails is the last one
        if work is None:
            return
        while next(work, OVER) is not OVER:
            if not self._aside:
                _beat().worked = time.perf_counter()
            if time.perf_counter() >= until:
                self._work = work
                _beat().add(self)
                return
        self.cancel()


def let_go(owner: QObject, things: list[Any]) -> None:
    """Give up many things, the list emptied, a part in each turn: taking ten thousand rows of a report apart at once lasts longer than a key may wait."""

    def work() -> Iterator[None]:
        while things:
            del things[-PARTED:]
            yield

    Steps(owner, work())
