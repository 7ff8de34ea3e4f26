"""What a spreadsheet holds once it has been read: cells, sheets and the workbook around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from desktop_crm.services.workbooks.layout import Table

FORMULA: Final = "formula"


@dataclass(frozen=True)
class CellError:
    """A cell that holds no value: `code` is the error Excel shows, or FORMULA for a formula that was never calculated."""

    code: str


Cell = str | Decimal | bool | date | datetime | time | CellError | None

ERROR_CODES: Final = frozenset(
    ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!")
)


class Merge(NamedTuple):
    """A merged range; rows and columns count from 0, both ends belong to it."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass
class Sheet:
    """One sheet.

    `rows` starts at the sheet's first row and each row at its first column, so that positions are the sheet's own (from 0).
    Rows of a spreadsheet are equally long unless it is extraordinarily wide, rows of a text file as long as they are written. `hidden_rows`, `hidden_columns`
    and `merged` count from 0. `suspicious` holds the (row, column) of numbers of 16 digits and more, and of numbers in scientific
    notation in a text file: Excel keeps 15 digits, so their last ones are lost. `top` is the first row to be looked at, `gaps` are
    the filled rows that follow an empty one, where they are known; `tables` are the tables that were looked for on it, where some were.
    """

    name: str
    rows: Sequence[list[Cell]]
    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    suspicious: set[tuple[int, int]] = field(default_factory=set)
    merged: list[Merge] = field(default_factory=list)
    top: int = 0
    gaps: list[int] | None = None
    tables: list[Table] = field(default_factory=list)

    def cell(self, row: int, column: int) -> Cell:
        """Return one cell; None outside of what is filled."""
        cells = self.rows[row] if 0 <= row < len(self.rows) else []
        return cells[column] if 0 <= column < len(cells) else None


@dataclass
class Workbook:
    """A file that was read: `kind` is "xlsx", "xls", "xlsb", "ods", "xml", "csv", "vcf" or "html", told by its content.

    `encoding` and `separator` say how a text file was read. `notes` are remarks for the user, translated.
    """

    path: Path
    kind: str
    sheets: list[Sheet]
    encoding: str = ""
    separator: str = ""
    notes: list[str] = field(default_factory=list)


def is_blank(cell: Cell) -> bool:
    """Say whether a cell shows nothing: empty, or only blanks of any width."""
    return cell is None or (isinstance(cell, str) and not cell.strip())
