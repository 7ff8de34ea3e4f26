"""The first records of a list in the order of names, of however many that a search or a filter leaves: what is known of their places says where to look first.

The candidates are what the index of search leaves, else what the index of the narrowest filter does. They are put in order by their places without
being read, and looked at from the wanted end until the page is full. Where few of them turn out to be hits, the indexes of the other filters thin them out.
"""

from __future__ import annotations

from heapq import nlargest, nsmallest
from typing import TYPE_CHECKING, Any, Final

import peewee

from desktop_crm.domain.conditions import Matching, VisibleTo, Where
from desktop_crm.models import postings
from desktop_crm.models.compile import THIS, every
from desktop_crm.models.first_hits import EARLY, sifted_for
from desktop_crm.models.name_places import ORDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.domain.conditions import Condition
    from desktop_crm.models.compile import Compiler
    from desktop_crm.models.database import Store
    from desktop_crm.models.name_places import Places

SOONER: Final = 1_000
"""Up to so many candidates of a search are looked at all."""
MOST_PLACED: Final = 300_000
"""Candidates of a search that are put in order."""
MOST_READ: Final = 100_000
"""Ids that are read from the index of a filter."""
LOOKED_AT: Final = (400, 800, 2_000)
"""Candidates looked at in the first statement, in the second, in each further one."""
MOST_LOOKED: Final = 20_000
"""Candidates looked at before another way is taken."""
FEW_LEFT: Final = 4_000
"""So many are sooner looked at than thinned out."""
SORTED_MOST: Final = 10_000
"""Up to so many candidates are put in order at once; of more the first PART, and the rest only where these aren't enough."""
PART: Final = 1_000
SERVED: Final = frozenset({"eq", "in", "lt", "le", "gt", "ge", "empty", "filled", "period"})
"""Comparisons that an index over their field answers."""
_ID: Final = (1 << 40) - 1
"""A candidate is its place, shifted by forty bits, and its id."""


def first_by_name(store: Store, compiler: Compiler, blunt: Compiler, condition: Condition, needed: int, *, descending: bool) -> list[int] | None:
    """Return the first `needed` ids of a list in the order of names, or all where there are fewer; None where another way is sooner, or the places aren't known.

    A `blunt` compiler keeps the engine from choosing another index than that of the ids.
    """
    asked = _Asked(store, compiler, blunt, condition)
    candidates = asked.candidates() if needed <= EARLY else None
    if candidates is None:
        return None
    placed, loose = candidates
    hits = asked.hits(loose)
    return None if hits is None or not asked.fill(hits, placed, len(hits) + needed, descending=descending) else asked.ordered(hits, needed, descending=descending)


class _Asked:
    """One question."""

    def __init__(self, store: Store, compiler: Compiler, blunt: Compiler, condition: Condition) -> None:
        self.store, self.compiler, self.blunt, self.condition = store, compiler, blunt, condition
        self.looked = 0
        # What a server estimates may be twice as many as there are.
        self._worth_reading = MOST_READ * 2 if store.mysql else MOST_READ
        self.filters = [part for part in every(condition) if self._served(part)]

    def _served(self, part: Condition) -> bool:
        """Tell whether an index finds what fulfils a part of the condition."""
        entry = self.compiler.entry
        if isinstance(part, VisibleTo):
            return entry.indexed(part.field)
        if not isinstance(part, Where) or part.operator not in SERVED or part.field not in entry.fields:
            return False
        name = entry.fields[part.field].since or part.field
        return entry.indexed(name) and not self.compiler.late(name)

    # ---- candidates

    def candidates(self) -> tuple[list[int], list[int]] | None:
        """Return the candidates whose place is known, coded, and the ids of the others; None where that would be no help."""
        sieve, entry = self.compiler.sieve, self.compiler.entry
        words = any(isinstance(part, Matching) for part in every(self.condition))
        sifted = sifted_for(self.compiler, self.condition)
        if sieve is None or (words and (sifted is None or not SOONER < sifted.count <= MOST_PLACED)) or not (words or self.filters):
            return None
        placing = sieve.places(entry)
        if placing is None:
            return None
        ids = self._of_narrowest() if sifted is None else sifted.ids()
        return None if ids is None else self._coded(ids, *placing)

    def _coded(self, ids: Sequence[int], pending: set[int], places: Places) -> tuple[list[int], list[int]]:
        shift, last = postings.SHIFT, postings.LAST
        none = bytes(postings.BLOCK)
        held: dict[int, Any] = {block: places.get(block, none) for block in {key >> shift for key in ids}}
        coded = [held[key >> shift][key & last] << 40 | key for key in ids]
        known = [code for code in coded if code > _ID and code & _ID not in pending] if pending else [code for code in coded if code > _ID]
        return known, [] if len(known) == len(coded) else [code & _ID for code in coded if code <= _ID or code & _ID in pending]

    def _of_narrowest(self) -> list[int] | None:
        """Return the ids that the filter with the fewest leaves, and take it from those that could thin them out."""
        best, least = None, self._worth_reading
        for part in self.filters:
            count = self._count(part, least)
            if count <= least:
                best, least = part, count
        if best is None or least < FEW_LEFT:
            return None
        self.filters.remove(best)
        return self._ids(best)

    def _count(self, part: Condition, most: int) -> int:
        """Return how many fulfil a filter, at least one more than `most` where they are more; a server says about how many without counting."""
        query = self._select(part, self.compiler.id)
        if self.store.mysql:
            text, parameters = self.store.db.get_sql_context().sql(query).query()
            with self.store.errors():
                return int(self.store.db.execute_sql(f"EXPLAIN {text}", parameters).fetchone()[-2] or 0)
        return int(self.store.execute(peewee.Select([query.limit(most + 1).alias("w")], [peewee.SQL("COUNT(*)")])).fetchone()[0])

    def _ids(self, part: Condition) -> list[int] | None:
        """Return the ids of what fulfils a filter; None where they are too many."""
        ids = self.store.ids(self._select(part, self.compiler.id).limit(MOST_READ + 1))
        return ids if len(ids) <= MOST_READ else None

    def _select(self, part: Condition, column: Any) -> Any:
        return self.compiler.table.select(column).where(self.compiler.where(part))

    # ---- looking

    def fill(self, hits: list[int], placed: list[int], wanted: int, *, descending: bool) -> bool:
        """Add hits in the order of places until there are `wanted`, or all; False where that takes too long.

        Where as many hits as until now would take long to fill the page, other filters thin out the candidates, once.
        """
        while placed:
            part, placed = _first(placed, max(PART, 3 * self.looked), descending=descending)
            while part:
                end = _boundary(part, LOOKED_AT[min(self.looked // LOOKED_AT[0], 2)])
                found = self.hits([code & _ID for code in part[:end]])
                if found is None:
                    return False
                hits += found
                part = part[end:]
                if len(hits) >= wanted:
                    return True
                if len(part) + len(placed) > FEW_LEFT and self.looked * wanted > FEW_LEFT * max(len(hits), 1):
                    if not self.filters:
                        return False
                    placed, part = self._thinned(part + placed), []
        return True

    def _thinned(self, coded: list[int]) -> list[int]:
        """Return those of the candidates that the other filters leave, the narrowest first."""
        counted = sorted((self._count(part, MOST_READ), number) for number, part in enumerate(self.filters))
        parts = [self.filters[number] for count, number in counted if count <= self._worth_reading]
        self.filters = []
        for part in parts:
            if len(coded) <= FEW_LEFT:
                break
            ids = self._ids(part)
            if ids is not None:
                left = set(ids)
                coded = [code for code in coded if code & _ID in left]
        return coded

    def hits(self, ids: list[int]) -> list[int] | None:
        """Return those of some records that fulfil the whole condition; None where too many would have been looked at."""
        found: list[int] = []
        self.looked += len(ids)
        if self.looked > MOST_LOOKED:
            return None
        for start in range(0, len(ids), LOOKED_AT[-1]):
            rows = self.store.execute(self._among(ids[start : start + LOOKED_AT[-1]]).where(self.blunt.where(self.condition, sifted=False))).fetchall()
            found += [int(row[0]) for row in rows]
        return found

    def ordered(self, ids: list[int], limit: int, *, descending: bool) -> list[int]:
        """Return the first of some records in the order of names."""
        way = "DESC" if descending else "ASC"
        keys = [peewee.Ordering(key, way) for key in (self.blunt.tested(ORDER), self.blunt.id)]
        return [int(row[0]) for row in self.store.execute(self._among(ids).order_by(*keys).limit(limit)).fetchall()]

    def _among(self, ids: list[int]) -> Any:
        chosen = peewee.Expression(self.blunt.id, peewee.OP.IN, self.blunt.listed(ids))
        return peewee.Select([peewee.SQL(f"`{self.blunt.entry.table}` {THIS}")], [self.blunt.id]).where(chosen)


def _first(coded: list[int], count: int, *, descending: bool) -> tuple[list[int], list[int]]:
    """Return about `count` candidates with the first places in their order, those with the same place together, and the rest."""
    if len(coded) <= SORTED_MOST:
        return sorted(coded, reverse=descending), []
    if descending:
        edge = nlargest(count, coded)[-1] >> 40 << 40
        return sorted([code for code in coded if code >= edge], reverse=True), [code for code in coded if code < edge]
    edge = (nsmallest(count, coded)[-1] >> 40) + 1 << 40
    return sorted([code for code in coded if code < edge]), [code for code in coded if code >= edge]


def _boundary(part: list[int], count: int) -> int:
    """Return where the first `count` candidates end, and those with the same place as the last of them."""
    end = min(count, len(part))
    while end < len(part) and part[end] >> 40 == part[end - 1] >> 40:
        end += 1
    return end
