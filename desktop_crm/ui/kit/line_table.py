"""The table edited in place: contract lines, instalments, the allocation of a receipt."""


from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.buttons import Button
from desktop_crm.ui.kit.cells import Kind, paint_cell, paint_input
from desktop_crm.ui.kit.grid import Grid
from desktop_crm.ui.kit.line_block import LineBlock
from desktop_crm.ui.kit.line_editor import CellLine, LineDelegate
from desktop_crm.ui.kit.line_model import Entry, LineColumn, LineModel, Problem, Row
from desktop_crm.ui.kit.paint import LEFT
from desktop_crm.ui.kit.popover import Callout
from desktop_crm.ui.kit.popup import later
from desktop_crm.ui.kit.sheets import Menu
from desktop_crm.ui.kit.sum_row import SumRow
from desktop_crm.ui.kit.table import FIGURE_KINDS
from desktop_crm.ui.kit.tokens import color, theme

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from PySide6.QtCore import QModelIndex

__all__ = ["LineColumn", "LineTable", "SumRow"]

GROUP = "_group"
MENU_SIDE = 22


class LineTable(Grid):
    """Lines edited like a spreadsheet: type or F2 edits, Tab next cell, Enter next row, Esc restores, Ctrl+Z undoes.

    A row is a dict of values by column key; a row with ``_group`` is a heading. With `new_line` the last row is a ghost that becomes a
    line when something is typed into it. Signals: `changed()` after any change by the user; `cell_changed(row, key)`; `line_added(row)`;
    `picked(row, key, Choice)`; `pasted(lines, cells not understood)`; `current_changed(row)`; `typing()` while a cell is open.
    """

    changed = Signal()
    typing = Signal()
    cell_changed = Signal(int, str)
    line_added = Signal(int)
    picked = Signal(int, str, object)
    pasted = Signal(int, int)
    current_changed = Signal(int)

    def __init__(self, columns: Sequence[LineColumn], *, name: str = "", label: str = "", new_line: Callable[[], Row] | None = None,
                 ghost_text: str = "", numbered: bool = True, row_height: int = 0, frozen: int = 0, stretch: str = "", menu: bool = True) -> None:
        super().__init__(name=name, label=label, numbered=numbered, row_height=row_height, frozen=frozen)
        self.lines = LineModel(columns, new_line=new_line, ghost_text=ghost_text)
        self._block = LineBlock(self)
        self._stretch, self._fixed = stretch, False
        self._callout = Callout(self.viewport(), name=f"{name}.callout")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.header.setSectionsMovable(False)
        self.setItemDelegate(LineDelegate(self))
        self.setModel(self.lines)
        self.set_read_only(read_only=False)
        if stretch:
            self.header.setSectionResizeMode(self.lines.column_of(stretch), self.header.ResizeMode.Stretch)
        self._menu_button = Button("", "ghost", icon="ellipsis", size="mini", tip=_("Line actions"), name=f"{name}.line_menu", on_click=self._open_menu)
        self._menu_button.setParent(self.side.viewport())
        self._menu_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._menu_button.hide()
        self._with_menu = menu and new_line is not None and numbered
        self.side.beside = MENU_SIDE if self._with_menu else 0
        self.updateGeometries()
        self.side.ticked.connect(self._side_clicked)
        self.lines.cell_changed.connect(self._cell_changed)
        self.lines.line_added.connect(self.line_added)
        self.lines.picked.connect(self.picked)
        self.lines.lines_removed.connect(self.changed)
        self.lines.replaced.connect(self.changed)
        self.selectionModel().currentChanged.connect(self._moved)

    # ---- lines

    def rows(self) -> list[Row]:
        """Return the values of every line."""
        return self.lines.rows()

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show other lines; nothing is left to undo."""
        self.lines.set_entries([Entry(dict(row), group=str(row.get(GROUP) or "")) for row in rows])

    def update_row(self, row: int, values: Row) -> None:
        """Set values worked out from others, such as a line's total; emits nothing."""
        self.lines.update_row(row, values)

    def set_read_only(self, read_only: bool) -> None:  # noqa: FBT001 - as Qt's own setters
        """Let the lines be read and copied only."""
        trigger = QAbstractItemView.EditTrigger
        self._fixed = read_only
        self.setEditTriggers(trigger.NoEditTriggers if read_only else trigger.AnyKeyPressed | trigger.EditKeyPressed | trigger.DoubleClicked)

    def open_cell(self) -> tuple[int, str, str] | None:
        """Return (row, key, text) of the cell that is being typed in and holds something else than before, None where there is none."""
        line = next((one for one in self.findChildren(CellLine) if not one.isHidden()), None)
        index = self.currentIndex()
        if line is None or not index.isValid():
            return None
        key = self.lines.columns[index.column()].key
        before = "" if self.lines.is_ghost(index.row()) else self.lines.text(index.row(), key)
        return None if line.text() == before else (index.row(), key, line.text())

    def set_problem(self, row: int, key: str, text: str | None, detail: str = "", fixes: Sequence[tuple[str, Callable[[], object]]] = ()) -> None:
        """Mark a cell with what is wrong and buttons that put it right; None takes the mark away."""
        self.lines.set_problem(row, key, Problem(text, detail, fixes) if text else None)
        self._show_callout()

    def problems(self) -> list[tuple[int, str, str]]:
        """Return (row, key, text) of every marked cell, in reading order."""
        order = [one.key for one in self.lines.columns]
        return [(row, key, entry.problems[key].text) for row, entry in enumerate(self.lines.entries)
                for key in sorted(entry.problems, key=order.index)]

    def show_cell(self, row: int, key: str) -> None:
        """Go to a cell, as from a list of problems."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.setCurrentIndex(self.lines.index(row, self.lines.column_of(key)))

    def remove_current(self) -> None:
        """Take the current line, or the selected ones, out."""
        rows = [index.row() for index in self.selectedIndexes()] or [self.currentIndex().row()]
        self.lines.remove(min(rows), max(rows))

    def insert_line(self) -> None:
        """Put an empty line before the current one and go to it."""
        row = max(0, min(self.currentIndex().row(), len(self.lines.entries)))
        self.lines.remember()
        self.lines.insert(row)
        self.setCurrentIndex(self.lines.index(row, self._first_editable(row)))
        self.changed.emit()

    def fit_height(self) -> None:
        """Take exactly the height of the lines, so that a page scrolls and not the table."""
        self.setFixedHeight(self.header.height() + self.lines.rowCount() * self.side.defaultSectionSize() + 1)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def _cell_changed(self, row: int, key: str) -> None:
        self.cell_changed.emit(row, key)
        if not self.lines.pasting:
            self.changed.emit()
            self._show_callout()

    # ---- moving

    def _first_editable(self, row: int) -> int:
        return next((column for column, _left, _width in self.places() if self.lines.can_edit(row, column)), 0)

    def step(self, down: int, along: int) -> bool:
        """Go to another row, or along to the next cell that can be edited; tell whether there was one."""
        index, last = self.currentIndex(), self.lines.rowCount() - 1
        if down:
            row = max(0, min(index.row() + down, last))
            self.setCurrentIndex(self.lines.index(row, index.column()))
            return row != index.row()
        order = [column for column, _left, _width in self.places()]
        row, place = index.row(), (order.index(index.column()) if index.column() in order else 0) + along
        while 0 <= row <= last and along:
            while 0 <= place < len(order):
                if self.lines.can_edit(row, order[place]):
                    self.setCurrentIndex(self.lines.index(row, order[place]))
                    return True
                place += along
            row += along
            place = 0 if along > 0 else len(order) - 1
        return False

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002, FBT001 - Qt's own signature
        """Move among the cells with Tab; out of the table from its ghost line, its last cell and, backwards, its first."""
        leave = self._fixed or (next and self.lines.is_ghost(self.currentIndex().row()))
        if not leave and self.hasFocus() and self.step(0, 1 if next else -1):
            return True
        return super().focusNextPrevChild(next)

    def _moved(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.row() != previous.row():
            self.current_changed.emit(current.row())
        self._show_callout()

    def _show_callout(self) -> None:
        index = self.currentIndex()
        entry = self.lines.entries[index.row()] if index.isValid() and not self.lines.is_ghost(index.row()) else None
        problem = entry.problems.get(self.lines.columns[index.column()].key) if entry else None
        if problem is None or not self.isVisible():
            self._callout.close_up()
            return
        name = f"{self.objectName()}.fix"
        fixes = [Button(label, "soft" if not place else "secondary", size="mini", name=f"{name}_{place + 1}", on_click=act)
                 for place, (label, act) in enumerate(problem.fixes)]
        self._callout.tell(self.visualRect(index), problem.text, problem.detail, fixes)

    # ---- keys and mouse

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Edit, move, copy, paste, undo and remove with the keyboard."""
        key, keys, index = Qt.Key(event.key()), event.modifiers(), self.currentIndex()
        control = bool(keys & Qt.KeyboardModifier.ControlModifier)
        if control and key == Qt.Key.Key_C:
            self.copy()
        elif control and key == Qt.Key.Key_Z and not self._fixed:
            self.lines.undo(again=bool(keys & Qt.KeyboardModifier.ShiftModifier))
        elif control and key == Qt.Key.Key_Y and not self._fixed:
            self.lines.undo(again=True)
        elif control and key == Qt.Key.Key_V and not self._fixed:
            self.paste()
        elif control and key == Qt.Key.Key_D and not self._fixed:
            self.fill_down()
        elif key == Qt.Key.Key_Delete and index.isValid() and not self._fixed:
            if control:
                self.remove_current()
            else:
                self._empty_cells()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not control:
            self.step(-1 if keys & Qt.KeyboardModifier.ShiftModifier else 1, 0)
        elif (key == Qt.Key.Key_Space and self._space(index)) or not self._leaves_tick(event):
            pass
        else:
            super().keyPressEvent(event)

    def _leaves_tick(self, event: QKeyEvent) -> bool:
        """Go on to the cell beside a row's tick where something else is typed on it, since a tick takes no text; tell whether the key is still to be minded."""
        index, text = self.currentIndex(), event.text()
        if not index.isValid() or self.lines.columns[index.column()].heading or self.kind_of(index.column()) is not Kind.CHECK:
            return True
        if event.key() == Qt.Key.Key_F2 or (text.isprintable() and text.strip() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier):
            return self.step(0, 1) and self.currentIndex().row() == index.row()
        return True

    def _space(self, index: QModelIndex) -> bool:
        """Tick with the space bar: the cell, or from a figure and from what can't be typed in the tick of its row; tell whether there was one."""
        if index.isValid() and (self.kind_of(index.column()) in FIGURE_KINDS or not self.lines.can_edit(index.row(), index.column())):
            tick = next((place for place, one in enumerate(self.lines.columns) if one.kind is Kind.CHECK and not one.heading), index.column())
            index = self.lines.index(index.row(), tick)
        return self._toggle(index)

    def _toggle(self, index: QModelIndex) -> bool:
        if not index.isValid() or self._fixed or self.kind_of(index.column()) is not Kind.CHECK or self.lines.is_ghost(index.row()):
            return False
        if self.lines.can_edit(index.row(), index.column()):
            key = self.lines.columns[index.column()].key
            self.lines.put_value(index.row(), key, not self.lines.entries[index.row()].values.get(key))
        return True

    def _empty_cells(self) -> None:
        self.lines.remember()
        for index in self.selectedIndexes() or [self.currentIndex()]:
            if not self.lines.is_ghost(index.row()) and self.lines.can_edit(index.row(), index.column()):
                self.lines.type_in(index.row(), index.column(), "", step=False)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tick with one click; an open input opens with one click too."""
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid() or self._fixed:
            return
        if self.lines.columns[index.column()].boxed and self.lines.can_edit(index.row(), index.column()):
            later(self, lambda: self.edit(index))
        else:
            self._toggle(index)

    def _side_clicked(self, row: int) -> None:
        model, flag = self.selectionModel(), QItemSelectionModel.SelectionFlag
        model.setCurrentIndex(self.lines.index(row, 0), flag.ClearAndSelect | flag.Rows)

    def copy(self) -> None:
        """Put the selected block on the clipboard."""
        self._block.copy()

    def paste(self) -> None:
        """Type the clipboard's block into the cells from the first selected one on; new lines are made as needed."""
        done = self._block.paste()
        if done is not None:
            self._typed(*done)

    def _typed(self, lines: int, bad: int) -> None:
        self.pasted.emit(lines, bad)
        self.changed.emit()
        self._show_callout()

    def fill_down(self) -> None:
        """Type what stands in the first selected row into those below it; with one row, what stands above it."""
        done = self._block.fill_down()
        if done is not None:
            self.changed.emit()
            if done[1]:
                self.pasted.emit(*done)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with a line."""
        index = self.indexAt(event.pos()) if event.reason() != QContextMenuEvent.Reason.Keyboard else self.currentIndex()
        if index.isValid():
            self.setCurrentIndex(index)
            self._popup_menu(event.globalPos())

    def _open_menu(self) -> None:
        if 0 <= self.hover_row < len(self.lines.entries):
            self.setCurrentIndex(self.lines.index(self.hover_row, max(0, self.currentIndex().column())))
        self._popup_menu(self._menu_button.mapToGlobal(self._menu_button.rect().bottomLeft()))

    def _popup_menu(self, at: QPoint) -> None:
        menu = Menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(_("Copy") + "\tCtrl+C", self.copy)
        if self._with_menu and not self._fixed:
            menu.addAction(_("Paste") + "\tCtrl+V", self.paste)
            menu.addAction(_("Fill down") + "\tCtrl+D", self.fill_down)
            menu.addSeparator()
            menu.addAction(_("Insert line above"), self.insert_line)
            menu.addAction(_("Delete line") + "\tCtrl+Del", self.remove_current)
        menu.popup(at)

    # ---- painting

    def row_title(self, row: int) -> str:
        """Return the line's number; the ghost has a plus."""
        if self.lines.is_ghost(row):
            return "+"
        return "" if self.lines.entries[row].group else str(sum(not entry.group for entry in self.lines.entries[: row + 1]))

    def is_ticked(self, row: int) -> bool:
        """Tell that lines are not ticked; cells are selected."""
        del row
        return False

    def paint_ground(self, painter: QPainter, rect: QRect, row: int) -> None:
        """Fill a line's ground: the current one lightly, without the bar lists have."""
        look = self.row_look(row)
        role = "hover" if row in {self.hover_row, self.currentIndex().row()} else look.ground if look else ""
        if role:
            painter.fillRect(rect, color(role))
        painter.fillRect(QRect(rect.x(), rect.bottom(), rect.width(), 1), color("line"))

    def paint_one(self, painter: QPainter, rect: QRect, row: int, column: int) -> None:
        """Draw a cell, the selected block tinted and open inputs boxed."""
        index = self.lines.index(row, column)
        if self.selectionModel().isSelected(index) and len(self.selectionModel().selection().indexes()) > 1:
            painter.fillRect(rect.adjusted(0, 0, 0, -1), color("selected"))
        if self.lines.columns[column].boxed and not self.lines.is_ghost(row) and self.lines.can_edit(row, column):
            paint_input(painter, rect)
            cell = self.cell(row, column)
            if cell.text:
                paint_cell(painter, rect.adjusted(4, 0, -4, 0), cell)
            return
        if self.lines.is_ghost(row) and self.align_of(column) == LEFT:
            # Nothing stands right of the words that invite to add a line, so they may run on.
            rect = QRect(rect.topLeft(), QSize(max(rect.width(), self.viewport().width() - rect.left()), rect.height()))
        super().paint_one(painter, rect, row, column)

    def set_hover(self, row: int) -> None:
        """Show the button with a line's actions beside the number of the line under the pointer."""
        super().set_hover(row)
        shown = self._with_menu and not self._fixed and 0 <= row < len(self.lines.entries)
        if shown:
            height, side = self.side.defaultSectionSize(), theme().px(24)
            self._menu_button.setGeometry(self.side.width() - side - 1, row * height - self.verticalOffset() + (height - side) // 2, side, side)
        self._menu_button.setVisible(shown)

    def sum_row(self, label: str, values: Mapping[str, str | tuple[str, str]], row: SumRow) -> None:
        """Show totals by column key in a sum row of this table."""
        row.set_values(label, {self.lines.column_of(key): value for key, value in values.items()})
