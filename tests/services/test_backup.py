from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import NotAllowed, UserError
from desktop_crm.services import records, sample, users
from desktop_crm.services.backup import backup, move, restore
from desktop_crm.services.check import check
from desktop_crm.services.history import record_history
from desktop_crm.services.session import Session, create_company, open_session
from tests.support.company import company, make

if TYPE_CHECKING:
    from pathlib import Path


def fill(session: Session) -> int:
    """Fill the company, delete a customer last and return the id it had; everybody has a password."""
    sample.fill(session, 4)
    users.set_password(session, session.person.id, "123456")
    key = make(session, "customer", name="不再有的客户")
    records.delete(session, "customer", [key])
    return key


def same(original: Session, url: str, deleted: int) -> None:
    with closing(open_session(url, "boss", "123456")) as copy:
        assert check(copy) == []
        for name in original.catalog:
            assert records.totals(copy, name) == records.totals(original, name), name
        assert [entry.label for entry in copy.log.entries()] == [entry.label for entry in original.log.entries()]
        assert record_history(copy, "customer", 1) == record_history(original, "customer", 1)
        new = make(copy, "customer", name="新客户")
        assert new > deleted, "a new record must not inherit the history of a deleted one"
        assert len(record_history(copy, "customer", new)) == 1


def test_a_backup_is_the_whole_company_and_replaces_an_older_one(db_url: str, tmp_path: Path) -> None:
    with company(db_url) as session:
        deleted = fill(session)
        path = tmp_path / "backup.sqlite3"
        path.write_bytes(b"older")
        assert backup(session, path) == path
        again = tmp_path / "restored.sqlite3"
        restore(path, str(again))
        same(session, str(again), deleted)
        assert sorted(file.name for file in tmp_path.iterdir() if file.name.startswith((".~", "backup"))) == ["backup.sqlite3"]


def test_a_company_moves_to_a_server_and_back(mariadb_url: str, tmp_path: Path) -> None:
    with company(str(tmp_path / "company.sqlite3")) as session:
        deleted = fill(session)
        move(session, mariadb_url)
        path = tmp_path / "backup.sqlite3"
        with closing(open_session(mariadb_url, "boss", "123456")) as server:
            backup(server, path)
        same(session, str(path), deleted)
        same(session, mariadb_url, deleted)
        with pytest.raises(UserError):
            restore(path, mariadb_url)


def test_a_backup_is_restored_to_a_server(mariadb_url: str, tmp_path: Path) -> None:
    with company(str(tmp_path / "company.sqlite3")) as session:
        deleted = fill(session)
        restore(backup(session, tmp_path / "backup.sqlite3"), mariadb_url)
        same(session, mariadb_url, deleted)


def test_what_cannot_be_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    db = tmp_path / "company.sqlite3"
    with company(str(db)) as session:
        users.add_user(session, {"login": "zhaoting", "name": "赵婷", "role": "finance"})
        with closing(open_session(str(db), "zhaoting")) as finance, pytest.raises(NotAllowed):
            backup(finance, tmp_path / "x.sqlite3")
        for refused in (db, tmp_path / "none" / "x.sqlite3", tmp_path):
            with pytest.raises(UserError):
                backup(session, refused)
        kept = backup(session, tmp_path / "b.sqlite3")
        for source, target in ((tmp_path / "nothing", tmp_path / "y.sqlite3"), (kept, db)):
            with pytest.raises(UserError):
                restore(source, str(target))
        garbage = tmp_path / "garbage.sqlite3"
        garbage.write_bytes(b"SQLite format 3\0" + b"x" * 4096)
        with pytest.raises(UserError):
            restore(garbage, str(tmp_path / "z.sqlite3"))
        empty = tmp_path / "empty.sqlite3"
        empty.touch()
        with pytest.raises(UserError):
            restore(empty, str(tmp_path / "z.sqlite3"))
    assert {path.name for path in tmp_path.glob("[xyz].*")} == set()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".~")] == []
    with pytest.raises(UserError):
        create_company(str(db))
