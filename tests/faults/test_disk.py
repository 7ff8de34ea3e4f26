"""A disk that is full, fails or is read-only: the user is told, nothing is there by half, and afterwards it goes on."""

from __future__ import annotations

from contextlib import ExitStack, closing
from functools import partial
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import UserError
from desktop_crm.base.settings import HOME_VARIABLE
from desktop_crm.services.session import open_session
from tests.faults.books import Books, prove
from tests.faults.disks import NoDisk, attempt, full, no_file_above, read_only, small_disk
from tests.faults.operations import IN_FULL, OPERATIONS, Operation
from tests.faults.servers import DurableServer
from tests.faults.sites import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

ROOMS = (0, 60_000, 300_000, 1_200_000, 3_000_000) if IN_FULL else (0, 300_000)
LIMITS = (40_000, 150_000, 500_000, 900_000) if IN_FULL else (150_000,)
EVERY = [(name, engine) for turn, name in enumerate(OPERATIONS) for engine in (("local", "shared") if IN_FULL else (("local", "shared")[turn % 2],))]


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with ExitStack() as stack:
        try:
            made = stack.enter_context(small_disk(tmp_path / "disk", 40))
        except NoDisk as reason:
            pytest.skip(str(reason))
        monkeypatch.setenv(HOME_VARIABLE, str(made / "home"))
        yield made


def suffer(operation: Operation, site: Site, faults: list[Callable[[], AbstractContextManager[None]]]) -> list[UserError]:
    """Do an operation under each fault, and prove each time that nothing is there by half and that it goes on afterwards."""
    refusals = []
    site.reference.clear()
    with operation.around(site):
        if operation.fresh:
            operation.reset(site)
            assert attempt(operation, site)[1] is None
            assert operation.also(site, attempt(operation, site)[0]) == []
        for fault in faults:
            operation.reset(site)
            before = None
            if not operation.fresh:
                with closing(site.open()) as session:
                    before = Books.of(session)
            with fault():
                run, problem = attempt(operation, site)
            if problem is not None:
                assert problem.message
                refusals.append(problem)
            wrong = operation.also(site, run)
            if before is not None:
                with closing(site.open()) as session:
                    wrong += prove(session, before, run.acks, in_flight=False).wrong
            assert wrong == [], problem
            run, problem = attempt(operation, site)
            assert problem is None, problem
    return refusals


@pytest.mark.parametrize(("name", "engine"), EVERY)
def test_a_full_disk(disk: Path, name: str, engine: str) -> None:
    refusals = suffer(OPERATIONS[name], Site(engine, disk / "site"), [partial(full, disk, left) for left in ROOMS])
    assert refusals, "the disk was never full"


@pytest.mark.parametrize(("name", "engine"), EVERY)
def test_a_disk_that_refuses_to_write(tmp_path: Path, name: str, engine: str) -> None:
    refusals = suffer(OPERATIONS[name], Site(engine, tmp_path / "site"), [partial(no_file_above, size) for size in LIMITS])
    assert refusals, "the disk never refused"


@pytest.mark.parametrize("engine", ["local", "shared"])
def test_a_read_only_disk(disk: Path, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    site = Site(engine, disk / "site")
    for operation in OPERATIONS.values():
        with operation.around(site):
            operation.reset(site)
            with read_only(disk):
                run, problem = attempt(operation, site)
                assert isinstance(problem, UserError), operation.name
                assert run.acks == []
            with closing(open_session(site.url, "boss")):
                pass
            assert attempt(operation, site)[1] is None


@pytest.mark.skipif(not IN_FULL, reason="it takes a server of its own and a minute; in dev.py faults")
@pytest.mark.parametrize("left", [0, 200_000])
def test_a_server_whose_disk_is_full(tmp_path: Path, left: int) -> None:
    """MariaDB refuses, or gives up altogether; either is told, and what was acknowledged is there when it is back."""
    with ExitStack() as stack:
        try:
            disk = stack.enter_context(small_disk(tmp_path / "disk", 300))
        except NoDisk as reason:
            pytest.skip(str(reason))
        server = DurableServer(disk / "server")
        stack.callback(server.stop)
        server.address.connect().close()
        site = Site("mysql", tmp_path / "site", server.address)
        site.reset()
        refusals = 0
        for name in ("import", "posting", "undo"):
            with closing(site.open()) as session:
                before = Books.of(session)
            with full(disk, left):
                run, problem = attempt(OPERATIONS[name], site, times=12)
            refusals += problem is not None
            if server.process.poll() is not None:
                server.restart()
            with closing(site.open()) as session:
                assert prove(session, before, run.acks, in_flight=False).wrong == [], problem
            assert attempt(OPERATIONS[name], site)[1] is None
        assert refusals
