"""What lies over the paper: frames and handles of the selection, guides, the read-out while dragging, the edges of bands, marks at problems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from desktop_crm.base.i18n import _
from desktop_crm.ui.designer import ink
from desktop_crm.ui.designer.arrange import HANDLES, Handle
from desktop_crm.ui.designer.document import Box, is_band, is_column
from desktop_crm.ui.kit.fonts import font, text_width

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from desktop_crm.ui.designer.arrange import Guide
    from desktop_crm.ui.designer.sheets import Sheets

HANDLE: Final = 7
"""The side of a handle, in logical pixels."""
GRIP: Final = 12
"""How far the edges of bands reach beyond them at both sides, in logical pixels."""
REACH: Final = 6
"""How far from a handle or a border a click still means it, in logical pixels."""


def handle_spots(rect: QRectF) -> dict[Handle, QPointF]:
    """Return where the handles of a frame are; a frame without height or width has fewer."""
    across = {"w": rect.left(), "": rect.center().x(), "e": rect.right()}
    down = {"n": rect.top(), "": rect.center().y(), "s": rect.bottom()}
    found: dict[Handle, QPointF] = {}
    for handle in HANDLES:
        upright = handle[0] if handle[0] in "ns" else ""
        level = handle[-1] if handle[-1] in "we" else ""
        found[handle] = QPointF(across[level], down[upright])
    if rect.height() < HANDLE:
        return {key: found[key] for key in ("w", "e")}
    if rect.width() < HANDLE:
        return {key: found[key] for key in ("n", "s")}
    return found


class Overlay:
    """Paints over the canvas in logical pixels; `to_view` turns mm of the scene into them."""

    def __init__(self, to_view: Callable[[Box], QRectF]) -> None:
        self._to_view = to_view
        self.guides: Sequence[Guide] = ()
        self.own_guides: Sequence[Guide] = ()
        self.badge = ""
        self.feet: frozenset[str] = frozenset()
        self.band = ""
        self.rubber: Box | None = None
        self.drop: Box | None = None

    def paint(self, painter: QPainter, sheets: Sheets, boxes: Sequence[tuple[str, Sequence[Box]]], frame: Box | None, *, single: bool, locked: bool) -> None:
        """Draw everything; `boxes` are the selected paths with their rectangles, `frame` is around those that have handles."""
        del sheets
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_guides(painter)
        for path, found in boxes:
            for number, box in enumerate(found):
                self._draw_selected(painter, path, self._to_view(box), ghost=number > 0)
        if frame is not None:
            rect = self._to_view(frame)
            if not single:
                painter.setPen(QPen(ink.ACCENT, 1, Qt.PenStyle.DashLine))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(rect)
            self._draw_handles(painter, rect, locked=locked)
            if self.badge:
                self._draw_badge(painter, rect)
        if self.rubber is not None:
            painter.setPen(QPen(ink.ACCENT, 1))
            painter.setBrush(ink.ACCENT_SOFT)
            painter.drawRect(self._to_view(self.rubber))
        if self.drop is not None:
            painter.setPen(QPen(ink.ACCENT, 2))
            painter.setBrush(ink.ACCENT_SOFT)
            painter.drawRect(self._to_view(self.drop))

    def _draw_guides(self, painter: QPainter) -> None:
        edge = painter.viewport()
        for colour, guides in ((ink.OWN_GUIDE, self.own_guides), (ink.GUIDE, self.guides)):
            painter.setPen(QPen(colour, 1.4 if colour is ink.GUIDE else 1.0))
            for guide in guides:
                spot = self._to_view(Box(guide.spot, guide.spot, 0, 0)).topLeft()
                if guide.upright:
                    painter.drawLine(QPointF(spot.x(), 0), QPointF(spot.x(), edge.height()))
                else:
                    painter.drawLine(QPointF(0, spot.y()), QPointF(edge.width(), spot.y()))

    def _draw_selected(self, painter: QPainter, path: str, rect: QRectF, *, ghost: bool) -> None:
        pen = QPen(ink.ACCENT, 1.0 if ghost else 1.6)
        if ghost or is_band(path):
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(ink.ACCENT_SOFT if is_column(path) else Qt.BrushStyle.NoBrush)
        painter.drawRect(rect)

    def _draw_handles(self, painter: QPainter, rect: QRectF, *, locked: bool) -> None:
        painter.setPen(QPen(ink.LOCKED if locked else ink.ACCENT, 1.5))
        painter.setBrush(ink.PAPER)
        for spot in handle_spots(rect).values():
            painter.drawRect(QRectF(spot.x() - HANDLE / 2, spot.y() - HANDLE / 2, HANDLE, HANDLE))

    def _draw_badge(self, painter: QPainter, rect: QRectF) -> None:
        width, height = text_width(self.badge, "small", True) + 18, 20
        x = max(4.0, min(rect.left(), painter.viewport().width() / max(1.0, painter.device().devicePixelRatio()) - width - 4))
        y = rect.top() - height - 8
        if y < 0:
            y = rect.bottom() + 8
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink.ACCENT)
        painter.drawRoundedRect(QRectF(x, y, width, height), 4, 4)
        painter.setPen(ink.ON_ACCENT)
        painter.setFont(font("small", True))
        painter.drawText(QRectF(x, y, width, height), Qt.AlignmentFlag.AlignCenter, self.badge)

    def draw_bands(self, painter: QPainter, bands: Sequence[tuple[str, str, Box]], current: str) -> None:
        """Draw the lower edges of the bands, with a grip and the band's name at the paper's left."""
        for path, label, box in bands:
            rect = self._to_view(box)
            on = path == current
            pen = QPen(ink.ACCENT if on else ink.BAND, 1.2 if on else 1.0, Qt.PenStyle.DotLine)
            painter.setPen(pen)
            y = rect.top() if path in self.feet else rect.bottom()
            painter.drawLine(QPointF(rect.left() - GRIP, y), QPointF(rect.right() + GRIP, y))
            painter.setBrush(pen.color())
            for x in (rect.left() - GRIP, rect.right() + GRIP):
                painter.drawEllipse(QPointF(x, y), 2.5, 2.5)
            if on or path == self.band:
                self._draw_tab(painter, rect, label, on=on)

    def _draw_tab(self, painter: QPainter, rect: QRectF, label: str, *, on: bool) -> None:
        tab = tab_rect(rect, label)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink.ACCENT if on else ink.BAND)
        painter.drawRoundedRect(tab, 3, 3)
        painter.setPen(ink.ON_ACCENT)
        painter.setFont(font("caption", True))
        painter.drawText(tab, Qt.AlignmentFlag.AlignCenter, label)


def tab_rect(rect: QRectF, label: str) -> QRectF:
    """Return where the name of a band stands: at its right end, hanging from its upper edge, over the margin."""
    width = text_width(label, "caption", True) + 12
    return QRectF(rect.right() - width + 16, rect.top() - 8, width, 16)


def read_out(box: Box) -> str:
    """Return a rectangle in words, such as ``X 35.0  Y 25.5 · 82.0 × 6.0 mm``."""
    return _("X {x}  Y {y} · {width} × {height} mm").format(x=f"{box.x:.1f}", y=f"{box.y:.1f}", width=f"{box.width:.1f}", height=f"{box.height:.1f}")
