"""The table inside a sheet: its headings, its rows, and what around them is none of it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import N_, _
from desktop_crm.services.workbooks.cells import Cell, CellError, Sheet, Workbook, is_blank
from desktop_crm.services.workbooks.headings import find_block, recognised
from desktop_crm.services.workbooks.parts import column_letters

if TYPE_CHECKING:
    from collections.abc import Callable

REPEATED: Final = N_("Repeated heading")
TOTAL: Final = N_("Total row")
NOTE: Final = N_("Note below the table")
OUTSIDE: Final = N_("No value under any heading")
EXAMPLE: Final = N_("Example row")

_TOTAL: Final = re.compile(
    r"(?:本页|本頁|本月|本年|本期|累计|累計|应收|應收)?(?:[合总小共累總]\s*[计計]|总和|總和|总额|總額|统计|統計)(?:\s*[（(].*[）)])?\s*(?:[:：].*)?",
    re.DOTALL,
)
_TOTAL_ENGLISH: Final = re.compile(r"(?:sub|grand )?-?\s?(?:total|sum)s?\s*:?", re.IGNORECASE)
_NOTE: Final = re.compile(
    r"(?:注意?|備?备?附?註|[备附]注|说明|說明|提示|注释|notes?|remarks?|n\.?b\.?)\s*(?:\d+|[一二三四五])?\s*[:：、.)）].*",
    re.IGNORECASE | re.DOTALL,
)
_FOOTER: Final = re.compile(
    r"(?:制表|製表|制单|製單|审核|審核|复核|複核|经办|經辦|打印|列印|导出|匯出|填表|负责人|負責人|printed|exported|prepared|approved)\w*\s*[:：].*",
    re.IGNORECASE | re.DOTALL,
)
_EXAMPLE: Final = re.compile(r"\s*(?:示例|範例|范例|样例|example)\s*[:：]", re.IGNORECASE)
# Every total's label has one of these; looking for them first spares almost every row the expression.
_TOTAL_SIGNS: Final = re.compile("[计計和额額]")
_FIGURE: Final = re.compile(r"[\s¥￥$+\-－()（）]*[\d,]+(?:\.\d+)?[\s)）%元]*")
_HELPER_SHEET: Final = re.compile(
    r".*(?:说明|說明|须知|須知|字典|数据源|下拉|选项|選項|示例|instruction|readme|dictionar|lookup).*", re.IGNORECASE
)


@dataclass(frozen=True)
class Table:
    """A table in a sheet. Rows and columns are the sheet's own, counted from 0.

    `headings` and `columns` go together; storeys are joined "A/B" and duplicates kept. A column that most rows fill but no heading
    names is called by its letters. `first` is the row after the headings, `rows` are those that hold data; empty ones are in neither
    `rows` nor `excluded`. `excluded` says why a row was left out. `beyond` are filled cells of data rows under no heading.
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


def _nothing_known(_heading: str) -> bool:
    return False


def _texts(cells: list[Cell]) -> tuple[str, ...]:
    """Return a row as texts without the empty ones at its end; () where it holds anything but texts."""
    if any(not isinstance(cell, str) and cell is not None for cell in cells):
        return ()
    texts = [cell.strip() if isinstance(cell, str) else "" for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _is_total(filled: list[Cell], pattern: re.Pattern[str]) -> bool:
    """Say whether a row is a label followed by figures only."""
    label = filled[0]
    return (
        isinstance(label, str)
        and (pattern is not _TOTAL or _TOTAL_SIGNS.search(label) is not None)
        and pattern.fullmatch(label.strip()) is not None
        and all(isinstance(cell, (Decimal, CellError)) or (isinstance(cell, str) and _FIGURE.fullmatch(cell)) for cell in filled[1:])
    )


def _is_note(filled: list[Cell]) -> bool:
    label = filled[0]
    if not isinstance(label, str):
        return False
    if len(filled) == 1 and _NOTE.fullmatch(label.strip()):
        return True
    return _FOOTER.fullmatch(label.strip()) is not None and all(isinstance(cell, str) for cell in filled)


class _Rows:
    """Sorts the rows below the headings into data and what is none; `unnamed` are the filled columns of data rows that no heading names."""

    def __init__(self, sheet: Sheet, columns: list[int], first: int) -> None:
        self.data: list[int] = []
        self.unnamed: list[tuple[int, list[int]]] = []
        self.excluded: list[tuple[int, str]] = []
        self._sheet = sheet
        named = set(columns)
        above = {texts for row in sheet.rows[:first] if (texts := _texts(row)) and len(columns) > 1}
        beginnings = {texts[0] for texts in above}
        for row, cells in enumerate(sheet.rows):
            if row < first:
                continue
            filled = [column for column, cell in enumerate(cells) if cell is not None and not is_blank(cell)]
            if not filled:
                continue
            begins = cells[0].strip() if isinstance(cells[0], str) else ""
            if begins in beginnings and _texts(cells) in above:
                self.excluded.append((row, _(REPEATED)))
            elif begins and _EXAMPLE.match(begins):
                self.excluded.append((row, _(EXAMPLE)))
            elif _is_total([cells[column] for column in filled], _TOTAL):
                self.excluded.append((row, _(TOTAL)))
            elif named.isdisjoint(filled):
                self.excluded.append((row, _(OUTSIDE)))
            else:
                self.data.append(row)
                if not named.issuperset(filled):
                    self.unnamed.append((row, [column for column in filled if column not in named]))
        self._drop_what_follows()

    def _drop_what_follows(self) -> None:
        """Take notes, signatures and an English total off the end; inside the table they might be data."""
        while self.data:
            filled = [cell for cell in self._sheet.rows[self.data[-1]] if not is_blank(cell)]
            if _is_note(filled):
                reason = _(NOTE)
            elif len(self.data) > 1 and _is_total(filled, _TOTAL_ENGLISH):
                reason = _(TOTAL)
            else:
                break
            if self.unnamed and self.unnamed[-1][0] == self.data[-1]:
                self.unnamed.pop()
            self.excluded.append((self.data.pop(), reason))
        self.excluded.sort()


def find_table(sheet: Sheet, known: Callable[[str], bool] = _nothing_known, *, header_row: int | None = None) -> Table | None:
    """Find the table of a sheet; None where there are no headings.

    `known` says whether a heading is a label or alias of something: the row with most of them carries the headings. Where fewer than
    two are known the first row of short texts as wide as the table does. `header_row` (from 0) overrules both.
    """
    block = find_block(sheet, known, header_row)
    if block is None:
        return None
    first = block.rows[-1] + 1
    rows = _Rows(sheet, list(block.headings), first)
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
    )


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
