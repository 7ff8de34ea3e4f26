"""What the bureau issued: its list is read, each row joined to its request, what differs is shown, and the invoices are made in one action."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError, ValueProblem
from desktop_crm.base.i18n import N_, _, ngettext
from desktop_crm.base.progress import silent
from desktop_crm.domain.bank import bare, mentions
from desktop_crm.domain.conditions import EVERYTHING, Where, both
from desktop_crm.domain.dates import parse_date
from desktop_crm.domain.kind import cell_text
from desktop_crm.domain.money import show_money
from desktop_crm.services import invoices, writing
from desktop_crm.services.batches import find_by_id, find_in, grouped
from desktop_crm.services.column_files import ColumnFile, Role, Roles, open_file
from desktop_crm.services.imports.types import RowProblem
from desktop_crm.services.records import require_write
from desktop_crm.services.tax.red_letters import join_red, take_red, taken_back
from desktop_crm.services.workbooks.cells import Cell, CellError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Changes, Session

DIGITS: Final = 20
"""Digits of the number of a 数电票."""
ZERO: Final = Decimal("0.00")
ROLES: Final = Roles("issued_invoices", N_("Columns of a list of issued invoices: {headings}"), (
    Role("serial", N_("Request number"), ("发票流水号", "流水号", "开票流水号", "单据编号", "业务单号", "申请单号")),
    Role("number", N_("Invoice number"), ("数电票号码", "数电发票号码", "全电发票号码", "电子发票号码", "发票号码", "发票号", "invoice number")),
    Role("issued_on", N_("Issued on"), ("开票日期", "开具日期", "开票时间", "开具时间", "date")),
    Role("net", N_("Amount without tax"), ("金额", "合计金额", "不含税金额", "开票金额", "net")),
    Role("tax", N_("Tax amount"), ("税额", "合计税额", "tax")),
    Role("total", N_("Total with tax"), ("价税合计", "含税金额", "价税合计金额", "total")),
    Role("buyer", N_("Buyer's name"), ("购买方名称", "购方名称", "购买方", "受票方名称", "buyer")),
    Role("state", N_("State"), ("开具状态", "开票状态", "发票状态", "开具结果", "开票结果", "状态", "status")),
    Role("reason", N_("Reason"), ("失败原因", "错误信息", "原因", "开票失败原因")),
    Role("red_of", N_("Takes back"), ("被红冲蓝字数电票号码", "被红冲蓝字数电发票号码", "被红冲蓝字发票号码", "被红冲发票号码", "对应蓝字发票号码", "蓝字发票号码", "原蓝字发票号码", "原发票号码")),
    Role("note", N_("Note on the invoice"), ("备注", "发票备注", "note")),
), needed=(("number",), ("issued_on",)))
FAILED: Final = ("失败", "作废", "未开", "开具中", "待开")
"""States that say no invoice is there."""
REQUEST: Final = ("number", "customer", "title", "contract", "kind", "total", "invoiced", "state", "note", "owner")


@dataclass
class Issued:
    """One row of the bureau's list, joined to its request.

    `differences` are worth a look, but the invoice can be taken over; `problem` says why it can't be. `known` ones were taken over before.
    A red letter, its total below zero, names in `takes_back` the invoice it takes back.
    """

    row: int
    serial: str
    number: str
    issued_on: date | None
    total: Decimal | None
    tax: Decimal | None = None
    buyer: str = ""
    note: str = ""
    request: Values | None = None
    differences: list[str] = field(default_factory=list)
    problem: str = ""
    known: bool = False
    takes_back: str = ""

    @property
    def red(self) -> bool:
        """Whether it takes another invoice back."""
        return self.total is not None and self.total < 0

    @property
    def ready(self) -> bool:
        """Whether it can be taken over without a look."""
        return not (self.problem or self.known or self.differences)


@dataclass
class IssuedFile(ColumnFile):
    """The bureau's list with its rows."""

    rows: list[Issued] = field(default_factory=list)


def read_issued(session: Session, path: Path, **how: Any) -> IssuedFile:
    """Read the bureau's list and join its rows to the requests; `how` and what is raised as for `column_files.open_file`."""
    session.spec("invoice")
    file, _kept = open_file(IssuedFile, session, ROLES, path, **how)
    read_rows(session, file)
    return file


def read_rows(session: Session, file: IssuedFile) -> None:
    """Read the rows anew by the roles of the columns and join them. What was read before stands until all is read, and where that fails."""
    rows: list[Issued] = []
    problems: list[RowProblem] = []
    for row in () if file.missing() else file.table.rows:
        try:
            rows.append(_row(file, row))
        except ValueProblem as problem:
            problems.append(RowProblem(row + 1, "", "", file.text(row, "number") or file.text(row, "serial"), problem.message))
    _join(session, [row for row in rows if not row.red])
    join_red(session, rows)
    file.rows, file.problems = rows, problems


def _row(file: IssuedFile, row: int) -> Issued:
    net, tax, total = (file.money(row, role) for role in ("net", "tax", "total"))
    if total is None and net is not None and tax is not None:
        total = net + tax
    if tax is None and net is not None and total is not None:
        tax = total - net
    made = Issued(row + 1, file.text(row, "serial"), file.text(row, "number"), _day(file.cell(row, "issued_on")), total, tax, file.text(row, "buyer"), file.text(row, "note"))
    made.takes_back = taken_back(file.text(row, "red_of"), made.note) if made.red else ""
    state, reason = file.text(row, "state"), file.text(row, "reason")
    if any(word in state for word in FAILED) or not made.number:
        made.problem = _("Not issued: {reason}").format(reason=reason or state or _("it has no invoice number"))
    elif made.issued_on is None:
        made.problem = _("The day it was issued is missing")
    elif not (made.number.isdecimal() and len(made.number) == DIGITS):
        made.problem = _("{number} is no invoice number: it has {digits} digits").format(number=made.number, digits=DIGITS)
        if (row, next(iter(file.places("number")), -1)) in file.sheet.suspicious:
            made.problem = _("Excel keeps 15 digits, so the last ones of this number are lost. Ask for the list as text or CSV")
    return made


def _day(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = "" if cell is None or isinstance(cell, CellError) else cell_text(cell).strip()
    return parse_date(text) if text else None


def _join(session: Session, rows: Sequence[Issued]) -> None:
    """Join rows to requests: by the request number, else by the note that names it, else by buyer and total where only one fits."""
    serials = {row.serial for row in rows if row.serial}
    seen = session.readable("invoice_request", EVERYTHING)
    by_number = {one["number"]: one for one in find_in(session, "invoice_request", "number", serials, REQUEST, seen)}
    loose = [row for row in rows if not row.serial and row.number]
    waiting = session.records.find(session.entity("invoice_request"), both(seen, Where("state", "in", ("open", "exported"))), REQUEST) if loose else []
    titles = _buyers(session, [*by_number.values(), *waiting])
    there = find_in(session, "invoice", "number", (row.number for row in rows if row.number), ["number", "request", "total"])
    invoiced = {one["number"]: one for one in there}
    taken: dict[int, str] = {}
    seen_numbers: set[str] = set()
    for row in rows:
        if row.serial:
            row.request = by_number.get(row.serial)
        elif row.number:
            _join_loose(row, waiting, titles)
        if row.problem:
            continue
        held = invoiced.get(row.number)
        if held is not None and _is_that(row, held):
            row.known = True
        elif held is not None:
            row.problem = _("Invoice {number} is there already, for something else").format(number=row.number)
        elif row.number in seen_numbers:
            row.problem = _("Invoice {number} stands twice in the list").format(number=row.number)
        elif row.request is None:
            row.problem = _("No request {serial} is known").format(serial=row.serial) if row.serial else _("No request fits: neither the note nor buyer and total say which")
        elif row.request["state"] == "issued" or row.request["id"] in taken:
            row.problem = _("Request {serial} was invoiced already").format(serial=row.request["number"])
        else:
            taken[row.request["id"]] = row.number
            _compare(row, titles)
        seen_numbers.add(row.number)


def _is_that(row: Issued, held: Values) -> bool:
    """Tell whether an invoice of the books is this row: it answers the row's request, or where the row names none, any request over the same total."""
    if row.serial or row.request is not None:
        return row.request is not None and held["request"] == row.request["id"]
    return held["request"] is not None and row.total in {None, held["total"]}


def _join_loose(row: Issued, waiting: Sequence[Values], titles: dict[int, str]) -> None:
    named = [one for one in waiting if mentions(row.note, one["number"])]
    alike = [one for one in waiting if bare(titles[one["id"]]) == bare(row.buyer) and one["total"] == row.total]
    if len(named) == 1:
        row.request = named[0]
    elif not named and len(alike) == 1:
        row.request = alike[0]
        row.differences.append(_("Joined by buyer and total only"))


def _buyers(session: Session, requests: Sequence[Values]) -> dict[int, str]:
    """Return the buyer's name of each request, by its id."""
    titles = find_by_id(session, "invoice_title", (one["title"] for one in requests), ["title"])
    customers = find_by_id(session, "customer", (one["customer"] for one in requests), ["name"])
    return {one["id"]: titles[one["title"]]["title"] if one["title"] is not None else customers[one["customer"]]["name"] for one in requests}


def _compare(row: Issued, titles: dict[int, str]) -> None:
    """Note where the invoice differs from its request."""
    request = row.request or {}
    if row.total is None:
        row.total = request["total"]
        row.differences.append(_("The list says no total; that of the request is taken"))
    elif row.total != request["total"]:
        row.differences.append(_("Issued over {issued}, requested {requested}").format(issued=show_money(row.total), requested=show_money(request["total"])))
    if row.buyer and bare(row.buyer) != bare(titles[request["id"]]):
        row.differences.append(_("Issued to {buyer}, requested for {title}").format(buyer=row.buyer, title=titles[request["id"]]))


def take_over(session: Session, rows: Sequence[Issued], *, progress: Callable[[int, int], None] = silent) -> Changes[list[int]]:
    """Make the invoices of rows that have no problem, all of them or none, as one action; returns their ids.

    Each covers the receivables of its request, as far as it goes; a red letter frees what it takes back. Raises UserError naming the invoice where one was taken over meanwhile,
    and what `invoices.issue_invoice` raises.
    """
    require_write(session, "invoice")
    # What a red letter takes back may stand anywhere in the list.
    chosen = sorted((row for row in rows if not row.problem and not row.known), key=lambda row: row.red)

    def work() -> list[int]:
        lines = grouped(find_in(session, "invoice_request_line", "request", (row.request["id"] for row in chosen if row.request), ["request", "receivable", "amount", "tax_rate"]), "request")
        made = []
        for number, row in enumerate(chosen):
            progress(number, len(chosen))
            made.append(take_red(session, row) if row.red else _invoice(session, row, lines.get((row.request or {}).get("id"), [])))
        total = sum((row.total or ZERO for row in chosen), ZERO)
        session.relabel(ngettext("{count} invoice of the tax bureau taken over, {amount}", "{count} invoices of the tax bureau taken over, {amount}", len(made)).format(
            count=len(made), amount=show_money(total)))  # fmt: skip
        return made

    return session.write("issued_invoices", _("Invoices of the tax bureau taken over"), work)


def _invoice(session: Session, row: Issued, lines: Sequence[Values]) -> int:
    assert row.request is not None, "a row without a request has a problem"  # noqa: S101 - the caller's own mistake
    key, total = row.request["id"], row.total or ZERO
    session.records.lock(session.entity("invoice_request"), key)
    request = find_by_id(session, "invoice_request", [key], REQUEST).get(key)
    if request is None or request["state"] == "issued":
        raise UserError(_("Request {serial} was invoiced already").format(serial=row.request["number"]))
    covers: dict[int, Decimal] = {}
    left = total
    for line in lines:
        part = min(line["amount"], left)
        if line["receivable"] is not None and part > 0:
            covers[line["receivable"]] = covers.get(line["receivable"], ZERO) + part
        left -= part
    rates = {line["tax_rate"] for line in lines}
    titles = _buyers(session, [request])
    values: Values = {
        "number": row.number, "issued_on": row.issued_on, "kind": request["kind"], "customer": request["customer"], "contract": request["contract"], "total": total,
        "tax_rate": next(iter(rates)) if len(rates) == 1 else None, "title": titles[key], "note": request["note"], "request": key, "owner": request["owner"],
    }  # fmt: skip
    made = invoices.issue_invoice(session, values=values, receivables=covers).result
    if row.tax is not None:
        # The bureau rounds line by line; its figures are the invoice's.
        stored = writing.stored_values(session, "invoice", made) or {}
        writing.update_row(session, "invoice", made, {**stored, "tax": row.tax, "net": total - row.tax})
    return made
