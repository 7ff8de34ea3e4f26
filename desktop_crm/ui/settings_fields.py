"""The card of the company's own fields: which each list has, in which order, and the dialog that asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import _
from desktop_crm.services import custom_fields
from desktop_crm.ui.ask_dialog import AskDialog
from desktop_crm.ui.fixed_rows import Column, FixedRows
from desktop_crm.ui.kit.cell_model import Shown
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.fields import ComboEditor
from desktop_crm.ui.kit.table import DataTable
from desktop_crm.ui.kit.widgets import Button, Card, Label, holder, row

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Changes
    from desktop_crm.ui.desk import Desk

MOST_ROWS: Final = 10
CHOICE: Final = "choice"


class FieldDialog(AskDialog):
    """Asks for a new field of the entity `name`, or for the changes of one that is there, whose kind stays; the choices are asked where there are any."""

    def __init__(
        self, parent: QWidget, desk: Desk, name: str, values: Values, *, label: str = "", act: Callable[[Values], Changes[Any]],
        done: Callable[[Changes[Any]], object] = lambda _changes: None,
    ) -> None:
        fields = desk.session.everything[custom_fields.ENTITY].fields
        there = "id" in values
        asked = [fields[one] for one in custom_fields.ASKED if one != "kind" or not there]
        super().__init__(
            parent, desk, label or (_("Change the field") if there else _("New field")), desk.session.spec(name).plural, asked, values,
            button=_("Save") if there else _("Add the field"), act=act, done=done, name="custom_field",
        )
        self._kind = values.get("kind")
        if not there:
            self.editors["kind"].changed.connect(self._ask_choices)
        self._ask_choices()

    def _ask_choices(self) -> None:
        kind = self.editors["kind"].value() if "kind" in self.editors else self._kind
        frame = self.editors["choices"].parentWidget()
        if frame is not None:
            frame.setVisible(kind == CHOICE)
        self.refit()


class FieldsCard(Card):
    """The own fields of one list at a time: an administrator adds, changes, orders and retires them here."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        entities = custom_fields.extendable(desk.session)
        self.entity = ComboEditor([(spec.name, spec.plural) for spec in entities], name="settings.fields.entity", label=_("List"))
        self.entity.set_value(entities[0].name)
        self.entity.setFixedWidth(200)
        self.up = Button("", "ghost", icon="arrow-up", size="small", name="settings.fields.up", on_click=lambda: self.move_by(-1))
        self.down = Button("", "ghost", icon="arrow-down", size="small", name="settings.fields.down", on_click=lambda: self.move_by(1))
        self.turn = Button(_("Retire"), icon="archive", size="small", name="settings.fields.retire", on_click=self.retire)
        self.edit = Button(_("Edit"), icon="pencil", size="small", name="settings.fields.edit", on_click=self.change)
        self.new = Button(_("Add field…"), icon="plus", size="small", name="settings.fields.add", on_click=self.add_field)
        for button, tip in ((self.up, _("Move up")), (self.down, _("Move down"))):
            button.setToolTip(tip)
            button.setAccessibleName(tip)
        super().__init__(
            _("Custom fields"), _("What you keep beside the program's own fields"),
            actions=(self.up, self.down, self.turn, self.edit, self.new), padded=False,
        )
        self.setObjectName("settings.fields")
        spec = desk.session.everything[custom_fields.ENTITY].fields
        self.model = FixedRows([
            Column("label", spec["label"].title, Kind.NAME, 190), Column("kind", spec["kind"].title, width=150), Column("required", spec["required"].title, width=72),
            Column("listed", spec["listed"].title, width=110), Column("section", spec["section"].title, width=130), Column("name", _("Name in templates"), width=150),
        ], self)
        self.table = DataTable(name="settings.fields.table", label=_("Custom fields"), ticks=False, row_height=30)
        self.table.setModel(self.model)
        self.table.activated.connect(lambda _row: self.change())
        self.table.current_changed.connect(lambda _row: self._show_buttons())
        self.none = Label(_("This list has no fields of its own yet"), "body", "text3")
        self.body.addWidget(holder(row(Label(_("List"), "body", "text2"), self.entity, self.none, None, gap=12, margins=(16, 8, 16, 8))))
        self.body.addWidget(self.table)
        self.entity.changed.connect(self.load)
        self._came([])
        self.load()

    @property
    def _name(self) -> str:
        return str(self.entity.value())

    def load(self) -> None:
        """Read the fields of the chosen list."""
        session, name = self.desk.session, self._name
        self.desk.operations.read(self, lambda: custom_fields.fields_of(session, name), self._came, key="custom_fields", failed=self.desk.fail)

    def _came(self, found: list[Values]) -> None:
        at = max(0, self.table.current_row())
        fields = self.desk.session.everything[custom_fields.ENTITY].fields
        rows = []
        for one in found:
            tone = "text3" if one["retired"] else ""
            label = _("{label} (retired)").format(label=one["label"]) if one["retired"] else one["label"]
            cells = [label, *(fields[name].show(one[name]) for name in ("kind", "required", "listed", "section", "name"))]
            rows.append((one, [Shown(text, tone) for text in cells]))
        self.model.show_rows(rows)
        self.table.setFixedHeight(50 + 30 * max(1, min(len(found), MOST_ROWS)))
        self.table.setVisible(bool(found))
        self.none.setVisible(not found)
        if found:
            self.table.set_current_row(min(at, len(found) - 1))
        self._show_buttons()

    def current(self) -> Values | None:
        """Return the field in the current row."""
        found: Values | None = self.model.thing(self.table.current_row())
        return found

    def _show_buttons(self) -> None:
        one, at, count = self.current(), self.table.current_row(), self.model.rowCount()
        for button in (self.edit, self.turn):
            button.setEnabled(one is not None)
        self.up.setEnabled(one is not None and at > 0)
        self.down.setEnabled(one is not None and at < count - 1)
        self.turn.set_text(_("Use again") if one is not None and one["retired"] else _("Retire"))

    # ---- what is done

    def add_field(self) -> None:
        """Ask for a new field."""
        session, name = self.desk.session, self._name
        FieldDialog(self, self.desk, name, dict(session.everything[custom_fields.ENTITY].defaults), act=lambda typed: custom_fields.add(session, name, typed)).show()

    def change(self) -> None:
        """Ask for the changes of the current field."""
        one, session = self.current(), self.desk.session
        if one is not None:
            key = int(one["id"])
            FieldDialog(self, self.desk, self._name, one, act=lambda typed: custom_fields.change(session, key, typed)).show()

    def retire(self) -> None:
        """Retire the current field, or bring it back."""
        one, session = self.current(), self.desk.session
        if one is not None:
            key, act = int(one["id"]), custom_fields.bring_back if one["retired"] else custom_fields.retire
            self.desk.write(self, lambda: act(session, key), lambda _done: None, failed=self.desk.fail)

    def move_by(self, steps: int) -> None:
        """Move the current field up or down."""
        at, session, name = self.table.current_row(), self.desk.session, self._name
        keys = [int(self.model.thing(place)["id"]) for place in range(self.model.rowCount())]
        if 0 <= at + steps < len(keys):
            keys[at], keys[at + steps] = keys[at + steps], keys[at]
            self.table.set_current_row(at + steps)
            self.desk.write(self, lambda: custom_fields.reorder(session, name, keys), lambda _done: None, failed=self.desk.fail, say=False)
