"""The strip under a page's header that says what is wrong; it takes no room while nothing is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from desktop_crm.ui.kit.widgets import Banner, column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.ui.kit.widgets import Button


class PageProblem(QWidget):
    """A banner with its margins."""

    def __init__(self, *, name: str) -> None:
        super().__init__()
        self.banner = Banner(name=name)
        self.setLayout(column(self.banner, margins=(20, 12, 20, 0)))
        self.hide()

    def tell(self, text: str, tone: str = "danger", *, detail: str = "", actions: Sequence[Button] = ()) -> None:
        """Say something; nothing hides the strip."""
        if text:
            self.banner.show_text(text, tone, detail=detail, actions=actions)
        self.setVisible(bool(text))

    def text(self) -> str:
        """Return what is said now."""
        return "" if self.isHidden() else self.banner.accessibleName()
