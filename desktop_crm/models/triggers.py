"""The triggers that keep the history and the sums, made from the declarations for both engines.

Three triggers a table write `change` rows: they name the change set that the transaction opened and refuse a write where
none is open, so no program can write past the history. Three more per rollup keep sums such as a receivable's settled amount, and
two tell the index of search what it has to take in.
They are derived objects: dropped and made anew after each migration, compared by `check`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.models import search_index
from desktop_crm.models.registry import REGISTER, Entity, column_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.models.database import Store

REFUSAL = "no change set is open"


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
    for event, row, kept in (("insert", "NEW", "NULL"), ("update", "OLD", before), ("delete", "OLD", before)):
        write = f"INSERT INTO `change` (change_set_id, entity, record_id, action, state_before) VALUES ({current}, '{entry.name}', {row}.id, '{event}', {kept});"
        name = f"trace_{table}_{event}"
        head = f"CREATE TRIGGER `{name}` AFTER {event.upper()} ON `{table}` FOR EACH ROW"
        if mysql:
            body = f"IF {changed} THEN {guard} {write} END IF;" if event == "update" else f"{guard} {write}"
            made[name] = f"{head} BEGIN {body} END"
        else:
            made[name] = f"{head}{f' WHEN {changed}' if event == 'update' else ''} BEGIN {guard} {write} END"
    return made


def rollups(entry: Entity, *, mysql: bool) -> dict[str, str]:
    """Return the SQL of the triggers that keep an entity's rollup fields, by name."""
    same = "<=>" if mysql else "IS"
    made = {}
    for name, field in entry.fields.items():
        if field.rollup is None:
            continue
        child_name, child_field, via = field.rollup
        child = REGISTER[child_name]
        link = column_name(child.fields[via])
        target = column_name(field)
        part = f"COALESCE({{row}}.`{column_name(child.fields[child_field])}`, 0)" if child_field else "1"
        old, new = part.format(row="OLD"), part.format(row="NEW")

        def add(sign: str, row: str, amount: str, *, table: str = entry.table, target: str = target, link: str = link) -> str:
            return f"UPDATE `{table}` SET `{target}` = `{target}` {sign} {amount} WHERE id = {row}.`{link}`;"

        base = f"roll_{entry.table}_{name}"
        bodies = {"insert": add("+", "NEW", new), "delete": add("-", "OLD", old), "update": f"{add('-', 'OLD', old)} {add('+', 'NEW', new)}"}
        for event, body in bodies.items():
            head = f"CREATE TRIGGER `{base}_{event}` AFTER {event.upper()} ON `{child.table}` FOR EACH ROW"
            moved = f"NOT (OLD.`{link}` {same} NEW.`{link}`) OR NOT ({old} {same} {new})"
            if mysql:
                made[f"{base}_{event}"] = f"{head} BEGIN {f'IF {moved} THEN {body} END IF;' if event == 'update' else body} END"
            else:
                made[f"{base}_{event}"] = f"{head}{f' WHEN {moved}' if event == 'update' else ''} BEGIN {body} END"
    return made


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
    if search_index.any_of(wrong):
        search_index.forget(store)
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
