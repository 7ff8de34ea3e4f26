"""Due dates that wait for an event: 票到30天 counts from the invoice, 对账后30天 from the day the signed statement came back, 货到30天 from the contract's delivery.

Before that day a receivable has no due date: reports take its document date and say so, and no letter asks for it. Invoiced counts from the first invoice of which something still
stands; agreed from the first statement that came back signed without a difference and reaches to the document. What a contract without a plan is owed
follows its terms always; a receivable entered by hand or for a delivery is filled in where it has no due date, and is its owner's from then on.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import ValueProblem
from desktop_crm.domain.conditions import Either, Every, Where
from desktop_crm.domain.early_payment import early_payment
from desktop_crm.domain.terms import Terms, begins, due_date, parse_terms
from desktop_crm.models.closing import closed_through
from desktop_crm.services.allocations import ZERO
from desktop_crm.services.batches import find_by_id, find_in, former_states, grouped, states_before
from desktop_crm.services.rules import after_save, before_delete

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date
    from decimal import Decimal

    from desktop_crm.domain.catalog import Values
    from desktop_crm.domain.conditions import Condition
    from desktop_crm.domain.terms import WorkCalendar
    from desktop_crm.services.session import Session

FIELDS: Final = ("customer", "contract", "instalment", "kind", "document_on", "due_on")
OWN: Final = "contract"
KINDS: Final = (OWN, "delivery", "manual")
WITHOUT_PLAN: Final = Every((Where("instalment", "empty"), Where("kind", "in", KINDS)))
MAY_CHANGE: Final = Every((WITHOUT_PLAN, Either((Where("due_on", "empty"), Where("kind", "eq", OWN)))))
"""Receivables whose due date may follow from an event."""


def terms_of(text: str | None) -> Terms | None:
    """Return payment terms that count from an event; None for all others and for what is no term."""
    try:
        found = parse_terms(early_payment(text)[1]) if text and text.strip() else None
    except ValueProblem:
        return None
    return found if found is not None and found.event else None


@after_save("contract", only=("payment_terms", "signed_on", "delivery_on", "state"))
def follow_contracts(session: Session, ids: Sequence[int]) -> None:
    """Bring the due dates of contracts whose terms wait for an event up to what is known."""
    rows = find_in(session, "contract", "id", ids, ["payment_terms"])
    _follow(session, "contract", [row["id"] for row in rows if terms_of(row["payment_terms"])], Every((WITHOUT_PLAN, Where("kind", "eq", OWN))))


@after_save("invoice", only=("issued_on", "contract", "total", "red_of", "customer"))
def follow_invoices(session: Session, ids: Sequence[int]) -> None:
    """Bring up the due dates of what invoices cover, or covered before this change."""
    _follow_invoices(session, ids)


@before_delete("invoice")
def forget_invoices(session: Session, ids: Sequence[int]) -> None:
    """Take back the due dates that follow from invoices about to go."""
    _follow_invoices(session, ids, gone=frozenset(ids))


def waiting(session: Session, rows: Sequence[Values]) -> set[int]:
    """Return the ids of those receivables, given with FIELDS, that have no due date yet because the event they wait for hasn't come."""
    open_rows = [row for row in rows if row["due_on"] is None and row["instalment"] is None and row["kind"] in KINDS]
    contracts = find_by_id(session, "contract", (row["contract"] for row in open_rows), ["payment_terms"])
    return set(_terms(session, open_rows, contracts)) if open_rows else set()


def _follow_invoices(session: Session, ids: Sequence[int], *, gone: Collection[int] = frozenset()) -> None:
    covers = find_in(session, "invoice_cover", "invoice", ids, ["receivable", "contract"])
    chosen = set(ids)
    covers += [state for state in former_states(session, "invoice_cover") if state.get("invoice") in chosen]
    contracts = [*(cover["contract"] for cover in covers), *(row["contract"] for row in find_in(session, "invoice", "id", ids, ["contract"]))]
    contracts += [state.get("contract") for state in states_before(session, "invoice", ids).values() if state]
    _follow(session, "id", [cover["receivable"] for cover in covers], MAY_CHANGE, gone)
    _follow(session, "contract", contracts, Every((WITHOUT_PLAN, Where("kind", "eq", OWN))), gone)


@after_save("confirmation", only=("returned_on", "their_balance", "closing", "date_to", "customer"))
def follow_statements(session: Session, ids: Sequence[int]) -> None:
    """Bring up the due dates of customers whose signed statement came back, or did before this change."""
    before = states_before(session, "confirmation", ids)
    rows = [row for row in find_in(session, "confirmation", "id", ids, ["customer", "returned_on"]) if row["returned_on"] or (before.get(row["id"]) or {}).get("returned_on")]
    _follow(session, "customer", [row["customer"] for row in rows], MAY_CHANGE)


@before_delete("confirmation")
def forget_statements(session: Session, ids: Sequence[int]) -> None:
    """Take back the due dates that follow from statements about to go."""
    rows = [row for row in find_in(session, "confirmation", "id", ids, ["customer", "returned_on"]) if row["returned_on"]]
    _follow(session, "customer", [row["customer"] for row in rows], MAY_CHANGE, frozenset(ids))


def _follow(session: Session, link: str, values: Iterable[Any], condition: Condition, gone: Collection[int] = frozenset()) -> None:
    """Set the due dates of the receivables whose `link` is one of `values`, as if the documents `gone` were not there."""
    rows = find_in(session, "receivable", link, values, FIELDS, condition)
    contracts = find_by_id(session, "contract", (row["contract"] for row in rows), ["payment_terms", "delivery_on"])
    terms = _terms(session, rows, contracts)
    rows = [row for row in rows if row["id"] in terms]
    if not rows:
        return
    from desktop_crm.services.contracts import due_calendar  # which needs the terms of this file

    invoiced = _invoiced(session, [row for row in rows if terms[row["id"]].event == "invoice"], gone)
    agreed = _agreed(session, [row for row in rows if terms[row["id"]].event == "statement"], gone)
    through, calendar = closed_through(session.store), due_calendar(session)
    found: dict[date | None, list[int]] = defaultdict(list)
    for row in rows:
        known = {"delivered_on": contracts.get(row["contract"] or 0, {}).get("delivery_on"), "invoiced_on": invoiced.get(row["id"]), "agreed_on": agreed.get(row["id"])}
        due = _due(terms[row["id"]], row, known, calendar)
        # In a closed period a due date may be filled in and taken back, but not become another.
        fixed = None not in {due, row["due_on"]} and (row["kind"] != OWN or (through is not None and row["document_on"] <= through))
        if due != row["due_on"] and not fixed and (due is not None or row["kind"] == OWN):
            found[due].append(row["id"])
    for due, keys in found.items():
        session.records.change(session.entity("receivable"), keys, {"due_on": due}, session.now)


def _terms(session: Session, rows: Sequence[Values], contracts: dict[int, Values]) -> dict[int, Terms]:
    """Return the terms that wait for an event, by receivable: those of the contract, and where it has none or there is none, of the customer."""
    customers = find_by_id(session, "customer", (row["customer"] for row in rows if row["kind"] != OWN), ["payment_terms"])
    found = {}
    for row in rows:
        text = contracts.get(row["contract"] or 0, {}).get("payment_terms") or ("" if row["kind"] == OWN else customers[row["customer"]]["payment_terms"])
        terms = terms_of(text)
        if terms is not None and (row["kind"] == OWN or terms.event != "delivery"):
            found[row["id"]] = terms
    return found


def _due(terms: Terms, row: Values, known: dict[str, date | None], calendar: WorkCalendar | None) -> date | None:
    if begins(terms, row["document_on"], **known) is None:
        return None
    return due_date(terms, row["document_on"], calendar=calendar, **known)


def _invoiced(session: Session, rows: Sequence[Values], gone: Collection[int]) -> dict[int, date]:
    """Return the day of the first invoice that stands for each receivable; an invoice of a contract that covers nothing stands for what the contract is owed."""
    if not rows:
        return {}
    names = ["invoice", "receivable", "contract", "contract_line", "amount"]
    contracts = {row["contract"]: row["id"] for row in rows if row["kind"] == OWN}
    covers = [(cover, cover["receivable"]) for cover in find_in(session, "invoice_cover", "receivable", (row["id"] for row in rows), names)]
    covers += [(cover, contracts[cover["contract"]]) for cover in find_in(session, "invoice_cover", "contract", contracts, names) if cover["contract_line"] is not None]
    whole = find_in(session, "invoice", "contract", contracts, ["contract", "uncovered"], Where("uncovered", "ne", 0))
    covers += [({"invoice": one["id"], "amount": one["uncovered"]}, contracts[one["contract"]]) for one in whole]
    invoices = find_by_id(session, "invoice", (cover["invoice"] for cover, _key in covers), ["issued_on", "red_of"])
    left: dict[tuple[int, int], Decimal] = defaultdict(lambda: ZERO)
    for cover, key in covers:
        if cover["invoice"] not in gone:
            left[key, invoices[cover["invoice"]]["red_of"] or cover["invoice"]] += cover["amount"]
    days: dict[int, date] = {}
    for (key, invoice), amount in left.items():
        if amount and invoice in invoices:
            days[key] = min(days.get(key, invoices[invoice]["issued_on"]), invoices[invoice]["issued_on"])
    return days


def _agreed(session: Session, rows: Sequence[Values], gone: Collection[int]) -> dict[int, date]:
    """Return the day the first signed statement that reaches to each receivable came back without a difference."""
    sent = find_in(session, "confirmation", "customer", (row["customer"] for row in rows), ["customer", "date_to", "returned_on"], Where("state", "eq", "agreed"))
    by_customer = grouped([one for one in sent if one["id"] not in gone], "customer")
    found = {}
    for row in rows:
        days = [one["returned_on"] for one in by_customer[row["customer"]] if one["date_to"] >= row["document_on"]]
        if days:
            found[row["id"]] = min(days)
    return found
