"""The user guide, inside the program: it works without a network and in every copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QTextBrowser

from desktop_crm.base.i18n import _, current_language
from desktop_crm.base.resources import resource
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.kit.labels import Label
from desktop_crm.ui.kit.layouts import column, row
from desktop_crm.ui.kit.search_box import SearchBox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtCore import QUrl


class GuidePage(Page):
    """The guide with its own search; Ctrl+F goes to it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setObjectName("page.guide")
        self.setWindowTitle(_("User guide"))
        self.text = QTextBrowser()
        self.text.setObjectName("guide.text")
        self.text.setAccessibleName(_("User guide"))
        self.text.setOpenExternalLinks(False)
        self.text.anchorClicked.connect(self._follow)
        language = current_language()
        path = resource(f"guide/{language}.md")
        self.text.document().setDocumentMargin(24)
        self.text.setMarkdown(path.read_text(encoding="utf-8"))
        self.text.setSearchPaths([str(path.parent)])
        self.search = SearchBox(_("Find in the guide"), name="guide.search")
        self.search.searched.connect(self._find)
        self.setLayout(column(row(Label(_("User guide"), "page"), None, self.search, margins=(20, 12, 20, 12)), (self.text, 1), gap=0))

    def _find(self, text: str) -> None:
        cursor = self.text.textCursor()
        cursor.movePosition(cursor.MoveOperation.Start)
        self.text.setTextCursor(cursor)
        if text:
            self.text.find(text)

    def _follow(self, url: QUrl) -> None:
        if url.scheme():
            QDesktopServices.openUrl(url)
        else:
            self.text.scrollToAnchor(url.fragment())

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Find in the guide."""
        return {"find": self.search.setFocus}
