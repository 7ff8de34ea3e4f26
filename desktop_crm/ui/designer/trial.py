"""A trial print: the document as it is designed now, to a printer or a PDF file, whatever is published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog

from desktop_crm.base.i18n import _
from desktop_crm.printing.marks import calibrated
from desktop_crm.ui.designer.head import laid_pages
from desktop_crm.ui.painter import chosen_pages, print_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from desktop_crm.printing.marks import Page
    from desktop_crm.ui.designer.document import Doc
    from desktop_crm.ui.designer.page import DesignerPage


class Asking:
    """How the user chooses a printer; a test answers in its place."""

    ask: Callable[[QPrinter, DesignerPage], bool]

    @staticmethod
    def dialog(printer: QPrinter, page: DesignerPage) -> bool:
        """Show the system's dialog."""
        made = QPrintDialog(printer, page)
        try:
            return made.exec() == QDialog.DialogCode.Accepted
        finally:
            made.deleteLater()


ASKING = Asking()
ASKING.ask = Asking.dialog


def print_trial(page: DesignerPage, doc: Doc, values: Mapping[str, Any]) -> None:
    """Lay the document out and print it."""
    page.desk.operations.file(page, lambda _step: laid_pages(doc, values)[0], lambda pages: _ask(page, pages), title=_("Trial print"), failed=page.desk.fail)


def _ask(page: DesignerPage, pages: list[Page]) -> None:
    desk, name = page.desk, page.name
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(str(page.design.doc.get("label", "")))
    printer.setFromTo(1, len(pages))
    if not ASKING.ask(printer, page):
        return
    kept = desk.settings.printers.get(name, {})
    moved = [calibrated(one, dx=float(kept.get("dx", 0)), dy=float(kept.get("dy", 0))) for one in chosen_pages(pages, printer)]
    desk.operations.file(page, lambda step: print_pages(printer, moved, step=step),
                         lambda count: desk.say(_("{count} pages sent to the printer {printer}").format(count=count, printer=printer.printerName()), "success"),
                         title=_("Printing"), failed=desk.fail)
