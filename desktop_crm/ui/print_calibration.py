"""Calibrating a printer (套打校准): print a page with crosses, measure how far off they are, type it in, print again to confirm.

What is measured is kept on this computer by printer and changes no template. The panel stands in the designer and in a dialog of its own.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QWidget

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.printing.calibration import BOUNDS, CROSS, Calibration, distances, measuring_page
from desktop_crm.printing.fonts import FontBook
from desktop_crm.ui.kit.editors import AmountEditor, plain_number
from desktop_crm.ui.kit.fields import ComboEditor
from desktop_crm.ui.kit.fonts import font
from desktop_crm.ui.kit.overlays import Dialog
from desktop_crm.ui.kit.paint import smooth
from desktop_crm.ui.kit.tokens import color, theme
from desktop_crm.ui.kit.widgets import Button, IconLabel, Label, box, column, holder, row, vline
from desktop_crm.ui.print_job import PrintSetup, print_all
from desktop_crm.ui.printers import PrinterFacts, all_printers

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from desktop_crm.printing.marks import Page
    from desktop_crm.ui.desk import Desk

NUDGE: Final = 0.1
DRIFT_SHEETS: Final = 5
GOOD_MM: Final = 0.3
PICTURE: Final = 150
STEPS: Final = 180
"""Width in pixels that the steps want beside the fields, beyond the least."""
PAPER: Final = (241.0, 139.7)


class CrossPicture(QWidget):
    """Where the cross should be (dashed) and where it was printed, ten times as far off as it is."""

    def __init__(self) -> None:
        super().__init__()
        self._at = (0.0, 0.0)
        self.setFixedSize(theme().px(PICTURE), theme().px(110))

    def show_miss(self, dx: float, dy: float) -> None:
        """Show a miss in mm."""
        self._at = dx, dy
        self.setAccessibleName(_("Printed {x} mm to the right and {y} mm down").format(x=f"{dx:+.1f}", y=f"{dy:+.1f}"))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size it is drawn at."""
        return QSize(theme().px(PICTURE), theme().px(110))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both crosses."""
        del event
        painter = QPainter(self)
        smooth(painter)
        painter.setPen(QPen(color("border"), 1))
        painter.setBrush(color("surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        size, middle = theme().px(12), QPointF(self.width() / 2, self.height() / 2)
        room = QPointF(self.width() / 2 - 2 * size, self.height() / 2 - 2 * size)
        moved = QPointF(*(max(-most, min(most, miss * 10)) for miss, most in zip(self._at, (room.x(), room.y()), strict=True)))
        self._cross(painter, middle, size, QPen(color("text3"), 1.4, Qt.PenStyle.DashLine))
        if not moved.isNull():
            painter.setPen(QPen(color("danger"), 1.4))
            painter.drawLine(middle, middle + moved)
        self._cross(painter, middle + moved, size, QPen(color("accent"), 1.6))
        painter.setPen(color("text2"))
        painter.setFont(font("small"))
        painter.drawText(QRectF(self.rect()).adjusted(8, 6, -8, -6), Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, _("Where it was printed"))
        painter.drawText(QRectF(self.rect()).adjusted(8, 6, -8, -6), Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, _("Dashed: where it belongs"))

    @staticmethod
    def _cross(painter: QPainter, at: QPointF, size: float, pen: QPen) -> None:
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawLine(at - QPointF(size, 0), at + QPointF(size, 0))
        painter.drawLine(at - QPointF(0, size), at + QPointF(0, size))
        painter.drawEllipse(at, size / 2, size / 2)


def _bounded(name: str) -> Callable[[str], object]:
    low, high = BOUNDS[name]

    def parse(text: str) -> object:
        number = plain_number(text.removesuffix("%").removesuffix("mm"))
        if not low <= number <= high:
            raise ValueProblem(_("A number from {low} to {high}").format(low=f"{low:g}", high=f"{high:g}"))
        return float(number)

    return parse


class CalibrationPanel(QWidget):
    """The calibration of one printer at a time. Signals: `saved(printer)` once it is kept, `turned()` once the steps went below the fields or beside them.

    `printer` is the one shown first, `paper` the size of the calibration page in mm.
    """

    saved = Signal(str)
    turned = Signal()

    def __init__(self, desk: Desk, *, printer: str = "", paper: tuple[float, float] = PAPER) -> None:
        super().__init__()
        self.desk, self.paper = desk, paper
        self._first = printer
        self.setObjectName("calibration")
        self.printer = ComboEditor(name="calibration.printer", label=_("Printer"))
        self.printer.changed.connect(self._chosen)
        self.picture = CrossPicture()
        self.editors: dict[str, AmountEditor] = {}
        for name, label in (("dx", _("Across")), ("dy", _("Down")), ("scale_x", _("Scale across")), ("scale_y", _("Scale down")), ("drift", _("Drift per sheet"))):
            signed = not name.startswith("scale")
            editor = AmountEditor(_bounded(name), (lambda value: f"{value:+.1f}") if signed else (lambda value: f"{value:.1f}"), name=f"calibration.{name}", label=label)
            editor.line.setMaximumWidth(theme().px(92))
            editor.changed.connect(self._draw)
            editor.left.connect(self._draw)
            self.editors[name] = editor
        self.last = Label("", "small", "text2")
        self.problem = Label("", "small", "danger", wrap=True)
        self.problem.hide()
        self.page_button = Button(_("Print the calibration page"), icon="printer", name="calibration.print", on_click=partial(self.print_page, 1))
        self.drift_button = Button(_("{count} sheets for the drift").format(count=DRIFT_SHEETS), "ghost", size="small", name="calibration.print_many", on_click=partial(self.print_page, DRIFT_SHEETS))
        self.save_button = Button(_("Keep for this printer"), "primary", name="calibration.save", on_click=self.save)
        self._build()
        self.show_calibration(Calibration())
        desk.operations.look(self, lambda _step: all_printers(), self._came, failed=desk.fail)

    def _build(self) -> None:
        head = row(IconLabel("crosshair", "accent"), Label(_("Overprint calibration"), "body", bold=True), Label(_("Kept by computer and printer; templates stay as they are"), "small", "text2"), None, self.printer, gap=10)
        self.printer.setMinimumWidth(theme().px(220))
        fields = QGridLayout()
        fields.setHorizontalSpacing(8)
        fields.setVerticalSpacing(6)
        units = {"dx": "mm", "dy": "mm", "scale_x": "%", "scale_y": "%", "drift": "mm"}
        for line, (name, editor) in enumerate(self.editors.items()):
            fields.addWidget(Label(editor.accessibleName(), "small", "text2"), line, 0)
            fields.addWidget(editor, line, 1)
            fields.addWidget(Label(units[name], "small", "text3"), line, 2)
        arrows = QGridLayout()
        arrows.setSpacing(4)
        for (line, place), (icon, tip, dx, dy) in {
            (0, 1): ("arrow-up", _("0.1 mm up"), 0, -NUDGE), (1, 0): ("arrow-left", _("0.1 mm to the left"), -NUDGE, 0),
            (1, 2): ("arrow-right", _("0.1 mm to the right"), NUDGE, 0), (2, 1): ("arrow-down", _("0.1 mm down"), 0, NUDGE),
        }.items():  # fmt: skip
            arrows.addWidget(Button("", icon=icon, size="small", tip=tip, name=f"calibration.{icon}", on_click=partial(self.nudge, dx, dy)), line, place)
        arrows.addWidget(Button("", "ghost", icon="crosshair", size="small", tip=_("Back to not calibrated"), name="calibration.reset", on_click=self.reset), 1, 1)
        across, down = distances(*self.paper)
        steps = (
            (_("Print the calibration page"), _("The first cross belongs {x} mm from the left and {y} mm from the top").format(x=f"{CROSS:g}", y=f"{CROSS:g}")),
            (_("Measure with a ruler"), _("Right and down are positive. The crosses are {across} mm apart across and {down} mm down").format(across=f"{across:g}", down=f"{down:g}")),
            (_("Type it in, keep it and print again"), _("Less than {good} mm off is good").format(good=GOOD_MM)),
        )
        told = column(*(self._step(number, *step) for number, step in enumerate(steps, 1)), None, gap=8)
        pad = column(holder(arrows), Label(_("0.1 mm each"), "small", "text3"), None, gap=4)
        buttons = column(self.page_button, self.drift_button, self.save_button, self.last, None, gap=6)
        self._left = holder(row(column(self.picture, None), column(holder(fields), None), pad, None, gap=16))
        self._line = vline()
        self._right = holder(row((holder(told), 1), buttons, gap=16))
        self._body = row(self._left, self._line, (self._right, 1), gap=16)
        self.setLayout(column(head, self._body, self.problem, gap=12, margins=(16, 12, 16, 12)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the steps below the fields where they don't fit beside them."""
        super().resizeEvent(event)
        beside = self.width() >= self._left.sizeHint().width() + self._right.minimumSizeHint().width() + theme().px(STEPS)
        direction = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        self._line.setVisible(beside)
        if direction != self._body.direction():
            self._body.setDirection(direction)
            self.turned.emit()

    @staticmethod
    def _step(number: int, title: str, hint: str) -> QWidget:
        text = column(Label(title, "body"), Label(hint, "small", "text2", wrap=True), gap=1)
        badge = Label(str(number), "small", "accent", bold=True)
        line = row(box(row(badge, margins=(7, 2, 7, 2)), "info"), (text, 1), gap=10)
        line.setAlignment(text, Qt.AlignmentFlag.AlignTop)
        return holder(line)

    # ---- which printer

    def _came(self, found: list[PrinterFacts]) -> None:
        names = [one.name for one in found]
        self.printer.set_choices([(name, name) for name in names])
        self.printer.set_value(self._first if self._first in names else next(iter(names), None))
        for button in (self.page_button, self.drift_button, self.save_button):
            button.setEnabled(bool(names))
        if not names:
            self.last.setText(_("No printer is installed"))
        self._chosen()

    def set_paper(self, width: float, height: float) -> None:
        """Print the calibration page on a paper of this size in mm from now on."""
        self.paper = width, height

    def _chosen(self) -> None:
        name = self.printer.value()
        if isinstance(name, str):
            self.show_calibration(Calibration.read(self.desk.settings.calibrations.get(name, {})))

    def show_calibration(self, found: Calibration) -> None:
        """Put a calibration into the fields."""
        for name, editor in self.editors.items():
            editor.set_value(getattr(found, name))
        self.last.setText(_("Last calibrated {day}").format(day=found.day.isoformat()) if found.day else _("Not calibrated yet"))
        self._draw()

    def calibration(self) -> Calibration | None:
        """Return what the fields say, None where one is wrong, which is marked."""
        wrong = [editor for editor in self.editors.values() if not editor.tidy()]
        return None if wrong else Calibration.read({name: float(str(editor.value())) for name, editor in self.editors.items() if editor.value() is not None})

    # ---- what is done

    def nudge(self, dx: float, dy: float) -> None:
        """Say that the print is a tenth of a millimetre further that way."""
        for name, by in (("dx", dx), ("dy", dy)):
            value = self.editors[name].value()
            low, high = BOUNDS[name]
            self.editors[name].set_value(max(low, min(high, round((float(str(value)) if value is not None else 0.0) + by, 2))))
        self._draw()

    def reset(self) -> None:
        """Take back all corrections; kept only once the user says so."""
        for name, editor in self.editors.items():
            editor.set_value(getattr(Calibration(), name))
        self._draw()

    def _draw(self) -> None:
        values = [self.editors[name].value() for name in ("dx", "dy")]
        self.picture.show_miss(*(float(str(value)) if value is not None else 0.0 for value in values))

    def print_page(self, count: int) -> None:
        """Print the page to measure on, corrected as the fields say, so that the second one confirms them."""
        found, name = self.calibration(), self.printer.value()
        if found is None or not isinstance(name, str):
            return
        setup = PrintSetup(name, calibration=found)
        paper = self.paper

        def work(step: Callable[[int, int], None]) -> int:
            book = FontBook()
            about = _("Corrected: {x} mm across, {y} mm down").format(x=f"{-found.dx:+.1f}", y=f"{-found.dy:+.1f}") if not found.neutral else ""
            pages: list[Page] = [measuring_page(*paper, book, about=about, sheet=sheet) for sheet in range(count)]
            return print_all(setup, pages, step, total=count, fonts=book)

        self.desk.operations.file(self, work, lambda _count: self.desk.say(_("The calibration page was sent to the printer {printer}").format(printer=name), "success"), title=_("Printing"))

    def save(self) -> None:
        """Keep what was measured for this printer."""
        found, name = self.calibration(), self.printer.value()
        if found is None or not isinstance(name, str):
            return
        found = replace(found, at=self.desk.session.today.isoformat())
        settings = self.desk.settings
        self.desk.settings_changed.emit(replace(settings, calibrations={**settings.calibrations, name: found.kept()}))
        self.last.setText(_("Last calibrated {day}").format(day=found.at))
        self.saved.emit(name)


class CalibrationDialog(Dialog):
    """The panel over a page."""

    def __init__(self, parent: QWidget, desk: Desk, *, printer: str = "", paper: tuple[float, float] = PAPER) -> None:
        super().__init__(parent, _("Calibrate a printer"), "", width=1080, name="calibration_dialog")
        self.panel = CalibrationPanel(desk, printer=printer, paper=paper)
        self.add(self.panel)
        # In a later turn: the card must not be measured amid its own laying out.
        self.panel.turned.connect(self.refit, Qt.ConnectionType.QueuedConnection)
        self.add_button(Button(_("Close"), name="calibration_dialog.close_button", on_click=self.accept))
