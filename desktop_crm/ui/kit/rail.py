"""The navigation rail: groups that fold, items with badges, icons only when collapsed."""


from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QFrame, QMenu, QSizePolicy, QVBoxLayout, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import dataclass
from desktop_crm.ui.kit.enter_button import EnterButton
from desktop_crm.ui.kit.fonts import text_width
from desktop_crm.ui.kit.grounds import Ground
from desktop_crm.ui.kit.icons import pixmap
from desktop_crm.ui.kit.layouts import clear, column, hline, holder, row, scroll
from desktop_crm.ui.kit.paint import CENTRE, fill, put, smooth
from desktop_crm.ui.kit.tokens import color, theme, theme_notifier

if TYPE_CHECKING:
    from collections.abc import Sequence

OPEN, COLLAPSED = 176, 56


@dataclass(frozen=True)
class NavEntry:
    """One entry: its key, its label, its icon and the group it stands in; entries without a group stand first."""

    key: str
    label: str
    icon: str
    group: str = ""


class NavItem(EnterButton):
    """One entry of the rail, named ``nav.<key>``."""

    def __init__(self, key: str, label: str, icon: str) -> None:
        super().__init__()
        self.key, self._icon = key, icon
        self.badge, self.badge_role, self.collapsed = "", "text3", False
        self.setText(label)
        self.setObjectName(f"nav.{key}")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._describe()

    def set_badge(self, text: str, role: str) -> None:
        """Show a count; the role ``danger`` makes it urgent."""
        self.badge, self.badge_role = text, role
        self._describe()
        self.update()

    def set_collapsed(self, collapsed: bool) -> None:  # noqa: FBT001 - as Qt's own setters
        """Show the icon alone."""
        self.collapsed = collapsed
        self._describe()
        self.updateGeometry()

    def set_look(self, label: str, icon: str) -> None:
        """Show another label and icon."""
        self._icon = icon
        self.setText(label)
        self._describe()

    def _describe(self) -> None:
        self.setAccessibleName(f"{self.text()} {self.badge}".strip())
        self.setToolTip(self.accessibleName() if self.collapsed else "")

    def sizeHint(self) -> QSize:
        """Keep the item's height."""
        return QSize(40, theme().px(36 if self.collapsed else 30))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with Up and Down, open with Enter or Space."""
        if event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the item."""
        del event
        painter = QPainter(self)
        smooth(painter)
        box, on = QRectF(self.rect()), self.isChecked()
        middle = box.center().y()
        if on or self.underMouse():
            fill(painter, box, "selected" if on else "pressed", 6)
        role = "accent" if on else "text2"
        if self.collapsed:
            painter.drawPixmap(QPointF(round(box.center().x() - 9), round(middle - 9)), pixmap(self._icon, role, 18))
            if self.badge and self.badge_role == "danger":
                painter.setPen(QPen(color("app"), 2))
                painter.setBrush(color("dangerfill"))
                painter.drawEllipse(QPointF(box.center().x() + 9, middle - 8), 4.5, 4.5)
            return
        painter.drawPixmap(QPointF(10, round(middle - 8)), pixmap(self._icon, role, 16))
        right = box.right() - 8
        if self.badge:
            urgent = self.badge_role == "danger"
            width = max(18, text_width(self.badge, "caption", urgent) + 10)
            mark = QRectF(right - width, middle - 8.5, width, 17)
            if urgent:
                fill(painter, mark, "dangerbg", 8.5)
            put(painter, mark, self.badge, style="caption", bold=urgent, role=self.badge_role, align=CENTRE)
            right -= width + 4
        put(painter, QRectF(36, 0, right - 36, box.height()), self.text(), bold=on, role="text" if on else "text2")


class _Group(QAbstractButton):
    """A group's title; it folds the entries below it."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setText(title)
        self.setObjectName(f"nav_group.{title}")
        self.setAccessibleName(title)
        self.setCheckable(True)
        self.setChecked(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Keep the title's height."""
        return QSize(40, theme().px(22))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the title and the arrow."""
        del event
        painter = QPainter(self)
        put(painter, QRectF(10, 0, self.width() - 34, self.height()), self.text(), style="caption", role="text3")
        arrow = "chevron-down" if self.isChecked() else "chevron-right"
        painter.drawPixmap(QPointF(self.width() - 20, round(self.height() / 2 - 6)), pixmap(arrow, "text3", 12))


class Brand(QAbstractButton):
    """The company at the top of the rail: its sign and its name. Signal: `clicked`."""

    def __init__(self) -> None:
        super().__init__()
        self.logo = QPixmap()
        self.collapsed = False
        self.setObjectName("nav_brand")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(48)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Fill the rail's width."""
        return QSize(40, 48)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sign and the name."""
        del event
        painter = QPainter(self)
        smooth(painter)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        left = (self.width() - 28) / 2 if self.collapsed else 6.0
        sign = QRectF(left, 10, 28, 28)
        if self.logo.isNull():
            fill(painter, sign, "brand", 7)
            pen = QPen(color("onbrand"), 2.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.drawPolyline([QPointF(left + x, 10 + y) for x, y in ((8, 18), (12, 12.5), (16, 15.5), (20.5, 9))])
        else:
            painter.drawPixmap(sign, self.logo, QRectF(self.logo.rect()))
        if not self.collapsed:
            put(painter, QRectF(42, 0, self.width() - 64, self.height()), self.text(), bold=True)
            painter.drawPixmap(QPointF(self.width() - 22, 17), pixmap("chevron-down", "text3", 14))


class Rail(Ground):
    """The navigation rail. Signals: `chosen(key)`, `collapsed_changed(bool)`, `groups_changed()` after a group was folded."""

    chosen = Signal(str)
    collapsed_changed = Signal(bool)
    groups_changed = Signal()

    def __init__(self, company: str = "") -> None:
        super().__init__("app")
        self.setObjectName("nav_rail")
        self.setAccessibleName(_("Navigation"))
        self.items: dict[str, NavItem] = {}
        self._groups: dict[str, tuple[_Group, QFrame, QWidget]] = {}
        self._collapsed, self._current = False, ""
        self.brand = Brand()
        self._list = column(gap=2, margins=(8, 0, 8, 4))
        self._bottom = column(gap=2, margins=(8, 4, 8, 8))
        area = scroll(holder(self._list), name="nav_scroll")
        # The wheel and the focus scroll it; a bar would push the icons aside.
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._fold = NavItem("collapse", _("Collapse"), "panel-left-close")
        self._fold.setCheckable(False)
        self._fold.clicked.connect(lambda: self.set_collapsed(not self._collapsed))
        self.setLayout(column(row(self.brand, margins=(8, 0, 8, 4)), (area, 1), self._bottom, gap=0))
        self.set_company(company)
        theme_notifier().changed.connect(self._dress)
        self._dress()

    def set_company(self, name: str, logo: QPixmap | None = None, menu: QMenu | None = None) -> None:
        """Show the company's name, its sign and the menu that opens from them."""
        self.brand.setText(name)
        self.brand.setAccessibleName(name)
        self.brand.setToolTip(name)
        self.brand.logo = logo or QPixmap()
        if menu is not None:
            self.brand.clicked.connect(lambda *_checked: menu.popup(self.brand.mapToGlobal(self.brand.rect().bottomLeft())))
        self.brand.update()

    def set_entries(self, entries: Sequence[NavEntry], bottom: Sequence[NavEntry] = ()) -> None:
        """Show these entries, group by group in the order they come; those of `bottom` stand at the rail's foot."""
        clear(self._list)
        while (item := self._bottom.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None and widget is not self._fold:
                widget.deleteLater()
        self.items, self._groups = {}, {}
        places = {"": self._list}
        for entry in entries:
            if entry.group not in places:
                places[entry.group] = self._add_group(entry.group)
            places[entry.group].addWidget(self._item(entry))
        self._list.addStretch(1)
        for entry in bottom:
            self._bottom.addWidget(self._item(entry))
        self._bottom.addWidget(self._fold)
        self.set_collapsed(self._collapsed)

    def _item(self, entry: NavEntry) -> NavItem:
        item = NavItem(entry.key, entry.label, entry.icon)
        item.clicked.connect(lambda *_checked, key=entry.key: self._choose(key))
        self.items[entry.key] = item
        return item

    def _add_group(self, title: str) -> QVBoxLayout:
        head, rule = _Group(title), hline()
        inner = column(gap=2)
        body = holder(inner)
        self._list.addSpacing(4)
        self._list.addWidget(head)
        self._list.addWidget(rule)
        self._list.addWidget(body)
        head.toggled.connect(lambda opened: self._fold_group(title, opened))
        self._groups[title] = (head, rule, body)
        return inner

    def _fold_group(self, title: str, opened: bool) -> None:  # noqa: FBT001 - a signal's argument
        self._groups[title][2].setVisible(opened or self._collapsed)
        self.groups_changed.emit()

    def folded_groups(self) -> list[str]:
        """Return the groups that are folded, to be stored for the user."""
        return [title for title, (head, _rule, _body) in self._groups.items() if not head.isChecked()]

    def fold_groups(self, titles: Sequence[str]) -> None:
        """Fold these groups and open the others."""
        for title, (head, _rule, _body) in self._groups.items():
            head.setChecked(title not in titles)

    def _choose(self, key: str) -> None:
        self.set_current(key)
        self.chosen.emit(key)

    def set_current(self, key: str) -> None:
        """Mark an entry as the page that is shown; an unknown key marks none."""
        self._current = key
        for one, item in self.items.items():
            item.setChecked(one == key)

    def set_badge(self, key: str, text: str, role: str = "text3") -> None:
        """Show a count beside an entry; nothing takes it away."""
        self.items[key].set_badge(text, role)

    def is_collapsed(self) -> bool:
        """Tell whether only icons are shown."""
        return self._collapsed

    def set_collapsed(self, collapsed: bool) -> None:  # noqa: FBT001 - as Qt's own setters
        """Show icons only, or the labels too."""
        changed, self._collapsed = collapsed != self._collapsed, collapsed
        self._fold.set_look(_("Open navigation") if collapsed else _("Collapse"), "panel-left-open" if collapsed else "panel-left-close")
        for item in (*self.items.values(), self._fold):
            item.set_collapsed(collapsed)
        for head, rule, body in self._groups.values():
            head.setVisible(not collapsed)
            rule.setVisible(collapsed)
            body.setVisible(collapsed or head.isChecked())
        self.brand.collapsed = collapsed
        self._dress()
        if changed:
            self.collapsed_changed.emit(collapsed)

    def _dress(self) -> None:
        self.setFixedWidth(COLLAPSED if self._collapsed else theme().px(OPEN))
