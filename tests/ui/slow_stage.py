"""A window over a company whose database can be held or break off: what is done in it is begun, stopped, failed and done.

The database is held at its next statement, which is the same as one that takes any time. That no turn of the event loop is long is watched in every test of a screen.
"""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.exceptions import TimeoutError as NeverCame

from desktop_crm.app import build
from desktop_crm.base.errors import ConnectionLost, StorageFailed
from desktop_crm.base.settings import Settings, save_settings
from desktop_crm.services import receipts, records
from desktop_crm.ui import files, guard, operations
from desktop_crm.ui.kit.buttons import Button
from desktop_crm.ui.kit.overlays import Dialog
from desktop_crm.ui.kit.toasts import TaskToast
from desktop_crm.ui.progress import JobProgress
from tests.support.company import company, make
from tests.support.gate import Gate
from tests.support.settling import settle
from tests.ui.conftest import FakeFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest
    from pytestqt.qtbot import QtBot

    from desktop_crm.services.session import Session
    from desktop_crm.ui.main_window import MainWindow

SOON_MS: Final = 30
"""After how long a wait shows itself here, so that many of them take little time."""
WAIT_MS: Final = 10_000
DAY: Final = dt.date(2026, 1, 10)
FAILURES: Final = (ConnectionLost("the server"), StorageFailed("the disk"))


class Stage:
    """The window over a company with a few records of each kind, whose `keys` are told by entity."""

    def __init__(self, window: MainWindow, session: Session, gate: Gate, qtbot: QtBot, folder: Path) -> None:
        self.window, self.desk, self.session, self.gate, self.qtbot, self.folder = window, window.desk, session, gate, qtbot, folder
        self.keys: dict[str, list[int]] = {}
        self.kept: Any = None
        self.failures: list[BaseException] = []
        self.desk.failed.connect(self.failures.append)

    @property
    def page(self) -> Any:
        return self.window.page()

    def settle(self) -> None:
        settle(self.qtbot, self.window.operations.idle)

    def written(self) -> int:
        return int(self.session.store.scalar("SELECT COUNT(*) FROM change_set"))

    def files(self) -> set[str]:
        """Return the files that stand in the company's folder and below, without what SQLite keeps beside one, drafts, and the notes on backups."""
        found = (one for one in self.folder.rglob("*") if one.is_file() and one.parent.name != "drafts")
        return {str(one.relative_to(self.folder)) for one in found if not one.name.endswith(("-wal", "-shm", "-journal", ".backups.json"))}

    def shown(self) -> list[TaskToast | JobProgress]:
        """Return what says that something is waited for."""
        kinds: tuple[type[TaskToast | JobProgress], ...] = (TaskToast, JobProgress)
        return [one for window in QApplication.topLevelWidgets() for kind in kinds for one in window.findChildren(kind) if one.isVisible()]

    def until(self, there: Callable[[], bool], what: str) -> None:
        """Wait for something; where it doesn't come, tell what is under way."""
        try:
            self.qtbot.waitUntil(there, timeout=WAIT_MS)
        except NeverCame as problem:
            under_way = [(job.lane.value, job.key, job.title, job.waited_for, job.wanted()) for job in self.window.operations.under_way()]
            raise AssertionError(what, under_way, [one.title.text() if isinstance(one, JobProgress) else one.text.text() for one in self.shown()]) from problem

    def stop(self) -> None:
        """Stop what is shown, with its button."""
        for one in self.shown():
            name = "toast.cancel" if isinstance(one, TaskToast) else f"{one.objectName()}.cancel"
            for button in one.findChildren(QPushButton, name):
                if button.isVisible() and button.isEnabled():
                    button.click()

    def busy(self) -> list[str]:
        """Return the buttons that say that something is being done."""
        return [one.objectName() for window in QApplication.topLevelWidgets() for one in window.findChildren(Button) if one.isVisible() and one._busy_text is not None]

    def dialogs(self) -> list[Dialog]:
        return [one for window in QApplication.topLevelWidgets() for one in window.findChildren(Dialog) if one.isVisible()]

    def close_dialogs(self) -> None:
        for dialog in self.dialogs():
            dialog.reject()
        self.window.searching.palette.close_up()

    def close_pages(self) -> None:
        """Close everything but the list of customers."""
        self.close_dialogs()
        self.desk.show_list("customer")
        ways = self.window.ways
        for key in [one for one in ways._order if one != "list.customer"]:
            ways._order.remove(key)
            ways._close(key)


@dataclass(frozen=True)
class Act:
    """What is done: `do` begins it where `before` has led; `writes` where something is written by it, once it comes through; `works` where it stops with its statement.

    `closes` where what it is begun from closes, so that it has to be led to again.
    """

    name: str
    do: Callable[[Stage], object]
    before: Callable[[Stage], object] = lambda _stage: None
    writes: bool = False
    works: bool = False
    closes: bool = False
    again: Callable[[Stage], object] | None = None


def press(name: str) -> Callable[[Stage], object]:
    def do(_stage: Stage) -> None:
        found = [one for window in QApplication.topLevelWidgets() for one in window.findChildren(QPushButton, name) if one.isVisible()]
        assert found, name
        found[-1].click()

    return do


@contextmanager
def staged(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Open the window over a company with a few records of each kind."""
    monkeypatch.setattr(operations, "SHOW_WAIT_MS", SOON_MS)
    monkeypatch.setattr(guard, "FIRST_LOOK_MS", 3_600_000)  # no backup of its own comes between
    monkeypatch.setattr(files, "FILES", FakeFiles(tmp_path / "out.xlsx"))
    gate = Gate(monkeypatch)
    with company(str(tmp_path / "company.sqlite3")) as session:
        save_settings(Settings(language="zh_CN"))
        window = build(session)
        qtbot.addWidget(window)
        window.show()
        settle(qtbot, window.operations.idle)
        window.news.stop()
        made = Stage(window, session, gate, qtbot, tmp_path)
        fill(made)
        yield made
        gate.open.set()
        made.close_dialogs()
        window._making_anew = True  # no backup at the end
        window.close()


def fill(stage: Stage) -> None:
    session, keys = stage.session, stage.keys
    keys["customer"] = [make(session, "customer", name=name) for name in ("恒泰科技有限公司", "华信机电有限公司", "华信机电公司")]
    keys["contact"] = [make(session, "contact", name="王工", customer=keys["customer"][0])]
    keys["contract"] = [make(session, "contract", customer=keys["customer"][0])]
    keys["receivable"] = [make(session, "receivable", customer=keys["customer"][0], amount=Decimal(100), document_on=DAY)]
    values = records.new(session, "receipt", customer=keys["customer"][0], amount=Decimal(150), received_on=DAY)
    keys["receipt"] = [receipts.post_receipt(session, values=values, allocations={keys["receivable"][0]: Decimal(80)}).result.id]
    keys["allocation"] = [int(stage.session.store.scalar("SELECT MIN(id) FROM allocation"))]
    stage.desk.changed.emit({"customer"})
    stage.settle()


def is_stopped_fails_and_is_done(stage: Stage, act: Act, failure: Exception) -> None:
    """Begin it on a database that doesn't answer and stop it, then on one that breaks off, and do it when the database answers: twice the window is as it was."""
    act.before(stage)
    stage.settle()
    before, open_before, files_before = stage.written(), len(stage.dialogs()), stage.files()

    def is_as_it_was() -> None:
        stage.settle()
        assert stage.written() == before, "something was written"
        if act.writes or act.works:
            assert not (left := stage.files() - files_before), f"left behind: {left}"
        assert not stage.shown(), "a wait is still shown"
        assert not stage.busy(), f"still busy: {stage.busy()}"
        if (act.writes or act.works) and not act.closes:
            assert len(stage.dialogs()) == open_before, "what was typed is gone"

    with stage.gate.shut():
        act.do(stage)
        stage.until(lambda: bool(stage.shown()), "no wait is shown")
        if act.writes or act.works:
            stage.stop()
        else:
            stage.until(partial(all_stopped, stage), "not stopped")
    is_as_it_was()
    assert not stage.failures, stage.failures
    before, files_before = led_again(stage, act)
    with stage.gate.failing(failure):
        (act.again or act.do)(stage)
        stage.settle()
    is_as_it_was()
    stage.failures.clear()
    before, files_before = led_again(stage, act)
    (act.again or act.do)(stage)
    stage.settle()
    assert not stage.busy(), f"busy for good: {stage.busy()}"
    assert (stage.written() > before) is act.writes, "written or not"
    assert not stage.failures, stage.failures


def led_again(stage: Stage, act: Act) -> tuple[int, set[str]]:
    """Lead there again where that is needed; return what is written and which files are there now."""
    if act.closes:
        stage.close_dialogs()
        act.before(stage)
        stage.settle()
    return stage.written(), stage.files()


def stopped_while_held(stage: Stage, begin: Callable[[], object], there: Callable[[], bool]) -> None:
    """Begin something on a database that doesn't answer, and stop what is shown: questions end at once, what works or saves with its statement."""
    with stage.gate.shut():
        begin()
        stage.until(there, "neither a wait nor a dialog")
        if stage.shown():
            stage.until(partial(all_stopped, stage, questions=True), "not stopped")
    stage.settle()


def all_stopped(stage: Stage, *, questions: bool = False) -> bool:
    """Press every button that stops something; tell whether nothing is waited for any more, or no question."""
    stage.stop()
    return not any(job.question for job in waited_for(stage)) if questions else not stage.shown() and not waited_for(stage)


def waited_for(stage: Stage) -> list[Any]:
    return [job for job in stage.window.operations.under_way() if job.waited_for and job.lane is not operations.Lane.DRAFT and job.wanted()]


def is_left(stage: Stage, act: Act) -> None:
    """Begin it on a database that doesn't answer and leave its page: what was to be written is written, and nobody hears of the rest."""
    act.before(stage)
    stage.settle()
    before = stage.written()
    with stage.gate.shut():
        act.do(stage)
        stage.until(lambda: bool(stage.shown()), "no wait is shown")
        stage.close_pages()
    stage.settle()
    assert (stage.written() > before) is act.writes, "written or not"
    assert not stage.shown(), "a wait is still shown"
    assert not stage.failures, stage.failures


def each(stage: Stage, acts: list[Act], way: Callable[[Stage, Act], None]) -> None:
    """Do all of them one way, and tell all that is wrong at once."""
    each_alone(stage, [(act.name, partial(way, stage, act)) for act in acts])


def each_alone(stage: Stage, tries: list[tuple[str, Callable[[], object]]]) -> None:
    """Try several things by name, each with nothing left of the one before, and tell all that is wrong at once."""
    wrong = []
    for name, attempt in tries:
        try:
            attempt()
        except Exception as problem:  # noqa: BLE001 - all that is wrong is told at once
            wrong.append(f"{name}: {type(problem).__name__} {str(problem)[:600]}")
        stage.gate.open.set()
        stage.failures.clear()
        stage.close_pages()
        stage.settle()
    assert not wrong, "\n".join(wrong)
