"""The table inside a sheet: its headings, its rows, and what around them is none of it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.services.workbooks.areas import areas, part
from desktop_crm.services.workbooks.cells import is_blank
from desktop_crm.services.workbooks.headings import LONGEST, find_block, recognised, text_of
from desktop_crm.services.workbooks.parts import column_letters
from desktop_crm.services.workbooks.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.services.workbooks.cells import Sheet, Workbook

_HELPER_SHEET: Final = re.compile(
    r".*(?:说明|說明|须知|須知|字典|数据源|下拉|选项|選項|示例|instruction|readme|dictionar|lookup).*", re.IGNORECASE
)


@dataclass(frozen=True)
class Table:
    """A table in a sheet. Rows and columns are the sheet's own, counted from 0.

    `headings` and `columns` go together; storeys are joined "A/B" and duplicates kept. A column that most rows fill but no heading
    names is called by its letters. `first` is the row after the headings, `rows` are those that hold data; empty ones are in neither
    `rows` nor `excluded`. `excluded` says why a row was left out. `beyond` are filled cells of data rows under no heading. `title` is
    what stands above the headings, `hidden_columns` are the headings of those that the sheet hides.
    """

    sheet: str
    header_rows: tuple[int, ...]
    headings: list[str]
    columns: list[int]
    first: int
    rows: list[int]
    excluded: list[tuple[int, str]] = field(default_factory=list)
    hidden_rows: int = 0
    beyond: list[tuple[int, int]] = field(default_factory=list)
    title: str = ""
    hidden_columns: list[str] = field(default_factory=list)


def _nothing_known(_heading: str) -> bool:
    return False


def find_tables(sheet: Sheet, known: Callable[[str], bool] = _nothing_known) -> list[Table]:
    """Return the tables of a sheet that have headings and rows, from the top and the left.

    `known` says whether a heading is a label or alias of something: the row with most of them carries the headings. Where fewer than
    two are known the first row of short texts as wide as the table does.
    """
    found = (_table(area, known, None) for area in areas(sheet, known))
    return [table for table in found if table is not None and table.rows]


def find_table(
    sheet: Sheet, known: Callable[[str], bool] = _nothing_known, *, header_row: int | None = None, number: int | None = None
) -> Table | None:
    """Find the table of a sheet, of several the one with most known headings, then with most rows; None where there are no headings.

    `number` (from 1) chooses another one, `header_row` (from 0) overrules what is found; the table then ends where the next one begins.
    The tables there are stay with the sheet. Raises UserError where there is no table of that number.
    """
    found = sheet.tables = find_tables(sheet, known)
    if number is not None and not 1 <= number <= len(found):
        raise UserError(_("There is no table {number} on sheet {sheet}; it has {count}").format(number=number, sheet=sheet.name, count=len(found)))
    if number is not None:
        return found[number - 1]
    if header_row is not None:
        chosen = next((table for table in found if table.header_rows[-1] == header_row), None)
        return chosen or _table(_around(sheet, known, header_row), known, header_row)
    if not found:
        return _table(sheet, known, None)
    return max(found, key=lambda table: (recognised(table.headings, known), len(table.rows)))


def _around(sheet: Sheet, known: Callable[[str], bool], row: int) -> Sheet:
    """Return the area a row belongs to, as wide as the sheet."""
    above = [area.top for area in areas(sheet, known)]
    bottom = min((top for top in above if top > row), default=len(sheet.rows))
    return part(sheet, sheet.top, bottom)


def _table(sheet: Sheet, known: Callable[[str], bool], header_row: int | None) -> Table | None:
    block = find_block(sheet, known, header_row)
    if block is None:
        return None
    first = block.rows[-1] + 1
    rows = Rows(sheet, list(block.headings), first)
    named = dict(block.headings)
    unnamed = Counter(column for _row, columns in rows.unnamed for column in columns)
    for column, count in unnamed.items():
        if count * 2 > len(rows.data):
            named[column] = _("Column {letter}").format(letter=column_letters(column))
    columns = sorted(named)
    beyond = [(row, column) for row, others in rows.unnamed for column in others if column not in named]
    return Table(
        sheet=sheet.name,
        header_rows=block.rows,
        headings=[named[column] for column in columns],
        columns=columns,
        first=first,
        rows=rows.data,
        excluded=rows.excluded,
        hidden_rows=len(sheet.hidden_rows.intersection(rows.data)),
        beyond=beyond,
        title=_title(sheet, block.rows[0]),
        hidden_columns=[named[column] for column in columns if column in sheet.hidden_columns],
    )


def _title(sheet: Sheet, row: int) -> str:
    """Return what stands above the headings: the last row there with one or two texts, such as a title and its unit."""
    for place in range(row - 1, max(sheet.top, row - 4) - 1, -1):
        texts = [text_of(cell) for cell in sheet.rows[place] if not is_blank(cell)]
        if texts:
            return texts[0] if len(texts) <= 2 and len(texts[0]) <= LONGEST else ""  # noqa: PLR2004 - a title and its unit
    return ""


def explains_others(name: str) -> bool:
    """Tell a sheet of instructions, examples or a dictionary by its name."""
    return _HELPER_SHEET.fullmatch(name) is not None


def best_sheet(workbook: Workbook, known: Callable[[str], bool] = _nothing_known) -> Sheet | None:
    """Return the sheet to read first: visible, no instructions or dictionary, with most known headings; None where all are empty."""
    best: tuple[tuple[bool, bool, float, bool], Sheet] | None = None
    for sheet in workbook.sheets:
        if not sheet.rows:
            continue
        block = find_block(sheet, known, None)
        found = recognised(list(block.headings.values()), known) if block else 0.0
        rank = (not sheet.hidden, not explains_others(sheet.name), found, block is not None)
        if best is None or rank > best[0]:
            best = rank, sheet
    return best[1] if best else None
