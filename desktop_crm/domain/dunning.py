"""When to remind a customer of what is overdue, and how firmly: three letters (催款函), the later the firmer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _

if TYPE_CHECKING:
    from collections.abc import Sequence

STEPS: Final = (7, 30, 60)
"""Days overdue from which the first, second and third letter is sent, where the company sets no others."""

_MOST_DAYS: Final = 3650


def parse_steps(text: str) -> tuple[int, ...]:
    """Read the days of three letters such as ``7/30/60``; nothing gives STEPS. Raises ValueProblem where they are not three rising numbers from 1 on."""
    if not text.strip():
        return STEPS
    parts = re.findall(r"[^\s/,，、;；]+", text)
    steps = tuple(int(part) for part in parts if part.isdecimal())
    rising = all(first < second for first, second in zip((0, *steps), steps, strict=False))
    if len(steps) != len(parts) or len(steps) != len(STEPS) or not rising or steps[-1] > _MOST_DAYS:
        raise ValueProblem(_("“{text}” doesn't say when three letters are sent. Write rising numbers of days like 7/30/60").format(text=text.strip()))
    return steps


def check_steps(text: str | None) -> str | None:
    """Return what is wrong with the days of the letters, or None."""
    try:
        parse_steps(text or "")
    except ValueProblem as problem:
        return problem.message
    return None


def step_of(days: int, steps: Sequence[int] = STEPS) -> int:
    """Return which letter is due when the oldest debt is `days` overdue: 0 for none yet, up to the number of steps."""
    return sum(days >= first for first in steps)
