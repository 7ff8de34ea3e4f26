"""A database that has been through every migration, laid down quickly: each process migrates one, and every further one is its copy.

The migrations themselves are tested where they are the matter (tests/models/test_upgrade.py, tests/upgrades); elsewhere a company begins
on what they leave, with no user in it yet, and is made in it by the program as always.
"""

from __future__ import annotations

import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path
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


_SCRIPT: list[tuple[str, Sequence[Any] | None]] = []


def _replay(url: str) -> None:
    """Repeat in one database what the migrations left in the first this process made; that one is migrated itself."""
    if not _SCRIPT:
        connect(url, create=True).close()
        with closing(_connected(url)) as connection:
            _SCRIPT.extend(_statements(connection))
        return
    with closing(_connected(url)) as connection, connection.cursor() as cursor:
        for statement, values in _SCRIPT:
            cursor.execute(statement, values)


def _connected(url: str) -> Any:
    place = urlsplit(url)
    return driver.connect(host=place.hostname, port=place.port or 3306, user=place.username, database=place.path.strip("/"), autocommit=True, charset="utf8mb4")


def _statements(connection: Any) -> list[tuple[str, Sequence[Any] | None]]:
    """Return statements with their parameters that make the connection's database anew: tables, rows, triggers."""

    def rows(text: str) -> Sequence[Sequence[Any]]:
        with connection.cursor() as cursor:
            cursor.execute(text)
            found: Sequence[Sequence[Any]] = cursor.fetchall()
            return found

    made: list[tuple[str, Sequence[Any] | None]] = [("SET foreign_key_checks = 0", None)]
    filled: list[tuple[str, Sequence[Any] | None]] = []
    for name, _kind in rows("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'"):
        made.append((rows(f"SHOW CREATE TABLE `{name}`")[0][1], None))
        kept = rows(f"SELECT * FROM `{name}`")  # noqa: S608 - the names are the database's own
        filled.extend((f"INSERT INTO `{name}` VALUES ({', '.join(['%s'] * len(row))})", row) for row in kept)  # noqa: S608
    triggers = [(rows(f"SHOW CREATE TRIGGER `{one[0]}`")[0][2], None) for one in rows("SHOW TRIGGERS")]
    return [*made, *filled, *triggers]
