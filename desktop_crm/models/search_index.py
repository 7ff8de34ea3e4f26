"""The index behind search: for each gram, in which records it stands, the same on every engine.

It is a sieve, not the answer: what it finds is looked at with LIKE, so a record that changed or went may stay in it, and only a
missing one would be a fault. Triggers put each record whose search text changes into `search_pending`, in the transaction
that changes it; what is pending is looked at along with what the index finds, and taken in from time to time.

`search_posting` has a row for each entity, block of ids and gram. The row of block READY says that every record of the entity
is in the index or pending; without it the entity is searched by LIKE alone. Beside it `name_places` keeps where each record stands in the order of names, and `value_index` which
have which value of a filter.
"""

from __future__ import annotations

import time
from array import array
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.domain import grams
from desktop_crm.models import name_places, postings, value_index
from desktop_crm.models.registry import REGISTER, Entity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from desktop_crm.models.database import Store

    Posting = array[int]

DUE: Final = 5_000
"""Pending records that are worth taking in."""
READY: Final = -1
_BATCH: Final = 500
_READ: Final = 5_000
_WRITTEN: Final = 2_000
_BREATH: Final = 100
"""Records after which a thread that takes them in lets others run: the window's is one of them."""
_PAUSE_SECONDS: Final = 0.0005


def searched(entry: Entity) -> bool:
    """Tell whether an entity's records are indexed: those of entities that declare what they are searched by."""
    return bool(entry.spec.search)


def trigger_names(entry: Entity) -> tuple[str, ...]:
    """Return the names of `triggers`."""
    return (f"find_{entry.table}_insert", f"find_{entry.table}_update") if searched(entry) else ()


def triggers(entry: Entity, *, mysql: bool) -> dict[str, str]:
    """Return the SQL of the triggers by which an entity's records become pending, by name."""
    if not searched(entry):
        return {}
    table = entry.table
    write = f"INSERT INTO search_pending (entity, record_id) VALUES ('{entry.name}', NEW.id);"
    insert, update = trigger_names(entry)
    made = {insert: f"CREATE TRIGGER `{insert}` AFTER INSERT ON `{table}` FOR EACH ROW BEGIN {write} END"}
    if mysql:
        made[update] = f"CREATE TRIGGER `{update}` AFTER UPDATE ON `{table}` FOR EACH ROW BEGIN IF OLD.search_key <> NEW.search_key THEN {write} END IF; END"
    else:
        made[update] = f"CREATE TRIGGER `{update}` AFTER UPDATE OF search_key ON `{table}` FOR EACH ROW WHEN OLD.search_key <> NEW.search_key BEGIN {write} END"
    return made


def telling(*, mysql: bool) -> dict[str, str]:
    """Return the SQL of all triggers by which the index is told what changes, by name."""
    made: dict[str, str] = {}
    for entry in REGISTER.values():
        made |= triggers(entry, mysql=mysql) | name_places.triggers(entry, mysql=mysql) | value_index.triggers(entry, mysql=mysql)
    return made


def wait_for(store: Store, entry: Entity, after: int) -> None:
    """Make the records pending that were added behind the id `after`, as the triggers do one by one."""
    if searched(entry):
        store.sql(f"INSERT INTO search_pending (entity, record_id) SELECT ?, id FROM `{entry.table}` WHERE id > ? ORDER BY id", (entry.name, after))


def pending_count(store: Store) -> int:
    """Return about how many records are pending, at the cost of two looks."""
    row = store.sql("SELECT MIN(id), MAX(id) FROM search_pending").fetchone()
    return 0 if row is None or row[0] is None else int(row[1]) - int(row[0]) + 1


def unready(store: Store) -> list[Entity]:
    """Return the entities that the index doesn't know yet."""
    ready = {row[0] for row in store.sql(f"SELECT entity FROM search_posting WHERE block = ? AND entity IN ({marks(REGISTER)})", [READY, *REGISTER]).fetchall()}
    return [entry for entry in REGISTER.values() if searched(entry) and entry.name not in ready]


def is_due(store: Store) -> bool:
    """Tell whether the index is worth tending."""
    return pending_count(store) > DUE or bool(unready(store)) or bool(name_places.unmade(store)) or bool(value_index.unready(store))


def forget(store: Store, names: Iterable[str]) -> None:
    """Trust the index no more for the entities to which triggers with these names belong: while one was missing, records may have changed that are not pending.

    `tend` takes all of their records in again; where there are none, that is done already.
    """
    changed = set(names)
    entries = [entry for entry in REGISTER.values() if {*trigger_names(entry)} & changed]
    with store.transaction():
        name_places.forget(store, (entry for entry in REGISTER.values() if {*name_places.trigger_names(entry)} & changed))
        value_index.forget(store, (entry for entry in REGISTER.values() if {*value_index.trigger_names(entry), *trigger_names(entry)} & changed))
        for entry in entries:
            store.sql("DELETE FROM search_posting WHERE entity = ? AND block = ?", (entry.name, READY))
            name_places.forget(store, [entry])
            if store.scalar(f"SELECT 1 FROM `{entry.table}` LIMIT 1") is None:
                _write(store, [(entry.name, READY, b"", b"")])
                name_places.settle(store, entry)


def clear(store: Store) -> None:
    """Empty the index; `tend` makes it anew."""
    for table in ("search_posting", "search_place"):
        if store.mysql:
            store.sql(f"TRUNCATE TABLE {table}")
        else:
            with store.transaction():
                store.sql(f"DELETE FROM {table}")


def tend(store: Store, step: Callable[[int, int], None]) -> None:
    """Index the entities that are not, and take in what is pending; at once back where another program is at it.

    `step(done, total)` may raise Cancelled: what is done until then stays.
    """
    with _alone(store) as mine:
        if not mine:
            return
        missing, valueless = unready(store), value_index.unready(store)
        far = _Far(step, sum(int(store.scalar(f"SELECT COUNT(*) FROM `{entry.table}`") or 0) for entry in (*missing, *valueless)) + pending_count(store))
        for entry in valueless:
            far.add(value_index.make(store, entry, far.tell))
        for entry in missing:
            for rows in _all_in_blocks(store, entry):
                far.add(_take_in(store, entry, rows, far.tell))
            with store.transaction():
                # Another program may have come this far too, and says the same.
                _write(store, [(entry.name, READY, b"", b"")])
        while taken := _take_pending(store, far):
            far.add(taken)
        for entry in name_places.unmade(store):
            name_places.make(store, entry, far.tell)


class _Far:
    """How far tending has come; each telling may raise Cancelled."""

    def __init__(self, step: Callable[[int, int], None], total: int) -> None:
        self._step, self._done, self._total = step, 0, total
        self.tell(0)

    def tell(self, more: int) -> None:
        """Tell what is done, and `more` that is under way."""
        self._step(min(self._done + more, self._total), self._total)

    def add(self, count: int) -> None:
        """Count what is done."""
        self._done += count
        self.tell(0)


@contextmanager
def _alone(store: Store) -> Iterator[bool]:
    """Keep others from tending meanwhile: on a server they would overwrite each other's rows, a file's one writer looks before it writes."""
    if not store.mysql:
        yield True
        return
    with store.pinned():
        if store.scalar("SELECT GET_LOCK(CONCAT(DATABASE(), '.search'), 0)") != 1:
            yield False
            return
        try:
            yield True
        finally:
            if not store.db.is_closed():
                store.sql("DO RELEASE_LOCK(CONCAT(DATABASE(), '.search'))")


def _all_in_blocks(store: Store, entry: Entity) -> Iterator[Iterator[tuple[int, str]]]:
    """Yield (id, search text) of all records of an entity, block after block."""
    after = 0
    while (first := store.scalar(f"SELECT MIN(id) FROM `{entry.table}` WHERE id > ?", (after,))) is not None:
        yield _block(store, entry, int(first))
        after = int(first) | postings.LAST


def _block(store: Store, entry: Entity, first: int) -> Iterator[tuple[int, str]]:
    """Yield the records from `first` to the end of its block, without holding all of their texts at once."""
    end = (first | postings.LAST) + 1
    for start in range(first, end, _READ):
        yield from store.sql(f"SELECT id, search_key FROM `{entry.table}` WHERE id >= ? AND id < ? ORDER BY id", (start, min(start + _READ, end))).fetchall()


def _take_pending(store: Store, far: _Far) -> int:
    """Take in the records that have been pending longest; return how many rows of `search_pending` that settles."""
    rows = store.sql("SELECT id, entity, record_id FROM search_pending ORDER BY id LIMIT ?", (postings.BLOCK,)).fetchall()
    waiting: defaultdict[str, set[int]] = defaultdict(set)
    for _id, name, record in rows:
        waiting[name].add(int(record))
    for entry in REGISTER.values():
        value_index.take_in(store, entry, sorted(waiting[entry.name] | waiting[value_index.kept_as(entry)]))
        # Read after what is pending was: a later text puts its record there once more.
        _take_in(store, entry, _texts(store, entry, sorted(waiting.get(entry.name, ()))), far.tell)
    settled = [int(row[0]) for row in rows]
    with store.transaction():
        for entry in REGISTER.values():
            name_places.take_in(store, entry, waiting.get(entry.name, ()))
        for start in range(0, len(settled), _BATCH):
            part = settled[start : start + _BATCH]
            store.sql(f"DELETE FROM search_pending WHERE id IN ({marks(part)})", part)
    return len(settled)


def _texts(store: Store, entry: Entity, ids: Sequence[int]) -> Iterator[tuple[int, str]]:
    for start in range(0, len(ids), _BATCH):
        part = list(ids[start : start + _BATCH])
        yield from store.sql(f"SELECT id, search_key FROM `{entry.table}` WHERE id IN ({marks(part)}) ORDER BY id", part).fetchall()


def _take_in(store: Store, entry: Entity, rows: Iterable[tuple[int, str]], breathe: Callable[[int], None]) -> int:
    """Add records, given by id, to the index, and return their number. Some thousand grams a transaction, so that nobody waits long to write."""
    count, blocks = _held(rows, breathe)
    for block, held in blocks.items():
        wanted = sorted(held)
        for start in range(0, len(wanted), _WRITTEN):
            part = wanted[start : start + _WRITTEN]
            with store.transaction():
                there = _kept(store, entry, block, part)
                made = [(name, there.get(name), postings.merged(there.get(name), held[gram])) for gram in part for name in (gram.encode(),)]
                # A record that is found by less than before is in all of its rows already.
                _write(store, [(entry.name, block, name, ids) for name, before, ids in made if ids is not before])
            breathe(count)
    return count


def _held(rows: Iterable[tuple[int, str]], breathe: Callable[[int], None]) -> tuple[int, dict[int, dict[str, Posting]]]:
    """Return the number of records, and by block and gram the places of those that hold it, in their order."""
    blocks: dict[int, dict[str, Posting]] = {}
    count = 0
    for count, (key, text) in enumerate(rows, 1):
        held = blocks.get(key >> postings.SHIFT)
        if held is None:
            held = blocks[key >> postings.SHIFT] = defaultdict(lambda: array("H"))
        place = key & postings.LAST
        for gram in grams.grams(text):
            held[gram].append(place)
        if not count % _BREATH:
            time.sleep(_PAUSE_SECONDS)
            breathe(count)
    return count, blocks


def _kept(store: Store, entry: Entity, block: int, wanted: Sequence[str]) -> dict[bytes, bytes]:
    """Return what the index holds of these grams of a block, packed."""
    if store.scalar("SELECT 1 FROM search_posting WHERE entity = ? AND block = ? LIMIT 1", (entry.name, block)) is None:
        return {}
    found: dict[bytes, bytes] = {}
    for start in range(0, len(wanted), _BATCH):
        part = [gram.encode() for gram in wanted[start : start + _BATCH]]
        text = f"SELECT gram, ids FROM search_posting WHERE entity = ? AND block = ? AND gram IN ({marks(part)})"
        found.update((bytes(gram), bytes(ids)) for gram, ids in store.sql(text, [entry.name, block, *part]).fetchall())
    return found


def _write(store: Store, rows: list[tuple[Any, ...]]) -> None:
    for start in range(0, len(rows), _BATCH):
        store.many("REPLACE INTO search_posting (entity, block, gram, ids) VALUES (?, ?, ?, ?)", rows[start : start + _BATCH])


def _silent(_taken: int) -> None:
    """Report no progress."""


def lost(store: Store, entry: Entity, looked_at: Callable[[int], None] = _silent) -> list[int]:
    """Return the ids of records that the index should find by each of their grams and doesn't; `looked_at(records so far)` may raise Cancelled."""
    if entry in unready(store):
        return []
    waiting = pending_ids(store, entry)
    found = {*name_places.misplaced(store, entry, waiting), *value_index.lost(store, entry)}
    seen = 0
    for rows in _all_in_blocks(store, entry):
        count, blocks = _held(rows, lambda more, before=seen: looked_at(before + more))  # type: ignore[misc]
        seen += count
        for block, held in blocks.items():
            there = _kept(store, entry, block, sorted(held))
            for number, (gram, places) in enumerate(held.items()):
                found.update((block << postings.SHIFT) + place for place in postings.missing(there.get(gram.encode()), places))
                if not number % _WRITTEN:
                    looked_at(seen)
    return sorted(found - waiting - pending_ids(store, entry))


def pending_ids(store: Store, entry: Entity) -> set[int]:
    """Return the ids of the records of an entity that are pending."""
    return {int(row[0]) for row in store.sql("SELECT record_id FROM search_pending WHERE entity = ?", (entry.name,)).fetchall()}


def marks(values: Iterable[Any]) -> str:
    """Return the marks of parameters, one for each value."""
    return ", ".join("?" for _value in values)
