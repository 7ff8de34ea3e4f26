"""What must hold for allocations: no receipt gives more than it has, no receivable takes more than it is, one customer at a time.

What exists only for what it settles – a discount, a write-off – is allocated in full, and so is what uses up a remainder: a refund, a transfer.

What is allocated in a closed period stays in its books. It is taken back by an allocation of the same receipt to the same receivable with the other sign and a later day, so
the books of every day before say what they said.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import Blocked, BlockedRecord, UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import Where
from desktop_crm.domain.money import show_money
from desktop_crm.domain.sources import EXACT, REVERSAL, USES
from desktop_crm.models.closing import closed_through
from desktop_crm.services.batches import FIRST, find_by_id, find_in
from desktop_crm.services.rules import after_save, before_delete, before_save

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

ZERO: Final = Decimal("0.00")
NAMED: Final = 10
MOVES: Final = ("receipt", "receivable", "amount", "kind", "allocated_on")


def fits(part: Decimal, whole: Decimal) -> bool:
    """Tell whether `part` lies between nothing and `whole`; a credit note's and a refund's whole is negative."""
    return min(whole, ZERO) <= part <= max(whole, ZERO)


@before_save("allocation")
def date_allocations(session: Session, rows: Sequence[Values]) -> None:
    """Let an allocation count from the day its receipt came in, or today where that is in the closed period, unless another day is given.

    It takes over what kind of settlement it is.
    """
    receipts = find_by_id(session, "receipt", [row.get("receipt") for row in rows], ["received_on", "kind"])
    # No day that is still to come is closed, so a receipt of today counts from today either way.
    days = [found["received_on"] for row in rows if row.get("allocated_on") is None and (found := receipts.get(row.get("receipt") or 0))]
    through = closed_through(session.store) if any(day < session.today for day in days) else None
    for row in rows:
        found = receipts.get(row.get("receipt") or 0)
        row["kind"] = found["kind"] if found else "receipt"
        if row.get("allocated_on") is None:
            day = found["received_on"] if found else session.today
            row["allocated_on"] = session.today if through is not None and day <= through else day


@after_save("allocation")
def check_allocations(session: Session, ids: Sequence[int]) -> None:
    """Raise UserError, naming the document, where allocations exceed what there is or join two customers."""
    check(session, allocation_rows(session, "id", ids))


@after_save("receipt", about=lambda _new: False)  # what a new one settles is checked as it is allocated
def check_receipts(session: Session, ids: Sequence[int]) -> None:
    """Raise UserError where a receipt became smaller than what is allocated of it, another customer's."""
    check(session, allocation_rows(session, "receipt", ids))


@after_save("receivable")
def check_receivables(session: Session, ids: Sequence[int]) -> None:
    """Raise UserError where a receivable became smaller than what settled it, or another customer's."""
    check(session, allocation_rows(session, "receivable", ids))
    _check_uses(session, ids)


def check_books(session: Session, touched: Mapping[str, Sequence[int]]) -> None:
    """Check the allocations behind the records in `touched`, ids by entity: for writes that run no rules, such as an undo."""
    rows = [row for field, name in (("id", "allocation"), ("receipt", "receipt"), ("receivable", "receivable"))
            for row in allocation_rows(session, field, touched.get(name, ()))]  # fmt: skip
    check(session, rows)
    check_kinds(session, [*touched.get("receipt", ()), *(row["receipt"] for row in rows)])
    _check_uses(session, [*touched.get("receivable", ()), *(row["receivable"] for row in rows)])


def allocation_rows(session: Session, field: str, ids: Iterable[int]) -> list[Values]:
    """Return the allocations whose `field` is one of `ids`."""
    return find_in(session, "allocation", field, ids, MOVES)


def check(session: Session, rows: Sequence[Values]) -> None:
    """Raise UserError where one of the allocations in `rows` breaks a rule; their documents' sums are those the database keeps.

    One document after the other asks this of the same allocations: those that passed since something was written are not looked at again.
    """
    passed = session.records.passed
    rows = [row for row in rows if ("allocation", row["id"]) not in passed]
    if not rows:
        return
    receipts = find_by_id(session, "receipt", [row["receipt"] for row in rows], ["number", "customer", "amount", "allocated"])
    receivables = find_by_id(session, "receivable", [row["receivable"] for row in rows], ["number", "customer", "amount", "settled"])
    for row in rows:
        receipt, receivable = receipts[row["receipt"]], receivables[row["receivable"]]
        if receipt["customer"] != receivable["customer"]:
            raise UserError(
                _("Receipt {receipt} and receivable {receivable} belong to different customers, so the one can't settle the other").format(
                    receipt=receipt["number"], receivable=receivable["number"]))
        if row["amount"] == 0 or abs(row["amount"]) > abs(receivable["amount"]):
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
    _check_taken_back(session, rows, receivables)
    passed.update(("allocation", row["id"]) for row in rows)


def _check_taken_back(session: Session, rows: Sequence[Values], receivables: Mapping[int, Values]) -> None:
    """Raise UserError where more would be taken back of an allocation than there was, or where one of a day before that leaves too much allocated on a day between.

    Only what lies before today can come between: as of today it is as the sums say.
    """
    against = [row for row in rows if not fits(row["amount"], receivables[row["receivable"]]["amount"])]
    late = [row for row in rows if row["allocated_on"] is None or row["allocated_on"] < session.today]
    if not against and late:
        below = Where("amount", "lt", 0)
        against = [row for field in ("receipt", "receivable") for row in find_in(session, "allocation", field, {row[field] for row in late}, MOVES, below)]
    if not against:
        return
    whole = {field: {row[field] for row in (*rows, *against)} for field in ("receipt", "receivable")}
    moves = {row["id"]: row for field, ids in whole.items() for row in allocation_rows(session, field, ids)}.values()
    receipts = find_by_id(session, "receipt", (row["receipt"] for row in moves), ["number", "received_on", "amount"])
    receivables = find_by_id(session, "receivable", (row["receivable"] for row in moves), ["number", "document_on", "amount"])

    def day_of(row: Values) -> date:
        days: list[date] = [row["allocated_on"], receipts[row["receipt"]]["received_on"], receivables[row["receivable"]]["document_on"]]
        return max(days)

    totals: dict[tuple[int | None, int | None], Decimal] = defaultdict(lambda: ZERO)
    for day, some in groupby(sorted(moves, key=day_of), key=day_of):
        changed: dict[tuple[int | None, int | None], Values] = {}
        for row in some:
            receipt, receivable = row["receipt"], row["receivable"]
            changed |= {(receipt, None): receipts[receipt], (None, receivable): receivables[receivable], (receipt, receivable): receivables[receivable]}
            for one in ((receipt, None), (None, receivable), (receipt, receivable)):
                totals[one] += row["amount"]
        for (receipt, receivable), document in changed.items():
            # Of a document that only stands beside these not all is read.
            if (receivable is not None or receipt in whole["receipt"]) and (receipt is not None or receivable in whole["receivable"]):
                _fits_on(day, totals[receipt, receivable], document)


def _fits_on(day: date, amount: Decimal, document: Values) -> None:
    if not fits(amount, document["amount"]):
        raise UserError(
            _("{amount} of {number} would be allocated on {day}, but it is {whole}: an allocation was taken back later, or more would be taken back than there was. Choose another amount or a later day").format(
                amount=show_money(amount), number=document["number"], day=day.isoformat(), whole=show_money(document["amount"])))


def check_kinds(session: Session, ids: Iterable[int]) -> None:
    """Raise UserError where money received is below zero, another settlement isn't above it, or one that exists for its debts alone isn't allocated in full."""
    kind = session.everything["receipt"].fields["kind"]
    rows = find_in(session, "receipt", "id", ids, ["number", "kind", "amount", "allocated"])
    for row in rows:
        if row["kind"] == "receipt" and row["amount"] < 0:
            refused = _("Receipt {number} is {amount}, but money received can't be below zero. Money given back is a refund of the receipt it came from")
            raise UserError(refused.format(number=row["number"], amount=show_money(row["amount"])), field="amount")
        if row["kind"] != "receipt" and row["amount"] <= 0:
            raise UserError(_("{kind} {number} must be above zero, but is {amount}").format(kind=kind.show(row["kind"]), number=row["number"], amount=show_money(row["amount"])), field="amount")
        if row["kind"] in EXACT and row["allocated"] != row["amount"]:
            raise UserError(
                _("{kind} {number} is {amount}, but {allocated} of it is allocated. It exists only for what it settles: allocate all of it, make it smaller, or delete it").format(
                    kind=kind.show(row["kind"]), number=row["number"], amount=show_money(row["amount"]), allocated=show_money(row["allocated"])))
    kinds = {row["id"]: row["kind"] for row in rows if row["version"] != FIRST}  # no other has ever been of another kind
    wrong = next((row for row in allocation_rows(session, "receipt", kinds) if row["kind"] != kinds[row["receipt"]]), None)
    if wrong is not None:
        number = next(row["number"] for row in rows if row["id"] == wrong["receipt"])
        raise UserError(_("Receipt {number} settles receivables already, so its kind can't change. Release its allocations first").format(number=number), field="kind")


def _check_uses(session: Session, ids: Iterable[int]) -> None:
    """Raise UserError where a refund or a transfer isn't covered in full by the receipt it is made from."""
    for row in find_in(session, "receivable", "id", ids, ["number", "kind", "amount", "settled"], Where("kind", "in", USES)):
        if row["settled"] != row["amount"]:
            raise UserError(
                _("{number} gives back {amount}, but only {settled} of that comes from receipts. Make it from the receipt it uses, or delete it").format(
                    number=row["number"], amount=show_money(row["amount"]), settled=show_money(row["settled"])))


@before_delete("receipt")
def keep_used(session: Session, ids: Sequence[int]) -> None:
    """Raise Blocked for receipts of which something was refunded or transferred; a transfer that arrives takes its sending side along, a discount what was taken back of it."""
    sent = find_in(session, "receivable", "counterpart", ids, [])
    uses = find_by_id(session, "receivable", (row["receivable"] for row in allocation_rows(session, "receipt", ids)), ["number", "kind"], Where("kind", "in", USES))
    gone = {row["id"] for row in sent} | {key for key, row in uses.items() if row["kind"] == REVERSAL}
    take_away(session, sorted(gone))
    held = {key: row for key, row in uses.items() if key not in gone}
    _refuse(held, _("This can't be deleted, because part of it was refunded or transferred: {records}. Delete that first"))


@before_delete("allocation")
def keep_uses_covered(session: Session, ids: Sequence[int]) -> None:
    """Raise Blocked where an allocation covers a refund or a transfer, which is nothing without it."""
    targets = (row["receivable"] for row in allocation_rows(session, "id", ids))
    held = find_by_id(session, "receivable", targets, ["number"], Where("kind", "in", USES))
    _refuse(held, _("This allocation belongs to {records}, which was refunded or transferred. Delete that instead"))


def take_away(session: Session, ids: Sequence[int]) -> None:
    """Delete refunds and transfers with the allocations that cover them; what they used is a remainder again."""
    session.records.delete(session.entity("allocation"), [row["id"] for row in allocation_rows(session, "receivable", ids)])
    session.records.delete(session.entity("receivable"), list(ids))


def _refuse(held: Mapping[int, Values], message: str) -> None:
    if held:
        blocked = [BlockedRecord("receivable", key, row["number"]) for key, row in held.items()]
        raise Blocked(message.format(records=_(", ").join(item.title for item in blocked[:NAMED])), blocked)


@before_delete("receivable")
def keep_settled(session: Session, ids: Sequence[int]) -> None:
    """Raise Blocked for receivables that something is allocated to; a refund takes the allocation that covers it along."""
    uses = find_by_id(session, "receivable", ids, ["number", "counterpart", "kind"], Where("kind", "in", USES))
    _refuse({key: row for key, row in uses.items() if row["counterpart"] is not None}, _(
        "{records} can't be deleted by itself: delete the transferred prepayment on the other side, which takes it along"))
    covering = allocation_rows(session, "receivable", uses)
    session.records.delete(session.entity("allocation"), [row["id"] for row in covering])
    check_kinds(session, {row["receipt"] for row in covering if uses[row["receivable"]]["kind"] == REVERSAL})
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
