"""Bringing company files up to this program."""

from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import NewerDatabase, UserError
from desktop_crm.base.progress import silent
from desktop_crm.base.settings import data_folder
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.models import indexes, keep, migrate, search_index, triggers, value_index
from desktop_crm.models.database import Store
from desktop_crm.models.location import parse_url
from desktop_crm.models.registry import REGISTER
from desktop_crm.models.schema import table_columns
from desktop_crm.services import archives, sample, search
from desktop_crm.services.check import check
from desktop_crm.services.session import connect, open_session
from tests.support.company import company, make

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NEXT = '''"""A column more."""
from desktop_crm.models.schema import Column, add_column

def up(_migrator, db):
    add_column(db, "product", Column("colour", "text", size=20))
'''


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that gives the program one more migration."""

    def add(source: str) -> None:
        folder = tmp_path / "migrations"
        folder.mkdir()
        for path in migrate.FOLDER.glob("[0-9]*.py"):
            (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
        (folder / "0999_more.py").write_text(source, encoding="utf-8")
        monkeypatch.setattr(migrate, "FOLDER", folder)

    return add


def test_an_upgrade_keeps_every_row_and_copies_a_file_first(db_url: str, tmp_path: Path, later: Callable[[str], None]) -> None:
    with company(db_url) as session:
        key = make(session, "product", name="泵")
    later(NEXT)
    store = connect(db_url)
    assert store.scalar("SELECT name FROM product WHERE id = ?", (key,)) == "泵"
    assert store.scalar("SELECT colour FROM product WHERE id = ?", (key,)) == ""
    copies = list(tmp_path.glob("*before-upgrade*"))
    assert len(copies) == (0 if store.mysql else 1)
    store.close()
    assert connect(db_url).scalar("SELECT COUNT(*) FROM product") == 1


def test_an_upgrade_that_was_killed_is_finished_the_next_time(db_url: str, later: Callable[[str], None]) -> None:
    with company(db_url) as session:
        make(session, "product", name="泵")
    later(NEXT + "    raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        connect(db_url)
    (migrate.FOLDER / "0999_more.py").write_text(NEXT, encoding="utf-8")
    store = connect(db_url)
    assert store.scalar("SELECT colour FROM product") == ""
    store.close()


def test_an_upgrade_that_was_killed_before_its_triggers_were_made_is_finished_too(
    db_url: str, tmp_path: Path, later: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with company(db_url) as session:
        make(session, "product", name="泵")
    later(NEXT)

    def killed(_store: Store) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(triggers, "recompute", killed)
        patch.setattr(triggers, "rebuild", killed)
        with pytest.raises(KeyboardInterrupt):
            connect(db_url)
    with closing(connect(db_url)) as store:
        assert triggers.differences(store) == []
        assert store.scalar("SELECT colour FROM product") == ""
        assert migrate.upgrade(store) == []
    copies = list(tmp_path.glob("*before-upgrade*")) or list((data_folder() / "before-upgrade").iterdir())
    assert len(copies) in (1, 2)


def test_triggers_that_are_gone_are_made_anew_when_the_company_is_opened(db_url: str, expect_log: Callable[[str], None]) -> None:
    with company(db_url) as session:
        migrate.drop_triggers(session.store)
    expect_log("were incomplete")
    with closing(connect(db_url)) as store:
        assert triggers.differences(store) == []


def test_the_copy_of_a_servers_company_is_a_backup_of_it_as_it_was(mariadb_url: str, tmp_path: Path, later: Callable[[str], None]) -> None:
    with company(mariadb_url) as session:
        sample.fill(session, 3)
        names = [row["name"] for row in session.records.find(session.entity("customer"), EVERYTHING, ["name"])]
    later(NEXT)
    connect(mariadb_url).close()
    (copy,) = (data_folder() / "before-upgrade").iterdir()
    restored = tmp_path / "restored.sqlite3"
    archives.restore(copy, str(restored))
    with closing(open_session(str(restored))) as session:
        assert [row["name"] for row in session.records.find(session.entity("customer"), EVERYTHING, ["name"])] == names
        assert check(session) == []


@pytest.mark.parametrize("failure", ["differs", "full"])
def test_without_a_sound_copy_nothing_is_changed(tmp_path: Path, later: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, failure: str) -> None:
    path = tmp_path / "company.sqlite3"
    with company(str(path)) as session:
        make(session, "product", name="泵")
    later(NEXT)
    if failure == "differs":
        monkeypatch.setattr(keep, "_difference", lambda _source, _target: "product: 1 ≠ 0")
    else:
        usage = shutil.disk_usage(tmp_path)
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1000))
    with pytest.raises(UserError):
        connect(str(path))
    assert [left.name for left in tmp_path.glob("*before-upgrade*")] == []
    monkeypatch.undo()
    with closing(connect(str(path))) as store:
        assert "colour" not in table_columns(store.db, "product")


def test_a_newer_company_is_refused_with_a_clear_word(db_url: str) -> None:
    with company(db_url) as session:
        session.store.sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_later', '2030-01-01')")
    with pytest.raises(NewerDatabase, match="9999_later"):
        connect(db_url)
    with pytest.raises(NewerDatabase):
        connect(db_url, create=True)


def test_a_program_without_its_migrations_refuses_to_start(db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "FOLDER", tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError):
        connect(db_url, create=True)


TOUCHING = """
from desktop_crm.models.schema import is_mysql

def up(_migrator, db):
    if is_mysql(db):
        db.execute_sql("SET @change_set = (SELECT MAX(id) FROM change_set)")
    db.execute_sql("UPDATE customer SET city = '宁波' WHERE name = '恒泰'")
    db.execute_sql("UPDATE customer SET search_key = 'zzz', sort_key = 'zzz' WHERE name = '华信'")
    db.execute_sql("DELETE FROM customer WHERE name = '东海'")
"""
MADE_ANEW = """
def up(_migrator, db):
    text = db.execute_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'customer'").fetchone()[0]
    db.execute_sql(text.replace("customer", "customer_next", 1))
    db.execute_sql("INSERT INTO customer_next SELECT * FROM customer")
    db.execute_sql("UPDATE customer_next SET search_key = 'zzz' WHERE name = '华信'")
    db.execute_sql("DROP TABLE customer")
    db.execute_sql("ALTER TABLE customer_next RENAME TO customer")
"""
DROPPED = """
from desktop_crm.models.schema import drop_column

def up(_migrator, db):
    drop_column(db, "customer", "source")
"""


@pytest.mark.parametrize("source", [NEXT, TOUCHING])
def test_an_upgrade_keeps_the_index_of_search_and_tells_it_what_changed(db_url: str, later: Callable[[str], None], source: str) -> None:
    with company(db_url) as session:
        for name in ("恒泰", "华信", "东海"):
            make(session, "customer", name=name, city="苏州")
        search.tend_index(session, step=silent)
    later(source)
    store = connect(db_url)
    assert search_index.unready(store) == value_index.unready(store) == []
    assert search_index.pending_count(store) == (3 if source == TOUCHING else 0)
    assert search_index.lost(store, REGISTER["customer"]) == []
    store.close()


def test_where_a_table_is_made_anew_its_index_is_too(tmp_path: Path, later: Callable[[str], None]) -> None:
    url = str(tmp_path / "firm.sqlite3")
    with company(url) as session:
        for name in ("恒泰", "华信"):
            make(session, "customer", name=name)
        search.tend_index(session, step=silent)
        session.store.sql("PRAGMA foreign_keys = 0")
    later(MADE_ANEW)
    with closing(Store(parse_url(url))) as store:
        store.connect()
        store.sql("PRAGMA foreign_keys = 0")
        migrate.upgrade(store)
        assert [entry.name for entry in search_index.unready(store)] == [entry.name for entry in value_index.unready(store)] == ["customer"]
        search_index.tend(store, silent)
        assert search_index.lost(store, REGISTER["customer"]) == []


def test_a_column_that_the_index_looks_at_can_be_taken_away(tmp_path: Path, later: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    url = str(tmp_path / "firm.sqlite3")
    with company(url) as session:
        make(session, "customer", name="恒泰")
        search.tend_index(session, step=silent)
    later(DROPPED)
    with closing(Store(parse_url(url))) as store:
        store.connect()
        # What is derived names the column, which this program declares.
        monkeypatch.setattr(indexes, "rebuild", lambda *_given: None)
        monkeypatch.setattr(triggers, "rebuild", lambda *_given: [])
        migrate.upgrade(store)
        assert "source" not in table_columns(store.db, "customer")
        left = {name for name, _sql in triggers.present(store)}
        assert value_index.trigger_names(REGISTER["customer"])[0] not in left
        assert {*search_index.trigger_names(REGISTER["customer"])} <= left
