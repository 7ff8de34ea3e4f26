"""What is done with the open or current cell of an editor's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.ui.kit.line_editor import CellLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.ui.kit.line_table import LineTable


def open_cell(tables: Sequence[LineTable]) -> None:
    """Open the current cell of the table in use."""
    table = next((one for one in tables if one.hasFocus() and one.currentIndex().isValid()), None)
    if table is not None:
        table.edit(table.currentIndex())


def undo_in(tables: Sequence[LineTable]) -> None:
    """Take back the last change of the table in use."""
    table = next((one for one in tables if one.hasFocus()), None)
    if table is not None:
        table.lines.undo()


def commit_cells(tables: Sequence[LineTable]) -> None:
    """Take what stands in an open cell, as pressing Enter would."""
    for table in tables:
        for line in (one for one in table.findChildren(CellLine) if not one.isHidden()):
            delegate = table.itemDelegate()
            delegate.commitData.emit(line)
            delegate.closeEditor.emit(line)
