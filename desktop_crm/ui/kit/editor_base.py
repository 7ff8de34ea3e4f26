"""What every form editor shares: the line that knows an input method, the editor's interface, and the frame with label and message."""


from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QHelpEvent, QPainter
from PySide6.QtWidgets import QLineEdit, QToolButton, QToolTip, QVBoxLayout, QWidget

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.fonts import font, text_width
from desktop_crm.ui.kit.icons import icon
from desktop_crm.ui.kit.labels import IconLabel, Label
from desktop_crm.ui.kit.layouts import row
from desktop_crm.ui.kit.paint import frame, put, smooth
from desktop_crm.ui.kit.sheets import dress_open_menu
from desktop_crm.ui.kit.style import paper
from desktop_crm.ui.kit.tokens import color, follow_theme, theme, theme_notifier

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QAction, QContextMenuEvent, QFocusEvent, QInputMethodEvent, QKeyEvent, QPaintEvent

LOOKS: Final = {"": (0, 10, ""), "small": (26, 10, "small"), "large": (36, 10, "title"), "bare": (0, 0, ""), "cell": (0, 7, "")}
"""Look: height inside its border, 0 for that of the density or of what contains it; room beside the text, border included; text style where it is not the body's."""
PROBLEMS: Final = {"error": "dangerfill", "warning": "warnfill"}
LOWER: Final = 2
INSIDE: Final = 4
"""What Qt leaves free on both sides of the text inside its margins."""
KEEP_REASONS = {Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.MenuBarFocusReason}


class Line(QLineEdit):
    """A line edit that says when the user left it, but never in the middle of composing with an input method.

    Signals: `left`, `entered`. `key_hook` sees keys first and returns whether it took them. `look` is nothing, ``small``, ``large``, ``bare``
    for a line without a box, or ``cell`` in a table; `lead` are pixels more before the text.
    """

    left = Signal()
    entered = Signal()

    def __init__(self, text: str = "", *, look: str = "", lead: int = 0) -> None:
        super().__init__(text)
        self.composing = False
        self.key_hook: Callable[[QKeyEvent], bool] | None = None
        self._marks: list[tuple[QAction, str, str]] = []
        self._look, self._lead = look, lead
        self._sizes: tuple[int, str] | None = None
        self.setFrame(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        follow_theme(self)

    def set_look(self, look: str) -> None:
        """Look otherwise."""
        self._look, self._sizes = look, None
        self.dress()

    def dress(self) -> None:
        """Take the font, the colours and the height of the look."""
        if self._sizes != theme().sizes:
            self._sizes = theme().sizes
            self._measure()
        self.restate()
        for action, name, role in self._marks:
            action.setIcon(icon(name, role))

    def _measure(self) -> None:
        height, room, style = LOOKS[self._look]
        self.setTextMargins(room + self._lead, 0, room, 0)
        if style:
            self.setFont(font(style))
        if height:
            self.setFixedHeight(theme().px(height) + 2)
        elif not self._look:
            self.setFixedHeight(theme().control_height)

    def restate(self) -> None:
        """Show whether the line is only to be read, and what is wrong with it."""
        self.setPalette(paper("text2" if self.property("fixed") else "text"))
        self.update()

    def _colours(self) -> tuple[str, str, str]:
        """Return the roles of the border, of its lower side and of the ground."""
        if not self.isEnabled() or self.property("fixed"):
            return "line", "line", "sunken"
        state = PROBLEMS.get(self.property("problem") or "") or ("focus" if self.hasFocus() else "edge" if self.underMouse() else "")
        return state or "border", state or "edge", "surface"

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box, then the text."""
        if self._look != "bare":
            painter = QPainter(self)
            smooth(painter)
            if self._look == "cell":
                frame(painter, self.rect(), "focus", 4, width=2, inside="surface")
            else:
                border, lower, inside = self._colours()
                frame(painter, self.rect(), border, inside=inside)
                if lower != border:
                    painter.setClipRect(0, self.height() - LOWER, self.width(), LOWER)
                    frame(painter, self.rect(), lower)
            painter.end()
        super().paintEvent(event)
        if not self.hasFocus() and (end := self._cut_at()):
            painter = QPainter(self)
            width = text_width("…")
            painter.fillRect(end - width, LOWER, width, self.height() - 2 * LOWER, color(self._colours()[2]))
            put(painter, QRect(end - width, 0, width, self.height()), "…", role="text3", elide=False)

    def _cut_at(self) -> int:
        """Return where the text is cut off at the right, 0 where all of it is seen."""
        if self._look == "bare" or self.echoMode() != QLineEdit.EchoMode.Normal or self.cursorPosition() or not self.text():
            return 0
        margins, marks = self.textMargins(), [one.x() - 2 * INSIDE for one in self.findChildren(QToolButton) if one.isVisible() and one.x() > self.width() // 2]
        end = min([self.width() - margins.right(), *marks])
        return end if self.fontMetrics().horizontalAdvance(self.text()) > end - margins.left() - INSIDE else 0

    def event(self, event: QEvent) -> bool:
        """Show the whole of a text that is cut off where the pointer rests."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and not self.toolTip() and self._cut_at():
            QToolTip.showText(event.globalPos(), self.text(), self)
            return True
        return super().event(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Dress the menu that Qt opens."""
        super().contextMenuEvent(event)
        dress_open_menu()

    def add_mark(self, name: str, tip: str, act: Callable[[], None] | None, *, leading: bool = False, role: str = "text2") -> QAction:
        """Put an icon at one end of the line; with `act` it is a button."""
        place = QLineEdit.ActionPosition.LeadingPosition if leading else QLineEdit.ActionPosition.TrailingPosition
        action = self.addAction(icon(name, role), place)
        action.setToolTip(tip)
        if act is not None:
            action.triggered.connect(lambda *_checked: act())
        self._marks.append((action, name, role))
        return action

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Remember whether a word is being composed."""
        self.composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Say that the line was entered."""
        super().focusInEvent(event)
        if event.reason() not in KEEP_REASONS:
            self.entered.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Say that the line was left, unless the focus only went to a menu or another window, or a word is being composed."""
        super().focusOutEvent(event)
        if event.reason() not in KEEP_REASONS and not self.composing:
            self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Offer the key to the hook first."""
        if self.key_hook is not None and not self.composing and self.key_hook(event):
            event.accept()
            return
        super().keyPressEvent(event)


class Editor(QWidget):
    """Edits one value. Signals: `changed` (the user typed or chose), `left` (the user went on), `problem_changed(text, level)`.

    The level is ``error``, ``warning``, ``ok`` or nothing. Setting a value or a problem by code emits no `changed`.
    """

    changed = Signal()
    left = Signal()
    problem_changed = Signal(str, str)

    def __init__(self, *, name: str = "", label: str = "") -> None:
        super().__init__()
        self._problem, self._level = "", ""
        self._target: QWidget = self
        self.setObjectName(name)
        self.setAccessibleName(label)

    def _hold(self, target: QWidget) -> None:
        """Make `target` the widget that takes the focus; it inherits the editor's names."""
        self._target = target
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(target)
        self.setFocusProxy(target)
        if self.objectName():
            target.setObjectName(self.objectName() + ".input")
        target.setAccessibleName(self.accessibleName())

    def set_label(self, label: str) -> None:
        """Give the input its accessible name."""
        self.setAccessibleName(label)
        self._target.setAccessibleName(label)

    def value(self) -> object:
        """Return the value; raises ValueProblem where the text typed can't be one."""
        raise NotImplementedError

    def set_value(self, value: object) -> None:
        """Show a value."""
        raise NotImplementedError

    def set_read_only(self, read_only: bool) -> None:  # noqa: FBT001 - as Qt's own setters
        """Show the value sunken, to be read and copied only."""
        self._target.setEnabled(not read_only)

    def problem(self) -> str:
        """Return what is wrong with the value, or nothing."""
        return self._problem

    def problem_level(self) -> str:
        """Return ``error``, ``warning``, ``ok`` or nothing."""
        return self._level

    def set_problem(self, text: str | None, warning: bool = False) -> None:  # noqa: FBT001, FBT002 - a stable signature of the kit
        """Mark the input and say what is wrong and how to put it right; None takes the mark away."""
        self._mark(text or "", ("warning" if warning else "error") if text else "")

    def set_ok(self, text: str) -> None:
        """Say below the input that its value was checked and is right."""
        self._mark(text, "ok")

    def _mark(self, text: str, level: str) -> None:
        if (text, level) == (self._problem, self._level):
            return
        self._problem, self._level = text, level
        self._target.setProperty("problem", level)
        restate(self._target)
        self._target.setAccessibleDescription(text)
        self.problem_changed.emit(text, level)


class FieldFrame(QWidget):
    """An editor with its label above it and a hint, an error, a warning or an approval under it."""

    ICONS = {"error": ("circle-alert", "danger"), "warning": ("triangle-alert", "warn"), "ok": ("circle-check", "success")}  # noqa: RUF012 - never changed

    def __init__(self, label: str, editor: Editor, *, required: bool = False, hint: str = "", name: str = "") -> None:
        super().__init__()
        self.editor = editor
        self._hint, self._hint_level = hint, ""
        self.setObjectName(name)
        editor.set_label(label)
        self.label = Label("", "small", "text2", rich=True)
        self.label.setBuddy(editor)
        self._text, self._required = label, required
        self._column = layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.label)
        layout.addWidget(editor)
        layout.addStretch(1)
        self._write_label()
        self._show_message(editor.problem(), editor.problem_level())
        editor.problem_changed.connect(self._show_message)
        theme_notifier().changed.connect(self._write_label)

    def _write_label(self) -> None:
        from html import escape

        star = f' <span style="color:{theme().hex("danger")}">*</span>' if self._required else ""
        self.label.setText(escape(self._text) + star)
        if self._required:
            self.editor.setAccessibleDescription(_("Required"))

    def set_required(self, required: bool) -> None:  # noqa: FBT001 - as Qt's own setters
        """Show or take away the star after the label."""
        self._required = required
        self._write_label()

    def set_hint(self, hint: str, *, warning: bool = False) -> None:
        """Show another hint under the input, marked where it warns of what follows from the input; a problem hides it."""
        self._hint, self._hint_level = hint, "warning" if warning else ""
        self._show_message(self.editor.problem(), self.editor.problem_level())

    @cached_property
    def message(self) -> Label:
        """What stands below the input; made when there is something to say, since of most fields there never is."""
        made = Label("", "small", "text3", wrap=True)
        self._icon = IconLabel("circle-alert", "danger", 14)
        self._column.insertLayout(self._column.count() - 1, row(self._icon, (made, 1), gap=5))
        return made

    def _show_message(self, text: str, level: str) -> None:
        if not (text or self._hint or "message" in self.__dict__):
            return
        name, role = self.ICONS.get(level if text else self._hint_level, ("", "text3"))
        self.message.setText(text or self._hint)
        self.message.setVisible(bool(text or self._hint))
        self.message.set_role(role)
        self._icon.setVisible(bool(name))
        if name:
            self._icon.set_icon(name, role)


def sink(widget: QWidget, fixed: bool) -> None:  # noqa: FBT001 - a state, not an option
    """Show an input sunken while it is only to be read."""
    widget.setProperty("fixed", fixed)
    restate(widget)


def restate(widget: QWidget) -> None:
    """Show the present state of an input: a line paints it, a box of text has it in its sheet."""
    if isinstance(widget, Line):
        widget.restate()
    else:
        widget.style().polish(widget)
