"""Reading the elements of a band: texts, lines, boxes, pictures, codes and tables."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.printing.fonts import FAMILIES
from desktop_crm.printing.pictures import checked_picture
from desktop_crm.printing.template import (
    BarElement,
    BoxElement,
    Column,
    Element,
    ImageElement,
    LineElement,
    Table,
    TableElement,
    TextElement,
    TextStyle,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.printing.reader import Reader

MAX_FILE: Final = 5_000_000
MAX_SIDE: Final = 2000.0
MAX_ELEMENTS: Final = 500
MAX_COLUMNS: Final = 40
SMALLEST: Final = 0.1
ANGLES: Final = (0, 90, 180, 270)

Common = dict[str, Any]


def element(reader: Reader) -> Element | None:
    """Return one element of a band, or None where something is wrong with it."""
    before = len(reader.problems)
    kind = reader.choice("type", tuple(ELEMENTS))
    common = {
        "source": reader.place,
        "name": reader.string("name", ""),
        "locked": reader.flag("locked"),
        "hidden": reader.flag("hidden"),
        "preprinted": reader.flag("preprinted"),
        "when": reader.formula("when"),
    }
    found = ELEMENTS[kind](reader, common)
    reader.done()
    return found if len(reader.problems) == before else None


def style_of(reader: Reader, base: TextStyle) -> TextStyle:
    """Return the style of a text, what isn't said as in `base`."""
    return TextStyle(
        size=reader.number("size", 3, 200, base.size),
        bold=reader.flag("bold", default=base.bold),
        align=reader.choice("align", ("left", "center", "right"), base.align),
        valign=reader.choice("valign", ("top", "middle", "bottom"), base.valign),
        overflow=reader.choice("overflow", ("wrap", "shrink", "cut"), base.overflow),
        color=reader.color("color", base.color),
        font=reader.choice("font", FAMILIES, base.font),
        leading=reader.number("leading", 1, 4, base.leading),
        smallest=reader.number("smallest", 0, 200, base.smallest),
    )


def _place(reader: Reader, height: float | None = None) -> tuple[float, float, float, float]:
    return (
        reader.number("x", -MAX_SIDE, MAX_SIDE),
        reader.number("y", -MAX_SIDE, MAX_SIDE),
        reader.number("width", SMALLEST, MAX_SIDE),
        reader.number("height", SMALLEST, MAX_SIDE, height),
    )


def _angle(reader: Reader) -> int:
    angle = reader.raw("rotate", 0)
    if angle not in ANGLES or isinstance(angle, bool):
        reader.complain(reader.at("rotate"), _("one of {options} is expected.").format(options=", ".join(map(str, ANGLES))))
        return 0
    return int(angle)


def _text(reader: Reader, common: Common) -> TextElement:
    style = style_of(reader, TextStyle())
    return TextElement(*_place(reader, round(style.size * 0.5, 2)), reader.content("text"), style, _angle(reader), **common)


def _line(reader: Reader, common: Common) -> LineElement:
    x, y, x2, y2 = (reader.number(key, -MAX_SIDE, MAX_SIDE) for key in ("x", "y", "x2", "y2"))
    thickness, color, dash = reader.number("thickness", 0.01, 20, 0.2), reader.color("color", "#000000"), reader.number("dash", 0, 50, 0)
    return LineElement(x, y, x2, y2, thickness, color, dash, **common)


def _box(reader: Reader, common: Common) -> BoxElement:
    thickness, color, fill = reader.number("thickness", 0, 20, 0.2), reader.color("color", "#000000"), reader.color("fill", "")
    return BoxElement(*_place(reader), thickness, color, fill, **common)


def image(reader: Reader, common: Common) -> ImageElement:
    """Return a picture."""
    data = b""
    if reader.has("data"):
        try:
            data = base64.b64decode(reader.string("data", most=MAX_FILE), validate=True)
            checked_picture(data)
        except (binascii.Error, ValueError):
            reader.complain(reader.at("data"), _("a PNG or JPEG picture in Base64 is expected."))
        except UserError as error:
            reader.complain(reader.at("data"), error.message)
    value = reader.formula("value")
    if reader.has("data") == (value is not None):
        reader.complain(reader.place, _("a picture has either data or a value."))
    preprinted = common["preprinted"] or reader.flag("screen_only")
    return ImageElement(*_place(reader), data, value, _angle(reader), **{**common, "preprinted": preprinted})


def _bars(reader: Reader, common: Common) -> BarElement:
    kind, caption = reader.choice("kind", ("code128", "ean13"), "code128"), reader.flag("caption", default=True)
    return BarElement(*_place(reader), kind, reader.content("value"), caption, _angle(reader), **common)


def _qrcode(reader: Reader, common: Common) -> BarElement:
    x, y, size = reader.number("x", -MAX_SIDE, MAX_SIDE), reader.number("y", -MAX_SIDE, MAX_SIDE), reader.number("width", 5, 200)
    # A designer that treats all elements alike writes the height too; a QR code is square.
    reader.number("height", SMALLEST, MAX_SIDE, size)
    return BarElement(x, y, size, size, "qrcode", reader.content("value"), caption=False, **common)


def _table_element(reader: Reader, common: Common) -> TableElement:
    place = _place(reader, 0.1)
    return TableElement(*place, reader.expression("list"), table(reader), **common)


ELEMENTS: Final[dict[str, Callable[[Reader, Common], Element]]] = {
    "text": _text, "line": _line, "box": _box, "image": image, "barcode": _bars, "qrcode": _qrcode, "table": _table_element,
}  # fmt: skip


def _column(item: Reader, base: TextStyle) -> Column:
    style = style_of(item, base)
    title_align = item.choice("title_align", ("left", "center", "right"), "center")
    found = Column(item.text("title", ""), item.content("text"), item.number("width", 0, MAX_SIDE, 0), style, title_align, item.formula("when"), item.place)
    item.done()
    return found


def table(reader: Reader) -> Table:
    """Return a table; one without columns is a problem."""
    base = TextStyle(size=reader.number("size", 3, 200, 9))
    header = TextStyle(
        size=reader.number("header_size", 3, 200, base.size), bold=reader.flag("header_bold", default=True),
        align="center", color=reader.color("header_color", "#000000"),
    )  # fmt: skip
    columns = tuple(_column(item, base) for item in reader.readers("columns", MAX_COLUMNS))
    if not columns:
        reader.complain(reader.at("columns"), _("a table needs a column."))
    return Table(
        columns=columns,
        header_height=reader.number("header_height", 0, 200, 7),
        header_style=header,
        header_fill=reader.color("header_fill", ""),
        row_height=reader.number("row_height", 1, 500, 6),
        padding=reader.number("padding", 0, 20, 1),
        border=reader.choice("border", ("grid", "rows", "none"), "grid"),
        thickness=reader.number("thickness", 0.01, 5, 0.2),
        outline=reader.number("outline", 0, 5, 0),
        stripe=reader.color("stripe", ""),
        color=reader.color("rule_color", "#000000"),
        source=reader.place,
    )
