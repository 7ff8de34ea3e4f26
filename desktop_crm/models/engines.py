"""The two kinds of databases, as peewee drives them and this program wants them."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import peewee

from desktop_crm.base.lazily import NamedTuple
from desktop_crm.models.driver import connect
from desktop_crm.models.failures import file_failure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from desktop_crm.models.location import Location

BEGIN: Final = "BEGIN"
TURN_MS: Final = 200
"""How long is waited for another program that writes before it is asked whether that is still wanted."""
HOLDING: Final = ("FOR UPDATE", "LOCK IN SHARE MODE")
"""How a question ends that waits for others and keeps them from changing what it read."""


@lru_cache(maxsize=1000)
def for_server(text: str, filled: bool) -> str:  # noqa: FBT001 - part of what is kept
    """Return a statement with ``?`` parameters as the server's driver wants it; without any it takes the text as it is, signs doubled."""
    text = text.replace("%", "%%")
    return text.replace("?", "%s") if filled else text


@lru_cache(maxsize=1000)
def asks(text: str) -> bool:
    """Tell whether a statement only asks, without waiting for others."""
    return text.startswith("SELECT") and not text.endswith(HOLDING)


Statement = tuple[str, tuple[Any, ...] | list[Any]]
"""A statement's text and its ``?`` parameters."""


class Answer(NamedTuple):
    """The rows of a statement's answer, the id that it gave to the row it added, and how many rows it found or changed."""

    rows: Sequence[Sequence[Any]]
    added: int
    changed: int


class Later:
    """A statement of a transaction whose answer nobody waits for. `ask` has it run where it hasn't yet."""

    def __init__(self, ask: Callable[[], object] | None = None, *, added: int | None = None) -> None:
        self._ask = ask
        self._added = added

    def answered(self, added: int) -> None:
        """Note that it ran and which id it gave to the row it added."""
        self._added = added

    def added(self) -> int:
        """Return the id that it gave to the row it added; a server that hasn't been told yet is."""
        if self._added is None and self._ask is not None:
            self._ask()
        if self._added is None:
            raise RuntimeError(_NEVER_RAN)
        return self._added


_NEVER_RAN: Final = "a statement that waited was dropped with its transaction"


class Direct(peewee.Database):
    """A database whose statements go straight to the driver: peewee's own way logs each and asks for those who listen."""

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Run a statement with parameters as the driver takes them and return its cursor."""
        # Every statement passes here, so it does by hand what peewee's context does.
        try:
            cursor = (self._state.conn or self.connection()).cursor()  # type: ignore[attr-defined, no-untyped-call]  # peewee's
            cursor.execute(sql, params or ())
        except Exception as problem:
            peewee.__exception_wrapper__.__exit__(type(problem), problem, problem.__traceback__)  # type: ignore[attr-defined]  # what makes the driver's failures peewee's
            raise
        return cursor


class Server(Direct, peewee.MySQLDatabase):
    """A database on a MySQL or MariaDB server. The beginning of a transaction goes there with its first statement."""

    def _connect(self) -> Any:
        return connect(database=self.database, autocommit=True, **self.connect_params)

    def later(self, text: str, parameters: Sequence[Any], answered: Callable[[int], None]) -> None:
        """Let a statement go there with the next one; `answered` is told the id it gave."""
        self.connection().later(self._written(text, parameters), answered)  # type: ignore[no-untyped-call]  # peewee's

    def together(self, statements: Sequence[Statement]) -> list[Answer]:
        """Run statements with one way there and back."""
        with peewee.__exception_wrapper__:  # type: ignore[attr-defined]  # what makes the driver's failures peewee's
            cursor = self.cursor()  # type: ignore[no-untyped-call]  # peewee's
            cursor.execute("; ".join(self._written(*one) for one in statements))
            found = [Answer(cursor.fetchall(), cursor.lastrowid, cursor.rowcount)]
            while cursor.nextset():
                found.append(Answer(cursor.fetchall(), cursor.lastrowid, cursor.rowcount))
        return found

    def _written(self, text: str, parameters: Sequence[Any]) -> str:
        """Return a statement with its parameters in it, as the driver writes them."""
        escape = self.connection().escape  # type: ignore[no-untyped-call]  # peewee's
        return str(for_server(text, True) % tuple([escape(one) for one in parameters])) if parameters else text

    def begin(self, isolation_level: str | None = None) -> None:
        """Begin a transaction with its first statement, at the level the connection was opened with."""
        if isolation_level:
            raise NotImplementedError
        self.connection().later(BEGIN)  # type: ignore[no-untyped-call]  # peewee's

    def commit(self) -> None:
        """Commit with the last statement that waits; a transaction in which nothing was asked never goes there."""
        connection = self.connection()  # type: ignore[no-untyped-call]  # peewee's
        if [text for text, _answered in connection.waiting] == [BEGIN]:
            connection.waiting.clear()
        else:
            super().commit()

    def rollback(self) -> None:
        """Undo the transaction; what waited for its next statement never goes there."""
        self.connection().waiting.clear()  # type: ignore[no-untyped-call]  # peewee's
        super().rollback()


class File(Direct, peewee.SqliteDatabase):
    """A SQLite database that knows that SQLite ends a transaction by itself where the disk is full or fails.

    A thread may leave its connection to the next that needs one, which spares that one reading tables and triggers anew. `wanted` tells whether anybody may
    stop what this thread does, and raises Cancelled where somebody did.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self._left: list[sqlite3.Connection] = []
        self.wanted: Callable[[], bool] = lambda: False
        super().__init__(*args, check_same_thread=False, **options)

    def commit(self) -> None:
        """Commit the transaction."""
        self.execute_sql("COMMIT")

    def leave(self) -> None:
        """Leave this thread's connection to the next thread that opens one."""
        if not self.is_closed():
            connection = self.connection()  # type: ignore[no-untyped-call]  # peewee's
            self._state.reset()  # type: ignore[attr-defined]  # peewee's own
            self._left.append(connection)

    def _connect(self) -> Any:
        with suppress(IndexError):
            return self._left.pop()
        return super()._connect()  # type: ignore[misc]  # peewee's own

    def begin(self, lock_type: str | None = None) -> None:
        """Begin a transaction with the right to write, waiting for it: in turns where somebody may stop that, as SQLite's own wait can't be."""
        text = f"BEGIN {lock_type or 'IMMEDIATE'}"
        if not self.wanted():
            self.execute_sql(text)
            return
        patience = self.execute_sql("PRAGMA busy_timeout").fetchone()[0]
        until = time.monotonic() + patience / 1000
        self.execute_sql(f"PRAGMA busy_timeout = {TURN_MS}")
        try:
            while not self._begun(text, last=time.monotonic() >= until):
                self.wanted()
        finally:
            self.execute_sql(f"PRAGMA busy_timeout = {patience}")

    def _begun(self, text: str, *, last: bool) -> bool:
        try:
            self.execute_sql(text)
        except peewee.OperationalError as problem:
            if last or "is locked" not in str(problem):
                raise
            return False
        return True

    def rollback(self) -> None:
        """Undo the transaction, if it is still there."""
        if self.connection().in_transaction:  # type: ignore[no-untyped-call]  # peewee's
            super().rollback()


def careful(location: Location) -> type[sqlite3.Connection]:
    """Return a connection whose cursors explain what goes wrong while rows are fetched: that is when SQLite reads most of them."""

    class Cursor(sqlite3.Cursor):
        def fetchone(self) -> Any:
            try:
                return super().fetchone()
            except (sqlite3.DatabaseError, UnicodeDecodeError) as problem:
                raise file_failure(location, problem) or problem from problem

        def fetchall(self) -> list[Any]:
            try:
                return super().fetchall()
            except (sqlite3.DatabaseError, UnicodeDecodeError) as problem:
                raise file_failure(location, problem) or problem from problem

    class Connection(sqlite3.Connection):
        def cursor(self, *_factory: Any) -> Any:
            return super().cursor(Cursor)

    return Connection
