"""The totals under a table, each under its column."""


from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop_crm.ui.kit.cells import PAD
from desktop_crm.ui.kit.fonts import text_width
from desktop_crm.ui.kit.paint import put, smooth
from desktop_crm.ui.kit.tokens import color, theme, theme_notifier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop_crm.ui.kit.grid import Grid


class SumRow(QWidget):
    """Totals aligned with the columns of `grid`; they belong to all rows that match, not to those loaded."""

    def __init__(self, grid: Grid, *, name: str = "") -> None:
        super().__init__()
        self.grid = grid
        self._label = ""
        self._values: dict[int, tuple[str, str]] = {}
        self.setObjectName(name)
        grid.header.sectionResized.connect(self.update)
        grid.header.sectionMoved.connect(self.update)
        grid.horizontalScrollBar().valueChanged.connect(self.update)
        theme_notifier().changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        self.setFixedHeight(theme().px(32))

    def set_values(self, label: str, values: Mapping[int, str | tuple[str, str]]) -> None:
        """Show a label under the first column and totals by column, as text or (text, role); columns grow to hold them."""
        self._label = label
        self._values = {column: value if isinstance(value, tuple) else (value, "text") for column, value in values.items()}
        for column, (text, _role) in self._values.items():
            need = text_width(text, "body", True) + 2 * PAD
            if self.grid.columnWidth(column) < need and not self.grid.isColumnHidden(column):
                self.grid.setColumnWidth(column, need)
        self.setAccessibleName(" ".join([label, *(text for text, _role in self._values.values())]))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the totals, the frozen columns' over the others'."""
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("sunken"))
        painter.fillRect(QRect(0, 0, self.width(), 1), color("border"))
        side = self.grid.side.width() if self.grid.side.isVisible() else 0
        frozen = self.grid.frozen_places() if self.grid.header.offset() > 0 else []
        covered = sum(width for _column, _left, width in frozen)
        smooth(painter)
        painter.setClipRect(QRect(side + covered, 0, self.width(), self.height()))
        self._paint(painter, self.grid.places(), side, side + covered)
        if frozen:
            painter.setClipRect(QRect(side, 0, covered, self.height()))
            painter.fillRect(QRect(side, 1, covered, self.height()), color("sunken"))
            self._paint(painter, frozen, side, side)

    def _paint(self, painter: QPainter, places: list[tuple[int, int, int]], side: int, covered_to: int) -> None:
        for number, (column, left, width) in enumerate(places):
            rect = QRect(side + left + PAD, 0, width - 2 * PAD, self.height())
            if column in self._values:
                text, role = self._values[column]
                # A total is whole or an ellipsis, as the figures above it are.
                rect.setRight(min(rect.right(), side + self.grid.viewport().width() - PAD - 1))
                rect.setLeft(max(rect.left(), covered_to + PAD))
                if text_width(text, "body", True) > rect.width():
                    text = "…"
                put(painter, rect, text, bold=True, role=role, align=self.grid.align_of(column), elide=False)
            elif number == 0 and self._label:
                # The label may run on into columns that have no total.
                free = next((place[1] for place in places[1:] if place[0] in self._values), left + width)
                put(painter, QRect(rect.x(), 0, max(rect.width(), free - left - 2 * PAD), rect.height()), self._label, bold=True)
