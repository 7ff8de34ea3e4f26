"""The rows an import refused, as a workbook in the user's own layout, to be put right and imported again."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from desktop_crm.base.i18n import _
from desktop_crm.services.exporting import export_rows
from desktop_crm.services.imports.rows import shown
from desktop_crm.services.workbooks.writer import ColumnOut, SheetOut

if TYPE_CHECKING:
    from pathlib import Path

    from desktop_crm.services.imports.types import ImportResult, Source
    from desktop_crm.services.workbooks.cells import Cell
    from desktop_crm.services.workbooks.writer import Kind


def _kind(cells: list[Cell]) -> Kind:
    """Return what a column can be written as without changing any of its cells; dates and numbers that are mixed are written as text."""
    filled = [cell for cell in cells if cell is not None]
    if filled and all(isinstance(cell, date) for cell in filled):
        return "datetime" if any(isinstance(cell, datetime) for cell in filled) else "date"
    if filled and all(isinstance(cell, Decimal) for cell in filled):
        return "integer" if all(cell == cell.to_integral_value() for cell in filled if isinstance(cell, Decimal)) else "number"
    return "text"


def refused_sheet(source: Source, result: ImportResult) -> SheetOut:
    """Return the refused rows with their headings and one more column of reasons, as the sheet they came from."""
    reasons: dict[int, list[str]] = {}
    for problem in result.problems:
        reasons.setdefault(problem.row, []).append(f"{problem.column}: {problem.message}" if problem.column else problem.message)
    numbers = sorted(reasons)
    beyond = sorted({column for row, column in source.table.beyond if row + 1 in reasons})
    columns = [*source.table.columns, *beyond]
    taken = {column: [source.sheet.cell(number - 1, column) for number in numbers] for column in columns}
    kinds = {column: _kind(cells) for column, cells in taken.items()}
    out = [*(ColumnOut(source.heading(column), kinds[column]) for column in columns), ColumnOut(_("Why it was refused"))]

    def row_at(position: int) -> list[object]:
        cells = [(taken[column][position], kinds[column]) for column in columns]
        return [*(shown(cell) if kind == "text" else cell for cell, kind in cells), "\n".join(reasons[numbers[position]])]

    return SheetOut(out, (row_at(position) for position in range(len(numbers))), name=source.sheet.name)


def write_refused(source: Source, result: ImportResult, path: Path) -> None:
    """Write the refused rows in the user's own layout; raises UserError where the file can't be written."""
    sheet = refused_sheet(source, result)
    export_rows(path, sheet.columns, sheet.rows)
