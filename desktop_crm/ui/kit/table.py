"""The data table of lists: current row, ticked rows, sorting, columns that move and hide, copying, and the widgets around it."""


from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QMenu

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.block_grid import STEPS, BlockGrid
from desktop_crm.ui.kit.buttons import CheckBox
from desktop_crm.ui.kit.cells import LOADING, RIGHT_KINDS, Cell, CellRole, Kind, RowLook
from desktop_crm.ui.kit.grid import INDENT
from desktop_crm.ui.kit.ranges import RowRanges
from desktop_crm.ui.kit.selection_bar import SelectionBar
from desktop_crm.ui.kit.sheets import Menu
from desktop_crm.ui.kit.sum_row import SumRow

if TYPE_CHECKING:
    from PySide6.QtCore import QAbstractItemModel, QEvent

__all__ = ["LOADING", "Cell", "CellRole", "DataTable", "Kind", "RowLook", "RowRanges", "SelectionBar", "SumRow"]

Select = QItemSelectionModel.SelectionFlag
COPY_LIMIT = 200_000
FIGURE_KINDS = frozenset({Kind.MONEY, Kind.NUMBER, Kind.PERCENT, Kind.DATE})
"""What a spreadsheet shall read as figures and dates; anything else stays text."""
SPREAD_KINDS = frozenset({Kind.NAME, Kind.LINK, Kind.TEXT})


class DataTable(BlockGrid):
    """A list's table: one current row that a preview follows, any number of ticked rows, and at most one block of cells marked to be copied.

    Signals: `activated(row)` Enter or double click; `current_changed(row)`; `sort_requested(column, descending)`;
    `selection_changed(RowRanges)`; `context_menu(row, column, global position)`; `preview_toggled()` Space; `fold_requested(row, open)`;
    `link_clicked(row, column)`; `columns_changed()` after a column was moved, resized or hidden; `copied(rows)` and
    `copy_refused(rows, most)`, `copy_wanted(rows, columns, headers)` for rows the model doesn't hold yet.
    """

    activated = Signal(int)
    current_changed = Signal(int)
    sort_requested = Signal(int, bool)
    selection_changed = Signal(object)
    context_menu = Signal(int, int, object)
    preview_toggled = Signal()
    fold_requested = Signal(int, bool)
    link_clicked = Signal(int, int)
    columns_changed = Signal()
    copied = Signal(int)
    copy_refused = Signal(int, int)
    copy_wanted = Signal(object, object, bool)

    def __init__(self, *, name: str = "", label: str = "", frozen: int = 0, ticks: bool = True, row_height: int = 0) -> None:
        super().__init__(name=name, label=label, frozen=frozen, ticks=ticks, row_height=row_height)
        self._anchor = 0
        self._restoring = False
        self._link = QModelIndex()
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._all = CheckBox(tip=_("Tick all loaded rows (Ctrl+A)"), name=f"{name}.tick_all" if name else "")
        self._all.setParent(self)
        self._all.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._all.clicked.connect(self._all_clicked)
        self._all.setVisible(ticks)
        self.side.ticked.connect(self._side_ticked)
        self.header.pressed_for_sort.connect(self._sort_by)
        self.header.menu_wanted.connect(self._header_menu)
        self.header.sectionMoved.connect(self._tell_columns)
        self.header.sectionResized.connect(self._tell_columns)

    # ---- current row

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show a model."""
        super().setModel(model)
        if model is not None:
            self.selectionModel().currentRowChanged.connect(self._row_changed)

    def _row_changed(self, current: QModelIndex) -> None:
        self.current_changed.emit(current.row())

    def current_row(self) -> int:
        """Return the current row, -1 where there is none."""
        return self.currentIndex().row()

    def set_current_row(self, row: int) -> None:
        """Make a row current, in the column that is current now."""
        column = max(self.currentIndex().column(), 0)
        self.selectionModel().setCurrentIndex(self.model().index(row, column), Select.NoUpdate)
        self.scrollTo(self.model().index(row, column))

    def selectionCommand(self, index: QModelIndex | QPersistentModelIndex, event: QEvent | None = None) -> Select:
        """Keep moving the current row apart from ticking rows."""
        del index, event
        return Select.NoUpdate

    # ---- ticked rows

    def ticked(self) -> RowRanges:
        """Return the ticked rows."""
        chosen = self.selectionModel().selection()
        return RowRanges([(chosen.at(place).top(), chosen.at(place).bottom()) for place in range(chosen.count())])

    def set_ticked(self, rows: RowRanges) -> None:
        """Tick exactly these rows."""
        chosen, model = QItemSelection(), self.model()
        for first, last in rows.ranges:
            chosen.select(model.index(first, 0), model.index(last, model.columnCount() - 1))
        self.selectionModel().select(chosen, Select.ClearAndSelect | Select.Rows)

    def _range(self, first: int, last: int) -> QItemSelection:
        model = self.model()
        return QItemSelection(model.index(min(first, last), 0), model.index(max(first, last), model.columnCount() - 1))

    def tick_all(self) -> None:
        """Tick every row there is, held as one range."""
        if self.model().rowCount():
            self.selectionModel().select(self._range(0, self.model().rowCount() - 1), Select.ClearAndSelect | Select.Rows)

    def clear_ticks(self) -> None:
        """Tick nothing."""
        self.selectionModel().clearSelection()

    def toggle_tick(self, row: int) -> None:
        """Tick a row, or no longer."""
        if self.tickable(row):
            self._anchor = row
            self.selectionModel().select(self._range(row, row), Select.Toggle | Select.Rows)

    def _side_ticked(self, row: int, with_shift: bool) -> None:  # noqa: FBT001 - a signal's argument
        if with_shift:
            self._extend(row)
        else:
            self.toggle_tick(row)

    def _extend(self, row: int) -> None:
        self.selectionModel().select(self._range(self._anchor, row), Select.ClearAndSelect | Select.Rows)
        self.set_current_row(row)

    def _all_clicked(self) -> None:
        if len(self.ticked()) == self.model().rowCount():
            self.clear_ticks()
        else:
            self.tick_all()

    def _ticks_changed(self) -> None:
        super()._ticks_changed()
        rows = self.ticked()
        if rows.ranges:
            self.clear_block()
        count, total = len(rows), self.model().rowCount()
        state = Qt.CheckState.Unchecked if not count else Qt.CheckState.Checked if count == total else Qt.CheckState.PartiallyChecked
        self._all.set_state(state)
        self.selection_changed.emit(rows)

    # ---- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Make a row current; with Shift or Ctrl tick rows."""
        position = event.position().toPoint()
        index, keys = self.indexAt(position), event.modifiers()
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            super().mousePressEvent(event)
            return
        look = self.row_look(index.row())
        if look is not None and look.fold is not None and index.column() == self.places()[0][0]:
            left = self.visualRect(index).x() + INDENT * look.level
            if left <= position.x() <= left + INDENT + 8:
                self.fold_requested.emit(index.row(), not look.fold)
                return
        if keys & Qt.KeyboardModifier.ShiftModifier:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self._extend(index.row())
            return
        super().mousePressEvent(event)
        if keys & Qt.KeyboardModifier.ControlModifier:
            self.toggle_tick(index.row())
        else:
            self._anchor = index.row()
            self._link = index if self.kind_of(index.column()) is Kind.LINK else QModelIndex()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Follow a link that was pressed and not drawn away from."""
        link, self._link = self._link, QModelIndex()
        super().mouseReleaseEvent(event)
        if link.isValid() and self.block() is None and self.indexAt(event.position().toPoint()) == link:
            self.link_clicked.emit(link.row(), link.column())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the row."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.activated.emit(index.row())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the row's menu, by mouse or by key."""
        index, at = self.indexAt(event.pos()), event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            at = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft())
        if index.isValid():
            self.setCurrentIndex(index)
            self.context_menu.emit(index.row(), index.column(), at)

    # ---- keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open, preview, tick, extend, copy and fold with the keyboard; everything else moves as in any table."""
        key, row = Qt.Key(event.key()), self.current_row()
        keys = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        plain, control = keys == Qt.KeyboardModifier.NoModifier, keys == Qt.KeyboardModifier.ControlModifier
        shift = keys == Qt.KeyboardModifier.ShiftModifier
        with_headers = keys == Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if plain and key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and row >= 0:
            self.activated.emit(row)
        elif plain and key == Qt.Key.Key_Space:
            self.preview_toggled.emit()
        elif control and key == Qt.Key.Key_Space and row >= 0:
            self.toggle_tick(row)
        elif control and key == Qt.Key.Key_A:
            self.tick_all()
        elif key == Qt.Key.Key_C and (control or with_headers):
            self.copy(headers=with_headers)
        elif shift and key in STEPS and row >= 0:
            self._grow(key, row)
        elif plain and key == Qt.Key.Key_Escape and (self.block() is not None or len(self.ticked())):
            self._let_go()
        elif not (plain and self._fold_key(key, row)):
            before = row
            super().keyPressEvent(event)
            if self.current_row() != before:
                self._anchor = max(self.current_row(), 0)

    def _grow(self, key: Qt.Key, row: int) -> None:
        """Take one more cell into the block, or one more row among the ticked ones."""
        if not self.extend_block(key):
            self._extend(max(0, min(row + STEPS[key][0], self.model().rowCount() - 1)))

    def _let_go(self) -> None:
        """Give up the block, or where none is marked the ticks."""
        if self.block() is not None:
            self.clear_block()
        else:
            self.clear_ticks()

    def _fold_key(self, key: Qt.Key, row: int) -> bool:
        look = self.row_look(row) if row >= 0 else None
        wanted = {Qt.Key.Key_Right: True, Qt.Key.Key_Left: False}.get(key)
        if look is None or wanted is None or look.fold is None or look.fold == wanted:
            return False
        self.fold_requested.emit(row, wanted)
        return True

    # ---- copying

    def copy(self, *, headers: bool = False, only: int | None = None) -> None:
        """Put the marked block, the ticked rows or the current cell on the clipboard with raw numbers and ISO dates; `only` takes one column of the rows."""
        rows, columns = self.ticked(), [column for column, _left, _width in self.places() if only in {None, column}]
        block = self.block() if only is None else None
        if block is not None:
            rows, columns = RowRanges([block[:2]]), block[2]
        elif not rows.ranges:
            if not self.currentIndex().isValid():
                return
            rows, columns = RowRanges([(self.current_row(), self.current_row())]), [self.currentIndex().column()]
        if len(rows) > COPY_LIMIT:
            self.copy_refused.emit(len(rows), COPY_LIMIT)
            return
        model = self.model()
        if any(model.data(model.index(row, columns[0]), Qt.ItemDataRole.DisplayRole) is LOADING for row in rows):
            self.copy_wanted.emit(rows, columns, headers)
            return
        from desktop_crm.ui.kit.blocks import put_block

        lines = [[self._raw(row, column) for column in columns] for row in rows]
        if headers:
            lines.insert(0, [model.headerData(column, Qt.Orientation.Horizontal) for column in columns])
        put_block(lines, [model.headerData(column, Qt.Orientation.Horizontal, CellRole.KIND) not in FIGURE_KINDS for column in columns])
        self.copied.emit(len(rows))

    def _raw(self, row: int, column: int) -> object:
        index = self.model().index(row, column)
        raw = self.model().data(index, CellRole.RAW)
        if raw is None:
            raw = self.model().data(index, Qt.ItemDataRole.DisplayRole)
        return "" if raw is LOADING else raw

    # ---- columns

    def set_sort(self, column: int, *, descending: bool) -> None:
        """Show by which column the rows are sorted; -1 for none."""
        self.header.sorted_column, self.header.descending = column, descending
        if column >= 0 and self.columnWidth(column) < self.header.heading_width(column):
            self.setColumnWidth(column, self.header.heading_width(column))
        self.header.viewport().update()

    def set_filtered(self, columns: set[int]) -> None:
        """Show the filter mark in these columns' headings."""
        self.header.filtered = set(columns)
        self.header.viewport().update()

    def _sort_by(self, column: int) -> None:
        again = column == self.header.sorted_column
        descending = not self.header.descending if again else self.kind_of(column) in RIGHT_KINDS
        self.sort_requested.emit(column, descending)

    def _key_of(self, column: int) -> str:
        return str(self.model().headerData(column, Qt.Orientation.Horizontal, CellRole.KEY) or column)

    def column_state(self) -> list[tuple[str, int, bool]]:
        """Return (key, width, hidden) of every column from the left, to be stored with a view."""
        head = self.header
        logical = [head.logicalIndex(visual) for visual in range(head.count())]
        return [(self._key_of(one), 0 if head.isSectionHidden(one) else head.sectionSize(one), head.isSectionHidden(one)) for one in logical]

    def restore_columns(self, state: list[tuple[str, int, bool]]) -> None:
        """Put the columns as they were stored; unknown ones are passed over, new ones stay at the end."""
        self._restoring = True
        keys = {self._key_of(column): column for column in range(self.model().columnCount())}
        known = [(keys[key], width, hidden) for key, width, hidden in state if key in keys]
        for place, (column, width, hidden) in enumerate(known):
            self.header.moveSection(self.header.visualIndex(column), place)
            self.header.setSectionHidden(column, hidden)
            if width:
                self.setColumnWidth(column, width)
        self._restoring = False
        self._columns_moved()

    def spread(self) -> None:
        """Give the width that is left over to the columns whose texts in view are cut short, each what it needs, from the left."""
        self._restoring = True
        spare = self.viewport().width() - self.header.length()
        for column, _left, width in self.places():
            if spare > 0 and self.kind_of(column) in SPREAD_KINDS:
                more = min(spare, self.needed_width(column) - width)
                if more > 0:
                    self.setColumnWidth(column, width + more)
                    spare -= more
        self._restoring = False

    def set_column_hidden(self, column: int, hidden: bool) -> None:  # noqa: FBT001 - as Qt's own setter
        """Hide a column or show it again; the last one shown stays."""
        if hidden and len(self.places()) == 1:
            return
        self.header.setSectionHidden(column, hidden)
        self._columns_moved()
        self._tell_columns()

    def _tell_columns(self) -> None:
        if not self._restoring:
            self.columns_changed.emit()

    def columns_menu(self) -> QMenu:
        """Return a menu that shows and hides columns."""
        menu = Menu(_("Columns"), self)
        for column in range(self.model().columnCount()):
            action = menu.addAction(str(self.model().headerData(column, Qt.Orientation.Horizontal) or ""))
            action.setCheckable(True)
            action.setChecked(not self.header.isSectionHidden(column))
            action.toggled.connect(partial(self._shown, column))
        return menu

    def _shown(self, column: int, shown: bool) -> None:  # noqa: FBT001 - a signal's argument
        self.set_column_hidden(column, not shown)

    def _header_menu(self, column: int, at: QPoint) -> None:
        menu = Menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if column >= 0:
            menu.addAction(_("Sort ascending"), lambda: self.sort_requested.emit(column, False))
            menu.addAction(_("Sort descending"), lambda: self.sort_requested.emit(column, True))
            menu.addSeparator()
            menu.addAction(_("Fit width"), lambda: self.fit_column(column))
            menu.addAction(_("Hide column"), lambda: self.set_column_hidden(column, hidden=True))
        menu.addMenu(self.columns_menu())
        menu.popup(at)

    def updateGeometries(self) -> None:
        """Keep the box that ticks all rows in the corner."""
        super().updateGeometries()
        if hasattr(self, "_all"):
            self._all.setGeometry(QRect(0, 0, self.side.width(), self.header.height()))
            self._all.raise_()
