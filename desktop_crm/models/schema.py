"""The portable schema language of migrations: one table a call, the same on SQLite, MariaDB and MySQL.

Migrations are frozen text, so this language only ever grows: the meaning of a type never changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import peewee

from desktop_crm.base.lazily import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

MYSQL_TYPES: Final = {
    "text": "VARCHAR({size}) NOT NULL DEFAULT ''",
    "note": "LONGTEXT NOT NULL",
    "memo": "LONGTEXT NOT NULL DEFAULT ('')",
    "json": "LONGTEXT",
    "integer8": "BIGINT",
    "integer2": "SMALLINT NOT NULL DEFAULT 0",
    "date": "DATE",
    "link": "BIGINT",
    "count": "BIGINT NOT NULL DEFAULT 0",
    "last": "DATE NOT NULL DEFAULT '9999-12-31'",
}
SQLITE_TYPES: Final = MYSQL_TYPES | {
    "note": "TEXT NOT NULL DEFAULT ''",
    "memo": "TEXT NOT NULL DEFAULT ''",
    "json": "TEXT",
    "integer8": "INTEGER",
    "integer2": "INTEGER NOT NULL DEFAULT 0",
    "link": "INTEGER",
    "count": "INTEGER NOT NULL DEFAULT 0",
}


@dataclass(frozen=True)
class Column:
    """One column: its type in the language of this module, and what hangs on it.

    `size` is the length of a text in characters, `to` the table a link points to, `formula` the SQL of a generated column, `default` what
    a text is in rows that are there already.
    Lines are deleted with their record by the engine: MySQL runs no triggers for what a foreign key deletes.
    """

    name: str
    type: str
    size: int = 200
    to: str = ""
    index: bool = False
    unique: bool = False
    formula: str = ""
    default: str = ""


def is_mysql(db: peewee.Database) -> bool:
    """Tell whether `db` speaks MySQL's dialect."""
    return isinstance(db, peewee.MySQLDatabase)


def column_sql(db: peewee.Database, column: Column) -> str:
    """Return the definition of one column."""
    types = MYSQL_TYPES if is_mysql(db) else SQLITE_TYPES
    sql_type = types[column.type].format(size=column.size)
    if column.formula:
        bare = sql_type.split(" NOT NULL")[0]
        return f"`{column.name}` {bare} GENERATED ALWAYS AS ({column.formula}) VIRTUAL"
    if column.default:
        sql_type = sql_type.replace("DEFAULT ''", f"DEFAULT '{column.default}'")
    return f"`{column.name}` {sql_type}"


def existing_tables(db: peewee.Database) -> set[str]:
    """Return the names of the tables that are there."""
    return set(db.get_tables())


def create_table(db: peewee.Database, table: str, *columns: Column, keyed: bool = True) -> None:
    """Create `table` with an identity that is never used twice, unless it is there already.

    `keyed=False` leaves the ``id`` column out, for link tables. An interrupted migration on MySQL leaves what it had done
    behind, so every part of this is skipped where it stands.
    """
    mysql = is_mysql(db)
    found = [column for column in columns if column.index or column.unique or column.to]
    if table in existing_tables(db):
        for column in found:
            create_index(db, table, [column.name], unique=column.unique)
        return
    identity = "`id` BIGINT PRIMARY KEY AUTO_INCREMENT" if mysql else "`id` INTEGER PRIMARY KEY AUTOINCREMENT"
    parts = [identity] if keyed else []
    parts += [column_sql(db, column) for column in columns]
    parts += [f"FOREIGN KEY (`{column.name}`) REFERENCES `{column.to}` (`id`)" for column in columns if column.to]
    if mysql:
        # With its table, since each index that comes later is a table's change of its own to a server.
        parts += [f"{'UNIQUE ' if column.unique else ''}INDEX `{table}_{column.name}` (`{column.name}`)" for column in found]
    ending = " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin" if mysql else ""
    db.execute_sql(f"CREATE TABLE `{table}` ({', '.join(parts)}){ending}")
    for column in () if mysql else found:
        db.execute_sql(_index_sql(table, [column.name], unique=column.unique))


def create_index(db: peewee.Database, table: str, columns: list[str], *, unique: bool = False, only: str = "") -> None:
    """Create an index named after its columns, unless it is there already.

    `only` is the SQL of the rows that are asked for: SQLite's index holds no others, MySQL has no such index and holds all.
    """
    name = f"{table}_{'_'.join(columns)}"
    if name in {index.name for index in db.get_indexes(table)}:
        return
    db.execute_sql(_index_sql(table, columns, unique=unique, only="" if is_mysql(db) else only))


def _index_sql(table: str, columns: list[str], *, unique: bool, only: str = "") -> str:
    listed = ", ".join(f"`{column}`" for column in columns)
    return f"CREATE {'UNIQUE ' if unique else ''}INDEX `{table}_{'_'.join(columns)}` ON `{table}` ({listed}){f' WHERE {only}' if only else ''}"


def add_column(db: peewee.Database, table: str, column: Column) -> None:
    """Add a column to a table that has rows, with its index, unless they are there already."""
    add_columns(db, table, [column])


def add_columns(db: peewee.Database, table: str, columns: Sequence[Column]) -> None:
    """Add columns to a table that has rows, with their indexes, unless they are there already.

    A server does all of it in one statement, which ends as a whole or not at all: it may have to write every row anew, which it does once so.
    """
    there = table_columns(db, table)
    if not is_mysql(db):
        for column in columns:
            if column.name not in there:
                key = f" REFERENCES `{column.to}` (`id`)" if column.to else ""
                db.execute_sql(f"ALTER TABLE `{table}` ADD COLUMN {column_sql(db, column)}{key}")
            if column.index or column.to:
                create_index(db, table, [column.name], unique=column.unique)
        return
    parts, indexes = [], {index.name for index in db.get_indexes(table)}
    for column in columns:
        name = f"{table}_{column.name}"
        if column.name not in there:
            parts.append(f"ADD COLUMN {column_sql(db, column)}")
            # Named, since a server that adds several without looking at the rows gives two of them one name of its own.
            parts += [f"ADD CONSTRAINT `{name}_fk` FOREIGN KEY (`{column.name}`) REFERENCES `{column.to}` (`id`)"] if column.to else []
        if (column.index or column.to) and name not in indexes:
            parts.append(f"ADD {'UNIQUE ' if column.unique else ''}INDEX `{name}` (`{column.name}`)")
    if parts:
        db.execute_sql(f"ALTER TABLE `{table}` {', '.join(parts)}")


def drop_index(db: peewee.Database, table: str, columns: list[str]) -> None:
    """Take the index over some columns away, unless it is gone already."""
    name = f"{table}_{'_'.join(columns)}"
    if name in {index.name for index in db.get_indexes(table)}:
        db.execute_sql(f"DROP INDEX `{name}`{f' ON `{table}`' if is_mysql(db) else ''}")


def drop_column(db: peewee.Database, table: str, name: str) -> None:
    """Take a column and the index over it away, unless they are gone already."""
    if name not in table_columns(db, table):
        return
    if not is_mysql(db):
        db.execute_sql(f"DROP INDEX IF EXISTS `{table}_{name}`")
        # One that names the column would refuse it; it is made anew, or not at all, after the migrations.
        for trigger, text in db.execute_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,)).fetchall():
            if f"`{name}`" in text:
                db.execute_sql(f"DROP TRIGGER `{trigger}`")
    db.execute_sql(f"ALTER TABLE `{table}` DROP COLUMN `{name}`")


def table_columns(db: peewee.Database, table: str) -> set[str]:
    """Return the names of a table's columns, generated ones included."""
    if is_mysql(db):
        rows = db.execute_sql("SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = %s", (table,))
        return {row[0] for row in rows.fetchall()}
    return {row[1] for row in db.execute_sql(f"PRAGMA table_xinfo(`{table}`)").fetchall()}
