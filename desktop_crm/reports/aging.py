"""Aging (账龄): what was owed on a day, by how long it was overdue; prepayments stand apart.

Rules: a debt is due in full on its due date and overdue from the day after; without a due date its document date counts (账龄分析法,
企业会计准则第 22 号 leaves the limits to the company). The buckets add up to the balance.
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import N_, _, ngettext
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import Choice, Ref
from desktop_crm.domain.conditions import EVERYTHING, Condition, Either, Every, Where, both
from desktop_crm.domain.ledger import LIMITS, bucket_labels, bucket_of, days_overdue
from desktop_crm.domain.money import show_money
from desktop_crm.reports.base import Drill, Parameter, Report, Row, column, json_value, report
from desktop_crm.reports.outstanding import ZERO, outstanding, owed_by, prepaid_by, prepaying, rows_outstanding, rows_prepaying

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from desktop_crm.domain.catalog import FieldSpec, Values
    from desktop_crm.models.outstanding import Group
    from desktop_crm.services.session import Session

MOST_DAYS: Final = 3650
BASES: Final = (Choice("due", N_("Due date")), Choice("document", N_("Document date")))
DAYS: Final = {"due": "falls_due", "document": "document_on"}
GROUPINGS: Final = (Choice("customer", N_("Customer")), Choice("owner", N_("Owner")), Choice("department", N_("Department")), Choice("contract", N_("Contract")))
PATHS: Final = {"customer": "customer", "owner": "owner", "department": "owner.department", "contract": "contract"}
LINKED: Final = {"customer": "customer", "owner": "user", "department": "department", "contract": "contract"}
NO_DUE_DATE: Final = Where("due_on", "empty")


def limits_of(value: Any) -> tuple[int, ...]:
    """Read bucket limits: numbers, or a text such as ``30/60/90``; raises UserError where they don't rise from 1 on."""
    parts = re.findall(r"[^\s/,，、;；]+", value) if isinstance(value, str) else list(value)
    limits = tuple(int(part) for part in parts if str(part).isdecimal())
    rising = all(first < second for first, second in zip((0, *limits), limits, strict=False))
    if not limits or len(limits) != len(parts) or not rising or limits[-1] > MOST_DAYS:
        raise UserError(_("“{value}” can't divide the days overdue. Write rising numbers of days like 30/60/90").format(value=value), field="buckets")
    return limits


def bucket_conditions(limits: Sequence[int], as_of: date, day: str = "falls_due") -> list[Condition]:
    """Return the condition on receivables of each bucket by the date `day`, the first being what is not due yet on `as_of`."""
    edges = [as_of, *(as_of - timedelta(days=limit) for limit in limits)]
    between: list[Condition] = [
        Every((Where(day, "lt", newer), Where(day, "ge", older))) for newer, older in pairwise(edges)
    ]
    return [Where(day, "ge", as_of), *between, Where(day, "lt", edges[-1])]


def of_group(path: str, key: int | None) -> Condition:
    """Return the condition of what belongs to a group; a path's group None holds what has no first link too."""
    own = Where(path, "eq", key)
    first, dot, _rest = path.partition(".")
    return Either((Where(first, "empty"), own)) if dot and key is None else own


def aging_data(answer: Report) -> dict[str, Any]:
    """Return the report as the command line prints it; a row's key is the name of the grouping."""
    names = [spec.name for spec in answer.columns if spec.name.startswith("overdue_")]
    by = answer.settings["by"]

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
        "rows": [{by: json_value(row.values[by]), **figures(row.values)} for row in answer.rows],
        "totals": figures(answer.totals),
    }


def narrowed(settings: Values) -> Condition:
    """Return the condition of the customer, owner and department chosen; it holds of receivables and receipts alike."""
    chosen = [Where(PATHS[name], "eq", int(settings[name])) for name in ("customer", "owner", "department") if settings.get(name) is not None]
    return Every(tuple(chosen)) if chosen else EVERYTHING


@report(
    "aging",
    N_("Aging report"),
    Parameter("as_of", N_("As of"), kinds.DATE, default=lambda session: session.today),
    Parameter("basis", N_("Aged by"), kinds.CHOICE, choices=BASES, default=lambda _session: "due"),
    Parameter("buckets", N_("Days overdue"), kinds.TEXT, default=lambda _session: LIMITS, hint=N_("Such as: 30/60/90")),
    Parameter("by", N_("Grouped by"), kinds.CHOICE, choices=GROUPINGS, default=lambda _session: "customer"),
    Parameter("owner", N_("Owner"), kinds.LINK, link="user", optional=True),
    Parameter("department", N_("Department"), kinds.LINK, link="department", optional=True),
    Parameter("customer", N_("Customer"), kinds.LINK, link="customer", optional=True),
    Parameter("overdue_only", N_("Overdue only"), kinds.BOOLEAN, default=lambda _session: False),
    Parameter("less_prepaid", N_("Less prepayments"), kinds.BOOLEAN, default=lambda _session: False),
    data=aging_data,
)
def aging(session: Session, settings: Values) -> Report:
    """Answer with a row for each group that owed or had prepaid something on the day: current and each bucket add up to balance."""
    as_of, by, day = settings["as_of"], settings["by"], DAYS[settings["basis"]]
    limits = limits_of(settings["buckets"])
    conditions = bucket_conditions(limits, as_of, day)
    names = ["current", *(f"overdue_{number}" for number in range(1, len(conditions)))]
    chosen = narrowed(settings)
    owed = both(chosen, Where(day, "lt", as_of)) if settings["overdue_only"] else chosen
    groups = owed_by(session, as_of, PATHS[by], conditions[:-1], owed, marked=NO_DUE_DATE)
    prepaid = prepaid_by(session, as_of, PATHS[by], chosen)

    def behind(key: int | None) -> dict[str, Drill]:
        group = of_group(PATHS[by], key)
        return _drills(as_of, names, conditions, both(owed, group), both(chosen, group))

    def under(reader: Session, key: int | None) -> list[Row]:
        group = of_group(PATHS[by], key)
        return _documents(reader, as_of=as_of, by=by, day=day, limits=limits, owed=both(owed, group)) + _receipts(reader, as_of, by, both(chosen, group))

    counts = [f"count_{name}" for name in names]
    empty = dict.fromkeys((*names, "balance", "prepaid"), ZERO)
    rows = []
    for key, parts, paid in _by_key(groups, prepaid):
        if settings["overdue_only"] and not parts:
            continue
        first = parts[0] if parts else paid
        values: Values = {by: None if key is None or first is None else Ref(key, first.title), **empty}
        for part in parts:
            values[names[part.kind]] = part.left
            values[counts[part.kind]] = part.count
            values["balance"] += part.left
        if paid is not None:
            values["prepaid"] = paid.left
        values["net"] = values["balance"] - values["prepaid"]
        rows.append(Row(values, partial(behind, key), under=partial(under, key=key), replayed=as_of != session.today))
    totals = {name: sum((row.values[name] for row in rows), ZERO) for name in (*names, "balance", "prepaid", "net")}
    totals |= {name: sum(row.values.get(name, 0) for row in rows) for name in counts}
    columns = _columns(by, names, bucket_labels(limits)[1:], net=settings["less_prepaid"])
    asked = {**settings, "buckets": limits}
    return Report("aging", N_("Aging report"), asked, columns, rows, totals, _drills(as_of, names, conditions, owed, chosen), notes=_notes(groups))


def _notes(groups: Sequence[Group]) -> tuple[str, ...]:
    """Return what a reader must know who compares this with the lists of what is due, in which nothing stands that is below zero."""
    undated, below = sum(group.marked for group in groups), sum((group.below for group in groups), ZERO)
    dates = ngettext("{count} receivable has no due date; its document date counts", "{count} receivables have no due date; their document date counts", undated).format(count=undated)
    credit = _("Open receivables below zero, {amount} in all, are taken off here; lists of what is due or overdue leave them out").format(amount=show_money(below, symbol="¥"))
    return (*((dates,) if undated else ()), *((credit,) if below else ()))


def _by_key(owed: Sequence[Group], prepaid: Sequence[Group]) -> list[tuple[int | None, list[Group], Group | None]]:
    """Return what each group owes by bucket and what it has prepaid, the groups in the order of their list."""
    parts: dict[int | None, list[Group]] = {}
    for group in owed:
        parts.setdefault(group.key, []).append(group)
    paid = {group.key: group for group in prepaid}
    first = {group.key: group for group in (*prepaid, *owed)}
    return [(key, parts.get(key, []), paid.get(key)) for key in sorted(first, key=lambda one: (first[one].order, one or 0))]


def _columns(by: str, names: Sequence[str], labels: Sequence[str], *, net: bool) -> tuple[FieldSpec, ...]:
    heading = next(choice.label for choice in GROUPINGS if choice.code == by)
    return (
        column(by, heading, kinds.LINK, link=LINKED[by]),
        column("current", N_("Not due"), kinds.MONEY),
        *(column(name, label, kinds.MONEY) for name, label in zip(names[1:], labels, strict=True)),
        column("balance", N_("Receivable balance"), kinds.MONEY),
        column("prepaid", N_("Prepayment"), kinds.MONEY),
        *((column("net", N_("Less prepayments"), kinds.MONEY),) if net else ()),
    )


def _drills(as_of: date, names: Sequence[str], conditions: Sequence[Condition], owed: Condition, chosen: Condition) -> dict[str, Drill]:
    made = {name: Drill("receivable", outstanding(as_of, both(owed, condition))) for name, condition in zip(names, conditions, strict=True)}
    return made | {"balance": Drill("receivable", outstanding(as_of, owed)), "prepaid": Drill("receipt", prepaying(as_of, chosen))}


def _documents(session: Session, *, as_of: date, by: str, day: str, limits: Sequence[int], owed: Condition) -> list[Row]:
    """Return the receivables a row is made of, the oldest first, in the same columns."""
    found = rows_outstanding(session, as_of, owed, ["number", "name", "falls_due", "document_on", "contract"])
    rows = []
    for row in sorted(found, key=lambda one: (one["falls_due"], one["id"])):
        days = days_overdue(row[day], as_of)
        name = "current" if days <= 0 else f"overdue_{bucket_of(days, limits)}"
        title = " ".join(part for part in (row["number"], row["name"]) if part)
        values: Values = {by: title, name: row["remaining"], "balance": row["remaining"], "net": row["remaining"], "due": row["falls_due"], "days": days_overdue(row["falls_due"], as_of)}
        rows.append(Row(values, partial(_drills_of_document, row["id"], name), counted=False))
    return rows


def _receipts(session: Session, as_of: date, by: str, condition: Condition) -> list[Row]:
    """Return the receipts that a row's prepayment is made of, the oldest first, in the same columns."""
    if "receipt" not in session.catalog:
        return []
    found = rows_prepaying(session, as_of, condition, ["number", "received_on"])
    return [
        Row({by: row["number"], "received_on": row["received_on"], "prepaid": row["unallocated"], "net": -row["unallocated"]}, partial(_drills_of_receipt, row["id"], by), counted=False)
        for row in sorted(found, key=lambda one: (one["received_on"], one["id"]))
    ]


def _drills_of_receipt(key: int, by: str) -> dict[str, Drill]:
    this = Drill("receipt", Where("id", "eq", key))
    return dict.fromkeys((by, "prepaid", "net"), this)


def _drills_of_document(key: int, name: str) -> dict[str, Drill]:
    this = Drill("receivable", Where("id", "eq", key))
    return dict.fromkeys(("customer", "owner", "department", "contract", name, "balance"), this)
