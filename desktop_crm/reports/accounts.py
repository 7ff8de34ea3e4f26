"""Customers' accounts over a period: what increased and decreased what they owed, for one customer or for all, in the same few statements."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import N_, _
from desktop_crm.base.lazily import dataclass
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import EVERYTHING, Condition, Every, Where, both
from desktop_crm.domain.money import show_money
from desktop_crm.domain.sources import RELIEF
from desktop_crm.reports.outstanding import ZERO, prepaid_by_customer
from desktop_crm.services.batches import find_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from decimal import Decimal

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

PART: Final = 200
"""Accounts read at a time: their movements stand in memory together."""


@dataclass(frozen=True)
class Side:
    """Documents that increase or decrease what a customer owes: their date, what they are usually called, and the kinds that go by that name."""

    entity: str
    day: str
    side: str
    usual: str
    ordinary: tuple[str, ...]
    more: tuple[str, ...]


SIDES: Final = (
    Side("receivable", "document_on", "increase", N_("Receivable"), ("contract", "delivery", "opening", "manual"), ("name", "due_on", "contract", "remaining")),
    Side("receipt", "received_on", "decrease", N_("Receipt"), ("receipt",), ("method", "reference", "unallocated")),
)


@dataclass
class Account:
    """One customer's account over a period; a negative balance is what the customer has paid ahead.

    `movements` are in the order of their days, increases before decreases: date, kind, number, summary, increase, decrease (the
    other of the two None), balance after it, and `source`, the entity and id of the document; `row` is the document itself.
    """

    customer: Ref
    date_from: date
    date_to: date
    opening: Decimal
    prepaid: Decimal = ZERO
    movements: list[Values] = field(default_factory=list)

    def __post_init__(self) -> None:
        balance = self.opening
        for row in self.movements:
            balance += (row["increase"] or ZERO) - (row["decrease"] or ZERO)
            row["balance"] = balance

    @property
    def increases(self) -> Decimal:
        """What was added in the period."""
        return sum((row["increase"] or ZERO for row in self.movements), ZERO)

    @property
    def decreases(self) -> Decimal:
        """What was taken off in the period."""
        return sum((row["decrease"] or ZERO for row in self.movements), ZERO)

    @property
    def closing(self) -> Decimal:
        """What is owed at the end of the period."""
        return self.opening + self.increases - self.decreases


def prepaid_note(account: Account) -> tuple[str, ...]:
    """Say that a balance has money taken off that no receivable was settled with yet, as long as there is any."""
    said = _("The closing balance is after a prepayment of {amount} that is not allocated yet").format(amount=show_money(account.prepaid, symbol="¥"))
    return (said,) if account.prepaid else ()


def check_period(date_from: date, date_to: date) -> None:
    """Raise UserError where a period ends before it begins."""
    if date_from > date_to:
        raise UserError(_("The period ends before it begins. Exchange the two dates"), field="date_from")


def sums(session: Session, side: Side, condition: Condition) -> dict[int, Decimal]:
    """Return the sum of the visible documents of a side that fulfil `condition`, by customer, in one statement."""
    visible = session.readable(side.entity, condition)
    return {key: amount for key, _count, amount in session.records.groups(session.entity(side.entity), visible, "customer", ["amount"])}


def openings(session: Session, day: date, condition: Condition = EVERYTHING) -> dict[int, Decimal]:
    """Return what was owed before `day`, by customer; `condition` holds of the documents."""
    found: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for side in SIDES:
        for key, amount in sums(session, side, both(condition, Where(side.day, "lt", day))).items():
            found[key] += amount if side.side == "increase" else -amount
    return found


def accounts(session: Session, customers: Iterable[int], date_from: date, date_to: date) -> Iterator[Account]:
    """Yield the accounts of the customers that this person sees, in the order given, read PART at a time; raises UserError for a wrong period."""
    check_period(date_from, date_to)
    wanted = list(dict.fromkeys(customers))
    for start in range(0, len(wanted), PART):
        part = wanted[start : start + PART]
        names = {row["id"]: row["name"] for row in find_in(session, "customer", "id", part, ["name"], session.readable("customer", EVERYTHING))}
        these = Where("customer", "in", part)
        before = openings(session, date_from, these)
        prepaid = prepaid_by_customer(session, date_to, these)
        moved = _movements(session, date_from, date_to, these)
        for key in part:
            if key in names:
                yield Account(Ref(key, names[key]), date_from, date_to, before.get(key, ZERO), prepaid.get(key, ZERO), moved[key])


def _movements(session: Session, date_from: date, date_to: date, condition: Condition) -> dict[int, list[Values]]:
    found: dict[int, list[Values]] = defaultdict(list)
    for side in SIDES:
        period = Every((condition, Where(side.day, "ge", date_from), Where(side.day, "le", date_to)))
        names = ["number", "customer", "kind", "amount", "note", side.day, *side.more]
        for row in session.records.find(session.entity(side.entity), session.readable(side.entity, period), names, sort="id"):
            other = "decrease" if side.side == "increase" else "increase"
            found[row["customer"]].append({
                "date": row[side.day], "kind": _kind(session, side, row), "number": row["number"], "summary": _summary(session, side, row),
                side.side: row["amount"], other: None, "source": (side.entity, row["id"]), "row": row,
            })  # fmt: skip
    for rows in found.values():
        rows.sort(key=lambda row: row["date"])
    return found


def _kind(session: Session, side: Side, row: Values) -> str:
    kind = row["kind"]
    return _(side.usual) if kind in side.ordinary else session.everything[side.entity].fields["kind"].show(kind)


def _summary(session: Session, side: Side, row: Values) -> str:
    fields = session.everything[side.entity].fields
    if side.side == "increase":
        return row["name"] or row["note"] or fields["kind"].show(row["kind"])
    # How something was paid says nothing where no money came.
    method = "" if row["kind"] in RELIEF else fields["method"].show(row["method"])
    return row["note"] or f"{method} {row['reference']}".strip()


def moved_or_owing(session: Session, date_from: date, date_to: date, condition: Condition = EVERYTHING) -> dict[int, dict[str, Any]]:
    """Return opening, increase and decrease over a period of every customer that had any of them, by id, in one statement a figure."""
    check_period(date_from, date_to)
    figures: dict[int, dict[str, Any]] = defaultdict(lambda: {"opening": ZERO, "increase": ZERO, "decrease": ZERO})
    for key, amount in openings(session, date_from, condition).items():
        figures[key]["opening"] = amount
    for side in SIDES:
        period = Every((condition, Where(side.day, "ge", date_from), Where(side.day, "le", date_to)))
        for key, amount in sums(session, side, period).items():
            figures[key][side.side] = amount
    return {key: values for key, values in figures.items() if any(values.values())}


def named(session: Session, ids: Iterable[int]) -> Sequence[Ref]:
    """Return customers in the order of their list, with the names this person may see."""
    rows = find_in(session, "customer", "id", ids, ["name", "sort_key"])
    return [Ref(row["id"], row["name"]) for row in sorted(rows, key=lambda row: (row["sort_key"], row["id"]))]
