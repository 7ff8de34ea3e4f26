"""A painted button that Enter presses, as Space does: one that isn't part of a form, whose Enter belongs to the form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent


class EnterButton(QAbstractButton):
    """A button that a subclass paints."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Click with Enter too."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        else:
            super().keyPressEvent(event)
