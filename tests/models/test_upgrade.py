"""Bringing company files up to this program."""

from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import NewerDatabase, UserError
from desktop_crm.base.settings import data_folder
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.models import keep, migrate, triggers
from desktop_crm.models.schema import table_columns
from desktop_crm.services import archives, sample
from desktop_crm.services.check import check
from desktop_crm.services.session import connect, open_session
from tests.support.company import company, make

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop_crm.models.database import Store

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
