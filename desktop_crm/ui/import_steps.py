"""The steps of an import, and which of them the user is at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.fonts import text_width
from desktop_crm.ui.kit.icons import pixmap
from desktop_crm.ui.kit.paint import CENTRE, fill, frame, put, smooth
from desktop_crm.ui.kit.tokens import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

BALL = 22
BAR = 34
GAP = 8


class Steps(QWidget):
    """Numbered steps: those behind are ticked, the present one is filled."""

    def __init__(self, labels: Sequence[str], *, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._labels = list(labels)
        self._current = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_current(0)

    def set_current(self, current: int) -> None:
        """Show which step is the present one, from 0."""
        self._current = current
        self.setAccessibleName(_("Step {number} of {count}: {step}").format(number=current + 1, count=len(self._labels), step=self._labels[current]))
        self.update()

    def current(self) -> int:
        """Return the present step, from 0."""
        return self._current

    def sizeHint(self) -> QSize:
        """Fit the labels."""
        words = sum(text_width(label, "body", True) + BALL + 2 * GAP for label in self._labels)
        return QSize(words + (BAR + GAP) * (len(self._labels) - 1), theme().px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the steps."""
        del event
        painter = QPainter(self)
        smooth(painter)
        left, middle = 0.0, self.height() / 2
        for number, label in enumerate(self._labels):
            ball = QRectF(left, middle - BALL / 2, BALL, BALL)
            done, now = number < self._current, number == self._current
            if done:
                fill(painter, ball, "successbg", BALL / 2)
                painter.drawPixmap(QPointF(ball.x() + 4, round(middle - 7)), pixmap("check", "success", 14))
            elif now:
                fill(painter, ball, "accent", BALL / 2)
            else:
                frame(painter, ball, "edge", BALL / 2, width=1.2)
            if not done:
                put(painter, ball, str(number + 1), style="small", bold=True, role="onaccent" if now else "text3", align=CENTRE, elide=False)
            width = text_width(label, "body", True)
            put(painter, QRectF(left + BALL + GAP, 0, width + 2, self.height()), label, bold=now, role="text" if now else "text2", elide=False)
            left += BALL + width + 2 * GAP
            if number < len(self._labels) - 1:
                fill(painter, QRectF(left, middle - 1, BAR, 2), "successfill" if done else "border")
                left += BAR + GAP
