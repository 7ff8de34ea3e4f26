"""The keyboard focus mark: one overlay for each window that follows the focus, shown only while the keyboard is in use."""


from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLineEdit, QPlainTextEdit, QTabBar, QWidget
from shiboken6 import isValid

from desktop_crm.ui.kit.paint import ring, smooth

GAP = 2
# These mark their own focus: an input by its border, a table by its cell, a bar by its tab.
OWN_MARK = (QLineEdit, QPlainTextEdit, QAbstractItemView, QTabBar)


def _unmarked(target: QWidget) -> bool:
    """Tell whether a widget marks itself, or is a whole page that only keeps the focus until something in it can take it."""
    return isinstance(target, OWN_MARK) or target.focusPolicy() == Qt.FocusPolicy.NoFocus


class _Ring(QWidget):
    """The painted mark; it takes no clicks."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("focus_ring")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring on the overlay's edge."""
        del event
        painter = QPainter(self)
        smooth(painter)
        ring(painter, QRectF(self.rect()), 8)


class FocusRing(QObject):
    """Follows the focus through the whole application. Make one, with `FocusRing.install(app)`."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.setObjectName("focus_ring_follower")
        self.keyboard = False
        self._target: QWidget | None = None
        self._watched: list[QWidget] = []
        self._ring: _Ring | None = None
        app.focusChanged.connect(self._moved)

    @classmethod
    def install(cls, app: QApplication) -> FocusRing:
        """Return the application's ring, made at the first call."""
        found = app.findChild(FocusRing, "focus_ring_follower")
        return found if isinstance(found, FocusRing) else cls(app)

    def _moved(self, old: QWidget | None, new: QWidget | None) -> None:
        del old
        for widget in self._watched:
            # A window that closes takes its widgets with it before it says where the focus went.
            if isValid(widget):
                widget.removeEventFilter(self)
        self._watched = []
        self._target = new
        if QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self.keyboard = False
        if new is not None:
            above: QWidget | None = new
            while above is not None:
                above.installEventFilter(self)
                self._watched.append(above)
                above = None if above.isWindow() else above.parentWidget()
        self._place()

    def _place(self) -> None:
        target = self._target
        ring_now = self._ring if self._ring is not None and isValid(self._ring) else None
        if target is None or not isValid(target) or not self.keyboard or _unmarked(target) or not target.isVisible():
            if ring_now is not None:
                ring_now.hide()
            return
        window = target.window()
        if ring_now is None or ring_now.parentWidget() is not window:
            if ring_now is not None:
                ring_now.deleteLater()
            ring_now = self._ring = _Ring(window)
        around = QRect(target.mapTo(window, QPoint(0, 0)), target.size()).adjusted(-GAP - 2, -GAP - 2, GAP + 2, GAP + 2)
        ring_now.setGeometry(around)
        ring_now.raise_()
        ring_now.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice keys and clicks on the focused widget, and whatever moves it."""
        kind = event.type()
        if kind == QEvent.Type.KeyPress and not self.keyboard:
            self.keyboard = True
            self._place()
        elif kind == QEvent.Type.MouseButtonPress and watched is self._target:
            self.keyboard = False
            self._place()
        elif kind in {QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide}:
            self._place()
        return False


def keyboard_in_use() -> bool:
    """Tell whether the focus was last moved with the keyboard, for widgets that mark a part of themselves."""
    app = QApplication.instance()
    follower = app.findChild(FocusRing, "focus_ring_follower") if app is not None else None
    return follower.keyboard if isinstance(follower, FocusRing) else True
