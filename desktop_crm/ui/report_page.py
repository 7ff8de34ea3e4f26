"""The page of a report: its settings, key figures, a chart where it has one, the table with its totals, and ways on from every figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import Condition, Where
from desktop_crm.reports import REPORTS, Drill, Report, run
from desktop_crm.reports.export import export, heading
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.files import ask_save, table_filters
from desktop_crm.ui.kit.charts import BarChart, BarList
from desktop_crm.ui.kit.flow import Apart
from desktop_crm.ui.kit.tabs import Segment, TabItem
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
from desktop_crm.ui.report_actions import actions_for, print_report
from desktop_crm.ui.report_bar import ReportBar
from desktop_crm.ui.report_looks import EMPTY, Look, axis, collection_figure, look_of
from desktop_crm.ui.report_saved import SavedReports
from desktop_crm.ui.report_table import ReportTable
from desktop_crm.ui.tell import tell_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from desktop_crm.reports import Definition, Row
    from desktop_crm.reports.collection import Collection

SOURCES = frozenset({"customer", "receivable", "receipt", "allocation", "user", "contract", "invoice", "confirmation", "activity", "company", "department"})
"""What reports are made of."""


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
        self._look = Look()
        self._narrow: str | None = None
        self.build_up(self._build(parameters), self.load)

    # ---- how it is built

    def _build(self, parameters: Mapping[str, Any]) -> Iterator[None]:
        name = self.definition.name
        self.problem = PageProblem(name=f"page.{name}.problem")
        self.bar = ReportBar(self.desk, self.definition, parameters)
        yield
        self.grid = ReportTable(self.desk, name, self.definition.title)
        self.table, self.model, self.sums = self.grid.grid, self.grid.model, self.grid.sums
        self.grid.figure.connect(self._open)
        self.grid.total.connect(self._open_total)
        self.grid.narrowed.connect(self._show_filter)
        yield
        self.state = Label("", "small", "text3")
        self.export_button = Button(_("Export Excel"), icon="file-spreadsheet", name="action.export", on_click=self.export)
        special = actions_for(self)
        self.print_button = Button(_("Print…"), "secondary" if special else "primary", icon="printer", name="action.print", on_click=self.print)
        self.saved = SavedReports(desk=self.desk, report=name, content=self._kept)
        self.saved.chosen.connect(self._choose)
        self.buttons = [self.export_button, self.print_button, *special]
        head = Apart(row(Label(self.definition.title, "page"), self.state, None), row(self.saved, *self.buttons), gap=16, margins=(20, 12, 20, 8))
        yield
        self.figures = row(gap=32)
        self.figures_card = Card("", "", self.figures)
        self.filter_note = Label("", "small", "text2")
        self.filter_off = LinkLabel(_("Show all"), "small", name=f"page.{name}.show_all")
        self.filter_off.clicked.connect(lambda: self._filter_by(""))
        self.filter_row = holder(row(self.filter_note, self.filter_off, None))
        self.note = Label("", "small", "warn")
        self.note.setObjectName(f"page.{name}.notes")
        foot = row(Label(_("Double-click a figure to see what is behind it"), "small", "text3"), None, self.note, 12, Label(_("Amounts in yuan (RMB)"), "small", "text3"))
        yield
        upper = self._upper()
        yield
        body = holder(column(self.figures_card, upper, self.filter_row, (self.grid, 1), foot, gap=12, margins=(20, 12, 20, 12)))
        ground = box(column(scroll(body, name=f"page.{name}.area"), gap=0), "app")
        self.stack = QStackedWidget()
        ask = EmptyState("file-check", _("Choose a customer and a period"))
        for page in (holder(column(Skeleton(10), None, margins=(40, 24, 40, 24))), ask, ground, EmptyState("circle-check", _(EMPTY.get(name, "")))):
            self.stack.addWidget(page)
        above = box(column(head, self.bar, gap=0))
        self.bar.asked.connect(self.load)
        self.bar.wrong.connect(self._failed)
        yield
        self.setLayout(column(above, hline(), self.problem, (self.stack, 1), gap=0))
        yield

    def _upper(self) -> Any:
        """Build the line of a report with a chart: key figures, columns, the largest."""
        name = self.definition.name
        self.figures_column = column(gap=10)
        self.figures_side = Card("", "", self.figures_column)
        self.figures_side.body.addStretch(1)
        self.measure = Segment([TabItem("amount", _("Amount")), TabItem("count", _("Count"))], name=f"page.{name}.measure", label=_("What the columns show"), small=True)
        self.measure.currentChanged.connect(self._show_marks)
        self.chart = BarChart(axis, name=f"page.{name}.chart", label=_("By days overdue"))
        self.chart.chosen.connect(self._filter_by)
        self.chart_card = Card(_("By days overdue"), _("Click a column to narrow the table"), self.chart, actions=(self.measure,))
        self.largest = BarList(name=f"page.{name}.largest", label=_("Most overdue"))
        self.largest.chosen.connect(lambda key: self.desk.open_record("customer", int(key)))
        self.largest_card = Card(_("Most overdue"), "", self.largest, 1)
        self.largest_card.body.addStretch(1)
        self.upper = holder(row((self.figures_side, 2), (self.chart_card, 5), (self.largest_card, 2), gap=12))
        self.upper.setFixedHeight(theme().px(284))
        return self.upper

    # ---- kept under a name

    def _kept(self) -> dict[str, Any]:
        return {"settings": self.bar.kept(), "narrowed": self.grid.filter}

    def _choose(self, content: Mapping[str, Any]) -> None:
        self._narrow = str(content.get("narrowed") or "")
        self.bar.put(content.get("settings") or {})

    # ---- asking

    def load(self) -> None:
        """Ask the report anew."""
        self.bar.wait.stop()
        settings = self.bar.settings()
        if settings is None:
            return
        if self.bar.misses(settings):
            self.report = None
            self._show_page(1)
            return
        session, name = self.desk.session, self.definition.name

        def work() -> tuple[Report, Look]:
            report = run(session, name, **settings)
            return report, look_of(report)

        self.desk.operations.read(self, work, lambda found: self._came(*found), key="report", failed=self._failed)

    def _failed(self, problem: BaseException) -> None:
        message = Desk.message(problem)
        if message is None:
            self.desk.fail(problem)
            return
        if isinstance(problem, UserError) and problem.field:
            self.bar.mark(problem.field, message)
        self.problem.tell(message)

    def _came(self, report: Report, look: Look) -> None:
        self.make(self._shown(report, look))

    def _shown(self, report: Report, look: Look) -> Iterator[None]:
        self.problem.tell("")
        self.bar.mark("", None)
        self.report = report
        self.state.setText(_("Data of {time}").format(time=self.desk.session.now.astimezone().strftime("%H:%M")))
        self.note.setText("　".join(report.notes))
        self._show_look(look)
        yield
        self.grid.show_report(report)
        if self._narrow is not None:
            narrow, self._narrow = self._narrow, None
            if narrow != self.grid.filter:
                self._filter_by(narrow or self.grid.filter)
        self._show_page(2 if report.rows or report.facts else 3)
        if self._look.collected is not None:
            session, collected = self.desk.session, self._look.collected
            self.desk.operations.read(self, lambda: collected(session), self._have_collection, key="collection", failed=self.desk.fail)

    def _show_page(self, which: int) -> None:
        self.stack.setCurrentIndex(which)
        for button in self.buttons:
            button.setEnabled(self.report is not None)

    # ---- showing

    def _show_look(self, look: Look) -> None:
        self._look = look
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
        self.figures_card.setVisible(not charted and bool(look.figures))
        self.upper.setVisible(charted)
        self.largest_card.setVisible(bool(look.largest) or self.definition.name == "aging")
        self._show_marks()
        self.largest.set_marks(look.largest)

    def _show_marks(self) -> None:
        self.chart.set_marks(self._look.counts if self.measure.currentIndex() == 1 and self._look.counts else self._look.columns)

    def _have_collection(self, found: Collection) -> None:
        shown = collection_figure(found)
        figure = self.findChild(KeyFigure, f"page.{self.definition.name}.figure.{len(self._look.figures) - 1}")
        if figure is not None:
            figure.set(shown.value, shown.remark, shown.role)

    def _filter_by(self, key: str) -> None:
        self.grid.narrow(key)

    def _show_filter(self) -> None:
        key = self.grid.filter
        self.chart.set_selected({key} if key else set())
        title = next((spec.title for spec in self.report.columns if spec.name == key), "") if self.report is not None else ""
        self.filter_note.setText(_("Only customers with: {bucket}").format(bucket=title))
        self.filter_row.setVisible(bool(key))

    # ---- ways on

    def _open(self, thing: Row, key: str) -> None:
        """Open what is behind a figure of the table."""
        if self.report is None:
            return
        if thing.under is not None and key not in {column.name for column in self.report.columns if column.link} and (thing.replayed or key not in thing.drills):
            self.grid.unfold(thing)
            return
        if key in thing.drills:
            self._drill(thing.drills[key], self._title(thing, key))
            return
        value = thing.values.get(key)
        spec = next((one for one in self.report.columns if one.name == key), None)
        if isinstance(value, Ref) and spec is not None and spec.link:
            self.desk.open_record(spec.link, int(value))

    def _open_total(self, key: str) -> None:
        if self.report is not None and key in self.report.total_drills and not self.grid.filter:
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
        """Show the report as it will be printed."""
        print_report(self)

    # ---- the page

    def crumbs(self) -> list[tuple[str, Callable[[], object] | None]]:
        """Return the report; the window puts the page of all reports before it."""
        return [(self.definition.title, None)]

    def refresh(self, entities: set[str]) -> None:
        """Ask anew after a change of what reports are made of."""
        if not self.built:
            return
        if not entities or entities & SOURCES:
            self.bar.wait.start()
        if self.saved.concerned(entities):
            self.saved.load()

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Ctrl+E exports, Ctrl+P prints, F5 asks anew."""
        return {"export": self.export, "print": self.print, "refresh": self.load} if self.built else {}


def _one_record(condition: Condition) -> int | None:
    """Return the id where a condition names one record."""
    if isinstance(condition, Where) and condition.field == "id" and condition.operator == "eq":
        return int(condition.value)
    return None
