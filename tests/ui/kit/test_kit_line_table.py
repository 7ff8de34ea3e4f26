from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.editors import plain_amount, plain_number
from desktop_crm.ui.kit.labels import Label
from desktop_crm.ui.kit.line_editor import CellLine
from desktop_crm.ui.kit.line_table import LineColumn, LineTable, SumRow
from desktop_crm.ui.kit.popup import Choice

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot


def suggest(text: str, reply: Callable[[list[Choice]], None]) -> None:
    reply([Choice(9, f"Sensor {text}", "CP-9")])


COLUMNS = [
    LineColumn("name", "Product", width=160, required=True),
    LineColumn("unit", "Unit", choices=[("p", "piece"), ("s", "set")]),
    LineColumn("quantity", "Quantity", Kind.NUMBER, parse=plain_number),
    LineColumn("price", "Price", Kind.MONEY, parse=plain_number, show=plain_amount),
    LineColumn("total", "Total", Kind.MONEY, editable=False, show=plain_amount),
]


@pytest.fixture
def table(qtbot: QtBot) -> LineTable:
    made = LineTable(COLUMNS, name="lines", new_line=lambda: {"quantity": Decimal(1)})
    qtbot.addWidget(made)
    made.set_rows([{"name": "Gateway", "unit": "p", "quantity": Decimal(20), "price": Decimal(2680), "total": Decimal(53600)},
                   {"name": "Sensor", "unit": "s", "quantity": Decimal(120), "price": Decimal(186), "total": Decimal(22320)}])
    made.resize(700, 300)
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    made.setFocus()
    return made


def editor(table: LineTable) -> CellLine:
    found = table.viewport().findChild(CellLine)
    assert isinstance(found, CellLine)
    return found


def test_f2_edits_and_enter_goes_to_the_next_row(qtbot: QtBot, table: LineTable) -> None:
    table.show_cell(0, "quantity")
    qtbot.keyClick(table, Qt.Key.Key_F2)
    line = editor(table)
    assert line.selectedText() == "20"
    qtbot.keyClicks(line, "25")
    with qtbot.waitSignal(table.cell_changed) as said:
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert said.args == [0, "quantity"]
    assert table.rows()[0]["quantity"] == Decimal(25)
    assert (table.currentIndex().row(), table.currentIndex().column()) == (1, 2)


def test_typing_edits_tab_passes_over_fixed_cells_and_esc_restores(qtbot: QtBot, table: LineTable) -> None:
    table.show_cell(0, "price")
    qtbot.keyClick(table, "9")
    qtbot.keyClick(editor(table), Qt.Key.Key_Tab)
    assert table.rows()[0]["price"] == Decimal(9)
    assert (table.currentIndex().row(), table.currentIndex().column()) == (1, 0)
    qtbot.keyClick(table, "x")
    qtbot.keyClick(editor(table), Qt.Key.Key_Escape)
    assert table.rows()[1]["name"] == "Sensor"


def test_the_ghost_line_becomes_a_line(qtbot: QtBot, table: LineTable) -> None:
    table.setCurrentIndex(table.lines.index(2, 0))
    with qtbot.waitSignal(table.line_added):
        qtbot.keyClick(table, "C")
        qtbot.keyClicks(editor(table), "able")
        qtbot.keyClick(editor(table), Qt.Key.Key_Return)
    assert table.rows()[2] == {"name": "Cable", "quantity": Decimal(1)}
    assert table.lines.rowCount() == 4
    table.setCurrentIndex(table.lines.index(3, 0))
    qtbot.keyClick(table, Qt.Key.Key_F2)
    qtbot.keyClick(editor(table), Qt.Key.Key_Return)
    assert len(table.rows()) == 3


def test_what_can_not_be_understood_is_kept_marked_and_called_out(qtbot: QtBot, table: LineTable) -> None:
    table.show_cell(1, "quantity")
    qtbot.keyClick(table, Qt.Key.Key_F2)
    qtbot.keyClicks(editor(table), "12O")
    qtbot.keyClick(editor(table), Qt.Key.Key_Return)
    assert table.rows()[1]["quantity"] == Decimal(120)
    assert table.lines.text(1, "quantity") == "12O"
    assert [(row, key) for row, key, _text in table.problems()] == [(1, "quantity")]
    table.show_cell(1, "quantity")
    assert table._callout.isVisible()
    table.lines.undo()
    assert table.problems() == []


def test_the_problem_of_the_next_cell_is_as_large_as_its_text(table: LineTable) -> None:
    for row in (0, 1):
        table.set_problem(row, "price", "Below the floor of 3,000.00")
        table.show_cell(row, "price")
        message = next(one for one in table._callout.findChildren(Label) if one.text().startswith("Below") and not one.isHidden())
        assert table._callout.width() > message.sizeHint().width()
        assert table._callout.height() > message.sizeHint().height()


def test_a_problem_from_the_page_offers_its_fix(qtbot: QtBot, table: LineTable) -> None:
    def fix() -> None:
        table.lines.put_value(0, "price", Decimal(3000))

    table.show_cell(0, "price")
    table.set_problem(0, "price", "Below the floor of 3,000.00", fixes=[("Set to 3,000.00", fix)])
    button = table._callout.findChild(type(table._menu_button), "lines.fix_1")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert table.rows()[0]["price"] == Decimal(3000)
    assert table.problems() == []


def test_pasting_a_block_grows_lines_reports_bad_cells_and_is_one_step(qtbot: QtBot, table: LineTable) -> None:
    QGuiApplication.clipboard().setText("Cable\tset\t3\t1,200.50\t99\r\nSwitch\tbox\tmany\t5\t99\r\nFan\tpiece\t7\t8\t9\r\n")
    table.setCurrentIndex(table.lines.index(1, 0))
    with qtbot.waitSignal(table.pasted) as said:
        qtbot.keyClick(table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert said.args == [3, 2]
    rows = table.rows()
    assert len(rows) == 4
    assert rows[1] | {"total": None} == {"name": "Cable", "unit": "s", "quantity": Decimal(3), "price": Decimal("1200.50"), "total": None}
    assert rows[1]["total"] == Decimal(22320)
    assert [(row, key) for row, key, _text in table.problems()] == [(2, "unit"), (2, "quantity")]
    qtbot.keyClick(table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert [row["name"] for row in table.rows()] == ["Gateway", "Sensor"]
    qtbot.keyClick(table, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert len(table.rows()) == 4


def test_a_block_is_copied_raw(qtbot: QtBot, table: LineTable) -> None:
    table.setCurrentIndex(table.lines.index(0, 2))
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(table, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "20\t2680\n120\t186"


def test_one_cell_is_pasted_into_all_that_are_selected_and_filled_down_as_one_step(qtbot: QtBot, table: LineTable) -> None:
    down, shift, control = Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
    QGuiApplication.clipboard().setText("7\r\n")
    table.setCurrentIndex(table.lines.index(0, 2))
    qtbot.keyClick(table, down, shift)
    qtbot.keyClick(table, Qt.Key.Key_V, control)
    assert [row["quantity"] for row in table.rows()] == [Decimal(7), Decimal(7)]
    qtbot.keyClick(table, Qt.Key.Key_Z, control)
    assert [row["quantity"] for row in table.rows()] == [Decimal(20), Decimal(120)]
    table.setCurrentIndex(table.lines.index(0, 2))
    qtbot.keyClick(table, down, shift)
    qtbot.keyClick(table, Qt.Key.Key_Right, shift)
    qtbot.keyClick(table, Qt.Key.Key_D, control)
    assert [(row["quantity"], row["price"]) for row in table.rows()] == [(Decimal(20), Decimal(2680))] * 2
    qtbot.keyClick(table, Qt.Key.Key_Z, control)
    assert [(row["quantity"], row["price"]) for row in table.rows()] == [(Decimal(20), Decimal(2680)), (Decimal(120), Decimal(186))]
    table.setCurrentIndex(table.lines.index(1, 3))
    qtbot.keyClick(table, Qt.Key.Key_D, control)
    assert table.rows()[1]["price"] == Decimal(2680)


def test_a_cell_with_a_line_break_is_one_cell(qtbot: QtBot, table: LineTable) -> None:
    QGuiApplication.clipboard().setText('"Cable\n10 m"\tset\t3\n')
    table.setCurrentIndex(table.lines.index(2, 0))
    qtbot.keyClick(table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert len(table.rows()) == 3
    assert "10 m" in str(table.rows()[2]["name"])


def test_lines_are_deleted_emptied_and_brought_back(qtbot: QtBot, table: LineTable) -> None:
    table.show_cell(0, "price")
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert table.rows()[0]["price"] is None
    with qtbot.waitSignal(table.changed):
        qtbot.keyClick(table, Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert [row["name"] for row in table.rows()] == ["Sensor"]
    table.lines.undo()
    table.lines.undo()
    assert table.rows()[0]["price"] == Decimal(2680)


def test_choices_are_typed_or_picked(qtbot: QtBot, table: LineTable) -> None:
    table.show_cell(0, "unit")
    qtbot.keyClick(table, Qt.Key.Key_F2)
    line = editor(table)
    qtbot.waitUntil(lambda: line.drop is not None and line.drop.isVisible())
    qtbot.keyClick(line, Qt.Key.Key_Down)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert table.rows()[0]["unit"] == "s"


def test_a_suggestion_that_is_picked_is_told_to_the_page(qtbot: QtBot) -> None:
    table = LineTable([LineColumn("product", "Product", suggest=suggest, show=lambda value: f"#{value}"), LineColumn("note", "Note")], new_line=dict)
    qtbot.addWidget(table)
    table.show()
    with qtbot.waitActive(table):
        table.activateWindow()
    table.setFocus()
    table.setCurrentIndex(table.lines.index(0, 0))
    with qtbot.waitSignal(table.picked) as said:
        qtbot.keyClick(table, "s")
        line = editor(table)
        assert line.drop is not None
        assert line.drop.isVisible()
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert said.args is not None
    assert said.args[:2] == [0, "product"]
    assert said.args[2].title == "Sensor s"
    assert table.lines.text(0, "product") == "#9"


def test_ticks_turn_with_space_and_groups_are_no_lines(qtbot: QtBot) -> None:
    table = LineTable([LineColumn("on", "", Kind.CHECK), LineColumn("amount", "Amount", Kind.MONEY, parse=plain_number, show=plain_amount, boxed=True)])
    qtbot.addWidget(table)
    table.set_rows([{"_group": "Tianjin branch"}, {"on": False, "amount": Decimal(5)}])
    table.resize(400, 200)
    table.show()
    table.setFocus()
    table.setCurrentIndex(table.lines.index(1, 0))
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert table.rows() == [{"on": True, "amount": Decimal(5)}]
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(table.lines.index(1, 0)).center())
    assert table.rows()[0]["on"] is False
    assert not table.lines.can_edit(0, 0)
    assert not table.grab().isNull()


def test_read_only_lines_can_not_be_changed(qtbot: QtBot, table: LineTable) -> None:
    table.set_read_only(True)
    table.show_cell(0, "price")
    before = table.rows()
    qtbot.keyClicks(table, "123")
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    qtbot.keyClick(table, Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert table.rows() == before


def test_the_line_menu_button_follows_the_pointer(qtbot: QtBot, table: LineTable) -> None:
    qtbot.mouseMove(table.viewport(), QPoint(30, 10))
    table.set_hover(1)
    assert table._menu_button.isVisible()
    table.set_hover(2)
    assert not table._menu_button.isVisible()


def test_totals_stand_under_their_columns(qtbot: QtBot, table: LineTable) -> None:
    sums = SumRow(table)
    qtbot.addWidget(sums)
    table.sum_row("Total", {"total": "75,920.00"}, sums)
    assert sums.accessibleName() == "Total 75,920.00"
