"""A connection that rests gives back what it holds of the file, and works on as before."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desktop_crm.models.database import MAPPED
from tests.support.company import company, make

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.session import Session


@pytest.fixture(params=["", "?shared=1"])
def session(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Session]:
    url = f"sqlite:///{(tmp_path / 'company.sqlite3').as_posix()}{request.param}"
    with company(url) as made:
        yield made


def mapped(session: Session) -> int:
    """Return the kilobytes of the file this process has in memory."""
    path, found, inside = str(session.store.location.path), 0, False
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        if not line.split()[0].endswith(":"):
            inside = line.endswith(path)
        elif inside and line.startswith("Rss:"):
            found += int(line.split()[1])
    return found


def test_a_rest_keeps_what_was_set(session: Session) -> None:
    make(session, "customer", name="华信机电有限公司")
    before = [session.store.scalar(f"PRAGMA {name}") for name in ("mmap_size", "cache_size", "foreign_keys", "synchronous", "journal_mode")]
    session.store.rest()
    assert [session.store.scalar(f"PRAGMA {name}") for name in ("mmap_size", "cache_size", "foreign_keys", "synchronous", "journal_mode")] == before
    assert before[0] in (0, None) if session.store.location.shared else before[0] == MAPPED
    make(session, "customer", name="常州翔宇电子有限公司")
    assert session.store.scalar("SELECT COUNT(*) FROM customer") == 2


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells what is mapped")
def test_a_rest_gives_the_file_back(session: Session) -> None:
    if session.store.location.shared:
        return
    session.store.scalar("SELECT SUM(LENGTH(sql)) FROM sqlite_master")
    session.store.sql("PRAGMA wal_checkpoint(TRUNCATE)")
    session.store.scalar("SELECT SUM(LENGTH(name)) FROM customer")
    session.store.rest()
    held = mapped(session)
    assert held == 0


def test_a_closed_store_may_rest(session: Session) -> None:
    session.close()
    session.store.rest()
    assert session.store.db.is_closed(), "resting opens nothing"
