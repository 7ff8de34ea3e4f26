"""Opening a company's database by its URL, and what is done with a connection: statements, transactions, errors.

A URL is a path or ``sqlite:///path`` (a local file), ``sqlite:///path?shared=1`` (a file on a network folder) or
``mysql://user@host[,host2]/name``. The password is passed beside it and never stands in a URL that is kept.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import peewee
import pymysql

from desktop_crm.base.errors import Busy, ConnectionLost, NoAccess, UserError
from desktop_crm.base.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterator

BUSY_SECONDS: Final = 15
MYSQL_LOST: Final = {2002, 2003, 2006, 2013, 2055, 1053}
MYSQL_RETRY: Final = {1205, 1213}
MYSQL_REFUSED: Final = {1044, 1045, 1698}
MYSQL_NO_DATABASE: Final = 1049
CONNECT_SECONDS: Final = 5


@dataclass(frozen=True)
class Location:
    """Where a company's data is: `kind` is ``sqlite`` or ``mysql``."""

    kind: str
    path: Path | None = None
    shared: bool = False
    hosts: tuple[str, ...] = ()
    port: int = 3306
    user: str = ""
    password: str = ""
    name: str = ""

    @property
    def url(self) -> str:
        """The URL without a password."""
        if self.kind == "sqlite":
            return f"sqlite:///{self.path}" + ("?shared=1" if self.shared else "")
        return f"mysql://{self.user}@{','.join(self.hosts)}:{self.port}/{self.name}"


def parse_url(url: str) -> Location:
    """Read a database URL; raises UserError where it is none."""
    if url.startswith(("mysql://", "mariadb://")):
        parts = urlsplit(url)
        credentials, _at, address = parts.netloc.rpartition("@")
        user, _colon, password = credentials.partition(":")
        names, _colon, port = address.partition(":")
        name = parts.path.strip("/")
        if not names or not name or (port and not port.isdigit()):
            raise UserError(_("“{url}” is no server address; write it like mysql://user@server/database").format(url=f"{parts.scheme}://{names}/{name}"))
        return Location("mysql", hosts=tuple(names.split(",")), port=int(port or 3306), user=unquote(user or "root"), password=unquote(password), name=name)
    shared = False
    if url.startswith("sqlite:///"):
        text, _mark, query = url.removeprefix("sqlite:///").partition("?")
        shared = parse_qs(query).get("shared") == ["1"]
        url = text
    elif "://" in url:
        raise UserError(_("“{url}” is no database this program knows").format(url=url.split("://")[0]))
    return Location("sqlite", path=Path(url).expanduser().resolve(), shared=shared)


class Store:
    """One open database. Each thread that uses it gets its own connection.

    `mysql` tells the dialect. Statements are peewee queries or SQL text with parameters; errors come as UserError.
    """

    def __init__(self, location: Location, password: str = "") -> None:
        self.location = location
        self.mysql = location.kind == "mysql"
        self.db = self._database(location, password or location.password)
        self._depth = threading.local()

    @staticmethod
    def _database(location: Location, password: str) -> peewee.Database:
        if location.kind == "mysql":
            return peewee.MySQLDatabase(
                location.name, mariadb=True, host=location.hosts[0], port=location.port, user=location.user, password=password,
                charset="utf8mb4", connect_timeout=CONNECT_SECONDS, read_timeout=600,
                init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", sql_mode="STRICT_ALL_TABLES",
            )
        journal = "delete" if location.shared else "wal"
        pragmas = [
            ("busy_timeout", BUSY_SECONDS * 1000), ("journal_mode", journal), ("synchronous", "full" if location.shared else "normal"),
            ("foreign_keys", 1), ("cache_size", -64 * 1024),
        ]
        if not location.shared:
            pragmas.append(("mmap_size", 1 << 30))
        return peewee.SqliteDatabase(str(location.path), pragmas=pragmas, lock_type="IMMEDIATE", timeout=BUSY_SECONDS)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn a database's failure into what a user can be told; defects of the program pass through."""
        try:
            yield
        except (peewee.DatabaseError, peewee.InterfaceError, pymysql.err.OperationalError, sqlite3.DatabaseError) as problem:
            explained = self.explained(problem)
            if explained is problem:
                raise
            raise explained from problem

    def explained(self, problem: Exception) -> Exception:
        """Return the failure as a user is told it, or itself where it is a defect."""
        code = problem.args[0] if problem.args else None
        text = str(problem)
        if self.mysql and (code in MYSQL_LOST or code == 0):
            return ConnectionLost(_("The server {host} doesn't answer. What you typed is kept; try again in a moment").format(host=self.location.hosts[0]))
        if self.mysql and code == MYSQL_NO_DATABASE:
            return NoAccess(_("The server {host} has no database {name}. Check the name, or make a new company there").format(
                host=self.location.hosts[0], name=self.location.name))
        if self.mysql and code in MYSQL_REFUSED:
            return NoAccess(_("The server {host} refused to sign in {user} to {name}. Check the name and the password").format(
                host=self.location.hosts[0], user=self.location.user, name=self.location.name))
        if "unable to open database file" in text:
            return UserError(_("The company file {path} can't be opened. Check that the folder is there and may be written to").format(path=self.location.path))
        if "readonly" in text or "read-only" in text:
            return UserError(_("The company file {path} is read-only; nothing was changed. Move it to a folder you may write to").format(path=self.location.path))
        if "file is not a database" in text or "malformed" in text:
            return UserError(_("{path} is not a company file, or it is damaged. Nothing was changed").format(path=self.location.path))
        if "disk is full" in text:
            return UserError(_("The disk is full; nothing was changed. Make room and try again"))
        if "database is locked" in text or code in MYSQL_RETRY:
            return Busy(_("Somebody else is writing to the company file just now; nothing was changed. Try again"))
        return problem

    def connect(self) -> None:
        """Open this thread's connection if it isn't; raises UserError where that can't be."""
        if self.db.is_closed():
            path = self.location.path
            if path is not None and not path.parent.is_dir():
                raise UserError(_("The folder {path} doesn't exist").format(path=path.parent))
            with self.errors():
                self.db.connect()

    def close(self) -> None:
        """Close this thread's connection."""
        if not self.db.is_closed():
            self.db.close()

    def execute(self, query: Any) -> Any:
        """Run a peewee query and return its cursor."""
        self.connect()
        with self.errors():
            return self.db.execute(query)

    def sql(self, text: str, parameters: tuple[Any, ...] | list[Any] = ()) -> Any:
        """Run one statement with ``?`` parameters on either engine and return its cursor."""
        self.connect()
        if self.mysql:
            text = text.replace("%", "%%").replace("?", "%s") if parameters else text
        with self.errors():
            return self.db.execute_sql(text, tuple(parameters))

    def many(self, text: str, rows: list[tuple[Any, ...]]) -> None:
        """Run one statement for many rows of parameters."""
        self.connect()
        with self.errors():
            self.db.cursor().executemany(text.replace("?", "%s") if self.mysql else text, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run what is inside in one transaction; the outermost one commits."""
        self.connect()
        with self.errors(), self.db.atomic():
            yield

    def in_transaction(self) -> bool:
        """Tell whether this thread has a transaction open."""
        return bool(self.db.in_transaction())

    def scalar(self, text: str, parameters: tuple[Any, ...] = ()) -> Any:
        """Return the first value of the first row, or None."""
        row = self.sql(text, parameters).fetchone()
        return row[0] if row else None


def server_reachable(location: Location, password: str) -> None:
    """Raise UserError where the server doesn't answer or refuses the user; makes the database where it may."""
    try:
        connection = pymysql.connect(host=location.hosts[0], port=location.port, user=location.user, password=password, connect_timeout=CONNECT_SECONDS)
    except pymysql.err.OperationalError as problem:
        raise Store(location).explained(problem) from problem
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE IF NOT EXISTS `{}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin".format(location.name.replace("`", "``")))
