"""The triggers that keep the history and the sums, made from the declarations for both engines.

Three triggers a table write `change` rows: they name the change set that the transaction opened and refuse a write where
none is open, so no program can write past the history. Three more for each link keep sums over it, such as a receivable's settled amount, and
two tell the index of search what it has to take in.
They are derived objects: dropped and made anew after each migration, compared by `check`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from desktop_crm.base.lazily import dataclass
from desktop_crm.models import search_index
from desktop_crm.models.registry import REGISTER, Entity, column_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from desktop_crm.models.database import Store

REFUSAL = "no change set is open"
INSERT: Final = "insert"


def traces(entry: Entity, *, mysql: bool) -> dict[str, str]:
    """Return the SQL of an entity's history triggers by name."""
    table, tracked = entry.table, entry.tracked()
    before = entry.state_sql("OLD")
    if mysql:
        changed = " OR ".join(f"NOT (OLD.`{column}` <=> NEW.`{column}`)" for column in tracked.values())
        guard = f"IF @change_set IS NULL THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{REFUSAL}'; END IF;"
        current = "@change_set"
    else:
        changed = " OR ".join(f"OLD.`{column}` IS NOT NEW.`{column}`" for column in tracked.values())
        guard = f"SELECT RAISE(ABORT, '{REFUSAL}') WHERE NOT EXISTS (SELECT 1 FROM open_change_set);"
        current = "(SELECT id FROM open_change_set)"
    made = {}
    for event, row, kept in ((INSERT, "NEW", "NULL"), ("update", "OLD", before), ("delete", "OLD", before)):
        write = f"INSERT INTO `change` (change_set_id, entity, record_id, action, state_before) VALUES ({current}, '{entry.name}', {row}.id, '{event}', {kept});"
        name = f"trace_{table}_{event}"
        made[name] = _trigger(name, event, table, f"{guard} {write}", when=changed if event == "update" else "", of=[*tracked.values()], mysql=mysql)
    return made


@contextmanager
def told_at_once(store: Store, entry: Entity) -> Iterator[None]:
    """Add many records to a file without a trigger for each: what history and search are told of them is written behind them, in a statement each.

    With triggers SQLite keeps for every single row what it may have to put back, which costs as much as the row. They are gone inside this
    transaction only, in which nobody else can write, and what fails puts them back with it. Where no change set is open they stay, and refuse.
    """
    current = store.scalar("SELECT id FROM open_change_set")
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
    """The sums of one table over one link of a child table: column of the sum by the child's field, which is "" for a count."""

    entry: Entity
    child: Entity
    via: str
    sums: dict[str, str]

    @property
    def link(self) -> str:
        """The child's column that says whose sums it counts for."""
        return column_name(self.child.fields[self.via])

    def part(self, field: str, row: str) -> str:
        """Return the SQL of what one row, OLD or NEW, adds to the sum of `field`."""
        return f"COALESCE({row}.`{column_name(self.child.fields[field])}`, 0)" if field else "1"

    def changed(self, *, mysql: bool) -> str:
        """Return the SQL of whether an update of the child changes a sum."""
        same = "<=>" if mysql else "IS"
        parts = [(f"OLD.`{self.link}`", f"NEW.`{self.link}`"), *((self.part(field, "OLD"), self.part(field, "NEW")) for field in self.sums.values() if field)]
        return " OR ".join(f"NOT ({old} {same} {new})" for old, new in parts)

    def columns(self) -> list[str]:
        """Return the columns of the child whose update can change a sum: its link and those its fields are made of."""
        return list(dict.fromkeys([self.link, *(name for field in self.sums.values() if field for name in made_of(self.child, field))]))


def made_of(entry: Entity, name: str) -> list[str]:
    """Return the columns that are written from which the value of a field follows: its own, or those its formula names."""
    field = entry.fields[name]
    if not field.formula:
        return [column_name(field)]
    named = set(re.findall(r"\w+", field.formula))
    return [column for other, declared in entry.stored().items() if column_name(declared) in named for column in made_of(entry, other)]


def kept_sums(entry: Entity) -> list[Kept]:
    """Return the sums that an entity keeps, those over the same link of the same child together: one statement updates them."""
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for field in entry.fields.values():
        if field.rollup is not None:
            child, summed, via = field.rollup
            found[child, via][column_name(field)] = summed
    return [Kept(entry, REGISTER[child], via, sums) for (child, via), sums in found.items()]


def rollups(entry: Entity, *, mysql: bool) -> dict[str, str]:
    """Return the SQL of the triggers that keep an entity's rollup fields, by name."""
    made = {}
    for kept in kept_sums(entry):
        link, table = kept.link, entry.table

        def add(sign: str, row: str, *, kept: Kept = kept) -> str:
            changes = ", ".join(f"`{target}` = `{target}` {sign} {kept.part(field, row)}" for target, field in kept.sums.items())
            return f"UPDATE `{kept.entry.table}` SET {changes} WHERE id = {row}.`{kept.link}`;"

        moved = ", ".join(
            f"`{target}` = `{target}` + CASE WHEN id = NEW.`{link}` THEN {kept.part(field, 'NEW')} ELSE 0 END - CASE WHEN id = OLD.`{link}` THEN {kept.part(field, 'OLD')} ELSE 0 END"
            for target, field in kept.sums.items()
        )
        bodies = {"insert": add("+", "NEW"), "delete": add("-", "OLD"), "update": f"UPDATE `{table}` SET {moved} WHERE id IN (NEW.`{link}`, OLD.`{link}`);"}
        for event, body in bodies.items():
            name = f"sums_{table}_{kept.child.table}_{kept.via}_{event}"
            made[name] = _trigger(name, event, kept.child.table, body, when=kept.changed(mysql=mysql) if event == "update" else "", of=kept.columns(), mysql=mysql)
    return made


def _trigger(name: str, event: str, table: str, body: str, *, when: str = "", of: Sequence[str] = (), mysql: bool) -> str:
    """Return the SQL of a trigger after `event`; an update is looked at only where it writes one of the columns `of`, which SQLite knows without asking."""
    if mysql:
        return f"CREATE TRIGGER `{name}` AFTER {event.upper()} ON `{table}` FOR EACH ROW BEGIN {f'IF {when} THEN {body} END IF;' if when else body} END"
    columns = f" OF {', '.join(f'`{column}`' for column in of)}" if event == "update" else ""
    return f"CREATE TRIGGER `{name}` AFTER {event.upper()}{columns} ON `{table}` FOR EACH ROW{f' WHEN {when}' if when else ''} BEGIN {body} END"


def wanted(store: Store) -> dict[str, str]:
    """Return every trigger the declarations ask for: histories first, so a sum never runs before its row is recorded."""
    made: dict[str, str] = {}
    for make in (traces, rollups, search_index.triggers):
        for entry in REGISTER.values():
            made |= make(entry, mysql=store.mysql)
    return made


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
        names = store.sql("SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()").fetchall()
    else:
        names = store.sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    return bool(wanted(store).keys() - {row[0] for row in names})


def differences(store: Store) -> list[str]:
    """Return the names of triggers that are missing, changed or not ours."""
    there, asked = dict(present(store)), wanted(store)
    return sorted(name for name in there.keys() | asked.keys() if there.get(name) != asked.get(name))


def recompute(store: Store) -> None:
    """Set every rollup anew from the rows behind it. Triggers that are on must be right: what they add on the way is overwritten in its turn."""
    for statement in rollup_checks(fix=True):
        store.sql(statement[1])


def rollup_checks(*, fix: bool = False) -> list[tuple[str, str]]:
    """Return (what, SQL) for each rollup: the SQL finds ids whose stored sum is wrong, or with `fix` puts it right."""
    found = []
    for entry in sums_first():
        for name, field in entry.fields.items():
            if field.rollup is None:
                continue
            child_name, child_field, via = field.rollup
            child = REGISTER[child_name]
            total = f"SUM(COALESCE(c.`{column_name(child.fields[child_field])}`, 0))" if child_field else "COUNT(*)"
            value = f"(SELECT COALESCE({total}, 0) FROM `{child.table}` c WHERE c.`{column_name(child.fields[via])}` = p.id)"
            column = column_name(field)
            statement = f"SELECT p.id FROM `{entry.table}` p WHERE p.`{column}` <> {value}"
            if fix:
                statement = f"UPDATE `{entry.table}` SET `{column}` = {value.replace('p.id', f'`{entry.table}`.id')}"
            found.append((f"{entry.name}.{name}", statement))
    return found


def sums_first() -> list[Entity]:
    """Return the entities so that one whose sums another adds up comes first."""
    ordered: list[Entity] = []

    def enter(entry: Entity) -> None:
        if entry in ordered:
            return
        for field in entry.fields.values():
            if field.rollup is not None:
                enter(REGISTER[field.rollup[0]])
        ordered.append(entry)

    for entry in REGISTER.values():
        enter(entry)
    return ordered
