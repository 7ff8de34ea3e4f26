"""What was left of documents on any day, in one statement.

It is today's remainder with the allocations added back that did not count yet, or, for a day long ago, the whole less those that did: whichever are fewer.
A `Ledger` says which documents: their table, the day from which they stand, what is left of them today, and the allocation's link to them.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import peewee

from desktop_crm.base.lazily import dataclass
from desktop_crm.models.compile import THIS, Compiler
from desktop_crm.models.registry import column_name, entity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.domain.conditions import Condition
    from desktop_crm.models.records import Records

MOVED: Final = "moved"


@dataclass(frozen=True)
class Ledger:
    """Documents that allocations settle: the entity, the date they count from, their amount and its remainder today, and the link of `allocation` to them."""

    entity: str
    day: str
    amount: str
    left: str
    allocation: str
    via: str


@dataclass(frozen=True)
class Group:
    """What was left of the documents of one group and one class: the group's id, title and sorting name, how many of them are `marked`, and what of it was `below` zero."""

    key: int | None
    title: str
    order: str
    kind: int
    count: int
    marked: int
    left: Decimal
    below: Decimal


@dataclass(frozen=True)
class Moves:
    """Allocations that say what was left on a day: those that `counted` by then, to be taken from the whole, or those that did not yet, to be added to what is left today."""

    chosen: Condition
    counted: bool


def mostly_later(records: Records, ledger: Ledger, day: date) -> bool:
    """Tell whether more documents stand since after a day than until it, as their first and last day say; two looks at an index."""
    entry = entity(ledger.entity)
    column = column_name(entry.fields[ledger.day])
    first, last = (_as_date(records.store.scalar(f"SELECT {which}(`{column}`) FROM `{entry.table}`")) for which in ("MIN", "MAX"))
    return first is not None and last is not None and day - first < last - day


def _as_date(stored: Any) -> date | None:
    return date.fromisoformat(stored) if isinstance(stored, str) else stored


def groups(records: Records, ledger: Ledger, condition: Condition, moves: Moves, by: str, classes: Sequence[Condition], marked: Condition) -> list[Group]:
    """Return what was left of the documents that fulfil `condition`, by the link `by` and by the first of `classes` that holds, the groups in their order.

    `by` may be a path such as ``owner.department``; documents that fulfil none of the
    classes are of the class ``len(classes)``. A document that doesn't have the link is in the group None.
    """
    entry = entity(ledger.entity)
    this = records.compiler(entry)
    moved = _moved(records, ledger, moves.chosen)
    left = f"({_left(ledger, moves)})"
    kind = peewee.Case(None, [(this.where(one), number) for number, one in enumerate(classes)], len(classes)) if classes else peewee.SQL("0")
    told = peewee.Case(None, [(this.where(marked), 1)], 0)
    key, linked = _path(this, by)
    sums = {"marked": told, "left": peewee.SQL(left), "below": peewee.SQL(f"CASE WHEN {left} < 0 THEN {left} ELSE 0 END")}
    inner = (
        this.table.select(key.alias("group_key"), kind.alias("group_class"), peewee.fn.COUNT(this.id).alias("group_count"), *(peewee.fn.SUM(sql).alias(f"group_{name}") for name, sql in sums.items()))
        .join(moved, peewee.JOIN.LEFT_OUTER, on=peewee.SQL(f"{MOVED}.item = {THIS}.id"))
        .where(this.where(condition) & peewee.SQL(f"{left} <> 0"))
        .group_by(peewee.SQL("group_key"), peewee.SQL("group_class"))
    )
    return [
        Group(None if row[0] is None else int(row[0]), row[1] or "", row[2] or "", int(row[3]), int(row[4]), int(row[5] or 0), *(Decimal(int(cents)).scaleb(-2) for cents in row[6:]))
        for row in records.store.execute(_titled(inner, linked)).fetchall()
    ]


def _moved(records: Records, ledger: Ledger, chosen: Condition) -> Any:
    entry = entity(ledger.allocation)
    that = Compiler(entry, today=records.today, mysql=records.store.mysql, alias="counted")
    link = that.column(ledger.via)
    return that.table.select(link.alias("item"), peewee.fn.SUM(peewee.NodeList((that.column("amount"),))).alias("amount")).where(that.where(chosen)).group_by(link).alias(MOVED)


def _left(ledger: Ledger, moves: Moves) -> str:
    stored = column_name(entity(ledger.entity).fields[ledger.amount if moves.counted else ledger.left])
    return f"{THIS}.`{stored}` {'-' if moves.counted else '+'} COALESCE({MOVED}.amount, 0)"


def _path(this: Compiler, by: str) -> tuple[Any, str]:
    """Return the column of a link, or of the link behind it, and the entity it leads to; a NULL where there is no such link."""
    name, _dot, rest = by.partition(".")
    field = this.entry.fields.get(name)
    if field is None:
        return peewee.SQL("NULL"), ""
    own, link = f"{THIS}.`{column_name(field)}`", field.spec.link
    while rest:
        name, _dot, rest = rest.partition(".")
        field = entity(link).fields[name]
        own = f"(SELECT p.`{column_name(field)}` FROM `{entity(link).table}` p WHERE p.id = {own})"
        link = field.spec.link
    return peewee.SQL(own), link


def _titled(inner: Any, linked: str) -> Any:
    """Add the titles of the groups and put them in the order of their list."""
    inner = inner.alias("g")
    figures = [inner.c.group_class, inner.c.group_count, inner.c.group_marked, inner.c.group_left, inner.c.group_below]
    if not linked:
        return peewee.Select([inner], [inner.c.group_key, peewee.SQL("''"), peewee.SQL("''"), *figures])
    entry = entity(linked)
    title = entry.model.alias("t")
    column = getattr(title, entry.spec.title)
    return (
        peewee.Select([inner], [inner.c.group_key, column, title.sort_key, *figures])
        .join(title, peewee.JOIN.LEFT_OUTER, on=(title.id == inner.c.group_key))
        .order_by(title.sort_key, inner.c.group_key, inner.c.group_class)
    )
