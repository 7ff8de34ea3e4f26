"""Opening a company's database, and what is done with a connection: statements, transactions, errors."""

from __future__ import annotations

import sqlite3
import threading
from array import array
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NoReturn

import peewee

from desktop_crm.base.errors import Busy, Cancelled, ConnectionLost, UserError
from desktop_crm.base.i18n import _
from desktop_crm.models.breaking_off import watching_file, watching_server
from desktop_crm.models.driver import CONNECT_SECONDS, server_driver
from desktop_crm.models.engines import Answer, File, Later, Server, Statement, asks, careful, for_server
from desktop_crm.models.failures import damaged, file_failure, server_failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from desktop_crm.models.location import Location
    from desktop_crm.models.registry import Entity

BUSY_SECONDS: Final = 15
MAPPED: Final = 1 << 30
"""Bytes of a local file that are read straight from the system's copy of it."""
ANSWER_SECONDS: Final = 600
"""How long is waited for a server to answer, and as long for it to take a statement: the driver sets its socket anew wherever the two differ."""
CHECKPOINT_PAGES: Final = 16_000
"""Pages of 4 KB the write-ahead log may have before they go into the file: records saved one after the other touch the same pages."""
TEXT_MOST: Final = 1 << 26
"""Characters of ids that a server is asked to send as one text."""
_SLICE: Final = 1 << 16
REFUSALS: Final = (
    peewee.IntegrityError, peewee.DataError, peewee.ProgrammingError, peewee.InterfaceError, sqlite3.IntegrityError, sqlite3.ProgrammingError,
    sqlite3.InterfaceError, sqlite3.DataError, OverflowError,
)
"""How peewee and SQLite say that a row can't be stored."""


class _Own(threading.local):
    """What belongs to one thread.

    How often it wrote and keeps to its connection, the connection that takes back in memory, what is to be asked along and what of that was answered, who says whether its work
    is still wanted, and who hears that something is committed.
    """

    writes = 0
    pins = 0
    light: Any = None
    along: tuple[Statement, ...] = ()
    ask: Callable[[], None] | None = None
    commits: Callable[[], None] | None = None
    watches: ExitStack | None = None
    found: tuple[int, tuple[Statement, ...], list[Answer]] = (-1, (), [])


class Store:
    """One open database. Each thread that uses it gets its own connection.

    `mysql` tells the dialect, `refusals` are the failures that say that a row can't be stored. Statements are peewee queries or SQL text with parameters; errors come as UserError. A connection
    that broke is given up and made anew: at once for a question outside a transaction, else when the caller comes again.
    """

    def __init__(self, location: Location, password: str = "") -> None:
        self.location = location
        self.mysql = location.kind == "mysql"
        self._refusals: tuple[type[Exception], ...] = (peewee.DatabaseError, peewee.InterfaceError, sqlite3.DatabaseError)
        self._closing: tuple[type[Exception], ...] = (peewee.PeeweeException,)
        self.refusals: tuple[type[Exception], ...] = REFUSALS
        if self.mysql:
            driver = server_driver()
            self._refusals += (driver.err.OperationalError,)
            self._closing += (driver.err.Error,)
            self.refusals += (driver.err.IntegrityError, driver.err.DataError)
        self.db = self._database(location, password or location.password)
        if isinstance(self.db, File):
            self.db.wanted = self.wanted
        self._caught = (*self._refusals, ConnectionLost, UnicodeDecodeError)
        self._local = _Own()

    @cached_property
    def entities(self) -> Mapping[str, Entity]:
        """The entities of this company by name: the declared ones, with the fields of its own. Another mapping as soon as these have changed."""
        return self.read_entities()

    def read_entities(self) -> Mapping[str, Entity]:
        """Read the company's own fields anew, as somebody changed them, and return `entities`; until it is done these are as they were."""
        from desktop_crm.models import custom

        self.entities = custom.load(self)
        return self.entities

    @staticmethod
    def _database(location: Location, password: str) -> peewee.Database:
        if location.kind == "mysql":
            return Server(
                location.name, mariadb=True, host=location.hosts[0], port=location.port, user=location.user, password=password,
                charset="utf8mb4", connect_timeout=CONNECT_SECONDS, read_timeout=ANSWER_SECONDS, write_timeout=ANSWER_SECONDS,
                init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", sql_mode="STRICT_ALL_TABLES",
            )
        journal = "delete" if location.shared else "wal"
        # Full in WAL too: with less, a power cut takes the last changes along that the user was told were saved. fullfsync is for macOS.
        pragmas = [
            ("busy_timeout", BUSY_SECONDS * 1000), ("journal_mode", journal), ("synchronous", "full"), ("fullfsync", 1),
            ("foreign_keys", 1), ("cache_size", -64 * 1024), ("wal_autocheckpoint", CHECKPOINT_PAGES),
        ]
        if not location.shared:
            pragmas.append(("mmap_size", MAPPED))
        return File(str(location.path), pragmas=pragmas, lock_type="IMMEDIATE", timeout=BUSY_SECONDS, factory=careful(location))

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn a database's failure into what a user can be told; defects of the program pass through."""
        try:
            yield
        except self._caught as problem:
            self._tell(problem)

    def _tell(self, problem: Exception) -> NoReturn:
        """Raise the failure as a user is told it, or as it is where it is a defect."""
        if isinstance(problem, UnicodeDecodeError):
            # Where the damage is in a name of the file's own, the driver can't even say what is wrong.
            raise damaged(self.location) from problem
        told = problem if isinstance(problem, ConnectionLost) else self.explained(problem)
        self._give_up(told)
        if told is problem:
            raise problem
        raise told from problem

    def _give_up(self, problem: Exception) -> None:
        """Drop this thread's connection where it is broken and no transaction has to end on it first."""
        if isinstance(problem, ConnectionLost) and not isinstance(problem, Busy) and not self.db.in_transaction():
            with suppress(*self._closing):
                self.db.close()

    def explained(self, problem: Exception) -> Exception:
        """Return the failure as a user is told it, or itself where it is a defect."""
        told = server_failure(self.location, problem) if self.mysql else file_failure(self.location, problem)
        if told is None and "no such savepoint" in str(problem) and isinstance(problem.__context__, Exception):
            # SQLite had ended the whole transaction already, for the reason that came first.
            return self.explained(problem.__context__)
        return told or problem

    def connect(self) -> None:
        """Open this thread's connection if it isn't; raises UserError where that can't be."""
        if self.db.is_closed():
            path = self.location.path
            if path is not None and not path.parent.is_dir():
                raise UserError(_("The folder {path} doesn't exist").format(path=path.parent))
            with self.errors():
                self.db.connect()
            self._watch_statements()

    def close(self) -> None:
        """Close this thread's connection."""
        if not self.db.is_closed():
            self.db.close()

    def leave(self) -> None:
        """Leave this thread's connection to the next thread that needs one; a server's is closed."""
        if isinstance(self.db, File):
            self.db.leave()
        else:
            self.close()

    def rest(self) -> None:
        """Give back what this thread's connection holds of a file in memory: after a sum over all rows that is most of the file. What is asked next finds it with the system."""
        if not self.mysql and not self.db.is_closed():
            with suppress(sqlite3.Error):
                for pragma in ("shrink_memory", "mmap_size = 0", *(() if self.location.shared else (f"mmap_size = {MAPPED}",))):
                    self.db.connection().execute(f"PRAGMA {pragma}").close()
            path = self.location.path
            if path is not None and path.is_file() and path.stat().st_size > MAPPED:
                give_back()

    def execute(self, query: Any) -> Any:
        """Run a peewee query and return its cursor."""
        return self._run(self.db.execute, query, asks=isinstance(query, peewee.SelectBase))

    def ids(self, query: Any) -> array[int]:
        """Return the ids that a limited peewee query asks for, and nothing else, in its order.

        Making Python's objects of rows takes longer than finding them, so they come as one text. A connection to a server begins with short ones; what is too long even
        for its packets comes row by row.
        """
        text, parameters = self.db.get_sql_context().sql(query).query()
        whole = f"SELECT GROUP_CONCAT(w.id){', SUM(LENGTH(w.id)) + COUNT(*) - 1' if self.mysql else ''} FROM ({text}) w"
        for turn in range(2):
            listed, *length = self._run(self.db.execute_sql, whole, parameters, asks=True).fetchone()
            if not listed:
                return array("q")
            if length in ([], [len(listed)]):
                return numbers(listed if isinstance(listed, str) else listed.decode())
            if not turn:
                self.sql(f"SET SESSION group_concat_max_len = {TEXT_MOST}", aside=True)
        return array("q", (row[0] for row in self.stream(query)))

    def stream(self, query: Any) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a peewee query one by one, never all of them in memory; ask nothing else on this thread meanwhile."""
        with self.errors():
            if not self.mysql:
                yield from self.execute(query)
                return
            text, parameters = self.db.get_sql_context().sql(query).query()
            cursors: list[Any] = []

            def ask() -> None:
                cursors.append(self.db.connection().cursor(server_driver().cursors.SSCursor))
                cursors[-1].execute(text, parameters)

            self._run(ask, asks=True)
            with closing(cursors[-1]) as cursor:
                yield from cursor

    def _run(self, statement: Callable[..., Any], *given: Any, asks: bool, aside: bool = False) -> Any:
        """Run a statement; one that only asks is asked again where the server had closed the connection meanwhile."""
        if self.db.is_closed():
            self.connect()
        self.wanted()
        if not (asks or aside):
            self._local.writes += 1
        try:
            return self._told(statement, *given)
        except ConnectionLost:
            if not asks or not self.db.is_closed() or self._local.pins:
                raise
        self.connect()
        return self._told(statement, *given)

    def _told(self, statement: Callable[..., Any], *given: Any) -> Any:
        # Every statement passes here, so it does by hand what `errors` does.
        try:
            return statement(*given)
        except self._caught as problem:
            self._tell(problem)

    @property
    def writes(self) -> int:
        """How many statements of this thread wrote or waited for a lock: what was read before the last of them may be out of date."""
        return self._local.writes

    @contextmanager
    def pinned(self) -> Iterator[None]:
        """Keep to one connection, whose settings and locks what is inside relies on: a lost one is an error then."""
        self._local.pins += 1
        try:
            yield
        finally:
            self._local.pins -= 1

    def sql(self, text: str, parameters: tuple[Any, ...] | list[Any] = (), *, aside: bool = False) -> Any:
        """Run one statement with ``?`` parameters on either engine and return its cursor.

        One `aside` writes where no record is kept, so what was read of records stands.
        """
        return self._run(self.db.execute_sql, for_server(text, bool(parameters)) if self.mysql else text, tuple(parameters), asks=asks(text), aside=aside)

    def later(self, text: str, parameters: tuple[Any, ...] | list[Any] = ()) -> Later:
        """Run a statement of a transaction whose answer nobody waits for: to a server it goes with the next one, and what is wrong with it is raised there."""
        if isinstance(self.db, Server) and self.in_transaction():
            self._local.writes = self.writes + 1
            waiting = Later(lambda: self.sql("SELECT 1"))
            self.db.later(text, parameters, waiting.answered)
            return waiting
        return Later(added=self.sql(text, parameters).lastrowid or 0)

    def together(self, *statements: Statement) -> list[Answer]:
        """Run statements with ``?`` parameters one after the other, to a server in one way there and back, and return the answer to each."""
        if isinstance(self.db, Server):
            only_asks = all(asks(text) for text, _parameters in statements)
            more, self._local.along = ((), self._local.along) if only_asks else (self._local.along, ())
            answers: list[Answer] = self._run(self.db.together, (*statements, *more), asks=only_asks)
            if more:
                self._local.found = self.writes, more, answers[len(statements):]
            return answers[: len(statements)]
        return [Answer(cursor.fetchall(), cursor.lastrowid, cursor.rowcount) for text, parameters in statements for cursor in (self.sql(text, parameters),)]

    def along(self, *statements: Statement) -> None:
        """Ask a server these questions with the next statements of this thread's transaction that go there `together` and write: it is expected that nothing is written behind them."""
        if isinstance(self.db, Server) and self.in_transaction():
            self._local.along = statements

    def answered(self, *statements: Statement) -> list[Answer]:
        """Return the answers to questions, those that were asked `along` where nothing was written since."""
        (writes, asked, answers), self._local.along = self._local.found, ()
        return answers if writes == self.writes and asked == statements else self.together(*statements)

    def many(self, text: str, rows: list[tuple[Any, ...]]) -> None:
        """Run one statement for many rows of parameters."""
        self._run(lambda: self.db.cursor().executemany(text.replace("?", "%s") if self.mysql else text, rows), asks=False)

    @contextmanager
    def transaction(self, *, small: bool = False) -> Iterator[None]:
        """Run what is inside in one transaction; the outermost one commits. `small` are those whose single statements write little."""
        self.connect()
        if not self.mysql and not self.in_transaction():
            self._take_back_in_memory(small)
        outermost = not self.in_transaction()
        try:
            # The outermost is peewee's plain one: it tells which is which for each.
            with self.db.transaction() if outermost else self.db.atomic():
                yield
                if outermost:
                    self.stands()
        except self._caught as problem:
            self._tell(problem)
        finally:
            self._local.writes += 1
            self._local.along = ()

    def _take_back_in_memory(self, wanted: bool) -> None:  # noqa: FBT001 - it is what is set
        """Let SQLite keep the pages it may have to put back when a statement fails in memory: it makes a file for more than a dozen of them.

        A statement of triggers and indexes takes half the time so; one that changes a whole table would hold all of it in memory.
        """
        connection = self.db.connection()
        if wanted != (self._local.light is connection):
            self.sql(f"PRAGMA temp_store = {'MEMORY' if wanted else 'DEFAULT'}")
            self._local.light = connection if wanted else None

    @contextmanager
    def watched(self, ask: Callable[[], None], commits: Callable[[], None] | None = None) -> Iterator[None]:
        """Let what this thread does be stopped: `ask` is called before each statement, and now and then while one runs, and raises Cancelled to end it.

        What writes gives `commits`, which is called right before something is there for good: it raises Cancelled too, or `ask` never does again.
        """
        own = self._local
        before = own.ask, own.commits, own.watches
        with ExitStack() as watches:
            own.ask, own.commits, own.watches = ask, commits, watches
            try:
                if not self.db.is_closed():
                    self._watch_statements()
                yield
            finally:
                own.ask, own.commits, own.watches = before

    def _watch_statements(self) -> None:
        """Ask while statements of this thread's connection run, where somebody wants to be asked."""
        own = self._local
        if own.watches is not None and own.ask is not None:
            own.watches.enter_context(watching_server(self.db, own.ask, writes=own.commits is not None) if self.mysql else watching_file(self.db, own.ask))

    def wanted(self) -> bool:
        """Raise Cancelled where what this thread does was stopped, once: what is tidied up behind that goes on. Tell whether anybody may stop it."""
        ask = self._local.ask
        if ask is not None:
            try:
                ask()
            except Cancelled:
                self._local.ask = None
                raise
        return ask is not None

    def stands(self) -> None:
        """Say that what this thread does can't be taken back from here on; raises Cancelled where that isn't wanted any more."""
        if self._local.commits is not None:
            self._local.commits()

    def in_transaction(self) -> bool:
        """Tell whether this thread has a transaction open."""
        return bool(self.db.in_transaction())

    def scalar(self, text: str, parameters: tuple[Any, ...] = ()) -> Any:
        """Return the first value of the first row, or None."""
        row = self.sql(text, parameters).fetchone()
        return row[0] if row else None


def numbers(listed: str) -> array[int]:
    """Return whole numbers that a text lists between commas, without holding it twice."""
    found, begun = array("q"), 0
    while begun < len(listed):
        end = listed.find(",", begun + _SLICE)
        end = len(listed) if end < 0 else end
        found.extend(map(int, listed[begun:end].split(",")))
        begun = end + 1
    return found


def give_back() -> None:
    """Have the system's library give back what it keeps of freed memory, where it has a way to (glibc): of a file longer than what is mapped SQLite has held up to 64 MB."""
    from ctypes import CDLL  # only such a file needs it

    with suppress(OSError, AttributeError, TypeError):
        CDLL(None).malloc_trim(0)
