"""The block of cells that is selected in a table of lines: copied, pasted over, filled down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from desktop_crm.ui.kit.blocks import parse_block, put_block
from desktop_crm.ui.kit.table import FIGURE_KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.ui.kit.line_table import LineTable


class LineBlock:
    """What is selected in `table`; each of its acts that types returns the lines typed and the cells not understood, None where there was nothing to do."""

    def __init__(self, table: LineTable) -> None:
        self._table = table

    def copy(self) -> None:
        """Put it on the clipboard as tab-separated text with raw values."""
        table, lines = self._table, self._table.lines
        chosen = table.selectedIndexes() or [table.currentIndex()]
        cells = {(index.row(), index.column()) for index in chosen if index.isValid() and not lines.is_ghost(index.row())}
        rows = sorted({row for row, _column in cells})
        keys = lines.columns
        columns = [column for column in self._order() if any((row, column) in cells for row in rows)]
        block = [[lines.entries[row].values.get(keys[column].key) for column in columns] for row in rows]
        put_block(block, [keys[column].kind not in FIGURE_KINDS for column in columns])

    def paste(self) -> tuple[int, int] | None:
        """Type the clipboard's block into the cells from the first selected one on. A single cell goes into every selected one, as in a spreadsheet."""
        text = QGuiApplication.clipboard().text()
        if not text.strip("\r\n") or not self._table.currentIndex().isValid():
            return None
        block, order = parse_block(text), self._order()
        top, columns, height = self._selected(order)
        if len(block) == 1 and len(block[0]) == 1:
            block = [block[0] * len(columns)] * height
        else:
            columns = order[order.index(columns[0]):]
        return self._table.lines.paste(top, columns, block)

    def fill_down(self) -> tuple[int, int] | None:
        """Type what stands in the first selected row into those below it; with one row, what stands above it."""
        lines = self._table.lines
        if not self._table.currentIndex().isValid():
            return None
        top, columns, height = self._selected(self._order())
        if height == 1:
            top, height = top - 1, 2
        if top < 0 or lines.is_ghost(top):
            return None
        height = min(height, len(lines.entries) - top)
        if height <= 1:
            return None
        block = [[lines.text(top, lines.columns[column].key) for column in columns]] * (height - 1)
        return lines.paste(top + 1, columns, block)

    def _order(self) -> list[int]:
        return [column for column, _left, _width in self._table.places()]

    def _selected(self, order: Sequence[int]) -> tuple[int, list[int], int]:
        """Return the first row, the columns and the number of rows that are selected, the current cell where none is."""
        chosen = [index for index in self._table.selectedIndexes() if index.isValid()] or [self._table.currentIndex()]
        rows, columns = {index.row() for index in chosen}, {index.column() for index in chosen}
        return min(rows), [column for column in order if column in columns], len(rows)
