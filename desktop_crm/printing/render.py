"""From placed marks to a PDF, the same bytes for the same pages, with the characters used embedded and nothing else."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from desktop_crm.base.errors import UserError
from desktop_crm.base.files import disk_reason
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
        _Pen(canvas, page.height, fonts).draw(mark for mark in page.marks if not mark.screen_only)
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
                file=target, reason=disk_reason(error)
            )
        ) from error


class _Pen:
    """Draws the marks of one page, and sets font, colours and lines only where they change: most marks are like the one before."""

    def __init__(self, canvas: Canvas, height: float, fonts: FontBook) -> None:
        self._canvas, self._height, self._fonts = canvas, height, fonts
        self._fill = ""
        self._stroke: tuple[str, float, float] | None = None

    def draw(self, marks: Iterable[Mark]) -> None:
        """Draw `marks` in their order; level texts that follow one another are one text object."""
        for level, run in groupby(marks, key=lambda mark: isinstance(mark, TextMark) and not mark.angle):
            if level:
                self._texts(cast("Iterable[TextMark]", run))
            else:
                for mark in run:
                    self._one(mark)

    def _texts(self, marks: Iterable[TextMark]) -> None:
        text = self._canvas.beginText()
        font: tuple[str, float] | None = None
        for mark in marks:
            if mark.color != self._fill:
                self._fill = mark.color
                text.setFillColor(_color(mark.color))
            if (mark.font, mark.size) != font:
                font = mark.font, mark.size
                text.setFont(self._fonts.pdf_name(mark.font), mark.size)
            text.setTextOrigin(mark.x * MM, (self._height - mark.y) * MM)
            text.textOut(mark.text)
        self._canvas.drawText(text)

    def _one(self, mark: Mark) -> None:
        canvas, height = self._canvas, self._height
        match mark:
            case TextMark():
                self._fill_with(mark.color)
                canvas.setFont(self._fonts.pdf_name(mark.font), mark.size)
                canvas.saveState()
                canvas.translate(mark.x * MM, (height - mark.y) * MM)
                canvas.rotate(mark.angle)
                canvas.drawString(0, 0, mark.text)
                canvas.restoreState()
            case LineMark():
                self._stroke_with(mark.color, mark.thickness, mark.dash)
                canvas.line(mark.x * MM, (height - mark.y) * MM, mark.x2 * MM, (height - mark.y2) * MM)
            case RectMark():
                if mark.fill:
                    self._fill_with(mark.fill)
                if mark.thickness:
                    self._stroke_with(mark.color, mark.thickness, 0.0)
                low = height - mark.y - mark.height
                canvas.rect(mark.x * MM, low * MM, mark.width * MM, mark.height * MM, stroke=int(mark.thickness > 0), fill=int(bool(mark.fill)))
            case ImageMark():
                picture = ImageReader(BytesIO(mark.data))
                canvas.drawImage(picture, mark.x * MM, (height - mark.y - mark.height) * MM, mark.width * MM, mark.height * MM, mask="auto")
            case BarsMark():
                self._fill_with("#000000")
                for x, y, width, tall in mark.bars:
                    canvas.rect((mark.x + x) * MM, (height - mark.y - y - tall) * MM, width * MM, tall * MM, stroke=0, fill=1)

    def _fill_with(self, color: str) -> None:
        if color != self._fill:
            self._fill = color
            self._canvas.setFillColor(_color(color))

    def _stroke_with(self, color: str, thickness: float, dash: float) -> None:
        if (color, thickness, dash) != self._stroke:
            self._stroke = color, thickness, dash
            self._canvas.setStrokeColor(_color(color))
            self._canvas.setLineWidth(thickness * MM)
            self._canvas.setDash([dash * MM, dash * MM] if dash else [])
