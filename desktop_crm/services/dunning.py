"""Dunning letters that were sent, and statements that went out: both are written down as they leave the house."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.base.i18n import ngettext
from desktop_crm.base.lazily import dataclass
from desktop_crm.domain.money import show_money
from desktop_crm.services import records
from desktop_crm.services.activities import follow_up

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

    from desktop_crm.services.session import Changes, Session


@dataclass(frozen=True)
class Letter:
    """One letter: to whom, which step, how many receivables of how much in all, how long the oldest is overdue, and whether it was sent already.

    What the customer has to its credit is taken off: of how many receivables something is left, how much, and the oldest of these. None is left where all is covered.
    """

    customer: int
    step: int
    count: int
    amount: Decimal
    days: int
    sent: bool = False

    @property
    def covered(self) -> bool:
        """Whether there is nothing to ask for, because the customer has paid ahead or has credit enough."""
        return self.count == 0

    @property
    def due(self) -> bool:
        """Whether it is to be sent now: the debt is old enough for it, isn't covered, and it wasn't sent before."""
        return self.step > 0 and not self.sent and not self.covered


@dataclass(frozen=True)
class Sent:
    """One statement as it was sent: to whom, over which days, with which closing balance."""

    customer: int
    date_from: date
    date_to: date
    closing: Decimal


def note_letters(session: Session, letters: Sequence[Letter]) -> Changes[int]:
    """Write each letter down as a follow-up of its customer, all in one action; raises as `records.save` does."""

    def work() -> int:
        for letter in letters:
            text = ngettext("Dunning letter {step}: {count} receivable, {amount}, {days} days overdue",
                            "Dunning letter {step}: {count} receivables, {amount}, the oldest {days} days overdue", letter.count)
            follow_up(session, letter.customer, text.format(step=letter.step, count=letter.count, amount=show_money(letter.amount, symbol="¥"), days=letter.days), kind="dunning")
        return len(letters)

    return session.write("save", ngettext("{count} dunning letter noted", "{count} dunning letters noted", len(letters)).format(count=len(letters)), work)


def note_statements(session: Session, statements: Sequence[Sent]) -> Changes[int]:
    """Write down which statements were sent today, all in one action, so that their signed copies can be waited for; raises as `records.save` does."""

    def work() -> int:
        for one in statements:
            values = records.new(session, "confirmation", customer=one.customer, date_from=one.date_from, date_to=one.date_to, closing=one.closing, sent_on=session.today)
            records.save(session, "confirmation", values)
        return len(statements)

    return session.write("save", ngettext("{count} statement noted as sent", "{count} statements noted as sent", len(statements)).format(count=len(statements)), work)
