"""The start window over a database that doesn't answer and over one that fails: whoever makes a company can stop it, and nothing of it is left."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QAbstractButton

from desktop_crm.models.location import parse_url
from desktop_crm.services import archives
from desktop_crm.services.session import open_session
from desktop_crm.ui import start_work
from tests.services.test_founding import files, tables
from tests.support.company import company
from tests.support.gate import Gate
from tests.ui.slow_stage import FAILURES
from tests.ui.test_start import Start, make_start

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop_crm.ui.start_pages import NewCompanyForm, ServerForm

__all__ = ["make_start"]


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(monkeypatch)


def asked_for(start: Start, url: str) -> NewCompanyForm | ServerForm:
    """Fill in the form of a new company at a place."""
    location = parse_url(url)
    if location.path is not None:
        start.click("start.empty")
        form = start.window.new_form
        form.place.set_value(str(location.path))
    else:
        start.click("start.server")
        server = start.window.server_form
        server.show_server(start_work.server_of(url))
        server.make_new.set_value(True)
        form = server  # type: ignore[assignment]
    form.company.set_value("恒信商贸")
    form.name.set_value("王敏")
    return form


def press(start: Start, name: str) -> None:
    """Press a button without waiting for what comes of it."""
    found = [one for one in start.window.findChildren(QAbstractButton, name) if one.isVisible()]
    assert len(found) == 1, name
    found[0].click()


def test_a_new_company_is_stopped_fails_and_is_made(make_start: Callable[..., Start], db_url: str, tmp_path: Path, gate: Gate) -> None:
    start = make_start()
    form = asked_for(start, db_url)

    def is_as_it_was() -> None:
        assert form.isVisible()
        assert (form.company.value(), form.name.value()) == ("恒信商贸", "王敏")
        assert form.send.isEnabled()
        assert form.back_button.text() == "上一步"
        assert start.opened == []
        assert tables(db_url) == set()
        assert files(tmp_path) == set()

    with gate.shut():
        press(start, form.send.objectName())
        assert form.send._busy_text
        assert form.back_button.text() == "取消"
        press(start, "start.back")
        assert form.back_button._busy_text == "正在停止…"
    start.settle()
    is_as_it_was()
    assert not form.problem.isVisible()
    for failure in FAILURES:
        with gate.failing(failure):
            start.click(form.send.objectName())
        assert failure.message in form.problem.accessibleName()
        is_as_it_was()
    start.click(form.send.objectName())
    assert start.session().person.name == "王敏"


def test_a_server_that_holds_a_company_already_opens_it(make_start: Callable[..., Start], mariadb_url: str, gate: Gate) -> None:
    with company(mariadb_url):
        pass
    start = make_start()
    form = asked_for(start, mariadb_url)
    with gate.shut():
        press(start, form.send.objectName())
        press(start, "start.back")
    start.settle()
    assert start.opened == []
    start.click(form.send.objectName())
    assert start.session().person.name == "boss"


def test_the_window_is_closed_while_a_company_is_made(make_start: Callable[..., Start], db_url: str, tmp_path: Path, gate: Gate) -> None:
    start = make_start()
    form = asked_for(start, db_url)
    with gate.shut():
        press(start, form.send.objectName())
        for job in start.window.operations.under_way():
            job.cancel()  # as closing does, before it waits for the work to end
    start.window.close()
    assert tables(db_url) == set()
    assert files(tmp_path) == set()


@pytest.mark.parametrize("failure", FAILURES)
def test_the_demo_company_is_stopped_and_fails(make_start: Callable[..., Start], home: Path, gate: Gate, failure: Exception) -> None:
    start = make_start()
    with gate.shut():
        press(start, "start.demo")
        assert start.window.progress.isVisible()
        press(start, "start.progress.cancel")
    start.settle()
    assert start.window.stack.currentWidget() is start.window.welcome
    assert not list(home.rglob("*.sqlite3*"))
    with gate.failing(failure):
        start.click("start.demo")
    assert str(failure) in start.window.problem.accessibleName()
    assert not list(home.rglob("*.sqlite3*"))
    assert start.opened == []


def test_a_backup_is_restored_to_a_server_stopped_and_restored(make_start: Callable[..., Start], mariadb_url: str, tmp_path: Path, gate: Gate) -> None:
    with company(str(tmp_path / "old.sqlite3")) as session:
        archives.backup_to(session, tmp_path / "a.crmbackup")
    start = make_start()
    start.window.restoring.begin(tmp_path / "a.crmbackup")
    start.settle()
    made: list[str] = []

    def restored(step: Callable[[int, int], None]) -> str:
        return start_work.restore_company(tmp_path / "a.crmbackup", mariadb_url, password="", server_password="", step=step)

    def failed(problem: BaseException) -> None:
        start.window.progress.end()
        made.append(type(problem).__name__)

    for shut, told in ((True, "Cancelled"), (False, mariadb_url)):
        with gate.shut():
            start.window.run(restored, "", made.append, failed)
            start.qtbot.waitUntil(start.window.progress.isVisible)
            if shut:
                press(start, "start.progress.cancel")
        start.settle()
        assert made.pop() == told
        assert bool(tables(mariadb_url)) is not shut
    with closing(open_session(mariadb_url)) as opened:
        assert opened.person.name == "boss"
