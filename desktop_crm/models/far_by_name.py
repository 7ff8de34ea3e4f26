"""A page far inside a filtered list in the order of names, where the indexes of search and of values leave exactly the records that match.

They leave all that match and maybe more, so where they leave as many as match it is these and no others. How many stand before each number of a place is counted without reading a
record; the records with the numbers of the page are read and put in order.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left, bisect_right
from itertools import chain, compress
from typing import TYPE_CHECKING, Any, Final

import peewee

from desktop_crm.models import name_places, postings
from desktop_crm.models.compile import THIS
from desktop_crm.models.order import directed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.domain.conditions import Condition
    from desktop_crm.models.compile import Compiler
    from desktop_crm.models.database import Store

_BYTES: Final = 256
LOOSE_MOST: Final = 5_000
"""Records whose place is looked for by their name, one by one."""
AROUND: Final = 3
"""Pages before and behind one that are put in order with it."""
READ_MOST: Final = 20_000
"""Records of a page's numbers that are put in order."""


class FarByName:
    """The matching records of one list, counted by their places."""

    def __init__(self, store: Store, blunt: Compiler, condition: Condition, sifted: postings.Sifted, places: name_places.Places) -> None:
        self.store, self.blunt, self.condition = store, blunt, condition
        self._chosen = {block: postings.chosen(bits) for block, bits in sifted.with_pending().items()}
        none = array("H", bytes(2 * postings.BLOCK))
        self._held = {block: places.get(block, none) for block in self._chosen}
        self._high = self._high_bytes()
        loose = [key for key in compress(self._ids(), self._high.translate(bytes(not byte for byte in range(_BYTES)))) if not self._number(key)]
        found = name_places.numbers(store, blunt.entry, loose) if loose and len(loose) <= LOOSE_MOST else {}
        self.knows_all = len(found) == len(loose)
        if found:
            for block in {key >> postings.SHIFT for key in found}:
                self._held[block] = self._held[block][:]
            for key, number in found.items():
                self._held[key >> postings.SHIFT][key & postings.LAST] = number
            self._high = self._high_bytes()
        self._window: tuple[int, list[int], bool] = 0, [], False

    def page(self, offset: int, limit: int, *, descending: bool) -> list[int] | None:
        """Return ids from `offset` on; None where too many records stand at the same place. What is around them is kept for the next page."""
        begun, ids, way = self._window
        if way != descending or not (begun <= offset and offset + limit <= begun + len(ids)):
            found = self._around(max(offset - AROUND * limit, 0), min(offset + (AROUND + 1) * limit, len(self._high)), descending=descending)
            if found is None:
                return None
            begun, ids, _way = self._window = *found, descending
        return ids[offset - begun : offset - begun + limit]

    def _around(self, offset: int, end: int, *, descending: bool) -> tuple[int, list[int]] | None:
        """Return where some numbers of places begin in the list, and the ids that have them, from `offset` or before to `end` or behind."""
        if offset >= end:
            return offset, []
        total = len(self._high)
        first, last = (total - end, total - offset - 1) if descending else (offset, end - 1)
        # All with the high bytes of these are found without looking at each.
        lowest, highest = (bisect_right(range(_BYTES + 1), place, key=self._below) - 1 for place in (first, last))
        mask = self._high.translate(bytes(lowest <= byte <= highest for byte in range(_BYTES)))
        near, before = sorted((self._number(key), key) for key in compress(self._ids(), mask)), self._below(lowest)
        begun, stop = bisect_left(near, (near[first - before][0], 0)), bisect_left(near, (near[last - before][0] + 1, 0))
        if stop - begun > READ_MOST:
            return None
        among = peewee.Expression(self.blunt.id, peewee.OP.IN, self.blunt.listed([key for _number, key in near[begun:stop]]))
        rows: Any = peewee.Select([peewee.SQL(f"`{self.blunt.entry.table}` {THIS}")], [self.blunt.id]).where(among & self.blunt.where(self.condition, sifted=False))
        order = directed([self.blunt.tested(name_places.ORDER), self.blunt.id], descending=descending)
        return total - before - stop if descending else before + begun, [int(row[0]) for row in self.store.execute(rows.order_by(*order)).fetchall()]

    def _below(self, byte: int) -> int:
        """Return how many numbers have a lower high byte."""
        return self._high.translate(bytes(one < byte for one in range(_BYTES))).count(1)

    def _high_bytes(self) -> bytes:
        """Return the high bytes of the numbers of all records: these are counted a thousand at a time."""
        high = 1 if sys.byteorder == "little" else 0
        return b"".join(bytes(list(compress(self._held[block].tobytes()[high::2], chosen))) for block, chosen in self._chosen.items())

    def _number(self, key: int) -> int:
        return self._held[key >> postings.SHIFT][key & postings.LAST]

    def _ids(self) -> Iterator[int]:
        """Yield the ids in the order of the high bytes."""
        return chain.from_iterable(compress(range(block << postings.SHIFT, (block + 1) << postings.SHIFT), chosen) for block, chosen in self._chosen.items())
