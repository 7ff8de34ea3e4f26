"""What came in (收款统计): by month, day, customer, person or method."""

from __future__ import annotations

from calendar import monthrange
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import N_
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import Choice, Ref
from desktop_crm.domain.conditions import Condition, Every, Where, both
from desktop_crm.reports.accounts import check_period
from desktop_crm.reports.aging import narrowed
from desktop_crm.reports.base import Drill, Parameter, Report, Row, column, report
from desktop_crm.reports.outstanding import ZERO
from desktop_crm.reports.statement import PERIOD

if TYPE_CHECKING:
    from datetime import date

    from desktop_crm.domain.catalog import FieldSpec, Values
    from desktop_crm.services.session import Session

BY: Final = (
    Choice("month", N_("Month")), Choice("day", N_("Day")), Choice("customer", N_("Customer")), Choice("owner", N_("Owner")), Choice("method", N_("Method")),
)
FIELDS: Final = {"month": "received_on", "day": "received_on", "customer": "customer", "owner": "owner", "method": "method"}
SUMS: Final = ("amount", "allocated", "unallocated")
MONEY: Final = Where("kind", "eq", "receipt")
"""Money that came in: neither credit notes and write-offs nor prepayments that only moved."""


@report(
    "receipts",
    N_("Receipts report"),
    PERIOD[0],
    PERIOD[1],
    Parameter("by", N_("Grouped by"), kinds.CHOICE, choices=BY, default=lambda _session: "month"),
    Parameter("customer", N_("Customer"), kinds.LINK, link="customer", optional=True),
    Parameter("owner", N_("Owner"), kinds.LINK, link="user", optional=True),
)
def receipts(session: Session, settings: Values) -> Report:
    """Answer with a row for each month, day, customer, person or method: how many receipts, their sum, and what of it is allocated."""
    check_period(settings["date_from"], settings["date_to"])
    by = settings["by"]
    within = Every((Where("received_on", "ge", settings["date_from"]), Where("received_on", "le", settings["date_to"]), MONEY))
    condition = both(narrowed(settings), within)
    entry = session.entity("receipt")
    found = session.records.groups(entry, session.readable("receipt", condition), FIELDS[by], SUMS)
    figures: dict[Any, list[Any]] = {}
    for key, count, *sums in found:
        name = key.isoformat()[:7] if by == "month" else key
        old = figures.get(name, [0, *(ZERO for _sum in SUMS)])
        figures[name] = [before + more for before, more in zip(old, (count, *sums), strict=True)]
    rows = []
    for key, title in _titles(session, by, list(figures)):
        count, *sums = figures[key]
        values: Values = {by: title, "count": count, **dict(zip(SUMS, sums, strict=True))}
        rows.append(Row(values, partial(_drills, both(condition, _own(by, key)))))
    totals: dict[str, Any] = {"count": sum(row.values["count"] for row in rows)} | {name: sum((row.values[name] for row in rows), ZERO) for name in SUMS}
    return Report("receipts", N_("Receipts report"), settings, _columns(session, by), rows, totals, _drills(condition))


def _columns(session: Session, by: str) -> tuple[FieldSpec, ...]:
    heading = next(choice.label for choice in BY if choice.code == by)
    first = {
        "month": column(by, heading, kinds.TEXT), "day": column(by, heading, kinds.DATE),
        "customer": column(by, heading, kinds.LINK, link="customer"), "owner": column(by, heading, kinds.LINK, link="user"),
        "method": column(by, heading, kinds.CHOICE, choices=session.everything["receipt"].fields["method"].choices),
    }[by]  # fmt: skip
    return (
        first,
        column("count", N_("Receipts"), kinds.INTEGER),
        column("amount", N_("Amount received"), kinds.MONEY),
        column("allocated", N_("Allocated"), kinds.MONEY),
        column("unallocated", N_("Prepayment"), kinds.MONEY),
    )


def _titles(session: Session, by: str, keys: list[Any]) -> list[tuple[Any, Any]]:
    """Return the groups in their order, with what stands in their first column."""
    if by not in {"customer", "owner"}:
        order = [choice.code for choice in session.everything["receipt"].fields["method"].choices] if by == "method" else sorted(keys)
        return [(key, key) for key in sorted(keys, key=lambda one: order.index(one) if one in order else len(order))]
    entry = session.entity("customer" if by == "customer" else "user")
    rows = session.records.rows(entry, [key for key in keys if key is not None], [entry.spec.title, "sort_key"])
    named = [(row["id"], Ref(row["id"], row[entry.spec.title])) for row in sorted(rows, key=lambda row: (row["sort_key"], row["id"]))]
    return [*([(None, None)] if None in keys else []), *named]


def _own(by: str, key: Any) -> Condition:
    if by != "month":
        return Where(FIELDS[by], "eq", key)
    first, last = month_of(key)
    return Every((Where("received_on", "ge", first), Where("received_on", "le", last)))


def month_of(text: str) -> tuple[date, date]:
    """Return the first and the last day of a month such as ``2026-02``."""
    from datetime import date

    year, month = int(text[:4]), int(text[5:7])
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _drills(condition: Condition) -> dict[str, Drill]:
    return dict.fromkeys(("count", *SUMS), Drill("receipt", condition))
