"""Verbs that make paper: reports and printed documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_crm.base.errors import UserError, ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.cli.answers import Answer, Usage, table, tell
from desktop_crm.cli.naming import day, linked_ids
from desktop_crm.domain.catalog import Ref
from desktop_crm.printing.documents import BUILTIN, load_template, make_pdf
from desktop_crm.printing.listing import ListColumn, print_list
from desktop_crm.reports import REPORTS, Parameter, Report, run, to_json
from desktop_crm.reports.export import export, heading
from desktop_crm.reports.statement import statement_values
from desktop_crm.services.documents import print_values

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from desktop_crm.domain.catalog import FieldSpec

    from desktop_crm.printing.template import Template
    from desktop_crm.services.session import Session

TYPED = {"as_of": "as_of", "date_from": "from_", "date_to": "to", "customer": "customer", "owner": "owner", "department": "department"}
"""Settings of reports that have an option of their own, with its name in the parsed arguments."""

PRINTED = {"statement": "statement"}
"""Reports that have a document template of their own."""


def report(session: Session, options: Namespace) -> Answer:
    """Work out a report and give it as JSON, a table, a workbook or a PDF."""
    if options.name not in REPORTS:
        raise Usage(_("There is no report “{name}”. There are: {names}").format(name=options.name, names=", ".join(REPORTS)))
    answer = run(session, options.name, **_settings(session, options))
    for path in (options.xlsx, options.pdf):
        if path and path == options.xlsx:
            export(answer, Path(path))
        elif path and options.name in PRINTED:
            settings = answer.settings
            values = statement_values(session, int(settings["customer"]), settings["date_from"], settings["date_to"])
            make_pdf(load_template(PRINTED[options.name]), [values], Path(path), total=1)
        elif path:
            _print_report(answer, Path(path))
    for note in answer.notes:
        tell(note)
    return Answer(to_json(answer), _lines(answer))


def _settings(session: Session, options: Namespace) -> dict[str, Any]:
    """Return the settings given on the command line, read by their kinds; raises Usage for one the report doesn't have."""
    parameters = {parameter.key: parameter for parameter in REPORTS[options.name].parameters}
    given = {key: getattr(options, dest) for key, dest in TYPED.items() if getattr(options, dest)}
    for text in options.set:
        key, sign, value = text.partition("=")
        if not sign:
            raise Usage(_("“{text}” is no setting; write it like NAME=VALUE").format(text=text))
        given[key.strip()] = value
    unknown = [key for key in given if key not in parameters]
    if unknown:
        message = _("The report {report} has no setting “{setting}”. It has: {known}")
        raise Usage(message.format(report=options.name, setting=unknown[0], known=", ".join(parameters)))
    return {key: _setting(session, parameters[key], text) for key, text in given.items()}


def _setting(session: Session, parameter: Parameter, text: str) -> Any:
    if parameter.link:
        return _one(session, parameter.link, text)
    try:
        return parameter.field().parse(text)
    except ValueProblem as problem:
        raise Usage(problem.message) from problem


def _one(session: Session, entity: str, text: str) -> int:
    """Return the id of the one record a text names; raises UserError where there is none or more than one."""
    found = linked_ids(session, entity, text)
    if len(found) != 1:
        message = _("There is no {entity} “{name}”") if not found else _("Several are called “{name}”; give the id of the {entity} instead")
        raise UserError(message.format(entity=session.spec(entity).singular, name=text))
    return found[0]


def _shown(spec: FieldSpec, value: Any) -> str:
    return value.title if isinstance(value, Ref) else spec.show(value)


def _texts(answer: Report) -> list[list[str]]:
    return [[_shown(spec, row.values.get(spec.name)) for spec in answer.columns] for row in answer.rows]


def _totals(answer: Report) -> list[str]:
    texts = [_shown(spec, answer.totals.get(spec.name)) for spec in answer.columns]
    return [texts[0] or _("Total"), *texts[1:]] if answer.totals else []


def _lines(answer: Report) -> list[str]:
    totals = _totals(answer)
    return [heading(answer), *table([spec.title for spec in answer.columns], [*_texts(answer), *([totals] if totals else [])])]


def _print_report(answer: Report, path: Path) -> None:
    columns = [ListColumn(spec.title, spec.kind.align == "right") for spec in answer.columns]
    about = heading(answer).removeprefix(answer.title).strip()
    print_list(path, title=answer.title, about=about, columns=columns, rows=_texts(answer), totals=_totals(answer) or None)


def print_documents(session: Session, options: Namespace) -> Answer:
    """Print documents of one template into one PDF."""
    if options.template not in BUILTIN and not Path(options.template).suffix:
        raise Usage(_("There is no template “{name}”. There are: {known}").format(name=options.template, known=", ".join(BUILTIN)))
    template = load_template(options.template if options.template in BUILTIN else Path(options.template))
    documents, count = _documents(session, template, options)
    result = make_pdf(template, documents, Path(options.pdf), total=count)
    if result.missing_glyphs:
        tell(_("No font has these characters: {characters}").format(characters=" ".join(sorted(result.missing_glyphs))))
    found = {"file": str(Path(options.pdf).absolute()), "documents": count, "pages": result.pages}
    return Answer(found, [_("{count} documents printed to {path}").format(count=count, path=options.pdf)])


def _documents(session: Session, template: Template, options: Namespace) -> tuple[Iterator[dict[str, Any]], int]:
    """Return the values of each document, made one at a time, and how many there are; raises Usage where none is named."""
    if template.prints in PRINTED.values():
        customers = [*options.ids, *([_one(session, "customer", options.customer)] if options.customer else [])]
        if not customers:
            raise Usage(_("Say whose statement to print with --customer, or with --id"))
        last = day(options.to) if options.to else session.today
        first = day(options.from_) if options.from_ else last.replace(day=1)
        return (statement_values(session, key, first, last) for key in customers), len(customers)
    if template.prints not in session.catalog:
        raise UserError(_("The template “{name}” prints “{entity}”, which there is not").format(name=template.name, entity=template.prints))
    if not options.ids:
        raise Usage(_("Say what to print with --id"))
    return (print_values(session, template.prints, key) for key in options.ids), len(options.ids)
