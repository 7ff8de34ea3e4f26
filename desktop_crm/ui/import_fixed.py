"""Fields an import fills with one value where the file says nothing: 来源 = 展会."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.ui.editing import make_editor
from desktop_crm.ui.kit.fields import ComboEditor, FieldFrame, LinkEditor
from desktop_crm.ui.kit.layouts import clear
from desktop_crm.ui.kit.popover import Popover
from desktop_crm.ui.kit.widgets import Button, Label, LinkLabel, Pill, column, row

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec
    from desktop_crm.ui.editing import LinkSource
    from desktop_crm.ui.kit.fields import Editor

WIDTH = 320


def text_of(field: FieldSpec, editor: Editor) -> tuple[str, str]:
    """Return what an editor holds as an import reads it, a record as ``#id``, and as people read it; raises ValueProblem."""
    value: Any = editor.value()
    if value is None or value == "":
        return "", ""
    if isinstance(editor, LinkEditor):
        choice = editor.choice()
        return f"#{value}", choice.title if choice is not None else str(value)
    # What is kept in a plan must be the same in every language.
    text = str(value) if field.choices else str(int(value)) if isinstance(value, bool) else field.edit(value)
    return text, field.show(value)


class FixedValues(QWidget):
    """The fixed values as lines that can be taken away. Signal: `changed`."""

    changed = Signal()

    def __init__(self, links: LinkSource) -> None:
        super().__init__()
        self.spec: EntitySpec | None = None
        self._links = links
        self._given: dict[str, tuple[str, str]] = {}
        self._lines = column(gap=4, margins=(15, 0, 15, 10))
        self.setLayout(self._lines)
        self.card: FixedCard | None = None
        self.hide()

    def texts(self) -> dict[str, str]:
        """Return the text of each field as an import reads it."""
        return {name: text for name, (text, _title) in self._given.items()}

    def show_texts(self, texts: Mapping[str, str], titles: Mapping[str, str] | None = None) -> None:
        """Show other fixed values, as a plan has them; `titles` are the names of records by field."""
        self._given = {name: (text, (titles or {}).get(name, self._shown(name, text))) for name, text in texts.items()}
        self._show()

    def _shown(self, name: str, text: str) -> str:
        field = self.spec.fields[name] if self.spec else None
        choice = field.choice(text) if field else None
        return _(choice.label) if choice else text

    def ask(self, anchor: QWidget, taken: Collection[str]) -> None:
        """Ask for a field and its value."""
        if self.spec is None:
            return
        if self.card is not None:
            self.card.deleteLater()
        self.card = FixedCard(anchor, self.spec, self._links, taken)
        self.card.given.connect(self._add)
        self.card.open(self.card.field)

    def _add(self, name: str, text: str, title: str) -> None:
        self._given[name] = (text, title)
        self._show()
        self.changed.emit()

    def _remove(self, name: str) -> None:
        del self._given[name]
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        clear(self._lines)
        for name, (_text, title) in self._given.items():
            field = self.spec.fields[name].title if self.spec else name
            remove = LinkLabel(_("Remove"), "small", name=f"import.fixed.{name}")
            remove.clicked.connect(partial(self._remove, name))
            self._lines.addLayout(row(Label(field, bold=True), Label("="), Label(title), Pill(_("Fixed value"), "info"), remove, None, gap=10))
        self.setVisible(bool(self._given))


class FixedCard(Popover):
    """Asks for a field and its value. Signal: `given(field, text, title)`."""

    given = Signal(str, str, str)

    def __init__(self, anchor: QWidget, spec: EntitySpec, links: LinkSource, taken: Collection[str]) -> None:
        super().__init__(anchor, name="import.fixed_card")
        from desktop_crm.ui.import_mapping import matches

        self._spec, self._links = spec, links
        choices: list[tuple[object, str]] = [(field.name, field.title) for field in spec.typed_fields() if field.name not in taken]
        self.field = ComboEditor(choices, name="import.fixed_field", label=_("Field"), match=matches)
        self.field.changed.connect(self._field_chosen)
        self.editor: Editor | None = None
        self._place = column(gap=0)
        self.add = Button(_("Fill in"), "primary", size="small", name="import.fixed_add", on_click=self._done)
        note = Label(_("For every row in which the file says nothing about it"), "small", "text3", wrap=True)
        self.content.addWidget(FieldFrame(_("Field"), self.field))
        self.content.addLayout(self._place)
        self.content.addWidget(note)
        self.content.addLayout(row(None, self.add))
        self.add.setEnabled(False)
        self.setFixedWidth(WIDTH)

    def _field_chosen(self) -> None:
        field = self._spec.fields[str(self.field.value())]
        clear(self._place)
        self.editor = make_editor(field, self._links, name="import.fixed_value")
        self._place.addWidget(FieldFrame(_("Value"), self.editor))
        self.add.setEnabled(True)
        self.adjustSize()
        self.editor.setFocus()

    def _done(self) -> None:
        name = str(self.field.value())
        if self.editor is None:
            return
        try:
            text, title = text_of(self._spec.fields[name], self.editor)
        except ValueProblem as problem:
            self.editor.set_problem(problem.message)
            return
        if not text:
            self.editor.set_problem(_("Fill this in"))
            return
        self.close_up()
        self.given.emit(name, text, title)
