"""Shows what takes longer than a blink, with a way to stop it: reading, saving, and work that has a name of its own."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from shiboken6 import isValid

from desktop_crm.base.i18n import _
from desktop_crm.ui.kit.toasts import TaskToast, Toasts
from desktop_crm.ui.operations import SHOW_WAIT_MS, Lane

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.ui.operations import Job, Operations

LOOK_MS: Final = 200
LONG_MS: Final = 5_000
"""After so long a save says what may hold it up."""


class Waits(QObject):
    """Listens to the lanes and shows their waits over the window whose user is waiting: the main one, or the dialog in front of it.

    All reading is one wait, since who stops it wants none of it; `read_again` is offered then. A change can be stopped until it is committed. Work without a
    title that a page follows is shown by that page.
    """

    def __init__(self, operations: Operations, toasts: Toasts, read_again: Callable[[], None]) -> None:
        super().__init__(operations)
        self._operations, self._toasts, self._read_again = operations, toasts, read_again
        self._shown: dict[Job, TaskToast] = {}
        operations.waiting.connect(self._waiting)
        operations.ended.connect(self._ended)

    def _waiting(self, job: Job) -> None:
        if not job.waited_for or job in self._shown or job.lane is Lane.DRAFT or (job.followed and not job.title):
            return
        if job.lane is Lane.READ:
            self._show_reading(job)
            return
        toast = self._over(job).task(job.title or (_("Saving…") if job.lane is Lane.WRITE else _("Reading…")), stoppable=job.stoppable())
        self._shown[job] = toast
        toast.cancelled.connect(job.stop)
        self._follow(job, toast)

    def _follow(self, job: Job, toast: TaskToast) -> None:
        """Keep showing how far a job is, and whether it can still be stopped."""
        began = monotonic()

        def look() -> None:
            if job.lane is Lane.WRITE and not job.progress[1] and (monotonic() - began) * 1000 > LONG_MS and toast.detail.isHidden():
                toast.set_progress(0, 0, _("Another program or computer is writing, or the disk is slow. What you typed is kept"))
            if job.progress[1]:
                toast.set_progress(*job.progress)
            toast.set_stoppable(stoppable=job.stoppable())

        timer = QTimer(toast)
        timer.timeout.connect(look)
        timer.start(LOOK_MS)

    def _show_reading(self, job: Job) -> None:
        there = next((toast for one, toast in self._shown.items() if one.lane is Lane.READ and isValid(toast)), None)
        if there is None:
            there = self._over(job).task(_("Reading…"), stoppable=True)
            there.cancelled.connect(self.stop_reading)
        self._shown[job] = there

    def stop_reading(self) -> None:
        """Stop all reading that somebody waits for, and offer to begin again."""
        for job in self._operations.waited_for(Lane.READ):
            job.stop()
        self._toasts.show(_("Reading was stopped; not everything is shown"), "info", action=(_("Read again"), self._read_again))

    def _ended(self, job: Job) -> None:
        toast = self._shown.pop(job, None)
        if toast is not None and toast not in self._shown.values() and isValid(toast):
            toast.close_up()
        if toast is not None and job.lane is Lane.WRITE and job.stopped:
            self._toasts.show(_("Stopped; nothing was changed"), "info")

    def _over(self, job: Job) -> Toasts:
        """Return the toasts of the window that the user is looking at."""
        front = QApplication.activeModalWidget() or _window_of(job.owner)
        if front is None or front is self._toasts.window.window():
            return self._toasts
        return front.findChild(Toasts) or Toasts(front)


def _window_of(owner: QObject | None) -> QWidget | None:
    """Return the window an asker stands in; a list that pops up belongs to the window under it."""
    while owner is not None and not isinstance(owner, QWidget):
        owner = owner.parent()
    if owner is None:
        return None
    window = owner.window()
    while window.windowType() == Qt.WindowType.Popup and (under := window.parentWidget()) is not None:
        window = under.window()
    return window


def finish_writing(operations: Operations, waiting: Callable[[], QDialog]) -> bool:
    """Return when every change that was begun is written, with the window alive meanwhile; `waiting` makes what is shown where it takes long.

    Tells whether it is: who doesn't want to wait goes on with the window.
    """
    if not operations.busy_saving():
        return True
    loop = QEventLoop()
    dialog = waiting()
    QTimer.singleShot(SHOW_WAIT_MS, dialog, dialog.show)
    stays: list[bool] = []

    def stay() -> None:
        stays.append(True)
        loop.quit()

    def look(_job: Job) -> None:
        if not operations.busy_saving():
            loop.quit()

    dialog.rejected.connect(stay)
    operations.ended.connect(look)
    # In the turn in which the last one ended another may begin: a draft whose time has come.
    while operations.busy_saving() and not stays:
        loop.exec()
    operations.ended.disconnect(look)
    dialog.rejected.disconnect(stay)
    dialog.done(0)
    dialog.deleteLater()
    return not stays


def finishing(window: QWidget) -> QDialog:
    """Return what says that the window closes as soon as everything is saved, with a way not to close it."""
    from desktop_crm.ui.kit.buttons import Button
    from desktop_crm.ui.kit.dialogs import Dialog
    from desktop_crm.ui.kit.notices import ProgressBar

    made = Dialog(window, _("Finishing what was begun"), _("The window closes as soon as it is saved."), width=420, name="finishing")
    made.add(ProgressBar(-1))
    made.add_button(Button(_("Keep the window open"), name="finishing.stay", on_click=made.reject), safe=True)
    return made
