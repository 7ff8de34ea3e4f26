"""Damages a company file, one byte or one cut at a time, and says what the program made of it: ``python -m tests.faults.flips FOLDER TIMES SEED``.

In a process of its own, since the worst that could happen is that it crashes.
"""

from __future__ import annotations

import json
import logging
import random
import sys
import traceback
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_crm.base.errors import UserError
from desktop_crm.models.registry import REGISTER
from desktop_crm.services import sample
from desktop_crm.services.check import check
from desktop_crm.services.session import create_company, open_session
from tests.faults.books import digest

if TYPE_CHECKING:
    from desktop_crm.services.session import Session

CUSTOMERS = 12


def main(folder: Path, times: int, seed: int) -> dict[str, Any]:
    """Return how often each outcome was seen: refused, found, harmless (every row as it was), text (one text differs), figure."""
    logging.disable(logging.WARNING)
    whole = folder / "whole.sqlite3"
    with closing(create_company(str(whole), admin="boss")) as session:
        sample.fill(session, CUSTOMERS)
    with closing(open_session(str(whole))) as session:
        rows, figures = digest(session), sums(session)
    content = whole.read_bytes()
    chance = random.Random(seed)  # noqa: S311 - it must be repeatable
    told: dict[str, Any] = {"flips": Counter(), "cuts": Counter(), "figures": []}
    for _turn in range(times):
        at, sign = chance.randrange(len(content)), chance.randrange(1, 256)
        damaged = bytearray(content)
        damaged[at] ^= sign
        outcome = look(folder / "damaged.sqlite3", bytes(damaged), rows, figures)
        told["flips"][outcome] += 1
        if outcome == "figure":
            told["figures"].append([at, sign])
    for length in [0, 1, 99, 100, 4095, 4096, len(content) // 2, len(content) - 4096, len(content) - 1, *(chance.randrange(len(content)) for _turn in range(times // 10))]:
        told["cuts"][look(folder / "damaged.sqlite3", content[:length], rows, figures)] += 1
    return told


def look(path: Path, content: bytes, rows: dict[str, str], figures: dict[str, Any]) -> str:
    """Open a damaged file, check it, and return what came of it; anything but a UserError is a crash, and written to standard error."""
    for ending in ("", "-wal", "-shm", "-journal"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
    path.write_bytes(content)
    try:
        with closing(open_session(str(path))) as session:
            return judge(session, rows, figures)
    except UserError:
        return "refused"
    except Exception:  # noqa: BLE001 - whatever it is, it is counted and shown
        traceback.print_exc()
        return "crash"


def judge(session: Session, rows: dict[str, str], figures: dict[str, Any]) -> str:
    """Return what the check makes of a company that opens, and where it finds nothing, what really differs."""
    if check(session):
        return "found"
    if digest(session) == rows:
        return "harmless"
    return "text" if sums(session) == figures else "figure"


def sums(session: Session) -> dict[str, Any]:
    """Return everything in a company that is a number or a day: by table, the rows without their texts."""
    found = {}
    for entry in REGISTER.values():
        columns = ["id", *(f"`{column}`" for name, column in entry.tracked().items() if entry.fields[name].column_type not in ("text", "note"))]
        found[entry.name] = session.store.sql(f"SELECT {', '.join(columns)} FROM `{entry.table}` ORDER BY id").fetchall()  # noqa: S608 - declared names
    return found


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
