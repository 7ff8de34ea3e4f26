"""The verb about bank statements: what their lines are, whose money it is, and posting what is sure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.cli.answers import Answer, Percent, Usage, table
from desktop_crm.services.bank import lines, matching, posting, reading
from desktop_crm.services.bank.columns import ROLES
from desktop_crm.services.bank.words import SURENESS
from desktop_crm.services.imports.source import heading_key
from desktop_crm.services.workbooks.refusal import UnreadableFile

if TYPE_CHECKING:
    from argparse import Namespace

    from desktop_crm.services.bank.matching import Proposal
    from desktop_crm.services.imports.types import RowProblem
    from desktop_crm.services.session import Session

ENOUGH: Final = {"sure": ("sure",), "likely": ("sure", "likely")}


def bank(session: Session, options: Namespace) -> Answer:
    """Keep the lines of a statement, say what is proposed for those that wait, and post what is as sure as asked with ``--post``."""
    try:
        statement = reading.read_statement(session, Path(options.file), sheet=options.sheet, header_row=options.header_row, encoding=options.encoding)
    except UnreadableFile as problem:
        raise UserError(f"{options.file}: {problem.message}") from problem
    _map(statement, options.map)
    if options.account:
        statement.account = options.account
    if options.map or options.account:
        reading.read_lines(statement)
    absent = statement.missing()
    if absent:
        raise UserError(_("No column of {file} is {columns}. Say which with --map HEADING=COLUMN").format(file=options.file, columns=_(", ").join(absent)))
    if options.map:
        statement.remember(session)
    kept = lines.keep(session, statement.lines, progress=Percent())
    found = matching.propose(session, kept.result.ids)
    chosen = [one for one in found if one.customer is not None and one.amount > 0 and one.sureness in ENOUGH[options.sure]] if options.post else []
    posted = posting.post(session, [posting.accepted(one) for one in chosen], progress=Percent()) if chosen else None
    data = {
        "rows": len(statement.lines) + len(statement.problems), "lines": len(statement.lines), "added": len(kept.result.added), "known": kept.result.known,
        "refused": len(statement.problems), "problems": [_problem(one) for one in statement.problems], "warnings": [_problem(one) for one in statement.warnings],
        "change_set": kept.change_set, "proposals": [_proposal(one) for one in found],
        "posted": len(chosen), "posted_change_set": posted.change_set if posted else None,
    }  # fmt: skip
    return Answer(data, _told(data, found, posted.label if posted else ""), refused=bool(statement.problems))


def _map(statement: reading.Statement, texts: list[str]) -> None:
    for text in texts:
        heading, sign, role = text.rpartition("=")
        columns = [column for column, there in statement.headings.items() if heading_key(there) == heading_key(heading)]
        if not sign or not columns or (role and role not in ROLES.by_key):
            raise Usage(_("“{text}” is no assignment. Headings: {headings}. Columns: {roles}").format(
                text=text, headings=", ".join(statement.table.headings), roles=", ".join(ROLES.by_key)))
        statement.choose(columns[0], role)


def _problem(one: RowProblem) -> dict[str, Any]:
    return {"row": one.row, "column": one.column, "field": one.field, "value": one.value, "message": one.message}


def _proposal(one: Proposal) -> dict[str, Any]:
    return {
        "id": one.line["id"], "booked_on": one.line["booked_on"], "payer": one.line["payer"], "amount": one.amount, "remark": one.line["remark"],
        "customer": one.customer.title if one.customer is not None else None, "customer_id": int(one.customer) if one.customer is not None else None,
        "sure": one.sureness, "reasons": one.reasons, "receivables": [{"id": part.receivable, "number": part.number, "amount": part.amount} for part in one.parts],
        "prepaid": one.prepaid, "entered": one.entered.title if one.entered is not None else None,
    }  # fmt: skip


def _told(data: dict[str, Any], found: list[Proposal], posted: str) -> list[str]:
    place = _("Row {row}, {column}: {message}")
    said = [place.format(row=one["row"], column=one["column"] or one["field"], message=one["message"]) for one in (*data["problems"], *data["warnings"])]
    heads = [_("Booked on"), _("Counterparty"), _("Amount"), _("Customer"), _("How sure"), _("Reason")]
    rows = [[str(one.line["booked_on"]), one.line["payer"], f"{one.amount:.2f}", one.customer.title if one.customer is not None else "—", _(SURENESS[one.sureness]),
             _("; ").join(one.reasons)] for one in found]  # fmt: skip
    counted = _("{lines} lines: {added} new, {known} known before, {refused} can't be read; {waiting} wait to be posted")
    counts = counted.format(**{name: data[name] for name in ("lines", "added", "known", "refused")}, waiting=len(found) - data["posted"])
    return [*said, *(table(heads, rows) if rows else []), counts, *([posted] if posted else [])]
