"""Stored values that the program could never have written: of another type, unreadable, or worked out wrongly by the database.

A table is read once for all its columns; which column it was is asked only where something was found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.progress import Step, silent, stepped
from desktop_crm.models.expected import expected_tables
from desktop_crm.models.integrity import Finding, found_by
from desktop_crm.models.registry import REGISTER, Entity, column_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.models.database import Store
    from desktop_crm.models.fields import Declared

FIRST_INSTANT: Final = -62_135_596_800_000_000
LAST_INSTANT: Final = 253_402_300_799_999_999
NUMBERS: Final = frozenset({"integer8", "integer2", "link", "count"})


def wrong_values(store: Store, step: Step = silent) -> Iterator[Finding]:
    """Yield the records that hold a value which their field can't have: text for a number, a day that doesn't exist, an unreadable note."""
    for entry in stepped(store.entities.values(), step):
        yield from _asked(store, entry, {name: _never(store, field, column_name(field)) for name, field in entry.stored().items()})


def wrong_formulas(store: Store, step: Step = silent) -> Iterator[Finding]:
    """Yield the records whose columns worked out by the database, such as what remains of a receivable, don't follow from the others."""
    same = "<=>" if store.mysql else "IS"
    for entry in stepped(REGISTER.values(), step):
        formulas = {name: field for name, field in entry.stored().items() if field.formula}
        yield from _asked(store, entry, {name: f"NOT (`{column_name(field)}` {same} ({field.formula}))" for name, field in formulas.items()})


def _asked(store: Store, entry: Entity, conditions: dict[str, str]) -> Iterator[Finding]:
    asked = {name: condition for name, condition in conditions.items() if condition}
    if not asked or store.scalar(f"SELECT id FROM `{entry.table}` WHERE {' OR '.join(asked.values())} LIMIT 1") is None:
        return
    for name, condition in asked.items():
        yield from found_by(store, entry.name, name, f"SELECT id FROM `{entry.table}` WHERE {condition}")


def _never(store: Store, field: Declared, column: str) -> str:
    """Return the condition that no value of the field fulfils; empty where the engine itself keeps it from happening."""
    instant = f"`{column}` < {FIRST_INSTANT} OR `{column}` > {LAST_INSTANT}" if field.kind.storage == "instant" else ""
    if field.spec.name == "custom":
        return f"(`{column}` <> '' AND NOT JSON_VALID(`{column}`))"
    if store.mysql:
        # Its columns hold only what is of their type; a date of zeros is what an unstrict server may have let in.
        return f"(MONTH(`{column}`) = 0 OR DAYOFMONTH(`{column}`) = 0)" if field.column_type == "date" else instant and f"({instant})"
    if field.column_type in NUMBERS:
        wrong = f"typeof(`{column}`) NOT IN ('integer', 'null')"
        return f"({wrong} OR {instant})" if instant else wrong
    if field.column_type == "date":
        return f"(`{column}` IS NOT NULL AND (typeof(`{column}`) <> 'text' OR date(`{column}`, '+0 days') IS NOT `{column}`))"
    return f"typeof(`{column}`) <> 'text'"


def unreadable_texts(store: Store, step: Step = silent) -> Iterator[Finding]:
    """Yield the rows of any table whose text isn't UTF-8, which no program could show; MariaDB's columns can't hold it."""
    if store.mysql:
        return
    store.connect()
    store.db.connection().create_function("crm_readable", 1, _readable, deterministic=True)
    for table, made in stepped(expected_tables(store).items(), step):
        if "id" not in made.columns or not made.texts:
            continue
        whole = " || '|' || ".join(f"COALESCE(`{column}`, '')" for column in made.texts)
        name = REGISTER[table].name if table in REGISTER else ""
        yield from found_by(store, name, table, f"SELECT id FROM `{table}` WHERE NOT crm_readable(CAST({whole} AS BLOB))")


def _readable(text: Any) -> bool:
    try:
        bytes(text).decode()
    except UnicodeDecodeError:
        return False
    return True
