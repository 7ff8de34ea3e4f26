"""Which rows below the headings of a table are no data: totals, sub-totals, headings that are repeated, numbers of pages, notes and signatures."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import N_, _
from desktop_crm.services.workbooks.cells import Cell, CellError, Sheet, is_blank

if TYPE_CHECKING:
    from collections.abc import Iterable

REPEATED: Final = N_("Repeated heading")
TOTAL: Final = N_("Total row")
NOTE: Final = N_("Note below the table")
PAGE: Final = N_("Number of the page")
OUTSIDE: Final = N_("No value under any heading")
EXAMPLE: Final = N_("Example row")

_TOTAL: Final = re.compile(
    r"(?:本页|本頁|本月|本年|本期|累计|累計|应收|應收)?(?:[合总小共累總]\s*[计計]|总和|總和|总额|總額|统计|統計)(?:\s*[（(].*[）)])?\s*(?:人民币|人民幣|金额|金額|大写|大寫)*\s*(?:[:：].*)?"
    r"|(?:人民币|人民幣|金额|金額|[（(])*大[写寫][)）]?\s*(?:[:：].*|[零壹贰貳叁參肆伍陆陸柒捌玖拾佰仟万萬亿億元圆圓角分整正人民币幣]*)"
    r"|.{1,40}?[\s（(]*(?:[合小]\s*[计計]|[汇彙匯]\s*[总總]|总计|總計)[）)]?\s*[:：]?",
    re.DOTALL,
)
_EXAMPLE: Final = re.compile(r"\s*(?:示例|範例|范例|样例|example)\s*[:：]", re.IGNORECASE)
_TOTAL_ENGLISH: Final = re.compile(r"(?:sub|grand )?-?\s?(?:total|sum)s?\s*:?", re.IGNORECASE)
_SUBTOTAL_ENGLISH: Final = re.compile(r".{1,60}\btotals?\s*:?|(?:sub|grand )?-?\s?totals?\s*:?", re.IGNORECASE)
_NOTE: Final = re.compile(
    r"(?:注意?|備?备?附?註|[备附]注|说明|說明|提示|注释|notes?|remarks?|n\.?b\.?)\s*(?:\d+|[一二三四五])?\s*[:：、.)）].*",
    re.IGNORECASE | re.DOTALL,
)
_FOOTER: Final = re.compile(
    r"(?:制表|製表|制单|製單|审核|審核|复核|複核|经办|經辦|打印|列印|导出|匯出|填表|负责人|負責人|printed|exported|prepared|approved)\w*\s*[:：].*",
    re.IGNORECASE | re.DOTALL,
)
_PAGE: Final = re.compile(r"第\s*\d+\s*[页頁].*|[共总總]\s*[计計]?\s*[:：]?\s*\d+\s*(?:[页頁条條笔筆行项項家户戶个個]|记录|記錄).*|page\s+\d+.*", re.IGNORECASE | re.DOTALL)
# Every total's label has one of these; looking for them first spares almost every row the expression.
_TOTAL_SIGNS: Final = re.compile("[计計和额額总總写寫]")
_FIGURE: Final = re.compile(r"[\s¥￥$+\-－()（）]*[\d,]+(?:\.\d+)?[\s)）%元]*|-+|—+")
_FEW: Final = 2
_MOST_BACK: Final = 5000
_SAME: Final = Decimal("0.005")


def texts_of(cells: list[Cell]) -> tuple[str, ...]:
    """Return a row as texts without the empty ones at its end; () where it holds anything but texts."""
    if any(not isinstance(cell, str) and cell is not None for cell in cells):
        return ()
    texts = [cell.strip() if isinstance(cell, str) else "" for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _is_figure(cell: Cell) -> bool:
    return isinstance(cell, (Decimal, CellError)) or (isinstance(cell, str) and _FIGURE.fullmatch(cell) is not None)


def _label(filled: list[Cell]) -> str | None:
    """Return the one text of a row that else holds only figures; None for any other row."""
    label = None
    for cell in filled:
        if isinstance(cell, str) and (label is None or _FIGURE.fullmatch(cell) is None):
            if label is not None:
                return None
            label = cell.strip()
        elif not _is_figure(cell):
            return None
    return label


def _is_total(filled: list[Cell]) -> bool:
    """Say whether a row is the label of a total in Chinese with figures only; a group's needs one."""
    label = _label(filled)
    found = _TOTAL.fullmatch(label) if label else None
    return found is not None and (len(filled) > 1 or re.match("[合总小共累本應应總大（(人金]", label or "") is not None)


def _is_page(filled: list[Cell]) -> bool:
    return len(filled) <= _FEW and all(isinstance(cell, str) and _PAGE.fullmatch(cell.strip()) for cell in filled)


def _is_note(filled: list[Cell]) -> bool:
    label = filled[0]
    if not isinstance(label, str):
        return False
    if len(filled) == 1 and _NOTE.fullmatch(label.strip()):
        return True
    return _FOOTER.fullmatch(label.strip()) is not None and all(isinstance(cell, str) for cell in filled)


class Rows:
    """Sorts the rows below the headings into data and what is none; `unnamed` are the filled columns of data rows that no heading names."""

    def __init__(self, sheet: Sheet, columns: list[int], first: int) -> None:
        self.data: list[int] = []
        self.unnamed: list[tuple[int, list[int]]] = []
        self.excluded: list[tuple[int, str]] = []
        self._sheet = sheet
        self._named = set(columns)
        self._cells = 0
        above = {texts for row in sheet.rows[sheet.top : first] if (texts := texts_of(row)) and len(columns) > 1}
        beginnings = {texts[0] for texts in above}
        for row, cells in enumerate(sheet.rows):
            if row < first:
                continue
            # What `is_blank` says, without a call for each cell of the sheet.
            filled = [column for column, cell in enumerate(cells) if cell is not None and (type(cell) is not str or (cell and not cell.isspace()))]
            if not filled:
                continue
            begins = cells[0].strip() if isinstance(cells[0], str) else ""
            if begins in beginnings and texts_of(cells) in above:
                self.excluded.append((row, _(REPEATED)))
            elif begins and _EXAMPLE.match(begins):
                self.excluded.append((row, _(EXAMPLE)))
            else:
                self._sort(row, cells, filled)
        self._drop_what_follows()

    def _sort(self, row: int, cells: list[Cell], filled: list[int]) -> None:
        values = [cells[column] for column in filled]
        first = ""
        for cell in values:
            if type(cell) is str:
                first = cell
                break
        if (_TOTAL_SIGNS.search(first) and _is_total(values)) or ("otal" in first and self._is_proven(values, cells)):
            self.excluded.append((row, _(TOTAL)))
        elif len(filled) <= _FEW and _is_page(values):
            self.excluded.append((row, _(PAGE)))
        elif self._named.isdisjoint(filled):
            self.excluded.append((row, _(OUTSIDE)))
        else:
            self.data.append(row)
            self._cells += len(filled)
            if not self._named.issuperset(filled):
                self.unnamed.append((row, [column for column in filled if column not in self._named]))

    def _is_proven(self, values: list[Cell], cells: list[Cell]) -> bool:
        """Say whether a row that is called a total in English adds up the rows before it, back to the last total; a company may be called so too."""
        label = _label(values)
        if label is None or not _SUBTOTAL_ENGLISH.fullmatch(label):
            return False
        since = max((row for row, reason in self.excluded if reason == _(TOTAL)), default=-1)
        return any(_adds_up(self._sheet, rows, cells) for rows in ([row for row in self.data[-_MOST_BACK:] if row > since], self.data[-_MOST_BACK:]))

    def _drop_what_follows(self) -> None:
        """Take notes, signatures and totals without a label or in English off the end; inside the table they might be data."""
        typical = self._cells / max(len(self.data), 1)
        while self.data:
            cells = self._sheet.rows[self.data[-1]]
            filled = [cell for cell in cells if not is_blank(cell)]
            if _is_note(filled):
                self._exclude(1, NOTE)
            elif self._is_last_total(cells, filled, typical):
                self._exclude(1, TOTAL)
            elif count := self._lines_below(typical):
                self._exclude(count, NOTE)
            else:
                break
        self.excluded.sort()

    def _is_last_total(self, cells: list[Cell], filled: list[Cell], typical: float) -> bool:
        if len(self.data) > 1 and (label := _label(filled)) is not None and _TOTAL_ENGLISH.fullmatch(label):
            return True
        # Sums under the columns without a word are sums where they add up.
        bare = len(self.data) > _FEW and typical > len(filled) and all(isinstance(cell, Decimal) for cell in filled)
        return bare and _adds_up(self._sheet, self.data[:-1], cells, every=True)

    def _lines_below(self, typical: float) -> int:
        """Return how many rows at the end, set off by an empty one, are a line of text each while the table's rows are full."""
        if typical <= _FEW:
            return 0
        for count, (before, row) in enumerate(pairwise(reversed([-1, *self.data])), start=1):
            filled = [cell for cell in self._sheet.rows[before] if not is_blank(cell)]
            if len(filled) != 1 or not isinstance(filled[0], str) or row < 0:
                return 0
            if before - row > 1:
                return count
        return 0

    def _exclude(self, count: int, reason: str) -> None:
        for _row in range(count):
            if self.unnamed and self.unnamed[-1][0] == self.data[-1]:
                self.unnamed.pop()
            self.excluded.append((self.data.pop(), _(reason)))


def _adds_up(sheet: Sheet, rows: Iterable[int], total: list[Cell], *, every: bool = False) -> bool:
    """Say whether a figure of a total, or every one, is the sum of the rows' figures in its column."""
    sums = {column: Decimal(0) for column, cell in enumerate(total) if isinstance(cell, Decimal)}
    added = 0
    for row in rows:
        cells = sheet.rows[row]
        added += 1
        for column in sums:
            cell = cells[column] if column < len(cells) else None
            if isinstance(cell, Decimal):
                sums[column] += cell
    agree = [abs(figure - found) < _SAME for column, found in sums.items() if isinstance(figure := total[column], Decimal) and (figure or every)]
    return added > 1 and bool(agree) and (all(agree) if every else any(agree))
