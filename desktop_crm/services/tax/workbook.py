"""The workbook the tax bureau takes many invoices from: all cells text, sheets joined by the request number, checked before it is written."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _, ngettext
from desktop_crm.domain.conditions import EVERYTHING, Where
from desktop_crm.domain.money import line_amounts, round_money, round_scale
from desktop_crm.domain.rates import check_tax_rate
from desktop_crm.services import writing
from desktop_crm.services.batches import find_by_id, find_in, grouped
from desktop_crm.services.records import require_write
from desktop_crm.services.tax.requests import waiting_amounts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Changes, Session
    from desktop_crm.services.tax.layout import Layout, Sheet

MOST: Final = 1000
"""Invoices in one file; the bureau's page takes no more at once."""
TAX_CODE_DIGITS: Final = 19
TOLERANCE: Final = Decimal("0.01")
"""How far quantity × price may be from the amount."""
REQUEST_FIELDS: Final = ("number", "customer", "title", "contract", "kind", "note", "total", "state")
LINE_FIELDS: Final = ("request", "item", "tax_code", "specification", "unit", "quantity", "price", "amount", "tax_rate", "tax", "receivable")
TITLE_FIELDS: Final = ("title", "tax_number", "address", "phone", "bank", "account")


@dataclass(frozen=True)
class CellProblem:
    """What the bureau would refuse: the request by number and id, the sheet, the heading, what stands there, and what to do."""

    request: int
    number: str
    sheet: str
    heading: str
    value: str
    message: str


@dataclass
class Draft:
    """One invoice as it goes into the workbook: its values and those of its lines, as texts by value name."""

    id: int
    number: str
    values: dict[str, str]
    lines: list[dict[str, str]]
    problems: list[tuple[str, str, str]]
    """(value name, text, message) of what is wrong whatever the layout."""


def gbk_length(text: str) -> int:
    """Return how many bytes a text has in GBK, as the bureau counts; characters beyond it count four, as in GB 18030."""
    return len(text.encode("gb18030", "replace"))


def drafts(session: Session, ids: Sequence[int], layout: Layout) -> list[Draft]:
    """Return requests as they go into the workbook, with a fixed number of questions; those issued already are left out."""
    rows = find_by_id(session, "invoice_request", ids, REQUEST_FIELDS, session.readable("invoice_request", EVERYTHING))
    lines = grouped(find_in(session, "invoice_request_line", "request", rows, LINE_FIELDS), "request")
    titles = find_by_id(session, "invoice_title", (row["title"] for row in rows.values()), TITLE_FIELDS)
    customers = find_by_id(session, "customer", (row["customer"] for row in rows.values()), ["name", "credit_code", "address", "phone"])
    contracts = find_by_id(session, "contract", (row["contract"] for row in rows.values()), ["number"])
    profile = session.records.find(session.entity("company"), EVERYTHING, ["bank", "account", "address", "phone"])
    seller = {f"seller_{name}": str(profile[0][name] or "") for name in ("bank", "account", "address", "phone")} if profile else {}
    seller["user"] = session.person.name
    over = _over_requested(session, [line for group in lines.values() for line in group])
    made = []
    for key in ids:
        row = rows.get(key)
        if row is not None and row["state"] != "issued":
            buyer = _buyer(titles.get(row["title"] or 0), customers[row["customer"]])
            contract = contracts.get(row["contract"] or 0, {}).get("number", "")
            given = {"serial": row["number"], "kind": layout.kinds.get(row["kind"], ""), "note": row["note"] or "", "contract": contract, "total": f"{row['total']:.2f}"}
            draft = Draft(key, row["number"], {**seller, **buyer, **given}, [_line(row["number"], line) for line in lines.get(key, [])], [])
            _check_draft(draft, row, lines.get(key, []), over)
            made.append(draft)
    return made


def _buyer(title: Values | None, customer: Values) -> dict[str, str]:
    """Return the buyer's data: of the invoice title, or of the customer where it has none. Who has no tax number is a person."""
    if title is not None:
        made = {"name": title["title"], "tax_number": title["tax_number"], **{name: title[name] for name in ("address", "phone", "bank", "account")}}
    else:
        made = {"name": customer["name"], "tax_number": customer["credit_code"], "address": customer["address"], "phone": customer["phone"], "bank": "", "account": ""}
    texts = {f"buyer_{name}": str(text or "").strip() for name, text in made.items()}
    return {**texts, "natural_person": "否" if texts["buyer_tax_number"] else "是"}


def _line(serial: str, line: Values) -> dict[str, str]:
    net, tax, _total = line_amounts(Decimal(1), line["amount"], line["tax_rate"], tax_included=True)
    quantity, price = line["quantity"], line["price"]
    net_price = round_scale(price / (1 + line["tax_rate"]), 10) if price is not None else None
    return {
        "serial": serial, "item": line["item"], "tax_code": line["tax_code"] or "", "specification": line["specification"] or "", "unit": line["unit"] or "",
        "quantity": _number(quantity), "price": _number(price), "net_price": _number(net_price), "amount": f"{line['amount']:.2f}", "net": f"{net:.2f}", "tax": f"{tax:.2f}",
        "tax_rate": _number(line["tax_rate"]) or "0",
    }  # fmt: skip


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def _over_requested(session: Session, lines: Sequence[Values]) -> dict[int, tuple[Decimal, Decimal]]:
    """Return what is requested and what is left of receivables of which more is requested than can be invoiced."""
    wanted = waiting_amounts(session, (line["receivable"] for line in lines))
    left = find_by_id(session, "receivable", wanted, ["uninvoiced"])
    return {key: (amount, left[key]["uninvoiced"]) for key, amount in wanted.items() if amount > left[key]["uninvoiced"]}


def _check_draft(draft: Draft, row: Values, lines: Sequence[Values], over: Mapping[int, tuple[Decimal, Decimal]]) -> None:
    """Find what is wrong whatever the columns are."""
    if row["kind"] == "e_special" and not draft.values["buyer_tax_number"]:
        draft.problems.append(("buyer_tax_number", "", _("A special invoice needs the buyer's tax number. Enter it in the invoice title")))
    if not lines:
        draft.problems.append(("serial", draft.number, _("The request has no lines. Add what is to stand on the invoice")))
    for number, line in enumerate(lines, 1):
        of = _("Line {number}: ").format(number=number)
        code = line["tax_code"] or ""
        if code and not (code.isdecimal() and len(code) == TAX_CODE_DIGITS):
            draft.problems.append(("tax_code", code, of + _("A tax classification code has {count} digits").format(count=TAX_CODE_DIGITS)))
        wrong = check_tax_rate(line["tax_rate"])
        if wrong:
            draft.problems.append(("tax_rate", _number(line["tax_rate"]), of + wrong))
        if line["amount"] <= 0:
            draft.problems.append(("amount", f"{line['amount']:.2f}", of + _("The amount must be above zero; a red-letter invoice is issued at the bureau itself")))
        if (line["quantity"] is None) != (line["price"] is None):
            draft.problems.append(("quantity", _number(line["quantity"]), of + _("Quantity and price belong together: enter both or neither")))
        elif line["quantity"] is not None and abs(round_money(line["quantity"] * line["price"]) - line["amount"]) > TOLERANCE:
            draft.problems.append(("amount", f"{line['amount']:.2f}", of + _("Quantity × price is {product}, not this amount").format(product=round_money(line["quantity"] * line["price"]))))
        if line["receivable"] in over:
            wanted, left = over[line["receivable"]]
            draft.problems.append(("amount", f"{line['amount']:.2f}", of + _("{wanted} is requested of this receivable, but only {left} is left to be invoiced").format(wanted=wanted, left=left)))


def text_of(column_value: str, fixed: str, values: Mapping[str, str]) -> str:
    """Return what stands in a cell: the value, or the column's fixed text where there is none."""
    return (values.get(column_value, "") if column_value else "") or fixed


def problems(found: Sequence[Draft], layout: Layout) -> list[CellProblem]:
    """Return everything the bureau would refuse, in the order of the requests; nothing means the file can be written."""
    listed = []
    for draft in found:
        for name, value, message in draft.problems:
            sheet, heading = _place(layout, name)
            listed.append(CellProblem(draft.id, draft.number, sheet, heading, value, message))
        for sheet_ in layout.sheets:
            if sheet_.rows == "invoices":
                listed += _check_row(draft, sheet_, draft.values, layout)
            else:
                for number, values in enumerate(draft.lines, 1):
                    of = _("Line {number}: ").format(number=number)
                    listed += [replace(one, message=of + one.message) for one in _check_row(draft, sheet_, values, layout)]
    return listed


def _place(layout: Layout, name: str) -> tuple[str, str]:
    return next(((sheet.name, column.heading) for sheet in layout.sheets for column in sheet.columns if column.value == name), ("", ""))


def _check_row(draft: Draft, sheet: Sheet, values: Mapping[str, str], layout: Layout) -> list[CellProblem]:
    found: list[CellProblem] = []
    shared: dict[str, list[tuple[str, str]]] = {}
    for column in sheet.columns:
        text = text_of(column.value, column.text, values)
        length = gbk_length(text)
        if column.required and not text:
            found.append(CellProblem(draft.id, draft.number, sheet.name, column.heading, "", _("{heading} must be filled in").format(heading=column.heading)))
        if column.bytes and length > column.bytes:
            message = _("{length} bytes, but only {limit} are taken (a Chinese character counts two). Shorten it").format(length=length, limit=column.bytes)
            found.append(CellProblem(draft.id, draft.number, sheet.name, column.heading, text, message))
        if column.group and text:
            shared.setdefault(column.group, []).append((column.heading, text))
    for group, cells in shared.items():
        length, limit = sum(gbk_length(text) for _heading, text in cells), layout.groups.get(group, 0)
        if limit and length > limit and len(cells) > 1:
            headings = _(" and ").join(heading for heading, _text in cells)
            message = _("Together {length} bytes, but only {limit} are taken (a Chinese character counts two). Shorten one").format(length=length, limit=limit)
            found.append(CellProblem(draft.id, draft.number, sheet.name, headings, " ".join(text for _heading, text in cells), message))
    return found


def write(session: Session, ids: Sequence[int], path: Path, layout: Layout) -> Changes[int]:
    """Write requests to a workbook and note that they are with the bureau; returns how many invoices it holds.

    Nothing is written where anything would be refused: raises UserError naming the first problem and how many there are, also where the
    file can't be written.
    """
    require_write(session, "invoice_request")
    found = drafts(session, ids, layout)
    wrong = problems(found, layout)
    if not found:
        raise UserError(_("There is no request among these that isn't issued yet"))
    if len(found) > MOST:
        raise UserError(_("The bureau takes {most} invoices at once, and these are {count}. Choose fewer").format(most=MOST, count=len(found)))
    if wrong:
        first = wrong[0]
        raise UserError(ngettext(
            "{count} cell would be refused: {number}, {heading}: {message}", "{count} cells would be refused, the first: {number}, {heading}: {message}", len(wrong),
        ).format(count=len(wrong), number=first.number, heading=first.heading, message=first.message))  # fmt: skip

    def work() -> int:
        _write_file(path, found, layout)
        for draft in found:
            stored = writing.stored_values(session, "invoice_request", draft.id)
            if stored is not None and stored["exported_on"] != session.today:
                writing.update_row(session, "invoice_request", draft.id, {**stored, "exported_on": session.today})
        return len(found)

    label = ngettext("{count} request written for the tax bureau", "{count} requests written for the tax bureau", len(found)).format(count=len(found))
    return session.write("tax_workbook", label, work)


def take_back(session: Session, ids: Sequence[int]) -> Changes[int]:
    """Note that requests are not with the bureau after all; returns how many were."""
    require_write(session, "invoice_request")

    def work() -> int:
        held = find_by_id(session, "invoice_request", ids, [], Where("state", "eq", "exported"))
        for key in held:
            writing.update_row(session, "invoice_request", key, {**(writing.stored_values(session, "invoice_request", key) or {}), "exported_on": None})
        return len(held)

    return session.write("tax_workbook", _("Requests taken back from the tax bureau"), work)


def _write_file(path: Path, found: Sequence[Draft], layout: Layout) -> None:
    """Write the workbook under another name first, so that a whole file or none is there."""
    part = path.with_name(f".{path.name}.part")
    try:
        book: Any = xlsxwriter.Workbook(part)
        text = book.add_format({"num_format": "@"})
        bold = book.add_format({"num_format": "@", "bold": True, "bg_color": "#E8EDF3"})
        for sheet in layout.sheets:
            page = book.add_worksheet(sheet.name)
            page.set_column(0, len(sheet.columns) - 1, 20, text)
            for place, column in enumerate(sheet.columns):
                page.write_string(0, place, column.heading, bold)
            rows = [values for draft in found for values in ([draft.values] if sheet.rows == "invoices" else draft.lines)]
            for number, values in enumerate(rows, 1):
                for place, column in enumerate(sheet.columns):
                    cell = text_of(column.value, column.text, values)
                    if cell:
                        page.write_string(number, place, cell, text)
                    else:
                        page.write_blank(number, place, None, text)
        book.close()
        part.replace(path)
    except (OSError, XlsxWriterException) as problem:
        with contextlib.suppress(OSError):
            part.unlink()
        raise UserError(_("“{name}” can't be written. Close it in Excel or WPS, or choose another folder").format(name=path.name)) from problem
