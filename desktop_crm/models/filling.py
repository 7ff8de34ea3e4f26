"""Filling an empty database with a company's rows, so that a kill at any moment leaves no half company that looks whole.

The tables are made by the migrations the rows come from, the rows are written and compared, newer migrations bring them up to
this program, and only then the history of migrations gets its name, by which a company is known.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.models import custom, indexes, rekeying, tables, triggers
from desktop_crm.models.migrate import COPYING, HISTORY, drop_triggers, is_unfinished, known_migrations, mark, refuse_strangers
from desktop_crm.models.schema import existing_tables
from desktop_crm.models.stepping import Stepping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from desktop_crm.models.database import Store
    from desktop_crm.models.tables import TableFacts

ROWS_A_TRANSACTION: Final = 50_000
@contextmanager
def only_one(store: Store) -> Iterator[None]:
    """Keep a second copy into the same server database away; raises UserError where one is under way."""
    if not store.mysql:
        yield
        return
    if store.scalar("SELECT GET_LOCK(CONCAT(DATABASE(), '.copy'), 0)") != 1:
        raise UserError(_("Another program is copying a company into {name} just now. Wait until it has ended").format(name=store.location.name))
    try:
        yield
    finally:
        store.sql("DO RELEASE_LOCK(CONCAT(DATABASE(), '.copy'))")


def make_room(store: Store) -> None:
    """See that the database is empty, taking away what a copy that was broken off left; raises UserError where it holds more."""
    store.connect()
    with store.errors():
        there = existing_tables(store.db)
    if HISTORY in there:
        raise UserError(_("There is a company already; open it instead of making a new one"))
    if COPYING in there:
        clear(store)
    else:
        refuse_strangers(store)


def clear(store: Store) -> None:
    """Drop every table of an unfinished copy, its mark last. Anything else is left alone."""
    if not is_unfinished(store):
        return
    with unguarded(store):
        for table in sorted(existing_tables(store.db) - {COPYING, "sqlite_sequence"}):
            store.sql(f"DROP TABLE `{table}`")
        store.sql(f"DROP TABLE `{COPYING}`")


@contextmanager
def unguarded(store: Store) -> Iterator[None]:
    """Let rows come before those they refer to."""
    switch = "SET foreign_key_checks = {}" if store.mysql else "PRAGMA foreign_keys = {}"
    store.sql(switch.format(0))
    try:
        yield
    finally:
        store.sql(switch.format(1))


def build(store: Store, migrations: Iterable[str], expected: Mapping[str, TableFacts]) -> None:
    """Make the tables as `migrations` left them, with the `expected` columns of custom fields; the mark of an unfinished copy comes first."""
    wanted = set(migrations)
    last = max(name for name in known_migrations() if name in wanted)
    if not store.mysql:
        # A copy that is broken off is thrown away, so nothing need be safe before its end.
        store.sql("PRAGMA journal_mode = OFF")
        store.sql("PRAGMA synchronous = OFF")
    with store.errors():
        runner = _runner(store)
        runner.History.create_table()
        runner.up(last)
        for table, facts in expected.items():
            custom.make_columns(store, table, facts.columns)
    drop_triggers(store)


def _runner(store: Store) -> Stepping:
    return Stepping(store, COPYING)


def fill(store: Store, table: str, facts: TableFacts, rows: Iterable[list[Any]], took: Callable[[int], None]) -> None:
    """Write a table's rows, telling `took` how many; raises UserError where a row can't be stored.

    `rows` are parts of a table: lists of lists of values in the order of the columns.
    """
    there = tables.all_columns(store, table)
    if not set(facts.columns) <= there:
        raise UserError(_("The backup is damaged: {detail}. Choose another one").format(detail=f"{table}: {sorted(set(facts.columns) - there)}"))
    listed = ", ".join(f"`{column}`" for column in facts.columns)
    text = f"INSERT INTO `{table}` ({listed}) VALUES ({', '.join('?' * len(facts.columns))})"
    store.sql(f"DELETE FROM `{table}`")
    try:
        with unguarded(store), _without_indexes(store, table):
            for part in _gathered(rows):
                with store.transaction():
                    for page in part:
                        store.many(text, page)
                        took(len(page))
    except store.refusals as problem:
        raise UserError(_("A row of {table} can't be stored there: {reason}. Nothing was kept").format(table=table, reason=problem.args[-1])) from problem


def _gathered(pages: Iterable[list[Any]]) -> Iterator[Iterator[list[Any]]]:
    """Yield pages in groups of about ROWS_A_TRANSACTION rows; each group must be used up before the next."""
    source = iter(pages)

    def group(page: list[Any]) -> Iterator[list[Any]]:
        rows = len(page)
        yield page
        while rows < ROWS_A_TRANSACTION:
            following = next(source, None)
            if following is None:
                return
            rows += len(following)
            yield following

    for first in source:
        yield group(first)


@contextmanager
def _without_indexes(store: Store, table: str) -> Iterator[None]:
    """Take a SQLite table's indexes away and make them at the end, which is several times faster; MySQL's keys need theirs."""
    made = [] if store.mysql else store.sql("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL", (table,)).fetchall()
    for name, _sql in made:
        store.sql(f"DROP INDEX `{name}`")
    yield
    for _name, sql in made:
        store.sql(sql)


def differences(store: Store, expected: Mapping[str, TableFacts], took: Callable[[int], None]) -> list[str]:
    """Return where the database differs from what is known of the rows: counts, texts, sums of money; nothing where it is the same."""
    found = []
    for table, facts in expected.items():
        rows, length, seal = tables.digest(store, table, facts.columns, lambda _text, rows: took(rows))
        if (rows, length, seal) != (facts.rows, facts.bytes, facts.sha256):
            found.append(f"{table}: {rows}/{facts.rows}")
        elif tables.sums(store, table, list(facts.sums)) != facts.sums:
            found.append(f"{table}: {', '.join(facts.sums)}")
    return found


def finish(store: Store, expected: Mapping[str, TableFacts], derive: Callable[[], None]) -> None:
    """Bring the rows up to this program, make what is derived (`derive` makes the rest) and let the company be known."""
    with store.errors():
        newer = _runner(store).up()
        indexes.rebuild(store.db, store.read_entities())
    if newer:
        triggers.recompute(store)
    for table, facts in expected.items():
        if facts.last_id:
            tables.continue_ids(store, table, facts.last_id)
    derive()
    triggers.rebuild(store)
    for entry in store.entities.values():
        # What waited there to be found by another text is not copied, so it is looked at here.
        rekeying.ask(store, entry)
    store.sql(f"ALTER TABLE `{COPYING}` RENAME TO `{HISTORY}`")
    if not store.mysql:
        mark(store)
        store.sql("PRAGMA journal_mode = DELETE")
