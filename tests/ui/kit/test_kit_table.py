from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication

from desktop_crm.ui.kit.cells import Cell, in_sight
from desktop_crm.ui.kit.table import LOADING, CellRole, DataTable, Kind, RowLook, RowRanges, SelectionBar, SumRow
from desktop_crm.ui.kit.theme import apply_theme
from desktop_crm.ui.kit.tokens import color

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

COLUMNS = [("name", "Name", Kind.NAME, 160), ("status", "Status", Kind.PILL, 90), ("balance", "Balance", Kind.MONEY, 40), ("due", "Due", Kind.DATE, 90),
           ("note", "Note", Kind.TEXT, 200)]
ROOT = QModelIndex()


class Rows(QAbstractTableModel):
    """Rows worked out when they are asked for; it remembers which were."""

    def __init__(self, count: int, *, loading: bool = False, tree: bool = False) -> None:
        super().__init__()
        self.count, self.loading, self.tree = count, loading, tree
        self.asked: set[int] = set()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = ROOT) -> int:
        return 0 if parent.isValid() else self.count

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = ROOT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        key, title, kind, width = COLUMNS[section]
        return {int(Qt.ItemDataRole.DisplayRole): title, int(CellRole.KIND): kind, int(CellRole.WIDTH): width, int(CellRole.KEY): key}.get(int(role))

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, key = index.row(), COLUMNS[index.column()][0]
        self.asked.add(row)
        if role == CellRole.ROW:
            return RowLook(fold=row == 0) if self.tree else None
        if role == CellRole.RAW:
            return {"balance": "128400.5", "due": "2026-07-29"}.get(key)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if self.loading:
            return LOADING
        return {"name": f"Company {row}", "status": "Active", "balance": "128,400.50", "due": "07-29", "note": "a\tb\nc"}[key]


@pytest.fixture
def table(qtbot: QtBot) -> DataTable:
    made = DataTable(name="list.customer.table", label="Customers", frozen=1)
    qtbot.addWidget(made)
    made.setModel(Rows(50))
    made.resize(500, 400)
    with qtbot.waitExposed(made):
        made.show()
    made.setFocus()
    return made


def test_of_a_million_rows_only_those_in_view_are_asked_for(qtbot: QtBot, qapp: QApplication) -> None:
    model = Rows(1_000_000)
    table = DataTable()
    qtbot.addWidget(table)
    table.setModel(model)
    table.resize(1000, 700)
    with qtbot.waitExposed(table):
        table.show()
    table.set_current_row(999_999)
    table.grab()
    assert len(model.asked) < 100
    table.tick_all()
    rows = table.ticked()
    assert len(rows) == 1_000_000
    assert rows.ranges == [(0, 999_999)]
    qtbot.keyClicks(table, "abc")
    apply_theme(qapp, "dark", 125, "comfortable")
    assert table.visualRect(model.index(999_999, 0)).height() == 50
    table.grab()
    assert len(model.asked) < 100


def test_the_current_row_moves_without_ticking(qtbot: QtBot, table: DataTable) -> None:
    seen: list[int] = []
    table.current_changed.connect(seen.append)
    table.set_current_row(0)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert seen[-3:] == [1, 2, 49]
    assert len(table.ticked()) == 0


def test_enter_opens_and_space_previews(qtbot: QtBot, table: DataTable) -> None:
    table.set_current_row(3)
    with qtbot.waitSignal(table.activated) as opened:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened.args == [3]
    with qtbot.waitSignal(table.preview_toggled):
        qtbot.keyClick(table, Qt.Key.Key_Space)


def test_keys_tick_extend_take_all_and_clear(qtbot: QtBot, table: DataTable) -> None:
    seen: list[RowRanges] = []
    table.selection_changed.connect(seen.append)
    table.set_current_row(2)
    qtbot.keyClick(table, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert list(table.ticked()) == [2]
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert list(table.ticked()) == [2, 3, 4]
    qtbot.keyClick(table, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert list(table.ticked()) == [2, 3]
    qtbot.keyClick(table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(seen[-1]) == 50
    qtbot.keyClick(table, Qt.Key.Key_Escape)
    assert len(table.ticked()) == 0


def test_the_mouse_ticks_with_ctrl_shift_and_the_box(qtbot: QtBot, table: DataTable) -> None:
    def at(row: int) -> QPoint:
        return table.visualRect(table.model().index(row, 0)).center()

    left, view = Qt.MouseButton.LeftButton, table.viewport()
    qtbot.mouseClick(view, left, pos=at(1))
    assert table.current_row() == 1
    assert len(table.ticked()) == 0
    qtbot.mouseClick(view, left, Qt.KeyboardModifier.ShiftModifier, at(3))
    assert list(table.ticked()) == [1, 2, 3]
    qtbot.mouseClick(view, left, Qt.KeyboardModifier.ControlModifier, at(2))
    assert list(table.ticked()) == [1, 3]
    qtbot.mouseClick(table.side.viewport(), left, pos=QPoint(10, at(0).y()))
    assert list(table.ticked()) == [0, 1, 3]
    with qtbot.waitSignal(table.activated) as opened:
        qtbot.mouseDClick(view, left, pos=at(4))
    assert opened.args == [4]


def test_copying_gives_raw_values_and_headings_when_asked(qtbot: QtBot, table: DataTable) -> None:
    table.set_ticked(RowRanges([(0, 0), (2, 2)]))
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "\n".join(f'Company {row}\tActive\t128400.5\t2026-07-29\t"a\tb\nc"' for row in (0, 2))
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert QGuiApplication.clipboard().text().split("\n")[0] == "Name\tStatus\tBalance\tDue\tNote"
    table.clear_ticks()
    table.setCurrentIndex(table.model().index(5, 2))
    table.copy()
    assert QGuiApplication.clipboard().text() == "128400.5"


def test_a_block_drawn_with_the_mouse_is_copied(qtbot: QtBot, table: DataTable) -> None:
    def at(row: int, column: int) -> QPoint:
        return table.visualRect(table.model().index(row, column)).center()

    left, view = Qt.MouseButton.LeftButton, table.viewport()
    qtbot.mousePress(view, left, pos=at(1, 2))
    qtbot.mouseMove(view, at(2, 3))
    qtbot.mouseMove(view, at(3, 3))
    qtbot.mouseRelease(view, left, pos=at(3, 3))
    assert table.block() == (1, 3, [2, 3])
    assert len(table.ticked()) == 0
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert QGuiApplication.clipboard().text() == "\n".join(["Balance\tDue", *["128400.5\t2026-07-29"] * 3])
    edge = table.grab().toImage().pixelColor(table.viewport().mapTo(table, table.visualRect(table.model().index(1, 2)).topLeft()))
    assert edge.name() == color("accent").name()
    qtbot.mouseClick(view, left, pos=at(5, 1))
    assert table.block() is None


def test_a_block_grows_by_shift_and_arrows_and_goes_with_esc_ticks_and_new_rows(qtbot: QtBot, table: DataTable) -> None:
    shift = Qt.KeyboardModifier.ShiftModifier
    table.setCurrentIndex(table.model().index(0, 1))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(table, key, shift)
    assert table.block() == (0, 1, [1, 2])
    table.copy()
    assert QGuiApplication.clipboard().text() == "Active\t128400.5\nActive\t128400.5"
    qtbot.keyClick(table, Qt.Key.Key_Escape)
    assert table.block() is None
    for _time in range(9):
        qtbot.keyClick(table, Qt.Key.Key_Left, shift)
    assert table.block() == (0, 0, [0, 1])
    table.tick_all()
    assert table.block() is None
    table.clear_ticks()
    qtbot.keyClick(table, Qt.Key.Key_Right, shift)
    table.model().layoutChanged.emit()
    assert table.block() is None


def test_a_copy_too_large_for_the_clipboard_is_refused(qtbot: QtBot) -> None:
    table = DataTable()
    qtbot.addWidget(table)
    model = Rows(1_000_000)
    table.setModel(model)
    table.tick_all()
    with qtbot.waitSignal(table.copy_refused):
        table.copy()
    assert len(model.asked) < 100


def test_an_amount_widens_its_column_instead_of_being_cut(qtbot: QtBot, table: DataTable) -> None:
    table.setColumnWidth(2, 40)
    table.grab()
    qtbot.waitUntil(lambda: table.columnWidth(2) > 70)


def test_frozen_columns_stay_while_the_others_scroll(table: DataTable) -> None:
    table.setColumnWidth(4, 600)
    bar = table.horizontalScrollBar()
    bar.setValue(bar.maximum())
    assert table.visualRect(table.model().index(0, 0)).x() == 0
    assert table.indexAt(QPoint(5, 5)).column() == 0
    table.setCurrentIndex(table.model().index(0, 1))
    table.scrollTo(table.model().index(0, 1))
    assert table.visualRect(table.model().index(0, 1)).x() >= table.columnWidth(0)


def test_sorting_starts_with_the_largest_amount_and_turns_round(qtbot: QtBot, table: DataTable) -> None:
    wanted: list[tuple[int, bool]] = []
    table.sort_requested.connect(lambda column, descending: wanted.append((column, descending)))
    place = QPoint(table.header.sectionViewportPosition(2) + 20, 10)
    qtbot.mouseClick(table.header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    table.set_sort(2, descending=True)
    qtbot.mouseClick(table.header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseClick(table.header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(40, 10))
    assert wanted == [(2, True), (2, False), (0, False)]


def test_column_layout_is_kept_by_key(qtbot: QtBot, table: DataTable) -> None:
    with qtbot.waitSignal(table.columns_changed):
        table.header.moveSection(0, 2)
    table.set_column_hidden(4, hidden=True)
    table.setColumnWidth(1, 123)
    state = table.column_state()
    other = DataTable()
    qtbot.addWidget(other)
    other.setModel(Rows(3))
    other.restore_columns([*state, ("gone", 50, False)])
    assert other.column_state() == state
    assert [key for key, _width, _hidden in state][:3] == ["status", "balance", "name"]


def test_rows_of_a_tree_fold_with_the_arrow_keys(qtbot: QtBot) -> None:
    table = DataTable(ticks=False)
    qtbot.addWidget(table)
    table.setModel(Rows(3, tree=True))
    table.show()
    table.setFocus()
    wanted: list[tuple[int, bool]] = []
    table.fold_requested.connect(lambda row, opened: wanted.append((row, opened)))
    table.setCurrentIndex(table.model().index(0, 0))
    qtbot.keyClick(table, Qt.Key.Key_Left)
    table.setCurrentIndex(table.model().index(1, 0))
    qtbot.keyClick(table, Qt.Key.Key_Right)
    assert wanted == [(0, False), (1, True)]


def test_rows_still_loading_are_drawn_and_their_copy_is_asked_for(qtbot: QtBot) -> None:
    table = DataTable()
    qtbot.addWidget(table)
    table.setModel(Rows(5, loading=True))
    table.resize(600, 300)
    table.setCurrentIndex(table.model().index(0, 0))
    assert not table.grab().isNull()
    QGuiApplication.clipboard().setText("before")
    with qtbot.waitSignal(table.copy_wanted) as wanted:
        table.copy(headers=True)
    assert wanted.args is not None
    assert ([*wanted.args[0]], wanted.args[1:]) == ([0], [[0], True])
    assert QGuiApplication.clipboard().text() == "before", "nothing half is put there"


def test_the_selection_bar_comes_with_ticks_and_goes_with_them(table: DataTable) -> None:
    ran: list[str] = []
    bar = SelectionBar(table, [("tag", "Tag", "tag", lambda: ran.append("tag"))])
    assert bar.isHidden()
    table.set_ticked(RowRanges([(0, 2)]))
    assert bar.isVisible()
    assert bar.title.text() == "3 selected"
    table.clear_ticks()
    assert bar.isHidden()


def test_totals_make_their_column_wide_enough(qtbot: QtBot, table: DataTable) -> None:
    row = SumRow(table)
    qtbot.addWidget(row)
    before = table.columnWidth(2)
    row.set_values("Total 214", {2: "123,456,784,150.30", 3: ("—", "danger")})
    assert table.columnWidth(2) > before
    assert row.accessibleName() == "Total 214 123,456,784,150.30 —"
    row.resize(500, 32)
    assert not row.grab().isNull()


def test_row_ranges_count_without_walking() -> None:
    rows = RowRanges([(5, 9), (0, 2), (3, 4), (20, 20)])
    assert rows.ranges == [(0, 9), (20, 20)]
    assert len(rows) == 11
    assert rows[10] == rows[-1] == 20
    assert rows[2:5] == [2, 3, 4]
    assert 20 in rows
    assert 10 not in rows
    with pytest.raises(IndexError):
        rows[11]


@pytest.mark.parametrize(
    ("left", "width", "kind", "text", "shown", "edges"),
    [
        (40, 80, Kind.MONEY, "8,347.44", "8,347.44", (40, 120)),
        (150, 80, Kind.MONEY, "8,347.44", "…", (150, 200)),
        (110, 180, Kind.MONEY, "8,347.44", "8,347.44", (110, 200)),
        (-40, 80, Kind.MONEY, "8,347.44", "…", (30, 40)),
        (150, 80, Kind.TEXT, "一个很长的名字", "一个很长的名字", (150, 200)),
        (-40, 80, Kind.TEXT, "一个很长的名字", "一个很长的名字", (-40, 40)),
    ],
)
def test_a_figure_that_is_partly_out_of_sight_is_not_read_as_another(qapp: QApplication, left: int, width: int, kind: Kind, text: str, shown: str, edges: tuple[int, int]) -> None:
    del qapp
    cell, rect = in_sight(Cell(kind, text), QRect(left, 0, width, 32), 30, 200)
    assert (cell.text, rect.left(), rect.left() + rect.width()) == (shown, *edges)
