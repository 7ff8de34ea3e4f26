"""Models whose cells are ready to be drawn: one answer a cell, for the grid that paints it and for all of Qt's questions."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from desktop_crm.base.lazily import NamedTuple
from desktop_crm.ui.kit.cells import LOADING, CellRole, RowLook

Index = QModelIndex | QPersistentModelIndex


class Shown(NamedTuple):
    """A value made ready: text, colour role, bold or not, what the cell's kind draws, what is copied, and the full text where `text` is short."""

    text: str
    tone: str = ""
    bold: bool = False
    value: object = None
    raw: object = None
    tip: str = ""


NOTHING: Final = Shown("")
WAITING: Final = Shown(LOADING)
"""A cell that is still being read."""


class CellModel(QAbstractTableModel):
    """A table model that answers `shown`. The grid asks that itself: Qt's way takes an index and several questions for each cell it paints."""

    def shown(self, row: int, column: int) -> Shown:
        """Return one cell of a row that there is; WAITING while it is being read."""
        raise NotImplementedError

    def look(self, row: int) -> RowLook | None:
        """Return what sets a row apart, if anything."""
        del row
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let every cell be chosen."""
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable if index.isValid() else Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Answer what a cell shows."""
        if not index.isValid():
            return None
        if role == CellRole.ROW:
            return self.look(index.row())
        cell = self.shown(index.row(), index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell.text
            case CellRole.TONE:
                return cell.tone
            case CellRole.BOLD:
                return cell.bold
            case CellRole.VALUE:
                return cell.value
            case CellRole.RAW:
                return cell.raw
            case Qt.ItemDataRole.ToolTipRole:
                return cell.tip or None
        return None
