"""Rules of the receivables ledger: which debts a receipt pays, and how old a debt is."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import dataclass
from desktop_crm.domain.money import round_money, round_scale

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

LIMITS: Final = (30, 60, 90)
COMBINED: Final = 20
"""Of a customer's debts only the oldest are tried in sums."""
_ZERO: Final = Decimal("0.00")


@dataclass(frozen=True)
class Debt:
    """An open receivable; `remaining` is what is still owed on it, in cents."""

    id: int
    due: date | None
    document_date: date
    remaining: Decimal

    @property
    def effective_due(self) -> date:
        """The due date, or the document date where none was agreed."""
        return self.due or self.document_date


def suggest(receipt: Decimal, debts: Sequence[Debt]) -> list[Decimal]:
    """Return what to allocate to each of `debts`, in their order.

    A single debt of exactly the receipt's amount is paid first (the oldest of several); otherwise the oldest due comes first. Credit notes and
    settled debts get nothing; what the list doesn't add up to stays a prepayment.
    """
    allocated = [_ZERO] * len(debts)
    open_debts = _oldest_first(debts)
    exact = next((index for index in open_debts if debts[index].remaining == receipt), None)
    if exact is not None:
        allocated[exact] = receipt
        return allocated
    left = receipt
    for index in open_debts:
        if left <= 0:
            break
        allocated[index] = min(left, debts[index].remaining)
        left -= allocated[index]
    return allocated


def suggest_exact(receipt: Decimal, debts: Sequence[Debt]) -> list[Decimal]:
    """Return what to allocate to each of `debts`: to those that `exact_parts` finds to be exactly the receipt's amount, else as `suggest` does."""
    order = _oldest_first(debts)
    places = exact_parts(receipt, [debts[index].remaining for index in order])
    if places is None:
        return suggest(receipt, debts)
    chosen = {order[place] for place in places}
    return [debt.remaining if index in chosen else _ZERO for index, debt in enumerate(debts)]


def exact_parts(amount: Decimal, debts: Sequence[Decimal]) -> tuple[int, ...] | None:
    """Return the places of the debts, the oldest first, that add up to exactly `amount`; None where none do.

    One debt goes before several, all of them before some, and fewer before more, up to four of the COMBINED oldest; of equals the oldest are taken.
    """
    if amount <= 0:
        return None
    if amount in debts:
        return (debts.index(amount),)
    if sum(debts, Decimal(0)) == amount:
        return tuple(range(len(debts)))
    tried = debts[:COMBINED]
    pairs: dict[Decimal, list[tuple[int, int]]] = defaultdict(list)
    for first in range(len(tried)):
        for second in range(first + 1, len(tried)):
            pairs[tried[first] + tried[second]].append((first, second))
    if amount in pairs:
        return pairs[amount][0]
    threes = [(place, *pair) for place in range(len(tried)) for pair in pairs.get(amount - tried[place], ()) if place < pair[0]]
    if threes:
        return min(threes)
    fours = [(*one, *two) for whole, ones in pairs.items() for one in ones for two in pairs.get(amount - whole, ()) if one[1] < two[0]]
    return min(fours) if fours else None


def suggest_by_ratio(receipt: Decimal, debts: Sequence[Debt]) -> list[Decimal]:
    """Return what to allocate to each of `debts` when all are paid in proportion to what is left on them.

    Shares are the differences of the rounded running sums, so they add up and none exceeds its debt.
    """
    owed = [max(debt.remaining, _ZERO) for debt in debts]
    whole = sum(owed, _ZERO)
    if receipt <= 0 or not whole:
        return [_ZERO] * len(debts)
    if receipt >= whole:
        return owed
    sums = [_ZERO, *(round_money(receipt * running / whole) for running in accumulate(owed))]
    return [after - before for before, after in pairwise(sums)]


def suggest_first(way: Callable[[Decimal, Sequence[Debt]], list[Decimal]], receipt: Decimal, debts: Sequence[Debt], first: int) -> list[Decimal]:
    """Return what to allocate to each of `debts` by a way, such as `suggest`, the `first` of them before all others: those the money is for."""
    own = way(receipt, debts[:first]) if first else []
    rest = receipt - sum(own, _ZERO)
    return own + (way(rest, debts[first:]) if rest > 0 else [_ZERO] * (len(debts) - first))


def check_limit(limit: Decimal) -> str | None:
    """Return what is wrong with a credit limit, or None."""
    return _("A credit limit can't be below zero. Leave it empty where there is none") if limit < 0 else None


def days_overdue(due: date, as_of: date) -> int:
    """Return the days past due; zero or less is not due yet: a debt is due in full on its due date and overdue from the day after."""
    return (as_of - due).days


def bucket_of(days: int, limits: Sequence[int] = LIMITS) -> int:
    """Return the aging bucket of `days` past due: 0 is not due, 1 up to the first limit included, and so on."""
    if days <= 0:
        return 0
    return 1 + sum(days > limit for limit in limits)


def bucket_labels(limits: Sequence[int] = LIMITS) -> list[str]:
    """Return the name of each bucket: "Not due", "1-30", "31-60", "61-90", "90+"."""
    starts = [1, *(limit + 1 for limit in limits)]
    return [_("Not due"), *(f"{start}-{limit}" for start, limit in zip(starts, limits, strict=False)), f"{limits[-1]}+"]


def _oldest_first(debts: Sequence[Debt]) -> list[int]:
    order = [index for index, debt in enumerate(debts) if debt.remaining > 0]
    return sorted(order, key=lambda index: (debts[index].effective_due, debts[index].document_date, debts[index].id))


def collection_days(owed: Decimal, charged: Decimal, days: int) -> Decimal | None:
    """Return the days sales outstanding to one place: what is owed, over what was charged in the last `days` days, times these days.

    None where nothing was charged. Source: the usual count-back ratio DSO = receivables / credit sales × days (应收账款周转天数).
    """
    return round_scale(owed / charged * days, 1) if charged > 0 else None
