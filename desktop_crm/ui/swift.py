"""What makes the window come up sooner and stutter less: when garbage is collected."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

from PySide6.QtCore import QCoreApplication, QObject, QTimer

COLLECT_MS: Final = 500
BEGIN_MS: Final = 3000
"""The program has started by then; looking through what it loads would only hold it up."""

EVERYTHING: Final = 2
"""The age of what was looked through twice and is still there."""

if TYPE_CHECKING:
    from desktop_crm.ui.operations import Operations

_lanes: WeakSet[Operations] = WeakSet()


def keep_what_was_loaded() -> None:
    """Take what was loaded out of what is looked through for garbage: modules and declarations stay until the end, and a full look would stop the window for 50 ms."""
    gc.freeze()


def collect_what_is_due() -> None:
    """Look for garbage as Python would by itself: in what is youngest, seldom in what is older, by its own thresholds.

    While a lane works everything includes what it is working on, such as the whole index of search: that look waits until the lanes rest.
    """
    rest = all(one.idle() for one in _lanes)
    due = [age for age, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)) if count > most and (rest or age < EVERYTHING)]
    if due:
        gc.collect(due[-1])


class Collector(QTimer):
    """Collects garbage in the window's thread and nowhere else.

    Python collects in whichever thread happens to make an object. In a lane that would destroy widgets and timers from a foreign thread, which ends
    the program sooner or later.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.setInterval(COLLECT_MS)
        self.timeout.connect(collect_what_is_due)
        QTimer.singleShot(BEGIN_MS, self, self.start)


def collect_here(lanes: Operations) -> None:
    """Have garbage collected in this thread from now on; asked for by the `lanes` that start threads beside the window."""
    _lanes.add(lanes)
    app = QCoreApplication.instance()
    if app is not None:
        gc.disable()
        if app.findChild(Collector) is None:
            Collector(app)
