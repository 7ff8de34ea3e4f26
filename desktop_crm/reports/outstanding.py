"""What was owed on any day: today's remaining amounts, with the allocations added back that did not count yet on that day.

An allocation counts from the last of three days: its own, the one its receipt came in, and the document date of its receivable.
So what remained of receivables, less what was prepaid, is on every day the sum of documents less the sum of receipts.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from desktop_crm.domain.conditions import EVERYTHING, NOTHING, Condition, Either, Every, Linked, Related, Where, both
from desktop_crm.models import outstanding as stored
from desktop_crm.models.outstanding import Group, Ledger

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

ZERO: Final = Decimal("0.00")
OWED: Final = Ledger("receivable", "document_on", "amount", "remaining", "allocation", "receivable")
PAID: Final = Ledger("receipt", "received_on", "amount", "unallocated", "allocation", "receipt")


def not_yet(as_of: date, ledger: Ledger) -> Condition:
    """Return the condition of allocations that did not count yet at the end of `as_of` for documents of `ledger` that stood by then."""
    other = PAID if ledger is OWED else OWED
    return Either((Where("allocated_on", "gt", as_of), Where(f"{other.via}.{other.day}", "gt", as_of)))


def counted(as_of: date, ledger: Ledger, *, told: bool) -> Condition:
    """Return the condition of the other allocations of these documents, which did count: rules see to it that each has its days.

    The documents' own day, which is asked of them anyway, can be `told` too: a server finds its way by it, SQLite a longer one.
    """
    other = PAID if ledger is OWED else OWED
    own = (Where(f"{ledger.via}.{ledger.day}", "le", as_of),) if told else ()
    return Every((Where("allocated_on", "le", as_of), Where(f"{other.via}.{other.day}", "le", as_of), *own))


def outstanding(as_of: date, condition: Condition = EVERYTHING) -> Condition:
    """Return the condition of receivables that may have had something remaining on `as_of`, below zero for credit notes."""
    left = Either((Where("remaining", "gt", 0), Where("remaining", "lt", 0), Related("allocation", "receivable", not_yet(as_of, OWED))))
    return Every((Where("document_on", "le", as_of), left, condition))


def prepaying(as_of: date, condition: Condition = EVERYTHING) -> Condition:
    """Return the condition of receipts that may have had something unallocated on `as_of`."""
    left = Either((Where("unallocated", "gt", 0), Where("unallocated", "lt", 0), Related("allocation", "receipt", not_yet(as_of, PAID))))
    return Every((Where("received_on", "le", as_of), left, condition))


def added_back(session: Session, ledger: Ledger, as_of: date, condition: Condition) -> dict[int, Decimal]:
    """Return, by document of `ledger`, what is allocated and did not count yet; `condition` holds of that document."""
    chosen = Every((not_yet(as_of, ledger), Linked(ledger.via, condition)))
    return {key: amount for key, _count, amount in session.records.groups(session.entity(ledger.allocation), chosen, ledger.via, ["amount"])}


def rows_outstanding(session: Session, as_of: date, condition: Condition, names: Sequence[str]) -> list[Values]:
    """Return the visible receivables with something remaining on `as_of`, `settled` and `remaining` being those of that day."""
    visible = session.readable("receivable", outstanding(as_of, condition))
    back = added_back(session, OWED, as_of, visible)
    rows = session.records.find(session.entity("receivable"), visible, [*names, "settled", "remaining"], sort="id")
    for row in rows:
        row["settled"] -= back.get(row["id"], ZERO)
        row["remaining"] += back.get(row["id"], ZERO)
    return [row for row in rows if row["remaining"]]


def rows_prepaying(session: Session, as_of: date, condition: Condition, names: Sequence[str]) -> list[Values]:
    """Return the visible receipts with something unallocated on `as_of`, `unallocated` being that of that day."""
    visible = session.readable("receipt", prepaying(as_of, condition))
    back = added_back(session, PAID, as_of, visible)
    rows = session.records.find(session.entity("receipt"), visible, [*names, "unallocated"], sort="id")
    for row in rows:
        row["unallocated"] += back.get(row["id"], ZERO)
    return [row for row in rows if row["unallocated"]]


def owed_by(session: Session, as_of: date, by: str, classes: Sequence[Condition], condition: Condition = EVERYTHING, *, marked: Condition = NOTHING) -> list[Group]:
    """Return what remained on `as_of` of the visible receivables, by the link `by` and by class, in one statement; see `models.outstanding`."""
    return _by(session, OWED, as_of, by, classes, condition, marked)


def prepaid_by(session: Session, as_of: date, by: str, condition: Condition = EVERYTHING) -> list[Group]:
    """Return what was unallocated on `as_of` of the visible receipts, by the link `by`; receipts without such a link stand under None."""
    return _by(session, PAID, as_of, by, (), condition, NOTHING)


def remaining_by_customer(session: Session, as_of: date, condition: Condition = EVERYTHING) -> dict[int, Decimal]:
    """Return what remained on `as_of` of the visible receivables that fulfil `condition`, by customer."""
    return {group.key: group.left for group in owed_by(session, as_of, "customer", (), condition) if group.key is not None}


def prepaid_by_customer(session: Session, as_of: date, condition: Condition = EVERYTHING) -> dict[int, Decimal]:
    """Return what was unallocated on `as_of` of the visible receipts that fulfil `condition`, by customer."""
    return {group.key: group.left for group in prepaid_by(session, as_of, "customer", condition) if group.key is not None}


def _by(session: Session, ledger: Ledger, as_of: date, by: str, classes: Sequence[Condition], condition: Condition, marked: Condition) -> list[Group]:
    visible = session.readable(ledger.entity, both(Where(ledger.day, "le", as_of), condition))
    long_ago = stored.mostly_later(session.records, ledger, as_of)
    moves = stored.Moves(counted(as_of, ledger, told=session.store.mysql) if long_ago else not_yet(as_of, ledger), counted=long_ago)
    return stored.groups(session.records, ledger, visible, moves, by, classes, marked)
