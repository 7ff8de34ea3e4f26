"""Listing and writing the records of any entity, over what `reading` knows of single ones.

Everything that reads takes a condition, which already holds the reader's rights. Everything that writes must run inside an
open change set, or the database's triggers refuse it.
"""

from __future__ import annotations

from contextlib import nullcontext
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import peewee

from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.models.listed import Listed
from desktop_crm.models.order import Order, directed
from desktop_crm.models.reading import ALWAYS_READ, BATCH, Reading, conversion
from desktop_crm.models.registry import column_name, entity
from desktop_crm.models.triggers import current, told_at_once

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from desktop_crm.domain.catalog import Values
    from desktop_crm.domain.conditions import Condition, Query
    from desktop_crm.models.compile import Compiler
    from desktop_crm.models.insertion import Keys
    from desktop_crm.models.registry import Entity

MANY: Final = 100
"""Rows from which on triggers that go off for each cost more than putting them aside."""


class Records(Reading):
    """The records engine: counts, sums, lists and writes."""

    def count(self, entry: Entity, condition: Condition) -> int:
        """Return how many records fulfil the condition."""
        return int(self.store.execute(self._over(self.compiler(entry), condition)).fetchone()[0])

    def _over(self, compiler: Compiler, condition: Condition, *sums: Any) -> Any:
        """Return the question for the count and sums of all that fulfil a condition; without any condition engines know shorter ways to a count."""
        counted = peewee.SQL("COUNT(*)")
        return compiler.table.select(counted, *sums) if condition == EVERYTHING else compiler.select(condition, counted, *sums)

    def totals(self, entry: Entity, condition: Condition, names: Sequence[str]) -> dict[str, Any]:
        """Return the sums of the numeric fields `names` over all records that fulfil the condition, and their ``count``."""
        compiler = self.compiler(entry)
        sums = [peewee.fn.SUM(peewee.NodeList((compiler.column(name),))) for name in names]
        row = self.store.execute(self._over(compiler, condition, *sums)).fetchone()
        found = {name: entry.fields[name].from_database(None if added is None else int(added)) for name, added in zip(names, row[1:], strict=True)}
        return {"count": int(row[0]), **{name: value if value is not None else Decimal(0) for name, value in found.items()}}

    def groups(self, entry: Entity, condition: Condition, by: str, sums: Sequence[str] = ()) -> list[tuple[Any, ...]]:
        """Return (value, count, sums …) for each value of the field `by`."""
        compiler = self.compiler(entry)
        column = compiler.column(by)
        added = [peewee.fn.SUM(peewee.NodeList((compiler.column(name),))) for name in sums]
        query = compiler.select(condition, column, peewee.fn.COUNT(compiler.id), *added).group_by(column)
        made = []
        for row in self.store.execute(query).fetchall():
            key = entry.fields[by].from_database(row[0])
            made.append((key, int(row[1]), *(entry.fields[name].from_database(int(value or 0)) for name, value in zip(sums, row[2:], strict=True))))
        return made

    def order(self, compiler: Compiler, sort: str, *, descending: bool) -> list[Any]:
        """Return the order of some records: by the sort field, then by id in the same direction."""
        order = Order.of(compiler, sort)
        return directed([order.value(compiler), compiler.id], descending=descending != order.turned)

    def ids(self, query: Query, *, limit: int | None = None, offset: int = 0, count: int | None = None) -> list[int]:
        """Return the ids of a list's rows by position.

        With `count`, the number of all that match, positions in the second half are read from the back.
        """
        return self.ids_of(self.store.entities[query.entity], query, limit=limit, offset=offset, count=count)

    def ids_of(self, entry: Entity, query: Query, *, limit: int | None = None, offset: int = 0, count: int | None = None) -> list[int]:
        """Return ids by position, see `ids`, of an entity that may not be registered, such as the log."""
        listed = Listed(self, entry, query)
        return listed.whole()[offset:].tolist() if limit is None else listed.page(offset, limit, count)

    def ids_where(self, entry: Entity, condition: Condition) -> list[int]:
        """Return the ids of all records that fulfil the condition, in the order they were added."""
        compiler = self.compiler(entry)
        query = compiler.select(condition, compiler.id).order_by(compiler.id)
        return [int(row[0]) for row in self.store.execute(query).fetchall()]

    def find(self, entry: Entity, condition: Condition, names: Sequence[str], *, sort: str = "", descending: bool = False, limit: int | None = None) -> list[Values]:
        """Return the records that fulfil the condition with the fields `names`."""
        compiler = self.compiler(entry)
        query = compiler.select(condition, *self._columns(compiler, names)).order_by(*self.order(compiler, sort, descending=descending))
        return list(self._read(entry, self.store.execute(query if limit is None else query.limit(limit)), names))

    def columns(self, entry: Entity, names: Sequence[str], *, after: int, limit: int) -> list[Sequence[Any]]:
        """Return the ids of the records behind the id `after` and their stored fields `names`, column by column: to look through all of them."""
        text = f"SELECT {', '.join(['id', *(f'`{column_name(entry.fields[name])}`' for name in names)])} FROM `{entry.table}` WHERE id > ? ORDER BY id LIMIT ?"
        ids, *columns = zip(*rows, strict=True) if (rows := self.store.sql(text, (after, limit)).fetchall()) else [()] * (len(names) + 1)
        return [ids, *(list(map(convert, column)) if (convert := conversion(entry.fields[name])) else column for name, column in zip(names, columns, strict=True))]

    def _columns(self, compiler: Compiler, names: Sequence[str]) -> list[Any]:
        return [compiler.id, compiler.table.version, *(compiler.column(name) for name in names if name not in ALWAYS_READ)]

    def titles(self, entry: Entity, ids: Iterable[int]) -> dict[int, str]:
        """Return the title of each record, one query for all."""
        title = entry.spec.title
        rows = self.rows(entry, list(dict.fromkeys(ids)), [title])
        linked = entry.spec.fields[title].link
        if linked:
            inner = self.titles(entity(linked), [row[title] for row in rows if row[title]])
            return {row["id"]: inner.get(row[title], "") for row in rows}
        return {row["id"]: entry.spec.fields[title].show(row[title]) for row in rows}

    def insert(self, entry: Entity, rows: Sequence[Values], now: datetime, *, keys: Keys | None = None) -> list[int]:
        """Add records and return their ids; a row that carries an ``id`` (undo, restore) is added under it.

        `keys` knows the keys of `insertion.texts_of`, where somebody worked them out before.
        """
        from desktop_crm.models import insertion

        given = bool(rows) and "id" in rows[0]
        made: list[int] = []
        text, parameters = insertion.of(entry, rows, now, keys, given=given)
        if given or len(rows) > 1:
            highest = int(self.store.scalar(f"SELECT COALESCE(MAX(id), 0) FROM `{entry.table}`") or 0)
            many = len(rows) >= MANY and not given and not self.store.mysql
            with told_at_once(self.store, entry) if many else nullcontext():
                for start in range(0, len(parameters), BATCH):
                    self.store.many(text, parameters[start : start + BATCH])
            if given:
                return [row["id"] for row in rows]
            return self._added(entry, highest, len(rows))
        for values in parameters:
            self._fresh()
            if not self.store.mysql:
                made.append(self.store.sql(text, values).lastrowid)
                if self.remembers:
                    self._keep(entry, made[-1], values)
                continue
            asked = self._summing(entry, values)
            written, *found = self.store.together((text, values), *(self._asking(target, [key]) for target, key in asked))
            made.append(int(written.added))
            if self.remembers:
                self._keep(entry, made[-1], values)
                for (target, _key), answer in zip(asked, found, strict=True):
                    self._take_in(target, answer.rows)
        return made

    def _added(self, entry: Entity, highest: int, count: int) -> list[int]:
        """Return the ids a bulk insert of this change set gave, in the order of the rows: each row adds one `change`."""
        now_open = current(mysql=self.store.mysql)
        rows = self.store.sql(
            f"SELECT record_id FROM `change` WHERE change_set_id = {now_open} AND entity = ? AND action = 'insert' AND record_id > ? ORDER BY id DESC LIMIT ?",
            (entry.name, highest, count),
        ).fetchall()
        return [int(row[0]) for row in rows][::-1]

    def update(self, entry: Entity, key: int, values: Values, now: datetime) -> None:
        """Change the fields in `values` of one record and count its version up."""
        written = entry.written()
        names = [name for name in values if name in written and name not in ("version", "updated_at")]
        changes = [f"`{column_name(written[name])}` = ?" for name in names]
        parameters = [written[name].to_database(values[name]) for name in names]
        text = f"UPDATE `{entry.table}` SET {', '.join([*changes, '`version` = `version` + 1', '`updated_at` = ?'])} WHERE id = ?"
        self.store.sql(text, [*parameters, written["updated_at"].to_database(now), key])

    def change(self, entry: Entity, ids: Sequence[int], values: Values, now: datetime) -> None:
        """Give the records `ids` the same `values` and count their versions up, with a statement for each BATCH of them."""
        written = entry.written()
        given = {**values, "updated_at": now}
        changes = ", ".join(f"`{column_name(written[name])}` = ?" for name in given)
        parameters = [written[name].to_database(value) for name, value in given.items()]
        for start in range(0, len(ids), BATCH):
            part = list(ids[start : start + BATCH])
            self.store.sql(f"UPDATE `{entry.table}` SET {changes}, `version` = `version` + 1 WHERE id IN ({', '.join('?' * len(part))})", [*parameters, *part])

    def relink(self, entry: Entity, name: str, ids: Sequence[int], target: int | None, now: datetime) -> None:
        """Point the link `name` of the records `ids` to `target`."""
        self.change(entry, ids, {name: target}, now)

    def delete(self, entry: Entity, ids: Sequence[int]) -> None:
        """Delete records, their lines first being the caller's task."""
        self._met.clear()
        for start in range(0, len(ids), BATCH):
            part = list(ids[start : start + BATCH])
            self.store.sql(f"DELETE FROM `{entry.table}` WHERE id IN ({', '.join('?' * len(part))})", part)

    def completed(self, entry: Entity, values: Values) -> Values:
        """Return `values` with the engine's own keys: the search text and the order of names."""
        from desktop_crm.models import insertion

        searched, sorted_by = insertion.keys_of(*insertion.texts_of(entry.spec, [values]))
        return {**values, "search_key": searched, "sort_key": sorted_by}

    def lock(self, entry: Entity, key: int) -> int | None:
        """Return the version of a record and hold it until the transaction ends; None where it is gone."""
        text = f"SELECT `version` FROM `{entry.table}` WHERE id = ?" + (" FOR UPDATE" if self.store.mysql else "")
        version = self.store.scalar(text, (key,))
        return None if version is None else int(version)
