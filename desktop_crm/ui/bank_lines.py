"""The bank lines that wait, each with what is proposed for it, and the line that is looked at: why, what it settles, whose else it may be."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.domain.money import show_money
from desktop_crm.services.bank.words import SURENESS
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.line_table import LineColumn, LineTable
from desktop_crm.ui.kit.widgets import Card, Label, LinkLabel, clear, column, holder, row, scroll
from desktop_crm.ui.receipt_table import AllocationCard

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from desktop_crm.domain.catalog import Ref, Values
    from desktop_crm.services.bank.matching import Proposal
    from desktop_crm.ui.kit.line_model import Row, Suggest

TONES: Final = {"sure": "success", "likely": "info", "doubtful": "warn", "none": "neutral"}
FACTS_WIDTH: Final = 320


class WaitingTable(LineTable):
    """The lines with their proposals. A ticked one is posted; the customer can be typed."""

    def __init__(self, suggest: Suggest) -> None:
        self.titles: dict[int, str] = {}

        def cents(value: object) -> str:
            return show_money(value) if value else ""  # type: ignore[arg-type]

        def tone(values: Row) -> str:
            return str(values.get("tone", ""))

        columns = [
            LineColumn("on", "", Kind.CHECK, 36, editable=lambda values: values.get("customer") is not None),
            LineColumn("booked_on", _("Booked on"), Kind.DATE, 92, editable=False),
            LineColumn("payer", _("Counterparty"), Kind.TEXT, 165, editable=False),
            LineColumn("amount", _("Amount"), Kind.MONEY, 110, editable=False, show=cents, bold=True),
            LineColumn("customer", _("Customer"), Kind.TEXT, 195, parse=self._no_customer, show=self._title, suggest=suggest, boxed=True),
            LineColumn("sureness", _("How sure"), Kind.PILL, 92, editable=False, tone=tone),
            LineColumn("pays", _("Settles"), Kind.TEXT, 150, editable=False),
            LineColumn("prepaid", _("Prepayment"), Kind.MONEY, 96, editable=False, show=cents),
            LineColumn("remark", _("Remark of the bank"), Kind.TEXT, 180, editable=False),
        ]
        super().__init__(columns, name="bank.lines", label=_("Bank lines to be posted"), numbered=False, stretch="remark", menu=False)

    def _title(self, value: object) -> str:
        return self.titles.get(int(str(value)), "")

    def _no_customer(self, text: str) -> object:
        raise ValueProblem(_("“{text}” is no customer. Choose one of the list").format(text=text))

    def show_proposals(self, proposals: Sequence[Proposal], ticked: set[int]) -> None:
        """Show proposals; where they are of the same lines as before, the place in the table stays."""
        self.titles |= {int(ref): ref.title for one in proposals for ref in (one.customer, *one.others) if ref is not None}
        rows = [self._row(one, ticked) for one in proposals]
        if [one["id"] for one in rows] == [one.get("id") for one in self.rows()]:
            for number, values in enumerate(rows):
                self.set_problem(number, "customer", None)
                self.update_row(number, values)
        else:
            self.set_rows(rows)

    def _row(self, one: Proposal, ticked: set[int]) -> Row:
        if one.entered is not None:
            pays = _("Joined to receipt {number}").format(number=one.entered.title)
        elif one.backs:
            pays = _("Refund of {numbers}").format(numbers=_(", ").join(back.number for back in one.backs))
        else:
            pays = _(", ").join(f"{part.number} {show_money(part.amount)}" if len(one.parts) > 1 else part.number for part in one.parts)
        return {
            "id": one.line["id"], "on": one.line["id"] in ticked, "booked_on": one.line["booked_on"].isoformat(), "payer": one.line["payer"] or "—", "amount": one.amount,
            "customer": int(one.customer) if one.customer is not None else None, "sureness": _(SURENESS[one.sureness]), "tone": TONES[one.sureness], "pays": pays,
            "prepaid": one.prepaid if one.customer is not None and one.entered is None and one.amount > 0 else None, "remark": one.line["remark"],
        }  # fmt: skip

    def ticked(self) -> set[int]:
        """Return the lines that are ticked and have a customer."""
        return {int(str(one["id"])) for one in self.rows() if one.get("on") and one.get("customer") is not None}


class LineDetails(QWidget):
    """One line: what the bank says, why it is proposed so, whose else it may be, and what it pays.

    Signals: `customer_chosen(line, customer)`, `allocated(line, parts)` by hand.
    """

    customer_chosen = Signal(int, int)
    allocated = Signal(int, object)

    def __init__(self, today: date) -> None:
        super().__init__()
        self.proposal: Proposal | None = None
        self.facts = column(gap=6)
        self.card = Card(_("Bank line"), "", scroll(holder(self.facts)))
        self.card.setFixedWidth(FACTS_WIDTH)
        self.grid = AllocationCard(today)
        self.grid.edited.connect(self._edited)
        area = scroll(holder(column(self.grid, None, gap=0)))
        self.setLayout(row(self.card, (area, 1), gap=12, margins=(20, 8, 20, 12)))
        self.show_line(None, [])

    def show_line(self, proposal: Proposal | None, debts: Sequence[Values]) -> None:
        """Show a proposal with the open receivables of its customer; None shows nothing."""
        self.proposal = proposal
        clear(self.facts)
        if proposal is not None:
            self.facts.addWidget(Label(_("Why"), "small", "text3"))
            for reason in proposal.reasons or [_("Nothing speaks for a customer. Type one into the table, or leave the line for later")]:
                self.facts.addWidget(Label(f"· {reason}", wrap=True))
            if proposal.others:
                self.facts.addWidget(Label(_("It may also be of"), "small", "text3"))
                for other in proposal.others:
                    self.facts.addLayout(row(self._link(other), None))
            line = proposal.line
            for label, text in (
                (_("Counterparty"), line["payer"]), (_("Counterparty account"), line["payer_account"]), (_("Remark of the bank"), line["remark"]),
                (_("Bank serial number"), line["serial"]), (_("Our account"), line["account"]), (_("Posted"), show_money(line["posted"]) if line["posted"] else ""),
            ):
                if text:
                    self.facts.addWidget(Label(label, "small", "text3"))
                    self.facts.addWidget(Label(text, wrap=True, selectable=True))
        self.facts.addStretch(1)
        joined = proposal is not None and (proposal.entered is not None or proposal.amount < 0)
        self.grid.setVisible(proposal is not None and proposal.customer is not None and not joined)
        if proposal is not None and not joined:
            self.grid.set_mode("hand")
            self.grid.set_rows(debts, {part.receivable: part.amount for part in proposal.parts})
            self.grid.set_amount(proposal.amount)

    def _link(self, other: Ref) -> LinkLabel:
        made = LinkLabel(other.title, name=f"bank.other.{int(other)}")
        made.clicked.connect(partial(self._choose, int(other)))
        return made

    def _choose(self, customer: int) -> None:
        if self.proposal is not None:
            self.customer_chosen.emit(self.proposal.line["id"], customer)

    def _edited(self) -> None:
        if self.proposal is not None and not self.grid.problems():
            self.allocated.emit(self.proposal.line["id"], self.grid.parts())


def summary(proposals: Sequence[Proposal], ticked: set[int], waiting: int) -> tuple[str, Decimal]:
    """Return what is said under the table of the first of `waiting` lines, and what the ticked ones add up to."""
    chosen = [one for one in proposals if one.line["id"] in ticked]
    amount = sum((one.amount for one in chosen), Decimal("0.00"))
    prepaid = sum((one.prepaid for one in chosen if one.entered is None), Decimal("0.00"))
    text = _("{count} lines wait · {ticked} ticked, ¥{amount} · ¥{prepaid} of it become prepayments")
    if waiting > len(proposals):
        text = _("The first {shown} of {count} lines that wait") + " · " + text.partition(" · ")[2]
    return text.format(shown=f"{len(proposals):,}", count=f"{waiting:,}", ticked=f"{len(chosen):,}", amount=show_money(amount), prepaid=show_money(prepaid)), amount
