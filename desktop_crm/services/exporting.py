"""Lists written to a file as they are shown: real dates and numbers, identifiers as text, links by title, rights respected."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.base.progress import silent
from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Ref
from desktop_crm.domain.kinds import Email, Number, Phone, Text
from desktop_crm.models.fields import InstantField, MoneyField
from desktop_crm.services.records import listed
from desktop_crm.services.workbooks.stored import Amounts, Instants
from desktop_crm.services.workbooks.writer import MOST_ROWS, ColumnOut, Kind, Pages, too_many_rows, write_csv, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from desktop_crm.domain.conditions import Query
    from desktop_crm.models.fields import Declared
    from desktop_crm.services.listing import Listing
    from desktop_crm.services.session import Session

PAGE: Final = 500
_SHOWN_AS_STORED: Final = (Text, Email, Phone, Number)
PLACES: Final[dict[str, int]] = {"price": 4, "quantity": 4}
_FIGURES: Final = frozenset({"number", "integer", "money", "percent"})
REMEMBERED: Final = 5000
"""Different values a column remembers while it is written."""
_KINDS: Final[dict[str, Kind]] = {
    "text": "text", "number": "number", "integer": "integer", "money": "money", "percent": "percent", "date": "date", "datetime": "datetime",
}  # fmt: skip


def export_rows(
    path: Path,
    columns: Sequence[ColumnOut],
    rows: Iterable[Sequence[object]] | Pages,
    *,
    title: str = "",
    totals: Sequence[object] | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write rows as .xlsx or .csv, by the file's name, and return how many.

    A CSV file is for other programs: it has neither the title nor the row of totals. Raises UserError for another name, and where
    the file can't be written.
    """
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        return write_xlsx(path, columns, rows, title=title, totals=totals, progress=progress)
    if suffix == ".csv":
        return write_csv(path, columns, rows, progress=progress)
    raise UserError(_("{file} can't be written: the name must end in .xlsx or .csv").format(file=path.name))


def column_of(field: FieldSpec) -> ColumnOut:
    """Return the column a field is written to."""
    return ColumnOut(field.title, _KINDS[field.kind.excel], scale=PLACES.get(field.kind.name, 2), pattern=field.kind.pattern)


def cell_of(field: FieldSpec, value: Any) -> object:
    """Return a field's value as a cell holds it: choices and links as they are read, nothing for what is empty."""
    if value is None or value == "":
        return None
    if isinstance(value, Ref) or (field.kind.excel == "text" and not isinstance(value, bool)):
        return field.show(value)
    return value


def text_of(field: FieldSpec, value: Any) -> str:
    """Return a field's value as a spreadsheet takes it from the clipboard: figures and dates raw, the rest as it is read."""
    if value is None or value == "":
        return ""
    return field.edit(value) if field.kind.excel in _FIGURES else field.show(value)


def texts(session: Session, listing: Listing, query: Query, ranges: Iterable[tuple[int, int]], total: int | None) -> Iterator[list[Sequence[str]]]:
    """Yield the texts of the rows of a list that stand in `ranges`, (first, last), some hundred rows at a time; the query names the columns."""
    fields = [listing.spec.fields[name] for name in query.columns]
    for first, last in ranges:
        if listing.ids is not None:
            for page in columns_of(session, listing.spec, fields, listing.ids(query, first, last + 1 - first, total), cell=text_of):
                yield list(zip(*page, strict=True))
            continue
        for offset in range(first, last + 1, PAGE):
            rows = listing.page(query, offset, min(PAGE, last + 1 - offset), total)
            yield [[text_of(field, values.get(field.name)) for field in fields] for values in rows]


def export_list(
    session: Session,
    query: Query,
    path: Path,
    *,
    columns: Sequence[str] | None = None,
    progress: Callable[[int, int], None] = silent,
) -> int:
    """Write a list as this person sees it, in its order, and return the number of rows.

    `columns` are field names, those of the query or the entity where none are given. A workbook ends with the sums of the entity's
    totals. Rows are read a page at a time. Raises UserError for a column that isn't there and where the file can't be written.
    """
    spec = session.spec(query.entity)
    fields = [field_of(spec, name) for name in columns or query.columns or spec.columns]
    ids = session.records.ids(listed(session, query))
    if path.suffix.lower() == ".xlsx" and len(ids) >= MOST_ROWS:
        raise too_many_rows(MOST_ROWS - 1)
    summed = [position for position, field in enumerate(fields) if field.name in spec.totals]
    totals: list[object] = [None] * len(fields)
    if ids and summed:
        label = next((position for position, field in enumerate(fields) if field.kind.excel == "text"), None)
        if label is not None:
            totals[label] = _("Total")

    def pages() -> Iterator[list[Sequence[Any]]]:
        # Summed as they are written, so that the last row agrees with those above whatever others change meanwhile.
        sums = {position: Decimal(0) for position in summed}
        for page in columns_of(session, spec, fields, ids):
            for position in summed:
                values = page[position]
                sums[position] += values.total() if isinstance(values, Amounts) else sum(filter(None, values), Decimal(0))
            yield page
        totals[:] = [sums.get(position, total) for position, total in enumerate(totals)]

    return export_rows(
        path, [column_of(field) for field in fields], Pages(pages()), totals=totals if ids and summed else None, progress=lambda done: progress(done, len(ids))
    )


class _Column(dict[Any, Any]):
    """What is stored in a field, and the cell it makes: most columns hold few different values, and a date or an amount is worked out once."""

    def __init__(self, field: FieldSpec, declared: Declared, cell: Callable[[FieldSpec, Any], Any]) -> None:
        super().__init__()
        self.field = field
        self._from_database = declared.from_database
        self._cell, self._empty = cell, cell(field, None)
        self._amounts = isinstance(declared, MoneyField) and cell is cell_of
        self._instants = isinstance(declared, InstantField) and cell is cell_of

    def __missing__(self, stored: Any) -> Any:
        cell = self._cell(self.field, self._from_database(stored))
        if len(self) < REMEMBERED:
            self[stored] = cell
        return cell

    def many(self, session: Session, values: Sequence[Any]) -> Sequence[Any]:
        """Return the cells of some records."""
        if type(self.field.kind) in _SHOWN_AS_STORED:
            return [value or self._empty for value in values]
        if self._amounts:
            # A sum of nothing is 0, and a server's sums are Decimals.
            return Amounts([int(value or 0) for value in values] if self.field.derived else values)
        if self._instants:
            return Instants(values)
        if self.field.link:
            self.name_links(session, set(values))
        return [self[value] for value in values]

    def name_links(self, session: Session, keys: set[Any]) -> None:
        """Look up the titles of the records that `keys` link to."""
        if len(self) > REMEMBERED:
            self.clear()
        new = [int(key) for key in keys if key is not None and key not in self]
        titles = session.records.titles(session.entity(self.field.link), new) if new else {}
        self.update((key, self._cell(self.field, Ref(key, titles.get(key, "")))) for key in new)


def cells_of(session: Session, spec: EntitySpec, fields: Sequence[FieldSpec], ids: Sequence[int], *, raw: Sequence[str] = ()) -> Iterator[list[Any]]:
    """Yield the cells of the records with `ids`, a page in memory at a time; see `columns_of`."""
    for page in columns_of(session, spec, fields, ids, raw=raw):
        yield from map(list, zip(*page, strict=True))


def columns_of(
    session: Session,
    spec: EntitySpec,
    fields: Sequence[FieldSpec],
    ids: Sequence[int],
    *,
    raw: Sequence[str] = (),
    cell: Callable[[FieldSpec, Any], Any] = cell_of,
) -> Iterator[list[Sequence[Any]]]:
    """Yield the cells of the records with `ids` as the columns of a page after the other; those that are gone are left out.

    `raw` are names of what stands before the cells as it is stored, ``id`` included; `cell` makes a cell of a field's value.
    """
    entry = session.entity(spec.name)
    columns = [_Column(field, entry.fields[field.name], cell) for field in fields]
    names = list(dict.fromkeys(name for name in (*raw, *(field.name for field in fields)) if name != "id"))
    for start in range(0, len(ids), PAGE):
        page = session.records.stored(entry, ids[start : start + PAGE], names)
        if not page:
            continue
        # Column by column: what a column's values need is looked up once for all of them.
        stored = dict(zip(("id", *names), zip(*page, strict=True), strict=True))
        made = [column.many(session, stored[column.field.name]) for column in columns]
        yield [*(stored[name] for name in raw), *made]


def field_of(spec: EntitySpec, name: str) -> FieldSpec:
    """Return a field of an entity; raises UserError where it has none of this name."""
    if name not in spec.fields:
        raise UserError(_("{entity} has no field {name}").format(entity=spec.singular, name=name))
    return spec.fields[name]
