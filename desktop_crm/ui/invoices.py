"""What can be done with an invoice and for a receivable on screen: take an invoice back by a red letter, invoice a receivable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QApplication

from desktop_crm.base.i18n import N_, _
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import FieldSpec, Values
from desktop_crm.services import invoices
from desktop_crm.services.covers import invoiceable
from desktop_crm.ui.ask_dialog import AskDialog
from desktop_crm.ui.extras import ACTIONS, Action

if TYPE_CHECKING:
    from desktop_crm.services.session import Session
    from desktop_crm.ui.desk import Desk

NUMBER: Final = FieldSpec("number", kinds.TEXT, N_("Invoice number"), required=True, scale=40)
AMOUNT: Final = FieldSpec("amount", kinds.MONEY, N_("Amount"), required=True)
DAY: Final = FieldSpec("on", kinds.DATE, N_("Issued on"), required=True)


def _take_back(desk: Desk, values: Values) -> None:
    session, key = desk.session, int(values["id"])
    window = QApplication.activeWindow() or desk.parent()
    AskDialog(
        window, desk, _("Take back invoice {number}").format(number=values["number"]), _("What it covered can be invoiced again"),  # type: ignore[arg-type]  # a desk's parent is its window
        (NUMBER, AMOUNT, DAY), {"amount": values["total"] - values["taken_back"], "on": session.today}, button=_("Issue red letter"),
        act=lambda typed: invoices.red_letter(session, invoice=key, number=typed["number"], on=typed["on"], total=typed["amount"]),
        done=lambda changes: desk.open_record("invoice", changes.result), name="red_letter",
    ).show()


def _invoice(desk: Desk, values: Values) -> None:
    session, key = desk.session, int(values["id"])
    window = QApplication.activeWindow() or desk.parent()
    AskDialog(
        window, desk, _("Invoice for {number}").format(number=values["number"]), _("Part of it can be invoiced too; the rest is left for later"),  # type: ignore[arg-type]  # as above
        (NUMBER, AMOUNT, DAY, session.spec("invoice").fields["kind"]), {"amount": values["uninvoiced"], "on": session.today, "kind": "special"}, button=_("Add invoice"),
        act=lambda typed: invoices.issue_invoice(
            session, values={"number": typed["number"], "issued_on": typed["on"], "kind": typed["kind"]}, receivables={key: typed["amount"]}),
        done=lambda changes: desk.open_record("invoice", changes.result), name="issue_invoice",
    ).show()


def _stands(session: Session, values: Values) -> bool:
    return session.may_write("invoice") and values["total"] > 0 and values["taken_back"] < values["total"]


ACTIONS.setdefault("invoice", []).append(Action("red_letter", N_("Issue red letter"), "undo-2", _take_back, _stands))
ACTIONS.setdefault("receivable", []).append(
    Action("issue_invoice", N_("Issue invoice"), "receipt", _invoice, lambda session, values: session.may_write("invoice") and invoiceable(values)))
