"""Backup and restore: the archive beside raw reading and zipping, filling a database beside raw inserts, and what a writer notices."""

from __future__ import annotations

import sqlite3
import threading
import time
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

from bench.house import Ground, Line
from desktop_crm.models import archive, filling, tables
from desktop_crm.models.database import Store
from desktop_crm.models.location import Location
from desktop_crm.models.snapshot import snapshot
from desktop_crm.services import archives, records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from desktop_crm.services.session import Session


def silent(_rows: int) -> None:
    """Report nothing."""


def measure(ground: Ground) -> Iterator[Line]:
    """Measure all of it on the company that is there; it stays as it is but for the customers saved meanwhile."""
    for name, work in (("archive", writing), ("restore", lambda _session, folder: restoring(folder)), ("longest save in backup", stalls)):
        ours, floor = work(ground.session, ground.folder)
        yield Line(name, ours, floor)


def writing(session: Session, folder: Path) -> tuple[float, float]:
    """Return the milliseconds of writing an archive, and of reading the same rows and packing them as they come."""
    with snapshot(session.store, folder) as store:
        begun = time.perf_counter()
        with (folder / "bench.crmbackup").open("wb") as file:
            archive.write(store, file, company="", now=session.now, took=silent)
        ours = (time.perf_counter() - begun) * 1000
        begun = time.perf_counter()
        packer = zlib.compressobj(archive.LEVEL)
        for table in tables.table_names(store):
            for page in tables.pages(store, table, tables.kept_columns(store, table)):
                packer.compress(repr(page).encode())
        packer.flush()
        return ours, (time.perf_counter() - begun) * 1000


def restoring(folder: Path) -> tuple[float, float]:
    """Return the milliseconds of filling and comparing a SQLite file, and of bare inserts of the same rows with the same indexes."""
    with archive.opened(folder / "bench.crmbackup") as found:
        begun = time.perf_counter()
        archives.fill_file(found, folder / "filled.sqlite3", archives.Rows(lambda _done, _total: None, found.manifest.rows, 2))
        ours = (time.perf_counter() - begun) * 1000
        ready = {table: [page for page in found.pages(table)] for table in found.manifest.tables}  # noqa: C416 - the pages are to be read now
        with closing(Store(Location("sqlite", path=folder / "floor.sqlite3"))) as store:
            filling.build(store, found.manifest.migrations, found.manifest.tables)
        with closing(sqlite3.connect(folder / "floor.sqlite3")) as database:
            begun = time.perf_counter()
            for table, pages in ready.items():
                columns = found.manifest.tables[table].columns
                text = f"INSERT INTO `{table}` ({', '.join(f'`{column}`' for column in columns)}) VALUES ({', '.join('?' * len(columns))})"
                for page in pages:
                    database.executemany(text, page)
            database.commit()
            return ours, (time.perf_counter() - begun) * 1000


def stalls(session: Session, folder: Path) -> tuple[float, float]:
    """Return the longest milliseconds a save took while a backup ran, and while none ran."""
    running, longest = threading.Event(), {True: 0.0, False: 0.0}
    ended = threading.Event()

    def write() -> None:
        number = 0
        until = time.monotonic() + 2
        while not ended.is_set() or time.monotonic() < until:
            number += 1
            during, begun = running.is_set(), time.perf_counter()
            records.save(session, "customer", {"name": f"客户{number}"})
            longest[during] = max(longest[during], (time.perf_counter() - begun) * 1000)
            time.sleep(0.01)
        session.close()

    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(1)
    running.set()
    archives.write_proven(session, folder / "stalls.crmbackup")
    running.clear()
    ended.set()
    writer.join()
    return longest[True], longest[False]
