"""The log of the whole company and the recycle bin, as lists: a count and pages by position, however many changes there are.

Both are read from `change_set` and `change` alone. The log is asked through the same conditions as every other list; what is in
the bin is found through the index over deletions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import peewee

from desktop_crm.base.i18n import N_
from desktop_crm.domain.catalog import EntitySpec
from desktop_crm.domain.conditions import EVERYTHING, Condition, Either, Every, Query, VisibleTo, Where
from desktop_crm.models.changes import HEAD, UNDO, RecordChange, entry_of
from desktop_crm.models.compile import Compiler
from desktop_crm.models.fields import Declared, InstantField, IntegerField, LinkField, TextField
from desktop_crm.models.reading import read_state
from desktop_crm.models.registry import Entity, Record, entity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from desktop_crm.models.changes import ChangeLog, Entry
    from desktop_crm.models.database import Store
    from desktop_crm.models.records import Records


class ActionRow(peewee.Model):
    """A change set as a row that conditions can ask for. It is no record: nobody writes it but the change sets themselves."""

    at = InstantField(N_("Date and time"))
    user = LinkField(N_("Person"), "user")
    user_name = TextField(N_("Person"))
    computer = TextField(N_("Computer"))
    action = TextField(N_("Kind of action"))
    label = TextField(N_("Operation"))
    small_label = TextField(N_("Operation"), expression="LOWER(label)")
    records = IntegerField(N_("Records"))
    entities = TextField(N_("Kinds of records"))

    class Meta:
        """Where the rows are."""

        table_name = "change_set"


def _declared() -> Entity:
    fields = {name: field for name, field in ActionRow._meta.fields.items() if isinstance(field, Declared)}
    spec = EntitySpec(name="change_set", label="", one="", icon="history", title="label", fields={name: field.spec for name, field in fields.items()}, sort="id")
    return Entity(spec, cast("type[Record]", ActionRow), fields)


ACTIONS: Final = _declared()


def count_actions(records: Records, condition: Condition) -> int:
    """Return how many change sets fulfil the condition."""
    return records.count(ACTIONS, condition)


def action_ids(records: Records, condition: Condition, *, limit: int | None = None, offset: int = 0, count: int | None = None) -> list[int]:
    """Return change sets by position, the latest first; with `count` the second half is read from its end."""
    return records.ids_of(ACTIONS, Query("change_set", condition, "id", descending=True), limit=limit, offset=offset, count=count)


@dataclass(frozen=True)
class Binned:
    """A deleted record: `change` is the row by which it went, `state` what it was (stored values by field name)."""

    change: int
    entity: str
    record: int
    state: dict[str, Any]
    entry: Entry


@dataclass(frozen=True)
class BinQuery:
    """What of the bin is asked for: by entity the condition (rights) on what a record was, the actions that deleted it, and words of its title."""

    scopes: Mapping[str, Condition]
    action: Condition = EVERYTHING
    words: tuple[str, ...] = ()


class Bin:
    """The recycle bin of one database: records whose last change is a deletion.

    What an undo removed that had never been there before is none of it: an import that was undone would bury everything else.
    """

    def __init__(self, records: Records) -> None:
        self.records, self.store = records, records.store

    def count(self, query: BinQuery) -> int:
        """Return how many records are in the bin."""
        where, parameters = self._where(query)
        return int(self.store.scalar(f"SELECT COUNT(*) {where}", tuple(parameters)) or 0)

    def page(self, query: BinQuery, *, limit: int, offset: int = 0) -> list[Binned]:
        """Return deleted records by position, the latest deleted first."""
        where, parameters = self._where(query)
        found = self.store.sql(f"SELECT c.id {where} ORDER BY c.id DESC LIMIT {int(limit)} OFFSET {int(offset)}", parameters).fetchall()
        return self.by_change([int(row[0]) for row in found])

    def by_change(self, changes: Sequence[int]) -> list[Binned]:
        """Return what these `change` rows deleted, in their order."""
        if not changes:
            return []
        rows = self.store.sql(
            f"SELECT c.id, c.entity, c.record_id, c.state_before, {HEAD} FROM `change` c JOIN change_set s ON s.id = c.change_set_id "
            f"WHERE c.id IN ({', '.join('?' * len(changes))})", list(changes),
        ).fetchall()
        found = {int(row[0]): Binned(int(row[0]), row[1], int(row[2]), read_state(row[3]), entry_of(row[4:])) for row in rows}
        return [found[one] for one in changes if one in found]

    def _where(self, query: BinQuery) -> tuple[str, list[Any]]:
        parameters: list[Any] = []
        kinds = [self._kind(name, scope, query.words, parameters) for name, scope in query.scopes.items()]
        parts = [
            "c.action = 'delete'",
            f"({' OR '.join(kinds)})" if kinds else "1 = 0",
            "NOT EXISTS (SELECT 1 FROM `change` n WHERE n.entity = c.entity AND n.record_id = c.record_id AND n.id > c.id)",
            f"(s.action <> '{UNDO}' OR EXISTS (SELECT 1 FROM `change` e WHERE e.entity = c.entity AND e.record_id = c.record_id AND e.id < c.id AND e.action = 'delete'))",
        ]
        if query.action != EVERYTHING:
            compiler = Compiler(ACTIONS, today=self.records.today, mysql=self.store.mysql, alias="a")
            asked = compiler.table.select(compiler.id).where(compiler.where(query.action))
            text, given = self.store.db.get_sql_context().sql(asked).query()
            parts.append(f"s.id IN ({text.replace('%s', '?')})")
            parameters += given
        return f"FROM `change` c JOIN change_set s ON s.id = c.change_set_id WHERE {' AND '.join(parts)}", parameters

    def _kind(self, name: str, scope: Condition, words: Sequence[str], parameters: list[Any]) -> str:
        parameters.append(name)
        parts = ["c.entity = ?", self._scope(scope, parameters)]
        entry = entity(name)
        for word in words:
            if entry.fields[entry.spec.title].spec.link:
                parts.append("1 = 0")
            else:
                parts.append(f"LOWER({self._value(entry.spec.title)}) LIKE ? ESCAPE '|'")
                parameters.append(f"%{word.lower().replace('|', '||').replace('%', '|%').replace('_', '|_')}%")
        return f"({' AND '.join(parts)})"

    def _value(self, name: str) -> str:
        """Return the SQL of a field of what a record was."""
        return f"JSON_VALUE(c.state_before, '$.{name}')" if self.store.mysql else f"JSON_EXTRACT(c.state_before, '$.{name}')"

    def _scope(self, scope: Condition, parameters: list[Any]) -> str:
        """Return the SQL of a right, asked of what a record was."""
        match scope:
            case Every(()):
                return "1 = 1"
            case VisibleTo(viewer, field):
                parameters.append(viewer)
                return f"({self._value(field)} IS NULL OR {self._value(field)} IN (SELECT owner_id FROM visibility WHERE viewer_id = ?))"
            case Where(field, "eq", value):
                parameters.append(value)
                return f"{self._value(field)} = ?"
            case Either(()):
                return "1 = 0"
            case _:
                raise ValueError(scope)


def touched_records(log: ChangeLog, change_set: int, *, limit: int, offset: int = 0) -> list[RecordChange]:
    """Return what a change set did to each record, in its order: what it was before the first and after the last of its changes."""
    rows = log.store.sql(
        "SELECT MIN(id), MAX(id), entity, record_id FROM `change` WHERE change_set_id = ? GROUP BY entity, record_id ORDER BY MIN(id) LIMIT ? OFFSET ?",
        (change_set, limit, offset),
    ).fetchall()
    if not rows:
        return []
    entry = log.entry(change_set)
    following = _following(log.store, [int(row[1]) for row in rows])
    wanted = [int(row[0]) for row in rows] + list(following.values())
    states: dict[int, dict[str, Any] | None] = {}
    for row in log.store.sql(f"SELECT id, state_before FROM `change` WHERE id IN ({', '.join('?' * len(wanted))})", wanted).fetchall():
        states[int(row[0])] = read_state(row[1]) if row[1] else None
    now = {name: log.records.states(log.store.entities[name], [int(row[3]) for row in rows if row[2] == name]) for name in {row[2] for row in rows}}
    made = []
    for first, last, name, record in rows:
        before = states.get(int(first))
        after = states.get(following[int(last)]) if int(last) in following else now[name].get(int(record))
        action = "insert" if before is None else "delete" if after is None else "update"
        old, new = before or {}, after or {}
        differing = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
        made.append(RecordChange(entry, name, int(record), action, {key: old.get(key) for key in differing}, {key: new.get(key) for key in differing}))
    return made


def _following(store: Store, changes: Sequence[int]) -> dict[int, int]:
    """Return the next change of the same record after each of these, where there is one."""
    rows = store.sql(
        "SELECT c.id, (SELECT n.id FROM `change` n WHERE n.entity = c.entity AND n.record_id = c.record_id AND n.id > c.id ORDER BY n.id LIMIT 1) "
        f"FROM `change` c WHERE c.id IN ({', '.join('?' * len(changes))})", list(changes),
    ).fetchall()
    return {int(row[0]): int(row[1]) for row in rows if row[1] is not None}
