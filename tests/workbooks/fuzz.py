"""Reads broken files for some minutes: ``python -m tests.workbooks.fuzz [--minutes N] [--seed S]``, in short in test_fuzz.py.

One process reads many, as the reading process reads one: a parser that dies or hangs takes it along; that file is then read as the program reads files, which
must refuse it with a word. In the program itself nothing but a UserError may come of a file. The seeds of what went wrong are printed; ``--one SEED`` reads a file
again and ``--keep FOLDER`` writes it.
"""

from __future__ import annotations

import argparse
import pickle
import subprocess
import sys
import tempfile
import time
import traceback
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.services.workbooks.cells import Sheet, Workbook
from desktop_crm.services.workbooks.child import FILLED_UP
from desktop_crm.services.workbooks.layout import best_sheet, find_table
from desktop_crm.services.workbooks.reader import read_workbook
from desktop_crm.services.workbooks.refusal import Refused
from desktop_crm.services.workbooks.spool import SpooledRows, write_rows
from tests.services.import_support import company
from tests.workbooks.mutants import mutant, seeds
from tests.workbooks.support import known

if TYPE_CHECKING:
    from desktop_crm.services.session import Session

PATIENCE: Final = 30
"""Seconds a file may take here; a reading process has more, and ends too."""
WHOLE: Final = 40
"""Of so many files one is read as the program does, in a process of its own, and imported."""


class _Opened:
    """The spool of sheets that were written into memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def load(self, place: int) -> Any:
        return pickle.loads(self._data[place:])  # noqa: S301 - written above


def examine(name: str, data: bytes) -> None:
    """Read a file's content in this process and find its tables; anything but Refused and UserError is a fault."""
    from desktop_crm.services.workbooks.reading import read

    stem, _dot, suffix = name.rpartition(".")
    out = BytesIO()
    try:
        reading = read(data, stem=stem, suffix=f".{suffix}".lower())
        written = [(sheet, write_rows(out, rows)) for sheet, rows in reading.sheets]
    except (Refused, MemoryError):
        return
    spool: Any = _Opened(out.getvalue())
    for sheet, done in written:
        sheet.rows = SpooledRows(spool, done.places, done.count, done.width if done.width <= FILLED_UP else 0)
        sheet.gaps = done.gaps
    try:
        tables_of(Workbook(Path(name), reading.kind, [sheet for sheet, _done in written]))
    except UserError:
        return


def tables_of(workbook: Workbook) -> None:
    best_sheet(workbook, known)
    for sheet in workbook.sheets:
        _check(sheet, find_table(sheet, known))


def _check(sheet: Sheet, table: Any) -> None:
    """Every filled row below the headings is data or left out with a reason, never both and never neither."""
    if table is None:
        return
    assert set(table.rows).isdisjoint(row for row, _reason in table.excluded)
    assert all(0 <= row < len(sheet.rows) for row in table.rows)


def imported(session: Session, folder: Path, name: str, data: bytes) -> None:
    """Read a file as the program does and try out its import; raises whatever comes of it but UserError."""
    from desktop_crm.services import importing

    path = folder / f"file{Path(name).suffix}"
    path.write_bytes(data)
    try:
        source = importing.open_source(session, "customer", path)
        mapping = importing.mapping_of(importing.guess_mapping(session, source))
        done = importing.run_import(session, source, importing.Options(mapping, keep_good=True, dry_run=True)).result
    except UserError:
        return
    assert done.rows == done.added + done.updated + done.skipped + done.refused


def work(first: int, progress: Path, until: float, last: int) -> None:
    """Examine the files from seed `first` on; `progress` says which one is at work and what went wrong."""
    from desktop_crm.services.workbooks import child

    child._limit(child_memory(), 24 * 3600)
    files = seeds()
    with progress.open("a", encoding="utf-8") as said:
        for seed in range(first, last):
            if time.monotonic() > until:
                break
            print(f"at {seed}", file=said, flush=True)
            name, data = mutant(files, seed)
            try:
                examine(name, data)
            except BaseException:  # noqa: BLE001 - that is what is looked for
                print(f"fault {seed} {name} {traceback.format_exc()!r}", file=said, flush=True)
        print("end", file=said, flush=True)


def child_memory() -> int:
    from desktop_crm.services.workbooks.reader import MEMORY

    return MEMORY


def hunt(*, minutes: float, seed: int, most: int = 10**9) -> tuple[int, list[str], list[int]]:
    """Return how many files were read, what went wrong, and the seeds of those that ended or stopped a reading process."""
    until, faults, deadly = time.monotonic() + 60 * minutes, [], []
    following, last = seed, seed + most
    files = seeds()
    with tempfile.TemporaryDirectory() as place, company(f"sqlite:///{place}/company.sqlite3") as session:
        folder = Path(place)
        while time.monotonic() < until and following < last:
            progress = folder / f"progress{following}"
            progress.touch()
            reached, ended, found = _watch(progress, following, until, last)
            faults += found
            following = reached + 1
            if ended:
                break
            deadly.append(reached)
            name, data = mutant(files, reached)
            faults += _as_the_program_does(session, folder, reached, name, data)
        # A few whole imports with the seeds that were read.
        for number in range(seed, min(following, last), WHOLE if most > WHOLE else max(most // 4, 1)):
            if time.monotonic() > until + 60 * minutes / 4:
                break
            faults += _as_the_program_does(session, folder, number, *mutant(files, number))
    return following - seed, faults, deadly


def _watch(progress: Path, first: int, until: float, last: int) -> tuple[int, bool, list[str]]:
    """Run a process that examines files; return the last seed it came to, whether it ended by itself, and the faults it told."""
    command = [sys.executable, "-m", "tests.workbooks.fuzz", "--worker", str(first), str(progress), str(until), str(last)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        size, since = 0, time.monotonic()
        while process.poll() is None:
            time.sleep(0.05)
            if progress.stat().st_size != size:
                size, since = progress.stat().st_size, time.monotonic()
            elif time.monotonic() - since > PATIENCE:
                process.kill()
        lines = progress.read_text(encoding="utf-8").splitlines()
    at = [int(line.split()[1]) for line in lines if line.startswith("at ")]
    faults = [line for line in lines if line.startswith("fault ")]
    return at[-1] if at else first, lines[-1:] == ["end"], faults


def _as_the_program_does(session: Session, folder: Path, seed: int, name: str, data: bytes) -> list[str]:
    try:
        imported(session, folder, name, data)
    except Exception:  # noqa: BLE001 - that is what is looked for
        return [f"fault {seed} {name} {traceback.format_exc()!r}"]
    return []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--one", type=int)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--worker", nargs=4)
    options = parser.parse_args()
    if options.worker:
        first, progress, until, last = options.worker
        work(int(first), Path(progress), float(until), int(last))
        return 0
    if options.one is not None:
        name, data = mutant(seeds(), options.one)
        if options.keep:
            (options.keep / f"{options.one}-{name}").write_bytes(data)
        examine(name, data)
        try:
            path = Path(tempfile.mkdtemp()) / f"file{Path(name).suffix}"
            path.write_bytes(data)
            tables_of(read_workbook(path))
        except UserError as problem:
            print(problem.message)
        return 0
    started = time.monotonic()
    count, faults, deadly = hunt(minutes=options.minutes, seed=options.seed)
    for fault in faults:
        print(fault.encode().decode("unicode_escape", "replace") if options.minutes < 0 else fault)
    print(f"{count:,} files in {time.monotonic() - started:.0f} s, {len(deadly)} ended or stopped a reading process {deadly[:20]}, {len(faults)} faults")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
