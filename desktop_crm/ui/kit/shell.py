"""The main frame: rail, top bar and the pages. It is fed with data and knows no page."""


from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop_crm.ui.kit.layouts import box, column, hline, row, vline
from desktop_crm.ui.kit.popup import later
from desktop_crm.ui.kit.rail import NavEntry, NavItem, Rail
from desktop_crm.ui.kit.toasts import Toasts
from desktop_crm.ui.kit.top_bar import TopBar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

__all__ = ["NavEntry", "NavItem", "Rail", "Shell", "TopBar"]

NARROW = 1280
PAINTED_MS = 50


class Shell(QWidget):
    """Rail, top bar and a stack of pages. Signals: `chosen(key)`, `search_requested`.

    Below 1280 logical pixels the rail collapses by itself, unless the user opened it there.
    """

    chosen = Signal(str)
    search_requested = Signal()

    def __init__(self, *, company: str = "", user: str = "") -> None:
        super().__init__()
        self.setObjectName("shell")
        self.rail = Rail(company)
        self.top_bar = TopBar(user)
        self.stack = QStackedWidget()
        self.stack.setObjectName("pages")
        self.toasts = Toasts(self)
        self._strip = QVBoxLayout()
        self._strip.setContentsMargins(0, 0, 0, 0)
        self._strips: dict[str, QWidget] = {}
        self._pages: dict[str, QWidget] = {}
        self._was_narrow = False
        self._wide_collapsed = False
        right = box(column(self.top_bar, hline(), self._strip, (self.stack, 1), gap=0), "surface")
        self.setLayout(row(self.rail, vline(), (right, 1), gap=0))
        self.rail.chosen.connect(self.chosen)
        self.top_bar.search_requested.connect(self.search_requested)
        self._keys = [QShortcut(QKeySequence("Ctrl+K"), self), QShortcut(QKeySequence("Ctrl+B"), self)]
        self._keys[0].activated.connect(self.search_requested)
        self._keys[1].activated.connect(lambda: self.rail.set_collapsed(not self.rail.is_collapsed()))
        self.setMinimumSize(960, 600)

    def set_entries(self, entries: Sequence[NavEntry], bottom: Sequence[NavEntry] = ()) -> None:
        """Fill the rail."""
        self.rail.set_entries(entries, bottom)

    def add_page(self, key: str, page: QWidget) -> None:
        """Keep a page under a key; an older one under the same key is deleted."""
        old = self._pages.pop(key, None)
        if old is not None:
            self.stack.removeWidget(old)
            old.deleteLater()
        self._pages[key] = page
        self.stack.addWidget(page)

    def remove_page(self, key: str) -> None:
        """Delete a page, once the one that is shown instead had time to be painted: taking a page apart takes as long. Raises KeyError for an unknown key."""
        page = self._pages.pop(key)
        self.stack.removeWidget(page)
        later(page, page.deleteLater, PAINTED_MS)

    def page(self, key: str) -> QWidget | None:
        """Return the page under a key, or None."""
        return self._pages.get(key)

    def show_page(self, key: str, crumbs: Sequence[tuple[str, str]] = (), nav: str = "") -> None:
        """Show a page and mark its entry in the rail (`nav`, else `key`); raises KeyError for an unknown key."""
        self.stack.setCurrentWidget(self._pages[key])
        self.rail.set_current(nav or key)
        self.top_bar.set_crumbs(crumbs)

    def set_strip(self, topic: str, strip: QWidget | None) -> None:
        """Show a strip over every page, such as the one that says the database is away, in place of an older one of its topic; None takes it away."""
        old = self._strips.pop(topic, None)
        if old is not None:
            self._strip.removeWidget(old)
            old.hide()
            old.deleteLater()
        if strip is not None:
            self._strips[topic] = strip
            self._strip.addWidget(strip)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Collapse the rail in a narrow window and bring it back in a wide one."""
        super().resizeEvent(event)
        narrow = event.size().width() < NARROW
        if narrow == self._was_narrow:
            return
        self._was_narrow = narrow
        if narrow:
            self._wide_collapsed = self.rail.is_collapsed()
            self.rail.set_collapsed(True)
        else:
            self.rail.set_collapsed(self._wide_collapsed)
