"""The main window: the frame, the pages in it and the ways between them. What a page is, it only knows from `pages.py`."""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from functools import cached_property, partial
from importlib import import_module
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
from desktop_crm.ui.pages import BOTTOM_PAGES, PAGES, make_list, make_new, make_page, make_record, page_module, rail_key
from desktop_crm.ui.waits import Waits, finish_writing, finishing

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.base.settings import Settings
    from desktop_crm.domain.conditions import Condition
    from desktop_crm.services.session import Session
    from desktop_crm.ui.crash import CrashNet
    from desktop_crm.ui.drafts import Kept
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
    "filter_editors", "copying", "kit.dialogs",
)
KEPT_PAGES: Final = 12
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
        self._company = ""
        self._order: list[str] = []
        self._makers: dict[str, Callable[[], Page]] = {}
        self._crumb_acts: dict[str, Callable[[], object]] = {}
        self.shell = Shell(user=session.person.name)
        self.setCentralWidget(self.shell)
        self.waits = Waits(self.operations, self.shell.toasts, self._read_again)
        self.news = News(self.desk)
        self.attention = Attention(self.desk, self.shell)
        self._fill_rail()
        self._connect()
        self._restore_window()
        self.news.ask()  # before the first rows are read: what others change from then on is news
        self.open_first()
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
        """Draw the frame; what is in it is drawn right after it."""
        super().paintEvent(event)
        if not self._told:
            QTimer.singleShot(0, self, self._tell_when_there)

    def _tell_when_there(self) -> None:
        """Have the first rows painted, before anything else that comes in, and log that they can be worked with; how many there are in all follows."""
        page, handle = self.page(), self.windowHandle()
        if self._told or page is None or not page.is_there():
            return
        self._appear()
        if handle is None or not handle.isExposed():
            return  # it is painted soon, and asks again
        self._told = True
        self.operations.ended.disconnect(self._tell_when_there)
        QCoreApplication.sendEvent(self, QEvent(QEvent.Type.UpdateRequest))
        log.info("The first page is there")
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
        self.operations.file(self, lambda _step: [import_module(f"desktop_crm.ui.{name}") for name in LATER], lambda _modules: self._begin(), title="")

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
        desk.record_wanted.connect(self._show_record)
        desk.new_wanted.connect(self._show_new)
        desk.list_wanted.connect(self._show_list)
        desk.page_wanted.connect(self._show_page)
        desk.back_wanted.connect(self.go_back)
        desk.draft_wanted.connect(self._show_draft)
        desk.settings_changed.connect(self._settings_changed)
        desk.crumbs_changed.connect(self._update_crumbs)
        desk.leave_wanted.connect(self._leave)
        shell.chosen.connect(self._chosen)
        shell.search_requested.connect(self._search)
        shell.top_bar.help_clicked.connect(lambda: desk.show_page("guide"))
        shell.top_bar.bell_clicked.connect(self.attention.show)
        shell.top_bar.crumb_clicked.connect(lambda key: self._crumb_acts[key]())
        for action, keys in KEYS.items():
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(partial(self._act, action))
        for keys, act in (("F1", lambda: desk.show_page("guide")), ("Alt+Left", self.go_back), ("Ctrl+Shift+Z", partial(self._act, "redo")), ("Ctrl+Shift+N", self.shell.top_bar.new.click)):
            QShortcut(QKeySequence(keys), self).activated.connect(act)

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

    def _search(self) -> None:
        self.searching.open()

    def open_first(self) -> None:
        """Show the first list the person may see."""
        first = next((spec.name for spec in self.desk.session.catalog.values() if spec.group), "settings")
        self._chosen(first)

    def page(self) -> Page | None:
        """Return the page that is shown."""
        shown = self.shell.stack.currentWidget()
        return shown if isinstance(shown, Page) else None

    def _chosen(self, key: str) -> None:
        if key in self.desk.session.catalog:
            self._show_list(key, None, "")
        else:
            self._show_page(key, {})

    def _show_list(self, entity: str, condition: Condition | None, title: str) -> None:
        key = f"list.{entity}"
        if condition is not None:
            self._show(f"{key}.narrowed", lambda: make_list(self.desk, entity, condition, title), fresh=True)
        else:
            self._show(key, lambda: make_list(self.desk, entity, None, ""))

    def _show_record(self, entity: str, key: int, siblings: object) -> None:
        self._show(f"record.{entity}.{key}", lambda: make_record(self.desk, entity, key, siblings))

    def _show_new(self, entity: str, given: object) -> None:
        self._show(f"new.{entity}", lambda: make_new(self.desk, entity, given if isinstance(given, dict) else {}), fresh=True)

    def _show_page(self, key: str, parameters: object) -> None:
        module = page_module(key)
        if module and module not in sys.modules:
            self.operations.load(self, module, lambda: self._show_page(key, parameters))
            return
        values = parameters if isinstance(parameters, dict) else {}
        name = ".".join([key, *(str(value) for value in values.values() if isinstance(value, str | int))])
        self._show(name, lambda: make_page(self.desk, key, values), fresh=bool(values))

    def _show_draft(self, kept: Kept) -> None:
        """Go on with a draft on the page that it belongs to."""
        from desktop_crm.ui.draft_offer import draft_page

        key, make = draft_page(self.desk, kept)
        self._show(key, make)
        page = self.shell.page(key)
        if isinstance(page, Page) and page is self.page():
            page.resume(kept)

    def _show(self, key: str, make: Callable[[], Page], *, fresh: bool = False) -> None:
        """Show the page under `key`, made where it isn't there yet or a `fresh` one is wanted."""
        leaving = self.page()
        if leaving is not None and not leaving.may_leave():
            return
        if fresh or self.shell.page(key) is None:
            try:
                page = make()
            except UserError as problem:
                self._failed(problem)
                return
            self.shell.add_page(key, page)
            self._makers[key] = make
        if key in self._order:
            self._order.remove(key)
        self._order.append(key)
        self._turn_to(key)
        for old in [one for one in self._order[:-KEPT_PAGES] if not one.startswith("list.")]:
            self._order.remove(old)
            self.shell.remove_page(old)

    def _turn_to(self, key: str) -> None:
        page = self.shell.page(key)
        if isinstance(page, Page) and page.outdated():
            page = self._makers[key]()
            self.shell.add_page(key, page)
        self.shell.show_page(key, (), rail_key(getattr(page, "place", "") or key))
        self._update_crumbs()
        if isinstance(page, Page):
            page.take_focus()

    def _update_crumbs(self) -> None:
        page = self.page()
        if page is None:
            return
        self._crumb_acts, crumbs = {}, []
        place = page.place
        hub = rail_key(place)
        above = [(_(PAGES[hub].label), partial(self.desk.show_page, hub))] if hub != place else []
        for number, (label, act) in enumerate([*above, *page.crumbs()]):
            key = f"{number}" if act is not None else ""
            if act is not None:
                self._crumb_acts[key] = act
            crumbs.append((key, label))
        self.shell.top_bar.set_crumbs(crumbs)
        self.setWindowTitle(" · ".join(part for part in (crumbs[-1][1] if crumbs else "", self._company or _("Desktop CRM")) if part))

    def go_back(self) -> None:
        """Leave this page for the one before it; a page that was only for one thing is closed."""
        leaving = self.page()
        if leaving is not None and not leaving.may_leave():
            return
        if self._order[:-1] == []:
            return
        closed = self._order.pop()
        self._turn_to(self._order[-1])
        if not closed.startswith("list.") or closed.endswith(".narrowed"):
            self.shell.remove_page(closed)
        else:
            self._order.insert(0, closed)

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
        for key in self._order:
            page = self.shell.page(key)
            if isinstance(page, Page):
                page.refresh(entities)
        shown = self.page()
        if shown is not None and shown.outdated():
            self._turn_to(self._order[-1])
        self.attention.ask()

    def _said(self, text: str, change_set: int | None, tone: str) -> None:
        if change_set is None:
            self.shell.toasts.show(text, tone)
            return
        self.shell.toasts.show(text, tone, action=(_("Undo"), lambda: self.taking_back.undo(change_set)))

    def _failed(self, problem: BaseException) -> None:
        if isinstance(problem, ConnectionLost):
            self._show_lost(problem)
        elif isinstance(problem, UserError):
            self.shell.toasts.error(problem.message)
        else:
            self.net.show(problem)

    def _show_lost(self, problem: ConnectionLost) -> None:
        retry = Button(_("Try again now"), size="small", name="action.reconnect", on_click=self.news.ask)
        self.shell.set_strip("connection", Banner(problem.message, "warn", actions=[retry], name="strip.connection"))

    def _read_again(self) -> None:
        """Read the page that is shown anew, after its reading was stopped."""
        page = self.page()
        if page is not None:
            page.refresh(set())

    def _have_news(self, entities: set[str]) -> None:
        self.shell.set_strip("connection", None)
        if entities:
            self._changed(entities)

    def _named(self, company: str) -> None:
        self._company = company
        self._update_crumbs()

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
            least = self.minimumSizeHint()
            self.resize(FIRST_SIZE)
            fits = room.width() >= FIRST_SIZE.width() and room.height() >= FIRST_SIZE.height() + FRAME
            if not fits and room.width() >= least.width() and room.height() >= least.height():
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
        if not self._making_anew:
            self.guard.back_up_at_end()
        self.news.stop()
        finish_writing(self.operations, lambda: finishing(self))
        if self.reminding is not None:
            self.reminding.close()
        self.operations.stop()
        self.guard.close()
        geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        self.desk.settings = replace(self.desk.settings, window=geometry)
        self._keep_settings()
        self.desk.session.close()
        event.accept()
