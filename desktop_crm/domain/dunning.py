"""When to remind a customer of what is overdue, and how firmly: three letters (催款函), the later the firmer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

STEPS: Final = (7, 30, 60)
"""Days overdue from which the first, second and third letter is sent, where the company sets no others."""


def steps_of(days: Sequence[int | None]) -> tuple[int, ...]:
    """Return from which days the letters are sent: what isn't set is as in STEPS, no letter before the first day, a later letter never earlier."""
    return tuple(sorted(max(1, usual if given is None else given) for given, usual in zip(days, STEPS, strict=True)))


def step_of(days: int, steps: Sequence[int] = STEPS) -> int:
    """Return which letter is due when the oldest debt is `days` overdue: 0 for none yet, up to the number of steps."""
    return sum(days >= first for first in steps)
