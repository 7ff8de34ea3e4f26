"""The customer ledger (往来明细): every document of a customer with the balance after it and what is still open of it today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import N_, _
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import Ref
from desktop_crm.reports.accounts import prepaid_note
from desktop_crm.reports.base import Parameter, Report, Row, column, report
from desktop_crm.reports.statement import account, movement_rows

if TYPE_CHECKING:
    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

COLUMNS: Final = (
    column("date", N_("Date"), kinds.DATE),
    column("kind", N_("Kind"), kinds.TEXT),
    column("number", N_("Number"), kinds.TEXT),
    column("contract", N_("Contract"), kinds.LINK, link="contract"),
    column("summary", N_("Summary"), kinds.TEXT),
    column("due", N_("Due on"), kinds.DATE),
    column("increase", N_("Increase"), kinds.MONEY),
    column("decrease", N_("Decrease"), kinds.MONEY),
    column("balance", N_("Balance"), kinds.MONEY),
    column("open", N_("Still open"), kinds.MONEY),
)


@report(
    "ledger",
    N_("Customer ledger"),
    Parameter("customer", N_("Customer"), kinds.LINK, link="customer"),
    Parameter("date_from", N_("From"), kinds.DATE, default=lambda session: session.today.replace(month=1, day=1)),
    Parameter("date_to", N_("To"), kinds.DATE, default=lambda session: session.today),
)
def ledger(session: Session, settings: Values) -> Report:
    """Answer with the opening balance and a row for each document; open is what is unsettled of it, of a receipt what is unallocated (below zero)."""
    found = account(session, int(settings["customer"]), settings["date_from"], settings["date_to"])
    contracts = session.records.titles(session.entity("contract"), {row["row"].get("contract") for row in found.movements if row["row"].get("contract") is not None})
    for movement in found.movements:
        document: dict[str, Any] = movement["row"]
        contract = document.get("contract")
        movement |= {
            "contract": None if contract is None else Ref(contract, contracts.get(contract, "")),
            "due": document.get("due_on"),
            "open": document["remaining"] if "remaining" in document else -document["unallocated"],
        }
    first = {"date": found.date_from, "kind": "", "number": "", "summary": _("Opening balance"), "balance": found.opening}
    rows = [Row(first, counted=False), *movement_rows(found)]
    totals = {"increase": found.increases, "decrease": found.decreases, "balance": found.closing}
    facts = {"opening": found.opening, "increases": found.increases, "decreases": found.decreases, "closing": found.closing, "prepaid": found.prepaid}
    asked = {"customer": found.customer, "date_from": found.date_from, "date_to": found.date_to}
    return Report("ledger", N_("Customer ledger"), asked, COLUMNS, rows, totals, facts=facts, notes=prepaid_note(found))
