"""The top bar: where the user is, the global search, new records, notices, help and the user's menu."""


from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.buttons import Button
from desktop_crm.ui.kit.fonts import text_width
from desktop_crm.ui.kit.grounds import Ground
from desktop_crm.ui.kit.icons import pixmap
from desktop_crm.ui.kit.labels import IconLabel, Label, LinkLabel
from desktop_crm.ui.kit.layouts import clear, row
from desktop_crm.ui.kit.paint import CENTRE, fill, frame, put, put_avatar, put_key, smooth
from desktop_crm.ui.kit.sheets import Menu
from desktop_crm.ui.kit.tokens import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

SEARCH_WIDTH = 440


class SearchButton(QAbstractButton):
    """Looks like a search line and opens the command palette."""

    def __init__(self, text: str, keys: str) -> None:
        super().__init__()
        self._keys = keys
        self.setText(text)
        self.setObjectName("global_search")
        self.setAccessibleName(f"{text} ({keys})")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(160)
        self.setMaximumWidth(SEARCH_WIDTH)

    def sizeHint(self) -> QSize:
        """Ask for a comfortable width."""
        return QSize(SEARCH_WIDTH, theme().px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line and the key."""
        del event
        painter = QPainter(self)
        smooth(painter)
        frame(painter, self.rect(), "edge" if self.underMouse() else "border", 6, inside="sunken")
        middle = self.height() / 2
        painter.drawPixmap(QPointF(10, round(middle - 8)), pixmap("search", "text3"))
        used = put_key(painter, self.width() - 6, middle, self._keys)
        put(painter, QRectF(34, 0, self.width() - used - 50, self.height()), self.text(), role="text3")


class BellButton(Button):
    """The bell with the number of unread notices."""

    def __init__(self) -> None:
        super().__init__("", "ghost", icon="bell", name="top_bar.bell", tip=_("Notifications"))
        self._count = 0

    def set_count(self, count: int) -> None:
        """Show how many notices are unread."""
        self._count = count
        tip = _("Notifications: {count} unread").format(count=count) if count else _("Notifications")
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bell and the count over it."""
        super().paintEvent(event)
        if self._count:
            painter = QPainter(self)
            smooth(painter)
            text = str(self._count) if self._count < 100 else "99+"  # noqa: PLR2004 - three digits don't fit
            width = max(15, text_width(text, "caption", True) + 8)
            mark = QRectF(self.width() - width - 1, 1, width, 15)
            fill(painter, mark, "danger", 7.5)
            put(painter, mark, text, style="caption", bold=True, role="surface", align=CENTRE, elide=False)


class UserButton(QAbstractButton):
    """The user: avatar and name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName("top_bar.user")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_name(name)

    def set_name(self, name: str) -> None:
        """Show another user."""
        self.setText(name)
        self.setAccessibleName(_("Signed in as {name}").format(name=name))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Fit the name."""
        return QSize(36 + min(120, text_width(self.text())) + 28, theme().px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw avatar, name and arrow."""
        del event
        painter = QPainter(self)
        smooth(painter)
        if self.underMouse():
            fill(painter, QRectF(self.rect()), "hover", 6)
        middle = self.height() / 2
        put_avatar(painter, QRectF(2, middle - 14, 28, 28), self.text())
        put(painter, QRectF(37, 0, self.width() - 62, self.height()), self.text())
        painter.drawPixmap(QPointF(self.width() - 21, round(middle - 7)), pixmap("chevron-down", "text3", 14))


class TopBar(Ground):
    """The bar over every page. Signals: `search_requested`, `new_requested`, `bell_clicked`, `help_clicked`, `crumb_clicked(key)`.

    `new_menu` opens from the 新建 button when it has entries; without them the button emits `new_requested`.
    """

    search_requested = Signal()
    new_requested = Signal()
    bell_clicked = Signal()
    help_clicked = Signal()
    crumb_clicked = Signal(str)

    def __init__(self, user: str = "") -> None:
        super().__init__()
        self.setObjectName("top_bar")
        self._crumbs = row(gap=6)
        self.search = SearchButton(_("Search records and commands; pinyin initials work too"), "Ctrl K")
        self.new_menu = Menu(self)
        self.user_menu = Menu(self)
        self.new = Button(_("New"), "primary", icon="plus", name="action.new", on_click=self._new)
        self.bell = BellButton()
        self.help = Button("", "ghost", icon="circle-question-mark", name="top_bar.help", tip=_("Help (F1)"))
        self.user = UserButton(user)
        self.search.clicked.connect(self.search_requested)
        self.bell.clicked.connect(self.bell_clicked)
        self.help.clicked.connect(self.help_clicked)
        self.user.clicked.connect(self._user)
        self.setLayout(row((self._crumbs, 2), (self.search, 3), None, self.new, 4, self.bell, self.help, 2, self.user, gap=6, margins=(16, 0, 16, 0)))
        self.setFixedHeight(theme().px(48))

    def set_crumbs(self, crumbs: Sequence[tuple[str, str]]) -> None:
        """Show where the page stands as (key, label); all but the last can be clicked when they have a key."""
        clear(self._crumbs)
        for number, (key, label) in enumerate(crumbs):
            if number:
                self._crumbs.addWidget(IconLabel("chevron-right", "text3", 14))
            if number == len(crumbs) - 1:
                self._crumbs.addWidget(Label(label, bold=True))
            elif key:
                link = LinkLabel(label, name=f"crumb.{key}", role="text2")
                link.clicked.connect(lambda key=key: self.crumb_clicked.emit(key))
                self._crumbs.addWidget(link)
            else:
                self._crumbs.addWidget(Label(label, role="text2"))
        self._crumbs.addStretch(1)

    def _new(self) -> None:
        if self.new_menu.isEmpty():
            self.new_requested.emit()
        else:
            self.new_menu.popup(self.new.mapToGlobal(self.new.rect().bottomLeft()))

    def _user(self) -> None:
        if not self.user_menu.isEmpty():
            corner = self.user.mapToGlobal(self.user.rect().bottomRight())
            self.user_menu.popup(corner - QPoint(self.user_menu.sizeHint().width(), 0))
