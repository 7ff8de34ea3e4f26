"""A connection that a thread leaves is the next thread's, and a company file is told by its first bytes."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import UserError
from desktop_crm.models import database
from desktop_crm.models.migrate import holds_other_data, is_marked
from desktop_crm.services.session import open_session
from tests.support.company import company, make

if TYPE_CHECKING:
    from pathlib import Path


def test_the_next_thread_goes_on_with_the_connection_that_was_left(tmp_path: Path) -> None:
    with company(str(tmp_path / "company.sqlite3")) as session:
        store = session.store
        make(session, "customer", name="华信")
        mine = store.db.connection()
        store.leave()
        assert store.db.is_closed()

        def elsewhere() -> tuple[object, int, str]:
            name = str(store.scalar("SELECT name FROM customer"))
            made = make(session, "customer", name="远达")
            found = store.db.connection(), made, name
            store.close()
            return found

        with ThreadPoolExecutor(1) as pool:
            theirs, _made, name = pool.submit(elsewhere).result()
        assert (theirs is mine, name) == (True, "华信")
        assert store.scalar("SELECT COUNT(*) FROM customer") == 2
        assert store.db.connection() is not mine


def test_a_file_longer_than_what_is_mapped_rests_and_works_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with company(str(tmp_path / "company.sqlite3")) as session:
        make(session, "customer", name="华信")
        monkeypatch.setattr(database, "MAPPED", 0)
        session.store.rest()
        assert session.store.scalar("SELECT name FROM customer") == "华信"


def test_a_company_file_is_marked_and_others_are_looked_into(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.sqlite3", tmp_path / "theirs.sqlite3"
    with company(str(ours)):
        pass
    assert (is_marked(ours), holds_other_data(ours)) == (True, False)
    other = sqlite3.connect(theirs)
    other.execute("CREATE TABLE kept (what)")
    other.close()
    before = theirs.read_bytes()
    assert (is_marked(theirs), holds_other_data(theirs)) == (False, True)
    with pytest.raises(UserError):
        open_session(str(theirs))
    assert theirs.read_bytes() == before


def test_an_older_company_without_the_mark_opens(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite3"
    with company(str(path)) as session:
        user = session.person.name
    plain = sqlite3.connect(path)
    plain.execute("PRAGMA application_id = 0")
    plain.close()
    assert (is_marked(path), holds_other_data(path)) == (False, False)
    open_session(str(path), user).close()
