"""The dialog that restores a backup: what it holds beside what there is now, restoring it beside the company, and then changing over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.base.age import WrongPassword
from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.i18n import _
from desktop_crm.base.plans import load_plan
from desktop_crm.services import archives, backups, records, restoring
from desktop_crm.ui.fixed_rows import Column, FixedRows
from desktop_crm.ui.kit.cell_model import Shown
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.editors import LineEditor
from desktop_crm.ui.kit.fields import FieldFrame
from desktop_crm.ui.kit.overlays import Dialog
from desktop_crm.ui.kit.table import DataTable
from desktop_crm.ui.kit.widgets import Banner, Button, Label
from desktop_crm.ui.progress import JobProgress
from desktop_crm.ui.safety_words import instant_text, size_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from desktop_crm.services.archives import Manifest
    from desktop_crm.services.restoring import Prepared
    from desktop_crm.ui.desk import Desk

MOST_ROWS: Final = 12


def manifest_text(manifest: Manifest, desk: Desk) -> str:
    """Return of which company and when a backup is, and what was done last before it."""
    today = desk.session.today
    parts = [manifest.company or _("Company without a name"), _("as of {at}").format(at=instant_text(manifest.made_at, today))]
    if manifest.last_change is not None:
        last = manifest.last_change
        parts.append(_("last action: {label} ({who}, {at})").format(label=last.label, who=last.user, at=instant_text(last.at, today)))
    return " · ".join(parts)


class RestoreDialog(Dialog):
    """Reads `path`, restores it beside the company once the user says so, and asks once more before the two change places."""

    def __init__(self, parent: QWidget, desk: Desk, path: Path) -> None:
        super().__init__(parent, _("Restore a backup"), str(path), width=640, name="restore")
        self.desk, self.path = desk, path
        self.prepared: Prepared | None = None
        self.problem = Banner(name="restore.problem")
        self.problem.hide()
        self.about = Label("", "body", "text", wrap=True)
        self.password = LineEditor(name="restore.password", password=True)
        self.password_frame = FieldFrame(_("Password of the backup"), self.password)
        self.password_frame.hide()
        self.model = FixedRows([
            Column("entity", _("Records"), Kind.TEXT, 190), Column("held", _("In the backup"), Kind.NUMBER, 125), Column("present", _("Now"), Kind.NUMBER, 125),
            Column("differs", _("Difference"), Kind.NUMBER, 120),
        ], self)
        self.table = DataTable(name="restore.table", label=_("What the backup holds"), ticks=False, row_height=30)
        self.table.setModel(self.model)
        self.table.hide()
        self.what = Label("", "small", "text2", wrap=True)
        self.progress = JobProgress(name="restore.progress")
        for item in (self.problem, self.about, self.password_frame, self.table, self.what, self.progress):
            self.add(item)
        self.cancel_button = self.add_button(Button(_("Cancel"), name="restore.cancel", on_click=self.reject), safe=True)
        self.go = self.add_button(Button(_("Read"), "primary", name="restore.go", on_click=self.read))
        self.rejected.connect(self._given_up)
        self.read()

    # ---- what it holds

    def read(self) -> None:
        """Read what the backup holds and what the company holds now."""
        session, path, password = self.desk.session, self.path, self.password.text()

        def work(_step: Callable[[int, int], None]) -> tuple[Manifest, dict[str, int]]:
            manifest = backups.read_manifest(path, password)
            return manifest, {spec.name: records.count(session, spec.name) for spec in session.catalog.values() if spec.group}

        self.problem.hide()
        self.go.set_busy(_("Reading…"))
        self.desk.operations.look(self, work, lambda found: self._read(*found), failed=self._failed)

    def _read(self, manifest: Manifest, present: dict[str, int]) -> None:
        self.go.set_busy(None)
        self.about.setText(manifest_text(manifest, self.desk))
        rows = []
        for content in archives.contents(manifest):
            now = present.get(content.entity)
            if now is None:
                continue
            change = content.records - now
            rows.append((content, [
                Shown(content.label), Shown(f"{content.records:,}"), Shown(f"{now:,}"),
                Shown(f"{change:+,}" if change else "—", "warn" if change < 0 else "text2" if change else "text3"),
            ]))
        self.model.show_rows(rows)
        self.table.setFixedHeight(34 + 30 * min(len(rows), MOST_ROWS))
        self.table.show()
        self.password.setEnabled(False)
        self.cancel_button.setDefault(True)
        self.go.clicked.disconnect()
        if self.desk.session.store.location.path is None:
            self.what.setText(_("A company on a server is restored to a new database, beside the present one, which stays as it is."))
            self.go.set_text(_("Restore to a new database…"))
            self.go.clicked.connect(self._to_server)
        else:
            self.what.setText(_("First the present state is backed up, then the backup is restored to a new file beside it. Nothing is replaced before you have seen it."))
            self.go.set_text(_("Restore beside the present company"))
            self.go.clicked.connect(self.prepare)
        self.refit()

    def _to_server(self) -> None:
        self.accept()
        self.desk.leave_wanted.emit("restore", self.path)

    # ---- restoring

    def prepare(self) -> None:
        """Back the present state up and restore the backup beside it."""
        session, path, password = self.desk.session, self.path, self.password.text()

        def work(step: Callable[[int, int], None]) -> Prepared:
            return restoring.prepare_restore(session, path, load_plan(session.url), password=password, step=step)

        self.problem.hide()
        self.go.setEnabled(False)
        self.cancel_button.setEnabled(False)
        self.progress.follow(self.desk.operations.file(self, work, self._ready, title="", failed=self._failed), _("Backing up the present state, then restoring…"))
        self.refit()

    def _ready(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self.progress.end()
        self.cancel_button.setEnabled(True)
        self.cancel_button.set_text(_("Keep the present company"))
        self.problem.show_text(_("Restored beside the present company and proven"), "success", detail=_(
            "The present state was backed up as {name} ({size}). When you change over, the present file stays beside the company under another name."
        ).format(name=prepared.backup.name, size=size_text(prepared.backup.size)))
        self.problem.show()
        self.what.setText(_("All who work on this company must close it before; what they enter between now and then would stay in the old file."))
        self.go.setEnabled(True)
        self.go.set_text(_("Change over to the restored company"))
        self.go.clicked.disconnect()
        self.go.clicked.connect(self._change_over)
        self.refit()

    def _change_over(self) -> None:
        prepared, self.prepared = self.prepared, None
        self.accept()
        self.desk.leave_wanted.emit("restored", prepared)

    def _given_up(self) -> None:
        """Throw away what was restored beside the company."""
        prepared, self.prepared = self.prepared, None
        if prepared is not None:
            self.desk.operations.file(self.desk, lambda _step: restoring.discard(prepared), lambda _done: None, failed=self.desk.fail, waited_for=False)

    def _failed(self, problem: BaseException) -> None:
        self.progress.end()
        self.go.set_busy(None)
        self.go.setEnabled(True)
        self.cancel_button.setEnabled(True)
        if isinstance(problem, WrongPassword):
            asked_before = self.password_frame.isVisibleTo(self)
            self.password_frame.show()
            self.password.setFocus()
            self.go.setDefault(True)
            self.password.set_problem(problem.message if asked_before else None)
            self.about.setText(_("This backup is sealed with a password."))
        elif isinstance(problem, Cancelled):
            self.problem.show_text(_("Stopped; nothing was changed"), "info")
            self.problem.show()
        elif isinstance(problem, UserError):
            self.problem.show_text(problem.message, "danger")
            self.problem.show()
        else:
            self.desk.fail(problem)
        self.refit()
