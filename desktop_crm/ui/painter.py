"""Printing placed marks: what a printer gets is the same page as the PDF, as vectors, at its exact size in millimetres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrinter

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.ui.mark_painter import PagePainter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from desktop_crm.printing.fonts import FontBook
    from desktop_crm.printing.marks import Page

INCH: Final = 25.4


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
