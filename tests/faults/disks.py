"""Small disks that can be filled, made read-only, and limited in how large a file may become."""

from __future__ import annotations

import os
import resource
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from desktop_crm.base.errors import UserError
from tests.faults.operations import Operation, Run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.books import Ack
    from tests.faults.sites import Site

BLOCK = 4096


class NoDisk(Exception):
    """No disk can be mounted here; the message says why."""


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Yield the folder of an empty disk in memory; raises NoDisk where this user or container may not mount one."""
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoDisk(f"a small disk can't be mounted: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def full(disk: Path, left: int) -> Iterator[None]:
    """Fill the disk but for `left` bytes."""
    ballast = disk / "ballast"
    state = os.statvfs(disk)
    size = max(state.f_bavail * state.f_frsize - left, 0)
    with ballast.open("wb") as file:
        if size:
            os.posix_fallocate(file.fileno(), 0, size // BLOCK * BLOCK)
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """Let nothing be written to the disk."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """Make the system refuse to write any file beyond `size` bytes, as a failing disk refuses a sector."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class _Enough(Exception):
    """The operation has done what was asked."""


class Times:
    """Listens to an operation and ends it after so many acknowledgements."""

    def __init__(self, times: int) -> None:
        self.run = Run()
        self._times = times

    def begin(self, place: str = "") -> None:
        self.run.place = place

    def done(self, ack: Ack) -> None:
        self.run.acks.append(ack)
        self.run.place = ""
        if len(self.run.acks) >= self._times:
            raise _Enough


def attempt(operation: Operation, site: Site, times: int = 3) -> tuple[Run, UserError | None]:
    """Do the operation a few times; return what it said and what it was refused with. Anything but a UserError is a defect and raised."""
    say = Times(1 if operation.fresh else times)
    try:
        operation.work(site, say)
    except _Enough:
        return say.run, None
    except UserError as problem:
        return say.run, problem
    raise AssertionError("an operation ends only when it is ended")
