"""A printer that writes to a PDF file, in the place of the system's printers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtPrintSupport import QPrinter

from desktop_crm.ui import printers
from desktop_crm.ui.printers import AUTOMATIC, PrinterFacts

if TYPE_CHECKING:
    from pathlib import Path


class PaperPrinters(printers.Printers):
    """A printer that writes to PDF files; it knows the forms it is given."""

    def __init__(self, path: Path, **facts: Any) -> None:
        self.path = path
        self.facts = PrinterFacts("EPSON LQ-630KII", usual=True, trays=((8, "链式"),), **facts)
        self.used: list[QPrinter] = []

    def all(self) -> list[PrinterFacts]:
        return [self.facts]

    def printer(self, name: str, tray: int = AUTOMATIC) -> QPrinter:  # noqa: ARG002
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(self.path))
        self.used.append(printer)
        return printer
