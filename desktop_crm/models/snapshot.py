"""A company as it is at one moment, to be read at leisure while people go on working in it."""

from __future__ import annotations

import logging
import sqlite3
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

from desktop_crm.models.database import BUSY_SECONDS, Store
from desktop_crm.models.location import Location

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

PAGES: Final = 1000
"""Pages copied while others wait: 4 MB, some 40 ms over an office network."""
PATIENCE_SECONDS: Final = 180.0
"""How long a copy in steps may begin again and again because somebody writes, before it is made in one go: in an office there are pauses."""
PAUSE_SECONDS: Final = 0.002


@contextmanager
def snapshot(store: Store, folder: Path) -> Iterator[Store]:
    """Yield the company as it is now; `folder` takes a copy where one is needed. Writers go on meanwhile.

    A server gives a consistent snapshot and a local file (WAL) a read transaction, which block nobody. In a file on a network
    folder a reader would hold up writers, so it is copied first, in steps.
    """
    if store.location.path is not None and store.location.shared:
        copy = folder / "snapshot.sqlite3"
        with store.errors():
            copy_in_steps(store.location.path, copy)
        reader = Store(Location("sqlite", path=copy))
    elif store.mysql:
        reader = Store(store.location, str(store.db.connect_params.get("password") or ""))
    else:
        reader = Store(store.location)
    with closing(reader):
        reader.connect()
        if store.mysql:
            reader.sql("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            reader.sql("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        else:
            reader.sql("BEGIN")
            # A transaction of SQLite begins with its first question.
            reader.sql("SELECT COUNT(*) FROM sqlite_master").fetchall()
        yield reader
        reader.sql("ROLLBACK")


class _Restless(Exception):
    """Somebody writes so often that the copy in steps never ends."""


def copy_in_steps(path: Path, target: Path) -> None:
    """Copy a SQLite file that others use, a few pages at a time; where they write too often for that, in one go.

    Raises what the store explains, and OSError where the disk refuses.
    """
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as source, closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA synchronous = OFF")
        patient_until = time.monotonic() + PATIENCE_SECONDS
        least = -1

        def between(_status: int, remaining: int, _total: int) -> None:
            nonlocal least
            if 0 <= least <= remaining and time.monotonic() >= patient_until:
                raise _Restless
            least = remaining
            time.sleep(PAUSE_SECONDS)

        try:
            source.backup(copy, pages=PAGES, progress=between, sleep=PAUSE_SECONDS)
        except _Restless:
            began = time.monotonic()
            source.backup(copy)
            log.info("The company file was copied in one go, which took %.1f s", time.monotonic() - began)
