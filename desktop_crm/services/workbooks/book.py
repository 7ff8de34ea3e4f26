"""Workbooks whose rows are written as they come, inside a frame that a library makes.

A cell through the library's interface costs as much as a whole row here. Only the rows of one piece are in memory. ECMA-376 part 1,
18.3.1.4 (cells) and 22.9.2.19 (escaped characters).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import IO, TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.services.workbooks.cellvalues import FIRST_YEAR, ColumnOut, as_text, held, plain, width_of
from desktop_crm.services.workbooks.frame import Around, Pages, SheetOut, frames, part_of
from desktop_crm.services.workbooks.parts import column_letters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

MOST_COLUMNS: Final = 16_384
LONGEST_TEXT: Final = 32_767
PIECE: Final = 500
"""Rows that are written at a time, and after which progress is told."""
SAMPLE: Final = 300
"""Rows by which the columns' widths are measured."""
# A tenth larger than the best and five times as fast.
_PACKING: Final = 2
_NARROWEST, _WIDEST = 8.0, 50.0
_ROOM_FOR_TOTAL: Final = 6
"""Characters a sum may be longer than what it sums; it isn't known when the columns get their widths."""
_REMEMBERED: Final = 5000
_EPOCH: Final = date(1899, 12, 31).toordinal()
# Serial 60 is the 29th of February 1900, which never was.
_PHANTOM: Final = 59
_DAY_SECONDS: Final = 86_400
_SURE_DIGITS: Final = 15
_TEXTS: Final = frozenset((str, type(None)))
_NUMBERS: Final = frozenset((int, Decimal, type(None)))
_SIGNS: Final = ("&", "<", ">", "_x")
_AWKWARD: Final = re.compile("[&<>\\x00-\\x08\\x0b-\\x1f\\ud800-\\udfff\\ufffe\\uffff]|\\A\\s|\\s\\Z|_x[0-9A-Fa-f]{4}_")
_CONTROLS: Final = re.compile("[\\x00-\\x08\\x0b-\\x1f]")
_Page = Sequence[Sequence[Any]]
"""The columns of some rows."""
_NEVER: Final = re.compile("[\\ud800-\\udfff\\ufffe\\uffff]")


class _TooLong(Exception):
    """A text is longer than a cell holds."""


class _Tails(dict[Any, str]):
    """The end of a cell's XML, after the number of its row, by its value; texts and dates that come again are written once."""

    def __init__(self, make: Callable[[Any], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: Any) -> str:
        made = self._make(value)
        # Not numbers: 1 and True are equal, and the hash of a Decimal costs more than writing it.
        if len(self) < _REMEMBERED and type(value) in (str, date, datetime):
            self[value] = made
        return made


class _Cells:
    """Writes a column's cells, many at a time: what holds of all of them is looked at once."""

    def __init__(self, index: int, column: ColumnOut, style: str) -> None:
        self._column = column
        self._opening = f'<c r="{column_letters(index)}'
        self._number = f'" s="{style}"><v>'
        self._text = f'" s="{style}" t="inlineStr"><is><t>'
        self._spaced = f'{self._text.removesuffix(">")} xml:space="preserve">'
        self._counts = column.kind not in {"text", "date", "datetime"}
        self._tails = _Tails(self._make)
        self.empty = f'" s="{style}"/>'

    def many(self, numbers: Sequence[str], values: Sequence[object]) -> list[str]:
        """Return the XML of the cells of some rows, with nothing for an empty one."""
        kinds = set(map(type, values))
        opening = self._opening
        if kinds <= _TEXTS and (texts := _plain_texts(values)) is not None:
            before = self._text
            return [f"{opening}{number}{before}{text}</t></is></c>" if text else "" for number, text in zip(numbers, texts, strict=True)]
        if kinds <= _NUMBERS and self._counts and (digits := _sure_digits(values)) is not None:
            before = self._number
            return [f"{opening}{number}{before}{figure}</v></c>" if figure else "" for number, figure in zip(numbers, digits, strict=True)]
        tails = self._tails
        return ["" if value is None else f"{opening}{number}{tails[value]}" for number, value in zip(numbers, values, strict=True)]

    def one(self, number: int, value: object) -> str:
        """Return the XML of one cell, an empty one included."""
        return f"{self._opening}{number}{self.empty if value is None else self._make(value)}"

    def _make(self, value: object) -> str:
        return self._make_text(value) if type(value) is str else self._make_other(plain(value))

    def _make_other(self, value: object) -> str:
        if isinstance(value, (int, Decimal)) and self._counts:
            number = held(value, self._column)
            if number is not None:
                return f"{self._number}{number:.16G}</v></c>"
        if isinstance(value, date) and value.year >= FIRST_YEAR and self._column.kind != "text":
            return f"{self._number}{_serial(value)}</v></c>"
        return self._make_text(as_text(value))

    def _make_text(self, text: str) -> str:
        if len(text) > LONGEST_TEXT:
            raise _TooLong(self._column.heading)
        if not text.isalnum() and _AWKWARD.search(text):
            return f"{self._spaced}{_escaped(text)}</t></is></c>"
        return f"{self._text}{text}</t></is></c>"


def _plain_texts(values: Sequence[Any]) -> Sequence[str | None] | None:
    """Return texts that are written as they are; None where one of them may not be."""
    joined = "|".join(filter(None, values))
    # What can't be printed – controls, line breaks, rare blanks – is looked at one by one, as are blanks at either end.
    if not joined.isprintable() or len(joined) > LONGEST_TEXT * len(values) or any(sign in joined for sign in _SIGNS):
        return None
    if " " in joined and (joined[0] == " " or joined[-1] == " " or " |" in joined or "| " in joined):
        return None
    return None if len(joined) > LONGEST_TEXT and max(map(len, filter(None, values))) > LONGEST_TEXT else values


def _sure_digits(values: Sequence[Any]) -> list[str] | None:
    """Return numbers as texts, where each has no more digits than Excel keeps: they are written with those they have, never as a binary fraction."""
    digits = ["" if value is None else str(value) for value in values]
    if max(map(len, digits)) > _SURE_DIGITS:
        return None
    joined = "".join(digits)
    return None if "E" in joined or "N" in joined or "I" in joined else digits


def _escaped(text: str) -> str:
    text = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    text = _CONTROLS.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return escape(_NEVER.sub("\ufffd", text))


def _serial(value: date) -> str:
    """Return the number that stands for a date or a time in Excel."""
    days = value.toordinal() - _EPOCH
    days += days > _PHANTOM
    if not isinstance(value, datetime):
        return str(days)
    seconds = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 10**6
    return f"{days + seconds / _DAY_SECONDS:.16G}"


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


def _writers(columns: Sequence[ColumnOut], styles: Sequence[str]) -> list[_Cells]:
    return [_Cells(index, *pair) for index, pair in enumerate(zip(columns, styles, strict=True))]


def _rows(number: int, page: _Page, writers: Sequence[_Cells]) -> str:
    """Return the XML of rows from `number` on; an empty cell is none, and has its column's format."""
    numbers = [str(row) for row in range(number, number + len(page[0]))]
    heads = [f'<row r="{row}">' for row in numbers]
    try:
        cells = [writer.many(numbers, values) for writer, values in zip(writers, page, strict=False)]
    except _TooLong as problem:
        where = _("Row {row}, “{column}”").format(row=number + _too_long(page), column=problem)
        raise UserError(_("{where}: the text is longer than the {count} characters a cell holds.").format(where=where, count=LONGEST_TEXT)) from problem
    return "</row>".join(map("".join, zip(heads, *cells, strict=True))) + "</row>"


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
