"""Pictures and bar codes: checked, measured, and broken down to what is drawn."""

from __future__ import annotations

import re
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Final

from PIL import Image, UnidentifiedImageError

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _

if TYPE_CHECKING:
    from desktop_crm.printing.template import BarKind

MAX_PIXELS: Final = 40_000_000
MAX_BYTES: Final = 20_000_000
MAX_CODE128: Final = 80
MAX_QR_BYTES: Final = 1000

Bars = tuple[tuple[float, float, float, float], ...]


def checked_picture(data: bytes) -> tuple[int, int]:
    """Return the size in pixels of a PNG or JPEG. Raises UserError for anything else or anything huge."""
    try:
        with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as picture:
            width, height = picture.size
    except Image.DecompressionBombError as error:
        raise UserError(_("the picture is too large: more than {count} million points.").format(count=MAX_PIXELS // 1_000_000)) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise UserError(_("this isn't a PNG or JPEG picture.")) from error
    if width * height > MAX_PIXELS or len(data) > MAX_BYTES:
        raise UserError(_("the picture is too large: more than {count} million points.").format(count=MAX_PIXELS // 1_000_000))
    return width, height


def _checked(kind: BarKind, value: str) -> str:
    if kind == "code128" and (len(value) > MAX_CODE128 or not re.fullmatch(r"[ -~]+", value)):
        raise UserError(
            _("“{value}” can't be a Code 128 bar code: only letters, figures and signs of English, at most {count}.").format(
                value=value[:40], count=MAX_CODE128
            )
        )
    if kind == "qrcode" and len(value.encode()) > MAX_QR_BYTES:
        raise UserError(_("The text is too long for a QR code ({count} bytes at most).").format(count=MAX_QR_BYTES))
    if kind == "ean13":
        from stdnum import ean

        complete = value + ean.calc_check_digit(value) if re.fullmatch(r"\d{12}", value) else value
        if not re.fullmatch(r"\d{13}", complete) or not ean.is_valid(complete):
            raise UserError(_("“{value}” isn't an EAN-13 number: 13 figures, the last being the check figure.").format(value=value[:40]))
        return complete
    return value


@lru_cache(maxsize=16)
def turned_picture(data: bytes, angle: int) -> bytes:
    """Return a checked picture turned clockwise by 90, 180 or 270 degrees, as a PNG."""
    with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as picture:
        out = BytesIO()
        picture.rotate(-angle, expand=True).save(out, "PNG")
        return out.getvalue()


def turned_bars(shapes: Bars, angle: int) -> Bars:
    """Return rectangles in a square of 1 × 1 turned clockwise around its middle."""
    for _quarter in range(angle // 90):
        shapes = tuple((1 - y - height, x, height, width) for x, y, width, height in shapes)
    return shapes


@lru_cache(maxsize=256)
def bars(kind: BarKind, value: str) -> tuple[Bars, str]:
    """Return the black rectangles (x, y, width, height) of a code in a square of 1 × 1, quiet zone left out, and the value encoded.

    Raises UserError where `value` can't be encoded.
    """
    value = _checked(kind, value)
    return (_qr(value) if kind == "qrcode" else _linear(kind, value)), value


def _qr(value: str) -> Bars:
    from reportlab.graphics.barcode.qr import QrCodeWidget

    code = QrCodeWidget(value, barLevel="M").qr
    code.make()
    count = code.getModuleCount()
    found: list[tuple[float, float, float, float]] = []
    for row, modules in enumerate(code.modules):
        column = 0
        while column < count:
            end = column
            while end < count and modules[end]:
                end += 1
            if end > column:
                found.append((column / count, row / count, (end - column) / count, 1 / count))
            column = end + 1
    return tuple(found)


def _linear(kind: BarKind, value: str) -> Bars:
    from reportlab.graphics.barcode.eanbc import Ean13BarcodeWidget
    from reportlab.graphics.barcode.widgets import BarcodeCode128

    widget = BarcodeCode128(value=value, quiet=0) if kind == "code128" else Ean13BarcodeWidget(value=value[:12], quiet=0, humanReadable=0)
    # The first rectangle of each drawing is its unfilled frame.
    drawn = [shape for shape in widget.draw().contents if shape.fillColor is not None]
    left = min(shape.x for shape in drawn)
    width = max(shape.x + shape.width for shape in drawn) - left
    return tuple(sorted(((shape.x - left) / width, 0.0, shape.width / width, 1.0) for shape in drawn))
