"""What an import is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from desktop_crm.base.errors import FieldProblem
    from desktop_crm.domain.catalog import EntitySpec, Values
    from desktop_crm.services.imports.shapes import Shape
    from desktop_crm.services.workbooks.cells import Cell, Sheet, Workbook
    from desktop_crm.services.workbooks.layout import Table

OnDuplicate = Literal["skip", "update", "fill", "add"]
Confidence = Literal["exact", "guess", "plan", "none"]
Fate = Literal["added", "updated", "skipped", "refused"]


@dataclass
class Source:
    """A list found in a file, to be imported as records of `spec`; `shapes` make further columns out of those of the sheet."""

    workbook: Workbook
    sheet: Sheet
    table: Table
    spec: EntitySpec
    shapes: tuple[Shape, ...] = ()

    def columns(self) -> dict[int, str]:
        """Return the heading of every column by its number: those of the sheet, then those that `shapes` make."""
        found = dict(zip(self.table.columns, self.table.headings, strict=True))
        for shape in self.shapes:
            found |= shape.headings(found)
        return found

    def heading(self, column: int) -> str:
        """Return the heading of a column; empty where it has none."""
        return self.columns().get(column, "")

    def shape_of(self, column: int) -> Shape | None:
        """Return what makes a column; None for one of the sheet."""
        return next((shape for shape in self.shapes if column in shape.numbers()), None)

    def cells(self, column: int, limit: int) -> list[Cell]:
        """Return the first `limit` cells of the table in a column, empty ones included."""
        rows, shape = self.table.rows[:limit], self.shape_of(column)
        if shape is None:
            return [self.sheet.cell(row, column) for row in rows]
        return [shape.cells(self.sheet.rows[row])[shape.numbers().index(column)] for row in rows]


@dataclass(frozen=True)
class ColumnGuess:
    """Which field a column seems to be.

    `column` counts from 0 in the sheet, `samples` are its first three different values, `field` is "" where it isn't imported; a
    `confidence` of "plan" is what was chosen for these headings before. `remark` says, translated, why a heading that looks familiar
    was not mapped, or what a guess rests on. `empty` is the share of the looked at cells that are. `shape` is a way to take the
    column apart, or to join it with the next, that its values suggest; nothing does so by itself.
    """

    column: int
    heading: str
    samples: tuple[str, ...]
    field: str
    confidence: Confidence
    remark: str = ""
    empty: float = 0
    shape: Shape | None = None


class Decision(NamedTuple):
    """What is to be done with one row that is there already, `existing_id` being the record it was then a duplicate of (None: a row of the file)."""

    action: OnDuplicate
    existing_id: int | None = None


@dataclass(frozen=True)
class Options:
    """How to import.

    `mapping` gives the field name of each sheet column (from 0); "" or absent columns aren't imported. `match` are the fields
    that tell duplicates, () those of the declaration. For a duplicate: "skip" leaves what is there, "update" takes over every
    cell that isn't empty, "fill" only fills what is empty, "add" looks for none. `keep_good` imports the good rows where others
    are refused; otherwise nothing is. `create_links` makes linked records that aren't known. A `dry_run` does it all and keeps nothing.

    `on_similar` is for a row whose name is only nearly that of a record: by itself it is added, and named among the duplicates.
    `decisions` overrule both for single rows (as the sheet counts); with any of them duplicates are looked for even to "add".
    `fixed` gives fields a text where a row gives none. `values` gives, by field, the text to read in the place of another:
    a choice, a record's name or ``#id``, or "" for nothing.
    """

    mapping: dict[int, str]
    match: tuple[str, ...] = ()
    on_duplicate: OnDuplicate = "skip"
    keep_good: bool = False
    create_links: bool = False
    dry_run: bool = False
    on_similar: OnDuplicate = "add"
    decisions: Mapping[int, Decision] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class RowProblem:
    """What is wrong at one place: `row` as the sheet counts (from 1), the column's heading, the field, the cell's text and what to do."""

    row: int
    column: str
    field: str
    value: str
    message: str


@dataclass(frozen=True)
class Duplicate:
    """A row that is there already: in the database (`existing_id`) or earlier in the file (`existing_row`, as the sheet counts).

    `matched_by` is the field both agree in, `differences` are (field, what is there, what the row says) as shown; none are given
    for a record the importing person may not see. `action` is what was done with the row. `similarity` is in per cent: 100 where the
    field says the same, less where only the names are alike.
    """

    row: int
    title: str
    matched_by: str
    existing_id: int | None
    existing_row: int | None
    existing_title: str
    differences: list[tuple[str, str, str]]
    action: OnDuplicate
    similarity: int = 100


@dataclass
class ImportResult:
    """What an import did, or would do: ``rows == added + updated + skipped + refused``, always.

    `refused` are the rows with problems. Where these kept the rest from being imported, the rest counts as skipped.
    `warnings` are remarks on what was imported all the same. `excluded` are rows that are no data, with the reason.
    `created_links` counts linked records made on the way by entity. `label` sums it up in a sentence.
    """

    rows: int = 0
    added: int = 0
    updated: int = 0
    skipped: int = 0
    refused: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)
    change_set: int | None = None
    duplicates: list[Duplicate] = field(default_factory=list)
    hidden_rows: int = 0
    excluded: list[tuple[int, str]] = field(default_factory=list)
    created_links: dict[str, int] = field(default_factory=dict)
    label: str = ""


@dataclass(slots=True)
class Row:
    """One row on its way: its given `values` by field, the texts of links still to be made, and what became of it.

    `number` counts from 1 as the sheet does. `checks` says by field what is wrong with a value, where anything is; `made` are the cells that
    were made of the row's own, where any are.
    """

    number: int
    values: Values = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    checks: Mapping[str, Sequence[FieldProblem]] | None = None
    made: dict[str, Any] | None = None
    fate: Fate | None = None
    key: int | None = None
