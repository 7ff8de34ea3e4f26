"""The first of many records that match: the list's own index is walked, and only candidates of the indexes of search and of values are looked at.

Walking an index costs a fraction of reading its records, so this is soonest there whether hits stand everywhere or late in the order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import peewee

from desktop_crm.domain.conditions import Matching
from desktop_crm.domain.text import fold
from desktop_crm.models.compile import every

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator, Sequence

    from desktop_crm.domain.conditions import Condition
    from desktop_crm.models.compile import Compiler
    from desktop_crm.models.database import Store
    from desktop_crm.models.postings import Sifted

EARLY: Final = 500
"""Rows of a list's beginning that are asked for here."""
CHUNKS: Final = (4_000, 16_000, 30_000, 100_000, 150_000)
NEAR: Final = 500
"""Ids that are walked over first where so many candidates are among them."""
WALKED_ON_SERVER: Final = 50_000
"""A server needs some four times as long for an id as a file."""
LOOKED_AT: Final = 400
LEAST_OF: Final = 10
"""At least one in so many candidates must be a hit; where rights or filters leave fewer, their own indexes are sooner."""


def sifted_for(compiler: Compiler, condition: Condition) -> Sifted | None:
    """Return what the index of search leaves for all words of a condition; None where it asks for none, or the index doesn't say."""
    words = [word for part in every(condition) if isinstance(part, Matching) for word in fold(part.text).split()]
    return compiler.sieve.sift(compiler.entry, words) if compiler.sieve and words else None


def first_hits(store: Store, compiler: Compiler, condition: Condition, order: list[Any], needed: int, sifted: Sifted, chunks: Sequence[int] = CHUNKS) -> list[int] | None:
    """Return the first `needed` ids of a list, or all where there are fewer; None where the walk doesn't reach them, or too few candidates match.

    `sifted` are the candidates, of a `blunt` compiler. `order` must be that of an index, its last column being the id; the parts of it whose lengths are `chunks` are walked.
    """
    where = compiler.where(condition, sifted=False)
    found: list[int] = []
    looked_at = 0
    for ids in _walk(store, compiler, order, chunks):
        if ids is None:
            return None
        candidates = sifted.those(ids)
        for start in range(0, len(candidates), LOOKED_AT):
            part = candidates[start : start + LOOKED_AT]
            rows = store.execute(compiler.table.select(compiler.id).where(peewee.Expression(compiler.id, peewee.OP.IN, compiler.listed(part)) & where)).fetchall()
            hits = {int(row[0]) for row in rows}
            found += [key for key in part if key in hits]
            if len(found) >= needed:
                return found[:needed]
            looked_at += len(part)
            if looked_at >= 2 * LOOKED_AT and len(found) * LEAST_OF < looked_at:
                return None
    return found


def _walk(store: Store, compiler: Compiler, order: list[Any], chunks: Sequence[int]) -> Iterator[array[int] | None]:
    """Yield the ids of all records in their order, in parts; None where the end is too far."""
    begun = 0
    for size in chunks:
        query = compiler.table.select(compiler.id).order_by(*order).limit(size).offset(begun)
        ids = store.ids(query)
        yield ids
        begun += size
        if len(ids) < size:
            return
        if store.mysql and begun >= WALKED_ON_SERVER:
            break
    yield None
