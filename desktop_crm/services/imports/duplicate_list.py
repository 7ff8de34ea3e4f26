"""The duplicates an import found, as a list to go through with colleagues: a row for each field in which they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import N_, _
from desktop_crm.services.exporting import export_rows
from desktop_crm.services.workbooks.writer import ColumnOut

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from desktop_crm.services.imports.types import Duplicate, ImportResult, OnDuplicate, Source

ACTIONS: Final[dict[OnDuplicate, str]] = {
    "skip": N_("Skip the row"), "update": N_("Update what is there"), "fill": N_("Fill only empty fields"), "add": N_("Add all the same"),
}


def there(one: Duplicate) -> str:
    """Return what a row is a duplicate of, as a user knows it."""
    return one.existing_title if one.existing_row is None else _("row {row} of the file").format(row=one.existing_row)


def known_by(source_fields: dict[str, str], one: Duplicate) -> str:
    """Return by what a duplicate is known: the field that says the same, or how near its text is; `source_fields` are titles by name."""
    title = source_fields.get(one.matched_by, one.matched_by)
    return _("{field} {similarity}% alike").format(field=title, similarity=one.similarity) if one.similarity < 100 else _("same {field}").format(field=title)  # noqa: PLR2004 - per cent


def write_duplicates(source: Source, result: ImportResult, path: Path) -> None:
    """Write the duplicates of a result; raises UserError where the file can't be written."""
    titles = {name: field.title for name, field in source.spec.fields.items()}
    columns = [
        ColumnOut(_("Row"), "integer"), ColumnOut(_("In the file")), ColumnOut(_("Known by")), ColumnOut(_("Already there")), ColumnOut(_("Field")),
        ColumnOut(_("What is there")), ColumnOut(_("What the file says")), ColumnOut(_("Action")),
    ]

    def rows() -> Iterator[list[object]]:
        for one in result.duplicates:
            for name, old, new in one.differences or [("", "", "")]:
                yield [one.row, one.title, known_by(titles, one), there(one), titles.get(name, name), old, new, _(ACTIONS[one.action])]

    export_rows(path, columns, rows())
