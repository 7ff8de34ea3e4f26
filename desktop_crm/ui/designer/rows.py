"""Rows of the property panel: a label, an editor, and the keys of the selection it reads and writes as they are typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.editors import plain_number
from desktop_crm.ui.kit.fields import AmountEditor, ComboEditor, Editor, LineEditor, ParsedEditor, TextEditor
from desktop_crm.ui.kit.widgets import IconLabel, Label, Segment, Switch, TabItem, column, holder, row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Read = "Callable[[], Any]"
COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}")
LABEL_WIDTH: Final = 62


def between(low: float, high: float) -> Callable[[str], object]:
    """Return what reads a number from `low` to `high`; it raises ValueProblem otherwise."""

    def parse(text: str) -> object:
        value = float(plain_number(text.removesuffix("mm").removesuffix("pt").strip()))
        if not low <= value <= high:
            raise ValueProblem(_("A number from {low} to {high}").format(low=f"{low:g}", high=f"{high:g}"))
        return value

    return parse


def shown_number(value: object) -> str:
    """Write a measure: one decimal, two where it has them."""
    figure = float(str(value))
    return f"{figure:.1f}" if round(figure, 1) == round(figure, 2) else f"{figure:.2f}"


def shown_whole(value: object) -> str:
    """Write a number as short as it is."""
    return f"{float(str(value)):g}"


def a_color(text: str) -> object:
    """Read a colour such as #336699; raises ValueProblem otherwise."""
    wanted = text if text.startswith("#") else f"#{text}"
    if not COLOR.fullmatch(wanted):
        raise ValueProblem(_("A colour such as #336699"))
    return wanted.lower()


class Row(QWidget):
    """One property. `path` is what in the document its problems are told at, relative to what is selected.

    Signal: `settled` when the user left the editor.
    """

    settled = Signal()

    def __init__(self, label: str, widget: QWidget, *, read: Callable[[], Any], write: Callable[[Any], None], path: str = "") -> None:
        super().__init__()
        self.widget, self.path = widget, path
        self._read, self._write = read, write
        self._setting = False
        self._typing = False
        self._message = Label("", "small", "danger", wrap=True)
        self._icon = IconLabel("circle-alert", "danger", 14)
        self._foot = holder(row(self._icon, (self._message, 1), gap=5))
        self._foot.hide()
        self._own = ""
        self._told = ""
        caption = Label(label, "small", "text2")
        caption.setMinimumWidth(LABEL_WIDTH if label else 0)
        caption.setBuddy(widget)
        if not widget.accessibleName():
            widget.setAccessibleName(label)
        if isinstance(widget, Editor):
            widget.set_label(label)
        top = isinstance(widget, TextEditor)
        line = column(caption, widget, gap=4) if top else self._line(caption, widget)
        self.setLayout(column(line, self._foot, gap=3))
        self._connect()

    def _line(self, caption: Label, widget: QWidget) -> Any:
        if isinstance(widget, Switch):
            return row((caption, 1), widget, gap=8)
        if isinstance(widget, Segment):
            return row(caption, widget, None, gap=8)
        return row(caption, (widget, 1), gap=8)

    def _connect(self) -> None:
        widget = self.widget
        if isinstance(widget, Editor):
            widget.changed.connect(self._typed)
            widget.left.connect(self._left)
            if isinstance(widget, LineEditor | ComboEditor):
                widget.line.returnPressed.connect(self._left)
        elif isinstance(widget, Switch):
            widget.toggled.connect(self._typed)
        elif isinstance(widget, Segment):
            widget.chosen.connect(self._typed)

    def _value(self) -> object:
        widget = self.widget
        if isinstance(widget, Editor):
            return widget.value()
        if isinstance(widget, Switch):
            return widget.isChecked()
        return widget.current() if isinstance(widget, Segment) else None

    def _typed(self) -> None:
        if self._setting:
            return
        self._typing = isinstance(self.widget, LineEditor | TextEditor)
        if isinstance(self.widget, ParsedEditor):
            # The 6 of a 60 is a number too: what is typed counts once it is whole.
            return
        self._take()

    def _take(self) -> None:
        """Write what the editor holds into the document."""
        try:
            value = self._value()
        except ValueProblem as problem:
            self._own = problem.message
            self._tell()
            return
        self._own = ""
        self._tell()
        self._write(value)

    def commit(self) -> None:
        """Take over what is being typed."""
        if self._typing and isinstance(self.widget, ParsedEditor):
            self._take()
        self._typing = False

    def _left(self) -> None:
        self.commit()
        self.settled.emit()

    def forget(self) -> None:
        """Let go of what is being typed: another thing was selected."""
        self._typing, self._own = False, ""

    def refresh(self) -> None:
        """Show what stands in the document; what is being typed is left alone."""
        if self._typing or self._own:
            self._tell()
            return
        value = self._read()
        self._setting = True
        widget = self.widget
        if isinstance(widget, Editor):
            widget.set_value(value)
            self._own = ""
        elif isinstance(widget, Switch):
            widget.setChecked(bool(value))
        elif isinstance(widget, Segment) and value in [item.key for item in widget.items()]:
            blocked = widget.blockSignals(True)
            widget.set_current(str(value))
            widget.blockSignals(blocked)
            widget.update()
        self._setting = False
        self._tell()

    def tell(self, message: str) -> None:
        """Show what the check of the document says of it."""
        self._told = message
        self._tell()

    def problem(self) -> str:
        """Return what is wrong, or nothing."""
        return self._own or self._told

    def _tell(self) -> None:
        text = self.problem()
        self._message.setText(text)
        self._foot.setVisible(bool(text))
        if isinstance(self.widget, Editor):
            self.widget.set_problem(text or None)


def number_editor(name: str, low: float, high: float, *, whole: bool = False) -> AmountEditor:
    """Return an editor of a measure."""
    return AmountEditor(between(low, high), shown_whole if whole else shown_number, name=name)


def color_editor(name: str) -> ParsedEditor:
    """Return an editor of a colour."""
    return ParsedEditor(a_color, str, name=name, placeholder="#000000")


def choice_editor(name: str, choices: Sequence[tuple[object, str]]) -> ComboEditor:
    """Return an editor of one of a few."""
    made = ComboEditor(choices, name=name)
    made.line.setMinimumWidth(60)
    return made


def segment(name: str, label: str, items: Sequence[tuple[str, str]]) -> Segment:
    """Return a few choices side by side."""
    made = Segment([TabItem(key, text) for key, text in items], name=name, label=label, small=True)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made


class Pair(QWidget):
    """Two rows of numbers side by side."""

    def __init__(self, first: QWidget, second: QWidget) -> None:
        super().__init__()
        self.setLayout(row((first, 1), (second, 1), gap=10))


def unit_row(label: str, editor: AmountEditor, unit: str, *, read: Callable[[], Any], write: Callable[[Any], None], path: str = "") -> Row:
    """Return a narrow row of a number with its unit behind it."""
    made = Row("", editor, read=read, write=write, path=path)
    layout = made.layout()
    first = layout.itemAt(0) if layout is not None else None
    inner = first.layout() if first is not None else None
    caption = inner.itemAt(0) if inner is not None else None
    name = caption.widget() if caption is not None else None
    if isinstance(name, Label):
        name.setText(label)
        name.setMinimumWidth(16)
    editor.set_label(label)
    editor.line.setMinimumWidth(44)
    if unit and inner is not None:
        inner.addWidget(Label(unit, "small", "text3"))
    return made
