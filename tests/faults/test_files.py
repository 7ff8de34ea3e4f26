"""A company file that was cut, has a wrong byte, or is another program's: it is refused or found damaged, or every figure is as it was."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from desktop_crm.base.errors import NewerDatabase, UserError
from desktop_crm.services.check import check
from desktop_crm.services.session import create_company, open_session
from tests.faults.operations import IN_FULL
from tests.support.children import python
from tests.support.company import make

ROOT = Path(__file__).resolve().parents[2]


def test_a_wrong_byte_or_a_cut_is_told_or_harmless(tmp_path: Path) -> None:
    command = ["-m", "tests.faults.flips", str(tmp_path), "400" if IN_FULL else "25", "1"]
    done = python(command, cwd=ROOT)
    assert done.returncode == 0, f"it ended with {done.returncode}: {done.stderr}"
    told = json.loads(done.stdout)
    for outcomes in (told["flips"], told["cuts"]):
        assert outcomes.get("crash", 0) == 0, done.stderr
        assert outcomes.get("figure", 0) == 0, told["figures"]
    assert told["flips"].get("refused", 0) + told["flips"].get("found", 0) > 0


@pytest.mark.parametrize("place", [0, -1])
def test_a_changed_credit_limit_disagrees_with_its_index(tmp_path: Path, place: int) -> None:
    path = tmp_path / "company.sqlite3"
    with closing(create_company(str(path), admin="boss")) as session:
        make(session, "customer", credit_limit=Decimal("20202020.21"))
        session.store.sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    content, kept = path.read_bytes(), (2020202021).to_bytes(4, "big")
    found = [at for at in range(len(content)) if content.startswith(kept, at)]
    assert len(found) > 1, "in the record and in an index"
    at = found[place] + 3
    path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    with closing(open_session(str(path))) as session:
        assert any(problem.kind == "damage" for problem in check(session))


def another_programs(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE moz_places (id INTEGER PRIMARY KEY, url TEXT)")
        database.commit()


def not_even_a_database(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04" + b"an Excel workbook" * 300)


def nothing_at_all(path: Path) -> None:
    path.write_bytes(b"")


def zeros(path: Path) -> None:
    path.write_bytes(bytes(8192))


def a_newer_programs(path: Path) -> None:
    create_company(str(path), admin="boss").close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("INSERT INTO schema_migration (name, applied) VALUES ('9999_later', '2030-01-01')")
        database.commit()


@pytest.mark.parametrize("content", [another_programs, not_even_a_database, nothing_at_all, zeros, a_newer_programs])
def test_what_is_no_company_of_this_program_is_refused_and_left_alone(tmp_path: Path, content: object) -> None:
    path = tmp_path / "company.sqlite3"
    content(path)  # type: ignore[operator]
    before = path.read_bytes()
    with pytest.raises(NewerDatabase if content is a_newer_programs else UserError) as told:
        open_session(str(path), "boss")
    assert told.value.message
    assert path.read_bytes() == before
    assert [left.name for left in tmp_path.iterdir() if left.name not in ("company.sqlite3", "home", "company.sqlite3-wal", "company.sqlite3-shm")] == []
