"""How the tables of a company should look: what the migrations make in an empty database, compared with what is there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

import peewee
from playhouse.migrations import Runner

from desktop_crm.models import indexes, migrate
from desktop_crm.models.registry import REGISTER, as_column
from desktop_crm.models.schema import create_index, existing_tables, table_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from desktop_crm.models.database import Store

ONLY_SERVER: Final = {"change_set": frozenset({(("uid",), True)})}
"""Indexes that a file has no need of, by table: within its transaction nobody else writes."""


@dataclass(frozen=True)
class Link:
    """A column whose values are ids of another table."""

    column: str
    table: str


@dataclass(frozen=True)
class Table:
    """A table: its columns, its indexes as (columns, unique), its links, those of its columns that hold text, and which rows alone an index holds, by its columns."""

    columns: frozenset[str]
    indexes: frozenset[tuple[tuple[str, ...], bool]]
    links: tuple[Link, ...]
    texts: tuple[str, ...]
    only: Mapping[tuple[str, ...], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """Where a table isn't as it should be: the table itself or a column missing, a column unknown, an index missing."""

    table: str
    what: Literal["table", "column", "unknown", "index"]
    columns: tuple[str, ...] = ()
    unique: bool = False

    def __str__(self) -> str:
        words = {"table": "missing", "column": "missing", "unknown": "unknown", "index": "no index"}
        return f"{'.'.join(filter(None, (self.table, ', '.join(self.columns))))}: {words[self.what]}"


def expected_tables(store: Store) -> dict[str, Table]:
    """Return every table the migrations make on the store's engine, by name."""
    made = _made_by(str(migrate.FOLDER), tuple(migrate.known_migrations()))
    found = {name: _with_own(store, table, name) for name, table in made.items()}
    return {name: replace(table, indexes=table.indexes | ONLY_SERVER.get(name, frozenset())) for name, table in found.items()} if store.mysql else found


def _with_own(store: Store, table: Table, name: str) -> Table:
    """Return a table with the columns of the company's own fields."""
    entry = store.entities.get(name)
    if entry is None or entry is REGISTER[name]:
        return table
    own = [as_column(field, index=entry.indexed(key)) for key, field in entry.stored().items() if key not in REGISTER[name].fields]
    return replace(
        table,
        columns=table.columns | {column.name for column in own},
        indexes=table.indexes | {((column.name,), False) for column in own if column.index},
        links=(*table.links, *(Link(column.name, column.to) for column in own if column.to)),
        texts=(*table.texts, *(column.name for column in own if column.type in {"text", "note"})),
    )


@cache
def _made_by(folder: str, _names: tuple[str, ...]) -> dict[str, Table]:
    db = peewee.SqliteDatabase(":memory:")
    try:
        Runner(db, folder, table_name=migrate.HISTORY).up()
        indexes.rebuild(db)
        return {name: _as_made(db, name) for name in sorted(existing_tables(db) - {migrate.HISTORY}) if not _is_internal(db, name)}
    finally:
        db.close()


def _is_internal(db: peewee.SqliteDatabase, table: str) -> bool:
    """Tell whether a table is SQLite's own: its list of ids, a search index, or one of those it keeps for that."""
    virtual = [row[0] for row in db.execute_sql("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'").fetchall()]
    return table.startswith("sqlite_") or any(table == name or table.startswith(f"{name}_") for name in virtual)


def _as_made(db: peewee.SqliteDatabase, table: str) -> Table:
    made = db.get_indexes(table)
    only = {tuple(index.columns): index.sql.partition(" WHERE ")[2] for index in made if index.sql}
    links = tuple(Link(row[3], row[2]) for row in db.execute_sql(f"PRAGMA foreign_key_list(`{table}`)").fetchall())
    texts = tuple(row[1] for row in db.execute_sql(f"PRAGMA table_xinfo(`{table}`)").fetchall() if "CHAR" in row[2].upper() or "TEXT" in row[2].upper())
    return Table(frozenset(table_columns(db, table)), frozenset((tuple(index.columns), bool(index.unique)) for index in made), links, texts, only)


def differences(store: Store) -> list[Difference]:
    """Return where the tables differ from what the migrations make."""
    store.connect()
    with store.errors():
        return list(_differences(store))


def _differences(store: Store) -> Iterator[Difference]:
    there = existing_tables(store.db)
    for name, table in expected_tables(store).items():
        if name not in there:
            yield Difference(name, "table")
            continue
        columns = table_columns(store.db, name)
        yield from (Difference(name, "column", (column,)) for column in sorted(table.columns - columns))
        if name in REGISTER:
            yield from (Difference(name, "unknown", (column,)) for column in sorted(columns - table.columns))
        indexes = {(tuple(index.columns), bool(index.unique)) for index in store.db.get_indexes(name)}
        for index, unique in sorted(table.indexes):
            if (index, True) not in indexes and (unique or (index, False) not in indexes) and set(index) <= columns:
                yield Difference(name, "index", index, unique)


def rebuild_indexes(store: Store) -> None:
    """Make the indexes that are missing; one that must be unique stays missing where values repeat, which the check names."""
    made = expected_tables(store)
    for found in differences(store):
        if found.what == "index":
            try:
                create_index(store.db, found.table, list(found.columns), unique=found.unique, only=made[found.table].only.get(found.columns, ""))
            except peewee.IntegrityError:
                # The repeated values are what is wrong, and no program may choose between them.
                continue
