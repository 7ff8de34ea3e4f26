"""Where a company is to be made: a file, which may lie on a network folder, or a database on a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from desktop_crm.base import secrets
from desktop_crm.base.i18n import _
from desktop_crm.ui.files import ask_save
from desktop_crm.ui.kit.editors import CheckEditor, LineEditor
from desktop_crm.ui.kit.fields import FieldFrame
from desktop_crm.ui.kit.widgets import Button, Segment, TabItem, column, holder, row
from desktop_crm.ui.server_fields import ServerFields
from desktop_crm.ui.start_work import SUFFIX

if TYPE_CHECKING:
    from pathlib import Path


class PlaceFields(QWidget):
    """A free place for a company: a file, which may lie on a network folder, or a database on a server."""

    def __init__(self, name: str, proposed: Path) -> None:
        super().__init__()
        self.kind = Segment([TabItem("file", _("File"), icon="database"), TabItem("server", _("Server"), icon="server")], name=f"{name}.kind", label=_("Place"))
        self.kind.chosen.connect(lambda _key: self._show())
        self.path = LineEditor(name=f"{name}.path")
        self._proposed = proposed
        self.path.set_value(str(proposed))
        change = Button(_("Change…"), size="small", name=f"{name}.change", on_click=self._ask)
        self.shared = CheckEditor(_("On a network folder that several computers use"), name=f"{name}.shared")
        self.file = holder(column(row((FieldFrame(_("Company file"), self.path, required=True), 1), column(22, change, None, gap=0), gap=8), self.shared, gap=10))
        self.server = ServerFields(name)
        self.setLayout(column(row(self.kind, None), self.file, self.server, None, gap=10))
        self._show()

    def propose(self, path: Path) -> None:
        """Put another file in where none was typed; where the name is taken, a number is added."""
        if self.path.value() != str(self._proposed):
            return
        free, number = path, 2
        while free.exists():
            free, number = path.with_name(f"{path.stem}-{number}{path.suffix}"), number + 1
        self._proposed = free
        self.path.set_value(str(free))

    def _show(self) -> None:
        on_server = self.kind.current() == "server"
        self.server.setVisible(on_server)
        self.file.setVisible(not on_server)

    def _ask(self) -> None:
        path = ask_save(self, _("Company file"), str(self.path.value()), f"{_('Company file')} (*{SUFFIX})")
        if path is not None:
            self.path.set_value(str(path if path.suffix else path.with_suffix(SUFFIX)))

    def complete(self) -> bool:
        """Tell whether all that is needed was typed; what is missing or wrong is marked."""
        if self.kind.current() == "server":
            return self.server.complete()
        self.path.set_problem(None if self.path.value() else _("Fill this in"))
        return bool(self.path.value())

    def url(self) -> str:
        """Return the place as a URL without a password."""
        if self.kind.current() == "server":
            return self.server.server().url
        return f"sqlite:///{self.path.value()}" + ("?shared=1" if self.shared.value() else "")

    def server_password(self) -> str:
        """Return the server's password; empty for a file."""
        return self.server.password.text() if self.kind.current() == "server" else ""

    def remember(self, url: str) -> bool:
        """Keep the server's password where that was asked for; False where there is no safe place for it."""
        server = self.server.server()
        return secrets.set_password(url, server.password) if self.kind.current() == "server" and server.remember else True
