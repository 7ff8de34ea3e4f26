"""Writing a file so that a crash or a full disk leaves either the old content or the new, never half of one."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from pathlib import Path
from typing import Final

from desktop_crm.base.i18n import N_, _

LONGEST_NAME: Final = 80
"""Characters of a file's name: in UTF-8 they stay below the 255 bytes that file systems take."""

_REASONS: Final = {
    errno.ENOSPC: N_("the disk is full"), errno.EDQUOT: N_("the disk is full"), errno.EROFS: N_("it can only be read"), errno.EIO: N_("the disk reports a fault"),
    errno.EACCES: N_("no permission, or another program has it open"), errno.EPERM: N_("no permission, or another program has it open"), errno.EBUSY: N_("another program has it open"),
    errno.ENOENT: N_("it isn't there"), errno.EISDIR: N_("it is a folder"), errno.ENOTDIR: N_("a part of the path is no folder"), errno.ENAMETOOLONG: N_("the name is too long"),
}  # fmt: skip


def disk_reason(problem: BaseException) -> str:
    """Return why the disk refused in the user's words, as a part of a sentence; the system's own words where there are none."""
    known = _REASONS.get(getattr(problem, "errno", None) or 0)
    return _(known) if known else str(getattr(problem, "strerror", None) or problem)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace the content of `path`, creating its folder; other users of the computer can't read the file.

    Raises OSError, with the old content untouched, when the disk refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
        _settle(path.parent)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _settle(folder: Path) -> None:
    """Let a folder's new entry outlive a power cut too; Windows does so by itself and opens no folders."""
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def file_name(text: str) -> str:
    """Return a text as a file may be called on every system: signs that Windows refuses become spaces, and it ends in no dot or space."""
    stem, dot, ending = re.sub(r'[\x00-\x1f<>:"/\\|?*]+', " ", text).strip().rpartition(".")
    return f"{stem[:LONGEST_NAME].rstrip(' .')}{dot}{ending}"
