"""Buttons, chips, check boxes and switches, painted by role so that every state looks the same on every system."""


from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QMenu, QPushButton, QSizePolicy

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.enter_button import EnterButton
from desktop_crm.ui.kit.fonts import line_height, text_width
from desktop_crm.ui.kit.icons import pixmap
from desktop_crm.ui.kit.paint import fill, frame, put, put_tick, smooth
from desktop_crm.ui.kit.tokens import color, theme

if TYPE_CHECKING:
    from collections.abc import Callable

ButtonKind = Literal["primary", "secondary", "ghost", "soft", "danger", "link", "ontip"]
ButtonSize = Literal["normal", "small", "mini"]

HEIGHTS: Final = {"normal": 32, "small": 28, "mini": 24}
PADDING: Final = {"normal": 13, "small": 11, "mini": 9}
# kind: ground, ground under the pointer, ground pressed, border, text, icon
LOOKS: Final[dict[str, tuple[str, str, str, str, str, str]]] = {
    "primary": ("accent", "accenthover", "accentpress", "", "onaccent", "onaccent"),
    "secondary": ("surface", "hover", "pressed", "border", "text", "text2"),
    "danger": ("surface", "dangerbg", "dangerbg", "border", "danger", "danger"),
    "ghost": ("", "hover", "pressed", "", "text2", "text2"),
    "soft": ("accentsoft", "selected", "selhover", "", "accent", "accent"),
    "link": ("", "", "", "", "accent", "accent"),
    "ontip": ("", "", "", "", "ontip", "ontip"),
}


class Button(QPushButton):
    """A push button. `kind` is its weight on the page, `icon` a shipped icon's name, `name` its objectName.

    A button without text needs `tip`, which is its accessible name as well.
    """

    def __init__(self, text: str = "", kind: ButtonKind = "secondary", *, icon: str = "", size: ButtonSize = "normal", name: str = "",
                 tip: str = "", trailing: str = "", on_click: Callable[[], object] | None = None, menu: QMenu | None = None,
                 role: str = "") -> None:
        super().__init__(text)
        self.kind: ButtonKind = kind
        self._icon, self._trailing, self._size, self._role = icon, trailing, size, role
        self._busy_text: str | None = None
        self.setObjectName(name)
        self.setToolTip(tip)
        self.setAccessibleName(tip or text)
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        if kind in {"link", "primary"}:
            self.setCursor(Qt.CursorShape.PointingHandCursor if kind == "link" else Qt.CursorShape.ArrowCursor)
        if on_click is not None:
            self.clicked.connect(lambda *_checked: on_click())
        if menu is not None:
            self.setMenu(menu)

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        self._icon = icon
        self.updateGeometry()
        self.update()

    def set_text(self, text: str) -> None:
        """Show another text; it is the accessible name too, unless a tooltip is."""
        self.setText(text)
        if not self.toolTip():
            self.setAccessibleName(text)

    def set_busy(self, text: str | None) -> None:
        """Say what is being done and take no clicks meanwhile; None ends it."""
        self._busy_text = text
        self.setEnabled(text is None)
        self.updateGeometry()
        self.update()

    @property
    def _style(self) -> str:
        return "body" if self._size == "normal" else "small"

    @property
    def _icon_size(self) -> int:
        return 16 if self._size == "normal" else 14

    def _shown(self) -> tuple[str, str]:
        if self._busy_text is not None:
            return self._busy_text, "refresh-cw"
        return self.text().replace("&&", "\0").replace("&", "").replace("\0", "&"), self._icon

    def sizeHint(self) -> QSize:
        """Fit the text and the icons."""
        text, icon = self._shown()
        height = line_height("body") if self.kind == "link" else theme().px(HEIGHTS[self._size])
        if not text and not self._trailing:
            return QSize(height, height)
        pad = 2 if self.kind == "link" else PADDING[self._size] - (3 if self.kind == "ghost" else 0)
        width = text_width(text, self._style, self.kind == "primary") + 2 * pad
        for mark in (icon, self._trailing):
            width += self._icon_size + (7 if text else 0) if mark else 0
        return QSize(width, height)

    def minimumSizeHint(self) -> QSize:
        """Never cut a button's text."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground of the present state, then the icon and the text in the middle."""
        del event
        painter = QPainter(self)
        smooth(painter)
        ink, icon_role = self._paint_ground(painter)
        text, icon = self._shown()
        width = sum(self._icon_size + (7 if text else 0) for mark in (icon, self._trailing) if mark)
        width += text_width(text, self._style, self.kind == "primary")
        left, middle = (self.width() - width) / 2, self.height() / 2
        if icon:
            painter.drawPixmap(QPointF(round(left), round(middle - self._icon_size / 2)), pixmap(icon, icon_role, self._icon_size))
            left += self._icon_size + 7
        if text:
            left += put(painter, QRectF(left, 0, self.width() - left, self.height()), text, style=self._style, bold=self.kind == "primary",
                        role=ink) + 7
        if self._trailing:
            painter.drawPixmap(QPointF(round(left), round(middle - self._icon_size / 2)), pixmap(self._trailing, icon_role, self._icon_size))
        if self.kind == "link" and text and self.isEnabled() and (self.underMouse() or self.hasFocus()):
            painter.fillRect(QRectF(2, self.height() - 2, self.width() - 4, 1), color(ink))

    def _paint_ground(self, painter: QPainter) -> tuple[str, str]:
        """Fill the button; return the roles of its text and its icon."""
        plain, hover, press, border, ink, icon_role = LOOKS[self.kind]
        box = QRectF(self.rect())
        radius = 6 if self._size != "mini" else 4
        over = self.underMouse() and self.isEnabled()
        if self._busy_text is not None:
            frame(painter, box, "border", radius, inside="surface")
            return "text2", "text2"
        if not self.isEnabled():
            if plain:
                frame(painter, box, "line", radius, inside="sunken")
            return "disabled", "disabled"
        role = press if self.isDown() or self.isChecked() else hover if over else plain
        if self.kind == "ontip" and over:
            shade = QColor(color("neutralfill"))
            shade.setAlphaF(0.3)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shade)
            painter.drawRoundedRect(box, radius, radius)
        if border:
            frame(painter, box, border, radius, inside=role)
        elif role:
            fill(painter, box, role, radius)
        if self.kind == "ghost" and self.isChecked():
            return "accent", "accent"
        return self._role or ink, self._role or icon_role


class Chip(QPushButton):
    """A round chip that can be switched on, as in a row of scopes."""

    def __init__(self, text: str, *, name: str = "", dashed: bool = False, icon: str = "", checkable: bool = True) -> None:
        super().__init__(text)
        self._dashed, self._icon, self._icon_shown = dashed, icon, True
        self.setObjectName(name)
        self.setAccessibleName(text)
        self.setCheckable(checkable)
        self.setAutoDefault(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Fit the text."""
        return QSize(text_width(self.text(), "small") + 24 + (19 if self._icon and self._icon_shown else 0), theme().px(26))

    def minimumSizeHint(self) -> QSize:
        """Never cut the text."""
        return self.sizeHint()

    def show_icon(self, shown: bool) -> None:  # noqa: FBT001 - as Qt's own setters
        """Leave the icon out where the room is short."""
        if shown != self._icon_shown:
            self._icon_shown = shown
            self.updateGeometry()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the chip."""
        del event
        painter = QPainter(self)
        smooth(painter)
        box = QRectF(self.rect())
        if self.isChecked():
            fill(painter, box, "selected" if self.underMouse() else "accentsoft", box.height() / 2)
        elif self._dashed:
            pen = QPen(color("edge"), 1, Qt.PenStyle.CustomDashLine)
            pen.setDashPattern([3, 2])
            painter.setPen(pen)
            painter.setBrush(color("hover") if self.underMouse() else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), box.height() / 2, box.height() / 2)
        else:
            frame(painter, box, "border", box.height() / 2, inside="hover" if self.underMouse() else "surface")
        left, ink = 12.0, "info" if self.isChecked() else "text2"
        if self._icon and self._icon_shown:
            painter.drawPixmap(QPointF(11, round(self.height() / 2 - 7)), pixmap(self._icon, ink, 14))
            left = 30.0
        put(painter, box.adjusted(left, 0, -8, 0), self.text(), style="small", role=ink)


class AddFilterChip(Chip):
    """The dashed chip at the end of a filter row."""

    def __init__(self, text: str = "", *, name: str = "") -> None:
        super().__init__(text or _("Add filter"), name=name, dashed=True, icon="plus", checkable=False)


class FilterChip(EnterButton):
    """A filter in force. Clicking it or Enter edits it, its ✕ or Delete takes it away.

    Signals: `clicked` (to edit), `removed`.
    """

    removed = Signal()

    def __init__(self, text: str, *, name: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show another filter."""
        self.setText(text)
        self.setAccessibleName(_("Filter {text}").format(text=text))
        self.setToolTip(_("Click to edit, Delete to remove"))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Fit the text and the cross."""
        return QSize(min(text_width(self.text(), "small"), 360) + 42, theme().px(26))

    def _on_cross(self, position: QPointF) -> bool:
        return position.x() > self.width() - 28

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the filter away where the cross is pressed."""
        if event.button() == Qt.MouseButton.LeftButton and self._on_cross(event.position()):
            self.removed.emit()
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter edits; Delete and Backspace remove."""
        if event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.removed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the chip."""
        del event
        painter = QPainter(self)
        smooth(painter)
        box = QRectF(self.rect())
        fill(painter, box, "selected" if self.underMouse() else "accentsoft", box.height() / 2)
        put(painter, box.adjusted(12, 0, -28, 0), self.text(), style="small", role="info")
        painter.drawPixmap(QPointF(self.width() - 25, round(self.height() / 2 - 7)), pixmap("x", "info", 14))


class CheckBox(QAbstractButton):
    """A check box, with a third state where only some of what it stands for is ticked. Signal: `toggled`."""

    def __init__(self, text: str = "", *, name: str = "", checked: bool = False, tip: str = "") -> None:
        super().__init__()
        self._partly = False
        self.setText(text)
        self.setObjectName(name)
        self.setToolTip(tip)
        self.setAccessibleName(tip or text)
        self.setCheckable(True)
        self.setChecked(checked)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def set_state(self, state: Qt.CheckState) -> None:
        """Show a state without a signal."""
        blocked = self.blockSignals(True)
        self._partly = state == Qt.CheckState.PartiallyChecked
        self.setChecked(state == Qt.CheckState.Checked)
        self.blockSignals(blocked)
        self.update()

    def state(self) -> Qt.CheckState:
        """Return the state that is shown."""
        if self._partly:
            return Qt.CheckState.PartiallyChecked
        return Qt.CheckState.Checked if self.isChecked() else Qt.CheckState.Unchecked

    def nextCheckState(self) -> None:
        """Go from partly to fully ticked, else to the other state."""
        self._partly = False
        super().nextCheckState()

    def sizeHint(self) -> QSize:
        """Fit the box and the text."""
        side = theme().px(24)
        return QSize(side if not self.text() else side + text_width(self.text()) + 4, side)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter tick as Space does only in Space's way: Enter belongs to the form."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Repaint when switched on or off."""
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box and the text."""
        del event
        painter = QPainter(self)
        smooth(painter)
        side = self.height() if not self.text() else theme().px(16)
        put_tick(painter, QRectF(0, 0, side, self.height()), self.state(), enabled=self.isEnabled(), hover=self.underMouse())
        if self.text():
            put(painter, QRectF(side + 8, 0, self.width() - side - 8, self.height()), self.text(), role="text" if self.isEnabled() else "disabled")


class Switch(QAbstractButton):
    """An on/off switch that acts at once. Signal: `toggled`."""

    def __init__(self, *, checked: bool = False, name: str = "", tip: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setCheckable(True)
        self.setChecked(checked)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(34, 24)

    def sizeHint(self) -> QSize:
        """Keep one size."""
        return QSize(34, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the track and the knob."""
        del event
        painter = QPainter(self)
        smooth(painter)
        on = self.isChecked()
        fill(painter, QRectF(1, 3, 32, 18), "disabled" if not self.isEnabled() else "accent" if on else "edge", 9)
        painter.setBrush(color("onaccent" if on else "surface"))
        painter.drawEllipse(QPointF(24 if on else 10, 12), 6.5, 6.5)
