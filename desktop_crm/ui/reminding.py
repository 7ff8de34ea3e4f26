"""Reminds of what falls due and what is overdue: a line over the pages once a day, the bell, and a notice of the system's tray."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.services.reminding import Reminder, reminders
from desktop_crm.ui.kit.buttons import Button
from desktop_crm.ui.kit.icons import icon
from desktop_crm.ui.kit.notices import Banner
from desktop_crm.ui.kit.sheets import Menu

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from desktop_crm.ui.desk import Desk

    Strip = Callable[[str, QWidget | None], None]

FIRST_LOOK_MS: Final = 3_000
"""After the first list is there, which must not wait for reminders."""
LOOK_MS: Final = 30 * 60_000
SOON_MS: Final = 1_500
"""Several changes in a row are looked at once."""
CONCERNS: Final = frozenset({"receivable", "receipt", "allocation", "activity", "company"})
STRIP: Final = "reminders"


class Tray(QObject):
    """The icon in the system's tray, made with the first notice; where the system has no tray there is none. Signal: `clicked`."""

    clicked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._icon: QSystemTrayIcon | None = None

    def tell(self, title: str, text: str) -> bool:
        """Show a notice; tell whether the system can."""
        if not QSystemTrayIcon.isSystemTrayAvailable() or not QSystemTrayIcon.supportsMessages():
            return False
        if self._icon is None:
            self._icon = QSystemTrayIcon(icon("chart-line", "accent", 64), self)
            menu = Menu(self._window)
            menu.addAction(_("Show the window"), self.clicked.emit)
            self._icon.setContextMenu(menu)
            self._icon.setToolTip(_("Desktop CRM"))
            self._icon.messageClicked.connect(self.clicked)
            self._icon.activated.connect(lambda _reason: self.clicked.emit())
        self._icon.show()
        self._icon.showMessage(title, text)
        return True

    def close(self) -> None:
        """Take the icon away."""
        if self._icon is not None:
            self._icon.hide()


class Reminding(QObject):
    """One for each main window. `strip(topic, widget)` shows something over every page; `found` are the reminders of the last look. Signal: `looked`."""

    looked = Signal()

    def __init__(self, desk: Desk, strip: Strip, window: QWidget) -> None:
        super().__init__(window)
        self.desk, self._strip, self._window = desk, strip, window
        self.found: list[Reminder] = []
        self.tray = Tray(window)
        self.tray.clicked.connect(self._show)
        self._told: date | None = None
        self._shown = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.timeout.connect(self.look)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        desk.changed.connect(self._changed)
        QTimer.singleShot(FIRST_LOOK_MS, self, self.look)

    def _changed(self, entities: set[str]) -> None:
        if not entities or entities & CONCERNS:
            self._soon.start()

    def look(self) -> None:
        """Ask what there is to remind of."""
        session = self.desk.session
        # What fails here is told by what the user does; a reminder is no reason to interrupt.
        self.desk.operations.read(self, lambda: reminders(session), self._came, key="reminders", failed=lambda _problem: None, waited_for=False)

    def _came(self, found: list[Reminder]) -> None:
        self.found = found
        today = self.desk.session.today
        if not found:
            self._put_away()
        elif self._told == today:
            # What is still to be read says what is so now.
            if self._shown:
                self._strip(STRIP, self._banner(found))
        else:
            self._told, self._shown = today, True
            self._strip(STRIP, self._banner(found))
            self.tray.tell(_("Receivables"), "\n".join(one.text for one in found))
        self.looked.emit()

    def _banner(self, found: list[Reminder]) -> Banner:
        show = Button(_("Show due items"), size="small", name="strip.reminders.show", on_click=self._show_due)
        later = Button(_("Not now"), "ghost", size="small", name="strip.reminders.later", on_click=self._put_away)
        tone = "danger" if any(one.tone == "danger" for one in found) else "warn"
        return Banner("　".join(one.text for one in found), tone, actions=[show, later], name="strip.reminders")

    def _put_away(self) -> None:
        self._shown = False
        self._strip(STRIP, None)

    def fill(self, menu: QMenu) -> None:
        """Add the reminders to the bell's menu, each leading to its receivables."""
        for one in self.found:
            menu.addAction(one.text, partial(self.desk.show_list, "receivable", one.condition, one.text))

    def _show_due(self) -> None:
        self._put_away()
        self.desk.show_page("report.due")

    def _show(self) -> None:
        """Bring the window to the front with what falls due."""
        self._window.showNormal() if self._window.isMinimized() else self._window.show()
        self._window.raise_()
        self._window.activateWindow()
        self._show_due()

    def close(self) -> None:
        """Stop looking."""
        self._timer.stop()
        self._soon.stop()
        self.tray.close()
