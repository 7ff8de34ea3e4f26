"""What is shown while a file or a company is worked on: what it is, how far it is, and a way to stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QWidget

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.widgets import Button, Label, ProgressBar, column, row

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QKeyEvent

    from desktop_crm.ui.operations import Job

LOOK_MS = 100


class JobProgress(QWidget):
    """Follows one job: its title, a bar, the count where it has one, and a button that stops it."""

    def __init__(self, *, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._job: Job | None = None
        self._part: Callable[[], str] = str
        self.title = Label("", "strong")
        self.count = Label("", "small", "text3")
        self.bar = ProgressBar(-1)
        self.cancel = Button(_("Cancel"), tip=_("Stop (Esc)"), name=f"{name}.cancel", on_click=self.stop)
        self.setLayout(column(self.title, self.bar, row(self.count, None, self.cancel), gap=8))
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self.hide()

    def follow(self, job: Job, title: str, part: Callable[[], str] = str) -> None:
        """Show a job until `end` is called; `part` says at which part of it the job is."""
        self._job, self._part = job, part
        job.followed = True
        self.title.setText(title)
        self.cancel.set_busy(None)
        self.look()
        self._timer.start()
        self.show()

    def end(self) -> None:
        """Show nothing any more."""
        self._timer.stop()
        self._job = None
        self.hide()

    def running(self) -> bool:
        """Tell whether a job is being followed."""
        return self._job is not None

    def stop(self) -> None:
        """Ask the job to stop; nothing of it is kept."""
        if self._job is not None:
            self.cancel.set_busy(_("Stopping…"))
            self._job.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Stop with Esc, as everywhere."""
        if event.key() == Qt.Key.Key_Escape and self.running():
            self.stop()
        else:
            super().keyPressEvent(event)

    def look(self) -> None:
        """Show how far the job is now."""
        if self._job is None:
            return
        done, total = self._job.progress
        self.bar.set(done / total if total else -1)
        far = _("{done} of {total}").format(done=f"{done:,}", total=f"{total:,}") if total else ""
        self.count.setText(" · ".join(filter(None, (self._part(), far))))
