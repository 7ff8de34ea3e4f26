"""Receipts: posted with what they settle; what is left is the customer's prepayment."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from desktop_crm.base.errors import NotFound, UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain import ledger
from desktop_crm.domain.conditions import Either, Every, Where, both
from desktop_crm.domain.money import show_money
from desktop_crm.domain.number_kinds import refused_number
from desktop_crm.domain.sources import RELIEF, USES
from desktop_crm.models.closing import closed_through
from desktop_crm.services import records, writing
from desktop_crm.services.allocations import ZERO, allocation_rows, check_kinds, fits
from desktop_crm.services.batches import find_by_id, find_in, grouped
from desktop_crm.services.checking import look_ahead
from desktop_crm.services.named_documents import fill_customers
from desktop_crm.services.payers import refuse_strangers, same_payer
from desktop_crm.services.records import Saved
from desktop_crm.services.rules import after_save

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Changes, Session

OUTSTANDING: Final = Either((Where("remaining", "gt", 0), Where("remaining", "lt", 0)))
OPEN_FIELDS: Final = ("number", "name", "customer", "contract", "kind", "document_on", "due_on", "falls_due", "overdue_days", "amount", "settled", "remaining")
WAYS: Final = {"due": ledger.suggest, "exact": ledger.suggest_exact, "ratio": ledger.suggest_by_ratio}


@dataclass
class Posted(Saved):
    """A posted receipt: its number and kind, how many receivables it settled in full and in part, and what of it is a prepayment."""

    number: str = ""
    kind: str = "receipt"
    settled: int = 0
    partly: int = 0
    prepaid: Decimal = ZERO

    @property
    def message(self) -> str:
        """What the user is told."""
        parts = [
            *([_("{count} settled in full").format(count=self.settled)] if self.settled else []),
            *([_("{count} settled in part").format(count=self.partly)] if self.partly else []),
            *([_("{amount} is a prepayment").format(amount=show_money(self.prepaid))] if self.prepaid else []),
        ]
        return _(", ").join(parts)


def open_receivables(session: Session, customer: int, *, receipt: int | None = None, contract: int | None = None) -> list[Values]:
    """Return the customer's receivables that something remains of, those of `contract` first, then the oldest due, and open credit notes (below zero).

    Receivables of other customers with the same payer come after them. With `receipt`, those it settles already are there too:
    `allocated` is its part of each, and counts as remaining; those of a kind in `domain.sources.USES` are given and stay as they are.
    """
    customers = same_payer(session, customer)
    rows = session.records.find(session.entity("receivable"), _visible(session, customers, OUTSTANDING), OPEN_FIELDS, sort="falls_due")
    mine: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row in allocation_rows(session, "receipt", [receipt]) if receipt is not None else []:
        mine[row["receivable"]] += row["amount"]
    closed = [key for key, part in mine.items() if part and key not in {row["id"] for row in rows}]
    rows += session.records.find(session.entity("receivable"), _visible(session, customers, Where("id", "in", closed)), OPEN_FIELDS) if closed else []
    for row in rows:
        row["allocated"] = mine[row["id"]]
        row["settled"] -= row["allocated"]
        row["remaining"] += row["allocated"]
    rows.sort(key=lambda row: (customers.index(row["customer"]), contract is not None and row["contract"] != contract, row["falls_due"], row["document_on"], row["id"]))
    return records.with_titles(session, session.spec("receivable"), rows, ["contract", "customer"])


def _visible(session: Session, customers: Sequence[int], condition: Where | Either) -> Any:
    return session.readable("receivable", Every((Where("customer", "in", customers), condition)))


def suggest_allocation(
    session: Session, customer: int, amount: Decimal, *, by: Literal["due", "exact", "ratio"] = "due", receipt: int | None = None,
    contract: int | None = None,
) -> dict[int, Decimal]:
    """Return what to allocate to each receivable of the customer: the oldest due first, a few that are exactly it, or all in proportion.

    Those of `contract`, for which the money is, are settled before any other.
    """
    rows = open_receivables(session, customer, receipt=receipt, contract=contract)
    rows = [row for row in rows if row["customer"] == customer and row["kind"] not in USES]
    debts = [ledger.Debt(row["id"], row["due_on"], row["document_on"], row["remaining"]) for row in rows]
    first = sum(1 for row in rows if contract is not None and row["contract"] == contract)
    parts = ledger.suggest_first(WAYS[by], amount, debts, first)
    return {debt.id: part for debt, part in zip(debts, parts, strict=True) if part}


def post_receipt(
    session: Session, *, values: Values, allocations: Mapping[int, Decimal], key: int | None = None, base: Values | None = None
) -> Changes[Posted]:
    """Save a receipt with what it settles, `allocations` being the whole of it by receivable, in one change set.

    Receivables of other customers with the same payer are settled by transferring their part of it to these customers' accounts. Without
    any, a new receipt is allocated to the documents it names in `settles`. `values` may say by `kind` that it is no money
    (`domain.sources`). Raises UserError naming the document where an allocation is more than remains or the receipt has, or where somebody
    allocated the receipt meanwhile; else what `records.save` does.
    """
    refuse_fractions(allocations)

    def work() -> Posted:
        records.require_write(session, "receipt")
        typed = dict(values)
        if key is None:
            look_ahead(session, session.spec("receipt"), typed, "receivable", allocations)
        present = allocation_rows_dated(session, key)
        held = _held(session, key)
        if base is not None and "allocated" in base and base["allocated"] != held.get("allocated"):
            raise UserError(_("Somebody else allocated this receipt meanwhile. Open it again and allocate it anew"))
        fill_customers(session, [typed])
        own, others = _check_offer(session, {**held, **typed}, allocations, present)
        lines = _lines(session, own, present)
        if present and not lines:
            # What was released by hand would be allocated again to the numbers named.
            typed["settles"] = ""
        saved = records.save_within(session, session.spec("receipt"), typed, key, base, {"allocation": lines})
        _pass_on(session, saved.id, others)
        posted = _posted(session, saved)
        what = _("Receipt {number} posted") if posted.kind == "receipt" else _("{kind} {number} posted").format(
            kind=session.everything["receipt"].fields["kind"].show(posted.kind), number="{number}")
        session.relabel(_label(what, posted))
        return posted

    return session.write("post_receipt", _("Receipt posted"), work)


def apply_prepayment(session: Session, receipt: int, allocations: Mapping[int, Decimal], *, on: date | None = None) -> Changes[Posted]:
    """Allocate what is left of a receipt to further receivables, as of `on` (today); raises as `post_receipt` does, and NotFound."""
    records.require_write(session, "receipt")
    refuse_fractions(allocations)

    def work() -> Posted:
        writable = both(Where("id", "eq", receipt), session.scope("receipt", "write"))
        if not session.records.count(session.entity("receipt"), writable):
            raise NotFound(_("This receipt is not there any more, or you have no right to change it"))
        session.records.lock(session.entity("receipt"), receipt)
        held = _held(session, receipt)
        own, others = _check_offer(session, {**held, "amount": held["unallocated"]}, allocations, [])
        rows = [{"receipt": receipt, "receivable": target, "amount": part, "allocated_on": on or session.today} for target, part in own.items()]
        writing.insert_rows(session, "allocation", rows)
        _pass_on(session, receipt, others, on=on)
        posted = _posted(session, Saved(receipt))
        session.relabel(_label(_("Prepayment of {number} allocated"), posted))
        return posted

    return session.write("allocate", _("Prepayment allocated"), work)


def settled_by(session: Session, receipt: int) -> dict[int, Decimal]:
    """Return what a receipt settles of each receivable, less what was taken back."""
    parts: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row in allocation_rows(session, "receipt", [receipt]):
        parts[row["receivable"]] += row["amount"]
    return {key: part for key, part in parts.items() if part}


def allocation_rows_dated(session: Session, receipt: int | None) -> list[Values]:
    """Return the allocations of one receipt with their dates; none for a new one."""
    return [] if receipt is None else find_in(session, "allocation", "receipt", [receipt], ["receivable", "amount", "allocated_on"])


def _held(session: Session, key: int | None) -> Values:
    if key is None:
        return {}
    rows = session.records.rows(session.entity("receipt"), [key], ["customer", "kind", "amount", "allocated", "unallocated"])
    return rows[0] if rows else {}


def refuse_fractions(allocations: Mapping[int, Decimal]) -> None:
    """Raise UserError where an amount has more than two decimals, since nobody can pay a part of a cent, or is none that can be."""
    for part in allocations.values():
        wrong = refused_number(part, exact=True)
        if wrong:
            raise UserError(wrong, field="amount")


def _pass_on(session: Session, receipt: int, others: Mapping[int, Mapping[int, Decimal]], *, on: date | None = None) -> None:
    """Transfer to other customers of the payer what settles their receivables."""
    if not others:
        return
    from desktop_crm.services.settlements import transfer_prepayment  # it posts receipts itself

    for customer, parts in others.items():
        day = on or session.records.rows(session.entity("receipt"), [receipt], ["received_on"])[0]["received_on"]
        transfer_prepayment(session, receipt=receipt, customer=customer, amount=sum(parts.values(), ZERO), on=day, allocations=parts)


def _check_offer(
    session: Session, values: Values, allocations: Mapping[int, Decimal], present: Sequence[Values]
) -> tuple[dict[int, Decimal], dict[int, dict[int, Decimal]]]:
    """Return the allocations to the receipt's own customer, and those to others by customer.

    Raises UserError where they can't be made; `present` ones of the receipt make room again.
    """
    own: dict[int, Decimal] = {}
    others: dict[int, dict[int, Decimal]] = defaultdict(dict)
    session.spec("receivable")
    there = find_by_id(session, "receivable", [*allocations], ["number", "customer", "amount", "remaining"], session.scope("receivable"))
    room: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row in present:
        room[row["receivable"]] += row["amount"]
    for key, part in allocations.items():
        row = there.get(key, {})
        if not row:
            raise NotFound(_("A receivable to settle is not there any more, or you have no right to see it. Choose again"))
        if row["customer"] == values.get("customer"):
            own[key] = part
        elif values.get("customer") is not None:
            others[row["customer"]][key] = part
        remaining = row["remaining"] + room[key]
        if part == 0 or not fits(part, remaining):
            raise UserError(
                _("{amount} can't be allocated to {number}: {remaining} of it remains. Enter an amount above zero and up to that").format(
                    amount=show_money(part), number=row["number"], remaining=show_money(remaining)))
    whole, amount = sum(allocations.values(), ZERO), values.get("amount")
    if amount is not None:
        refuse_fractions({0: amount})
    if amount is not None and not fits(whole, amount):
        raise UserError(
            _("{allocated} is allocated, but there is only {amount}: {excess} too much. Allocate less").format(
                allocated=show_money(whole), amount=show_money(amount), excess=show_money(abs(whole - amount))))
    _check_payers(session, values, others, there)
    return own, others


def _check_payers(session: Session, values: Values, others: Mapping[int, Any], there: Mapping[int, Values]) -> None:
    """Raise UserError where receivables of other customers have another payer, or are not to be settled by money."""
    if others:
        try:
            refuse_strangers(session, values["customer"], others)
        except UserError as problem:
            foreign = next(row["number"] for row in there.values() if row["customer"] in others)
            raise UserError(_("Receivable {number} belongs to another customer. {reason}").format(number=foreign, reason=problem.message)) from problem
        if values.get("kind") in RELIEF:
            raise UserError(_("Only money can settle receivables of several customers. Post a document for each customer"))


def _lines(session: Session, allocations: Mapping[int, Decimal], present: Sequence[Values]) -> list[Values]:
    """Return the allocation lines: what stays as it is by its id, the rest anew.

    The latest gives way first, and what is allocated in the closed period stays there: an entry of today takes it back. What changes goes and comes back, since
    changing lines one by one would for a moment allocate more than there is.
    """
    there = grouped(sorted(present, key=lambda row: (row["allocated_on"], row["id"])), "receivable")
    through = closed_through(session.store) if there else None
    lines: list[Values] = []
    for key in {**there, **allocations}:
        rows = there[key]
        rest = allocations.get(key, ZERO) - sum((row["amount"] for row in rows), ZERO)
        back = bool(rows) and (rest > 0) != (allocations.get(key, ZERO) > 0)
        for row in reversed(rows):
            if not rest or (through is not None and row["allocated_on"] <= through):
                lines.append({"id": row["id"]})
                continue
            left = row["amount"] + rest
            left = left if (left > 0) == (row["amount"] > 0) else ZERO
            rest += row["amount"] - left
            lines += [{"receivable": key, "amount": left, "allocated_on": row["allocated_on"]}] if left else []
        if rest:
            lines.append({"receivable": key, "amount": rest, "allocated_on": session.today if back else None})
    return lines


def _posted(session: Session, saved: Saved) -> Posted:
    targets = settled_by(session, saved.id)
    states = [row["state"] for row in session.records.rows(session.entity("receivable"), sorted(targets), ["state"])]
    (held,) = session.records.rows(session.entity("receipt"), [saved.id], ["number", "kind", "unallocated"])
    return Posted(saved.id, saved.merged, held["number"], held["kind"], states.count("settled"), states.count("partial"), held["unallocated"])


def _label(label: str, posted: Posted) -> str:
    text, result = label.format(number=posted.number), posted.message
    return _("{action}: {result}").format(action=text, result=result) if result else text


@after_save("receipt", about=lambda new: new.get("contract"))
def refuse_foreign_contracts(session: Session, ids: Sequence[int]) -> None:
    """Raise UserError where a receipt names another customer's contract."""
    rows = [row for row in find_in(session, "receipt", "id", ids, ["number", "customer", "contract"]) if row["contract"] is not None]
    contracts = find_by_id(session, "contract", (row["contract"] for row in rows), ["number", "customer"])
    for row in rows:
        contract = contracts[row["contract"]]
        if contract["customer"] != row["customer"]:
            raise UserError(
                _("Contract {contract} is another customer's than receipt {receipt}. Choose a contract of this customer, or transfer the money first").format(
                    contract=contract["number"], receipt=row["number"]), field="contract")


@after_save("contract")
def keep_customer_of_receipts(session: Session, ids: Sequence[int]) -> None:
    """Raise UserError where a contract went to another customer than the receipts that name it."""
    refuse_foreign_contracts(session, [row["id"] for row in find_in(session, "receipt", "contract", ids, [])])


def _not_plain(receipt: Values) -> bool:
    """Tell whether a new receipt is anything but money received."""
    return bool(receipt.get("kind") != "receipt" or (receipt.get("amount") or 0) < 0)


after_save("receipt", about=_not_plain)(check_kinds)  # after what it names is settled


def receipts_with_prepayment(session: Session, customer: int) -> list[Values]:
    """Return the customer's receipts that something is left of, the oldest first: number, received_on, amount, unallocated."""
    condition = session.readable("receipt", Every((Where("customer", "eq", customer), Where("unallocated", "gt", 0))))
    return list(find_by_id(session, "receipt", session.records.ids_where(session.entity("receipt"), condition), ["number", "received_on", "amount", "unallocated"]).values())
