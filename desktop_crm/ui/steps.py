"""Long work of the window's thread in steps, so that keys and the pointer get between."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Iterator

SLICE_S: Final = 0.008
"""How long a turn goes on with further steps: half a frame, so that what was made can be painted in the other half."""


OVER: Final = object()
PARTED: Final = 500
"""Things that are given up at a time."""


class Steps(QTimer):
    """Goes on with `work`, which yields after each step, in turns of the event loop until it is done or `owner` is gone; the first begins at once.

    A timer of no length and not a posted call: Qt sends what was posted meanwhile in the same turn, before it looks for keys.
    """

    def __init__(self, owner: QObject, work: Iterator[None]) -> None:
        super().__init__(owner)
        self._work: Iterator[None] | None = work
        self.setInterval(0)
        self.timeout.connect(self._go_on)
        self.start()
        self._go_on()

    def under_way(self) -> bool:
        """Tell whether there are steps left."""
        return self._work is not None

    def finish(self) -> None:
        """Do all that is left at once, for somebody who can't wait."""
        self._go_on(float("inf"))

    def cancel(self) -> None:
        """Do nothing more."""
        self._work = None
        self.stop()
        self.deleteLater()

    def _go_on(self, length: float | None = None) -> None:
        work, self._work = self._work, None  # a step that fails is the last one
        if work is None:
            self.stop()
            return
        until = time.perf_counter() + (SLICE_S if length is None else length)
        while next(work, OVER) is not OVER:
            if time.perf_counter() >= until:
                self._work = work
                return
        self.cancel()


def let_go(owner: QObject, things: list[Any]) -> None:
    """Give up many things, the list emptied, a part in each turn: taking ten thousand rows of a report apart at once lasts longer than a key may wait."""

    def work() -> Iterator[None]:
        while things:
            del things[-PARTED:]
            yield

    Steps(owner, work())
