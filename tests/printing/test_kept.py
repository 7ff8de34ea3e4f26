"""A file that was printed to is there with its entry in the log of prints, or neither is."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.progress import silent
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.printing.batch import to_folder, to_pdf
from desktop_crm.printing.kept import keep_file, keep_folder
from desktop_crm.services import print_log
from desktop_crm.services.print_sources import Asked
from tests.services.ledger import company
from tests.support.company import make

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from desktop_crm.services.session import Session


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with company(f"sqlite:///{tmp_path / 'company.sqlite3'}") as made:
        for name in ("恒泰科技有限公司", "华信机电有限公司", "友谊商店"):
            make(made, "receipt", customer=make(made, "customer", name=name), amount=Decimal(10), kind="receipt")
        yield made


@pytest.fixture
def asked(session: Session) -> Asked:
    return Asked("receipt", tuple(session.records.ids_where(session.entity("receipt"), EVERYTHING)), "receipt")


def entries(session: Session) -> list[tuple[str, str]]:
    return [(row["document"], row["target"]) for row in session.records.find(session.entity("print_log"), EVERYTHING, ["document", "target"], sort="id")]


def refuse(*_given: object, **_named: object) -> None:
    raise Cancelled


def test_a_file_is_there_with_its_entry_or_as_it_was(session: Session, asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there, new = tmp_path / "out" / "there.pdf", tmp_path / "out" / "new.pdf"
    there.parent.mkdir()
    there.write_bytes(b"older")
    with monkeypatch.context() as patch:
        patch.setattr(print_log, "note", refuse)
        for target in (there, new):
            with pytest.raises(Cancelled):
                keep_file(session, target, lambda part: to_pdf(session, asked, part, silent))
    with pytest.raises(Cancelled):
        keep_file(session, new, lambda part: to_pdf(session, asked, part, refuse))
    assert [path.name for path in there.parent.iterdir()] == ["there.pdf"]
    assert there.read_bytes() == b"older"
    assert entries(session) == []
    outcome, changes = keep_file(session, there, lambda part: to_pdf(session, asked, part, silent))
    assert outcome.files == [there]
    assert changes.entities == {"print_log"}
    assert there.read_bytes().startswith(b"%PDF")
    assert [path.name for path in there.parent.iterdir()] == ["there.pdf"]
    assert [target for _document, target in entries(session)] == [str(there)] * 3


def test_a_place_that_refuses_is_told_by_its_own_name(session: Session, asked: Asked, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="taken"):
        keep_file(session, tmp_path / "taken", lambda part: to_pdf(session, asked, part, lambda _done, _total: (tmp_path / "taken").mkdir(exist_ok=True)))
    assert entries(session) == []


def test_a_folder_holds_what_is_noted_and_nothing_else(session: Session, asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "letters"
    with monkeypatch.context() as patch:
        patch.setattr(print_log, "note", refuse)
        with pytest.raises(Cancelled):
            keep_folder(session, folder, lambda part: to_folder(session, asked, part, silent))
    assert not folder.exists()
    outcome, _changes = keep_folder(session, folder, lambda part: to_folder(session, asked, part, silent))
    assert sorted(folder.iterdir()) == sorted(outcome.files)
    assert len(outcome.files) == len(entries(session)) == 3


def test_what_was_written_when_it_was_stopped_is_noted_whoever_still_says_stop(session: Session, asked: Asked, tmp_path: Path) -> None:
    stopped: list[bool] = []

    def ask() -> None:
        if stopped:
            raise Cancelled

    def step(done: int, _total: int) -> None:
        if done == 2:
            stopped.append(True)
            ask()

    with session.store.watched(ask, ask):
        outcome, _changes = keep_folder(session, tmp_path / "letters", lambda part: to_folder(session, asked, part, step))
    assert outcome.stopped
    assert sorted((tmp_path / "letters").iterdir()) == sorted(outcome.files)
    assert len(outcome.files) == len(entries(session)) == 2
