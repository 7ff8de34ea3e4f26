"""What asks for money today: what falls due soon, what is overdue, which promises weren't kept; by the rules in the company's profile."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import N_, _
from desktop_crm.base.lazily import dataclass
from desktop_crm.domain.conditions import EVERYTHING, Condition, Every, Linked, Related, Where
from desktop_crm.domain.dunning import STEPS, steps_of
from desktop_crm.domain.money import show_money

if TYPE_CHECKING:
    from decimal import Decimal

    from desktop_crm.services.session import Session

BEFORE: Final = 3
AFTER: Final = 1
OWED: Final = Where("remaining", "gt", 0)


@dataclass(frozen=True)
class Rules:
    """How many days before a due date and from which day after it is reminded (0 for never), and from when on letters are sent."""

    before: int = BEFORE
    after: int = AFTER
    steps: tuple[int, ...] = STEPS


@dataclass(frozen=True)
class Reminder:
    """What asks for attention: a text with a place for count and amount, how many receivables and how much, and which they are."""

    key: str
    label: str
    tone: str
    condition: Condition
    count: int
    amount: Decimal

    @property
    def text(self) -> str:
        """The reminder as a sentence."""
        return _(self.label).format(count=f"{self.count:,}", amount=show_money(self.amount, symbol="¥"))


def rules(session: Session) -> Rules:
    """Return the company's rules for reminders; what isn't set is as usual."""
    letters = ("dunning_first", "dunning_second", "dunning_third")
    found = session.records.find(session.entity("company"), EVERYTHING, ["remind_before", "remind_after", *letters], limit=1)
    if not found:
        return Rules()
    before, after = found[0]["remind_before"], found[0]["remind_after"]
    days = steps_of([found[0][name] for name in letters])
    return Rules(BEFORE if before is None else max(0, before), AFTER if after is None else max(0, after), days)


def reminders(session: Session) -> list[Reminder]:
    """Return what asks for attention today among the receivables this person sees; those with nothing in them are left out."""
    if "receivable" not in session.catalog:
        return []
    rule, today = rules(session), session.today
    asked: list[tuple[str, str, str, Condition]] = []
    if rule.after:
        late = Every((OWED, Where("falls_due", "le", today - timedelta(days=rule.after))))
        asked.append(("overdue", N_("Overdue receivables: {count}, {amount} in all"), "danger", late))
    if rule.before:
        soon = Every((OWED, Where("falls_due", "ge", today), Where("falls_due", "le", today + timedelta(days=rule.before))))
        asked.append(("soon", N_("Receivables due in the next days: {count}, {amount} in all"), "warn", soon))
    if "activity" in session.catalog:
        broken = Related("activity", "customer", session.readable("activity", Every((Where("promised_on", "lt", today), Where("done", "eq", value=False)))))
        missed = Every((OWED, Where("falls_due", "lt", today), Linked("customer", broken)))
        asked.append(("promised", N_("Overdue receivables of customers who did not keep a promised date: {count}, {amount} in all"), "danger", missed))
    found = []
    for key, label, tone, condition in asked:
        sums = session.records.totals(session.entity("receivable"), session.readable("receivable", condition), ["remaining"])
        if sums["count"]:
            found.append(Reminder(key, label, tone, condition, sums["count"], sums["remaining"]))
    return found
