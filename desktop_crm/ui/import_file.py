"""The card about the file of an import: which sheet, which row the headings stand in, how a text file is read, and the sheet itself to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Signal

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.domain.kinds import cell_text
from desktop_crm.services.workbooks.cells import CellError
from desktop_crm.services.workbooks.parts import column_letters
from desktop_crm.ui.fixed_rows import Column, FixedRows
from desktop_crm.ui.import_choose import encoding_choices
from desktop_crm.ui.kit.fields import ComboEditor, ParsedEditor
from desktop_crm.ui.kit.table import DataTable
from desktop_crm.ui.kit.widgets import Button, Card, ElidedLabel, IconLabel, Label, LinkLabel, column, holder, row, vline
from desktop_crm.ui.show import Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.services.importing import Source
    from desktop_crm.services.workbooks.cells import Cell

LOOKED_AT: Final = 12
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
        self.excluded = ElidedLabel("", "small", "text3")
        self.fold = Button(_("Show the sheet"), "ghost", size="small", icon="table-2", name="import.show_sheet", on_click=self._toggle)
        sheet_part = row(Label(_("Sheet"), "small", "text2"), self.sheet)
        header_part = row(Label(_("Headings in row"), "small", "text2"), self.header)
        self.body.addLayout(row(
            IconLabel("file-spreadsheet", "success", 20), (column(self.name, self.facts, gap=0), 2), other, vline(32), sheet_part, header_part, self.encoding_part,
            self.fold, gap=12,
        ))
        self.body.addWidget(self.excluded)
        self.model = FixedRows(parent=self)
        self.table = DataTable(name="import.sheet_rows", label=_("First rows of the sheet"), ticks=False, row_height=28)
        self.table.setModel(self.model)
        self.table.setFixedHeight(240)
        self.table.hide()
        self.body.addWidget(self.table)
        self._header_row = 0
        self._header_typed = False

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
        is_text = workbook.kind == "csv"
        self.encoding_part.setVisible(is_text)
        self.encoding.set_value(encoding)
        if is_text and not encoding:
            self.encoding.line.setText(_("{encoding} (found)").format(encoding=workbook.encoding.upper()))
        self.excluded.setText(_excluded_text(table.excluded, table.hidden_rows))
        self.excluded.setVisible(bool(self.excluded.text()))
        self._show_rows(source)
        if is_text:
            self._set_shown(shown=True)

    def begin(self) -> None:
        """Forget how the former file was to be read."""
        self._header_typed = False
        self._set_shown(shown=False)

    def _header_left(self) -> None:
        if self.header.tidy() and self.header.value() not in (None, self._header_row):
            self._header_row = int(str(self.header.value()))
            self._header_typed = True
            self.changed.emit()

    def _sheet_chosen(self) -> None:
        self._header_typed = False
        self.changed.emit()

    def chosen(self) -> dict[str, Any]:
        """Return how the file is to be read, as `open_source` takes it; a heading row that wasn't touched is left to be found."""
        return {"sheet": str(self.sheet.value() or "") or None, "header_row": self._header_row if self._header_typed else None, "encoding": str(self.encoding.value() or "") or None}

    def _toggle(self) -> None:
        self._set_shown(shown=self.table.isHidden())

    def _set_shown(self, *, shown: bool) -> None:
        self.table.setVisible(shown)
        self.fold.set_text(_("Hide the sheet") if shown else _("Show the sheet"))

    def _show_rows(self, source: Source) -> None:
        rows = source.sheet.rows
        last = min(len(rows), source.table.header_rows[-1] + 1 + LOOKED_AT)
        count = min(max((len(cells) for cells in rows[:last]), default=1), MOST_COLUMNS)
        columns = [Column("row", "", width=44, align="right"), *(Column(column_letters(place), column_letters(place), width=120) for place in range(count))]
        heads, data = set(source.table.header_rows), set(source.table.rows)
        shown = []
        for number, cells in enumerate(rows[:last]):
            tone = "text" if number in data else "accent" if number in heads else "text3"
            texts = [Shown(_text(cells[place]) if place < len(cells) else "", tone, bold=number in heads) for place in range(count)]
            shown.append((number, [Shown(str(number + 1), "text3"), *texts]))
        self.model.show_rows(shown, columns)
        self.table.set_widths()


def _text(cell: Cell) -> str:
    return cell.code if isinstance(cell, CellError) else " ".join(cell_text(cell).split())


def _excluded_text(excluded: Sequence[tuple[int, str]], hidden: int) -> str:
    """Say which rows are no data, and how many of the data rows are hidden in the file."""
    parts = []
    if excluded:
        rows = _(", ").join(_("row {row} ({reason})").format(row=number + 1, reason=reason) for number, reason in excluded[:4])
        more = _(" and {count} more").format(count=len(excluded) - 4) if len(excluded) > 4 else ""  # noqa: PLR2004 - as many as named above
        parts.append(_("Left out: {rows}").format(rows=rows + more))
    if hidden:
        parts.append(_("{count} hidden rows are imported too").format(count=hidden))
    return _("; ").join(parts)
