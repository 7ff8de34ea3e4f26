"""Where a sheet's headings stand and what they say: one row, or several storeys with merged cells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from desktop_crm.services.workbooks.cells import Cell, CellError, Merge, Sheet, is_blank

if TYPE_CHECKING:
    from collections.abc import Callable

DEEPEST: Final = 60
_MOST_SPREAD: Final = 50_000
_USUAL_WIDTH: Final = 256
_MOST_STOREYS: Final = 3
LONGEST: Final = 40
_SAMPLE: Final = 200
_REQUIRED: Final = re.compile(r"[(（\[【]\s*(?:必填项?|必须|required|選填|选填|非必填|optional)\s*[)）\]】]", re.IGNORECASE)
_STARS: Final = "*＊★※ \t\u3000\xa0"
NUMBER: Final = re.compile(r"[\s¥￥$()（）+\-－]*[\d,.%:/\-年月日]+[\s)）%元]*")


@dataclass(frozen=True)
class Block:
    """The rows headings stand on, from the top, and the heading of each column."""

    rows: tuple[int, ...]
    headings: dict[int, str]


def text_of(cell: Cell) -> str:
    """Return what a heading's cell says: line breaks, marks of required columns and blanks around taken off."""
    if cell is None or isinstance(cell, CellError):
        return ""
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return cell.isoformat()
    text = _REQUIRED.sub("", str(cell))
    # A line break inside Chinese stands for nothing, inside other words for a blank.
    text = re.sub(r"(?<=[!-~])\s*[\r\n]+\s*(?=[!-~])", " ", text)
    return re.sub(r"\s*[\r\n]+\s*", "", text).strip(_STARS)


def _filled(sheet: Sheet, row: int) -> dict[int, Cell]:
    cells = sheet.rows[row] if row < len(sheet.rows) else []
    return {column: cell for column, cell in enumerate(cells) if cell is not None and not is_blank(cell)}


def _is_text(cells: dict[int, Cell]) -> bool:
    return bool(cells) and all(isinstance(cell, str) for cell in cells.values())


def _storeys(sheet: Sheet, top: int, merged: list[Merge]) -> int:
    """Return how many rows the headings that start on row `top` stand on."""
    above, below = _filled(sheet, top), _filled(sheet, top + 1)
    if len(above) < 2 or not _is_text(above) or not _is_text(below):  # noqa: PLR2004 - a single cell is a title
        return 1
    starting = [merge for merge in merged if merge.top == top]
    tall = [merge.bottom - merge.top + 1 for merge in starting if merge.bottom > merge.top]
    if tall:
        return min([*tall, _MOST_STOREYS])
    if any(merge.right > merge.left and any(merge.left <= column <= merge.right for column in below) for merge in starting):
        return 2
    if merged:
        return 1
    # Without merged cells, as in a text file: the lower row fills exactly the gaps right of a group's name.
    last = max([*above, *below])
    gaps = {column for column in range(min(above), last + 1) if column not in above}
    groups = {column for column in above if column + 1 in gaps}
    return 2 if gaps and gaps <= set(below) and set(below) <= gaps | groups and set(above) - set(below) else 1


def _block(sheet: Sheet, top: int, storeys: int, merged: list[Merge]) -> Block:
    """Join the storeys of each column, from the top: "Contact/Phone"; a part that only repeats the one above is said once."""
    rows = tuple(range(top, min(top + storeys, len(sheet.rows))))
    width = max((len(sheet.rows[row]) for row in rows), default=0)
    spread: dict[tuple[int, int], tuple[int, int]] = {}
    for merge in merged:
        if len(spread) < _MOST_SPREAD:
            across = range(merge.left, min(merge.right + 1, max(width, _USUAL_WIDTH)))
            spread |= {(row, column): (merge.top, merge.left) for row in range(max(merge.top, top), min(merge.bottom, rows[-1]) + 1) for column in across}
    filled = {row: _filled(sheet, row) for row in rows}
    headings: dict[int, str] = {}
    group = ""
    # Only columns that say anything: a sheet may be thousands of columns wide and have a few of them filled.
    for column in sorted({column for cells in filled.values() for column in cells}.union(column for _row, column in spread if column < width)):
        said: list[str] = []
        for row in rows:
            place = spread.get((row, column), (row, column))
            text = text_of(filled[place[0]].get(place[1]) if place[0] in filled else sheet.cell(*place))
            if row == top and storeys > 1 and not merged:
                # The name of a group stands over its first column only.
                text = group = text or group
            if text and text not in said[-1:]:
                said.append(text)
        if said:
            headings[column] = "/".join(said)
    if storeys == 1:
        # A title merged across the table names none of its columns.
        headings = {column: text for column, text in headings.items() if column in filled[top]}
    return Block(rows, headings)


def recognised(headings: list[str], known: Callable[[str], bool]) -> float:
    """Return how many different headings are known; one known by its last storey alone counts a little less."""
    score = 0.0
    for heading in dict.fromkeys(headings):
        if known(heading):
            score += 1
        elif "/" in heading and known(heading.rpartition("/")[2]):
            score += 0.9
    return score


def _by_shape(sheet: Sheet, rows: list[int]) -> int | None:
    """Return the first row that looks like headings: short texts only, as wide as the rows of the table."""
    counts = sorted(count for row in range(sheet.top, min(len(sheet.rows), sheet.top + _SAMPLE)) if (count := len(_filled(sheet, row))))
    # Above the middle: titles and notes around a short table have one cell each.
    typical = counts[int(len(counts) * 0.7)] if counts else 0
    wide = [row for row in rows if len(_filled(sheet, row)) >= max(0.6 * typical, min(typical, 2))]
    for row in wide:
        cells = _filled(sheet, row)
        if _is_text(cells) and all(len(str(cell)) <= LONGEST and not NUMBER.fullmatch(str(cell)) for cell in cells.values()):
            return row
    return next((row for row in wide if any(isinstance(cell, str) for cell in _filled(sheet, row).values())), None)


def find_block(sheet: Sheet, known: Callable[[str], bool], header_row: int | None) -> Block | None:
    """Return the headings of a sheet: on the row asked for, where most are known, or where the shape says so; None where no text is."""
    merged = [merge for merge in sheet.merged if merge.top < (header_row or sheet.top) + DEEPEST]
    if header_row is not None:
        block = _block(sheet, header_row, _storeys(sheet, header_row, merged), merged) if header_row < len(sheet.rows) else None
        return block if block and block.headings else None
    rows = [row for row in range(sheet.top, min(len(sheet.rows), sheet.top + DEEPEST)) if _filled(sheet, row)]
    best: tuple[float, Block] | None = None
    for row in rows:
        for storeys in {1, _storeys(sheet, row, merged)}:
            block = _block(sheet, row, storeys, merged)
            score = recognised(list(block.headings.values()), known)
            if best is None or score > best[0]:
                best = score, block
    shaped = _by_shape(sheet, rows)
    if best and (best[0] > 1 or (best[0] and best[1].rows[0] == shaped)):
        return best[1]
    return None if shaped is None else _block(sheet, shaped, _storeys(sheet, shaped, merged), merged)
