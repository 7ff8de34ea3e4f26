"""What a report's page offers beside Excel and paper: statements to all, letters to those who owe, and writing down what was sent.

To give a report an action of its own: a function here that is given the page, and a line in ACTIONS.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import N_, _
from desktop_crm.printing.batch import to_folder
from desktop_crm.printing.kept import keep_folder
from desktop_crm.services.dunning import Sent, note_statements
from desktop_crm.services.print_sources import Asked
from desktop_crm.ui.files import ask_folder
from desktop_crm.ui.kit.widgets import Button
from desktop_crm.ui.print_sources import DUNNING, REPORT, STATEMENT
from desktop_crm.ui.tell import tell_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.printing.batch import Outcome
    from desktop_crm.reports import Report
    from desktop_crm.services.session import Changes
    from desktop_crm.ui.report_page import ReportPage

LETTERS_DUE: Final = frozenset({"1", "2", "3"})


def actions_for(page: ReportPage) -> list[Button]:
    """Return the buttons of a report's own actions that this person may use, the most usual one last."""
    made = []
    for name, label, icon, kind, writes, act in ACTIONS.get(page.definition.name, ()):
        if not writes or (writes in page.desk.session.catalog and page.desk.session.may_write(writes)):
            made.append(Button(_(label), kind, icon=icon, name=f"action.{name}", on_click=partial(act, page)))
    return made


def print_report(page: ReportPage) -> None:
    """Show the report as it will be printed: a statement by its template, any other as its table."""
    report = page.report
    if report is None:
        return
    if report.name == STATEMENT:
        asked = report.settings
        page.desk.show_page("preview", prints=STATEMENT, customer=asked["customer"], period=(asked["date_from"], asked["date_to"]))
    else:
        page.desk.show_page("preview", prints=REPORT, report=report)


def _customers(report: Report) -> tuple[int, ...]:
    return tuple(int(row.values["customer"]) for row in report.rows)


def _period(report: Report) -> tuple[Any, Any]:
    return report.settings["date_from"], report.settings["date_to"]


def _all_statements(page: ReportPage) -> None:
    """Lead from the aging to the statements of all customers up to its day."""
    report = page.report
    if report is not None:
        day = report.settings["as_of"]
        page.desk.show_page("report.statements", date_from=day.replace(day=1), date_to=day, owner=report.settings["owner"])


def _print_statements(page: ReportPage) -> None:
    if page.report is not None and page.report.rows:
        page.desk.show_page("preview", prints=STATEMENT, ids=_customers(page.report), period=_period(page.report))


def _statements_each(page: ReportPage) -> None:
    """Write one PDF for each customer into a folder."""
    report = page.report
    folder = ask_folder(page, _("One PDF for each customer")) if report is not None and report.rows else None
    if report is None or folder is None:
        return
    session, asked = page.desk.session, Asked(STATEMENT, _customers(report), STATEMENT, _period(report))

    def done(answer: tuple[Outcome, Changes[int]]) -> None:
        outcome, changes = answer
        tell_file(page, outcome.stopped or _("{count} statements written").format(count=len(outcome.files)), folder)
        page.desk.tell(changes, say=False)

    page.desk.operations.file(
        page, lambda step: keep_folder(session, folder, lambda part: to_folder(session, asked, part, step)), done, title=_("One PDF for each customer"), changes=True)


def _note_sent(page: ReportPage) -> None:
    """Write down that the statements shown went out."""
    report = page.report
    if report is None:
        return
    date_from, date_to = _period(report)
    if report.name == STATEMENT:
        sent = [Sent(int(report.settings["customer"]), date_from, date_to, report.facts["closing"])]
    else:
        sent = [Sent(int(row.values["customer"]), date_from, date_to, row.values["closing"]) for row in report.rows if row.values["state"] == "none"]
    if not sent:
        page.desk.say(_("All of them are noted as sent already"))
        return
    session = page.desk.session
    page.desk.write(page, lambda: note_statements(session, sent), lambda _changes: None)


def _print_letters(page: ReportPage) -> None:
    """Show the letters to everybody whose debts are old enough for one that wasn't sent yet."""
    report = page.report
    if report is None:
        return
    due = tuple(int(row.values["customer"]) for row in report.rows if row.values["step"] in LETTERS_DUE)
    if due:
        page.desk.show_page("preview", prints=DUNNING, ids=due)
    elif any(row.values["step"] == "sent" for row in report.rows):
        page.desk.say(_("Every letter that is due was sent already. To send one again, tick the customer in the list of customers and print it there"))
    elif any(row.values["step"] == "covered" for row in report.rows):
        page.desk.say(_("No letter is due: what is overdue is covered by prepayments and credit notes, or not old enough yet"))
    else:
        page.desk.say(_("Nobody's debts are old enough for a letter yet"))


ACTIONS: Final[dict[str, tuple[tuple[str, str, str, Any, str, Callable[[ReportPage], None]], ...]]] = {
    "aging": (("statements", N_("Send statements…"), "send", "primary", "", _all_statements),),
    "statement": (("note_sent", N_("Note as sent"), "stamp", "primary", "confirmation", _note_sent),),
    "statements": (
        ("print_each", N_("One PDF each…"), "files", "secondary", "", _statements_each),
        ("note_sent", N_("Note as sent"), "stamp", "secondary", "confirmation", _note_sent),
        ("print_statements", N_("Print statements…"), "printer", "primary", "", _print_statements),
    ),
    "dunning": (("letters", N_("Print letters…"), "send", "primary", "", _print_letters),),
}
"""By report: the action's name, label, icon and weight, the entity one must be allowed to write, and what it does."""
