"""A table whose rows are all there: a report's answer, the problems of an import, the people who use the company."""


from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop_crm.ui.kit.cell_model import NOTHING, CellModel, Shown
from desktop_crm.ui.kit.cells import CellRole, Kind
from desktop_crm.ui.show import WIDTHS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Column:
    """One column: its stable key, its heading, how it is drawn, its width in logical pixels (0 for the kind's own)."""

    key: str
    title: str
    kind: Kind = Kind.TEXT
    width: int = 0
    align: str = ""


class FixedRows(CellModel):
    """Rows that are all there, each with what it stands for."""

    def __init__(self, columns: Sequence[Column] = (), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = list(columns)
        self._things: list[Any] = []
        self._cells_of: Callable[[int], Sequence[Shown]] = lambda _row: ()
        self._cells: dict[int, Sequence[Shown]] = {}

    def show_rows(self, rows: Sequence[tuple[Any, Sequence[Shown]]], columns: Sequence[Column] | None = None) -> None:
        """Show other rows: what each stands for, and its cells; other columns too where they are given."""
        ready = [cells for _thing, cells in rows]
        self.show_things([thing for thing, _cells in rows], lambda row: ready[row], columns)

    def show_things(self, things: Sequence[Any], cells_of: Callable[[int], Sequence[Shown]], columns: Sequence[Column] | None = None) -> None:
        """Show other rows like `show_rows`, where there may be very many: the cells of a row are asked for when it comes into view."""
        self.beginResetModel()
        if columns is not None:
            self.columns = list(columns)
        self._things, self._cells_of, self._cells = list(things), cells_of, {}
        self.endResetModel()

    def thing(self, row: int) -> Any:
        """Return what a row stands for, None outside."""
        return self._things[row] if 0 <= row < len(self._things) else None

    def shown(self, row: int, column: int) -> Shown:
        """Return one cell."""
        cells = self._cells.get(row)
        if cells is None:
            cells = self._cells[row] = self._cells_of(row)
        return cells[column] if column < len(cells) else NOTHING

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self._things)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Answer what a column is."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        answers: dict[int, Any] = {
            Qt.ItemDataRole.DisplayRole: column.title, CellRole.KIND: column.kind, CellRole.KEY: column.key,
            CellRole.WIDTH: column.width or WIDTHS.get(column.kind, 108), CellRole.ALIGN: column.align or None,
        }
        return answers.get(role)
