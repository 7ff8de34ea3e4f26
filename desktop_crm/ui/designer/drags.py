"""What a hand drags on the paper: elements, the handles of their frame, borders and places of columns, edges of bands, guides, a frame around elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import _
from desktop_crm.ui.designer import arrange, tables
from desktop_crm.ui.designer.arrange import Guide
from desktop_crm.ui.designer.document import Box, around, at, band_of, parent, place_in_list, put, tidy
from desktop_crm.ui.designer.guides import guide_moved, guide_removed, on_paper, spots
from desktop_crm.ui.designer.overlay import read_out
from desktop_crm.ui.designer.sheets import all_elements, band_height

if TYPE_CHECKING:
    from desktop_crm.ui.designer.arrange import Handle
    from desktop_crm.ui.designer.canvas import Canvas
    from desktop_crm.ui.designer.document import Doc

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

    def others(self, chosen: list[str]) -> tuple[arrange.Lines, arrange.Lines]:
        """Return what edges may snap to, and centres: those of other elements, of the paper and its margins, and the user's guides."""
        sheets = self.canvas.sheets
        boxes = [sheets.scene_box(one) for path in all_elements(self.doc) if path not in chosen for one in sheets.of(self.doc, path)[:1]]
        left, top, right, bottom = self.canvas.look.margins
        for number, page in enumerate(sheets.pages[:1]):
            y = sheets.top(number)
            boxes.append(Box(0, y, page.width, page.height))
            boxes.append(Box(left, y + top, page.width - left - right, page.height - top - bottom))
        edges, centres = arrange.lines_of(boxes)
        own = self.canvas.own_guides()
        upright, level = spots(own, upright=True), spots(own, upright=False)
        return (edges[0] + upright, edges[1] + level), (centres[0] + upright, centres[1] + level)

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
            found = arrange.snapped([(across, down)], self.lines[:1], reach=self.reach())
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


class GuideMove(Drag):
    """A guide of the user's being moved, the one at `place` in the document; let go outside the paper it is gone."""

    def __init__(self, canvas: Canvas, place: int, guide: Guide) -> None:
        super().__init__(canvas)
        self.place, self.guide, self.now = place, guide, guide

    def to(self, dx: float, dy: float, *, snap: bool) -> None:
        """Show it shifted."""
        spot = self.guide.spot + (dx if self.guide.upright else dy)
        self.now = Guide(self.guide.upright, arrange.on_grid(spot) if snap else spot)
        self.canvas.overlay.guides = (self.now,)
        self.canvas.viewport().update()

    def finish(self) -> None:
        """Put it there, or take it away."""
        sheets = self.canvas.sheets
        if on_paper(self.now, sheets) and self._in_view():
            self.design.edit(_("Guide"), guide_moved(self.doc, self.place, self.now, sheets))
        else:
            self.design.edit(_("Remove the guide"), guide_removed(self.doc, self.place))

    def _in_view(self) -> bool:
        spot = self.canvas.to_view(Box(self.now.spot, self.now.spot, 0, 0)).topLeft()
        room = self.canvas.viewport().rect()
        return 0 <= spot.x() <= room.width() if self.now.upright else 0 <= spot.y() <= room.height()


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
