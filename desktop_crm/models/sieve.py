"""Asking the index of search: which records can hold what is looked for.

What it finds is looked at with LIKE (`search_index` says why), so it may name too many and never too few.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from desktop_crm.domain import grams
from desktop_crm.models import name_places, postings
from desktop_crm.models.search_index import READY, marks, searched
from desktop_crm.models.waiting import Waiting, waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.models.database import Store
    from desktop_crm.models.registry import Entity

MOST: Final = 50_000
"""Candidates that are looked at one by one. Where there are more, SQL walks along the list's order."""
BEGINNINGS_MOST: Final = 2_000
"""Rows read for a word too short to be a gram; one that has more is in so many records that the order is walked."""
BLOCKS_MOST: Final = 500


class Sieve:
    """Asks the index of one store; what was asked once is remembered."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._known: dict[tuple[str, tuple[str, ...]], postings.Sifted | None] = {}
        self._placing: dict[str, name_places.Places | None] = {}
        self._waiting: dict[str, Waiting | None] = {}

    def ids(self, entry: Entity, words: Sequence[str]) -> list[int] | None:
        """Return the ids among which all records of the entity are whose search text holds every word.

        None where the index doesn't say, or where so many may match that it is no help.
        """
        found = self.sift(entry, words) if self.is_narrow(entry, words) else None
        return None if found is None else found.ids()

    def is_narrow(self, entry: Entity, words: Sequence[str]) -> bool:
        """Tell whether so few are left that they are looked at one by one."""
        found = self.sift(entry, words)
        return found is not None and found.count <= MOST

    def sift(self, entry: Entity, words: Sequence[str]) -> postings.Sifted | None:
        """Return what is left of the records of the entity, however many; None where the index doesn't say."""
        key = (entry.name, tuple(words))
        if key not in self._known:
            self._known[key] = self._sift(entry, words)
        return self._known[key]

    def places(self, entry: Entity) -> name_places.Places | None:
        """Return the places of the records in the order of names, but for those that are pending; None where these aren't kept."""
        if entry.name not in self._placing:
            pending = self.waiting(entry) if searched(entry) else None
            kept = {} if pending is None else name_places.kept(self.store, entry)
            for key in pending.texts if kept and pending is not None else ():
                held = kept.get(key >> postings.SHIFT)
                if held is not None:
                    held[key & postings.LAST] = 0
            self._placing[entry.name] = kept or None
        return self._placing[entry.name]

    def _sift(self, entry: Entity, words: Sequence[str]) -> postings.Sifted | None:
        if not words or not searched(entry):
            return None
        blocks = self._blocks(entry)
        pending = self.waiting(entry) if READY in blocks else None
        if pending is None:
            return None
        found: dict[int, int] | None = None
        for one in sorted(grams.asked(words), key=lambda one: not one.grams):
            holding = self._all(entry, blocks, one.grams) if one.grams else self._beginning(entry, blocks, one.beginning)
            if holding is None:
                continue
            found = holding if found is None else {block: both for block, bits in found.items() if (both := bits & holding.get(block, 0))}
            if not found:
                break
        return None if found is None else postings.Sifted(postings.without(found, pending.text_bits), pending.matching(words))

    def _blocks(self, entry: Entity) -> list[int]:
        """Return the blocks in which an entity may have records, READY first where it is there.

        They follow from the records' ids: a server reads all of an entity's rows to tell in which blocks there are some.
        """
        ready = self.store.scalar("SELECT 1 FROM search_posting WHERE entity = ? AND block = ?", (entry.name, READY))
        first, last = self.store.sql(f"SELECT (SELECT MIN(id) FROM `{entry.table}`), (SELECT MAX(id) FROM `{entry.table}`)").fetchone()
        if first is None:
            return [READY] if ready else []
        blocks = range(int(first) >> postings.SHIFT, (int(last) >> postings.SHIFT) + 1)
        found = list(blocks) if len(blocks) <= BLOCKS_MOST else self._stepped(entry)
        return [READY, *found] if ready else found

    def _stepped(self, entry: Entity) -> list[int]:
        """Return the blocks that an entity has, with a question for each: where its ids have wide gaps."""
        found, at = list[int](), READY
        while True:
            row = self.store.sql("SELECT block FROM search_posting WHERE entity = ? AND block > ? ORDER BY block LIMIT 1", (entry.name, at)).fetchone()
            if row is None:
                return found
            at = int(row[0])
            found.append(at)

    def waiting(self, entry: Entity) -> Waiting | None:
        """Return the records that are pending; None where they are too many."""
        if entry.name not in self._waiting:
            self._waiting[entry.name] = waiting(self.store, entry)
        return self._waiting[entry.name]

    def _all(self, entry: Entity, blocks: list[int], wanted: tuple[str, ...]) -> dict[int, int]:
        """Return the bits of the records that hold all of these grams, by block."""
        text = f"SELECT block, ids FROM search_posting WHERE entity = ? AND block IN ({marks(blocks)}) AND gram IN ({marks(wanted)})"
        found: defaultdict[int, list[bytes]] = defaultdict(list)
        for block, ids in self.store.sql(text, [entry.name, *blocks, *(gram.encode() for gram in wanted)]).fetchall():
            found[int(block)].append(ids)
        holding = {}
        for block, kept in found.items():
            if len(kept) == len(wanted):
                bits = -1
                for ids in kept:
                    bits &= postings.unpacked(ids)
                if bits:
                    holding[block] = bits
        return holding

    def _beginning(self, entry: Entity, blocks: list[int], beginning: str) -> dict[int, int] | None:
        """Return the bits of the records that hold a gram with this beginning, by block; None where there are too many grams."""
        first = beginning.encode()
        text = f"SELECT block, ids FROM search_posting WHERE entity = ? AND block IN ({marks(blocks)}) AND gram >= ? AND gram < ? LIMIT {BEGINNINGS_MOST + 1}"
        rows = self.store.sql(text, [entry.name, *blocks, first, first + b"\xff"]).fetchall()
        if len(rows) > BEGINNINGS_MOST:
            return None
        holding: defaultdict[int, list[bytes]] = defaultdict(list)
        for block, ids in rows:
            holding[int(block)].append(ids)
        return {block: postings.united(kept) for block, kept in holding.items()}
