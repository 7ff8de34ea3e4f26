"""Printing placed marks: what a printer gets is the same page as the PDF, as vectors, at its exact size in millimetres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.ui.mark_painter import PagePainter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from PySide6.QtPrintSupport import QPrinter

    from desktop_crm.printing.fonts import FontBook
    from desktop_crm.printing.marks import Page

INCH: Final = 25.4


def prepare_printer(printer: QPrinter, page: Page) -> None:
    """Set a printer to the page's own paper, edge to edge, so that nothing is scaled or moved."""
    printer.setFullPage(True)
    size = QPageSize(QSizeF(min(page.width, page.height), max(page.width, page.height)), QPageSize.Unit.Millimeter, "", QPageSize.SizeMatchPolicy.FuzzyMatch)
    printer.setPageSize(size)
    printer.setPageOrientation(QPageLayout.Orientation.Landscape if page.width > page.height else QPageLayout.Orientation.Portrait)


def print_pages(printer: QPrinter, pages: Iterable[Page], *, step: Callable[[int, int], None], total: int = 0, fonts: FontBook | None = None) -> int:
    """Print pages, which may come one at a time, telling `step` after each of `total`, and return how many.

    May run in any thread. Raises UserError where the printer can't be used or there is nothing to print, and whatever `step` or making the
    pages raises; what hasn't been sent to the printer by then isn't printed.
    """
    coming = iter(pages)
    first = next(coming, None)
    if first is None:
        raise UserError(_("There is nothing to print."))
    prepare_printer(printer, first)
    painter = QPainter()
    if not painter.begin(printer):
        raise UserError(_("The printer “{printer}” can't be used. Check that it is switched on and connected").format(printer=printer.printerName()))
    done = 0
    try:
        hand = PagePainter(painter, (printer.logicalDpiX() / INCH, printer.logicalDpiY() / INCH), fonts=fonts)
        page: Page | None = first
        while page is not None:
            step(done, total)
            if done:
                prepare_printer(printer, page)
                printer.newPage()
            hand.paint(page)
            done += 1
            page = next(coming, None)
    except BaseException:
        printer.abort()
        raise
    finally:
        painter.end()
    return done
