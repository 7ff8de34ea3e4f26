"""Change sets: every write is one user's action, in one transaction, with what each record was before.

The `change` rows are written by triggers (see `triggers.py`). History, undo and restore of deleted records, and the feed by
which other clients notice changes, all read these two tables and nothing else.
"""

from __future__ import annotations

import os
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final

import peewee

from desktop_crm.base.errors import BlockedRecord, Busy, NotFound
from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import dataclass
from desktop_crm.models.closing import day_in, held, refuse_closed
from desktop_crm.models.fields import EPOCH, InstantField
from desktop_crm.models.reading import BATCH, FEW, read_state
from desktop_crm.models.registry import column_name
from desktop_crm.models.triggers import current

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date, datetime

    from desktop_crm.models.database import Store
    from desktop_crm.models.engines import Later, Statement
    from desktop_crm.models.records import Records

INSTANT: Final = InstantField("")
LINK_REFUSED: Final = {1451, 1452}
"""Numbers of a server's errors where a linked record can't go, or isn't there."""
NAMED_AT_MOST: Final = 20
LOOKED_AT: Final = 50
LABEL_LENGTH: Final = 300
REMARKS: Final = 3
"""Remarks that are said; an import may have thousands."""
UNDO: Final = "undo"
REDO: Final = "redo"
PRUNE: Final = "prune"
PRINT: Final = "print"
"""What was printed is on paper: such an action is no step of undo or redo."""
"""The actions of change sets that take back, that take an undo back, and that remove old history."""
CLOSING: Final = "SET @change_set = NULL"
"""What says to a server's triggers that no change set is open."""
HEAD: Final = "s.id, s.at, s.user_id, s.user_name, s.computer, s.action, s.label, s.records, s.entities"


def new_uid() -> str:
    """Return what tells a change set from every other."""
    return os.urandom(16).hex()


@dataclass(frozen=True)
class Actor:
    """Who acts: the user's id, the name that history keeps, and the computer."""

    id: int | None
    name: str
    computer: str = ""


@dataclass
class ChangeSet:
    """One open or finished change set; `begun` is what began it, `entities` are those it touched, and `kept` whether there is any trace of it, known when it has ended.

    The label may be made more precise by a `wording` while it is open, when a new document has its number; `remarks` are said after it, and then `warnings`,
    which the user must not overlook. `said` is the label without these.
    """

    begun: Later
    action: str
    label: str
    entities: set[str] = field(default_factory=set)
    kept: bool = False
    remarks: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    said: str = ""
    wording: str | Callable[[], str] = ""

    @property
    def id(self) -> int:
        """Its number. A server tells it with the first answer in it."""
        return self.begun.added()

    def word(self) -> None:
        """Give it the label its `wording` says."""
        self.label = (self.wording() if callable(self.wording) else self.wording) or self.label


@dataclass(frozen=True)
class Entry:
    """A change set as history shows it: `records` is how many it touched, `entities` of which kinds."""

    id: int
    at: datetime
    user_id: int | None
    user_name: str
    computer: str
    action: str
    label: str
    records: int
    entities: tuple[str, ...]


@dataclass(frozen=True)
class RecordChange:
    """One change of one record: the change set, what was done, and the fields before and after (stored values by name)."""

    entry: Entry
    entity: str
    record_id: int
    action: str
    before: dict[str, Any]
    after: dict[str, Any]


def _few(told: Sequence[str]) -> list[str]:
    """Return the first of what is to be said, each once, and how many more there are."""
    told = [*dict.fromkeys(told)]
    more = [_("and {count} more of this kind").format(count=len(told) - REMARKS)] if len(told) > REMARKS else []
    return [*told[:REMARKS], *more]


class WrittenBefore(Exception):
    """A change set with this uid is there already: a commit whose answer was lost had come through."""


class ChangeLog:
    """Opens change sets and reads what they did; `undoing.py` takes it back."""

    def __init__(self, store: Store, records: Records) -> None:
        self.store = store
        self.records = records

    @contextmanager
    def open(self, actor: Actor, action: str, label: str, now: datetime, *, uid: str = "", fresh: bool = False) -> Iterator[ChangeSet]:
        """Run what is inside as one change set in one transaction; nothing is kept where it fails or changed nothing.

        The same `uid` is never written twice: WrittenBefore is raised where it is there, also after waiting for its commit. A `fresh` one nobody can have
        written yet, so a server is told of it with the first statement inside. Busy is raised where somebody else
        deleted or took up a linked record in the same moment: run again, the rules find it gone or used and say so.
        """
        store = self.store
        try:
            with store.transaction(small=True):
                if uid and not (fresh or store.mysql) and self.holds(uid):
                    raise WrittenBefore(uid)
                row = (uid or new_uid(), INSTANT.to_database(now), actor.id, actor.name, actor.computer, action, label[:LABEL_LENGTH])
                made = ChangeSet(self._insert(row, at_once=not fresh), action, label)
                try:
                    yield made
                    self._sum_up(made)
                except BaseException:
                    if store.mysql and store.in_transaction():
                        store.sql(CLOSING)
                    raise
        except peewee.IntegrityError as problem:
            if not problem.args or problem.args[0] not in LINK_REFUSED:
                raise
            # Within a file's transaction nobody else writes; on a server a rule may have read a record that is gone by now.
            raise Busy(_("Somebody else has just deleted or used a record that this refers to; nothing was changed. Open it again and try once more")) from problem

    def _question(self) -> Statement:
        """Return what is asked when a change set ends: the last closed day, which a server holds so until the transaction ends, beside each of the first records it touched."""
        mysql = self.store.mysql
        record = "CONCAT(entity, ' ', record_id)" if mysql else "entity || ' ' || record_id"
        return f"SELECT ({held(self.store)}), {record} FROM `change` WHERE change_set_id = {current(mysql=mysql)} LIMIT {FEW + 1}", ()

    def expect_the_end(self) -> None:
        """Let a server tell what is asked when the open change set ends with its next record: most likely that is the last thing written in it."""
        if self.store.mysql:
            self.store.along(self._question())

    def _touched(self) -> tuple[list[str], date | None]:
        """Return the first records a change set touched, entity and id, as often as it did, and the last closed day; on a server no change set is open any more then."""
        (answer,) = self.store.answered(self._question())
        if self.store.mysql:
            self.store.later(CLOSING)
        return [row[1] for row in answer.rows], day_in(answer.rows)

    def _sum_up(self, made: ChangeSet) -> None:
        """Write into the change set what it touched; one that touched nothing is not kept, unless it says what was undone."""
        touched, through = self._touched()
        counts: dict[str, int] = {}
        if len(touched) <= FEW:
            for record in dict.fromkeys(touched):
                name = record.partition(" ")[0]
                counts[name] = counts.get(name, 0) + 1
        else:
            # Sorting out what comes twice takes a database five times as long as listing the few that most touch.
            text = "SELECT entity, COUNT(DISTINCT record_id) FROM `change` WHERE change_set_id = ? GROUP BY entity"
            counts = {row[0]: int(row[1]) for row in self.store.sql(text, (made.id,)).fetchall()}
        made.entities = set(counts)
        made.warnings = _few(made.warnings)
        made.said = "; ".join([made.label, *_few(made.remarks)])
        made.label = "; ".join([made.said, *made.warnings])
        refuse_closed(self.records, made.id, counts, through)
        made.kept = bool(counts) or bool(self.undone_by(made.id))
        if not made.kept:
            self.store.sql("DELETE FROM change_set WHERE id = ?", (made.id,))
            return
        names = "".join(f",{name}" for name in sorted(counts)) + ("," if counts else "")
        self.store.later(
            "UPDATE change_set SET label = ?, records = ?, entities = ? WHERE id = ?", (made.label[:LABEL_LENGTH], sum(counts.values()), names, made.id)
        )

    def _insert(self, row: tuple[Any, ...], *, at_once: bool) -> Later:
        """Add a change set and say to the triggers that it is open: a file's by what it says of its records until it has ended, a server's in a variable of the session."""
        text = "INSERT INTO change_set (uid, at, user_id, user_name, computer, action, label, records) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        try:
            begun = self.store.later(text, (*row, 0 if self.store.mysql else -1))
            if at_once:
                begun.added()
        except peewee.IntegrityError as problem:
            raise WrittenBefore(row[0]) from problem
        if self.store.mysql:
            self.store.later("SET @change_set = LAST_INSERT_ID()")
        return begun

    def holds(self, uid: str) -> bool:
        """Tell whether the change set `uid` has been committed."""
        return self.store.scalar("SELECT 1 FROM change_set WHERE uid = ?", (uid,)) is not None

    def entry(self, change_set: int) -> Entry:
        """Return one change set; raises NotFound."""
        found = self.entries("WHERE s.id = ?", (change_set,), limit=1)
        if not found:
            raise NotFound(_("There is no action with the number {number}").format(number=change_set))
        return found[0]

    def entries(self, where: str = "", parameters: Sequence[Any] = (), *, limit: int = 200) -> list[Entry]:
        """Return change sets, the latest first."""
        text = f"SELECT {HEAD} FROM change_set s {where} ORDER BY s.id DESC LIMIT {int(limit)}"
        return [entry_of(row) for row in self.store.sql(text, tuple(parameters)).fetchall()]

    def entries_by_id(self, ids: Sequence[int]) -> list[Entry]:
        """Return these change sets, the latest first; those that are gone are left out."""
        found: list[Entry] = []
        for start in range(0, len(ids), BATCH):
            part = list(ids[start : start + BATCH])
            found += self.entries(f"WHERE s.id IN ({', '.join('?' * len(part))})", part, limit=len(part))
        return sorted(found, key=lambda one: -one.id)

    # ---- what stands

    def undone_by(self, change_set: int) -> list[int]:
        """Return the change sets that this one took back, the earliest first."""
        return [int(row[0]) for row in self.store.sql("SELECT undoes FROM undone WHERE change_set_id = ? ORDER BY undoes", (change_set,)).fetchall()]

    def standing(self, change_sets: Iterable[int]) -> set[int]:
        """Return those of the change sets that were not taken back, or whose undo was itself taken back."""
        asked = list(dict.fromkeys(change_sets))
        undoers: dict[int, list[int]] = {}
        level = asked
        while level:
            rows = []
            for start in range(0, len(level), BATCH):
                part = level[start : start + BATCH]
                rows += self.store.sql(f"SELECT undoes, change_set_id FROM undone WHERE undoes IN ({', '.join('?' * len(part))})", part).fetchall()
            for one in level:
                undoers.setdefault(one, [])
            for undone, by in rows:
                undoers[int(undone)].append(int(by))
            level = list({by for one in level for by in undoers[one]} - undoers.keys())
        stands: dict[int, bool] = {}
        # An undo comes after what it undoes, so from the latest on every answer is there when it is asked for.
        for one in sorted(undoers, reverse=True):
            stands[one] = not any(stands[by] for by in undoers[one])
        return {one for one in asked if stands[one]}

    def _latest_of(self, user_id: int | None) -> Iterator[tuple[Entry, bool]]:
        """Yield the user's change sets, the latest first, each with whether it stands."""
        same = "s.user_id = ?" if user_id is not None else "s.user_id IS NULL"
        before = 1 << 62
        while True:
            found = self.entries(f"WHERE {same} AND s.id < ?", (*([] if user_id is None else [user_id]), before), limit=LOOKED_AT)
            stands = self.standing(one.id for one in found)
            for one in found:
                yield one, one.id in stands
            if len(found) < LOOKED_AT:
                return
            before = found[-1].id

    def last_of(self, user_id: int | None) -> Entry | None:
        """Return the user's latest change set that stands: neither an undo or redo nor undone."""
        return next((one for one, stands in self._latest_of(user_id) if stands and one.action not in {UNDO, REDO, PRUNE, PRINT}), None)

    def next_redo(self, user_id: int | None) -> Entry | None:
        """Return the undo that the user's next redo takes back; None where something else was done since, or nothing undone."""
        for one, stands in self._latest_of(user_id):
            if stands and one.action == UNDO:
                return one
            if stands and one.action not in {REDO, PRINT}:
                return None
        return None

    # ---- what was done

    def history(self, name: str, record: int) -> list[RecordChange]:
        """Return every change of one record, the latest first, with the fields that differ before and after."""
        entry = self.store.entities[name]
        rows = self.store.sql(
            f"SELECT c.action, c.state_before, {HEAD} FROM `change` c "
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

    def mark_undone(self, change_sets: Iterable[int]) -> None:
        """Note that the open change set takes these back."""
        for one in change_sets:
            self.store.sql(f"INSERT INTO undone (change_set_id, undoes) VALUES ({current(mysql=self.store.mysql)}, ?)", (one,))

    def links_to(self, target: str, ids: Sequence[int], *, limit: int = NAMED_AT_MOST) -> list[BlockedRecord]:
        """Return records that link to records of the entity `target`, which therefore can't go."""
        found: list[BlockedRecord] = []
        for entry in self.store.entities.values():
            for declared in entry.stored().values():
                if declared.spec.link != target:
                    continue
                for start in range(0, len(ids), BATCH):
                    part = list(ids[start : start + BATCH])
                    rows = self.store.sql(
                        f"SELECT id FROM `{entry.table}` WHERE `{column_name(declared)}` IN ({', '.join('?' * len(part))}) LIMIT 100000", part,
                    ).fetchall()
                    found += [BlockedRecord(entry.name, int(row[0]), "", declared.spec.label) for row in rows]
        return [self.named(item) for item in found[:limit]] + found[limit:]

    def named(self, item: BlockedRecord) -> BlockedRecord:
        """Return the record with the title a user knows it by, also where it is gone."""
        entry = self.store.entities[item.entity]
        title = self.records.titles(entry, [item.id]).get(item.id)
        if title is None:
            text = "SELECT state_before FROM `change` WHERE entity = ? AND record_id = ? AND action = 'delete' ORDER BY id DESC LIMIT 1"
            before = self.store.scalar(text, (item.entity, item.id))
            field = entry.fields[entry.spec.title]
            title = field.spec.show(field.from_database(read_state(before).get(entry.spec.title))) if before and not field.spec.link else ""
        return BlockedRecord(item.entity, item.id, title, item.reason)


def entry_of(row: Sequence[Any]) -> Entry:
    """Make an Entry of a row of `change_set`, its columns being those of HEAD."""
    return Entry(
        id=int(row[0]), at=INSTANT.from_database(row[1]) or EPOCH, user_id=None if row[2] is None else int(row[2]), user_name=row[3], computer=row[4],
        action=row[5], label=row[6], records=int(row[7]), entities=tuple(name for name in row[8].split(",") if name),
    )
