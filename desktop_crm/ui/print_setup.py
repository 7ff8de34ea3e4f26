"""The dialog before something goes to a printer: which one, which tray, how often, which pages, and whether its calibration is used."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.editors import AmountEditor, plain_number
from desktop_crm.ui.kit.fields import CheckEditor, ComboEditor, FieldFrame
from desktop_crm.ui.kit.overlays import Dialog
from desktop_crm.ui.kit.widgets import Banner, Button, Label, row
from desktop_crm.ui.print_job import MOST_COPIES, PrintSetup, setup_for
from desktop_crm.ui.printers import AUTOMATIC, PrinterFacts, all_printers, form_steps

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from desktop_crm.ui.desk import Desk

FEW: int = 1


def whole(low: int, high: int) -> Any:
    """Return a parser of whole numbers between two bounds."""

    def parse(text: str) -> object:
        number = plain_number(text)
        if number != int(number) or not low <= number <= high:
            raise ValueProblem(_("A whole number from {low} to {high}").format(low=low, high=high))
        return int(number)

    return parse


def keep_printing(desk: Desk, template: str, **values: object) -> None:
    """Remember on this computer how a template is printed."""
    settings = desk.settings
    kept = {**settings.printers.get(template, {}), **values}
    if kept != settings.printers.get(template):
        desk.settings_changed.emit(replace(settings, printers={**settings.printers, template: kept}))


class PrinterFields:
    """The fields of a printer – which, tray, copies, collate, calibration – for a dialog to put where it likes."""

    def __init__(self, desk: Desk, owner: Dialog, template: str, paper: tuple[float, float] | None, name: str) -> None:
        self.desk, self.template, self.paper = desk, template, paper
        self.settled = owner.refit
        self.found: list[PrinterFacts] = []
        self.printer = ComboEditor(name=f"{name}.printer", label=_("Printer"))
        self.tray = ComboEditor([(AUTOMATIC, _("By the printer"))], name=f"{name}.tray", label=_("Paper tray"))
        self.tray.set_value(AUTOMATIC)
        self.copies = AmountEditor(whole(1, MOST_COPIES), str, name=f"{name}.copies", label=_("Number of copies"))
        self.copies.set_value(1)
        self.collate = CheckEditor(_("Copy by copy"), name=f"{name}.collate", label=_("Copy by copy"))
        self.collate.set_value(True)
        self.calibrate = CheckEditor(_("Correct by this printer's calibration"), name=f"{name}.calibrate", label=_("Correct by this printer's calibration"))
        self.missing = Banner(name=f"{name}.missing_form")
        self.missing.hide()
        self.about = Label("", "small", "text3", wrap=True)
        self.printer.changed.connect(self._chosen)
        desk.operations.look(owner, lambda _step: all_printers(), self._came, failed=desk.fail)

    def _came(self, found: list[PrinterFacts]) -> None:
        self.found = found
        self.printer.set_choices([(one.name, one.name) for one in found])
        kept = setup_for(self.desk.settings, self.template).printer
        names = [one.name for one in found]
        self.printer.set_value(kept if kept in names else next(iter(names), None))
        self._chosen()

    def choose_template(self, template: str, paper: tuple[float, float] | None) -> None:
        """Show how another template was last printed."""
        self.template, self.paper = template, paper
        kept = setup_for(self.desk.settings, template).printer
        if kept in {one.name for one in self.found}:
            self.printer.set_value(kept)
        if self.found:
            self._chosen()

    def facts(self) -> PrinterFacts | None:
        """Return what is known of the chosen printer."""
        return next((one for one in self.found if one.name == self.printer.value()), None)

    def _chosen(self) -> None:
        facts = self.facts()
        if facts is None:
            self.about.setText(_("No printer is installed on this computer. Save a PDF instead, or add a printer in the system's settings"))
            self.settled()
            return
        setup = setup_for(self.desk.settings, self.template, facts.name)
        self.tray.set_choices([(AUTOMATIC, _("By the printer")), *facts.trays])
        self.tray.set_value(setup.tray if setup.tray in dict(facts.trays) else AUTOMATIC)
        calibrated = not setup.calibration.neutral
        self.calibrate.setVisible(calibrated)
        self.calibrate.set_value(setup.calibrate)
        day = setup.calibration.day
        self.about.setText(_("Calibrated on {day}").format(day=day.isoformat()) if day else "")
        lacks = self.paper is not None and facts.lacks(*self.paper)
        self.missing.setVisible(lacks)
        if lacks and self.paper is not None:
            self.missing.show_text(_("The printer has no form of {width} × {height} mm, so Windows would print on another paper").format(width=f"{self.paper[0]:g}", height=f"{self.paper[1]:g}"),
                                   "warn", detail=form_steps(*self.paper))
        self.settled()

    def setup(self) -> PrintSetup | None:
        """Return what was chosen, None where a field is wrong, which is marked."""
        if not self.copies.tidy() or self.facts() is None:
            return None
        base = setup_for(self.desk.settings, self.template, str(self.printer.value()))
        tray = self.tray.value()
        return replace(
            base, tray=tray if isinstance(tray, int) else AUTOMATIC, copies=int(str(self.copies.value() or 1)), collate=bool(self.collate.value()),
            calibrate=bool(self.calibrate.value()) if not self.calibrate.isHidden() else base.calibrate,
        )

    def keep(self, setup: PrintSetup) -> None:
        """Remember the choice for this template on this computer."""
        keep_printing(self.desk, self.template, printer=setup.printer, tray=setup.tray, calibrate=setup.calibrate)


class PrintSetupDialog(Dialog):
    """Asks how to print `pages` pages of a paper in mm. Signal: `taken(PrintSetup)`; the choice is remembered for the template."""

    taken = Signal(object)

    def __init__(self, parent: QWidget, desk: Desk, template: str, *, paper: tuple[float, float], pages: int) -> None:
        super().__init__(parent, _("Print"), _("{count} pages of {width} × {height} mm").format(count=pages, width=f"{paper[0]:g}", height=f"{paper[1]:g}"), width=520, name="print_setup")
        self.desk, self.template, self._pages = desk, template, pages
        self.fields = PrinterFields(desk, self, template, paper, "print_setup")
        self.first = AmountEditor(whole(1, pages), str, name="print_setup.first", label=_("From page"))
        self.last = AmountEditor(whole(1, pages), str, name="print_setup.last", label=_("To page"))
        self.first.set_value(1)
        self.last.set_value(pages)
        self.add(FieldFrame(_("Printer"), self.fields.printer))
        self.add(self.fields.missing)
        self.add(row((FieldFrame(_("Paper tray"), self.fields.tray), 2), (FieldFrame(_("Number of copies"), self.fields.copies), 1), gap=12))
        frames = FieldFrame(_("From page"), self.first), FieldFrame(_("To page"), self.last)
        self.add(row((frames[0], 1), (frames[1], 1), gap=12))
        for frame in frames:
            frame.setVisible(pages > FEW)
        self.add(self.fields.collate)
        self.fields.collate.setVisible(pages > FEW)
        self.add(self.fields.calibrate)
        self.add(self.fields.about)
        self.footer_left.addWidget(Button(_("Calibrate…"), "ghost", icon="crosshair", name="print_setup.calibrate_open", on_click=self._calibrate))
        self.add_button(Button(_("Cancel"), name="print_setup.cancel", on_click=self.reject))
        self.accept_button = self.add_button(Button(_("Print"), "primary", icon="printer", name="print_setup.accept", on_click=self.take))
        self.accept_button.setDefault(True)
        self._paper = paper
        self.finished.connect(self.deleteLater)

    def _calibrate(self) -> None:
        from desktop_crm.ui.print_calibration import CalibrationDialog

        dialog = CalibrationDialog(self, self.desk, printer=str(self.fields.printer.value() or ""), paper=self._paper)
        dialog.finished.connect(self.fields._chosen)  # noqa: SLF001 - its own module
        dialog.open()

    def take(self) -> None:
        """Go on with what was chosen."""
        if not (self.first.tidy() and self.last.tidy()):
            return
        setup = self.fields.setup()
        if setup is None:
            return
        first, last = int(str(self.first.value() or 1)), int(str(self.last.value() or self._pages))
        if first > last:
            self.last.set_problem(_("The last page comes before the first"))
            return
        self.fields.keep(setup)
        self.accept()
        self.taken.emit(replace(setup, first=first, last=last) if (first, last) != (1, self._pages) else setup)
