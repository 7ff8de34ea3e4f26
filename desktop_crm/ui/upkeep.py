"""What an administrator's window does by itself while nobody waits: old history goes where the company keeps it for a limited time."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.i18n import _
from desktop_crm.services import retention

if TYPE_CHECKING:
    from desktop_crm.ui.desk import Desk

log = logging.getLogger(__name__)
FIRST_MS: Final = 2 * 60 * 1000
AGAIN_MS: Final = 6 * 60 * 60 * 1000


class Upkeep(QObject):
    """Looks soon after the start and then every few hours; what is removed at most once a day is said in the log, not in a toast."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.desk = desk
        self._timer = QTimer(self)
        self._timer.setInterval(FIRST_MS)
        self._timer.timeout.connect(self.look)
        if desk.session.person.role == "admin":
            self._timer.start()

    def look(self) -> None:
        """Ask whether anything is due, and remove it."""
        self._timer.setInterval(AGAIN_MS)
        if not self.desk.operations.idle():
            self._timer.setInterval(FIRST_MS)
            return
        session = self.desk.session
        self.desk.operations.read(self, lambda: retention.due(session), self._due, key="due", failed=self._failed)

    def _due(self, due: object) -> None:
        session = self.desk.session
        if due:
            self.desk.write_long(
                self, lambda step: retention.prune(session, step=step), lambda _changes: None, title=_("Removing old history"), failed=self._failed, say=False,
            )

    def _failed(self, problem: BaseException) -> None:
        """Try again later: nobody asked for this, so nobody is disturbed by a server that is away just now."""
        if isinstance(problem, Cancelled | UserError):
            log.info("old history was not removed: %s", problem)
        else:
            self.desk.fail(problem)
