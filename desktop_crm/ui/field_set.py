"""The editors of some of a record's fields: filled, read, checked and kept as a draft together, laid out by whoever asks for them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.services.checking import check_values
from desktop_crm.ui.editing import LinkSource, edit_text, make_editor, put_value, read_text, take_value
from desktop_crm.ui.kit.fields import Editor, FieldFrame, LineEditor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from PySide6.QtWidgets import QWidget

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Values
    from desktop_crm.domain.conditions import Condition
    from desktop_crm.ui.desk import Desk

TYPED = "typed"


class FieldSet(QObject):
    """Editors of the fields `names` of an entity, as far as this person sees them. Signals: `changed(field)`, `left(field)`.

    `narrow` limits what link fields offer; `made` replaces the usual editor of a field, as for an amount that is shown large.
    """

    changed = Signal(str)
    left = Signal(str)

    def __init__(
        self, desk: Desk, spec: EntitySpec, names: Iterable[str], owner: QWidget, *,
        narrow: Callable[[FieldSpec], Condition | None] | None = None, made: Callable[[FieldSpec, str], Editor | None] | None = None,
    ) -> None:
        super().__init__(owner)
        self.spec = spec
        self.links = LinkSource(desk, owner, narrow=narrow)
        self.editors: dict[str, Editor] = {}
        self.frames: dict[str, FieldFrame] = {}
        for name in names:
            if name in spec.fields:
                self._make(spec.fields[name], made)

    def _make(self, field: FieldSpec, made: Callable[[FieldSpec, str], Editor | None] | None) -> None:
        name = f"form.{self.spec.name}.{field.name}"
        editor = (made(field, name) if made else None) or make_editor(field, self.links, name=name)
        if field.rule and isinstance(editor, LineEditor):
            editor.line.setPlaceholderText(_("Given out when saved"))
        self.editors[field.name] = editor
        self.frames[field.name] = FieldFrame(field.title, editor, required=field.required, hint=_(field.hint))
        editor.changed.connect(partial(self._changed, field.name))
        editor.left.connect(partial(self._left, field.name))

    def _changed(self, name: str) -> None:
        if self.editors[name].problem():
            self.editors[name].set_problem(None)
        self.changed.emit(name)

    def _left(self, name: str) -> None:
        self._check(name, required=False)
        self.left.emit(name)

    def _check(self, name: str, *, required: bool) -> str:
        """Mark what is wrong with a field; return the words, nothing for a warning."""
        editor, field = self.editors[name], self.spec.fields[name]
        try:
            value = take_value(editor, field)
        except ValueProblem as problem:
            editor.set_problem(problem.message)
            return problem.message
        if not required and value in {None, ""}:
            return ""
        for problem in check_values(self.spec, {name: value}, only=[name]):
            editor.set_problem(problem.message, problem.warning)
            if not problem.warning:
                return problem.message
        return ""

    def check(self) -> list[tuple[str, str]]:
        """Mark every field that is wrong; return (field, words) of what can't be saved."""
        found = [(name, self._check(name, required=True)) for name, field in self.spec.fields.items() if name in self.editors and not field.derived]
        return [(name, text) for name, text in found if text]

    def value(self, name: str) -> Any:
        """Return a field's value, None where what was typed is none or the field isn't there."""
        if name not in self.editors:
            return None
        try:
            return take_value(self.editors[name], self.spec.fields[name])
        except ValueProblem:
            return None

    def values(self) -> Values:
        """Return every field's value; what was typed and is no value is None."""
        return {name: self.value(name) for name in self.editors}

    def put(self, values: Values) -> None:
        """Show the values that are given."""
        for name, editor in self.editors.items():
            if name in values:
                editor.set_problem(None)
                put_value(editor, self.spec.fields[name], values[name])

    def show_problem(self, name: str, text: str) -> bool:
        """Mark a field with what a use case said; tell whether the field is here."""
        if name in self.editors:
            self.editors[name].set_problem(text)
        return name in self.editors

    def go(self, name: str) -> None:
        """Put the focus into a field."""
        self.editors[name].setFocus()

    def set_read_only(self, names: Iterable[str]) -> None:
        """Let fields be read and copied only."""
        for name in names:
            if name in self.editors:
                self.editors[name].set_read_only(True)

    def draft(self) -> dict[str, Any]:
        """Return the texts as they stand, also those that are no values."""
        return {name: self._kept(name) for name in self.editors}

    def _kept(self, name: str) -> Any:
        editor, field = self.editors[name], self.spec.fields[name]
        try:
            return edit_text(field, take_value(editor, field))
        except ValueProblem:
            return {TYPED: editor.text() if isinstance(editor, LineEditor) else ""}

    def restore(self, kept: dict[str, Any]) -> None:
        """Show what `draft` kept."""
        for name, text in kept.items():
            if name not in self.editors:
                continue
            if isinstance(text, dict):
                editor = self.editors[name]
                if isinstance(editor, LineEditor):
                    editor.line.setText(str(text.get(TYPED, "")))
                continue
            self.put({name: read_text(self.spec.fields[name], text)})
