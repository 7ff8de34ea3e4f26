"""A MariaDB that keeps its promises like one in an office – every commit on the disk – and is killed while people work."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pymysql

from desktop_crm.base.errors import ConnectionLost
from tests.faults.books import Books, prove
from tests.faults.kills import Tally, Worker, measure
from tests.faults.operations import OPERATIONS, Operation, Say
from tests.faults.sites import Site
from tests.support.mariadb import Address, ServerMissing, tools

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ROUND = 5
"""Kills between two proofs."""


class DurableServer:
    """A server on a folder of its own that can be killed and started again on the same data."""

    def __init__(self, folder: Path, extra: Sequence[str] = ()) -> None:
        self.folder = folder
        self.address = Address(str(folder), Address.choose().port)
        self._extra = extra
        install, self._server = tools()
        folder.mkdir(parents=True, exist_ok=True)
        user = ["--user=root"] if os.geteuid() == 0 else []
        making = [install, "--no-defaults", f"--datadir={folder}/data", "--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-use-native-aio=0", *user]
        made = subprocess.run(making, check=False, capture_output=True, text=True)
        if made.returncode:
            raise ServerMissing(made.stdout + made.stderr)
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        user = ["--user=root"] if os.geteuid() == 0 else []
        options = [
            f"--datadir={self.folder}/data", f"--tmpdir={self.folder}", f"--socket={self.folder}/socket", f"--pid-file={self.folder}/pid",
            "--bind-address=127.0.0.1", f"--port={self.address.port}", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M",
            "--innodb-use-native-aio=0", "--performance-schema=0", "--skip-log-bin", "--skip-name-resolve", *self._extra,
        ]  # fmt: skip
        with (self.folder / "output").open("ab") as output:
            return subprocess.Popen([self._server, "--no-defaults", *options, *user], stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def restart(self) -> None:
        """Start it again on the same data; it is up when somebody can connect."""
        self.process = self._start()
        self.address.connect().close()

    def stop(self) -> None:
        """End it for good."""
        self.kill()


def _through_restarts(site: Site, say: Say) -> None:
    """Post receipts; when the server is gone, begin again as somebody would who is told so."""
    while True:
        with suppress(ConnectionLost, pymysql.err.OperationalError):
            OPERATIONS["posting"].work(site, say)


def run(folder: Path, kills: int, seed: int) -> Tally:
    """Kill the server so many times while receipts are posted; return the tally."""
    server = DurableServer(folder)
    site = Site("mysql", folder / "site", server.address)
    operation = Operation("server", _through_restarts)
    tally = Tally("server killed", "mysql")
    chance = random.Random(f"{seed}-server")  # noqa: S311 - it must be repeatable
    began = time.monotonic()
    try:
        server.address.connect().close()
        site.reset()
        duration, shapes = measure(operation, site)
        while tally.kills < kills:
            with closing(site.open()) as session:
                before = Books.of(session)
            worker = Worker(operation, site)
            for _kill in range(min(ROUND, kills - tally.kills)):
                _wait_for_more(worker)
                until = time.monotonic() + chance.uniform(0, 3 * duration)
                while (left := until - time.monotonic()) > 0 and worker.listen(left):
                    pass
                tally.kills += 1
                tally.within += worker.busy
                server.kill()
                server.restart()
            _wait_for_more(worker)
            worker.kill()
            site.settle()
            tally.acknowledged += len(worker.said.acks)
            with closing(site.open()) as session:
                verdict = prove(session, before, worker.said.acks, in_flight=worker.busy, shapes=shapes + [ack["shape"] for ack in worker.said.acks])
            tally.came_through += verdict.came_through
            tally.count(verdict.wrong)
    finally:
        server.stop()
    tally.seconds = time.monotonic() - began
    return tally


def _wait_for_more(worker: Worker) -> None:
    """Wait until the worker has acknowledged something more: it is at work, on the server that is there now."""
    seen = len(worker.said.acks)
    worker.listen_until(lambda: len(worker.said.acks) > seen)
    if len(worker.said.acks) == seen:
        raise EOFError("the worker ended by itself")
