"""Payment plans: an amount cut into instalments with a due date each."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import N_, _
from desktop_crm.base.lazily import dataclass
from desktop_crm.domain.dates import add_months
from desktop_crm.domain.money import split
from desktop_crm.domain.terms import WorkCalendar, roll
from desktop_crm.domain.text import narrow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MOST: Final = 60


@dataclass(frozen=True)
class PlanLine:
    """One line of a template: its name, its share, and when it is due, counted from the plan's start: `months`, then `days` on."""

    name: str
    ratio: Decimal
    months: int = 0
    days: int = 0


@dataclass(frozen=True)
class Instalment:
    """One payment of a plan; `number` counts from 1, `amount` is in cents."""

    number: int
    name: str
    due: date
    amount: Decimal


TEMPLATES: Final[Mapping[str, tuple[PlanLine, ...]]] = {
    "30/60/10": (
        PlanLine(N_("Deposit"), Decimal("0.3")),
        PlanLine(N_("Payment on delivery"), Decimal("0.6"), days=30),
        PlanLine(N_("Retention"), Decimal("0.1"), months=12),
    ),
    "50/50": (PlanLine(N_("Deposit"), Decimal("0.5")), PlanLine(N_("Final payment"), Decimal("0.5"), days=30)),
}

COMMON_SHARES: Final = ("30/70", "30/30/40", "20/30/40/10")
"""Further shares that contracts are often paid in."""


def by_shares(text: str) -> tuple[PlanLine, ...]:
    """Read a template from its shares in percent, such as ``30/60/10`` or ``5:3:2``: those of TEMPLATES as they are, others a month apart.

    Raises ValueProblem where the shares don't add up to 100 (or, written in tenths, to 10).
    """
    shares = [Decimal(part) for part in re.findall(r"[0-9]+(?:\.[0-9]+)?", narrow(text))]
    name = "/".join(f"{share:f}" for share in shares)
    if name in TEMPLATES:
        return TEMPLATES[name]
    whole = sum(shares, Decimal(0))
    if whole not in {Decimal(100), Decimal(10)} or not all(shares) or len(shares) > _MOST or re.search(r"[^0-9.%/:：、,，\s成-]", narrow(text)):
        raise ValueProblem(_("“{text}” is no payment plan: its shares must add up to 100%, such as 30/60/10").format(text=text.strip()))
    return tuple(PlanLine(_instalment(number), share / whole, months=number) for number, share in enumerate(shares))


def equal(count: int, *, days: int = 30) -> tuple[PlanLine, ...]:
    """Return a template of `count` equal parts, the first due at the start, the next `days` later each."""
    return tuple(PlanLine(_instalment(number), Decimal(1), days=number * days) for number in range(_at_least_one(count)))


def monthly(count: int) -> tuple[PlanLine, ...]:
    """Return a template of `count` equal parts due on the same day of each month, the first at the start."""
    return tuple(PlanLine(_instalment(number), Decimal(1), months=number) for number in range(_at_least_one(count)))


def plan(total: Decimal, template: Sequence[PlanLine], *, start: date, calendar: WorkCalendar | None = None) -> list[Instalment]:
    """Cut `total` by the template's ratios, which count as weights; the last instalment takes the rounding, so they add up to `total`.

    With a `calendar` due dates move on to the next workday. Raises ValueError for a template without shares.
    """
    amounts = split(total, [line.ratio for line in template])
    instalments = []
    for number, (line, amount) in enumerate(zip(template, amounts, strict=True), 1):
        due = add_months(start, line.months) + timedelta(days=line.days)
        instalments.append(Instalment(number, _(line.name), due if calendar is None else roll(due, calendar), amount))
    return instalments


def _at_least_one(count: int) -> int:
    if count < 1:
        raise ValueError("a plan needs one instalment at least")
    return count


def _instalment(index: int) -> str:
    return _("Instalment {number}").format(number=index + 1)
