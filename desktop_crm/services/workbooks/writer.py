"""Lists written for Excel and WPS: .xlsx with real dates and numbers, and CSV."""

from __future__ import annotations

import csv
import errno
import os
from contextlib import contextmanager
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.services.workbooks.book import Book, too_many_rows
from desktop_crm.services.workbooks.cellvalues import ColumnOut, Kind, as_text, plain
from desktop_crm.services.workbooks.frame import Pages, SheetOut
from desktop_crm.services.workbooks.stored import Amounts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

__all__ = ["MOST_ROWS", "ColumnOut", "Kind", "Pages", "SheetOut", "too_many_rows", "write_book", "write_csv", "write_xlsx"]

MOST_ROWS: Final = 1_048_576
_STEP: Final = 500
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
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


def write_xlsx(
    path: Path,
    columns: Sequence[ColumnOut],
    rows: Iterable[Sequence[object]] | Pages,
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
    (count,) = write_book(path, [SheetOut(columns, rows, title=title, totals=totals)], progress=progress)
    return count


def write_book(path: Path, sheets: Sequence[SheetOut], *, progress: Callable[[int], None] | None = None) -> list[int]:
    """Write lists as the sheets of one .xlsx and return the number of rows of each; otherwise as `write_xlsx`.

    `progress` is told the rows of all sheets so far.
    """
    with replacing(path) as temporary:
        counts = Book(temporary, sheets, MOST_ROWS).write(progress)
    if progress is not None:
        progress(sum(counts))
    return counts


def write_csv(
    path: Path,
    columns: Sequence[ColumnOut],
    rows: Iterable[Sequence[object]] | Pages,
    *,
    totals: Sequence[object] | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write a list as CSV in UTF-8 with a byte order mark, as Excel needs it for Chinese, and return the number of rows.

    A text that a spreadsheet would take for a formula gets an apostrophe in front, which reading takes off again. `totals` and
    `progress` are as for write_xlsx. Raises UserError when the file can't be written.
    """
    count = 0
    with replacing(path) as temporary:
        with temporary.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(_csv_cells([column.heading for column in columns]))
            for page in rows.columns if isinstance(rows, Pages) else _by_columns(rows):
                writer.writerows(zip(*map(_csv_cells, page), strict=True))
                count += len(page[0])
                if progress is not None:
                    progress(count)
            if totals is not None:
                writer.writerow(_csv_cells(totals))
        if progress is not None:
            progress(count)
    return count


def _by_columns(rows: Iterable[Sequence[object]]) -> Iterator[list[Sequence[object]]]:
    """Yield the columns of some rows after the other; rows may be of different lengths."""
    source = iter(rows)
    while piece := list(islice(source, _STEP)):
        yield list(zip_longest(*piece)) or [[None] * len(piece)]


def _csv_cells(values: Sequence[object]) -> list[str]:
    """Return cells as they stand in a CSV file."""
    if isinstance(values, Amounts):
        return values.texts()
    kinds = set(map(type, values))
    if kinds == {str} and not any(value and value[0] in _DANGEROUS for value in values):  # type: ignore[index]  # a text
        return list(values)  # type: ignore[arg-type]  # texts
    return [_csv_cell(value) for value in values]


def _csv_cell(value: object) -> str:
    cell = plain(value)
    if cell is None:
        return ""
    text = as_text(cell)
    return "'" + text if isinstance(cell, str) and text.startswith(_DANGEROUS) else text
