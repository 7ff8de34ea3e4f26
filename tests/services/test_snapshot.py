"""A backup is made while people work: it holds one moment, and nobody waits for it."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from desktop_crm.models import snapshot as snapshots
from desktop_crm.models.snapshot import copy_in_steps, snapshot
from desktop_crm.services import archives, records
from desktop_crm.services.check import check
from desktop_crm.services.session import Session, open_session
from tests.support.company import company, make

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def patient(session: Session, seconds: float) -> None:
    """Make this session wait for others no longer than that."""
    session.store.sql(f"SET innodb_lock_wait_timeout = {max(1, int(seconds))}" if session.store.mysql else f"PRAGMA busy_timeout = {int(seconds * 1000)}")


def counted(session: Session) -> int:
    return records.count(session, "customer")


@pytest.mark.parametrize("kind", ["", "?shared=1"])
def test_what_is_written_meanwhile_neither_waits_nor_gets_in(db_url: str, kind: str, tmp_path: Path) -> None:
    if kind and db_url.startswith("mysql"):
        return
    with company(db_url + kind) as session:
        make(session, "customer")
        patient(session, 0.2)
        with snapshot(session.store, tmp_path) as store:
            for number in range(3):
                make(session, "customer", name=f"后来{number}")
            assert store.scalar("SELECT COUNT(*) FROM customer") == 1
            assert counted(session) == 4
        with snapshot(session.store, tmp_path / "other" if kind == "" else _folder(tmp_path)) as store:
            assert store.scalar("SELECT COUNT(*) FROM customer") == 4


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "second"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("kind", ["", "?shared=1"])
def test_a_backup_amid_writing_holds_whole_change_sets(db_url: str, kind: str, tmp_path: Path) -> None:
    if kind and db_url.startswith("mysql"):
        return
    with company(db_url + kind) as session:
        ended, written = threading.Event(), threading.Event()

        def work() -> None:
            writer = open_session(db_url + kind)
            number = 0
            while not ended.is_set():
                number += 1
                customer = records.save(writer, "customer", {"name": f"客户{number}"}).result.id
                owed = {"customer": customer, "amount": Decimal("100.10"), "document_on": date(2026, 1, 5)}
                receivable = records.save(writer, "receivable", owed).result.id
                paid = {"customer": customer, "amount": Decimal("60.05"), "received_on": date(2026, 1, 6)}
                records.save(writer, "receipt", paid, lines={"allocation": [{"receivable": receivable, "amount": Decimal("60.05")}]})
                if number == 3:
                    written.set()
            writer.close()

        thread = threading.Thread(target=work)
        thread.start()
        try:
            assert written.wait(60)
            before = counted(session)
            manifest = archives.backup_to(session, tmp_path / "a.crmbackup")
        finally:
            ended.set()
            thread.join()
        archives.restore(tmp_path / "a.crmbackup", str(tmp_path / "restored.sqlite3"))
        with closing(open_session(str(tmp_path / "restored.sqlite3"))) as restored:
            assert check(restored) == []
            assert before <= counted(restored) <= counted(session)
            assert records.count(restored, "allocation") == records.count(restored, "receipt")
            assert manifest.last_change is not None
            assert restored.log.entries()[0].id == manifest.last_change.id


def test_a_shared_file_is_copied_in_steps_and_in_one_go_where_that_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "busy.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("CREATE TABLE t (n INTEGER, x TEXT)")
        writer.executemany("INSERT INTO t VALUES (?, ?)", [(number, "x" * 3000) for number in range(400)])
        begun: list[int] = []
        pause: Callable[[float], None] = time.sleep

        def write_between(seconds: float) -> None:
            begun.append(1)
            if restless or len(begun) == 3:
                writer.execute("UPDATE t SET n = n + 1000")
            pause(seconds)

        monkeypatch.setattr(snapshots, "PAGES", 50)
        monkeypatch.setattr(time, "sleep", write_between)
        monkeypatch.setattr(time, "monotonic", lambda: float(len(begun)))  # a second a pause, however long this machine takes for one
        for restless in (False, True):
            begun.clear()
            monkeypatch.setattr(snapshots, "PATIENCE_SECONDS", 10 if restless else 600)
            copy_in_steps(path, tmp_path / f"copy{restless}.sqlite3")
            with closing(sqlite3.connect(tmp_path / f"copy{restless}.sqlite3")) as copy:
                assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                lowest, highest, rows = copy.execute("SELECT MIN(n), MAX(n), COUNT(*) FROM t").fetchone()
                assert (highest - lowest, rows) == (399, 400), "one moment"
                assert lowest == writer.execute("SELECT MIN(n) FROM t").fetchone()[0]
        assert len(begun) >= 10, "begun anew as long as its patience lasts, and then it ends"
