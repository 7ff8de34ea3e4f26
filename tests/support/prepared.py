"""A database that has been through every migration, laid down quickly: each process migrates one, and every further one is its copy.

The migrations themselves are tested where they are the matter (tests/models/test_upgrade.py, tests/upgrades); elsewhere a company begins
on what they leave, with no user in it yet, and is made in it by the program as always.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from shutil import copytree
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from desktop_crm.models import driver
from desktop_crm.services.session import connect

if TYPE_CHECKING:
    from collections.abc import Sequence


def lay(url: str) -> str:
    """Lay a migrated database without a company at `url`, which is empty or no file yet; return `url`."""
    if url.startswith("mysql:"):
        _replay(url)
    else:
        Path(url.removeprefix("sqlite:///")).write_bytes(_migrated_file())
    return url


@cache
def _migrated_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "company.sqlite3"
        connect(f"sqlite:///{path}", create=True).close()
        return path.read_bytes()


@dataclass
class _Left:
    """What the migrations left in the first database of this process: statements that make its tables, rows by the statement that inserts them, and the triggers.

    Each statement for a trigger writes the file of its table anew, which is four fifths of the work. `kept` holds those files, for databases in the same `data` folder.
    """

    tables: list[str] = field(default_factory=list)
    rows: dict[str, list[Sequence[Any]]] = field(default_factory=dict)
    filled: list[str] = field(default_factory=list)
    triggers: list[str] = field(default_factory=list)
    data: str = ""
    kept: Path = Path()


_LEFT = _Left()


def _replay(url: str) -> None:
    """Repeat in one database what the migrations left in the first this process made; that one is migrated itself."""
    if not _LEFT.tables:
        connect(url, create=True).close()
        with closing(_connected(url)) as connection, connection.cursor() as cursor:
            _remember(cursor, url)
        return
    with closing(_connected(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SET foreign_key_checks = 0")
        for statement in _LEFT.tables:
            cursor.execute(statement)
        for statement, rows in _LEFT.rows.items():
            cursor.executemany(statement, rows)
        if _LEFT.kept.is_dir() and _data_folder(cursor) == _LEFT.data:
            copytree(_LEFT.kept, _folder(_LEFT.data, url), copy_function=os.link, dirs_exist_ok=True)
            cursor.execute(f"FLUSH TABLES {', '.join(_LEFT.filled)}")  # the server has opened these without their triggers
        else:
            for statement in _LEFT.triggers:
                cursor.execute(statement)


def _connected(url: str) -> Any:
    place = urlsplit(url)
    return driver.connect(host=place.hostname, port=place.port or 3306, user=place.username, database=place.path.strip("/"), autocommit=True, charset="utf8mb4")


def _data_folder(cursor: Any) -> str:
    cursor.execute("SELECT @@datadir")
    return str(cursor.fetchall()[0][0])


def _folder(data: str, url: str) -> Path:
    return Path(data) / urlsplit(url).path.strip("/")


def _remember(cursor: Any, url: str) -> None:
    """Take note of tables, rows and triggers of a database that was just migrated."""

    def rows(text: str) -> Sequence[Sequence[Any]]:
        cursor.execute(text)
        found: Sequence[Sequence[Any]] = cursor.fetchall()
        return found

    for name, _kind in rows("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'"):
        _LEFT.tables.append(rows(f"SHOW CREATE TABLE `{name}`")[0][1])
        if kept := rows(f"SELECT * FROM `{name}`"):  # noqa: S608 - the names are the database's own
            _LEFT.filled.append(f"`{name}`")
            _LEFT.rows[f"INSERT INTO `{name}` VALUES ({', '.join(['%s'] * len(kept[0]))})"] = list(kept)  # noqa: S608
    _LEFT.triggers += [rows(f"SHOW CREATE TRIGGER `{one[0]}`")[0][2] for one in rows("SHOW TRIGGERS")]
    _LEFT.data = _data_folder(cursor)
    folder = _folder(_LEFT.data, url)
    if os.access(folder, os.R_OK | os.W_OK):
        _LEFT.kept = Path(_LEFT.data).parent / f"triggers-{uuid.uuid4().hex}"  # goes with the server
        copytree(folder, _LEFT.kept, ignore=lambda _folder, names: [name for name in names if not name.endswith((".TRG", ".TRN"))])
