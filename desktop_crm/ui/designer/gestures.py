"""What a hand does on the paper: select, move, resize, drag the border of a column or the edge of a band, draw a frame around elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, Qt

from desktop_crm.base.i18n import _
from desktop_crm.ui.designer import arrange, tables
from desktop_crm.ui.designer.document import Box, around, at, band_of, get, is_column, is_element, parent, place_in_list, put, tidy
from desktop_crm.ui.designer.overlay import GRIP, REACH, handle_spots, read_out, tab_rect
from desktop_crm.ui.designer.sheets import all_elements, band_height

if TYPE_CHECKING:
    from desktop_crm.ui.designer.arrange import Guide, Handle
    from desktop_crm.ui.designer.canvas import Canvas
    from desktop_crm.ui.designer.document import Doc

BEGIN: Final = 3
"""Logical pixels a hand moves before a press becomes a drag."""
CURSORS: Final[dict[str, Qt.CursorShape]] = {
    "nw": Qt.CursorShape.SizeFDiagCursor, "se": Qt.CursorShape.SizeFDiagCursor, "ne": Qt.CursorShape.SizeBDiagCursor, "sw": Qt.CursorShape.SizeBDiagCursor,
    "n": Qt.CursorShape.SizeVerCursor, "s": Qt.CursorShape.SizeVerCursor, "e": Qt.CursorShape.SizeHorCursor, "w": Qt.CursorShape.SizeHorCursor,
}
SNAP_REACH: Final = 6
"""How near, in logical pixels, an edge comes to another before it snaps to it."""


class Drag:
    """One thing being dragged. `to` shows it at a shift in mm, `finish` makes it a step."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas, self.design = canvas, canvas.design
        self.doc: Doc = canvas.design.doc

    def to(self, dx: float, dy: float, *, snap: bool) -> None:
        """Show it."""

    def finish(self) -> None:
        """Make it a step."""

    def others(self, chosen: list[str]) -> tuple[list[float], list[float]]:
        """Return the x and y of what an edge may snap to: other elements, the paper, its margins, the user's guides."""
        sheets = self.canvas.sheets
        boxes = [sheets.scene_box(one) for path in all_elements(self.doc) if path not in chosen for one in sheets.of(self.doc, path)[:1]]
        left, top, right, bottom = self.canvas.look.margins
        for number, page in enumerate(sheets.pages[:1]):
            y = sheets.top(number)
            boxes.append(Box(0, y, page.width, page.height))
            boxes.append(Box(left, y + top, page.width - left - right, page.height - top - bottom))
        across, down = arrange.lines_of(boxes)
        across += [guide.spot for guide in self.canvas.overlay.own_guides if guide.upright]
        down += [guide.spot for guide in self.canvas.overlay.own_guides if not guide.upright]
        return across, down

    def reach(self) -> float:
        """Return how far snapping reaches, in mm."""
        return SNAP_REACH / max(self.canvas.to_view(Box(0, 0, 1, 1)).width(), 0.1)

    def show(self, doc: Doc, guides: tuple[Guide, ...] = ()) -> None:
        """Show a document with the guides it snapped to and the read-out of the selection."""
        overlay = self.canvas.overlay
        overlay.guides = guides
        self.design.try_out(doc)
        frame = self.canvas.frame()
        if frame is not None:
            page = self.canvas.sheets.page_at(frame.middle[1])
            overlay.badge = read_out(frame.moved(0, -self.canvas.sheets.top(page)))


class Move(Drag):
    """Elements on their way to another place, perhaps in another band."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.paths = arrange.free(self.doc, self.design.selected)
        self.boxes = {path: boxes[0] for path in self.paths if (boxes := canvas.boxes(path))}
        self.lines = self.others(self.paths)

    def to(self, dx: float, dy: float, *, snap: bool) -> None:
        """Show them shifted."""
        if not self.boxes:
            return
        guides: tuple[Guide, ...] = ()
        if snap:
            frame = around(self.boxes.values()).moved(dx, dy)
            found = arrange.snapped(arrange.lines_of([frame]), self.lines, reach=self.reach())
            dx, dy, guides = dx + found.dx, dy + found.dy, found.guides
        self.show(arrange.moved(self.doc, self.paths, dx, dy), guides)

    def finish(self) -> None:
        """Take what left its band into the band it now stands on."""
        doc, sheets = self.design.shown, self.canvas.sheets
        homes: dict[str, tuple[str, float]] = {}
        for path in self.boxes:
            found = self.canvas.boxes(path)
            if not found:
                continue
            band = sheets.band_at(found[0].middle[1])
            own = sheets.band_top(band_of(path))
            if band is not None and band[0] != band_of(path) and own is not None and not sheets.scene_box(own).holds(own.box.x, found[0].middle[1]):
                homes[path] = band[0], tidy(found[0].y - sheets.scene_box(band[1]).y)
        doc, selected = arrange.rehomed(doc, self.design.selected, homes)
        self.design.edit(_("Move elements"), doc, selected)


class Resize(Drag):
    """A handle of the selection's frame being dragged."""

    def __init__(self, canvas: Canvas, handle: Handle) -> None:
        super().__init__(canvas)
        self.handle: Handle = handle
        self.paths = arrange.free(self.doc, self.design.selected)
        self.tops = canvas.sheets.tops()
        self.lines = self.others(self.paths)
        self.frame = canvas.frame()

    def to(self, dx: float, dy: float, *, snap: bool) -> None:
        """Show them at the new size."""
        if self.frame is None:
            return
        guides: tuple[Guide, ...] = ()
        if snap:
            wanted = arrange.stretched(self.frame, self.handle, dx, dy)
            across = [wanted.x] if "w" in self.handle else [wanted.right] if "e" in self.handle else []
            down = [wanted.y] if "n" in self.handle else [wanted.bottom] if "s" in self.handle else []
            found = arrange.snapped((across, down), self.lines, reach=self.reach())
            dx, dy, guides = dx + found.dx, dy + found.dy, found.guides
        self.show(arrange.resized(self.doc, self.paths, self.handle, dx, dy, self.tops), guides)

    def finish(self) -> None:
        """Keep the new size."""
        self.design.edit(_("Resize"), self.design.shown)


class Border(Drag):
    """The right border of a table's column being dragged."""

    def __init__(self, canvas: Canvas, column: str) -> None:
        super().__init__(canvas)
        self.column = column
        self.table = parent(parent(column))
        count = len(tables.columns(self.doc, self.table))
        found = [canvas.sheets.frames.get(f"{self.table}/columns/{place}", ()) for place in range(count)]
        self.widths = [one[0].box.width if one else 0.0 for one in found]

    def to(self, dx: float, dy: float, *, snap: bool) -> None:
        """Show the border shifted."""
        del dy
        place = place_in_list(self.column)
        if snap:
            dx = arrange.on_grid(self.widths[place] + dx) - self.widths[place]
        doc = tables.border_moved(self.doc, self.table, place, dx, self.widths)
        self.canvas.overlay.badge = _("{width} mm").format(width=f"{self.widths[place] + dx:.1f}")
        self.design.try_out(doc)

    def finish(self) -> None:
        """Keep the new widths."""
        self.design.edit(_("Column width"), self.design.shown)


class ColumnMove(Drag):
    """A column being dragged to another place of its table."""

    def __init__(self, canvas: Canvas, column: str, x: float, y: float) -> None:
        super().__init__(canvas)
        self.column, self.start = column, (x, y)
        self.target = column

    def to(self, dx: float, dy: float, *, snap: bool) -> None:
        """Show where it would stand."""
        del dy, snap
        found = self.canvas.sheets.column_at(self.start[0] + dx, self.start[1])
        self.target = found if found and parent(found) == parent(self.column) else self.column
        boxes = self.canvas.boxes(self.target)
        self.canvas.overlay.drop = boxes[0] if boxes and self.target != self.column else None
        self.canvas.viewport().update()

    def finish(self) -> None:
        """Put it there."""
        self.canvas.overlay.drop = None
        if self.target != self.column:
            doc = tables.column_moved(self.doc, parent(parent(self.column)), place_in_list(self.column), place_in_list(self.target))
            self.design.edit(_("Move column"), doc, [self.target])


class BandEdge(Drag):
    """The edge of a band being dragged; of one that stands at the paper's foot it is the upper one."""

    def __init__(self, canvas: Canvas, band: str, *, upper: bool) -> None:
        super().__init__(canvas)
        self.band, self.upper = band, upper
        self.height = band_height(self.doc, band)

    def to(self, dx: float, dy: float, *, snap: bool) -> None:
        """Show the band higher or lower."""
        del dx
        wanted = max(0.0, self.height + (-dy if self.upper else dy))
        wanted = arrange.on_grid(wanted) if snap else wanted
        self.canvas.overlay.badge = _("{width} mm").format(width=f"{wanted:.1f}")
        self.design.try_out(put(self.doc, f"{self.band}/height", tidy(wanted)))

    def finish(self) -> None:
        """Keep the height."""
        self.design.edit(_("Height of the band"), self.design.shown, [self.band])


class Rubber(Drag):
    """A frame drawn around elements."""

    def __init__(self, canvas: Canvas, x: float, y: float, *, more: bool) -> None:
        super().__init__(canvas)
        self.start = x, y
        self.before = list(self.design.selected) if more else []

    def to(self, dx: float, dy: float, *, snap: bool) -> None:
        """Select what the frame meets."""
        del snap
        x, y = self.start
        box = Box(min(x, x + dx), min(y, y + dy), abs(dx), abs(dy))
        self.canvas.overlay.rubber = box
        met = [path for path in all_elements(self.doc) if any(one.meets(box) for one in self.canvas.boxes(path)) and not at(self.doc, path).get("locked")]
        self.design.select([*self.before, *met])
        self.canvas.viewport().update()

    def finish(self) -> None:
        """Leave the frame away."""
        self.canvas.overlay.rubber = None
        self.canvas.viewport().update()


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
