"""Room for files that are needed only while something is being made, and putting what was made in its place."""

from __future__ import annotations

import os
import shutil
import time
import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from desktop_crm.base.settings import data_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LEFTOVER_SECONDS: Final = 24 * 3600
"""After so long a scratch file belongs to a program that was ended."""
BEGINNING: Final = ".~"
ENDING: Final = ".part"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield an empty folder that only this user can read and that is gone afterwards; what killed programs left is cleared."""
    parent = data_folder() / "scratch"
    parent.mkdir(mode=0o700, exist_ok=True)
    for left in parent.iterdir():
        if _is_left(left):
            shutil.rmtree(left, ignore_errors=True)
    folder = parent / uuid.uuid4().hex
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def part_beside(target: Path) -> Iterator[Path]:
    """Yield the name of a hidden file or folder beside `target` to write to; whatever is left of it afterwards is removed.

    What programs left there that were killed long ago is cleared.
    """
    for left in target.parent.glob(f"{BEGINNING}*{ENDING}*"):
        if _is_left(left):
            _remove(left)
    part = target.with_name(f"{BEGINNING}{target.name}.{uuid.uuid4().hex}{ENDING}")
    try:
        yield part
    finally:
        for ending in ("", "-wal", "-shm", "-journal"):
            with suppress(OSError):  # a disk that has become read-only; what went wrong first is told
                _remove(part.with_name(part.name + ending))


def put_in_place(part: Path, target: Path, *, replace: bool = False) -> None:
    """Give a complete file its name, safe against a power cut; raises FileExistsError where it is taken and `replace` isn't set."""
    sync_file(part)
    if replace:
        part.replace(target)
    else:
        take_name(part, target)
    sync_folder(target.parent)


@contextmanager
def in_their_places(made: Mapping[Path, Path]) -> Iterator[None]:
    """Give complete files their names, also over older ones; where what is done inside fails, every place is as it was. Raises OSError."""
    older: dict[Path, Path] = {}
    done: list[Path] = []
    try:
        for part, target in made.items():
            if target.exists():
                kept = target.with_name(f"{BEGINNING}{target.name}.{uuid.uuid4().hex}{ENDING}")
                shutil.copy2(target, kept)
                older[target] = kept
            part.replace(target)
            done.append(target)
        yield
    except BaseException:
        for target in done:
            if target in older:
                older.pop(target).replace(target)
            else:
                target.unlink(missing_ok=True)
        raise
    finally:
        for kept in older.values():
            kept.unlink(missing_ok=True)


def take_name(part: Path, target: Path) -> None:
    """Rename `part` to `target`, never over another file; raises FileExistsError."""
    try:
        # A hard link can't overwrite, and so is the one exclusive way that every system has.
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:
        # A stick's or a share's file system may have no links.
        if target.exists():
            raise FileExistsError(str(target)) from None
        part.rename(target)
    else:
        part.unlink()


def sync_file(path: Path) -> None:
    """See that a file's content is on the disk."""
    handle = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """See that a folder's names are on the disk, where the system knows that."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        # Some network file systems can't; the file itself is safe.
        return
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _is_left(path: Path) -> bool:
    try:
        return abs(time.time() - path.stat().st_mtime) > LEFTOVER_SECONDS
    except FileNotFoundError:
        return False
