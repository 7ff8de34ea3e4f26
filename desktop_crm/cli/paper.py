"""Verbs that make paper: reports and printed documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_crm.base.errors import UserError, ValueProblem
from desktop_crm.base.files import file_name
from desktop_crm.base.i18n import _
from desktop_crm.cli.answers import Answer, Usage, table, tell
from desktop_crm.cli.naming import day, linked_ids
from desktop_crm.printing.documents import BUILTIN, load_template, make_pdf
from desktop_crm.printing.fonts import FontBook
from desktop_crm.printing.layout import lay_out
from desktop_crm.printing.listing import ListColumn, print_list
from desktop_crm.printing.render import render_pdf
from desktop_crm.reports import REPORTS, Parameter, Report, run, to_json
from desktop_crm.reports.accounts import moved_or_owing, named
from desktop_crm.reports.dunning import letter_values, letters
from desktop_crm.reports.export import about, export, heading, texts, total_texts
from desktop_crm.reports.statement import statement_values, statements_values
from desktop_crm.services import records
from desktop_crm.services.documents import print_values
from desktop_crm.services.dunning import note_letters

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator
    from datetime import date

    from desktop_crm.printing.template import Template
    from desktop_crm.services.session import Session

TYPED = {"as_of": "as_of", "date_from": "from_", "date_to": "to", "customer": "customer", "owner": "owner", "department": "department"}
"""Settings of reports that have an option of their own, with its name in the parsed arguments."""

DUNNING = "dunning"
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


def _lines(answer: Report) -> list[str]:
    totals = total_texts(answer)
    return [heading(answer), *table([spec.title for spec in answer.columns], [*texts(answer), *([totals] if totals else [])])]


def _print_report(answer: Report, path: Path) -> None:
    columns = [ListColumn(spec.title, spec.kind.align == "right") for spec in answer.columns]
    print_list(path, title=answer.title, about=about(answer), columns=columns, rows=texts(answer), totals=total_texts(answer) or None)


def print_documents(session: Session, options: Namespace) -> Answer:
    """Print documents of one template into one PDF, statements with ``--each`` into one file each."""
    name = options.template
    if name not in {*BUILTIN, DUNNING} and not Path(name).suffix:
        raise Usage(_("There is no template “{name}”. There are: {known}").format(name=name, known=", ".join([*BUILTIN, DUNNING])))
    if name == DUNNING or name.startswith(f"{DUNNING}_"):
        return _letters(session, options)
    template = load_template(name if name in BUILTIN else Path(name))
    if options.each:
        return _each(session, template, options)
    documents, count = _documents(session, template, options)
    result = make_pdf(template, documents, Path(options.pdf), total=count)
    _tell_missing(result.missing_glyphs)
    return _printed(Path(options.pdf), count, result.pages)


def _printed(path: Path, count: int, pages: int, **more: Any) -> Answer:
    found = {"file": str(path.absolute()), "documents": count, "pages": pages, **more}
    return Answer(found, [_("{count} documents printed to {path}").format(count=count, path=path)])


def _tell_missing(glyphs: frozenset[str]) -> None:
    if glyphs:
        tell(_("No font has these characters: {characters}").format(characters=" ".join(sorted(glyphs))))


def _documents(session: Session, template: Template, options: Namespace) -> tuple[Iterator[dict[str, Any]], int]:
    """Return the values of each document, made one at a time, and how many there are; raises Usage where none is named."""
    if template.prints in PRINTED.values():
        first, last = _period(session, options)
        customers = _customers(session, options, first, last)
        return statements_values(session, customers, first, last), len(customers)
    if template.prints not in session.catalog:
        raise UserError(_("The template “{name}” prints “{entity}”, which there is not").format(name=template.name, entity=template.prints))
    if not options.ids:
        raise Usage(_("Say what to print with --id"))
    return (print_values(session, template.prints, key) for key in options.ids), len(options.ids)


def _period(session: Session, options: Namespace) -> tuple[date, date]:
    last = day(options.to) if options.to else session.today
    return day(options.from_) if options.from_ else last.replace(day=1), last


def _customers(session: Session, options: Namespace, first: date, last: date) -> list[int]:
    """Return whose statements are wanted: those named, or with ``--all`` everybody who owed something or had a document in the period."""
    named_ones = [*options.ids, *([_one(session, "customer", options.customer)] if options.customer else [])]
    if options.all:
        return [int(customer) for customer in named(session, moved_or_owing(session, first, last))]
    if not named_ones:
        raise Usage(_("Say whose statement to print with --customer, --id or --all"))
    for key in named_ones:
        records.get(session, "customer", key)
    return named_ones


def _each(session: Session, template: Template, options: Namespace) -> Answer:
    """Write each statement to a file of its own in the folder that stands in place of the file."""
    if template.prints not in PRINTED.values():
        raise Usage(_("Only statements can be written to one file each"))
    first, last = _period(session, options)
    folder, pages, count = Path(options.pdf), 0, 0
    for values in statements_values(session, _customers(session, options, first, last), first, last):
        path = folder / file_name(f"{values['customer']['title']} {count + 1} {first.isoformat()} {last.isoformat()}.pdf")
        folder.mkdir(parents=True, exist_ok=True)
        result = make_pdf(template, [values], path, total=1)
        _tell_missing(result.missing_glyphs)
        pages, count = pages + result.pages, count + 1
    return _printed(folder, count, pages)


def _letters(session: Session, options: Namespace) -> Answer:
    """Print dunning letters into one PDF and note them as follow-ups; without a step in the name the oldest debt decides which letter it is."""
    step = None if options.template == DUNNING else int(options.template.rpartition("_")[2])
    chosen = [*options.ids, *([_one(session, "customer", options.customer)] if options.customer else [])]
    if options.all:
        chosen = [key for key, letter in letters(session, session.today).items() if letter.step]
    if not chosen:
        raise Usage(_("Say who is to be reminded with --customer, --id or --all"))
    found = list(letter_values(session, chosen, session.today, step))
    if not found:
        raise UserError(_("Nothing is overdue there, so there is no letter to print"))
    path, book = Path(options.pdf), FontBook()
    pages = [page for letter, values in found for page in lay_out(load_template(f"{DUNNING}_{letter.step}"), values, fonts=book)]
    count = render_pdf(pages, path, title=_("Dunning letters"), fonts=book)
    _tell_missing(frozenset(book.missing))
    noted = note_letters(session, [letter for letter, _values in found]) if session.may_write("activity") else None
    return _printed(path, len(found), count, change_set=noted.change_set if noted is not None else None)
