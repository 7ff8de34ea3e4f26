"""The list of any entity: views, filters, a table over everything that matches, totals, a preview, and what is done with ticked rows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut

from desktop_crm.base.errors import NotAllowed
from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.domain.conditions import Condition, Query
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.filter_bar import FilterBar
from desktop_crm.ui.filters import ListState
from desktop_crm.ui.kit.sheets import Menu, literal
from desktop_crm.ui.kit.table import DataTable, SelectionBar, SumRow
from desktop_crm.ui.kit.widgets import Button, EmptyState, Label, Status, box, clear, column, hline, holder, row
from desktop_crm.ui.link_source import LinkSource
from desktop_crm.ui.list_actions import ListActions, of_ids
from desktop_crm.ui.list_columns import ListColumns
from desktop_crm.ui.list_keeping import Kept, kept
from desktop_crm.ui.list_preview import PreviewBeside, PreviewPane
from desktop_crm.ui.list_views import ListViews, narrowed
from desktop_crm.ui.memory import recall, remember
from desktop_crm.ui.rows import RowsModel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QMenu, QWidget

    from desktop_crm.domain.catalog import EntitySpec
    from desktop_crm.ui.kit.ranges import RowRanges

COUNTS_MS: Final = 150


class ListPage(Page):
    """The page of an entity's list. `condition` narrows it to what another page asked for, under the name `title`."""

    def __init__(self, desk: Desk, entity: str, condition: Condition | None = None, title: str = "") -> None:
        super().__init__(desk)
        self.spec: EntitySpec = desk.session.spec(entity)
        self.place = entity
        self.setObjectName(f"list.{entity}")
        self.setWindowTitle(self.spec.plural)
        self.links = LinkSource(desk, self)
        self.state = ListState()
        self._keep: Kept | None = None
        self.views = ListViews(desk, self.spec, condition, title, lambda: self.state)
        self.bar = FilterBar(self.spec, self.links)
        self.model = RowsModel(desk.session, desk.operations, Query(entity, sort=self.spec.sort, descending=self.spec.descending, columns=self.spec.columns), self)
        self.table = DataTable(name=f"list.{entity}.table", label=self.spec.plural, frozen=1)
        self.table.setModel(self.model)
        self.sums = SumRow(self.table, name=f"list.{entity}.sums")
        self.status = Label("", "small", "text3")
        self.freshness = Status("", "circle-check", "success")
        self.columns = ListColumns(desk, self.model, self.table, self.views.current, lambda names: self.ask(columns=names))
        self.acts = ListActions(desk, self.model, self.links, self, self.columns.shown, self.table.ticked)
        self.selection = SelectionBar(self.table, self.acts.bar(), self.acts.summary)
        self.preview = PreviewPane(desk, self.spec)
        self.empty = box(column(gap=0), "surface", name=f"list.{entity}.empty")
        self.setFocusProxy(self.table)
        self._build()
        self._connect()
        self._timers()
        self.preview.setVisible(bool(recall(desk, f"{entity}.preview", default=False)))
        self.views.read(self._show_changed)
        self._take_state(self.views.state())

    # ---- how it is built

    def _build(self) -> None:
        table = column((self.table, 1), self.sums, gap=0)
        self._table_box = holder(table)
        inner = box(column((self._table_box, 1), (self.empty, 1), gap=0), "surface")
        self.empty.hide()
        self.body = PreviewBeside(inner, self.preview)
        foot = row(self.status, None, self.freshness, margins=(20, 6, 16, 6))
        parts = column(self._header(), self.views, hline(), self.bar, hline(), (self.body, 1), hline(), foot, gap=0)
        outer = column(box(parts, "surface"), gap=0)
        self.setLayout(outer)

    def _header(self) -> Any:
        self.heading = Label(self.spec.plural, "page")
        writes = self.desk.session.may_write(self.spec.name)
        buttons: list[QWidget] = []
        if writes:
            buttons.append(Button(_("Import"), icon="download", name="action.import", on_click=self.import_file))
        buttons.append(Button(_("Export"), icon="upload", name="action.export", on_click=self.acts.export_all))
        self.columns_button = Button(_("Columns"), icon="columns-3", name="action.columns", on_click=self._open_columns)
        self.more_button = Button("", icon="ellipsis", name="action.more", tip=_("More"), on_click=self._open_more)
        buttons += [self.columns_button, self.more_button]
        if writes:
            text = _("New {entity}").format(entity=in_sentence(self.spec.singular))
            buttons.append(Button(text, icon="plus", name=f"list.{self.spec.name}.new", tip=f"{text} (Ctrl+N)", on_click=self.new))
        return row(self.heading, None, *buttons, margins=(20, 12, 16, 6))

    def _connect(self) -> None:
        model, table = self.model, self.table
        model.counted.connect(self._counted)
        model.summed.connect(self._summed)
        model.arrived.connect(self._arrived)
        model.failed.connect(self._failed)
        model.moved.connect(self._show_status)
        self.views.chosen.connect(self._take_state)
        self.views.failed.connect(self.desk.fail)
        self.bar.changed.connect(self._filters_changed)
        self.bar.save_wanted.connect(self.views.save_current)
        self.bar.down.connect(self.table.setFocus)
        table.sort_requested.connect(self._sort)
        table.activated.connect(self.open_row)
        table.current_changed.connect(self._current_changed)
        table.selection_changed.connect(self._show_status)
        table.selectionModel().currentColumnChanged.connect(self._show_status)
        table.preview_toggled.connect(self.toggle_preview)
        table.context_menu.connect(self._context_menu)
        table.copied.connect(lambda rows: self.desk.say(_("{count} rows copied").format(count=f"{rows:,}")))
        table.copy_refused.connect(self._copy_refused)
        table.copy_wanted.connect(self._copy)
        self.acts.ended.connect(table.clear_ticks)
        self.acts.figured.connect(self._show_status)
        self.preview.open_wanted.connect(self._open)
        self.preview.edit_wanted.connect(self._open)
        for number in range(1, 10):
            key = QShortcut(QKeySequence(f"Alt+{number}"), self)
            key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            key.activated.connect(partial(self.views.choose, number - 1))

    def _timers(self) -> None:
        self._counting = QTimer(self)
        self._counting.setSingleShot(True)
        self._counting.setInterval(COUNTS_MS)
        self._counting.timeout.connect(self.views.ask_counts)

    # ---- what is shown

    def _take_state(self, state: ListState) -> None:
        """Show a view from its beginning."""
        self.state = ListState(self.views.current(), state.filters, state.text, state.sort or self.spec.sort, state.descending if state.sort else self.spec.descending)
        self.bar.put(self.state.filters, self.state.text)
        self.ask(columns=self.columns.names(self.views.current()))
        self.columns.restore()

    def _filters_changed(self) -> None:
        self.state = ListState(self.state.view, tuple(self.bar.filters), self.bar.text(), self.state.sort, self.state.descending)
        self.bar.show_filters()
        self.ask()

    def _sort(self, number: int, descending: bool) -> None:  # noqa: FBT001 - a signal's argument
        spec = self.model.columns[number]
        if spec.sortable:
            self.state = ListState(self.state.view, self.state.filters, self.state.text, spec.name, descending)
            self.ask()

    def ask(self, *, columns: tuple[str, ...] = ()) -> None:
        """Read the list as its state now is."""
        self.table.clear_ticks()
        self._keep = Kept(self.current_id())
        condition = narrowed(self.views.base(), self.state, self.spec)
        self.model.set_query(Query(self.spec.name, condition, self.state.sort, self.state.descending, columns or self.model.query.columns))
        self.sums.set_values("", {})
        self.table.scrollToTop()
        names = [one.name for one in self.model.columns]
        self.table.set_sort(names.index(self.state.sort) if self.state.sort in names else -1, descending=self.state.descending)
        filtered = self.bar.fields_in_force()
        self.table.set_filtered({number for number, name in enumerate(names) if name in filtered})
        self._show_changed()
        self._show_status()

    def _show_changed(self) -> None:
        first = self.views.state()
        sort = (first.sort or self.spec.sort, first.descending if first.sort else self.spec.descending)
        changed = (self.state.filters, self.state.text, (self.state.sort, self.state.descending)) != (first.filters, first.text, sort)
        self.bar.set_changed(changed=changed and self.views.may_keep())

    def _counted(self, count: int) -> None:
        self._show_empty(count)
        self._show_status()
        self._counting.start()

    def _show_status(self) -> None:
        count = self.model.count
        if count is None:
            self.status.setText(_("Reading…"))
            self.freshness.set(_("Reading…"), "refresh-cw", "text3")
            return
        total = self.views.count_of(self.views.current())
        narrowed_now = bool(self.state.filters or self.state.text)
        said = _("{count} of {total} match").format(count=f"{count:,}", total=f"{total:,}") if narrowed_now and total is not None else _("{count} in all").format(count=f"{count:,}")
        figures = self.acts.statistics(self.table.ticked(), self.table.currentIndex().column())
        self.status.setText(f"{said} · {figures}" if figures else said)
        clock = self.desk.session.now.astimezone().strftime("%H:%M")
        self.freshness.set(_("As of {time}").format(time=clock), "circle-check", "success")

    def _summed(self, totals: dict[str, Any]) -> None:
        count = self.model.count or 0
        names = [one.name for one in self.model.columns]
        values = {}
        for name in self.spec.totals:
            if name in names and name in totals:
                field = self.spec.fields[name]
                role = "danger" if (field.tone and totals[name] > 0) or totals[name] < 0 else "text"
                values[names.index(name)] = (field.show(totals[name]), role)
        self.sums.set_values(_("Total of {count}").format(count=f"{count:,}"), values)
        rows = self.table.ticked()
        if rows:
            self.selection.set_summary(*self.acts.summary(rows))

    def _copy(self, rows: RowRanges, columns: list[int], headers: bool) -> None:  # noqa: FBT001 - a signal's arguments
        from desktop_crm.ui.copying import copy_rows

        copy_rows(self.desk, self.model, rows, columns, headers)

    def _show_empty(self, count: int) -> None:
        self._table_box.setVisible(count > 0)
        self.empty.setVisible(count == 0)
        if count:
            return
        layout = self.empty.layout()
        if layout is None:
            return
        from desktop_crm.ui.list_empty import empty_state

        clear(layout)
        fresh = not (self.views.count_of("all") or self.views.current() != self.views.keys()[0])
        filters = len(self.state.filters) + bool(self.state.text)
        layout.addWidget(empty_state(self.spec, filters=filters, fresh=fresh, writes=self.desk.session.may_write(self.spec.name),
                                     clear=self.bar.clear_all, bring=self.import_file, new=self.new))
        self.preview.show_record(None)

    def _failed(self, problem: BaseException) -> None:
        if isinstance(problem, NotAllowed):
            self._table_box.hide()
            self.empty.show()
            layout = self.empty.layout()
            if layout is not None:
                clear(layout)
                layout.addWidget(EmptyState("lock", _("No right to see this"), problem.message))
            return
        self.freshness.set(_("Could not be read"), "triangle-alert", "danger")
        self.desk.fail(problem)

    # ---- rows

    def current_id(self) -> int | None:
        """Return the id of the current row."""
        return self.model.id_at(self.table.current_row())

    def _arrived(self, first: int, last: int) -> None:
        self._table_box.show()
        self.empty.hide()
        row_now = self.table.current_row()
        if self._keep is not None and not self.model.reading():
            keep, self._keep = self._keep, None
            if not keep.find_again(self.table, self.model):
                self._current_changed(self.table.current_row())
        elif first <= row_now <= last:
            self._current_changed(row_now)
        if first == 0:
            self.columns.spread()
        self._show_status()

    def _current_changed(self, place: int) -> None:
        if not self.preview.isHidden():
            key = self.model.id_at(place)
            if key is not None or place < 0:
                self.preview.show_record(key)

    def open_row(self, place: int) -> None:
        """Open the record of a row, with those around it to step through."""
        key = self.model.id_at(place)
        if key is not None:
            self._open(key)

    def _open(self, key: int) -> None:
        self.desk.open_record(self.spec.name, key, siblings=self.model.loaded_ids())

    def toggle_preview(self) -> None:
        """Show the preview, or take it away."""
        shown = self.preview.isHidden()
        self.preview.setVisible(shown)
        self.body.place()
        remember(self.desk, f"{self.spec.name}.preview", shown)
        if shown:
            self._current_changed(self.table.current_row())

    def _context_menu(self, place: int, number: int, at: QPoint) -> None:
        menu = self.row_menu(place, number)
        if menu is not None:
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(at)

    def row_menu(self, place: int, number: int) -> QMenu | None:
        """Return what can be done with a row; None while it is being read."""
        key = self.model.id_at(place)
        if key is None:
            return None
        menu = Menu(self)
        menu.addAction(_("Open record"), partial(self._open, key))
        menu.addAction(_("Copy") + "\tCtrl+C", self.table.copy)
        if len(self.table.ticked()) > 1 and 0 <= number < len(self.model.columns):
            menu.addAction(_("Copy column {column}").format(column=literal(self.model.columns[number].title)), partial(self.table.copy, only=number))
        related = [(self.desk.session.catalog[name], via) for name, via in self.spec.related if name in self.desk.session.catalog and self.desk.session.may_write(name)]
        if related:
            menu.addSeparator()
            under = menu.addMenu(_("New for this record"))
            for other, via in related:
                under.addAction(other.singular, partial(self.desk.new_record, other.name, **{via: key}))
        self.acts.row_menu(menu, key)
        return menu

    def _copy_refused(self, rows: int, most: int) -> None:
        self.desk.say(_("{count} rows are too many to copy; at most {most} fit. Export them instead").format(count=f"{rows:,}", most=f"{most:,}"), "warn")

    def _open_columns(self) -> None:
        menu = self.columns.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.columns_button.mapToGlobal(self.columns_button.rect().bottomLeft()))

    def _open_more(self) -> None:
        menu = Menu(self)
        menu.addAction(_("Refresh") + "\tF5", self.reload)
        menu.addAction(_("Preview") + "\t" + _("Space"), self.toggle_preview)
        menu.addAction(_("Select all"), self.table.tick_all)
        self.acts.menu(menu)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more_button.mapToGlobal(self.more_button.rect().bottomLeft()))

    # ---- what the window asks of a page

    def new(self) -> None:
        """Begin a new record."""
        if self.desk.session.may_write(self.spec.name):
            self.desk.new_record(self.spec.name)

    def import_file(self) -> None:
        """Bring records in from a workbook."""
        if self.desk.session.may_write(self.spec.name):
            self.desk.show_page("import", entity=self.spec.name)

    def find_text(self) -> None:
        """Go to the search box."""
        self.bar.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.bar.search.selectAll()

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Return what the window's keys do here."""
        return {"new": self.new, "find": self.find_text, "filter": self.bar.add.click, "export": self.acts.export_all, "import": self.import_file,
                "print": self.acts.print_all, "refresh": self.reload, "delete": self.delete}

    def delete(self) -> None:
        """Delete the ticked rows, or the current one where none is."""
        key = self.current_id()
        if self.table.ticked():
            self.acts.delete()
        elif key is not None and self.desk.session.may_write(self.spec.name):
            self.acts.delete_these(of_ids([key]))

    def outdated(self) -> bool:
        """Tell whether the list has other fields by now."""
        return self.desk.session.catalog.get(self.spec.name) != self.spec

    def is_there(self) -> bool:
        """Tell whether the first rows are there."""
        return self.model.count == 0 or self.model.values_at(0) is not None

    def reload(self) -> None:
        """Read the list anew, with the row and the ticks where they were."""
        self._keep = kept(self.table, self.model)
        self.model.load(keep=True)
        self.preview.reload()

    def concerns(self) -> set[str]:
        """Return the entities whose changes show in this list: itself, what it links to and what adds up in it."""
        catalog = self.desk.session.catalog
        links = {one.link for one in self.spec.fields.values() if one.link}
        return {self.spec.name} | links | {entity.name for entity, _field in catalog.linking_to(self.spec.name)}

    def refresh(self, entities: set[str]) -> None:
        """Read anew what somebody changed; a page that isn't seen does so when it is shown."""
        if entities and self.views.concerned(entities):
            self.views.read(self._show_changed)
        if entities and not entities & self.concerns():
            return
        self.when_seen(self.reload)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes the preview once nothing is ticked."""
        if event.key() == Qt.Key.Key_Escape and not self.preview.isHidden():
            self.toggle_preview()
        else:
            super().keyPressEvent(event)
