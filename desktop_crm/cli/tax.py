"""The verbs about the tax bureau: the workbook it takes invoices from, and the list of what it issued."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.cli.answers import Answer, Percent
from desktop_crm.domain.conditions import Where
from desktop_crm.services.tax import issued, layout, workbook
from desktop_crm.services.workbooks.refusal import UnreadableFile

if TYPE_CHECKING:
    from argparse import Namespace

    from desktop_crm.services.session import Session


def tax_workbook(session: Session, options: Namespace) -> Answer:
    """Write requests for invoices to the workbook the bureau takes: those named, else all that wait; nothing where a cell would be refused."""
    session.spec("invoice_request")
    waiting = Where("id", "in", options.ids) if options.ids else Where("state", "eq", "open")
    ids = session.records.ids_where(session.entity("invoice_request"), session.readable("invoice_request", waiting))
    columns = layout.current(session)
    wrong = workbook.problems(workbook.drafts(session, ids, columns), columns)
    told = [_("{number}, {sheet}, {heading}: {message}").format(number=one.number, sheet=one.sheet, heading=one.heading, message=one.message) for one in wrong]
    data = {"requests": len(ids), "problems": [dataclasses.asdict(one) for one in wrong]}
    if wrong:
        return Answer({**data, "written": 0, "change_set": None}, told, refused=True)
    path = Path(options.file)
    done = workbook.write(session, ids, path, columns)
    return Answer({**data, "written": done.result, "change_set": done.change_set, "file": str(path.absolute())}, [done.label])


def tax_issued(session: Session, options: Namespace) -> Answer:
    """Read the bureau's list of issued invoices and take over those that agree with their requests; with ``--accept`` those that differ too."""
    try:
        file = issued.read_issued(session, Path(options.file), sheet=options.sheet, header_row=options.header_row, encoding=options.encoding)
    except UnreadableFile as problem:
        raise UserError(f"{options.file}: {problem.message}") from problem
    absent = file.missing()
    if absent:
        raise UserError(_("No column of {file} is {columns}. Choose the columns in the window once, they are remembered").format(file=options.file, columns=_(", ").join(absent)))
    chosen = [row for row in file.rows if row.ready or (options.accept and not row.problem and not row.known)]
    done = issued.take_over(session, chosen, progress=Percent()) if chosen and not options.dry_run else None
    rows = [{"row": row.row, "serial": row.request["number"] if row.request else row.serial, "number": row.number, "issued_on": row.issued_on, "total": row.total, "known": row.known, "takes_back": row.takes_back,
             "problem": row.problem, "differences": row.differences, "taken": done is not None and row in chosen} for row in file.rows]  # fmt: skip
    open_rows = [row for row in file.rows if row.problem or (row.differences and row not in chosen)]
    told = [_("Row {row}, {column}: {message}").format(row=row.row, column=row.number or row.serial, message=row.problem or _("; ").join(row.differences)) for row in open_rows]
    told += [_("Row {row}, {column}: {message}").format(row=one.row, column=one.value, message=one.message) for one in file.problems]
    data = {"rows": rows, "taken": len(chosen) if done else 0, "change_set": done.change_set if done else None,
            "problems": [{"row": one.row, "value": one.value, "message": one.message} for one in file.problems]}  # fmt: skip
    return Answer(data, [*told, done.label if done else _("Nothing was taken over")], refused=bool(open_rows or file.problems))
