"""Red letters in the bureau's list: each is joined to the invoice that its row or its note says it takes back, in the books or in the same list.

The bureau writes it into the note: 被红冲蓝字数电票号码：24312000000012345678 红字发票信息确认单编号：….
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.domain.money import show_money
from desktop_crm.services import invoices
from desktop_crm.services.allocations import ZERO
from desktop_crm.services.batches import find_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session
    from desktop_crm.services.tax.issued import Issued

_TAKEN_BACK: Final = re.compile(r"(?:蓝字|原)[^0-9]{0,12}([0-9]{8,20})(?![0-9])")


def taken_back(column: str, note: str) -> str:
    """Return the number of the invoice that a red letter takes back: its column's, else what the note says; empty where neither does."""
    found = _TAKEN_BACK.search(note)
    return column or (found[1] if found else "")


def join_red(session: Session, rows: Sequence[Issued]) -> None:
    """Join rows below zero to the invoices they take back; what can't be taken over is said in their `problem`."""
    reds = [row for row in rows if row.red and not row.problem]
    if not reds:
        return
    books = _invoices(session, [number for row in reds for number in (row.number, row.takes_back)])
    left = _left(session, list(books.values()))
    left |= {row.number: row.total for row in rows if not row.red and not row.problem and row.number not in books and row.total is not None}
    seen: set[str] = set()
    for row in reds:
        held = books.get(row.number)
        total = row.total or ZERO
        if held is not None:
            row.known = held["red_of"] is not None and held["total"] == total
            row.problem = "" if row.known else _("Invoice {number} is there already, for something else").format(number=row.number)
        elif row.number in seen:
            row.problem = _("Invoice {number} stands twice in the list").format(number=row.number)
        elif not row.takes_back:
            row.problem = _("A red-letter invoice, but neither a column nor the note says which one it takes back")
        elif row.takes_back not in left:
            row.problem = _("It takes back invoice {number}, which is not in the books").format(number=row.takes_back)
        elif -total > left[row.takes_back]:
            row.problem = _("It takes back {amount} of invoice {number}, of which only {left} is left").format(
                amount=show_money(-total), number=row.takes_back, left=show_money(left[row.takes_back]))
        else:
            left[row.takes_back] += total
        seen.add(row.number)


def take_red(session: Session, row: Issued) -> int:
    """Make the red-letter invoice of a row with the bureau's own tax; returns its id. Raises UserError where what it takes back is gone or taken back."""
    original = _invoices(session, [row.takes_back]).get(row.takes_back)
    if original is None:
        raise UserError(_("It takes back invoice {number}, which is not in the books").format(number=row.takes_back))
    tax = None if row.tax is None else -row.tax
    return invoices.red_letter(session, invoice=original["id"], number=row.number, on=row.issued_on, total=-(row.total or ZERO), tax=tax, note=row.note).result


def _invoices(session: Session, numbers: Sequence[str]) -> dict[str, Values]:
    found = find_in(session, "invoice", "number", [number for number in numbers if number], ["number", "total", "red_of"], session.readable("invoice", EVERYTHING))
    return {row["number"]: row for row in found}


def _left(session: Session, originals: Sequence[Values]) -> dict[str, Decimal]:
    """Return what of invoices isn't taken back yet, by number."""
    back: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row in find_in(session, "invoice", "red_of", (one["id"] for one in originals), ["red_of", "total"]):
        back[row["red_of"]] += row["total"]
    return {row["number"]: row["total"] + back[row["id"]] for row in originals if row["total"] > 0}
