"""The main window: its ways between pages, what it says, and what it learns from others."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget

from desktop_crm.app import Program, application, build
from desktop_crm.base.errors import ConnectionLost
from desktop_crm.base.settings import Settings, save_settings
from desktop_crm.reports import REPORTS
from desktop_crm.services import feed, records
from desktop_crm.services.session import Session, open_session
from desktop_crm.ui import main_window
from desktop_crm.ui.hub_page import HubTile
from desktop_crm.ui.kit.buttons import Button
from desktop_crm.ui.kit.rail import NavItem
from desktop_crm.ui.list_page import ListPage
from desktop_crm.ui.pages import PAGES
from desktop_crm.ui.record_page import RecordPage
from desktop_crm.ui.view_field import ViewField
from tests.support.company import company, make
from tests.support.settling import settle

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
        settle(qtbot, made.operations.idle)
        yield made
        made.close()


@pytest.fixture
def unseen(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """Yield a window that was made and not shown."""
    with company(str(tmp_path / "company.sqlite3")) as session:
        make(session, "customer", name="恒泰科技有限公司")
        made = build(session)
        qtbot.addWidget(made)
        yield made
        made.close()


def test_a_window_appears_with_its_first_rows(unseen: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main_window, "APPEAR_MS", 60_000)
    seen: list[bool] = []

    def shown_with_rows() -> None:
        page = unseen.page()
        seen.append(page is not None and page.is_there() and unseen.isVisible())

    unseen.appear(shown_with_rows)
    assert not unseen.isVisible()
    with qtbot.waitSignal(unseen.began):
        pass
    assert seen == [True]


def test_a_window_appears_without_rows_that_are_long_in_coming(unseen: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main_window, "APPEAR_MS", 0)
    page = unseen.page()
    assert page is not None
    with monkeypatch.context() as patched:
        patched.setattr(page, "is_there", lambda: False)
        unseen.appear(lambda: None)
        qtbot.waitUntil(unseen.isVisible)
    settle(qtbot, unseen.operations.idle)


def test_a_window_that_takes_another_ones_place_is_there_at_once(unseen: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    program = Program(application())
    monkeypatch.setattr(program, "make_window", lambda _session: unseen)
    program.opened(unseen.desk.session, at_once=True)
    assert unseen.isVisible()
    settle(qtbot, unseen.operations.idle)
    program.lanes.stop()


def go(window: MainWindow, qtbot: QtBot, key: str) -> None:
    item = window.findChild(NavItem, f"nav.{key}")
    assert item is not None, key
    qtbot.mouseClick(item, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.operations.idle)


def shown(window: MainWindow) -> str:
    page = window.page()
    return page.objectName() if page is not None else ""


def focus_is_in(window: MainWindow) -> bool:
    page, focus = window.page(), QApplication.focusWidget()
    return page is not None and focus is not None and page.isAncestorOf(focus)


def test_the_rail_leads_to_every_list_and_page(window: MainWindow, qtbot: QtBot) -> None:
    for spec in window.desk.session.catalog.values():
        if spec.group:
            go(window, qtbot, spec.name)
            assert shown(window) == f"list.{spec.name}"
            assert window.windowTitle().startswith(spec.plural)
    for key, name in (("reports", "page.reports"), ("data", "page.data"), ("settings", "page.settings")):
        go(window, qtbot, key)
        assert shown(window) == name


def test_reports_stand_under_their_own_labels() -> None:
    """The window names them without loading them."""
    assert {key.removeprefix("report."): info.label for key, info in PAGES.items() if key.startswith("report.")} == {name: one.label for name, one in REPORTS.items()}


def test_the_palette_finds_by_initials_and_opens_the_record(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(window.shell, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = window.searching.palette
    qtbot.waitUntil(palette.isVisible)
    qtbot.keyClicks(palette.input, "htkj")
    qtbot.keyClick(palette.input, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "恒泰科技" in window.windowTitle())
    assert shown(window).startswith("record.customer")


def test_what_was_done_can_be_undone_from_the_toast(window: MainWindow, qtbot: QtBot) -> None:
    session = window.desk.session
    window.desk.write(window, lambda: records.save(session, "customer", {"name": "东海紧固件有限公司"}), lambda _changes: None)

    def offered() -> list[QPushButton]:
        return [button for toast in window.shell.toasts.shown() for button in toast.findChildren(QPushButton) if button.text() == "撤销"]

    qtbot.waitUntil(lambda: len(offered()) == 1)  # a save that takes long shows its wait before
    (undo,) = offered()
    assert records.count(session, "customer") == 3
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.operations.idle() and records.count(session, "customer") == 2)


def test_an_upgrade_by_a_newer_program_is_said_over_every_page(window: MainWindow, qtbot: QtBot) -> None:
    other = open_session(window.desk.session.url)
    with other.store.transaction():
        other.store.sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_future', '2030-01-01 00:00:00')")
    other.close()
    qtbot.waitUntil(lambda: window.findChild(QWidget, "strip.upgraded") is not None)
    strip = window.findChild(QWidget, "strip.upgraded")
    assert strip is not None
    assert "9999_future" in strip.accessibleName()


def test_what_another_person_changed_appears_by_itself(window: MainWindow, qtbot: QtBot) -> None:
    other = open_session(window.desk.session.url)
    told: list[set[str]] = []
    page = window.page()
    assert page is not None
    page.refresh = told.append  # type: ignore[method-assign, assignment]
    records.save(other, "customer", {"name": "来自另一台电脑"})
    other.close()
    qtbot.waitUntil(lambda: {"customer"} in told)


def test_a_server_that_went_away_is_said_and_its_return_too(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    real = feed.news

    def gone(_session: Session, _since: int) -> feed.News:
        raise ConnectionLost("服务器没有响应")

    monkeypatch.setattr(feed, "news", gone)
    qtbot.waitUntil(lambda: window.findChild(QPushButton, "action.reconnect") is not None)
    monkeypatch.setattr(feed, "news", real)
    qtbot.mouseClick(window.findChild(QPushButton, "action.reconnect"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.findChild(QPushButton, "action.reconnect") is None)


def test_going_back_leads_to_the_page_before(window: MainWindow, qtbot: QtBot) -> None:
    go(window, qtbot, "product")
    window.desk.open_record("customer", 1)
    qtbot.waitUntil(lambda: shown(window).startswith("record.customer"))
    window.ways.go_back()
    assert shown(window) == "list.product"
    window.desk.open_record("customer", 4711)
    qtbot.waitUntil(window.operations.idle)
    window.ways.go_back()
    assert shown(window) == "list.product"


def test_the_focus_goes_to_the_table_of_a_list_and_into_a_record(window: MainWindow, qtbot: QtBot) -> None:
    session = window.desk.session
    go(window, qtbot, "contact")
    go(window, qtbot, "customer")
    page = window.page()
    assert isinstance(page, ListPage)
    assert page.table.hasFocus()
    key = session.store.scalar("SELECT min(id) FROM customer")
    window.desk.open_record("customer", key)
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), ViewField))
    assert focus_is_in(window)


def test_after_saving_a_record_the_focus_stays_in_its_page_and_no_ring_is_around_it(window: MainWindow, qtbot: QtBot) -> None:
    window.desk.new_record("customer")
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), QLineEdit))
    qtbot.keyClicks(QApplication.focusWidget(), "Donghai Fasteners")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "Donghai" in window.windowTitle())
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), ViewField))
    page = window.page()
    assert page is not None
    assert focus_is_in(window)
    page.setFocus()
    ring = window.findChild(QWidget, "focus_ring")
    assert ring is None or not ring.isVisible()


def test_one_primary_button_makes_something_new_and_ctrl_n_makes_what_the_list_holds(window: MainWindow, qtbot: QtBot) -> None:
    go(window, qtbot, "product")
    primary = [one for one in window.findChildren(Button) if one.isVisible() and one.kind == "primary"]
    assert [one.objectName() for one in primary] == ["action.new"]
    qtbot.keyClick(window.page(), Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: shown(window) == "record.product")


def test_reports_are_called_in_the_page_what_their_tile_calls_them(window: MainWindow, qtbot: QtBot) -> None:
    for name in ("aging", "overdue", "statement"):
        go(window, qtbot, "reports")
        hub = window.page()
        tile = hub.findChild(HubTile, f"hub.report.{name}") if hub is not None else None
        assert tile is not None
        tile.setFocus()
        qtbot.keyClick(tile, Qt.Key.Key_Return)
        qtbot.waitUntil(partial(lambda name: shown(window) == f"page.{name}", name))
        page = window.page()
        assert page is not None
        assert page.windowTitle() == tile.accessibleName()
        item = window.findChild(NavItem, "nav.reports")
        assert item is not None
        assert item.isChecked()


def test_the_timeline_is_a_tab_where_it_would_hide_a_contracts_amounts(window: MainWindow, qtbot: QtBot) -> None:
    session = window.desk.session
    customer = session.store.scalar("SELECT min(id) FROM customer")
    line = {"product_name": "压力变送器", "quantity": Decimal(5), "price": Decimal(265)}
    saved = records.save(session, "contract", {**records.new(session, "contract", customer=customer), "title": "压力变送器", "signed_on": session.today}, lines={"contract_line": [line]})
    window.showNormal()
    window.resize(1280, 800)
    window.desk.open_record("contract", saved.result.id)
    qtbot.waitUntil(lambda: getattr(window.page(), "view", None) is not None)
    page = window.page()
    assert isinstance(page, RecordPage)
    qtbot.waitUntil(page.beside.tabs.isVisible)
    assert not page.feed.isVisible()
    table = page.panels["contract_line"].table
    qtbot.waitUntil(lambda: table.horizontalScrollBar().maximum() == 0)
    page.beside.tabs.set_current("feed")
    page.beside.arrange()
    assert page.feed.isVisible()
    window.resize(1900, 800)
    qtbot.waitUntil(lambda: page.feed.isVisible() and table.isVisible())


def test_f1_opens_the_guide_where_it_is_about_the_page(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.desk.page_wanted) as asked:
        qtbot.keyClick(window, Qt.Key.Key_F1)
    assert asked.args == ["guide", {"topic": "customer"}]
    settle(qtbot, window.operations.idle)
    window.desk.show_page("import", entity="customer")
    settle(qtbot, window.operations.idle)
    with qtbot.waitSignal(window.desk.page_wanted) as asked:
        window.shell.top_bar.help.click()
    assert asked.args == ["guide", {"topic": "import"}]
