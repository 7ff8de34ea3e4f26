"""Where each record stands in the order of names, so that the first of any set of records are known without reading or sorting them.

`search_place` has a row for each entity and block of ids: a number of two bytes for each id, which rises along the order of `sort_key`
and may be the same for neighbours. 0 says that the place isn't known: such a record, like one that is pending for the index of search, has
to be looked at itself. What changes a name makes its record pending, so a number that is there is right.

The row of block MADE says how the numbers came about: that all records had their places when they were made, and how many were placed since; anything else in it, such as the mark of
somebody who is at it or was killed, of this program or an earlier one, that they are yet to be made. The row of block LADDER keeps from which key on each number is given, so a record that is new or has another name takes its place without the others; where many have come
in, or many at one place, all places are made anew once nothing else waits.
"""

from __future__ import annotations

import os
import struct
import time
import zlib
from array import array
from bisect import bisect_right
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

import peewee

from desktop_crm.models import postings
from desktop_crm.models.registry import REGISTER, Entity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from desktop_crm.models.database import Store

    Places = dict[int, array[int]]

ORDER: Final = "sort_key"
SMALL: Final = 5_000
"""Records of an entity up to which sorting them costs nothing worth keeping places for."""
MADE: Final = -1
LADDER: Final = -2
_MARK: Final = 16
_COUNT: Final = struct.Struct("<I")
_COUNTS: Final = struct.Struct("<BII")
"""The version, by whose length it differs from every mark and from what earlier programs wrote; how many had their places when they were made, and how many were placed since."""
_VERSION: Final = 1
ANEW: Final = 10
"""One in so many placed since makes all places worth making anew."""
CROWD: Final = 1_000
"""Records that come to one place at once, beyond which they are to be told apart."""
_BATCH: Final = 500
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
    rows = store.sql("SELECT block, places FROM search_place WHERE entity = ? AND block >= 0", (entry.name,)).fetchall()
    return {int(block): array("H", bytes(places)) for block, places in rows}


def unmade(store: Store) -> list[Entity]:
    """Return the entities whose places are yet to be made, or made anew."""
    made = {row[0] for row in store.sql("SELECT entity FROM search_place WHERE block = ? AND LENGTH(places) = ?", (MADE, _COUNTS.size)).fetchall()}
    return [entry for entry in REGISTER.values() if entry.spec.search and entry.name not in made]


def take_in(store: Store, entry: Entity, ids: Collection[int]) -> None:
    """Give records their places in the transaction that is open, after what is pending was read: whoever changes one later makes it pending again."""
    if not ids:
        return
    ladder = _ladder(store, entry)
    found = _found(store, entry, sorted(ids), *ladder) if ladder else {}
    made = store.scalar("SELECT places FROM search_place WHERE entity = ? AND block = ?", (entry.name, MADE))
    _version, total, since = _COUNTS.unpack(bytes(made)) if made is not None and len(made) == _COUNTS.size else (0, 0, 0)
    most_at_one = max(Counter(found.values()).values(), default=0)
    if not ladder or (since + len(ids)) * ANEW > total or most_at_one > CROWD:
        store.sql("DELETE FROM search_place WHERE entity = ? AND block = ?", (entry.name, MADE))
    else:
        _write(store, entry, MADE, _COUNTS.pack(_VERSION, total, since + len(ids)))
    blocks: defaultdict[int, list[int]] = defaultdict(list)
    for key in ids:
        blocks[key >> postings.SHIFT].append(key)
    for block, keys in blocks.items():
        held = store.scalar("SELECT places FROM search_place WHERE entity = ? AND block = ?", (entry.name, block))
        if held is None and not ladder:
            continue
        numbers = array("H", bytes(2 * postings.BLOCK) if held is None else bytes(held))
        for key in keys:
            numbers[key & postings.LAST] = found.get(key, 0)
        _write(store, entry, block, numbers.tobytes())


def numbers(store: Store, entry: Entity, ids: Sequence[int]) -> dict[int, int]:
    """Return the places that some records have by their names now; those are left out of which that can't be told."""
    ladder = _ladder(store, entry)
    return _found(store, entry, ids, *ladder) if ladder else {}


def _ladder(store: Store, entry: Entity) -> tuple[list[str], array[int]] | None:
    """Return the keys from which on the next number is given, and these numbers; None where they aren't kept."""
    kept = store.scalar("SELECT places FROM search_place WHERE entity = ? AND block = ?", (entry.name, LADDER))
    if not kept:
        return None
    count = _COUNT.unpack_from(bytes(kept))[0]
    rest = zlib.decompress(bytes(kept)[_COUNT.size :])
    return rest[2 * count :].decode().split("\n"), array("H", rest[: 2 * count])


def _found(store: Store, entry: Entity, ids: Sequence[int], keys: list[str], numbers: array[int]) -> dict[int, int]:
    """Return the places of some records by the ladder; engines don't agree where a name with a control character stands, so such a one has none."""
    found: dict[int, int] = {}
    for start in range(0, len(ids), _BATCH):
        part = ", ".join(map(str, ids[start : start + _BATCH]))
        for key, name in store.sql(f"SELECT id, {ORDER} FROM `{entry.table}` WHERE id IN ({part})").fetchall():
            if min(name, default=" ") >= " ":
                found[int(key)] = numbers[max(bisect_right(keys, name) - 1, 0)]
    return found


def make(store: Store, entry: Entity, breathe: Callable[[int], None]) -> None:
    """Give every record of an entity its place. `breathe(done)` may raise Cancelled.

    What becomes pending meanwhile stays so, and where another program takes such records in before the places are written, they are not: they may be theirs no more.
    """
    mark = os.urandom(_MARK)
    with store.transaction():
        _write(store, entry, MADE, mark)
    total = 0 if is_small(store, entry) else int(store.scalar(f"SELECT COUNT(*) FROM `{entry.table}`") or 0)
    making = _Making(total)
    for position, (key, name) in enumerate(_in_order(store, entry, breathe) if total else ()):
        making.add(position, key, name)
    with store.transaction():
        if store.scalar("SELECT places FROM search_place WHERE entity = ? AND block = ?", (entry.name, MADE)) == mark:
            forget(store, [entry])
            for block, numbers in making.blocks.items():
                _write(store, entry, block, numbers.tobytes())
            if total:
                _write(store, entry, LADDER, making.ladder())
            _write(store, entry, MADE, _COUNTS.pack(_VERSION, total, 0))


def is_small(store: Store, entry: Entity) -> bool:
    """Tell whether an entity has so few records that their places aren't kept."""
    return store.scalar(f"SELECT id FROM `{entry.table}` LIMIT 1 OFFSET {SMALL}") is None


def _in_order(store: Store, entry: Entity, breathe: Callable[[int], None]) -> Iterator[tuple[int, str]]:
    """Yield (id, key) of all records in the order of names."""
    rows = peewee.Select([peewee.SQL(f"`{entry.table}`")], [peewee.SQL("id"), peewee.SQL(ORDER)]).order_by(peewee.SQL(ORDER), peewee.SQL("id"))
    for count, row in enumerate(store.stream(rows), 1):
        yield row[0], row[1]
        if not count % _BREATH:
            time.sleep(_PAUSE_SECONDS)
            breathe(0)


class _Making:
    """The places of about `total` records as they come in their order: a number rises only where the key does, so that it follows from the key."""

    def __init__(self, total: int) -> None:
        self.blocks: Places = {}
        self._total, self._number, self._last = total, 0, ""
        self._keys, self._numbers = list[str](), array("H")
        self._none = bytes(2 * postings.BLOCK)
        self._plain = True

    def add(self, position: int, key: int, name: str) -> None:
        """Give the next record its place."""
        if name != self._last or not position:
            number = min(HIGHEST, 1 + position * HIGHEST // self._total)
            if number > self._number:
                self._number = number
                self._numbers.append(number)
                # As much of the key as tells it from the one before.
                alike = next((place for place, (one, other) in enumerate(zip(self._last, name, strict=False)) if one != other), len(self._last))
                self._keys.append(name[: alike + 1])
            self._plain = self._plain and name >= self._last
            self._last = name
        held = self.blocks.get(key >> postings.SHIFT)
        if held is None:
            held = self.blocks[key >> postings.SHIFT] = array("H", self._none)
        held[key & postings.LAST] = self._number

    def ladder(self) -> bytes:
        """Return the ladder as the database keeps it, nothing where the database's order isn't that of the characters."""
        if not self._plain or any("\n" in key for key in self._keys):
            return b""
        return _COUNT.pack(len(self._numbers)) + zlib.compress(self._numbers.tobytes() + "\n".join(self._keys).encode(), 1)


def forget(store: Store, entries: Iterable[Entity]) -> None:
    """Trust the places of these entities no more."""
    for entry in entries:
        store.sql("DELETE FROM search_place WHERE entity = ?", (entry.name,))


def settle(store: Store, entry: Entity) -> None:
    """Say that an entity without records has all of its places."""
    _write(store, entry, MADE, _COUNTS.pack(_VERSION, 0, 0))


def misplaced(store: Store, entry: Entity, waiting: set[int]) -> Iterator[int]:
    """Yield the ids of records whose place contradicts the order of names, but for those that are pending."""
    places = kept(store, entry)
    last = 0
    for key, _name in _in_order(store, entry, lambda _done: None) if places else ():
        held = places.get(key >> postings.SHIFT)
        number = held[key & postings.LAST] if held is not None and key not in waiting else 0
        if number and number < last:
            yield key
        last = max(last, number)


def _write(store: Store, entry: Entity, block: int, places: bytes) -> None:
    store.sql("REPLACE INTO search_place (entity, block, places) VALUES (?, ?, ?)", (entry.name, block, places))
