"""The copy that an upgrade makes first, of everything there is and as it is, proven before anything is changed."""

from __future__ import annotations

import hashlib
import logging
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import peewee

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.base.settings import data_folder
from desktop_crm.models.records import plain
from desktop_crm.models.schema import existing_tables, table_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from desktop_crm.models.database import Store

log = logging.getLogger(__name__)

ROWS: Final = 2000


def keep_copy(store: Store, as_before: Callable[[peewee.Database], None]) -> Path:
    """Copy the company before it is changed and return the copy, a company file; call it while nobody else upgrades.

    A SQLite file is copied beside itself, a server's company into the data folder of this computer, in the tables `as_before` makes. What a
    killed upgrade left of its copy is cleared away. Raises UserError, with nothing changed, where the copy can't be made or differs.
    """
    path = store.location.path or before_upgrade_folder() / f"{store.location.name}.sqlite3"
    for left in path.parent.glob(f"{_escaped(path.stem)}.before-upgrade-*.part*"):
        left.unlink(missing_ok=True)
    copy = _free_name(path)
    part = copy.with_name(f"{copy.name}.part")
    try:
        with store.errors():
            wrong = _copy_server(store, part, as_before) if store.mysql else _copy_file(path, part)
        if wrong:
            raise UserError(
                _("The copy that an upgrade makes first is not sound ({detail}), so nothing was changed. Restore the last backup, or ask for help").format(detail=wrong)
            )
        part.replace(copy)
    except OSError as problem:
        raise UserError(_("{path} can't be written: {reason}").format(path=copy, reason=problem.strerror)) from problem
    finally:
        part.unlink(missing_ok=True)
    log.info("The company as it was before the upgrade is in %s", copy)
    return copy


def before_upgrade_folder() -> Path:
    """Return the folder on this computer for the copies of servers' companies, creating it."""
    folder = data_folder() / "before-upgrade"
    folder.mkdir(exist_ok=True)
    return folder


def _copy_file(path: Path, part: Path) -> str:
    """Copy a SQLite file and return what is wrong with the copy."""
    if shutil.disk_usage(path.parent).free < path.stat().st_size * 2:
        raise UserError(_("There is no room beside {path} for the copy that an upgrade makes first; nothing was changed").format(path=path))
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
        return _difference(source, target)


def _copy_server(store: Store, part: Path, as_before: Callable[[peewee.Database], None]) -> str:
    """Copy every row of a server's company, as of one moment, and return what is wrong with the copy."""
    made = peewee.SqliteDatabase(str(part), pragmas={"synchronous": "full"})
    try:
        as_before(made)
        target: sqlite3.Connection = made.connection()
        store.sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with store.transaction():
            for table in sorted(set(made.get_tables()) & existing_tables(store.db)):
                columns = sorted(_given_columns(target, table) & table_columns(store.db, table))
                listed = ", ".join(f"`{column}`" for column in columns)
                target.execute("BEGIN")
                target.execute(f"DELETE FROM `{table}`")
                read = hashlib.sha256()
                for rows in _rows(lambda text, values: store.sql(text, values).fetchall(), table, columns):
                    read.update(repr(rows).encode())
                    target.executemany(f"INSERT INTO `{table}` ({listed}) VALUES ({', '.join('?' * len(columns))})", rows)
                target.execute("COMMIT")
                written = hashlib.sha256()
                for rows in _rows(lambda text, values: target.execute(text, values).fetchall(), table, columns):
                    written.update(repr(rows).encode())
                if read.digest() != written.digest():
                    return table
        _continue_ids(store, target)
    finally:
        made.close()
    return ""


def _rows(ask: Callable[[str, tuple[int, ...]], list[tuple[Any, ...]]], table: str, columns: list[str]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows of a table in parts, as both engines would give them; a table without ids in one part."""
    listed = ", ".join(f"`{column}`" for column in columns)
    if "id" not in columns:
        yield sorted(tuple(plain(value) for value in row) for row in ask(f"SELECT {listed} FROM `{table}`", ()))
        return
    last = 0
    while True:
        rows = ask(f"SELECT {listed}, `id` FROM `{table}` WHERE id > ? ORDER BY id LIMIT {ROWS}", (last,))
        if not rows:
            return
        last = rows[-1][-1]
        yield [tuple(plain(value) for value in row[:-1]) for row in rows]


def _given_columns(target: sqlite3.Connection, table: str) -> set[str]:
    """Return the columns of a table that aren't worked out by the database."""
    return {row[1] for row in target.execute(f"PRAGMA table_xinfo(`{table}`)") if row[6] == 0}


def _continue_ids(store: Store, target: sqlite3.Connection) -> None:
    """Let the copy give out the ids the server would give out next."""
    text = "SELECT table_name, auto_increment FROM information_schema.tables WHERE table_schema = DATABASE() AND auto_increment IS NOT NULL"
    following = [(name, int(value) - 1) for name, value in store.sql(text).fetchall()]
    target.execute("BEGIN")
    target.execute("DELETE FROM sqlite_sequence")
    target.executemany("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", following)
    target.execute("COMMIT")


def _free_name(path: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    names = (path.with_name(f"{path.stem}.before-upgrade-{stamp}{number}{path.suffix}") for number in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(name for name in names if not name.exists())


def _escaped(stem: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in stem)


def _difference(source: sqlite3.Connection, target: sqlite3.Connection) -> str:
    """Return what is wrong with the copy: damage, or a table with another number of rows; empty where it is sound."""
    found = [row[0] for row in target.execute("PRAGMA integrity_check") if row[0] != "ok"]
    if found:
        return str(found[0])
    tables = [row[0] for row in source.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    for table in tables:
        counts = [connection.execute(f"SELECT COUNT(*) FROM `{table}`").fetchone()[0] for connection in (source, target)]
        if counts[0] != counts[1]:
            return f"{table}: {counts[0]} ≠ {counts[1]}"
    return ""
