"""Bringing a company file up to this program: numbered migrations, one DDL step a file, then the derived objects anew."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from playhouse.migrations import Runner

from desktop_crm.base.errors import NewerDatabase, UserError
from desktop_crm.base.i18n import _
from desktop_crm.models import triggers
from desktop_crm.models.registry import REGISTER
from desktop_crm.models.schema import existing_tables, table_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.models.database import Store

FOLDER: Final = Path(__file__).parent / "migrations"
LOCK_SECONDS: Final = 60
HISTORY: Final = "schema_migration"


def known_migrations() -> list[str]:
    """Return the names of the migrations this program ships; raises FileNotFoundError where they are missing.

    Without them nothing would be applied, silently.
    """
    names = sorted(path.stem for path in FOLDER.glob("[0-9]*.py"))
    if not names:
        raise FileNotFoundError(str(FOLDER))
    return names


def applied_migrations(store: Store) -> set[str]:
    """Return the names of the migrations the database has had."""
    store.connect()
    with store.errors():
        if HISTORY not in existing_tables(store.db):
            return set()
        return {row[0] for row in store.sql(f"SELECT name FROM {HISTORY}").fetchall()}


def is_company(store: Store) -> bool:
    """Tell whether the database holds a company at all."""
    return bool(applied_migrations(store))


def holds_other_data(path: Path) -> bool:
    """Tell whether a SQLite file holds somebody else's tables; it is opened read-only, so that not a byte of it changes."""
    if not path.is_file() or path.stat().st_size == 0:
        return False
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return bool(tables) and HISTORY not in tables


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

    A SQLite file that holds data is copied beside itself first. On a server one client migrates while the others wait.
    """
    store.connect()
    refuse_newer(store)
    refuse_strangers(store)
    if not set(known_migrations()) - applied_migrations(store):
        return []
    with lock(store):
        missing = sorted(set(known_migrations()) - applied_migrations(store))
        if missing:
            keep_copy(store)
            drop_triggers(store)
            with store.errors():
                Runner(store.db, str(FOLDER), table_name=HISTORY).up()
            with store.transaction():
                triggers.recompute(store)
                triggers.rebuild(store)
    return missing


def drop_triggers(store: Store) -> None:
    """Take the triggers off while tables change under them."""
    for name, _sql in list(triggers.present(store)):
        store.sql(f"DROP TRIGGER `{name}`")


@contextmanager
def lock(store: Store) -> Iterator[None]:
    """Hold the right to migrate; a SQLite file is guarded by its own write lock, statement by statement."""
    if not store.mysql:
        yield
        return
    if store.scalar("SELECT GET_LOCK(CONCAT(DATABASE(), '.migrate'), ?)", (LOCK_SECONDS,)) != 1:
        raise UserError(_("Another computer is upgrading the database just now. Try again in a minute"))
    try:
        yield
    finally:
        store.sql("DO RELEASE_LOCK(CONCAT(DATABASE(), '.migrate'))")


def keep_copy(store: Store) -> Path | None:
    """Copy a SQLite company file beside itself before it is changed; return the copy, or None where there is nothing to lose."""
    path = store.location.path
    if store.mysql or path is None or not applied_migrations(store):
        return None
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    copy = path.with_name(f"{path.stem}.before-upgrade-{stamp}{path.suffix}")
    if shutil.disk_usage(path.parent).free < path.stat().st_size * 2:
        raise UserError(_("There is no room beside {path} for the copy that an upgrade makes first; nothing was changed").format(path=path))
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def schema_problems(store: Store) -> list[str]:
    """Return where the tables differ from the declarations."""
    found = []
    tables = existing_tables(store.db)
    for entry in REGISTER.values():
        if entry.table not in tables:
            found.append(f"{entry.table}: missing")
            continue
        there = table_columns(store.db, entry.table)
        asked = {column.name for column in entry.columns()} | {"id"}
        found += [f"{entry.table}.{name}: missing" for name in sorted(asked - there)]
        found += [f"{entry.table}.{name}: unknown" for name in sorted(there - asked)]
        indexed = {tuple(index.columns) for index in store.db.get_indexes(entry.table)}
        found += [f"{entry.table}.{column.name}: no index" for column in entry.columns() if (column.index or column.to) and (column.name,) not in indexed]
    return found
