"""A page of pages: what belongs together behind one entry of the navigation, each with a word on what it answers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from desktop_crm.base.i18n import _
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.kit.flow import Flow
from desktop_crm.ui.kit.fonts import font, line_height
from desktop_crm.ui.kit.icons import pixmap
from desktop_crm.ui.kit.paint import frame, put, ring, smooth
from desktop_crm.ui.kit.tokens import color, theme, theme_notifier
from desktop_crm.ui.kit.widgets import Label, box, column, hline, holder, row, scroll
from desktop_crm.ui.pages import PAGES, PageInfo

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

WIDTH: Final = 320
PAD: Final = 16
LINES: Final = 2


class HubTile(QAbstractButton):
    """One page to go to, named ``hub.<key>``."""

    def __init__(self, key: str, info: PageInfo) -> None:
        super().__init__()
        self._icon, self._about = info.icon, _(info.about)
        self.setText(_(info.label))
        self.setObjectName(f"hub.{key}")
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(self._about)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Hold the title and two lines below it."""
        return QSize(theme().px(WIDTH), 2 * PAD + line_height("strong") + 4 + LINES * line_height("small"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with Enter as with Space."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the icon, the title and what the page is for."""
        del event
        painter = QPainter(self)
        smooth(painter)
        whole = QRectF(self.rect())
        frame(painter, whole, "border", 8, inside="hover" if self.underMouse() else "surface")
        if self.hasFocus():
            ring(painter, whole, 8)
        painter.drawPixmap(PAD, PAD + (line_height("strong") - 20) // 2, pixmap(self._icon, "accent", 20))
        left, width, high = PAD + 32, self.width() - 2 * PAD - 32, line_height("strong")
        put(painter, QRectF(left, PAD, width, high), self.text(), style="strong", bold=True)
        painter.setFont(font("small"))
        painter.setPen(color("text2"))
        painter.drawText(QRectF(left, PAD + high + 4, width, LINES * line_height("small")), int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap), self._about)


class HubPage(Page):
    """The pages behind the entry `key` that this person may open."""

    def __init__(self, desk: Desk, key: str) -> None:
        super().__init__(desk)
        self.place = key
        self.setObjectName(f"page.{key}")
        self.setWindowTitle(_(PAGES[key].label))
        flow = Flow(gap=12, line_gap=12, margins=(20, 16, 20, 16))
        self.tiles = [HubTile(name, info) for name, info in PAGES.items() if info.hub == key and info.visible(desk.session)]
        for tile in self.tiles:
            tile.clicked.connect(partial(desk.show_page, tile.objectName().removeprefix("hub.")))
            flow.addWidget(tile)
        head = row(Label(self.windowTitle(), "page"), 12, Label(_(PAGES[key].about), "small", "text3"), None, margins=(20, 12, 20, 10))
        self.setLayout(column(box(head), hline(), (box(column((scroll(holder(flow)), 1), gap=0), "app"), 1), gap=0))
        if self.tiles:
            self.setFocusProxy(self.tiles[0])
        theme_notifier().changed.connect(self._dress)

    def _dress(self) -> None:
        for tile in self.tiles:
            tile.updateGeometry()
            tile.update()
