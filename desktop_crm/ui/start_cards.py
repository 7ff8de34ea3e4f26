"""The choices of the start window: large cards, and the companies opened lately as a list of links."""


from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.enter_button import EnterButton
from desktop_crm.ui.kit.fonts import elided, line_height, text_width
from desktop_crm.ui.kit.icons import pixmap
from desktop_crm.ui.kit.layouts import clear
from desktop_crm.ui.kit.paint import fill, frame, put, smooth
from desktop_crm.ui.kit.tokens import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

PAD = 16
FIELD = 36


def lines_of(text: str, width: int, style: str) -> list[str]:
    """Break a text into lines no wider than `width`, at any Chinese character and between Latin words."""
    lines, line = [], ""
    for word in _words(text):
        if line and text_width((line + word).rstrip(), style) > width:
            lines.append(line.rstrip())
            line = word.lstrip()
        else:
            line += word
    return [*lines, line] if line else lines


def _words(text: str) -> list[str]:
    words: list[str] = []
    for sign in text:
        if words and (sign in "，。、；：？）" or (sign.isascii() and words[-1][-1].isascii() and not words[-1].endswith(" "))):
            words[-1] += sign
        else:
            words.append(sign)
    return words


class StartCard(EnterButton):
    """One way to begin: icon, title and a line or two about it."""

    def __init__(self, icon: str, title: str, hint: str, *, name: str) -> None:
        super().__init__()
        self._icon, self._hint = icon, hint
        self.setObjectName(name)
        self.setText(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(hint)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Leave room for a title and two lines."""
        return QSize(260, 2 * PAD + FIELD + 8 + line_height("strong") + 2 * line_height("small") + 4)

    def minimumSizeHint(self) -> QSize:
        """Stay readable."""
        return QSize(200, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card."""
        del event
        painter = QPainter(self)
        smooth(painter)
        over, box = self.underMouse() and self.isEnabled(), QRectF(self.rect())
        frame(painter, box, "accent" if over else "line", 8, inside="hover" if self.isDown() else "surface")
        fill(painter, QRectF(PAD, PAD, FIELD, FIELD), "accentsoft", 8)
        painter.drawPixmap(QPointF(PAD + FIELD / 2 - 9, PAD + FIELD / 2 - 9), pixmap(self._icon, "accent", 18))
        width, top = self.width() - 2 * PAD, PAD + FIELD + 8
        put(painter, QRectF(PAD, top, width, line_height("strong")), self.text(), style="strong", role="text" if self.isEnabled() else "disabled")
        top += line_height("strong") + 2
        for line in lines_of(self._hint, width, "small")[:2]:
            put(painter, QRectF(PAD, top, width, line_height("small")), line, style="small", role="text2", elide=False)
            top += line_height("small")


class _Recent(EnterButton):
    """One company opened before: its name and where it is."""

    def __init__(self, icon: str, title: str, place: str) -> None:
        super().__init__()
        self._icon, self._place = icon, place
        self.setText(title)
        self.setToolTip(place)
        self.setAccessibleName(_("Open {name}").format(name=title))
        self.setAccessibleDescription(place)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Take one row."""
        return QSize(300, theme().px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the row; a long place loses its beginning."""
        del event
        painter = QPainter(self)
        smooth(painter)
        box = QRectF(self.rect())
        if self.underMouse():
            fill(painter, box, "hover", 6)
        painter.drawPixmap(QPointF(10, round(self.height() / 2 - 8)), pixmap(self._icon, "text2"))
        used = put(painter, box.adjusted(36, 0, -10, 0), self.text(), bold=True)
        room = int(self.width() - 36 - used - 12 - 10)
        put(painter, box.adjusted(36 + used + 12, 0, -10, 0), _ending(self._place, room), style="small", role="text3", elide=False)


def _ending(text: str, room: int) -> str:
    """Cut a place to `room` logical pixels, keeping its end, which tells places apart."""
    return elided(text[::-1], room, "small")[::-1]


class RecentCompanies(QWidget):
    """The companies opened lately, the latest first. Signal: `chosen(url)`."""

    chosen = Signal(str)

    def __init__(self, *, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(2)

    def set_companies(self, companies: Sequence[tuple[str, str, str]]) -> None:
        """Show (url, title, place) of each."""
        clear(self._rows)
        for number, (url, title, place) in enumerate(companies, 1):
            one = _Recent("server" if url.startswith("mysql") else "database", title, place)
            one.setObjectName(f"{self.objectName()}.{number}")
            one.clicked.connect(partial(self._choose, url))
            self._rows.addWidget(one)

    def _choose(self, url: str, _checked: object = None) -> None:
        self.chosen.emit(url)
