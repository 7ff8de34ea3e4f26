"""A record's fields to be read: label left, value right, each changed in place with F2, Enter or its pencil."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.domain.catalog import Ref
from desktop_crm.services.checking import check_values
from desktop_crm.ui.editing import edit_text, make_editor, put_value, take_value
from desktop_crm.ui.field_history import FieldMenu, traced
from desktop_crm.ui.kit.fields import LineEditor
from desktop_crm.ui.kit.paint import ring, smooth
from desktop_crm.ui.kit.tokens import theme
from desktop_crm.ui.kit.widgets import Button, Card, ElidedLabel, Label, LinkLabel, Pill, Stars, column, keyboard_in_use, row
from desktop_crm.ui.show import full_text, pills

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Section, Values
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.editing import LinkSource
    from desktop_crm.ui.kit.fields import Editor

LABEL_WIDTH: Final = 104
WIDEST_LABEL: Final = 184
APART: Final = 8
"""What at least is between the longest label and its value, beside the gap of the row."""
"""Names of fields stand in one width in a card: the usual one, or that of the widest, up to this."""
LINE: Final = 24
PENCIL: Final = 24
EDGE: Final = 3
TWO_FROM: Final = 560


class ViewField(QWidget):
    """One field; its context menu tells who changed it in the record `key()`.

    Signals: `saved(field, value)` when the user takes a new value in place, `typed` while one is typed in place and when its
    editor closes, `opened(entity, id)` for a link.
    """

    saved = Signal(str, object)
    typed = Signal()
    opened = Signal(str, int)

    def __init__(self, desk: Desk, entity: EntitySpec, field: FieldSpec, links: LinkSource, *, editable: bool, key: Callable[[], int | None] = lambda: None) -> None:
        super().__init__()
        self.desk, self.entity, self.field, self.links = desk, entity, field, links
        self.editable = editable and not field.derived
        self.value: Any = None
        self.editor: Editor | None = None
        self.setObjectName(f"view.{entity.name}.{field.name}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if self.editable else Qt.FocusPolicy.NoFocus)
        self.label = label = ElidedLabel(field.title, "small", "text2")
        label.setFixedSize(LABEL_WIDTH, theme().px(LINE))
        self._slot: QHBoxLayout = row(gap=4)
        self._problem = Label("", "small", "danger", wrap=True)
        self._problem.hide()
        self._pencil: Button | None = None
        if traced(field):
            self.history = FieldMenu(self, desk, entity, field.name, key, lambda: full_text(field, self.value, desk.session.today)[0])
        line = row(label, (self._slot, 1), theme().px(PENCIL) + 4, gap=4)
        line.setAlignment(label, Qt.AlignmentFlag.AlignTop)
        self.setLayout(column(line, self._problem, gap=2, margins=(4, EDGE, 2, EDGE)))

    def _show_pencil(self) -> None:
        """Show the pencil in its place at the end; it is made when the pointer first comes, since most fields are only read."""
        if self._pencil is None:
            self._pencil = Button("", "ghost", icon="pencil", size="mini", tip=_("Edit {field} (F2)").format(field=self.field.title), name=f"edit.{self.field.name}", on_click=self.edit)
            self._pencil.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._pencil.setParent(self)
        self._pencil.adjustSize()
        self._pencil.move(self.width() - 2 - self._pencil.width(), EDGE)
        self._pencil.show()

    def _hide_pencil(self) -> None:
        if self._pencil is not None:
            self._pencil.hide()

    def set_value(self, value: Any) -> None:
        """Show a value; one that is being edited stays as it is typed."""
        self.value = value
        if self.editor is None:
            self._put(self._shown())

    def _put(self, *widgets: QWidget) -> None:
        while (item := self._slot.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        for place, widget in enumerate(widgets):
            if isinstance(widget, Label):
                # The field's own menu copies, and tells who changed it.
                widget.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
            self._slot.addWidget(widget, 0 if place or isinstance(widget, Pill | Stars | LinkLabel) else 1)
        if len(widgets) == 1 and isinstance(widgets[0], Pill | Stars | LinkLabel):
            self._slot.addStretch(1)

    def _shown(self) -> QWidget:
        value, field = self.value, self.field
        text, role = full_text(field, value, self.desk.session.today)
        choice = field.choice(value or "") if field.choices else None
        if choice is not None and pills(field):
            return Pill(text, choice.tone)
        if field.kind.name == "stars" and value:
            return Stars(int(value))
        if isinstance(value, Ref):
            link = LinkLabel(text)
            link.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            link.clicked.connect(partial(self.opened.emit, field.link, int(value)))
            return link
        if field.kind.name in {"note", "text", "phone", "email", "credit_code", "number"} and text:
            return Label(text, "body", role, wrap=True, selectable=True)
        return Label(text or "—", "body", role)

    # ---- editing in place

    def edit(self) -> None:
        """Open the editor in the value's place."""
        if not self.editable or self.editor is not None:
            return
        self.editor = make_editor(self.field, self.links, name=f"inline.{self.entity.name}.{self.field.name}")
        put_value(self.editor, self.field, self.value)
        self.editor.changed.connect(self.typed)
        keep = Button("", "ghost", icon="check", size="small", tip=_("Save (Enter)"), name="action.inline_save", on_click=self.take)
        back = Button("", "ghost", icon="x", size="small", tip=_("Leave as it was (Esc)"), name="action.inline_cancel", on_click=self.close_editor)
        self._put(self.editor, keep, back)
        self._hide_pencil()
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def typed_text(self) -> Any:
        """Return what is typed as a draft keeps it; None where nothing is, or the same as before."""
        if self.editor is None:
            return None
        try:
            value = take_value(self.editor, self.field)
        except ValueProblem:
            return self.editor.text() if isinstance(self.editor, LineEditor) else None
        return None if value == self.value else edit_text(self.field, value)

    def take(self) -> None:
        """Take what was typed: save it where it is a value and something else than before."""
        if self.editor is None:
            return
        try:
            value = take_value(self.editor, self.field)
        except ValueProblem as problem:
            self.tell(problem.message)
            return
        found = [one for one in check_values(self.entity, {self.field.name: value}, only=[self.field.name]) if not one.warning]
        if found:
            self.tell(found[0].message)
        elif value == self.value:
            self.close_editor()
        else:
            self.saved.emit(self.field.name, value)

    def tell(self, text: str) -> None:
        """Say what is wrong with what was typed."""
        if self.editor is not None:
            self.editor.set_problem(text)
        self._problem.setText(text)
        self._problem.setVisible(bool(text))

    def close_editor(self) -> None:
        """Show the value again."""
        if self.editor is None:
            return
        self.editor = None
        self._problem.hide()
        self._put(self._shown())
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.typed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F2 and Enter open the editor; Enter takes what was typed, Esc leaves it."""
        key = event.key()
        if self.editor is None and key in {Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.editable:
            self.edit()
        elif self.editor is not None and key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.take()
        elif self.editor is not None and key == Qt.Key.Key_Escape:
            self.close_editor()
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the editor."""
        super().mouseDoubleClickEvent(event)
        self.edit()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show the pencil."""
        if self.editable and self.editor is None:
            self._show_pencil()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Take the pencil away."""
        self._hide_pencil()
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the mark away."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the focus ring."""
        super().paintEvent(event)
        if self.hasFocus() and keyboard_in_use():
            painter = QPainter(self)
            smooth(painter)
            ring(painter, self.rect())


class ViewGrid(QWidget):
    """Fields in two columns where there is room, read down the first and then the second line by line; notes take a whole line."""

    def __init__(self, fields: list[ViewField]) -> None:
        super().__init__()
        self._fields = fields
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(20)
        self._grid.setVerticalSpacing(0)
        self._lay(2)

    def minimumSizeHint(self) -> QSize:
        """Let the page be narrow."""
        return QSize(240, super().minimumSizeHint().height())

    def _lay(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for one in self._fields:
            self._grid.removeWidget(one)
        line = place = 0
        for one in self._fields:
            wide = one.field.kind.name == "note"
            if wide and place:
                line, place = line + 1, 0
            self._grid.addWidget(one, line, place, 1, columns if wide else 1, Qt.AlignmentFlag.AlignTop)
            place = columns if wide else place + 1
            if place >= columns:
                line, place = line + 1, 0
        for number in range(2):
            self._grid.setColumnStretch(number, 1 if number < columns else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take one column where there is no room for two."""
        super().resizeEvent(event)
        self._lay(2 if event.size().width() >= TWO_FROM else 1)


class ViewCard(Card):
    """A section of a record to be read. Signals as of ViewField."""

    saved = Signal(str, object)
    typed = Signal()
    opened = Signal(str, int)

    def __init__(self, desk: Desk, entity: EntitySpec, section: Section, links: LinkSource, *, editable: bool, hint: str = "") -> None:
        self.key: int | None = None
        self.fields = {name: ViewField(desk, entity, entity.fields[name], links, editable=editable, key=lambda: self.key) for name in section.fields}
        super().__init__(_(section.label), hint, ViewGrid(list(self.fields.values())))
        labels = [one.label for one in self.fields.values()]
        width = min(WIDEST_LABEL, max([LABEL_WIDTH, *(label.sizeHint().width() + APART for label in labels)]))
        for label in labels:
            label.setFixedWidth(width)
        for one in self.fields.values():
            one.saved.connect(self.saved)
            one.typed.connect(self.typed)
            one.opened.connect(self.opened)

    def set_values(self, values: Values) -> None:
        """Show a record."""
        self.key = values.get("id")
        for name, one in self.fields.items():
            one.set_value(values.get(name))
