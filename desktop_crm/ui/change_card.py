"""The card that asks for a field of many records and its new value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.ui.editing import make_editor, take_value
from desktop_crm.ui.kit.fields import ComboEditor, FieldFrame
from desktop_crm.ui.kit.overlays import Popover
from desktop_crm.ui.kit.widgets import Button, Label, row
from desktop_crm.ui.list_actions import changeable

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec
    from desktop_crm.ui.kit.fields import Editor
    from desktop_crm.ui.link_source import LinkSource


class ChangeCard(Popover):
    """Asks for a field and its new value. Signal: `taken(field, value)`. With `only` the field is fixed."""

    taken = Signal(str, object)

    def __init__(self, anchor: QWidget, spec: EntitySpec, links: LinkSource, count: int, only: FieldSpec | None = None) -> None:
        super().__init__(anchor, name="change_card")
        self.spec, self.links = spec, links
        self._only = only
        self._editor: Editor | None = None
        self._field: FieldSpec | None = None
        self.content.addWidget(Label(_("Change {count} records").format(count=f"{count:,}"), "body", bold=True))
        self.fields = ComboEditor([(one.name, one.title) for one in changeable(spec)], name="change_card.field", label=_("Field"))
        self.fields.changed.connect(self._chosen)
        self.content.addWidget(self.fields)
        self.fields.setVisible(only is None)
        self._slot = row(gap=0)
        self.content.addLayout(self._slot)
        self.accept = Button(_("Change"), "primary", size="small", name="change_card.accept", on_click=self._take)
        self.content.addLayout(row(None, Button(_("Cancel"), "ghost", size="small", name="change_card.cancel", on_click=self.close_up), self.accept))
        self.setMinimumWidth(320)
        self.accept.setEnabled(False)
        if only is not None:
            self._show(only)

    def _chosen(self) -> None:
        self._show(self.spec.fields[str(self.fields.value())])

    def _show(self, field: FieldSpec) -> None:
        while (item := self._slot.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        self._field = field
        self._editor = make_editor(field, self.links, name="change_card.value")
        self._slot.addWidget(FieldFrame(field.title, self._editor, required=field.required))
        self.accept.setEnabled(True)
        self.adjustSize()
        self._editor.setFocus()

    def _take(self) -> None:
        if self._field is None or self._editor is None:
            return
        try:
            value = take_value(self._editor, self._field)
        except ValueProblem as problem:
            self._editor.set_problem(problem.message)
            return
        if self._field.required and value in {None, ""}:
            self._editor.set_problem(_("{field} must be filled in").format(field=self._field.title))
            return
        self.close_up()
        self.taken.emit(self._field.name, value)
