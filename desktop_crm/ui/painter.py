"""Painting placed marks with Qt: what a printer gets is the same page as the PDF, as vectors, at its exact size in millimetres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QGlyphRun, QImage, QPageLayout, QPageSize, QPainter, QPen, QRawFont
from PySide6.QtPrintSupport import QPrinter

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.printing.fonts import FontBook, shared_fonts
from desktop_crm.printing.marks import POINT, BarsMark, ImageMark, LineMark, Mark, Page, RectMark, TextMark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Pens and pictures in units of 1/100 mm stay well above the device's rounding.
UNITS: Final = 100
INCH: Final = 25.4


class PagePainter:
    """Paints pages with one painter; it belongs to the thread that made it, as Qt's raw fonts do.

    `dots_per_mm` is the device's resolution across and down. Pictures of preprinted forms are painted on a `screen` only.
    """

    def __init__(self, painter: QPainter, dots_per_mm: tuple[float, float], *, fonts: FontBook | None = None, screen: bool = False) -> None:
        self._painter, self._dots, self._screen = painter, dots_per_mm, screen
        self._book = fonts or shared_fonts()
        self._fonts: dict[tuple[str, int], QRawFont] = {}

    def paint(self, page: Page) -> None:
        """Paint a page from the painter's origin; raises UserError where a font can't be read."""
        painter = self._painter
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._screen)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.scale(self._dots[0] / UNITS, self._dots[1] / UNITS)
        for mark in page.marks:
            self._mark(mark)
        painter.restore()

    def _mark(self, mark: Mark) -> None:
        painter = self._painter
        match mark:
            case TextMark():
                self._text(mark)
            case LineMark():
                painter.setPen(_line_pen(mark))
                painter.drawLine(QPointF(mark.x, mark.y) * UNITS, QPointF(mark.x2, mark.y2) * UNITS)
            case RectMark():
                pen = QPen(QColor(mark.color), mark.thickness * UNITS)
                pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
                painter.setPen(pen if mark.thickness else Qt.PenStyle.NoPen)
                painter.setBrush(QColor(mark.fill) if mark.fill else Qt.BrushStyle.NoBrush)
                painter.drawRect(_rect(mark.x, mark.y, mark.width, mark.height))
            case ImageMark():
                if self._screen or not mark.screen_only:
                    painter.drawImage(_rect(mark.x, mark.y, mark.width, mark.height), QImage.fromData(mark.data))
            case BarsMark():
                for x, y, width, height in mark.bars:
                    painter.fillRect(_rect(mark.x + x, mark.y + y, width, height), QColor("#000000"))

    def _font(self, name: str, points: float) -> QRawFont:
        """Return a shipped font by its file: the files share one family name, so that by name another one might come."""
        key = name, max(1, round(points * POINT * UNITS))
        if key not in self._fonts:
            path = str(self._book.path(name))
            font = QRawFont(path, key[1], QFont.HintingPreference.PreferNoHinting)
            if not font.isValid():
                raise UserError(_("The font {path} can't be read. Install the program anew").format(path=path))
            self._fonts[key] = font
        return self._fonts[key]

    def _text(self, mark: TextMark) -> None:
        font, painter = self._font(mark.font, mark.size), self._painter
        numbers, positions, left = [], [], 0.0
        # The PDF's own widths, so that every character stands where it stands there.
        for sign, advance in zip(mark.text, self._book.advances(mark.text, mark.font, mark.size), strict=True):
            numbers += font.glyphIndexesForString(sign)[:1]
            positions.append(QPointF(left * UNITS, 0))
            left += advance
        run = QGlyphRun()
        run.setRawFont(font)
        run.setGlyphIndexes(numbers)
        run.setPositions(positions)
        painter.setPen(QColor(mark.color))
        painter.save()
        painter.translate(mark.x * UNITS, mark.y * UNITS)
        painter.rotate(-mark.angle)
        painter.drawGlyphRun(QPointF(0, 0), run)
        painter.restore()


def _rect(x: float, y: float, width: float, height: float) -> QRectF:
    return QRectF(x * UNITS, y * UNITS, width * UNITS, height * UNITS)


def _line_pen(mark: LineMark) -> QPen:
    pen = QPen(QColor(mark.color), mark.thickness * UNITS)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if mark.dash:
        # Qt counts dashes in widths of the pen.
        length = mark.dash / max(mark.thickness, 0.01)
        pen.setDashPattern([length, length])
    return pen


def prepare_printer(printer: QPrinter, page: Page) -> None:
    """Set a printer to the page's own paper, edge to edge, so that nothing is scaled or moved."""
    printer.setFullPage(True)
    size = QPageSize(QSizeF(min(page.width, page.height), max(page.width, page.height)), QPageSize.Unit.Millimeter, "", QPageSize.SizeMatchPolicy.FuzzyMatch)
    printer.setPageSize(size)
    printer.setPageOrientation(QPageLayout.Orientation.Landscape if page.width > page.height else QPageLayout.Orientation.Portrait)


def print_pages(printer: QPrinter, pages: Sequence[Page], *, step: Callable[[int, int], None], fonts: FontBook | None = None) -> int:
    """Print pages, telling `step` after each, and return how many.

    May run in any thread. Raises UserError where the printer can't be used or there is nothing to print, and whatever `step` raises;
    what hasn't been sent to the printer by then isn't printed.
    """
    if not pages:
        raise UserError(_("There is nothing to print."))
    prepare_printer(printer, pages[0])
    painter = QPainter()
    if not painter.begin(printer):
        raise UserError(_("The printer “{printer}” can't be used. Check that it is switched on and connected").format(printer=printer.printerName()))
    try:
        hand = PagePainter(painter, (printer.logicalDpiX() / INCH, printer.logicalDpiY() / INCH), fonts=fonts)
        for done, page in enumerate(pages):
            step(done, len(pages))
            if done:
                prepare_printer(printer, page)
                printer.newPage()
            hand.paint(page)
    except BaseException:
        printer.abort()
        raise
    finally:
        painter.end()
    return len(pages)


def chosen_pages(pages: Sequence[Page], printer: QPrinter) -> list[Page]:
    """Return the pages the print dialog asked for; a printer that makes no copies by itself gets them one after the other."""
    wanted = list(pages)
    if printer.printRange() == QPrinter.PrintRange.PageRange:
        wanted = wanted[max(0, printer.fromPage() - 1) : printer.toPage() or None]
    return wanted if printer.supportsMultipleCopies() else wanted * max(1, printer.copyCount())
