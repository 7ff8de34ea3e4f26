"""In which records each value of a filter stands, so that filters, rights and words are combined as bits before a single record is looked at.

A sieve like the index of search, in the same tables under a name of its own (`kept_as`): `search_posting` has a row for each entity, block of ids and value. A value that went stays
in it until its record is taken in again, and a missing one would be a fault. What is asked of it are the choices, links, yeses and short texts that a list is filtered by, and whose a record is; values share BUCKETS numbers, so
a field with a different value in each record takes no more room than others. A record that is new is pending for the index of search anyway; triggers put one
whose values change into `search_pending` under the other name.
"""

from __future__ import annotations

import zlib
from array import array
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.models import postings
from desktop_crm.models.fields import Declared, IntegerField
from desktop_crm.models.registry import REGISTER, Entity, column_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from desktop_crm.models.database import Store

READY: Final = -1
"""The block whose row says that every record's values are in the index or pending."""
BLOCKS_MOST: Final = 500
BUCKETS: Final = 1024
NOTHING: Final = BUCKETS
"""The number of no value."""
_TYPES: Final[dict[str, type]] = {"text": str, "integer2": int, "link": int}
_BATCH: Final = 500


def kept_as(entry: Entity) -> str:
    """Return the name under which an entity's values stand in the tables of the index."""
    return f"{entry.name}="


@lru_cache(maxsize=200)
def indexed(name: str) -> dict[str, type]:
    """Return the fields of an entity whose values are indexed, with what they are stored as: those a list is filtered by that are typed and few, and its owner."""
    entry = REGISTER[name]
    spec = entry.spec
    if not spec.search or not spec.filters or spec.parent:
        return {}
    written = entry.written()
    found = {one: _stored_as(written[one]) for one in dict.fromkeys((*spec.filters, spec.owner)) if one in written and one != spec.title}
    return {one: kind for one, kind in found.items() if kind is not None}


def _stored_as(field: Declared) -> type | None:
    """Return as what a field stores values that many records may share, None where each may have its own."""
    return int if isinstance(field, IntegerField) else _TYPES.get(field.column_type)


def bucket(value: Any) -> int:
    """Return the number that a stored value has in the index. A server takes texts for the same that end in more spaces."""
    if value is None:
        return NOTHING
    if isinstance(value, int):
        return value % BUCKETS
    text = str(value).rstrip(" ")
    return zlib.crc32(text.encode()) % BUCKETS if text else NOTHING


def gram(column: str, number: int) -> bytes:
    """Return what a value of a column is called in the index."""
    return zlib.crc32(column.encode()).to_bytes(4, "big") + number.to_bytes(2, "big")


def blocks_of(store: Store, entry: Entity) -> Sequence[int]:
    """Return the blocks in which an entity may have records; none where the index doesn't know it."""
    if not is_ready(store, entry):
        return ()
    first, last = store.sql(f"SELECT (SELECT MIN(id) FROM `{entry.table}`), (SELECT MAX(id) FROM `{entry.table}`)").fetchone()
    if first is None:
        return ()
    blocks = range(int(first) >> postings.SHIFT, (int(last) >> postings.SHIFT) + 1)
    return blocks if len(blocks) <= BLOCKS_MOST else ()


def is_ready(store: Store, entry: Entity) -> bool:
    """Tell whether every record's values are in the index or pending."""
    return store.scalar("SELECT 1 FROM search_posting WHERE entity = ? AND block = ?", (kept_as(entry), READY)) is not None


def trigger_names(entry: Entity) -> tuple[str, ...]:
    """Return the names of `triggers`. They say which columns are looked at: where the declaration names others than when they were made, they are missing, and what is indexed is not trusted."""
    columns = ",".join(columns_of(entry))
    return (f"value_{entry.table}_{zlib.crc32(columns.encode()):08x}", f"value_{entry.table}_gone") if columns else ()


def triggers(entry: Entity, *, mysql: bool) -> dict[str, str]:
    """Return the SQL of the triggers by which a record becomes pending whose values change or that goes, by name; a new one is pending for the index of search."""
    columns = columns_of(entry)
    if not columns:
        return {}
    (name, gone), table = trigger_names(entry), entry.table
    write = f"INSERT INTO search_pending (entity, record_id) VALUES ('{kept_as(entry)}', NEW.id);"
    made = {gone: f"CREATE TRIGGER `{gone}` AFTER DELETE ON `{table}` FOR EACH ROW BEGIN {write.replace('NEW', 'OLD')} END"}
    if mysql:
        changed = " OR ".join(f"NOT (OLD.`{column}` <=> NEW.`{column}`)" for column in columns)
        made[name] = f"CREATE TRIGGER `{name}` AFTER UPDATE ON `{table}` FOR EACH ROW BEGIN IF {changed} THEN {write} END IF; END"
    else:
        changed, of = " OR ".join(f"OLD.`{column}` IS NOT NEW.`{column}`" for column in columns), ", ".join(f"`{column}`" for column in columns)
        made[name] = f"CREATE TRIGGER `{name}` AFTER UPDATE OF {of} ON `{table}` FOR EACH ROW WHEN {changed} BEGIN {write} END"
    return made


def unready(store: Store) -> list[Entity]:
    """Return the entities whose values the index doesn't know yet."""
    entries = [entry for entry in REGISTER.values() if indexed(entry.name)]
    names = [kept_as(entry) for entry in entries]
    ready = {row[0] for row in store.sql(f"SELECT entity FROM search_posting WHERE block = ? AND entity IN ({marks(names)})", [READY, *names]).fetchall()}
    return [entry for entry in entries if kept_as(entry) not in ready]


def forget(store: Store, entries: Iterable[Entity]) -> None:
    """Trust the index no more for these entities, in the transaction that is open; one without records has all of its values in it."""
    for entry in entries:
        if not indexed(entry.name):
            continue
        store.sql("DELETE FROM search_posting WHERE entity = ? AND block = ?", (kept_as(entry), READY))
        if store.scalar(f"SELECT 1 FROM `{entry.table}` LIMIT 1") is None:
            _settle(store, entry)


def make(store: Store, entry: Entity, told: Callable[[int], None]) -> int:
    """Take the values of all records in, block after block, and return their number. `told(done)` may raise Cancelled: what is in the index until then stays and does no harm."""
    after, done = -1, 0
    while (first := store.scalar(f"SELECT MIN(id) FROM `{entry.table}` WHERE id > ?", (after,))) is not None:
        after = int(first) | postings.LAST
        columns = columns_of(entry)
        rows = store.sql(f"SELECT id, {', '.join(f'`{column}`' for column in columns)} FROM `{entry.table}` WHERE id BETWEEN ? AND ? ORDER BY id", (int(first), after)).fetchall()
        _write(store, entry, _by_block(columns, rows))
        done += len(rows)
        told(done)
    with store.transaction():
        _settle(store, entry)
    return done


def take_in(store: Store, entry: Entity, ids: Sequence[int]) -> None:
    """Take the values of some records in, given in their order, and out what they had before; a block a transaction, in which they are read: a change that comes later makes them pending again."""
    columns = columns_of(entry)
    blocks: defaultdict[int, list[int]] = defaultdict(list)
    for key in ids if columns else ():
        blocks[key >> postings.SHIFT].append(key)
    for block, keys in blocks.items():
        with store.transaction():
            rows: list[Sequence[Any]] = []
            for start in range(0, len(keys), _BATCH):
                part = keys[start : start + _BATCH]
                rows += store.sql(f"SELECT id, {', '.join(f'`{column}`' for column in columns)} FROM `{entry.table}` WHERE id IN ({marks(part)}) ORDER BY id", part).fetchall()
            held = _by_block(columns, rows).get(block, {})
            there = {bytes(name): bytes(kept) for name, kept in store.sql("SELECT gram, ids FROM search_posting WHERE entity = ? AND block = ?", (kept_as(entry), block)).fetchall()}
            gone = {key & postings.LAST for key in keys}
            made = [(name, there.get(name), postings.replaced(there.get(name), gone, held.get(name, ()))) for name in sorted({*there, *held})]
            _replace(store, [(kept_as(entry), block, name, now) for name, before, now in made if now is not before])


def lost(store: Store, entry: Entity) -> list[int]:
    """Return the ids of records that the index should find by each of their values and doesn't."""
    if not indexed(entry.name) or not is_ready(store, entry):
        return []
    columns, found, after = columns_of(entry), set[int](), -1
    while (first := store.scalar(f"SELECT MIN(id) FROM `{entry.table}` WHERE id > ?", (after,))) is not None:
        after = int(first) | postings.LAST
        rows = store.sql(f"SELECT id, {', '.join(f'`{column}`' for column in columns)} FROM `{entry.table}` WHERE id BETWEEN ? AND ? ORDER BY id", (int(first), after)).fetchall()
        for block, held in _by_block(columns, rows).items():
            there = _kept(store, entry, block, sorted(held))
            for name, places in held.items():
                gone = postings.bits_of(places) & ~(postings.unpacked(there[name]) if name in there else 0)
                found.update((block << postings.SHIFT) + place for place in postings.places_of(gone))
    waiting = store.sql("SELECT record_id FROM search_pending WHERE entity IN (?, ?)", (entry.name, kept_as(entry))).fetchall()
    return sorted(found - {int(row[0]) for row in waiting})


def columns_of(entry: Entity) -> list[str]:
    """Return the columns whose values are indexed."""
    return [column_name(entry.fields[name]) for name in indexed(entry.name)]


def _by_block(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> dict[int, dict[bytes, array[int]]]:
    """Return by block and value the places of the records that have it, given by id, in their order."""
    blocks: dict[int, dict[bytes, array[int]]] = {}
    by_id: defaultdict[int, list[Sequence[Any]]] = defaultdict(list)
    for row in rows:
        by_id[row[0] >> postings.SHIFT].append(row)
    for block, inside in by_id.items():
        held = blocks[block] = {}
        for number, column in enumerate(columns, 1):
            values: defaultdict[Any, array[int]] = defaultdict(lambda: array("H"))
            for row in inside:
                values[row[number]].append(row[0] & postings.LAST)
            for value, places in values.items():
                name = gram(column, bucket(value))
                held[name] = array("H", sorted({*held[name], *places})) if name in held else places
    return blocks


def _write(store: Store, entry: Entity, blocks: dict[int, dict[bytes, array[int]]]) -> None:
    """Add records to what the index holds, a block a transaction."""
    for block, held in blocks.items():
        wanted = sorted(held)
        with store.transaction():
            there = _kept(store, entry, block, wanted)
            made = [(name, there.get(name), postings.merged(there.get(name), held[name])) for name in wanted]
            rows = [(kept_as(entry), block, name, ids) for name, before, ids in made if ids is not before]
            _replace(store, rows)


def _replace(store: Store, rows: list[tuple[Any, ...]]) -> None:
    for start in range(0, len(rows), _BATCH):
        store.many("REPLACE INTO search_posting (entity, block, gram, ids) VALUES (?, ?, ?, ?)", rows[start : start + _BATCH])


def _kept(store: Store, entry: Entity, block: int, wanted: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return what the index holds of these values of a block, packed."""
    found: dict[bytes, bytes] = {}
    for start in range(0, len(wanted), _BATCH):
        part = wanted[start : start + _BATCH]
        text = f"SELECT gram, ids FROM search_posting WHERE entity = ? AND block = ? AND gram IN ({marks(part)})"
        found.update((bytes(name), bytes(ids)) for name, ids in store.sql(text, [kept_as(entry), block, *part]).fetchall())
    return found


def _settle(store: Store, entry: Entity) -> None:
    store.sql("REPLACE INTO search_posting (entity, block, gram, ids) VALUES (?, ?, ?, ?)", (kept_as(entry), READY, b"", b""))


def marks(values: Iterable[Any]) -> str:
    """Return the marks of parameters, one for each value."""
    return ", ".join("?" for _value in values)
