"""Changing single fields of a record where they are read: opened in their place, saved one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QApplication

from desktop_crm.ui.saving import Saver
from desktop_crm.ui.view_field import ViewField

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QWidget

    from desktop_crm.base.errors import UserError
    from desktop_crm.domain.catalog import EntitySpec, Values
    from desktop_crm.ui.desk import Desk


class InPlace:
    """The fields of the record `key` that `fields` returns, each saved by itself beside the `values` that were read; `saved` is called then."""

    def __init__(self, owner: QWidget, desk: Desk, spec: EntitySpec, key: int | None, *, fields: Callable[[], Mapping[str, ViewField]],
                 values: Callable[[], Values], saved: Callable[[], None]) -> None:
        self.desk, self.key = desk, key
        self._fields, self._values, self._saved = fields, values, saved
        self._one: ViewField | None = None
        self.saver = Saver(owner, desk, spec, saved=self._is_saved, refused=self._refused)

    def save(self, name: str, value: Any) -> None:
        """Save one field that was changed."""
        self._one = self._fields().get(name)
        self.saver.save({name: value}, key=self.key, base=self._values())

    def _is_saved(self, _key: int) -> None:
        if self._one is not None:
            self._one.close_editor()
        self._saved()

    def _refused(self, problem: UserError) -> None:
        if self._one is not None and self._one.editor is not None:
            self._one.tell(problem.message)
        else:
            self.desk.fail(problem)

    def open(self) -> None:
        """Open the field in focus; the first one where none is."""
        fields = self._fields()
        chosen = fields.get(field_in_focus()) or next((field for field in fields.values() if field.editable), None)
        if chosen is not None:
            chosen.edit()

    def take(self) -> None:
        """Take what stands in open fields, as leaving them would."""
        for field in self._fields().values():
            field.take()


def field_in_focus() -> str:
    """Return the name of the field that the focus is in, empty where it is in none."""
    focus = QApplication.focusWidget()
    while focus is not None and not isinstance(focus, ViewField):
        focus = focus.parentWidget()
    return focus.field.name if isinstance(focus, ViewField) else ""
