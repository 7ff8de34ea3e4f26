"""The row under a list's tabs: search, the filters in force, and what was changed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.ui.filters import Filter, filterable
from desktop_crm.ui.kit.sheets import Menu, literal
from desktop_crm.ui.kit.widgets import AddFilterChip, Button, FilterChip, Label, LinkLabel, SearchBox, clear, row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec
    from desktop_crm.ui.editing import LinkSource
    from desktop_crm.ui.filter_editors import FilterCard


class FilterBar(QWidget):
    """Search box and filter chips. Signals: `changed` after any of them was, `save_wanted`, `down` to go into the list."""

    changed = Signal()
    save_wanted = Signal()
    down = Signal()

    def __init__(self, spec: EntitySpec, links: LinkSource) -> None:
        super().__init__()
        self.spec, self.links = spec, links
        self.filters: list[Filter] = []
        self._card: FilterCard | None = None
        self.search = SearchBox(name=f"list.{spec.name}.search", wait_ms=200)
        self.search.setFixedWidth(192)
        self.add = AddFilterChip(name="action.add_filter")
        self.add.clicked.connect(self._open_menu)
        self.clear_link = LinkLabel(_("Clear"), name="action.clear_filters")
        self.clear_link.clicked.connect(self.clear_all)
        self._chips = row(gap=6)
        self.note = Label(_("Differs from the view"), "small", "text2")
        self.save = Button(_("Save view"), "ghost", icon="bookmark-plus", size="small", name="action.save_view", on_click=self.save_wanted.emit)
        self.setLayout(row(self.search, 4, self._chips, self.add, self.clear_link, None, self.note, self.save, gap=8, margins=(20, 7, 16, 7)))
        self.search.searched.connect(self._searched)
        self.search.down.connect(self.down)
        self._text = ""
        self.set_changed(changed=False)
        self.show_filters()

    def text(self) -> str:
        """Return the words that are searched for."""
        return self._text

    def _searched(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.changed.emit()

    def put(self, filters: Sequence[Filter], text: str = "") -> None:
        """Show other filters without a signal."""
        self.filters = list(filters)
        self._text = text
        blocked = self.search.blockSignals(True)
        self.search.setText(text)
        self.search.blockSignals(blocked)
        self.show_filters()

    def set_changed(self, *, changed: bool) -> None:
        """Show that the list differs from its view, and offer to save it."""
        self.note.setVisible(changed)
        self.save.setVisible(changed)

    def clear_all(self) -> None:
        """Take every filter and the search away."""
        self.put((), "")
        self.changed.emit()

    def show_filters(self) -> None:
        """Show a chip for each filter."""
        clear(self._chips)
        for one in self.filters:
            chip = FilterChip(one.text(self.spec.fields[one.field]), name=f"filter.{one.field}")
            chip.clicked.connect(partial(self.edit, one.field, chip))
            chip.removed.connect(partial(self._take, one.field, None))
            self._chips.addWidget(chip)
        self.clear_link.setVisible(bool(self.filters) or bool(self._text))

    def fields_in_force(self) -> set[str]:
        """Return the names of the fields that are filtered."""
        return {one.field for one in self.filters}

    def menu(self) -> QMenu:
        """Return the menu of the fields that can be filtered."""
        menu = Menu(self)
        first, more = filterable(self.spec)
        for spec in first:
            self._entry(menu, spec)
        if more:
            under = menu.addMenu(_("More fields"))
            for spec in more:
                self._entry(under, spec)
        return menu

    def _entry(self, menu: QMenu, spec: FieldSpec) -> None:
        action = menu.addAction(literal(spec.title), partial(self.edit, spec.name, self.add))
        action.setObjectName(f"filter.add.{spec.name}")

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.add.mapToGlobal(self.add.rect().bottomLeft()))

    def edit(self, name: str, anchor: QWidget | None = None) -> FilterCard:
        """Open the card of one filter."""
        from desktop_crm.ui.filter_editors import FilterCard

        if self._card is not None:
            self._card.close_up()
            self._card.deleteLater()
        current = next((one for one in self.filters if one.field == name), None)
        self._card = FilterCard(anchor or self.add, self.spec.fields[name], self.links, current)
        self._card.applied.connect(partial(self._take, name))
        self._card.open()
        return self._card

    def _take(self, name: str, made: Filter | None) -> None:
        before = list(self.filters)
        places = [number for number, one in enumerate(self.filters) if one.field == name]
        if made is None:
            self.filters = [one for one in self.filters if one.field != name]
        elif places:
            self.filters[places[0]] = made
        else:
            self.filters.append(made)
        if self.filters != before:
            self.show_filters()
            self.changed.emit()


