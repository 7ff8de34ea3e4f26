"""What becomes of a receipt or credit note besides settling its customer's debts, and settlements without money.

A refund, a transfer to another customer's account and a small difference that is kept use up what is left: each is a receivable that the
receipt covers in full, so the account of the customer still adds up. A credit note, a discount and a write-off are receipts of their kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import NotFound, UserError
from desktop_crm.base.i18n import N_, _
from desktop_crm.domain.conditions import Every, Where, both
from desktop_crm.domain.early_payment import discount_of
from desktop_crm.domain.money import show_money
from desktop_crm.domain.sources import EXACT, RELIEF, REVERSAL
from desktop_crm.models.closing import closed_through
from desktop_crm.services import receipts, records, writing
from desktop_crm.services.allocations import ZERO, allocation_rows
from desktop_crm.services.batches import find_by_id
from desktop_crm.services.books import check_books
from desktop_crm.services.origins import arriving
from desktop_crm.services.payers import refuse_strangers
from desktop_crm.services.rules import BEFORE_DELETE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.receipts import Posted
    from desktop_crm.services.session import Changes, Session

NAMES: Final = {"refund": N_("Refund of {number}"), "transfer": N_("Prepayment of {number} to {customer}"), "difference": N_("Difference kept of {number}"), REVERSAL: N_("{number} taken back")}


@dataclass
class Used:
    """What used up a remainder: the receivable that stands for it, and the receipt it became on another account."""

    receivable: int
    receipt: int | None = None


def settle_without_money(
    session: Session, *, kind: str, allocations: Mapping[int, Decimal], customer: int | None = None, amount: Decimal | None = None, on: date | None = None, note: str = "",
    **values: Any,
) -> Changes[Posted]:
    """Post a credit note, an early-payment discount, a bad debt or a small difference (`domain.sources.RELIEF`) that settles `allocations`.

    `customer` is that of the first receivable, `amount` what is allocated, `on` today unless given; only a credit note may be more
    than it settles. Raises what `post_receipt` raises.
    """
    if kind not in RELIEF:
        raise UserError(_("Money can't be settled without money. Post a receipt instead"), field="kind")

    def work() -> Posted:
        of = customer
        if of is None:
            found = session.records.find(session.entity("receivable"), session.readable("receivable", Where("id", "in", list(allocations))), ["customer"], limit=1)
            if not found:
                raise NotFound(_("A receivable to settle is not there any more, or you have no right to see it. Choose again"))
            of = int(found[0]["customer"])
        whole = sum(allocations.values(), ZERO) if amount is None else amount
        given = records.new(session, "receipt", **{"method": "other", **values, "customer": of, "kind": kind, "amount": whole, "received_on": on or session.today, "note": note})
        return receipts.post_receipt(session, values=given, allocations=allocations).result

    return session.write("settle", session.everything["receipt"].fields["kind"].show(kind), work)


def early_discounts(session: Session, receivables: Sequence[int], *, paid_on: date) -> dict[int, Decimal]:
    """Return what the payment terms of its contract, else of its customer, let be kept back of each receivable that is paid in full on a day.

    Nothing is offered for a receivable that something was settled of before, nor more than remains.
    """
    names = ["customer", "contract", "document_on", "amount", "settled"]
    rows = session.records.find(session.entity("receivable"), session.readable("receivable", Where("id", "in", list(receivables))), names)
    contracts = find_by_id(session, "contract", (row["contract"] for row in rows), ["payment_terms"])
    customers = find_by_id(session, "customer", (row["customer"] for row in rows), ["payment_terms"])
    found = {}
    for row in rows:
        contract = contracts.get(row["contract"] or 0)
        terms = (contract or {}).get("payment_terms") or customers[row["customer"]]["payment_terms"] or ""
        kept = discount_of(row["amount"], terms, row["document_on"], paid_on)
        if kept and not row["settled"]:
            found[row["id"]] = kept
    return found


def refund(session: Session, *, receipt: int, amount: Decimal | None = None, on: date | None = None, note: str = "", bank_line: int | None = None) -> Changes[Used]:
    """Pay back what is left of a receipt or a credit note, or `amount` of it, as `bank_line` says; raises UserError where that is more than is left, NotFound."""
    return _use_up(session, "refund", receipt, amount, on, note, bank_line=bank_line)


def keep_difference(session: Session, *, receipt: int, amount: Decimal | None = None, on: date | None = None, note: str = "") -> Changes[Used]:
    """Keep what a customer paid too much, such as a cent, so that it is no prepayment any more; raises as `refund` does."""
    return _use_up(session, "difference", receipt, amount, on, note)


def transfer_prepayment(
    session: Session, *, receipt: int, customer: int, amount: Decimal | None = None, on: date | None = None, allocations: Mapping[int, Decimal] | None = None, note: str = ""
) -> Changes[Used]:
    """Move what is left of a receipt, or `amount` of it, to another customer of the same payer, where it settles `allocations`.

    Raises UserError where that is more than is left, or the customers have no payer in common, NotFound.
    """
    return _use_up(session, "transfer", receipt, amount, on, note, to=customer, allocations=allocations or {})


def _use_up(
    session: Session, kind: str, receipt: int, amount: Decimal | None, on: date | None, note: str, *, to: int | None = None,
    allocations: Mapping[int, Decimal] | None = None, bank_line: int | None = None,
) -> Changes[Used]:
    def work() -> Used:
        held = writable_receipt(session, receipt)
        part, day = held["unallocated"] if amount is None else amount, on or session.today
        receipts.refuse_fractions({receipt: part})
        if part <= 0 or part > held["unallocated"]:
            raise UserError(
                _("{amount} can't be taken from {number}, of which {left} is left. Enter an amount above zero and up to that").format(
                    amount=show_money(part), number=held["number"], left=show_money(held["unallocated"])), field="amount")
        arrived = _arrive(session, held, to, part, day, note, allocations or {}) if to is not None else None
        other = session.records.titles(session.entity("customer"), [to]).get(to, "") if to is not None else ""
        name = _(NAMES[kind]).format(number=held["number"], customer=other)
        made = _cover(session, kind, held, part, day, name=name, note=note, counterpart=arrived, bank_line=bank_line)
        session.relabel(f"{name}: {show_money(part)}")
        return Used(made, arrived)

    return session.write(kind, session.everything["receivable"].fields["kind"].show(kind), work)


def _cover(session: Session, kind: str, held: Values, part: Decimal, day: date, **more: Any) -> int:
    """Add a receivable that a receipt covers in full with `part` of what is left of it; returns its id."""
    row = {"kind": kind, "customer": held["customer"], "document_on": day, "due_on": day, "amount": part, "owner": held["owner"], **more}
    # Its rules ask that a receipt covers it, so they run once that is so.
    (made,) = writing.insert_rows(session, "receivable", [writing.with_defaults(session, "receivable", row)], rules=False)
    writing.insert_rows(session, "allocation", [{"receipt": held["id"], "receivable": made, "amount": part, "allocated_on": max(day, held["received_on"])}])
    writing.run_after_save(session, "receivable", [made])
    return made


def _arrive(session: Session, held: Values, to: int, part: Decimal, day: date, note: str, allocations: Mapping[int, Decimal]) -> int:
    """Add the receipt that a transfer becomes on the other customer's account."""
    refuse_strangers(session, held["customer"], [to])
    if to == held["customer"]:
        raise UserError(_("The prepayment is on this customer's account already. Choose another customer"), field="customer")
    values = records.new(session, "receipt", customer=to, kind="transfer", amount=part, received_on=day, method=held["method"], payer=held["payer"], reference=held["reference"], note=note)
    with arriving():
        return receipts.post_receipt(session, values=values, allocations=allocations).result.id


def writable_receipt(session: Session, receipt: int) -> Values:
    """Hold a receipt this person may change and return what is asked of it; raises NotAllowed, NotFound."""
    records.require_write(session, "receipt")
    entry = session.entity("receipt")
    if session.records.lock(entry, receipt) is None or not session.records.count(entry, both(Where("id", "eq", receipt), session.scope("receipt", "write"))):
        raise NotFound(_("This receipt is not there any more, or you have no right to change it"))
    return session.records.rows(entry, [receipt], ["number", "kind", "customer", "received_on", "amount", "allocated", "unallocated", "owner", "method", "payer", "reference"])[0]


def release_allocation(session: Session, *, allocation: int) -> Changes[None]:
    """Take an allocation back: the debt is open again, and the money a prepayment.

    One of the closed period stays in its books: an entry of today takes it back. A discount or write-off becomes that much smaller, and goes where nothing is left of it;
    one of the closed period stays as well, and what is taken back of it is booked as a receivable that it covers.
    Raises Blocked for one that covers a refund or a transfer, UserError where nothing of it is left, NotFound.
    """

    def work() -> None:
        row, held, left = _allocation(session, allocation)
        if held["kind"] in EXACT and (_is_closed(session, row["allocated_on"]) or _is_closed(session, held["received_on"])):
            _reverse(session, row, held, left)
        elif held["kind"] in EXACT:
            _shrink(session, row, held)
        elif _is_closed(session, row["allocated_on"]):
            made = _take_back(session, row, left, session.today)
            check_books(session, {"allocation": made})
        else:
            _lessen(session, row, left)
            writing.run_rules_of(session, "allocation", [row["receipt"]])
        session.relabel(_("{amount} of {receipt} released from {receivable}").format(
            amount=show_money(left), receipt=held["number"], receivable=_number(session, row["receivable"])))

    return session.write("release", _("Allocation released"), work)


def _is_closed(session: Session, day: date) -> bool:
    through = closed_through(session.store)
    return through is not None and day <= through


def _take_back(session: Session, row: Values, part: Decimal, on: date) -> list[int]:
    """Take `part` of an allocation back by an entry of its own."""
    for rule in BEFORE_DELETE["allocation"]:
        rule(session, [row["id"]])
    session.remark(_("it was allocated in the closed period, so it is taken back as of {day}").format(day=on.isoformat()))
    return writing.insert_rows(session, "allocation", [{"receipt": row["receipt"], "receivable": row["receivable"], "amount": -part, "allocated_on": on}], rules=False)


def _lessen(session: Session, row: Values, part: Decimal) -> None:
    """Make an allocation smaller by `part`, or delete it where nothing is left of it."""
    if part == row["amount"]:
        for rule in BEFORE_DELETE["allocation"]:
            rule(session, [row["id"]])
        session.records.delete(session.entity("allocation"), [row["id"]])
    else:
        session.records.update(session.entity("allocation"), row["id"], {"amount": row["amount"] - part}, session.now)


def _reverse(session: Session, row: Values, held: Values, part: Decimal) -> None:
    """Let `part` be owed again of what a discount or write-off of the closed period settled, and book it against that document, which exists only for what it settles."""
    taken = _take_back(session, row, part, session.today)
    made = _cover(session, REVERSAL, held, part, session.today, name=_(NAMES[REVERSAL]).format(number=held["number"]))
    check_books(session, {"allocation": taken, "receivable": [row["receivable"], made]})


def _shrink(session: Session, row: Values, held: Values) -> None:
    left = held["amount"] - row["amount"]
    if left <= 0:
        writing.delete_rows(session, "receipt", [row["receipt"]])
        return
    writing.delete_rows(session, "allocation", [row["id"]])
    stored = writing.stored_values(session, "receipt", row["receipt"])
    if stored is not None:
        writing.update_row(session, "receipt", row["receipt"], {**stored, "amount": left})


def move_allocation(session: Session, *, allocation: int, receivable: int, amount: Decimal | None = None, on: date | None = None) -> Changes[None]:
    """Let an allocation, or `amount` of it, settle another receivable of the same customer instead, as of `on` (today).

    One of the closed period stays in its books and is taken back as of that day. Raises UserError where the other one has less left, or is another customer's, and as
    `release_allocation` does.
    """

    def work() -> None:
        row, held, left = _allocation(session, allocation)
        part, day = left if amount is None else amount, on or session.today
        receipts.refuse_fractions({receivable: part})
        if not (0 < part <= left or left <= part < 0):
            raise UserError(_("Only {amount} is allocated here. Enter an amount above zero and up to that").format(amount=show_money(left)), field="amount")
        if not session.records.count(session.entity("receivable"), session.readable("receivable", Where("id", "eq", receivable))):
            raise NotFound(_("A receivable to settle is not there any more, or you have no right to see it. Choose again"))
        # The rules run once all of it is written: in between a write-off would not be allocated in full.
        made = []
        if _is_closed(session, row["allocated_on"]):
            made = _take_back(session, row, part, day)
        else:
            _lessen(session, row, part)
        made += writing.insert_rows(session, "allocation", [{"receipt": row["receipt"], "receivable": receivable, "amount": part, "allocated_on": day}])
        check_books(session, {"allocation": made, "receipt": [row["receipt"]], "receivable": [row["receivable"], receivable]})
        session.relabel(_("{amount} of {receipt} moved from {old} to {new}").format(
            amount=show_money(part), receipt=held["number"], old=_number(session, row["receivable"]), new=_number(session, receivable)))

    return session.write("move_allocation", _("Allocation moved"), work)


def _allocation(session: Session, allocation: int) -> tuple[Values, Values, Decimal]:
    """Return an allocation, its receipt, which this person may change, and what wasn't taken back of it yet."""
    rows = allocation_rows(session, "id", [allocation])
    if not rows:
        raise NotFound(_("This allocation is not there any more. Somebody released or moved it"))
    held = writable_receipt(session, rows[0]["receipt"])
    # Somebody else may have moved it before the receipt was held.
    rows = allocation_rows(session, "id", [allocation])
    if not rows:
        raise NotFound(_("This allocation is not there any more. Somebody released or moved it"))
    row = rows[0]
    net = receipts.settled_by(session, row["receipt"]).get(row["receivable"], ZERO)
    left = min(row["amount"], net) if row["amount"] > 0 else max(row["amount"], net)
    if not left or (left > 0) != (row["amount"] > 0):
        raise UserError(_("Nothing is left of this allocation to {receivable}: it was taken back, or takes another back. Allocate the receipt anew, or undo that entry").format(
            receivable=_number(session, row["receivable"])))
    return row, held, left


def _number(session: Session, receivable: int) -> str:
    return session.records.titles(session.entity("receivable"), [receivable]).get(receivable, "")


def open_for(session: Session, receivable: int) -> list[Values]:
    """Return the receipts and credit notes of a receivable's customer that something is left of, the oldest first."""
    found = session.records.find(session.entity("receivable"), session.readable("receivable", Where("id", "eq", receivable)), ["customer"])
    if not found:
        return []
    condition = session.readable("receipt", Every((Where("customer", "eq", found[0]["customer"]), Where("unallocated", "gt", 0))))
    return session.records.find(session.entity("receipt"), condition, ["number", "kind", "received_on", "amount", "unallocated"], sort="received_on")
