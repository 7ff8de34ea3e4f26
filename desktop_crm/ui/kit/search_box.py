"""The search line of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.editor_base import Line

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent


class SearchBox(Line):
    """A search line with a cross to clear it. Signals: `searched(text)` shortly after the last key, `down` to go into the list."""

    searched = Signal(str)
    down = Signal()

    def __init__(self, placeholder: str = "", *, name: str = "", wait_ms: int = 150) -> None:
        # The icon brings its own room; that of an input would be added to it.
        super().__init__(look="small", lead=-8)
        self.setObjectName(name)
        text = placeholder or _("Find in this list") + "  Ctrl+F"
        self.setPlaceholderText(text)
        self.setAccessibleName(placeholder or _("Find in this list"))
        self.add_mark("search", "", None, leading=True, role="text3")
        self._cross = self.add_mark("x", _("Clear"), self.clear_search, role="text3")
        self._cross.setVisible(False)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(wait_ms)
        self._wait.timeout.connect(self._search)
        self.textChanged.connect(self._typed)
        self.key_hook = self._key

    def clear_search(self) -> None:
        """Empty the line and search at once."""
        self.clear()
        self._search()

    def _typed(self, text: str) -> None:
        self._cross.setVisible(bool(text))
        self._wait.start()

    def _search(self) -> None:
        self._wait.stop()
        self.searched.emit(self.text().strip())

    def _key(self, event: QKeyEvent) -> bool:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._search()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear_search()
        elif event.key() == Qt.Key.Key_Down:
            self.down.emit()
        else:
            return False
        return True
