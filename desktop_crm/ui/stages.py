"""The stages of a record side by side: where it stands, and a click that moves it on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.fonts import text_width
from desktop_crm.ui.kit.paint import put, smooth
from desktop_crm.ui.kit.tokens import color, theme
from desktop_crm.ui.kit.widgets import row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.domain.catalog import Choice, FieldSpec

POINT = 10


class Stage(QAbstractButton):
    """One stage, drawn as a step: ``past``, ``now`` or ``next``."""

    def __init__(self, choice: Choice, *, first: bool, name: str) -> None:
        super().__init__()
        self.choice, self._first, self.where = choice, first, "next"
        self.setText(_(choice.label))
        self.setObjectName(name)
        self.setAccessibleName(_(choice.label))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Hold the stage's name."""
        return QSize(text_width(self.text(), "small", True) + 2 * POINT + 20, theme().px(28))

    def minimumSizeHint(self) -> QSize:
        """Never cut the name short."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the step."""
        del event
        painter = QPainter(self)
        smooth(painter)
        width, height = float(self.width()), float(self.height())
        notch = 0 if self._first else POINT
        shape = QPolygonF([QPointF(0, 0), QPointF(width - POINT, 0), QPointF(width, height / 2), QPointF(width - POINT, height), QPointF(0, height), QPointF(notch, height / 2)])
        tone = self.choice.tone
        ground, ink = {"now": (f"{tone}bg", tone), "past": ("accentsoft", "accent"), "next": ("neutralbg", "text3")}[self.where]
        if self.underMouse() and self.isEnabled() and self.where != "now":
            ground, ink = "selhover", "text"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(ground))
        painter.drawPolygon(shape)
        if self.hasFocus():
            painter.setPen(color("focus"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolygon(shape)
        put(painter, QRectF(notch, 0, width - POINT - notch, height), self.text(), style="small", bold=self.where == "now", role=ink, align="centre")


class Stages(QWidget):
    """The choices of a state field in their order. Signal: `chosen(code)`."""

    chosen = Signal(str)

    def __init__(self, field: FieldSpec, *, name: str) -> None:
        super().__init__()
        self.field = field
        self.setObjectName(name)
        self.setAccessibleName(field.title)
        self.buttons: Sequence[Stage] = [Stage(choice, first=not place, name=f"{name}.{choice.code}") for place, choice in enumerate(field.choices)]
        self.setLayout(row(*((one, 1) for one in self.buttons), gap=3))
        for one in self.buttons:
            one.clicked.connect(partial(self._clicked, one.choice.code))
        self._now = ""

    def _clicked(self, code: str, _checked: bool = False) -> None:  # noqa: FBT001, FBT002 - a signal's argument
        if code != self._now:
            self.chosen.emit(code)

    def set(self, code: str, *, may_change: bool) -> None:
        """Show where the record stands."""
        self._now = code
        codes = [choice.code for choice in self.field.choices]
        place = codes.index(code) if code in codes else -1
        for number, one in enumerate(self.buttons):
            one.where = "now" if number == place else "past" if number < place else "next"
            one.setEnabled(may_change)
            one.setToolTip(_("Move to “{stage}”").format(stage=one.text()) if may_change and number != place else "")
            one.update()
