"""The driver of MySQL and MariaDB, and connections through it. It is loaded when the first company on a server is opened."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import peewee

from desktop_crm.models.failures import server_failure

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    from desktop_crm.models.location import Location

CONNECT_SECONDS: Final = 5
"""How long a server may take to answer the call."""
GREETING_SECONDS: Final = 15
"""How long it may take for each word until it has let somebody in: another kind of server at the same address waits to be spoken to, for ever."""

NOT_MADE: Final = (1007, 1044)
"""What a server says where a database is there, or where this user makes none: many a user may only use the one that was made for it."""


@cache
def server_driver() -> Any:
    """Return the driver of MySQL and MariaDB, which peewee was imported without."""
    import pymysql

    peewee.mysql = pymysql  # type: ignore[attr-defined]  # one of its names, not of those it tells
    return pymysql


def connect(**wanted: Any) -> Any:
    """Return a new connection, encrypted where the server can; takes and raises what the driver's own does."""
    return _connection()(**wanted)


@cache
def _connection() -> Any:
    connections = server_driver().connections

    class Connection(connections.Connection):  # type: ignore[misc, name-defined]  # known only once the driver is loaded
        """A connection whose encryption is prepared once: the driver reads all the computer's certificates for each, 50 ms, and then asks none of them.

        Statements in `waiting` go to the server with the next one, in one packet: it runs them in their order and none after one that fails, so what
        goes wrong with them is raised there, and no commit comes behind it.
        """

        _read_timeout: Any
        """How long the driver waits for an answer, in seconds."""

        def __init__(self, **wanted: Any) -> None:
            self.waiting: list[tuple[str, Callable[[int], None] | None]] = []
            super().__init__(client_flag=server_driver().constants.CLIENT.MULTI_STATEMENTS, **wanted)

        def connect(self, sock: Any = None) -> None:
            patience, self._read_timeout = self._read_timeout, GREETING_SECONDS
            try:
                super().connect(sock)
            finally:
                self._read_timeout = patience

        def later(self, text: str, answered: Callable[[int], None] | None = None) -> None:
            """Let a statement wait for the next one; `answered` is told the id that it gave to a row."""
            self.waiting.append((text, answered))

        def escape(self, obj: Any, mapping: Any = None) -> str:
            """Return a parameter as it stands in a statement; the driver's own way asks three functions for a whole number."""
            return str(obj) if type(obj) is int else str(super().escape(obj, mapping))

        def query(self, sql: str | bytes, unbuffered: bool = False) -> int:  # noqa: FBT001, FBT002 - the driver's signature
            waiting, self.waiting = self.waiting, []
            if not waiting:
                return int(super().query(sql, unbuffered))
            before = "; ".join(text for text, _answered in waiting)
            super().query(f"{before}; {sql}" if isinstance(sql, str) else b"; ".join((before.encode(self.encoding), sql)))
            for left, (_text, answered) in zip(reversed(range(len(waiting))), waiting, strict=True):
                if answered is not None:
                    answered(int(self._result.insert_id or 0))
                self.next_result(unbuffered and not left)
            return int(self._affected_rows)

        def _create_ssl_ctx(self, given: Any) -> ssl.SSLContext:
            made: ssl.SSLContext = super()._create_ssl_ctx(given) if given else _encryption()
            return made

    return Connection


@cache
def _encryption() -> ssl.SSLContext:
    """Return what the driver asks of a server whose certificate isn't to be checked."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def server_reachable(location: Location, password: str) -> bool:
    """Make the database where it is missing and may be made, and tell whether it was; raises UserError where the server doesn't answer or refuses the user."""
    problems = server_driver().err
    with _errors(location), _to_server(location, password) as connection, connection.cursor() as cursor:
        try:
            cursor.execute(f"CREATE DATABASE {_name(location)} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        except (problems.ProgrammingError, problems.OperationalError) as problem:
            if problem.args[0] not in NOT_MADE:
                raise
            return False
        return True


def drop_database(location: Location, password: str) -> None:
    """Drop a database that holds no table; raises UserError where the server doesn't answer or refuses that."""
    with _errors(location), _to_server(location, password) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM information_schema.tables WHERE table_schema = %s LIMIT 1", (location.name,))
        if cursor.fetchone() is None:
            cursor.execute(f"DROP DATABASE IF EXISTS {_name(location)}")


def _to_server(location: Location, password: str) -> Any:
    return connect(host=location.hosts[0], port=location.port, user=location.user, password=password, connect_timeout=CONNECT_SECONDS)


def _name(location: Location) -> str:
    return "`{}`".format(location.name.replace("`", "``"))


@contextmanager
def _errors(location: Location) -> Iterator[None]:
    problems = server_driver().err
    try:
        yield
    except (problems.OperationalError, problems.InterfaceError) as problem:
        raise server_failure(location, problem) or problem from problem
