"""Data safety in the window: backing up, the plan, restoring and changing over, moving, checking and repairing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_crm.base.plans import load_plan, save_plan
from desktop_crm.services import backups, records, restoring, users
from desktop_crm.services.backup_record import load_record
from desktop_crm.services.check import PARTS
from desktop_crm.services.policy import Person
from desktop_crm.services.session import Session, open_session
from desktop_crm.ui.pages import PAGES, make_page
from desktop_crm.ui.safety_page import SafetyPage
from desktop_crm.ui.safety_plan import BackupPasswordDialog
from tests.support.gate import Gate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.ui.conftest import Bench, FakeFiles


@pytest.fixture
def page(bench: Bench) -> SafetyPage:
    made = make_page(bench.desk, "safety", {})
    assert isinstance(made, SafetyPage)
    bench.show(made)
    left: list[tuple[str, object]] = []
    bench.desk.leave_wanted.connect(lambda why, what: left.append((why, what)))
    bench.left = left  # type: ignore[attr-defined]
    return made


def customers(session: Session, *names: str) -> None:
    for name in names:
        records.save(session, "customer", {"name": name})


def backed_up(bench: Bench, page: SafetyPage) -> Path:
    assert page.backups is not None
    page.backups.back_up()
    bench.settle()
    found = page.backups.model.thing(0)
    assert isinstance(found, backups.Found)
    return found.path


def test_a_company_without_a_backup_is_told_loudly_and_one_is_made(bench: Bench, session: Session, page: SafetyPage) -> None:
    customers(session, "华信科技")
    bench.desk.changed.emit(set())
    assert page.backups is not None
    page.backups.load()
    bench.settle()
    assert page.backups.state.property("box") == "danger"
    assert page.backups.none.isVisibleTo(page)
    path = backed_up(bench, page)
    assert page.backups.state.property("box") == "success"
    assert backups.read_manifest(path).company == "我的公司"
    assert page.backups.model.shown(0, 2).tone == "success"


def test_a_backup_by_the_plan_and_one_by_hand_at_once_are_both_good(bench: Bench, session: Session, page: SafetyPage) -> None:
    customers(session, "华信科技")
    assert page.backups is not None
    plan = load_plan(session.url)
    bench.operations.file(page, lambda step: backups.run_backup(session, plan, step=step), lambda _made: None, title="")
    page.backups.back_up()
    bench.settle()
    assert page.backups.state.property("box") == "success"
    assert load_record(session.url).failure is None


def test_a_failed_backup_says_why_and_what_to_do(bench: Bench, session: Session, page: SafetyPage, tmp_path: Path) -> None:
    gone = tmp_path / "stick"
    save_plan(session.url, replace(load_plan(session.url), folder=str(gone)))
    assert page.backups is not None
    page.backups.back_up()
    bench.settle()
    assert page.backups.state.property("box") == "danger"
    assert str(gone) in page.backups.state.accessibleName()
    assert page.backups.now.isEnabled()


def test_the_plan_is_kept_as_it_is_typed_and_nonsense_is_not(bench: Bench, session: Session, page: SafetyPage, tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles]) -> None:
    plan = page.plan
    assert plan is not None
    plan.schedule.setFocus()
    QTest.keyClick(plan.schedule, Qt.Key.Key_Right)
    bench.settle()
    assert load_plan(session.url).schedule == "hours"
    plan.hours.line.setFocus()
    plan.hours.line.selectAll()
    QTest.keyClicks(plan.hours.line, "0")
    plan.days.line.setFocus()
    bench.settle()
    assert plan.hours.problem()
    assert load_plan(session.url).hours == 4
    plan.hours.line.setText("6")
    plan.hours.left.emit()
    bench.settle()
    assert load_plan(session.url).hours == 6
    answer_files(tmp_path)
    plan.choose_second.click()
    bench.settle()
    assert load_plan(session.url).second_folder == str(tmp_path)
    path = backed_up(bench, page)
    assert (tmp_path / path.name).is_file()
    plan.no_second.click()
    bench.settle()
    assert load_plan(session.url).second_folder == ""


def test_a_password_is_typed_twice_and_then_asked_for(bench: Bench, session: Session, page: SafetyPage) -> None:
    assert page.plan is not None
    page.plan.protect.box.click()
    dialog = bench.window.findChild(BackupPasswordDialog)
    assert isinstance(dialog, BackupPasswordDialog)
    dialog.first.line.setText("kurz")
    dialog.send()
    assert dialog.first.problem()
    dialog.first.line.setText("sehr geheim 1")
    dialog.second.line.setText("sehr geheim 2")
    dialog.send()
    assert dialog.second.problem()
    assert not load_plan(session.url).protected
    dialog.second.line.setText("sehr geheim 1")
    dialog.send()
    bench.settle()
    assert load_plan(session.url).protected
    path = backed_up(bench, page)
    asked = page.restore(path)
    bench.settle()
    assert asked.password_frame.isVisible()
    assert not asked.table.isVisible()
    asked.password.line.setText("falsch")
    QTest.keyClick(asked.password.line, Qt.Key.Key_Return)
    bench.settle()
    assert asked.password.problem()
    asked.password.line.setText("sehr geheim 1")
    asked.go.click()
    bench.settle()
    assert asked.table.isVisible()
    asked.reject()


def test_a_backup_is_restored_beside_the_company_and_takes_its_place_only_then(bench: Bench, session: Session, page: SafetyPage) -> None:
    customers(session, "华信科技")
    path = backed_up(bench, page)
    customers(session, "恒泰商贸", "东海物流")
    dialog = page.restore(path)
    bench.settle()
    row = next(row for row in range(dialog.model.rowCount()) if dialog.model.thing(row).entity == "customer")
    assert [dialog.model.shown(row, column).text for column in range(1, 4)] == ["1", "3", "-2"]
    dialog.go.click()
    bench.settle()
    assert dialog.prepared is not None
    beside = dialog.prepared.file
    assert beside.is_file()
    assert records.count(session, "customer") == 3
    dialog.go.click()
    ((why, prepared),) = bench.left  # type: ignore[attr-defined]
    assert why == "restored"
    bench.operations.stop()
    session.close()
    kept = restoring.switch(prepared)
    again = open_session(session.url)
    assert records.count(again, "customer") == 1
    again.close()
    old = open_session(f"sqlite:///{kept}")
    assert records.count(old, "customer") == 3
    old.close()


def test_giving_a_restore_up_leaves_nothing(bench: Bench, page: SafetyPage) -> None:
    path = backed_up(bench, page)
    dialog = page.restore(path)
    bench.settle()
    dialog.go.click()
    bench.settle()
    assert dialog.prepared is not None
    beside = dialog.prepared.file
    dialog.cancel_button.click()
    bench.settle()
    assert not beside.exists()


def test_what_is_no_backup_is_told(bench: Bench, page: SafetyPage, tmp_path: Path) -> None:
    wrong = tmp_path / "letter.crmbackup"
    wrong.write_bytes(b"Dear Sir" * 400)
    dialog = page.restore(wrong)
    bench.settle()
    assert dialog.problem.isVisible()
    assert dialog.problem.property("box") == "danger"
    dialog.reject()


def test_the_company_moves_to_another_file(bench: Bench, session: Session, page: SafetyPage, tmp_path: Path) -> None:
    customers(session, "华信科技")
    dialog = page.move_card.open()
    dialog.place.path.set_value("")
    dialog.go.click()
    assert dialog.place.path.problem()
    target = tmp_path / "new" / "company.sqlite3"
    dialog.place.path.set_value(str(target))
    dialog.go.click()
    bench.settle()
    assert dialog.problem.property("box") == "danger"
    target.parent.mkdir()
    dialog.go.click()
    bench.settle()
    assert dialog.problem.property("box") == "success"
    dialog.go.click()
    assert bench.left == [("moved", f"sqlite:///{target}")]  # type: ignore[attr-defined]
    moved = open_session(f"sqlite:///{target}")
    assert records.count(moved, "customer") == 1
    moved.close()


def test_a_check_says_at_which_part_it_is_and_is_stopped_there(bench: Bench, page: SafetyPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)
    assert page.check is not None
    progress = page.check.progress
    with gate.shut():
        page.check.check()
        qtbot.waitUntil(lambda: progress.count.text() == f"第 1 项，共 {len(PARTS)} 项：数据文件")
        progress.cancel.click()
    bench.settle()
    assert not progress.isVisible()
    assert page.check.result.property("box") == "info"


def test_damage_is_explained_and_what_follows_from_records_repaired(bench: Bench, session: Session, page: SafetyPage) -> None:
    customers(session, "华信科技")
    session.store.sql("DROP TRIGGER trace_customer_update")
    assert page.check is not None
    page.check.check()
    bench.settle()
    assert page.check.result.property("box") == "warn"
    assert page.check.repair_button.isVisible()
    page.check.repair_button.click()
    bench.settle()
    assert page.check.result.property("box") == "success"
    assert not page.check.repair_button.isVisible()


def test_a_salesperson_backs_a_file_up_but_restores_and_moves_nothing(bench: Bench, session: Session) -> None:
    users.add_user(session, {"name": "周立", "login": "周立", "role": "sales"})
    bench.desk.session.person = Person(session.store.scalar("SELECT id FROM `user` WHERE login = '周立'"), "周立", "sales")
    page = SafetyPage(bench.desk)
    bench.show(page)
    assert PAGES["safety"].visible(bench.desk.session)
    assert page.check is None
    assert page.backups is not None
    assert not page.backups.restore_button.isVisible()
    assert not page.move_card.button.isVisible()
    backed_up(bench, page)


