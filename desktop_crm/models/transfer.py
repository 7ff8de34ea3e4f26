"""Copies of a whole company: a SQLite file to another file in one piece, and row by row between engines, proven by comparing."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.models import triggers
from desktop_crm.models.migrate import drop_triggers, is_company, refuse_strangers, upgrade
from desktop_crm.models.records import plain
from desktop_crm.models.registry import REGISTER, column_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from desktop_crm.models.database import Store

ROWS: Final = 2000
BASE_TABLES: Final = {
    "change_set": ("id", "uid", "at", "user_id", "user_name", "computer", "action", "label", "records", "entities"),
    "undone": ("id", "change_set_id", "undoes"),
    "change": ("id", "change_set_id", "entity", "record_id", "action", "state_before"),
    "credential": ("id", "user_id", "password_hash"),
    "counter": ("id", "name", "value"),
}


def copy_file(source: Store, target: Path) -> None:
    """Copy a SQLite company, also while others write to it, and prove the copy sound; `target` must not be there.

    Raises UserError where the original is no database or the copy isn't sound, OSError where the disk refuses.
    """
    path = source.location.path
    if path is None:
        raise ValueError(source.location.url)
    try:
        with closing(sqlite3.connect(path)) as original, closing(sqlite3.connect(target)) as copy:
            original.backup(copy)
            # A copy of a file in WAL mode would ask for its companion files.
            copy.execute("PRAGMA journal_mode = DELETE")
            found = [row[0] for row in copy.execute("PRAGMA integrity_check") if row[0] != "ok"]
    except sqlite3.OperationalError as problem:
        raise OSError(None, str(problem), str(target)) from problem
    except sqlite3.DatabaseError as problem:
        raise UserError(_("{path} is not a company file, or it is damaged. Nothing was changed").format(path=path)) from problem
    if found:
        raise UserError(_("The copy is damaged ({detail}); the company file itself should be checked").format(detail=found[0]))


def copy_company(source: Store, target: Store, step: Callable[[int, int], None]) -> dict[str, int]:
    """Copy every row of `source` into the empty database `target`, on whichever engines; return the rows by table.

    History, passwords and numbers of deleted records come along, so nothing is ever numbered twice. Both sides are compared row by
    row at the end. Raises UserError where `target` holds anything, or where a difference is found.
    """
    target.connect()
    if is_company(target):
        raise UserError(_("There is a company already; open it instead of making a new one"))
    refuse_strangers(target)
    upgrade(target)
    drop_triggers(target)
    tables = _tables()
    counts = {}
    with _unguarded(target), target.transaction():
        for done, (table, columns) in enumerate(tables.items()):
            step(done, len(tables))
            target.sql(f"DELETE FROM `{table}`")
            counts[table] = _copy_table(source, target, table, columns)
            if _digest(source, table, columns) != _digest(target, table, columns):
                raise UserError(_("The copy of {table} differs from the original; nothing was kept").format(table=table))
    _continue_numbers(target)
    triggers.rebuild(target)
    step(len(tables), len(tables))
    return counts


def _tables() -> dict[str, tuple[str, ...]]:
    """Return the columns to copy by table: all but generated ones."""
    made = dict(BASE_TABLES)
    for entry in REGISTER.values():
        made[entry.table] = ("id", *(column_name(field) for field in entry.stored().values() if not field.formula))
    return made


def _rows(store: Store, table: str, columns: tuple[str, ...]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows of a table in parts, in the order of their ids, as both engines would give them."""
    listed = ", ".join(f"`{column}`" for column in columns)
    last = 0
    while True:
        rows = store.sql(f"SELECT {listed} FROM `{table}` WHERE id > ? ORDER BY id LIMIT {ROWS}", (last,)).fetchall()
        if not rows:
            return
        last = rows[-1][0]
        yield [tuple(plain(value) for value in row) for row in rows]


def _copy_table(source: Store, target: Store, table: str, columns: tuple[str, ...]) -> int:
    listed = ", ".join(f"`{column}`" for column in columns)
    text = f"INSERT INTO `{table}` ({listed}) VALUES ({', '.join('?' * len(columns))})"
    count = 0
    for rows in _rows(source, table, columns):
        target.many(text, rows)
        count += len(rows)
    return count


def _digest(store: Store, table: str, columns: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for rows in _rows(store, table, columns):
        digest.update(repr(rows).encode())
    return digest.hexdigest()


@contextmanager
def _unguarded(store: Store) -> Iterator[None]:
    """Let rows come before those they refer to."""
    switch = "SET foreign_key_checks = {}" if store.mysql else "PRAGMA foreign_keys = {}"
    store.sql(switch.format(0))
    try:
        yield
    finally:
        store.sql(switch.format(1))


def _continue_numbers(store: Store) -> None:
    """Make new records take ids above every one that ever was: a deleted record's history must not become another's."""
    for entry in REGISTER.values():
        text = f"SELECT MAX(n) FROM (SELECT MAX(id) AS n FROM `{entry.table}` UNION ALL SELECT MAX(record_id) FROM `change` WHERE entity = ?) AS used"
        highest = int(store.scalar(text, (entry.name,)) or 0)
        if store.mysql:
            store.sql(f"ALTER TABLE `{entry.table}` AUTO_INCREMENT = {highest + 1}")
        elif highest:
            store.sql("DELETE FROM sqlite_sequence WHERE name = ?", (entry.table,))
            store.sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (entry.table, highest))
