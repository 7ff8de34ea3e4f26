"""The printers of this computer: what they can, which forms they know, and printers to print with. The one place that asks the system for them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final

from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

from desktop_crm.base.i18n import N_, _

NEAR_MM: Final = 1.0
AUTOMATIC: Final = -1
"""No tray is chosen: the printer takes the one its driver says."""

TRAYS: Final = {
    QPrinter.PaperSource.Upper.value: N_("Upper tray"), QPrinter.PaperSource.Lower.value: N_("Lower tray"), QPrinter.PaperSource.Middle.value: N_("Middle tray"),
    QPrinter.PaperSource.Manual.value: N_("Manual feed"), QPrinter.PaperSource.Envelope.value: N_("Envelope feed"), QPrinter.PaperSource.Tractor.value: N_("Tractor feed"),
    QPrinter.PaperSource.SmallFormat.value: N_("Small paper"), QPrinter.PaperSource.LargeFormat.value: N_("Large paper"),
    QPrinter.PaperSource.LargeCapacity.value: N_("Large tray"), QPrinter.PaperSource.Cassette.value: N_("Cassette"), QPrinter.PaperSource.FormSource.value: N_("By the form"),
}  # fmt: skip
"""Trays with a name of their own; a driver's further ones are numbered."""
USUAL: Final = tuple(one.value for one in (QPrinter.PaperSource.Upper, QPrinter.PaperSource.Lower, QPrinter.PaperSource.Manual, QPrinter.PaperSource.Tractor))


@dataclass(frozen=True)
class PrinterFacts:
    """One printer: its name, whether it is the usual one, its trays by number, and the forms it knows in mm (width, height).

    `any_size` says that it takes a paper of any size without a form for it.
    """

    name: str
    usual: bool = False
    trays: tuple[tuple[int, str], ...] = ()
    forms: tuple[tuple[float, float], ...] = ()
    any_size: bool = True

    def lacks(self, width: float, height: float) -> bool:
        """Tell whether it has no form for a paper of this size, so that a job would fall back to another one."""
        sides = sorted((width, height))
        known = any(all(abs(a - b) <= NEAR_MM for a, b in zip(sorted(form), sides, strict=True)) for form in self.forms)
        return bool(self.forms) and not known and not self.any_size


def form_steps(width: float, height: float) -> str:
    """Return what to do about a form in mm that a printer of Windows lacks, a step a line."""
    return _(
        "Make it once:\n1. Open “Printers and scanners”, then “Print server properties”.\n2. On the page “Forms” tick “Create a new form”, call it {name}, "
        "enter width {width} cm and height {height} cm, all margins 0.\n3. Save the form.\n4. In the printer's “Printing preferences” choose it as the paper.\n5. Open this window again."
    ).format(name=f"{width:g}x{height:g}", width=f"{width / 10:g}", height=f"{height / 10:g}")


class Printers:
    """The system's printers; a test puts its own into `PRINTERS`. May take a moment where one is on the network: ask in a lane."""

    def all(self) -> list[PrinterFacts]:
        """Return the printers there are, the usual one first."""
        found = [self._facts(QPrinterInfo.printerInfo(name)) for name in QPrinterInfo.availablePrinterNames()]
        return sorted(found, key=lambda one: (not one.usual, one.name))

    @staticmethod
    def _facts(info: QPrinterInfo) -> PrinterFacts:
        sizes = [size.size(size.Unit.Millimeter) for size in info.supportedPageSizes()]
        # Only Windows asks the driver; elsewhere every printer is offered the usual ones, and one without such a tray takes its own.
        ask = getattr(QPrinter(info), "supportedPaperSources", None)
        trays = [source.value for source in ask()] if ask is not None else list(USUAL)
        named = tuple((tray, _(TRAYS[tray]) if tray in TRAYS else _("Tray {number}").format(number=tray)) for tray in trays if tray != QPrinter.PaperSource.Auto.value)
        # Windows says it takes any size and then falls back to A4 where no form has it.
        any_size = info.supportsCustomPageSizes() and sys.platform != "win32"
        return PrinterFacts(info.printerName(), info.isDefault(), named, tuple((size.width(), size.height()) for size in sizes), any_size)

    def printer(self, name: str, tray: int = AUTOMATIC) -> QPrinter:
        """Return a printer to print with, in the thread that prints; an empty name is the usual one."""
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        if name:
            printer.setPrinterName(name)
        if tray != AUTOMATIC:
            printer.setPaperSource(QPrinter.PaperSource(tray))
        return printer


PRINTERS: Printers = Printers()


def all_printers() -> list[PrinterFacts]:
    """Return the printers there are, the usual one first."""
    return PRINTERS.all()


def printer_for(name: str, tray: int = AUTOMATIC) -> QPrinter:
    """Return a printer to print with."""
    return PRINTERS.printer(name, tray)
