"""A database that doesn't answer: every wait shows itself, can be stopped where that loses nothing, and the window goes on working."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from desktop_crm.app import build
from desktop_crm.base.errors import Cancelled
from desktop_crm.base.settings import Settings, save_settings
from desktop_crm.domain.conditions import Query
from desktop_crm.services import records
from desktop_crm.services.session import open_session
from desktop_crm.ui import deleting
from desktop_crm.ui.kit.toasts import TaskToast
from desktop_crm.ui.list_page import ListPage
from desktop_crm.ui.operations import Job, Lane, Operations
from desktop_crm.ui.steps import SLICE_S
from desktop_crm.ui.waits import finish_writing
from tests.support.company import company, make
from tests.support.gate import Gate
from tests.support.settling import settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.main_window import MainWindow


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(monkeypatch)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, gate: Gate) -> Iterator[MainWindow]:
    with company(str(tmp_path / "company.sqlite3")) as session:
        for name in ("恒泰科技有限公司", "华信机电有限公司"):
            make(session, "customer", name=name)
        save_settings(Settings(language="zh_CN"))
        made = build(session)
        qtbot.addWidget(made)
        made.show()
        settle(qtbot, made.operations.idle)
        made.news.stop()  # so that only what a test asks for is under way
        yield made
        gate.open.set()
        made.close()


def waits(window: MainWindow) -> list[TaskToast]:
    return [toast for toast in window.shell.toasts.shown() if isinstance(toast, TaskToast) and toast.isVisible()]


def button(where: QWidget, name: str) -> QPushButton:
    found = [one for one in where.findChildren(QPushButton, name) if one.isVisible()]
    assert found, name
    return found[0]


def open_list(desk: Desk) -> None:
    desk.show_list("contact")


def open_record(desk: Desk) -> None:
    desk.open_record("customer", 1)


def open_report(desk: Desk) -> None:
    desk.show_page("report.aging")


def open_log(desk: Desk) -> None:
    desk.show_page("log")


@pytest.mark.parametrize("go", [open_list, open_record, open_report, open_log])
def test_a_page_that_is_read_shows_it_can_be_stopped_and_read_again(window: MainWindow, qtbot: QtBot, gate: Gate, go: Any) -> None:
    with gate.shut():
        go(window.desk)
        qtbot.waitUntil(lambda: len(waits(window)) == 1)
        (wait,) = waits(window)
        assert wait.text.text() == "正在读取…"
        page = window.page()
        assert page is not None
        button(wait, "toast.cancel").click()
        assert not window.operations.waited_for(Lane.READ)
        assert window.page() is page
        # The window answers while the database still doesn't.
        window.desk.show_list("customer")
        assert isinstance(window.page(), ListPage)
        window.ways.go_back()
    again = next(one for one in window.shell.toasts.shown() if not isinstance(one, TaskToast))
    window.ways.turn_to(next(key for key in window.ways._order if window.shell.page(key) is page))
    button(again, "toast.action_1").click()
    qtbot.waitUntil(window.operations.idle)
    assert not waits(window)


def test_an_editor_whose_reading_is_stopped_is_left_again(window: MainWindow, qtbot: QtBot, gate: Gate) -> None:
    before = window.page()
    with gate.shut():
        window.desk.new_record("contract", customer=1)
        assert window.page() is not before
        qtbot.waitUntil(lambda: len(waits(window)) == 1)
        button(waits(window)[0], "toast.cancel").click()
        assert window.page() is before
    qtbot.waitUntil(window.operations.idle)


def test_rows_come_after_their_reading_was_stopped_and_asked_for_again(window: MainWindow, qtbot: QtBot, gate: Gate) -> None:
    page = window.page()
    assert isinstance(page, ListPage)
    with gate.shut():
        page.bar.search.setText("华信")
        page.bar.search.returnPressed.emit()
        qtbot.waitUntil(lambda: len(waits(window)) == 1)
        button(waits(window)[0], "toast.cancel").click()
    again = next(one for one in window.shell.toasts.shown() if not isinstance(one, TaskToast))
    button(again, "toast.action_1").click()
    qtbot.waitUntil(lambda: window.operations.idle() and page.model.count == 1)


def test_a_search_in_the_palette_shows_its_wait_and_goes_on_after_it_was_stopped(window: MainWindow, qtbot: QtBot, gate: Gate) -> None:
    window.searching.open()
    with gate.shut():
        qtbot.keyClicks(window.searching.palette.input, "htkj")
        qtbot.waitUntil(lambda: len(waits(window)) == 1)
        button(waits(window)[0], "toast.cancel").click()
        assert window.searching.palette.isVisible()
    qtbot.keyClicks(window.searching.palette.input, " ")
    qtbot.waitUntil(window.operations.idle)


def test_a_question_to_a_file_shows_its_wait_and_is_dropped_at_once(window: MainWindow, qtbot: QtBot) -> None:
    go_on = threading.Event()
    failed: list[BaseException] = []
    came: list[object] = []
    window.operations.look(window, lambda _step: go_on.wait(60), came.append, failed=failed.append)
    qtbot.waitUntil(lambda: len(waits(window)) == 1)
    assert waits(window)[0].text.text() == "正在读取…"
    button(waits(window)[0], "toast.cancel").click()
    assert [type(one) for one in failed] == [Cancelled]
    assert not waits(window)
    go_on.set()
    qtbot.waitUntil(window.operations.idle)
    assert not came


def test_deleting_many_is_stopped_at_its_next_step_and_deletes_nothing(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deleting, "MANY", 1)
    steps, go_on = threading.Event(), threading.Event()
    remove = records.delete

    def held(*arguments: Any, step: Any) -> Any:
        def at(done: int, total: int) -> None:
            steps.set()
            assert go_on.wait(60)
            step(done, total)

        return remove(*arguments, step=at)

    monkeypatch.setattr(records, "delete", held)
    act = deleting.Deleting(window, window.desk, window.desk.session.spec("customer"))
    act.start(lambda: [1, 2], 2)
    qtbot.waitUntil(lambda: steps.is_set() and any(one.text.text().startswith("正在删除") for one in waits(window)))
    button(next(one for one in waits(window) if one.text.text().startswith("正在删除")), "toast.cancel").click()
    go_on.set()
    qtbot.waitUntil(window.operations.idle)
    assert records.count(window.desk.session, "customer") == 2
    assert not waits(window)


def test_answers_that_come_together_leave_room_for_keys(qtbot: QtBot) -> None:
    """Each answer takes as long as a turn may: all of them in one turn would keep the keys waiting."""
    parent, hold = QWidget(), threading.Event()
    qtbot.addWidget(parent)
    failures: list[BaseException] = []
    operations = Operations(failures.append, lambda: None, parent)
    turns: list[int] = []
    turn = [0]
    ticking = QTimer(parent)
    ticking.timeout.connect(lambda: turn.__setitem__(0, turn[0] + 1))
    ticking.start(0)

    def answer(_none: object) -> None:
        turns.append(turn[0])
        until = time.perf_counter() + SLICE_S
        while time.perf_counter() < until:
            pass

    operations.read(parent, lambda: hold.wait(60), lambda _none: None)
    for _number in range(5):
        operations.read(parent, lambda: None, answer)
    hold.set()
    while operations._outcomes.qsize() < 6:  # all of them are there before the window looks
        assert not turns
    qtbot.waitUntil(operations.idle)
    assert len(set(turns)) == 5
    assert not failures
    operations.stop()


def test_a_save_shows_its_wait_and_can_be_stopped_until_it_is_committed(window: MainWindow, qtbot: QtBot, gate: Gate) -> None:
    """One under way stops with its statement, one that still waits in its lane at once, and nothing is there of either."""
    desk, session = window.desk, window.desk.session
    failed: list[BaseException] = []
    with gate.shut():
        desk.write(window, lambda: records.save(session, "customer", {"name": "东海紧固件有限公司"}), lambda _changes: None, failed=failed.append)
        desk.write(window, lambda: records.save(session, "customer", {"name": "不要了"}), lambda _changes: None, failed=failed.append)
        qtbot.waitUntil(lambda: len(waits(window)) == 2)
        assert [one.text.text() for one in waits(window)] == ["正在保存…", "正在保存…"]
        first, second = waits(window)
        button(second, "toast.cancel").click()
        assert [type(one) for one in failed] == [Cancelled]
        QTest.keyClick(window, Qt.Key.Key_Escape)
        assert first.detail.text() == "正在停止…"
        assert len(failed) == 1, "whether it was in time only its thread can say"
    qtbot.waitUntil(window.operations.idle)
    assert [type(one) for one in failed] == [Cancelled, Cancelled]
    assert window.shell.toasts.shown()[-1].text.text() == "已停止，没有任何改动"
    assert records.count(session, "customer") == 2
    desk.write(window, lambda: records.save(session, "customer", {"name": "东海紧固件有限公司"}), lambda _changes: None)
    qtbot.waitUntil(window.operations.idle)
    assert records.count(session, "customer") == 3


def test_a_save_that_waits_long_says_what_may_hold_it_up(window: MainWindow, qtbot: QtBot, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_crm.ui.waits.LONG_MS", 0)
    desk, session = window.desk, window.desk.session
    with gate.shut():
        desk.write(window, lambda: records.save(session, "customer", {"name": "东海紧固件有限公司"}), lambda _changes: None)
        qtbot.waitUntil(lambda: [one.detail.text()[:9] for one in waits(window)] == ["其他程序或电脑正在"])
    qtbot.waitUntil(window.operations.idle)
    assert records.count(session, "customer") == 3


def test_a_save_whose_commit_is_under_way_is_not_stopped(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, session, at, go_on = window.desk, window.desk.session, threading.Event(), threading.Event()
    commits = Job.commits

    def held(job: Job) -> None:
        commits(job)
        at.set()
        assert go_on.wait(60)

    monkeypatch.setattr(Job, "commits", held)
    came: list[Any] = []
    job = desk.operations.write(window, lambda: records.save(session, "customer", {"name": "东海紧固件有限公司"}), came.append)
    qtbot.waitUntil(lambda: at.is_set() and len(waits(window)) == 1 and not waits(window)[0].stoppable)
    job.stop()
    go_on.set()
    qtbot.waitUntil(window.operations.idle)
    assert len(came) == 1
    assert records.count(session, "customer") == 3


def test_long_work_that_is_stopped_leaves_nothing(window: MainWindow, qtbot: QtBot, gate: Gate) -> None:
    desk, session, begun = window.desk, window.desk.session, threading.Event()

    def work(step: Any) -> Any:
        def both() -> None:
            records.save(session, "customer", {"name": "半途"})
            begun.set()
            assert go_on.wait(60)
            step(1, 2)
            records.save(session, "customer", {"name": "而废"})

        return session.write("test", "test", both)

    go_on = threading.Event()
    desk.write_long(window, work, lambda _changes: None, title="两件事", failed=desk.fail)
    qtbot.waitUntil(lambda: begun.is_set() and len(waits(window)) == 1)
    button(waits(window)[0], "toast.cancel").click()
    go_on.set()
    qtbot.waitUntil(window.operations.idle)
    assert records.count(session, "customer") == 2
    assert gate.open.is_set()
    assert not waits(window)


@pytest.mark.parametrize("stays", [False, True], ids=["closes", "stays open"])
def test_the_window_closes_when_what_was_begun_is_saved_unless_it_is_kept_open(window: MainWindow, qtbot: QtBot, gate: Gate, *, stays: bool) -> None:
    session = window.desk.session
    with gate.shut():
        window.desk.write(window, lambda: records.save(session, "customer", {"name": "东海紧固件有限公司"}), lambda _changes: None)

        def opened() -> bool:
            dialog = window.findChild(QWidget, "finishing")
            if dialog is None or not dialog.isVisible():
                return False
            if stays:
                button(dialog, "finishing.stay").click()
            else:
                gate.open.set()  # the test itself stands in `close` until the save has ended
            return True

        seen: list[bool] = []
        timer = QTimer()
        timer.timeout.connect(lambda: seen.append(True) if opened() else None)
        timer.start(20)
        window._making_anew = True  # no backup at the end: this is about the save
        assert window.close() is not stays
        timer.stop()
    assert seen
    qtbot.waitUntil(window.operations.idle)
    assert window.isVisible() is stays
    assert records.count(session, "customer") == 3
    session.close()


def test_what_begins_as_the_last_save_ends_is_waited_for_too(qtbot: QtBot) -> None:
    unexpected: list[BaseException] = []
    operations = Operations(unexpected.append, lambda: None)
    owner = QWidget()
    qtbot.addWidget(owner)
    written: list[str] = []
    told = threading.Event()
    operations.write(owner, lambda: written.append("first") if told.wait(60) else None, lambda _none: None)
    begun: list[Job] = []

    def go_on(_job: Job) -> None:
        if not begun:
            begun.append(operations.draft(owner, lambda: written.append("draft"), lambda _none: None))

    dialog = QDialog(owner)
    assert finish_writing(operations, lambda: asked(dialog, operations, go_on, told))
    assert (written, operations.idle(), unexpected) == (["first", "draft"], True, [])
    operations.stop()


def asked(dialog: QDialog, operations: Operations, go_on: Callable[[Job], None], told: threading.Event) -> QDialog:
    """Let what goes on be told of the end after `finish_writing`, which asks for the dialog first."""

    def connect() -> None:
        operations.ended.connect(go_on)
        told.set()

    QTimer.singleShot(0, operations, connect)
    return dialog


def test_what_nobody_wants_before_it_begins_has_no_answer(qtbot: QtBot) -> None:
    """A preview whose template is chosen anew while a backup is under way: the first one had been answered with nothing."""
    owner = QWidget()
    failures: list[BaseException] = []
    answers: list[str] = []
    qtbot.addWidget(owner)
    operations = Operations(failures.append, lambda: None, owner)
    go_on = threading.Event()
    for _lane in range(2):
        operations.file(owner, lambda _step: go_on.wait(60), lambda _none: None)
    waiting = operations.look(owner, lambda _step: "a preview", answers.append)
    waiting.cancel()
    operations.look(owner, lambda _step: "another", answers.append)
    go_on.set()
    qtbot.waitUntil(operations.idle)
    operations.stop()
    assert answers == ["another"]
    assert failures == []


def test_nothing_is_begun_once_the_window_is_closed(window: MainWindow) -> None:
    window._making_anew = True  # no backup at the end
    window.close()
    asked: list[str] = []
    window.guard.look()
    window.operations.read(window, lambda: asked.append("read"), asked.append)
    assert window.operations.idle()
    assert not asked
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith(("read-", "file-"))]


def test_a_statement_that_nobody_waits_for_is_broken_off(qtbot: QtBot, db_url: str) -> None:
    """On both engines: the lane is free for the next question at once, not when the long one has run out."""
    with company(db_url):
        session = open_session(db_url)
        parent = QWidget()
        qtbot.addWidget(parent)
        failures: list[BaseException] = []
        operations = Operations(failures.append, session.close, parent, watch=session.store.watched)
        endless = "SELECT SLEEP(600)" if session.store.mysql else "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n"
        begun = threading.Event()

        def ask() -> Any:
            begun.set()
            return session.store.scalar(endless)

        came: list[Any] = []
        operations.read(parent, ask, came.append, key="search")
        qtbot.waitUntil(begun.is_set)
        operations.read(parent, lambda: session.store.scalar("SELECT COUNT(*) FROM customer"), came.append, key="search")
        qtbot.waitUntil(operations.idle)
        assert came == [0]
        assert failures == []
        operations.stop()
        session.close()


def test_a_change_that_was_stopped_is_broken_off_and_leaves_nothing(qtbot: QtBot, db_url: str) -> None:
    """On both engines: in the middle of a statement that wouldn't end for long; the connection is good for the next change."""
    with company(db_url):
        session = open_session(db_url)
        parent = QWidget()
        qtbot.addWidget(parent)
        failed: list[BaseException] = []
        operations = Operations(failed.append, session.close, parent, watch=session.store.watched)
        endless = "SELECT SLEEP(600)" if session.store.mysql else "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n"
        begun = threading.Event()

        def both() -> None:
            records.save(session, "customer", {"name": "半途"})
            begun.set()
            session.store.scalar(endless)

        came: list[Any] = []
        job = operations.write(parent, lambda: session.write("test", "test", both), came.append, failed=failed.append)
        qtbot.waitUntil(begun.is_set)
        job.stop()
        qtbot.waitUntil(operations.idle)
        assert [type(one) for one in failed] == [Cancelled]
        operations.write(parent, lambda: records.save(session, "customer", {"name": "重来"}), came.append)
        qtbot.waitUntil(operations.idle)
        assert len(came) == 1
        assert [row["name"] for row in records.page(session, Query("customer", columns=("name",)))] == ["重来"]
        operations.stop()
        session.close()


def test_a_save_that_waits_for_somebody_else_is_stopped_at_once(qtbot: QtBot, db_url: str) -> None:
    """Somebody else's transaction holds the file, or the row: SQLite would wait 15 seconds for it, and a server 50."""
    with company(db_url) as other:
        key = make(other, "customer", name="恒泰科技有限公司")
        session = open_session(db_url)
        parent = QWidget()
        qtbot.addWidget(parent)
        failed: list[BaseException] = []
        operations = Operations(failed.append, session.close, parent, watch=session.store.watched)
        waiting: list[Job] = []
        operations.waiting.connect(waiting.append)
        with other.store.transaction():
            other.store.sql("SELECT id FROM customer WHERE id = ? FOR UPDATE" if other.store.mysql else "SELECT id FROM customer WHERE id = ?", (key,)).fetchall()
            job = operations.write(parent, lambda: records.save(session, "customer", {"city": "苏州"}, key=key), lambda _changes: None, failed=failed.append)
            qtbot.waitUntil(lambda: waiting == [job])
            job.stop()
            qtbot.waitUntil(operations.idle, timeout=10_000)
        assert [type(one) for one in failed] == [Cancelled]
        came: list[Any] = []
        operations.write(parent, lambda: records.save(session, "customer", {"city": "苏州"}, key=key), came.append)
        qtbot.waitUntil(operations.idle)
        assert len(came) == 1
        operations.stop()
        session.close()
