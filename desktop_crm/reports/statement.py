"""The statement of account (对账单): opening, what was added, what was paid, closing, which is the next opening."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import N_, _
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import Condition, Every, Where
from desktop_crm.domain.words import rmb_words
from desktop_crm.reports.base import Drill, Parameter, Report, Row, column, json_value, json_values, report
from desktop_crm.reports.outstanding import ZERO, prepaid_total
from desktop_crm.services import records
from desktop_crm.services.documents import record_values, surroundings

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

COLUMNS: Final = (
    column("date", N_("Date"), kinds.DATE),
    column("kind", N_("Kind"), kinds.TEXT),
    column("number", N_("Number"), kinds.TEXT),
    column("summary", N_("Summary"), kinds.TEXT),
    column("increase", N_("Increase"), kinds.MONEY),
    column("decrease", N_("Decrease"), kinds.MONEY),
    column("balance", N_("Balance"), kinds.MONEY),
)


@dataclass
class Account:
    """One customer's account over a period; a negative balance is what the customer has paid ahead.

    `movements` are in the order of their days, increases before decreases: date, kind, number, summary, increase, decrease (the
    other of the two None), balance after it, and `source`, the entity and id of the document.
    """

    customer: Ref
    date_from: date
    date_to: date
    opening: Decimal
    increases: Decimal
    decreases: Decimal
    prepaid: Decimal
    movements: list[Values]

    @property
    def closing(self) -> Decimal:
        """What is owed at the end of the period."""
        return self.opening + self.increases - self.decreases


def account(session: Session, customer: int, date_from: date, date_to: date) -> Account:
    """Return the account of a customer between two days, both within; raises NotFound, and UserError where they are the wrong way round."""
    if date_from > date_to:
        raise UserError(_("The period ends before it begins. Exchange the two dates"), field="date_from")
    name = records.get(session, "customer", customer)["name"]
    before = _sum(session, "receivable", customer, Where("document_on", "lt", date_from)) - _sum(session, "receipt", customer, Where("received_on", "lt", date_from))
    movements = [*_increases(session, customer, date_from, date_to), *_decreases(session, customer, date_from, date_to)]
    movements.sort(key=lambda row: row["date"])
    balance = before
    for row in movements:
        balance += (row["increase"] or ZERO) - (row["decrease"] or ZERO)
        row["balance"] = balance
    increases = sum((row["increase"] or ZERO for row in movements), ZERO)
    decreases = sum((row["decrease"] or ZERO for row in movements), ZERO)
    prepaid = prepaid_total(session, date_to, Where("customer", "eq", customer))
    return Account(Ref(customer, name), date_from, date_to, before, increases, decreases, prepaid, movements)


def _sum(session: Session, entity: str, customer: int, condition: Condition) -> Decimal:
    chosen = session.readable(entity, Every((Where("customer", "eq", customer), condition)))
    total: Decimal = session.records.totals(session.entity(entity), chosen, ["amount"])["amount"]
    return total or ZERO


def _rows(session: Session, entity: str, customer: int, day: str, date_from: date, date_to: date, names: list[str]) -> list[Values]:
    period = Every((Where("customer", "eq", customer), Where(day, "ge", date_from), Where(day, "le", date_to)))
    return session.records.find(session.entity(entity), session.readable(entity, period), ["number", "amount", "note", day, *names], sort="id")


def _increases(session: Session, customer: int, date_from: date, date_to: date) -> list[Values]:
    rows = _rows(session, "receivable", customer, "document_on", date_from, date_to, ["name", "kind"])
    kind = session.everything["receivable"].fields["kind"]
    return [
        {"date": row["document_on"], "kind": _("Receivable"), "number": row["number"], "summary": row["name"] or row["note"] or kind.show(row["kind"]),
         "increase": row["amount"], "decrease": None, "source": ("receivable", row["id"])}
        for row in rows
    ]  # fmt: skip


def _decreases(session: Session, customer: int, date_from: date, date_to: date) -> list[Values]:
    rows = _rows(session, "receipt", customer, "received_on", date_from, date_to, ["method", "reference"])
    method = session.everything["receipt"].fields["method"]
    return [
        {"date": row["received_on"], "kind": _("Receipt"), "number": row["number"], "summary": row["note"] or f"{method.show(row['method'])} {row['reference']}".strip(),
         "increase": None, "decrease": row["amount"], "source": ("receipt", row["id"])}
        for row in rows
    ]  # fmt: skip


def statement_values(session: Session, customer: int, date_from: date, date_to: date) -> dict[str, Any]:
    """Return what a statement is printed with; amounts are Decimals, the movement's missing side None. Raises as `account` does."""
    found = account(session, customer, date_from, date_to)
    return {
        "customer": {"title": found.customer.title, **record_values(session, "customer", customer)},
        "period_from": date_from, "period_to": date_to, "opening": found.opening, "increases": found.increases, "decreases": found.decreases,
        "closing": found.closing, "closing_words": rmb_words(found.closing), "prepaid": found.prepaid,
        "movements": [{name: value for name, value in row.items() if name != "source"} for row in found.movements],
        **surroundings(session),
    }  # fmt: skip


def statement_data(answer: Report) -> dict[str, Any]:
    """Return the report as the command line prints it; the opening row is the figure `opening`."""
    settings = answer.settings
    return {
        "customer": json_value(settings["customer"]), "from": json_value(settings["date_from"]), "to": json_value(settings["date_to"]),
        **json_values(answer.facts),
        "movements": [json_values(row.values) for row in answer.rows[1:]],
    }  # fmt: skip


@report(
    "statement",
    N_("Statements"),
    Parameter("customer", N_("Customer"), kinds.LINK, link="customer"),
    Parameter("date_from", N_("From"), kinds.DATE, default=lambda session: session.today.replace(day=1)),
    Parameter("date_to", N_("To"), kinds.DATE, default=lambda session: session.today),
    data=statement_data,
)
def statement(session: Session, settings: Values) -> Report:
    """Answer with the opening balance and a row for each document; `facts` hold opening, increases, decreases, closing and its words, prepaid."""
    found = account(session, int(settings["customer"]), settings["date_from"], settings["date_to"])
    first = {"date": found.date_from, "kind": "", "number": "", "summary": _("Opening balance"), "increase": None, "decrease": None, "balance": found.opening}
    rows = [Row(first, counted=False)]
    for movement in found.movements:
        entity, key = movement.pop("source")
        side = "increase" if movement["decrease"] is None else "decrease"
        rows.append(Row(movement, partial(_drills, side, entity, key)))
    facts = {
        "opening": found.opening, "increases": found.increases, "decreases": found.decreases, "closing": found.closing,
        "closing_words": rmb_words(found.closing), "prepaid": found.prepaid,
    }  # fmt: skip
    totals = {"increase": found.increases, "decrease": found.decreases, "balance": found.closing}
    asked = {"customer": found.customer, "date_from": found.date_from, "date_to": found.date_to}
    return Report("statement", N_("Statement of account"), asked, COLUMNS, rows, totals, facts=facts)


def _drills(side: str, entity: str, key: int) -> dict[str, Drill]:
    this = Drill(entity, Where("id", "eq", key))
    return {"number": this, side: this}
