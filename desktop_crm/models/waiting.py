"""What waits for the index of search and that of values, held in memory: a search looks through some thousand records there in a few milliseconds, where reading each of them again takes a hundred.

Whatever changes a record's search text, its place or its values adds a row to `search_pending` (the triggers do), so what was read for a row stays right for as long as no other row names the
same record; only rows that were not met before are read. Numbers of rows are given once. What a transaction that is open sees is not kept: it may be taken back, and its numbers given again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

import peewee

from desktop_crm.base.lazily import dataclass
from desktop_crm.models import postings, value_index

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from desktop_crm.models.database import Store
    from desktop_crm.models.registry import Entity

MOST: Final = 20_000
"""Pending records of one entity up to which they are looked through."""
BACKLOG_MOST: Final = 200_000
"""Rows of all that is pending that are looked through for those of one entity."""
_BATCH: Final = 1_000


@dataclass(frozen=True)
class Waiting:
    """The pending records of one entity.

    `rows` are what was read of `search_pending`: the record of each row, and whether its text waits too or its values alone. `texts` are the search texts of those whose text waits;
    only their place in the order of names may have changed, too. `values` are the names that the values of all of them have in the index of values.
    """

    rows: Mapping[int, tuple[int, bool]]
    texts: Mapping[int, str]
    values: Mapping[int, frozenset[bytes]]

    def matching(self, words: Sequence[str]) -> set[int]:
        """Return the ids of those whose search text holds every word."""
        longest, *others = sorted(words, key=len, reverse=True)
        whole, begins, keys = self._joined
        found, at = set[int](), whole.find(longest)
        while at >= 0:
            number = bisect_right(begins, at) - 1
            found.add(keys[number])
            at = whole.find(longest, begins[number + 1]) if number + 1 < len(begins) else -1
        return {key for key in found if all(word in self.texts[key] for word in others)}

    def having(self, several: Sequence[Collection[bytes]]) -> set[int]:
        """Return the ids of those whose values have one of the names of each of `several`."""
        none = set[int]()
        return set.intersection(*(none.union(*(self._by_name[name] for name in names if name in self._by_name)) for names in several))

    @cached_property
    def text_bits(self) -> dict[int, int]:
        """The bits of those whose text waits, by block: what the index says of them is out of date."""
        return postings.bits_by_block(self.texts)

    @cached_property
    def value_bits(self) -> dict[int, int]:
        """The bits of all, by block."""
        return postings.bits_by_block(self.values)

    @cached_property
    def _joined(self) -> tuple[str, list[int], list[int]]:
        """All texts in one, where each begins in it, and whose it is: one long text is looked through in a fraction of the time of many short ones."""
        return "\n".join(self.texts.values()), [*accumulate((len(text) + 1 for text in self.texts.values()), initial=0)][:-1], [*self.texts]

    @cached_property
    def _by_name(self) -> dict[bytes, set[int]]:
        found: defaultdict[bytes, set[int]] = defaultdict(set)
        for key, names in self.values.items():
            for name in names:
                found[name].add(key)
        return dict(found)


NOBODY: Final = Waiting({}, {}, {})
_HELD: Final[WeakKeyDictionary[Store, dict[str, Waiting]]] = WeakKeyDictionary()


def waiting(store: Store, entry: Entity) -> Waiting | None:
    """Return the pending records of an entity as they are now; None where they are too many."""
    first, last = store.sql("SELECT MIN(id), MAX(id) FROM search_pending").fetchone()
    if first is None:
        _HELD.pop(store, None)
        return NOBODY
    if int(last) - int(first) >= BACKLOG_MOST:
        return None
    chosen = f"entity IN ('{entry.name}', '{value_index.kept_as(entry)}')"
    count, first, last = store.sql(f"SELECT COUNT(*), MIN(id), MAX(id) FROM search_pending WHERE {chosen}").fetchone()
    if count > MOST * 2:
        return None
    before = _HELD.setdefault(store, {}).get(entry.name, NOBODY)
    # Taking in begins with the oldest, so where that is the same none has gone, and as many are the same.
    if count == len(before.rows) and (not count or (first in before.rows and last in before.rows and first == min(before.rows))):
        return before
    asked = peewee.Select([peewee.SQL("search_pending")], [peewee.SQL("id")]).where(peewee.SQL(chosen))
    found = _up_to_date(store, entry, before, store.ids(asked.limit(MOST * 2 + 1)))
    if not store.in_transaction():
        _HELD.setdefault(store, {})[entry.name] = found
    return found


def _up_to_date(store: Store, entry: Entity, before: Waiting, numbers: Sequence[int]) -> Waiting:
    """Return the records of these rows, of which those that aren't known yet are read: the rows first and then the records."""
    new = [number for number in numbers if number not in before.rows]
    rows = {number: before.rows[number] for number in numbers if number in before.rows}
    added: dict[int, tuple[int, bool]] = {}
    for start in range(0, len(new), _BATCH):
        part = ", ".join(map(str, new[start : start + _BATCH]))
        for number, name, record in store.sql(f"SELECT id, entity, record_id FROM search_pending WHERE id IN ({part})").fetchall():
            added[int(number)] = int(record), name == entry.name
    rows |= added
    again = {record for record, _text in added.values()}
    texts = {record: before.texts.get(record, "") for record, text in rows.values() if text}
    values = {record: before.values.get(record, frozenset()) for record, _text in rows.values()}
    for record, text, names in _read(store, entry, sorted(again)):
        values[record] = names
        if record in texts:
            texts[record] = text
    return Waiting(rows, texts, values)


def _read(store: Store, entry: Entity, ids: Sequence[int]) -> list[tuple[int, str, frozenset[bytes]]]:
    """Return the search texts and the names of the values of some records, by id; those that are gone are left out."""
    columns = value_index.columns_of(entry)
    wanted = ", ".join(("id", "search_key", *(f"`{column}`" for column in columns)))
    found: list[tuple[int, str, frozenset[bytes]]] = []
    for start in range(0, len(ids), _BATCH):
        part = ", ".join(map(str, ids[start : start + _BATCH]))
        rows = store.sql(f"SELECT {wanted} FROM `{entry.table}` WHERE id IN ({part})").fetchall()
        found += [(int(key), text, frozenset(map(_named, columns, values))) for key, text, *values in rows]
    return found


@lru_cache(maxsize=5_000)
def _named(column: str, value: Any) -> bytes:
    return value_index.gram(column, value_index.bucket(value))
