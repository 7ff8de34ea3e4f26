"""A workbook of one list: XlsxWriter makes all of it but the rows, which are written here as they come.

Formats, widths, the frozen headings and the filter are the library's; a cell through its interface costs as much as a whole row here.
Only the rows of one piece are in memory. ECMA-376 part 1, 18.3.1.4 (cells) and 22.9.2.19 (escaped characters).
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

import xlsxwriter

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.services.workbooks.cellvalues import DATE_FORMAT, DATETIME_FORMAT, FIRST_YEAR, ColumnOut, as_text, held, plain, width_of
from desktop_crm.services.workbooks.parts import column_letters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    Tail = Callable[[Any], str]

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
_SHEET: Final = "xl/worksheets/sheet1.xml"
_REMEMBERED: Final = 5000
_EPOCH: Final = date(1899, 12, 31).toordinal()
# Serial 60 is the 29th of February 1900, which never was.
_PHANTOM: Final = 59
_DAY_SECONDS: Final = 86_400
_SURE_DIGITS: Final = 15
_AWKWARD: Final = re.compile("[&<>\\x00-\\x08\\x0b-\\x1f\\ud800-\\udfff\\ufffe\\uffff]|\\A\\s|\\s\\Z|_x[0-9A-Fa-f]{4}_")
_CONTROLS: Final = re.compile("[\\x00-\\x08\\x0b-\\x1f]")
_NEVER: Final = re.compile("[\\ud800-\\udfff\\ufffe\\uffff]")


@dataclass(frozen=True)
class _Frame:
    """The workbook around its rows: the sheet's XML before and after them, the other parts, and the style of each column and of its total."""

    before: str
    after: str
    parts: dict[str, bytes]
    styles: list[str]
    totals: list[str]


def _frame(columns: Sequence[ColumnOut], title: str, widths: Sequence[float], last_row: int) -> _Frame:
    """Make a workbook with a row of nothing but formats below the headings, and take it apart; `last_row` is the filter's last, from 0."""
    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet()
    header = 0
    if title:
        sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
        header = 1
    heading = book.add_format({"bold": True, "bg_color": "#E8EDF3", "bottom": 1, "valign": "vcenter"})
    for index, column in enumerate(columns):
        usual = book.add_format({"num_format": _number_format(column), "valign": "top"})
        sheet.write_string(header, index, column.heading, heading)
        sheet.write_blank(header + 1, index, None, usual)
        sheet.write_blank(header + 2, index, None, book.add_format({"num_format": _number_format(column), "bold": True, "top": 1}))
        sheet.set_column(index, index, widths[index], usual)
    sheet.freeze_panes(header + 1, 0)
    if columns:
        sheet.autofilter(header, 0, max(last_row, header), len(columns) - 1)
    book.close()
    with zipfile.ZipFile(made) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = re.sub("<dimension [^>]*>", "", parts.pop(_SHEET).decode(), count=1)
    rows = [re.findall(r' s="([0-9]+)"', row) for row in re.findall(r"<row [^>]*>(.*?)</row>", text)[header + 1 :]]
    usual_styles, total_styles = rows or ([], [])
    end = text.index("</sheetData>") if "</sheetData>" in text else text.index("<sheetData/>")
    begin = text.find(f'<row r="{header + 2}"')
    if begin < 0:
        return _Frame(text[:end] + "<sheetData>", text[end:].replace("<sheetData/>", "</sheetData>"), parts, [], [])
    return _Frame(text[:begin], text[end:], parts, usual_styles, total_styles)


def _number_format(column: ColumnOut) -> str:
    decimals = "." + "0" * column.scale if column.scale else ""
    return {
        "text": "@", "integer": "0", "number": f"#,##0{decimals}", "money": f"#,##0{decimals}", "percent": f"0{decimals}%",
        "date": DATE_FORMAT, "datetime": DATETIME_FORMAT,
    }[column.kind]  # fmt: skip


class _TooLong(Exception):
    """A text is longer than a cell holds."""


class _Tails(dict[Any, str]):
    """The end of a cell's XML, after the number of its row, by its value; texts and dates that come again are written once."""

    def __init__(self, make: Callable[[Any], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: Any) -> str:
        made = self._make(value)
        # Not numbers: 1 and True are equal.
        if len(self) < _REMEMBERED and type(value) in (str, date, datetime):
            self[value] = made
        return made


class _Cells:
    """Writes the ends of a column's cells, by what their values are."""

    def __init__(self, column: ColumnOut, style: str) -> None:
        self._column = column
        self._number = f'" s="{style}"><v>'
        self._text = f'" s="{style}" t="inlineStr"><is><t>'
        self._spaced = f'{self._text.removesuffix(">")} xml:space="preserve">'
        self._counts = column.kind not in {"text", "date", "datetime"}

    def tail(self) -> Tail:
        """Return what writes one; the hash of a Decimal costs more than writing it, so numbers aren't remembered."""
        return self.make if self._column.kind in {"number", "money", "percent"} else _Tails(self.make).__getitem__

    def make(self, value: object) -> str:
        if type(value) is str:
            return self.text(value)
        if self._counts and (type(value) is Decimal or type(value) is int):
            # A number of so few characters has no more digits than Excel keeps, and is written with those it has, never as a binary fraction.
            digits = str(value)
            if len(digits) <= _SURE_DIGITS and digits[-1].isdigit() and "E" not in digits:
                return f"{self._number}{digits}</v></c>"
        return self.other(plain(value))

    def other(self, value: object) -> str:
        if isinstance(value, (int, Decimal)) and self._counts:
            number = held(value, self._column)
            if number is not None:
                return f"{self._number}{number:.16G}</v></c>"
        if isinstance(value, date) and value.year >= FIRST_YEAR and self._column.kind != "text":
            return f"{self._number}{_serial(value)}</v></c>"
        return self.text(as_text(value))

    def text(self, text: str) -> str:
        if len(text) > LONGEST_TEXT:
            raise _TooLong(self._column.heading)
        if not text.isalnum() and _AWKWARD.search(text):
            return f"{self._spaced}{_escaped(text)}</t></is></c>"
        return f"{self._text}{text}</t></is></c>"


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

    def __init__(self, path: Path, columns: Sequence[ColumnOut], title: str, limit: int) -> None:
        if len(columns) > MOST_COLUMNS:
            raise UserError(_("Excel holds no more than {count} columns.").format(count=MOST_COLUMNS))
        self._path = path
        self._columns = columns
        self._title = title
        self._limit = limit
        self._first = 3 if title else 2

    def write(self, rows: Iterable[Sequence[object]], totals: Sequence[object] | None, progress: Callable[[int], None] | None) -> int:
        """Write all of it and return the number of rows; `totals` are asked for when the rows are written, and are left out where there is no room."""
        source = iter(rows)
        sample = list(islice(source, SAMPLE))
        widths = self._widths(sample, room=0 if totals is None else _ROOM_FOR_TOTAL)
        frame = _frame(self._columns, self._title, widths, self._first)
        with zipfile.ZipFile(self._path, "w", zipfile.ZIP_DEFLATED, compresslevel=_PACKING) as archive:
            with archive.open(_SHEET, "w") as out:
                out.write(frame.before.encode())
                count = 0
                for piece in self._pieces(frame, sample, source):
                    out.write(piece[0].encode())
                    count = piece[1]
                    if progress is not None and count % PIECE == 0:
                        progress(count)
                last = self._first + count - 1
                if totals is not None and last < self._limit:
                    out.write(self._totals(last + 1, totals, frame.totals).encode())
                frame = _frame(self._columns, self._title, widths, last - 1)
                out.write(frame.after.encode())
            for name, content in frame.parts.items():
                archive.writestr(name, content)
        return count

    def _pieces(self, frame: _Frame, sample: list[Sequence[object]], source: Iterator[Sequence[object]]) -> Iterator[tuple[str, int]]:
        """Yield the XML of some rows and how many there are so far."""
        number = self._first
        tails = self._tails(frame.styles)
        piece = sample + list(islice(source, PIECE - len(sample)))
        while piece:
            if number + len(piece) - 1 > self._limit:
                raise too_many_rows(self._limit)
            yield self._rows(number, piece, tails), number + len(piece) - self._first
            number += len(piece)
            piece = list(islice(source, PIECE))

    def _tails(self, styles: Sequence[str]) -> list[tuple[str, Tail]]:
        """Return what a cell of each column begins with, before the number of its row, and what writes the rest."""
        return [(f'<c r="{column_letters(index)}', _Cells(*pair).tail()) for index, pair in enumerate(zip(self._columns, styles, strict=True))]

    @staticmethod
    def _rows(number: int, piece: Sequence[Sequence[object]], tails: Sequence[tuple[str, Tail]]) -> str:
        """Return the XML of rows from `number` on; an empty cell is none, and has its column's format."""
        lines = []
        try:
            for values in piece:
                cells = [f"{opening}{number}{tail(value)}" for (opening, tail), value in zip(tails, values, strict=False) if value is not None]
                lines.append(f'<row r="{number}">{"".join(cells)}</row>')
                number += 1
        except _TooLong as problem:
            where = _("Row {row}, “{column}”").format(row=number, column=problem)
            raise UserError(_("{where}: the text is longer than the {count} characters a cell holds.").format(where=where, count=LONGEST_TEXT)) from problem
        return "".join(lines)

    def _totals(self, number: int, values: Sequence[object], styles: Sequence[str]) -> str:
        """Return the XML of the last row, whose line goes through empty cells too."""
        tails = self._tails(styles)
        empty = [f'{opening}{number}" s="{style}"/>' for (opening, _tail), style in zip(tails, styles, strict=True)]
        cells = [blank if value is None else f"{tail[0]}{number}{tail[1](value)}" for blank, tail, value in zip(empty, tails, values, strict=False)]
        return f'<row r="{number}">{"".join(cells)}</row>'

    def _widths(self, sample: Sequence[Sequence[object]], room: int) -> list[float]:
        found = []
        for index, column in enumerate(self._columns):
            shown = max((width_of(column, plain(row[index])) for row in sample if index < len(row)), default=0)
            shown += room if column.kind in {"number", "integer", "money"} else 0
            found.append(column.width or min(max(float(max(width_of(ColumnOut(""), column.heading) + 2, shown)), _NARROWEST), _WIDEST))
        return found


def too_many_rows(limit: int) -> UserError:
    """Return the refusal of a list that is longer than a sheet."""
    return UserError(_("An Excel sheet holds no more than {count} rows. Write a CSV file, or choose fewer rows.").format(count=limit))
