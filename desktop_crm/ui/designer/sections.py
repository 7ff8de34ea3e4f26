"""The properties of elements and columns, by kind: what stands in the panel for a selection."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import N_, _
from desktop_crm.ui.designer import tables
from desktop_crm.ui.designer.contents import Content, content_of, text_key, with_content
from desktop_crm.ui.designer.document import LINES_TABLE, at, band_of, get, is_column, is_element, parent, place_in_list, put
from desktop_crm.ui.designer.rows import Pair, Row, choice_editor, color_editor, number_editor, segment, unit_row
from desktop_crm.ui.kit.fields import ComboEditor, LineEditor, TextEditor
from desktop_crm.ui.kit.widgets import Button, Label, Switch, holder, row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from PySide6.QtWidgets import QWidget

    from desktop_crm.printing.fields import TemplateField
    from desktop_crm.ui.designer.acts import Acts
    from desktop_crm.ui.designer.panel import Section

SIZES: Final = (
    (42, N_("initial")), (26, N_("size 1")), (22, N_("size 2")), (16, N_("size 3")), (14, N_("size 4")), (12, N_("small 4")), (10.5, N_("size 5")), (9, N_("small 5")), (7.5, N_("size 6")), (6.5, N_("small 6")),
)
"""Font sizes by their Chinese names (字号)."""
POINTS: Final = (6, 6.5, 7, 7.5, 8, 9, 9.5, 10, 10.5, 11, 12, 13, 14, 16, 18, 20, 22, 24, 26, 28, 32, 36, 42, 48, 60, 72)
FORMATS: Final = (
    ("", N_("As it is")), ("money", N_("Amount 1,234.50")), ("amount", N_("Amount, blank for 0")), ("price", N_("Price 1,234.50")), ("quantity", N_("Quantity 1,234.5")),
    ("percent", N_("Per cent 13 %")), ("rmb", N_("Amount in words 壹佰元整")), ("rmb_traditional", N_("Amount in words 貳佰元整 (Traditional)")), ("date", N_("Date 2026-07-29")),
    ("chinese_date", N_("Date 2026年7月29日")), ("upper", N_("Capitals")), ("shorten(20)", N_("At most 20 characters")),
)
OVERFLOWS: Final = (("wrap", N_("Wrap, grow downwards")), ("shrink", N_("Shrink to fit")), ("cut", N_("Cut with an ellipsis")))
FRAMES: Final = {"bands/document_header": "bands/page_header", "bands/document_footer": "bands/page_footer"}


def size_label(points: float) -> str:
    """Return a font size in words, such as ``10.5 pt (size 5)``."""
    named = next((name for size, name in SIZES if size == points), "")
    return _("{size} pt ({name})").format(size=f"{points:g}", name=_(named)) if named else _("{size} pt").format(size=f"{points:g}")


class Sections:
    """Makes the sections for what is selected. `fields` are those of what the template prints, `template_sections` makes those of template and bands."""

    def __init__(self, acts: Acts, fields: Callable[[], Mapping[str, TemplateField]], filters: Callable[[], Sequence[str]],
                 template_sections: Callable[[str], list[Section]], choose_picture: Callable[[], None]) -> None:
        self.acts, self.design = acts, acts.design
        self._fields, self._filters, self._template_sections, self._choose_picture = fields, filters, template_sections, choose_picture

    def __call__(self) -> list[Section]:
        """Return the sections: title and what makes the rows."""
        design = self.design
        paths = list(design.selected)
        if len(paths) > 1 and design.elements():
            return self._several()
        path = design.single()
        if path and is_column(path):
            return self._column(path)
        if path and is_element(path):
            return self._element(path)
        return self._template_sections(path)

    # ---- reading and writing

    def _one(self, key: str, default: Any = None) -> Callable[[], Any]:
        def read() -> Any:
            found = get(self.design.shown, self.design.selected[0], {}) if self.design.selected else {}
            return found.get(key, default) if isinstance(found, dict) else default

        return read

    def _keep(self, key: str, text: str, default: Any = None) -> Callable[[Any], None]:
        def write(value: Any) -> None:
            self.acts.set_keys({key: None if value in (default, "") else value}, text, series=key)

        return write

    def key_row(self, label: str, key: str, widget: QWidget, default: Any = None) -> Row:
        """Return a row of a key that the selected element may have."""
        return Row(label, widget, read=self._one(key, default), write=self._keep(key, label, default), path=key)

    # ---- sections

    def _element(self, path: str) -> list[Section]:
        element = at(self.design.doc, path)
        kind = str(element.get("type"))
        made: list[Section] = []
        if kind in {"text", "barcode", "qrcode"}:
            made.append((_("Content"), partial(self._data, path)))
        elif kind == "image":
            made.append((_("Picture"), self._picture))
        elif kind == "table":
            made.append((_("Table"), self._template_sections(path)[0][1]))
        made.append((_("Position and size"), partial(self._place, kind)))
        if kind == "text":
            made.append((_("Text style"), self._text_style))
        elif kind in {"line", "box"}:
            made.append((_("Stroke"), partial(self._stroke, kind)))
        elif kind == "barcode":
            made.append((_("Bar code"), self._bar_code))
        made.append((_("Printing on forms"), partial(self._printing, path)))
        return made

    def _several(self) -> list[Section]:
        kinds = {str(get(self.design.doc, path, {}).get("type")) for path in self.design.elements()}
        made: list[Section] = [(_("Position and size"), partial(self._place, "several"))]
        if kinds == {"text"}:
            made.append((_("Text style"), self._text_style))
        return made

    def _data(self, path: str) -> list[QWidget]:
        fields = self._fields()
        known = [(one.path, f"{self._group(one)}{one.label}") for one in fields.values() if not one.children]

        def content() -> Content:
            return content_of(get(self.design.shown, self.design.single(), {}))

        def write(change: Callable[[Content], Content], series: str) -> None:
            chosen = self.design.single()
            element = at(self.design.doc, chosen)
            self.design.edit(_("Content"), put(self.design.doc, chosen, with_content(element, change(content_of(element)))), series=series)

        def choose(value: Any) -> None:
            found = fields.get(str(value or ""))
            write(lambda old: Content(found.path if found else "", found.format if found else "", old.text if not found else "", old.empty), "field")
            self.design.pause()

        field_editor = ComboEditor(known, name="property.field", empty=_("(text of its own)"), match=lambda text, title: text.casefold() in title.casefold())
        field_editor.line.setMinimumWidth(60)
        rows: list[QWidget] = [Row(_("Field"), field_editor, read=lambda: content().field or None, write=choose, path="field")]
        formats = [(key, _(label)) for key, label in FORMATS if not key or key.partition("(")[0] in self._filters()]
        rows.append(Row(_("Format"), choice_editor("property.format", formats), read=lambda: content().format,
                        write=lambda value: write(lambda old: Content(old.field, str(value or ""), old.text, old.empty), "format"), path="format"))
        text = TextEditor(name="property.text", lines=1, most=6, placeholder="{{ customer.name }}")
        rows.append(Row(_("Text or expression"), text, read=lambda: shown_text(content()),
                        write=lambda value: write(lambda old: Content("", "", str(value), old.empty), "text"), path=text_key(at(self.design.doc, path))))
        empty = LineEditor(name="property.empty", placeholder=_("nothing"))
        rows.append(Row(_("When empty"), empty, read=lambda: content().empty,
                        write=lambda value: write(lambda old: Content(old.field, old.format, old.text, str(value)), "empty"), path="empty"))
        return rows

    def _group(self, field: TemplateField) -> str:
        owner = next((one for one in self._fields().values() if field in one.children), None)
        return f"{owner.label} · " if owner is not None and owner.kind != "group" else ""

    def _place(self, kind: str) -> list[QWidget]:
        acts = self.acts

        def box(key: str) -> Callable[[], Any]:
            def read() -> Any:
                frame = acts.canvas.frame()
                if frame is None:
                    return None
                page = acts.canvas.sheets.page_at(frame.middle[1])
                frame = frame.moved(0, -acts.canvas.sheets.top(page))
                return getattr(frame, key)

            return read

        def unit(label: str, key: str, low: float) -> QWidget:
            return unit_row(label, number_editor(f"property.{key}", low, 2000), "mm", read=box(key), write=lambda value: acts.set_box(key, float(value), series=key) if value is not None else None, path=key)

        rows: list[QWidget] = [Pair(unit("X", "x", -500), unit("Y", "y", -500))]
        if kind != "several":
            rows.append(Pair(unit(_("W"), "width", 0), unit(_("H"), "height", 0)))
        if kind in {"text", "image", "barcode"}:
            turns = segment("property.rotate", _("Turned"), [("0", "0°"), ("90", "90°"), ("180", "180°"), ("270", "270°")])
            rows.append(Row(_("Turned"), turns, read=lambda: str(self._one("rotate", 0)()), write=lambda value: self.acts.set_keys({"rotate": int(value) or None}, _("Turn"))))
        rows.append(self.key_row(_("Locked"), "locked", Switch(name="property.locked", tip=_("Locked")), default=False))
        return rows

    def _text_style(self) -> list[QWidget]:
        sizes = choice_editor("property.size", [(float(one), size_label(one)) for one in POINTS])
        rows: list[QWidget] = [
            self.key_row(_("Font"), "font", choice_editor("property.font", [("sans", _("Noto Sans SC"))]), "sans"),
            Row(_("Font size"), sizes, read=lambda: float(self._one("size", 9)()), write=lambda value: self.acts.style({"size": value}), path="size"),
            self.key_row(_("Bold"), "bold", Switch(name="property.bold", tip=_("Bold")), default=False),
            Row(_("Align"), segment("property.align", _("Align"), [("left", _("Left")), ("center", _("Centre")), ("right", _("Right"))]),
                read=self._one("align", "left"), write=lambda value: self.acts.style({"align": value}), path="align"),
            Row(_("Upright"), segment("property.valign", _("Upright"), [("top", _("Top")), ("middle", _("Middle")), ("bottom", _("Bottom"))]),
                read=self._one("valign", "middle"), write=lambda value: self.acts.style({"valign": value}), path="valign"),
            Row(_("Too long"), choice_editor("property.overflow", [(key, _(label)) for key, label in OVERFLOWS]), read=self._one("overflow", "wrap"),
                write=lambda value: self.acts.style({"overflow": value}), path="overflow"),
            unit_row(_("Smallest"), number_editor("property.smallest", 0, 200, whole=True), "pt", read=self._one("smallest", 0), write=self._keep("smallest", _("Smallest"), 0), path="smallest"),
            self.key_row(_("Colour"), "color", color_editor("property.color"), "#000000"),
        ]  # fmt: skip
        return rows

    def _bar_code(self) -> list[QWidget]:
        return [
            self.key_row(_("Kind"), "kind", choice_editor("property.kind", [("code128", "Code 128"), ("ean13", "EAN-13")]), "code128"),
            self.key_row(_("Figures below"), "caption", Switch(name="property.caption", tip=_("Figures below")), default=True),
        ]

    def _stroke(self, kind: str) -> list[QWidget]:
        rows: list[QWidget] = [
            unit_row(_("Thickness"), number_editor("property.thickness", 0 if kind == "box" else 0.01, 20), "mm", read=self._one("thickness", 0.2), write=self._keep("thickness", _("Thickness")), path="thickness"),
            self.key_row(_("Colour"), "color", color_editor("property.color"), "#000000"),
        ]
        if kind == "line":
            rows.append(unit_row(_("Dashes"), number_editor("property.dash", 0, 50), "mm", read=self._one("dash", 0), write=self._keep("dash", _("Dashes"), 0), path="dash"))
        else:
            rows.append(self.key_row(_("Filling"), "fill", color_editor("property.fill"), ""))
        return rows

    def _picture(self) -> list[QWidget]:
        choose = Button(_("Choose a picture…"), icon="image", size="small", name="property.picture", on_click=self._choose_picture)
        value = LineEditor(name="property.value", placeholder="company.logo")
        return [holder(row(choose, None)), Row(_("Field"), value, read=self._one("value", ""), write=self._write_value, path="value|data")]

    def _write_value(self, value: Any) -> None:
        self.acts.set_keys({"value": value or None, **({"data": None} if value else {})}, _("Picture"), series="value")

    def _printing(self, path: str) -> list[QWidget]:
        rows: list[QWidget] = [self.key_row(_("Preprinted (shown, not printed)"), "preprinted", Switch(name="property.preprinted", tip=_("Preprinted (shown, not printed)")), default=False)]
        band = band_of(path)
        if band in {*FRAMES, *FRAMES.values()}:
            rows.append(Row(_("Repeat on every page"), Switch(name="property.repeat", tip=_("Repeat on every page")), read=lambda: band_of(self.design.single()) in FRAMES.values(), write=self._repeat))
        when = LineEditor(name="property.when", placeholder=_("always"))
        rows.append(self.key_row(_("Printed when"), "when", when, ""))
        name = LineEditor(name="property.name", placeholder=_("as its field"))
        rows.append(self.key_row(_("Name"), "name", name, ""))
        return rows

    def _repeat(self, on: bool) -> None:  # noqa: FBT001 - what the switch says
        from desktop_crm.ui.designer import arrange

        path = self.design.single()
        band = band_of(path)
        target = FRAMES.get(band) if on else next((old for old, new in FRAMES.items() if new == band), None)
        if target is None:
            return
        doc = self.design.doc
        if get(doc, target) is None:
            doc = put(doc, target, {"height": get(doc, f"{band}/height", 10), "elements": []})
        tops = self.acts.canvas.sheets.tops()
        y = float(at(doc, path).get("y", 0)) + tops.get(band, 0.0) - tops.get(target, tops.get(band, 0.0))
        doc, selected = arrange.rehomed(doc, [path], {path: (target, max(0.0, y))})
        self.design.edit(_("Repeat on every page"), doc, selected)

    # ---- columns

    def _column(self, path: str) -> list[Section]:
        def style() -> list[QWidget]:
            return [*self._text_style(), self.key_row(_("Printed when"), "when", LineEditor(name="property.when", placeholder=_("always")), "")]

        return [(_("Column"), partial(self._of_column, path)), (_("Content"), partial(self._data, path)), (_("Text style"), style)]

    def _of_column(self, path: str) -> list[QWidget]:
        table, place = parent(parent(path)), place_in_list(path)
        acts, design = self.acts, self.design
        title = self.key_row(_("Heading"), "title", LineEditor(name="property.title"), None)
        width = unit_row(_("Width"), number_editor("property.width", 0, 2000), "mm", read=lambda: self._column_width(path), write=self._keep("width", _("Column width")), path="width")
        rest = Row(_("Takes the rest of the width"), Switch(name="property.rest", tip=_("Takes the rest of the width")), read=lambda: not self._one("width", 0)(),
                   write=lambda on: acts.set_keys({"width": None if on else self._column_width(path)}, _("Column width")))
        rows: list[QWidget] = [title, width, rest]
        if table == LINES_TABLE:
            rows.append(Row(_("Sum below"), Switch(name="property.sum", tip=_("Sum below")), read=lambda: tables.is_summed(design.shown, place),
                            write=lambda on: design.edit(_("Sum"), tables.column_summed(design.doc, place, on=bool(on), label=_("Total")))))
        buttons = [
            Button("", "ghost", icon="chevron-left", size="small", tip=_("Move to the left"), name="column.left", on_click=lambda: self._shift(path, -1)),
            Button("", "ghost", icon="chevron-right", size="small", tip=_("Move to the right"), name="column.right", on_click=lambda: self._shift(path, 1)),
            Button(_("Insert"), "ghost", icon="plus", size="small", tip=_("Insert a column on the right"), name="column.insert", on_click=lambda: acts.add_column(table, place + 1)),
            Button("", "ghost", icon="trash-2", size="small", tip=_("Remove the column"), name="column.remove", on_click=acts.delete),
        ]
        rows.append(holder(row(*buttons, None, gap=2)))
        return rows

    def _column_width(self, path: str) -> Any:
        boxes = self.acts.canvas.boxes(path)
        return round(boxes[0].width, 2) if boxes else get(self.design.doc, f"{path}/width", 0)

    def _shift(self, path: str, by: int) -> None:
        table, place = parent(parent(path)), place_in_list(path)
        if 0 <= place + by < len(tables.columns(self.design.doc, table)):
            self.design.edit(_("Move column"), tables.column_moved(self.design.doc, table, place, place + by), [f"{table}/columns/{place + by}"])


def shown_text(content: Content) -> str:
    """Return what an element prints as one text with placeholders."""
    if content.text:
        return content.text
    if not content.field:
        return ""
    return "{{ " + content.field + (f"|{content.format}" if content.format else "") + " }}"


def hint(text: str) -> Label:
    """Return a small explanation."""
    return Label(text, "small", "text3", wrap=True)
