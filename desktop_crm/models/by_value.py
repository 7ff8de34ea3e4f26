"""A page of a list in the order of a field whose values the index of values knows: value after value, and of each the records that have it by id.

The candidates of words, filters and rights are crossed with the records of a value as bits. So the first of tens of thousands that stand together far inside the order are known without
walking there and without sorting, and only the records of the page are looked at. A place far inside is counted by the values' numbers of records, where the candidates are exactly those that match.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

import peewee

from desktop_crm.domain.conditions import Where
from desktop_crm.models import postings, value_index
from desktop_crm.models.compile import THIS
from desktop_crm.models.held_values import Held
from desktop_crm.models.registry import Entity, column_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.domain.conditions import Condition
    from desktop_crm.models.compile import Compiler
    from desktop_crm.models.database import Store
    from desktop_crm.models.postings import Sifted

VALUES_MOST: Final = 200
"""Different values up to which they are gone through one by one."""
READ: Final = 8
"""Values whose records are read with one statement."""
LOOKED_AT: Final = 400
BEYOND: Final = 30
"""Candidates that are looked at beyond those still needed."""
LEAST_OF: Final = 10
"""At least one in so many candidates must be a hit; where fewer are, another way is sooner."""


def values_of(store: Store, entry: Entity, name: str) -> list[Any] | None:
    """Return the values that records have in a field, as they are stored, in their order, what has none first; None where they are too many."""
    table, column = entry.table, f"`{column_name(entry.fields[name])}`"
    if store.mysql:
        text = f"SELECT DISTINCT {column} FROM `{table}` WHERE {column} IS NOT NULL ORDER BY {column} LIMIT {VALUES_MOST + 1}"
    else:
        # SQLite has no way of its own to go from one value of an index to the next.
        text = (
            f"WITH RECURSIVE v(value) AS (SELECT MIN({column}) FROM `{table}` UNION ALL SELECT (SELECT MIN({column}) FROM `{table}` WHERE {column} > v.value) FROM v "
            f"WHERE v.value IS NOT NULL) SELECT value FROM v WHERE value IS NOT NULL LIMIT {VALUES_MOST + 1}"
        )
    found = [row[0] for row in store.sql(text).fetchall()]
    return [None, *found] if len(found) <= VALUES_MOST else None


class ByValue:
    """One list, in the order of the field `name`, which has these `values`; `blunt` is a compiler that keeps the engine from choosing another index than that of the ids."""

    def __init__(self, store: Store, blunt: Compiler, condition: Condition, name: str, candidates: Sifted, values: list[Any]) -> None:
        self.store, self.blunt, self.condition, self.name, self._candidates = store, blunt, condition, name, candidates
        self._column = column_name(blunt.entry.fields[name])
        self._values = values
        self._among: dict[Any, dict[int, int]] = {}
        self._known = True

    @cached_property
    def _shared(self) -> set[int]:
        """The numbers in the index that several of the values have."""
        return {number for number, times in Counter(map(value_index.bucket, self._values)).items() if times > 1}

    def _read(self, values: list[Any]) -> None:
        """Read which candidates have each of some values, or others that share its number; whether the index knows is `_known`."""
        asked = {value: Where(self.name, "eq", value) for value in values if value not in self._among}
        held = Held(self.store, self.blunt, asked.values())
        self._known = self._known and len(held.parts) == len(asked)
        self._among |= {value: held.of(part, self._candidates).with_pending() if self._known else {} for value, part in asked.items()}

    def _groups(self, *, descending: bool) -> Iterator[tuple[Any, dict[int, int]]]:
        """Yield each value with the bits of the candidates that may have it, by block."""
        values = self._values[:: -1 if descending else 1]
        for number, value in enumerate(values):
            if value not in self._among:
                self._read(values[number : number + READ])
            yield value, self._among[value]

    # ---- the beginning

    def first(self, needed: int, *, descending: bool) -> list[int] | None:
        """Return the first `needed` ids, or all where there are fewer; None where too few of the candidates match, or the index doesn't know the values."""
        found, looked_at = list[int](), 0
        waiting = ((self._alike(value), key) for value, bits in self._groups(descending=descending) for key in _in_order(bits, descending=descending))
        while part := list(islice(waiting, min(needed - len(found) + BEYOND, LOOKED_AT))):
            if not self._known:
                return None
            hits = self._hits([key for _value, key in part])
            found += [key for value, key in part if key in hits and hits[key] == value]
            if len(found) >= needed:
                return found[:needed]
            looked_at += len(part)
            if looked_at >= 2 * LOOKED_AT and len(found) * LEAST_OF < looked_at:
                return None
        return found if self._known else None

    def _hits(self, ids: list[int]) -> dict[int, Any]:
        """Return which of some records fulfil the whole condition, and the value of each."""
        among = peewee.Expression(self.blunt.id, peewee.OP.IN, self.blunt.listed(ids)) & self.blunt.where(self.condition, sifted=False)
        columns = [self.blunt.id, peewee.SQL(f"{THIS}.`{self._column}`")]
        rows = self.store.execute(peewee.Select([peewee.SQL(f"`{self.blunt.entry.table}` {THIS}")], columns).where(among)).fetchall()
        return {int(key): self._alike(value) for key, value in rows}

    def _alike(self, value: Any) -> Any:
        """Return a value as it is the same as others for the database: a server takes texts for the same that end in more spaces."""
        return value.rstrip(" ") if self.store.mysql and isinstance(value, str) else value

    # ---- far inside

    @cached_property
    def _exact(self) -> dict[Any, dict[int, int]]:
        """The bits of exactly those candidates that have each value, by value and block."""
        return {value: self._own(value, bits) for value, bits in self._groups(descending=False)}

    def _own(self, value: Any, bits: dict[int, int]) -> dict[int, int]:
        """Return the bits of those that have a value itself: where another one has the same number, the index of the order tells."""
        if not bits or value_index.bucket(value) not in self._shared:
            return bits
        asked = peewee.Select([peewee.SQL(f"`{self.blunt.entry.table}` {THIS}")], [peewee.SQL(f"{THIS}.id")])
        column = peewee.SQL(f"{THIS}.`{self._column}`")
        chosen = peewee.Expression(column, peewee.OP.IS, peewee.SQL("NULL")) if value is None else peewee.Expression(column, peewee.OP.EQ, peewee.Value(value, converter=False))
        own = postings.bits_by_block(self.store.ids(asked.where(chosen).limit(1 << 40)))
        return {block: both for block, one in bits.items() if (both := one & own.get(block, 0))}

    def knows_all(self, count: int) -> bool:
        """Tell whether each candidate's value is known, of which there are `count`, all of them matching."""
        return sum(map(_count, self._exact.values())) == count and self._known

    def page(self, offset: int, limit: int, *, descending: bool) -> list[int]:
        """Return ids from `offset` on; right only where it `knows_all`."""
        found = list[int]()
        for value in self._values[:: -1 if descending else 1]:
            bits = self._exact[value]
            count = _count(bits)
            if offset < count:
                found += _in_order(bits, offset, descending=descending, limit=limit - len(found))
            offset = max(offset - count, 0)
            if len(found) == limit:
                break
        return found


def _count(bits: dict[int, int]) -> int:
    return sum(one.bit_count() for one in bits.values())


def _in_order(bits: dict[int, int], offset: int = 0, *, descending: bool, limit: int | None = None) -> Iterator[int]:
    """Yield ids of bits by block in their order, from `offset` on, at most `limit`; a block that isn't reached isn't looked into."""
    return islice(chain.from_iterable(_by_block(bits, offset, descending=descending)), limit)


def _by_block(bits: dict[int, int], offset: int, *, descending: bool) -> Iterator[list[int]]:
    """Yield the ids of each block in their order, from `offset` on."""
    for block in sorted(bits, reverse=descending):
        count = bits[block].bit_count()
        if offset < count:
            ids = [(block << postings.SHIFT) + place for place in postings.places_of(bits[block])]
            yield (ids[::-1] if descending else ids)[offset:]
        offset = max(offset - count, 0)
