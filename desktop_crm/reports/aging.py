"""Aging (账龄): what each customer owed on a day, by how long it was overdue; prepayments stand apart."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import N_, _
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import EVERYTHING, Condition, Every, Where, both
from desktop_crm.domain.ledger import LIMITS, bucket_labels
from desktop_crm.reports.base import Drill, Parameter, Report, Row, column, json_value, report
from desktop_crm.reports.outstanding import ZERO, customers_in_order, outstanding, prepaid_by_customer, prepaying, remaining_by_customer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

MOST_DAYS: Final = 3650


def limits_of(value: Any) -> tuple[int, ...]:
    """Read bucket limits: numbers, or a text such as ``30/60/90``; raises UserError where they don't rise from 1 on."""
    parts = re.findall(r"[^\s/,，、;；]+", value) if isinstance(value, str) else list(value)
    limits = tuple(int(part) for part in parts if str(part).isdecimal())
    rising = all(first < second for first, second in zip((0, *limits), limits, strict=False))
    if not limits or len(limits) != len(parts) or not rising or limits[-1] > MOST_DAYS:
        raise UserError(_("“{value}” can't divide the days overdue. Write rising numbers of days like 30/60/90").format(value=value), field="buckets")
    return limits


def bucket_conditions(limits: Sequence[int], as_of: date) -> list[Condition]:
    """Return the condition on receivables of each bucket, the first being what is not due yet on `as_of`."""
    edges = [as_of, *(as_of - timedelta(days=limit) for limit in limits)]
    between: list[Condition] = [
        Every((Where("falls_due", "lt", newer), Where("falls_due", "ge", older))) for newer, older in pairwise(edges)
    ]
    return [Where("falls_due", "ge", as_of), *between, Where("falls_due", "lt", edges[-1])]


def aging_data(answer: Report) -> dict[str, Any]:
    """Return the report as the command line prints it."""
    names = [spec.name for spec in answer.columns if spec.name.startswith("overdue_")]

    def figures(values: Values) -> dict[str, Any]:
        return {
            "current": json_value(values["current"]),
            "buckets": [json_value(values[name]) for name in names],
            "prepaid": json_value(values["prepaid"]),
            "balance": json_value(values["balance"]),
        }

    return {
        "as_of": answer.settings["as_of"].isoformat(),
        "buckets": [spec.label for spec in answer.columns if spec.name in names],
        "rows": [{"customer": row.values["customer"].title, **figures(row.values)} for row in answer.rows],
        "totals": figures(answer.totals),
    }


@report(
    "aging",
    N_("Aging report"),
    Parameter("as_of", N_("As of"), kinds.DATE, default=lambda session: session.today),
    Parameter("buckets", N_("Days overdue"), kinds.TEXT, default=lambda _session: LIMITS, hint=N_("Such as: 30/60/90")),
    data=aging_data,
)
def aging(session: Session, settings: Values) -> Report:
    """Answer with a row for each customer that owed or had prepaid something on the day: current and each bucket add up to balance."""
    as_of: date = settings["as_of"]
    limits = limits_of(settings["buckets"])
    conditions = bucket_conditions(limits, as_of)
    names = ["current", *(f"overdue_{number}" for number in range(1, len(conditions)))]
    sums = {name: remaining_by_customer(session, as_of, condition) for name, condition in zip(names, conditions, strict=True)}
    sums["prepaid"] = prepaid_by_customer(session, as_of)

    def drills(key: int | None = None) -> dict[str, Drill]:
        own = EVERYTHING if key is None else Where("customer", "eq", key)
        made = {name: Drill("receivable", outstanding(as_of, both(own, condition))) for name, condition in zip(names, conditions, strict=True)}
        return made | {"balance": Drill("receivable", outstanding(as_of, own)), "prepaid": Drill("receipt", prepaying(as_of, own))}

    rows = []
    for customer in customers_in_order(session, [key for found in sums.values() for key in found]):
        key = customer["id"]
        values: Values = {"customer": Ref(key, customer["name"]), **{name: found.get(key, ZERO) for name, found in sums.items()}}
        values["balance"] = sum((values[name] for name in names), ZERO)
        rows.append(Row(values, partial(drills, key)))
    labels = bucket_labels(limits)[1:]
    columns = (
        column("customer", N_("Customer"), kinds.LINK, link="customer"),
        column("current", N_("Not due"), kinds.MONEY),
        *(column(name, label, kinds.MONEY) for name, label in zip(names[1:], labels, strict=True)),
        column("balance", N_("Receivable balance"), kinds.MONEY),
        column("prepaid", N_("Prepayment"), kinds.MONEY),
    )
    totals = {name: sum((row.values[name] for row in rows), ZERO) for name in (*names, "balance", "prepaid")}
    return Report("aging", N_("Aging report"), {"as_of": as_of, "buckets": limits}, columns, rows, totals, drills())
