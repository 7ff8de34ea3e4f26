"""A page over a list that is no entity's: the log of the company, the recycle bin. Filters, a virtual table, and how many there are."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, QTimer

from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import EVERYTHING, Condition, Matching, Query, both
from desktop_crm.ui.copying import copy_rows
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.editing import LinkSource
from desktop_crm.ui.filter_bar import FilterBar
from desktop_crm.ui.kit.sheets import Menu
from desktop_crm.ui.kit.table import DataTable
from desktop_crm.ui.kit.widgets import EmptyState, Label, box, clear, column, hline, row
from desktop_crm.ui.rows import RowsModel
from desktop_crm.ui.taking_back import TakingBack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QMenu, QWidget

    from desktop_crm.services.listing import Listing


class ListingPage(Page):
    """The list that `listing` is. Subclasses say what a row opens, what its menu offers and what is said where there is nothing."""

    def __init__(self, desk: Desk, listing: Listing, *, ticks: bool) -> None:
        super().__init__(desk)
        self.listing, self.spec = listing, listing.spec
        self.place = self.spec.name
        self.setObjectName(f"page.{self.spec.name}")
        self.setWindowTitle(self.spec.plural)
        self.taking_back = TakingBack(self, desk)
        self.bar = FilterBar(self.spec, LinkSource(desk, self))
        self.model = RowsModel(desk.session, desk.operations, Query(self.spec.name, columns=self.spec.columns), self, listing=listing)
        self.table = DataTable(name=f"page.{self.spec.name}.table", label=self.spec.plural, frozen=1, ticks=ticks)
        self.table.setModel(self.model)
        self.status = Label("", "small", "text3")
        self.empty = box(column(gap=0), "surface", name=f"page.{self.spec.name}.empty")
        self.empty.hide()
        self.setFocusProxy(self.table)
        self._lay()
        self.model.counted.connect(self._counted)
        self.model.failed.connect(desk.fail)
        self.model.arrived.connect(self._arrived)
        self.bar.changed.connect(self.ask)
        self.bar.down.connect(self.table.setFocus)
        self.table.activated.connect(self._activated)
        self.table.context_menu.connect(self._menu)
        self.table.copy_wanted.connect(partial(copy_rows, desk, self.model))
        self.table.copied.connect(lambda rows: desk.say(_("{count} rows copied").format(count=f"{rows:,}")))
        self.model.load()

    def _lay(self) -> None:
        head = row(Label(self.spec.plural, "page"), Label(self.hint(), "small", "text3"), None, *self.buttons(), margins=(20, 12, 16, 6))
        inner = box(column((self.table, 1), (self.empty, 1), gap=0), "surface")
        foot = row(self.status, None, margins=(20, 6, 16, 6))
        self.setLayout(column(box(column(head, self.bar, hline(), (inner, 1), hline(), foot, gap=0), "surface"), gap=0))

    # ---- what a subclass says

    def hint(self) -> str:
        """Return what stands beside the title."""
        return ""

    def buttons(self) -> list[QWidget]:
        """Return the buttons of the header."""
        return []

    def open_row(self, values: dict[str, Any]) -> None:
        """Open what a row stands for."""

    def fill_menu(self, menu: QMenu, values: dict[str, Any]) -> None:
        """Add what can be done with a row."""

    def nothing_yet(self) -> EmptyState:
        """Return what is shown where the list is empty without a filter."""
        raise NotImplementedError

    # ---- asking

    def condition(self) -> Condition:
        """Return what the filters ask for."""
        found: Condition = EVERYTHING
        for one in self.bar.filters:
            found = both(found, one.condition(self.spec.fields[one.field]))
        return both(found, Matching(self.bar.text())) if self.bar.text() else found

    def ask(self) -> None:
        """Read the list as it is filtered now."""
        self.bar.show_filters()
        self.table.clear_ticks()
        self.model.set_query(Query(self.spec.name, self.condition(), columns=self.model.query.columns))
        self.table.scrollToTop()

    def reload(self) -> None:
        """Read the list anew."""
        self.table.clear_ticks()
        self.model.load(keep=True)

    def _counted(self, count: int) -> None:
        self.status.setText(_("{count} in all").format(count=f"{count:,}"))
        self.table.setVisible(count > 0)
        self.empty.setVisible(count == 0)
        layout = self.empty.layout()
        if count == 0 and layout is not None:
            clear(layout)
            narrowed = bool(self.bar.filters or self.bar.text())
            layout.addWidget(EmptyState("funnel", _("Nothing matches these filters"), _("Take a filter away to see more")) if narrowed else self.nothing_yet())

    def _arrived(self, first: int, _last: int) -> None:
        if first == 0:
            QTimer.singleShot(0, self, self._spread)
            if self.table.current_row() < 0:
                self.table.set_current_row(0)

    def _spread(self) -> None:
        """Give the room that is left to the column with the longest texts."""
        names = [one.name for one in self.model.columns]
        place = names.index(self.spec.title)
        spare = self.table.viewport().width() - sum(self.table.columnWidth(number) for number in range(len(names)))
        if spare:
            self.table.setColumnWidth(place, max(220, self.table.columnWidth(place) + spare))

    # ---- rows

    def _activated(self, place: int) -> None:
        values = self.model.values_at(place)
        if values is not None:
            self.open_row(values)

    def _menu(self, place: int, _column: int, at: QPoint) -> None:
        values = self.model.values_at(place)
        if values is not None:
            menu = Menu(self)
            self.fill_menu(menu, values)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(at)

    # ---- what the window asks of a page

    def refresh(self, entities: set[str]) -> None:
        """Read anew: whatever is changed is in the log, and deletions in the bin."""
        del entities
        self.when_seen(self.reload)

    def find_text(self) -> None:
        """Go to the search box."""
        self.bar.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.bar.search.selectAll()

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Return what the window's keys do here."""
        return {"find": self.find_text, "filter": self.bar.add.click, "refresh": self.reload}
