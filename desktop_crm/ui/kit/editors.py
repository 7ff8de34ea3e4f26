"""Editors of plain values: text, long text, amounts, ticks and stars."""


from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QWidget

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.buttons import CheckBox, Switch
from desktop_crm.ui.kit.editor_base import KEEP_REASONS, Editor, Line, sink
from desktop_crm.ui.kit.fonts import line_height
from desktop_crm.ui.kit.paint import put_stars, smooth
from desktop_crm.ui.kit.popup import later
from desktop_crm.ui.kit.sheets import text_sheet
from desktop_crm.ui.kit.tokens import follow_theme

if TYPE_CHECKING:
    from collections.abc import Callable


class LineEditor(Editor):
    """One line of text; the value is a str. `password` hides it."""

    def __init__(self, *, name: str = "", label: str = "", placeholder: str = "", password: bool = False, look: str = "") -> None:
        super().__init__(name=name, label=label)
        self.line = Line(look=look)
        self.line.setPlaceholderText(placeholder)
        if password:
            self.line.setEchoMode(Line.EchoMode.Password)
        self._hold(self.line)
        self.line.textEdited.connect(self._edited)
        self.line.left.connect(self._left)

    def _edited(self) -> None:
        self.changed.emit()

    def _left(self) -> None:
        self.left.emit()

    def text(self) -> str:
        """Return the text as it was typed."""
        return self.line.text()

    def value(self) -> object:
        """Return the text without blanks around it."""
        return self.line.text().strip()

    def set_value(self, value: object) -> None:
        """Show a text; None is an empty one."""
        text = "" if value is None else str(value)
        if text != self.line.text():
            self.line.setText(text)
            self.line.setCursorPosition(0)

    def set_read_only(self, read_only: bool) -> None:  # noqa: FBT001 - as Qt's own setters
        """Show the text sunken; it can still be marked and copied."""
        self.line.setReadOnly(read_only)
        sink(self.line, read_only)


class ParsedEditor(LineEditor):
    """A line whose text stands for a value: `parse` makes one of it, `show` writes it. An empty line is None.

    Leaving the line rewrites what was understood; what was not is kept and marked with the parser's own words.
    """

    def __init__(self, parse: Callable[[str], object], show: Callable[[object], str], *, name: str = "", label: str = "",
                 placeholder: str = "", look: str = "") -> None:
        super().__init__(name=name, label=label, placeholder=placeholder, look=look)
        self._parse, self._show = parse, show
        self._own_problem = False

    def value(self) -> object:
        """Return the value, None for an empty line; raises ValueProblem with the parser's words otherwise."""
        text = self.line.text().strip()
        return self._parse(text) if text else None

    def set_value(self, value: object) -> None:
        """Show a value; None empties the line."""
        super().set_value("" if value is None else self._show(value))
        self._clear_own()

    def _edited(self) -> None:
        self._clear_own()
        super()._edited()

    def _clear_own(self) -> None:
        if self._own_problem:
            self._own_problem = False
            self.set_problem(None)

    def _left(self) -> None:
        self.tidy()
        super()._left()

    def tidy(self) -> bool:
        """Rewrite the text as its value is written; tell whether it could be understood."""
        try:
            value = self.value()
        except ValueProblem as problem:
            self.set_problem(problem.message)
            self._own_problem = True
            return False
        self._clear_own()
        text = "" if value is None else self._show(value)
        if text != self.line.text():
            self.line.setText(text)
        return True


def plain_number(text: str) -> Decimal:
    """Read a number with or without thousands separators; raises ValueProblem otherwise."""
    try:
        number = Decimal(text.replace(",", "").replace("，", "").replace(" ", ""))
    except InvalidOperation:
        raise ValueProblem(_("“{text}” is not a number").format(text=text)) from None
    if not number.is_finite():
        raise ValueProblem(_("“{text}” is not a number").format(text=text))
    return number


def plain_amount(value: object) -> str:
    """Write an amount with thousands separators and two decimals."""
    return f"{value:,.2f}"


class AmountEditor(ParsedEditor):
    """An amount, a quantity or a rate: right-aligned, all selected on entering, written in full on leaving."""

    def __init__(self, parse: Callable[[str], object] = plain_number, show: Callable[[object], str] = plain_amount, *, name: str = "",
                 label: str = "", placeholder: str = "", look: str = "") -> None:
        super().__init__(parse, show, name=name, label=label, placeholder=placeholder, look=look)
        self.line.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.line.entered.connect(self._select)

    def _select(self) -> None:
        # A click sets the cursor after the focus came in.
        later(self.line, self.line.selectAll)


class _TextBox(QPlainTextEdit):
    """A box that grows with its text, gives Tab to the form and knows an input method."""

    left = Signal()

    def __init__(self, lines: int, most: int) -> None:
        super().__init__()
        self._lines, self._most = lines, most
        self.composing = False
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().documentLayout().documentSizeChanged.connect(self._grow)
        follow_theme(self)

    def dress(self) -> None:
        """Take the colours, and the height that the text needs in its font."""
        self.setStyleSheet(text_sheet())
        self._grow()

    def _grow(self) -> None:
        lines = max(self._lines, min(self._most, round(self.document().size().height())))
        self.setFixedHeight(lines * line_height("body") + 14)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Remember whether a word is being composed."""
        self.composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Say that the box was left."""
        super().focusOutEvent(event)
        if event.reason() not in KEEP_REASONS and not self.composing:
            self.left.emit()


class TextEditor(Editor):
    """Several lines of text; the value is a str. It grows from `lines` to `most` lines."""

    def __init__(self, *, name: str = "", label: str = "", placeholder: str = "", lines: int = 2, most: int = 8) -> None:
        super().__init__(name=name, label=label)
        self.box = _TextBox(lines, most)
        self.box.setPlaceholderText(placeholder)
        self._hold(self.box)
        self._silent = False
        self.box.textChanged.connect(self._typed)
        self.box.left.connect(self.left)

    def _typed(self) -> None:
        if not self._silent:
            self.changed.emit()

    def value(self) -> object:
        """Return the text without blanks around it."""
        return self.box.toPlainText().strip()

    def set_value(self, value: object) -> None:
        """Show a text; None is an empty one."""
        self._silent = True
        self.box.setPlainText("" if value is None else str(value))
        self._silent = False

    def set_read_only(self, read_only: bool) -> None:  # noqa: FBT001 - as Qt's own setters
        """Show the text sunken; it can still be marked and copied."""
        self.box.setReadOnly(read_only)
        sink(self.box, read_only)


class CheckEditor(Editor):
    """Yes or no; the value is a bool. With `switch` it looks like a switch."""

    def __init__(self, text: str = "", *, name: str = "", label: str = "", switch: bool = False) -> None:
        super().__init__(name=name, label=label or text)
        self.box: CheckBox | Switch = Switch(tip=label or text) if switch else CheckBox(text)
        self._hold(self.box)
        self.box.clicked.connect(self._clicked)

    def _clicked(self) -> None:
        self.changed.emit()
        self.left.emit()

    def value(self) -> object:
        """Return whether it is ticked."""
        return self.box.isChecked()

    def set_value(self, value: object) -> None:
        """Tick it or not."""
        self.box.setChecked(bool(value))


class _StarRow(QWidget):
    """Five stars that take clicks, arrow keys and the digits 0 to 5."""

    chosen = Signal(int)
    STEP = 22

    def __init__(self) -> None:
        super().__init__()
        self.count, self._over = 0, -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(self.STEP * 5, 28)

    def sizeHint(self) -> QSize:
        """Keep one size."""
        return QSize(self.STEP * 5, 28)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Change the level with the keyboard."""
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1}
        key = Qt.Key(event.key())
        if key in steps:
            self.chosen.emit(max(0, min(5, self.count + steps[key])))
        elif Qt.Key.Key_0 <= key <= Qt.Key.Key_5:
            self.chosen.emit(key - Qt.Key.Key_0)
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what a click would choose."""
        self._over = int(event.position().x() // self.STEP) + 1
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Show what is chosen again."""
        del event
        self._over = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the star under the pointer; the only lit one goes out."""
        level = int(event.position().x() // self.STEP) + 1
        self.chosen.emit(0 if level == 1 == self.count else level)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the stars."""
        del event
        painter = QPainter(self)
        smooth(painter)
        shown = self._over if self._over > 0 and self.isEnabled() else self.count
        put_stars(painter, 2, QRectF(self.rect()).center().y(), shown, radius=8, step=self.STEP)


class StarsEditor(Editor):
    """A level; the value is an int from 0 to 5."""

    def __init__(self, *, name: str = "", label: str = "") -> None:
        super().__init__(name=name, label=label)
        self.stars = _StarRow()
        self._hold(self.stars)
        self.stars.chosen.connect(self._chosen)

    def _chosen(self, level: int) -> None:
        if level != self.stars.count:
            self.set_value(level)
            self.changed.emit()
            self.left.emit()

    def set_label(self, label: str) -> None:
        """Name the stars, level and all."""
        super().set_label(label)
        self._describe()

    def _describe(self) -> None:
        self.stars.setAccessibleDescription(_("{count} of 5 stars").format(count=self.stars.count))

    def value(self) -> object:
        """Return the level."""
        return self.stars.count

    def set_value(self, value: object) -> None:
        """Show a level; None is 0."""
        self.stars.count = int(str(value or 0))
        self._describe()
        self.stars.update()
