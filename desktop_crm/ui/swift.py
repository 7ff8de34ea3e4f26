"""What makes the window come up sooner and stutter less: when garbage is collected."""

from __future__ import annotations

import gc
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, QTimer

COLLECT_MS: Final = 500
BEGIN_MS: Final = 3000
"""The program has started by then; looking through what it loads would only hold it up."""


def keep_what_was_loaded() -> None:
    """Take what was loaded out of what is looked through for garbage: modules and declarations stay until the end, and a full look would stop the window for 50 ms."""
    gc.freeze()


def collect_what_is_due() -> None:
    """Look for garbage as Python would by itself: in what is youngest, seldom in what is older, by its own thresholds."""
    due = [age for age, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)) if count > most]
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


def collect_here() -> None:
    """Have garbage collected in this thread from now on; asked for by whoever starts threads beside the window."""
    app = QCoreApplication.instance()
    if app is not None:
        gc.disable()
        if app.findChild(Collector) is None:
            Collector(app)
