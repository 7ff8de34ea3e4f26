"""The form of the start window that makes a company of a backup: at a new place, or in the place of a file that can't be opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from desktop_crm.base.i18n import _
from desktop_crm.base.settings import data_folder
from desktop_crm.services import archives
from desktop_crm.ui.files import ask_open
from desktop_crm.ui.kit.editors import LineEditor
from desktop_crm.ui.kit.fields import FieldFrame
from desktop_crm.ui.kit.widgets import Button, Label, column, row
from desktop_crm.ui.place_fields import PlaceFields
from desktop_crm.ui.safety_backups import backup_filters
from desktop_crm.ui.safety_words import instant_text
from desktop_crm.ui.start_pages import StartForm
from desktop_crm.ui.start_work import file_name

if TYPE_CHECKING:
    from datetime import date

    from desktop_crm.services.archives import Manifest


class RestoreForm(StartForm):
    """Asks for the backup, its password where it has one, and the place. Signal: `look_wanted` when a backup was named."""

    look_wanted = Signal()

    def __init__(self) -> None:
        super().__init__("start.restore_form", _("Restore a backup"), _("The backup is read, proven and made a company again. Nothing that is there is replaced."), _("Restore"))
        self.file = LineEditor(name="start.restore.file")
        self.file.left.connect(self._named)
        choose = Button(_("Choose…"), size="small", name="start.restore.choose", on_click=self._ask)
        self.fields.addLayout(row((FieldFrame(_("Backup"), self.file, required=True), 1), column(22, choose, None, gap=0), gap=8))
        self.about = Label("", "small", "text2", wrap=True)
        self.about.hide()
        self.password = LineEditor(name="start.restore.password", password=True)
        self.password_frame = FieldFrame(_("Password of the backup"), self.password)
        self.password_frame.hide()
        self.password.line.returnPressed.connect(self.look_wanted)
        self.place = PlaceFields("start.restore", data_folder() / file_name(_("Restored company")))
        self.instead = Label("", "body", "text", wrap=True)
        self.present: Path | None = None
        self._looked_at = ""
        for item in (self.about, self.password_frame, self.place, self.instead):
            self.fields.addWidget(item)
        self._first = self.file
        self.begin(None, None)

    def begin(self, backup: Path | None, present: Path | None) -> None:
        """Ask anew, about a backup that was chosen already, for the place of `present`, which can't be opened any more."""
        self.present = present
        self.tell("")
        self.file.set_value(str(backup) if backup is not None else "")
        self._looked_at = str(self.file.value())
        self.password.set_value("")
        self.password_frame.hide()
        self.about.hide()
        self.place.setVisible(present is None)
        self.instead.setVisible(present is not None)
        if present is not None:
            self.instead.setText(_("It takes the place of {path}; the damaged file is kept beside it under another name.").format(path=present))
        if backup is not None:
            self.look_wanted.emit()

    def backup(self) -> Path:
        """Return the backup that was named."""
        return Path(str(self.file.value())).expanduser()

    def _ask(self) -> None:
        path = ask_open(self, _("Restore a backup"), backup_filters())
        if path is not None:
            self.file.set_value(str(path))
            self._named()

    def _named(self) -> None:
        named = str(self.file.value())
        if named == self._looked_at:
            return
        self._looked_at = named
        self.password_frame.hide()
        self.about.hide()
        if named:
            self.look_wanted.emit()

    def show_manifest(self, manifest: Manifest, today: date) -> None:
        """Say what the backup holds, and propose a place that is free."""
        self.tell("")
        counts = _(", ").join(f"{content.label} {content.records:,}" for content in archives.contents(manifest) if content.records)
        about = _("{company}, as of {at}").format(company=manifest.company or _("Company without a name"), at=instant_text(manifest.made_at, today))
        self.about.setText(f"{about}\n{counts}")
        self.about.show()
        if manifest.company:
            self.place.propose(data_folder() / file_name(_("{company} restored").format(company=manifest.company)))

    def ask_password(self, problem: str) -> None:
        """Ask for the password of a sealed backup, or again where it was wrong."""
        asked = self.password_frame.isVisibleTo(self)
        self.password_frame.show()
        self.password.set_problem(problem if asked else None)
        self.password.setFocus()

    def required(self) -> list[LineEditor]:
        """Return the fields that must be filled in."""
        return [self.file]

    def submit(self) -> None:
        """Send the form, or mark what is missing or wrong."""
        if self.present is not None or self.place.complete():
            super().submit()
