"""Kills a worker at random moments and proves each time that nothing acknowledged is lost and nothing is there by half."""

from __future__ import annotations

import faulthandler
import json
import os
import random
import select
import signal
import sys
import time
import traceback
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tests.faults.books import Ack, Books, prove
from tests.faults.operations import Operation, Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.sites import Site

FRESH_AFTER: Final = 25
"""Kills after which the company is made anew, so that it stays small and quick to prove."""
WARM_UP: Final = 4
SILENT_SECONDS: Final = 300
"""After which a worker that neither says nor ends what it began hangs; a killed server needs some seconds to come back."""


@dataclass
class Tally:
    """What came of the kills of one operation on one engine."""

    operation: str
    engine: str
    kills: int = 0
    within: int = 0
    came_through: int = 0
    acknowledged: int = 0
    lost: int = 0
    half: int = 0
    unclean: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def count(self, wrong: list[str]) -> None:
        """Sort what was found wrong after one kill into its column."""
        self.lost += sum(line.startswith("lost") for line in wrong)
        self.half += sum("half" in line or "not what was" in line or "nobody" in line or "accounts for" in line for line in wrong)
        self.unclean += any(line.startswith("check") for line in wrong)
        self.wrong += wrong


class Worker:
    """A child process that does one operation for ever and tells of it on a pipe."""

    def __init__(self, operation: Operation, site: Site) -> None:
        out, into = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(out)
            _be_the_worker(operation, site, into)
        os.close(into)
        self._pipe = out
        self._rest = b""
        self.said = Run()
        self.busy = False
        self.begun = False

    def listen(self, seconds: float) -> bool:
        """Take in what the worker says for at most so long; False when it says no more."""
        ready, _none, _none2 = select.select([self._pipe], [], [], max(seconds, 0))
        if not ready:
            return True
        text = os.read(self._pipe, 1 << 16)
        if not text:
            return False
        *lines, self._rest = (self._rest + text).split(b"\n")
        for line in lines:
            told = json.loads(line)
            if "failed" in told:
                raise AssertionError(told["failed"])
            self.busy = "begin" in told
            self.begun |= self.busy
            self.said.place = told.get("begin", "")
            if not self.busy:
                self.said.acks.append(told)
        return True

    def at_work(self) -> bool:
        """Tell whether it has begun its operation."""
        return self.begun

    def listen_until(self, enough: Callable[[], bool]) -> None:
        """Take in what the worker says until that is enough or it says no more; one that neither speaks nor ends shows where it stands."""
        deadline = time.monotonic() + SILENT_SECONDS
        while not enough() and self.listen(SILENT_SECONDS):
            if time.monotonic() > deadline:
                with suppress(ProcessLookupError):
                    os.kill(self.pid, signal.SIGABRT)
                raise TimeoutError(f"the worker has said too little for {SILENT_SECONDS} s")

    def kill(self) -> None:
        """End it as a power cut would, and take in what it had still said."""
        os.kill(self.pid, signal.SIGKILL)
        self.listen_until(lambda: False)
        os.waitpid(self.pid, 0)
        os.close(self._pipe)


class _Pipe:
    def __init__(self, pipe: int) -> None:
        self._pipe = pipe

    def begin(self, place: str = "") -> None:
        os.write(self._pipe, json.dumps({"begin": place}).encode() + b"\n")

    def done(self, ack: Ack) -> None:
        os.write(self._pipe, json.dumps(ack).encode() + b"\n")


def _be_the_worker(operation: Operation, site: Site, pipe: int) -> None:
    faulthandler.enable(all_threads=True)
    try:
        operation.work(site, _Pipe(pipe))
        os._exit(0)
    except BaseException:  # noqa: BLE001 - whatever it is, the harness has to hear of it
        os.write(pipe, json.dumps({"failed": traceback.format_exc()}).encode() + b"\n")
        os._exit(1)


def measure(operation: Operation, site: Site) -> tuple[float, list[Any]]:
    """Return how long one action takes, and the shapes of the change sets it makes, from a run that is let be."""
    worker = Worker(operation, site)
    started = None

    def warm() -> bool:
        nonlocal started
        if worker.begun:
            started = started or time.monotonic()
        return len(worker.said.acks) >= (1 if operation.fresh else WARM_UP)

    worker.listen_until(warm)
    duration = (time.monotonic() - (started or 0.0)) / max(len(worker.said.acks), 1)
    worker.kill()
    site.settle()
    return max(duration, 0.001), [ack["shape"] for ack in worker.said.acks if "shape" in ack]


def run(operation: Operation, site: Site, kills: int, seed: int) -> Tally:
    """Kill the operation so many times at moments drawn with `seed`; return the tally."""
    site.reference.clear()
    with operation.around(site):
        return _run(operation, site, kills, seed)


def _run(operation: Operation, site: Site, kills: int, seed: int) -> Tally:
    tally = Tally(operation.name, site.engine)
    chance = random.Random(f"{seed}-{operation.name}-{site.engine}")  # noqa: S311 - it must be repeatable
    began = time.monotonic()
    operation.reset(site)
    duration, shapes = measure(operation, site)
    if operation.fresh and (wrong := operation.also(site, Run())):
        raise AssertionError(wrong)
    operation.reset(site)
    before = None if operation.fresh else _books(site)
    for kill in range(kills):
        if kill and (operation.fresh or kill % FRESH_AFTER == 0):
            operation.reset(site)
            before = None if operation.fresh else _books(site)
        worker = Worker(operation, site)
        worker.listen_until(worker.at_work)
        until = time.monotonic() + chance.uniform(0, operation.span * duration)
        while (left := until - time.monotonic()) > 0 and worker.listen(left):
            pass
        worker.kill()
        site.settle()
        tally.kills += 1
        tally.within += worker.busy
        tally.acknowledged += len(worker.said.acks)
        shapes += [ack["shape"] for ack in worker.said.acks if "shape" in ack and ack["shape"] not in shapes]
        wrong = operation.also(site, worker.said)
        if before is not None:
            with closing(site.open()) as session:
                verdict = prove(session, before, worker.said.acks, in_flight=worker.busy, shapes=shapes)
                before = Books.of(session)
            tally.came_through += verdict.came_through
            wrong += verdict.wrong
        tally.count(wrong)
        if wrong:
            sys.stderr.write(f"{operation.name} on {site.engine}, kill {kill}: {wrong}\n")
    site.drop_all()
    tally.seconds = time.monotonic() - began
    return tally


def _books(site: Site) -> Books:
    with closing(site.open()) as session:
        return Books.of(session)
