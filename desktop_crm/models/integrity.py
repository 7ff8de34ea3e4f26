"""Whether a company's data holds together, asked of the database itself; and the derived objects made anew.

Every question here is answered by rows, so that a problem can name the records it is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop_crm.models import triggers
from desktop_crm.models.migrate import lock
from desktop_crm.models.records import BATCH, Records
from desktop_crm.models.registry import REGISTER, Entity, column_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from desktop_crm.models.database import Store

NAMED_AT_MOST: Final = 1000
"""Ids that one finding lists; a broken company has more than anybody reads."""


@dataclass(frozen=True)
class Finding:
    """Records of one entity for which something isn't so; `what` is the field or the rule it is about."""

    entity: str
    what: str
    ids: tuple[int, ...]


RULES: Final = (
    ("receipt", "over_allocated", "(t.amount >= 0 AND t.allocated > t.amount) OR (t.amount < 0 AND t.allocated < t.amount)"),
    ("receivable", "over_settled", "(t.amount >= 0 AND t.settled > t.amount) OR (t.amount < 0 AND t.settled < t.amount)"),
    ("contract", "plan_differs", "t.state IN ('active', 'done') AND t.planned <> t.total AND EXISTS (SELECT 1 FROM instalment i WHERE i.contract_id = t.id)"),
    ("contract_line", "tax_differs", "COALESCE(t.net, 0) + COALESCE(t.tax, 0) <> COALESCE(t.total, 0)"),
    ("invoice", "tax_differs", "COALESCE(t.net, 0) + COALESCE(t.tax, 0) <> COALESCE(t.total, 0)"),
)
"""What must never be, as (entity, name, SQL over the table ``t``)."""


def damage(store: Store) -> list[str]:
    """Return what the engine itself says is damaged: ``PRAGMA integrity_check``, or ``CHECK TABLE`` for every table."""
    if not store.mysql:
        return [row[0] for row in store.sql("PRAGMA integrity_check").fetchall() if row[0] != "ok"]
    tables = ", ".join(f"`{entry.table}`" for entry in REGISTER.values())
    rows = store.sql(f"CHECK TABLE {tables}, `change`, change_set, credential, visibility, counter").fetchall()
    return [f"{table}: {text}" for table, _operation, kind, text in rows if kind in ("error", "warning") or (kind == "status" and text != "OK")]


def broken_links(store: Store) -> Iterator[Finding]:
    """Yield, for each link field, the records that point to one that isn't there."""
    for entry in REGISTER.values():
        for name, field in entry.stored().items():
            if not field.spec.link:
                continue
            column = column_name(field)
            other = REGISTER[field.spec.link].table
            text = f"SELECT t.id FROM `{entry.table}` t LEFT JOIN `{other}` o ON o.id = t.`{column}` WHERE t.`{column}` IS NOT NULL AND o.id IS NULL"
            yield from _found(store, entry.name, name, text)


def wrong_sums(store: Store) -> Iterator[Finding]:
    """Yield, for each sum the triggers keep, the records whose stored sum differs from the rows behind it."""
    for what, text in triggers.rollup_checks():
        entity, _dot, name = what.partition(".")
        yield from _found(store, entity, name, text)


def broken_rules(store: Store) -> Iterator[Finding]:
    """Yield what must never be and is: see RULES."""
    for entity, name, condition in RULES:
        yield from _found(store, entity, name, f"SELECT t.id FROM `{REGISTER[entity].table}` t WHERE {condition}")


def repeated_values(store: Store) -> Iterator[Finding]:
    """Yield, for each field that must be unique, the records that share a value with another."""
    for entry in REGISTER.values():
        for name, field in entry.stored().items():
            if field.spec.unique:
                column = f"`{column_name(field)}`"
                same = f"SELECT {column} FROM `{entry.table}` WHERE {column} <> '' GROUP BY {column} HAVING COUNT(*) > 1"
                yield from _found(store, entry.name, name, f"SELECT t.id FROM `{entry.table}` t WHERE t.{column} IN ({same})")


def unsearchable(store: Store) -> Iterator[Finding]:
    """Yield records with a title and without the keys by which they are found and sorted."""
    for entry in REGISTER.values():
        title = entry.fields[entry.spec.title]
        if not title.spec.link:
            text = f"SELECT t.id FROM `{entry.table}` t WHERE t.`{column_name(title)}` <> '' AND (t.search_key = '' OR t.sort_key = '')"
            yield from _found(store, entry.name, "search_key", text)


def _found(store: Store, entity: str, what: str, text: str) -> Iterator[Finding]:
    ids = tuple(int(row[0]) for row in store.sql(f"{text} ORDER BY 1 LIMIT {NAMED_AT_MOST}").fetchall())
    if ids:
        yield Finding(entity, what, ids)


def rebuild_triggers(store: Store) -> list[str]:
    """Put right every trigger that is missing, changed or not ours, and no other; return their names."""
    wanted = triggers.wanted(store)
    there = {name for name, _sql in triggers.present(store)}
    wrong = triggers.differences(store)
    with lock(store):
        for name in wrong:
            if name in there:
                store.sql(f"DROP TRIGGER `{name}`")
            if name in wanted:
                store.sql(wanted[name])
    return wrong


def rebuild_sums(store: Store) -> None:
    """Set every sum anew from the rows behind it. The triggers must be right: what they add on the way is overwritten in its turn."""
    with store.transaction():
        triggers.recompute(store)


def rebuild_keys(records: Records, step: Callable[[int, int], None]) -> int:
    """Work out the search and sort keys of every record anew; return how many were wrong."""
    entries = list(REGISTER.values())
    wrong = 0
    for done, entry in enumerate(entries):
        step(done, len(entries))
        wrong += _rebuild_keys(records, entry)
    step(len(entries), len(entries))
    return wrong


def _rebuild_keys(records: Records, entry: Entity) -> int:
    names = [*dict.fromkeys((entry.spec.title, *entry.spec.search)), "search_key", "sort_key"]
    last = wrong = 0
    while True:
        ids = [int(row[0]) for row in records.store.sql(f"SELECT id FROM `{entry.table}` WHERE id > ? ORDER BY id LIMIT {BATCH}", (last,)).fetchall()]
        if not ids:
            return wrong
        last = ids[-1]
        rows = ((row, records.completed(entry, row)) for row in records.rows(entry, ids, names))
        changed = [
            (full["search_key"], full["sort_key"], row["id"])
            for row, full in rows
            if (row["search_key"], row["sort_key"]) != (full["search_key"], full["sort_key"])
        ]
        wrong += len(changed)
        if changed:
            with records.store.transaction():
                records.store.many(f"UPDATE `{entry.table}` SET search_key = ?, sort_key = ? WHERE id = ?", changed)
