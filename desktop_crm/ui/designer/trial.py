"""A trial print: the document as it is designed now, whatever is published, to a printer chosen as for any other print."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

from desktop_crm.base.i18n import _
from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.layout import lay_out
from desktop_crm.printing.parse import parse_template
from desktop_crm.printing.render import render_pdf
from desktop_crm.ui.print_job import PrintSetup, print_all
from desktop_crm.ui.print_setup import PrintSetupDialog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop_crm.printing.marks import Page
    from desktop_crm.ui.designer.document import Doc
    from desktop_crm.ui.designer.page import DesignerPage


def laid_pages(doc: Doc, values: Mapping[str, Any], fonts: FontBook) -> list[Page]:
    """Return the pages of a document as they would be printed; raises TemplateError where it can't be."""
    return lay_out(parse_template(json.dumps(doc)), values, fonts=fonts)


def pdf_of(doc: Doc, values: Mapping[str, Any]) -> bytes:
    """Return a document as a PDF; raises TemplateError where it can't be printed."""
    fonts, out = FontBook(), BytesIO()
    render_pdf(laid_pages(doc, values, fonts), out, title=str(doc.get("label", "")), fonts=fonts)
    return out.getvalue()


def print_trial(page: DesignerPage) -> None:
    """Lay the chosen document out, ask for a printer and print it."""
    doc, values, fonts = page.design.doc, page.shown_values(), FontBook()
    page.desk.operations.file(page, lambda _step: laid_pages(doc, values, fonts), lambda pages: _ask(page, pages, fonts), title=_("Trial print"), failed=page.refused)


def _ask(page: DesignerPage, pages: list[Page], fonts: FontBook) -> None:
    desk = page.desk

    def sent(setup: PrintSetup, count: int) -> None:
        desk.say(_("{count} pages sent to the printer {printer}").format(count=count, printer=setup.printer), "success")

    def take(setup: PrintSetup) -> None:
        desk.operations.file(page, lambda step: print_all(setup, pages, step, total=len(pages), fonts=fonts), lambda count: sent(setup, count), title=_("Printing"), failed=desk.fail)

    dialog = PrintSetupDialog(page, desk, page.name, paper=(pages[0].width, pages[0].height), pages=len(pages))
    dialog.taken.connect(take)
    dialog.open()
