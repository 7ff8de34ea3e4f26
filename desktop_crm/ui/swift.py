"""What makes the window come up sooner and stutter less: when garbage is collected."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

from PySide6.QtCore import QCoreApplication, QObject, QTimer

from desktop_crm.ui.steps import Steps

COLLECT_MS: Final = 500
BUSY_MS: Final = 100
"""The same while a lane works: what it made since the last look takes as long to look through as there is of it."""
BEGIN_MS: Final = 3000
"""The program has started by then; looking through what it loads would only hold it up."""

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.ui.operations import Operations

_lanes: WeakSet[Operations] = WeakSet()


def keep_what_was_loaded() -> None:
    """Take what was loaded out of what is looked through for garbage: modules and declarations stay until the end, and a full look would stop the window for 50 ms."""
    gc.freeze()


def lanes_rest() -> bool:
    """Tell whether no lane works."""
    return all(one.idle() for one in _lanes)


def collect_what_is_due() -> None:
    """Look for garbage as Python would by itself: in what is youngest, seldom in what is older, by its own thresholds.

    While a lane works what is older is what it is working on, such as the whole index of search: that look waits until the lanes rest.
    """
    due = [age for age, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)) if count > most and (not age or lanes_rest())]
    if due:
        gc.collect(due[-1])


def look_for_garbage() -> Iterator[None]:
    """Do that as a step."""
    collect_what_is_due()
    yield


class Collector(QTimer):
    """Collects garbage in the window's thread and nowhere else.

    Python collects in whichever thread happens to make an object. In a lane that would destroy widgets and timers from a foreign thread, which ends
    the program sooner or later.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.setInterval(COLLECT_MS)
        self.timeout.connect(self._look)
        QTimer.singleShot(BEGIN_MS, self, self.start)

    def _look(self) -> None:
        Steps(self, look_for_garbage(), now=False)  # in a turn that does nothing else, and not beside a page that is being made
        wanted = COLLECT_MS if lanes_rest() else BUSY_MS
        if self.interval() != wanted:
            self.setInterval(wanted)


def collect_here(lanes: Operations) -> None:
    """Have garbage collected in this thread from now on; asked for by the `lanes` that start threads beside the window."""
    _lanes.add(lanes)
    app = QCoreApplication.instance()
    if app is not None:
        gc.disable()
        if app.findChild(Collector) is None:
            Collector(app)
