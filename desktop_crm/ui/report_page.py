"""The page of a report: its settings, key figures, a chart where it has one, the table with its totals, and ways on from every figure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget

from desktop_crm.base.errors import UserError, ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import Condition, Where
from desktop_crm.reports import REPORTS, Drill, Report, run
from desktop_crm.reports.base import column as parameter_field
from desktop_crm.reports.export import export, heading
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.editing import LinkSource, make_editor, put_value, take_value
from desktop_crm.ui.files import ask_save, table_filters
from desktop_crm.ui.fixed_rows import Column, FixedRows
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.charts import BarChart, BarList
from desktop_crm.ui.kit.sum_row import SumRow
from desktop_crm.ui.kit.table import DataTable
from desktop_crm.ui.kit.tokens import theme
from desktop_crm.ui.kit.widgets import (
    Button,
    Card,
    EmptyState,
    KeyFigure,
    Label,
    LinkLabel,
    Skeleton,
    box,
    clear,
    column,
    hline,
    holder,
    row,
    scroll,
)
from desktop_crm.ui.page_problem import PageProblem
from desktop_crm.ui.report_looks import EMPTY, SHARE, Look, axis, cells_of, column_kind, column_title, look_of
from desktop_crm.ui.tell import tell_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtGui import QMouseEvent, QResizeEvent

    from desktop_crm.domain.catalog import FieldSpec
    from desktop_crm.reports import Definition, Parameter, Row
    from desktop_crm.ui.kit.fields import Editor

WAIT_MS: Final = 150
LONGEST: Final = 200
WIDE: Final = {"number": 140, "summary": 240, "money": 98}
STATEMENT: Final = "statement"


class _Sums(SumRow):
    """Totals whose figures open what is behind them. Signal: `opened(column)`."""

    opened = Signal(int)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open what is behind the total under the pointer."""
        side = self.grid.side.width() if self.grid.side.isVisible() else 0
        x = event.position().x() - side
        found = next((number for number, left, width in self.grid.places() if left <= x < left + width), -1)
        if found >= 0:
            self.opened.emit(found)


class ReportPage(Page):
    """One report. `parameters` are the settings it begins with; others take the report's defaults."""

    def __init__(self, desk: Desk, name: str, **parameters: Any) -> None:
        super().__init__(desk)
        if name not in REPORTS:
            raise UserError(_("There is no report “{name}”").format(name=name))
        self.definition: Definition = REPORTS[name]
        self.place = f"report.{name}"
        self.setObjectName(f"page.{name}")
        self.setWindowTitle(self.definition.title)
        self.report: Report | None = None
        self.shown_rows: list[Row] = []
        self._editors: dict[str, tuple[Parameter, Editor]] = {}
        self._filter = ""
        self._sort: tuple[str, bool] | None = None
        self._links = LinkSource(desk, self)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self.load)
        self._build(parameters)
        self.load()

    # ---- how it is built

    def _build(self, given: Mapping[str, Any]) -> None:
        name = self.definition.name
        self.model = FixedRows(parent=self)
        self.table = DataTable(name=f"page.{name}.table", label=self.definition.title, frozen=1, ticks=False)
        self.table.setModel(self.model)
        self.table.activated.connect(lambda index: self.open_figure(index, self.table.currentIndex().column()))
        self.table.sort_requested.connect(self._sort_by)
        self.sums = _Sums(self.table, name=f"page.{name}.totals")
        self.sums.opened.connect(self._open_total)
        self.state = Label("", "small", "text3")
        self.problem = PageProblem(name=f"page.{name}.problem")
        self.export_button = Button(_("Export Excel"), icon="file-spreadsheet", name="action.export", on_click=self.export)
        self.print_button = Button(_("Print…"), "primary", icon="printer", name="action.print", on_click=self.print)
        self.print_button.setVisible(name == STATEMENT)
        head = row(Label(self.definition.title, "page"), self.state, None, self.export_button, self.print_button, margins=(20, 12, 20, 8))
        self.figures = row(gap=32)
        self.chart = BarChart(axis, name=f"page.{name}.chart", label=_("By days overdue"))
        self.chart.chosen.connect(self._filter_by)
        self.chart_card = Card(_("By days overdue"), _("Click a column to narrow the table"), self.chart)
        self.largest = BarList(name=f"page.{name}.largest", label=_("Most overdue"))
        self.largest.chosen.connect(lambda key: self.desk.open_record("customer", int(key)))
        self.largest_card = Card(_("Most overdue"), "", self.largest, 1)
        self.largest_card.body.addStretch(1)
        self.figures_card = Card("", "", self.figures)
        self.figures_column = column(gap=14)
        self.figures_side = Card("", "", self.figures_column)
        self.figures_side.body.addStretch(1)
        self.upper = holder(row((self.figures_side, 2), (self.chart_card, 5), (self.largest_card, 2), gap=12))
        self.upper.setFixedHeight(theme().px(284))
        self.filter_note = Label("", "small", "text2")
        self.filter_off = LinkLabel(_("Show all"), "small", name=f"page.{name}.show_all")
        self.filter_off.clicked.connect(lambda: self._filter_by(""))
        self.filter_row = holder(row(self.filter_note, self.filter_off, None))
        grid = Card("", "", padded=False)
        grid.body.setSpacing(0)
        grid.body.addWidget(self.table, 1)
        grid.body.addWidget(self.sums)
        foot = row(Label(_("Double-click a figure to see what is behind it"), "small", "text3"), None, Label(_("Amounts in yuan (RMB)"), "small", "text3"))
        self.table.setMinimumHeight(theme().px(240))
        body = holder(column(self.figures_card, self.upper, self.filter_row, (grid, 1), foot, gap=12, margins=(20, 12, 20, 12)))
        ground = box(column(scroll(body, name=f"page.{name}.area"), gap=0), "app")
        self.stack = QStackedWidget()
        ask = EmptyState("file-check", _("Choose a customer and a period"))
        for page in (holder(column(Skeleton(10), None, margins=(40, 24, 40, 24))), ask, ground, EmptyState("circle-check", _(EMPTY.get(name, "")))):
            self.stack.addWidget(page)
        above = box(column(head, self._parameter_bar(given), gap=0))
        self.setLayout(column(above, hline(), self.problem, (self.stack, 1), gap=0))

    def _parameter_bar(self, given: Mapping[str, Any]) -> Any:
        bar = row(gap=8, margins=(20, 0, 20, 10))
        for parameter in self.definition.parameters:
            spec = _field(parameter)
            editor = make_editor(spec, self._links, name=f"page.{self.definition.name}.{parameter.key.removeprefix('date_')}")
            value = given.get(parameter.key)
            if value is None and parameter.default is not None:
                value = parameter.default(self.desk.session)
            if isinstance(value, tuple):
                value = "/".join(str(part) for part in value)
            put_value(editor, spec, value)
            editor.setFixedWidth(260 if parameter.link else 150)
            editor.setToolTip(_(parameter.hint) if parameter.hint else "")
            editor.left.connect(self._wait.start)
            if parameter.link or parameter.kind.name == "date":
                editor.changed.connect(self._wait.start)
            self._editors[parameter.key] = (parameter, editor)
            bar.addWidget(Label(parameter.title, "small", "text2"))
            bar.addWidget(editor)
            bar.addSpacing(8)
        bar.addStretch(1)
        return bar

    # ---- asking

    def settings(self) -> dict[str, Any] | None:
        """Return what stands in the settings; None where one can't be understood, which is marked."""
        found: dict[str, Any] = {}
        for key, (parameter, editor) in self._editors.items():
            try:
                value = take_value(editor, _field(parameter))
            except ValueProblem as problem:
                self._failed(ValueProblem(problem.message, field=key))
                return None
            editor.set_problem(None)
            found[key] = value if value not in (None, "") else None
        return found

    def load(self) -> None:
        """Ask the report anew."""
        self._wait.stop()
        settings = self.settings()
        if settings is None:
            return
        missing = any(settings[key] is None and parameter.default is None for key, (parameter, _editor) in self._editors.items())
        if missing:
            self.report = None
            self._show_page(1)
            return
        session, name = self.desk.session, self.definition.name
        self.desk.operations.read(self, lambda: run(session, name, **settings), self._came, key="report", failed=self._failed)

    def _failed(self, problem: BaseException) -> None:
        message = Desk.message(problem)
        if message is None:
            self.desk.fail(problem)
            return
        field = problem.field if isinstance(problem, UserError) else ""
        if field in self._editors:
            self._editors[field][1].set_problem(message)
        self.problem.tell(message)

    def _came(self, report: Report) -> None:
        self.problem.tell("")
        for _parameter, editor in self._editors.values():
            editor.set_problem(None)
        self.report = report
        self.state.setText(_("Data of {time}").format(time=self.desk.session.now.astimezone().strftime("%H:%M")))
        self._show_look(look_of(report))
        self._show_rows()
        self._show_page(2 if report.rows or report.facts else 3)

    def _show_page(self, which: int) -> None:
        self.stack.setCurrentIndex(which)
        self.export_button.setEnabled(self.report is not None)
        self.print_button.setEnabled(self.report is not None)

    # ---- showing

    def _show_look(self, look: Look) -> None:
        charted = bool(look.columns)
        target = self.figures_column if charted else self.figures
        clear(self.figures)
        clear(self.figures_column)
        for number, one in enumerate(look.figures):
            figure = KeyFigure(one.label, one.value, one.remark, role=one.role, large=True, name=f"page.{self.definition.name}.figure.{number}")
            target.addWidget(figure)
            target.setAlignment(figure, Qt.AlignmentFlag.AlignTop)
        if not charted:
            self.figures.addStretch(1)
        self.figures_card.setVisible(not charted)
        self.upper.setVisible(charted)
        self.chart.set_marks(look.columns)
        self.largest.set_marks(look.largest)

    def _columns(self, report: Report) -> list[Column]:
        found = [Column(spec.name, column_title(spec), column_kind(spec, place), 180 if place == 0 and spec.link else WIDE.get(spec.name, WIDE.get(spec.kind.name, 0))) for place, spec in enumerate(report.columns)]
        if report.name == "aging":
            found.append(Column(SHARE, _("Overdue share"), Kind.BAR, 110))
        return found

    def _show_rows(self) -> None:
        report, today = self.report, self.desk.session.today
        if report is None:
            return
        rows = [one for one in report.rows if not self._filter or one.values.get(self._filter)]
        if self._sort is not None:
            key, descending = self._sort
            rows.sort(key=lambda one: _order(one.values.get(key)), reverse=descending)
        self.shown_rows = rows
        columns = self._columns(report)
        same = [one.key for one in columns] == [one.key for one in self.model.columns]
        self.model.show_rows([(one, cells_of(report, one, today)) for one in rows], columns)
        if not same:
            # The table has its width once the page with it is shown.
            QTimer.singleShot(0, self, self._set_widths)
        self.table.set_sort(next((place for place, one in enumerate(columns) if self._sort and one.key == self._sort[0]), -1), descending=bool(self._sort and self._sort[1]))
        self.table.set_filtered({place for place, one in enumerate(columns) if one.key == self._filter})
        self._show_totals(report, rows)

    def _set_widths(self) -> None:
        """Give new columns their widths."""
        self.table.set_widths()
        if self.report is not None:
            self._show_totals(self.report, self.shown_rows)
        self._spread()

    def _spread(self) -> None:
        """Give the room that is left to the column whose texts are longest."""
        columns = self.model.columns
        place = next((number for number, one in enumerate(columns) if one.key == "summary"), 0)
        spare = self.table.viewport().width() - sum(self.table.columnWidth(number) for number in range(len(columns)))
        if columns:
            self.table.setColumnWidth(place, max(columns[place].width, self.table.columnWidth(place) + spare))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Spread the columns over the new width."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._spread)

    def _show_totals(self, report: Report, rows: list[Row]) -> None:
        totals = report.totals
        if self._filter:
            totals = {key: sum((one.values[key] for one in rows), start=type(value)(0)) for key, value in totals.items()}
        texts = {place: spec.show(totals[spec.name]) for place, spec in enumerate(report.columns) if spec.name in totals}
        self.sums.set_values(_("Total of {count}").format(count=f"{sum(one.counted for one in rows):,}"), texts)
        self.sums.setVisible(bool(texts))
        title = next((spec.title for spec in report.columns if spec.name == self._filter), "")
        self.filter_note.setText(_("Only customers with: {bucket}").format(bucket=title))
        self.filter_row.setVisible(bool(self._filter))

    def _filter_by(self, key: str) -> None:
        self._filter = "" if key == self._filter else key
        self.chart.set_selected({self._filter} if self._filter else set())
        self._show_rows()

    def _sort_by(self, place: int, descending: bool) -> None:  # noqa: FBT001 - a signal's argument
        key = self.model.columns[place].key
        if key != SHARE:
            self._sort = (key, descending)
            self._show_rows()

    # ---- ways on

    def open_figure(self, index: int, place: int) -> None:
        """Open what is behind the figure in a row and column of the table."""
        thing, key = self.model.thing(index), self.model.columns[place].key if 0 <= place < len(self.model.columns) else ""
        if thing is None or self.report is None:
            return
        if key in thing.drills:
            self._drill(thing.drills[key], self._title(thing, key))
            return
        value = thing.values.get(key)
        spec = next((one for one in self.report.columns if one.name == key), None)
        if isinstance(value, Ref) and spec is not None and spec.link:
            self.desk.open_record(spec.link, int(value))

    def _open_total(self, place: int) -> None:
        key = self.model.columns[place].key
        if self.report is not None and key in self.report.total_drills and not self._filter:
            self._drill(self.report.total_drills[key], self._title(None, key))

    def _title(self, thing: Row | None, key: str) -> str:
        heading_of = next((one.title for one in self.model.columns if one.key == key), "")
        who = next((value.title for value in thing.values.values() if isinstance(value, Ref)), "") if thing is not None else ""
        return " · ".join(part for part in (self.definition.title, who, heading_of) if part)

    def _drill(self, drill: Drill, title: str) -> None:
        single = _one_record(drill.condition)
        spec = self.desk.session.catalog.get(drill.entity)
        if single is not None and spec is not None and not spec.parent:
            self.desk.open_record(drill.entity, single)
        else:
            self.desk.show_list(drill.entity, drill.condition, title)

    def export(self) -> None:
        """Write the report to a workbook."""
        report = self.report
        path = ask_save(self, _("Export Excel"), f"{heading(report)}.xlsx", table_filters()) if report is not None else None
        if report is None or path is None:
            return
        total = len(report.rows)

        def work(step: Callable[[int, int], None]) -> int:
            return export(report, path, lambda done: step(done, total))

        self.desk.operations.file(self, work, lambda _count: tell_file(self, _("Report exported"), path), title=_("Export Excel"))

    def print(self) -> None:
        """Show the statement as it will be printed."""
        if self.report is None or self.definition.name != STATEMENT:
            return
        asked = self.report.settings
        self.desk.show_page("preview", prints=STATEMENT, customer=asked["customer"], period=(asked["date_from"], asked["date_to"]))

    # ---- the page

    def crumbs(self) -> list[tuple[str, Callable[[], object] | None]]:
        """Return where the report stands."""
        return [(_("Reports"), None), (self.definition.title, None)]

    def refresh(self, entities: set[str]) -> None:
        """Ask anew after a change of what reports are made of."""
        if not entities or entities & {"customer", "receivable", "receipt", "allocation", "user"}:
            self._wait.start()

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Ctrl+E exports, Ctrl+P prints, F5 asks anew."""
        return {"export": self.export, "print": self.print, "refresh": self.load}


def _field(parameter: Parameter) -> FieldSpec:
    """Return a field like the parameter, for its editor."""
    spec = parameter_field(parameter.key, parameter.label, parameter.kind, link=parameter.link)
    return replace(spec, scale=LONGEST) if parameter.kind.name == "text" else spec


def _one_record(condition: Condition) -> int | None:
    """Return the id where a condition names one record."""
    if isinstance(condition, Where) and condition.field == "id" and condition.operator == "eq":
        return int(condition.value)
    return None


def _order(value: Any) -> tuple[bool, Any]:
    """Return a key that puts nothing first and texts in order."""
    if isinstance(value, Ref):
        return (True, value.title)
    return (value is not None and value != "", value if value not in (None, "") else 0)
