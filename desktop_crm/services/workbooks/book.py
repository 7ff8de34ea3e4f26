"""Workbooks whose rows are written as they come, inside a frame that a library makes.

A cell through the library's interface costs as much as a whole row here. Only the rows of one piece are in memory.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import IO, TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.services.workbooks.cellvalues import ColumnOut, plain, width_of
from desktop_crm.services.workbooks.cellxml import LONGEST_TEXT, Cells, TooLong, rows
from desktop_crm.services.workbooks.frame import Around, Pages, SheetOut, frames, part_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

MOST_COLUMNS: Final = 16_384
PIECE: Final = 500
"""Rows that are written at a time, and after which progress is told."""
SAMPLE: Final = 300
"""Rows by which the columns' widths are measured."""
# A tenth larger than the best and five times as fast.
_PACKING: Final = 2
_NARROWEST, _WIDEST = 8.0, 50.0
_ROOM_FOR_TOTAL: Final = 6
"""Characters a sum may be longer than what it sums; it isn't known when the columns get their widths."""
_Page = Sequence[Sequence[Any]]
"""The columns of some rows."""


class Book:
    """A workbook that is being written to `path`; `limit` is the last row a sheet has, as Excel counts."""

    def __init__(self, path: Path, sheets: Sequence[SheetOut], limit: int) -> None:
        if any(len(sheet.columns) > MOST_COLUMNS for sheet in sheets):
            raise UserError(_("Excel holds no more than {count} columns.").format(count=MOST_COLUMNS))
        self._path = path
        self._sheets = sheets
        self._limit = limit
        self._widths: list[list[float]] = [[column.width or _NARROWEST for column in sheet.columns] for sheet in sheets]
        self._lasts = [sheet.header + 1 for sheet in sheets]

    def write(self, progress: Callable[[int], None] | None) -> list[int]:
        """Write all of it and return the number of rows of each sheet; totals are asked for when the rows are written, and are left out where there is no room.

        `progress` is told the rows of all sheets so far.
        """
        counts: list[int] = []
        with zipfile.ZipFile(self._path, "w", zipfile.ZIP_DEFLATED, compresslevel=_PACKING) as archive:
            for place, sheet in enumerate(self._sheets):
                with archive.open(part_of(place), "w") as out:
                    before = sum(counts)
                    counts.append(self._write(out, place, sheet, lambda done, before=before: progress(before + done) if progress else None))  # type: ignore[misc]
            for name, content in self._frames()[1].items():
                archive.writestr(name, content)
        return counts

    def _frames(self) -> tuple[list[Around], dict[str, bytes]]:
        return frames(self._sheets, self._widths, self._lasts)

    def _write(self, out: IO[bytes], place: int, sheet: SheetOut, step: Callable[[int], None]) -> int:
        pages = _pages(sheet)
        sample = next(pages, [])
        self._widths[place] = _widths(sheet.columns, sample, room=0 if sheet.totals is None else _ROOM_FOR_TOTAL)
        around = self._frames()[0][place]
        out.write(around.before.encode())
        count, first = 0, sheet.header + 2
        # Packing needs no interpreter: it runs beside the making of the next piece.
        with ThreadPoolExecutor(1, "packing") as packer:
            packed: Future[int] | None = None
            for text, count in self._pieces(sheet, around, chain([sample] if sample else [], pages)):
                if packed is not None:
                    packed.result()
                packed = packer.submit(out.write, text.encode())
                if count % PIECE == 0:
                    step(count)
            if packed is not None:
                packed.result()
        last = first + count - 1
        if sheet.totals is not None and last < self._limit:
            out.write(_totals(last + 1, sheet.columns, sheet.totals, around.totals).encode())
        self._lasts[place] = last - 1
        out.write(self._frames()[0][place].after.encode())
        return count

    def _pieces(self, sheet: SheetOut, around: Around, pages: Iterable[_Page]) -> Iterator[tuple[str, int]]:
        """Yield the XML of some rows and how many there are so far."""
        first = number = sheet.header + 2
        writers = _writers(sheet.columns, around.styles)
        for page in pages:
            if number + len(page[0]) - 1 > self._limit:
                raise too_many_rows(self._limit)
            yield _rows(number, page, writers), number + len(page[0]) - first
            number += len(page[0])


def _pages(sheet: SheetOut) -> Iterator[_Page]:
    """Yield the columns of some rows after the other, each column as long as they are; a sheet without columns has one of nothing."""
    if isinstance(sheet.rows, Pages):
        yield from sheet.rows.columns
        return
    source, width = iter(sheet.rows), max(len(sheet.columns), 1)
    while piece := list(islice(source, PIECE)):
        if any(len(values) != width for values in piece):
            piece = [[*values[:width], *[None] * (width - len(values))] for values in piece]
        yield list(zip(*piece, strict=True))


def _writers(columns: Sequence[ColumnOut], styles: Sequence[str]) -> list[Cells]:
    return [Cells(index, *pair) for index, pair in enumerate(zip(columns, styles, strict=True))]


def _rows(number: int, page: _Page, writers: Sequence[Cells]) -> str:
    """Return the XML of rows from `number` on."""
    try:
        return rows(number, page, writers)
    except TooLong as problem:
        where = _("Row {row}, “{column}”").format(row=number + _too_long(page), column=problem)
        raise UserError(_("{where}: the text is longer than the {count} characters a cell holds.").format(where=where, count=LONGEST_TEXT)) from problem


def _too_long(page: _Page) -> int:
    """Return the place of the first row with a text that no cell holds."""
    return min(place for values in page for place, value in enumerate(values) if isinstance(value, str) and len(value) > LONGEST_TEXT)


def _totals(number: int, columns: Sequence[ColumnOut], values: Sequence[object], styles: Sequence[str]) -> str:
    """Return the XML of the last row, whose line goes through empty cells too."""
    cells = [writer.one(number, value) for writer, value in zip(_writers(columns, styles), values, strict=False)]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _widths(columns: Sequence[ColumnOut], sample: _Page, room: int) -> list[float]:
    found = []
    for column, values in zip(columns, sample or [()] * len(columns), strict=False):
        shown = max((width_of(column, plain(value)) for value in values[:SAMPLE]), default=0)
        shown += room if column.kind in {"number", "integer", "money"} else 0
        found.append(column.width or min(max(float(max(width_of(ColumnOut(""), column.heading) + 2, shown)), _NARROWEST), _WIDEST))
    return found


def too_many_rows(limit: int) -> UserError:
    """Return the refusal of a list that is longer than a sheet."""
    return UserError(_("An Excel sheet holds no more than {count} rows. Write a CSV file, or choose fewer rows.").format(count=limit))
