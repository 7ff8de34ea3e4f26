"""How long customers take to pay: days sales outstanding (DSO, 平均收款天数)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from desktop_crm.domain.conditions import EVERYTHING, Condition, Every, Where, both
from desktop_crm.domain.dates import add_months
from desktop_crm.domain.ledger import collection_days
from desktop_crm.reports.outstanding import ZERO, remaining_by_customer

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from desktop_crm.services.session import Session

WINDOW: Final = 90
CHARGED: Final = Where("kind", "in", ("contract", "delivery", "manual"))
"""What was sold: neither balances from before the program nor money paid back."""


@dataclass(frozen=True)
class Collection:
    """The days of a day and of the same day a month before; None where nothing was charged in the 90 days up to it."""

    days: Decimal | None
    before: Decimal | None


def collection(session: Session, as_of: date, condition: Condition = EVERYTHING) -> Collection:
    """Return the days sales outstanding of what this person sees, over the receivables that fulfil `condition`."""
    return Collection(_days(session, as_of, condition), _days(session, add_months(as_of, -1), condition))


def _days(session: Session, as_of: date, condition: Condition) -> Decimal | None:
    owed = sum(remaining_by_customer(session, as_of, condition).values(), ZERO)
    within = Every((CHARGED, Where("document_on", "gt", as_of - timedelta(days=WINDOW)), Where("document_on", "le", as_of)))
    charged = session.records.totals(session.entity("receivable"), session.readable("receivable", both(condition, within)), ["amount"])["amount"]
    return collection_days(owed, charged, WINDOW)
