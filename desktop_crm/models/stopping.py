"""Stopping a statement that a server is still working on, from a thread and a connection of its own."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.03


@dataclass(eq=False)
class Watch:
    """The statements of one connection while `ask` is answered; `wish` is what it raised to have them stopped."""

    connection: int
    ask: Callable[[], None]
    wish: Cancelled | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class Stopper:
    """Asks every watch now and then whether its statements are still wanted, and has the server end those that are not.

    `kill(connection)` ends what a connection of the server is doing. It is called again until the watch ends, since it may come between two
    statements. There is a thread only while there is a watch.
    """

    def __init__(self, kill: Callable[[int], None]) -> None:
        self._kill = kill
        self._watches: set[Watch] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextmanager
    def watching(self, connection: int, ask: Callable[[], None]) -> Iterator[Watch]:
        """Watch what is inside."""
        watch = Watch(connection, ask)
        with self._changed:
            self._watches.add(watch)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._look, name="stopper", daemon=True)
                self._thread.start()
        try:
            yield watch
        finally:
            # Under the lock, so that what comes after on this connection is never what is ended.
            with watch.lock, self._changed:
                self._watches.discard(watch)
                if not self._watches:
                    self._changed.notify()

    def _look(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: not self._watches, LOOK_SECONDS)
                watches = list(self._watches)
                if not watches:
                    self._thread = None
                    return
            for watch in watches:
                self._serve(watch)

    def _serve(self, watch: Watch) -> None:
        try:
            watch.ask()
        except Cancelled as wish:
            with watch.lock:
                if watch not in self._watches:
                    return
                watch.wish = wish
                try:
                    self._kill(watch.connection)
                except Exception:
                    log.info("A statement could not be stopped", exc_info=True)
