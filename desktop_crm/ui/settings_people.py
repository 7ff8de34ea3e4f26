"""The card of the people who use the company, and the dialog that gives one of them a password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.i18n import _
from desktop_crm.services import records, sign_in, users
from desktop_crm.ui.fixed_rows import Column, FixedRows
from desktop_crm.ui.kit.cell_model import Shown
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.editors import LineEditor
from desktop_crm.ui.kit.fields import FieldFrame
from desktop_crm.ui.kit.overlays import Dialog
from desktop_crm.ui.kit.table import DataTable
from desktop_crm.ui.kit.widgets import Button, Card
from desktop_crm.ui.show import shown

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session
    from desktop_crm.ui.desk import Desk

ENTITY = "user"
MOST_ROWS = 12
WIDTHS = {"name": 130, "role": 104, "active": 64}


class PeopleCard(Card):
    """Everybody with role and state. Who may change users adds, edits, disables and gives passwords here."""

    def __init__(self, desk: Desk) -> None:
        writes = desk.session.may_write(ENTITY)
        self.password = Button(_("Set password…"), icon="key-round", size="small", name="settings.users.password", on_click=self.set_password)
        self.disable = Button(_("Disable"), icon="user-x", size="small", name="settings.users.disable", on_click=self.disable_user)
        self.edit = Button(_("Edit"), icon="pencil", size="small", name="settings.users.edit", on_click=self.open)
        self.add = Button(_("Add user"), icon="user-plus", size="small", name="settings.users.add", on_click=lambda: desk.new_record(ENTITY))
        actions = (self.password, self.disable, self.edit, self.add) if writes else ()
        super().__init__(_("People"), "", actions=actions, padded=False)
        self.setObjectName("settings.users")
        self.desk = desk
        spec = desk.session.spec(ENTITY)
        self._names = [name for name in ("name", "login", "role", "department", "phone", "active") if name in spec.fields]
        columns = [Column(name, spec.fields[name].title, Kind.NAME if name == "name" else Kind.PILL if name == "role" else Kind.TEXT, WIDTHS.get(name, 120)) for name in self._names]
        self.model = FixedRows([*columns, Column("password", _("Password"), width=80)], self)
        self.table = DataTable(name="settings.users.table", label=_("People"), ticks=False, row_height=30)
        self.table.setModel(self.model)
        self.table.activated.connect(lambda _row: self.open())
        self.table.current_changed.connect(lambda _row: self._show_buttons())
        self.body.addWidget(self.table)
        self.load()

    def load(self) -> None:
        """Read the people."""
        session = self.desk.session
        self.desk.operations.read(self, lambda: users.list_users(session), self._came, key="users", failed=self.desk.fail)

    def _came(self, found: list[Values]) -> None:
        row, spec, today = max(0, self.table.current_row()), self.desk.session.spec(ENTITY), self.desk.session.today
        self.model.show_rows([(one, [*(self._cell(spec.fields[name], one.get(name), today) for name in self._names), self._has(one)]) for one in found])
        self.table.setFixedHeight(50 + 30 * max(1, min(len(found), MOST_ROWS)))
        if found:
            self.table.set_current_row(min(row, len(found) - 1))
        self._show_buttons()

    @staticmethod
    def _cell(field: Any, value: Any, today: Any) -> Shown:
        if field.kind.name == "boolean":
            return Shown(_("Yes") if value else _("Disabled"), "" if value else "text3")
        return shown(field, value, today)

    @staticmethod
    def _has(one: Values) -> Shown:
        return Shown(_("Set") if one["has_password"] else _("None"), "text2" if one["has_password"] else "warn")

    def current(self) -> Values | None:
        """Return the person in the current row."""
        found: Values | None = self.model.thing(self.table.current_row())
        return found

    def _show_buttons(self) -> None:
        one = self.current()
        for button in (self.password, self.edit, self.disable):
            button.setEnabled(one is not None)
        if one is not None:
            self.disable.setEnabled(one["id"] != self.desk.session.person.id)
            self.disable.set_text(_("Disable") if one["active"] else _("Enable"))

    def open(self) -> None:
        """Show the person's record."""
        one = self.current()
        if one is not None:
            self.desk.open_record(ENTITY, one["id"])

    def disable_user(self) -> None:
        """Keep the person from signing in, or let them again."""
        one, session = self.current(), self.desk.session
        if one is None:
            return
        key = int(one["id"])
        if one["active"]:
            self.desk.write(self, lambda: users.disable_user(session, key), lambda _done: self.load(), failed=self.desk.fail)
        else:
            self.desk.write(self, lambda: records.save(session, ENTITY, {"active": True}, key=key), lambda _done: self.load(), failed=self.desk.fail)

    def set_password(self) -> None:
        """Give the person a password."""
        one = self.current()
        if one is not None:
            dialog = PasswordDialog(self, self.desk, int(one["id"]), str(one["name"]))
            dialog.accepted.connect(self.load)
            dialog.show()


def check_password(session: Session, typed: str) -> None:
    """Raise UserError where `typed` is not the password of who is signed in; without a password any is right."""
    login = str(records.get(session, ENTITY, session.person.id)["login"])
    try:
        sign_in.authenticate(session.store, login, typed)
    except UserError as problem:
        raise UserError(_("This is not your present password"), field="old") from problem


class PasswordDialog(Dialog):
    """Asks twice for a new password; one's own is only changed with the old one. An empty one takes the password away."""

    def __init__(self, parent: QWidget, desk: Desk, user: int, name: str) -> None:
        super().__init__(parent, _("Password of {name}").format(name=name), _("An empty password means that anybody at this computer may sign in by the name."), width=420, name="password_dialog")
        self.desk, self.user = desk, user
        self.own = user == desk.session.person.id
        self.old = LineEditor(name="password_dialog.old", password=True)
        self.first = LineEditor(name="password_dialog.new", password=True)
        self.second = LineEditor(name="password_dialog.again", password=True)
        if self.own:
            self.add(FieldFrame(_("Present password"), self.old, hint=_("Leave empty where there is none yet")))
        self.add(FieldFrame(_("New password"), self.first))
        self.add(FieldFrame(_("Once more"), self.second))
        for editor in (self.old, self.first, self.second):
            editor.line.returnPressed.connect(self.send)
            editor.changed.connect(lambda editor=editor: editor.set_problem(None))
        self.add_button(Button(_("Cancel"), name="password_dialog.cancel", on_click=self.reject))
        self.accept_button = self.add_button(Button(_("Set password"), "primary", name="password_dialog.accept", on_click=self.send))
        self.finished.connect(self.deleteLater)
        (self.old if self.own else self.first).setFocus()

    def send(self) -> None:
        """Set the password, if both are the same."""
        if self.first.text() != self.second.text():
            self.second.set_problem(_("The two passwords differ. Type the new one again"))
            self.refit()
            return
        self.accept_button.set_busy(_("Saving…"))
        session, user, old, new, own = self.desk.session, self.user, self.old.text(), self.first.text(), self.own

        def work() -> None:
            if own:
                check_password(session, old)
            users.set_password(session, user, new)

        self.desk.operations.write(self, work, lambda _none: self._done(), failed=self._failed)

    def _done(self) -> None:
        self.desk.say(_("Password set"), "success")
        self.accept()

    def _failed(self, problem: BaseException) -> None:
        self.accept_button.set_busy(None)
        if isinstance(problem, Cancelled):
            return
        if not isinstance(problem, UserError):
            self.reject()
            self.desk.fail(problem)
            return
        (self.old if problem.field == "old" else self.first).set_problem(problem.message)
        self.refit()
