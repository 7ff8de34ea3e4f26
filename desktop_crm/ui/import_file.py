"""The card about the file of an import: which sheet and table, which row the headings stand in, how a text file is read, and the sheet itself to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Signal

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.domain.kind import cell_text
from desktop_crm.services.workbooks.cells import FORMULA, CellError
from desktop_crm.services.workbooks.parts import column_letters
from desktop_crm.ui.fixed_rows import Column, FixedRows
from desktop_crm.ui.import_choose import encoding_choices, separator_choices
from desktop_crm.ui.kit.cell_model import Shown
from desktop_crm.ui.kit.fields import ComboEditor, ParsedEditor
from desktop_crm.ui.kit.table import DataTable
from desktop_crm.ui.kit.widgets import Button, Card, ElidedLabel, IconLabel, Label, LinkLabel, column, holder, row, vline

if TYPE_CHECKING:
    from desktop_crm.services.importing import Source
    from desktop_crm.services.workbooks.cells import Cell
    from desktop_crm.services.workbooks.layout import Table

LOOKED_AT: Final = 12
ABOVE: Final = 8
"""Rows above the headings that are shown."""
TITLE_LENGTH: Final = 24
MOST_COLUMNS: Final = 40
KILO: Final = 1024


def file_size(count: int) -> str:
    """Return a number of bytes as people say it."""
    return f"{count / KILO:,.0f} KB" if count < KILO**2 else f"{count / KILO**2:,.1f} MB"


def row_number(text: str) -> object:
    """Read a row of a sheet, from 1; raises ValueProblem."""
    if not text.isdecimal() or not int(text):
        raise ValueProblem(_("Rows are counted from 1"))
    return int(text)


class FileCard(Card):
    """Signals: `changed` when the file is to be read in another way, `other_wanted` for another file."""

    changed = Signal()
    other_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.name = ElidedLabel("", bold=True)
        self.facts = Label("", "small", "text3")
        other = LinkLabel(_("Another file"), name="import.other_file")
        other.clicked.connect(self.other_wanted)
        self.sheet = ComboEditor(name="import.sheet", label=_("Sheet"))
        self.sheet.changed.connect(self._sheet_chosen)
        self.header = ParsedEditor(row_number, str, name="import.header_row", label=_("Heading row"))
        self.header.setFixedWidth(64)
        self.header.left.connect(self._header_left)
        self.header.line.returnPressed.connect(self._header_left)
        self.encoding = ComboEditor(encoding_choices(), name="import.encoding", label=_("Encoding"))
        self.encoding.changed.connect(self.changed)
        self.encoding_part = holder(row(Label(_("Encoding"), "small", "text2"), self.encoding))
        self.separator = ComboEditor(separator_choices(), name="import.separator", label=_("Separator"))
        self.separator.setMinimumWidth(160)
        self.separator.changed.connect(self.changed)
        self.separator_part = holder(row(Label(_("Separator"), "small", "text2"), self.separator))
        self.which = ComboEditor(name="import.table", label=_("Table"))
        self.which.setMinimumWidth(200)
        self.which.changed.connect(self._table_chosen)
        self.table_part = holder(row(Label(_("Table"), "small", "text2"), self.which))
        self.more = holder(row(self.table_part, self.encoding_part, self.separator_part, None, gap=16))
        self.excluded = ElidedLabel("", "small", "text3")
        self.fold = Button(_("Show the sheet"), "ghost", size="small", icon="table-2", name="import.show_sheet", on_click=self._toggle)
        sheet_part = row(Label(_("Sheet"), "small", "text2"), self.sheet)
        header_part = row(Label(_("Headings in row"), "small", "text2"), self.header)
        self.body.addLayout(row(
            IconLabel("file-spreadsheet", "success", 20), (column(self.name, self.facts, gap=0), 2), other, vline(32), sheet_part, header_part, self.fold, gap=12,
        ))
        self.body.addWidget(self.more)
        self.body.addWidget(self.excluded)
        self.model = FixedRows(parent=self)
        self.table = DataTable(name="import.sheet_rows", label=_("First rows of the sheet"), ticks=False, row_height=28)
        self.table.setModel(self.model)
        self.table.setFixedHeight(240)
        self.table.hide()
        self.body.addWidget(self.table)
        self._header_row = 0
        self._header_typed = False
        self._number: int | None = None

    def show_source(self, source: Source, encoding: str) -> None:
        """Show what was read and how."""
        workbook, table = source.workbook, source.table
        self.name.setText(workbook.path.name)
        size = file_size(workbook.path.stat().st_size) if workbook.path.exists() else ""
        facts = [_("{count} rows").format(count=f"{len(table.rows):,}"), _("{count} columns").format(count=len(table.columns)), size, *workbook.notes]
        self.facts.setText(" · ".join(part for part in facts if part))
        self.sheet.set_choices([(one.name, one.name) for one in workbook.sheets if one.rows])
        self.sheet.set_value(source.sheet.name)
        self._header_row = table.header_rows[-1] + 1
        self.header.set_value(self._header_row)
        self._show_how_read(source, encoding)
        self.excluded.setText(_left_out(table))
        self.excluded.setVisible(bool(self.excluded.text()))
        self._show_rows(source)
        if workbook.encoding or len(source.sheet.tables) > 1:
            self._set_shown(shown=True)

    def _show_how_read(self, source: Source, encoding: str) -> None:
        """Show what was found of the encoding, the separator and the tables, so that it can be put right."""
        workbook, tables = source.workbook, source.sheet.tables
        self.encoding_part.setVisible(bool(workbook.encoding))
        self.encoding.set_value(encoding)
        if workbook.encoding and not encoding:
            self.encoding.line.setText(_("{encoding} (found)").format(encoding=workbook.encoding.upper()))
            self.encoding.line.setCursorPosition(0)
        self.separator_part.setVisible(bool(workbook.separator))
        if workbook.separator and not self.separator.value():
            self.separator.line.setText(_("{separator} (found)").format(separator=dict(separator_choices()).get(workbook.separator, workbook.separator)))
            self.separator.line.setCursorPosition(0)
        self.table_part.setVisible(len(tables) > 1)
        self.which.set_choices([(number, _table_text(number, one)) for number, one in enumerate(tables, start=1)])
        place = next((number for number, one in enumerate(tables, start=1) if one.header_rows == source.table.header_rows and one.columns == source.table.columns), None)
        self.which.set_value(place)
        self.more.setVisible(bool(workbook.encoding) or len(tables) > 1)

    def begin(self) -> None:
        """Forget how the former file was to be read."""
        self._header_typed = False
        self._number = None
        self.separator.set_value("")
        self._set_shown(shown=False)

    def _header_left(self) -> None:
        if self.header.tidy() and self.header.value() not in (None, self._header_row):
            self._header_row = int(str(self.header.value()))
            self._header_typed = True
            self._number = None
            self.changed.emit()

    def _sheet_chosen(self) -> None:
        self._header_typed = False
        self._number = None
        self.changed.emit()

    def _table_chosen(self) -> None:
        self._header_typed = False
        self._number = int(str(self.which.value())) if self.which.value() else None
        self.changed.emit()

    def chosen(self) -> dict[str, Any]:
        """Return how the file is to be read, as `open_source` takes it; a heading row that wasn't touched is left to be found."""
        return {
            "sheet": str(self.sheet.value() or "") or None, "header_row": self._header_row if self._header_typed else None, "table_number": self._number,
            "encoding": str(self.encoding.value() or "") or None, "separator": str(self.separator.value() or "") or None,
        }  # fmt: skip

    def _toggle(self) -> None:
        self._set_shown(shown=self.table.isHidden())

    def _set_shown(self, *, shown: bool) -> None:
        self.table.setVisible(shown)
        self.fold.set_text(_("Hide the sheet") if shown else _("Show the sheet"))

    def _show_rows(self, source: Source) -> None:
        rows = source.sheet.rows
        first = max(0, source.table.header_rows[0] - ABOVE)
        last = min(len(rows), source.table.header_rows[-1] + 1 + LOOKED_AT)
        count = min(max((len(cells) for cells in rows[first:last]), default=1), MOST_COLUMNS)
        columns = [Column("row", "", width=44, align="right"), *(Column(column_letters(place), column_letters(place), width=120) for place in range(count))]
        heads, data = set(source.table.header_rows), set(source.table.rows)
        shown = []
        for number, cells in enumerate(rows[first:last], start=first):
            tone = "text" if number in data else "accent" if number in heads else "text3"
            texts = [Shown(_text(cells[place]) if place < len(cells) else "", tone, bold=number in heads) for place in range(count)]
            shown.append((number, [Shown(str(number + 1), "text3"), *texts]))
        self.model.show_rows(shown, columns)
        self.table.set_widths()
        # The headings and what is below them; what stands above is a turn of the wheel away.
        self.table.scrollTo(self.model.index(max(source.table.header_rows[0] - first - 1, 0), 0), DataTable.ScrollHint.PositionAtTop)


def _text(cell: Cell) -> str:
    if isinstance(cell, CellError):
        return _("(not calculated)") if cell.code == FORMULA else cell.code
    return " ".join(cell_text(cell).split())


def _table_text(number: int, table: Table) -> str:
    """Return how one of several tables is called: its title or its first headings, and its rows."""
    name = table.title or _(", ").join(table.headings[:2])
    name = name if len(name) <= TITLE_LENGTH else f"{name[:TITLE_LENGTH]}…"
    return _("{number}. {name} (rows {first} to {last})").format(number=number, name=name, first=table.first + 1, last=table.rows[-1] + 1)


def _left_out(table: Table) -> str:
    """Say which rows are no data, and what of the data is hidden in the file."""
    parts = []
    excluded = table.excluded
    if excluded:
        rows = _(", ").join(_("row {row} ({reason})").format(row=number + 1, reason=reason) for number, reason in excluded[:4])
        more = _(" and {count} more").format(count=len(excluded) - 4) if len(excluded) > 4 else ""  # noqa: PLR2004 - as many as named above
        parts.append(_("Left out: {rows}").format(rows=rows + more))
    if table.hidden_rows:
        parts.append(_("{count} hidden rows are imported too").format(count=table.hidden_rows))
    if table.hidden_columns:
        parts.append(_("Hidden columns are read too: {columns}").format(columns=_(", ").join(table.hidden_columns)))
    return _("; ").join(parts)
