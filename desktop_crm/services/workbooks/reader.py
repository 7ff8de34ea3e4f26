"""Reading a spreadsheet that anyone may have sent: `read_workbook`."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from desktop_crm.base.i18n import _, current_language
from desktop_crm.services.workbooks.cells import Merge, Sheet, Workbook
from desktop_crm.services.workbooks.child import FLAG, PLACE_BYTES, VARIABLE
from desktop_crm.services.workbooks.refusal import PasswordNeeded, UnreadableFile, note, refusal
from desktop_crm.services.workbooks.spool import Spool, SpooledRows

__all__ = ["PasswordNeeded", "UnreadableFile", "read_workbook"]

LARGEST_FILE: Final = 300 * 1024 * 1024
# A sheet of a million rows and sixteen columns packs to 130 MB and unpacks to 1.5 GB in the reader's memory.
MEMORY: Final = 2 * 1024**3
MEMORY_A_BYTE: Final = 16
SECONDS: Final = 60
SECONDS_A_MEGABYTE: Final = 6
# What a busy computer takes for a second of work: the work itself is limited in the reading process.
PATIENCE: Final = 3
# What Rust's allocator and vectors say on their way out.
_OUT_OF_MEMORY: Final = re.compile("memory allocation|capacity overflow|MemoryError")
_OUT_OF_TIME: Final = getattr(signal, "SIGXCPU", 0) or sys.maxsize
_MODULE: Final = "desktop_crm.services.workbooks.child"
_PACKAGE_FOLDER: Final = Path(__file__).resolve().parents[3]


def read_workbook(path: Path, *, password: str | None = None, encoding: str | None = None, separator: str | None = None) -> Workbook:
    """Read a spreadsheet or list of any kind; the content tells the kind, whatever the file is called.

    Reads in a process of its own, limited in time and memory. `encoding` and `separator` are for text files and overrule what is
    found in them. Raises PasswordNeeded for a protected file without the right `password`, otherwise UnreadableFile with the reason
    in the user's language.
    """
    size = _check(path)
    seconds = SECONDS + size * SECONDS_A_MEGABYTE // 1024**2
    folder = Path(tempfile.mkdtemp(prefix="desktop-crm-"))
    try:
        answer = folder / "answer"
        request = {
            "path": str(path.absolute()),
            "answer": str(answer),
            "password": password or "",
            "encoding": encoding or "",
            "separator": separator or "",
            "language": current_language(),
            "memory": str(MEMORY + size * MEMORY_A_BYTE),
            "seconds": str(seconds),
        }
        crash = _run(json.dumps(request), folder, seconds)
        if crash is not None:
            # Whatever else a parser dies of is the file's fault.
            raise refusal("too-much" if _OUT_OF_MEMORY.search(crash) else "damaged", {}) from RuntimeError(crash)
        return _collect(path, answer)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _check(path: Path) -> int:
    """Return the size of a file that can be read; raises UnreadableFile."""
    try:
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise refusal("missing", {}) from error
    except OSError as error:
        raise refusal("locked", {}) from error
    if path.is_dir():
        raise refusal("folder", {})
    if size > LARGEST_FILE:
        raise refusal("too-big", {"limit": LARGEST_FILE // 1024**2})
    return size


def _run(request: str, folder: Path, seconds: int) -> str | None:
    """Run the reading process to its end; return what it said when it crashed."""
    # A bundled program has no interpreter beside it: it starts itself again.
    frozen = getattr(sys, "frozen", False)
    command = [sys.executable, FLAG] if frozen else [sys.executable, "-P", "-X", "utf8", "-m", _MODULE]
    environment = os.environ | {VARIABLE: request, "RUST_BACKTRACE": "0"}
    if not frozen:
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(_PACKAGE_FOLDER), os.environ.get("PYTHONPATH"))))
    complaints = folder / "complaints"
    with complaints.open("wb") as errors:
        try:
            ended = subprocess.run(  # noqa: S603 - this program itself, without a shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env=environment,
                cwd=folder,
                timeout=seconds * PATIENCE,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise refusal("too-long", {}) from error
    if ended.returncode == 0:
        return None
    if ended.returncode == -_OUT_OF_TIME:
        raise refusal("too-long", {})
    return complaints.read_text(encoding="utf-8", errors="replace")[-4000:] or str(ended.returncode)


def _collect(path: Path, answer: Path) -> Workbook:
    """Put the workbook together; its rows stay in the answer's file until they are asked for."""
    spool = Spool(answer)
    head = spool.load(int.from_bytes(spool.end(PLACE_BYTES), "big"))  # the last bytes say where the head begins
    if "refused" in head:
        code, values = head["refused"]
        raise refusal(code, values)
    sheets = []
    for number, about in enumerate(head["sheets"], start=1):
        rows = SpooledRows(spool, about.pop("places"), about.pop("rows"), about.pop("width"))
        merged = [Merge(*merge) for merge in about.pop("merged")]
        name = about.pop("name") or _("Table {number}").format(number=number)
        sheets.append(Sheet(name, rows, merged=merged, **about))
    notes = [note(code, values) for code, values in head["notes"]]
    return Workbook(path, head["kind"], sheets, head["encoding"], head["separator"], notes)
