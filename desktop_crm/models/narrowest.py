"""How many records each part of a condition leaves by an index of its own, so that a list begins with the fewest.

Parts over the same field are one: what is somebody else's and must be one's own is nothing, and the index of the owner alone says so.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import peewee

from desktop_crm.domain.conditions import Every, VisibleTo, Where
from desktop_crm.models.compile import every
from desktop_crm.models.held_values import Held

if TYPE_CHECKING:
    from array import array

    from desktop_crm.domain.conditions import Condition
    from desktop_crm.models.compile import Compiler
    from desktop_crm.models.database import Store

MOST_READ: Final = 100_000
"""Ids that are read from the index of a filter."""
FAR_FEWER: Final = 4
"""How many times fewer another filter must leave to be worth the counting."""
SERVED: Final = frozenset({"eq", "in", "lt", "le", "gt", "ge", "empty", "filled", "period"})
"""Comparisons that an index over their field answers."""


class Filters:
    """The parts of a condition that an index finds, and what they leave; what was counted is remembered."""

    def __init__(self, store: Store, compiler: Compiler, condition: Condition) -> None:
        self.store, self.compiler = store, compiler
        # What a server estimates may be twice as many as there are.
        self.worth_reading = MOST_READ * 2 if store.mysql else MOST_READ
        self._counted: dict[Condition, tuple[int, bool]] = {}
        self._size: int | None = None
        fields: defaultdict[str, list[Condition]] = defaultdict(list)
        self.others: list[Condition] = []
        for part in every(condition):
            name = self._served(part)
            if name:
                # What was counted is remembered by the part, so a list of values becomes one that can be.
                fields[name].append(replace(part, value=tuple(part.value)) if isinstance(part, Where) and isinstance(part.value, list) else part)
            else:
                self.others.append(part)
        self.parts: list[Condition] = [found[0] if len(found) == 1 else Every(tuple(found)) for found in fields.values()]

    @cached_property
    def held(self) -> Held:
        """What the index of values says of the condition."""
        return Held(self.store, self.compiler, [one for part in self.parts for one in every(part)])

    def unheld(self) -> list[Condition]:
        """Return the parts of which the index of values doesn't know all."""
        return [part for part in self.parts if not all(one in self.held.parts for one in every(part))]

    def _served(self, part: Condition) -> str:
        """Return the field whose index finds what fulfils a part of the condition, "" where there is none."""
        entry = self.compiler.entry
        if isinstance(part, VisibleTo):
            return part.field if entry.indexed(part.field) else ""
        if not isinstance(part, Where) or part.operator not in SERVED or part.field not in entry.fields:
            return ""
        name = entry.fields[part.field].since or part.field
        return name if entry.indexed(name) and not self.compiler.late(name) else ""

    def count(self, part: Condition, most: int) -> int:
        """Return how many fulfil a part, at least one more than `most` where they are more; a server, and the index of values, say about how many without counting."""
        held = self.held.count(part)
        if held is not None:
            return held
        known, exact = self._counted.get(part, (0, False))
        if exact or known > most:
            return known
        query = self._select(part, self.compiler.id)
        if self.store.mysql:
            text, parameters = self.store.db.get_sql_context().sql(query).query()
            with self.store.errors():
                found = int(self.store.db.execute_sql(f"EXPLAIN {text}", parameters).fetchone()[-2] or 0)
        else:
            found = int(self.store.execute(peewee.Select([query.limit(most + 1).alias("w")], [peewee.SQL("COUNT(*)")])).fetchone()[0])
        self._counted[part] = found, found <= most or self.store.mysql
        return found

    def narrowest(self, parts: list[Condition], most: int) -> tuple[Condition | None, int]:
        """Return one of some parts that leaves few, at most `most`, and how many; None where each leaves more. Another is worth counting where it leaves far fewer."""
        best, least = None, most
        for part in parts:
            limit = least if best is None else least // FAR_FEWER
            count = self.count(part, limit)
            if count <= limit:
                best, least = part, count
        return best, least

    def ids(self, part: Condition, most: int = MOST_READ) -> array[int] | None:
        """Return the ids of what fulfils a part; None where they are more than `most`."""
        ids = self.store.ids(self._select(part, self.compiler.id).limit(most + 1))
        return ids if len(ids) <= most else None

    def share(self, most: int = MOST_READ) -> float:
        """Return about which part of all records fulfils all parts."""
        together = self.held.sifted(None)
        return self.unheld_share(most) * (1.0 if together is None else min(1.0, together.count / self.size))

    def unheld_share(self, most: int = MOST_READ) -> float:
        """Return about which part of all records fulfils the parts that the index of values doesn't know, as if none had to do with another; one that leaves more than `most` counts as leaving all."""
        found = 1.0
        for part in self.unheld():
            count = self.count(part, most)
            if count <= most or self.store.mysql:
                found *= min(1.0, count / self.size)
        return found

    @property
    def size(self) -> int:
        """About how many records there are, at least one."""
        if self._size is None:
            # SQLite reads all of an index for both in one question without a subquery each.
            table = self.compiler.entry.table
            first, last = self.store.sql(f"SELECT (SELECT MIN(id) FROM `{table}`), (SELECT MAX(id) FROM `{table}`)").fetchone()
            self._size = 1 + int(last or 0) - int(first or 0)
        return self._size

    def _select(self, part: Condition, column: Any) -> Any:
        return self.compiler.table.select(column).where(self.compiler.where(part))
