"""Everything in the window that asks the database, on one that doesn't answer and on one that fails: the wait shows itself, can be stopped, and leaves the window as it was.

The database is held at its next statement, which is the same as one that takes any time. That no turn of the event loop is long is watched in every test of a screen.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING, Any, Final

import pytest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.exceptions import TimeoutError as NeverCame

from desktop_crm.app import build
from desktop_crm.base.errors import ConnectionLost, StorageFailed
from desktop_crm.base.settings import Settings, save_settings
from desktop_crm.services import receipts, records
from desktop_crm.ui import files, guard, operations
from desktop_crm.ui.designer.document import put
from desktop_crm.ui.extras import ACTIONS
from desktop_crm.ui.kit.buttons import Button
from desktop_crm.ui.kit.overlays import Dialog
from desktop_crm.ui.kit.toasts import TaskToast
from desktop_crm.ui.progress import JobProgress
from desktop_crm.ui.quick_create import QuickCreate
from desktop_crm.ui.settings_people import PasswordDialog
from tests.support.company import company, make
from tests.support.gate import Gate
from tests.support.settling import settle
from tests.ui.conftest import FakeFiles
from tests.ui.test_import_page import workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

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
        self.failures: list[BaseException] = []
        self.desk.failed.connect(self.failures.append)

    @property
    def page(self) -> Any:
        return self.window.page()

    def settle(self) -> None:
        settle(self.qtbot, self.window.operations.idle)

    def written(self) -> int:
        return int(self.session.store.scalar("SELECT COUNT(*) FROM change_set"))

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
    """What is done: `do` begins it where `before` has led; `writes` where something is written by it, once it comes through; `works` where it stops with its statement."""

    name: str
    do: Callable[[Stage], object]
    before: Callable[[Stage], object] = lambda _stage: None
    writes: bool = False
    works: bool = False
    again: Callable[[Stage], object] | None = None


def page(key: str, **parameters: Any) -> Act:
    return Act(f"page {key}", lambda stage: stage.desk.show_page(key, **parameters), again=lambda stage: stage.page.refresh(set()))


def customers(stage: Stage) -> None:
    stage.desk.show_list("customer")


def record(name: str) -> Callable[[Stage], None]:
    return lambda stage: stage.desk.open_record(name, stage.keys[name][0])


def own_act(entity: str, key: str) -> Callable[[Stage], object]:
    def do(stage: Stage) -> object:
        action = next(one for one in ACTIONS[entity] if one.key == key)
        return action.act(stage.desk, records.get(stage.session, entity, stage.keys[entity][0]))

    return do


def press(name: str) -> Callable[[Stage], object]:
    def do(_stage: Stage) -> None:
        found = [one for window in QApplication.topLevelWidgets() for one in window.findChildren(QPushButton, name) if one.isVisible()]
        assert found, name
        found[-1].click()

    return do


def typed_new(entity: str, /, **values: Any) -> Callable[[Stage], None]:
    """Lead to a new record with something typed."""

    def before(stage: Stage) -> None:
        stage.desk.new_record(entity)
        stage.settle()
        form = stage.page.edit.form if hasattr(stage.page, "edit") else stage.page.form
        for field, value in values.items():
            form.set_value(field, stage.keys[value][0] if isinstance(value, str) and value in stage.keys else value)
        stage.settle()

    return before


def begun_edit(stage: Stage) -> None:
    record("contact")(stage)
    stage.settle()
    stage.page.begin_edit()
    stage.settle()
    stage.page.edit.form.set_value("position", "采购经理" if stage.session.store.scalar("SELECT position FROM contact LIMIT 1") != "采购经理" else "采购员")


def ticked(stage: Stage) -> None:
    customers(stage)
    stage.settle()
    stage.page.table.tick_all()


def new_password(stage: Stage) -> None:
    dialog = PasswordDialog(stage.window, stage.desk, stage.session.person.id, stage.session.person.name)
    dialog.show()
    for line in (dialog.first, dialog.second):
        line.line.setText("kaidan2026")


def mass_changed(stage: Stage) -> None:
    source = ("bid", "fair")[stage.written() % 2]
    stage.page.acts.with_selection(lambda chosen: stage.page.acts._write(chosen, "source", source))


def searched(stage: Stage) -> None:
    stage.page.bar.search.setText("华信")
    stage.page.bar.search.returnPressed.emit()


def palette(stage: Stage) -> None:
    stage.window.searching.open()
    stage.window.searching.palette.input.setText("恒泰")


def settings(stage: Stage) -> None:
    stage.desk.show_page("settings")
    stage.settle()


def closing_asked(stage: Stage) -> None:
    settings(stage)
    stage.page.closing.close_books()


def safety(stage: Stage) -> None:
    stage.desk.show_page("safety")


def import_page(stage: Stage) -> None:
    stage.desk.show_page("import", entity="customer")


def matched(stage: Stage) -> None:
    """Lead to an import whose file was read."""
    import_page(stage)
    stage.settle()
    stage.page.open(book(stage))


def book(stage: Stage) -> Path:
    number = stage.written()
    return workbook(stage.folder / f"book{number}.xlsx", [["客户名称"], [f"客户{number}有限公司"]])


def shown_preview(stage: Stage) -> None:
    stage.desk.show_page("preview", prints="contract", ids=[1])


def linked_asked(stage: Stage) -> None:
    customers(stage)
    spec = stage.session.spec("customer")
    dialog = QuickCreate(stage.window, stage.desk, spec, {})
    dialog.open()
    stage.settle()
    dialog.form.set_value("name", f"新客户 {stage.written()}")


def linked_typed(stage: Stage) -> None:
    line = stage.page.form.editors["customer"].line
    line.setFocus()
    line.setText("恒泰")
    line.textEdited.emit("恒泰")


def company_typed(stage: Stage) -> None:
    settings(stage)
    stage.page.company.form.set_value("name", f"恒信商贸 {stage.written()}")
    stage.page.company.form.changed.emit("name")


def designed(stage: Stage) -> None:
    stage.desk.show_page("designer", name="delivery_note")
    stage.settle()
    stage.page.design.edit("title", put(stage.page.design.doc, "label", f"送货单 {stage.written()}"), [])


READING: Final = [
    Act("list", lambda stage: stage.desk.show_list("contact"), customers, again=lambda stage: stage.page.refresh(set())),
    Act("list sorted", lambda stage: stage.page.table.sort_requested.emit(0, True), customers),
    Act("list searched", searched, customers, again=lambda stage: stage.page.refresh(set())),
    Act("record", record("customer"), customers, again=lambda stage: stage.page.refresh(set())),
    Act("record read again", lambda stage: stage.page.load(), record("customer")),
    Act("contract edited", lambda stage: stage.desk.show_page("edit", entity="contract", key=stage.keys["contract"][0]), customers),
    Act("new contract", lambda stage: stage.desk.new_record("contract"), customers),
    Act("new receipt", lambda stage: stage.desk.new_record("receipt"), customers),
    Act("palette", palette, customers,
        again=lambda stage: stage.window.searching.palette.input.setText("恒泰 ")),
    Act("deletion looked at", lambda stage: stage.page.delete(), record("customer")),
    Act("early payment asked for", own_act("receivable", "discount"), record("receivable")),
    Act("customer looked for", linked_typed, lambda stage: stage.desk.new_record("receipt")),
    Act("printing asked for", lambda stage: stage.page.acts.print_all(), customers),
]
PAGES: Final = [
    *[page(key) for key in ("bank", "tax", "report.aging", "report.due", "report.overdue", "report.dunning", "report.statements", "report.receipts", "report.invoiced", "templates",
                            "bin", "log", "prints", "safety", "settings")],
    page("designer", name="delivery_note"),
    page("merge", entity="customer", ids=[1, 2]),
    page("action", change_set=1),
    page("preview", prints="statement", customer=1),
    page("preview", prints="contract", ids=[1]),
]
WRITING: Final = [
    Act("new record saved", lambda stage: stage.page.edit.save(), typed_new("contact", name="李工", customer="customer"), writes=True),
    Act("record saved", lambda stage: stage.page.edit.save(), begun_edit, writes=True),
    Act("receipt saved", lambda stage: stage.page.save(), typed_new("receipt", customer="customer", amount=Decimal(20), received_on=DAY), writes=True),
    Act("field saved in its place", lambda stage: stage.page.in_place.save("position", f"主任 {stage.written()}"), record("contact"), writes=True),
    Act("mass change", mass_changed, ticked, writes=True),
    Act("undone", lambda stage: stage.window.taking_back.undo_last(), customers, writes=True),
    Act("redone", lambda stage: stage.window.taking_back.redo_last(), customers, writes=True),
    Act("view kept", lambda stage: stage.page.views._keep(f"我的 {stage.written()}"), customers, writes=True),
    Act("password changed", press("password_dialog.accept"), new_password, works=True),
    Act("linked record added", press("quick_create.accept"), linked_asked, writes=True),
    Act("comment sent", lambda stage: stage.page.feed._send("comment", f"第 {stage.written()} 次"), record("customer"), writes=True),
    Act("company saved", lambda stage: stage.page.company.save(), company_typed, writes=True),
    Act("allocation released", own_act("allocation", "release"), record("allocation"), writes=True),
    Act("template saved", lambda stage: stage.page.save(), designed, writes=True),
    Act("contact deleted", lambda stage: stage.page.delete(), record("contact"), writes=True),
    Act("books closed", press("close_books.accept"), closing_asked, writes=True),
]


WORKING: Final = [
    Act("file read for an import", lambda stage: stage.page.open(book(stage)), import_page),
    Act("import tried out", lambda stage: stage.page.try_out(), matched),
    Act("list exported", lambda stage: stage.page.acts.export_all(), customers, works=True),
    Act("preview made again", lambda stage: stage.page.load(), shown_preview),
    Act("company backed up", lambda stage: stage.page.backups.back_up(), safety, works=True),
    Act("company checked", lambda stage: stage.page.check.check(), safety, works=True),
    Act("duplicates looked for", lambda stage: stage.desk.show_page("duplicates", entity="customer"), customers, again=lambda stage: stage.page.load(), works=True),
]
IMPORTING: Final = [Act("import", lambda stage: stage.page.start(), matched, writes=True, again=lambda stage: stage.page.start())]


@pytest.fixture
def stage(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
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
    before, open_before = stage.written(), len(stage.dialogs())

    def is_as_it_was() -> None:
        stage.settle()
        assert stage.written() == before, "something was written"
        assert not stage.shown(), "a wait is still shown"
        assert not stage.busy(), f"still busy: {stage.busy()}"
        if act.writes or act.works:
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
    with stage.gate.failing(failure):
        (act.again or act.do)(stage)
        stage.settle()
    is_as_it_was()
    stage.failures.clear()
    (act.again or act.do)(stage)
    stage.settle()
    assert not stage.busy(), f"busy for good: {stage.busy()}"
    assert (stage.written() > before) is act.writes, "written or not"
    assert not stage.failures, stage.failures


def all_stopped(stage: Stage) -> bool:
    stage.stop()
    return not stage.shown() and not waited_for(stage)


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
    wrong = []
    for act in acts:
        try:
            way(stage, act)
        except Exception as problem:  # noqa: BLE001 - all that is wrong is told at once
            wrong.append(f"{act.name}: {type(problem).__name__} {str(problem)[:600]}")
        stage.gate.open.set()
        stage.failures.clear()
        stage.close_pages()
        stage.settle()
    assert not wrong, "\n".join(wrong)


GROUPS: Final = {"reading": READING, "pages": PAGES, "writing": WRITING, "working": WORKING, "importing": IMPORTING}


@pytest.mark.parametrize("group", GROUPS)
def test_every_wait_is_shown_and_stopped_and_every_failure_told(stage: Stage, group: str) -> None:
    failures = cycle(FAILURES)
    each(stage, GROUPS[group], lambda stage, act: is_stopped_fails_and_is_done(stage, act, next(failures)))


@pytest.mark.parametrize("acts", [READING[:6], [act for act in WRITING if act.name != "contact deleted"]], ids=["reading", "writing"])
def test_a_page_is_closed_while_it_waits(stage: Stage, acts: list[Act]) -> None:
    each(stage, acts, is_left)
