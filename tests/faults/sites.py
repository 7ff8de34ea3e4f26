"""Where a company is that is to be killed at: a local file, a file on a network folder, a MariaDB server; fresh again in no time."""

from __future__ import annotations

import shutil
import time
import uuid
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.models.location import parse_url
from desktop_crm.services import sample
from desktop_crm.services.session import create_company, open_session
from tests.support.mariadb import drop

if TYPE_CHECKING:
    from desktop_crm.services.session import Session
    from tests.support.mariadb import Address

ENGINES: Final = ("local", "shared", "mysql")
CUSTOMERS: Final = 6
GONE_SECONDS: Final = 120


@dataclass
class Site:
    """One company at `url`, and a folder beside it for what operations write; `reset` makes it as it was.

    `reference` is what every run has to end with, by table, where an operation says so.
    """

    engine: str
    folder: Path
    address: Address | None = None
    url: str = ""
    tag: str = field(default_factory=lambda: f"faults_{uuid.uuid4().hex[:8]}")
    reference: dict[str, str] = field(default_factory=dict)

    def clear(self) -> None:
        """Leave nothing but an empty place at `url`."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)
        self.drop_all()
        self.url = self.new_database() if self.engine == "mysql" else self.url_of(self.scratch / "company.sqlite3")

    def reset(self) -> None:
        """Put a fresh company with some records in place of the one that was."""
        self.clear()
        if self.engine == "mysql":
            _fill(self.url)
            return
        template = self.folder / "template.sqlite3"
        if not template.exists():
            _fill(str(template))
        shutil.copyfile(template, self.scratch / "company.sqlite3")

    def url_of(self, path: Path) -> str:
        """Return the URL of a company file as this engine opens it."""
        return f"sqlite:///{path}{'?shared=1' if self.engine == 'shared' else ''}"

    @property
    def scratch(self) -> Path:
        """The folder for the company file and what operations write."""
        return self.folder / "scratch"

    def open(self) -> Session:
        """Open the company as its administrator."""
        return open_session(self.url)

    def new_place(self) -> str:
        """Return the URL of a place on the same engine where nothing is yet."""
        return self.new_database() if self.engine == "mysql" else self.url_of(self.scratch / f"place-{uuid.uuid4().hex[:8]}.sqlite3")

    def new_database(self) -> str:
        """Make an empty database on the server and return its URL."""
        if self.address is None:
            raise ValueError(self.engine)
        name = f"{self.tag}_{uuid.uuid4().hex[:8]}"
        with closing(self.connection()) as connection:
            connection.query(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        return f"mysql://root@127.0.0.1:{self.address.port}/{name}"

    def remove(self, url: str) -> None:
        """Take away what an operation made at `url`."""
        if url.startswith("mysql"):
            with closing(self.connection()) as connection:
                drop(connection, url.rpartition("/")[2])
            return
        path = parse_url(url).path
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(f"{path}{ending}").unlink(missing_ok=True)

    def drop_all(self) -> None:
        """Drop every database made here."""
        if self.engine == "mysql":
            with closing(self.connection()) as connection, connection.cursor() as cursor:
                cursor.execute("SHOW DATABASES LIKE %s", (f"{self.tag}%",))
                for (name,) in cursor.fetchall():
                    drop(connection, name)

    def settle(self) -> None:
        """Wait until the server has noticed that a killed client is gone, and has taken back what it had begun."""
        if self.engine != "mysql":
            return
        deadline = time.monotonic() + GONE_SECONDS
        with closing(self.connection()) as connection, connection.cursor() as cursor:
            while True:
                cursor.execute("SELECT COUNT(*) FROM information_schema.processlist WHERE db LIKE %s AND id <> CONNECTION_ID()", (f"{self.tag}%",))
                if cursor.fetchone()[0] == 0:
                    return
                if time.monotonic() > deadline:
                    raise TimeoutError("a killed client's connection stays")
                time.sleep(0.005)

    def connection(self) -> Any:
        """Return a connection of the harness's own to the server."""
        if self.address is None:
            raise ValueError(self.engine)
        return self.address.connect()


def _fill(url: str) -> None:
    with closing(create_company(url, admin="boss", company="恒信商贸")) as session:
        sample.fill(session, CUSTOMERS)
