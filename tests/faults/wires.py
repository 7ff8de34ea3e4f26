"""A wire between the program and its server that breaks at the worst moment: in a commit."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import closing, suppress
from typing import Literal
from urllib.parse import urlsplit

COMMIT = b"COMMIT"
DONE = b"\x07\x00\x00"
"""How the server's short word that a statement is done begins: its length."""
MORE = 8
"""What it holds where the answers to further statements follow."""


class Wire:
    """Passes everything on between a client and the server of `url`; `url` of its own goes through it.

    `cut` is what happens at the next commits: ``before`` the server hears of it, ``after`` it has done it and before the client hears of that.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "", parts.port or 0)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = parts._replace(netloc=f"{parts.username}@127.0.0.1:{self._door.getsockname()[1]}").geturl()
        self.cut: list[Literal["before", "after"]] = []
        self.dead_afterwards = False
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Let nobody in any more."""
        # Closing alone wouldn't wake who waits in accept.
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _address = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with closing(client), closing(socket.create_connection(self._server)) as server, suppress(OSError):
            while True:
                ready, _none, _none2 = select.select([client, server], [], [])
                for side in ready:
                    data = side.recv(1 << 16)
                    if not data:
                        return
                    if side is client and data.endswith(COMMIT) and self.cut:
                        if self.cut.pop(0) == "after":
                            server.sendall(data)
                            answer = b""
                            while answer[-11:-8] != DONE or answer[-4] & MORE:
                                answer += server.recv(1 << 16)
                        if self.dead_afterwards:
                            self.close()
                        return
                    (server if side is client else client).sendall(data)
