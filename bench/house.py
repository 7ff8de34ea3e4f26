"""What every topic stands on: a company of the wanted size, pairs of measurements in turns, and the lines of the table."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable  # noqa: TC003 - a dataclass reads it
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from bench import company
from desktop_crm.base.errors import UserError
from desktop_crm.services.policy import Person
from desktop_crm.services.session import Session, create_company, open_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.models.database import Store
    from tests.support.mariadb import Address

Engine = Literal["sqlite", "mysql"]
ADMIN: Final = "bench"


@dataclass
class Measuring:
    """How it is measured: so many times, by a clock in seconds."""

    runs: int = 5
    clock: Callable[[], float] = time.perf_counter


MEASURING: Final = Measuring()


@dataclass(frozen=True)
class Line:
    """One measured figure beside its floor, the least that raw means need for the same; in `unit`, ms or MB.

    It holds where ours ≤ `limit` × floor, or, where `ceiling` is given, where ours ≤ `ceiling`: what nobody notices need not be a ratio's
    business. A line without either is only told.
    """

    name: str
    ours: float
    floor: float | None = None
    limit: float | None = None
    ceiling: float | None = None
    unit: str = "ms"
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the floor it is."""
        return None if self.floor is None else self.ours / max(self.floor, 0.001)

    @property
    def holds(self) -> bool | None:
        """Tell whether the aim is reached; None where there is none."""
        if self.limit is None and self.ceiling is None:
            return None
        within = self.limit is not None and self.ratio is not None and self.ratio <= self.limit
        return within or (self.ceiling is not None and self.ours <= self.ceiling)


class Topic(Protocol):
    """A module that measures."""

    def measure(self, ground: Ground) -> Iterator[Line]:
        """Yield what was measured."""


@dataclass
class Ground:
    """What a topic measures on: a company of `scale` customers on `engine`, opened by its administrator.

    `folder` is for files, `url` the company's database; what a topic changes in the company it puts back.
    """

    engine: Engine
    scale: int
    folder: Path
    session: Session
    address: Address | None = None
    _others: list[Session] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The company's database."""
        return self.session.url

    def seller(self) -> Session:
        """Return the company as somebody of the sales department sees it, who may see one part in twelve of the records."""
        user = company.seller(self.session)
        made = Session(self.session.store, Person(user["id"], user["name"], "sales", user["department"]))
        self._others.append(made)
        return made

    @contextmanager
    def empty(self) -> Iterator[Session]:
        """Yield another, empty company on the same engine, gone afterwards."""
        with database(self.engine, self.folder, self.address) as url:
            made = create_company(url, admin=ADMIN)
            try:
                yield made
            finally:
                made.close()


@contextmanager
def database(engine: Engine, folder: Path, address: Address | None) -> Iterator[str]:
    """Yield the URL of an empty database that is gone afterwards."""
    if engine == "mysql":
        assert address is not None
        with address.fresh_database() as url:
            yield url
        return
    path = folder / f"company{time.monotonic_ns()}.sqlite3"
    yield str(path)
    for one in path.parent.glob(f"{path.name}*"):
        one.unlink()


@contextmanager
def server(folder: Path) -> Iterator[Address]:
    """Start a MariaDB as an office would run it, in `folder`, and end it afterwards."""
    from tests.support.mariadb import Address, Server

    address = Address.choose(folder)
    made = Server(address, OFFICE_SERVER)
    try:
        address.connect().close()
        yield address
    finally:
        made.stop()


OFFICE_SERVER: Final = (
    "--innodb-buffer-pool-size=2G", "--innodb-log-file-size=512M", "--skip-name-resolve", "--character-set-server=utf8mb4", "--lock-wait-timeout=30",
)
"""Settings of a server with memory for its data and a commit that reaches the disk; everything else is as MariaDB comes."""


@contextmanager
def ground(engine: Engine, scale: int, folder: Path, url: str = "") -> Iterator[Ground]:
    """Yield the ground: a company built for this run, or the one at `url`, which is filled where it is new."""
    if url:
        session = opened(url, scale)
        try:
            yield Ground("mysql" if session.store.mysql else "sqlite", company.size(session), folder, session)
        finally:
            session.close()
        return
    with nullcontext() if engine == "sqlite" else server(folder) as address, database(engine, folder, address) as made:
        session = opened(made, scale)
        try:
            yield Ground(engine, scale, folder, session, address)
        finally:
            session.close()


def opened(url: str, scale: int) -> Session:
    """Open the company at `url`, built first where there is none."""
    with suppress(UserError):
        return open_session(url, ADMIN)
    session = create_company(url, admin=ADMIN)
    company.build(session, scale)
    return session


def in_turns(ours: Callable[[], Any], floor: Callable[[], Any], runs: int = 0, clock: Callable[[], float] | None = None) -> tuple[float, float]:
    """Return the median milliseconds of both, run in turns, so that what else the machine does meets both; a first run of each is not counted.

    With `time.process_time` as `clock` they are milliseconds of the processor, which other programs don't make longer.
    """
    runs = runs or MEASURING.runs
    if runs > 1:
        ours()
        floor()
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(runs):
        for which in ((0, 1), (1, 0))[turn % 2]:
            times[which].append(milliseconds(floor if which else ours, clock))
    return statistics.median(times[0]), statistics.median(times[1])


def milliseconds(work: Callable[[], Any], clock: Callable[[], float] | None = None) -> float:
    """Return how long one call takes."""
    gc.collect(0)
    clock = clock or MEASURING.clock
    begun = clock()
    work()
    return (clock() - begun) * 1000


def processor_clock(store: Store) -> Callable[[], float]:
    """Return a clock of the processor's time that this process and a server on this machine take: other programs count for little then."""
    if not store.mysql:
        return time.process_time
    threads = Path("/proc", Path(str(store.scalar("SELECT @@pid_file"))).read_text().strip(), "task")

    spent: dict[str, int] = {}
    """What each thread took, also those that ended since."""

    def now() -> float:
        for thread in threads.iterdir():
            with suppress(OSError):  # ended meanwhile
                spent[thread.name] = max(spent.get(thread.name, 0), int((thread / "schedstat").read_text().split()[0]))
        return time.process_time() + sum(spent.values()) / 1e9

    return now


def resident_mb() -> float:
    """Return the memory of this process that is its own, in MB: files that are mapped don't count. 0 where the system doesn't say."""
    path = Path("/proc/self/status")
    if not path.exists():
        return 0.0
    found = [line.split()[1] for line in path.read_text().splitlines() if line.startswith("RssAnon")]
    return int(found[0]) / 1024 if found else 0.0
