"""The table of a report: sorted, narrowed to a bucket, folded open to the documents behind a row, with its totals under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QEvent, QObject, QTimer, Signal

from desktop_crm.base.i18n import _
from desktop_crm.domain.catalog import Ref
from desktop_crm.ui.fixed_rows import Column, FixedRows
from desktop_crm.ui.kit.cells import Kind, RowLook
from desktop_crm.ui.kit.sum_row import SumRow
from desktop_crm.ui.kit.table import DataTable
from desktop_crm.ui.kit.tokens import theme
from desktop_crm.ui.kit.widgets import Card
from desktop_crm.ui.report_looks import SHARE, cells_of, column_kind, column_title
from desktop_crm.ui.steps import let_go

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QMouseEvent

    from desktop_crm.domain.catalog import FieldSpec
    from desktop_crm.reports import Report, Row
    from desktop_crm.ui.desk import Desk

WIDE: Final = {"customer": 170, "contract": 124, "number": 124, "summary": 160, "money": 98}
ROOMY: Final = ("summary", "customer")
"""Columns with the longest texts, which get the room that is left; the first column where there is none of them."""
FIRST: Final = 180
FOLDED: Final = RowLook(fold=False)
UNFOLDED: Final = RowLook(fold=True)
BENEATH: Final = RowLook(level=1, ground="sunken")


class Sums(SumRow):
    """Totals whose figures open what is behind them. Signal: `opened(column)`."""

    opened = Signal(int)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open what is behind the total under the pointer."""
        side = self.grid.side.width() if self.grid.side.isVisible() else 0
        x = event.position().x() - side
        found = next((number for number, left, width in self.grid.places() if left <= x < left + width), -1)
        if found >= 0:
            self.opened.emit(found)


class FoldingRows(FixedRows):
    """Rows of which some can be folded open."""

    looks: Sequence[RowLook | None] = ()

    def look(self, row: int) -> RowLook | None:
        """Return how a row stands in the tree."""
        return self.looks[row] if row < len(self.looks) else None


class ReportTable(Card):
    """Shows the rows of a report. Signals: `figure(Row, column key)` where one is opened, `total(column key)`, `narrowed` when other rows show."""

    figure = Signal(object, str)
    total = Signal(str)
    narrowed = Signal()

    def __init__(self, desk: Desk, name: str, title: str) -> None:
        super().__init__("", "", padded=False)
        self.desk = desk
        self.report: Report | None = None
        self.rows: list[Row] = []
        self.filter = ""
        self._sort: tuple[str, bool] | None = None
        self._opened: dict[object, list[Row]] = {}
        self.model = FoldingRows(parent=self)
        self.grid = DataTable(name=f"page.{name}.table", label=title, frozen=1, ticks=False)
        self.grid.setModel(self.model)
        self.grid.activated.connect(lambda index: self.open_figure(index, self.grid.currentIndex().column()))
        self.grid.sort_requested.connect(self._sort_by)
        self.grid.fold_requested.connect(self._fold)
        self.sums = Sums(self.grid, name=f"page.{name}.totals")
        self.sums.opened.connect(lambda place: self.total.emit(self.model.columns[place].key))
        self.body.setSpacing(0)
        self.body.addWidget(self.grid, 1)
        self.body.addWidget(self.sums)
        self.grid.setMinimumHeight(theme().px(240))
        self.grid.viewport().installEventFilter(self)

    def show_report(self, report: Report) -> None:
        """Show another answer; what was folded open is closed, since its documents may be others now."""
        before = list(self.report.rows) if self.report is not None else []
        self.report = report
        self._opened = {}
        self.show_rows()
        let_go(self, before)

    def narrow(self, key: str) -> None:
        """Show only rows with a figure in a column, or all again where it is that column already."""
        self.filter = "" if key == self.filter else key
        self.show_rows()

    # ---- showing

    def show_rows(self) -> None:
        """Show the rows as they are narrowed, sorted and folded now."""
        report = self.report
        if report is None:
            return
        rows = [one for one in report.rows if not self.filter or one.values.get(self.filter)]
        if self._sort is not None:
            key, descending = self._sort
            rows.sort(key=lambda one: _order(one.values.get(key)), reverse=descending)
        self.rows = rows
        columns = self._columns(report)
        same = [one.key for one in columns] == [one.key for one in self.model.columns]
        shown, self.model.looks = self._tree(report, rows)
        today = self.desk.session.today
        self.model.show_things(shown, lambda place: cells_of(report, shown[place], today), columns)
        if not same:
            # The table has its width once the page with it is shown.
            QTimer.singleShot(0, self, self._set_widths)
        self.grid.set_sort(next((place for place, one in enumerate(columns) if self._sort and one.key == self._sort[0]), -1), descending=bool(self._sort and self._sort[1]))
        self.grid.set_filtered({place for place, one in enumerate(columns) if one.key == self.filter})
        self._show_totals(report, rows)
        self.narrowed.emit()

    def _tree(self, report: Report, rows: list[Row]) -> tuple[list[Row], list[RowLook | None]]:
        if not self._opened:
            return rows, [None if one.under is None else FOLDED for one in rows]
        shown: list[Row] = []
        looks: list[RowLook | None] = []
        for one in rows:
            under = self._opened.get(_key(report, one))
            shown.append(one)
            looks.append(None if one.under is None else FOLDED if under is None else UNFOLDED)
            for child in under or ():
                shown.append(child)
                looks.append(BENEATH)
        return shown, looks

    def _columns(self, report: Report) -> list[Column]:
        found = [Column(spec.name, column_title(spec), column_kind(spec, place), _width(spec, place)) for place, spec in enumerate(report.columns)]
        if report.name == "aging":
            found.append(Column(SHARE, _("Overdue share"), Kind.BAR, 110))
        return found

    def _show_totals(self, report: Report, rows: list[Row]) -> None:
        totals = report.totals
        if self.filter:
            totals = {key: sum((one.values[key] for one in rows), start=type(totals[key])(0)) for key in (spec.name for spec in report.columns) if key in totals}
        texts = {place: spec.show(totals[spec.name]) for place, spec in enumerate(report.columns) if totals.get(spec.name) is not None}
        self.sums.set_values(_("Total of {count}").format(count=f"{sum(one.counted for one in rows):,}"), texts)
        self.sums.setVisible(bool(texts))

    def _set_widths(self) -> None:
        """Give new columns their widths."""
        self.grid.set_widths()
        if self.report is not None:
            self._show_totals(self.report, self.rows)
        self.spread()

    def spread(self) -> None:
        """Give the room that is left to the column whose texts are longest."""
        columns = self.model.columns
        place = next((number for key in ROOMY for number, one in enumerate(columns) if one.key == key), 0)
        spare = self.grid.viewport().width() - sum(self.grid.columnWidth(number) for number in range(len(columns)))
        if columns:
            self.grid.setColumnWidth(place, max(columns[place].width, self.grid.columnWidth(place) + spare))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Spread the columns over the new width of the rows, which a scroll bar changes as well."""
        if event.type() == QEvent.Type.Resize and watched is self.grid.viewport():
            QTimer.singleShot(0, self, self.spread)
        return super().eventFilter(watched, event)

    # ---- what the user does

    def _sort_by(self, place: int, descending: bool) -> None:  # noqa: FBT001 - a signal's argument
        key = self.model.columns[place].key
        if key != SHARE:
            self._sort = (key, descending)
            self.show_rows()

    def _fold(self, index: int, opened: bool) -> None:  # noqa: FBT001 - a signal's argument
        """Ask for the documents behind a row, or close them."""
        report, thing = self.report, self.model.thing(index)
        if report is None or thing is None or thing.under is None:
            return
        key = _key(report, thing)
        if not opened:
            self._opened.pop(key, None)
            self.show_rows()
            return
        self._ask(thing)

    def _ask(self, thing: Row) -> None:
        report, session, under = self.report, self.desk.session, thing.under
        if report is None or under is None:
            return
        key = _key(report, thing)

        def came(found: list[Row]) -> None:
            if self.report is report:
                self._opened[key] = found
                self.show_rows()

        self.desk.operations.read(self, lambda: under(session), came, key=f"under.{key}")

    def unfold(self, thing: Row) -> None:
        """Open the documents behind a row, unless they are there."""
        if self.report is not None and _key(self.report, thing) not in self._opened:
            self._ask(thing)

    def open_figure(self, index: int, place: int) -> None:
        """Say which figure of the table was opened."""
        thing = self.model.thing(index)
        if thing is not None and 0 <= place < len(self.model.columns):
            self.figure.emit(thing, self.model.columns[place].key)


def _width(spec: FieldSpec, place: int) -> int:
    """Return the width a column begins with, 0 for its kind's own."""
    return WIDE.get(spec.name) or (FIRST if place == 0 and spec.link else WIDE.get(spec.kind.name, 0))


def _key(report: Report, thing: Row) -> object:
    value = thing.values.get(report.columns[0].name)
    return int(value) if isinstance(value, Ref) else value


def _order(value: Any) -> tuple[bool, Any]:
    """Return a key that puts nothing first and texts in order."""
    if isinstance(value, Ref):
        return (True, value.title)
    return (value is not None and value != "", value if value not in (None, "") else 0)
