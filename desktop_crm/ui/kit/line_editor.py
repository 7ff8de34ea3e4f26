"""The editor that opens in a cell of an editable table, with its list of choices."""


from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop_crm.ui.kit.editor_base import Line
from desktop_crm.ui.kit.popup import Choice, DropList, later

if TYPE_CHECKING:
    from desktop_crm.ui.kit.line_table import LineTable

Index = QModelIndex | QPersistentModelIndex


class CellLine(Line):
    """A line edit in a cell that knows which of its choices was picked."""

    def __init__(self) -> None:
        super().__init__(look="cell")
        self.picked: Choice | None = None
        self.drop: DropList | None = None


class LineDelegate(QStyledItemDelegate):
    """Opens, fills and reads cell editors."""

    def __init__(self, table: LineTable) -> None:
        super().__init__(table)
        self.table = table

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Open a line in a cell; choices drop down at once."""
        del option
        one = self.table.lines.columns[index.column()]
        line = CellLine()
        line.setParent(parent)
        line.setObjectName(f"{self.table.objectName()}.editor")
        line.setAccessibleName(one.heading)
        line.textEdited.connect(lambda _text: self.table.typing.emit())
        if self.table.align_of(index.column()) == "right":
            line.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = index.row()
        options = one.options({} if self.table.lines.is_ghost(row) else self.table.lines.entries[row].values)
        if options or one.suggest:
            line.drop = DropList(line)
            line.drop.chosen.connect(lambda choice: self._picked(line, choice))
            line.textEdited.connect(lambda text: self._search(line, index.column(), options, text))
            if options:
                later(line, lambda: self._search(line, index.column(), options, ""))
        return line

    def _search(self, line: CellLine, column: int, options: list[tuple[object, str]], text: str) -> None:
        drop, suggest = line.drop, self.table.lines.columns[column].suggest
        line.picked = None
        if drop is None or not line.isVisible():
            return
        if suggest is not None:
            asked = text

            def reply(choices: list[Choice]) -> None:
                if line.text() == asked and line.isVisible():
                    drop.drop(choices)

            suggest(text.strip(), reply)
            return
        found = [Choice(code, title) for code, title in options if text.strip().casefold() in title.casefold()]
        current = next((place for place, one in enumerate(found) if one.title == line.text()), 0)
        drop.drop(found, current)

    def _picked(self, line: CellLine, choice: Choice) -> None:
        line.setText(choice.title)
        line.picked = choice
        self._finish(line, 0, 1)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Fill the line with the cell's text, all of it selected."""
        if isinstance(editor, Line) and not self.table.lines.is_ghost(index.row()):
            editor.setText(self.table.lines.text(index.row(), self.table.lines.columns[index.column()].key))
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Give the text, or the choice that was picked, to the lines."""
        del model
        if not isinstance(editor, CellLine) or editor.composing:
            return
        row, column = index.row(), index.column()
        if editor.picked is not None:
            self.table.lines.pick(row, column, editor.picked)
        else:
            self.table.lines.type_in(row, column, editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Cover the cell."""
        del option
        editor.setGeometry(self.table.visualRect(index).adjusted(1, 1, -1, -1))

    def eventFilter(self, object: QObject, event: QEvent) -> bool:  # noqa: A002 - Qt's own name
        """Let the open list have its keys; Enter goes down, Tab goes on, Esc restores."""
        if isinstance(object, CellLine) and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and not object.composing:
            key = Qt.Key(event.key())
            if object.drop is not None and object.drop.handle_key(event):
                return True
            if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self._finish(object, 0, 0)
                event.ignore()
                return False
            moves = {Qt.Key.Key_Return: (1, 0), Qt.Key.Key_Enter: (1, 0), Qt.Key.Key_Tab: (0, 1), Qt.Key.Key_Backtab: (0, -1)}
            if key in moves:
                self._finish(object, *moves[key])
                return True
        return super().eventFilter(object, event)

    def _finish(self, line: CellLine, down: int, along: int) -> None:
        if line.drop is not None:
            line.drop.close_up()
        self.commitData.emit(line)
        self.closeEditor.emit(line, QStyledItemDelegate.EndEditHint.NoHint)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self.table.step(down, along)
