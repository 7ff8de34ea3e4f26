"""The triggers that keep the history and the sums, made from the declarations for both engines.

Three triggers a table write `change` rows: they name the change set that the transaction opened and refuse a write where
none is open, so no program can write past the history. Three more for each link keep sums over it, such as a receivable's settled amount, or the
first or last of it, such as a customer's oldest open due date, and four tell the index of search what it has to take in.
They are derived objects: dropped and made anew after each migration, compared by `check`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from desktop_crm.base.lazily import dataclass
from desktop_crm.models import name_places, search_index, value_index
from desktop_crm.models.fields import NEVER, LastField, Rollup
from desktop_crm.models.registry import REGISTER, Entity, column_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from desktop_crm.models.database import Store

REFUSAL = "no change set is open"
OPEN: Final = "SELECT id FROM change_set WHERE id = (SELECT MAX(id) FROM change_set) AND records < 0"
"""The SQL of the change set that is open in a file: the latest, as long as it doesn't say yet how many records it touched."""
INSERT: Final = "insert"
EVENTS: Final = (INSERT, "update", "delete")


def traces(entry: Entity, *, mysql: bool) -> dict[str, str]:
    """Return the SQL of an entity's history triggers by name."""
    table, tracked = entry.table, entry.tracked()
    before = entry.state_sql("OLD")
    if mysql:
        changed = " OR ".join(f"NOT (OLD.`{column}` <=> NEW.`{column}`)" for column in tracked.values())
        guard = f"IF @change_set IS NULL THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{REFUSAL}'; END IF; "
        current = "@change_set"
    else:
        changed = " OR ".join(f"OLD.`{column}` IS NOT NEW.`{column}`" for column in tracked.values())
        guard, current = "", f"COALESCE(({OPEN}), RAISE(ABORT, '{REFUSAL}'))"
    made = {}
    for event, row, kept in zip(EVENTS, ("NEW", "OLD", "OLD"), ("NULL", before, before), strict=True):
        write = f"INSERT INTO `change` (change_set_id, entity, record_id, action, state_before) VALUES ({current}, '{entry.name}', {row}.id, '{event}', {kept});"
        name = f"trace_{table}_{event}"
        made[name] = _trigger(name, event, table, f"{guard}{write}", when=changed if event == "update" else "", of=[*tracked.values()], mysql=mysql)
    return made


@contextmanager
def told_at_once(store: Store, entry: Entity) -> Iterator[None]:
    """Add many records to a file without a trigger for each: what history and search are told of them is written behind them, in a statement each.

    With triggers SQLite keeps for every single row what it may have to put back, which costs as much as the row. They are gone inside this
    transaction only, in which nobody else can write, and what fails puts them back with it. Where no change set is open they stay, and refuse.
    """
    current = store.scalar(OPEN)
    if current is None or not store.in_transaction():
        yield
        return
    names = (f"trace_{entry.table}_{INSERT}", f"find_{entry.table}_{INSERT}")
    there = store.sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name IN (?, ?)", names).fetchall()
    last = int(store.scalar(f"SELECT MAX(id) FROM `{entry.table}`") or 0)
    for name, _sql in there:
        store.sql(f"DROP TRIGGER `{name}`")
    try:
        yield
    finally:
        if store.in_transaction():
            text = "INSERT INTO `change` (change_set_id, entity, record_id, action, state_before)"
            store.sql(f"{text} SELECT ?, ?, id, ?, NULL FROM `{entry.table}` WHERE id > ? ORDER BY id", (current, entry.name, INSERT, last))
            search_index.wait_for(store, entry, last)
            for _name, sql in there:
                store.sql(sql)


@dataclass(frozen=True)
class Kept:
    """What one table keeps over one link of a child table, by column."""

    entry: Entity
    child: Entity
    via: str
    kept: dict[str, Rollup]

    def trigger(self, event: str) -> str:
        """Return the name of the trigger that keeps it when a child is written so."""
        return f"sums_{self.entry.table}_{self.child.table}_{self.via}_{event}"

    @property
    def link(self) -> str:
        """The child's column that says whose sums it counts for."""
        return column_name(self.child.fields[self.via])

    def of(self, name: str) -> str:
        """Return the child's column of a field."""
        return column_name(self.child.fields[name])

    def part(self, rollup: Rollup, row: str, *, mysql: bool) -> str:
        """Return the SQL of what one row adds to a sum."""
        value = f"COALESCE({row}.`{self.of(rollup.field)}`, 0)" if rollup.field else "1"
        return f"CASE WHEN {row}.`{self.of(rollup.before)}` < {reached(mysql=mysql)} THEN {value} ELSE 0 END" if rollup.before else value

    def found(self, rollup: Rollup, key: str, *, mysql: bool) -> str:
        """Return the SQL of what is to be kept for the record with this id, asked of all its rows."""
        rows = f"FROM `{self.child.table}` c WHERE c.`{self.link}` = {key}"
        if rollup.how == "sum":
            return f"(SELECT COALESCE(SUM({self.part(rollup, 'c', mysql=mysql)}), 0) {rows})"
        value, way = f"c.`{self.of(rollup.field)}`", "DESC" if rollup.how == "most" else "ASC"
        first = f"(SELECT {value} {rows} AND {value} IS NOT NULL ORDER BY {value} {way} LIMIT 1)"
        return f"COALESCE({first}, '{NEVER}')" if self.child.fields[rollup.field].column_type == LastField.column_type else first

    def wrong(self, kept: Mapping[str, Rollup], *, mysql: bool) -> str:
        """Return the SQL of the ids whose records keep one of these wrongly, with what sets each right: what a sum is off, else the value.

        The child's rows are grouped once; asking for each record by itself took a server half an hour for a million.
        """
        grouped, differing, right = [], [], []
        for column, rollup in kept.items():
            aim = f"g.`{column}`" if rollup.how != "sum" else f"COALESCE(g.`{column}`, 0)"
            if rollup.how != "sum" and self.child.fields[rollup.field].column_type == LastField.column_type:
                aim = f"COALESCE({aim}, '{NEVER}')"
            value = f"SUM({self.part(rollup, 'c', mysql=mysql)})" if rollup.how == "sum" else f"{'MAX' if rollup.how == 'most' else 'MIN'}(c.`{self.of(rollup.field)}`)"
            grouped.append(f"{value} AS `{column}`")
            differing.append(f"NOT (t.`{column}` {'<=>' if mysql else 'IS'} {aim})")
            right.append(f"{aim}{f' - COALESCE(t.`{column}`, 0)' if rollup.how == 'sum' else ''} AS `right_{column}`")
        groups = f"(SELECT c.`{self.link}` AS id, {', '.join(grouped)} FROM `{self.child.table}` c WHERE c.`{self.link}` IS NOT NULL GROUP BY c.`{self.link}`) g"
        return f"SELECT t.id, {', '.join(right)} FROM `{self.entry.table}` t LEFT JOIN {groups} ON g.id = t.id WHERE {' OR '.join(differing)}"

    def written(self, column: str, rollup: Rollup, change: str, *, mysql: bool) -> str:
        """Return the SQL that sets a column: a sum by what `change` adds to it, anything else by what is found first in an index."""
        if rollup.how == "sum":
            return f"`{column}` = `{column}` {change}"
        return f"`{column}` = {self.found(rollup, f'`{self.entry.table}`.id', mysql=mysql)}"

    def added(self, sign: str, row: str, *, mysql: bool) -> str:
        """Return the SQL that counts one row of the child in, or out."""
        changes = (self.written(column, rollup, f"{sign} {self.part(rollup, row, mysql=mysql)}", mysql=mysql) for column, rollup in self.kept.items())
        return f"UPDATE `{self.entry.table}` SET {', '.join(changes)} WHERE id = {row}.`{self.link}`;"

    def updated(self, *, mysql: bool) -> dict[str, tuple[list[str], str, str]]:
        """Return what updates of the child do, by kind: the columns that may be written by such an update, whether it is one, and the statements.

        Only one of them ever is: the link changed, or else what says which day or which is the first did, or else amounts alone, by whose difference sums move. That
        last is the usual one and spares looking for the first row and the day twice.
        """
        dated, summed = self._dated, self._summed
        there = f"{_same([self.link], mysql=mysql)} AND NEW.`{self.link}` IS NOT NULL"
        aim = f"WHERE id = NEW.`{self.link}`;"
        made = {"moved": (self.written_by([self.via]), f"NOT ({_same([self.link], mysql=mysql)})", f"{self.added('-', 'OLD', mysql=mysql)} {self.added('+', 'NEW', mysql=mysql)}")}
        days, amounts = _same(map(self.of, dated), mysql=mysql), _same(map(self.of, summed), mysql=mysql)
        if dated:
            parts = (self.written(column, one, f"+ {self.part(one, 'NEW', mysql=mysql)} - {self.part(one, 'OLD', mysql=mysql)}", mysql=mysql) for column, one in self.kept.items())
            made["dated"] = self.written_by(dated), f"{there} AND NOT ({days})", f"UPDATE `{self.entry.table}` SET {', '.join(parts)} {aim}"
        if summed:
            parts = (f"`{column}` = `{column}` + {self._difference(one, mysql=mysql)}" for column, one in self.kept.items() if one.how == "sum" and one.field)
            made["update"] = self.written_by(summed), f"{there}{f' AND {days}' if days else ''} AND NOT ({amounts})", f"UPDATE `{self.entry.table}` SET {', '.join(parts)} {aim}"
        return made

    @property
    def _dated(self) -> list[str]:
        """The child's fields that say which day, or which row is the first."""
        return list(dict.fromkeys(name for one in self.kept.values() for name in (one.before, one.field if one.how != "sum" else "") if name))

    @property
    def _summed(self) -> list[str]:
        """The child's fields that are nothing but added up."""
        return list(dict.fromkeys(one.field for one in self.kept.values() if one.how == "sum" and one.field and one.field not in self._dated))

    def events(self, *, mysql: bool) -> list[str]:
        """Return what its triggers are named after: SQLite has one for each kind of update."""
        kinds = ["update"] if mysql else ["moved", *(["dated"] if self._dated else []), *(["update"] if self._summed else [])]
        return [INSERT, "delete", *kinds]

    def written_by(self, names: Iterable[str]) -> list[str]:
        """Return the columns of the child whose writing can change one of these fields."""
        return list(dict.fromkeys(column for name in names for column in made_of(self.child, name)))

    def _difference(self, rollup: Rollup, *, mysql: bool) -> str:
        """Return the SQL of what an update adds to a sum that leaves the day of its row alone."""
        column = self.of(rollup.field)
        value = f"COALESCE(NEW.`{column}`, 0) - COALESCE(OLD.`{column}`, 0)"
        return f"CASE WHEN NEW.`{self.of(rollup.before)}` < {reached(mysql=mysql)} THEN {value} ELSE 0 END" if rollup.before else value


def _same(columns: Iterable[str], *, mysql: bool) -> str:
    """Return the SQL of whether an update leaves these columns as they were."""
    return " AND ".join(f"OLD.`{column}` {'<=>' if mysql else 'IS'} NEW.`{column}`" for column in columns)


def reached(*, mysql: bool) -> str:
    """Return the SQL of the day as of which sums are kept; a server holds it there until the transaction ends, so that no row is counted twice or never."""
    return f"(SELECT day FROM sums_day WHERE id = 1{' LOCK IN SHARE MODE' if mysql else ''})"


def made_of(entry: Entity, name: str) -> list[str]:
    """Return the columns that are written from which the value of a field follows: its own, or those its formula names."""
    field = entry.fields[name]
    if not field.formula:
        return [column_name(field)]
    named = set(re.findall(r"\w+", field.formula))
    return [column for other, declared in entry.stored().items() if column_name(declared) in named for column in made_of(entry, other)]


def kept_sums(entry: Entity) -> list[Kept]:
    """Return what an entity keeps, that over the same link of the same child together: one statement updates it."""
    found: dict[tuple[str, str], dict[str, Rollup]] = defaultdict(dict)
    for field in entry.fields.values():
        if field.rollup is not None:
            found[field.rollup.child, field.rollup.via][column_name(field)] = field.rollup
    return [Kept(entry, REGISTER[child], via, kept) for (child, via), kept in found.items()]


def rollups(entry: Entity, *, mysql: bool) -> dict[str, str]:
    """Return the SQL of the triggers that keep an entity's rollup fields, by name."""
    made = {}
    for kept in kept_sums(entry):
        table = kept.child.table
        for event, sign, row in ((INSERT, "+", "NEW"), ("delete", "-", "OLD")):
            name = kept.trigger(event)
            made[name] = _trigger(name, event, table, kept.added(sign, row, mysql=mysql), when=f"{row}.`{kept.link}` IS NOT NULL", mysql=mysql)
        kinds = kept.updated(mysql=mysql)
        if mysql:
            branches = " ELSEIF ".join(f"{when} THEN {body}" for _columns, when, body in kinds.values())
            name = kept.trigger("update")
            made[name] = _trigger(name, "update", table, f"IF {branches} END IF;", mysql=True)
            continue
        for kind, (of, when, body) in kinds.items():
            name = kept.trigger(kind)
            made[name] = _trigger(name, "update", table, body, when=when, of=of, mysql=False)
    return made


def _trigger(name: str, event: str, table: str, body: str, *, when: str = "", of: Sequence[str] = (), mysql: bool) -> str:
    """Return the SQL of a trigger after `event`; an update is looked at only where it writes one of the columns `of`, which SQLite knows without asking."""
    if mysql:
        return f"CREATE TRIGGER `{name}` AFTER {event.upper()} ON `{table}` FOR EACH ROW BEGIN {f'IF {when} THEN {body} END IF;' if when else body} END"
    columns = f" OF {', '.join(f'`{column}`' for column in of)}" if event == "update" else ""
    return f"CREATE TRIGGER `{name}` AFTER {event.upper()}{columns} ON `{table}` FOR EACH ROW{f' WHEN {when}' if when else ''} BEGIN {body} END"


def current(*, mysql: bool) -> str:
    """Return the SQL of the id of the open change set; NULL where there is none."""
    return "@change_set" if mysql else f"({OPEN})"


def wanted(store: Store) -> dict[str, str]:
    """Return every trigger the declarations ask for: histories first, so a sum never runs before its row is recorded."""
    made: dict[str, str] = {}
    for make in (traces, rollups, search_index.triggers, name_places.triggers, value_index.triggers):
        for entry in store.entities.values():
            made |= make(entry, mysql=store.mysql)
    return made


def names(*, mysql: bool) -> Iterator[str]:
    """Yield the names of those in `wanted`, without the texts, which take most of the time it takes to open a company."""
    for entry in REGISTER.values():
        yield from (f"trace_{entry.table}_{event}" for event in EVENTS)
        yield from (kept.trigger(event) for kept in kept_sums(entry) for event in kept.events(mysql=mysql))
        yield from search_index.trigger_names(entry)
        yield from name_places.trigger_names(entry)
        yield from value_index.trigger_names(entry)


def present(store: Store) -> Iterator[tuple[str, str]]:
    """Yield name and SQL of the triggers that are there."""
    if store.mysql:
        for name, event, table, body in store.sql(
            "SELECT trigger_name, event_manipulation, event_object_table, action_statement FROM information_schema.triggers WHERE trigger_schema = DATABASE()"
        ).fetchall():
            yield name, f"CREATE TRIGGER `{name}` AFTER {event} ON `{table}` FOR EACH ROW {body}"
    else:
        yield from store.sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()


def rebuild(store: Store) -> list[str]:
    """Put right every trigger that is missing, changed or not ours, and no other; return their names.

    On MariaDB a changed one is replaced in one statement, so that nobody writes past it meanwhile.
    """
    there, asked = dict(present(store)), wanted(store)
    wrong = sorted(name for name in there.keys() | asked.keys() if there.get(name) != asked.get(name))
    replaces = store.mysql and "MariaDB" in str(store.scalar("SELECT VERSION()"))
    for name in wrong:
        if name in there and not (replaces and name in asked):
            store.sql(f"DROP TRIGGER `{name}`")
        if name in asked:
            store.sql(asked[name].replace("CREATE TRIGGER", "CREATE OR REPLACE TRIGGER", 1) if replaces else asked[name])
    search_index.forget(store, wrong)
    return wrong


def missing(store: Store) -> bool:
    """Tell whether a trigger that the declarations ask for isn't there at all: an upgrade was broken off before it made them."""
    if store.mysql:
        there = store.sql("SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()").fetchall()
    else:
        there = store.sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    return not {row[0] for row in there}.issuperset(names(mysql=store.mysql))


def differences(store: Store) -> list[str]:
    """Return the names of triggers that are missing, changed or not ours."""
    there, asked = dict(present(store)), wanted(store)
    return sorted(name for name in there.keys() | asked.keys() if there.get(name) != asked.get(name))


def recompute(store: Store) -> None:
    """Set every rollup that is wrong anew from the rows behind it. Triggers that are on must be right: what they add on the way is overwritten in its turn.

    A child table is read once for all that is kept over one of its links. A sum is moved by what it is off, so what others add to it meanwhile stays.
    """
    for kept in (kept for entry in sums_first() for kept in kept_sums(entry)):
        table, wrong = kept.entry.table, f"({kept.wrong(kept.kept, mysql=store.mysql)}) w"
        right = ", ".join(f"`{column}` = {f'COALESCE(`{table}`.`{column}`, 0) + ' if rollup.how == 'sum' else ''}w.`right_{column}`" for column, rollup in kept.kept.items())
        store.sql(f"UPDATE `{table}` JOIN {wrong} ON w.id = `{table}`.id SET {right}" if store.mysql else f"UPDATE `{table}` SET {right} FROM {wrong} WHERE w.id = `{table}`.id")


def rollup_checks(*, mysql: bool) -> list[tuple[str, str]]:
    """Return (what, SQL) for each rollup: the SQL finds ids, first of their row, whose stored value is wrong."""
    checks = []
    for entry in sums_first():
        names = {column_name(field): name for name, field in entry.fields.items() if field.rollup}
        for kept in kept_sums(entry):
            checks += [(f"{entry.name}.{names[column]}", kept.wrong({column: rollup}, mysql=mysql)) for column, rollup in kept.kept.items()]
    return checks


def sums_first() -> list[Entity]:
    """Return the entities so that one whose sums another adds up comes first."""
    ordered: list[Entity] = []

    def enter(entry: Entity) -> None:
        if entry in ordered:
            return
        for field in entry.fields.values():
            if field.rollup is not None:
                enter(REGISTER[field.rollup.child])
        ordered.append(entry)

    for entry in REGISTER.values():
        enter(entry)
    return ordered
