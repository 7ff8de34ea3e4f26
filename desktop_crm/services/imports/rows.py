"""From the rows of a list to values: its columns are read many rows at a time, and what can't be read is named with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.services.imports.columns import ColumnReader, Outcome, shown
from desktop_crm.services.imports.shapes import MADE
from desktop_crm.services.imports.types import Row, RowProblem, Source
from desktop_crm.services.workbooks.cells import Cell, is_blank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from desktop_crm.services.imports.links import Links

BATCH: Final = 1000
"""Rows that are read at a time, and after which progress is told."""


class SheetReader:
    """Reads the rows of a source by a mapping; `problems` and `warnings` gather what there is to say.

    `values` gives by field the texts to read in the place of others, `fixed` the text of a field where a row gives none.
    """

    def __init__(
        self, source: Source, mapping: dict[int, str], links: Links, *, values: Mapping[str, Mapping[str, str]] | None = None, fixed: Mapping[str, str] | None = None
    ) -> None:
        text_file, headings, fields = source.workbook.kind == "csv", source.columns(), source.spec.fields
        self.source = source
        self.columns = [
            ColumnReader(number, headings[number], fields[name], links, text_file=text_file, values=(values or {}).get(name)) for number, name in mapping.items()
        ]
        self._by_name = {column.name: column for column in self.columns}
        self._plain = [column for column in self.columns if column.number < MADE]
        by_number = {column.number: column for column in self.columns}
        self._shapes = [
            (shape, made) for shape in source.shapes
            if (made := [(place, by_number[number]) for place, number in enumerate(shape.numbers()) if number in by_number])
        ]
        self._fixed = {name: self._given(ColumnReader(-1, "", fields[name], links, text_file=False), text) for name, text in (fixed or {}).items()}
        self.problems: list[RowProblem] = []
        self.warnings: list[RowProblem] = []
        self._ragged = text_file
        self._width = max(source.table.columns) + 1

    @staticmethod
    def _given(reader: ColumnReader, text: str) -> Outcome:
        """Return what a fixed text gives; raises UserError where it can't be read."""
        chosen = reader.by_id(text)
        found = reader.read(text) if chosen is None else Outcome(chosen)
        if found.problem:
            raise UserError(_("The fixed value of {field} can't be: {reason}").format(field=reader.field.title, reason=found.problem))
        return found

    def place(self, row: Row, field: str, message: str) -> RowProblem:
        """Return a problem of a row at the column its field is read from; the field's own title where it is read from none."""
        column = self._by_name.get(field)
        known = self.source.spec.fields.get(field)
        heading = column.heading if column else known.title if known else ""
        return RowProblem(row.number, heading, field, shown(self._cell(row, column)), message)

    def _cell(self, row: Row, column: ColumnReader | None) -> Cell:
        """Return what a row says in a column, of the sheet or made."""
        if column is None or column.number >= MADE:
            return row.made.get(column.name) if column is not None and row.made else None
        return self.source.sheet.cell(row.number - 1, column.number)

    def batches(self, step: Callable[[int], None]) -> Iterator[list[Row]]:
        """Yield the rows of the table, some hundred at a time; those with problems are marked as refused."""
        sheet, numbers = self.source.sheet, self.source.table.rows
        beyond: dict[int, list[int]] = {}
        for number, column in self.source.table.beyond:
            beyond.setdefault(number, []).append(column)
        damaged: dict[int, set[int]] = {}
        for number, column in sheet.suspicious:
            damaged.setdefault(number, set()).add(column)
        for start in range(0, len(numbers), BATCH):
            step(start)
            part = numbers[start : start + BATCH]
            cells = [sheet.rows[number] for number in part]
            batch = self._read(part, cells, damaged)
            if self._shapes or self._fixed:
                for row, own in zip(batch, cells, strict=True):
                    self._read_made(row, own, damaged.get(row.number - 1, set()))
            for row, own in zip(batch, cells, strict=True) if self._ragged or beyond else ():
                if self._ragged and len(own) < self._width:
                    message = _("The row has fewer cells than there are headings; see whether they stand under the right ones")
                    self.warnings.append(RowProblem(row.number, "", "", "", message))
                if row.number - 1 in beyond:
                    self._beyond(row, [shown(sheet.cell(row.number - 1, column)) for column in beyond[row.number - 1]])
            yield batch
        self._unmapped_losses()

    def _read(self, numbers: Sequence[int], rows: Sequence[list[Cell]], damaged: Mapping[int, set[int]]) -> list[Row]:
        """Read the columns of some rows; `damaged` are those of each row whose numbers have lost digits."""
        width = self._width
        if any(len(cells) < width for cells in rows):
            rows = [cells if len(cells) >= width else [*cells, *[None] * (width - len(cells))] for cells in rows]
        columns: list[Sequence[Cell]] = list(zip(*rows, strict=False))
        names: list[str] = []
        read: list[Sequence[Any]] = []
        later: dict[int, list[tuple[ColumnReader, Any, bool]]] = {}
        lost = [(place, which) for place, number in enumerate(numbers) if (which := damaged.get(number))] if damaged else []
        for reader in self._plain:
            values, told = reader.many(columns[reader.number])
            torn = {place for place, which in lost if reader.number in which}
            for place in sorted(torn.union(told)):
                later.setdefault(place, []).append((reader, values[place], place in torn))
            names.append(reader.name)
            read.append(values)
        made = [Row(number + 1) for number in numbers]
        for row, values in zip(made, zip(*read, strict=True), strict=True) if read else ():
            row.values = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        for place, found in later.items():
            row = made[place]
            for reader, value, is_torn in found:
                self._take(row, reader, value if type(value) is Outcome else Outcome(value), lost=is_torn)
        return made

    def _read_made(self, row: Row, cells: list[Cell], damaged: set[int]) -> None:
        """Read the cells that are made of a row's own, then what is fixed for fields it says nothing about."""
        row.made = {}
        for shape, readers in self._shapes:
            made = shape.cells(cells)
            lost = not damaged.isdisjoint(shape.columns)
            for place, reader in readers:
                if not is_blank(made[place]):
                    row.made[reader.name] = made[place]
                    self._take(row, reader, reader.read(made[place]), lost=lost)
        for name, found in self._fixed.items():
            if name not in row.values and name not in row.missing and is_blank(self._cell(row, self._by_name.get(name))):
                if found.missing:
                    row.missing[name] = found.missing
                elif found.value is not None and found.value != "":
                    row.values[name] = found.value
                    row.checks = {**(row.checks or {}), name: found.checks}

    def _take(self, row: Row, reader: ColumnReader, found: Outcome, *, lost: bool) -> None:
        name = reader.name
        if lost and reader.keeps_digits:
            message = _("This long number has lost its last digits in the file; make the column a text column in Excel and enter it again")
            found = Outcome(problem=message)
        if found.value is not None and found.value != "":
            row.values[name] = found.value
        else:
            row.values.pop(name, None)
        if found.problem:
            row.fate = "refused"
            self.problems.append(self.place(row, name, found.problem))
            return
        if found.missing:
            row.missing[name] = found.missing
        if found.checks:
            row.checks = {**(row.checks or {}), name: found.checks}
        if found.remark:
            self.warnings.append(self.place(row, name, found.remark))

    def _beyond(self, row: Row, texts: list[str]) -> None:
        """Cells right of the last heading: in a text file the row is broken, in a workbook they are remarks beside the list."""
        value = _(", ").join(texts)
        if not self._ragged:
            self.warnings.append(RowProblem(row.number, "", "", value, _("This stands under no heading and isn't imported")))
            return
        row.fate = "refused"
        message = _("The row has more cells than there are headings; put quotation marks around texts with a separator in them")
        self.problems.append(RowProblem(row.number, "", "", value, message))

    def _unmapped_losses(self) -> None:
        """Say once for each column that isn't imported that its numbers have lost digits."""
        mapped = {column.number for column in self.columns} | {column for shape, _made in self._shapes for column in shape.columns}
        headings = self.source.columns()
        said: set[int] = set()
        for row, column in sorted(self.source.sheet.suspicious):
            if column in mapped or column in said or not headings.get(column):
                continue
            said.add(column)
            message = _("The long numbers of this column have lost their last digits in the file; the column isn't imported")
            self.warnings.append(RowProblem(row + 1, headings[column], "", shown(self.source.sheet.cell(row, column)), message))
