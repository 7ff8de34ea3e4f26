"""From JSON to a template. A template file may come from anyone: unknown keys are refused, and everything has a bound."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import _
from desktop_crm.printing.pictures import checked_picture
from desktop_crm.printing.reader import Reader, refuse
from desktop_crm.printing.template import (
    Band,
    BarElement,
    BoxElement,
    Cell,
    Column,
    Element,
    ImageElement,
    LineElement,
    Lines,
    Paper,
    SummaryRow,
    Table,
    TableElement,
    Template,
    TextElement,
    TextStyle,
    Watermark,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.printing.values import Formula

FORMAT: Final = 1
MAX_FILE: Final = 5_000_000
MAX_SIDE: Final = 2000.0
MAX_ELEMENTS: Final = 500
MAX_COLUMNS: Final = 40
MAX_ROWS: Final = 500
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")

PAPERS: Final[dict[str, tuple[float, float]]] = {
    "A3": (297, 420), "A4": (210, 297), "A5": (148, 210), "B5": (176, 250), "A4-landscape": (297, 210), "A5-landscape": (210, 148),
    "continuous-1": (241, 279.4), "continuous-1/2": (241, 139.7), "continuous-1/3": (241, 93.1),
    "label-60x40": (60, 40), "label-100x70": (100, 70),
}  # fmt: skip


def parse_template(text: str | bytes, name: str = "") -> Template:
    """Return the template written in the JSON `text`; `name` replaces the name inside it. Raises UserError naming the place."""
    place = _("the template")
    if len(text) > MAX_FILE:
        refuse(place, _("the file is larger than {count} MB.").format(count=MAX_FILE // 1_000_000))
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        refuse(place, _("the file isn't valid JSON ({reason}).").format(reason=str(error)[:100]))
    reader = Reader(data, "")
    if reader.raw("format") != FORMAT:
        refuse("format", _("this program reads templates of format {number}.").format(number=FORMAT))
    bands = reader.reader("bands")
    if bands is None:
        refuse("bands", _("the template has no bands."))
    paper = _paper(reader)
    own_name = reader.string("name", name or None)
    template = Template(
        name=name or own_name,
        label=reader.string("label"),
        prints=reader.string("prints"),
        paper=paper,
        page_header=_band(bands, "page_header"),
        document_header=_band(bands, "document_header"),
        lines=_lines(bands.reader("lines")),
        subtotal=_band(bands, "subtotal"),
        document_footer=_band(bands, "document_footer"),
        page_footer=_band(bands, "page_footer"),
        copies=_copies(reader),
        watermark=_watermark(reader.reader("watermark")),
    )
    bands.done()
    reader.done()
    return template


def _paper(reader: Reader) -> Paper:
    paper = reader.reader("paper")
    if paper is None:
        refuse("paper", _("the template names no paper."))
    name = ""
    if paper.has("size"):
        name = paper.choice("size", tuple(PAPERS))
        width, height = PAPERS[name]
    else:
        width, height = paper.number("width", 15, MAX_SIDE), paper.number("height", 10, MAX_SIDE)
    margins = paper.reader("margins") or Reader({}, paper.at("margins"))
    top, bottom = (margins.number(key, 0, height / 2 - 1, 10 if height >= 100 else 2) for key in ("top", "bottom"))  # noqa: PLR2004 - a label's margin differs from a sheet's
    right, left = (margins.number(key, 0, width / 2 - 1, 10 if width >= 100 else 2) for key in ("right", "left"))  # noqa: PLR2004 - as above
    margins.done()
    paper.done()
    return Paper(name, width, height, top, right, bottom, left)


def _copies(reader: Reader) -> tuple[str, ...]:
    marks = reader.items("copies", 20)
    for index, mark in enumerate(marks, 1):
        if not isinstance(mark, str) or len(mark) > 40:  # noqa: PLR2004 - a mark is a word or two
            refuse(f"copies[{index}]", _("a text of at most {count} characters is expected.").format(count=40))
    return tuple(marks)


def _watermark(reader: Reader | None) -> Watermark | None:
    if reader is None:
        return None
    watermark = Watermark(
        reader.text("text"),
        reader.number("size", 6, 300, 72),
        reader.color("color", "#e6e6e6"),
        reader.number("angle", -180, 180, 45),
        reader.formula("when"),
    )
    reader.done()
    return watermark


def _band(bands: Reader, key: str) -> Band | None:
    reader = bands.reader(key)
    if reader is None:
        return None
    return _band_of(reader, may_stand_at_bottom=key == "document_footer")


def _band_of(reader: Reader, *, may_stand_at_bottom: bool = False) -> Band:
    band = Band(
        height=reader.number("height", 0, MAX_SIDE),
        elements=tuple(_element(item) for item in reader.readers("elements", MAX_ELEMENTS)),
        when=reader.formula("when"),
        at_bottom=reader.flag("at_bottom") if may_stand_at_bottom else False,
    )
    reader.done()
    return band


def _style(reader: Reader, base: TextStyle) -> TextStyle:
    return TextStyle(
        size=reader.number("size", 3, 200, base.size),
        bold=reader.flag("bold", default=base.bold),
        align=reader.choice("align", ("left", "center", "right"), base.align),
        valign=reader.choice("valign", ("top", "middle", "bottom"), base.valign),
        overflow=reader.choice("overflow", ("wrap", "shrink", "cut"), base.overflow),
        color=reader.color("color", base.color),
    )


def _place(reader: Reader, height: float | None = None) -> tuple[float, float, float, float]:
    return (
        reader.number("x", -MAX_SIDE, MAX_SIDE),
        reader.number("y", -MAX_SIDE, MAX_SIDE),
        reader.number("width", 0.1, MAX_SIDE),
        reader.number("height", 0.1, MAX_SIDE, height),
    )


def _text(reader: Reader, when: Formula | None) -> TextElement:
    style = _style(reader, TextStyle())
    return TextElement(*_place(reader, round(style.size * 0.5, 2)), reader.text("text"), style, when)


def _line(reader: Reader, when: Formula | None) -> LineElement:
    x, y, x2, y2 = (reader.number(key, -MAX_SIDE, MAX_SIDE) for key in ("x", "y", "x2", "y2"))
    return LineElement(
        x, y, x2, y2, reader.number("thickness", 0.01, 20, 0.2), reader.color("color", "#000000"), reader.number("dash", 0, 50, 0), when
    )


def _box(reader: Reader, when: Formula | None) -> BoxElement:
    return BoxElement(
        *_place(reader), reader.number("thickness", 0, 20, 0.2), reader.color("color", "#000000"), reader.color("fill", ""), when
    )


def _image(reader: Reader, when: Formula | None) -> ImageElement:
    data = b""
    if reader.has("data"):
        try:
            data = base64.b64decode(reader.string("data", most=MAX_FILE), validate=True)
        except (binascii.Error, ValueError):
            refuse(reader.at("data"), _("a PNG or JPEG picture in Base64 is expected."))
        checked_picture(data, reader.at("data"))
    value = reader.formula("value")
    if bool(data) == (value is not None):
        refuse(reader.place, _("a picture has either data or a value."))
    return ImageElement(*_place(reader), data, value, reader.flag("screen_only"), when)


def _bars(reader: Reader, when: Formula | None) -> BarElement:
    return BarElement(
        *_place(reader),
        reader.choice("kind", ("code128", "ean13"), "code128"),
        reader.text("value"),
        reader.flag("caption", default=True),
        when,
    )


def _qrcode(reader: Reader, when: Formula | None) -> BarElement:
    x, y, size = reader.number("x", -MAX_SIDE, MAX_SIDE), reader.number("y", -MAX_SIDE, MAX_SIDE), reader.number("width", 5, 200)
    return BarElement(x, y, size, size, "qrcode", reader.text("value"), caption=False, when=when)


def _table_element(reader: Reader, when: Formula | None) -> TableElement:
    return TableElement(*_place(reader, 0.1), reader.expression("list"), _table(reader), when)


_ELEMENTS: Final[dict[str, Callable[[Reader, Formula | None], Element]]] = {
    "text": _text, "line": _line, "box": _box, "image": _image, "barcode": _bars, "qrcode": _qrcode, "table": _table_element,
}  # fmt: skip


def _element(reader: Reader) -> Element:
    kind = reader.choice("type", tuple(_ELEMENTS))
    when = reader.formula("when")
    element = _ELEMENTS[kind](reader, when)
    reader.done()
    return element


def _table(reader: Reader) -> Table:
    base = TextStyle(size=reader.number("size", 3, 200, 9))
    header = TextStyle(size=reader.number("header_size", 3, 200, base.size), bold=True, align="center")
    columns = []
    for item in reader.readers("columns", MAX_COLUMNS):
        columns.append(
            Column(
                item.text("title", ""), item.text("text"), item.number("width", 0, MAX_SIDE, 0), _style(item, base), item.formula("when")
            )
        )
        item.done()
    if not columns:
        refuse(reader.at("columns"), _("a table needs a column."))
    return Table(
        columns=tuple(columns),
        header_height=reader.number("header_height", 0, 200, 7),
        header_style=header,
        header_fill=reader.color("header_fill", ""),
        row_height=reader.number("row_height", 1, 500, 6),
        padding=reader.number("padding", 0, 20, 1),
        border=reader.choice("border", ("grid", "rows", "none"), "grid"),
        thickness=reader.number("thickness", 0.01, 5, 0.2),
        outline=reader.number("outline", 0, 5, 0),
        stripe=reader.color("stripe", ""),
    )


def _summary(reader: Reader | None, base: TextStyle, columns: int) -> SummaryRow | None:
    if reader is None:
        return None
    base = TextStyle(size=base.size, bold=reader.flag("bold", default=True), overflow="shrink")
    cells = []
    for item in reader.readers("cells", MAX_COLUMNS):
        cells.append(Cell(item.text("text", ""), int(item.number("span", 1, MAX_COLUMNS, 1)), _style(item, base)))
        item.done()
    if sum(cell.span for cell in cells) != columns:
        refuse(reader.at("cells"), _("the cells must span {count} columns together.").format(count=columns))
    row = SummaryRow(tuple(cells), reader.number("height", 1, 200, 7), reader.color("fill", ""), reader.formula("when"))
    reader.done()
    return row


def _sums(reader: Reader | None) -> tuple[tuple[str, Formula], ...]:
    if reader is None:
        return ()
    names = list(reader.raw_keys())
    for name in names:
        if not NAME.fullmatch(name):
            refuse(reader.at(name[:40]), _("a name of small letters, figures and underscores is expected."))
    return tuple((name, reader.expression(name)) for name in names)


def _lines(reader: Reader | None) -> Lines | None:
    if reader is None:
        return None
    table_reader, item_reader = reader.reader("table"), reader.reader("item")
    if (table_reader is None) == (item_reader is None):
        refuse(reader.place, _("the lines have either a table or an item."))
    table = None
    if table_reader is not None:
        table = _table(table_reader)
        table_reader.done()
    style = TextStyle(size=table.columns[0].style.size) if table else TextStyle()
    count = len(table.columns) if table else 1
    lines = Lines(
        values=reader.expression("list"),
        table=table,
        item=_band_of(item_reader) if item_reader is not None else None,
        sums=_sums(reader.reader("sums")),
        opening=_summary(reader.reader("opening"), style, count),
        carry_in=_summary(reader.reader("carry_in"), style, count),
        page_total=_summary(reader.reader("page_total"), style, count),
        carry_out=_summary(reader.reader("carry_out"), style, count),
        total=_summary(reader.reader("total"), style, count),
        rows_per_page=int(reader.number("rows_per_page", 0, MAX_ROWS, 0)),
        pad=reader.flag("pad"),
        keep=int(reader.number("keep", 0, MAX_ROWS, 1)),
        repeat_header=reader.flag("repeat_header", default=True),
    )
    reader.done()
    return lines
