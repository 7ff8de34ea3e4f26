"""From the cells of a column to values: read by its field's kind, many at a time; what can't be read is named."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from desktop_crm.base.errors import FieldProblem, ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.domain.dates import from_serial
from desktop_crm.domain.kind import cell_text
from desktop_crm.domain.kinds import Date, Instant, Link
from desktop_crm.domain.money import parse_amount
from desktop_crm.domain.number_kinds import Integer, Numeric
from desktop_crm.domain.text import fold
from desktop_crm.services.checking import check_value, is_empty
from desktop_crm.services.imports.plain import NULL, READERS, Plain
from desktop_crm.services.imports.source import heading_key, readings
from desktop_crm.services.workbooks.cells import FORMULA, Cell, CellError, is_blank

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from desktop_crm.domain.catalog import FieldSpec
    from desktop_crm.services.imports.links import Links

_SERIALS: Final = range(20_000, 80_001)
"""Numbers that stand for the days 1954-10-03 to 2119-01-11 in Excel; a lesser or greater one is rather something else."""
_SERIAL_TEXT: Final = re.compile(r"\s*[2-8][0-9]{4}(?:\.[0-9]+)?\s*")
_CACHED: Final = 2000
"""Different cells a column keeps what they gave: one with more hardly repeats any."""
_DASHES: Final = frozenset("-–—－")
"""How Excel's accounting format shows nothing, and people write it; no amount is made of it."""
_NOISE: Final = Decimal("0.000001")


class Outcome(NamedTuple):
    """What became of one cell: a value (None: nothing given), a problem, a remark, or the name of a record to be made; `checks` are what is wrong with the value."""

    value: Any = None
    problem: str = ""
    remark: str = ""
    missing: str = ""
    checks: tuple[FieldProblem, ...] = ()


_EMPTY: Final = Outcome()
_NOTHING: Final = type(None)


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
        # The same by the type of the cells, with the values themselves where there is no more to say.
        self._known: dict[type, dict[Any, Any]] = {}
        self._as_it_stands = not self.opposite and not values
        self._instead = {fold(text): other for text, other in (values or {}).items()}
        # Digits are lost for good where they make up a number; an amount of that size is refused by its own kind.
        self.keeps_digits = field.kind.storage in {"text", "note", "link"}
        # A row gives no empty values, so that only those with a rule of their own can be wrong.
        self._checks = bool(field.check) or field.kind.warns

    def read(self, cell: Cell) -> Outcome:
        """Return what a cell gives."""
        key = cell if type(cell) is str else (type(cell), cell)
        found = self._seen.get(key)
        if found is None:
            found = self._read(cell)
            if self._checks and not is_empty(found.value) and (wrong := check_value(self.field, found.value)):
                found = found._replace(checks=tuple(wrong))
            if len(self._seen) < _CACHED:
                self._seen[key] = found
        return found

    def many(self, cells: Sequence[Cell]) -> tuple[Sequence[Any], list[int]]:
        """Return what many cells give: the values, None for nothing, and the places where an Outcome stands instead, as there is more to say."""
        types = set(map(type, cells)) - {_NOTHING}
        if len(types) > 1:
            values: Sequence[Any] = [None if cell is None else self._given(cell) for cell in cells]
        elif not types:
            return cells, []
        else:
            (only,) = types
            plain = self._plain(cells, only)
            if plain is None:
                values = self._each_once(cells, only)
            elif not self._checks or (plain.usual and not self.field.check):
                return plain.values, []
            else:
                wrong = {value for value in set(plain.values) if value is not None and check_value(self.field, value)}
                if not wrong:
                    return plain.values, []
                values = [self.read(cell) if value in wrong else value for value, cell in zip(plain.values, cells, strict=True)]
        return values, [place for place, value in enumerate(values) if type(value) is Outcome] if Outcome in set(map(type, values)) else []

    def _plain(self, cells: Sequence[Cell], only: type) -> Plain | None:
        """Return the values of cells of one type where there is nothing to read in any of them."""
        reader = READERS.get((type(self.field.kind), only)) if self._as_it_stands else None
        return reader(cells, self.field) if reader else None

    def _each_once(self, cells: Sequence[Cell], only: type) -> Sequence[Any]:
        """Return what cells of one type give, each different one read once."""
        known = self._known.setdefault(only, {None: None})
        if len(known) > _CACHED:
            known.clear()
            known[None] = None
        for cell in set(cells) - known.keys():
            known[cell] = self._given(cell)
        return list(map(known.__getitem__, cells))

    def _given(self, cell: Cell) -> Any:
        """Return the value of a cell where that is all there is to say, else what `read` says."""
        found = self.read(cell)
        value = found.value
        if found == (value, "", "", "", ()):
            return None if value == "" else value
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


