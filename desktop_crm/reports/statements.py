"""All customers' accounts over a period (对账汇总): what each owed, and whether the signed copy of its statement came back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import N_
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import Choice
from desktop_crm.domain.conditions import Every, Where
from desktop_crm.reports.accounts import moved_or_owing, named
from desktop_crm.reports.aging import narrowed
from desktop_crm.reports.base import Drill, Parameter, Report, Row, column, report
from desktop_crm.reports.outstanding import ZERO
from desktop_crm.reports.statement import PERIOD

if TYPE_CHECKING:
    from datetime import date

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

NOT_SENT: Final = Choice("none", N_("Not sent"))
FIGURES: Final = ("opening", "increase", "decrease", "closing", "difference")


@report("statements", N_("Statements of all customers"), *PERIOD, Parameter("owner", N_("Owner"), kinds.LINK, link="user", optional=True))
def statements(session: Session, settings: Values) -> Report:
    """Answer with a row for each customer that owed something or had a document in the period."""
    date_from, date_to = settings["date_from"], settings["date_to"]
    figures = moved_or_owing(session, date_from, date_to, narrowed(settings))
    signed = _confirmations(session, date_from, date_to)
    rows = []
    for customer in named(session, figures):
        found = figures[int(customer)]
        values: Values = {"customer": customer, **found, "closing": found["opening"] + found["increase"] - found["decrease"], "state": NOT_SENT.code}
        confirmation = signed.get(int(customer))
        if confirmation is not None:
            # Their figure is held against what the books say now, which may have changed since the statement was sent.
            theirs = confirmation["their_balance"] if confirmation["their_balance"] is not None else confirmation["closing"]
            difference = theirs - values["closing"] if confirmation["returned_on"] is not None else None
            values |= {"state": confirmation["state"], "returned_on": confirmation["returned_on"], "difference": difference, "confirmation": confirmation["id"]}
        rows.append(Row(values, partial(_drills, int(customer), date_from, date_to, values.get("confirmation"))))
    totals: dict[str, Any] = {name: sum((row.values.get(name) or ZERO for row in rows), ZERO) for name in FIGURES}
    return Report("statements", N_("Statements of all customers"), settings, _columns(session), rows, totals)


def _columns(session: Session) -> Any:
    states = (NOT_SENT, *session.everything["confirmation"].fields["state"].choices)
    return (
        column("customer", N_("Customer"), kinds.LINK, link="customer"),
        column("opening", N_("Opening balance"), kinds.MONEY),
        column("increase", N_("Increase"), kinds.MONEY),
        column("decrease", N_("Decrease"), kinds.MONEY),
        column("closing", N_("Closing balance"), kinds.MONEY),
        column("state", N_("Signed copy"), kinds.CHOICE, choices=states),
        column("returned_on", N_("Came back on"), kinds.DATE),
        column("difference", N_("Difference"), kinds.MONEY),
    )


def _confirmations(session: Session, date_from: date, date_to: date) -> dict[int, Values]:
    """Return the latest confirmation of each customer for just this period."""
    if "confirmation" not in session.catalog:
        return {}
    this = session.readable("confirmation", Every((Where("date_from", "eq", date_from), Where("date_to", "eq", date_to))))
    names = ["customer", "closing", "returned_on", "their_balance", "state"]
    return {row["customer"]: row for row in session.records.find(session.entity("confirmation"), this, names, sort="id")}


def _drills(customer: int, date_from: date, date_to: date, confirmation: int | None) -> dict[str, Drill]:
    own = Where("customer", "eq", customer)

    def within(day: str) -> Every:
        return Every((own, Where(day, "ge", date_from), Where(day, "le", date_to)))

    made = {"increase": Drill("receivable", within("document_on")), "decrease": Drill("receipt", within("received_on"))}
    if confirmation is not None:
        made |= dict.fromkeys(("state", "returned_on", "difference"), Drill("confirmation", Where("id", "eq", confirmation)))
    return made
