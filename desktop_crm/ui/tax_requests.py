"""Requests that wait for their invoice, what the bureau would refuse of each, and the workbook written of those that are ticked."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtWidgets import QWidget

from desktop_crm.base.errors import Cancelled
from desktop_crm.base.i18n import _, ngettext
from desktop_crm.domain.conditions import Where
from desktop_crm.domain.money import show_money
from desktop_crm.services import records
from desktop_crm.services.tax import layout, workbook
from desktop_crm.ui.files import ask_save
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.line_table import LineColumn, LineTable
from desktop_crm.ui.kit.widgets import Button, Card, EmptyState, Label, clear, column, holder, row, scroll
from desktop_crm.ui.tell import tell_file

if TYPE_CHECKING:
    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session
    from desktop_crm.services.tax.workbook import CellProblem
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.kit.line_model import Row

FIELDS: Final = ("number", "customer", "kind", "requested_on", "total", "state", "exported_on")
MOST: Final = 1000
"""Requests shown together, the oldest first; as many as the bureau takes at once."""
Found = tuple[list["Values"], list["CellProblem"]]


def waiting(session: Session) -> Found:
    """Return the requests that wait and what the bureau would refuse of them."""
    condition = session.readable("invoice_request", Where("state", "in", ("open", "exported")))
    rows = session.records.find(session.entity("invoice_request"), condition, FIELDS, sort="requested_on", limit=MOST)
    columns = layout.current(session)
    wrong = workbook.problems(workbook.drafts(session, [one["id"] for one in rows], columns), columns)
    return records.with_titles(session, session.spec("invoice_request"), rows, ["customer"]), wrong


class RequestsTab(QWidget):
    """The requests. `buttons` are shown in the page's header while this tab is."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.rows: list[Values] = []
        self.wrong: dict[int, list[CellProblem]] = {}
        self.ticked: set[int] = set()
        self._seen: set[int] = set()
        self.take_back = Button(_("Not with the bureau"), "ghost", name="action.take_back", tip=_("The ticked requests were not given to the bureau after all"), on_click=self.not_given)
        self.open_button = Button(_("Open request"), name="action.open_request", on_click=self.open_current)
        self.write_button = Button(_("Write workbook…"), "primary", icon="file-spreadsheet", name="action.write_workbook", on_click=self.write)
        self.buttons = (self.take_back, self.open_button, self.write_button)
        self.table = LineTable(self._columns(), name="tax.requests", label=_("Requests to be issued"), numbered=False, stretch="trouble", menu=False)
        way = Button(_("To the receivables"), "primary", name="action.to_receivables", on_click=lambda: desk.show_list("receivable", None, ""))
        self.nothing = EmptyState("file-check", _("No invoice is waiting to be issued"), _("Tick receivables in their list and choose “Request invoices”, or add a request"), [way])
        self.status = Label("", "small", "text2")
        self.words = column(gap=4)
        self.card = Card(_("What the bureau would refuse"), "", scroll(holder(self.words)))
        self.work = holder(column((self.table, 3), row(self.status, None, margins=(20, 4, 20, 4)), (holder(column(self.card, margins=(20, 4, 20, 12))), 2), gap=0))
        self.setLayout(column(self.nothing, (self.work, 1), gap=0))
        self.table.cell_changed.connect(self._ticked)
        self.table.current_changed.connect(lambda _row: self._show_problems())
        self.setFocusProxy(self.table)

    @staticmethod
    def _columns() -> list[LineColumn]:
        def tone(values: Row) -> str:
            return str(values.get("tone", ""))

        def cents(value: object) -> str:
            return show_money(value)  # type: ignore[arg-type]

        return [
            LineColumn("on", "", Kind.CHECK, 36),
            LineColumn("number", _("Request number"), Kind.TEXT, 130, editable=False),
            LineColumn("customer", _("Customer"), Kind.TEXT, 230, editable=False),
            LineColumn("kind", _("Invoice kind"), Kind.TEXT, 150, editable=False),
            LineColumn("requested_on", _("Requested on"), Kind.DATE, 92, editable=False),
            LineColumn("total", _("Total with tax"), Kind.MONEY, 110, editable=False, show=cents, bold=True),
            LineColumn("state", _("State"), Kind.PILL, 110, editable=False, tone=tone),
            LineColumn("trouble", _("Problems"), Kind.TEXT, 160, editable=False, tone=lambda values: "danger" if values.get("trouble") else ""),
        ]

    def load(self) -> None:
        """Ask for the requests that wait."""
        session = self.desk.session
        self.desk.operations.read(self, lambda: waiting(session), lambda found: self._came(*found), key="requests", failed=self.desk.fail)

    def _came(self, rows: list[Values], wrong: list[CellProblem]) -> None:
        self.rows, self.wrong = rows, {}
        for one in wrong:
            self.wrong.setdefault(one.request, []).append(one)
        there = {one["id"] for one in rows}
        fresh = {one["id"] for one in rows if one["state"] == "open" and one["id"] not in self.wrong and one["id"] not in self._seen}
        self.ticked = (self.ticked & there) | fresh
        self._seen |= there
        spec = self.desk.session.spec("invoice_request")
        self.table.set_rows([self._row(spec, one) for one in rows])
        self.nothing.setVisible(not rows)
        self.work.setVisible(bool(rows))
        if rows:
            self.table.setCurrentIndex(self.table.lines.index(0, 1))
        self._show()

    def _row(self, spec: Any, one: Values) -> Row:
        wrong = self.wrong.get(one["id"], [])
        trouble = f"{wrong[0].heading}: {wrong[0].message}" if len(wrong) == 1 else ngettext("{count} cell", "{count} cells", len(wrong)).format(count=len(wrong)) if wrong else ""
        state = spec.fields["state"].choice(one["state"])
        return {
            "id": one["id"], "on": one["id"] in self.ticked, "number": one["number"], "customer": one["customer"].title, "kind": spec.fields["kind"].show(one["kind"]),
            "requested_on": one["requested_on"].isoformat(), "total": one["total"], "state": _(state.label), "tone": state.tone, "trouble": trouble,
        }  # fmt: skip

    def _ticked(self, place: int, key: str) -> None:
        one = self.table.rows()[place]
        if key == "on":
            self.ticked = self.ticked | {int(str(one["id"]))} if one.get("on") else self.ticked - {int(str(one["id"]))}
            self._show()

    def _show(self) -> None:
        chosen = [one for one in self.rows if one["id"] in self.ticked]
        wrong = sum(one["id"] in self.wrong for one in chosen)
        total = show_money(sum((one["total"] for one in chosen), Decimal("0.00")))
        text = ngettext("{count} request waits", "{count} requests wait", len(self.rows)).format(count=len(self.rows)) + " · " + _("{ticked} ticked, ¥{amount}").format(ticked=len(chosen), amount=total)
        self.status.setText(text + (" · " + _("{count} of them would be refused").format(count=wrong) if wrong else ""))
        self.write_button.setEnabled(bool(chosen) and not wrong)
        self.take_back.setEnabled(any(one["state"] == "exported" for one in chosen))
        self.open_button.setEnabled(bool(self.rows))
        self._show_problems()

    def current(self) -> Values | None:
        """Return the request of the current row."""
        place = self.table.currentIndex().row()
        return self.rows[place] if 0 <= place < len(self.rows) else None

    def _show_problems(self) -> None:
        clear(self.words)
        one = self.current()
        wrong = self.wrong.get(one["id"], []) if one else []
        for problem in wrong:
            value = f" “{problem.value}”" if problem.value else ""
            self.words.addWidget(Label(f"{problem.sheet} · {problem.heading}{value}", "small", "text3", wrap=True))
            self.words.addWidget(Label(problem.message, "body", "danger", wrap=True))
        if not wrong:
            self.words.addWidget(Label(_("Nothing: this request can be written") if one else "", "body", "text2"))
        self.words.addStretch(1)

    def open_current(self) -> None:
        """Open the current request, to put right what is wrong."""
        one = self.current()
        if one is not None:
            self.desk.open_record("invoice_request", one["id"], siblings=[other["id"] for other in self.rows])

    def not_given(self) -> None:
        """Note that the ticked requests were not given to the bureau."""
        session, ids = self.desk.session, sorted(self.ticked)
        self.desk.write(self, lambda: workbook.take_back(session, ids), lambda _changes: self.load(), failed=self.desk.fail)

    def write(self) -> None:
        """Ask for a file and write the ticked requests to it."""
        ids, session = [one["id"] for one in self.rows if one["id"] in self.ticked], self.desk.session
        if not ids:
            return
        path = ask_save(self, _("Write the workbook for the tax bureau"), f"{_('Invoices for the tax bureau')}_{session.today:%Y%m%d}.xlsx", f"{_('Excel workbook')} (*.xlsx)")
        if path is None:
            return
        target = path if path.suffix else path.with_suffix(".xlsx")

        def done(_changes: object) -> None:
            tell_file(self, _("Workbook for the tax bureau written"), target)
            self.load()

        def failed(problem: BaseException) -> None:
            self.load()
            if not isinstance(problem, Cancelled):
                self.desk.fail(problem)

        self.desk.write(self, lambda: workbook.write(session, ids, target, layout.current(session)), done, failed=failed)
