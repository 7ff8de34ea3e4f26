"""Verbs that make paper: reports and printed documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_crm.base.errors import UserError, ValueProblem
from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.cli.answers import Answer, Percent, Usage, table, tell
from desktop_crm.cli.naming import condition, day, linked_ids, sort_named
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.domain.dates import month_end
from desktop_crm.domain.periods import PERIODS, period_range
from desktop_crm.printing import store
from desktop_crm.printing.batch import Outcome, Templates, rule_problem, to_folder, to_pdf
from desktop_crm.printing.documents import make_pdf
from desktop_crm.printing.kept import keep_file, keep_folder
from desktop_crm.printing.listing import ListColumn, print_list
from desktop_crm.reports import REPORTS, Parameter, Report, run, to_json
from desktop_crm.reports.accounts import moved_or_owing, named
from desktop_crm.reports.dunning import letters
from desktop_crm.reports.export import about, export, heading, texts, total_texts
from desktop_crm.reports.statement import statement_values
from desktop_crm.services import print_promises, records
from desktop_crm.services.dunning import note_letters
from desktop_crm.services.print_sources import SOURCES, Asked, ids_of

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import date

    from desktop_crm.services.session import Session

TYPED = {"as_of": "as_of", "date_from": "from_", "date_to": "to", "customer": "customer", "owner": "owner", "department": "department"}
"""Settings of reports that have an option of their own, with its name in the parsed arguments."""

DUNNING = "dunning"
STATEMENT = "statement"
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
            make_pdf(store.load(session, PRINTED[options.name]), [values], Path(path), total=1)
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
        raise UserError(message.format(entity=in_sentence(session.spec(entity).singular), name=text))
    return found[0]


def _lines(answer: Report) -> list[str]:
    totals = total_texts(answer)
    return [heading(answer), *table([spec.title for spec in answer.columns], [*texts(answer), *([totals] if totals else [])])]


def _print_report(answer: Report, path: Path) -> None:
    columns = [ListColumn(spec.title, spec.kind.align == "right") for spec in answer.columns]
    print_list(path, title=answer.title, about=about(answer), columns=columns, rows=texts(answer), totals=total_texts(answer) or None)


def print_documents(session: Session, options: Namespace) -> Answer:
    """Print documents of one template into one PDF, or with ``--each`` into a file each."""
    if not options.pdf and not isinstance(options.each, str):
        raise Usage(_("Say where the PDF goes with --pdf FILE, or --each FOLDER for a file each"))
    print_promises.settle(session)
    asked, templates = _asked(session, options)
    folder = options.each if isinstance(options.each, str) else options.pdf if options.each else ""
    if folder:
        wrong = rule_problem(options.name_rule)
        if wrong:
            raise Usage(wrong)
        outcome, _changes = keep_folder(session, Path(folder).absolute(), lambda part: to_folder(session, asked, part, Percent(), rule=options.name_rule, templates=templates))
    else:
        title = _("Dunning letters") if asked.prints == DUNNING else ""
        outcome, _changes = keep_file(session, Path(options.pdf).absolute(), lambda part: to_pdf(session, asked, part, Percent(), templates=templates, title=title))
    if outcome.missing:
        tell(_("No font has these characters: {characters}").format(characters=" ".join(sorted(outcome.missing))))
    for left_out in outcome.left_out:
        tell(_("Left out: {problem}").format(problem=left_out))
    target = Path(folder or options.pdf).absolute()
    return _printed(session, asked, outcome, target)


def _printed(session: Session, asked: Asked, outcome: Outcome, target: Path) -> Answer:
    found: dict[str, Any] = {"file": str(target), "documents": len(outcome.printed), "pages": outcome.pages}
    if outcome.left_out:
        found["left_out"] = outcome.left_out
    if len(outcome.files) > 1 or outcome.files[:1] != [target]:
        found["files"] = [str(path.absolute()) for path in outcome.files]
    if asked.prints == DUNNING:
        noted = note_letters(session, outcome.about) if session.may_write("activity") else None
        found["change_set"] = noted.change_set if noted is not None else None
    lines = [_("{count} documents printed to {path}").format(count=len(outcome.printed), path=target)]
    if outcome.stopped:
        found["error"] = outcome.stopped
        lines.insert(0, outcome.stopped)
    return Answer(found, lines, refused=bool(outcome.stopped))


def _asked(session: Session, options: Namespace) -> tuple[Asked, Templates]:
    """Return what is to be printed with which templates; raises Usage where nothing is named."""
    name = options.template
    if Path(name).suffix:
        templates = Templates(session, Path(name), anyway=options.anyway)
        template, _stored = templates.of(name)
        return _documents(session, template.prints, template.name, options), templates
    stored = {one.name: one for one in store.list_templates(session, unpublished=True)}
    if name != DUNNING and name not in stored:
        raise Usage(_("There is no template “{name}”. There are: {known}").format(name=name, known=", ".join([*stored, DUNNING])))
    return _documents(session, DUNNING if name == DUNNING else stored[name].prints, name, options), Templates(session, anyway=options.anyway)


def _documents(session: Session, prints: str, template: str, options: Namespace) -> Asked:
    if prints == STATEMENT:
        first, last = _period(session, options)
        return Asked(prints, tuple(_customers(session, options, first, last)), template, (first, last))
    if prints == DUNNING:
        return Asked(prints, tuple(_reminded(session, options)), template)
    if prints in SOURCES or prints not in session.catalog:
        return Asked(prints, tuple(options.ids), template, _period(session, options))
    return Asked(prints, _records(session, prints, options), template, start=options.start)


def _records(session: Session, prints: str, options: Namespace) -> tuple[int, ...]:
    """Return the records that ``--id``, ``--where`` and ``--period`` name together."""
    if options.ids:
        return tuple(options.ids)
    period = _period(session, options) if options.period or options.from_ or options.to else None
    if not options.where and period is None and not options.all:
        raise Usage(_("Say what to print with --id, --where, --period or --all"))
    spec = session.spec(prints)
    sort, descending = sort_named(spec, options.sort, descending=False) if options.sort else ("", False)
    found = ids_of(session, prints, condition(session, spec, options.where) or EVERYTHING, period=period, sort=sort, descending=descending)
    if not found:
        raise UserError(_("Nothing there matches, so there is nothing to print"))
    return found


def _period(session: Session, options: Namespace) -> tuple[date, date]:
    """Return the first and last day: a month (2026-06), a year, a named period such as ``last_month``, or ``--from`` and ``--to``."""
    text = (options.period or "").strip()
    if text:
        return typed_period(text, session.today)
    last = day(options.to) if options.to else session.today
    return day(options.from_) if options.from_ else last.replace(day=1), last


def typed_period(text: str, today: date) -> tuple[date, date]:
    """Return the days of a typed period: ``2026-06``, ``2026``, ``2026-06-01..2026-06-15`` or a name of PERIODS; raises Usage."""
    if text in PERIODS:
        return period_range(text, today)
    first, dots, last = text.partition("..")
    if dots:
        return day(first), day(last)
    year, _dash, month = text.partition("-")
    if year.isdigit() and (not month or month.isdigit()):
        try:
            begin = today.replace(year=int(year), month=int(month or 1), day=1)
        except ValueError:
            begin = None
        if begin is not None:
            return begin, month_end(begin.replace(month=begin.month if month else 12))
    raise Usage(_("“{text}” is no period; write 2026-06, 2026, 2026-06-01..2026-06-15 or one of: {known}").format(text=text, known=", ".join(PERIODS)))


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


def _reminded(session: Session, options: Namespace) -> list[int]:
    """Return who gets a dunning letter: those named, or with ``--all`` everybody whose letter is due and wasn't sent; without a step in the template's name the oldest debt decides which."""
    chosen = [*options.ids, *([_one(session, "customer", options.customer)] if options.customer else [])]
    if options.all:
        found = letters(session, session.today)
        chosen = [key for key, letter in found.items() if letter.due]
        if not chosen and any(letter.sent for letter in found.values()):
            raise UserError(_("Every letter that is due was sent already. Name a customer with --customer or --id to send one again"))
    if not chosen:
        raise Usage(_("Say who is to be reminded with --customer, --id or --all"))
    due = letters(session, session.today)
    there = [due[key] for key in chosen if key in due]
    if not there:
        raise UserError(_("Nothing is overdue there, so there is no letter to print"))
    if all(letter.covered for letter in there):
        raise UserError(_("What is overdue there is covered by prepayments and credit notes, so there is no letter to print. Allocate them to the receivables"))
    return chosen
