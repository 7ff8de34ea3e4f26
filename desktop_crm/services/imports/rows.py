"""From the cells of a list to values: each column is read by its field's kind, and what can't be read is named with its place."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from desktop_crm.base.errors import UserError, ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.domain.dates import from_serial
from desktop_crm.domain.kinds import Date, Email, Instant, Integer, Link, Number, Numeric, Text, cell_text
from desktop_crm.domain.money import parse_amount
from desktop_crm.domain.text import fold
from desktop_crm.services.imports.shapes import MADE
from desktop_crm.services.imports.source import heading_key, readings
from desktop_crm.services.imports.types import Row, RowProblem, Source
from desktop_crm.services.workbooks.cells import FORMULA, Cell, CellError, is_blank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from desktop_crm.domain.catalog import FieldSpec
    from desktop_crm.services.imports.links import Links

NULL: Final = "NULL"
_SERIALS: Final = range(20_000, 80_001)
"""Numbers that stand for the days 1954-10-03 to 2119-01-11 in Excel; a lesser or greater one is rather something else."""
_SERIAL_TEXT: Final = re.compile(r"\s*[2-8][0-9]{4}(?:\.[0-9]+)?\s*")
_CACHED: Final = 2000
"""Different cells a column keeps what they gave: one with more hardly repeats any."""
STEP: Final = 500
"""Rows between two reports of progress."""
_DASHES: Final = frozenset("-–—－")
"""How Excel's accounting format shows nothing, and people write it; no amount is made of it."""
_NOISE: Final = Decimal("0.000001")


class Outcome(NamedTuple):
    """What became of one cell: a value (None: nothing given), a problem, a remark, or the name of a record to be made."""

    value: Any = None
    problem: str = ""
    remark: str = ""
    missing: str = ""


_EMPTY: Final = Outcome()
_PLAIN_TEXT: Final = (Text, Email, Number)


def shown(cell: Cell) -> str:
    """Return a cell as a message shows it."""
    return (cell.code if cell.code != FORMULA else "") if isinstance(cell, CellError) else cell_text(cell)


def reads_opposite(field: FieldSpec, heading: str) -> bool:
    """Say whether what is missing to the whole stands under a heading."""
    return bool({heading_key(text) for text in field.opposites}.intersection(readings(heading)))


class ColumnReader:
    """Reads the cells of one column; what occurs again is read once."""

    def __init__(self, number: int, heading: str, field: FieldSpec, links: Links, *, text_file: bool, values: Mapping[str, str] | None = None) -> None:
        self.number = number
        self.heading = heading
        self.field = field
        self.name = field.name
        self._links = links
        self._text_file = text_file
        self.opposite = reads_opposite(field, heading)
        # A text stands for itself; of what is no text the type counts too, as True equals 1.
        self._seen: dict[Any, Outcome] = {}
        # The length up to which a text is taken as it stands, blanks aside; 0 for a kind that reads more into it.
        self.longest = 0 if self.opposite or values or type(field.kind) not in _PLAIN_TEXT else field.scale
        self._instead = {fold(text): other for text, other in (values or {}).items()}
        # Digits are lost for good where they make up a number; an amount of that size is refused by its own kind.
        self.keeps_digits = field.kind.storage in {"text", "note", "link"}

    def read(self, cell: Cell) -> Outcome:
        """Return what a cell gives."""
        key = cell if type(cell) is str else (type(cell), cell)
        found = self._seen.get(key)
        if found is None:
            found = self._read(cell)
            if len(self._seen) < _CACHED:
                self._seen[key] = found
        return found

    def by_id(self, text: str) -> Any:
        """Return the record a text ``#id`` was chosen to be; None for any other text."""
        return self._links.book(self.field.link).by_id(text) if isinstance(self.field.kind, Link) else None

    def _read(self, cell: Cell) -> Outcome:
        if is_blank(cell) or (self._text_file and cell == NULL):
            return _EMPTY
        if isinstance(cell, CellError):
            return Outcome(problem=_error_text(cell))
        instead = self._instead.get(fold(cell_text(cell))) if self._instead else None
        if instead is not None:
            cell = instead
            if cell == "":
                return _EMPTY
            if (chosen := self.by_id(cell)) is not None:
                return Outcome(chosen)
        try:
            if isinstance(self.field.kind, Link):
                return self._link(cell_text(cell).strip())
            value, remark = self._value(cell)
        except ValueProblem as problem:
            return Outcome(problem=problem.message)
        return Outcome(value, remark=remark)

    def _link(self, text: str) -> Outcome:
        found = self._links.find(self.field, text)
        return Outcome(missing=text) if found is None else Outcome(found)

    def _value(self, cell: Cell) -> tuple[Any, str]:
        kind = self.field.kind
        if isinstance(kind, (Date, Instant)) and isinstance(cell, str) and _SERIAL_TEXT.fullmatch(cell):
            cell = Decimal(cell.strip())
        if isinstance(kind, (Date, Instant)) and isinstance(cell, (Decimal, time)):
            day = _day(cell)
            if day is not None:
                return self.field.parse(day), _("The number {number} was read as the date {date}").format(number=cell_text(cell), date=day.isoformat())
        if isinstance(cell, str) and cell.strip() in _DASHES and isinstance(kind, (Numeric, Integer, Date, Instant)):
            return None, _("“{text}” was read as empty").format(text=cell.strip())
        value = kind.parse_opposite(cell, self.field) if self.opposite else self.field.parse(cell)
        if isinstance(kind, Numeric) and kind.name == "money" and value is not None:
            return value, _rounded(cell, value)
        return value, ""


def _error_text(cell: CellError) -> str:
    if cell.code == FORMULA:
        return _("This is a formula that was never worked out; open the file in Excel or WPS, save it there and import it again")
    return _("The cell shows the error {code}; correct it in the file").format(code=cell.code)


def _day(cell: Decimal | time) -> date | None:
    """Return the day of an Excel serial number that was left in a plain cell; None where it is no such number."""
    if isinstance(cell, time):
        # Serial 0 shows as midnight where the cell has a date format.
        return from_serial(0) if cell == time() else None
    return from_serial(float(cell)) if int(cell) in _SERIALS else None


def _rounded(cell: Cell, value: Decimal) -> str:
    """Return a remark where an amount had more than two decimals; the noise of Excel's binary fractions is none."""
    written = parse_amount(cell) if isinstance(cell, str) else cell
    if isinstance(written, Decimal) and abs(written - value) > _NOISE:
        return _("{text} was rounded to {amount}").format(text=cell_text(cell).strip(), amount=f"{value:,.2f}")
    return ""


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
        column = next((column for column in self.columns if column.field.name == field), None)
        known = self.source.spec.fields.get(field)
        heading = column.heading if column else known.title if known else ""
        return RowProblem(row.number, heading, field, shown(row.texts.get(field)), message)

    def rows(self, step: Callable[[int], None]) -> Iterator[Row]:
        """Yield each row of the table; those with problems are marked as refused."""
        sheet = self.source.sheet
        beyond: dict[int, list[int]] = {}
        for number, column in self.source.table.beyond:
            beyond.setdefault(number, []).append(column)
        damaged = {row for row, _column in sheet.suspicious}
        for done, number in enumerate(self.source.table.rows):
            if done % STEP == 0:
                step(done)
            row = Row(number + 1)
            self._read(row, sheet.rows[number], sound=number not in damaged)
            if self._ragged and len(sheet.rows[number]) < self._width:
                message = _("The row has fewer cells than there are headings; see whether they stand under the right ones")
                self.warnings.append(RowProblem(row.number, "", "", "", message))
            if number in beyond:
                self._beyond(row, [shown(sheet.cell(number, column)) for column in beyond[number]])
            yield row
        self._unmapped_losses()

    def _read(self, row: Row, cells: list[Cell], *, sound: bool) -> None:
        """Read the cells of a row; in a `sound` one no number has lost digits."""
        values, texts, width = row.values, row.texts, len(cells)
        for reader in self._plain:
            cell = cells[reader.number] if reader.number < width else None
            if cell is None:
                continue
            texts[reader.name] = cell
            if sound and reader.longest and type(cell) is str and cell != NULL:
                # What most cells of most lists are; `read` would say the same.
                value = " ".join(cell.split())
                if len(value) <= reader.longest:
                    if value:
                        values[reader.name] = value
                    continue
            found = reader.read(cell)
            value = found.value
            if not sound or found != (value, "", "", ""):
                self._take(row, reader, found, lost=not sound and (row.number - 1, reader.number) in self.source.sheet.suspicious)
            elif value is not None and value != "":
                values[reader.name] = value
        if self._shapes or self._fixed:
            self._read_made(row, cells, sound=sound)

    def _read_made(self, row: Row, cells: list[Cell], *, sound: bool) -> None:
        """Read the cells that are made of a row's own, then what is fixed for fields it says nothing about."""
        for shape, readers in self._shapes:
            made = shape.cells(cells)
            lost = not sound and any((row.number - 1, column) in self.source.sheet.suspicious for column in shape.columns)
            for place, reader in readers:
                if not is_blank(made[place]):
                    row.texts[reader.name] = made[place]
                    self._take(row, reader, reader.read(made[place]), lost=lost)
        for name, found in self._fixed.items():
            if name not in row.values and name not in row.missing and is_blank(row.texts.get(name)):
                if found.missing:
                    row.missing[name] = found.missing
                elif found.value is not None and found.value != "":
                    row.values[name] = found.value

    def _take(self, row: Row, reader: ColumnReader, found: Outcome, *, lost: bool) -> None:
        name = reader.name
        if lost and reader.keeps_digits:
            message = _("This long number has lost its last digits in the file; make the column a text column in Excel and enter it again")
            found = Outcome(problem=message)
        if found.problem:
            row.fate = "refused"
            self.problems.append(self.place(row, name, found.problem))
            return
        if found.missing:
            row.missing[name] = found.missing
        elif found.value is not None and found.value != "":
            row.values[name] = found.value
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
