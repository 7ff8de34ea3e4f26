"""A grid in which a block of cells is marked by dragging over it or with Shift and the arrow keys, to be copied as in a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter

from desktop_crm.ui.kit.grid import Grid
from desktop_crm.ui.kit.tokens import color

if TYPE_CHECKING:
    from PySide6.QtCore import QAbstractItemModel

VEIL: Final = 36
"""How much of the accent colour, of 255, lies over the cells of a block."""
STEPS: Final = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
Spot = tuple[int, int]
"""A row, and the place of a column among those shown, from the left."""


class BlockGrid(Grid):
    """A grid with at most one marked block; it goes with a click, with Esc, and where the rows or the columns move."""

    def __init__(self, *, name: str = "", label: str = "", frozen: int = 0, ticks: bool = False, row_height: int = 0) -> None:
        super().__init__(name=name, label=label, frozen=frozen, ticks=ticks, row_height=row_height)
        self._pressed: Spot | None = None
        self._block: tuple[Spot, Spot] | None = None
        self.header.sectionMoved.connect(self.clear_block)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show a model; the block goes with what it stood on."""
        super().setModel(model)
        self._block = None
        if model is not None:
            for moved in (model.modelReset, model.layoutChanged, model.rowsInserted, model.rowsRemoved):
                moved.connect(self.clear_block)

    def block(self) -> tuple[int, int, list[int]] | None:
        """Return the first and last row of the marked block and its columns from the left, None where no block is marked."""
        if self._block is None:
            return None
        (row, place), (other, end) = self._block
        shown = [column for column, _left, _width in self.places()]
        return min(row, other), max(row, other), shown[min(place, end) : max(place, end) + 1]

    def mark_block(self, first: Spot, last: Spot) -> None:
        """Mark the cells between two corners."""
        self._block = first, last
        self.viewport().update()

    def clear_block(self, *_moved: object) -> None:
        """Mark nothing."""
        if self._block is not None:
            self._block = None
            self.viewport().update()

    def extend_block(self, key: Qt.Key) -> bool:
        """Grow or shrink the block by one cell with Shift and an arrow key; upwards and downwards only where one is marked. Tells whether it did."""
        now = self.currentIndex()
        if key not in STEPS or not now.isValid() or (self._block is None and key in {Qt.Key.Key_Up, Qt.Key.Key_Down}):
            return False
        here = self._spot(now.row(), now.column())
        first, last = self._block or (here, here)
        down, right = STEPS[key]
        columns = [column for column, _left, _width in self.places()]
        end = max(0, min(last[0] + down, self.model().rowCount() - 1)), max(0, min(last[1] + right, len(columns) - 1))
        self.mark_block(first, end)
        self.scrollTo(self.model().index(end[0], columns[end[1]]))
        return True

    def _spot(self, row: int, column: int) -> Spot:
        return row, next((place for place, (one, _left, _width) in enumerate(self.places()) if one == column), 0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin anew where a button is pressed; the menu of a block leaves it marked."""
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton:
            self.clear_block()
            self._pressed = self._spot(index.row(), index.column()) if index.isValid() else None
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the cells the pointer is drawn over."""
        super().mouseMoveEvent(event)
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        index = self.indexAt(event.position().toPoint())
        end = self._spot(index.row(), index.column()) if index.isValid() else self._pressed
        if end != self._pressed or self._block is not None:
            self.mark_block(self._pressed, end)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drawing."""
        super().mouseReleaseEvent(event)
        self._pressed = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move as any table does; a block is left behind by it."""
        before = self.currentIndex()
        super().keyPressEvent(event)
        if self.currentIndex() != before:
            self.clear_block()

    def paint_one(self, painter: QPainter, rect: QRect, row: int, column: int) -> None:
        """Draw one cell, and over a marked one the block's veil and its edge."""
        super().paint_one(painter, rect, row, column)
        block = self.block()
        if block is None or not block[0] <= row <= block[1] or column not in block[2]:
            return
        accent = color("accent")
        painter.fillRect(rect, QColor(accent.red(), accent.green(), accent.blue(), VEIL))
        edges = (
            (row == block[0], QRect(rect.x(), rect.y(), rect.width(), 1)), (row == block[1], QRect(rect.x(), rect.bottom(), rect.width(), 1)),
            (column == block[2][0], QRect(rect.x(), rect.y(), 1, rect.height())), (column == block[2][-1], QRect(rect.right(), rect.y(), 1, rect.height())),
        )  # fmt: skip
        for outer, line in edges:
            if outer:
                painter.fillRect(line, accent)
