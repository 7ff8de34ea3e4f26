"""Printing: a document of a hundred lines in the preview, and a thousand documents in one file beside a bare canvas drawing the same marks.

Both in time of the processor, which other programs don't make longer.
"""

from __future__ import annotations

import os
import time
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from bench.house import Ground, Line, in_turns, resident_mb
from desktop_crm.printing.documents import load_template, make_pdf
from desktop_crm.printing.fonts import REGULAR, FontBook
from desktop_crm.printing.layout import lay_out
from desktop_crm.printing.marks import POINT, LineMark, RectMark, TextMark
from desktop_crm.printing.render import render_pdf
from tests.printing.sample_documents import contract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.printing.marks import Page

RUNS: Final = 5
LINES: Final = 100
DOCUMENTS: Final = 1000
LINES_OF_MANY: Final = 10
PREVIEW_MS: Final = 150
MM: Final = 1 / POINT


def measure(ground: Ground) -> Iterator[Line]:
    """Measure what the preview and the printing of many take; the company's size doesn't matter."""
    del ground
    template, book = load_template("delivery_note"), FontBook()
    long, short = contract(LINES), contract(LINES_OF_MANY)

    def layout_and_file() -> bytes:
        out = BytesIO()
        render_pdf(lay_out(template, long, fonts=book), out, title="", fonts=book)
        return out.getvalue()

    first_page = _painter()
    ours, _none = in_turns(lambda: first_page(layout_and_file()), lambda: None, runs=RUNS, clock=time.process_time)
    yield Line("preview of 100 lines until its first page is painted", ours, ceiling=PREVIEW_MS, note=f"{len(lay_out(template, long, fonts=book))} pages")
    pages = lay_out(template, short, fonts=book)
    before = resident_mb()
    make_pdf(template, (short for _number in range(DOCUMENTS)), BytesIO(), fonts=book)
    taken = resident_mb() - before
    ours, floor = in_turns(
        lambda: make_pdf(template, (short for _number in range(DOCUMENTS)), BytesIO(), fonts=book), lambda: _bare(pages, book, DOCUMENTS), runs=1, clock=time.process_time
    )
    yield Line("1,000 documents in one PDF", ours, floor, limit=3, note=f"{DOCUMENTS * len(pages):,} pages")
    yield Line("  memory they add", taken, unit="MB", note="the packed pages, which a PDF's table of contents needs to the end")


def _painter() -> Any:
    """Return what paints the first page of a PDF as large as a window shows it."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtPdf import QPdfDocument

    app = QGuiApplication.instance() or QGuiApplication([])
    document = QPdfDocument(app)

    def paint(content: bytes) -> None:
        buffer = QBuffer()
        buffer.setData(QByteArray(content))
        buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        document.load(buffer)
        size = document.pagePointSize(0)
        document.render(0, QSize(1000, int(1000 * size.height() / size.width())))
        document.close()

    return paint


def _bare(pages: list[Page], book: FontBook, times: int) -> None:
    """Draw the same marks with nothing but the library."""
    canvas = Canvas(BytesIO(), pageCompression=1, invariant=1, initialFontName=book.pdf_name(REGULAR))
    for page in pages * times:
        canvas.setPageSize((page.width * MM, page.height * MM))
        for mark in page.marks:
            if isinstance(mark, TextMark):
                canvas.setFillColor(HexColor(mark.color))
                canvas.setFont(book.pdf_name(mark.font), mark.size)
                canvas.drawString(mark.x * MM, (page.height - mark.y) * MM, mark.text)
            elif isinstance(mark, LineMark):
                canvas.setStrokeColor(HexColor(mark.color))
                canvas.setLineWidth(mark.thickness * MM)
                canvas.setDash([])
                canvas.line(mark.x * MM, (page.height - mark.y) * MM, mark.x2 * MM, (page.height - mark.y2) * MM)
            elif isinstance(mark, RectMark):
                canvas.rect(mark.x * MM, (page.height - mark.y - mark.height) * MM, mark.width * MM, mark.height * MM, stroke=int(mark.thickness > 0), fill=0)
        canvas.showPage()
    canvas.save()
