"""The grid tables stand on: a table view that paints whole rows itself, keeps its first columns in place and never asks for rows out of view.

Qt would call a delegate for every cell; one paint event that walks the rows in view is several times faster in Python, and lets frozen
columns be drawn over the scrolled ones without a second view.
"""


from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QRect, Qt
from PySide6.QtGui import QFocusEvent, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QToolTip

from desktop_crm.ui.kit.cell_model import CellModel
from desktop_crm.ui.kit.cells import (
    GROWING_KINDS,
    LOADING,
    PAD,
    VALUE_KINDS,
    Cell,
    CellRole,
    Kind,
    RowLook,
    in_sight,
    paint_cell,
    paint_fold,
    width_needed,
)
from desktop_crm.ui.kit.frozen import FrozenTable
from desktop_crm.ui.kit.grid_columns import Columns, Place
from desktop_crm.ui.kit.grid_header import Corner, GridHeader, TickHeader
from desktop_crm.ui.kit.layouts import own_bars, own_viewport
from desktop_crm.ui.kit.paint import frame, put, ring, smooth
from desktop_crm.ui.kit.popup import later
from desktop_crm.ui.kit.tokens import color, theme, theme_notifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QResizeEvent

INDENT = 18


class Grid(FrozenTable):
    """A painted table over any QAbstractTableModel that answers the roles of `cells.CellRole`."""

    def __init__(self, *, name: str = "", label: str = "", frozen: int = 0, ticks: bool = False, numbered: bool = False, row_height: int = 0) -> None:
        super().__init__(frozen)
        own_viewport(self)
        own_bars(self)
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.hover_row = -1
        self._ticks, self._own_height = ticks, row_height
        self._ready: CellModel | None = None
        self._needs: dict[int, int] = {}
        self._sight = (0, 0)
        self.header = GridHeader(self)
        self._columns = Columns(self.header)
        self.setHorizontalHeader(self.header)
        self.side = TickHeader(self, numbered=numbered)
        self.setVerticalHeader(self.side)
        self.side.setVisible(ticks or numbered)
        self.setCornerButtonEnabled(False)
        self.corner = Corner(self, "#" if numbered else "")
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.header.sectionResized.connect(self._columns_moved)
        self.header.sectionMoved.connect(self._columns_moved)
        self.header.sectionHandleDoubleClicked.connect(self.fit_column)
        self.horizontalScrollBar().valueChanged.connect(self._scrolled_sideways)
        self._sizes: tuple[int, str] | None = None
        theme_notifier().changed.connect(self._dress)
        self._dress()

    # ---- what the columns are

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show a model; column kinds and widths are read from its header data."""
        super().setModel(model)
        self._ready = model if isinstance(model, CellModel) else None
        if model is None:
            return
        model.modelReset.connect(self._read_columns)
        model.columnsInserted.connect(self._read_columns)
        model.columnsRemoved.connect(self._read_columns)
        model.headerDataChanged.connect(self._read_columns)
        self.selectionModel().currentChanged.connect(self._current_moved)
        self.selectionModel().selectionChanged.connect(self._ticks_changed)
        self._read_columns()
        self.set_widths()

    def _read_columns(self) -> None:
        self._columns.read(self.model())
        self.update_all()

    def set_widths(self) -> None:
        """Give every column the width its model asks for, or its heading's."""
        for column in range(self.model().columnCount()):
            width = self.model().headerData(column, Qt.Orientation.Horizontal, CellRole.WIDTH)
            self.setColumnWidth(column, max(theme().px(int(width or 0)), self.header.heading_width(column)))

    def kind_of(self, column: int) -> Kind:
        """Return how a column is drawn."""
        return self._columns.kinds[column]

    def align_of(self, column: int) -> str:
        """Return the side a column stands on."""
        return self._columns.aligns[column] if column < len(self._columns.aligns) else "left"

    def _dress(self) -> None:
        if self._sizes == theme().sizes:
            self.update_all()
            return
        self._sizes = theme().sizes
        height = theme().px(self._own_height) if self._own_height else theme().row_height
        self.side.setDefaultSectionSize(height)
        self.updateGeometries()
        self.header.setFixedHeight(theme().px(32))
        if self.model() is not None:
            self.set_widths()
        self.update_all()

    def update_all(self) -> None:
        """Repaint cells and headers."""
        self.viewport().update()
        self.header.viewport().update()
        self.side.viewport().update()

    def _columns_moved(self) -> None:
        self._columns.forget_places()
        self.update_all()

    def _scrolled_sideways(self) -> None:
        self._columns.forget_places()
        if self._frozen:
            self.update_all()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Measure the columns again."""
        super().resizeEvent(event)
        self._columns.forget_places()

    def updateGeometries(self) -> None:
        """Keep the corner where the headers meet."""
        super().updateGeometries()
        if hasattr(self, "corner"):
            self.corner.setVisible(not self.side.isHidden())
            self.corner.setGeometry(QRect(0, 0, self.side.width(), self.header.height()))
            self.corner.raise_()

    def set_frozen(self, count: int) -> None:
        """Keep the first `count` columns in place while the others scroll."""
        self._frozen = count
        self.update_all()

    def needed_width(self, column: int) -> int:
        """Return the width a column's heading and its cells in view need, up to a limit."""
        width = self.header.heading_width(column)
        for row, _top, _height in self.rows_in(0, self.viewport().height()):
            width = max(width, width_needed(self.cell(row, column)) + self._indent(row, column))
        return min(width + 2, 480)

    def fit_column(self, column: int) -> None:
        """Make a column as wide as its heading and its cells in view need."""
        self.setColumnWidth(column, self.needed_width(column))

    # ---- rows

    def rows_in(self, top: int, bottom: int) -> Iterator[Place]:
        """Yield (row, top, height) of the rows between two heights of the viewport."""
        height, offset = self.side.defaultSectionSize(), self.verticalOffset()
        if self.model() is None or height <= 0:
            return
        last = min((bottom + offset) // height, self.model().rowCount() - 1)
        for row in range(max(0, (top + offset) // height), last + 1):
            yield row, row * height - offset, height

    def row_title(self, row: int) -> str:
        """Return what stands left of a numbered row."""
        return str(row + 1)

    def row_look(self, row: int) -> RowLook | None:
        """Return what sets a row apart, if anything."""
        look = self._ready.look(row) if self._ready is not None else self.model().data(self.model().index(row, 0), CellRole.ROW)
        return look if isinstance(look, RowLook) else None

    def tickable(self, row: int) -> bool:
        """Tell whether a row has a check box."""
        look = self.row_look(row)
        return look is None or (look.level == 0 and not look.group)

    def is_ticked(self, row: int) -> bool:
        """Tell whether a row is part of the selection."""
        return self.selectionModel().isRowSelected(row, QModelIndex())

    def set_hover(self, row: int) -> None:
        """Light up a row; only the two rows concerned are repainted."""
        if row == self.hover_row:
            return
        for one in (self.hover_row, row):
            if one >= 0:
                self._update_row(one)
        self.hover_row = row

    def _update_row(self, row: int) -> None:
        height = self.side.defaultSectionSize()
        top = row * height - self.verticalOffset()
        self.viewport().update(0, top, self.viewport().width(), height)
        self.side.viewport().update(0, top, self.side.width(), height)

    def _current_moved(self, current: QModelIndex, previous: QModelIndex) -> None:
        for index in (current, previous):
            if index.isValid():
                self._update_row(index.row())

    def _ticks_changed(self) -> None:
        self.update_all()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the row under the pointer."""
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        self.set_hover(index.row())
        link = index.isValid() and self.kind_of(index.column()) is Kind.LINK
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)

    def leaveEvent(self, event: QEvent) -> None:
        """Put the row's light out."""
        self.set_hover(-1)
        super().leaveEvent(event)

    # ---- painting

    def cell(self, row: int, column: int) -> Cell:
        """Read one cell from the model."""
        if self._ready is not None:
            shown = self._ready.shown(row, column)
            return Cell(self._columns.kinds[column], shown.text, shown.tone, shown.bold, shown.value, self._columns.aligns[column])
        model, kind = self.model(), self._columns.kinds[column]
        index = model.index(row, column)
        text = model.data(index, Qt.ItemDataRole.DisplayRole)
        if text is LOADING:
            return Cell(kind, LOADING, align=self._columns.aligns[column])
        value = model.data(index, CellRole.VALUE) if kind in VALUE_KINDS else None
        return Cell(kind, text, model.data(index, CellRole.TONE) or "", bool(model.data(index, CellRole.BOLD)), value, self._columns.aligns[column])

    def _indent(self, row: int, column: int) -> int:
        look = self.row_look(row) if self.places() and column == self.places()[0][0] else None
        return INDENT * look.level + (INDENT + 2 if look.fold is not None else 0) if look else 0

    def paint_ground(self, painter: QPainter, rect: QRect, row: int) -> None:
        """Fill a row's ground by its state, with the line under it and the bar of the current row at the table's left edge."""
        ticked, current = self.is_ticked(row), row == self.currentIndex().row()
        look = self.row_look(row)
        role = "selected" if ticked or current else look.ground if look else ""
        if row == self.hover_row:
            role = "selhover" if ticked or current else "hover"
        if role:
            painter.fillRect(rect, color(role))
        painter.fillRect(QRect(rect.x(), rect.bottom(), rect.width(), 1), color("line"))
        if current and rect.x() == 0 and (painter.device() is self.side.viewport() or self.side.isHidden()):
            painter.fillRect(QRect(0, rect.y(), 3, rect.height()), color("accent"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows in view: grounds first, then the scrolled cells, then the frozen ones over them."""
        painter = QPainter(self.viewport())
        area, width = event.rect(), self.viewport().width()
        painter.fillRect(area, color("surface"))
        if self.model() is None:
            return
        rows = list(self.rows_in(area.top(), area.bottom()))
        frozen = self.frozen_places() if self.header.offset() > 0 else []
        covered = sum(size for _column, _left, size in frozen)
        for row, top, height in rows:
            self.paint_ground(painter, QRect(0, top, width, height), row)
        shown = [place for place in self.places() if place[1] + place[2] > max(area.left(), covered) and place[1] <= area.right()]
        smooth(painter)
        if covered:
            painter.setClipRect(QRect(covered, 0, width, self.viewport().height()))
        self._sight = (covered, width)
        self._paint_cells(painter, rows, shown)
        if covered:
            self._sight = (0, width)
            painter.setClipping(False)
            self._paint_cells(painter, rows, frozen)
            painter.fillRect(QRect(covered - 1, area.top(), 1, area.height()), color("line"))
        if self._needs:
            later(self, self._widen)

    def _paint_cells(self, painter: QPainter, rows: list[Place], places: list[Place]) -> None:
        now, focused, first = self.currentIndex(), self.hasFocus(), self.places()[0][0] if self.places() else -1
        for row, top, height in rows:
            look = self.row_look(row)
            if look is not None and look.group:
                self.paint_group(painter, QRect(0, top, self.viewport().width(), height), row)
                continue
            for column, left, width in places:
                rect = QRect(left, top, width, height)
                content = rect
                if look is not None and column == first:
                    indent = INDENT * look.level
                    if look.fold is not None:
                        paint_fold(painter, left + 6 + indent, top + height / 2, opened=look.fold)
                        indent += INDENT + 2
                    content = rect.adjusted(indent, 0, 0, 0)
                self.paint_one(painter, content, row, column)
                if focused and row == now.row() and column == now.column():
                    ring(painter, rect.adjusted(1, 1, -1, -2))

    def paint_one(self, painter: QPainter, rect: QRect, row: int, column: int) -> None:
        """Draw one cell and note when its column is too narrow for a figure or a status."""
        cell = self.cell(row, column)
        if cell.kind in GROWING_KINDS and isinstance(cell.text, str) and (need := width_needed(cell)) > rect.width():
            self._needs[column] = max(self._needs.get(column, 0), need)
        if rect.right() >= self._sight[1] or rect.left() < self._sight[0]:
            cell, rect = in_sight(cell, rect, *self._sight)
        paint_cell(painter, rect, cell, row=row)
        if self._ready is None and self.model().data(self.model().index(row, column), CellRole.ERROR):
            frame(painter, rect.adjusted(1, 1, -1, -2), "dangerfill", 4, width=1.5)

    def paint_group(self, painter: QPainter, rect: QRect, row: int) -> None:
        """Draw a row that heads a group: one text over the whole width."""
        text = self.model().data(self.model().index(row, 0), Qt.ItemDataRole.DisplayRole)
        put(painter, rect.adjusted(PAD, 0, -PAD, -1), str(text), bold=True)

    def _widen(self) -> None:
        needs, self._needs = self._needs, {}
        for column, width in needs.items():
            self.setColumnWidth(column, max(width, self.columnWidth(column)))

    # ---- the rest

    def viewportEvent(self, event: QEvent) -> bool:
        """Show the whole text of a cell that was cut short."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self.indexAt(event.pos())
            tip = self.model().data(index, Qt.ItemDataRole.ToolTipRole) if index.isValid() else ""
            if index.isValid() and not tip:
                cell = self.cell(index.row(), index.column())
                room = self.visualRect(index).intersected(self.viewport().rect()).width() - self._indent(index.row(), index.column())
                tip = cell.text if isinstance(cell.text, str) and width_needed(cell) > room else ""
            QToolTip.showText(event.globalPos(), str(tip or ""), self.viewport())
            return True
        return super().viewportEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Search nothing while typing: Qt would ask the model for every row."""
        del search

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.model() is not None and self.model().rowCount() and self.places():
            self.setCurrentIndex(self.model().index(0, self.places()[0][0]))
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the mark away."""
        super().focusOutEvent(event)
        self.viewport().update()
