"""The areas of a sheet: several tables stand on one, below each other with their own headings, or side by side under the same ones.

Every area is the sheet itself with all outside of it empty, so that rows and columns keep their numbers.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from functools import cache, partial
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from desktop_crm.services.workbooks.cells import Cell, Sheet, is_blank
from desktop_crm.services.workbooks.headings import DEEPEST, LONGEST, NUMBER, find_block, recognised, text_of
from desktop_crm.services.workbooks.lazy_rows import LazyRows
from desktop_crm.services.workbooks.spool import MOST_GAPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from desktop_crm.services.workbooks.headings import Block

MOST: Final = 30
"""Areas a sheet is taken apart into."""
_SAMPLE: Final = 40
_TITLES: Final = 3
"""Rows of a title above the headings."""
_KIND_SHARE: Final = 0.8
_SENTENCE: Final = re.compile("[:：。；;！!]")


class Window(LazyRows):
    """The rows of a sheet with all outside of an area empty; `bottom` and `right` no longer belong to it."""

    def __init__(self, rows: Sequence[list[Cell]], top: int, bottom: int, left: int, right: int | None) -> None:
        self._rows = rows
        self._top, self._bottom = top, min(bottom, len(rows))
        self._left, self._right = left, right

    def __len__(self) -> int:
        return self._bottom

    def row(self, place: int) -> list[Cell]:
        """Return the cells inside of the area, those before it empty."""
        if place < self._top:
            return []
        cells = self._rows[place]
        if not self._left and self._right is None:
            return cells
        return [None] * min(self._left, len(cells)) + cells[self._left : self._right]

    def __iter__(self) -> Iterator[list[Cell]]:
        return (self[place] for place in range(self._bottom))


def part(sheet: Sheet, top: int, bottom: int, left: int = 0, right: int | None = None) -> Sheet:
    """Return an area of a sheet; `bottom` and `right` no longer belong to it."""
    merged = [one for one in sheet.merged if top <= one.top < bottom and one.left >= left and (right is None or one.left < right)]
    return replace(sheet, rows=Window(sheet.rows, top, bottom, left, right), merged=merged, top=top)


def areas(sheet: Sheet, known: Callable[[str], bool]) -> list[Sheet]:
    """Return the areas of a sheet from the top and the left; the sheet itself where it is but one."""
    starts = [sheet.top]
    head = sheet.top

    @cache
    def above(top: int, bottom: int) -> Block | None:
        return find_block(part(sheet, top, bottom), known, None)

    for row in _after_gaps(sheet):
        # Headings are looked for at the top only: what is farther down has no say.
        if row <= head or len(starts) == MOST:
            continue
        found = _head_of_another(sheet, row, partial(above, starts[-1], min(row, starts[-1] + 2 * DEEPEST)), known)
        if found is not None:
            starts.append(row)
            head = found
    below = [sheet] if len(starts) == 1 else [part(sheet, top, bottom) for top, bottom in pairwise([*starts, len(sheet.rows)])]
    return [one for area in below for one in _side_by_side(area, known)]


def _after_gaps(sheet: Sheet) -> list[int]:
    """Return the filled rows that follow an empty one."""
    if sheet.gaps is not None:
        return sheet.gaps
    found: list[int] = []
    before = False
    for number, cells in enumerate(sheet.rows):
        filled = any(not is_blank(cell) for cell in cells)
        if filled and not before and number > sheet.top and len(found) < MOST_GAPS:
            found.append(number)
        before = filled
    return found


def _filled(sheet: Sheet, row: int) -> dict[int, Cell]:
    cells = sheet.rows[row] if row < len(sheet.rows) else []
    return {column: cell for column, cell in enumerate(cells) if cell is not None and not is_blank(cell)}


def _head_of_another(sheet: Sheet, row: int, above: Callable[[], Block | None], known: Callable[[str], bool]) -> int | None:
    """Return the row of the headings where a row after an empty one is them or their title, of a table other than the one whose headings `above` gives."""
    for place in range(row, row + _TITLES + 1):
        cells = _filled(sheet, place)
        if len(cells) > 1 and _are_headings(cells):
            block = above()
            return place if block is not None and place > block.rows[-1] and _differs(sheet, place, cells, block, known) else None
        if len(cells) > 2 or any(not isinstance(cell, str) for cell in cells.values()):  # noqa: PLR2004 - a title and its unit
            return None
    return None


def _are_headings(cells: dict[int, Cell]) -> bool:
    texts = [cell.strip() for cell in cells.values() if isinstance(cell, str)]
    return (
        len(texts) == len(cells) == len(set(texts))
        and all(len(text) <= LONGEST and not NUMBER.fullmatch(text) and not _SENTENCE.search(text) for text in texts)
    )


def _differs(sheet: Sheet, row: int, cells: dict[int, Cell], block: Block, known: Callable[[str], bool]) -> bool:
    """Say whether headings begin another table: their names are known, or they are texts where the table above has figures and so has the one below."""
    if {column: text_of(cell) for column, cell in cells.items()} == block.headings or not _filled(sheet, row + 1):
        return False
    score = recognised([text_of(cell) for cell in cells.values()], known)
    if score > 1 and score * 2 >= len(cells):
        return True
    above = _figures(sheet, range(block.rows[-1] + 1, min(row, block.rows[-1] + 1 + _SAMPLE)))
    below = _figures(sheet, range(row + 1, row + 4))
    return bool(above.intersection(cells)) and bool(below.intersection(cells))


def _figures(sheet: Sheet, rows: range) -> set[int]:
    """Return the columns that hold numbers or dates in nearly all rows they are filled in."""
    counts: dict[int, list[int]] = {}
    for row in rows:
        for column, cell in _filled(sheet, row).items():
            count = counts.setdefault(column, [0, 0])
            count[0] += isinstance(cell, (Decimal, date, time)) or (isinstance(cell, str) and NUMBER.fullmatch(cell) is not None)
            count[1] += 1
    return {column for column, (figures, filled) in counts.items() if figures >= _KIND_SHARE * filled}


def _side_by_side(area: Sheet, known: Callable[[str], bool]) -> list[Sheet]:
    """Cut an area where a column is empty and the headings right of it begin anew with the first one."""
    block = find_block(area, known, None)
    if block is None or not block.headings:
        return [area]
    columns = sorted(block.headings)
    first = block.headings[columns[0]]
    cuts = [right for left, right in pairwise(columns) if right - left > 1 and block.headings[right] == first]
    cuts = [cut for cut in cuts if not any(_filled(area, row).get(cut - 1) for row in range(block.rows[0], min(block.rows[-1] + _SAMPLE, len(area.rows))))]
    if not cuts:
        return [area]
    edges = [0, *cuts, None]
    return [part(area, area.top, len(area.rows), left or 0, right) for left, right in pairwise(edges)]
