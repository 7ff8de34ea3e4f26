"""The place of a new company: what fails there, or is stopped, leaves it as it was.

A file that isn't there gets its name at the very end. In one that is there everything is one transaction. A server commits each step by itself, so what was
made in an empty database is taken away again, and the database too where it was made for the company.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import CompanyThere, UserError
from desktop_crm.base.files import disk_reason
from desktop_crm.base.i18n import _
from desktop_crm.base.scratch import part_beside, put_in_place
from desktop_crm.models import filling
from desktop_crm.models.database import Store
from desktop_crm.models.driver import drop_database, server_reachable
from desktop_crm.models.migrate import COPYING, HISTORY, is_unfinished, lock, refuse_newer, upgrade
from desktop_crm.models.schema import existing_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from desktop_crm.models.location import Location

    Step = Callable[[int, int], None]

log = logging.getLogger(__name__)

USERS: Final = "user"
"""The table whose first row makes a company of what the migrations left."""


def _there() -> CompanyThere:
    return CompanyThere(_("There is a company already; open it instead of making a new one"))


class Wanted:
    """Asks whether a company that is being made is still wanted: `step` raises Cancelled where it isn't, until it `stands`."""

    def __init__(self, step: Step) -> None:
        self._step = step
        self._stands = False

    def ask(self) -> None:
        """Raise Cancelled where it isn't wanted any more and doesn't stand yet."""
        if not self._stands:
            self._step(0, 0)

    def stands(self) -> None:
        """Let it stand; raises Cancelled where that isn't wanted any more."""
        self.ask()
        self._stands = True


@contextmanager
def place(location: Location, password: str, step: Step) -> Iterator[Store]:
    """Yield a database of this program at `location` for a company to be written into, in one change set; it is there for good when this ends.

    Nobody else makes one there meanwhile. It stays open unless it had another name until then. Raises CompanyThere, UserError where the place can't be used, Cancelled where `step` does; so does whatever is done
    inside. `location` is then as it was.
    """
    path = location.path
    if path is None:
        made = server_reachable(location, password or location.password)
        with dropped_where_empty(location, password, made=made), _prepared(Store(location, password), step) as store:
            yield store
    elif path.exists():
        with _prepared(Store(location), step) as store:
            yield store
    else:
        if not path.parent.is_dir():
            raise UserError(_("The folder {path} doesn't exist").format(path=path.parent))
        with part_beside(path) as part:
            with _disk_told(path):
                part.touch(exist_ok=False)
            with _prepared(Store(replace(location, path=part)), step) as store:
                yield store
            store.close()
            with _disk_told(path):
                put_in_place(part, path)


@contextmanager
def _disk_told(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as problem:
        raise _there() from problem
    except OSError as problem:
        raise UserError(_("{path} can't be written: {reason}").format(path=path, reason=disk_reason(problem))) from problem


@contextmanager
def _prepared(store: Store, step: Step) -> Iterator[Store]:
    wanted, empty = Wanted(step), False
    try:
        store.connect()
        refuse_newer(store)
        if is_unfinished(store):
            with filling.only_one(store):
                filling.clear(store)
        with store.errors():
            empty = not existing_tables(store.db)
        with store.watched(wanted.ask, wanted.stands), lock(store):
            with store.watched(wanted.ask, wanted.ask):
                upgrade(store)
                if store.scalar(f"SELECT 1 FROM `{USERS}` LIMIT 1") is not None:
                    raise _there()
            yield store
    except BaseException:
        if empty and store.mysql:
            _take_away(store)
        store.close()
        raise


def _take_away(store: Store) -> None:
    """Leave a server's database empty as it was, unless somebody else has made a company in it meanwhile.

    Where the server can't be reached for that, whoever makes the company there next goes on with what is left.
    """
    try:
        store.close()
        store.connect()
        with store.errors():
            if not existing_tables(store.db):
                return
        with lock(store):
            tables = existing_tables(store.db)
            if HISTORY in tables and not (USERS in tables and store.scalar(f"SELECT 1 FROM `{USERS}` LIMIT 1")):
                # Its history is what a broken copy has, so that whatever comes between, nobody takes it for a company.
                store.sql(f"ALTER TABLE `{HISTORY}` RENAME TO `{COPYING}`")
                filling.clear(store)
    except UserError as problem:
        log.warning("What was made of a company in %s could not be taken away: %s", store.location.name, problem)


@contextmanager
def dropped_where_empty(location: Location, password: str, *, made: bool) -> Iterator[None]:
    """Drop a server's database again that was `made` for what is done inside, where that fails and holds nothing."""
    try:
        yield
    except BaseException:
        if made:
            try:
                drop_database(location, password or location.password)
            except UserError as problem:
                log.warning("The database %s could not be dropped: %s", location.name, problem)
        raise
