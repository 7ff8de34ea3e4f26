"""Lists written for Excel and WPS: .xlsx with real dates and numbers, and CSV."""

from __future__ import annotations

import csv
import errno
import os
import unicodedata
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import uuid4

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

MOST_ROWS: Final = 1_048_576
MOST_COLUMNS: Final = 16_384
LONGEST_TEXT: Final = 32_767
_EXACT_DIGITS: Final = 15
# Normalising in the usual context would round to 28 digits.
_WIDE: Final = Context(prec=100)
_SAMPLE: Final = 300
_STEP: Final = 500
_NARROWEST, _WIDEST = 8.0, 50.0
_FIRST_YEAR: Final = 1900
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")
_DATE_FORMAT: Final = "yyyy-mm-dd"
_DATETIME_FORMAT: Final = "yyyy-mm-dd hh:mm"

Kind = Literal["text", "number", "integer", "money", "percent", "date", "datetime"]


@dataclass(frozen=True)
class ColumnOut:
    """A column to write; `width` is in characters, None measures it, `scale` is the number of decimals shown."""

    heading: str
    kind: Kind = "text"
    width: float | None = None
    scale: int = 2


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Give a temporary file beside `path` and put it in its place at the end; `path` keeps its content when anything fails."""
    # Not tempfile: its files are for one's own eyes only, and this one may be for the office's folder.
    temporary = path.with_name(f".~{uuid4().hex}{path.suffix}")
    try:
        temporary.open("xb").close()
    except OSError as error:
        raise _refused(path, error) from error
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _refused(path: Path, error: OSError) -> UserError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return UserError(_("There is no room left on the disk for “{name}”.").format(name=path.name))
    if not path.parent.is_dir():
        return UserError(_("The folder “{folder}” isn't there.").format(folder=path.parent))
    if path.is_dir():
        return UserError(_("“{name}” is a folder. Choose another name.").format(name=path.name))
    if path.exists() and os.access(path.parent, os.W_OK):
        return UserError(_("“{name}” can't be replaced. Close it in Excel or WPS and try again.").format(name=path.name))
    return UserError(_("The folder “{folder}” can't be written to. Choose another one.").format(folder=path.parent))


def _plain(value: object) -> object:
    """Return a value as it is written: instants in local time, text for what has no kind of its own."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return value.astimezone().replace(tzinfo=None) if value.tzinfo else value
    if value is None or isinstance(value, (int, Decimal, date)):
        return value
    return str(value)


def _held(value: Decimal | int, column: ColumnOut) -> Decimal | None:
    """Return the number for Excel, which keeps 15 digits: rounded to what the column shows if it must be, None if that is still longer."""
    number = Decimal(value)
    if not number.is_finite():
        return None
    if _digits(number) > _EXACT_DIGITS:
        places = {"percent": column.scale + 2, "integer": 0}.get(column.kind, column.scale)
        number = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _WIDE)
    return number if _digits(number) <= _EXACT_DIGITS else None


def _digits(number: Decimal) -> int:
    return len(number.normalize(_WIDE).as_tuple().digits)


def _cells(text: str) -> int:
    """Return the width of the longest line in characters; Chinese ones take two."""
    return max((sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line) for line in text.split("\n")), default=0)


class _Writer:
    """One sheet of one workbook, written row by row; only the row being written is in memory."""

    def __init__(self, path: Path, columns: Sequence[ColumnOut], title: str) -> None:
        if len(columns) > MOST_COLUMNS:
            raise UserError(_("Excel holds no more than {count} columns.").format(count=MOST_COLUMNS))
        self._columns = columns
        self._book = xlsxwriter.Workbook(path, {"constant_memory": True})
        self._sheet = self._book.add_worksheet()
        self._formats = [self._book.add_format({"num_format": _format(column), "valign": "top"}) for column in columns]
        self._totals = [self._book.add_format({"num_format": _format(column), "bold": True, "top": 1}) for column in columns]
        self._widths = [_cells(column.heading) + 3 for column in columns]
        self.row = 0
        if title:
            self._sheet.write_string(0, 0, title, self._book.add_format({"bold": True, "font_size": 14}))
            self.row = 1
        self.header_row = self.row
        heading = self._book.add_format({"bold": True, "bg_color": "#E8EDF3", "bottom": 1, "valign": "vcenter"})
        for index, column in enumerate(columns):
            self._sheet.write_string(self.row, index, column.heading, heading)
        self._sheet.freeze_panes(self.row + 1, 0)
        self.row += 1

    def add(self, values: Sequence[object], *, total: bool = False) -> None:
        if self.row >= MOST_ROWS:
            raise UserError(
                _("An Excel sheet holds no more than {count} rows. Write a CSV file, or choose fewer rows.").format(count=MOST_ROWS)
            )
        measured = self.row <= _SAMPLE or total
        for index, value in enumerate(values):
            shown = self._put(index, _plain(value), (self._totals if total else self._formats)[index])
            if measured:
                self._widths[index] = max(self._widths[index], shown)
        self.row += 1

    def _put(self, index: int, value: object, style: Any) -> int:
        """Write one cell by what the value is; return its width."""
        if value is None:
            self._sheet.write_blank(self.row, index, None, style)
            return 0
        column = self._columns[index]
        if isinstance(value, (int, Decimal)) and column.kind not in {"text", "date", "datetime"}:
            number = _held(value, column)
            if number is not None:
                # A Decimal of 15 digits is written with those digits; it never becomes a binary fraction of other digits.
                self._sheet.write_number(self.row, index, number, style)
                return _cells(f"{number:,.{column.scale}f}") + 1
        if isinstance(value, date) and value.year >= _FIRST_YEAR and column.kind != "text":
            self._sheet.write_datetime(self.row, index, value, style)
            return len(_DATETIME_FORMAT if isinstance(value, datetime) else _DATE_FORMAT) + 1
        text = _as_text(value)
        if len(text) > LONGEST_TEXT:
            where = _("Row {row}, “{column}”").format(row=self.row + 1, column=column.heading)
            raise UserError(
                _("{where}: the text is longer than the {count} characters a cell holds.").format(where=where, count=LONGEST_TEXT)
            )
        self._sheet.write_string(self.row, index, text, style)
        return _cells(text[:200]) + 1

    def abandon(self) -> None:
        """Drop what was written: the library keeps the rows in a file of its own until the end."""
        self._sheet.row_data_fh.close()
        Path(self._sheet.row_data_filename).unlink(missing_ok=True)

    def close(self, last_row: int) -> None:
        """Finish the file; the filter covers the rows up to `last_row`, not the totals below."""
        if self._columns:
            self._sheet.autofilter(self.header_row, 0, max(last_row, self.header_row), len(self._columns) - 1)
        for index, column in enumerate(self._columns):
            self._sheet.set_column(index, index, column.width or min(max(float(self._widths[index]), _NARROWEST), _WIDEST))
        self._book.close()


def _format(column: ColumnOut) -> str:
    decimals = "." + "0" * column.scale if column.scale else ""
    return {
        "text": "@",
        "integer": "0",
        "number": f"#,##0{decimals}",
        "money": f"#,##0{decimals}",
        "percent": f"0{decimals}%",
        "date": _DATE_FORMAT,
        "datetime": _DATETIME_FORMAT,
    }[column.kind]


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def write_xlsx(
    path: Path,
    columns: Sequence[ColumnOut],
    rows: Iterable[Sequence[object]],
    *,
    title: str = "",
    totals: Sequence[object] | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write a list as .xlsx and return the number of rows.

    Dates and numbers are written as such, texts always as texts: an identifier keeps its zeros and nothing becomes a formula. A number
    of more than 15 digits is rounded to the column's scale, and written as text where Excel would still change it. `totals` is a row below, outside of the filter. `progress`
    is told the rows written so far and may raise Cancelled. The file appears at once when it is complete. Raises UserError when it
    can't be written, holds more rows than a sheet, or a text longer than a cell.
    """
    count = 0
    with _replacing(path) as temporary:
        writer = _Writer(temporary, columns, title)
        try:
            for count, row in enumerate(rows, start=1):
                writer.add(row)
                if progress is not None and count % _STEP == 0:
                    progress(count)
            last_row = writer.row - 1
            if totals is not None:
                writer.add(totals, total=True)
            writer.close(last_row)
        except XlsxWriterException as error:
            writer.abandon()
            raise UserError(_("“{name}” can't be written: {reason}").format(name=path.name, reason=error)) from error
        except BaseException:
            writer.abandon()
            raise
    if progress is not None:
        progress(count)
    return count


def write_csv(
    path: Path,
    columns: Sequence[ColumnOut],
    rows: Iterable[Sequence[object]],
    *,
    totals: Sequence[object] | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write a list as CSV in UTF-8 with a byte order mark, as Excel needs it for Chinese, and return the number of rows.

    A text that a spreadsheet would take for a formula gets an apostrophe in front, which reading takes off again. `totals` and
    `progress` are as for write_xlsx. Raises UserError when the file can't be written.
    """
    count = 0
    with _replacing(path) as temporary:
        with temporary.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([_csv_cell(column.heading) for column in columns])
            for count, row in enumerate(rows, start=1):
                writer.writerow([_csv_cell(value) for value in row])
                if progress is not None and count % _STEP == 0:
                    progress(count)
            if totals is not None:
                writer.writerow([_csv_cell(value) for value in totals])
        if progress is not None:
            progress(count)
    return count


def _csv_cell(value: object) -> str:
    plain = _plain(value)
    if plain is None:
        return ""
    text = _as_text(plain)
    return "'" + text if isinstance(plain, str) and text.startswith(_DANGEROUS) else text
