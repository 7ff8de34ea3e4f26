"""Undo and redo by the keyboard, what must go along, the log, the recycle bin, and who changed a field."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QWidget

from desktop_crm.app import build
from desktop_crm.base.settings import Settings, save_settings
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.models.changes import INSTANT
from desktop_crm.services import records, retention
from desktop_crm.ui.action_page import ActionPage
from desktop_crm.ui.bin_page import BinPage
from desktop_crm.ui.field_history import FieldHistory, FieldMenu
from desktop_crm.ui.filters import Filter
from desktop_crm.ui.kit.buttons import Button
from desktop_crm.ui.kit.labels import Label
from desktop_crm.ui.kit.toasts import Toast
from desktop_crm.ui.log_page import LogPage
from desktop_crm.ui.record_page import RecordPage
from desktop_crm.ui.view_field import ViewField
from tests.support.company import company, make
from tests.support.settling import settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from desktop_crm.services.session import Session
    from desktop_crm.ui.main_window import MainWindow
    from tests.ui.conftest import Bench, FakeFiles


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with company(str(tmp_path / "company.sqlite3")) as session:
        save_settings(Settings(language="zh_CN"))
        made = build(session)
        qtbot.addWidget(made)
        with qtbot.waitExposed(made):
            made.show()
        made.activateWindow()
        rest(made, qtbot)
        yield made
        made.close()


def rest(window: MainWindow, qtbot: QtBot) -> None:
    settle(qtbot, window.operations.idle)


def press(window: MainWindow, qtbot: QtBot, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.ControlModifier) -> None:
    QTest.keyClick(QApplication.focusWidget() or window, key, modifiers)
    rest(window, qtbot)


def click(parent: QWidget, name: str) -> None:
    button = parent.findChild(Button, name)
    assert button is not None, name
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_ctrl_z_takes_back_one_action_after_another_and_ctrl_y_brings_them_back(window: MainWindow, qtbot: QtBot) -> None:
    session = window.desk.session
    key = make(session, "customer", name="甲")
    for name in ("乙", "丙"):
        records.save(session, "customer", {"name": name}, key=key)

    def named() -> object:
        return records.get(session, "customer", key)["name"]

    press(window, qtbot, Qt.Key.Key_Z)
    assert named() == "乙"
    press(window, qtbot, Qt.Key.Key_Z)
    assert named() == "甲"
    press(window, qtbot, Qt.Key.Key_Y)
    assert named() == "乙"
    press(window, qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert named() == "丙"
    press(window, qtbot, Qt.Key.Key_Y)
    assert named() == "丙"
    assert window.findChildren(Toast)


def test_later_actions_are_listed_and_go_along_only_when_asked(window: MainWindow, qtbot: QtBot) -> None:
    session = window.desk.session
    added = records.save(session, "customer", {"name": "甲公司"})
    records.save(session, "contact", {"name": "李工", "customer": added.result.id})
    window.taking_back.undo(added.change_set or 0)
    rest(window, qtbot)
    dialog = window.taking_back.dialog
    assert dialog is not None
    assert dialog.isVisible()
    texts = " ".join(label.text() for label in dialog.findChildren(Label))
    assert "李工" in texts
    assert "boss" in texts
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    rest(window, qtbot)
    assert records.count(session, "customer") == 1
    window.taking_back.undo(added.change_set or 0)
    rest(window, qtbot)
    dialog = window.taking_back.dialog
    assert dialog is not None
    click(dialog, "later_dialog.accept")
    rest(window, qtbot)
    assert records.count(session, "customer") == records.count(session, "contact") == 0
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    press(window, qtbot, Qt.Key.Key_Y)
    assert records.count(session, "contact") == 1


def test_the_log_is_filtered_and_opens_an_action_that_is_undone_there(bench: Bench, session: Session) -> None:
    key = make(session, "customer", name="甲公司", credit_limit=Decimal(5))
    make(session, "product", name="泵")
    records.save(session, "customer", {"credit_limit": Decimal(9)}, key=key)
    page = LogPage(bench.desk)
    bench.show(page)
    assert page.model.rowCount() == 4
    page.bar.filters = [Filter("entity", ("product",))]
    page.bar.changed.emit()
    bench.settle()
    assert page.model.rowCount() == 1
    page.bar.put((), "甲公司")
    page.bar.changed.emit()
    bench.settle()
    assert page.model.rowCount() == 2
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    (kind, name, parameters) = bench.opened[-1]
    assert (kind, name) == ("page", "action")
    action = ActionPage(bench.desk, **parameters)
    bench.show(action)
    values = action.model.values_at(0)
    assert values is not None
    assert (values["title"], values["what"], values["changes"]) == ("甲公司", "update", "信用额度：5.00 → 9.00")
    click(action, "action.undo")
    bench.settle()
    assert records.get(session, "customer", key)["credit_limit"] == 5
    action.refresh(set())
    bench.settle()
    assert action.back.isHidden()


def test_the_log_goes_into_a_workbook(bench: Bench, session: Session, tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles]) -> None:
    for number in range(3):
        make(session, "product", name=f"产品{number}")
    page = LogPage(bench.desk)
    bench.show(page)
    answer_files(tmp_path / "log.xlsx")
    click(page, "action.export")
    bench.settle()
    rows = list(load_workbook(tmp_path / "log.xlsx").worksheets[0].iter_rows(values_only=True))
    assert len(rows) == 5
    assert any("产品2" in str(cell) for cell in rows[1])
    assert any(isinstance(cell, datetime) for cell in rows[1])


def test_the_bin_restores_one_and_many_and_offers_what_it_belongs_to(bench: Bench, session: Session) -> None:
    customer = make(session, "customer", name="甲公司")
    contact = make(session, "contact", name="李工", customer=customer)
    products = [make(session, "product", name=f"产品{number}") for number in range(3)]
    records.delete(session, "contact", [contact])
    records.delete(session, "customer", [customer])
    records.delete(session, "product", products)
    page = BinPage(bench.desk)
    bench.show(page)
    assert page.model.rowCount() == 5
    page.bar.filters = [Filter("entity", ("product",))]
    page.bar.changed.emit()
    bench.settle()
    page.table.tick_all()
    page.restore_ticked()
    bench.settle()
    assert records.count(session, "product") == 3
    page.bar.put((), "李工")
    page.bar.changed.emit()
    bench.settle()
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    bench.settle()
    dialog = page.taking_back.dialog
    assert dialog is not None
    assert "甲公司" in " ".join(label.text() for label in dialog.findChildren(Label))
    click(dialog, "needed_dialog.accept")
    bench.settle()
    assert records.get(session, "contact", contact)["customer"] == customer
    assert page.model.rowCount() == 0


def context_menu(widget: QWidget) -> None:
    at = widget.rect().center()
    QApplication.sendEvent(widget, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, widget.mapToGlobal(at), Qt.KeyboardModifier.NoModifier))


def choose_history(menu: FieldMenu, bench: Bench) -> FieldHistory:
    assert menu.menu is not None
    next(one for one in menu.menu.actions() if one.objectName() == "field.history").trigger()
    bench.settle()
    assert menu.card is not None
    return menu.card


def test_a_field_tells_who_changed_it_to_be_read_and_while_it_is_edited(bench: Bench, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    # The offscreen platform has no keyboard that an open menu could take.
    monkeypatch.setattr(QMenu, "popup", lambda _menu, _at: None)
    key = make(session, "customer", name="甲公司", credit_limit=Decimal(100))
    records.save(session, "customer", {"credit_limit": Decimal(250)}, key=key)
    records.save(session, "customer", {"city": "苏州"}, key=key)
    page = RecordPage(bench.desk, "customer", key)
    bench.show(page)
    field = page.findChild(ViewField, "view.customer.credit_limit")
    assert field is not None
    context_menu(field)
    card = choose_history(field.history, bench)
    texts = [label.text() for label in card.findChildren(Label)]
    assert any("100.00 → 250.00" in text for text in texts)
    assert "王敏" in texts
    assert not any("苏州" in text for text in texts)
    QTest.keyClick(card, Qt.Key.Key_Escape)
    page.begin_edit()
    bench.settle()
    assert page.edit is not None
    frame = page.edit.form.frames["credit_limit"]
    menu = frame.findChild(FieldMenu)
    line = frame.findChild(QLineEdit)
    assert menu is not None
    assert line is not None
    context_menu(line)
    assert menu.menu is not None
    assert len(menu.menu.actions()) > 3, "what an input offers is still there"
    card = choose_history(menu, bench)
    assert any("100.00 → 250.00" in label.text() for label in card.findChildren(Label))


def test_history_is_kept_as_long_as_is_set_and_removed_only_after_a_question(bench: Bench, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    if not records.count(session, "company"):
        make(session, "company", name="恒信")
    gone = make(session, "product", name="旧")
    records.delete(session, "product", [gone])
    session.store.sql("UPDATE change_set SET at = ?", (INSTANT.to_database(datetime(2020, 1, 1, tzinfo=UTC)),))
    page = LogPage(bench.desk)
    bench.show(page)
    click(page, "log.keep")
    bench.settle()
    assert page.keep is not None
    assert page.keep.remove.isHidden()
    page.keep.months.set_value(12)
    click(page.keep, "keep_dialog.save")
    bench.settle()
    assert retention.kept_months(session) == 12
    asked: list[tuple[str, ...]] = []

    def yes(*_given: object, consequences: tuple[str, ...] = ()) -> bool:
        asked.append(consequences)
        return True

    monkeypatch.setattr("desktop_crm.ui.log_settings.confirm", yes)
    click(page, "log.keep")
    bench.settle()
    click(page.keep, "keep_dialog.remove")
    bench.settle()
    assert len(asked) == 1
    assert len(asked[0]) == 2
    assert [entry.action for entry in session.log.entries()] == ["prune", "save"]
    assert page.model.rowCount() == 2
    assert session.records.count(session.entity("product"), EVERYTHING) == 0
