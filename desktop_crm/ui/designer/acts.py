"""What can be done with the selection: one method each, for tool bar, menu and keys alike. Each is one step back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.ui.designer import arrange, clipboard, tables
from desktop_crm.ui.designer.contents import Content, with_content
from desktop_crm.ui.designer.document import (
    LINES_TABLE,
    Box,
    Doc,
    around,
    at,
    band_of,
    bands,
    box_of,
    get,
    is_column,
    is_element,
    parent,
    place_in_list,
    put,
    set_keys,
    tidy,
    with_box,
)
from desktop_crm.ui.designer.sheets import all_elements

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from desktop_crm.printing.fields import TemplateField
    from desktop_crm.ui.designer.arrange import Axis, Edge, Order
    from desktop_crm.ui.designer.canvas import Canvas

BESIDE: Final = 3.0
"""How far in mm a copy stands from its original."""
USUAL: Final[dict[str, Doc]] = {
    "text": {"width": 40, "height": 6, "text": "", "size": 9}, "line": {"x2": 60}, "box": {"width": 60, "height": 20},
    "image": {"width": 30, "height": 20}, "barcode": {"width": 50, "height": 12, "value": "{{ number }}"}, "qrcode": {"width": 20, "value": "{{ number }}"},
    "table": {"width": 100, "height": 12, "list": "lines"},
}
FIGURES: Final = frozenset({"money", "price", "quantity", "decimal", "integer", "percent"})


class Acts(QObject):
    """The actions. Signal: `refused(text)` where one can't be done, `picture_wanted(Box in a band, band)` where a picture file must be chosen."""

    refused = Signal(str)

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.canvas, self.design = canvas, canvas.design

    # ---- place and size

    def nudge(self, dx: float, dy: float) -> None:
        """Shift the selection by mm; a row of nudges is one step."""
        paths = self.design.elements()
        if paths:
            self.design.edit(_("Move elements"), arrange.moved(self.design.doc, paths, dx, dy), series="nudge")

    def align(self, edge: Edge) -> None:
        """Line the selection up; a single element lines up with the margins of the paper."""
        sheets, look = self.canvas.sheets, self.canvas.look
        left, top, right, bottom = look.margins
        page = sheets.pages[0] if sheets.pages else None
        within = Box(left, top, page.width - left - right, page.height - top - bottom) if page else None
        doc = self._on_paper(lambda doc: arrange.aligned(doc, self.design.elements(), edge, sheets.tops(), within=self._in_band_x(within)))
        self.design.edit(_("Align"), doc)

    def _in_band_x(self, box: Box | None) -> Box | None:
        """Return a rectangle of the paper as elements count across: from the left margin."""
        return None if box is None else box.moved(-self.canvas.look.margins[0], 0.0)

    def _on_paper(self, change: Callable[[Doc], Doc]) -> Doc:
        return change(self.design.doc)

    def distribute(self, axis: Axis) -> None:
        """Make the gaps equal."""
        self.design.edit(_("Distribute"), arrange.distributed(self.design.doc, self.design.elements(), axis, self.canvas.sheets.tops()))

    def same_size(self, *, width: bool, height: bool) -> None:
        """Make all as wide or as high as the one selected first."""
        self.design.edit(_("Same size"), arrange.same_size(self.design.doc, self.design.elements(), width=width, height=height))

    def order(self, where: Order) -> None:
        """Bring the selection to the front or to the back."""
        doc, selected = arrange.reordered(self.design.doc, self.design.elements(), where)
        self.design.edit(_("Order"), doc, selected)

    # ---- adding and taking away

    def delete(self) -> None:
        """Take the selection away: elements, or columns of a table."""
        doc = self.design.doc
        for path in sorted((path for path in self.design.selected if is_column(path)), key=place_in_list, reverse=True):
            doc = tables.column_removed(doc, parent(parent(path)), place_in_list(path))
        doc = arrange.deleted(doc, self.design.elements())
        self.design.edit(_("Delete"), doc, [])

    def copy(self) -> None:
        """Put the selected elements on the clipboard."""
        paths = self.design.elements()
        if not paths:
            return
        text = clipboard.to_text(self.design.doc, paths)
        data = QMimeData()
        data.setText(text)
        data.setData(clipboard.MIME, text.encode())
        QGuiApplication.clipboard().setMimeData(data)

    def cut(self) -> None:
        """Copy the selection and take it away."""
        self.copy()
        self.delete()

    def paste(self) -> None:
        """Add what is on the clipboard, a little beside where it came from, to the band of the selection or the first one."""
        data = QGuiApplication.clipboard().mimeData()
        text = bytes(data.data(clipboard.MIME).data()).decode(errors="replace") if data.hasFormat(clipboard.MIME) else data.text()
        try:
            self._add(clipboard.from_text(text), _("Paste"))
        except UserError as problem:
            self.refused.emit(problem.message)

    def duplicate(self) -> None:
        """Add the selected elements once more."""
        for band in dict.fromkeys(band_of(path) for path in self.design.elements()):
            self._add([at(self.design.doc, path) for path in self.design.elements() if band_of(path) == band], _("Duplicate"), band)

    def _add(self, found: Sequence[Doc], text: str, band: str = "") -> None:
        target = band or self.target_band()
        if not target or not found:
            return
        free = [{key: value for key, value in one.items() if key != "locked"} for one in found]
        taken = {tuple(box_of(at(self.design.doc, path)).__getattribute__(key) for key in ("x", "y")) for path in all_elements(self.design.doc) if band_of(path) == target}
        shift = BESIDE
        while any((box_of(one).x + shift - BESIDE, box_of(one).y + shift - BESIDE) in taken for one in free) and shift < BESIDE * 20:
            shift += BESIDE
        placed = [with_box(one, box_of(one).moved(shift - BESIDE, shift - BESIDE)) for one in free]
        doc, selected = arrange.added(self.design.doc, target, placed)
        self.design.edit(text, doc, selected)

    def target_band(self) -> str:
        """Return the band that new elements go to: that of the selection, else the one in the middle of the view."""
        for path in self.design.selected:
            band = band_of(path)
            if band in bands(self.design.doc):
                return band
        x, y = self.canvas.to_scene(self.canvas.viewport().rect().center().toPointF())
        del x
        found = self.canvas.sheets.band_at(y)
        return found[0] if found else next(iter(bands(self.design.doc)), "")

    def select_all(self) -> None:
        """Select every element that isn't locked."""
        self.design.select([path for path in all_elements(self.design.doc) if not at(self.design.doc, path).get("locked")])

    def select_next(self, step: int) -> None:
        """Select the element after or before the present one."""
        listed = list(all_elements(self.design.doc))
        if listed:
            now = self.design.selected[0] if self.design.selected else ""
            place = listed.index(now) + step if now in listed else (0 if step > 0 else -1)
            self.design.select([listed[place % len(listed)]])
            self.canvas.reveal(listed[place % len(listed)])

    def insert(self, kind: str, **more: Any) -> None:
        """Add a new element in the middle of what is seen; a table gets a column to begin with."""
        x, y = self.canvas.to_scene(self.canvas.viewport().rect().center().toPointF())
        new = {"type": kind, **USUAL[kind], **more}
        if kind == "text" and not more:
            new["text"] = _("Text element")
        if kind == "table":
            new["columns"] = [tables.new_column(_("No."), "{{ row.number }}", "integer")]
        self.insert_at(new, x, y)

    def insert_at(self, new: Doc, x: float, y: float) -> None:
        """Add an element with its middle at a point of the scene."""
        found = self.canvas.sheets.band_at(y)
        if found is None:
            self.refused.emit(_("There is no band that takes elements. Add one in the paper's settings"))
            return
        band, frame = found
        corner = self.canvas.sheets.scene_box(frame)
        box = box_of({**new, "x": 0, "y": 0, "y2": 0})
        left = arrange.on_grid(x - corner.x - min(box.width, 40.0) / 2)
        top = arrange.on_grid(max(0.0, min(y - corner.y - box.height / 2, max(0.0, corner.height - box.height))))
        placed = {**new, "x": tidy(left), "y": tidy(top)}
        if new.get("type") == "line":
            placed |= {"x2": tidy(left + box.width), "y2": tidy(top)}
        doc, selected = arrange.added(self.design.doc, band, [placed])
        self.design.edit(_("Insert"), doc, selected)

    def insert_field(self, field: TemplateField, x: float | None = None, y: float | None = None) -> None:
        """Add a field: as a column where it stands over a table of its list, else as a text. Without a point it goes to the middle, or into the lines."""
        if x is None or y is None:
            if field.path.startswith("line.") and tables.columns(self.design.doc, LINES_TABLE):
                self.add_column(LINES_TABLE, len(tables.columns(self.design.doc, LINES_TABLE)), field)
                return
            x, y = self.canvas.to_scene(self.canvas.viewport().rect().center().toPointF())
        column = self.canvas.sheets.column_at(x, y)
        if column and (field.path.startswith("line.") or not self.canvas.sheets.at(self.design.doc, x, y)):
            self.add_column(parent(parent(column)), place_in_list(column) + (1 if self._right_half(column, x) else 0), field)
            return
        figures = {"align": "right"} if field.kind in FIGURES else {}
        new = with_content({"type": "text", **USUAL["text"], **figures, "overflow": "shrink"}, Content(field.path, field.format))
        self.insert_at(new, x, y)

    def _right_half(self, column: str, x: float) -> bool:
        boxes = self.canvas.boxes(column)
        return bool(boxes) and x > boxes[0].middle[0]

    def add_column(self, table: str, place: int, field: TemplateField | None = None) -> None:
        """Add a column to a table."""
        if field is None:
            new = tables.new_column(_("New column"), "")
        else:
            new = with_content(tables.new_column(field.label, "", field.kind), Content(field.path, field.format))
        self.design.edit(_("Insert column"), tables.column_added(self.design.doc, table, place, new), [f"{table}/columns/{place}"])

    # ---- keys of elements

    def set_keys(self, changes: Mapping[str, Any], text: str, *, series: str = "") -> None:
        """Set keys of everything selected; None takes a key away. Locked elements can only be unlocked, hidden or shown."""
        doc = self.design.doc
        for path in self.design.selected:
            if isinstance(get(doc, path), dict) and (set(changes) <= {"locked", "hidden", "name"} or not at(doc, path).get("locked")):
                doc = set_keys(doc, path, changes)
        self.design.edit(text, doc, series=series)

    def set_box(self, key: str, value: float, *, series: str = "") -> None:
        """Set x, y (both as the paper counts), width or height of what is selected."""
        doc = self.design.doc
        paths = arrange.free(doc, self.design.selected)
        boxes = {path: found[0] for path in paths if (found := self.canvas.boxes(path))}
        if not boxes:
            return
        frame = around(boxes.values())
        page = self.canvas.sheets.page_at(frame.middle[1])
        frame = frame.moved(0, -self.canvas.sheets.top(page))
        if key in {"x", "y"}:
            doc = arrange.moved(doc, paths, value - frame.x if key == "x" else 0.0, value - frame.y if key == "y" else 0.0)
        else:
            for path in paths:
                box = box_of(at(doc, path))
                wanted = Box(box.x, box.y, value if key == "width" else box.width, value if key == "height" else box.height)
                doc = put(doc, path, with_box(at(doc, path), wanted))
        self.design.edit(_("Position and size"), doc, series=series)

    def toggle(self, key: str, text: str) -> None:
        """Turn a yes-or-no key of the selection round."""
        on = all(get(self.design.doc, path, {}).get(key) for path in self.design.selected)
        self.set_keys({key: None if on else True}, text)

    def style(self, changes: Mapping[str, Any]) -> None:
        """Set how the selected texts and columns are set."""
        doc = self.design.doc
        for path in self.design.selected:
            one = get(doc, path)
            if isinstance(one, dict) and (is_column(path) or one.get("type") == "text") and not one.get("locked"):
                doc = set_keys(doc, path, changes)
        self.design.edit(_("Text style"), doc)

    def styled(self) -> Doc | None:
        """Return the first selected text or column, or None."""
        for path in self.design.selected:
            one = get(self.design.doc, path)
            if isinstance(one, dict) and (is_column(path) or (is_element(path) and one.get("type") == "text")):
                return one
        return None
