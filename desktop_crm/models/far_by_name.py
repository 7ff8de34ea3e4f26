"""A page far inside a filtered list in the order of names, where the indexes of search and of values leave exactly the records that match.

They leave all that match and maybe more, so where they leave as many as match it is these and no others. How many stand before each number of a place is counted without reading a
record; the records with the numbers of the page are read and put in order.
"""

from __future__ import annotations

from array import array
from collections import Counter
from itertools import compress
from typing import TYPE_CHECKING, Any, Final

import peewee

from desktop_crm.models import name_places, postings
from desktop_crm.models.compile import THIS
from desktop_crm.models.order import directed

if TYPE_CHECKING:
    from desktop_crm.domain.conditions import Condition
    from desktop_crm.models.compile import Compiler
    from desktop_crm.models.database import Store

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
        self._blocks: dict[int, tuple[bytes, array[int]]] = {}
        loose: list[int] = []
        for block, bits in sifted.with_pending().items():
            chosen = postings.chosen(bits)
            held = places.get(block)
            numbers = array("H", compress(held, chosen)) if held is not None else array("H", bytes(2 * bits.bit_count()))
            self._blocks[block] = chosen, numbers
            if 0 in numbers:
                loose += compress(range(block << postings.SHIFT, (block + 1) << postings.SHIFT), chosen) if held is None else _unknown(block, chosen, numbers)
        self._loose = name_places.numbers(store, blunt.entry, loose) if loose and len(loose) <= LOOSE_MOST else {}
        self.knows_all = len(self._loose) == len(loose)
        self._counts = Counter(self._loose.values())
        for _chosen, numbers in self._blocks.values():
            self._counts.update(numbers)
        del self._counts[0]
        self._window: tuple[int, list[int], bool] = 0, [], False

    def page(self, offset: int, limit: int, *, descending: bool) -> list[int] | None:
        """Return ids from `offset` on; None where too many records stand at the same place. What is around them is kept for the next page."""
        begun, ids, way = self._window
        if way != descending or not (begun <= offset and offset + limit <= begun + len(ids)):
            found = self._around(max(offset - AROUND * limit, 0), offset + (AROUND + 1) * limit, descending=descending)
            if found is None:
                return None
            begun, ids, _way = self._window = *found, descending
        return ids[offset - begun : offset - begun + limit]

    def _around(self, offset: int, end: int, *, descending: bool) -> tuple[int, list[int]] | None:
        """Return where some numbers of places begin in the list, and the ids that have them, from `offset` or before to `end` or behind."""
        before, begun, wanted = 0, 0, list[int]()
        for number in sorted(self._counts, reverse=descending):
            count = self._counts[number]
            if before + count > offset:
                begun = begun if wanted else before
                wanted.append(number)
            before += count
            if before >= end:
                break
        ids = self._with(min(wanted), max(wanted)) if wanted else []
        if len(ids) > READ_MOST:
            return None
        among = peewee.Expression(self.blunt.id, peewee.OP.IN, self.blunt.listed(ids))
        rows: Any = peewee.Select([peewee.SQL(f"`{self.blunt.entry.table}` {THIS}")], [self.blunt.id]).where(among & self.blunt.where(self.condition, sifted=False))
        order = directed([self.blunt.tested(name_places.ORDER), self.blunt.id], descending=descending)
        return begun, [int(row[0]) for row in self.store.execute(rows.order_by(*order)).fetchall()]

    def _with(self, lowest: int, highest: int) -> list[int]:
        """Return the ids of the records with these numbers."""
        found = [key for key, number in self._loose.items() if lowest <= number <= highest]
        for block, (chosen, numbers) in self._blocks.items():
            first = block << postings.SHIFT
            among = [lowest <= number <= highest for number in numbers]
            if any(among):
                found += compress(compress(range(first, first + postings.BLOCK), chosen), among)
        return found


def _unknown(block: int, chosen: bytes, numbers: array[int]) -> list[int]:
    """Return the ids of the chosen records of a block that have no number."""
    first = block << postings.SHIFT
    return [key for key, number in zip(compress(range(first, first + postings.BLOCK), chosen), numbers, strict=True) if not number]
