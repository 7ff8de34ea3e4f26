"""The first records of a list in the order of names, of however many that a search or a filter leaves: what is known of their places says where to look first.

The candidates are what the index of search and that of values leave together, or the index of another filter where that leaves fewer. They are put in order by their places without
being read, and looked at from the wanted end until the page is full. The first looks tell which of the other filters let few of them pass; where it costs less to read the ids of
such a one from its index than to look on, these thin the candidates out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import peewee

from desktop_crm.domain.conditions import Every, Matching
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
    from desktop_crm.models.narrowest import Filters

SOONER: Final = 1_000
"""Up to so many candidates of a search are looked at all."""
WIDE: Final = 20_000
"""Candidates of a search from which on a filter may leave so much less that its ids are read."""
WORTH: Final = 3
"""One in so many of these such a filter leaves at most; a server says too many, so there it is compared as it is."""
MOST_PLACED: Final = 300_000
"""Candidates of a search that are put in order."""
LOOKED_AT: Final = (400, 800, 2_000)
"""Candidates looked at in the first statement, in the second, in each further one."""
MOST_LOOKED: Final = 20_000
"""Candidates looked at before another way is taken."""
FEW_LEFT: Final = 1_000
"""So many are sooner looked at than thinned out."""
FEW_FOUND: Final = 4_000
"""What filters without words leave so few of is sooner sorted."""
LOOK_ON_FILE: Final = 6
LOOK_ON_SERVER: Final = 12
"""How many ids are read from an index in the time one record is looked at."""
SORTED_MOST: Final = 10_000
"""Up to so many candidates are put in order at once; of more the first PART, and the rest only where these aren't enough."""
PART: Final = 1_000
SAMPLE: Final = 1_000
_ID: Final = (1 << 40) - 1
"""A candidate is its place, shifted by forty bits, and its id."""


def first_by_name(asked: ByName, needed: int, *, descending: bool) -> list[int] | None:
    """Return the first `needed` ids of a list in the order of names, or all where there are fewer; None where another way is sooner, or the places aren't known."""
    candidates = asked.candidates() if needed <= EARLY else None
    if candidates is None:
        return None
    placed, loose = candidates
    hits = asked.hits(loose)
    return None if hits is None or not asked.fill(hits, placed, len(hits) + needed, descending=descending) else asked.ordered(hits, needed, descending=descending)


class ByName:
    """One question. A `blunt` compiler keeps the engine from choosing another index than that of the ids; `filters` are the condition's."""

    def __init__(self, store: Store, compiler: Compiler, blunt: Compiler, condition: Condition, filters: Filters) -> None:
        self.store, self.compiler, self.blunt, self.condition, self.filters = store, compiler, blunt, condition, filters
        self.looked = 0
        self._base: Condition | None = None
        self._passed: dict[Condition, int] = {}
        self._cost = LOOK_ON_SERVER if store.mysql else LOOK_ON_FILE

    # ---- candidates

    def candidates(self) -> tuple[list[int], list[int]] | None:
        """Return the candidates whose place is known, coded, and the ids of the others; None where that would be no help."""
        sieve, entry, held = self.compiler.sieve, self.compiler.entry, self.filters.held
        if sieve is None:
            return None
        words = any(isinstance(part, Matching) for part in every(self.condition))
        matching = sifted_for(self.compiler, self.condition)
        sifted = held.sifted(matching)
        if words:
            helps = sifted is not None and (matching is None or matching.count > SOONER)
        else:
            helps = bool(self.filters.parts) and (sifted is None or len(held.parts) > 1 or sifted.count >= FEW_FOUND)
        places = sieve.places(entry) if helps else None
        if places is None:
            return None
        ids = self._of_narrowest(sifted)
        self._passed = {part: 0 for part in self.filters.unheld() if part != self._base}
        if ids is not None:
            return self._coded(ids, places)
        return self._coded_by_block(sifted, places) if sifted is not None and sifted.count <= MOST_PLACED else None

    def _coded(self, ids: Sequence[int], places: Places) -> tuple[list[int], list[int]]:
        shift, last = postings.SHIFT, postings.LAST
        none = bytes(postings.BLOCK)
        held: dict[int, Any] = {block: places.get(block, none) for block in {key >> shift for key in ids}}
        return _parted([held[key >> shift][key & last] << 40 | key for key in ids])

    @staticmethod
    def _coded_by_block(sifted: postings.Sifted, places: Places) -> tuple[list[int], list[int]]:
        none, coded = bytes(postings.BLOCK), list[int]()
        for block, within in sifted.by_block():
            held, first = places.get(block, none), block << postings.SHIFT
            coded += [held[place] << 40 | first + place for place in within]
        known, loose = _parted(coded)
        return known, sorted({*loose, *sifted.pending}) if sifted.pending else loose

    def _of_narrowest(self, sifted: postings.Sifted | None) -> Sequence[int] | None:
        """Return the ids that the filter with the fewest leaves of those that the index of values doesn't know, those that are no candidates left out; None where that is no help."""
        filters = self.filters
        if sifted is not None and sifted.count <= WIDE:
            return None
        most = filters.worth_reading if sifted is None else min(filters.worth_reading, sifted.count if self.store.mysql else sifted.count // WORTH)
        best, least = filters.narrowest(filters.unheld(), most)
        if best is None or (sifted is None and least < FEW_FOUND):
            return None
        ids = filters.ids(best)
        if ids is not None:
            self._base = best
        return ids if ids is None or sifted is None else sifted.those(ids)

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
                rest = len(part) + len(placed)
                expected = min(rest, (wanted - len(hits)) * self.looked // max(len(hits), 1))
                if expected > FEW_LEFT and self._passed:
                    placed, part = self._thinned(part + placed, expected), []
        return True

    def _thinned(self, coded: list[int], expected: int) -> list[int]:
        """Return those of the candidates that the other filters leave, which let the fewest pass first, where so many `expected` looks cost more."""
        for passed, number in sorted((passed, number) for number, passed in enumerate(self._passed.values())):
            part, share = [*self._passed][number], (passed + 1) / (self.looked + 1)
            saved = int(expected * (1 - share)) * self._cost
            if expected <= FEW_LEFT or self.filters.count(part, saved) > saved:
                continue
            ids = self.filters.ids(part)
            if ids is not None:
                left = set(ids)
                coded = [code for code in coded if code & _ID in left]
                expected = min(len(coded), int(expected * share))
        self._passed = {}
        return coded

    def hits(self, ids: list[int]) -> list[int] | None:
        """Return those of some records that fulfil the whole condition; None where too many would have been looked at."""
        found: list[int] = []
        self.looked += len(ids)
        if self.looked > MOST_LOOKED:
            return None
        for start in range(0, len(ids), LOOKED_AT[-1]):
            among = self._among(ids[start : start + LOOKED_AT[-1]])
            if not self._passed:
                found += [int(row[0]) for row in self.store.execute(among.where(self.blunt.where(self.condition, sifted=False))).fetchall()]
                continue
            # How many pass each filter is counted on the way.
            rest = Every(tuple(part for part in (*self.filters.others, *self.filters.parts) if part not in self._passed))
            asked = [self.blunt.where(part, sifted=False) for part in (*self._passed, rest)]
            for key, *passed in self.store.execute(among.select_extend(*map(_as_column, asked))).fetchall():
                for part, one in zip(self._passed, passed, strict=False):
                    self._passed[part] += bool(one)
                if all(passed):
                    found.append(int(key))
        return found

    def ordered(self, ids: list[int], limit: int, *, descending: bool) -> list[int]:
        """Return the first of some records in the order of names."""
        way = "DESC" if descending else "ASC"
        keys = [peewee.Ordering(key, way) for key in (self.blunt.tested(ORDER), self.blunt.id)]
        return [int(row[0]) for row in self.store.execute(self._among(ids).order_by(*keys).limit(limit)).fetchall()]

    def _among(self, ids: list[int]) -> Any:
        chosen = peewee.Expression(self.blunt.id, peewee.OP.IN, self.blunt.listed(ids))
        return peewee.Select([peewee.SQL(f"`{self.blunt.entry.table}` {THIS}")], [self.blunt.id]).where(chosen)


def _parted(coded: list[int]) -> tuple[list[int], list[int]]:
    """Return the candidates whose place is known, and the ids of the others."""
    known = [code for code in coded if code > _ID]
    return known, [] if len(known) == len(coded) else [code for code in coded if code <= _ID]


def _as_column(condition: Any) -> Any:
    """Return a condition as a column of an answer."""
    return peewee.NodeList((peewee.SQL("("), condition, peewee.SQL(")")))


def _first(coded: list[int], count: int, *, descending: bool) -> tuple[list[int], list[int]]:
    """Return about `count` candidates with the first places in their order, those with the same place together, and the rest. Where they end is told by a sample."""
    if len(coded) <= SORTED_MOST:
        return sorted(coded, reverse=descending), []
    sample = sorted(coded[:: max(1, len(coded) // SAMPLE)], reverse=descending)
    last = sample[min(1 + count * len(sample) // len(coded), len(sample) - 1)]
    if descending:
        edge = last >> 40 << 40
        return sorted([code for code in coded if code >= edge], reverse=True), [code for code in coded if code < edge]
    edge = (last >> 40) + 1 << 40
    return sorted([code for code in coded if code < edge]), [code for code in coded if code >= edge]


def _boundary(part: list[int], count: int) -> int:
    """Return where the first `count` candidates end, and those with the same place as the last of them."""
    end = min(count, len(part))
    while end < len(part) and part[end] >> 40 == part[end - 1] >> 40:
        end += 1
    return end
