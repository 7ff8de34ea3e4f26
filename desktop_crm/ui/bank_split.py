"""Dividing one bank line among several customers: who gets how much, with what is left always in view."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import UserError, ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.domain.money import show_money
from desktop_crm.services.bank import posting
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.line_table import LineColumn, LineTable
from desktop_crm.ui.kit.overlays import Dialog
from desktop_crm.ui.kit.widgets import Button, Label
from desktop_crm.ui.receipt_table import read_part

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from desktop_crm.services.bank.matching import Proposal
    from desktop_crm.services.session import Changes
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.kit.line_model import Row, Suggest

ZERO: Final = Decimal("0.00")
WIDTH: Final = 560
LINES: Final = 5


class SplitDialog(Dialog):
    """Asks for customers and amounts and posts them as one action; each part settles what it exactly is, else the oldest due. `done` is called then.

    `titles` are the names of customers that `suggest` has offered.
    """

    def __init__(self, parent: QWidget, desk: Desk, proposal: Proposal, suggest: Suggest, titles: dict[int, str], done: Callable[[], object]) -> None:
        about = _("{date}, {payer}: ¥{amount}").format(date=proposal.line["booked_on"], payer=proposal.line["payer"] or "—", amount=show_money(proposal.amount))
        super().__init__(parent, _("Divide the bank line"), about, width=WIDTH, name="bank.split")
        self.desk, self.proposal, self._titles, self._done = desk, proposal, titles, done
        columns = [
            LineColumn("customer", _("Customer"), Kind.TEXT, 330, parse=self._no_customer, show=self._title, suggest=suggest, required=True),
            LineColumn("amount", _("Amount"), Kind.MONEY, 150, parse=read_part, show=lambda value: show_money(value) if isinstance(value, Decimal) else "", required=True),
        ]
        self.table = LineTable(columns, name="bank.split.parts", label=_("Parts of the bank line"), new_line=self._new, ghost_text=_("Add a customer"), stretch="customer", menu=False)
        self.table.setMinimumHeight(self.table.header.height() + LINES * self.table.side.defaultSectionSize())
        first: Row = {"customer": int(proposal.customer) if proposal.customer is not None else None, "amount": proposal.amount}
        self.table.set_rows([first])
        self.rest = Label("", "body", bold=True)
        self.rest.setObjectName("bank.split.rest")
        self.problem = Label("", "small", "danger", wrap=True)
        self.problem.setObjectName("bank.split.problem")
        self.problem.hide()
        for one in (self.table, self.rest, self.problem):
            self.add(one)
        self.add_button(Button(_("Cancel"), name="bank.split.cancel", on_click=self.reject))
        self.accept_button = self.add_button(Button(_("Post"), "primary", name="bank.split.accept", on_click=self.run))
        self.table.changed.connect(self._show_rest)
        self.table.lines.cell_changed.connect(lambda _row, _key: self._show_rest())
        self._show_rest()
        self.table.setFocus()

    def _title(self, value: object) -> str:
        return self._titles.get(int(str(value)), "") if value is not None else ""

    def _no_customer(self, text: str) -> object:
        raise ValueProblem(_("“{text}” is no customer. Choose one of the list").format(text=text))

    def _new(self) -> Row:
        return {"customer": None, "amount": max(self.left(), ZERO) or None}

    def parts(self) -> list[tuple[int, Decimal]]:
        """Return the customers and amounts that are filled in."""
        return [(int(str(one["customer"])), amount) for one in self.table.rows() if one.get("customer") is not None and isinstance(amount := one.get("amount"), Decimal)]

    def left(self) -> Decimal:
        """Return what of the line nobody has yet; below zero where too much is given."""
        return self.proposal.amount - sum((amount for one in self.table.rows() if isinstance(amount := one.get("amount"), Decimal)), ZERO)

    def _show_rest(self) -> None:
        left = self.left()
        self.rest.set_role("danger" if left < 0 else "text")
        self.rest.setText(_("¥{amount} too much").format(amount=show_money(-left)) if left < 0 else _("¥{amount} is left and waits on").format(amount=show_money(left)) if left else _("All of it is divided"))
        self.accept_button.setEnabled(bool(self.parts()) and left >= 0)

    def run(self) -> None:
        """Post the parts."""
        if self.table.problems():
            return
        session, line, parts = self.desk.session, int(self.proposal.line["id"]), self.parts()
        self.accept_button.set_busy(_("Saving…"))
        self.desk.write(self, lambda: posting.split(session, line, parts), self._finished, failed=self._refused)

    def _finished(self, _changes: Changes[posting.Posted]) -> None:
        self.accept()
        self._done()

    def _refused(self, problem: BaseException) -> None:
        self.accept_button.set_busy(None)
        if not isinstance(problem, UserError):
            self.desk.fail(problem)
            return
        self.problem.setText(problem.message)
        self.problem.show()
        self.refit()
