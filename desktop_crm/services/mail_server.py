"""Connections to a mail server (SMTP, RFC 5321) that are given up while it doesn't answer, until a message is handed over."""

from __future__ import annotations

import queue
import select
import smtplib
import ssl
import threading
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.base.i18n import _

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

T = TypeVar("T")

WAIT_SECONDS: Final = 30
"""How long a server may take to answer."""
TAKE_SECONDS: Final = 120
"""How long it may take to look at a message that it was given whole; RFC 5321, 4.5.3.2.6, asks for more than anybody waits."""
GOODBYE_SECONDS: Final = 1
ASKED_SECONDS: Final = 0.1
PIECE: Final = 1 << 16
"""Bytes that are sent at a time: the system's limit of time is for all that is sent at once."""


def beside(work: Callable[[], T], ask: Callable[[], None], throw_away: Callable[[T], None]) -> T:
    """Do what can't be broken off in a thread of its own, and leave it alone once `ask` raises Cancelled; what comes of it then is thrown away."""
    answers: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()
    turn, given_up = threading.Lock(), threading.Event()

    def run() -> None:
        try:
            made = work()
        except BaseException as problem:  # noqa: BLE001 - it is raised where it is waited for
            answers.put((None, problem))
            return
        with turn:
            if not given_up.is_set():
                answers.put((made, None))
                return
        throw_away(made)

    threading.Thread(target=run, name="mail", daemon=True).start()
    while True:
        try:
            found, problem = answers.get(timeout=ASKED_SECONDS)
        except queue.Empty:
            try:
                ask()
            except Cancelled:
                with turn:
                    given_up.set()
                raise
            continue
        if problem is not None:
            raise problem
        return found  # type: ignore[return-value]  # without a problem it is what the work returned


class Stoppable(smtplib.SMTP):
    """A connection that asks `ask`, which raises Cancelled, while it waits and before each piece it sends. The end of a message is the last of these: then the server has it."""

    def __init__(self, ask: Callable[[], None]) -> None:
        self.ask = ask
        self.handed = False
        """Whether the server has a message whole and hasn't said yet what becomes of it."""
        super().__init__(timeout=WAIT_SECONDS)

    def reach(self, host: str, port: int) -> None:
        """Connect to a server; raises what smtplib's does when it is made."""
        self._host = host
        code, words = self.connect(host, port)
        if code != 220:  # noqa: PLR2004 - RFC 5321, 3.1
            raise smtplib.SMTPConnectError(code, words)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made: Callable[..., socket.socket] = super()._get_socket  # type: ignore[misc]  # the library's own place for another kind of connection
        return beside(lambda: made(host, port, timeout), self.ask, lambda one: one.close())

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Go on encrypted (STARTTLS)."""
        beside(lambda: self.starttls(context=context), self.ask, lambda _reply: None)

    def send(self, s: Any) -> None:
        """Send a command, which is text, or a message, which is bytes."""
        whole = s.encode(self.command_encoding) if isinstance(s, str) else bytes(s)
        for begin in range(0, len(whole), PIECE):
            self.ask()
            self.handed = not isinstance(s, str) and begin + PIECE >= len(whole)
            super().send(whole[begin : begin + PIECE])

    def getreply(self) -> tuple[int, bytes]:
        """Return the server's answer; where it has the message whole, nothing is broken off any more."""
        until = time.monotonic() + (TAKE_SECONDS if self.handed else WAIT_SECONDS)
        while not self._answered():
            if not self.handed:
                self.ask()
            if time.monotonic() > until:
                self.close()
                if self.handed:
                    raise UserError(_("The mail server {server} has the e-mail but didn't confirm it. Ask whether it arrived before you send it again").format(server=self._host))
                raise smtplib.SMTPServerDisconnected("timed out")
        reply = super().getreply()
        self.handed = False
        return reply

    def _answered(self) -> bool:
        """Wait for a moment, and tell whether something came, or the connection ended."""
        if self.sock is None or (isinstance(self.sock, ssl.SSLSocket) and self.sock.pending()):
            return True
        return bool(select.select([self.sock], [], [], ASKED_SECONDS)[0])

    def part(self) -> None:
        """Say goodbye and wait no longer than a moment for the answer: everything is sent."""
        try:
            super().send("quit\r\n")
            if self.sock is not None and select.select([self.sock], [], [], GOODBYE_SECONDS)[0]:
                super().getreply()
        except (OSError, smtplib.SMTPException):
            pass  # it went first
        finally:
            self.close()


class StoppableSSL(Stoppable, smtplib.SMTP_SSL):
    """One that is encrypted from the first word."""

    def __init__(self, ask: Callable[[], None], context: ssl.SSLContext) -> None:
        Stoppable.__init__(self, ask)
        self.context = context  # the library has put one there that trusts anybody
