"""The ids of a list by position, whatever it is filtered and sorted by.

Where the indexes of search and of values know about what matches, their candidates lead to it: by *names* (`first_by_name`, `far_by_name`), by *values* (`by_value`), or by walking the index of the order (`first_hits`).
Else one of four ways does. The index of the order is *followed* from the nearer end, and rows are tested on the way, but not for long: what is looked for may stand together at the other end. *Few* records
match: they are found by the index of a filter and kept whole, in their order. The order is that of *linked* records: these are followed, and each one's records read, or counted where the place is far. The order
has no index, or the place is far inside a filtered list: all ids are read once, in order, and kept *whole*, eight bytes each. Those of a filtered list are the ids that an index finds, taken in the order in which
that of the order has all of them.
"""

from __future__ import annotations

from array import array
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import peewee

from desktop_crm.domain.conditions import EVERYTHING, Matching
from desktop_crm.models import value_index
from desktop_crm.models.by_value import ByValue, values_of
from desktop_crm.models.compile import THIS, every
from desktop_crm.models.far_by_name import FarByName
from desktop_crm.models.first_by_name import LOOK_ON_FILE, LOOK_ON_SERVER, ByName, first_by_name
from desktop_crm.models.first_hits import CHUNKS, EARLY, LEAST_OF, NEAR, WALKED_ON_SERVER, first_hits, sifted_for
from desktop_crm.models.name_places import ORDER
from desktop_crm.models.narrowest import MOST_READ, Filters
from desktop_crm.models.order import Order, directed
from desktop_crm.models.postings import Sifted, bits_by_block
from desktop_crm.models.registry import REGISTER, Entity, column_name, entity
from desktop_crm.models.sieve import MOST

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from desktop_crm.domain.conditions import Query
    from desktop_crm.models.by_links import ByLinks
    from desktop_crm.models.compile import Compiler
    from desktop_crm.models.records import Records

FEW: Final = 10_000
"""Matches that are found by a filter's index and kept whole."""

SOME: Final = 1_000
"""The same in an order of which the index of values knows the values."""

FOLLOWED: Final = 25
"""How many rows of the order are tested for each one wanted: where fewer than one in so many match, they are sooner found and sorted."""

FARTHER: Final = 4
"""How many times as far it is gone on where these gave a good part of what is wanted."""

WALKED: Final = 100_000
"""Ids of the index of an order that a file reads at most to get at the first that match."""

FAR: Final = 5_000
"""Rows from the nearer end beyond which a list whose rows must be tested is read whole."""

PLACED_SOON: Final = 100_000
"""Candidates up to which their places are known sooner than the index of names is walked twenty thousand ids far."""
PASSED: Final = 10_000
"""Rows of the order that are passed before the places of those that match are counted."""

ENDLESS: Final = 1 << 40
"""Rows of a question that has no limit but must name one."""
SPREAD: Final = 50
"""Ids that lie wider apart than this, on the average, are held as numbers instead of marks."""

class Listed:
    """One list as it is read page by page, for as long as nothing changes in it.

    What was found out on the way – that few match, all ids – is kept for the next page. Use it from one thread at a time.
    """

    def __init__(self, records: Records, entry: Entity, query: Query) -> None:
        self.records, self.entry, self.query = records, entry, query
        compiler = records.compiler(entry)
        self.order = Order.of(compiler, query.sort)
        self.descending = query.descending != self.order.turned
        self._whole: array[int] | None = None
        self._asked_far = False
        self._counted: ByValue | FarByName | None = None
        self._asked_few = query.condition == EVERYTHING
        self._narrow, self._hint = compiler.is_narrow(query.condition), compiler.hint(query.condition)
        self._by_names = self.order.way == "index" and self.order.name == ORDER and query.condition != EVERYTHING
        self._by_values = self.order.way == "index" and query.condition != EVERYTHING and entry.name in REGISTER and self.order.name in value_index.indexed(entry.name)
        self._searched = any(isinstance(part, Matching) for part in every(query.condition))

    @property
    def known(self) -> int | None:
        """How many there are, where that is known without asking."""
        return None if self._whole is None else len(self._whole)

    def page(self, offset: int, limit: int, count: int | None = None) -> list[int]:
        """Return `limit` ids from `offset` on; with `count`, the number of all that match, the end is as near as the beginning."""
        if self._whole is None and self.order.way == "index" and self.query.condition != EVERYTHING:
            found = self._directed(self._soon, offset, limit, count)
            if found is not None:
                return found
        if self._whole is None and not self._asked_few and (self.order.way != "index" or self._narrow):
            self._ask_few()
        is_far = self._whole is None and self._is_far(offset, limit, count)
        if self._whole is None and count is not None and limit <= FAR and (is_far or self._passes_many(offset, limit, count)):
            far = self._far(count)
            found = None if far is None else far.page(offset, limit, descending=self.descending)
            if found is not None:
                return found
        if is_far:
            self.whole()
        if self._whole is not None:
            return self._whole[offset : offset + limit].tolist()
        return self._directed(self._from_end, offset, limit, count) or []

    def _directed(self, way: Callable[..., list[int] | None], offset: int, limit: int, count: int | None) -> list[int] | None:
        """Return what a way gives from the nearer end."""
        if count is None or offset <= count // 2:
            return way(offset, limit, descending=self.descending)
        if offset >= count:
            return []
        found = way(max(count - offset - limit, 0), min(limit, count - offset), descending=not self.descending)
        return None if found is None else found[::-1]

    def whole(self) -> array[int]:
        """Return all ids in their order."""
        if self._whole is None:
            compiler = self.records.compiler(self.entry)
            source, keys = self._joined(compiler)
            if self.order.way == "index" and self.query.condition != EVERYTHING:
                self._whole = self._crossed(compiler)
            else:
                rows = self._select(source, compiler).order_by(*directed([*keys, compiler.id], descending=self.descending))
                # With a limit SQLite keeps a tree of what it sorts, which takes three times as long as its sorter.
                store = self.records.store
                self._whole = store.ids(rows.limit(ENDLESS)) if store.mysql else array("q", (row[0] for row in store.stream(rows)))
        return self._whole

    def _crossed(self, compiler: Compiler) -> array[int]:
        """Return all ids that match in the order of an index: both come from indexes alone, so no row is read for its place and nothing is sorted."""
        matching = self.records.store.ids(self._select(self._this(), compiler).limit(ENDLESS))
        if not matching:
            return matching
        order = self._in_order()
        highest = max(chain(matching, order))
        if highest > SPREAD * len(order):
            among = set(matching)
            return array("q", [key for key in order if key in among])
        marks = bytearray(highest + 1)
        for key in matching:
            marks[key] = 1
        return array("q", [key for key in order if marks[key]])

    def _in_order(self) -> array[int]:
        """Return the ids of all records in the order of an index, whether they match or not."""
        column, way = self._column(), "DESC" if self.descending else "ASC"
        hint = f"FORCE INDEX FOR ORDER BY ({self._index()})" if self.records.store.mysql else ""
        asked = peewee.Select([peewee.SQL(f"`{self.entry.table}` o {hint}")], [peewee.SQL("o.id")])
        return self.records.store.ids(asked.order_by(peewee.SQL(f"o.`{column}` {way}"), peewee.SQL(f"o.id {way}")).limit(ENDLESS))

    def _is_far(self, offset: int, limit: int, count: int | None) -> bool:
        """Tell whether to get there by position costs more than to read all ids."""
        nearer = offset if count is None else min(offset, max(count - offset - limit, 0))
        if limit > FAR and (self.order.way != "index" or self.query.condition != EVERYTHING):
            return True
        if self.order.way == "value":
            return nearer > 0
        if self.query.condition == EVERYTHING and (self.order.way == "index" or (nearer > FAR and self._links.counted())):
            return False
        return nearer > FAR

    def _passes_many(self, offset: int, limit: int, count: int) -> bool:
        """Tell whether following the order to there passes many others, where it is known without asking which records match."""
        nearer = min(offset, max(count - offset - limit, 0))
        if not (self._by_names or self._by_values) or nearer <= EARLY or nearer * self._filters.size <= PASSED * count:
            return False
        return self._left(count, self._candidates) is not None

    def _ask_few(self) -> None:
        """Find out whether few match, and keep them where they do."""
        self._asked_few = True
        compiler, candidates = self.records.compiler(self.entry), self._candidates
        if candidates is not None and candidates.count > 2 * FEW:
            return
        some = self.records.store.ids(self._select_among(compiler).limit(FEW + 1))
        if len(some) > FEW:
            return
        # Their ids came from the index of a filter, often from it alone; what they are sorted by is read for those few.
        few = peewee.SQL(f"{THIS}.id IN ({', '.join(map(str, some)) or 'NULL'})")
        keys = [self.order.value(compiler), *([compiler.served(self.order.name)] if self.order.way == "link" else []), compiler.id]
        rows = peewee.Select([peewee.SQL(self._this())], [compiler.id]).where(few).order_by(*directed(keys, descending=self.descending))
        self._whole = array("q", (row[0] for row in self.records.store.execute(rows).fetchall()))

    def _from_end(self, offset: int, limit: int, *, descending: bool) -> list[int]:
        """Return ids from `offset` on, counted from the beginning of the list in one direction."""
        if limit <= 0:
            return []
        if self.order.way == "link":
            found = self._links.page(offset, limit, descending=descending)
            return self._turned(self.whole(), descending=descending)[offset : offset + limit].tolist() if found is None else found
        if self.order.way == "index" and self.query.condition != EVERYTHING:
            return self._tested(offset, limit, descending=descending)
        compiler = self.records.compiler(self.entry)
        source, keys = self._joined(compiler)
        return self._ids(self._select(source, compiler).order_by(*directed([*keys, compiler.id], descending=descending)).limit(limit).offset(offset), many=limit > FAR)

    def _ids(self, rows: Any, *, many: bool = False) -> list[int]:
        return self.records.store.ids(rows).tolist() if many else [int(row[0]) for row in self.records.store.execute(rows).fetchall()]

    def _soon(self, offset: int, limit: int, *, descending: bool) -> list[int] | None:
        """Return ids among the candidates that the indexes of search and of values leave, looked at from the wanted end; None where another way is sooner."""
        wanted = offset + limit
        if self._candidates is None or wanted > EARLY:
            return None
        count, store = self._candidates.count, self.records.store
        # Twice as far as they reach where they stand everywhere.
        far = 2 * wanted * self._filters.size // max(count, 1)
        if not self._by_names and count <= (SOME if self._by_values else FEW) and count * (LOOK_ON_SERVER if store.mysql else LOOK_ON_FILE) <= far:
            self._ask_few()
            return None if self._whole is None else self._turned(self._whole, descending=descending)[offset:wanted].tolist()
        common = self._filters.unheld_share() * LEAST_OF >= 1
        if common and far <= (2 * CHUNKS[0] if self._by_names or self._by_values else WALKED_ON_SERVER if store.mysql else WALKED):
            found = self._walked(offset, limit, descending=descending, chunks=self._steps(far, count))
            if found is not None:
                return found
        found = self._valued.first(wanted, descending=descending) if common and self._valued is not None else None
        if found is not None:
            return found[offset:]
        return self._by_name(offset, limit, descending=descending)

    def _steps(self, far: int, count: int) -> Sequence[int]:
        """Return in which parts the index of the order is walked where `count` candidates would be reached within `far` if they stood everywhere."""
        if self._by_names:
            return (min(max(far, NEAR), CHUNKS[0]), *(CHUNKS[:2] if count > PLACED_SOON else ()))
        return (max(far, NEAR),) if self._by_values else (max(far, NEAR), FARTHER * far)

    @cached_property
    def _values(self) -> list[Any] | None:
        """The values of the order that the filters may leave, where the index of values knows them and they are few."""
        values = values_of(self.records.store, self.entry, self.order.name) if self._by_values else None
        return None if values is None else self._filters.held.leaves(self.order.name, values)

    @cached_property
    def _valued(self) -> ByValue | None:
        """The candidates by the values of the order."""
        return None if self._candidates is None else self._by_value(self._candidates)

    def _by_value(self, candidates: Sifted) -> ByValue | None:
        blunt = self.records.compiler(self.entry, blunt=True)
        return ByValue(self.records.store, blunt, self.query.condition, self.order.name, candidates, self._values) if self._values is not None else None

    def _far(self, count: int) -> ByValue | FarByName | None:
        """Return what knows the places of all records that match, of which there are `count`; None where nothing does."""
        if not self._asked_far:
            self._asked_far = True
            self._counted = self._counting(count)
        return self._counted

    def _counting(self, count: int) -> ByValue | FarByName | None:
        if not self._by_names:
            valued = None if self._values is None else self._by_value(self._exactly(count))
            return valued if valued is not None and valued.knows_all(count) else None
        compiler = self.records.compiler(self.entry, blunt=True)
        places = compiler.sieve.places(self.entry) if compiler.sieve else None
        named = FarByName(self.records.store, compiler, self.query.condition, self._exactly(count), places) if places else None
        return named if named is not None and named.knows_all else None

    def _exactly(self, count: int) -> Sifted:
        """Return the records that match, of which there are `count`; all of their ids are asked for where the indexes don't tell."""
        ids = self._select(self._this(), self.records.compiler(self.entry)).limit(ENDLESS)
        return self._left(count, self._candidates) or self._left(count, self._thinned()) or Sifted(bits_by_block(self.records.store.ids(ids)), set())

    def _left(self, count: int, candidates: Sifted | None) -> Sifted | None:
        """Return candidates among which all records are that match where they are as many, and so these; None where they are more."""
        # What waits for the index may stand in it with what it was before, too.
        return candidates if candidates is not None and sum(bits.bit_count() for bits in candidates.with_pending().values()) == count else None

    def _thinned(self) -> Sifted | None:
        """Return the candidates that the filters leave which the index of values doesn't know, each by its own index; None where there are none of either, or others besides."""
        unheld = self._filters.unheld()
        if self._candidates is None or not unheld or not all(isinstance(part, Matching) for part in self._filters.others):
            return None
        found = self._candidates.with_pending()
        for part in unheld:
            left = bits_by_block(self._filters.ids(part, ENDLESS) or ())
            found = {block: both for block, bits in found.items() if (both := bits & left.get(block, 0))}
        return Sifted(found, set())

    @cached_property
    def _links(self) -> ByLinks:
        """The linked records in whose order it is."""
        from desktop_crm.models.by_links import ByLinks

        return ByLinks(self.records, self.entry, self.query.condition, self.order.name, self._this())

    @cached_property
    def _filters(self) -> Filters:
        """The parts of the condition that indexes find."""
        return Filters(self.records.store, self.records.compiler(self.entry), self.query.condition)

    @cached_property
    def _candidates(self) -> Sifted | None:
        """The records among which all are that match, by the indexes of search and of values; None where these don't know."""
        return self._filters.held.sifted(sifted_for(self.records.compiler(self.entry), self.query.condition))

    def _is_thin(self) -> bool:
        """Tell whether filters leave so few that following the order would pass too many others.

        A server says about how many without counting; a file follows in the time it takes to count some ten thousand.
        """
        return self._filters.share(MOST_READ if self.records.store.mysql else FEW) * FOLLOWED < 1

    def _walked(self, offset: int, limit: int, *, descending: bool, chunks: Sequence[int]) -> list[int] | None:
        """Return ids that are found by walking the index of the order, among the candidates of the indexes of search and of values."""
        if self._candidates is None:
            return None
        compiler = self.records.compiler(self.entry, blunt=True)
        order = directed([compiler.served(self.order.name), compiler.id], descending=descending)
        found = first_hits(self.records.store, compiler, self.query.condition, order, offset + limit, self._candidates, chunks)
        return None if found is None else found[offset:]

    def _by_name(self, offset: int, limit: int, *, descending: bool) -> list[int] | None:
        """Return ids of a list in the order of names by what is known of the places of its records; None where another way is sooner."""
        if not self._by_names:
            return None
        compiler, blunt = self.records.compiler(self.entry), self.records.compiler(self.entry, blunt=True)
        asked = ByName(self.records.store, compiler, blunt, self.query.condition, self._filters)
        found = first_by_name(asked, offset + limit, descending=descending)
        return None if found is None else found[offset:]

    def _tested(self, offset: int, limit: int, *, descending: bool) -> list[int]:
        """Return ids of a filtered list in the order of an index."""
        wanted = offset + limit
        early = self._walked(offset, limit, descending=descending, chunks=CHUNKS) if self._searched and not self._narrow and wanted <= EARLY else None
        if early is not None:
            return early
        found = [] if not self._searched and self._is_thin() else self._followed(FOLLOWED * wanted, wanted, descending=descending)
        if wanted > len(found) >= wanted // FARTHER > 0:
            found = self._followed(FARTHER * FOLLOWED * wanted, wanted, descending=descending)
        if len(found) < wanted and not self._asked_few:
            early = None if self._candidates is not None else self._by_name(offset, limit, descending=descending)
            if early is not None:
                return early
            self._ask_few()
        if self._whole is not None:
            return self._turned(self._whole, descending=descending)[offset:wanted].tolist()
        if len(found) >= wanted:
            return found[offset:wanted]
        compiler = self.records.compiler(self.entry)
        keys = [compiler.hidden(compiler.served(self.order.name)), compiler.id]
        return self._ids(self._select_among(compiler).order_by(*directed(keys, descending=descending)).limit(limit).offset(offset))

    def _followed(self, rows: int, limit: int, *, descending: bool) -> list[int]:
        """Return the first ids that match among so many rows of the order."""
        compiler = self.records.compiler(self.entry, blunt=True)
        column, way = self._column(), "DESC" if descending else "ASC"
        # A server's optimizer would read and sort everything as soon as it doubts how far it has to go.
        hint, join = (f"FORCE INDEX FOR ORDER BY ({self._index()})", "STRAIGHT_JOIN") if compiler.mysql else ("", "CROSS JOIN")
        followed = f"(SELECT o.id FROM `{self.entry.table}` o {hint} ORDER BY o.`{column}` {way}, o.id {way} LIMIT {rows}) w {join} {self._this()} ON {THIS}.id = w.id"
        keys = [compiler.served(self.order.name), compiler.id]
        return self._ids(self._select(followed, compiler).order_by(*directed(keys, descending=descending)).limit(limit))

    def _turned(self, ids: array[int], *, descending: bool) -> array[int]:
        """Return all ids in one direction."""
        return ids if descending == self.descending else ids[::-1]

    # ---- statements

    def _column(self) -> str:
        """Return the column of the order."""
        return "id" if self.order.name == "id" else column_name(self.entry.fields[self.order.name])

    def _index(self) -> str:
        """Return the name of its index."""
        return "PRIMARY" if self._column() == "id" else f"`{self.entry.table}_{self._column()}`"

    def _this(self) -> str:
        return f"`{self.entry.table}` {THIS} {self._hint}".rstrip()

    def _select(self, source: str, compiler: Compiler) -> Any:
        """Return the question for the ids of what matches, from `source`."""
        asked = peewee.Select([peewee.SQL(source)], [compiler.id])
        return asked if self.query.condition == EVERYTHING else asked.where(compiler.where(self.query.condition))

    def _select_among(self, compiler: Compiler) -> Any:
        """Return the question for the ids of what matches, asked of the candidates where these are few enough to be named."""
        if not self._filters.held.parts or self._candidates is None or self._candidates.count > MOST:
            return self._select(self._this(), compiler)
        blunt = self.records.compiler(self.entry, blunt=True)
        among = peewee.Expression(blunt.id, peewee.OP.IN, blunt.listed(self._candidates.ids()))
        return peewee.Select([peewee.SQL(self._this())], [blunt.id]).where(among & blunt.where(self.query.condition, sifted=False))

    def _joined(self, compiler: Compiler) -> tuple[str, list[Any]]:
        """Return what to read from, and by what to sort it, for all records at once."""
        if self.order.way == "link":
            field = self.entry.fields[self.order.name]
            column = f"{THIS}.`{column_name(field)}`"
            return f"{self._this()} LEFT JOIN `{entity(field.spec.link).table}` l ON l.id = {column}", [peewee.SQL("l.sort_key"), peewee.SQL(column)]
        return self._this(), [compiler.served(self.order.name)]
