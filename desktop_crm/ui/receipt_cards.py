"""What stands around the allocation of a receipt: the equation, the prepayment, the customer's recent receipts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import Every, Query, Where
from desktop_crm.services import records
from desktop_crm.ui.contract_totals import money
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.flow import Apart
from desktop_crm.ui.kit.labels import IconLabel
from desktop_crm.ui.kit.line_table import LineColumn, LineTable
from desktop_crm.ui.kit.widgets import Card, ElidedLabel, Label, LinkLabel, box, column, hline, holder, row, vline

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

ZERO: Final = Decimal("0.00")
RECENT: Final = 5


class PrepaymentCard(Card):
    """Says plainly what becomes of the part of a receipt that settles nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("receipt.prepayment")
        self.body.setContentsMargins(16, 8, 16, 8)
        self.text = Label("", "body", bold=True)
        self.detail = ElidedLabel("", "small", "text3")
        self.amount = Label("", "title", "violet", selectable=True)
        self.body.addLayout(row(IconLabel("wallet", "violet", 20), (column(self.text, self.detail, gap=1), 1), self.amount, gap=10))

    def show_rest(self, rest: Decimal, amount: Decimal) -> None:
        """Show what is left of a receipt over `amount`."""
        if rest > 0:
            self.text.setText(_("What is left becomes a prepayment"))
            self.detail.setText(_("It stays with the customer and can settle later receivables; see “Use prepayment” on the receipt"))
        else:
            self.text.setText(_("Nothing becomes a prepayment"))
            self.detail.setText(_("The receivables take the whole receipt") if amount else "")
        self.amount.setText(money(max(rest, ZERO)))


class Equation(Card):
    """The receipt's amount = what is allocated + the prepayment + what is too much, always in view."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("receipt.equation")
        self.body.setContentsMargins(20, 10, 20, 10)
        self._parts = {key: (Label("", "small", "text3"), Label("", "title", role, selectable=True)) for key, role in (
            ("amount", "text"), ("allocated", "text"), ("prepaid", "violet"), ("open", "success"))}
        self.icon = IconLabel("circle-check", "success", 18)
        self.verdict = ElidedLabel("", "body", "success", bold=True)
        self.detail = ElidedLabel("", "small", "text3")
        parts: list[object] = []
        for key, sign in (("amount", "="), ("allocated", "+"), ("prepaid", "+"), ("open", "")):
            name, value = self._parts[key]
            for label in (name, value):
                label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            parts += [holder(column(name, value, gap=2), name=f"receipt.equation.{key}"), None]
            if sign:
                parts += [Label(sign, "title", "text3"), None]
        line = row(gap=8)
        for part in parts:
            if part is None:
                line.addStretch(1)
            elif isinstance(part, QWidget):
                line.addWidget(part)
        self.body.addLayout(Apart(line, row(vline(32), 12, self.icon, column(self.verdict, self.detail, gap=1), gap=8), gap=16))

    def show_figures(self, amount: Decimal, allocated: Decimal, count: int, full: int) -> None:
        """Show the equation of a receipt that settles `count` receivables, `full` of them in full."""
        rest = amount - allocated
        prepaid, over = max(rest, ZERO), min(rest, ZERO)
        texts = {"amount": _("Amount received"), "allocated": _("Allocated to {count}").format(count=count), "prepaid": _("Prepayment"), "open": _("Not covered")}
        for key, value in (("amount", amount), ("allocated", allocated), ("prepaid", prepaid), ("open", over)):
            self._parts[key][0].setText(texts[key])
            self._parts[key][1].setText(money(value))
        self._parts["open"][1].set_role("danger" if over else "success")
        if over:
            self._say("circle-alert", "danger", _("Too much is allocated"), _("Allocate {amount} less, or correct the amount").format(amount=money(-over)))
        elif not amount:
            self._say("info", "text3", _("No amount yet"), _("Enter the amount received"))
        else:
            self._say("circle-check", "success", _("The receipt adds up"), _("On saving: {full} settled in full, {part} in part").format(full=full, part=count - full))

    def _say(self, icon: str, role: str, verdict: str, detail: str) -> None:
        self.icon.set_icon(icon, role)
        self.verdict.set_role(role)
        self.verdict.setText(verdict)
        self.detail.setText(detail)


class RecentCard(Card):
    """The customer's last receipts, to see whether this one was registered before. Signals: `open_wanted(int)`, `all_wanted`."""

    open_wanted = Signal(int)
    all_wanted = Signal()

    def __init__(self) -> None:
        self.all = LinkLabel("", name="receipt.recent.all")
        super().__init__(_("Recent receipts"), _("Check that it was not registered before"), actions=(self.all,), padded=False)
        self.body.setSpacing(0)
        self.all.clicked.connect(self.all_wanted)
        columns = [
            LineColumn("received_on", _("Received on"), Kind.DATE, 100), LineColumn("number", _("Receipt number"), Kind.LINK, 116),
            LineColumn("amount", _("Amount received"), Kind.MONEY, 108, show=lambda value: f"{value:,.2f}"), LineColumn("method", _("Method"), Kind.TEXT, 88),
            LineColumn("settles", _("Settles"), Kind.TEXT, 160), LineColumn("owner", _("Owner"), Kind.TEXT, 80),
            LineColumn("state", _("State"), Kind.PILL, 108, tone=lambda values: str(values.get("tone", "neutral"))),
        ]
        self.table = LineTable(columns, name="receipt.recent", label=_("Recent receipts"), numbered=False, row_height=30, stretch="settles", menu=False)
        self.table.set_read_only(True)
        self.table.clicked.connect(self._clicked)
        self.body.addWidget(hline())
        self.body.addWidget(self.table)
        self.none = box(row(Label(_("This customer has no other receipts"), "small", "text3"), margins=(16, 10, 16, 10)), "surface")
        self.body.addWidget(self.none)

    def _clicked(self, index: QModelIndex) -> None:
        if self.table.lines.columns[index.column()].key == "number":
            self.open_wanted.emit(int(str(self.table.rows()[index.row()]["id"])))

    def show_receipts(self, rows: list[Values], count: int) -> None:
        """Show receipts as `recent_receipts` returned them, `count` being how many there are."""
        self.table.set_rows(rows)
        self.table.setVisible(bool(rows))
        self.none.setVisible(not rows)
        self.all.setText(_("All {count}").format(count=count))
        self.all.setVisible(bool(rows))
        self.table.fit_height()


def recent_receipts(session: Session, customer: int, *, but: int | None) -> tuple[list[Values], int]:
    """Return the customer's last receipts but the one with the id `but`, with what they settled, and how many there are."""
    condition = Every((Where("customer", "eq", customer), *([Where("id", "ne", but)] if but is not None else [])))
    names = ("number", "received_on", "amount", "method", "owner", "allocated", "unallocated")
    found = records.page(session, Query("receipt", condition, "received_on", descending=True, columns=names), limit=RECENT)
    ids = [one["id"] for one in found]
    parts = records.page(session, Query("allocation", Where("receipt", "in", ids), "id", columns=("receipt", "receivable")), limit=RECENT * 20) if ids else []
    spec = session.spec("receipt")
    rows = []
    for one in found:
        settles = [part["receivable"].title for part in parts if int(part["receipt"]) == one["id"] and part["receivable"] is not None]
        left = one["unallocated"]
        state, tone = (_("Prepayment"), "violet") if not one["allocated"] else (_("Allocated"), "success") if not left else (_("Partly allocated"), "warn")
        rows.append({
            "id": one["id"], "received_on": one["received_on"].isoformat(), "number": one["number"], "amount": one["amount"], "method": spec.fields["method"].show(one["method"]),
            "settles": _(", ").join(settles), "owner": one["owner"].title if one["owner"] is not None else "", "state": state, "tone": tone,
        })
    return rows, records.count(session, "receipt", condition)
