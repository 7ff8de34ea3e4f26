"""Writing a list so that it can be edited outside and brought back.

Each row carries its record's id and version in hidden columns, so that they move with it when rows are sorted; a hidden row above the
headings names the fields, so that columns may be moved and renamed. A hidden sheet keeps every cell as it was written: what the user
changed is what differs from it, whatever others did to the record meanwhile.
"""

from __future__ import annotations

import json
import pickle
import tempfile
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _, current_language
from desktop_crm.base.progress import silent
from desktop_crm.domain.conditions import EVERYTHING, Query, to_data
from desktop_crm.services.exporting import cells_of, column_of, field_of
from desktop_crm.services.records import listed, require_write
from desktop_crm.services.workbooks.frame import sheet_name
from desktop_crm.services.workbooks.writer import MOST_ROWS, ColumnOut, SheetOut, too_many_rows, write_book

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec
    from desktop_crm.services.session import Session

SHEET: Final = "_desktop_crm"
FORMAT: Final = 1
KEYS: Final = ("id", "version")
"""What tells a record, in hidden columns of the list."""
BORN: Final = "created_at"
"""An instant to the microsecond that a record keeps for life: with the id it tells records of different companies apart."""
_LONGEST_ABOUT: Final = 20_000
_PIECE: Final = 500


def export_for_editing(
    session: Session, query: Query, path: Path, *, columns: Sequence[str] | None = None, progress: Callable[[int, int], None] = silent
) -> int:
    """Write a list as .xlsx to be edited and brought back, and return the number of rows.

    `columns` are field names, those of the query or the entity where none are given; columns the program works out are written grey and
    ignored when they come back. Raises NotAllowed where this person may not change such records, and UserError for another kind of
    file, a column that isn't there, and where the file can't be written.
    """
    spec = session.spec(query.entity)
    require_write(session, query.entity)
    if path.suffix.lower() != ".xlsx":
        raise UserError(_("{file} can't be written: a list for editing must end in .xlsx").format(file=path.name))
    fields = [field_of(spec, name) for name in dict.fromkeys(columns or query.columns or spec.columns) if name not in KEYS]
    ids = session.records.ids(listed(session, query))
    if len(ids) >= MOST_ROWS - 1:
        raise too_many_rows(MOST_ROWS - 2)
    with tempfile.TemporaryFile() as kept:
        rows = cells_of(session, spec, fields, ids, raw=(*KEYS, BORN))
        shown = SheetOut([*_key_columns(), *(_column(field) for field in fields)], _keeping(rows, kept), name=sheet_name(spec.plural), names=[*KEYS, *(field.name for field in fields)])
        base = SheetOut(
            [ColumnOut("id", "integer"), ColumnOut("version", "integer"), ColumnOut(BORN), *(replace(column_of(field), heading=field.name) for field in fields)],
            _kept(kept), name=SHEET, title=_about(session, spec, query, fields), hidden=True,
        )  # fmt: skip
        # The rows are written twice: as they are shown, and as what they were.
        count, _again = write_book(path, [shown, base], progress=lambda done: progress(done, 2 * len(ids)))
    return count


def _key_columns() -> list[ColumnOut]:
    return [ColumnOut(_("Record number (leave as it is)"), "integer", hidden=True), ColumnOut(_("Record version (leave as it is)"), "integer", hidden=True)]


def _column(field: FieldSpec) -> ColumnOut:
    note = _("The program works this out itself; changes to it are left out") if field.derived else ""
    return replace(column_of(field), fixed=field.derived, note=note, required=field.required and not field.rule)


def _about(session: Session, spec: EntitySpec, query: Query, fields: Sequence[FieldSpec]) -> str:
    """Return what the hidden sheet says of the file, as JSON."""
    about: dict[str, Any] = {
        "format": FORMAT, "entity": spec.name, "company": company_name(session), "written": session.now.isoformat(), "by": session.person.name, "language": current_language(),
        "fields": [field.name for field in fields], "headings": [field.title for field in fields],
    }  # fmt: skip
    condition = json.dumps(to_data(query.condition), ensure_ascii=False, default=str)
    about["filter"] = json.loads(condition) if len(condition) < _LONGEST_ABOUT else None
    return json.dumps(about, ensure_ascii=False)


def company_name(session: Session) -> str:
    """Return what the company calls itself; "" where it says nothing."""
    rows = session.records.find(session.entity("company"), EVERYTHING, ["name"], limit=1)
    return str(rows[0]["name"]) if rows else ""


def _keeping(rows: Iterable[list[Any]], kept: IO[bytes]) -> Iterator[list[Any]]:
    """Yield the rows without the instant they were born, and keep all of them."""
    piece: list[list[Any]] = []
    for row in rows:
        piece.append(row)
        if len(piece) == _PIECE:
            pickle.dump(piece, kept, pickle.HIGHEST_PROTOCOL)
            piece = []
        yield [*row[: len(KEYS)], *row[len(KEYS) + 1 :]]
    if piece:
        pickle.dump(piece, kept, pickle.HIGHEST_PROTOCOL)


def _kept(kept: IO[bytes]) -> Iterator[list[Any]]:
    end = kept.tell()
    kept.seek(0)
    while kept.tell() < end:
        for row in pickle.load(kept):  # noqa: S301 - written a moment ago by this function's twin, in a file without a name
            row[len(KEYS)] = str(row[len(KEYS)])
            yield row
