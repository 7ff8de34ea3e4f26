"""The rows an import refused, as a workbook in the user's own layout, to be put right and imported again as it is.

Sheet, title rows, headings and columns are the file's; one more column behind them says what is wrong with each row.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import N_, _, in_every_language
from desktop_crm.domain.kind import cell_text
from desktop_crm.services.imports.columns import shown
from desktop_crm.services.imports.plain import NULL
from desktop_crm.services.imports.source import heading_key
from desktop_crm.services.workbooks.cells import FORMULA, CellError
from desktop_crm.services.workbooks.cellvalues import DATE_FORMAT, DATETIME_FORMAT, FIRST_YEAR
from desktop_crm.services.workbooks.cellxml import LONGEST_TEXT
from desktop_crm.services.workbooks.writer import replacing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from desktop_crm.services.imports.types import ImportResult, Source
    from desktop_crm.services.workbooks.cells import Cell

REASONS: Final = N_("Why it was refused")
_FORMATS: Final[dict[str, dict[str, Any]]] = {
    "text": {"num_format": "@"}, "date": {"num_format": DATE_FORMAT}, "datetime": {"num_format": DATETIME_FORMAT}, "number": {}, "long": {"num_format": "0"},
    "head": {"bold": True, "bg_color": "#EEF2F7", "border": 1, "border_color": "#C9D2DE", "num_format": "@", "text_wrap": True, "valign": "vcenter"},
    "why": {"font_color": "#B42318", "text_wrap": True, "valign": "top"}, "title": {"bold": True},
}  # fmt: skip
_IDENTIFIER: Final = 11
"""Digits from which a whole number is rather an identifier, as a telephone's, and is kept as a text."""
MOST_IN_MEMORY: Final = 20_000
"""Rows that are kept until all are written; with more the merged titles are left out, as they can only be written row by row."""
_NARROW, _WIDE, _WHY = 8, 40, 60
_SAMPLE: Final = 100
_NAME_LENGTH: Final = 31
_DIGITS: Final = 15


def is_reasons(heading: str) -> bool:
    """Tell whether a column is the reasons of an earlier refusal."""
    return heading_key(heading) in {heading_key(text) for text in in_every_language(REASONS)}


def _sheet_name(name: str) -> str:
    kept = "".join(sign for sign in name if sign not in "[]:*?/\\").strip("' ")
    return kept[:_NAME_LENGTH] or "Sheet1"


class _Writer:
    """Writes cells one by one, each as what it is."""

    def __init__(self, book: xlsxwriter.Workbook, source: Source) -> None:
        self._source = source
        self.formats = {name: book.add_format(how) for name, how in _FORMATS.items()}
        self.sheet = book.add_worksheet(_sheet_name(source.sheet.name))
        self._texts = {column for column in source.table.columns if any(_long(cell) for cell in source.cells(column, _SAMPLE))}

    def write(self, row: int, column: int, cell: Cell, *, damaged: bool = False, look: str = "text") -> None:
        """Write one cell; a number that has lost its digits stays a number, or becomes an error, so that it is refused again until it is put right."""
        if damaged and isinstance(cell, str):
            self._text(row, column, CellError("#VALUE!"), look)
        elif isinstance(cell, bool) or cell is None or isinstance(cell, (str, CellError)):
            self._text(row, column, cell, look)
        elif isinstance(cell, Decimal):
            self._number(row, column, cell, damaged=damaged)
        elif isinstance(cell, date) and cell.year >= FIRST_YEAR:
            self.sheet.write_datetime(row, column, cell, self.formats["datetime" if isinstance(cell, datetime) else "date"])
        else:
            self._text(row, column, cell_text(cell), look)

    def _text(self, row: int, column: int, cell: str | CellError | bool | None, look: str) -> None:  # noqa: FBT001 - a cell's own value
        if isinstance(cell, CellError):
            # As an error: a mere text, or nothing, would be taken for what the row says.
            code = "#N/A" if cell.code == FORMULA else cell.code
            self.sheet.write_formula(row, column, f"={code}", None, code)
        elif cell is not None and not (cell == NULL and self._source.workbook.kind == "csv"):
            self.sheet.write_string(row, column, cell_text(cell)[:LONGEST_TEXT], self.formats[look])

    def _number(self, row: int, column: int, cell: Decimal, *, damaged: bool) -> None:
        whole = cell == cell.to_integral_value()
        if damaged:
            self.sheet.write_number(row, column, float(cell), self.formats["long"])
        elif (column in self._texts and whole) or len(cell.normalize().as_tuple().digits) > _DIGITS:
            self.sheet.write_string(row, column, cell_text(cell), self.formats["text"])
        else:
            self.sheet.write_number(row, column, float(cell), self.formats["number"])


def _long(cell: Cell) -> bool:
    return isinstance(cell, Decimal) and cell == cell.to_integral_value() and abs(cell) >= 10 ** (_IDENTIFIER - 1)


def write_refused(source: Source, result: ImportResult, path: Path) -> int:
    """Write the refused rows of an import as .xlsx and return how many they are; raises UserError where there are none or the file can't be written."""
    return write_refused_sheets([(source, result)], path)


def write_refused_sheets(imported: Sequence[tuple[Source, ImportResult]], path: Path) -> int:
    """Write the refused rows of several sheets of a workbook, each as a sheet of its own; otherwise as `write_refused`."""
    found = [(source, reasons) for source, result in imported if (reasons := _reasons(result))]
    count = sum(len(reasons) for _source, reasons in found)
    if not count:
        raise UserError(_("No row was refused, so there is nothing to save"))
    how = {"constant_memory": count > MOST_IN_MEMORY, "strings_to_formulas": False, "strings_to_urls": False}
    with replacing(path) as temporary, xlsxwriter.Workbook(str(temporary), how) as book:
        for source, reasons in found:
            _fill(_Writer(book, source), source, reasons)
    return count


def _reasons(result: ImportResult) -> dict[int, str]:
    """Return why each row was refused, by its number as the sheet counts."""
    found: dict[int, list[str]] = {}
    for problem in result.problems:
        found.setdefault(problem.row, []).append(f"{problem.column}: {problem.message}" if problem.column else problem.message)
    return {row: "\n".join(dict.fromkeys(texts)) for row, texts in found.items()}


def _fill(out: _Writer, source: Source, reasons: dict[int, str]) -> None:
    table, sheet = source.table, source.sheet
    first = table.header_rows[0]
    beyond = {column for row, column in table.beyond if row + 1 in reasons}
    width = max([*table.columns, *beyond, *(len(sheet.rows[row]) - 1 for row in table.header_rows)]) + 1
    why = next((column for column, heading in zip(table.columns, table.headings, strict=True) if is_reasons(heading)), width)
    for column in range(width):
        texts = [shown(cell) for cell in source.cells(column, _SAMPLE)] + [source.heading(column)]
        out.sheet.set_column(column, column, min(max([_NARROW, *(2 + _shown_width(text) for text in texts)]), _WIDE))
    out.sheet.set_column(why, why, _WHY)
    merged = {(one.top, one.left): one for one in sheet.merged if one.bottom <= table.header_rows[-1] and (one.bottom, one.right) != (one.top, one.left)}
    for one in merged.values() if len(reasons) <= MOST_IN_MEMORY else ():
        look = "head" if one.top >= first else "title"
        out.sheet.merge_range(one.top, one.left, one.bottom, one.right, shown(sheet.cell(one.top, one.left)), out.formats[look])
    covered = {(row, column) for one in merged.values() for row in range(one.top, one.bottom + 1) for column in range(one.left, one.right + 1)}
    for row in range(table.header_rows[-1] + 1):
        look = "head" if row >= first else "title"
        for column, cell in enumerate(sheet.rows[row]):
            if (row, column) not in covered and column != why:
                out.write(row, column, cell, look=look)
        if row >= first:
            # On every storey, or it would be taken for a part of the group beside it.
            out.sheet.write_string(row, why, _(REASONS), out.formats["head"])
    out.sheet.freeze_panes(table.header_rows[-1] + 1, 0)
    for place, number in enumerate(sorted(reasons), table.header_rows[-1] + 1):
        for column, cell in enumerate(sheet.rows[number - 1]):
            if column != why:
                out.write(place, column, cell, damaged=(number - 1, column) in sheet.suspicious)
        out.sheet.write_string(place, why, reasons[number], out.formats["why"])


def _shown_width(text: str) -> int:
    return max((sum(2 if sign > "⺀" else 1 for sign in line) for line in text.split("\n")), default=0)

