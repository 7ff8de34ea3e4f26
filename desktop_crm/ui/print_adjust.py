"""The card that shifts a print by tenths of a millimetre, until it hits a preprinted form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.editors import AmountEditor, plain_number
from desktop_crm.ui.kit.fields import FieldFrame
from desktop_crm.ui.kit.overlays import Popover
from desktop_crm.ui.kit.widgets import Button, Label, row

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

MOST: Final = 50


def _millimetres(text: str) -> object:
    number = plain_number(text)
    if abs(number) > MOST:
        raise ValueProblem(_("At most {most} mm").format(most=MOST))
    return number


def _tenths(value: object) -> str:
    return f"{value:.1f}"


class AdjustCard(Popover):
    """Asks how far to shift. Signal: `taken(right, down)` in mm."""

    taken = Signal(float, float)

    def __init__(self, anchor: QWidget, dx: float, dy: float) -> None:
        super().__init__(anchor, name="preview.adjust_card")
        self.content.addWidget(Label(_("Shift the print where it misses the form"), "body", bold=True))
        self.right = AmountEditor(_millimetres, _tenths, name="preview.adjust.right")
        self.down = AmountEditor(_millimetres, _tenths, name="preview.adjust.down")
        self.right.set_value(dx)
        self.down.set_value(dy)
        self.content.addLayout(row(FieldFrame(_("To the right, mm"), self.right), FieldFrame(_("Down, mm"), self.down), gap=12))
        self.content.addWidget(Label(_("A minus sign shifts to the left or up. Kept on this computer for this template."), "small", "text3"))
        accept = Button(_("Apply"), "primary", size="small", name="preview.adjust.apply", on_click=self._take)
        self.content.addLayout(row(None, Button(_("Cancel"), "ghost", size="small", on_click=self.close_up), accept))
        self.closed.connect(self.deleteLater)

    def _take(self) -> None:
        if not (self.right.tidy() and self.down.tidy()):
            return
        right, down = self.right.value() or 0, self.down.value() or 0
        self.close_up()
        self.taken.emit(float(str(right)), float(str(down)))
