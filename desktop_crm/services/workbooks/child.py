"""The reading process: reads one untrusted file under limits, writes what it found, and ends.

A parser that crashes, hangs or swallows memory on a hostile file takes only this process with it. It imports neither Qt nor the
database. In a bundled program `run_if_asked` must be called first thing at the start, since the bundle is its own interpreter.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from desktop_crm.services.workbooks.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

# Not on the command line, which other users of the computer may see.
VARIABLE: Final = "DESKTOP_CRM_READ_WORKBOOK"
FLAG: Final = "--read-workbook"
PLACE_BYTES: Final = 8
FILLED_UP: Final = 512
"""Columns up to which rows are filled up: one cell far out would make all of them as long."""
EQUALLY_LONG: Final = frozenset(("xlsx", "xls", "xlsb", "ods"))
"""Kinds whose rows are as long as their sheet is wide."""


def _limit(memory: int, seconds: int) -> None:
    """Limit this process where the platform can (Windows can't); the process that waits limits the time everywhere."""
    try:
        import resource
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        _soft, hard = resource.getrlimit(what)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(what, (limit, hard))
        except (ValueError, OSError):
            # macOS refuses limits on the address space.
            continue


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise Refused("missing") from error
    except OSError as error:
        raise Refused("locked") from error


def _write(out: BinaryIO, request: dict[str, str]) -> None:
    """Write the rows in pieces as they are read, and last the head that says where each piece is."""
    from desktop_crm.base.i18n import use_language
    from desktop_crm.services.workbooks.reading import read
    from desktop_crm.services.workbooks.spool import write_rows

    use_language(request["language"])  # business cards have no headings of their own
    path = Path(request["path"])
    reading = read(
        _content(path),
        stem=path.stem,
        suffix=path.suffix.lower(),
        password=request["password"] or None,
        encoding=request["encoding"] or None,
        separator=request["separator"] or None,
    )
    sheets = []
    says_something = False
    for sheet, rows in reading.sheets:
        written = write_rows(out, rows)
        says_something = says_something or written.says_something
        sheets.append({
            "name": sheet.name,
            "hidden": sheet.hidden,
            "hidden_rows": sheet.hidden_rows,
            "hidden_columns": sheet.hidden_columns,
            "suspicious": sheet.suspicious,
            "merged": [tuple(merge) for merge in sheet.merged],
            "gaps": written.gaps,
            "places": written.places,
            "rows": written.count,
            "width": written.width if reading.kind in EQUALLY_LONG and written.width <= FILLED_UP else 0,
        })
    if not says_something:
        raise Refused("no-data")
    head = {"kind": reading.kind, "encoding": reading.encoding, "separator": reading.separator, "notes": reading.notes, "sheets": sheets}
    _write_head(out, head)


def _write_head(out: BinaryIO, head: Mapping[str, object]) -> None:
    place = out.tell()
    pickle.dump(head, out, pickle.HIGHEST_PROTOCOL)
    out.write(place.to_bytes(PLACE_BYTES, "big"))


def main() -> int:
    """Read the file that the environment names; return 0 when the answer, or the reason for none, is written."""
    request = json.loads(os.environ.pop(VARIABLE))
    gc.disable()
    _limit(int(request["memory"]), int(request["seconds"]))
    answer = Path(request["answer"])
    refused: tuple[str, dict[str, str | int]] | None = None
    try:
        with answer.open("wb") as out:
            _write(out, request)
    except Refused as error:
        refused = (error.code, error.values)
    except MemoryError:
        refused = ("too-much", {})
    if refused is not None:
        with answer.open("wb") as out:
            _write_head(out, {"refused": refused})
    return 0


def run_if_asked() -> None:
    """Be the reading process and end, when this program was started as one."""
    if sys.argv[1:2] == [FLAG] and VARIABLE in os.environ:
        sys.exit(main())


if __name__ == "__main__":
    sys.exit(main())
