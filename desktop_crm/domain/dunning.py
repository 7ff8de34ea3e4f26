"""When to remind a customer of what is overdue, of how much of it, and how firmly: three letters (催款函), the later the firmer, each of them once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

STEPS: Final = (7, 30, 60)
"""Days overdue from which the first, second and third letter is sent, where the company sets no others."""


def steps_of(days: Sequence[int | None]) -> tuple[int, ...]:
    """Return from which days the letters are sent: what isn't set is as in STEPS, no letter before the first day, a later letter never earlier."""
    return tuple(sorted(max(1, usual if given is None else given) for given, usual in zip(days, STEPS, strict=True)))


def step_of(days: int, steps: Sequence[int] = STEPS) -> int:
    """Return which letter is due when the oldest debt is `days` overdue: 0 for none yet, up to the number of steps."""
    return sum(days >= first for first in steps)


def is_sent(days: int, sent_on: date | None, as_of: date, steps: Sequence[int] = STEPS) -> bool:
    """Tell whether the letter due for a debt that is `days` overdue on `as_of` went out: the last letter is of a day since the debt was old enough for this one."""
    step = step_of(days, steps)
    return step > 0 and sent_on is not None and sent_on >= as_of - timedelta(days=days - steps[step - 1])


def set_off(debts: Sequence[tuple[int | None, Decimal]], credit: Mapping[int | None, Decimal]) -> list[Decimal]:
    """Return what is covered of each debt, given by contract and amount in the order they are to be covered in.

    `credit` is what the customer has to its credit by the contract it is meant for, None for none. What is meant for a contract covers that contract's debts
    alone; what is meant for none covers the debts as they come, which is the oldest first where the parties agreed on nothing (民法典第 560 条).
    """
    left = dict(credit)
    covered = []
    for contract, amount in debts:
        own = min(amount, left.get(contract, Decimal(0))) if contract is not None else Decimal(0)
        if own:
            left[contract] -= own
        covered.append(own)
    free = left.get(None, Decimal(0))
    for place, (_contract, amount) in enumerate(debts):
        more = min(amount - covered[place], free)
        free -= more
        covered[place] += more
    return covered
