"""What a press on the paper begins: selecting, or one of the drags; moves and releases go to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, Qt

from desktop_crm.ui.designer import arrange
from desktop_crm.ui.designer.document import Box, get, is_column, is_element, parent
from desktop_crm.ui.designer.drags import BandEdge, Border, ColumnMove, Drag, GuideMove, Move, Resize, Rubber
from desktop_crm.ui.designer.overlay import GRIP, REACH, handle_spots, tab_rect

if TYPE_CHECKING:
    from desktop_crm.ui.designer.arrange import Guide, Handle
    from desktop_crm.ui.designer.canvas import Canvas
    from desktop_crm.ui.designer.document import Doc

BEGIN: Final = 3
"""Logical pixels a hand moves before a press becomes a drag."""
NEAR_GUIDE: Final = 3
CURSORS: Final[dict[str, Qt.CursorShape]] = {
    "nw": Qt.CursorShape.SizeFDiagCursor, "se": Qt.CursorShape.SizeFDiagCursor, "ne": Qt.CursorShape.SizeBDiagCursor, "sw": Qt.CursorShape.SizeBDiagCursor,
    "n": Qt.CursorShape.SizeVerCursor, "s": Qt.CursorShape.SizeVerCursor, "e": Qt.CursorShape.SizeHorCursor, "w": Qt.CursorShape.SizeHorCursor,
}  # fmt: skip


class Gestures:
    """Turns presses, moves and releases into drags. `snap` says whether edges snap; Alt turns it round for a moment."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.snap = True
        self._drag: Drag | None = None
        self._start: QPointF | None = None
        self._moving = False
        self._release_selects = ""

    @property
    def dragging(self) -> bool:
        """Whether something is being dragged."""
        return self._drag is not None and self._moving

    # ---- what is where

    def _handle(self, spot: QPointF) -> Handle | None:
        frame = self.canvas.frame()
        design = self.canvas.design
        if frame is None or not arrange.free(design.doc, design.selected):
            return None
        for handle, place in handle_spots(self.canvas.to_view(frame)).items():
            if abs(place.x() - spot.x()) <= REACH and abs(place.y() - spot.y()) <= REACH:
                return handle
        return None

    def _border(self, spot: QPointF) -> str:
        """Return the column whose right border is under the pointer; tables inside a band must be selected for that."""
        x, y = self.canvas.to_scene(spot)
        room = REACH / max(self.canvas.to_view(Box(0, 0, 1, 1)).width(), 0.1)
        for path, found in self.canvas.sheets.frames.items():
            if not is_column(path) or not self._open(path):
                continue
            for one in found:
                box = self.canvas.sheets.scene_box(one)
                if abs(box.right - x) <= room and box.y <= y <= box.bottom:
                    return path
        return ""

    def _open(self, column: str) -> bool:
        """Tell whether the columns of a table can be reached: always for the lines, else once the table is selected."""
        table = parent(parent(column))
        return not is_element(table) or any(path == table or path.startswith(f"{table}/") for path in self.canvas.design.selected)

    def _band(self, spot: QPointF) -> tuple[str, bool] | None:
        """Return the band whose edge is under the pointer, and whether that is its upper one."""
        for path, _label, box in self.canvas.band_boxes():
            upper = stands_at_foot(self.canvas.design.doc, path)
            rect = self.canvas.to_view(box)
            edge = rect.top() if upper else rect.bottom()
            if abs(edge - spot.y()) <= REACH and rect.left() - GRIP <= spot.x() <= rect.right() + GRIP:
                return path, upper
        return None

    def _grip(self, spot: QPointF) -> bool:
        """Tell whether the pointer is beside the bands, where their edges can be taken whatever stands on them."""
        return any(not rect.left() <= spot.x() <= rect.right() for _path, _label, box in self.canvas.band_boxes() if (rect := self.canvas.to_view(box)))

    def _guide(self, spot: QPointF) -> tuple[int, Guide] | None:
        """Return the user's guide under the pointer, with its place in the document."""
        for place, guide in self.canvas.own_guides():
            view = self.canvas.to_view(Box(guide.spot, guide.spot, 0, 0)).topLeft()
            if abs((view.x() - spot.x()) if guide.upright else (view.y() - spot.y())) <= NEAR_GUIDE:
                return place, guide
        return None

    def _tab(self, spot: QPointF) -> str:
        shown = (self.canvas.overlay.band, *self.canvas.design.selected)
        return next((path for path, label, box in self.canvas.band_boxes() if path in shown and tab_rect(self.canvas.to_view(box), label).contains(spot)), "")

    # ---- the hand

    def press(self, spot: QPointF, keys: Qt.KeyboardModifier) -> None:
        """Find out what a press begins."""
        canvas, design = self.canvas, self.canvas.design
        self._start, self._moving, self._release_selects = spot, False, ""
        more = bool(keys & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier))
        x, y = canvas.to_scene(spot)
        handle = self._handle(spot)
        if handle is not None and not more:
            self._drag = Resize(canvas, handle)
            return
        tab = self._tab(spot)
        if tab:
            design.select([tab])
            self._drag = None
            return
        guide = self._guide(spot)
        if guide is not None and not more:
            self._drag = GuideMove(canvas, *guide)
            return
        edge = self._band(spot)
        if edge is not None and self._grip(spot) and not more:
            self._take_edge(*edge)
            return
        border = self._border(spot)
        if border and not more:
            self._drag = Border(canvas, border)
            return
        path = canvas.top_element(x, y, 0.3)
        column = canvas.sheets.column_at(x, y)
        if path and not (column.startswith(f"{path}/") and self._open(column) and path in design.selected):
            self._press_element(path, more=more)
            return
        if edge is not None and not more:
            self._take_edge(*edge)
            return
        if column and not more:
            design.select([column])
            self._drag = ColumnMove(canvas, column, x, y)
            return
        if not more:
            design.select([])
        self._drag = Rubber(canvas, x, y, more=more)

    def _take_edge(self, band: str, upper: bool) -> None:  # noqa: FBT001 - as found
        self._drag = BandEdge(self.canvas, band, upper=upper)
        self._release_selects = band

    def _press_element(self, path: str, *, more: bool) -> None:
        design = self.canvas.design
        if more:
            design.toggle(path)
        elif path not in design.selected:
            design.select([path])
        else:
            self._release_selects = path
        self._drag = Move(self.canvas) if path in design.selected and arrange.free(design.doc, [path]) else None

    def move(self, spot: QPointF, keys: Qt.KeyboardModifier) -> None:
        """Drag, or show what a press would begin."""
        if self._start is None:
            self._hover(spot)
            return
        if self._drag is None:
            return
        away = spot - self._start
        if not self._moving and abs(away.x()) < BEGIN and abs(away.y()) < BEGIN:
            return
        self._moving = True
        start, now = self.canvas.to_scene(self._start), self.canvas.to_scene(spot)
        dx, dy = now[0] - start[0], now[1] - start[1]
        if keys & Qt.KeyboardModifier.ShiftModifier and isinstance(self._drag, Move):
            dx, dy = (dx, 0.0) if abs(dx) >= abs(dy) else (0.0, dy)
        self._drag.to(dx, dy, snap=self.snap != bool(keys & Qt.KeyboardModifier.AltModifier))

    def release(self, spot: QPointF, keys: Qt.KeyboardModifier) -> None:
        """Finish."""
        if self._drag is not None and self._moving:
            self.move(spot, keys)
            self._drag.finish()
        elif self._release_selects:
            self.canvas.design.select([self._release_selects])
        self._clear()

    def cancel(self) -> bool:
        """Give up a drag; tell whether there was one."""
        busy = self._drag is not None and self._moving
        if busy:
            self.canvas.design.give_up()
        self._clear()
        return busy

    def _clear(self) -> None:
        overlay = self.canvas.overlay
        overlay.guides, overlay.badge, overlay.rubber, overlay.drop = (), "", None, None
        self._drag, self._start, self._moving, self._release_selects = None, None, False, ""
        self.canvas.viewport().update()

    def _show_band(self, spot: QPointF) -> None:
        """Show the name of the band the pointer is on, while it isn't on its way to that name."""
        if self._tab(spot):
            return
        now = next((path for path, _label, box in self.canvas.band_boxes() if (rect := self.canvas.to_view(box)).top() <= spot.y() <= rect.bottom()), "")
        if now != self.canvas.overlay.band:
            self.canvas.overlay.band = now
            self.canvas.viewport().update()

    def _hover(self, spot: QPointF) -> None:
        x, y = self.canvas.to_scene(spot)
        self._show_band(spot)
        handle = self._handle(spot)
        if handle is not None:
            shape = CURSORS[handle]
        elif (guide := self._guide(spot)) is not None:
            shape = Qt.CursorShape.SplitHCursor if guide[1].upright else Qt.CursorShape.SplitVCursor
        elif self._tab(spot):
            shape = Qt.CursorShape.PointingHandCursor
        elif self._border(spot):
            shape = Qt.CursorShape.SplitHCursor
        elif path := self.canvas.top_element(x, y, 0.3):
            shape = Qt.CursorShape.ArrowCursor if get(self.canvas.design.doc, path, {}).get("locked") else Qt.CursorShape.SizeAllCursor
        elif self._band(spot) is not None:
            shape = Qt.CursorShape.SplitVCursor
        else:
            shape = Qt.CursorShape.ArrowCursor
        self.canvas.viewport().setCursor(shape)


def stands_at_foot(doc: Doc, band: str) -> bool:
    """Tell whether a band stands at the paper's foot, so that it grows upwards."""
    return band == "bands/page_footer" or bool(get(doc, f"{band}/at_bottom"))
