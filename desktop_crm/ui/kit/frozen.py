"""A table view whose first columns stay in place while the others scroll: Qt's geometry, but for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect
from PySide6.QtWidgets import QAbstractItemView, QTableView

if TYPE_CHECKING:
    from desktop_crm.ui.kit.grid_columns import Columns, Place

Index = QModelIndex | QPersistentModelIndex


class FrozenTable(QTableView):
    """Knows where columns stand, `frozen` of them in place; what paints it gives it its `_columns` once there is a header."""

    _columns: Columns

    def __init__(self, frozen: int) -> None:
        super().__init__()
        self._frozen = frozen

    def places(self) -> list[Place]:
        """Return (column, left, width) of every shown column from the left, as it is scrolled now."""
        return self._columns.places()

    def frozen_places(self) -> list[Place]:
        """Return (column, left, width) of the columns that stay in place."""
        return self._columns.frozen_places(self._frozen)

    def indexAt(self, pos: QPoint) -> QModelIndex:
        """Return the cell at a point of the viewport."""
        if self._columns.scrolled():
            for column, left, width in self.frozen_places():
                if left <= pos.x() < left + width:
                    return self.model().index(self.rowAt(pos.y()), column)
        return super().indexAt(pos)

    def visualRect(self, index: Index) -> QRect:
        """Return where a cell is drawn."""
        rect = super().visualRect(index)
        if self._columns.scrolled():
            for column, left, width in self.frozen_places():
                if column == index.column():
                    return QRect(left, rect.y(), width, rect.height())
        return rect

    def scrollTo(self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible) -> None:
        """Bring a cell into view, beside the frozen columns and not under them."""
        bar = self.horizontalScrollBar()
        before, frozen = bar.value(), self.frozen_places()
        super().scrollTo(index, hint)
        if any(column == index.column() for column, _left, _width in frozen):
            bar.setValue(before)
            return
        hidden = sum(width for _column, _left, width in frozen) - super().visualRect(index).x()
        if frozen and hidden > 0:
            bar.setValue(max(0, bar.value() - hidden))
