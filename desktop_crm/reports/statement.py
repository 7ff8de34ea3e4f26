"""The statement of account (对账单): opening, what was added, what was paid, closing, which is the next opening."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import NotFound
from desktop_crm.base.i18n import N_, _
from desktop_crm.domain import kinds
from desktop_crm.domain.conditions import Every, Where
from desktop_crm.domain.money import show_money
from desktop_crm.domain.words import words_to_read
from desktop_crm.reports.accounts import Account, accounts, prepaid_note
from desktop_crm.reports.base import Drill, Parameter, Report, Row, column, json_value, json_values, report
from desktop_crm.services import records
from desktop_crm.services.documents import PrintList, printed, record_values, surroundings
from desktop_crm.services.print_sources import Asked, Document, prints_as

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

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
PERIOD: Final = (
    Parameter("date_from", N_("From"), kinds.DATE, default=lambda session: session.today.replace(day=1)),
    Parameter("date_to", N_("To"), kinds.DATE, default=lambda session: session.today),
)
INSIDE: Final = ("source", "row")
"""What a movement carries that no paper shows."""


printed(
    "statement",
    label=N_("Statement of account"),
    fields=(
        column("customer", N_("Customer"), kinds.LINK, link="customer"), column("period_from", N_("From"), kinds.DATE), column("period_to", N_("To"), kinds.DATE),
        column("opening", N_("Opening balance"), kinds.MONEY), column("increases", N_("Increases"), kinds.MONEY), column("decreases", N_("Decreases"), kinds.MONEY),
        column("closing", N_("Closing balance"), kinds.MONEY), column("closing_words", N_("Closing balance in words"), kinds.TEXT),
        column("prepaid", N_("Prepaid"), kinds.MONEY),
    ),
    lists={"movements": PrintList(N_("Movements"), COLUMNS)},
)  # fmt: skip


def account(session: Session, customer: int, date_from: date, date_to: date) -> Account:
    """Return the account of a customer between two days, both within; raises NotFound, and UserError where they are the wrong way round."""
    found = next(accounts(session, [customer], date_from, date_to), None)
    if found is None:
        records.get(session, "customer", customer)
        raise NotFound(_("There is no such customer"))
    return found


def statement_values(session: Session, customer: int, date_from: date, date_to: date) -> dict[str, Any]:
    """Return what a statement is printed with; amounts are Decimals, the movement's missing side None. Raises as `account` does."""
    return _values(session, account(session, customer, date_from, date_to), surroundings(session))


def statements_values(session: Session, customers: Iterable[int], date_from: date, date_to: date) -> Iterator[dict[str, Any]]:
    """Yield the values of many statements, in the order of the customers; see `statement_values`."""
    around = surroundings(session)
    for found in accounts(session, customers, date_from, date_to):
        yield _values(session, found, around)


@prints_as("statement", of="customer")
def documents(session: Session, asked: Asked) -> Iterator[Document]:
    """Yield the statements of customers over a period, in their order; raises as `account` does where it is a single one."""
    if asked.period is None or not asked.ids:
        raise ValueError(asked)
    around = surroundings(session)
    first, last = asked.period
    for found in [account(session, asked.ids[0], first, last)] if len(asked.ids) == 1 else accounts(session, asked.ids, first, last):
        title = f"{found.customer.title} {first.isoformat()} – {last.isoformat()}"
        yield Document("customer", int(found.customer), title, _values(session, found, around), customer=int(found.customer), periodic=True)


def _values(session: Session, found: Account, around: dict[str, Any]) -> dict[str, Any]:
    return {
        "customer": {"title": found.customer.title, **record_values(session, "customer", int(found.customer))},
        "period_from": found.date_from, "period_to": found.date_to, "opening": found.opening, "increases": found.increases, "decreases": found.decreases,
        "closing": found.closing, "closing_words": words_to_read(found.closing), "prepaid": found.prepaid,
        "movements": [{name: value for name, value in row.items() if name not in INSIDE} for row in found.movements],
        **around,
    }  # fmt: skip


def statement_data(answer: Report) -> dict[str, Any]:
    """Return the report as the command line prints it; the opening row is the figure `opening`."""
    settings = answer.settings
    return {
        "customer": json_value(settings["customer"]), "from": json_value(settings["date_from"]), "to": json_value(settings["date_to"]),
        **json_values(answer.facts),
        "movements": [json_values({spec.name: row.values.get(spec.name) for spec in answer.columns}) for row in answer.rows[1:]],
    }  # fmt: skip


@report(
    "statement",
    N_("Statements"),
    Parameter("customer", N_("Customer"), kinds.LINK, link="customer"),
    *PERIOD,
    data=statement_data,
)
def statement(session: Session, settings: Values) -> Report:
    """Answer with the opening balance and a row for each document; `facts` hold opening, increases, decreases, closing and its words, prepaid."""
    found = account(session, int(settings["customer"]), settings["date_from"], settings["date_to"])
    first = {"date": found.date_from, "kind": "", "number": "", "summary": _("Opening balance"), "increase": None, "decrease": None, "balance": found.opening}
    facts = {
        "opening": found.opening, "increases": found.increases, "decreases": found.decreases, "closing": found.closing,
        "closing_words": words_to_read(found.closing), "prepaid": found.prepaid,
    }  # fmt: skip
    totals = {"increase": found.increases, "decrease": found.decreases, "balance": found.closing}
    asked = {"customer": found.customer, "date_from": found.date_from, "date_to": found.date_to}
    rows = [Row(first, counted=False), *movement_rows(found)]
    return Report("statement", N_("Statement of account"), asked, COLUMNS, rows, totals, facts=facts, notes=(*prepaid_note(found), *_signed(session, found)))


def movement_rows(found: Account) -> list[Row]:
    """Return a row for each movement of an account, its figures opening the document."""
    rows = []
    for movement in found.movements:
        entity, key = movement["source"]
        side = "increase" if movement["decrease"] is None else "decrease"
        rows.append(Row(movement, partial(_drills, side, entity, key)))
    return rows


def _drills(side: str, entity: str, key: int) -> dict[str, Drill]:
    this = Drill(entity, Where("id", "eq", key))
    return {"number": this, side: this}


def _signed(session: Session, found: Account) -> Iterator[str]:
    """Say what is known of this statement's signed copy."""
    if "confirmation" not in session.catalog:
        return
    this = Every((Where("customer", "eq", int(found.customer)), Where("date_from", "eq", found.date_from), Where("date_to", "eq", found.date_to)))
    names = ["number", "closing", "returned_on", "sent_on", "difference", "state"]
    for row in session.records.find(session.entity("confirmation"), session.readable("confirmation", this), names, sort="id", descending=True, limit=1):
        if row["returned_on"] is None:
            yield _("Sent as {number} on {day}; the signed copy is not back yet").format(number=row["number"], day=row["sent_on"] or "—")
        elif row["difference"]:
            yield _("The signed copy of {number} came back on {day} with a difference of {amount}").format(number=row["number"], day=row["returned_on"], amount=show_money(row["difference"]))
        else:
            yield _("The signed copy of {number} came back on {day} and agrees").format(number=row["number"], day=row["returned_on"])
        if row["closing"] != found.closing:
            yield _("The books changed after it was sent: it said {then}, now it is {now}").format(then=show_money(row["closing"]), now=show_money(found.closing))
