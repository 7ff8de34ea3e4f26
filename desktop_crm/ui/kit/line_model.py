"""The rows of an editable table: values by key, what was typed and could not be understood, undo, pasted blocks."""


from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import dataclass
from desktop_crm.ui.kit.cells import CellRole, Kind, RowLook
from desktop_crm.ui.kit.popup import Choice

Row = dict[str, object]
Index = QModelIndex | QPersistentModelIndex
Suggest = Callable[[str, Callable[[list[Choice]], None]], None]
UNDO_STEPS = 100
ROOT = QModelIndex()


@dataclass(frozen=True)
class LineColumn:
    """One column of an editable table.

    `parse` makes a value of the text typed and raises ValueProblem; `show` writes a value. `editable` may depend on the row.
    `choices` are (code, label) pairs, or a function of the row that returns them; `suggest` looks Choices up as link editors do.
    `tone` gives the colour role of a value. `boxed` draws the cell as an open input.
    """

    key: str
    heading: str
    kind: Kind = Kind.TEXT
    width: int = 96
    editable: bool | Callable[[Row], bool] = True
    required: bool = False
    parse: Callable[[str], object] | None = None
    show: Callable[[object], str] | None = None
    choices: Sequence[tuple[object, str]] | Callable[[Row], Sequence[tuple[object, str]]] = ()
    suggest: Suggest | None = None
    tone: Callable[[Row], str] | None = None
    boxed: bool = False
    bold: bool = False

    def options(self, row: Row) -> list[tuple[object, str]]:
        """Return the choices for a row."""
        return list(self.choices(row) if callable(self.choices) else self.choices)


@dataclass
class Problem:
    """What is wrong with a cell: the words, more words, buttons as (label, callback), and the text typed where it is no value."""

    text: str
    detail: str = ""
    fixes: Sequence[tuple[str, Callable[[], object]]] = ()
    typed: str | None = None


@dataclass
class Entry:
    """One line with its problems by key. A `group` line is a heading over the lines that follow."""

    values: Row
    problems: dict[str, Problem] = field(default_factory=dict)
    group: str = ""


class LineModel(QAbstractTableModel):
    """Editable lines.

    Signals: `cell_changed(row, key)`, `block_typed(rows)` after the cells of a pasted block, `line_added(row)`, `lines_removed()`, `picked(row, key, Choice)`,
    `replaced()` by undo.
    """

    cell_changed = Signal(int, str)
    block_typed = Signal(object)
    line_added = Signal(int)
    lines_removed = Signal()
    picked = Signal(int, str, object)
    replaced = Signal()

    def __init__(self, columns: Sequence[LineColumn], *, new_line: Callable[[], Row] | None = None, ghost_text: str = "") -> None:
        super().__init__()
        self.columns = list(columns)
        self.new_line, self.ghost_text = new_line, ghost_text
        self.entries: list[Entry] = []
        self._done: list[list[Entry]] = []
        self._undone: list[list[Entry]] = []
        self.pasting = False
        self._changed_rows: set[int] = set()

    # ---- Qt's side

    def rowCount(self, parent: Index = ROOT) -> int:
        """Count the lines and the ghost line."""
        return 0 if parent.isValid() else len(self.entries) + (1 if self.new_line else 0)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(self.columns)

    def is_ghost(self, row: int) -> bool:
        """Tell whether a row is the empty one at the end that makes a new line."""
        return row == len(self.entries)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Answer headings, kinds and widths."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        one = self.columns[section]
        answers = {int(Qt.ItemDataRole.DisplayRole): one.heading, int(CellRole.KIND): one.kind, int(CellRole.WIDTH): one.width,
                   int(CellRole.KEY): one.key, int(CellRole.REQUIRED): one.required}
        return answers.get(int(role))

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let editable cells be edited."""
        plain = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return plain | Qt.ItemFlag.ItemIsEditable if index.isValid() and self.can_edit(index.row(), index.column()) else plain

    def can_edit(self, row: int, column: int) -> bool:
        """Tell whether a cell can be edited."""
        one = self.columns[column]
        if self.is_ghost(row):
            return self.new_line is not None and one.editable is not False
        entry = self.entries[row]
        if entry.group:
            return False
        return one.editable(entry.values) if callable(one.editable) else one.editable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Answer a cell."""
        row, one = index.row(), self.columns[index.column()]
        if self.is_ghost(row):
            return self._ghost_data(one, role)
        entry = self.entries[row]
        problem, value = entry.problems.get(one.key), entry.values.get(one.key)
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.group or self.text(row, one.key)
        if role == CellRole.TONE:
            return "danger" if problem else one.tone(entry.values) if one.tone else ""
        look = RowLook(ground="sunken", group=True) if entry.group else None
        answers = {int(CellRole.ROW): look, int(CellRole.ERROR): problem.text if problem else None, int(CellRole.VALUE): value,
                   int(CellRole.RAW): value, int(CellRole.BOLD): one.bold or None}
        return answers.get(int(role))

    def _ghost_data(self, one: LineColumn, role: int) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            open_columns = [column for column in self.columns if column.editable is not False]
            names = [column for column in open_columns if column.required and column.kind is Kind.TEXT] or [column for column in open_columns if column.suggest]
            spoken = next(iter(names or open_columns), None)
            return self.ghost_text if one is spoken else " "
        return "text3" if role == CellRole.TONE else None

    # ---- reading

    def column_of(self, key: str) -> int:
        """Return the number of a column; raises KeyError where there is none."""
        for number, one in enumerate(self.columns):
            if one.key == key:
                return number
        raise KeyError(key)

    def text(self, row: int, key: str) -> str:
        """Return a cell as text: what was typed while it is no value, else the value as it is written."""
        entry, one = self.entries[row], self.columns[self.column_of(key)]
        problem = entry.problems.get(key)
        if problem is not None and problem.typed is not None:
            return problem.typed
        value = entry.values.get(key)
        label = next((title for code, title in one.options(entry.values) if code == value), None)
        if label is not None:
            return label
        if value is None or value == "":
            return ""
        return one.show(value) if one.show else str(value)

    def rows(self) -> list[Row]:
        """Return the values of every line, without group headings."""
        return [dict(entry.values) for entry in self.entries if not entry.group]

    # ---- changing

    def set_entries(self, entries: list[Entry]) -> None:
        """Show other lines and forget what could be undone."""
        self.beginResetModel()
        self.entries = entries
        self._done, self._undone = [], []
        self.endResetModel()

    def remember(self) -> None:
        """Keep the lines as they are now as one undo step."""
        self._done.append([Entry(dict(entry.values), dict(entry.problems), entry.group) for entry in self.entries])
        del self._done[:-UNDO_STEPS]
        self._undone = []

    def undo(self, *, again: bool = False) -> bool:
        """Go one step back, or forward with `again`; tell whether there was one."""
        source, target = (self._undone, self._done) if again else (self._done, self._undone)
        if not source:
            return False
        target.append(self.entries)
        self.beginResetModel()
        self.entries = source.pop()
        self.endResetModel()
        self.replaced.emit()
        return True

    def read(self, row: int, one: LineColumn, text: str) -> object:
        """Make a value of the text typed into a cell; raises ValueProblem."""
        text = text.strip()
        values = {} if self.is_ghost(row) else self.entries[row].values
        options = one.options(values)
        if options and text:
            for code, title in options:
                if title.casefold() == text.casefold():
                    return code
            raise ValueProblem(_("“{text}” is not one of the choices").format(text=text))
        if not text:
            return None
        return one.parse(text) if one.parse else text

    def type_in(self, row: int, column: int, text: str, *, step: bool = True) -> bool:
        """Take what was typed into a cell; tell whether it is a value. The ghost line becomes a line by it."""
        one = self.columns[column]
        if self.is_ghost(row) and not text.strip():
            return True
        if not self.is_ghost(row) and text == self.text(row, one.key):
            return one.key not in self.entries[row].problems
        if step:
            self.remember()
        if self.is_ghost(row):
            self.insert(row)
        entry = self.entries[row]
        try:
            value = self.read(row, one, text)
        except ValueProblem as problem:
            entry.problems[one.key] = Problem(problem.message, typed=text)
            self._touched(row)
            return False
        entry.problems.pop(one.key, None)
        entry.values[one.key] = value
        self._touched(row)
        self.cell_changed.emit(row, one.key)
        return True

    def put_value(self, row: int, key: str, value: object) -> None:
        """Set one value, as one undo step."""
        self.remember()
        if self.is_ghost(row):
            self.insert(row)
        self.entries[row].values[key] = value
        self.entries[row].problems.pop(key, None)
        self._touched(row)
        self.cell_changed.emit(row, key)

    def pick(self, row: int, column: int, choice: Choice) -> None:
        """Take a suggested choice into a cell."""
        key = self.columns[column].key
        self.put_value(row, key, choice.value)
        self.picked.emit(row, key, choice)

    def update_row(self, row: int, values: Row) -> None:
        """Set values that were worked out from others; no undo step, no signal."""
        self.entries[row].values.update(values)
        self._touched(row)

    def set_problem(self, row: int, key: str, problem: Problem | None) -> None:
        """Mark a cell, or take its mark away."""
        if problem is None:
            self.entries[row].problems.pop(key, None)
        else:
            self.entries[row].problems[key] = problem
        self._touched(row)

    def _touched(self, row: int) -> None:
        if self.pasting:
            self._changed_rows.add(row)
        else:
            self._tell(row, row)

    def _tell(self, first: int, last: int) -> None:
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))

    def insert(self, row: int, count: int = 1) -> None:
        """Put new lines before `row`."""
        self.beginInsertRows(QModelIndex(), row, row + count - 1)
        self.entries[row:row] = [Entry(self.new_line() if self.new_line else {}) for _number in range(count)]
        self.endInsertRows()
        for number in range(row, row + count):
            self.line_added.emit(number)

    def remove(self, first: int, last: int) -> None:
        """Take lines out, as one undo step."""
        last = min(last, len(self.entries) - 1)
        if first > last:
            return
        self.remember()
        self.beginRemoveRows(QModelIndex(), first, last)
        del self.entries[first : last + 1]
        self.endRemoveRows()
        self.lines_removed.emit()

    def paste(self, row: int, places: Sequence[int], block: Sequence[Sequence[str]]) -> tuple[int, int]:
        """Type a block of texts into the cells from `row` on, growing lines as needed, as one undo step.

        `places` are the columns the block's columns go to; those that can't be edited are passed over. Returns lines touched and cells
        that could not be understood. While `pasting`, listeners put off what is worked out over a line until `block_typed`, and over all lines until the end.
        """
        self.remember()
        self.pasting = True
        try:
            done = self._paste(row, places, block)
            self.block_typed.emit(sorted(self._changed_rows))
            return done
        finally:
            self.pasting = False
            if self._changed_rows:
                self._tell(min(self._changed_rows), max(self._changed_rows))
                self._changed_rows.clear()

    def _paste(self, row: int, places: Sequence[int], block: Sequence[Sequence[str]]) -> tuple[int, int]:
        missing = row + len(block) - len(self.entries)
        if missing > 0 and self.new_line:
            self.insert(len(self.entries), missing)
        lines = bad = 0
        for at, texts in zip(range(row, len(self.entries)), block, strict=False):
            lines += 1
            for column, text in zip(places, texts, strict=False):
                if self.can_edit(at, column) and not self.type_in(at, column, text, step=False):
                    bad += 1
        return lines, bad
