"""Where each record stands in the order of names, so that the first of any set of records are known without reading or sorting them.

`search_place` has a row for each entity and block of ids: a number of two bytes for each id, which rises along the order of `sort_key`
and may be the same for neighbours. 0 says that the place isn't known: such a record, like one that is pending for the index of search, has
to be looked at itself. What changes a name makes its record pending, so a number that is there is right.

The row of block MADE says how the numbers came about: nothing in it says that all records had their places when they were made, else somebody is at it.
"""

from __future__ import annotations

import os
import time
from array import array
from collections import defaultdict
from typing import TYPE_CHECKING, Final

import peewee

from desktop_crm.models import postings
from desktop_crm.models.registry import REGISTER, Entity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from desktop_crm.models.database import Store

    Places = dict[int, array[int]]

ORDER: Final = "sort_key"
SMALL: Final = 5_000
"""Records of an entity up to which sorting them costs nothing worth keeping places for."""
MADE: Final = -1
HIGHEST: Final = 0xFFFF
_BREATH: Final = 5_000
_PAUSE_SECONDS: Final = 0.0005


def trigger_names(entry: Entity) -> tuple[str, ...]:
    """Return the names of the entity's triggers here."""
    return (f"place_{entry.table}_update",) if entry.spec.search else ()


def triggers(entry: Entity, *, mysql: bool) -> dict[str, str]:
    """Return the SQL of the trigger by which a record becomes pending whose place changes while its search text doesn't, by name."""
    if not entry.spec.search:
        return {}
    (name,), table = trigger_names(entry), entry.table
    write = f"INSERT INTO search_pending (entity, record_id) VALUES ('{entry.name}', NEW.id);"
    moved = f"OLD.{ORDER} <> NEW.{ORDER} AND OLD.search_key = NEW.search_key"
    if mysql:
        return {name: f"CREATE TRIGGER `{name}` AFTER UPDATE ON `{table}` FOR EACH ROW BEGIN IF {moved} THEN {write} END IF; END"}
    return {name: f"CREATE TRIGGER `{name}` AFTER UPDATE OF {ORDER} ON `{table}` FOR EACH ROW WHEN {moved} BEGIN {write} END"}


def kept(store: Store, entry: Entity) -> Places:
    """Return the places by block, empty where none are kept. What is pending must have been read before."""
    rows = store.sql("SELECT block, places FROM search_place WHERE entity = ? AND block <> ?", (entry.name, MADE)).fetchall()
    return {int(block): array("H", bytes(places)) for block, places in rows}


def unmade(store: Store) -> list[Entity]:
    """Return the entities whose places are yet to be made, or made anew."""
    made = {row[0] for row in store.sql("SELECT entity FROM search_place WHERE block = ? AND places = ?", (MADE, b"")).fetchall()}
    return [entry for entry in REGISTER.values() if entry.spec.search and entry.name not in made]


def lift(store: Store, entry: Entity, ids: Iterable[int]) -> None:
    """Say in the transaction that is open that the places of these records aren't known any more."""
    blocks: defaultdict[int, list[int]] = defaultdict(list)
    for key in ids:
        blocks[key >> postings.SHIFT].append(key & postings.LAST)
    if not blocks:
        return
    store.sql("DELETE FROM search_place WHERE entity = ? AND block = ?", (entry.name, MADE))
    for block, places in blocks.items():
        held = store.scalar("SELECT places FROM search_place WHERE entity = ? AND block = ?", (entry.name, block))
        if held is not None:
            numbers = array("H", bytes(held))
            for place in places:
                numbers[place] = 0
            _write(store, entry, block, numbers.tobytes())


def make(store: Store, entry: Entity, breathe: Callable[[int], None]) -> None:
    """Give every record of an entity its place. `breathe(done)` may raise Cancelled.

    What becomes pending meanwhile stays so, and where another program takes such records in before the places are written, they are not: they may be theirs no more.
    """
    mark = os.urandom(8)
    with store.transaction():
        _write(store, entry, MADE, mark)
    blocks = {} if is_small(store, entry) else _numbered(_in_order(store, entry, breathe))
    with store.transaction():
        if store.scalar("SELECT places FROM search_place WHERE entity = ? AND block = ?", (entry.name, MADE)) == mark:
            forget(store, [entry])
            for block, numbers in blocks.items():
                _write(store, entry, block, numbers.tobytes())
            _write(store, entry, MADE, b"")


def is_small(store: Store, entry: Entity) -> bool:
    """Tell whether an entity has so few records that their places aren't kept."""
    return store.scalar(f"SELECT id FROM `{entry.table}` LIMIT 1 OFFSET {SMALL}") is None


def _in_order(store: Store, entry: Entity, breathe: Callable[[int], None]) -> array[int]:
    """Return the ids of all records in the order of names."""
    rows = peewee.Select([peewee.SQL(f"`{entry.table}`")], [peewee.SQL("id")]).order_by(peewee.SQL(ORDER), peewee.SQL("id"))
    found = array("q")
    for row in store.stream(rows):
        found.append(row[0])
        if not len(found) % _BREATH:
            time.sleep(_PAUSE_SECONDS)
            breathe(0)
    return found


def _numbered(ids: array[int]) -> Places:
    """Return the places of records given in their order."""
    blocks: Places = {}
    none, total = bytes(2 * postings.BLOCK), len(ids)
    for start in range(0, total, _BREATH):
        for position, key in enumerate(ids[start : start + _BREATH], start):
            numbers = blocks.get(key >> postings.SHIFT)
            if numbers is None:
                numbers = blocks[key >> postings.SHIFT] = array("H", none)
            numbers[key & postings.LAST] = 1 + position * HIGHEST // total
        time.sleep(_PAUSE_SECONDS)
    return blocks


def forget(store: Store, entries: Iterable[Entity]) -> None:
    """Trust the places of these entities no more."""
    for entry in entries:
        store.sql("DELETE FROM search_place WHERE entity = ?", (entry.name,))


def settle(store: Store, entry: Entity) -> None:
    """Say that an entity without records has all of its places."""
    _write(store, entry, MADE, b"")


def misplaced(store: Store, entry: Entity, waiting: set[int]) -> Iterator[int]:
    """Yield the ids of records whose place contradicts the order of names, but for those that are pending."""
    places = kept(store, entry)
    last = 0
    for key in _in_order(store, entry, lambda _done: None) if places else ():
        held = places.get(key >> postings.SHIFT)
        number = held[key & postings.LAST] if held is not None and key not in waiting else 0
        if number and number < last:
            yield key
        last = max(last, number)


def _write(store: Store, entry: Entity, block: int, places: bytes) -> None:
    store.sql("REPLACE INTO search_place (entity, block, places) VALUES (?, ?, ?)", (entry.name, block, places))
