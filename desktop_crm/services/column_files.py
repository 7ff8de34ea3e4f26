"""Files of which each column plays a role: found by its heading, chosen by hand, remembered for the next file with the same headings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from desktop_crm.base.errors import UserError, ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.domain.kind import cell_text
from desktop_crm.domain.money import parse_amount, round_money
from desktop_crm.services import layouts
from desktop_crm.services.imports.source import heading_key, readings
from desktop_crm.services.workbooks.cells import Cell, CellError, is_blank
from desktop_crm.services.workbooks.layout import best_sheet, find_table
from desktop_crm.services.workbooks.reader import read_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from pathlib import Path

    from desktop_crm.services.imports.types import RowProblem
    from desktop_crm.services.session import Session
    from desktop_crm.services.workbooks.cells import Sheet, Workbook
    from desktop_crm.services.workbooks.layout import Table

NOTHING: Final = frozenset({"", "-", "--", "—", "/", "无", "n/a"})
"""How files say that there is nothing."""
SAMPLED: Final = 200
Made = TypeVar("Made", bound="ColumnFile")


@dataclass(frozen=True)
class Role:
    """What a column may be: its key, its label, the headings it is known by, the surest first, and whether several columns may be it."""

    key: str
    label: str
    headings: tuple[str, ...]
    several: bool = False

    @property
    def title(self) -> str:
        """The label in the language in use."""
        return _(self.label)


class Roles:
    """The roles of one kind of file: `purpose` is what its layouts are remembered under, `label` how they are called.

    `needed` are groups of roles of which one must be there, or nothing can be read.
    """

    def __init__(self, purpose: str, label: str, roles: tuple[Role, ...], *, needed: tuple[tuple[str, ...], ...]) -> None:
        self.purpose, self.label, self.needed = purpose, label, needed
        self.by_key = {role.key: role for role in roles}
        self._keys = {role.key: [heading_key(text) for text in role.headings] for role in roles}

    def is_known(self, heading: str) -> bool:
        """Tell whether a heading is one of such a file."""
        return any(key in keys for key in readings(heading) for keys in self._keys.values())

    def guess(self, headings: Mapping[int, str]) -> dict[int, str]:
        """Return the role of each column that has one: a role goes to the column that is surest of it, and a column has one role at most."""
        found: dict[int, str] = {}
        for role in self.by_key.values():
            ranked = sorted((rank, column) for column, text in headings.items() if column not in found and (rank := self._rank(role.key, text)) is not None)
            for _place, column in ranked if role.several else ranked[:1]:
                found[column] = role.key
        return found

    def _rank(self, role: str, heading: str) -> tuple[int, int] | None:
        """Return how sure a heading is of a role, less being surer: by how far it had to be shortened, then by its place among the role's headings."""
        keys = self._keys[role]
        return next(((depth, keys.index(key)) for depth, key in enumerate(readings(heading)) if key in keys), None)


@dataclass
class ColumnFile:
    """A file with the table found in it: `columns` says the role of each sheet column that has one."""

    roles: Roles
    workbook: Workbook
    sheet: Sheet
    table: Table
    columns: dict[int, str]
    problems: list[RowProblem] = field(default_factory=list)

    @property
    def headings(self) -> dict[int, str]:
        """The heading of each column."""
        return dict(zip(self.table.columns, self.table.headings, strict=True))

    @property
    def key(self) -> str:
        """What the layout of this file is remembered by."""
        return layouts.headings_key(self.table.headings)

    def samples(self, column: int, count: int = 3) -> list[str]:
        """Return the first different values of a column."""
        cells = (self.sheet.cell(row, column) for row in self.table.rows[:SAMPLED])
        return list(dict.fromkeys(cell_text(cell).strip() for cell in cells if not is_blank(cell) and not isinstance(cell, CellError)))[:count]

    def missing(self) -> list[str]:
        """Return what no column is said to be, as the user reads it, without which nothing can be read."""
        there = set(self.columns.values())
        return [self.roles.by_key[group[0]].title for group in self.roles.needed if not there.intersection(group)]

    def choose(self, column: int, role: str) -> list[int]:
        """Say what a column is, nothing for empty; returns the other columns that are no more what it is now."""
        self.columns.pop(column, None)
        if not role:
            return []
        given_up = [] if self.roles.by_key[role].several else [other for other, held in self.columns.items() if held == role]
        for other in given_up:
            del self.columns[other]
        self.columns[column] = role
        return given_up

    # ---- cells

    def places(self, role: str) -> list[int]:
        """Return the columns of a role, from the left."""
        return sorted(column for column, held in self.columns.items() if held == role)

    def cell(self, row: int, role: str) -> Cell:
        """Return the cell of a role; None where there is no such column."""
        return next((self.said(row, column) for column in self.places(role)), None)

    def said(self, row: int, column: int) -> Cell:
        """Return a cell without the sign before it that keeps a spreadsheet from making a number of it."""
        cell = self.sheet.cell(row, column)
        return cell.removeprefix("`") if isinstance(cell, str) else cell

    def text(self, row: int, role: str) -> str:
        """Return a cell as text, empty for the dashes that stand for nothing."""
        cell = self.cell(row, role)
        text = "" if cell is None or isinstance(cell, CellError) else " ".join(cell_text(cell).split()).removeprefix("'")
        return "" if text.casefold() in NOTHING else text

    def money(self, row: int, role: str) -> Decimal | None:
        """Return an amount in cents; None where nothing stands there. Raises ValueProblem."""
        from decimal import Decimal

        cell = self.cell(row, role)
        if isinstance(cell, CellError):
            raise ValueProblem(_("The cell holds the error {code}").format(code=cell.code))
        if is_blank(cell) or (isinstance(cell, str) and cell.strip().casefold() in NOTHING):
            return None
        value = cell if isinstance(cell, Decimal) else parse_amount(cell_text(cell))
        rounded = round_money(value)
        # A figure of Excel may carry the noise of a binary fraction; a third decimal is none.
        if abs(rounded - value) > Decimal("0.000001"):
            raise ValueProblem(_("Amounts have two decimals at most"))
        return rounded

    # ---- what is remembered

    def layout(self) -> dict[str, Any]:
        """Return what is remembered of this file."""
        names = named(self.headings)
        return {"columns": {names[column]: role for column, role in self.columns.items()}}

    def remember(self, session: Session) -> None:
        """Remember the columns of these headings, for the next file of this kind."""
        label = _(self.roles.label).format(headings=_(", ").join(self.table.headings[:4]))
        layouts.remember(session, self.roles.purpose, label, self.layout(), self.key)


def named(headings: Mapping[int, str]) -> dict[int, str]:
    """Return the headings by column, each different: the second of a name is called name#2."""
    seen: dict[str, int] = {}
    found = {}
    for column, heading in headings.items():
        seen[heading] = seen.get(heading, 0) + 1
        found[column] = heading if seen[heading] == 1 else f"{heading}#{seen[heading]}"
    return found


def open_file(
    make: type[Made], session: Session, roles: Roles, path: Path, *, sheet: str | None = None, header_row: int | None = None, password: str | None = None,
    encoding: str | None = None, separator: str | None = None,
) -> tuple[Made, dict[str, Any]]:
    """Read a file and find its table, with the columns as they were chosen for these headings before or else as guessed; returns what was remembered too.

    `header_row` counts from 1. Raises PasswordNeeded, UnreadableFile, and UserError where there is no table in it.
    """
    workbook = read_workbook(path, password=password, encoding=encoding, separator=separator)
    chosen = best_sheet(workbook, roles.is_known) if sheet is None else next((one for one in workbook.sheets if one.name == sheet), None)
    table = find_table(chosen, roles.is_known, header_row=None if header_row is None else header_row - 1) if chosen is not None else None
    if chosen is None or table is None or not table.rows:
        raise UserError(_("No rows under headings were found in {file}. Say which sheet and row the headings stand on").format(file=path.name))
    made = make(roles, workbook, chosen, table, {})
    kept = layouts.recall(session, roles.purpose, made.key) or {}
    known = kept.get("columns", {})
    names = named(made.headings)
    made.columns = {column: known[name] for column, name in names.items() if known.get(name) in roles.by_key} if known else roles.guess(made.headings)
    return made, kept
