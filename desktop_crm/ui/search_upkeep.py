"""Keeps lists and search fast while the window is open: what the day changes and what waits for the index is seen to once nobody waits for anything else."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.i18n import _
from desktop_crm.services import upkeep
from desktop_crm.ui.operations import Lane

if TYPE_CHECKING:
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.operations import Job

log = logging.getLogger(__name__)
FIRST_MS: Final = 3_000
"""After the first list is there."""
SOON_MS: Final = 1_000
LATER_MS: Final = 10 * 60_000


class SearchUpkeep(QObject):
    """Looks after the start, after each change and now and then: other programs change the company too."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.desk = desk
        self._under_way = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.look)
        self._timer.start(FIRST_MS)
        desk.operations.ended.connect(self._ended)

    def _ended(self, job: Job) -> None:
        if job.lane is Lane.WRITE and not self._under_way:
            self._timer.start(SOON_MS)

    def look(self) -> None:
        """Ask whether much waits, and take it in."""
        if self._under_way:
            return
        self._timer.start(LATER_MS)
        session = self.desk.session
        self.desk.operations.read(self, lambda: upkeep.due(session), self._due, key="due", failed=self._failed, waited_for=False)

    def _due(self, due: str) -> None:
        session = self.desk.session
        if due:
            self._under_way = True
            self.desk.operations.file(
                self, lambda step: upkeep.tend(session, step=step), lambda _none: self._done(), title=_(due), failed=self._failed,
            )

    def _done(self) -> None:
        self._under_way = False

    def _failed(self, problem: BaseException) -> None:
        """Try again later: everything works meanwhile, so nobody is disturbed."""
        self._under_way = False
        if isinstance(problem, Cancelled | UserError):
            log.info("what is due was not done: %s", problem)
        else:
            self.desk.fail(problem)
