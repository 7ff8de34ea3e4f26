"""Verbs about records: importing, exporting and listing them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.cli.answers import Answer, Percent, first_line, plain, table
from desktop_crm.cli.import_choices import chosen, named_columns
from desktop_crm.cli.naming import condition, entity_named, fields_named, sort_named
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import EVERYTHING, Matching, Query, both
from desktop_crm.services import exporting, importing, records, roundtrip
from desktop_crm.services.workbooks.refusal import UnreadableFile

if TYPE_CHECKING:
    from argparse import Namespace

    from desktop_crm.domain.catalog import FieldSpec, Values
    from desktop_crm.services.imports.types import ImportResult, RowProblem, Source
    from desktop_crm.services.session import Session


def import_file(session: Session, options: Namespace) -> Answer:
    """Import a list; rows with problems make the answer a refused one."""
    spec = entity_named(session, options.entity)
    try:
        source = importing.open_source(
            session, spec.name, Path(options.file), sheet=options.sheet, header_row=options.header_row, table_number=options.table,
            encoding=options.encoding, separator=options.separator, password=first_line(options.password_from) if options.password_from else None,
        )
    except UnreadableFile as problem:
        raise UserError(f"{options.file}: {problem.message}") from problem
    source, how = chosen(session, source, options)
    if options.save_plan and not options.dry_run:
        importing.plans.save(session, source, how, options.save_plan)
    result = importing.run_import(session, source, how, progress=Percent()).result
    if options.refused and result.problems:
        importing.write_refused(source, result, Path(options.refused))
    if options.duplicates and result.duplicates:
        importing.write_duplicates(source, result, Path(options.duplicates))
    names, mapping = named_columns(source), how.mapping
    counts = {name: getattr(result, name) for name in ("rows", "added", "updated", "skipped", "refused")}
    found = {
        **counts,
        "problems": [_problem(item) for item in result.problems],
        "change_set": result.change_set,
        "warnings": [_problem(item) for item in result.warnings],
        "duplicates": [dataclasses.asdict(item) for item in result.duplicates],
        "created_links": result.created_links,
        "mapping": {names[column]: field for column, field in mapping.items() if field},
        "ignored": [heading for column, heading in names.items() if not mapping.get(column) and not any(column in shape.columns for shape in source.shapes)],
        "hidden_rows": result.hidden_rows,
        "read": _read(source),
        "dry_run": options.dry_run,
    }
    return Answer(found, [*_told_of(source), *_told(result)], refused=bool(result.refused))


def _read(source: Source) -> dict[str, Any]:
    """Return how the file was read, for whoever wants it read in another way."""
    workbook, table = source.workbook, source.table
    return {
        "kind": workbook.kind, "encoding": workbook.encoding, "separator": workbook.separator, "sheet": source.sheet.name, "heading_row": table.header_rows[-1] + 1,
        "tables": [one.title or one.headings[0] for one in source.sheet.tables], "left_out": [{"row": row + 1, "reason": reason} for row, reason in table.excluded],
        "hidden_columns": table.hidden_columns, "notes": workbook.notes,
    }  # fmt: skip


def _told_of(source: Source) -> list[str]:
    lines = list(source.workbook.notes)
    if source.table.excluded:
        rows = _(", ").join(_("row {row} ({reason})").format(row=row + 1, reason=reason) for row, reason in source.table.excluded[:20])
        more = _(" and {count} more").format(count=len(source.table.excluded) - 20) if len(source.table.excluded) > 20 else ""  # noqa: PLR2004 - as many as named
        lines.append(_("Left out: {rows}").format(rows=rows + more))
    if len(source.sheet.tables) > 1:
        tables = _(", ").join(f"{number} {one.title or one.headings[0]}" for number, one in enumerate(source.sheet.tables, start=1))
        lines.append(_("There are {count} tables on this sheet; --table chooses one: {tables}").format(count=len(source.sheet.tables), tables=tables))
    if source.table.hidden_columns:
        lines.append(_("Hidden columns are read too: {columns}").format(columns=_(", ").join(source.table.hidden_columns)))
    return lines


def _problem(item: RowProblem) -> dict[str, Any]:
    return {"row": item.row, "column": item.column, "field": item.field, "value": item.value, "message": item.message}


def _told(result: ImportResult) -> list[str]:
    place = _("Row {row}, {column}: {message}")
    lines = [place.format(row=item.row, column=item.column or item.field or "-", message=item.message) for item in (*result.problems, *result.warnings)]
    near = _("Row {row}: “{title}” is {similarity}% like “{other}”")
    lines += [
        near.format(row=one.row, title=one.title, similarity=one.similarity, other=one.existing_title) for one in result.duplicates if one.similarity < 100  # noqa: PLR2004 - per cent
    ]
    if result.hidden_rows:
        lines.append(_("{count} hidden rows are imported too").format(count=result.hidden_rows))
    return [*lines, result.label]


def _query(session: Session, options: Namespace) -> Query:
    spec = entity_named(session, options.entity)
    asked = condition(session, spec, options.where)
    if options.search.strip():
        asked = both(asked, Matching(options.search))
    sort, descending = sort_named(spec, options.sort, descending=options.descending)
    return Query(spec.name, asked or EVERYTHING, sort, descending, fields_named(spec, options.columns))


def export_file(session: Session, options: Namespace) -> Answer:
    """Write a list to a file: the columns of the list unless others are named."""
    spec = entity_named(session, options.entity)
    query = _query(session, options)
    columns = query.columns if options.columns else spec.columns
    path = Path(options.file)
    write = roundtrip.export_for_editing if options.for_editing else exporting.export_list
    count = write(session, query, path, columns=columns, progress=Percent())
    return Answer({"rows": count, "file": str(path.absolute())}, [_("{count} rows written to {path}").format(count=count, path=path)])


def list_records(session: Session, options: Namespace) -> Answer:
    """List records: all that match are counted, `limit` of them from `offset` on are given."""
    spec = entity_named(session, options.entity)
    query = _query(session, options)
    total = records.count(session, spec.name, query.condition)
    limit = total if options.limit is None else options.limit
    rows = records.page(session, query, offset=options.offset, limit=limit) if limit else []
    fields = [spec.fields[name] for name in query.columns]
    named = query.columns if options.columns else spec.columns
    lines = table([spec.fields[name].title for name in named], [[_shown(spec.fields[name], row) for name in named] for row in rows])
    return Answer({"count": total, "rows": [_values(fields, row) for row in rows]}, [*lines, _("{count} records").format(count=total)])


def _shown(field: FieldSpec, row: Values) -> str:
    return field.show(row[field.name])


def _values(fields: list[FieldSpec], row: Values) -> dict[str, Any]:
    """Return a record for JSON: a link as its title, with its id beside it under the field's name and ``_id``."""
    made: dict[str, Any] = {"id": row["id"]}
    for field in fields:
        value = row[field.name]
        if field.link:
            made[field.name] = value.title if isinstance(value, Ref) else None
            made[f"{field.name}_id"] = None if value is None else int(value)
        else:
            made[field.name] = plain(value)
    return made
