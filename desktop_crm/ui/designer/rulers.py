"""Rulers in millimetres along the canvas, with the selection marked; dragging out of one makes a guide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.fonts import font
from desktop_crm.ui.kit.tokens import color, theme, theme_notifier

if TYPE_CHECKING:
    from collections.abc import Sequence

THICK: Final = 22
WIDE: Final = 30
CLOSE: Final = 2.6
"""Logical pixels a millimetre needs for each to have its tick."""
NUMBER_ROOM: Final = 26


class Ruler(QWidget):
    """One ruler; `upright` is the one at the left. Signals: `pulled(spot, done)` in mm while a guide is dragged out of it."""

    pulled = Signal(float, bool)

    def __init__(self, *, upright: bool) -> None:
        super().__init__()
        self._upright = upright
        self._origin, self._scale = 0.0, 4.0
        self._sheets: Sequence[tuple[float, float]] = ((0.0, 210.0),)
        self._marked: tuple[float, float] | None = None
        self._here: float | None = None
        self.setObjectName("designer.ruler.left" if upright else "designer.ruler.top")
        self.setAccessibleName(_("Ruler in millimetres"))
        self.setToolTip(_("Drag a guide out of the ruler"))
        self.setCursor(Qt.CursorShape.SplitHCursor if upright else Qt.CursorShape.SplitVCursor)
        if upright:
            self.setFixedWidth(theme().px(WIDE))
            self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        else:
            self.setFixedHeight(theme().px(THICK))
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_notifier().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Take the canvas's length."""
        return QSize(THICK, THICK)

    def show_range(self, origin: float, scale: float, sheets: Sequence[tuple[float, float]]) -> None:
        """Show where 0 is in logical pixels, how many of them a millimetre is, and the sheets as (start, length) in mm of the scene."""
        self._origin, self._scale, self._sheets = origin, scale, sheets
        self.update()

    def mark(self, start: float | None, end: float = 0.0) -> None:
        """Mark what is selected, in mm of the scene."""
        self._marked = None if start is None else (start, end)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the marked stretch, the ticks and the numbers."""
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("sunken"))
        long, thick = (self.height(), self.width()) if self._upright else (self.width(), self.height())
        if self._marked is not None:
            start, end = (self._origin + one * self._scale for one in self._marked)
            painter.fillRect(self._rect(start, max(1.0, end - start), 0, thick), color("selected"))
        painter.setFont(font("caption"))
        for top, length in self._sheets:
            self._draw_sheet(painter, top, length, long, thick)
        painter.setPen(QPen(color("line"), 1))
        painter.drawLine(*((QPointF(thick - 0.5, 0), QPointF(thick - 0.5, long)) if self._upright else (QPointF(0, thick - 0.5), QPointF(long, thick - 0.5))))

    def _rect(self, start: float, length: float, across: float, thick: float) -> QRectF:
        return QRectF(across, start, thick, length) if self._upright else QRectF(start, across, length, thick)

    def _draw_sheet(self, painter: QPainter, top: float, length: float, long: float, thick: float) -> None:
        step = 1 if self._scale >= CLOSE else 5
        numbers = next(one for one in (10, 20, 50, 100, 1000) if one * self._scale >= NUMBER_ROOM)
        first = max(0, int((-self._origin / self._scale - top) // step * step))
        for mm in range(first, int(length) + 1, step):
            spot = self._origin + (top + mm) * self._scale
            if spot > long:
                break
            size = 8 if mm % 10 == 0 else 5 if mm % 5 == 0 else 3
            painter.setPen(QPen(color("text3" if mm % 10 == 0 else "edge"), 1))
            where = round(spot) + 0.5
            painter.drawLine(*((QPointF(thick - size, where), QPointF(thick, where)) if self._upright else (QPointF(where, thick - size), QPointF(where, thick))))
            if mm % numbers == 0:
                painter.setPen(color("text2"))
                if self._upright:
                    painter.drawText(QRectF(0, spot - 7, thick - 6, 14), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(mm))
                else:
                    painter.drawText(QRectF(spot - 16, 0, 32, 13), Qt.AlignmentFlag.AlignCenter, str(mm))

    def _pull(self, event: QMouseEvent, *, done: bool) -> None:
        # A guide out of the left ruler is upright: it stands where the pointer is across.
        spot = self.mapToParent(event.position().toPoint())
        self.pulled.emit(float(spot.x() if self._upright else spot.y()), done)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a guide."""
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the guide under the pointer."""
        self._pull(event, done=False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Set the guide."""
        self._pull(event, done=True)
