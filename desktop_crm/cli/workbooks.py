"""Verbs about whole workbooks: several related sheets at once, workbooks to fill in, and lists edited outside and brought back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.cli.answers import Answer, Percent, Usage
from desktop_crm.cli.naming import entity_named
from desktop_crm.services import roundtrip
from desktop_crm.services.imports import company, company_run
from desktop_crm.services.imports.template_books import write_template
from desktop_crm.services.roundtrip.apply import open_questions
from desktop_crm.services.workbooks.refusal import UnreadableFile

if TYPE_CHECKING:
    from argparse import Namespace

    from desktop_crm.services.imports.types import RowProblem
    from desktop_crm.services.roundtrip import Edited, RowChange
    from desktop_crm.services.session import Session

COMPANY = "company"


def import_company(session: Session, options: Namespace) -> Answer:
    """Import all sheets of a workbook; rows with problems make the answer a refused one."""
    try:
        book = company.open_company(session, Path(options.file), chosen=_chosen(session, options.sheet))
    except UnreadableFile as problem:
        raise UserError(f"{options.file}: {problem.message}") from problem
    how = company_run.CompanyOptions(options.on_duplicate, options.keep_good, options.create_links, options.dry_run)
    result = company_run.run_company(session, book, how, progress=Percent()).result
    written = company_run.write_company_refused(book, result, Path(options.refused)) if options.refused else 0
    sheets = [
        {
            "sheet": one.sheet, "entity": one.entity, **{name: getattr(one.result, name) for name in company_run.COUNTS},
            "problems": [_problem(item) for item in one.result.problems], "warnings": [_problem(item) for item in one.result.warnings],
            "created_links": one.result.created_links,
        }
        for one in result.sheets
    ]  # fmt: skip
    found = {
        **{name: result.count(name) for name in company_run.COUNTS}, "sheets": sheets, "left_out": [{"sheet": name, "reason": reason} for name, reason in result.left_out],
        "change_set": result.change_set, "dry_run": options.dry_run, "refused_rows_written": written,
    }  # fmt: skip
    place = _("{sheet}, row {row}, {column}: {message}")
    lines = [
        place.format(sheet=one.sheet, row=item.row, column=item.column or item.field or "-", message=item.message)
        for one in result.sheets for item in (*one.result.problems, *one.result.warnings)
    ]  # fmt: skip
    counts = _("{sheet}: {rows} rows, {added} added, {updated} updated, {skipped} skipped, {refused} refused")
    lines += [counts.format(sheet=one.sheet, **{name: getattr(one.result, name) for name in company_run.COUNTS}) for one in result.sheets]
    lines += [_("{sheet} is left out: {reason}").format(sheet=name, reason=reason) for name, reason in result.left_out]
    return Answer(found, [*lines, result.label], refused=bool(result.count("refused")))


def _chosen(session: Session, texts: list[str]) -> dict[str, str]:
    """Return what ``--sheet NAME=ENTITY`` says; raises Usage."""
    found: dict[str, str] = {}
    for text in texts:
        name, sign, entity = text.rpartition("=")
        if not sign:
            raise Usage(_("“{text}” is no assignment; write it like SHEET=ENTITY").format(text=text))
        found[name] = entity_named(session, entity.strip()).name if entity.strip() else ""
    return found


def _problem(item: RowProblem) -> dict[str, Any]:
    return {"row": item.row, "column": item.column, "field": item.field, "value": item.value, "message": item.message}


def template_workbook(session: Session, options: Namespace) -> Answer:
    """Write a workbook to fill in, for one entity or for a whole company."""
    entity = "" if options.entity == COMPANY else entity_named(session, options.entity).name
    path = Path(options.file)
    if path.suffix.lower() != ".xlsx":
        raise UserError(_("{file} can't be written: a workbook to fill in must end in .xlsx").format(file=path.name))
    sheets = write_template(session, path, entity, example=not options.no_example)
    return Answer({"file": str(path.absolute()), "sheets": sheets}, [_("{path} written").format(path=path)])


def bring_back(session: Session, options: Namespace) -> Answer:
    """Take over a list that was exported for editing and changed outside; what can't be decided here makes the answer a refused one."""
    try:
        edited = roundtrip.read_back(session, Path(options.file), progress=Percent())
    except UnreadableFile as problem:
        raise UserError(f"{options.file}: {problem.message}") from problem
    delete = frozenset(row.key for row in edited.of("missing") if row.key is not None) if options.delete_missing else frozenset()
    decisions = roundtrip.Decisions(options.conflicts or "", delete=delete)
    questions = open_questions(edited, decisions)
    found: dict[str, Any] = {
        **{state: len(edited.of(state)) for state in ("changed", "added", "missing", "gone")}, "same": edited.same,
        "conflicts": sum(len(row.conflicts) for row in edited.rows), "open": len(questions), "rows": [_row(row) for row in edited.rows], "remarks": edited.remarks,
        "change_set": None, "written": None, "dry_run": options.dry_run,
    }  # fmt: skip
    lines = [*_told(edited), *edited.remarks]
    if questions:
        lines.append(_("Nothing was written: {count} rows have problems, or somebody else changed the same fields (--conflicts mine or theirs decides)").format(count=len(questions)))
    elif options.dry_run:
        lines.append(_("Trial, nothing written: {changed} changed, {added} added, {missing} missing").format(changed=found["changed"], added=found["added"], missing=found["missing"]))
    else:
        done = roundtrip.apply_back(session, edited, decisions, progress=Percent())
        found |= {"change_set": done.change_set, "written": {"changed": done.result.changed, "added": done.result.added, "deleted": done.result.deleted}}
        lines.append(done.label)
    return Answer(found, lines, refused=bool(questions))


def _row(row: RowChange) -> dict[str, Any]:
    fields = [{"field": one.field, "before": one.before, "now": one.now, "new": one.new, "conflict": one.conflict} for one in row.fields]
    problems = [{"field": name, "message": message} for name, message in row.problems]
    return {"state": row.state, "row": row.row, "id": row.key, "title": row.title, "fields": fields, "problems": problems, "remark": row.remark}


def _told(edited: Edited) -> list[str]:
    """Return the differences as lines."""
    words = {"changed": _("changed"), "added": _("added"), "missing": _("missing"), "gone": _("deleted meanwhile")}
    return [f"{row.row or '-'}\t{words[row.state]}\t{row.title}\t{_('; ').join(_differences(edited, row))}" for row in edited.rows]


def _differences(edited: Edited, row: RowChange) -> list[str]:
    titles = {name: field.title for name, field in edited.spec.fields.items()}
    found = []
    for one in row.fields:
        meanwhile = _(" (now {value})").format(value=one.now or "—") if one.conflict else ""
        found.append(f"{titles[one.field]}: {one.before or '—'} → {one.new or '—'}{meanwhile}")
    found += [f"{titles[name]}: {message}" if name else message for name, message in row.problems]
    return [*found, row.remark] if row.remark else found
