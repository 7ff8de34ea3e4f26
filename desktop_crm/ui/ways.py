"""The pages of the window and the ways between them: showing, going back, what stands above a page. What a page is, only `pages.py` knows."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.pages import PAGES, make_list, make_new, make_page, make_record, page_module, rail_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.domain.conditions import Condition
    from desktop_crm.ui.drafts import Kept
    from desktop_crm.ui.kit.shell import Shell

KEPT_PAGES: Final = 12


class Ways(QObject):
    """The pages that are open, the latest last, and what leads from one to another. Signal: `moved(str)` with the name of what is shown now."""

    moved = Signal(str)

    def __init__(self, desk: Desk, shell: Shell, parent: QObject) -> None:
        super().__init__(parent)
        self.desk = desk
        self.shell = shell
        self._order: list[str] = []
        self._makers: dict[str, Callable[[], Page]] = {}
        self._crumb_acts: dict[str, Callable[[], object]] = {}
        desk.record_wanted.connect(self._show_record)
        desk.new_wanted.connect(self._show_new)
        desk.list_wanted.connect(self._show_list)
        desk.page_wanted.connect(self._show_page)
        desk.back_wanted.connect(self.go_back)
        desk.draft_wanted.connect(self._show_draft)
        desk.crumbs_changed.connect(self.update_crumbs)
        shell.chosen.connect(self._chosen)
        shell.top_bar.crumb_clicked.connect(lambda key: self._crumb_acts[key]())

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
            self.desk.operations.load(self, module, lambda: self._show_page(key, parameters))
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
                self.desk.failed.emit(problem)
                return
            self.shell.add_page(key, page)
            self._makers[key] = make
        if key in self._order:
            self._order.remove(key)
        self._order.append(key)
        self.turn_to(key)
        for old in [one for one in self._order[:-KEPT_PAGES] if not one.startswith("list.")]:
            self._order.remove(old)
            self._close(old)

    def _close(self, key: str) -> None:
        self.shell.remove_page(key)
        del self._makers[key]

    def turn_to(self, key: str) -> None:
        """Show a page that is open."""
        page = self.shell.page(key)
        if isinstance(page, Page) and page.outdated():
            page = self._makers[key]()
            self.shell.add_page(key, page)
        self.shell.show_page(key, (), rail_key(getattr(page, "place", "") or key))
        self.update_crumbs()
        if isinstance(page, Page):
            page.take_focus()

    def update_crumbs(self) -> None:
        """Show anew what leads to the page."""
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
        self.moved.emit(crumbs[-1][1] if crumbs else "")

    def go_back(self) -> None:
        """Leave this page for the one before it; a page that was only for one thing is closed."""
        leaving = self.page()
        if leaving is not None and not leaving.may_leave():
            return
        if self._order[:-1] == []:
            return
        closed = self._order.pop()
        self.turn_to(self._order[-1])
        if not closed.startswith("list.") or closed.endswith(".narrowed"):
            self._close(closed)
        else:
            self._order.insert(0, closed)

    def refresh(self, entities: set[str]) -> None:
        """Tell every page that records of these entities changed; the shown one is made anew where it has other fields now."""
        for key in self._order:
            page = self.shell.page(key)
            if isinstance(page, Page):
                page.refresh(entities)
        shown = self.page()
        if shown is not None and shown.outdated():
            self.turn_to(self._order[-1])
