"""What floats over a window: a shadowed card beside a widget, and the list of choices inputs drop down.

They are children of the window, not windows: they take no focus away from a running input method and need no window manager.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import dataclass
from desktop_crm.ui.kit.fonts import text_width
from desktop_crm.ui.kit.icons import pixmap
from desktop_crm.ui.kit.layouts import column
from desktop_crm.ui.kit.paint import RIGHT, fill, frame, put, put_shadow, smooth
from desktop_crm.ui.kit.tokens import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MARGIN = 16
INSET = 10


class Floating(QWidget):
    """A card over the window. Closed by Esc, by a click outside and when its anchor is hidden. Signal: `closed`."""

    closed = Signal()

    def __init__(self, anchor: QWidget, *, border: str = "border", name: str = "") -> None:
        super().__init__(anchor.window())
        self._anchor, self._border, self._below = anchor, border, True
        self._spot = (0, 0, 0)
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inset = MARGIN + 5
        self.content = column(gap=6, margins=(inset, inset, inset, inset))
        self.setLayout(self.content)
        self.hide()

    def open_at(self, rect_left: int, rect_top: int, rect_bottom: int) -> None:
        """Show the card below a rectangle of the anchor, or above it where the window ends; the three are anchor coordinates."""
        self._spot = (rect_left, rect_top, rect_bottom)
        window = self._anchor.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        self.adjustSize()
        spot = self._anchor.mapTo(window, QPoint(rect_left, rect_bottom + 4))
        above = self._anchor.mapTo(window, QPoint(rect_left, rect_top - 4))
        top = spot.y() - INSET
        if top + self.height() - INSET > window.height() and above.y() - self.height() + INSET >= -INSET:
            top = above.y() - self.height() + INSET
        left = max(4 - INSET, min(spot.x() - INSET, window.width() - self.width() + INSET - 4))
        self.move(left, top)
        self.raise_()
        if not self.isVisible():
            app = QApplication.instance()
            if app is not None:
                app.installEventFilter(self)
        self.show()

    def open_below(self) -> None:
        """Show the card below its anchor."""
        self.open_at(0, 0, self._anchor.height())

    def close_up(self) -> None:
        """Hide the card."""
        if not self.isHidden():
            self.hide()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop watching for clicks outside."""
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        super().hideEvent(event)
        self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Close on a click outside and on Esc; the watch only lasts while the card is open."""
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent) and isinstance(watched, QWidget):
            if not self._inside(watched):
                self.close_up()
        elif kind in {QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress} and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if kind == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            self.close_up()
            return True
        elif (kind in {QEvent.Type.Resize, QEvent.Type.WindowDeactivate} and watched is self.parentWidget()) or (kind == QEvent.Type.Hide and watched is self._anchor):
            self.close_up()
        elif kind == QEvent.Type.Move and isinstance(watched, QWidget) and watched.isAncestorOf(self._anchor):
            later(self, self._follow)
        return False

    def _follow(self) -> None:
        """Stay beside the anchor where the page scrolled or was laid out anew."""
        if self.isVisible():
            self.open_at(*self._spot)

    def _inside(self, watched: QWidget) -> bool:
        """Tell whether a widget belongs to this card, to what opened it, or to a card that was opened from this one."""
        if watched is self or self.isAncestorOf(watched) or watched is self._anchor or self._anchor.isAncestorOf(watched):
            return True
        one: QWidget | None = watched
        while one is not None and not isinstance(one, Floating):
            one = one.parentWidget()
        return one is not None and one is not self and self.isAncestorOf(one._anchor)  # noqa: SLF001 - another card like this one

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the shadow and the card."""
        del event
        painter = QPainter(self)
        card = QRectF(self.rect()).adjusted(INSET, INSET, -INSET, -INSET)
        put_shadow(painter, card, 8, 10, 2)
        frame(painter, card, self._border, 8, inside="raised")


@dataclass(frozen=True)
class Choice:
    """One entry of a list of choices: what it stands for, its title, a quiet detail on the right, an icon."""

    value: object
    title: str
    detail: str = ""
    icon: str = ""


class ChoiceList(QWidget):
    """A painted list of choices that never takes the focus; the input it belongs to hands it the keys. Signal: `picked(index)`."""

    picked = Signal(int)
    ROWS = 9

    def __init__(self) -> None:
        super().__init__()
        self._choices: list[Choice] = []
        self._current, self._top = 0, 0
        self._note = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    @property
    def _step(self) -> int:
        return theme().px(30)

    def set_choices(self, choices: Sequence[Choice], current: int = 0, note: str = "") -> None:
        """Show other choices; `note` stands where there are none."""
        self._choices, self._note = list(choices), note or _("Nothing found")
        self._top = 0
        self.setFixedHeight(max(1, min(len(choices), self.ROWS)) * self._step)
        self.move_to(current)

    def widest(self) -> int:
        """Return the width the widest choice needs, in logical pixels."""
        return max((text_width(one.title) + text_width(one.detail, "small") + (24 if one.icon else 0) + 40 for one in self._choices), default=120)

    def current(self) -> int:
        """Return the index of the marked choice, or -1."""
        return self._current if self._choices else -1

    def move_to(self, index: int) -> None:
        """Mark a choice and bring it into view."""
        self._current = max(0, min(index, len(self._choices) - 1))
        self._top = max(min(self._top, self._current), self._current - self.ROWS + 1)
        if self._choices:
            self.setAccessibleName(self._choices[self._current].title)
        self.update()

    def handle_key(self, event: QKeyEvent) -> bool:
        """Move or pick with the keys of a list; tell whether the key was one of them."""
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: self.ROWS, Qt.Key.Key_PageUp: -self.ROWS}
        key = Qt.Key(event.key())
        if key in steps and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.move_to(self._current + steps[key])
            return True
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._choices:
            self.picked.emit(self._current)
            return True
        return False

    def _at(self, position: QPoint) -> int:
        index = self._top + position.y() // self._step
        return index if 0 <= index < len(self._choices) else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the choice under the pointer."""
        index = self._at(event.position().toPoint())
        if index >= 0 and index != self._current:
            self._current = index
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick the choice under the pointer."""
        index = self._at(event.position().toPoint())
        if index >= 0:
            self.picked.emit(index)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll by a row."""
        delta = event.angleDelta().y()
        self._top = max(0, min(self._top - (1 if delta > 0 else -1), len(self._choices) - self.ROWS))
        self.update()
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the choices in view."""
        del event
        painter = QPainter(self)
        smooth(painter)
        if not self._choices:
            put(painter, QRectF(10, 0, self.width() - 20, self._step), self._note, role="text3")
        for place, index in enumerate(range(self._top, min(len(self._choices), self._top + self.ROWS))):
            choice, box = self._choices[index], QRectF(0, place * self._step, self.width(), self._step)
            if index == self._current:
                fill(painter, box, "selected", 4)
            left = 10
            if choice.icon:
                painter.drawPixmap(left, round(box.center().y() - 8), pixmap(choice.icon, "text2"))
                left += 24
            detail = put(painter, box.adjusted(left, 0, -10, 0), choice.detail, style="small", role="text3", align=RIGHT) if choice.detail else 0
            put(painter, box.adjusted(left, 0, -16 - detail, 0), choice.title)
        if len(self._choices) > self.ROWS:
            share = self.height() / len(self._choices)
            fill(painter, QRectF(self.width() - 4, self._top * share, 3, self.ROWS * share), "border", 1.5)


class DropList(Floating):
    """The list an input drops down. Signal: `chosen(Choice)`."""

    chosen = Signal(object)

    def __init__(self, anchor: QWidget) -> None:
        super().__init__(anchor, name="drop_list")
        self.list = ChoiceList()
        self._choices: list[Choice] = []
        self.content.setContentsMargins(MARGIN - 2, MARGIN - 2, MARGIN - 2, MARGIN - 2)
        self.content.addWidget(self.list)
        self.list.picked.connect(self._pick)

    def drop(self, choices: Sequence[Choice], current: int = 0, note: str = "") -> None:
        """Show the choices below the input, as wide as it or wider."""
        self._choices = list(choices)
        self.list.set_choices(choices, current, note)
        self.list.setFixedWidth(min(max(self._anchor.width() - 2 * (MARGIN - 2 - INSET), self.list.widest()), 560))
        self.open_below()

    def handle_key(self, event: QKeyEvent) -> bool:
        """Give the open list a key; tell whether it took it."""
        return self.isVisible() and self.list.handle_key(event)

    def _pick(self, index: int) -> None:
        choice = self._choices[index]
        self.close_up()
        self.chosen.emit(choice)


def later(widget: QWidget, action: Callable[[], None], wait_ms: int = 0) -> None:
    """Do something once the present event is over, unless `widget` is gone by then."""
    from PySide6.QtCore import QTimer

    QTimer.singleShot(wait_ms, widget, action)
