"""Putting one company file in the place of another, so that at any moment there is the old one or the new one under the name."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.base.scratch import sync_file, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

log = logging.getLogger(__name__)

WAIT_SECONDS: Final = 3
COMPANIONS: Final = ("-wal", "-shm", "-journal")


def replace_company(new: Path, present: Path, now: datetime) -> Path:
    """Give the complete company file `new` the name of `present`, which is kept beside it; return where.

    Raises UserError where another program has the present one open, OSError where the disk refuses; nothing is changed then.
    """
    aside = _free_name(present, now)
    sync_file(new)
    if os.name == "nt":
        # Windows refuses to rename what anybody has open, this program included.
        with alone(present):
            _keep(present, aside)
        _take(new, present, aside)
    else:
        with alone(present):
            _keep(present, aside)
            _take(new, present, aside)
    return aside


def _free_name(present: Path, now: datetime) -> Path:
    stamp = now.astimezone().strftime("%Y%m%d-%H%M%S")
    number = 1
    while (path := present.with_name(f"{present.stem}.before-restore-{stamp}{f'-{number}' if number > 1 else ''}{present.suffix}")).exists():
        number += 1
    return path


def _keep(present: Path, aside: Path) -> None:
    """Give the present file a second name, or where the file system has no links, copy it."""
    try:
        os.link(present, aside)
    except OSError:
        shutil.copyfile(present, aside)
        sync_file(aside)
    for ending in COMPANIONS:
        # Only a damaged file still has some.
        beside = present.with_name(present.name + ending)
        if beside.exists():
            beside.replace(aside.with_name(aside.name + ending))
    sync_folder(present.parent)


def _take(new: Path, present: Path, aside: Path) -> None:
    try:
        new.replace(present)
    except PermissionError as problem:
        aside.unlink(missing_ok=True)
        raise _in_use(present) from problem
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    sync_folder(present.parent)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a company file so that nobody else can open it, with everything of it in this one file; raises UserError where it is in use.

    A file that is damaged can't be held, and is nobody's work any more.
    """
    with closing(sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)) as database:
        try:
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            # Leaving WAL succeeds only where nobody else has the file open, and leaves no companion files that would be taken for the new one's.
            if database.execute("PRAGMA journal_mode = DELETE").fetchone()[0] != "delete":
                raise _in_use(path)
            database.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as problem:
            if "locked" not in str(problem):
                raise OSError(None, str(problem), str(path)) from problem
            raise _in_use(path) from problem
        except sqlite3.DatabaseError as problem:
            log.info("%s can't be locked: %s", path, problem)
        yield


def _in_use(path: Path) -> UserError:
    return UserError(_("{path} is open in another program. Close it everywhere, on other computers too, then try again").format(path=path))
