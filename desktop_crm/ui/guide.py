"""The user guide, inside the program: it works without a network and in every copy."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QDesktopServices, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QWidget

from desktop_crm.base.i18n import _, current_language
from desktop_crm.base.resources import resource
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.guide_sections import Section, read_guide, section_of
from desktop_crm.ui.kit.labels import Label, LinkLabel
from desktop_crm.ui.kit.layouts import column, hline, holder, row, scroll, vline
from desktop_crm.ui.kit.search_box import SearchBox
from desktop_crm.ui.kit.sheets import bar_sheet, menu_sheet
from desktop_crm.ui.kit.tokens import color, theme, theme_notifier
from desktop_crm.ui.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from PySide6.QtCore import QUrl
    from PySide6.QtGui import QResizeEvent, QShowEvent, QTextBlock

WIDEST: Final = 760
CONTENTS: Final = 216
CONTENTS_FROM: Final = 900
"""Width of the page from which the contents stand beside the text."""
SIDE: Final = 24
LINE_PERCENT: Final = 130
INDENTED: Final = 3
HEADINGS: Final = {1: (22, 8, 14), 2: (18, 28, 10), 3: (15, 20, 6)}
"""By level: font size, room above and below, in logical pixels."""


class GuideText(QTextBrowser):
    """A text in Markdown, set in one column in the middle, in the theme's colours."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self._markdown = markdown
        self._steps: Steps | None = None
        self._wanted = 0
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
        block, heading = text.begin(), -1
        while block.isValid():
            heading += bool(block.blockFormat().headingLevel())
            self._style(block, f"{heading}" if block.blockFormat().headingLevel() else "")
            yield
            block = block.next()
        place = self.verticalScrollBar().value()
        text.setDefaultFont(self.document().defaultFont())
        self._centre(text)
        self.setDocument(text)
        self.verticalScrollBar().setValue(place)
        if self._wanted:
            self.show_section(self._wanted)
        yield

    def show_section(self, number: int) -> None:
        """Scroll to a heading, the first being 0; as soon as the text is set where it isn't yet."""
        self._wanted = number
        if self._steps is not None and not (self._steps.under_way() and self.document().isEmpty()):
            self._wanted = 0
            self.scrollToAnchor(f"{number}")

    def _style(self, block: QTextBlock, anchor: str) -> None:
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
            if anchor and not look.isAnchor():
                look.setAnchor(True)
                look.setAnchorNames([anchor])
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
    """The guide with its contents and its own search; Ctrl+F goes to it. It opens at the section about the page `topic`."""

    def __init__(self, desk: Desk, topic: str = "") -> None:
        super().__init__(desk)
        self.setObjectName("page.guide")
        self.setWindowTitle(_("User guide"))
        markdown, sections = read_guide(current_language())
        self.text = GuideText(markdown)
        self.text.setSearchPaths([str(resource("guide"))])
        self.text.anchorClicked.connect(self._follow)
        self.setFocusProxy(self.text)
        self.search = SearchBox(_("Find in the guide"), name="guide.search")
        self.search.searched.connect(self._find)
        self.search.setToolTip(_("Enter goes on to the next place"))
        self.contents = scroll(self._contents(sections), name="guide.contents")
        self.contents.setFixedWidth(theme().px(CONTENTS))
        self._found = ""
        body = row(self.contents, vline(), (self.text, 1), gap=0)
        self.setLayout(column(row(Label(_("User guide"), "page"), None, self.search, margins=(20, 12, 20, 12)), hline(), (body, 1), gap=0))
        if topic:
            self.text.show_section(section_of(sections, topic))

    def _contents(self, sections: list[Section]) -> QWidget:
        lines = column(gap=8, margins=(20, 16, 8, 16))
        for number, one in enumerate(sections):
            if one.level > 1:
                link = LinkLabel(one.title, "body" if one.level == INDENTED - 1 else "small", name=f"guide.section.{number}", role="text2")
                link.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
                link.setToolTip(one.title)
                link.clicked.connect(partial(self.text.show_section, number))
                lines.addLayout(row(16 if one.level == INDENTED else 0, (link, 1), gap=0))
        lines.addStretch(1)
        return holder(lines)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the contents out where there is little room."""
        super().resizeEvent(event)
        self.contents.setVisible(event.size().width() >= theme().px(CONTENTS_FROM))

    def _find(self, text: str) -> None:
        """Find a text from the beginning, and with Enter the next place; past the last one it begins again."""
        again = bool(text) and text == self._found
        self._found = text
        if not again or not self.text.find(text):
            self.text.moveCursor(QTextCursor.MoveOperation.Start)
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
