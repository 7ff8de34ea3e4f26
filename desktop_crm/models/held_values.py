"""What the index of values says of a condition: filters, rights and words are combined as bits before a single record is looked at."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.domain.conditions import VisibleTo, Where
from desktop_crm.models import postings, value_index
from desktop_crm.models.compile import every
from desktop_crm.models.registry import REGISTER, Entity, column_name
from desktop_crm.models.waiting import NOBODY, Waiting, waiting

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from desktop_crm.domain.conditions import Condition
    from desktop_crm.models.compile import Compiler
    from desktop_crm.models.database import Store

ASKED_MOST: Final = 500
"""Values of one filter beyond which its own index is asked."""
SERVED: Final = frozenset({"eq", "in", "empty"})


class Held:
    """What the index says of the parts of a condition all of which must be fulfilled: the bits of those records that may fulfil each, by block; `parts` are those it knows.

    Records whose values it doesn't know yet are looked for among those that wait.
    """

    def __init__(self, store: Store, compiler: Compiler, parts: Iterable[Condition]) -> None:
        self.parts: dict[Condition, dict[int, int]] = {}
        self._waiting: Waiting = NOBODY
        self._entry = entry = compiler.entry
        self._asked = {part: grams for part in parts if (grams := _asked(compiler, part)) is not None}
        if not self._asked:
            return
        pending = compiler.sieve.waiting(entry) if compiler.sieve else waiting(store, entry)
        blocks = value_index.blocks_of(store, entry) if pending is not None else ()
        if pending is not None and blocks:
            self._waiting = pending
            self._read(store, entry, blocks)

    def _read(self, store: Store, entry: Entity, blocks: Sequence[int]) -> None:
        """Read the bits of all parts with one statement."""
        wanted = sorted({one for grams in self._asked.values() for one in grams})
        held: defaultdict[bytes, list[tuple[int, bytes]]] = defaultdict(list)
        if wanted:
            text = f"SELECT gram, block, ids FROM search_posting WHERE entity = ? AND block IN ({', '.join(map(str, blocks))}) AND gram IN ({value_index.marks(wanted)})"
            for name, block, ids in store.sql(text, [value_index.kept_as(entry), *wanted]).fetchall():
                held[bytes(name)].append((int(block), ids))
        for part, grams in self._asked.items():
            several: defaultdict[int, list[bytes]] = defaultdict(list)
            for one in grams:
                for block, ids in held[one]:
                    several[block].append(ids)
            self.parts[part] = postings.without({block: postings.united(found) for block, found in several.items()}, self._waiting.value_bits)

    def count(self, part: Condition) -> int | None:
        """Return about how many records fulfil a part, or all of its parts, never fewer than do but for what is pending; None where the index doesn't know."""
        known = [one for one in every(part) if one in self.parts]
        return sum(bits.bit_count() for bits in self._bits(known).values()) + len(self._pending(known)) if known else None

    def sifted(self, words: postings.Sifted | None) -> postings.Sifted | None:
        """Return the candidates of all parts together, and of words; those of the words alone where there is no part."""
        if not self.parts:
            return words
        pending = self._pending(self.parts)
        if words is None:
            return postings.Sifted(self._bits(self.parts), pending)
        return postings.Sifted(_common([*self.parts.values(), words.bits]), {*words.those(pending)} if pending else pending)

    def of(self, part: Condition, candidates: postings.Sifted) -> postings.Sifted:
        """Return which of some candidates, found in whatever way, fulfil one part that the index knows."""
        pending = self._pending([part])
        return postings.Sifted(_common([self.parts[part], candidates.bits]), {*candidates.those(pending)} if pending else pending)

    def leaves(self, name: str, values: Sequence[Any]) -> list[Any]:
        """Return those of some stored values of a field that what is asked of this field itself may leave."""
        asked = [{*self._asked[part]} for part in self.parts if isinstance(part, Where) and part.field == name]
        column = column_name(self._entry.fields[name])
        return [value for value in values if all(value_index.gram(column, value_index.bucket(value)) in grams for grams in asked)]

    def _bits(self, parts: Iterable[Condition]) -> dict[int, int]:
        return _common([self.parts[part] for part in parts])

    def _pending(self, parts: Iterable[Condition]) -> set[int]:
        return self._waiting.having([self._asked[part] for part in parts])


def _common(several: Sequence[dict[int, int]]) -> dict[int, int]:
    """Return the bits that all have, by block."""
    first, *others = sorted(several, key=len)
    common = dict(first)
    for other in others:
        common = {block: both for block, bits in common.items() if (both := bits & other.get(block, 0))}
    return common


def _asked(compiler: Compiler, part: Condition) -> list[bytes] | None:
    """Return by what names in the index a part of a condition is found; None where it isn't by any."""
    entry = compiler.entry
    fields = value_index.indexed(entry.name) if entry.name in REGISTER else {}
    if isinstance(part, VisibleTo):
        if part.field not in fields or compiler.seen is None:
            return None
        numbers = {value_index.NOTHING, *map(value_index.bucket, compiler.seen(part.viewer))}
    elif isinstance(part, Where) and part.operator in SERVED and part.field in fields:
        field = entry.fields[part.field]
        nothing = part.operator == "empty" or (part.operator == "eq" and part.value is None)
        stored = [None] if nothing else [field.to_database(value) for value in (part.value if part.operator == "in" else (part.value,))]
        if not all(value is None or isinstance(value, fields[part.field]) for value in stored):
            return None
        numbers = {*map(value_index.bucket, stored)}
    else:
        return None
    column = column_name(entry.fields[part.field])
    return [value_index.gram(column, number) for number in numbers] if len(numbers) <= ASKED_MOST else None
