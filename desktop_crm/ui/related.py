"""What belongs to a record: tabs of linked records with their counts and sums."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.domain.conditions import Query, Where
from desktop_crm.services import records
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.table import DataTable, SumRow
from desktop_crm.ui.kit.tokens import theme
from desktop_crm.ui.kit.widgets import Button, Card, Label, TabItem, Tabs, column, hline, holder, row
from desktop_crm.ui.rows import RowsModel

if TYPE_CHECKING:
    from desktop_crm.domain.catalog import EntitySpec, Ref
    from desktop_crm.ui.desk import Desk

ROW: Final = 30
MOST_ROWS: Final = 8


class RelatedCard(Card):
    """Tabs over the records that link to one record. Opening a row opens that record; New makes one that is linked already."""

    def __init__(self, desk: Desk, spec: EntitySpec) -> None:
        super().__init__("", "", padded=False)
        self.desk, self.spec = desk, spec
        self.record: Ref | None = None
        catalog = desk.session.catalog
        self.pairs = {f"{name}.{via}": (catalog[name], via) for name, via in spec.related if name in catalog}
        self._counts: dict[str, int] = {}
        self._shown = ""
        self._model: RowsModel | None = None
        self.tabs = Tabs([TabItem(key, other.plural) for key, (other, _via) in self.pairs.items()], name=f"related.{spec.name}", label=_("What belongs to it"))
        self.tabs.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.all = Button(_("Show as list"), "ghost", icon="list", size="small", name="action.related_list", on_click=self._show_list)
        self.new = Button(_("New"), icon="plus", size="small", name="action.related_new", on_click=self._new)
        self.export = Button(_("Export"), "ghost", icon="upload", size="small", name="action.related_export", on_click=self._export)
        self.none = Label("", "small", "text3")
        self._table_box = holder(column(gap=0))
        self.body.setSpacing(0)
        self.body.addLayout(row((self.tabs, 1), self.export, self.all, self.new, gap=6, margins=(15, 3, 11, 0)))
        self.body.addWidget(hline())
        self.body.addWidget(self._table_box)
        self._none_box = holder(row(self.none, margins=(15, 10, 15, 12)))
        self._none_box.hide()
        self.body.addWidget(self._none_box)
        self.tabs.chosen.connect(self.show_tab)

    def minimumSizeHint(self) -> QSize:
        """Let the page be narrow; the tabs scroll."""
        return QSize(240, super().minimumSizeHint().height())

    def show_record(self, record: Ref) -> None:
        """Show what belongs to a record."""
        self.record = record
        self.ask_counts()
        self.show_tab(self.tabs.current())

    def ask_counts(self) -> None:
        """Count what is in every tab."""
        if self.record is None:
            return
        for key, (other, via) in self.pairs.items():
            condition = Where(via, "eq", int(self.record))
            self.desk.operations.read(self, partial(records.count, self.desk.session, other.name, condition), partial(self._counted, key), key=f"count.{key}", failed=self.desk.fail)

    def _counted(self, key: str, count: int) -> None:
        self._counts[key] = count
        items = [TabItem(one, other.plural, str(self._counts.get(one, ""))) for one, (other, _via) in self.pairs.items()]
        self.tabs.set_items(items)

    def refresh(self) -> None:
        """Read anew."""
        self.ask_counts()
        if self._model is not None:
            self._model.load(keep=True)

    # ---- the table of the tab

    def show_tab(self, key: str) -> None:
        """Show the records of one tab."""
        if self.record is None or key not in self.pairs:
            return
        other, via = self.pairs[key]
        self.new.setVisible(self.desk.session.may_write(other.name) and not other.parent)
        self.new.set_text(_("New {entity}").format(entity=in_sentence(other.singular)))
        self.all.setVisible(bool(other.group))
        query = Query(other.name, Where(via, "eq", int(self.record)), other.sort, other.descending, tuple(name for name in other.columns if name != via))
        if key == self._shown and self._model is not None:
            if query.condition != self._model.query.condition:
                self._model.set_query(query)
            return
        self._shown = key
        self._make_table(other, query)

    def _make_table(self, other: EntitySpec, query: Query) -> None:
        layout = self._table_box.layout()
        while layout is not None and (item := layout.takeAt(0)) is not None:
            old: QWidget | None = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        if self._model is not None:
            self._model.deleteLater()
        self._model = model = RowsModel(self.desk.session, self.desk.operations, query, self, title=Kind.LINK)
        table = DataTable(name=f"related.{other.name}.table", label=other.plural, ticks=False, row_height=ROW)
        table.setModel(model)
        sums = SumRow(table)
        sums.hide()
        if layout is not None:
            layout.addWidget(table)
            layout.addWidget(sums)
        model.counted.connect(partial(self._fit, table))
        model.summed.connect(partial(self._show_sums, other, model, sums))
        model.failed.connect(self.desk.fail)
        table.activated.connect(partial(self._open, other, model))
        table.link_clicked.connect(lambda place, _column: self._open(other, model, place))
        table.sort_requested.connect(partial(self._sort, table, model))
        table.copied.connect(lambda rows: self.desk.say(_("{count} rows copied").format(count=rows)))
        model.load()

    def _fit(self, table: DataTable, count: int) -> None:
        wide = table.header.length() > self.width() - 2
        bar = table.horizontalScrollBar().sizeHint().height() if count and wide else 0
        table.setFixedHeight(theme().px(32) + min(count, MOST_ROWS) * theme().px(ROW) + bar)
        table.setVisible(count > 0)
        self.none.setText(_("No {entity} yet").format(entity=in_sentence(self.pairs[self._shown][0].plural)))
        self._none_box.setVisible(count == 0)
        self.export.setVisible(count > 0)

    def _show_sums(self, other: EntitySpec, model: RowsModel, sums: SumRow, totals: dict[str, Any]) -> None:
        names = [one.name for one in model.columns]
        values = {}
        for name in other.totals:
            if name in names and name in totals:
                values[names.index(name)] = other.fields[name].show(totals[name])
        sums.setVisible(bool(values) and bool(model.count))
        if values:
            sums.set_values(_("Total of {count}").format(count=f"{model.count or 0:,}"), values)

    def _sort(self, table: DataTable, model: RowsModel, number: int, descending: bool) -> None:  # noqa: FBT001 - a signal's argument
        query = model.query
        model.set_query(Query(query.entity, query.condition, model.columns[number].name, descending, query.columns))
        table.set_sort(number, descending=descending)

    def _open(self, other: EntitySpec, model: RowsModel, place: int) -> None:
        key = model.id_at(place)
        if key is not None:
            self.desk.open_record(other.name, key, siblings=model.loaded_ids())

    def _new(self) -> None:
        other, via = self.pairs[self._shown]
        self.desk.new_record(other.name, **{via: self.record})

    def _export(self) -> None:
        if self._model is not None:
            from desktop_crm.ui.list_actions import write_list  # seldom needed, and no record waits for it

            query = self._model.query
            write_list(self, self.desk, self.pairs[self._shown][0], query, query.columns, lambda: None)

    def _show_list(self) -> None:
        other, via = self.pairs[self._shown]
        if self.record is not None:
            self.desk.show_list(other.name, Where(via, "eq", int(self.record)), self.record.title)
