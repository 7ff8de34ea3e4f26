"""What makes the window come up sooner and stutter less: when garbage is collected."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtGui import QGuiApplication

from desktop_crm.ui.steps import Steps, last_step

COLLECT_MS: Final = 500
BUSY_MS: Final = 100
"""The same while a lane works: what it made since the last look takes as long to look through as there is of it."""
BEGIN_MS: Final = 3000
"""The program has started by then; looking through what it loads would only hold it up."""

PAUSE_S: Final = 2.0
"""How long nobody has done anything before all that was made since the start is looked through, which takes longer than a key may wait."""

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QWindow

    from desktop_crm.ui.operations import Operations

_lanes: WeakSet[Operations] = WeakSet()


def keep_what_was_loaded() -> None:
    """Take what was loaded out of what is looked through for garbage: modules and declarations stay until the end, and a full look would stop the window for 50 ms."""
    gc.freeze()


def lanes_rest() -> bool:
    """Tell whether no lane works."""
    return all(one.idle() for one in _lanes)


def collect_what_is_due(*, older: bool) -> None:
    """Look for garbage as Python would by itself, by its own thresholds: in what is youngest, and seldom in what is `older` as well, where that may be."""
    due = [age for age, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)) if count > most and (not age or older)]
    if due:
        gc.collect(due[-1])


class Hands(QObject):
    """Notices when somebody last did something with keys or the pointer, in whichever window has the keys."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.at = time.perf_counter()
        kinds = QEvent.Type
        self._kinds = {kinds.KeyPress, kinds.InputMethod, kinds.MouseButtonPress, kinds.MouseButtonRelease, kinds.MouseMove, kinds.Wheel, kinds.TouchUpdate}
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.focusWindowChanged.connect(self._watch)
            self._watch(app.focusWindow())

    def _watch(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take note of the time; nothing is held back."""
        del watched
        if event.type() in self._kinds:
            self.at = time.perf_counter()
        return False


class Collector(QTimer):
    """Collects garbage in the window's thread and nowhere else.

    Python collects in whichever thread happens to make an object. In a lane that would destroy widgets and timers from a foreign thread, which ends
    the program sooner or later.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.setInterval(COLLECT_MS)
        self.timeout.connect(self._look)
        self.hands: Hands | None = None
        QTimer.singleShot(BEGIN_MS, self, self._begin)

    def pause(self) -> bool:
        """Tell whether nobody does anything, neither by hand nor in a lane, and no page was made just now.

        While a lane works, what is older is what it is working on, such as the whole index of search.
        """
        since = max(last_step(), self.hands.at if self.hands else time.perf_counter())
        return lanes_rest() and time.perf_counter() - since >= PAUSE_S

    def _begin(self) -> None:
        self.hands = Hands(self)
        self.start()

    def _look(self) -> None:
        def step() -> Iterator[None]:
            collect_what_is_due(older=self.pause())
            yield

        Steps(self, step(), aside=True)  # in a turn that does nothing else, and not beside a page that is being made
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
