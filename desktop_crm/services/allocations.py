"""What must hold for allocations: no receipt gives more than it has, no receivable takes more than it is, one customer at a time."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import Blocked, BlockedRecord, UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.money import show_money
from desktop_crm.services.batches import find_by_id, find_in
from desktop_crm.services.rules import after_save, before_delete, before_save

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

ZERO: Final = Decimal("0.00")
NAMED: Final = 10


def fits(part: Decimal, whole: Decimal) -> bool:
    """Tell whether `part` lies between nothing and `whole`; a credit note's and a refund's whole is negative."""
    return min(whole, ZERO) <= part <= max(whole, ZERO)


@before_save("allocation")
def date_allocations(session: Session, rows: Sequence[Values]) -> None:
    """Let an allocation count from the day its receipt came in, unless another day is given."""
    undated = [row for row in rows if row.get("allocated_on") is None]
    receipts = find_by_id(session, "receipt", (row.get("receipt") for row in undated), ["received_on"])
    for row in undated:
        found = receipts.get(row.get("receipt") or 0)
        row["allocated_on"] = found["received_on"] if found else session.today


@after_save("allocation")
def check_allocations(session: Session, ids: Sequence[int]) -> None:
    """Raise UserError, naming the document, where allocations exceed what there is or join two customers."""
    check(session, allocation_rows(session, "id", ids))


@after_save("receipt")
def check_receipts(session: Session, ids: Sequence[int]) -> None:
    """Raise UserError where a receipt became smaller than what is allocated of it, or another customer's."""
    check(session, allocation_rows(session, "receipt", ids))


@after_save("receivable")
def check_receivables(session: Session, ids: Sequence[int]) -> None:
    """Raise UserError where a receivable became smaller than what settled it, or another customer's."""
    check(session, allocation_rows(session, "receivable", ids))


def check_books(session: Session, touched: Mapping[str, Sequence[int]]) -> None:
    """Check the allocations behind the records in `touched`, ids by entity: for writes that run no rules, such as an undo."""
    rows = [row for field, name in (("id", "allocation"), ("receipt", "receipt"), ("receivable", "receivable"))
            for row in allocation_rows(session, field, touched.get(name, ()))]  # fmt: skip
    check(session, rows)


def allocation_rows(session: Session, field: str, ids: Iterable[int]) -> list[Values]:
    """Return the allocations whose `field` is one of `ids`."""
    return find_in(session, "allocation", field, ids, ["receipt", "receivable", "amount"])


def check(session: Session, rows: Sequence[Values]) -> None:
    """Raise UserError where one of the allocations in `rows` breaks a rule; their documents' sums are those the database keeps."""
    receipts = find_by_id(session, "receipt", (row["receipt"] for row in rows), ["number", "customer", "amount", "allocated"])
    receivables = find_by_id(session, "receivable", (row["receivable"] for row in rows), ["number", "customer", "amount", "settled"])
    for row in rows:
        receipt, receivable = receipts[row["receipt"]], receivables[row["receivable"]]
        if receipt["customer"] != receivable["customer"]:
            raise UserError(
                _("Receipt {receipt} and receivable {receivable} belong to different customers, so the one can't settle the other").format(
                    receipt=receipt["number"], receivable=receivable["number"]))
        if row["amount"] == 0 or not fits(row["amount"], receivable["amount"]):
            raise UserError(
                _("{amount} can't be allocated to {receivable}, which is {whole}. Enter an amount above zero and up to what remains of it").format(
                    amount=show_money(row["amount"]), receivable=receivable["number"], whole=show_money(receivable["amount"])))
    for receivable in receivables.values():
        if not fits(receivable["settled"], receivable["amount"]):
            raise UserError(
                _("Receivable {number} is {amount}, but {settled} is allocated to it: {excess} too much. Allocate less, or release an allocation first").format(
                    number=receivable["number"], amount=show_money(receivable["amount"]), settled=show_money(receivable["settled"]),
                    excess=show_money(abs(receivable["settled"] - receivable["amount"]))))
    for receipt in receipts.values():
        if not fits(receipt["allocated"], receipt["amount"]):
            raise UserError(
                _("Receipt {number} is {amount}, but {allocated} of it is allocated: {excess} too much. Allocate less, or release an allocation first").format(
                    number=receipt["number"], amount=show_money(receipt["amount"]), allocated=show_money(receipt["allocated"]),
                    excess=show_money(abs(receipt["allocated"] - receipt["amount"]))))


@before_delete("receivable")
def keep_settled(session: Session, ids: Sequence[int]) -> None:
    """Raise Blocked for receivables that something is allocated to."""
    refuse_allocated(session, ids, _("{records} can't be deleted, because receipts are allocated to it. Release the allocation first"))


def refuse_allocated(session: Session, ids: Sequence[int], message: str) -> None:
    """Raise Blocked with `message`, its ``{records}`` filled in, where something is allocated to one of the receivables."""
    held = sorted({row["receivable"] for row in allocation_rows(session, "receivable", ids)})
    if not held:
        return
    numbers = session.records.titles(session.entity("receivable"), held)
    blocked = [BlockedRecord("receivable", key, numbers.get(key, "")) for key in held]
    named = _(", ").join(item.title for item in blocked[:NAMED])
    if len(held) > NAMED:
        named += _(" and {count} more").format(count=len(held) - NAMED)
    raise Blocked(message.format(records=named), blocked)
