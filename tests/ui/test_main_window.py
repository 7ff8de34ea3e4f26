"""The main window: its ways between pages, what it says, and what it learns from others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from desktop_crm.app import build
from desktop_crm.base.errors import ConnectionLost
from desktop_crm.base.settings import Settings, save_settings
from desktop_crm.services import feed, records
from desktop_crm.services.session import Session, open_session
from desktop_crm.ui.kit.rail import NavItem
from tests.support.company import company, make

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from desktop_crm.ui.main_window import MainWindow


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with company(str(tmp_path / "company.sqlite3")) as session:
        for name in ("恒泰科技有限公司", "华信机电有限公司"):
            make(session, "customer", name=name)
        save_settings(Settings(language="zh_CN"))
        made = build(session)
        qtbot.addWidget(made)
        made.show()
        qtbot.waitUntil(made.operations.idle, timeout=10000)
        yield made
        made.close()


def go(window: MainWindow, qtbot: QtBot, key: str) -> None:
    item = window.findChild(NavItem, f"nav.{key}")
    assert item is not None, key
    qtbot.mouseClick(item, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.operations.idle, timeout=10000)


def shown(window: MainWindow) -> str:
    page = window.page()
    return page.objectName() if page is not None else ""


def test_the_rail_leads_to_every_list_and_page(window: MainWindow, qtbot: QtBot) -> None:
    for spec in window.desk.session.catalog.values():
        if spec.group:
            go(window, qtbot, spec.name)
            assert shown(window) == f"list.{spec.name}"
            assert window.windowTitle().startswith(spec.plural)
    for key, name in (("report.aging", "page.aging"), ("report.overdue", "page.overdue"), ("report.statement", "page.statement"), ("settings", "page.settings")):
        go(window, qtbot, key)
        assert shown(window) == name


def test_the_palette_finds_by_initials_and_opens_the_record(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(window.shell, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = window.searching.palette
    qtbot.waitUntil(palette.isVisible)
    qtbot.keyClicks(palette.input, "htkj")
    qtbot.keyClick(palette.input, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "恒泰科技" in window.windowTitle(), timeout=10000)
    assert shown(window).startswith("record.customer")


def test_what_was_done_can_be_undone_from_the_toast(window: MainWindow, qtbot: QtBot) -> None:
    session = window.desk.session
    window.desk.write(window, lambda: records.save(session, "customer", {"name": "东海紧固件有限公司"}), lambda _changes: None)
    qtbot.waitUntil(lambda: len(window.shell.toasts.shown()) == 1, timeout=10000)
    (toast,) = window.shell.toasts.shown()
    undo = next(button for button in toast.findChildren(QPushButton) if button.text() == "撤销")
    assert records.count(session, "customer") == 3
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.operations.idle() and records.count(session, "customer") == 2, timeout=10000)


def test_what_another_person_changed_appears_by_itself(window: MainWindow, qtbot: QtBot) -> None:
    other = open_session(window.desk.session.url)
    told: list[set[str]] = []
    page = window.page()
    assert page is not None
    page.refresh = told.append  # type: ignore[method-assign, assignment]
    records.save(other, "customer", {"name": "来自另一台电脑"})
    other.close()
    qtbot.waitUntil(lambda: {"customer"} in told, timeout=10000)


def test_a_server_that_went_away_is_said_and_its_return_too(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    real = feed.news

    def gone(_session: Session, _since: int) -> feed.News:
        raise ConnectionLost("服务器没有响应")

    monkeypatch.setattr(feed, "news", gone)
    qtbot.waitUntil(lambda: window.findChild(QPushButton, "action.reconnect") is not None, timeout=10000)
    monkeypatch.setattr(feed, "news", real)
    qtbot.mouseClick(window.findChild(QPushButton, "action.reconnect"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.findChild(QPushButton, "action.reconnect") is None, timeout=10000)


def test_going_back_leads_to_the_page_before(window: MainWindow, qtbot: QtBot) -> None:
    go(window, qtbot, "product")
    window.desk.open_record("customer", 1)
    qtbot.waitUntil(lambda: shown(window).startswith("record.customer"))
    window.go_back()
    assert shown(window) == "list.product"
    window.desk.open_record("customer", 4711)
    qtbot.waitUntil(window.operations.idle, timeout=10000)
    window.go_back()
    assert shown(window) == "list.product"
