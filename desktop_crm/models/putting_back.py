"""Writing a plan of `undoing.py`: records that are gone come back, others go back to what they were, what was added goes.

Records come before those that link to them and go after them, so that keys and sums hold at every step. Rows are read and
written in batches, and only the fields that differ.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import Blocked, BlockedRecord, NotFound
from desktop_crm.base.i18n import N_, _
from desktop_crm.base.progress import silent
from desktop_crm.models.changes import NAMED_AT_MOST
from desktop_crm.models.reading import BATCH, read_state
from desktop_crm.models.registry import Entity, column_name, entity
from desktop_crm.models.undoing import CHANGED, GONE, REFERS, TAKEN, Differences, Undoing, marks, parts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from desktop_crm.models.changes import ChangeLog
    from desktop_crm.models.undoing import Key, Obstacles, Plan, State

PART: Final = 2_000
"""Records that are read and put back at a time."""
ALIKE: Final = 4
"""Records on average that get the same values, from which on these are set by one statement for all of them."""
REASONS: Final = {
    CHANGED: N_("It was changed again afterwards"), REFERS: N_("It refers to what would be removed"), GONE: N_("It was deleted"),
    TAKEN: N_("It has a value now that must be unique"),
}
UNDO_TEXTS: Final = {
    CHANGED: N_("This can't be undone, because these records were changed afterwards: {records}"),
    REFERS: N_("This can't be undone, because these records refer to what it made: {records}"),
    GONE: N_("This can't be undone, because these records were deleted afterwards: {records}"),
    TAKEN: N_("This can't be undone, because a value that must be unique is used by: {records}"),
}
RESTORE_TEXTS: Final = {
    GONE: N_("This can't be restored, because what it belongs to was deleted: {records}"),
    TAKEN: N_("This can't be restored, because a value that must be unique is used by: {records}"),
}


def linked_first(entities: Mapping[str, Entity]) -> tuple[list[Entity], dict[str, list[str]]]:
    """Return the entities so that one that others link to comes first, and the links that can't be followed in that order, by entity."""
    ordered: list[Entity] = []
    late: dict[str, list[str]] = defaultdict(list)
    under_way: set[str] = set()

    def enter(entry: Entity) -> None:
        if entry in ordered or entry.name in under_way:
            return
        under_way.add(entry.name)
        for name, field in entry.stored().items():
            if field.spec.link in under_way:
                late[entry.name].append(name)
            elif field.spec.link:
                enter(entities[field.spec.link])
        under_way.discard(entry.name)
        ordered.append(entry)

    for entry in entities.values():
        enter(entry)
    return ordered, late


class PuttingBack:
    """Writes one plan inside the open change set. `step(done, total)` may raise Cancelled."""

    def __init__(self, log: ChangeLog, plan: Plan, now: datetime, step: Callable[[int, int], None]) -> None:
        self.log, self.plan, self.now = log, plan, now
        self.store, self.records = log.store, log.records
        self._step, self._done, self._total = step, 0, len(plan)
        self._differences = Differences(', "' if self.store.mysql else ',"')
        self._version = int(self.store.scalar("SELECT MAX(id) FROM `change`") or 0) + 1

    def run(self) -> None:
        """Do all of it."""
        ordered, late = linked_first(self.store.entities)
        rest: dict[str, list[int]] = {}
        for entry in ordered:
            rest[entry.name] = self._put_back(entry, late.get(entry.name, []))
        for entry in ordered:
            if rest[entry.name]:
                self._put_back(entry, [], only=rest[entry.name])
        for entry in reversed(ordered):
            self._remove(entry, late.get(entry.name, []))
        self._step(self._total, self._total)

    def _count(self, done: int) -> None:
        self._step(min(self._done, self._total), self._total)
        self._done += done

    def _put_back(self, entry: Entity, late: Sequence[str], *, only: Sequence[int] | None = None) -> list[int]:
        """Bring the records of one entity back, `late` links left as they are; return those that had any of these."""
        changes = self.plan.back.get(entry.name, {})
        postponed: list[int] = []
        for part in parts(changes if only is None else only, PART):
            self._count(0 if only is not None else len(part))
            gone: dict[int, State] = {}
            changed: dict[int, State] = {}
            now: dict[int, str] = {}
            for key, former, held in self._states(entry, [changes[one] for one in part]):
                if former == held:
                    continue
                state = read_state(former) if held is None else self._differences.of(held, former)
                put_off = [name for name in late if state.get(name) is not None]
                if put_off:
                    postponed.append(key)
                    state = {name: value for name, value in state.items() if name not in put_off}
                if held is None:
                    gone[key] = state
                else:
                    changed[key], now[key] = state, held
            self._insert(entry, gone)
            self._update(entry, changed, now)
        return postponed

    def _states(self, entry: Entity, changes: Sequence[int]) -> list[tuple[int, str, str | None]]:
        """Return the id of each record, the JSON of what it was before its change, and of what it is now, None where it is gone."""
        text = f"SELECT c.record_id, c.state_before, t.id, {entry.state_sql('t')} FROM `change` c LEFT JOIN `{entry.table}` t ON t.id = c.record_id"
        rows = self.store.sql(f"{text} WHERE c.id IN ({', '.join(map(str, changes))})").fetchall()
        return [(int(record), former, None if there is None else now) for record, former, there, now in rows]

    def _insert(self, entry: Entity, rows: dict[int, State]) -> None:
        if not rows:
            return
        written = entry.written()
        listed = ", ".join(f"`{column_name(field)}`" for field in written.values())
        empty = {name: field.to_database(None) for name, field in written.items()}
        # A version it never had, so that a form that is still open notices.
        kept = {"version": self._version, "updated_at": written["updated_at"].to_database(self.now)}
        parameters = []
        for record, state in rows.items():
            full = {**empty, **state, **kept, **self._keys(entry, state)}
            parameters.append((record, *(full[name] for name in written)))
        self.store.many(f"INSERT INTO `{entry.table}` (id, {listed}) VALUES ({', '.join('?' * (len(written) + 1))})", parameters)

    def _keys(self, entry: Entity, state: State) -> dict[str, Any]:
        """Return the search text and the order of names of a record in that state."""
        spec = entry.spec
        names = [name for name in dict.fromkeys((spec.title, *spec.search)) if not spec.fields[name].link]
        full = self.records.completed(entry, {name: entry.fields[name].from_database(state.get(name)) for name in names})
        return {name: full[name] for name in ("search_key", "sort_key")}

    def _update(self, entry: Entity, rows: dict[int, State], now: Mapping[int, str]) -> None:
        """Set what differs from what is there `now`, the records that differ in the same fields together, or even in one statement those that get the same values."""
        written, spec = entry.written(), entry.spec
        named = {spec.title, *spec.search}
        groups: dict[tuple[str, ...], dict[tuple[Any, ...], list[int]]] = defaultdict(lambda: defaultdict(list))
        for record, state in rows.items():
            values = {name: value for name, value in state.items() if name in written}
            if not values:
                continue
            if named & values.keys():
                values |= self._keys(entry, {**read_state(now[record]), **state})
            groups[tuple(values)][tuple(values.values())].append(record)
        for names, alike in groups.items():
            columns = [column_name(written[name]) for name in names]
            if len(alike) * ALIKE <= sum(map(len, alike.values())):
                for given, ids in alike.items():
                    self._set_alike(entry, columns, given, ids)
            else:
                self._set(entry, columns, [(*given, record) for given, ids in alike.items() for record in ids])

    def _set_alike(self, entry: Entity, columns: Sequence[str], values: Sequence[Any], ids: Sequence[int]) -> None:
        text = ", ".join([*(f"`{column}` = ?" for column in columns), "`version` = `version` + 1", "`updated_at` = ?"])
        # A file's statements are kept by their text, so the ids are one parameter there.
        listed = ", ".join(map(str, ids))
        among, given = (f"({listed})", []) if self.store.mysql else ("(SELECT value FROM json_each(?))", [f"[{listed}]"])
        self.store.sql(f"UPDATE `{entry.table}` SET {text} WHERE id IN {among}", [*values, entry.fields["updated_at"].to_database(self.now), *given])

    def _set(self, entry: Entity, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
        stamp = entry.fields["updated_at"].to_database(self.now)
        if not self.store.mysql:
            text = ", ".join([*(f"`{column}` = ?" for column in columns), "`version` = `version` + 1", f"`updated_at` = {stamp}"])
            self.store.many(f"UPDATE `{entry.table}` SET {text} WHERE id = ?", rows)
            return
        # One statement for many rows: a server answers each one only after a while.
        names = [f"v{place}" for place in range(len(columns))]
        first = "SELECT " + ", ".join(f"? AS `{name}`" for name in [*names, "k"])
        text = ", ".join([*(f"t.`{column}` = v.`{name}`" for column, name in zip(columns, names, strict=True)), "t.`version` = t.`version` + 1", f"t.`updated_at` = {stamp}"])
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            source = " UNION ALL ".join([first, *["SELECT " + ", ".join("?" * (len(columns) + 1))] * (len(part) - 1)])
            self.store.sql(f"UPDATE `{entry.table}` t JOIN ({source}) v ON v.k = t.id SET {text}", [value for row in part for value in row])

    def _remove(self, entry: Entity, late: Sequence[str]) -> None:
        removed = sorted(self.plan.removed.get(entry.name, ()), reverse=True)
        for name in late:
            # Records that link to one another let go first.
            column = column_name(entry.fields[name])
            for part in parts(removed):
                self.store.sql(f"UPDATE `{entry.table}` SET `{column}` = NULL WHERE id IN ({marks(part)}) AND `{column}` IS NOT NULL", part)
        for part in parts(removed):
            self._count(len(part))
            self.records.delete(entry, part)


def undo(log: ChangeLog, change_sets: Sequence[int], now: datetime, *, step: Callable[[int, int], None] = silent) -> Plan:
    """Put every record back as it was before the first of these change sets, inside the open change set of the caller; return what was put back.

    Raises NotFound, and Blocked naming the records where a later change stands on top, where another record would be left without
    the one it links to, or where what would come back links to something that is gone. It is all or nothing.
    """
    undoing = Undoing(log, step)
    plan = undoing.plan(change_sets)
    if not len(plan) and not log.entries_by_id(change_sets):
        raise NotFound(_("There is no action with the number {number}").format(number=change_sets[0]))
    hold(log, plan, change_sets)
    found = undoing.obstacles(plan, change_sets)
    if found:
        more = undoing.with_later(change_sets)
        raise blocked(log, found, UNDO_TEXTS, later=tuple(one for one in more or () if one not in change_sets))
    PuttingBack(log, plan, now, step).run()
    log.mark_undone(change_sets)
    return plan


def restore(log: ChangeLog, keys: Sequence[Key], now: datetime, *, step: Callable[[int, int], None] = silent) -> Plan:
    """Bring deleted records back with what went with them, inside the open change set of the caller; return what came back.

    A deletion all of whose records come back counts as undone. Raises NotFound where a record isn't deleted or its history was
    removed, and Blocked, naming the records, where what it links to is gone or a value that must be unique is taken.
    """
    undoing = Undoing(log, step)
    deletions = {undoing.deletion(*key) for key in keys}
    if None in deletions:
        raise NotFound(_("This record is not in the recycle bin any more: it was restored already, or its history was removed"))
    plan = undoing.restoring(keys)
    sets = [deletion[1] for deletion in deletions if deletion is not None]
    hold(log, plan, sets)
    found = undoing.obstacles(plan)
    if found:
        more = undoing.with_needed(keys)
        raise blocked(log, found, RESTORE_TEXTS, needed=tuple(key for key in more or () if key not in keys))
    PuttingBack(log, plan, now, step).run()
    log.mark_undone(one for one in dict.fromkeys(sets) if one in log.standing([one]) and all(plan.holds(*key) for key in touched_keys(log, one)))
    return plan


def touched_keys(log: ChangeLog, change_set: int) -> list[Key]:
    """Return the records that a change set touched."""
    return [(name, record) for name, ids in log.touched(change_set).items() for record in ids]


def hold(log: ChangeLog, plan: Plan, change_sets: Sequence[int]) -> None:
    """Keep others from changing these records and from undoing these actions meanwhile; SQLite has one writer at a time anyway."""
    if not log.store.mysql:
        return
    for part in parts(change_sets):
        log.store.sql(f"SELECT id FROM change_set WHERE id IN ({marks(part)}) FOR UPDATE", part).fetchall()
    for held in (plan.back, plan.removed):
        for name, ids in held.items():
            for part in parts(ids):
                log.store.sql(f"SELECT id FROM `{entity(name).table}` WHERE id IN ({marks(part)}) FOR UPDATE", part).fetchall()


def blocked(log: ChangeLog, found: Obstacles, texts: Mapping[str, str], *, later: tuple[int, ...] = (), needed: tuple[Key, ...] = ()) -> Blocked:
    """Return the refusal that names what stands in the way."""
    records: list[BlockedRecord] = []
    messages = []
    for reason, keys in found.records.items():
        different = list(dict.fromkeys(keys))
        named = [log.named(BlockedRecord(name, record, "", _(REASONS[reason]))) for name, record in different[:NAMED_AT_MOST]]
        listed = _(", ").join(f"{entity(item.entity).spec.singular} {item.title or item.id}" for item in named)
        rest = len(different) - len(named)
        messages.append(_(texts[reason]).format(records=listed + (_(" and {count} more").format(count=rest) if rest else "")))
        records += named
        records += [BlockedRecord(name, record, "", _(REASONS[reason])) for name, record in different[NAMED_AT_MOST:]]
    return Blocked("\n".join(messages), records, later=later, needed=needed)
