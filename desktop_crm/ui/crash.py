"""The last net: a defect is logged and shown with a report to copy; the program goes on, and what was typed is kept."""

from __future__ import annotations

import logging
import sys
import time
import traceback
from typing import TYPE_CHECKING, Final

import shiboken6
from PySide6.QtCore import QObject, Signal, qVersion
from PySide6.QtWidgets import QApplication, QWidget

from desktop_crm import __version__
from desktop_crm.base.i18n import _
from desktop_crm.base.log import log_file, mask_passwords

if TYPE_CHECKING:
    from types import TracebackType

log = logging.getLogger(__name__)

QUIET_S: Final = 10.0


def report(problem: BaseException) -> str:
    """Return what a defect report holds: versions, the system and the traceback, without passwords."""
    import platform  # only a crash needs it

    trace = "".join(traceback.format_exception(problem))
    return mask_passwords(f"Desktop CRM {__version__}, Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}\n\n{trace}")


class CrashNet(QObject):
    """Catches what nobody else did, in any thread, and shows it in the window's thread."""

    _caught = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._caught.connect(self.show)
        self._before = sys.excepthook
        self._open = False
        self._last: tuple[str, float] = ("", 0.0)

    def install(self) -> None:
        """Take the place of Python's own hook, which only prints."""
        sys.excepthook = self._hook

    def remove(self) -> None:
        """Give Python's own hook its place back."""
        sys.excepthook = self._before

    def _hook(self, kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before(kind, problem, trace)
            return
        self._caught.emit(problem)

    def show(self, problem: BaseException) -> None:
        """Log a defect and tell the user what is safe and where the report is.

        While the dialog is open, and for a moment after it for the same defect, others are only logged: one in painting comes back
        with every repaint, those of the dialog itself included.
        """
        text = report(problem)
        log.error("%s", text)
        same = text == self._last[0] and time.monotonic() - self._last[1] < QUIET_S
        if self._open or same:
            return
        self._open = True
        try:
            self._tell(text)
        finally:
            self._open = False
            self._last = (text, time.monotonic())

    def _tell(self, text: str) -> None:
        from desktop_crm.ui.kit.dialogs import ErrorDialog

        window: QWidget | None = QApplication.activeWindow()
        dialog = ErrorDialog(
            window,
            _("Something went wrong in the program"),
            _("What was saved is safe, and what you were typing is kept as a draft."),
            _("Try it again. If it happens once more, send the report to whoever looks after the program; it is kept in {file} too.").format(file=log_file()),
            text,
            name="crash_dialog",
        )
        dialog.exec()
        if shiboken6.isValid(dialog):  # the window it stood over may have been closed and have taken it along
            dialog.deleteLater()


