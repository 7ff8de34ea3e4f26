"""What the start window does about backups: reading one, making a company of it, changing over to one that was restored."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from desktop_crm.base.age import WrongPassword
from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.i18n import _
from desktop_crm.services import backups
from desktop_crm.ui.start_work import change_over, restore_company, restore_instead

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop_crm.services.archives import Manifest
    from desktop_crm.services.restoring import Prepared
    from desktop_crm.ui.start import StartWindow


class Restoring:
    """Drives the restore form of one start window."""

    def __init__(self, start: StartWindow) -> None:
        self.start, self.form = start, start.restore_form
        self.form.look_wanted.connect(self.look)
        self.form.sent.connect(self.restore)

    def begin(self, backup: Path | None = None, present: Path | None = None) -> None:
        """Show the form, about a backup that was chosen already, or for the place of a damaged file."""
        self.start.show_form(self.form)
        self.form.begin(backup, present)

    def look(self) -> None:
        """Read what the backup holds."""
        path, password = self.form.backup(), self.form.password.text()

        def done(manifest: Manifest) -> None:
            self.form.set_busy(None)
            self.form.show_manifest(manifest, datetime.now().astimezone().date())

        def failed(problem: BaseException) -> None:
            self.form.set_busy(None)
            if isinstance(problem, WrongPassword):
                self.form.ask_password(problem.message)
            elif isinstance(problem, UserError):
                self.form.tell(problem.message)
            elif not isinstance(problem, Cancelled):
                self.start.tell_defect(problem)

        job = self.start.operations.look(self.start, lambda _step: backups.read_manifest(path, password), done, failed=failed)
        self.form.set_busy(_("Reading…"), job.stop)

    def restore(self) -> None:
        """Make a company of the backup, then open it."""
        form = self.form
        path, password, present = form.backup(), form.password.text(), form.present
        url, server_password = form.place.url(), form.place.server_password()

        def work(step: Callable[[int, int], None]) -> str:
            if present is not None:
                return restore_instead(path, present, password=password, step=step)
            return restore_company(path, url, password=password, server_password=server_password, step=step)

        def done(made: str) -> None:
            if present is None:
                form.place.remember(made)
            self.start.open_url(made, server_password)

        self.start.run(work, _("Restoring, then comparing…"), done, self._failed)

    def _failed(self, problem: BaseException) -> None:
        self.start.progress.end()
        self.start.show_form(self.form)
        if isinstance(problem, WrongPassword):
            self.form.ask_password(problem.message)
        elif isinstance(problem, UserError):
            self.form.tell(problem.message)
        elif isinstance(problem, Exception):
            self.start.tell_defect(problem)

    def change_over(self, prepared: Prepared, url: str) -> None:
        """Let a restored company take the place of the present one, then open it."""
        self.start.run(lambda _step: change_over(prepared, url), _("Changing over…"), self.start.open_url, self.start.not_done)
