"""The rows of a sheet between the process that reads it and the program: pieces in a file, of which few are in memory at a time.

A million rows as objects would fill gigabytes; as pieces they cost the memory of a few thousand, and a row is there as fast.
"""

from __future__ import annotations

import os
import pickle
import shutil
import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from desktop_crm.services.workbooks.lazy_rows import LazyRows

if TYPE_CHECKING:
    from pathlib import Path

    from desktop_crm.services.workbooks.cells import Cell

AT_ONCE: Final = 250
"""Rows a piece."""
MOST_GAPS: Final = 2000
HELD: Final = 16
"""Pieces a sheet keeps in memory."""
_SAFE: Final = frozenset(
    (
        ("decimal", "Decimal"),
        ("datetime", "date"),
        ("datetime", "datetime"),
        ("datetime", "time"),
        ("desktop_crm.services.workbooks.cells", "CellError"),
    )
)


class Answers(pickle.Unpickler):
    """Reads the reading process's answers: only plain values, whatever a hostile file made of that process."""

    def find_class(self, module: str, name: str) -> Any:
        """Return a class that is a plain value's; raises UnpicklingError for any other."""
        if (module, name) not in _SAFE:
            raise pickle.UnpicklingError(name)
        return super().find_class(module, name)


@dataclass
class Written:
    """What of a sheet's rows was written: where each piece begins, how many rows, the last filled column (from 1), and whether any cell says anything.

    `gaps` are the first of the rows that follow an empty one.
    """

    places: list[int] = field(default_factory=list)
    count: int = 0
    width: int = 0
    says_something: bool = False
    gaps: list[int] = field(default_factory=list)


def write_rows(out: BinaryIO, rows: Iterable[list[Cell]]) -> Written:
    """Write rows in pieces, each pickled by itself, without the empty cells at a row's end and the empty rows at the sheet's."""
    done = Written()
    piece: list[list[Cell]] = []
    idle = 0
    blank = False
    for row in rows:
        while row and row[-1] is None:
            row.pop()
        if not row:
            idle += 1
            continue
        done.width = max(done.width, len(row))
        # The last cell is there; only where it is nothing but blanks the others have to be asked.
        filled = type(row[-1]) is not str or not row[-1].isspace() or any(cell is not None and (not isinstance(cell, str) or cell.strip()) for cell in row)
        done.says_something = done.says_something or filled
        if filled and (idle or blank) and done.count and len(done.gaps) < MOST_GAPS:
            done.gaps.append(done.count + idle)
        blank = not filled
        done.count += idle + 1
        piece += [[] for _row in range(idle)]
        idle = 0
        piece.append(row)
        while len(piece) >= AT_ONCE:
            _write(out, done, piece[:AT_ONCE])
            del piece[:AT_ONCE]
    if piece:
        _write(out, done, piece)
    return done


def _write(out: BinaryIO, done: Written, piece: list[list[Cell]]) -> None:
    done.places.append(out.tell())
    pickle.dump(piece, out, pickle.HIGHEST_PROTOCOL)


class Spool:
    """An open file of pieces; it and its folder are gone when nobody needs it any more, at the program's end at the latest.

    Where the system lets an open file lose its name, that is at once: whatever ends the program, nothing is left.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._lock = threading.Lock()
        if os.name == "posix":
            shutil.rmtree(path.parent, ignore_errors=True)
            weakref.finalize(self, self._file.close)
        else:
            weakref.finalize(self, _drop, self._file, path.parent)

    def end(self, size: int) -> bytes:
        """Return the last bytes of the file."""
        with self._lock:
            self._file.seek(-size, os.SEEK_END)
            return self._file.read()

    def load(self, place: int) -> Any:
        """Return the object that begins at `place`."""
        with self._lock:
            self._file.seek(place)
            return Answers(self._file).load()


def _drop(file: BinaryIO, folder: Path) -> None:
    file.close()
    shutil.rmtree(folder, ignore_errors=True)


class SpooledRows(LazyRows):
    """The rows of a sheet as a list shows them; `width` makes all of them equally long, 0 leaves them as they are written."""

    def __init__(self, spool: Spool, places: Sequence[int], count: int, width: int) -> None:
        self._spool = spool
        self._places = places
        self._count = count
        self._width = width
        self._held: OrderedDict[int, list[list[Cell]]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._count

    def row(self, place: int) -> list[Cell]:
        """Return a row of the piece that holds it."""
        return self._piece(place // AT_ONCE)[place % AT_ONCE]

    def __iter__(self) -> Iterator[list[Cell]]:
        for number in range(len(self._places)):
            yield from self._piece(number)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as a list's

    def _piece(self, number: int) -> list[list[Cell]]:
        with self._lock:
            piece = self._held.get(number)
            if piece is None:
                piece = self._spool.load(self._places[number])
                for row in piece if self._width else ():
                    row.extend([None] * (self._width - len(row)))
                self._held[number] = piece
                if len(self._held) > HELD:
                    self._held.popitem(last=False)
            return piece
