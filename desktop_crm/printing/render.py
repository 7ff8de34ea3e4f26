"""From placed marks to a PDF, the same bytes for the same pages, with the characters used embedded and nothing else."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.base.scratch import part_beside, put_in_place
from desktop_crm.printing.fonts import REGULAR
from desktop_crm.printing.marks import POINT, BarsMark, ImageMark, LineMark, Mark, RectMark, TextMark

if TYPE_CHECKING:
    from collections.abc import Iterable

    from desktop_crm.printing.fonts import FontBook
    from desktop_crm.printing.marks import Page

PRODUCER: Final = "Desktop CRM"
MM: Final = 1 / POINT


def render_pdf(pages: Iterable[Page], target: Path | str | BinaryIO, *, title: str, fonts: FontBook) -> int:
    """Write `pages` to `target` and return how many there were.

    Pages may come from a generator and are let go one by one. What is marked as screen only isn't printed. A file that can't be
    written raises UserError; the file is written at the end, so a failure on the way leaves none behind.
    """
    buffer = BytesIO()
    canvas = Canvas(buffer, pageCompression=1, invariant=1, lang="zh-CN", initialFontName=fonts.pdf_name(REGULAR))
    canvas.setTitle(title)
    canvas.setAuthor("")
    canvas.setSubject("")
    canvas.setCreator(PRODUCER)
    canvas.setProducer(PRODUCER)
    # Scaling to fit would miss a preprinted form.
    canvas.setViewerPreference("PrintScaling", "None")
    count = 0
    for page in pages:
        canvas.setPageSize((page.width * MM, page.height * MM))
        for mark in page.marks:
            if not mark.screen_only:
                _draw(canvas, mark, page.height, fonts)
        canvas.showPage()
        count += 1
    if not count:
        raise UserError(_("There is nothing to print."))
    canvas.save()
    if hasattr(target, "write"):
        target.write(buffer.getbuffer())
    else:
        _write(target, buffer)
    return count


@lru_cache(maxsize=256)
def _color(code: str) -> Color:
    return HexColor(code)


def _write(target: Path | str, buffer: BytesIO) -> None:
    try:
        place = Path(target)
        with part_beside(place) as part:
            with part.open("wb") as file:
                file.write(buffer.getbuffer())
            put_in_place(part, place, replace=True)
    except OSError as error:
        raise UserError(
            _("“{file}” can't be written: {reason}. Close it if it is open elsewhere, or choose another place.").format(
                file=target, reason=error.strerror
            )
        ) from error


def _draw(canvas: Canvas, mark: Mark, height: float, fonts: FontBook) -> None:
    match mark:
        case TextMark():
            canvas.setFillColor(_color(mark.color))
            canvas.setFont(fonts.pdf_name(mark.font), mark.size)
            if mark.angle:
                canvas.saveState()
                canvas.translate(mark.x * MM, (height - mark.y) * MM)
                canvas.rotate(mark.angle)
                canvas.drawString(0, 0, mark.text)
                canvas.restoreState()
            else:
                canvas.drawString(mark.x * MM, (height - mark.y) * MM, mark.text)
        case LineMark():
            canvas.setStrokeColor(_color(mark.color))
            canvas.setLineWidth(mark.thickness * MM)
            canvas.setDash([mark.dash * MM, mark.dash * MM] if mark.dash else [])
            canvas.line(mark.x * MM, (height - mark.y) * MM, mark.x2 * MM, (height - mark.y2) * MM)
        case RectMark():
            _rectangle(canvas, mark, height)
        case ImageMark():
            picture = ImageReader(BytesIO(mark.data))
            canvas.drawImage(picture, mark.x * MM, (height - mark.y - mark.height) * MM, mark.width * MM, mark.height * MM, mask="auto")
        case BarsMark():
            canvas.setFillColor(_color("#000000"))
            for x, y, width, tall in mark.bars:
                canvas.rect((mark.x + x) * MM, (height - mark.y - y - tall) * MM, width * MM, tall * MM, stroke=0, fill=1)


def _rectangle(canvas: Canvas, mark: RectMark, height: float) -> None:
    if mark.fill:
        canvas.setFillColor(_color(mark.fill))
    if mark.thickness:
        canvas.setStrokeColor(_color(mark.color))
        canvas.setLineWidth(mark.thickness * MM)
        canvas.setDash([])
    canvas.rect(
        mark.x * MM,
        (height - mark.y - mark.height) * MM,
        mark.width * MM,
        mark.height * MM,
        stroke=int(mark.thickness > 0),
        fill=int(bool(mark.fill)),
    )
