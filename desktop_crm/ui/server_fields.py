"""The words that name a database on a server, typed at one place for opening, restoring and moving a company."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.editors import CheckEditor, LineEditor
from desktop_crm.ui.kit.fields import FieldFrame
from desktop_crm.ui.kit.widgets import column, row
from desktop_crm.ui.start_work import DEFAULT_PORT, Server

if TYPE_CHECKING:
    from PySide6.QtWidgets import QLayout


class ServerFields(QWidget):
    """Host, port, database, user and password. Signal: `sent` for Enter in any of them. `name` begins the names of the fields."""

    sent = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.host = LineEditor(name=f"{name}.host", placeholder="192.168.1.10")
        self.port = LineEditor(name=f"{name}.port")
        self.port.set_value(str(DEFAULT_PORT))
        self.database = LineEditor(name=f"{name}.database", placeholder="crm")
        self.user = LineEditor(name=f"{name}.user")
        self.password = LineEditor(name=f"{name}.password", password=True)
        self.remember = CheckEditor(_("Remember the password on this computer"), name=f"{name}.remember")
        self.setLayout(column(
            FieldFrame(_("Server"), self.host, required=True),
            self._pair((_("Database"), self.database), (_("Port"), self.port)), self._pair((_("User"), self.user), (_("Password"), self.password)),
            self.remember, None, gap=10,
        ))
        for editor in (self.host, self.port, self.database, self.user, self.password):
            editor.line.returnPressed.connect(self.sent)
            editor.changed.connect(lambda editor=editor: editor.set_problem(None))

    def _pair(self, *fields: tuple[str, LineEditor]) -> QLayout:
        frames = [FieldFrame(label, editor, required=editor in {self.database, self.user}) for label, editor in fields]
        return row((frames[0], 1), (frames[1], 1), gap=12)

    def required(self) -> list[LineEditor]:
        """Return the fields that must be filled in."""
        return [self.host, self.database, self.user]

    def port_is_right(self) -> bool:
        """Tell whether the port may be one, and mark it where not."""
        port = str(self.port.value())
        right = not port or (port.isascii() and port.isdigit() and 0 < int(port) < 2**16)
        self.port.set_problem(None if right else _("A port is a number from 1 to 65535, usually 3306"))
        return right

    def complete(self) -> bool:
        """Tell whether all that is needed was typed; what is missing or wrong is marked."""
        empty = [editor for editor in self.required() if not editor.value()]
        for editor in empty:
            editor.set_problem(_("Fill this in"))
        if empty:
            empty[0].setFocus()
        return self.port_is_right() and not empty

    def show_server(self, server: Server) -> None:
        """Fill the fields in."""
        self.host.set_value(server.host)
        self.port.set_value(server.port)
        self.database.set_value(server.database)
        self.user.set_value(server.user)

    def server(self) -> Server:
        """Return what was typed."""
        host, port, database, user = (str(editor.value()) for editor in (self.host, self.port, self.database, self.user))
        return Server(host, port, database, user, self.password.text(), remember=bool(self.remember.value()))
