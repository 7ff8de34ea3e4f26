"""Taking change sets back, and bringing deleted records back: what that means for each record, and what stands in its way.

An undo of several change sets is their net effect: each record goes back to what it was before the first of them. Nothing is
written here (see `putting_back.py`); a plan holds numbers only, so one of a million records fits into memory.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.lazily import dataclass
from desktop_crm.base.progress import silent
from desktop_crm.models.reading import BATCH, read_state
from desktop_crm.models.registry import Entity, column_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from desktop_crm.models.changes import ChangeLog

Key = tuple[str, int]
State = dict[str, Any]
CHANGED: Final = "changed"
REFERS: Final = "refers"
GONE: Final = "gone"
TAKEN: Final = "taken"
"""Why a record stands in the way: it was changed afterwards, it refers to what would go, it is gone itself, it has a value that must be unique."""


KNOWN_MOST: Final = 10_000
"""Ways in which records differ that are remembered."""


@dataclass
class Plan:
    """What each record goes back to, by entity and id: `back` holds the `change` row with its former state, `removed` records that were not there."""

    back: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    removed: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def holds(self, name: str, record: int) -> bool:
        """Tell whether the record is part of the plan."""
        return record in self.back.get(name, ()) or record in self.removed.get(name, ())

    def touched(self) -> dict[str, list[int]]:
        """Return the ids of its records by entity."""
        return {name: [*self.back.get(name, ()), *self.removed.get(name, ())] for name in self.back.keys() | self.removed.keys()}

    def __len__(self) -> int:
        return sum(len(ids) for part in (self.back, self.removed) for ids in part.values())


@dataclass
class Obstacles:
    """What stands in the way: records by reason, and the change sets, or the deleted records, that taken along would clear it."""

    records: dict[str, list[Key]] = field(default_factory=lambda: defaultdict(list))
    later: set[int] = field(default_factory=set)
    needed: set[Key] = field(default_factory=set)
    hopeless: bool = False

    def __bool__(self) -> bool:
        return bool(self.records)


def same(one: str | None, other: str | None) -> bool:
    """Tell whether two states of a record, as JSON, are the same in the fields that both know; a field that came later is in one only."""
    if one is None or other is None:
        return one is other
    return one == other or not differing(read_state(one), read_state(other))


def differing(now: State, former: State) -> dict[str, Any]:
    """Return what `former` holds else than `now` in the fields that both know."""
    return {name: value for name, value in former.items() if name in now and now[name] != value}


class Differences:
    """Tells what one state of a record holds else than another, both as the JSON the same expression wrote, so that fields stand in the same order.

    Only what differs is read, and once for all records that differ alike: a mass change gives thousands the same. `between` is what stands between two fields.
    """

    def __init__(self, between: str) -> None:
        self._between = between
        self._known: dict[tuple[tuple[str, str], ...], State] = {}

    def of(self, now: str, former: str) -> State:
        """Return what `former` holds else than `now` in the fields that both know; the answer is the caller's to read, not to change.

        A value that ends in a comma looks like the end of its field: such texts are read whole, as those of different fields are.
        """
        ours, theirs = now[2:-1].split(self._between), former[2:-1].split(self._between)
        if len(ours) != len(theirs) or "" in theirs or "" in ours:
            return differing(read_state(now), read_state(former))
        other = tuple([pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]])
        found = self._known.get(other)
        if found is None:
            held, back = (read_state('{"' + self._between.join(pair[which] for pair in other) + "}") if other else {} for which in (0, 1))
            found = differing(held, back) if held.keys() == back.keys() else differing(read_state(now), read_state(former))
            if held.keys() == back.keys() and len(self._known) < KNOWN_MOST:
                self._known[other] = found
        return found


def parts(ids: Iterable[int], size: int = BATCH) -> Iterator[list[int]]:
    """Yield ids in parts, which fit one statement as its parameters."""
    listed = list(ids)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


def marks(part: Sequence[Any]) -> str:
    """Return the signs that stand for the values of one statement."""
    return ", ".join("?" * len(part))


class Undoing:
    """Plans what takes change sets back and looks for what stands in the way. `step` may raise Cancelled."""

    def __init__(self, log: ChangeLog, step: Callable[[int, int], None] | None = None) -> None:
        self.log, self.store, self.records = log, log.store, log.records
        self._step = step or silent

    # ---- plans

    def plan(self, change_sets: Sequence[int]) -> Plan:
        """Return what takes these change sets back."""
        made = Plan()
        listed = list(change_sets)
        rows = self.store.sql(f"SELECT entity, record_id, id, action FROM `change` WHERE change_set_id IN ({marks(listed)}) ORDER BY id", listed)
        while found := rows.fetchmany(BATCH * 10):
            for name, record, change, action in found:
                # The first change says what a record was before all of them.
                if action == "insert":
                    if record not in made.back[name]:
                        made.removed[name].add(record)
                elif record not in made.removed[name]:
                    made.back[name].setdefault(record, change)
        return made

    def restoring(self, keys: Iterable[Key]) -> Plan:
        """Return what brings deleted records back, each with the records that went with it: those that linked to it and were deleted by the same action."""
        made = Plan()
        deletions: dict[int, set[Key]] = defaultdict(set)
        for name, record in keys:
            row = self.deletion(name, record)
            if row is not None:
                deletions[row[1]].add((name, record))
        for change_set, chosen in deletions.items():
            rows = self.store.sql(
                "SELECT id, entity, record_id, state_before FROM `change` WHERE change_set_id = ? AND action = 'delete' ORDER BY id DESC", (change_set,)
            )
            # What went with a record was deleted before it, so from the end on a record comes before what hangs on it.
            for change, name, record, text in rows.fetchall():
                key = (name, int(record))
                if key in chosen or self._links(self.store.entities[name], read_state(text)) & chosen:
                    chosen.add(key)
                    made.back[name].setdefault(int(record), int(change))
        return made

    def deletion(self, name: str, record: int) -> tuple[int, int] | None:
        """Return the `change` row and the change set by which a record went, None where it is there or never was."""
        text = "SELECT id, change_set_id, action FROM `change` WHERE entity = ? AND record_id = ? ORDER BY id DESC LIMIT 1"
        row = self.store.sql(text, (name, record)).fetchone()
        return (int(row[0]), int(row[1])) if row and row[2] == "delete" else None

    @staticmethod
    def _links(entry: Entity, state: State) -> set[Key]:
        return {(one.spec.link, int(state[name])) for name, one in entry.stored().items() if one.spec.link and state.get(name) is not None}

    # ---- obstacles

    def obstacles(self, plan: Plan, change_sets: Sequence[int] = ()) -> Obstacles:
        """Return what stands in the way of a plan that takes `change_sets` back, or restores where there are none."""
        found = Obstacles()
        if change_sets:
            self._changed_later(change_sets, found)
        self._referring(plan, found)
        for name, ids in plan.back.items():
            links, unique = self._held(self.store.entities[name], ids.values())
            for target, wanted in links.items():
                self._missing(plan, target, wanted, found)
            for field_name, values in unique.items():
                self._taken(plan, self.store.entities[name], field_name, values, found)
        return found

    def _held(self, entry: Entity, changes: Iterable[int]) -> tuple[dict[str, set[int]], dict[str, set[Any]]]:
        """Return what records held before these changes and don't now: the ids they linked to, by entity, and the values that must be unique, by field."""
        links: dict[str, set[int]] = defaultdict(set)
        unique: dict[str, set[Any]] = defaultdict(set)
        special = {name: field.spec for name, field in entry.stored().items() if field.spec.link or field.spec.unique}
        extract, same_as = ("JSON_VALUE", "<=>") if self.store.mysql else ("JSON_EXTRACT", "IS")
        columns = {name: f"{extract}(c.state_before, '$.{name}')" for name in special}
        other = " OR ".join(f"NOT ({text} {same_as} t.`{column_name(entry.fields[name])}`)" for name, text in columns.items())
        source = f"`change` c LEFT JOIN `{entry.table}` t ON t.id = c.record_id"
        for part in parts(changes) if special else ():
            self._step(0, 1)
            for row in self.store.sql(f"SELECT DISTINCT {', '.join(columns.values())} FROM {source} WHERE c.id IN ({marks(part)}) AND ({other})", part).fetchall():
                for (name, spec), value in zip(special.items(), row, strict=True):
                    if value in (None, ""):
                        continue
                    if spec.link:
                        links[spec.link].add(int(value))
                    else:
                        unique[name].add(value)
        return links, unique

    def _changed_later(self, change_sets: Sequence[int], found: Obstacles) -> None:
        listed = list(change_sets)
        inside = f"SELECT entity, record_id, MIN(id) AS id FROM `change` WHERE change_set_id IN ({marks(listed)}) GROUP BY entity, record_id"
        rows = self.store.sql(
            f"SELECT DISTINCT f.entity, f.record_id, f.id FROM ({inside}) f JOIN `change` c ON c.entity = f.entity AND c.record_id = f.record_id AND c.id > f.id "
            f"WHERE c.change_set_id NOT IN ({marks(listed)})", [*listed, *listed],
        ).fetchall()
        first: dict[str, dict[int, int]] = defaultdict(dict)
        for name, record, change in rows:
            first[name][int(record)] = int(change)
        for name, records in first.items():
            for part in parts(records):
                self._step(0, 1)
                now = self.records.state_texts(self.store.entities[name], part)
                for record, changes in self._changes(name, part).items():
                    since = [(change_set, state) for change, change_set, state in changes if change >= records[record]]
                    standing = standing_on_top(since, now.get(record), set(listed))
                    if standing:
                        found.records[CHANGED].append((name, record))
                        found.later |= standing

    def _changes(self, name: str, ids: Sequence[int]) -> dict[int, list[tuple[int, int, str | None]]]:
        """Return the changes of records as (change, change set, JSON of the state before), the earliest first."""
        rows = self.store.sql(
            f"SELECT record_id, id, change_set_id, state_before FROM `change` WHERE entity = ? AND record_id IN ({marks(ids)}) ORDER BY record_id, id", [name, *ids]
        ).fetchall()
        made: dict[int, list[tuple[int, int, str | None]]] = defaultdict(list)
        for record, change, change_set, text in rows:
            made[int(record)].append((int(change), int(change_set), text))
        return made

    def _referring(self, plan: Plan, found: Obstacles) -> None:
        """Find records that would be left without the one they link to."""
        for target, removed in plan.removed.items():
            for entry in self.store.entities.values():
                for name, declared in entry.stored().items():
                    if declared.spec.link != target:
                        continue
                    column = column_name(declared)
                    for part in parts(removed):
                        rows = self.store.sql(f"SELECT id, `{column}` FROM `{entry.table}` WHERE `{column}` IN ({marks(part)})", part).fetchall()
                        others = {int(row[0]): int(row[1]) for row in rows if not plan.holds(entry.name, int(row[0]))}
                        if others:
                            found.records[REFERS] += [(entry.name, one) for one in others]
                            self._introduced(entry.name, name, others, found)

    def _introduced(self, name: str, field_name: str, values: dict[int, Any], found: Obstacles) -> None:
        """Find the change sets by which records came to hold these values, by id."""
        for part in parts(values):
            changes = self._changes(name, part)
            for record in part:
                for _change, change_set, text in reversed(changes.get(record, [])):
                    if text is None or read_state(text).get(field_name) != values[record]:
                        found.later.add(change_set)
                        break
                else:
                    found.hopeless = True

    def _missing(self, plan: Plan, target: str, wanted: set[int], found: Obstacles) -> None:
        """Find records that are linked to and will not be there."""
        entry, back = self.store.entities[target], plan.back.get(target, {})
        asked = {one for one in wanted if one not in back}
        there: set[int] = set()
        for part in parts(asked):
            there |= {int(row[0]) for row in self.store.sql(f"SELECT id FROM `{entry.table}` WHERE id IN ({marks(part)})", part).fetchall()}
        for one in sorted(asked - there):
            found.records[GONE].append((target, one))
            deletion = self.deletion(target, one)
            if deletion is None:
                found.hopeless = True
            else:
                found.later.add(deletion[1])
                found.needed.add((target, one))

    def _taken(self, plan: Plan, entry: Entity, field_name: str, values: set[Any], found: Obstacles) -> None:
        """Find other records that hold a value which must be unique."""
        column = column_name(entry.fields[field_name])
        listed = list(values)
        for start in range(0, len(listed), BATCH):
            part = listed[start : start + BATCH]
            rows = self.store.sql(f"SELECT id, `{column}` FROM `{entry.table}` WHERE `{column}` IN ({marks(part)})", part).fetchall()
            others = {int(row[0]): row[1] for row in rows if not plan.holds(entry.name, int(row[0]))}
            if others:
                found.records[TAKEN] += [(entry.name, one) for one in others]
                self._introduced(entry.name, field_name, others, found)

    # ---- more than was asked for

    def with_later(self, change_sets: Sequence[int]) -> tuple[int, ...] | None:
        """Return these change sets with all that must be undone with them, None where that wouldn't make it possible either."""
        chosen = set(change_sets)
        while True:
            self._step(0, 1)
            listed = sorted(chosen)
            found = self.obstacles(self.plan(listed), listed)
            if not found:
                return tuple(listed)
            if found.hopeless or found.later <= chosen:
                return None
            chosen |= found.later

    def with_needed(self, keys: Iterable[Key]) -> tuple[Key, ...] | None:
        """Return these deleted records with the deleted ones that they link to, None where that wouldn't make it possible either."""
        chosen = set(keys)
        while True:
            self._step(0, 1)
            found = self.obstacles(self.restoring(chosen))
            if not found:
                return tuple(sorted(chosen))
            if found.hopeless or TAKEN in found.records or found.needed <= chosen:
                return None
            chosen |= found.needed


def standing_on_top(changes: Sequence[tuple[int, str | None]], now: str | None, own: set[int]) -> set[int]:
    """Return the change sets that stand on top of `own` in the changes of one record, the earliest first, as (change set, JSON of the state before).

    What came out as it was – a change and its undo – stands on top of nothing.
    """
    states = [state for _change_set, state in changes] + [now]
    found: set[int] = set()
    begin = 0
    while begin < len(changes):
        if changes[begin][0] in own:
            begin += 1
            continue
        end = begin
        while end < len(changes) and changes[end][0] not in own:
            end += 1
        if not same(states[begin], states[end]):
            last = max(place for place in range(begin, end) if same(states[begin], states[place]))
            found |= {changes[place][0] for place in range(last, end)}
        begin = end
    return found
