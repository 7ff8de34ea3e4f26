"""Text and small marks: labels by text style and role, cards, pills, stars, avatars, key hints."""


from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QLayout, QSizePolicy, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.fonts import font, line_height, text_width
from desktop_crm.ui.kit.grounds import Panel
from desktop_crm.ui.kit.icons import pixmap
from desktop_crm.ui.kit.layouts import Item, column, row
from desktop_crm.ui.kit.paint import fill, frame, pill_height, pill_width, put, put_avatar, put_pill, put_stars, smooth
from desktop_crm.ui.kit.sheets import dress_open_menu
from desktop_crm.ui.kit.style import INKS, ink
from desktop_crm.ui.kit.tokens import color, follow_theme, theme


class Ink(QLabel):
    """A text in one of the type styles and one of the colour roles of the theme."""

    def __init__(self, style: str, role: str, *, bold: bool = False) -> None:
        super().__init__()
        self._style, self._role, self._bold = style, role, bold
        self._sizes: tuple[int, str] | None = None
        self._inked = QPalette.ColorRole.NoRole

    def dress(self) -> None:
        """Take the font and the colour."""
        if self._sizes != theme().sizes:
            self._sizes = theme().sizes
            self.measure()
        self._colour()

    def measure(self) -> None:
        """Take the font."""
        wanted = font(self._style, self._bold)
        if self.font() != wanted or not self.testAttribute(Qt.WidgetAttribute.WA_SetFont):
            self.setFont(wanted)

    def _colour(self) -> None:
        role = INKS.get(self._role, QPalette.ColorRole.WindowText)
        if role != self._inked:
            self._inked = role
            self.setForegroundRole(role)
        if self._role not in INKS:
            self.setPalette(ink(self._role))


class Label(Ink):
    """A text in one of the type styles and one of the colour roles; a single line has the style's fixed height."""

    def __init__(self, text: str = "", style: str = "body", role: str = "text", *, bold: bool = False, wrap: bool = False,
                 selectable: bool = False, rich: bool = False) -> None:
        super().__init__(style, role, bold=bold)
        self._wrap = wrap
        self.setTextFormat(Qt.TextFormat.RichText if rich else Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setText(text)
        follow_theme(self)

    def measure(self) -> None:
        """Take the font and the height of a line."""
        super().measure()
        height = line_height(self._style)
        if self._wrap or "\n" in self.text():
            self.setMinimumHeight(height)
        else:
            self.setFixedHeight(height)

    def role(self) -> str:
        """Return the colour role."""
        return self._role

    def set_role(self, role: str) -> None:
        """Show the text in another colour role."""
        if self._role != role:
            self._role = role
            self._colour()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Dress the menu of a text that can be marked."""
        super().contextMenuEvent(event)
        dress_open_menu()


class ElidedLabel(QWidget):
    """A single line that gives way: cut with an ellipsis where there is no room, the whole text in its tooltip."""

    def __init__(self, text: str = "", style: str = "body", role: str = "text", *, bold: bool = False) -> None:
        super().__init__()
        self._text, self._style, self._role, self._bold = "", style, role, bold
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def text(self) -> str:
        """Return the whole text."""
        return self._text

    def setText(self, text: str) -> None:
        """Show another text."""
        self._text = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def set_role(self, role: str) -> None:
        """Show the text in another colour role."""
        self._role = role
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for the whole text's width."""
        return QSize(text_width(self._text, self._style, self._bold) + 1, line_height(self._style))

    def minimumSizeHint(self) -> QSize:
        """Give way down to a few letters."""
        return QSize(min(self.sizeHint().width(), 40), line_height(self._style))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text, cut to the room there is."""
        del event
        self.setToolTip(self._text if text_width(self._text, self._style, self._bold) > self.width() else "")
        put(QPainter(self), self.rect(), self._text, style=self._style, bold=self._bold, role=self._role)


class IconLabel(QWidget):
    """An icon that only shows something; it follows the theme. With `ground` it stands on a round or square tinted field."""

    def __init__(self, name: str, role: str = "text2", size: int = 16, *, ground: str = "", field: int = 0, square: bool = False,
                 filled: bool = False) -> None:
        super().__init__()
        self._name, self._role, self._size, self._ground, self._square, self._filled = name, role, size, ground, square, filled
        self.setFixedSize(field or size, field or size)

    def set_icon(self, name: str, role: str = "") -> None:
        """Show another icon, or another colour of it."""
        self._name, self._role = name, role or self._role
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground and the icon."""
        del event
        painter = QPainter(self)
        smooth(painter)
        if self._ground:
            fill(painter, QRectF(self.rect()), self._ground, 6 if self._square else self.width() / 2)
        edge = (self.width() - self._size) / 2
        painter.drawPixmap(QRectF(edge, edge, self._size, self._size).topLeft(), pixmap(self._name, self._role, self._size, filled=self._filled))


class Card(Panel):
    """A bordered surface with a padded column, `body`, and an optional heading line, `head`, that takes actions on its right."""

    def __init__(self, title: str = "", hint: str = "", *items: Item, actions: tuple[QWidget, ...] = (), padded: bool = True) -> None:
        super().__init__("card")
        pad = 16 if padded else 1
        self.body = column(gap=10, margins=(pad, 12 if padded else 1, pad, 14 if padded else 1))
        if title:
            self.title = Label(title, "strong")
            self.hint = Label(hint, "small", "text3")
            inset = 0 if padded else 15
            self.head = row(self.title, self.hint, None, *actions, margins=(inset, 0 if padded else 10, inset, 0 if padded else 8))
            self.body.addLayout(self.head)
            self.setAccessibleName(title)
        for item in items:
            if isinstance(item, QLayout):
                self.body.addLayout(item)
            elif isinstance(item, QWidget):
                self.body.addWidget(item)
        self.setLayout(self.body)


class Pill(QWidget):
    """A status: a dot and a word. `tone` is one of TONES."""

    def __init__(self, text: str, tone: str = "neutral", *, dot: bool = True) -> None:
        super().__init__()
        self._dot = dot
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set(text, tone)

    def set(self, text: str, tone: str) -> None:
        """Show another status."""
        self._text, self._tone = text, tone
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for the word's width."""
        return QSize(pill_width(self._text, dot=self._dot), pill_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pill."""
        del event
        painter = QPainter(self)
        smooth(painter)
        put_pill(painter, QRectF(self.rect()), self._text, self._tone, dot=self._dot)


class Tag(Pill):
    """A label the user gave: like a pill, without a dot and with small corners."""

    def __init__(self, text: str, tone: str = "info") -> None:
        super().__init__(text, tone, dot=False)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tag."""
        del event
        painter = QPainter(self)
        smooth(painter)
        fill(painter, QRectF(self.rect()).adjusted(0, 1, 0, -1), self._tone + "bg", 4)
        put(painter, self.rect(), self._text, style="small", role=self._tone, align="centre")


class Stars(QWidget):
    """A level of 0 to 5 as stars, with the number as its accessible text."""

    def __init__(self, count: int = 0) -> None:
        super().__init__()
        self.setFixedSize(72, 16)
        self.set(count)

    def set(self, count: int) -> None:
        """Show another level."""
        self._count = count
        self.setAccessibleName(_("{count} of 5 stars").format(count=count))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the stars."""
        del event
        painter = QPainter(self)
        smooth(painter)
        put_stars(painter, 0, 8, self._count, radius=6, step=14)


class Avatar(QWidget):
    """The first letter of a person's or a company's name on a ground of its own tone."""

    def __init__(self, name: str, size: int = 24, *, square: bool = False, tone: str = "") -> None:
        super().__init__()
        self._square, self._tone = square, tone
        self.setFixedSize(size, size)
        self.set(name)

    def set(self, name: str) -> None:
        """Show another name."""
        self._name = name
        self.setAccessibleName(name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the letter."""
        del event
        painter = QPainter(self)
        smooth(painter)
        put_avatar(painter, QRectF(self.rect()), self._name, tone=self._tone, square=self._square)


class KeyHint(QWidget):
    """The name of a key in a small box."""

    def __init__(self, keys: str) -> None:
        super().__init__()
        self._keys = keys
        self.setAccessibleName(keys)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Ask for the text's width."""
        return QSize(text_width(self._keys, "caption") + 12, theme().px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box and the text."""
        del event
        painter = QPainter(self)
        smooth(painter)
        frame(painter, self.rect(), "border", 4, inside="sunken")
        put(painter, self.rect(), self._keys, style="caption", role="text3", align="centre", elide=False)


class LinkLabel(Ink):
    """A text that can be clicked, or opened with Enter; with `wrap` over several lines. Signal: `clicked`."""

    clicked = Signal()

    def __init__(self, text: str = "", style: str = "body", *, name: str = "", role: str = "accent", wrap: bool = False) -> None:
        super().__init__(style, role)
        self.setObjectName(name)
        self.setWordWrap(wrap)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setText(text)
        self._hover = False
        follow_theme(self)

    def setText(self, text: str) -> None:
        """Show another text."""
        super().setText(text)
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        """Keep the style's line height."""
        wanted = super().sizeHint()
        return wanted if self.wordWrap() else QSize(wanted.width(), line_height(self._style))

    def enterEvent(self, event: QEnterEvent) -> None:
        """Underline under the pointer."""
        self._hover = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Take the underline away."""
        self._hover = False
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text, underlined under the pointer and with the keyboard focus."""
        super().paintEvent(event)
        if (self._hover or self.hasFocus()) and self.wordWrap():
            QPainter(self).fillRect(QRectF(0, self.height() - 1, self.width(), 1), color(self._role))
        elif self._hover or self.hasFocus():
            painter = QPainter(self)
            bottom = self.height() / 2 + line_height(self._style) * 0.4
            painter.fillRect(QRectF(0, bottom, text_width(self.text(), self._style), 1), color(self._role))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Follow the link."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Follow the link with Enter or Space."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.clicked.emit()
        else:
            super().keyPressEvent(event)
