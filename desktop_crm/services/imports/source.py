"""Opening a file as a list of records: which sheet, which row carries the headings, and what each heading may mean."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import NotAllowed, UserError
from desktop_crm.base.i18n import _, in_every_language
from desktop_crm.domain.text import fold
from desktop_crm.services.imports.types import Source
from desktop_crm.services.records import require_write
from desktop_crm.services.workbooks.layout import best_sheet, find_table
from desktop_crm.services.workbooks.reader import read_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec
    from desktop_crm.services.session import Session
    from desktop_crm.services.workbooks.cells import Sheet, Workbook

BY_NAME, BY_LABEL, BY_ALIAS, BY_LINKED_NUMBER = range(4)

_BRACKETS: Final = re.compile(r"\s*[(（\[【〔][^()（）\[\]【】〔〕]*[)）\]】〕]\s*$")
_COUNTED: Final = re.compile(r"[\s_]*[0-9０-９一二三]$")


def heading_key(text: str) -> str:
    """Return a heading for comparing: width, case, blanks, punctuation and marks of required columns don't count."""
    return re.sub(r"[\W_]+", "", fold(text))


def readings(heading: str) -> list[str]:
    """Return the keys a heading may be known by, the surest first: whole, without a unit in brackets, its last storey, without a count."""
    bare = heading
    while (shorter := _BRACKETS.sub("", bare)) != bare and shorter:
        bare = shorter
    storey = bare.rpartition("/")[2]
    texts = [heading, bare, storey, _COUNTED.sub("", bare), _COUNTED.sub("", storey)]
    return [key for key in dict.fromkeys(map(heading_key, texts)) if key]


class Headings:
    """The headings an entity's fields are known by: `fields` gives (how sure, field name) by key, `kept` the fields the program keeps itself."""

    def __init__(self, catalog: Mapping[str, EntitySpec], spec: EntitySpec) -> None:
        self.fields: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self.kept: set[str] = set()
        for field in spec.fields.values():
            keys = {heading_key(field.name): BY_NAME}
            for text in in_every_language(field.label):
                keys.setdefault(heading_key(text), BY_LABEL)
            for text in (*field.aliases, *field.opposites):
                keys.setdefault(heading_key(text), BY_ALIAS)
            if field.derived:
                self.kept |= keys.keys()
                continue
            for key, rank in keys.items():
                self.fields[key].append((rank, field.name))
        self._add_linked_numbers(catalog, spec)
        self.kept -= self.fields.keys()

    def _add_linked_numbers(self, catalog: Mapping[str, EntitySpec], spec: EntitySpec) -> None:
        """Know a link by the label of the number its records have, such as 客户编号, too, where only one link leads there."""
        links = [field for field in spec.typed_fields() if field.link in catalog]
        for field in links:
            if sum(other.link == field.link for other in links) > 1:
                continue
            for number in catalog[field.link].fields.values():
                for text in in_every_language(number.label) if number.rule else ():
                    self.fields[heading_key(text)].append((BY_LINKED_NUMBER, field.name))

    def find(self, heading: str) -> tuple[int, list[tuple[int, str]]]:
        """Return how far the heading had to be shortened, and the (how sure, field) it may mean then; empty where it is unknown."""
        for depth, key in enumerate(readings(heading)):
            if key in self.fields:
                return depth, sorted(self.fields[key])
            if key in self.kept:
                break
        return 0, []

    def is_kept(self, heading: str) -> bool:
        """Tell whether a heading is that of a field which the program works out itself."""
        return any(key in self.kept for key in readings(heading)[:2])

    def known(self, heading: str) -> bool:
        """Tell whether a heading is known at all."""
        return bool(self.find(heading)[1]) or self.is_kept(heading)


def open_source(
    session: Session,
    entity: str,
    path: Path,
    *,
    sheet: str | None = None,
    header_row: int | None = None,
    password: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    table_number: int | None = None,
) -> Source:
    """Read a file and find the list in it, to be imported as records of `entity`.

    `header_row` is the row of the headings as the sheet counts, from 1, `table_number` the table where several stand on the sheet. Raises NotAllowed where this person may not write such
    records, PasswordNeeded, UnreadableFile, and UserError where there is no such sheet or no table in it.
    """
    spec = session.spec(entity)
    require_write(session, entity)
    if header_row is not None and header_row < 1:
        raise UserError(_("Rows are counted from 1; {row} is no row").format(row=header_row))
    workbook = read_workbook(path, password=password, encoding=encoding, separator=separator)
    known = Headings(session.catalog, spec).known
    chosen = best_sheet(workbook, known) if sheet is None else _sheet_named(workbook, sheet)
    row = None if header_row is None else header_row - 1
    table = find_table(chosen, known, header_row=row, number=table_number) if chosen is not None else None
    if chosen is None or table is None:
        raise UserError(_("No row of headings was found in {file}. Say which row and sheet the headings stand on").format(file=path.name))
    if not table.rows and not table.excluded:
        raise UserError(_("There are no rows below the headings in {file}, sheet {sheet}").format(file=path.name, sheet=chosen.name))
    return Source(workbook, chosen, table, spec)


def _sheet_named(workbook: Workbook, name: str) -> Sheet:
    found = next((sheet for sheet in workbook.sheets if sheet.name == name), None)
    found = found or next((sheet for sheet in workbook.sheets if fold(sheet.name) == fold(name)), None)
    if found is None:
        names = _(", ").join(sheet.name for sheet in workbook.sheets)
        raise UserError(_("There is no sheet {name} in the file; it has: {names}").format(name=name, names=names))
    return found


def checked_field(spec: EntitySpec, name: str) -> FieldSpec:
    """Return a field that can be filled; raises UserError where there is none, NotAllowed for one nobody may type."""
    if name not in spec.fields:
        raise UserError(_("{entity} has no field {name}").format(entity=spec.singular, name=name))
    field = spec.fields[name]
    if field.derived:
        raise NotAllowed(_("{field} is worked out by the program and can't be imported").format(field=field.title))
    return field


def checked_mapping(source: Source, mapping: Mapping[int, str]) -> dict[int, str]:
    """Return the columns that are imported with their fields, in the order of the sheet.

    Raises UserError where a column or field doesn't exist or two columns go to one field, NotAllowed for a field nobody may type.
    """
    found: dict[int, str] = {}
    headings = source.columns()
    for column, name in sorted(mapping.items()):
        if not name:
            continue
        if column not in headings:
            raise UserError(_("The table has no column {number}").format(number=column + 1))
        field = checked_field(source.spec, name)
        if name in found.values():
            first = next(other for other, taken in found.items() if taken == name)
            raise UserError(
                _("The columns “{first}” and “{second}” are both meant for {field}; choose one").format(
                    first=headings[first], second=headings[column], field=field.title
                )
            )
        found[column] = name
    if not found:
        raise UserError(_("No column is assigned to a field, so there is nothing to import"))
    return found
