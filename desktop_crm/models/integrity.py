"""Whether a company's data holds together, asked of the database itself; and the derived objects made anew.

Every question here is answered by rows, so that a problem can name the records it is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.progress import Step, silent, stepped
from desktop_crm.models import rekeying, search_index, triggers
from desktop_crm.models.expected import expected_tables
from desktop_crm.models.migrate import lock
from desktop_crm.models.reading import BATCH
from desktop_crm.models.registry import REGISTER, Entity, column_name
from desktop_crm.models.schema import existing_tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from desktop_crm.models.database import Store
    from desktop_crm.models.records import Records

NAMED_AT_MOST: Final = 1000
"""Ids that one finding lists; a broken company has more than anybody reads."""


@dataclass(frozen=True)
class Finding:
    """Records of one entity for which something isn't so; `what` is the field, the table or the rule it is about.

    `entity` is empty where it is about rows of a table that holds no records.
    """

    entity: str
    what: str
    ids: tuple[int, ...]


OTHER_CUSTOMERS: Final = (
    "EXISTS (SELECT 1 FROM receipt r JOIN receivable v ON v.id = t.receivable_id WHERE r.id = t.receipt_id AND r.customer_id <> v.customer_id)"
)
TAKEN_BACK: Final = (
    "t.amount < 0 AND (SELECT v.amount FROM receivable v WHERE v.id = t.receivable_id) > 0 "
    "AND (SELECT SUM(a.amount) FROM allocation a WHERE a.receipt_id = t.receipt_id AND a.receivable_id = t.receivable_id) < 0"
)
BEYOND: Final = "(t.{whole} >= 0 AND (t.{part} > t.{whole} OR t.{part} < 0)) OR (t.{whole} < 0 AND (t.{part} < t.{whole} OR t.{part} > 0))"
RULES: Final = (
    ("receipt", "over_allocated", BEYOND.format(part="allocated", whole="amount")),
    ("receivable", "over_settled", BEYOND.format(part="settled", whole="amount")),
    ("receipt", "partly_for_itself", "t.kind IN ('discount', 'bad_debt', 'difference') AND t.allocated <> t.amount"),
    ("receivable", "not_covered", "t.kind IN ('refund', 'transfer', 'difference') AND t.settled <> t.amount"),
    ("receivable", "over_invoiced", BEYOND.format(part="invoiced", whole="amount")),
    ("contract_line", "over_invoiced", BEYOND.format(part="invoiced", whole="total")),
    ("invoice", "over_covered", BEYOND.format(part="covered", whole="total")),
    ("invoice_cover", "wrong_target", "t.receivable_id IS NOT NULL AND t.contract_line_id IS NOT NULL"),
    ("allocation", "other_customer", OTHER_CUSTOMERS),
    ("allocation", "taken_back", TAKEN_BACK),
    ("allocation", "other_kind", "t.kind <> (SELECT r.kind FROM receipt r WHERE r.id = t.receipt_id)"),
    ("contract", "plan_differs", "t.state IN ('active', 'done') AND t.planned <> t.total AND EXISTS (SELECT 1 FROM instalment i WHERE i.contract_id = t.id)"),
    ("contract_line", "tax_differs", "COALESCE(t.net, 0) + COALESCE(t.tax, 0) <> COALESCE(t.total, 0)"),
    ("invoice", "tax_differs", "COALESCE(t.net, 0) + COALESCE(t.tax, 0) <> COALESCE(t.total, 0)"),
)
"""What must never be, as (entity, name, SQL over the table ``t``)."""


def damage(store: Store, *, quick: bool = False, step: Step = silent) -> list[str]:
    """Return what the engine itself says is damaged: SQLite's own check of the file, or ``CHECK TABLE`` for every table.

    The quick one doesn't compare indexes with their tables.
    """
    if not store.mysql:
        return list(dict.fromkeys(_file_damage(store, step, quick=quick)))
    found = []
    there = existing_tables(store.db)
    for table in stepped(sorted(expected_tables(store).keys() & there), step):
        rows = store.sql(f"CHECK TABLE `{table}`{' QUICK' if quick else ''}").fetchall()
        found += [f"{name}: {text}" for name, _operation, kind, text in rows if kind.lower() in ("error", "warning") or (kind == "status" and text != "OK")]
    return found


def _file_damage(store: Store, step: Step, *, quick: bool) -> Iterator[str]:
    """Yield what SQLite says of the file as such, then of each table with its indexes: together no less than its check of everything, in no more time, and that says nothing of how far it is."""

    def told(text: str) -> list[str]:
        return [row[0] for row in store.sql(text).fetchall() if row[0] != "ok"]

    yield from told("PRAGMA quick_check")
    if not quick:
        for (table,) in stepped(store.sql("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall(), step):
            yield from told(f'PRAGMA integrity_check("{table}")')


def broken_links(store: Store, step: Step = silent) -> Iterator[Finding]:
    """Yield, for each link of any table, the rows that point to one that isn't there."""
    for table, made in stepped(expected_tables(store).items(), step):
        entry = store.entities.get(table)
        names = {column_name(field): name for name, field in entry.stored().items()} if entry else {}
        for link in made.links:
            text = f"SELECT t.id FROM `{table}` t LEFT JOIN `{link.table}` o ON o.id = t.`{link.column}` WHERE t.`{link.column}` IS NOT NULL AND o.id IS NULL"
            yield from found_by(store, entry.name if entry else "", names.get(link.column, f"{table}.{link.column}"), text)


def broken_history(store: Store) -> Iterator[Finding]:
    """Yield the rows of history that can't be read any more, so that what they tell about can't be undone."""
    unreadable = "state_before IS NULL OR NOT JSON_VALID(state_before)"
    text = f"SELECT id FROM `change` WHERE action NOT IN ('insert', 'update', 'delete') OR (action <> 'insert' AND ({unreadable}))"
    yield from found_by(store, "", "change.state_before", text)


def lost_credentials(store: Store) -> Iterator[Finding]:
    """Yield the passwords of users that never were; a deleted user's stays, since the user may be restored."""
    text = (
        "SELECT p.id FROM credential p LEFT JOIN `user` u ON u.id = p.user_id "
        "WHERE u.id IS NULL AND NOT EXISTS (SELECT 1 FROM `change` c WHERE c.entity = 'user' AND c.record_id = p.user_id)"
    )
    yield from found_by(store, "", "credential.user_id", text)


def wrong_counters(store: Store) -> Iterator[Finding]:
    """Yield the counters of document numbers that hold what can't be one.

    One that is behind a number somebody typed is in order: a number that is taken already is passed over.
    """
    whole = "" if store.mysql else " OR typeof(value) <> 'integer'"
    yield from found_by(store, "", "counter.value", f"SELECT id FROM counter WHERE value < 0{whole}")


def left_open(store: Store) -> bool:
    """Tell whether a change set was left open in the file, which would let any program write past the history."""
    return not store.mysql and store.scalar(triggers.OPEN) is not None


def close_left_open(store: Store) -> None:
    """Close a change set that was left open; nobody's is, since the transaction holds the right to write."""
    if not store.mysql:
        with store.transaction():
            store.sql(f"UPDATE change_set SET records = 0 WHERE id = ({triggers.OPEN})")


def wrong_sums(store: Store, step: Step = silent) -> Iterator[Finding]:
    """Yield, for each sum the triggers keep, the records whose stored sum differs from the rows behind it."""
    for what, text in stepped(triggers.rollup_checks(mysql=store.mysql), step):
        entity, _dot, name = what.partition(".")
        yield from found_by(store, entity, name, text)


def broken_rules(store: Store, step: Step = silent) -> Iterator[Finding]:
    """Yield what must never be and is: see RULES."""
    for entity, name, condition in stepped(RULES, step):
        yield from found_by(store, entity, name, f"SELECT t.id FROM `{REGISTER[entity].table}` t WHERE {condition}")


def repeated_values(store: Store, step: Step = silent) -> Iterator[Finding]:
    """Yield, for each field that must be unique, the records that share a value with another."""
    for entry in stepped(REGISTER.values(), step):
        for name, field in entry.stored().items():
            if field.spec.unique:
                column = f"`{column_name(field)}`"
                same = f"SELECT {column} FROM `{entry.table}` WHERE {column} <> '' GROUP BY {column} HAVING COUNT(*) > 1"
                yield from found_by(store, entry.name, name, f"SELECT t.id FROM `{entry.table}` t WHERE t.{column} IN ({same})")


def found_by(store: Store, entity: str, what: str, text: str) -> Iterator[Finding]:
    """Yield what a statement that selects ids finds, if it finds anything."""
    ids = tuple(int(row[0]) for row in store.sql(f"{text} ORDER BY 1 LIMIT {NAMED_AT_MOST}").fetchall())
    if ids:
        yield Finding(entity, what, ids)


def ids_behind(store: Store) -> list[str]:
    """Return the tables whose next id was used before: a new record would take over the history of a deleted one."""
    return [table for table, (next_id, used) in _next_ids(store).items() if next_id <= used]


def move_ids_on(store: Store) -> None:
    """Make new rows take ids above every one that ever was."""
    for table, (next_id, used) in _next_ids(store).items():
        if next_id > used:
            continue
        if store.mysql:
            store.sql(f"ALTER TABLE `{table}` AUTO_INCREMENT = {used + 1}")
        else:
            with store.transaction():
                store.sql("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
                store.sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, used))


def _next_ids(store: Store) -> dict[str, tuple[int, int]]:
    """Return (next id, highest id ever used) of each table that numbers its rows."""
    used = {table: int(store.scalar(f"SELECT COALESCE(MAX(id), 0) FROM `{table}`") or 0) for table, made in expected_tables(store).items() if "id" in made.columns}
    used["change_set"] = max(used["change_set"], int(store.scalar("SELECT COALESCE(MAX(change_set_id), 0) FROM `change`") or 0))
    for name, highest in store.sql("SELECT entity, MAX(record_id) FROM `change` GROUP BY entity").fetchall():
        if name in REGISTER:
            used[REGISTER[name].table] = max(used[REGISTER[name].table], int(highest))
    if store.mysql:
        text = "SELECT table_name, auto_increment FROM information_schema.tables WHERE table_schema = DATABASE()"
        given = {name: int(value or 1) for name, value in store.sql(text).fetchall()}
    else:
        given = {name: int(value) + 1 for name, value in store.sql("SELECT name, seq FROM sqlite_sequence").fetchall()}
    return {table: (given.get(table, 1), highest) for table, highest in used.items()}


def rebuild_triggers(store: Store) -> list[str]:
    """Put right every trigger that is missing, changed or not ours, and no other; return their names."""
    with lock(store):
        return triggers.rebuild(store)


def rebuild_sums(store: Store) -> None:
    """Set every sum anew from the rows behind it. The triggers must be right: what they add on the way is overwritten in its turn."""
    with store.transaction():
        triggers.recompute(store)


def rebuild_keys(records: Records, step: Step) -> int:
    """Work out the search and sort keys of every record anew; return how many were wrong."""
    entries = list(records.store.entities.values())
    wrong = 0
    for done, entry in enumerate(entries):
        step(done, len(entries))
        for rows in _in_parts(records, entry):
            changed = _wrong_keys(entry, rows)
            wrong += len(changed)
            if changed:
                with records.store.transaction():
                    records.store.many(f"UPDATE `{entry.table}` SET search_key = ?, sort_key = ? WHERE id = ?", changed)
    step(len(entries), len(entries))
    return wrong


def lost_to_search(store: Store, step: Step = silent) -> Iterator[Finding]:
    """Yield the records that the index of search should find and doesn't; `step(records looked at, all)`."""
    searched = [entry for entry in REGISTER.values() if search_index.searched(entry)]
    far = _Far(store, searched, step)
    for entry in searched:
        ids = search_index.lost(store, entry, far.at)
        if ids:
            yield Finding(entry.name, "search_index", tuple(ids[:NAMED_AT_MOST]))
        far.passed(entry)


def rebuild_search(store: Store, step: Step) -> None:
    """Make the index of search anew; what waits to be found by another text goes on waiting."""
    waiting = rekeying.due(store)
    search_index.clear(store)
    for entry in waiting:
        rekeying.ask(store, entry)
    search_index.tend(store, step)


def worked_out_wrongly(records: Records, step: Step = silent) -> Iterator[Finding]:
    """Yield the records whose search keys, or whose fields that the program derives, differ from what their other fields give; `step(records looked at, all)`."""
    waiting = rekeying.due(records.store)
    far = _Far(records.store, records.store.entities.values(), step)
    for entry in records.store.entities.values():
        keys: list[int] = []
        derived: list[int] = []
        seen = 0
        for rows in _in_parts(records, entry):
            far.at(seen)
            seen += len(rows)
            keys += [] if entry in waiting else [key for _search, _sort, key in _wrong_keys(entry, rows)]
            derived += [row["id"] for row in rows if _derives_otherwise(entry, row)]
        for what, ids in (("search_key", keys), ("derived", derived)):
            if ids:
                yield Finding(entry.name, what, tuple(ids[:NAMED_AT_MOST]))
        far.passed(entry)


class _Far:
    """How far looking through all records of some entities has come."""

    def __init__(self, store: Store, entries: Iterable[Entity], step: Step) -> None:
        self._counts = {entry.name: int(store.scalar(f"SELECT COUNT(*) FROM `{entry.table}`") or 0) for entry in entries}
        self._step, self._done, self._total = step, 0, sum(self._counts.values())
        self.at(0)

    def at(self, seen: int) -> None:
        """Say that so many of the present entity were looked at."""
        self._step(min(self._done + seen, self._total), self._total)

    def passed(self, entry: Entity) -> None:
        """Say that an entity was looked through."""
        self._done += self._counts[entry.name]
        self.at(0)


def _in_parts(records: Records, entry: Entity) -> Iterator[list[dict[str, Any]]]:
    """Yield all records of an entity with what follows from their other fields, some hundreds at a time."""
    names = [*entry.written()] if entry.spec.derive else [*dict.fromkeys((entry.spec.title, *entry.spec.search)), "search_key", "sort_key"]
    last = 0
    while True:
        ids = [int(row[0]) for row in records.store.sql(f"SELECT id FROM `{entry.table}` WHERE id > ? ORDER BY id LIMIT {BATCH}", (last,)).fetchall()]
        if not ids:
            return
        last = ids[-1]
        yield records.rows(entry, ids, names)


def _wrong_keys(entry: Entity, rows: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    """Return (search key, sort key, id) as they should be for the rows that have others."""
    from desktop_crm.models import insertion  # a start that checks nothing needn't load it

    keys = map(insertion.keys_of, insertion.texts_of(entry.spec, rows))
    return [(*right, row["id"]) for row, right in zip(rows, keys, strict=True) if (row["search_key"], row["sort_key"]) != right]


def _derives_otherwise(entry: Entity, row: dict[str, Any]) -> bool:
    if entry.spec.derive is None:
        return False
    anew = dict(row)
    entry.spec.derive(anew)
    return any(anew.get(name) != value for name, value in row.items())
