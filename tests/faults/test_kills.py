"""A program that is killed in the middle of writing loses nothing that it had saved, and leaves nothing half done."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from desktop_crm.domain.conditions import EVERYTHING, Where
from desktop_crm.models import triggers
from desktop_crm.services.session import create_company, open_session

ROOT = Path(__file__).resolve().parents[2]
KILLS = 4


def test_a_killed_writer_leaves_whole_change_sets(db_url: str) -> None:
    create_company(db_url, admin="boss").close()
    saved = 0
    for kill in range(KILLS):
        with subprocess.Popen([sys.executable, "-m", "tests.faults.writer", db_url], cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8") as writer:
            assert writer.stdout is not None
            for _line in range(3 + kill):
                assert writer.stdout.readline(), "the writer ended by itself"
                saved += 1
            writer.kill()
            saved += len(writer.stdout.read().split())
    session = open_session(db_url)
    records = session.records
    if not session.store.mysql:
        assert session.store.scalar("PRAGMA integrity_check") == "ok"
    receipts = records.count(session.entity("receipt"), EVERYTHING)
    assert saved <= receipts <= saved + KILLS
    assert records.count(session.entity("allocation"), EVERYTHING) == receipts, "a receipt without its allocation"
    assert records.count(session.entity("receivable"), Where("settled", "eq", 0)) <= KILLS
    for what, statement in triggers.rollup_checks():
        assert not session.store.sql(statement).fetchall(), what
    assert session.write("x", "x", lambda: None).change_set is None, "the killed writer left a change set open"
    session.close()
