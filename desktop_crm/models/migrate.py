"""Bringing a company file up to this program: numbered migrations, one DDL step a file, then the derived objects anew."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import Busy, NewerDatabase, UserError
from desktop_crm.base.i18n import _
from desktop_crm.models import indexes, search_index, triggers
from desktop_crm.models.database import BUSY_SECONDS
from desktop_crm.models.schema import existing_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from desktop_crm.models.database import Store

log = logging.getLogger(__name__)

FOLDER: Final = Path(__file__).parent / "migrations"
LOCK_SECONDS: Final = 60
LOCK_TURNS: Final = 4
"""Waits of `database.BUSY_SECONDS` for another program that upgrades the same file."""
HISTORY: Final = "schema_migration"
OURS: Final = 0x44435231
"""What a company file has as SQLite's *application id*, so that it is told from another program's by its first bytes; older ones get it with their next upgrade."""
HEADER: Final = 100
COPYING: Final = "unfinished_copy"
"""The name of the history of migrations while a company is being filled: until it is renamed, there is no company."""
UNFINISHED: Final = "unfinished"
"""The mark of an upgrade under way on a server, among the names of the migrations it has had."""


def known_migrations() -> list[str]:
    """Return the names of the migrations this program ships; raises FileNotFoundError where they are missing.

    Without them nothing would be applied, silently.
    """
    # Asked several times at each start, so without a Path for each.
    names = sorted(name.removesuffix(".py") for name in os.listdir(FOLDER) if name[0].isdigit() and name.endswith(".py"))  # noqa: PTH208 - as said above
    if not names:
        raise FileNotFoundError(str(FOLDER))
    return names


def applied_migrations(store: Store) -> set[str]:
    """Return the names of the migrations the database has had."""
    store.connect()
    with store.errors():
        if HISTORY not in existing_tables(store.db):
            return set()
        return {row[0] for row in store.sql(f"SELECT name FROM {HISTORY}").fetchall()} - {UNFINISHED}


def is_company(store: Store) -> bool:
    """Tell whether the database holds a company at all."""
    return bool(applied_migrations(store))


def is_unfinished(store: Store) -> bool:
    """Tell whether the database holds a company whose copy was broken off."""
    with store.errors():
        there = existing_tables(store.db)
    return COPYING in there and HISTORY not in there


def holds_other_data(path: Path) -> bool:
    """Tell whether a SQLite file holds somebody else's tables; it is opened read-only, so that not a byte of it changes.

    Only where a program was killed while it wrote does SQLite first put the file back as it was, as it would for any reader.
    """
    if not path.is_file() or path.stat().st_size == 0 or is_marked(path):
        return False
    try:
        tables = _tables_of(path, "ro")
    except sqlite3.OperationalError as problem:
        if "readonly" not in str(problem):
            raise
        tables = _tables_of(path, "rw")
    return bool(tables) and HISTORY not in tables


def mark(store: Store) -> None:
    """Mark a file as a company, see `is_marked`."""
    store.sql(f"PRAGMA application_id = {OURS}")


def is_marked(path: Path) -> bool:
    """Tell whether a file is marked as a company (SQLite file format, "The Database Header")."""
    with path.open("rb") as file:
        header = file.read(HEADER)
    return header.startswith(b"SQLite format 3\0") and header[68:72] == OURS.to_bytes(4, "big")


def _tables_of(path: Path, mode: str) -> set[str]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, timeout=BUSY_SECONDS)) as database:
        return {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def refuse_upgraded(store: Store) -> None:
    """Raise NewerDatabase where another computer's newer program upgraded the database while this one had it open; one small question."""
    latest = str(store.scalar(f"SELECT MAX(name) FROM {HISTORY}") or "")
    if latest > known_migrations()[-1]:
        raise NewerDatabase(_("A newer version of the program has upgraded this company ({step}). Update the program on this computer; what is typed here is kept as a draft").format(step=latest))


def refuse_newer(store: Store) -> None:
    """Raise NewerDatabase where a later version of the program has changed the database."""
    unknown = sorted(applied_migrations(store) - set(known_migrations()))
    if unknown:
        raise NewerDatabase(_("This company file was made by a newer version of the program ({step}). Update the program on this computer, then open it again").format(step=unknown[-1]))


def refuse_strangers(store: Store) -> None:
    """Raise UserError where the database holds somebody else's tables and no company."""
    with store.errors():
        tables = existing_tables(store.db)
    if tables and HISTORY not in tables:
        raise UserError(_("This database holds other data and no company; nothing was changed. Choose an empty one"))


def upgrade(store: Store) -> list[str]:
    """Apply what is missing and rebuild the derived objects; return the names applied.

    Nothing is changed before a proven copy of what there is lies beside the file. A SQLite file is upgraded in one transaction: another
    program waits for it, and a kill at any moment leaves the file as it was. A server commits each step by itself, so a mark in the
    database says that an upgrade is under way, and whoever opens it next finishes it. Triggers stay on there meanwhile: a migration that
    changes rows on a server does it in a change set.
    """
    store.connect()
    refuse_newer(store)
    refuse_strangers(store)
    if not _behind(store):
        return []
    with lock(store):
        refuse_newer(store)
        missing = sorted(set(known_migrations()) - applied_migrations(store))
        if _behind(store):
            if missing and applied_migrations(store) and not _unfinished(store):
                from desktop_crm.models.keep import keep_copy

                keep_copy(store)
            if not missing and not _unfinished(store) and triggers.missing(store):
                log.warning("The triggers of %s were incomplete and are made anew", store.location.url)
            with store.errors():
                _apply(store)
    return missing


def _behind(store: Store) -> bool:
    """Tell whether a migration is missing, an upgrade was broken off, or triggers or indexes are not all there."""
    return bool(set(known_migrations()) - applied_migrations(store)) or _unfinished(store) or triggers.missing(store) or indexes.missing(store)


def _unfinished(store: Store) -> bool:
    return store.scalar(f"SELECT 1 FROM {HISTORY} WHERE name = ?", (UNFINISHED,)) is not None


def _apply(store: Store) -> None:
    """Run the missing migrations and make indexes, triggers and sums anew, inside the lock."""
    from desktop_crm.models.stepping import Stepping

    runner = Stepping(store, HISTORY)
    runner.History.create_table()
    if store.mysql:
        if not _unfinished(store):
            runner.History.create(name=UNFINISHED)
    else:
        # What tells the index of search what changes goes on telling it, so that it needs not be made anew; a table that is made anew takes its triggers along.
        drop_triggers(store, but=search_index.telling(mysql=False))
        mark(store)
    runner.up()
    indexes.rebuild(store.db, store.entities)
    triggers.rebuild(store)
    with store.transaction():
        triggers.recompute(store)
    runner.History.delete().where(runner.History.name == UNFINISHED).execute()


def drop_triggers(store: Store, but: Mapping[str, str] = MappingProxyType({})) -> None:
    """Take the triggers off while tables change under them, `but` those that stay, SQL by name, where they are just so."""
    for name, sql in list(triggers.present(store)):
        if but.get(name) != sql:
            store.sql(f"DROP TRIGGER `{name}`")


@contextmanager
def lock(store: Store) -> Iterator[None]:
    """Hold the right to migrate: a server's named lock, a SQLite file's one right to write, with all of it in one transaction."""
    refusal = UserError(_("Another program is upgrading the company just now. Try again in a minute"))
    if store.mysql:
        with store.pinned():
            if store.scalar("SELECT GET_LOCK(CONCAT(DATABASE(), '.migrate'), ?)", (LOCK_SECONDS,)) != 1:
                raise refusal
            try:
                yield
            finally:
                if not store.db.is_closed():
                    store.sql("DO RELEASE_LOCK(CONCAT(DATABASE(), '.migrate'))")
        return
    with ExitStack() as stack:
        for turn in range(LOCK_TURNS):
            try:
                stack.enter_context(store.transaction())
                break
            except Busy as problem:
                if turn == LOCK_TURNS - 1:
                    raise refusal from problem
        yield
