"""A sheet of paper on the canvas: its edges, holes and tear lines, the fields tinted, and the marks as they will be printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from desktop_crm.ui.designer import ink
from desktop_crm.ui.mark_painter import PagePainter

if TYPE_CHECKING:
    from desktop_crm.printing.marks import Page
    from desktop_crm.ui.designer.document import Box

HOLE_STEP: Final = 12.7
"""The feed holes of continuous paper stand half an inch apart."""
HOLE_EDGE: Final = 6.35
HOLE_RADIUS: Final = 2.0
STRIP: Final = 12.7


@dataclass(frozen=True)
class Look:
    """How sheets are shown: margins in mm (left, top, right, bottom), fields to tint, whether the paper has feed holes, tear lines at mm from the top, and a grid."""

    margins: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    holes: bool = False
    tears: tuple[float, ...] = ()
    grid: bool = False


class PaperItem(QGraphicsItem):
    """One sheet, in mm; what it shows is kept as a picture until it changes. A `joined` one hangs on the sheet before it."""

    def __init__(self, page: Page, look: Look, fields: tuple[Box, ...], *, last: bool, joined: bool = False) -> None:
        super().__init__()
        self._page, self._look, self._fields, self._last, self._joined = page, look, fields, last, joined
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def show_page(self, page: Page, look: Look, fields: tuple[Box, ...], *, last: bool) -> None:
        """Show another page; an equal one costs nothing."""
        if (page, look, fields, last) == (self._page, self._look, self._fields, self._last):
            return
        if (page.width, page.height) != (self._page.width, self._page.height):
            self.prepareGeometryChange()
        self._page, self._look, self._fields, self._last = page, look, fields, last
        self.update()

    def boundingRect(self) -> QRectF:
        """Return the sheet with its edge."""
        return QRectF(0, 0, self._page.width, self._page.height).adjusted(-0.3, -0.3, 0.3, 0.3)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the sheet."""
        del option, widget
        page = self._page
        sheet = QRectF(0, 0, page.width, page.height)
        painter.fillRect(sheet, ink.PAPER)
        if self._look.grid:
            self._draw_grid(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for box in self._fields:
            painter.fillRect(QRectF(box.x, box.y, box.width, box.height), ink.FIELD)
        PagePainter(painter, (1.0, 1.0), screen=True).paint_marks(page.marks)
        self._draw_edges(painter, sheet)

    def _draw_grid(self, painter: QPainter) -> None:
        pen = QPen(ink.GRID, 0)
        painter.setPen(pen)
        for step in range(5, int(self._page.width), 5):
            painter.drawLine(QPointF(step, 0), QPointF(step, self._page.height))
        for step in range(5, int(self._page.height), 5):
            painter.drawLine(QPointF(0, step), QPointF(self._page.width, step))

    def _draw_edges(self, painter: QPainter, sheet: QRectF) -> None:
        left, top, right, bottom = self._look.margins
        painter.setBrush(Qt.BrushStyle.NoBrush)
        dashed = QPen(ink.MARGIN, 0, Qt.PenStyle.DashLine)
        dashed.setDashPattern([5, 4])
        painter.setPen(dashed)
        if self._look.holes:
            for x in (STRIP, sheet.width() - STRIP):
                painter.drawLine(QPointF(x, 0), QPointF(x, sheet.height()))
            painter.setPen(QPen(ink.HOLE, 0))
            painter.setBrush(ink.HOLE_INSIDE)
            for number in range(int((sheet.height() - HOLE_EDGE) // HOLE_STEP) + 1):
                for x in (HOLE_EDGE, sheet.width() - HOLE_EDGE):
                    painter.drawEllipse(QPointF(x, HOLE_EDGE + number * HOLE_STEP), HOLE_RADIUS, HOLE_RADIUS)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            painter.drawRect(sheet.adjusted(left, top, -right, -bottom))
        tear = QPen(ink.TEAR, 0, Qt.PenStyle.DashLine)
        tear.setDashPattern([6, 4])
        painter.setPen(tear)
        for y in self._look.tears:
            painter.drawLine(QPointF(0, y), QPointF(sheet.width(), y))
        painter.setPen(QPen(ink.EDGE, 0))
        painter.drawLine(sheet.topLeft(), sheet.bottomLeft())
        painter.drawLine(sheet.topRight(), sheet.bottomRight())
        if not self._joined:
            painter.drawLine(sheet.topLeft(), sheet.topRight())
        painter.setPen(tear if self._look.holes and not self._last else QPen(ink.EDGE, 0))
        painter.drawLine(sheet.bottomLeft(), sheet.bottomRight())
