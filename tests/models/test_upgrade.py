"""Bringing company files up to this program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desktop_crm.models import migrate
from desktop_crm.services.session import connect
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


def test_a_program_without_its_migrations_refuses_to_start(db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "FOLDER", tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError):
        connect(db_url, create=True)
