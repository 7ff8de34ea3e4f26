"""The start window: making, opening, connecting, signing in, and everything that may be wrong with a company."""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget

from desktop_crm.base import secrets
from desktop_crm.base.settings import Settings, data_folder
from desktop_crm.models import driver
from desktop_crm.services import archives, records, users
from desktop_crm.services.session import Session, create_company, open_session
from desktop_crm.ui.start import StartWindow
from desktop_crm.ui.start_work import Server, company_title, file_name, server_of
from tests.support.prepared import lay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from tests.ui.conftest import FakeFiles


class Start:
    """A start window: `opened` are the sessions it ended with, `failures` what it could not put in words."""

    def __init__(self, qtbot: QtBot, settings: Settings) -> None:
        self.qtbot = qtbot
        self.opened: list[Session] = []
        self.failures: list[BaseException] = []
        self.window = StartWindow(settings, self.failures.append)
        self.window.opened.connect(self.opened.append)
        qtbot.addWidget(self.window)
        self.window.show()

    def settle(self) -> None:
        self.qtbot.waitUntil(self.window.operations.idle)

    def click(self, name: str) -> None:
        found = self.window.findChild(QAbstractButton, name)
        assert isinstance(found, QAbstractButton), name
        found.click()
        self.settle()

    def session(self) -> Session:
        assert len(self.opened) == 1
        return self.opened[0]


@pytest.fixture
def make_start(qtbot: QtBot) -> Iterator[Callable[..., Start]]:
    made: list[Start] = []

    def make(*recent: str, settings: Settings | None = None) -> Start:
        made.append(Start(qtbot, settings or Settings(recent_companies=recent)))
        return made[-1]

    yield make
    for one in made:
        one.window.close()
        for session in one.opened:
            session.close()
        assert one.failures == []


def company(path: Path, *, password: str = "") -> str:
    url = f"sqlite:///{path}"
    create_company(lay(url), admin="王敏", password=password, company="恒信商贸").close()
    return url


def test_an_empty_company_is_made(make_start: Callable[..., Start]) -> None:
    start = make_start()
    start.click("start.empty")
    form = start.window.new_form
    start.click("start.new.go")
    assert form.company.problem()
    assert form.name.problem()
    form.company.line.setText("恒信/商贸")
    form.company.changed.emit()
    assert form.place.value() == str(data_folder() / "恒信_商贸.sqlite3")
    form.name.line.setText("王敏")
    form.password.line.setText("kurz")
    QTest.keyClick(form.name.line, Qt.Key.Key_Return)
    start.settle()
    assert "6" in form.problem.accessibleName()
    form.password.line.setText("geheim1")
    start.click("start.new.go")
    session = start.session()
    assert session.person.name == "王敏"
    assert session.person.role == "admin"
    assert Path(str(form.place.value())).is_file()


def test_a_place_that_holds_a_company_is_refused(make_start: Callable[..., Start], tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles]) -> None:
    company(tmp_path / "a.sqlite3")
    start = make_start()
    start.click("start.empty")
    form = start.window.new_form
    answer_files(tmp_path / "a")
    form.change.click()
    assert form.place.value() == str(tmp_path / "a.sqlite3")
    form.company.line.setText("乙")
    form.company.changed.emit()
    form.name.line.setText("周立")
    assert form.place.value() == str(tmp_path / "a.sqlite3")
    start.click("start.new.go")
    assert form.problem.isVisible()
    assert start.opened == []


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs a folder that nobody may write to")
def test_a_folder_nobody_may_write_to_is_told(make_start: Callable[..., Start]) -> None:
    start = make_start()
    start.click("start.empty")
    form = start.window.new_form
    form.company.line.setText("甲")
    form.name.line.setText("周立")
    form.place.line.setText("/proc/company.sqlite3")
    start.click("start.new.go")
    assert "/proc/company.sqlite3" in form.problem.accessibleName()
    assert form.send.isEnabled()


def test_a_recent_company_opens_with_one_click(make_start: Callable[..., Start], tmp_path: Path) -> None:
    start = make_start(company(tmp_path / "恒信.sqlite3"), "sqlite:////nowhere/away.sqlite3")
    start.click("start.recent.2")
    assert start.window.problem.isVisible()
    assert start.window.stack.currentWidget() is start.window.welcome
    start.click("start.recent.1")
    assert start.session().person.name == "王敏"


def test_a_password_is_asked_for_until_it_is_right(make_start: Callable[..., Start], tmp_path: Path) -> None:
    start = make_start(company(tmp_path / "a.sqlite3", password="geheim1"))
    start.click("start.recent.1")
    form = start.window.sign_in_form
    assert form.name.value() == "王敏"
    start.click("start.sign_in")
    assert form.password.problem()
    form.password.line.setText("falsch")
    start.click("start.sign_in")
    assert form.password.problem()
    assert start.opened == []
    form.password.line.setText("geheim1")
    QTest.keyClick(form.password.line, Qt.Key.Key_Return)
    start.settle()
    assert start.session().person.name == "王敏"


def test_one_of_several_people_signs_in(make_start: Callable[..., Start], tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.sqlite3'}"
    session = create_company(lay(url), admin="王敏")
    users.add_user(session, {"name": "周立", "login": "zhouli", "role": "finance"}, "geheim1")
    gone = users.add_user(session, {"name": "陈思远", "login": "chen", "role": "sales"}).result.id
    users.disable_user(session, gone)
    session.close()
    start = make_start(url)
    start.click("start.recent.1")
    form = start.window.sign_in_form
    assert sorted(form.asked.names if form.asked else []) == ["zhouli", "王敏"]
    form.name.set_value("zhouli")
    form.password.line.setText("geheim1")
    start.click("start.sign_in")
    assert start.session().person.role == "finance"
    again = make_start(url, settings=Settings().company_opened(url, start.session().person.login))
    again.click("start.recent.1")
    assert again.window.sign_in_form.name.value() == "zhouli", "who signed in last on this computer"
    asked_for = make_start(url)
    asked_for.window.open_url(url, user="zhouli")
    asked_for.settle()
    assert asked_for.window.sign_in_form.name.value() == "zhouli", "a password is missing"
    without = make_start(url)
    without.window.open_url(url, user="王敏")
    without.settle()
    assert without.session().person.role == "admin", "there is none to be asked for"


def test_files_that_are_no_company_are_refused(make_start: Callable[..., Start], tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles]) -> None:
    start = make_start()
    text, strange, empty = tmp_path / "a.txt", tmp_path / "b.sqlite3", tmp_path / "c.sqlite3"
    text.write_text("no company at all, but longer than a header")
    with sqlite3.connect(strange) as other:
        other.execute("CREATE TABLE songs (id INTEGER)")
    other.close()
    empty.write_bytes(b"")
    for path in (text, strange, empty, tmp_path / "missing.sqlite3"):
        size = path.stat().st_size if path.exists() else None
        answer_files(path)
        start.click("start.open")
        assert start.window.problem.isVisible(), path
        start.window.problem.hide()
        assert (path.stat().st_size if path.exists() else None) == size
    answer_files(None)
    start.click("start.open")
    assert start.opened == []


def test_a_newer_company_is_refused(make_start: Callable[..., Start], tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles]) -> None:
    path = tmp_path / "a.sqlite3"
    company(path)
    with sqlite3.connect(path) as database:
        database.execute("INSERT INTO schema_migration (name, applied) SELECT '9999_future', applied FROM schema_migration LIMIT 1")
    database.close()
    start = make_start()
    answer_files(path)
    start.click("start.open")
    assert "9999_future" in start.window.problem.accessibleName()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="the administrator may write everywhere")
def test_a_read_only_company_file_is_told(make_start: Callable[..., Start], tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles]) -> None:
    path = tmp_path / "a.sqlite3"
    company(path)
    path.chmod(0o400)
    tmp_path.chmod(0o500)
    start = make_start()
    answer_files(path)
    start.click("start.open")
    tmp_path.chmod(0o700)
    assert start.window.problem.isVisible() or start.opened


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """Yield a port that nobody listens on, kept so that no other test gets it meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_server_that_does_not_answer_is_told(make_start: Callable[..., Start], deaf_port: int) -> None:
    port = deaf_port
    start = make_start(f"mysql://crm@127.0.0.1:{port}/crm")
    start.click("start.server")
    form = start.window.server_form
    start.click("start.server_form.go")
    assert form.place.host.problem()
    form.show_server(Server("127.0.0.1", "abc", "crm", "crm", ""))
    start.click("start.server.test")
    assert form.place.port.problem()
    form.place.port.line.setText(str(port))
    start.click("start.server.test")
    assert "127.0.0.1" in form.problem.accessibleName()
    assert form.send.isEnabled()
    start.click("start.back")
    start.click("start.recent.1")
    assert "127.0.0.1" in form.problem.accessibleName()
    assert form.place.database.value() == "crm"


def test_a_company_is_made_on_a_server_and_its_password_kept(make_start: Callable[..., Start], mariadb_url: str) -> None:
    start = make_start()
    start.click("start.server")
    form = start.window.server_form
    server = server_of(mariadb_url)
    form.show_server(server)
    start.click("start.server.test")
    assert form.problem.isVisible()
    form.make_new.box.click()
    start.click("start.server_form.go")
    assert form.company.problem()
    form.company.line.setText("恒信商贸")
    form.name.line.setText("王敏")
    form.place.password.line.setText("unused")
    form.place.remember.box.click()
    start.click("start.server_form.go")
    if not start.opened:  # the test server's account has no password
        form.place.password.line.setText("")
        start.click("start.server_form.go")
    assert start.session().person.name == "王敏"
    start.window.show_server()
    start.click("start.server.test")
    assert "1" in form.problem.accessibleName()


def test_a_remembered_password_opens_the_server(mariadb_url: str) -> None:
    secrets.set_password(mariadb_url, "kept")
    assert secrets.get_password(server_of(mariadb_url).url) == "kept"


def test_the_demo_is_made_once_and_can_be_stopped(make_start: Callable[..., Start], qtbot: QtBot) -> None:
    start = make_start()
    card = start.window.findChild(QWidget, "start.demo")
    assert isinstance(card, QAbstractButton)
    card.click()
    qtbot.waitUntil(lambda: start.window.progress.running() and start.window.progress._job is not None and start.window.progress._job.progress[1] > 0)
    start.window.progress.cancel.click()
    start.settle()
    assert start.window.stack.currentWidget() is start.window.welcome
    assert [path.name for path in data_folder().iterdir() if path.is_file()] == []
    start.click("start.demo")
    session = start.session()
    assert session.person.role == "admin"
    assert records.count(session, "customer") > 0
    assert [path.name for path in data_folder().iterdir() if path.is_file() and not path.name.endswith(("-wal", "-shm"))] == ["demo.sqlite3"]


def test_names_of_files_and_companies() -> None:
    assert file_name('a<b>:"c" .') == "a_b___c_.sqlite3"
    assert file_name(" . ") == "company.sqlite3"
    assert company_title("sqlite:////home/a/恒信.sqlite3") == ("恒信", "/home/a/恒信.sqlite3")
    assert company_title("mysql://crm@10.0.0.5:3306/crm") == ("crm", "10.0.0.5:3306")


def backup_of(url: str, path: Path, password: str = "") -> Path:
    session = open_session(url)
    archives.backup_to(session, path, password=password)
    session.close()
    return path


def test_a_backup_becomes_a_company_at_a_new_place(make_start: Callable[..., Start], tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles]) -> None:
    path = backup_of(company(tmp_path / "a.sqlite3"), tmp_path / "a.crmbackup", "sehr geheim")
    start = make_start()
    start.window.restoring.begin()
    form = start.window.restore_form
    start.click("start.restore_form.go")
    assert form.file.problem()
    answer_files(path)
    start.click("start.restore.choose")
    assert form.password_frame.isVisible()
    assert not form.about.isVisible()
    form.password.line.setText("falsch")
    start.click("start.restore_form.go")
    assert form.password.problem()
    form.password.line.setText("sehr geheim")
    QTest.keyClick(form.password.line, Qt.Key.Key_Return)
    start.settle()
    if not start.opened:
        start.click("start.restore_form.go")
    start.settle()
    session = start.session()
    assert session.url != f"sqlite:///{tmp_path / 'a.sqlite3'}"
    assert session.person.name == "王敏"


def test_a_damaged_company_is_told_and_a_backup_takes_its_place(make_start: Callable[..., Start], tmp_path: Path) -> None:
    url = company(tmp_path / "a.sqlite3")
    path = backup_of(url, tmp_path / "a.crmbackup")
    file = tmp_path / "a.sqlite3"
    file.write_bytes(file.read_bytes()[:5000])
    start = make_start(url)
    start.click("start.recent.1")
    start.settle()
    start.click("start.restore_instead")
    form = start.window.restore_form
    assert form.instead.isVisible()
    assert not form.place.isVisible()
    form.file.set_value(str(path))
    start.click("start.restore_form.go")
    start.settle()
    assert start.session().url == url
    (kept,) = tmp_path.glob("a.before-restore-*.sqlite3")
    assert kept.stat().st_size == 5000


def test_a_sound_company_is_never_offered_to_be_replaced(make_start: Callable[..., Start], tmp_path: Path) -> None:
    url = company(tmp_path / "a.sqlite3")
    with sqlite3.connect(tmp_path / "a.sqlite3") as database:
        database.execute("INSERT INTO schema_migration (name, applied) SELECT '9999_future', applied FROM schema_migration LIMIT 1")
    start = make_start(url)
    start.click("start.recent.1")
    start.settle()
    assert start.window.problem.isVisible()
    assert start.window.findChild(QAbstractButton, "start.restore_instead") is None


@pytest.fixture
def silent_server() -> Iterator[str]:
    """Run a server that takes the call and waits to be spoken to, as most programs do that are no database."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"mysql://root@127.0.0.1:{server.getsockname()[1]}/company"


def test_a_silent_server_is_given_up_and_another_company_opened(make_start: Callable[..., Start], silent_server: str, tmp_path: Path) -> None:
    start = make_start(silent_server)
    start.window.open_url(silent_server)
    start.qtbot.waitUntil(start.window.progress.isVisible)
    QTest.keyClick(start.window.progress.cancel, Qt.Key.Key_Escape)
    assert start.window.welcome.isVisible()
    start.window.open_url(company(tmp_path / "a.sqlite3"))
    start.qtbot.waitUntil(lambda: bool(start.opened))


def test_who_waits_for_a_silent_server_is_told(make_start: Callable[..., Start], silent_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "GREETING_SECONDS", 0.2)
    start = make_start(silent_server)
    start.window.open_url(silent_server)
    start.settle()
    assert start.window.server_form.isVisible()
    assert start.window.server_form.problem.isVisible()
