"""A MariaDB server of the tests' own: fresh, in a temporary folder, never one that is already running."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pymysql

from desktop_crm.models import driver

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HINT: Final = "MariaDB is not installed, and the tests need it. Debian and Ubuntu: apt-get install mariadb-server-core mariadb-client-core"
START_SECONDS: Final = 200
"""A server that fails says so at once; what this bounds is one that hangs."""
ROOM_BYTES: Final = 1 << 30
PORTS: Final = range(20_000, 32_000)
"""Below what systems give to whoever asks for any port: until the server has started, one of those could go to a connection of another test."""

NOT_EMPTY: Final = 1010  # ER_DB_DROP_RMDIR

# Small and without waiting for the disk: nothing in this server outlives the tests.
FAST: Final = (
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=16M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-file-per-table=0",  # hundreds of databases of some hundred files each
    "--innodb-stats-persistent=0",  # figures of each table, written down for the next start
    "--sync-frm=0",
    "--performance-schema=0",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--max-connections=1000",  # a window has up to six, and there is a worker for every processor
    "--character-set-server=utf8mb4",
    "--lock-wait-timeout=30",  # a connection left open in a transaction fails the test instead of stopping it for a day
)


class ServerMissing(Exception):
    """The server isn't installed or did not start; the message says which, and how to put it right."""


@dataclass(frozen=True)
class Address:
    """Where the server is, or will be."""

    folder: str
    port: int

    @classmethod
    def choose(cls, parent: Path | None = None) -> Address:
        """Return a folder that doesn't exist yet, in `parent` or where it is fast, and a port nobody listens on."""
        return cls(str((parent or fast_folder()) / f"crm-mariadb-{uuid.uuid4().hex}"), free_port())

    def connect(self) -> Any:
        """Return a connection as root to no database, autocommitting; waits until the server is up.

        Raises ServerMissing when it isn't installed, or doesn't come up in START_SECONDS.
        """
        tools()
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return driver.connect(host="127.0.0.1", port=self.port, user="root", autocommit=True)
            except pymysql.OperationalError as problem:
                if time.monotonic() > deadline or (Path(self.folder) / "ended").exists():
                    raise ServerMissing(f"MariaDB did not start: {problem}\n{self._last_words()}") from problem
                time.sleep(0.02)

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """Yield the URL of a new, empty database that is dropped afterwards; raises as `connect` does."""
        name = f"crm_{uuid.uuid4().hex}"
        with closing(self.connect()) as connection:
            connection.query(f"CREATE DATABASE {name}")
        yield f"mysql://root@127.0.0.1:{self.port}/{name}"
        with closing(self.connect()) as connection:
            drop(connection, name)

    def _last_words(self) -> str:
        output = Path(self.folder) / "output"
        return output.read_text(errors="replace")[-2000:] if output.exists() else ""


def drop(connection: Any, name: str) -> None:
    """Drop a database. On a loaded machine the server may find a file of its own left in the folder: its tables are gone, and the folder goes with the server."""
    try:
        connection.query(f"DROP DATABASE IF EXISTS {name}")
    except pymysql.OperationalError as problem:
        if problem.args[0] != NOT_EMPTY:
            raise


class Server:
    """A running server; `stop` ends it and deletes its folder."""

    def __init__(self, address: Address, settings: Sequence[str] = FAST) -> None:
        """Start it at `address` with `settings` without waiting for it; raises ServerMissing when it isn't installed."""
        install, server = tools()
        self._folder = Path(address.folder)
        _clear_up_after_killed_runs(self._folder.parent)
        self._folder.mkdir(mode=0o700)
        with (self._folder / "output").open("wb") as output:
            self._process = subprocess.Popen(
                _command(install, server, address, settings), stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=self._folder
            )

    def stop(self) -> None:
        # Its data is thrown away: no reason to wait for an orderly end.
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder)


def installed() -> bool:
    """Say whether this computer has a MariaDB server to start."""
    try:
        tools()
    except ServerMissing:
        return False
    return True


def tools() -> tuple[str, str]:
    """Return the paths of what makes a data folder and of the server; raises ServerMissing."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    install, server = (shutil.which(name, path=path) for name in ("mariadb-install-db", "mariadbd"))
    if not install or not server:
        raise ServerMissing(HINT)
    return install, server


def _command(install: str, server: str, address: Address, settings: Sequence[str]) -> list[str]:
    """Return one command that makes the data folder and then becomes the server."""
    folder = address.folder
    user = ["--user=root"] if os.geteuid() == 0 else []
    first = [install, "--no-defaults", f"--datadir={folder}/data", "--auth-root-authentication-method=normal", "--skip-test-db", *user]
    then = [
        *(server, "--no-defaults", f"--datadir={folder}/data", f"--tmpdir={folder}", f"--socket={folder}/socket", f"--pid-file={folder}/pid"),
        *("--bind-address=127.0.0.1", f"--port={address.port}", *user, *settings),
    ]
    script = '"${@:2:$1}" && exec "${@:$1+2}"; touch ended'
    # A test run that is killed takes its server along.
    leash = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    return [*leash, "bash", "-c", script, "bash", str(len(first)), *first, *then]


def _clear_up_after_killed_runs(parent: Path) -> None:
    for pid_file in parent.glob("crm-mariadb-*/pid"):
        try:
            os.kill(int(pid_file.read_text()), 0)
        except ProcessLookupError:
            shutil.rmtree(pid_file.parent, ignore_errors=True)
        except (PermissionError, FileNotFoundError, ValueError):
            # Another user's server, alive; or one of another worker, that is just ending or just beginning.
            continue


def fast_folder() -> Path:
    """Return the memory disk when it has room, or else the usual temporary folder."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own in it, where the system has it
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM_BYTES:
        return memory
    return Path(tempfile.gettempdir())


def free_port() -> int:
    """Return a port of PORTS that nobody listens on."""
    while True:
        port = random.SystemRandom().choice(PORTS)  # tests run in an order that is drawn by the same seed in every worker
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue  # somebody listens there
        return port
