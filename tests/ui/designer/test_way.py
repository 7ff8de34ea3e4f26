"""The whole way of an office that makes a delivery note its own: from the rail to a published template that prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop_crm.app import build
from desktop_crm.base.settings import Settings, save_settings
from desktop_crm.printing import store
from desktop_crm.ui.designer import groups
from desktop_crm.ui.designer.contents import content_of
from desktop_crm.ui.designer.document import Box, at, elements
from desktop_crm.ui.designer.page import DesignerPage
from desktop_crm.ui.designer.templates_page import TemplatesPage
from desktop_crm.ui.kit.rail import NavItem
from tests.support.company import company
from tests.support.settling import settle

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

CONTROL = Qt.KeyboardModifier.ControlModifier


def test_switches_that_bring_rows_keep_place_and_keyboard_and_are_taken_back(qtbot: QtBot, tmp_path: Path) -> None:
    with company(str(tmp_path / "company.sqlite3")) as session:
        save_settings(Settings(language="zh_CN"))
        window = build(session)
        qtbot.addWidget(window)
        window.resize(1400, 800)
        window.show()
        window.activateWindow()
        settle(qtbot, window.operations.idle)
        window.desk.show_page("designer", name="delivery_note")
        page = window.page()
        assert isinstance(page, DesignerPage)
        qtbot.waitUntil(lambda: page.is_there() and page.laying.settled() and window.operations.idle())
        fields = groups.line_fields(page.design.doc, page.bench.fields)
        page.design.edit("a group", groups.regrouped(page.design.doc, 0, "line.unit", fields), [])
        before, bar = page.design.doc, page.panel.area.verticalScrollBar()
        for name in ("property.group.0.header", "property.group.0.sum.4", "property.band.closing.0", "property.group.0.new_page"):
            qtbot.waitUntil(lambda: page.laying.settled() and window.operations.idle())
            switch = page.panel.findChildren(QWidget, name)[-1]
            page.panel.area.ensureWidgetVisible(switch)
            place = bar.value()
            QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
            assert page.design.doc != before
            qtbot.waitUntil(lambda name=name: focused() == name)  # type: ignore[misc]
            assert bar.value() == place
            qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Z, CONTROL)
            assert page.design.doc == before
        qtbot.waitUntil(lambda: page.laying.settled() and window.operations.idle())
        window.close()


def focused() -> str:
    """Return the name of what has the keyboard."""
    widget = QApplication.focusWidget()
    return widget.objectName() if widget is not None else ""


def test_from_the_rail_to_a_template_that_prints(qtbot: QtBot, tmp_path: Path) -> None:
    with company(str(tmp_path / "company.sqlite3")) as session:
        save_settings(Settings(language="zh_CN"))
        window = build(session)
        qtbot.addWidget(window)
        window.show()
        window.activateWindow()
        settle(qtbot, window.operations.idle)
        item = window.findChild(NavItem, "nav.templates")
        assert item is not None
        QTest.mouseClick(item, Qt.MouseButton.LeftButton)
        listed = window.page()
        assert isinstance(listed, TemplatesPage)
        qtbot.waitUntil(lambda: bool(listed.cards))
        QTest.mouseClick(next(one for one in listed.cards if one.held.name == "delivery_note"), Qt.MouseButton.LeftButton)
        page = window.page()
        assert isinstance(page, DesignerPage)
        qtbot.waitUntil(lambda: page.is_there() and page.laying.settled() and bool(page.canvas.sheets.pages))
        path = next(path for path, one in elements(page.design.doc) if content_of(one).field == "customer.name")
        before = at(page.design.doc, path)["x"]
        spot = page.canvas.to_view(Box(*page.canvas.boxes(path)[0].middle, 0, 0)).topLeft().toPoint()
        QTest.mouseClick(page.canvas.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        assert page.design.selected == (path,)
        QTest.keyClick(page.canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        assert at(page.design.doc, path)["x"] == before + 1
        qtbot.keyClick(page.canvas, Qt.Key.Key_Z, CONTROL)
        assert at(page.design.doc, path)["x"] == before
        qtbot.keyClick(page.canvas, Qt.Key.Key_Y, CONTROL)
        assert at(page.design.doc, path)["x"] == before + 1
        qtbot.keyClick(page.canvas, Qt.Key.Key_S, CONTROL)
        qtbot.waitUntil(lambda: not page.keeping.dirty and window.operations.idle())
        assert store.find(session, "delivery_note").draft
        QTest.mouseClick(page.head.publish, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: window.operations.idle() and store.find(session, "delivery_note").number == 1)
        printed = store.version_body(session, "delivery_note", 1)
        assert at(printed, path)["x"] == before + 1
        window.ways.go_back()
        qtbot.waitUntil(lambda: window.operations.idle() and any(one.held.number == 1 for one in listed.cards))
        window.close()
