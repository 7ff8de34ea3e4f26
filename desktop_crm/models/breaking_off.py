"""Breaking off a statement that is running and that nobody waits for any more."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import peewee

from desktop_crm.base.errors import Cancelled
from desktop_crm.models.driver import CONNECT_SECONDS, connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ASKED_SECONDS: Final = 0.1
"""How often is asked while a server works."""
ASKED_EVERY: Final = 100_000
"""SQLite's steps between two looks at whether a long statement is still wanted: some milliseconds."""


@contextmanager
def watching_file(db: peewee.Database, ask: Callable[[], None]) -> Iterator[None]:
    """Call `ask` now and then while statements of this thread's connection run; they end where it raises Cancelled."""
    stopped: list[Cancelled] = []

    def look() -> int:
        try:
            ask()
        except Cancelled as wish:
            stopped.append(wish)
        return len(stopped)

    connection = db.connection()
    connection.set_progress_handler(look, ASKED_EVERY)
    try:
        yield
    except (peewee.OperationalError, sqlite3.OperationalError):
        if stopped:
            raise stopped[0] from None
        raise
    finally:
        with suppress(sqlite3.ProgrammingError):  # it was closed meanwhile
            connection.set_progress_handler(None, 0)


@contextmanager
def watching_server(db: peewee.Database, ask: Callable[[], None], *, writes: bool) -> Iterator[None]:
    """Do so on a server: a second connection ends the statement there, since a client that goes away would leave it running.

    A connection that `writes` is closed then: a word that comes late must not end its next statement, nor what was set for this change be there for the next.
    """
    number, ended, stopped = db.connection().thread_id(), threading.Event(), threading.Event()

    def look() -> None:
        while not ended.wait(ASKED_SECONDS):
            try:
                ask()
            except Cancelled:
                stopped.set()
                with suppress(Exception):  # what can't be ended runs out
                    _kill(db.connect_params, number)

    watcher = threading.Thread(target=look, name=f"watch-{number}", daemon=True)
    watcher.start()
    try:
        yield
    except Exception as problem:
        if not (stopped.is_set() or isinstance(problem, Cancelled)):
            raise
        if writes:
            with suppress(Exception):
                db.close()
        raise Cancelled from None
    finally:
        ended.set()
        watcher.join()


def _kill(at: dict[str, Any], number: int) -> None:
    """End what the connection with this number runs."""
    with connect(host=at["host"], port=at["port"], user=at["user"], password=at["password"], connect_timeout=CONNECT_SECONDS) as other, other.cursor() as cursor:
        cursor.execute("KILL QUERY %s", (number,))
