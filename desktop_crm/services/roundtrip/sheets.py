"""The two sheets of a list that came back: what was written out, and what somebody made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.services.imports.source import heading_key
from desktop_crm.services.roundtrip.out import KEYS, SHEET
from desktop_crm.services.workbooks.cells import Cell, Sheet, Workbook, is_blank
from desktop_crm.services.workbooks.layout import find_table

if TYPE_CHECKING:
    from collections.abc import Sequence

_DEEPEST: Final = 20
_TITLE_AND_HEADINGS: Final = 2


@dataclass
class Base:
    """What was written out: the `fields` in their order and, by record, its version, when it was made, and its cells."""

    fields: list[str]
    versions: dict[int, int] = field(default_factory=dict)
    born: dict[int, str] = field(default_factory=dict)
    cells: dict[int, list[Cell]] = field(default_factory=dict)


@dataclass
class Grid:
    """What somebody made of it: the columns by field (from 0), the rows that are data, and remarks on the rest."""

    sheet: Sheet
    columns: dict[str, int]
    rows: list[int]
    remarks: list[str] = field(default_factory=list)

    def cell(self, row: int, name: str) -> Cell:
        """Return a cell; None where the column is gone."""
        return self.sheet.cell(row, self.columns[name]) if name in self.columns else None

    def key(self, row: int) -> int | None:
        """Return the id that stands in a row; None where none does."""
        return _whole(self.cell(row, "id"))


def _whole(cell: Cell) -> int | None:
    if isinstance(cell, str):
        return int(cell) if cell.strip().isascii() and cell.strip().isdigit() else None
    return int(cell) if isinstance(cell, Decimal) and cell == cell.to_integral_value() and cell > 0 else None


def find_base(sheet: Sheet, fields: Sequence[str]) -> Base:
    """Read the hidden sheet; raises UserError where it isn't as it was written."""
    base = Base(list(fields))
    first = len(KEYS) + 1
    for cells in sheet.rows[_TITLE_AND_HEADINGS:]:
        row = [*cells, *[None] * (first + len(fields) - len(cells))]
        key, version = _whole(row[0]), _whole(row[1])
        if key is None or version is None:
            raise UserError(_("The hidden sheet that says what the file was is damaged, or of a newer version. Export the list for editing again"))
        base.versions[key], base.born[key], base.cells[key] = version, str(row[2]), row[first : first + len(fields)]
    return base


def find_grid(workbook: Workbook, base: Base, headings: Sequence[str]) -> Grid:
    """Find the list among the sheets, whatever they are called now: by the hidden row of names, otherwise by the headings as they were written.

    Raises UserError where the column of the ids is gone.
    """
    by_heading = {heading_key(text): name for text, name in zip(headings, base.fields, strict=True)}
    for sheet in workbook.sheets:
        if sheet.name == SHEET:
            continue
        for row in range(min(_DEEPEST, len(sheet.rows))):
            names = {column: cell.strip() for column, cell in enumerate(sheet.rows[row]) if isinstance(cell, str)}
            columns = {name: column for column, name in names.items() if name in {*KEYS, *base.fields}}
            if "id" in columns and len(columns) > 1:
                return _grid(sheet, columns, row + 1)
            found = {by_heading[heading_key(text)]: column for column, text in names.items() if heading_key(text) in by_heading}
            if found and len(found) * 2 > len(base.fields):
                raise UserError(_("The hidden columns and the hidden row of names are gone from sheet {sheet}, so it isn't known which record a row is. Export the list for editing again").format(sheet=sheet.name))
    raise UserError(_("No sheet of {file} has the list that was exported. Export it for editing again").format(file=workbook.path.name))


def _grid(sheet: Sheet, columns: dict[str, int], header: int) -> Grid:
    grid = Grid(sheet, columns, [])
    taken = set(columns.values())
    heads = sheet.rows[header] if header < len(sheet.rows) else []
    others = [str(cell) for column, cell in enumerate(heads) if not is_blank(cell) and column not in taken]
    if others:
        grid.remarks.append(_("Columns that were added in the file are left out: {names}").format(names=_(", ").join(others)))
    shown = [column for name, column in columns.items() if name not in KEYS]
    # Totals and notes below the list are told as an import tells them.
    table = find_table(sheet, header_row=header)
    excluded = {row for row, _reason in table.excluded} if table is not None else set()
    cleared = 0
    for row in range(header + 1, len(sheet.rows)):
        filled = any(not is_blank(sheet.cell(row, column)) for column in shown)
        if grid.key(row) is None:
            if filled and row not in excluded:
                grid.rows.append(row)
        elif filled:
            grid.rows.append(row)
        else:
            cleared += 1
    if cleared:
        grid.remarks.append(_("{count} rows were emptied; they count as missing").format(count=cleared))
    return grid
