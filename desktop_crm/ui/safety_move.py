"""Moving the company to another place: a file, a shared folder or a server, with everything that belongs to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.i18n import _
from desktop_crm.services import archives
from desktop_crm.ui.kit.overlays import Dialog
from desktop_crm.ui.kit.widgets import Banner, Button, Card, Label, column
from desktop_crm.ui.place_fields import PlaceFields
from desktop_crm.ui.progress import JobProgress
from desktop_crm.ui.safety_words import place_text
from desktop_crm.ui.start_work import file_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from desktop_crm.services.archives import Manifest
    from desktop_crm.ui.desk import Desk


class MoveDialog(Dialog):
    """Asks for the new place, copies the company there, proves the copy, and opens it if wanted. The old one stays as it is."""

    def __init__(self, parent: QWidget, desk: Desk, company: str) -> None:
        super().__init__(parent, _("Move the company"), _("Every record, its history and the passwords go along. The company here stays as it is."), name="move")
        self.desk = desk
        path = desk.session.store.location.path
        folder = path.parent if path is not None else Path.home()
        self.place = PlaceFields("move", folder / file_name(_("{company} copy").format(company=company)))
        self.problem = Banner(name="move.problem")
        self.problem.hide()
        self.progress = JobProgress(name="move.progress")
        for item in (self.problem, self.place, self.progress):
            self.add(item)
        self.cancel_button = self.add_button(Button(_("Cancel"), name="move.cancel", on_click=self.reject))
        self.go = self.add_button(Button(_("Copy there and prove"), "primary", name="move.go", on_click=self.move_company), safe=True)
        self.place.kind.chosen.connect(lambda _key: self.refit())

    def move_company(self) -> None:
        """Copy the company to the place that was typed."""
        if self.progress.running() or not self.place.complete():
            return
        session, url, password = self.desk.session, self.place.url(), self.place.server_password()
        self.problem.hide()
        self.place.setEnabled(False)
        self.go.setEnabled(False)

        def work(step: Callable[[int, int], None]) -> Manifest:
            return archives.move(session, url, server_password=password, step=step)

        self.progress.follow(self.desk.operations.file(self, work, lambda manifest: self._moved(url, manifest), title="", failed=self._failed), _("Copying, then comparing…"))
        self.refit()

    def _moved(self, url: str, manifest: Manifest) -> None:
        self.progress.end()
        detail = _("{count} rows were copied and compared. From now on work there; this company is no longer needed but is kept.").format(count=f"{manifest.rows:,}")
        if not self.place.remember(url):
            detail += " " + _("This computer has no safe place for passwords, so the server's is asked for each time")
        self.problem.show_text(_("The company is at its new place"), "success", detail=detail)
        self.problem.show()
        self.cancel_button.set_text(_("Stay here"))
        self.go.setEnabled(True)
        self.go.set_text(_("Open it there"))
        self.go.clicked.disconnect()
        self.go.clicked.connect(lambda: self._open(url))
        self.refit()

    def _open(self, url: str) -> None:
        self.accept()
        self.desk.leave_wanted.emit("moved", url)

    def _failed(self, problem: BaseException) -> None:
        self.progress.end()
        self.place.setEnabled(True)
        self.go.setEnabled(True)
        if isinstance(problem, Cancelled):
            self.problem.show_text(_("Stopped; nothing was changed"), "info")
        elif isinstance(problem, UserError):
            self.problem.show_text(problem.message, "danger")
        else:
            self.desk.fail(problem)
            return
        self.problem.show()
        self.refit()


class MoveCard(Card):
    """Where the company is, and the way to another place."""

    def __init__(self, desk: Desk) -> None:
        self.button = Button(_("Move the company…"), icon="folder-sync", size="small", name="safety.move", on_click=self.open)
        super().__init__(_("Place of the data"), "", actions=(self.button,) if desk.session.person.role == "admin" else ())
        self.setObjectName("safety.place")
        self.desk = desk
        self.company = ""
        self.place = Label(place_text(desk.session), "body", "text", wrap=True, selectable=True)
        self.place.setObjectName("safety.database")
        hint = Label(_("To a shared folder or a MySQL / MariaDB server when more people join, and back: everything goes along."), "small", "text3", wrap=True)
        self.body.addLayout(column(self.place, hint, gap=4))

    def open(self) -> Any:
        """Ask for the new place."""
        dialog = MoveDialog(self, self.desk, self.company or _("Company"))
        dialog.show()
        return dialog
