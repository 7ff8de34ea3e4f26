"""What looks after the company while its window is open: backups by the plan and at the end, alarms, and the check after a crash."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import shiboken6
from PySide6.QtWidgets import QPushButton, QWidget

from desktop_crm.app import build
from desktop_crm.base.plans import load_plan, save_plan
from desktop_crm.base.settings import Settings, save_settings
from desktop_crm.services import ends
from desktop_crm.services.backup_record import load_record
from tests.support.children import python
from tests.support.company import company, make
from tests.support.settling import settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from desktop_crm.services.session import Session
    from desktop_crm.ui.main_window import MainWindow


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    save_settings(Settings(language="en"))
    with company(str(tmp_path / "company.sqlite3")) as made:
        make(made, "customer", name="华信机电有限公司")
        yield made


@pytest.fixture
def open_window(qtbot: QtBot, session: Session) -> Iterator[Callable[[], MainWindow]]:
    windows: list[MainWindow] = []

    def opened() -> MainWindow:
        window = build(session)
        windows.append(window)
        qtbot.addWidget(window)
        window.show()
        settle(qtbot, window.operations.idle)
        return window

    yield opened
    for window in windows:
        if shiboken6.isValid(window):
            window.close()


def said(window: MainWindow) -> list[str]:
    return [toast.text.text() for toast in window.shell.toasts.shown()]


def plan(session: Session, **values: object) -> None:
    save_plan(session.url, replace(load_plan(session.url), **values))  # type: ignore[arg-type]


def leave_a_mark_like_a_killed_program(url: str) -> None:
    code = "import os, sys, signal; from desktop_crm.services import ends; ends.opened(sys.argv[1]); os.kill(os.getpid(), getattr(signal, 'SIGKILL', signal.SIGTERM))"
    done = python(["-c", code, url], cwd=Path(__file__).parents[2])
    assert done.returncode != 0


def test_closing_backs_up_what_was_changed_and_nothing_else(session: Session, open_window: Callable[[], MainWindow]) -> None:
    plan(session, schedule="off", at_exit=True, exit_seconds=600)
    window = open_window()
    window.close()
    assert not window.isVisible()
    (first,) = load_record(session.url).made
    assert first.path.is_file()
    open_window().close()
    assert load_record(session.url).made == (first,)
    make(session, "customer", name="恒泰科技有限公司")
    session.close()
    open_window().close()
    assert len(load_record(session.url).made) == 2


def test_a_backup_that_takes_too_long_does_not_keep_anybody(session: Session, open_window: Callable[[], MainWindow]) -> None:
    plan(session, schedule="off", at_exit=True, exit_seconds=0)
    window = open_window()
    window.close()
    assert not window.isVisible()
    assert load_record(session.url).made == ()


def test_what_the_plan_asks_for_is_made_and_told(qtbot: QtBot, session: Session, open_window: Callable[[], MainWindow]) -> None:
    plan(session, schedule="hours", hours=1, at_exit=False)
    window = open_window()
    window.guard.look()
    qtbot.waitUntil(lambda: bool(load_record(session.url).made) and window.operations.idle())
    name = load_record(session.url).made[0].name
    assert any(name in text for text in said(window))
    assert window.findChild(QWidget, "strip.backup") is None
    window.guard.look()
    qtbot.waitUntil(window.operations.idle)
    assert len(load_record(session.url).made) == 1


def test_a_backup_that_fails_is_said_over_every_page_until_it_is_hushed(qtbot: QtBot, session: Session, open_window: Callable[[], MainWindow], tmp_path: Path) -> None:
    plan(session, schedule="hours", hours=1, at_exit=False, folder=str(tmp_path / "no stick"))
    window = open_window()
    window.guard.look()
    qtbot.waitUntil(window.operations.idle)
    strip = window.findChild(QWidget, "strip.backup")
    assert strip is not None
    assert "no stick" in strip.accessibleName()
    window.guard.look()
    qtbot.waitUntil(window.operations.idle)
    button = window.findChild(QPushButton, "strip.backup.now")
    assert button is not None
    button.click()
    qtbot.waitUntil(lambda: window.page() is not None and window.page().objectName() == "page.safety")  # type: ignore[union-attr]
    qtbot.waitUntil(window.operations.idle)
    later = window.findChild(QPushButton, "strip.backup.later")
    assert later is not None
    later.click()
    window.guard.look()
    qtbot.waitUntil(window.operations.idle)
    assert not [one for one in window.findChildren(QWidget, "strip.backup") if one.isVisible()]


def test_after_a_crash_the_company_is_checked_and_that_is_said_once(session: Session, open_window: Callable[[], MainWindow]) -> None:
    plan(session, schedule="off", at_exit=False)
    leave_a_mark_like_a_killed_program(session.url)
    window = open_window()
    assert any("unexpectedly" in text and "in order" in text for text in said(window))
    window.close()
    again = open_window()
    assert said(again) == []


def test_damage_found_after_a_crash_leads_to_the_repair(qtbot: QtBot, session: Session, open_window: Callable[[], MainWindow]) -> None:
    plan(session, schedule="off", at_exit=False)
    session.store.sql("DROP TRIGGER trace_customer_update")
    leave_a_mark_like_a_killed_program(session.url)
    window = open_window()
    show = window.findChild(QPushButton, "strip.check.show")
    assert show is not None
    show.click()

    def shown() -> list[QPushButton]:
        return [one for one in window.findChildren(QPushButton, "safety.repair") if one.isVisible()]

    qtbot.waitUntil(lambda: len(shown()) == 1)
    (repair,) = shown()
    repair.click()
    qtbot.waitUntil(window.operations.idle)
    assert not repair.isVisible()


def test_a_second_window_on_the_company_is_no_crash(session: Session, open_window: Callable[[], MainWindow]) -> None:
    plan(session, schedule="off", at_exit=False)
    other = ends.opened(session.url)
    window = open_window()
    assert window.guard.run.unclean is None
    other.close()
