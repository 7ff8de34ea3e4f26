"""The main window: the frame around the pages, and what goes on beside them. The ways between pages are in `ways.py`."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import cached_property, partial
from importlib import import_module
from time import process_time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QPaintEvent, QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow

from desktop_crm.base.errors import ConnectionLost, NewerDatabase, UserError
from desktop_crm.base.i18n import N_, _
from desktop_crm.ui.attention import Attention
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.extras import SPECIAL
from desktop_crm.ui.kit.buttons import Button
from desktop_crm.ui.kit.notices import Banner
from desktop_crm.ui.kit.sheets import Menu
from desktop_crm.ui.kit.shell import NavEntry, Shell
from desktop_crm.ui.news import News
from desktop_crm.ui.operations import Operations
from desktop_crm.ui.pages import BOTTOM_PAGES, PAGES
from desktop_crm.ui.waits import Waits, finish_writing, finishing
from desktop_crm.ui.ways import Ways

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.base.settings import Settings
    from desktop_crm.services.session import Session
    from desktop_crm.ui.crash import CrashNet
    from desktop_crm.ui.guard import Guard
    from desktop_crm.ui.reminding import Reminding
    from desktop_crm.ui.searching import Searching
    from desktop_crm.ui.taking_back import TakingBack

log = logging.getLogger(__name__)

APPEAR_MS: Final = 150
"""How long the window waits for its first rows before it is shown without them."""
LATEST_MS: Final = 3000
"""When what waits for the first page begins even though that page has not come."""
LATER: Final = (
    "draft_offer", "search_upkeep", "reminding", "upkeep", "guard", "commands", "taking_back", "record_page", *SPECIAL,
    "filter_editors", "copying", "kit.dialogs", "name_card", "change_card", "deleting",
)
FIRST_SIZE: Final = QSize(1440, 900)
FRAME: Final = 48
"""Room that the system's own title bar may take."""
GROUPS: Final = {"sales": N_("Sales"), "deals": N_("Deals"), "finance": N_("Finance"), "company": N_("Company")}
KEYS: Final = {
    "new": "Ctrl+N", "save": "Ctrl+S", "submit": "Ctrl+Return", "find": "Ctrl+F", "filter": "Ctrl+Shift+F", "print": "Ctrl+P", "refresh": "F5",
    "next_problem": "F8", "edit": "F2", "previous": "Alt+Up", "next": "Alt+Down", "undo": "Ctrl+Z", "redo": "Ctrl+Y", "export": "Ctrl+E", "import": "Ctrl+I",
    "delete": "Ctrl+Delete",
}


class MainWindow(QMainWindow):
    """One company in one window, for one person who is signed in. Signal: `began` once the first page is there.

    `net` shows defects, `restart` is called when the language changed or the person signs out, `save_settings` whenever a setting did: it
    returns what writes them.
    """

    began = Signal()

    def __init__(self, session: Session, settings: Settings, *, net: CrashNet, save_settings: Callable[[Settings], Callable[[], None]], restart: Callable[[str, object], None]) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self._told = False
        self._shown: Callable[[], None] | None = None
        self.net = net
        self.operations = Operations(self._failed, session.close, self, watch=session.store.watched, rest=session.store.rest)
        self.desk = Desk(session, self.operations, settings, self)
        self._save_settings = save_settings
        self._restart = restart
        self._making_anew = False
        self._lost = False
        self._company = ""
        self.shell = Shell(user=session.person.name)
        self.setCentralWidget(self.shell)
        self.waits = Waits(self.operations, self.shell.toasts, self._read_again)
        self.ways = Ways(self.desk, self.shell, self)
        self.ways.moved.connect(self._entitle)
        self.news = News(self.desk)
        self.attention = Attention(self.desk, self.shell)
        self._fill_rail()
        self._connect()
        self._restore_window()
        self.news.ask()  # before the first rows are read: what others change from then on is news
        self.ways.open_first()
        self._fill_menus()
        self._begun = False
        self.reminding: Reminding | None = None
        self.operations.ended.connect(self._tell_when_there, Qt.ConnectionType.QueuedConnection)
        self.operations.quiet.connect(self._begin_when_there)
        QTimer.singleShot(LATEST_MS, self, self._load_the_rest)

    def appear(self, shown: Callable[[], None]) -> None:
        """Show the window with its first rows: painting it without them takes as long as reading them. Where they take longer it is shown all the same.

        `shown` is called then.
        """
        self._shown = shown
        QTimer.singleShot(APPEAR_MS, self, self._appear)

    def _appear(self) -> None:
        if self._shown is not None:
            shown, self._shown = self._shown, None
            self.show()
            shown()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame; what is in it is drawn right after it, and what comes in meanwhile waits for `customEvent`."""
        super().paintEvent(event)
        page = self.page()
        if not self._told and page is not None and page.is_there():
            QCoreApplication.postEvent(self, QEvent(QEvent.Type.User), Qt.EventPriority.HighEventPriority.value)

    def customEvent(self, event: QEvent) -> None:
        """Note that the first rows are painted, before anything else that came in: how many there are in all would have the whole window painted again."""
        del event
        self._tell_there()

    def _tell_when_there(self) -> None:
        """Have the first rows painted, where the window is shown already."""
        page, handle = self.page(), self.windowHandle()
        if self._told or page is None or not page.is_there():
            return
        self._appear()
        if handle is None or not handle.isExposed():
            return  # it is painted soon
        QCoreApplication.sendEvent(self, QEvent(QEvent.Type.UpdateRequest))
        self._tell_there()

    def _tell_there(self) -> None:
        """Log that the first rows can be worked with."""
        if self._told:
            return
        self._told = True
        self.operations.ended.disconnect(self._tell_when_there)
        log.info("The first page is there: %.0f ms of the processor", process_time() * 1000)
        if self.operations.idle():
            self._begin_when_there()

    def _begin_when_there(self) -> None:
        page, hidden = self.page(), self.isHidden() and self._shown is None
        if page is None or (page.is_there() and (self._told or hidden)):
            self._load_the_rest()

    def _load_the_rest(self) -> None:
        """Have the first page painted, which is asked for by now, and then go on with what it needs nothing of."""
        if not self._begun:
            self._begun = True
            self.operations.quiet.disconnect(self._begin_when_there)
            QTimer.singleShot(0, self, self._go_on)

    def _go_on(self) -> None:
        """Load the rest away from the window: the keys for it then answer at once."""
        self.operations.file(self, lambda _step: [import_module(f"desktop_crm.ui.{name}") for name in LATER], lambda _modules: self._begin(), waited_for=False)

    def _begin(self) -> None:
        """Start what goes on beside the user's work: news of others, drafts from before, backups."""
        from desktop_crm.ui.draft_offer import DraftOffer
        from desktop_crm.ui.reminding import Reminding
        from desktop_crm.ui.search_upkeep import SearchUpkeep
        from desktop_crm.ui.upkeep import Upkeep

        self.drafts = DraftOffer(self.desk, self.shell.set_strip)
        self.upkeep = Upkeep(self.desk)
        self.search_upkeep = SearchUpkeep(self.desk)
        self.reminding = Reminding(self.desk, self.shell.set_strip, self)
        self.attention.reminding = self.reminding
        self.reminding.looked.connect(self.attention.count)
        self.attention.ask()
        self.guard.begin()
        self.began.emit()

    @cached_property
    def guard(self) -> Guard:
        """What looks after the company."""
        from desktop_crm.ui.guard import Guard

        return Guard(self.desk, self.shell.set_strip, self)

    @cached_property
    def searching(self) -> Searching:
        """The palette and what it asks."""
        from desktop_crm.ui.commands import commands
        from desktop_crm.ui.searching import Searching

        return Searching(self.desk, self.shell, partial(commands, self.desk))

    @cached_property
    def taking_back(self) -> TakingBack:
        """What undoes and redoes."""
        from desktop_crm.ui.taking_back import TakingBack

        return TakingBack(self, self.desk)

    def _connect(self) -> None:
        desk, shell = self.desk, self.shell
        desk.changed.connect(self._changed)
        self.news.came.connect(self._have_news)
        self.news.failed.connect(self._news_failed)
        self.attention.failed.connect(self._news_failed)
        self.attention.named.connect(self._named)
        desk.said.connect(self._said)
        desk.failed.connect(self._failed)
        desk.settings_changed.connect(self._settings_changed)
        desk.leave_wanted.connect(self._leave)
        shell.search_requested.connect(self._search)
        shell.top_bar.help_clicked.connect(self._help)
        shell.top_bar.bell_clicked.connect(self.attention.show)
        for action, keys in KEYS.items():
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(partial(self._act, action))
        for keys, act in (("F1", self._help), ("Alt+Left", self.ways.go_back), ("Ctrl+Shift+Z", partial(self._act, "redo")), ("Ctrl+Shift+N", self.shell.top_bar.new.click)):
            QShortcut(QKeySequence(keys), self).activated.connect(act)

    def _help(self) -> None:
        """Open the guide where it is about the page that is shown."""
        page = self.page()
        topic = (page.topic or page.place) if page is not None else ""
        self.desk.show_page("guide", **({"topic": topic} if topic else {}))

    def _fill_rail(self) -> None:
        catalog = self.desk.session.catalog
        entries = [NavEntry(spec.name, spec.plural, spec.icon, _(GROUPS[spec.group])) for spec in catalog.values() if spec.group]
        entries += [NavEntry(key, _(info.label), info.icon, _(GROUPS[info.group])) for key, info in PAGES.items() if not info.hub and info.visible(self.desk.session)]
        order = [_(label) for label in GROUPS.values()]
        entries.sort(key=lambda entry: order.index(entry.group))
        self.shell.set_entries(entries, [NavEntry(key, _(info.label), info.icon) for key, info in BOTTOM_PAGES.items() if info.visible(self.desk.session)])

    def _fill_menus(self) -> None:
        session, bar = self.desk.session, self.shell.top_bar
        for spec in session.catalog.values():
            if spec.group and session.may_write(spec.name):
                action = bar.new_menu.addAction(spec.singular)
                action.triggered.connect(partial(self.desk.new_record, spec.name))
        bar.new.setVisible(not bar.new_menu.isEmpty())
        self._company_menu = Menu(self)
        self._company_menu.addAction(_("Company profile"), lambda: self.desk.show_page("settings"))
        self._company_menu.addAction(_("Open another company …"), lambda: self._leave("switch"))
        brand = self.shell.rail.brand
        brand.clicked.connect(lambda: self._company_menu.popup(brand.mapToGlobal(brand.rect().bottomLeft())))
        bar.user_menu.addAction(_("Settings"), lambda: self.desk.show_page("settings"))
        bar.user_menu.addAction(_("Unsaved drafts"), lambda: self.desk.show_page("drafts"))
        bar.user_menu.addAction(_("User guide"), lambda: self.desk.show_page("guide"))
        bar.user_menu.addSeparator()
        bar.user_menu.addAction(_("Open another company …"), lambda: self._leave("switch"))
        bar.user_menu.addAction(_("Sign out"), lambda: self._leave("sign_out"))

    def page(self) -> Page | None:
        """Return the page that is shown."""
        return self.ways.page()

    def _search(self) -> None:
        self.searching.open()

    def _act(self, action: str) -> None:
        page = self.page()
        act = page.shortcuts().get(action) if page is not None else None
        if act is not None:
            act()
        elif action == "undo":
            self.taking_back.undo_last()
        elif action == "redo":
            self.taking_back.redo_last()
        elif action == "new":
            self.shell.top_bar.new.click()

    def _changed(self, entities: set[str]) -> None:
        self.ways.refresh(entities)
        self.attention.ask()

    def _said(self, text: str, change_set: int | None, tone: str, detail: str) -> None:
        undo = None if change_set is None else (_("Undo"), partial(self.taking_back.undo, change_set))
        self.shell.toasts.show(text, tone, detail=detail, action=undo)

    def _failed(self, problem: BaseException) -> None:
        if isinstance(problem, ConnectionLost):
            self._show_lost(problem)
        elif isinstance(problem, UserError):
            self.shell.toasts.error(problem.message)
        else:
            self.net.show(problem)

    def _show_lost(self, problem: ConnectionLost) -> None:
        self._lost = True
        retry = Button(_("Try again now"), size="small", name="action.reconnect", on_click=self.news.ask)
        self.shell.set_strip("connection", Banner(problem.message, "warn", actions=[retry], name="strip.connection"))

    def _read_again(self) -> None:
        """Read the page that is shown anew, after its reading was stopped."""
        page = self.page()
        if page is not None:
            page.refresh(set())

    def _have_news(self, entities: set[str]) -> None:
        self.shell.set_strip("connection", None)
        lost, self._lost = self._lost, False
        if entities or lost:
            self._changed(set() if lost else entities)  # what was asked for meanwhile never came

    def _named(self, company: str) -> None:
        self._company = company
        self.ways.update_crumbs()

    def _entitle(self, shown: str) -> None:
        self.setWindowTitle(" · ".join(part for part in (shown, self._company or _("Desktop CRM")) if part))

    def _news_failed(self, problem: BaseException) -> None:
        if isinstance(problem, NewerDatabase):
            self.news.stop()
            self.shell.set_strip("upgraded", Banner(problem.message, "danger", name="strip.upgraded"))
            return
        self._failed(problem)

    def _settings_changed(self, settings: Settings) -> None:
        old, self.desk.settings = self.desk.settings, settings
        self._keep_settings()
        if settings.language != old.language:
            self._leave("language")

    def _keep_settings(self) -> None:
        self.operations.draft(self, self._save_settings(self.desk.settings), lambda _none: None)

    def _restore_window(self) -> None:
        if not self.desk.settings.window or not self.restoreGeometry(QByteArray.fromBase64(self.desk.settings.window.encode())):
            room = QApplication.primaryScreen().availableGeometry()
            self.resize(FIRST_SIZE)
            if room.width() >= FIRST_SIZE.width() and room.height() >= FIRST_SIZE.height() + FRAME:
                return
            least = self.minimumSizeHint()
            if room.width() >= least.width() and room.height() >= least.height():
                self.setWindowState(Qt.WindowState.WindowMaximized)

    def _leave(self, why: str, what: object = None) -> None:
        """Close the window for something else that comes after it; `what` it is about is passed on."""
        self._making_anew = why != "sign_out"
        if self.close():
            self._restart(why, what)
        self._making_anew = False

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask the page, let every write finish, keep the window's place."""
        page = self.page()
        if page is not None and not page.may_leave():
            event.ignore()
            return
        if not finish_writing(self.operations, lambda: finishing(self)):
            event.ignore()
            return
        if not self._making_anew:
            self.guard.back_up_at_end()
        self.news.stop()
        if self.reminding is not None:
            self.reminding.close()
        self.operations.stop()
        self.guard.close()
        geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        self.desk.settings = replace(self.desk.settings, window=geometry)
        self._keep_settings()
        self.desk.session.close()
        event.accept()
