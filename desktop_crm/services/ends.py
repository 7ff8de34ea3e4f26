"""Whether the last run of the program on this computer came to a proper end: marks of the runs that are under way.

A mark is a small file in the data folder that its run keeps locked for as long as it lives. The system lifts the lock when the run is
killed or the power fails, so a mark that is there and isn't locked is that of a run that never ended – whatever process number it had.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import uuid
from contextlib import suppress
from dataclasses import field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from desktop_crm.base.digests import digest
from desktop_crm.base.lazily import dataclass
from desktop_crm.base.settings import data_folder

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)


def lock(file: BinaryIO) -> bool:
    """Lock a file that is open, at its first byte; False where somebody else has. The lock goes with the file."""
    file.seek(0)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@dataclass
class Run:
    """This run's mark on one company; `unclean` is when the run began that never ended, aware UTC, or None where all did."""

    unclean: datetime | None
    _mark: Path | None = None
    _file: BinaryIO | None = None
    _left: list[Path] = field(default_factory=list)

    def settle(self) -> None:
        """Forget the run that never ended: the company was checked, or the user was told."""
        for path in self._left:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        self._left = []
        self.unclean = None

    def close(self) -> None:
        """End this run properly."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._mark is not None:
            with suppress(OSError):
                self._mark.unlink(missing_ok=True)


def opened(url: str) -> Run:
    """Leave this run's mark for the company at `url`, and say whether an earlier run left one behind.

    Where no mark can be left, the program works without.
    """
    name = digest(url)[:24]
    try:
        folder = data_folder() / "runs"
        folder.mkdir(exist_ok=True)
        left = [path for path in sorted(folder.glob(f"{name}-*.json")) if not alive(path)]
        mark = folder / f"{name}-{uuid.uuid4().hex}.json"
        file = mark.open("xb")
    except OSError as problem:
        log.info("No mark of this run could be left: %s", problem)
        return Run(None)
    lock(file)
    # A byte before what is read: Windows keeps others from reading what is locked.
    file.write(b" " + json.dumps({"url": url, "pid": os.getpid(), "began": datetime.now(UTC).isoformat()}).encode())
    file.flush()
    began = [_began(path) for path in left]
    return Run(max(began) if began else None, mark, file, left)


def alive(path: Path) -> bool:
    """Tell whether the run of a mark is still under way."""
    try:
        with path.open("r+b") as file:
            return not lock(file)
    except FileNotFoundError:
        return True  # it has just ended


def _began(path: Path) -> datetime:
    """Return when the run of a mark began: as it says, or since when the file is there if it was killed before it could."""
    try:
        with path.open("rb") as file:
            file.seek(1)
            about: Any = json.loads(file.read())
        return datetime.fromisoformat(about["began"])
    except (OSError, ValueError, KeyError, TypeError):
        with suppress(OSError):
            return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return datetime.now(UTC)
