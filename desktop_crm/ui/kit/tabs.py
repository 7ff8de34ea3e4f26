"""Tabs with counts and segments: real tab bars, so arrow keys and screen readers work, painted in the product's look."""


from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QTabBar, QToolButton

from desktop_crm.base.lazily import dataclass
from desktop_crm.ui.kit.focus import keyboard_in_use
from desktop_crm.ui.kit.fonts import text_width
from desktop_crm.ui.kit.icons import pixmap
from desktop_crm.ui.kit.paint import fill, frame, put, ring, smooth
from desktop_crm.ui.kit.tokens import Theme, theme, theme_notifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent


@dataclass(frozen=True)
class TabItem:
    """One tab: its stable key, its label, a count, the count's role (such as ``danger``) and, in a segment, an icon."""

    key: str
    label: str
    count: str = ""
    role: str = ""
    icon: str = ""


class _Bar(QTabBar):
    """What tabs and segments share. Signal: `chosen(key)`, also for a choice made by code."""

    chosen = Signal(str)

    def __init__(self, items: Sequence[TabItem] = (), *, name: str = "", label: str = "") -> None:
        super().__init__()
        self._items: list[TabItem] = []
        self._arrows: Theme | None = None
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setMouseTracking(True)
        for arrow in self.findChildren(QToolButton):
            # The arrow keys walk through the tabs; Qt's own scroll buttons are no stop of the Tab key.
            arrow.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.currentChanged.connect(self._announce)
        theme_notifier().changed.connect(self._measure)
        self.set_items(items)

    def set_items(self, items: Sequence[TabItem], current: str = "") -> None:
        """Show other tabs; the one with the key `current`, or the present one, stays chosen without a signal."""
        wanted = current or self.current()
        blocked = self.blockSignals(True)
        while self.count() > len(items):
            self.removeTab(self.count() - 1)
        self._items = list(items)
        for index, item in enumerate(items):
            spoken = f"{item.label} {item.count}".strip()
            if index >= self.count():
                self.addTab(item.label)
            elif self.tabText(index) != item.label:  # Qt lays all tabs out anew for each text it is given
                self.setTabText(index, item.label)
            self.setAccessibleTabName(index, spoken)
            if item.icon and not item.label:
                self.setTabToolTip(index, item.label)
        keys = [item.key for item in items]
        if wanted in keys:
            self.setCurrentIndex(keys.index(wanted))
        self.blockSignals(blocked)
        self._measure()

    def items(self) -> list[TabItem]:
        """Return the tabs that are shown."""
        return list(self._items)

    def current(self) -> str:
        """Return the key of the chosen tab, or nothing."""
        index = self.currentIndex()
        return self._items[index].key if 0 <= index < len(self._items) else ""

    def set_current(self, key: str) -> None:
        """Choose the tab `key`; raises KeyError where there is none."""
        for index, item in enumerate(self._items):
            if item.key == key:
                self.setCurrentIndex(index)
                return
        raise KeyError(key)

    def set_count(self, key: str, count: str) -> None:
        """Show another count on one tab."""
        self.set_items([TabItem(item.key, item.label, count, item.role, item.icon) if item.key == key else item for item in self._items])

    def _announce(self, index: int) -> None:
        if 0 <= index < len(self._items):
            self.chosen.emit(self._items[index].key)

    def _measure(self) -> None:
        self._dress_arrows()
        # Qt keeps the tabs' sizes until a text changes.
        self.setIconSize(QSize(16, 16) if self.iconSize() != QSize(16, 16) else QSize(16, 17))
        self.updateGeometry()
        self.update()

    def minimumTabSizeHint(self, index: int) -> QSize:
        """Never squeeze a tab; the bar scrolls instead."""
        return self.tabSizeHint(index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Repaint at the new width; the arrows that come where the tabs have no room stand on the ground of the page."""
        super().resizeEvent(event)
        self._dress_arrows()
        self.update()

    def _dress_arrows(self) -> None:
        if self.sizeHint().width() > self.width() and self._arrows is not theme():
            self._arrows = theme()
            self.setStyleSheet(f"QTabBar QToolButton {{ background:{theme().hex('surface')}; border:0; }}")


class Tabs(_Bar):
    """Underlined tabs with counts."""

    GAP = 20

    def tabSizeHint(self, index: int) -> QSize:
        """Fit the label in bold, so that choosing a tab moves nothing, and the count."""
        item = self._items[index] if index < len(self._items) else TabItem("", "")
        width = text_width(item.label, "body", True) + (text_width(item.count, "small") + 6 if item.count else 0)
        return QSize(width + self.GAP, theme().px(36))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tabs."""
        del event
        painter = QPainter(self)
        smooth(painter)
        for index, item in enumerate(self._items):
            box, on = QRect(self.tabRect(index)), index == self.currentIndex()
            over = box.contains(self.mapFromGlobal(self.cursor().pos())) and self.underMouse()
            text = QRectF(box.x(), box.y(), box.width(), box.height() - 2)
            width = put(painter, text, item.label, bold=on, role="text" if on or over else "text2", elide=False)
            if item.count:
                role = item.role or ("accent" if on else "text3")
                width += 6 + put(painter, text.adjusted(width + 6, 0, 0, 0), item.count, style="small", role=role, elide=False)
            if on:
                fill(painter, QRectF(box.x(), box.bottom() - 1.5, width, 2.5), "accent", 1.2)
                if self.hasFocus() and keyboard_in_use():
                    ring(painter, QRectF(max(0, box.x() - 6), box.y() + 4, width + (12 if box.x() else 6), box.height() - 10))


class Segment(_Bar):
    """A few choices of which one holds, side by side."""

    def __init__(self, items: Sequence[TabItem] = (), *, name: str = "", label: str = "", small: bool = False) -> None:
        self._small = small
        super().__init__(items, name=name, label=label)
        self.setUsesScrollButtons(False)

    @property
    def _style(self) -> str:
        return "small" if self._small else "body"

    def tabSizeHint(self, index: int) -> QSize:
        """Fit icon and label."""
        item = self._items[index] if index < len(self._items) else TabItem("", "")
        label = f"{item.label} {item.count}".strip()
        width = text_width(label, self._style, True) + 24 + (20 if item.icon else 0)
        return QSize(width, theme().px(26 if self._small else 30))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the trough and the chosen part raised in it."""
        del event
        painter = QPainter(self)
        smooth(painter)
        if not self._items:
            return
        trough = self.tabRect(0).united(self.tabRect(len(self._items) - 1))
        fill(painter, QRectF(trough), "neutralbg", 6)
        for index, item in enumerate(self._items):
            box, on = QRectF(self.tabRect(index)).adjusted(2, 2, -2, -2), index == self.currentIndex()
            if on:
                frame(painter, box, "border", 5, inside="surface")
                if self.hasFocus() and keyboard_in_use():
                    ring(painter, box, 5)
            label = f"{item.label} {item.count}".strip()
            width = text_width(label, self._style, on) + (20 if item.icon else 0)
            left = box.center().x() - width / 2
            if item.icon:
                painter.drawPixmap(QPointF(round(left), round(box.center().y() - 7)), pixmap(item.icon, "accent" if on else "text2", 14))
                left += 20
            put(painter, QRectF(left, box.y(), box.right() - left, box.height()), label, style=self._style, bold=on,
                role="text" if on else "text2", elide=False)
