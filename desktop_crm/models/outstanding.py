"""What was left of documents on any day, in one statement: today's remainder, with the allocations added back that did not count yet.

A `Ledger` says which documents: their table, the day from which they stand, what is left of them today, and the allocation's link to them.
"""

from __future__ import annotations

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

BACK: Final = "back"


@dataclass(frozen=True)
class Ledger:
    """Documents that allocations settle: the entity, the date they count from, their remainder today, and the link of `allocation` to them."""

    entity: str
    day: str
    left: str
    allocation: str
    via: str


@dataclass(frozen=True)
class Group:
    """What was left of the documents of one group and one class: the group's id, title and sorting name, and how many of them are `marked`."""

    key: int | None
    title: str
    order: str
    kind: int
    count: int
    marked: int
    left: Decimal


def groups(records: Records, ledger: Ledger, condition: Condition, later: Condition, by: str, classes: Sequence[Condition], marked: Condition) -> list[Group]:
    """Return what was left of the documents that fulfil `condition`, by the link `by` and by the first of `classes` that holds, the groups in their order.

    `later` are the allocations that did not count yet. `by` may be a path such as ``owner.department``; documents that fulfil none of the
    classes are of the class ``len(classes)``. A document that doesn't have the link is in the group None.
    """
    entry = entity(ledger.entity)
    this = records.compiler(entry)
    back = _added_back(records, ledger, later)
    left = _left(ledger)
    kind = peewee.Case(None, [(this.where(one), number) for number, one in enumerate(classes)], len(classes)) if classes else peewee.SQL("0")
    told = peewee.Case(None, [(this.where(marked), 1)], 0)
    key, linked = _path(this, by)
    inner = (
        this.table.select(key.alias("group_key"), kind.alias("group_class"), peewee.fn.COUNT(this.id).alias("group_count"), peewee.fn.SUM(told).alias("group_marked"), peewee.fn.SUM(left).alias("group_left"))
        .join(back, peewee.JOIN.LEFT_OUTER, on=peewee.SQL(f"{BACK}.item = {THIS}.id"))
        .where(this.where(condition) & peewee.SQL(f"({_left_text(ledger)}) <> 0"))
        .group_by(peewee.SQL("group_key"), peewee.SQL("group_class"))
    )
    return [
        Group(None if row[0] is None else int(row[0]), row[1] or "", row[2] or "", int(row[3]), int(row[4]), int(row[5] or 0), Decimal(int(row[6])).scaleb(-2))
        for row in records.store.execute(_titled(inner, linked)).fetchall()
    ]


def _added_back(records: Records, ledger: Ledger, later: Condition) -> Any:
    entry = entity(ledger.allocation)
    that = Compiler(entry, today=records.today, mysql=records.store.mysql, alias="counted")
    link = that.column(ledger.via)
    return that.table.select(link.alias("item"), peewee.fn.SUM(peewee.NodeList((that.column("amount"),))).alias("amount")).where(that.where(later)).group_by(link).alias(BACK)


def _left_text(ledger: Ledger) -> str:
    stored = column_name(entity(ledger.entity).fields[ledger.left])
    return f"{THIS}.`{stored}` + COALESCE({BACK}.amount, 0)"


def _left(ledger: Ledger) -> Any:
    return peewee.SQL(f"({_left_text(ledger)})")


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
    figures = [inner.c.group_class, inner.c.group_count, inner.c.group_marked, inner.c.group_left]
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
