"""Painting placed marks with Qt: what a printer gets is the same page as the PDF, as vectors, at its exact size in millimetres."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QGlyphRun, QImage, QPageLayout, QPageSize, QPainter, QPen, QRawFont
from PySide6.QtPrintSupport import QPrinter

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.printing.fonts import FontBook, shared_fonts
from desktop_crm.printing.marks import POINT, BarsMark, ImageMark, LineMark, Mark, Page, RectMark, TextMark

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Pens and pictures in units of 1/100 mm stay well above the device's rounding.
UNITS: Final = 100
INCH: Final = 25.4


@lru_cache(maxsize=200)
def _raw_font(path: str, size: int) -> QRawFont:
    """Load a font file at a size in units of the page; raises UserError where Qt can't read it.

    The shipped files share one family name, so that a font asked for by name might be another file's, or the system's.
    """
    font = QRawFont(path, size, QFont.HintingPreference.PreferNoHinting)
    if not font.isValid():
        raise UserError(_("The font {path} can't be read. Install the program anew").format(path=path))
    return font


def paint_page(painter: QPainter, page: Page, *, dots_per_mm: tuple[float, float], fonts: FontBook | None = None, screen: bool = False) -> None:
    """Paint a page from the painter's origin; `dots_per_mm` is the device's resolution across and down.

    Pictures of preprinted forms are painted on a screen only.
    """
    book = fonts or shared_fonts()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=screen)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.scale(dots_per_mm[0] / UNITS, dots_per_mm[1] / UNITS)
    for mark in page.marks:
        _paint(painter, mark, book, screen=screen)
    painter.restore()


def _paint(painter: QPainter, mark: Mark, book: FontBook, *, screen: bool) -> None:
    match mark:
        case TextMark():
            _paint_text(painter, mark, book)
        case LineMark():
            pen = QPen(QColor(mark.color), mark.thickness * UNITS)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            if mark.dash:
                # Qt counts dashes in widths of the pen.
                length = mark.dash / max(mark.thickness, 0.01)
                pen.setDashPattern([length, length])
            painter.setPen(pen)
            painter.drawLine(QPointF(mark.x, mark.y) * UNITS, QPointF(mark.x2, mark.y2) * UNITS)
        case RectMark():
            pen = QPen(QColor(mark.color), mark.thickness * UNITS)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen if mark.thickness else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(mark.fill) if mark.fill else Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(mark.x * UNITS, mark.y * UNITS, mark.width * UNITS, mark.height * UNITS))
        case ImageMark():
            if screen or not mark.screen_only:
                target = QRectF(mark.x * UNITS, mark.y * UNITS, mark.width * UNITS, mark.height * UNITS)
                painter.drawImage(target, QImage.fromData(mark.data))
        case BarsMark():
            for x, y, width, height in mark.bars:
                painter.fillRect(QRectF((mark.x + x) * UNITS, (mark.y + y) * UNITS, width * UNITS, height * UNITS), QColor("#000000"))


def _paint_text(painter: QPainter, mark: TextMark, book: FontBook) -> None:
    font = _raw_font(str(book.path(mark.font)), max(1, round(mark.size * POINT * UNITS)))
    glyphs, left = [], 0.0
    for sign, advance in zip(mark.text, book.advances(mark.text, mark.font, mark.size), strict=True):
        # The PDF's own widths, so that every character stands where it stands there.
        glyphs += [(number, QPointF(left * UNITS, 0)) for number in font.glyphIndexesForString(sign)[:1]]
        left += advance
    run = QGlyphRun()
    run.setRawFont(font)
    run.setGlyphIndexes([number for number, _position in glyphs])
    run.setPositions([position for _number, position in glyphs])
    painter.setPen(QColor(mark.color))
    if not mark.angle:
        painter.drawGlyphRun(QPointF(mark.x, mark.y) * UNITS, run)
        return
    painter.save()
    painter.translate(mark.x * UNITS, mark.y * UNITS)
    painter.rotate(-mark.angle)
    painter.drawGlyphRun(QPointF(0, 0), run)
    painter.restore()


def prepare_printer(printer: QPrinter, page: Page) -> None:
    """Set a printer to the page's own paper, edge to edge, so that nothing is scaled or moved."""
    printer.setFullPage(True)
    size = QPageSize(QSizeF(min(page.width, page.height), max(page.width, page.height)), QPageSize.Unit.Millimeter, "", QPageSize.SizeMatchPolicy.FuzzyMatch)
    printer.setPageSize(size)
    printer.setPageOrientation(QPageLayout.Orientation.Landscape if page.width > page.height else QPageLayout.Orientation.Portrait)


def print_pages(printer: QPrinter, pages: Iterable[Page], *, fonts: FontBook | None = None) -> int:
    """Print pages and return how many; raises UserError where the printer can't be used or there is nothing to print."""
    painter = QPainter()
    count = 0
    for page in pages:
        prepare_printer(printer, page)
        if not count and not painter.begin(printer):
            raise UserError(_("The printer “{printer}” can't be used. Check that it is switched on and connected").format(printer=printer.printerName()))
        if count:
            printer.newPage()
        paint_page(painter, page, dots_per_mm=(printer.logicalDpiX() / INCH, printer.logicalDpiY() / INCH), fonts=fonts)
        count += 1
    if not count:
        raise UserError(_("There is nothing to print."))
    painter.end()
    return count


def chosen_pages(pages: Sequence[Page], printer: QPrinter) -> list[Page]:
    """Return the pages the print dialog asked for; a printer that makes no copies by itself gets them one after the other."""
    wanted = list(pages)
    if printer.printRange() == QPrinter.PrintRange.PageRange:
        wanted = wanted[max(0, printer.fromPage() - 1) : printer.toPage() or None]
    return wanted if printer.supportsMultipleCopies() else wanted * max(1, printer.copyCount())
