"""Change sets: every write is one user's action, in one transaction, with what each record was before.

The `change` rows are written by triggers (see `triggers.py`). History, undo and restore of deleted records, and the feed by
which other clients notice changes, all read these two tables and nothing else.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import peewee

from desktop_crm.base.errors import Blocked, BlockedRecord, NotFound
from desktop_crm.base.i18n import _
from desktop_crm.models.fields import EPOCH, InstantField
from desktop_crm.models.records import BATCH, Records, from_state, read_state
from desktop_crm.models.registry import REGISTER, Entity, column_name, entity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from desktop_crm.domain.catalog import Values
    from desktop_crm.models.database import Store

INSTANT: Final = InstantField("")
NAMED_AT_MOST: Final = 20


@dataclass(frozen=True)
class Actor:
    """Who acts: the user's id, the name that history keeps, and the computer."""

    id: int | None
    name: str
    computer: str = ""


@dataclass
class ChangeSet:
    """One open or finished change set; `entities` are those it touched, known when it has ended.

    The label may be made more precise while it is open, when a new document has its number.
    """

    id: int
    action: str
    label: str
    entities: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Entry:
    """A change set as history shows it."""

    id: int
    at: datetime
    user_name: str
    computer: str
    action: str
    label: str
    undoes: int | None
    records: int = 0


@dataclass(frozen=True)
class RecordChange:
    """One change of one record: the change set, what was done, and the fields before and after (stored values by name)."""

    entry: Entry
    entity: str
    record_id: int
    action: str
    before: dict[str, Any]
    after: dict[str, Any]


class WrittenBefore(Exception):
    """A change set with this uid is there already: a commit whose answer was lost had come through."""


class ChangeLog:
    """Opens change sets and reads, undoes and restores what they did."""

    def __init__(self, store: Store, records: Records) -> None:
        self.store = store
        self.records = records

    @contextmanager
    def open(self, actor: Actor, action: str, label: str, now: datetime, *, undoes: int | None = None, uid: str = "") -> Iterator[ChangeSet]:
        """Run what is inside as one change set in one transaction; nothing is kept where it fails or changed nothing.

        The same `uid` is never written twice: WrittenBefore is raised where it is there, also after waiting for its commit.
        """
        store = self.store
        with store.transaction():
            cursor = self._insert(
                (uid or uuid.uuid4().hex, INSTANT.to_database(now), actor.id, actor.name, actor.computer, action, label[:300], undoes)
            )
            made = ChangeSet(int(cursor.lastrowid), action, label)
            self._mark(made.id)
            try:
                yield made
            finally:
                if store.in_transaction():
                    self._mark(None)
            made.entities = {row[0] for row in store.sql("SELECT DISTINCT entity FROM `change` WHERE change_set_id = ?", (made.id,)).fetchall()}
            if not made.entities:
                store.sql("DELETE FROM change_set WHERE id = ?", (made.id,))
            elif made.label != label:
                store.sql("UPDATE change_set SET label = ? WHERE id = ?", (made.label[:300], made.id))

    def _insert(self, row: tuple[Any, ...]) -> Any:
        try:
            return self.store.sql("INSERT INTO change_set (uid, at, user_id, user_name, computer, action, label, undoes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        except peewee.IntegrityError as problem:
            raise WrittenBefore(row[0]) from problem

    def holds(self, uid: str) -> bool:
        """Tell whether the change set `uid` has been committed."""
        return self.store.scalar("SELECT 1 FROM change_set WHERE uid = ?", (uid,)) is not None

    def _mark(self, change_set: int | None) -> None:
        if self.store.mysql:
            self.store.sql("SET @change_set = ?", (change_set,))
        else:
            self.store.sql("DELETE FROM open_change_set")
            if change_set is not None:
                self.store.sql("INSERT INTO open_change_set (id) VALUES (?)", (change_set,))

    def entry(self, change_set: int) -> Entry:
        """Return one change set; raises NotFound."""
        found = self.entries("WHERE s.id = ?", (change_set,), limit=1)
        if not found:
            raise NotFound(_("There is no action with the number {number}").format(number=change_set))
        return found[0]

    def entries(self, where: str = "", parameters: Sequence[Any] = (), *, limit: int = 200) -> list[Entry]:
        """Return change sets, the latest first."""
        rows = self.store.sql(
            "SELECT s.id, s.at, s.user_name, s.computer, s.action, s.label, s.undoes, (SELECT COUNT(*) FROM `change` c WHERE c.change_set_id = s.id) "
            f"FROM change_set s {where} ORDER BY s.id DESC LIMIT {int(limit)}", tuple(parameters),
        ).fetchall()
        return [entry_of(row) for row in rows]

    def last_of(self, user_id: int | None) -> Entry | None:
        """Return the user's latest change set that stands: neither an undo nor undone."""
        same = "s.user_id = ?" if user_id is not None else "s.user_id IS NULL"
        rows = self.entries(
            f"WHERE {same} AND s.undoes IS NULL AND NOT EXISTS (SELECT 1 FROM change_set u WHERE u.undoes = s.id "
            "AND NOT EXISTS (SELECT 1 FROM change_set v WHERE v.undoes = u.id))",
            () if user_id is None else (user_id,), limit=1,
        )
        return rows[0] if rows else None

    def history(self, name: str, record: int) -> list[RecordChange]:
        """Return every change of one record, the latest first, with the fields that differ before and after."""
        entry = entity(name)
        rows = self.store.sql(
            "SELECT c.action, c.state_before, s.id, s.at, s.user_name, s.computer, s.action, s.label, s.undoes, 0 FROM `change` c "
            "JOIN change_set s ON s.id = c.change_set_id WHERE c.entity = ? AND c.record_id = ? ORDER BY c.id DESC", (name, record),
        ).fetchall()
        after = self.records.state(entry, record) or {}
        made = []
        for action, text, *head in rows:
            before = read_state(text) if text else {}
            changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
            made.append(RecordChange(entry_of(head), name, record, action, {key: before.get(key) for key in changed}, {key: after.get(key) for key in changed}))
            after = before
        return made

    def touched(self, change_set: int) -> dict[str, list[int]]:
        """Return the ids of the records a change set touched, by entity."""
        found: dict[str, list[int]] = defaultdict(list)
        for name, record in self.store.sql("SELECT DISTINCT entity, record_id FROM `change` WHERE change_set_id = ?", (change_set,)).fetchall():
            found[name].append(int(record))
        return dict(found)

    def undo(self, change_set: int, now: datetime, *, step: Callable[[int, int], None] = lambda _done, _total: None) -> None:
        """Put every record back as it was before `change_set`, inside the open change set of the caller.

        Raises Blocked, naming the records, where a later change stands on top or another record would be left without the one
        it links to. It is all or nothing.
        """
        rows = self.store.sql("SELECT id, entity, record_id, action, state_before FROM `change` WHERE change_set_id = ? ORDER BY id", (change_set,)).fetchall()
        if not rows:
            raise NotFound(_("There is no action with the number {number}").format(number=change_set))
        first: dict[tuple[str, int], tuple[Any, ...]] = {}
        last: dict[tuple[str, int], int] = {}
        for row in rows:
            key = (row[1], int(row[2]))
            first.setdefault(key, row)
            last[key] = int(row[0])
        self._refuse_later(change_set, last)
        ordered = sorted(last, key=lambda key: last[key], reverse=True)
        removed = {key for key in ordered if first[key][3] == "insert"}
        self._refuse_orphans(removed)
        gone: list[tuple[str, int]] = []
        for done, (name, record) in enumerate(ordered):
            if done % BATCH == 0:
                step(done, len(ordered))
            if (name, record) in removed:
                gone.append((name, record))
                continue
            self._delete(gone)
            entry, state = entity(name), read_state(first[name, record][4])
            self._put_back(entry, record, from_state(entry, state), now)
        self._delete(gone)
        step(len(ordered), len(ordered))

    def _delete(self, gone: list[tuple[str, int]]) -> None:
        """Delete the records gathered so far, lines of the same entity together, in their order."""
        start = 0
        for end in range(1, len(gone) + 1):
            if end == len(gone) or gone[end][0] != gone[start][0]:
                self.records.delete(entity(gone[start][0]), [record for _name, record in gone[start:end]])
                start = end
        gone.clear()

    def _put_back(self, entry: Entity, record: int, values: Values, now: datetime) -> None:
        if self.records.lock(entry, record) is None:
            self.records.insert(entry, [{**values, "id": record}], now)
        else:
            self.records.update(entry, record, self.records.completed(entry, values), now)

    def _refuse_later(self, change_set: int, last: dict[tuple[str, int], int]) -> None:
        later = self.store.sql(
            "SELECT c.entity, c.record_id, c.id, c.state_before FROM `change` c JOIN (SELECT DISTINCT entity, record_id FROM `change` WHERE change_set_id = ?) t "
            "ON t.entity = c.entity AND t.record_id = c.record_id WHERE c.change_set_id > ? ORDER BY c.id", (change_set, change_set),
        ).fetchall()
        after: dict[tuple[str, int], dict[str, Any] | None] = {}
        for name, record, number, text in later:
            if int(number) > last[name, int(record)]:
                after.setdefault((name, int(record)), read_state(text) if text else None)
        blocked = [
            self._blocked(name, record, _("It was changed again afterwards"))
            for (name, record), state in after.items()
            if (self.records.state(entity(name), record) or None) != state
        ]
        if blocked:
            raise Blocked(self._named(_("This can't be undone, because these records were changed afterwards: {records}"), blocked), blocked)

    def _refuse_orphans(self, removed: set[tuple[str, int]]) -> None:
        blocked: list[BlockedRecord] = []
        for target in {name for name, _record in removed}:
            ids = [record for name, record in removed if name == target]
            blocked += [found for found in self.links_to(target, ids) if (found.entity, found.id) not in removed]
        if blocked:
            raise Blocked(self._named(_("This can't be undone, because these records refer to what it made: {records}"), blocked), blocked)

    def links_to(self, target: str, ids: Sequence[int], *, limit: int = NAMED_AT_MOST) -> list[BlockedRecord]:
        """Return records that link to records of the entity `target`, which therefore can't go."""
        found: list[BlockedRecord] = []
        for entry in REGISTER.values():
            for declared in entry.stored().values():
                if declared.spec.link != target:
                    continue
                for start in range(0, len(ids), BATCH):
                    part = list(ids[start : start + BATCH])
                    rows = self.store.sql(
                        f"SELECT id FROM `{entry.table}` WHERE `{column_name(declared)}` IN ({', '.join('?' * len(part))}) LIMIT 100000", part,
                    ).fetchall()
                    found += [BlockedRecord(entry.name, int(row[0]), "", declared.spec.label) for row in rows]
        return [self._blocked(item.entity, item.id, item.reason) for item in found[:limit]] + found[limit:]

    def _blocked(self, name: str, record: int, reason: str) -> BlockedRecord:
        entry = entity(name)
        return BlockedRecord(name, record, self.records.titles(entry, [record]).get(record, ""), reason)

    @staticmethod
    def _named(message: str, blocked: list[BlockedRecord]) -> str:
        names = [f"{entity(item.entity).spec.singular} {item.title or item.id}" for item in blocked[:NAMED_AT_MOST]]
        rest = len(blocked) - len(names)
        listed = _(", ").join(names) + (_(" and {count} more").format(count=rest) if rest > 0 else "")
        return message.format(records=listed)


def entry_of(row: Sequence[Any]) -> Entry:
    """Make an Entry of a row of `change_set`."""
    return Entry(
        id=int(row[0]), at=INSTANT.from_database(row[1]) or EPOCH, user_name=row[2], computer=row[3], action=row[4], label=row[5],
        undoes=None if row[6] is None else int(row[6]), records=int(row[7]),
    )

