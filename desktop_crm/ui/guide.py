"""The user guide, inside the program: it works without a network and in every copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QDesktopServices, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QFrame, QTextBrowser

from desktop_crm.base.i18n import _, current_language
from desktop_crm.base.resources import resource
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.kit.labels import Label
from desktop_crm.ui.kit.layouts import column, hline, row
from desktop_crm.ui.kit.search_box import SearchBox
from desktop_crm.ui.kit.sheets import bar_sheet, menu_sheet
from desktop_crm.ui.kit.tokens import color, theme, theme_notifier
from desktop_crm.ui.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from PySide6.QtCore import QUrl
    from PySide6.QtGui import QResizeEvent, QShowEvent, QTextBlock

WIDEST: Final = 760
SIDE: Final = 24
LINE_PERCENT: Final = 130
HEADINGS: Final = {1: (22, 8, 14), 2: (18, 28, 10), 3: (15, 20, 6)}
"""By level: font size, room above and below, in logical pixels."""


class GuideText(QTextBrowser):
    """A text in Markdown, set in one column in the middle, in the theme's colours."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self._markdown = markdown
        self._steps: Steps | None = None
        self.setObjectName("guide.text")
        self.setAccessibleName(_("User guide"))
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._late = True
        theme_notifier().changed.connect(self._theme_changed)

    def _theme_changed(self) -> None:
        """Dress the text anew once it is seen: setting all of it takes longer than a change of theme may."""
        self._late = True
        if self.isVisible():
            self._dress()

    def showEvent(self, event: QShowEvent) -> None:
        """Dress the text where it isn't yet."""
        super().showEvent(event)
        if self._late:
            # Qt is still at work on what it shows.
            QTimer.singleShot(0, self, self._dress)

    def _dress(self) -> None:
        self._late = False
        self.setStyleSheet(f"QTextBrowser {{ border: 0; background: {color('surface').name()}; color: {color('text').name()}; }}" + bar_sheet() + menu_sheet())
        if self._steps is not None and self._steps.under_way():
            self._steps.cancel()
        self._steps = Steps(self, self._set())

    def _set(self) -> Iterator[None]:
        """Set the text paragraph by paragraph where nobody sees it, which asks for no layout, then show it at the same place."""
        text = QTextDocument(self)
        text.setMarkdown(self._markdown)
        yield
        block = text.begin()
        while block.isValid():
            self._style(block)
            yield
            block = block.next()
        place = self.verticalScrollBar().value()
        text.setDefaultFont(self.document().defaultFont())
        self._centre(text)
        self.setDocument(text)
        self.verticalScrollBar().setValue(place)
        yield

    def _style(self, block: QTextBlock) -> None:
        size, above, below = HEADINGS.get(min(block.blockFormat().headingLevel(), 3), (14, 0, 10))
        if block.textList() is not None:
            below = 4
        cursor = QTextCursor(block)
        shape = QTextBlockFormat()
        shape.setTopMargin(theme().px(above))
        shape.setBottomMargin(theme().px(below))
        shape.setLineHeight(LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        shape.setNonBreakableLines(False)  # a long line of code goes on below instead of off the page
        cursor.mergeBlockFormat(shape)
        pieces, walk = [], block.begin()
        while not walk.atEnd():
            pieces.append((walk.fragment().position(), walk.fragment().length(), walk.fragment().charFormat()))
            walk += 1
        for start, length, look in pieces:
            look.clearProperty(QTextCharFormat.Property.FontSizeAdjustment.value)
            look.setProperty(QTextCharFormat.Property.FontPixelSize.value, theme().px(size))
            if look.isAnchor():
                look.setForeground(color("accent"))
            elif look.fontFixedPitch():
                look.setBackground(color("sunken"))
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(look)

    def _centre(self, text: QTextDocument) -> None:
        frame = text.rootFrame()
        shape = frame.frameFormat()
        side = max(SIDE, (self.viewport().width() - theme().px(WIDEST)) // 2)
        if shape.leftMargin() != side:
            shape.setMargin(SIDE)
            shape.setLeftMargin(side)
            shape.setRightMargin(side)
            frame.setFrameFormat(shape)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the column in the middle."""
        super().resizeEvent(event)
        self._centre(self.document())


class GuidePage(Page):
    """The guide with its own search; Ctrl+F goes to it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setObjectName("page.guide")
        self.setWindowTitle(_("User guide"))
        path = resource(f"guide/{current_language()}.md")
        self.text = GuideText(path.read_text(encoding="utf-8"))
        self.text.setSearchPaths([str(path.parent)])
        self.text.anchorClicked.connect(self._follow)
        self.setFocusProxy(self.text)
        self.search = SearchBox(_("Find in the guide"), name="guide.search")
        self.search.searched.connect(self._find)
        self.setLayout(column(row(Label(_("User guide"), "page"), None, self.search, margins=(20, 12, 20, 12)), hline(), (self.text, 1), gap=0))

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
