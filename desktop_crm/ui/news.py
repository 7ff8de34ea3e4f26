"""What others changed in the company, asked for again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_crm.services import feed

if TYPE_CHECKING:
    from desktop_crm.ui.desk import Desk

AGAIN_MS: Final = 2000


class News(QObject):
    """Asks two seconds after each answer, so that a slow database is never asked while it still answers.

    Signals: `came(set of entity names)` with each answer, `first` before that with the first one, which only says where the news begin,
    `failed` (exception).
    """

    first = Signal()
    came = Signal(object)
    failed = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._since = -1
        self._ended = False
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(AGAIN_MS)
        self._wait.timeout.connect(self.ask)

    def ask(self) -> None:
        """Ask now."""
        self._wait.stop()
        session, since = self._desk.session, self._since
        self._desk.operations.read(self, lambda: feed.news(session, since), self._have, key="news", failed=self._failed, waited_for=False)

    def stop(self) -> None:
        """Ask no more."""
        self._ended = True
        self._wait.stop()

    def _have(self, news: feed.News) -> None:
        self._go_on()
        begun, self._since = self._since >= 0, news.latest
        if not begun:
            self.first.emit()
        self.came.emit(set(news.entities) if begun else set())

    def _failed(self, problem: BaseException) -> None:
        self._go_on()
        self.failed.emit(problem)

    def _go_on(self) -> None:
        if not self._ended:
            self._wait.start()
