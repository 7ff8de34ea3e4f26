"""A list in the order of linked records: these are followed, and each one's records read, or counted where the place is far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import peewee

from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.models.compile import THIS
from desktop_crm.models.order import directed
from desktop_crm.models.registry import Entity, column_name, entity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.domain.conditions import Condition
    from desktop_crm.models.records import Records

PARTS: Final = (1, 8, 64, 512, 2048, 4096)
"""How many linked records are followed in one statement: where the first has many records, these fill a page by themselves."""
COUNTED: Final = 5_000
"""Linked records whose records are counted to find a place far inside; where there are more, all ids are sooner read."""


class ByLinks:
    """The records of `entry` that fulfil `condition`, in the order of the titles that its field `name` links to; `this` is what statements read them from.

    Counts are kept, so use it only for as long as nothing changes.
    """

    def __init__(self, records: Records, entry: Entity, condition: Condition, name: str, this: str) -> None:
        self.records, self.entry, self.condition = records, entry, condition
        self._this = this
        self._name = name
        field = entry.fields[name]
        self._column, self._target = column_name(field), entity(field.spec.link).table
        self._groups: list[tuple[int | None, int]] | None = None

    def page(self, offset: int, limit: int, *, descending: bool) -> list[int] | None:
        """Return ids from `offset` on, those without a link first or last; None where too many linked records would have to be followed."""
        if self._groups:
            return self._by_counts(self._groups, offset, limit, descending=descending)
        found: list[int] = []
        for linked in self._linked(descending=descending):
            if not linked:
                return None
            found += self._of_linked(linked, offset + limit - len(found), descending=descending)
            if len(found) >= offset + limit:
                break
        return found[offset : offset + limit]

    def counted(self) -> bool:
        """Count the records of each linked one, if these aren't too many: the index of the link says it without reading a record."""
        if self._groups is None:
            store = self.records.store
            self._groups = []
            if store.scalar(f"SELECT id FROM `{self._target}` LIMIT 1 OFFSET {COUNTED}") is None:
                counts = dict(store.sql(f"SELECT `{self._column}`, COUNT(*) FROM `{self.entry.table}` GROUP BY `{self._column}`").fetchall())
                order = [None, *(row[0] for row in store.sql(f"SELECT id FROM `{self._target}` ORDER BY sort_key, id").fetchall())]
                self._groups = [(key, int(counts[key])) for key in order if key in counts]
        return bool(self._groups)

    def _by_counts(self, groups: list[tuple[int | None, int]], offset: int, limit: int, *, descending: bool) -> list[int]:
        """Go past the linked records whose records all stand before `offset`."""
        way, found = "DESC" if descending else "ASC", list[int]()
        for key, count in reversed(groups) if descending else groups:
            if offset < count:
                chosen = f"`{self._column}` IS NULL" if key is None else f"`{self._column}` = {int(key)}"
                text = f"SELECT id FROM `{self.entry.table}` WHERE {chosen} ORDER BY id {way} LIMIT {limit - len(found)} OFFSET {offset}"
                found += [int(row[0]) for row in self.records.store.sql(text).fetchall()]
                if len(found) >= limit:
                    break
            offset = max(offset - count, 0)
        return found

    def _linked(self, *, descending: bool) -> Iterator[list[int | None]]:
        """Yield linked records in growing parts, None for the lack of a link; an empty part says that there are too many to go on so."""
        if not descending:
            yield [None]
        direction = "DESC" if descending else "ASC"
        seen = 0
        for size in PARTS:
            rows = self.records.store.sql(f"SELECT id FROM `{self._target}` ORDER BY sort_key {direction}, id {direction} LIMIT {size} OFFSET {seen}").fetchall()
            if rows:
                yield [int(row[0]) for row in rows]
            seen += len(rows)
            if len(rows) < size:
                break
        else:
            yield []
        if descending:
            yield [None]

    def _of_linked(self, linked: list[int | None], limit: int, *, descending: bool) -> list[int]:
        """Return the ids of records that link to one of `linked`, in the order of these."""
        compiler = self.records.compiler(self.entry)
        column = compiler.served(self._name)
        source, keys = self._this, list[Any]()
        chosen: Any = peewee.Expression(column, peewee.OP.IS, peewee.SQL("NULL"))
        if linked != [None]:
            source = f"`{self._target}` l JOIN {source} ON {THIS}.`{self._column}` = l.id"
            chosen = peewee.SQL(f"l.id IN ({', '.join(str(key) for key in linked)})")
            # One linked record alone needs no sorting: its records follow each other by id in the index of the link.
            keys = [peewee.SQL("l.sort_key"), peewee.SQL("l.id")] if len(linked) > 1 else []
        asked = peewee.Select([peewee.SQL(source)], [compiler.id]).where(chosen)
        if self.condition != EVERYTHING:
            asked = asked.where(self.records.compiler(self.entry, blunt=True).where(self.condition))
        rows = self.records.store.execute(asked.order_by(*directed([*keys, compiler.id], descending=descending)).limit(limit)).fetchall()
        return [int(row[0]) for row in rows]
