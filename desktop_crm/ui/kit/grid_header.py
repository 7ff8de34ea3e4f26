"""The headers of a grid: headings with sort arrow and filter mark, and the tick column on the left."""


from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from desktop_crm.ui.kit.cells import PAD, CellRole
from desktop_crm.ui.kit.fonts import text_width
from desktop_crm.ui.kit.icons import pixmap
from desktop_crm.ui.kit.layouts import own_viewport
from desktop_crm.ui.kit.paint import CENTRE, RIGHT, put, put_tick, smooth
from desktop_crm.ui.kit.tokens import color, theme

if TYPE_CHECKING:
    from desktop_crm.ui.kit.grid import Grid

MARK = 16


class GridHeader(QHeaderView):
    """Headings. Signals: `pressed_for_sort(column)`, `menu_wanted(column, global position)`."""

    pressed_for_sort = Signal(int)
    menu_wanted = Signal(int, object)

    def __init__(self, grid: Grid) -> None:
        super().__init__(Qt.Orientation.Horizontal, grid)
        own_viewport(self)
        self.grid = grid
        self.sorted_column, self.descending = -1, False
        self.filtered: set[int] = set()
        self.setSectionsMovable(True)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(28)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda at: self.menu_wanted.emit(self.column_at(at.x()), self.mapToGlobal(at)))
        self.sectionClicked.connect(self.pressed_for_sort)

    def sizeHint(self) -> QSize:
        """Keep the header's own height."""
        return QSize(super().sizeHint().width(), theme().px(32))

    def column_at(self, x: int) -> int:
        """Return the column under `x`, frozen columns included; -1 beyond the last."""
        for column, left, width in self.grid.frozen_places():
            if left <= x < left + width:
                return column
        return self.logicalIndexAt(x)

    def heading_width(self, column: int) -> int:
        """Return the width a heading needs with its marks, in logical pixels."""
        width = text_width(self._title(column), "small", True) + 2 * PAD
        return width + MARK * ((column == self.sorted_column) + (column in self.filtered)) + (8 if self._required(column) else 0)

    def _title(self, column: int) -> str:
        return str(self.model().headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole) or "")

    def _required(self, column: int) -> bool:
        return bool(self.model().headerData(column, Qt.Orientation.Horizontal, CellRole.REQUIRED))

    def _on_frozen(self, event: QMouseEvent) -> int:
        if self.offset() > 0:
            for column, left, width in self.grid.frozen_places():
                if left <= event.position().x() < left + width:
                    return column
        return -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep presses on frozen headings away from the columns scrolled under them."""
        if self._on_frozen(event) < 0:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Sort by a frozen heading."""
        column = self._on_frozen(event)
        if column < 0:
            super().mouseReleaseEvent(event)
        elif event.button() == Qt.MouseButton.LeftButton:
            self.pressed_for_sort.emit(column)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground, the headings in view and the frozen ones over them."""
        painter = QPainter(self.viewport())
        area = event.rect()
        painter.fillRect(area, color("sunken"))
        frozen = self.grid.frozen_places() if self.offset() > 0 else []
        covered = sum(width for _column, _left, width in frozen)
        height = self.height()
        painter.setClipRect(QRect(covered, 0, self.width(), height))
        smooth(painter)
        for column, left, width in self.grid.places():
            if left + width > max(area.left(), covered) and left <= area.right():
                self._heading(painter, QRect(left, 0, min(width, self.viewport().width() - left), height), column)
        painter.setClipping(False)
        for column, left, width in frozen:
            painter.fillRect(QRect(left, 0, width, height), color("sunken"))
            self._heading(painter, QRect(left, 0, width, height), column)
        painter.fillRect(QRect(area.left(), height - 1, area.width(), 1), color("border"))
        if covered:
            painter.fillRect(QRect(covered - 1, 0, 1, height), color("border"))

    def _heading(self, painter: QPainter, rect: QRect, column: int) -> None:
        title, on = self._title(column), column == self.sorted_column
        align = self.grid.align_of(column)
        marks = [("arrow-down" if self.descending else "arrow-up")] if on else []
        if column in self.filtered:
            marks.append("list-filter")
        required = self._required(column)
        room = rect.width() - 2 * PAD - MARK * len(marks) - (8 if required else 0)
        width = min(text_width(title, "small", on), room)
        total = width + MARK * len(marks) + (8 if required else 0)
        left = rect.x() + PAD
        if align == RIGHT:
            left = rect.right() + 1 - PAD - total
        elif align == CENTRE:
            left = rect.x() + (rect.width() - total) // 2
        put(painter, QRect(left, 0, max(room, 4), rect.height()), title, style="small", bold=on, role="text" if on else "text2")
        left += width
        if required:
            put(painter, QRect(left + 3, 0, 8, rect.height()), "*", style="small", role="danger", elide=False)
            left += 8
        for mark in marks:
            painter.drawPixmap(QPointF(left + 3, round(rect.height() / 2 - 6.5)), pixmap(mark, "accent", 13))
            left += MARK


class Corner(QWidget):
    """What stands where the two headers meet."""

    def __init__(self, grid: Grid, text: str = "") -> None:
        super().__init__(grid)
        self._text = text

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the header's ground and line."""
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("sunken"))
        painter.fillRect(QRect(0, self.height() - 1, self.width(), 1), color("border"))
        put(painter, self.rect(), self._text, style="small", role="text2", align=CENTRE)


class TickHeader(QHeaderView):
    """The column left of the cells: check boxes, or line numbers where `numbered`. Signal: `ticked(row, with_shift)`."""

    ticked = Signal(int, bool)

    def __init__(self, grid: Grid, *, numbered: bool = False) -> None:
        super().__init__(Qt.Orientation.Vertical, grid)
        own_viewport(self)
        self.grid, self.numbered = grid, numbered
        self.beside = 0
        self.setSectionsClickable(False)
        self.setHighlightSections(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        # Set once and low: raising it later makes Qt resize the rows one by one.
        self.setMinimumSectionSize(1)
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        """Keep one width, with what is kept free for a button `beside` the number."""
        return QSize(theme().px(34) + theme().px(self.beside), 0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tick the row, or make it current where rows are numbered."""
        row = self.logicalIndexAt(event.position().toPoint())
        if row >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.grid.setFocus(Qt.FocusReason.MouseFocusReason)
            self.ticked.emit(row, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the row under the pointer."""
        self.grid.set_hover(self.logicalIndexAt(event.position().toPoint()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take a double click as two clicks."""
        self.mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Put the row's light out."""
        self.grid.set_hover(-1)
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the boxes or numbers of the rows in view."""
        painter = QPainter(self.viewport())
        area, width = event.rect(), self.width()
        painter.fillRect(area, color("surface"))
        for row, top, height in self.grid.rows_in(area.top(), area.bottom()):
            self.grid.paint_ground(painter, QRect(0, top, width, height), row)
            smooth(painter)
            if self.numbered:
                text = self.grid.row_title(row)
                put(painter, QRect(0, top, width - theme().px(self.beside), height - 1), text, role="text3", align=CENTRE)
            elif self.grid.tickable(row):
                state = Qt.CheckState.Checked if self.grid.is_ticked(row) else Qt.CheckState.Unchecked
                put_tick(painter, QRectF(0, top, width, height - 1), state, hover=row == self.grid.hover_row)
            smooth(painter, on=False)
