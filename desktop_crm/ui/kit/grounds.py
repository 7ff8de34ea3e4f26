"""The grounds that things stand on: plain ones filled by Qt from the palette, cards and tinted strips painted here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QFrame

from desktop_crm.ui.kit.paint import fill, frame, smooth
from desktop_crm.ui.kit.tokens import color

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

PLAIN: Final = {"app": QPalette.ColorRole.Window, "surface": QPalette.ColorRole.Base, "sunken": QPalette.ColorRole.AlternateBase}
OUTLINED: Final = {"card": ("surface", 8), "inset": ("sunken", 6)}
"""Look: the role that fills it, and how round its corners are."""


class Ground(QFrame):
    """A plain ground: ``app surface sunken``. It follows the theme by the palette, so a change of theme costs it nothing."""

    def __init__(self, look: str = "surface") -> None:
        super().__init__()
        self.setProperty("box", look)
        self.setBackgroundRole(PLAIN[look])
        self.setAutoFillBackground(True)


class Panel(QFrame):
    """A painted ground: ``card inset``, or a tone."""

    def __init__(self, look: str) -> None:
        super().__init__()
        self.set_look(look)

    def set_look(self, look: str) -> None:
        """Show another ground."""
        self._look = look
        self.setProperty("box", look)
        edge = 1 if look in OUTLINED else 0
        self.setContentsMargins(edge, edge, edge, edge)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill the ground, outlined or tinted."""
        del event
        painter = QPainter(self)
        smooth(painter)
        if self._look in OUTLINED:
            inside, radius = OUTLINED[self._look]
            frame(painter, self.rect(), "line", radius, inside=inside)
        else:
            fill(painter, QRectF(self.rect()), f"{self._look}bg", 6)


class Rule(QFrame):
    """A separator of one pixel."""

    def __init__(self, across: Qt.Orientation) -> None:
        super().__init__()
        if across == Qt.Orientation.Horizontal:
            self.setFixedHeight(1)
        else:
            self.setFixedWidth(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line."""
        del event
        QPainter(self).fillRect(self.rect(), color("line"))
