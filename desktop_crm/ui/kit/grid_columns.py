"""The columns of a grid: how each is drawn, on which side, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from desktop_crm.ui.kit.cells import CellRole, Kind, alignment

if TYPE_CHECKING:
    from PySide6.QtCore import QAbstractItemModel
    from PySide6.QtWidgets import QHeaderView

Place = tuple[int, int, int]
"""A column or row, where it begins, and how wide or high it is."""


class Columns:
    """What a model's header data say of its columns, and the places the `head` gives them, kept until something moves."""

    def __init__(self, head: QHeaderView) -> None:
        self._head = head
        self.kinds: list[Kind] = []
        self.aligns: list[str] = []
        self._places: list[Place] | None = None

    def read(self, model: QAbstractItemModel) -> None:
        """Take over the columns of a model."""
        across = Qt.Orientation.Horizontal
        self.kinds = [Kind(model.headerData(column, across, CellRole.KIND) or Kind.TEXT) for column in range(model.columnCount())]
        self.aligns = [str(model.headerData(column, across, CellRole.ALIGN) or alignment(kind)) for column, kind in enumerate(self.kinds)]
        self.forget_places()

    def forget_places(self) -> None:
        """Ask the header anew the next time."""
        self._places = None

    def scrolled(self) -> bool:
        """Tell whether columns are scrolled to the left, under those that stay."""
        return self._head.offset() > 0

    def places(self) -> list[Place]:
        """Return (column, left, width) of every shown column from the left, as it is scrolled now."""
        if self._places is None:
            head, offset = self._head, self._head.offset()
            logical = (head.logicalIndex(visual) for visual in range(head.count()))
            self._places = [(one, head.sectionPosition(one) - offset, head.sectionSize(one)) for one in logical if not head.isSectionHidden(one)]
        return self._places

    def frozen_places(self, count: int) -> list[Place]:
        """Return (column, left, width) of the first `count` columns, which stay in place while the others scroll."""
        left, made = 0, []
        for column, _left, width in self.places()[:count]:
            made.append((column, left, width))
            left += width
        return made
