"""What was owed on any day: today's remaining amounts, with the allocations added back that did not count yet on that day.

An allocation counts from the last of three days: its own, the one its receipt came in, and the document date of its receivable.
So what remained of receivables, less what was prepaid, is on every day the sum of documents less the sum of receipts.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.domain.conditions import EVERYTHING, Condition, Either, Every, Linked, Related, Where, both
from desktop_crm.services.batches import find_by_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

ZERO: Final = Decimal("0.00")


def not_yet(as_of: date) -> Condition:
    """Return the condition of allocations that did not count yet at the end of `as_of`."""
    return Either((Where("allocated_on", "gt", as_of), Where("receipt.received_on", "gt", as_of), Where("receivable.document_on", "gt", as_of)))


def outstanding(as_of: date, condition: Condition = EVERYTHING) -> Condition:
    """Return the condition of receivables that may have had something remaining on `as_of`, below zero for credit notes."""
    left = Either((Where("remaining", "gt", 0), Where("remaining", "lt", 0), Related("allocation", "receivable", not_yet(as_of))))
    return Every((Where("document_on", "le", as_of), left, condition))


def prepaying(as_of: date, condition: Condition = EVERYTHING) -> Condition:
    """Return the condition of receipts that may have had something unallocated on `as_of`."""
    left = Either((Where("unallocated", "gt", 0), Where("unallocated", "lt", 0), Related("allocation", "receipt", not_yet(as_of))))
    return Every((Where("received_on", "le", as_of), left, condition))


def added_back(session: Session, link: str, as_of: date, condition: Condition) -> dict[int, Decimal]:
    """Return, by receivable or receipt (`link`), what is allocated and did not count yet; `condition` holds of that record."""
    chosen = Every((not_yet(as_of), Linked(link, condition)))
    return {key: amount for key, _count, amount in session.records.groups(session.entity("allocation"), chosen, link, ["amount"])}


def rows_outstanding(session: Session, as_of: date, condition: Condition, names: Sequence[str]) -> list[Values]:
    """Return the visible receivables with something remaining on `as_of`, `settled` and `remaining` being those of that day."""
    visible = session.readable("receivable", outstanding(as_of, condition))
    back = added_back(session, "receivable", as_of, visible)
    rows = session.records.find(session.entity("receivable"), visible, [*names, "settled", "remaining"], sort="id")
    for row in rows:
        row["settled"] -= back.get(row["id"], ZERO)
        row["remaining"] += back.get(row["id"], ZERO)
    return [row for row in rows if row["remaining"]]


def remaining_by_customer(session: Session, as_of: date, condition: Condition) -> dict[int, Decimal]:
    """Return what remained on `as_of` of the visible receivables that fulfil `condition`, by customer."""
    visible = session.readable("receivable", Every((Where("document_on", "le", as_of), condition)))
    sums = _summed(session, "receivable", visible, "remaining")
    return _with(session, "receivable", added_back(session, "receivable", as_of, visible), sums)


def prepaid_by_customer(session: Session, as_of: date, condition: Condition = EVERYTHING) -> dict[int, Decimal]:
    """Return what was unallocated on `as_of` of the visible receipts that fulfil `condition`, by customer."""
    visible = session.readable("receipt", both(Where("received_on", "le", as_of), condition))
    sums = _summed(session, "receipt", visible, "unallocated")
    return _with(session, "receipt", added_back(session, "receipt", as_of, visible), sums)


def _summed(session: Session, name: str, condition: Condition, field: str) -> dict[int, Decimal]:
    chosen = both(condition, Either((Where(field, "gt", 0), Where(field, "lt", 0))))
    return {key: amount for key, _count, amount in session.records.groups(session.entity(name), chosen, "customer", [field])}


def _with(session: Session, name: str, back: Mapping[int, Decimal], sums: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Add what did not count yet to the sums of its customers."""
    found: dict[int, Decimal] = defaultdict(lambda: ZERO, sums)
    for row in find_by_id(session, name, back, ["customer"]).values():
        found[row["customer"]] += back[row["id"]]
    return {key: amount for key, amount in found.items() if amount}


def customers_in_order(session: Session, ids: Any) -> list[Values]:
    """Return id, name and order of customers, sorted as their list is."""
    rows = find_by_id(session, "customer", ids, ["name", "sort_key"])
    return sorted(rows.values(), key=lambda row: (row["sort_key"], row["id"]))
