"""Posting bank lines: all that were accepted as one action, each as a receipt with what it pays."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import NotFound, UserError
from desktop_crm.base.i18n import _, ngettext
from desktop_crm.base.progress import silent
from desktop_crm.domain.conditions import EVERYTHING, Where
from desktop_crm.domain.money import show_money
from desktop_crm.services import receipts, records, settlements, writing
from desktop_crm.services.bank.matching import Choice, left_of, propose
from desktop_crm.services.batches import find_by_id
from desktop_crm.services.records import require_write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.bank.matching import Proposal
    from desktop_crm.services.session import Changes, Session

ZERO: Final = Decimal("0.00")
BATCH: Final = 200
FIELDS: Final = ("booked_on", "amount", "posted", "refunded", "payer", "remark", "serial", "account", "state")


@dataclass(frozen=True)
class Posting:
    """One receipt to be made of a line: of whom, what it pays by receivable, and how much (all that is left of the line).

    With `entered` that receipt, which is there already, is joined to the line and nothing is made. Several postings of one line split it.
    Money out pays back `backs`, amounts by receipt. `contract` is what the money is for.
    """

    line: int
    customer: int
    allocations: Mapping[int, Decimal] = field(default_factory=dict)
    amount: Decimal | None = None
    entered: int | None = None
    backs: Mapping[int, Decimal] = field(default_factory=dict)
    contract: int | None = None


@dataclass
class Posted:
    """What posting did: the receipts made, those joined, their sum, what of it pays receivables and what are prepayments."""

    receipts: list[int] = field(default_factory=list)
    joined: list[int] = field(default_factory=list)
    amount: Decimal = ZERO
    allocated: Decimal = ZERO

    @property
    def prepaid(self) -> Decimal:
        """What of the money are prepayments."""
        return self.amount - self.allocated


def accepted(proposal: Proposal) -> Posting:
    """Return the posting of a proposal; it has a customer."""
    assert proposal.customer is not None, "a line without a customer can't be posted"  # noqa: S101 - the caller's own mistake
    entered = int(proposal.entered) if proposal.entered is not None else None
    backs = {back.receipt: back.amount for back in proposal.backs}
    return Posting(proposal.line["id"], int(proposal.customer), {part.receivable: part.amount for part in proposal.parts}, proposal.amount, entered, backs, proposal.contract)


def post(session: Session, postings: Sequence[Posting], *, progress: Callable[[int, int], None] = silent) -> Changes[Posted]:
    """Post lines as receipts, all of them or none, as one action.

    Raises UserError naming the line that was posted meanwhile, is set aside or is money out, and what `receipts.post_receipt` raises.
    """
    require_write(session, "receipt")
    require_write(session, "bank_line")

    def work() -> Posted:
        done = Posted()
        for start in range(0, len(postings), BATCH):
            progress(start, len(postings))
            _post_some(session, postings[start : start + BATCH], done)
        count = len(done.receipts) + len(done.joined)
        session.relabel(ngettext("{count} bank line posted, {amount}", "{count} bank lines posted, {amount}", count).format(count=f"{count:,}", amount=show_money(done.amount)))
        return done

    return session.write("post_bank", _("Bank lines posted"), work)


def _post_some(session: Session, postings: Sequence[Posting], done: Posted) -> None:
    """Post some lines with a fixed number of statements; only what concerns several customers goes through `post_receipt` one by one."""
    lines = _waiting(session, [posting.line for posting in postings])
    customers = find_by_id(session, "customer", (posting.customer for posting in postings), ["owner"], session.readable("customer", EVERYTHING))
    debts = find_by_id(session, "receivable", (key for posting in postings for key in posting.allocations), ["customer"], session.readable("receivable", EVERYTHING))
    plain: list[tuple[Posting, Values]] = []
    for posting in postings:
        line = lines[posting.line]
        left = left_of(line)
        if left < 0:
            done.amount -= _pay_back(session, posting, line)
            continue
        amount = left if posting.amount is None else posting.amount
        line["posted"] += amount  # what comes next of the same line
        if not 0 < amount <= left:
            raise UserError(_("{line}: only {left} of it is left to be posted. Look at it anew").format(line=_named(line), left=show_money(left)))
        if posting.customer not in customers or not debts.keys() >= posting.allocations.keys():
            raise NotFound(_("{line}: its customer or a receivable to settle is not there any more, or you have no right to see it. Choose again").format(line=_named(line)))
        values = _receipt(session, posting, line, amount, customers[posting.customer]["owner"])
        if posting.entered is not None:
            _join(session, posting, line, left)
            done.joined.append(posting.entered)
            held = find_by_id(session, "receipt", [posting.entered], ["allocated"])[posting.entered]
            done.allocated += held["allocated"]
        elif any(debts[key]["customer"] != posting.customer for key in posting.allocations):
            done.receipts.append(receipts.post_receipt(session, values=values, allocations=posting.allocations).result.id)
            done.allocated += sum(posting.allocations.values(), ZERO)
        else:
            plain.append((posting, values))
        done.amount += amount
    made = writing.insert_rows(session, "receipt", [values for _posting, values in plain])
    parts: list[Values] = [{"receipt": key, "receivable": debt, "amount": part} for key, (posting, _values) in zip(made, plain, strict=True) for debt, part in posting.allocations.items()]
    receipts.refuse_fractions({number: part["amount"] for number, part in enumerate(parts)})
    writing.insert_rows(session, "allocation", parts)
    records.still_allowed(session, "receipt", made)
    done.receipts += made
    done.allocated += sum((part["amount"] for part in parts), ZERO)


def _pay_back(session: Session, posting: Posting, line: Values) -> Decimal:
    """Post money out as refunds of what is left of the customer's receipts; returns how much."""
    whole, left = sum(posting.backs.values(), ZERO), -left_of(line)
    if not 0 < whole <= left:
        raise UserError(_("{line} is money out. Choose a customer of whose receipts that much is left to be refunded").format(line=_named(line)))
    held = find_by_id(session, "receipt", posting.backs, ["customer"], session.readable("receipt", EVERYTHING))
    if held.keys() != posting.backs.keys() or any(row["customer"] != posting.customer for row in held.values()):
        raise NotFound(_("{line}: the receipt to be refunded is not there any more, or is another customer's. Look at it anew").format(line=_named(line)))
    for receipt, part in posting.backs.items():
        settlements.refund(session, receipt=receipt, amount=part, on=line["booked_on"], note=line["remark"], bank_line=posting.line)
    line["refunded"] += whole
    return whole


def split(session: Session, line: int, parts: Sequence[tuple[int, Decimal]]) -> Changes[Posted]:
    """Post a line in parts of several customers (customer, amount), each settling what it exactly is, else the oldest due; raises as `post` does."""

    def work() -> Posted:
        wanted: dict[int, Decimal] = {}
        for customer, amount in parts:
            wanted[customer] = wanted.get(customer, ZERO) + amount
        made = [Posting(line, customer, receipts.suggest_allocation(session, customer, amount, by="exact"), amount) for customer, amount in wanted.items()]
        return post(session, made).result

    return session.write("post_bank", _("Bank lines posted"), work)


def refund_line(session: Session, line: int, customer: int) -> Changes[Posted]:
    """Post money out as a refund to a customer whose name the bank doesn't give; raises UserError where the customer has less than that left."""

    def work() -> Posted:
        found = propose(session, [line], {line: Choice(customer)})
        if not found or not found[0].backs:
            why = found[0].reasons[-1] if found else _("This bank line is not there any more, or was posted already. Look at the lines anew")
            raise UserError(why, field="customer")
        return post(session, [accepted(found[0])]).result

    return session.write("post_bank", _("Bank lines posted"), work)


def _receipt(session: Session, posting: Posting, line: Values, amount: Decimal, owner: int | None) -> Values:
    return writing.with_defaults(session, "receipt", {
        "customer": posting.customer, "owner": owner if owner is not None else session.person.id, "amount": amount, "received_on": line["booked_on"], "method": "transfer",
        "payer": line["payer"], "reference": line["serial"], "account": line["account"], "note": line["remark"], "bank_line": posting.line, "contract": posting.contract,
    })  # fmt: skip


def _waiting(session: Session, keys: Sequence[int]) -> dict[int, Values]:
    """Return lines that wait, by id. Two people at one line are told apart by the rule that no more is posted than came in."""
    lines = find_by_id(session, "bank_line", keys, FIELDS, session.scope("bank_line", "write"))
    if any(key not in lines for key in keys):
        raise NotFound(_("A bank line is not there any more, or you have no right to change it. Look at the lines anew"))
    for line in lines.values():
        if line["state"] not in {"open", "partial", "outgoing"}:
            raise UserError({
                "posted": _("{line} was posted already. Look at the lines anew"),
                "aside": _("{line} is set aside. Take it back before you post it"),
            }[line["state"]].format(line=_named(line)))  # fmt: skip
    return lines


def _named(line: Values) -> str:
    return _("The bank line of {date} from {payer} over {amount}").format(date=line["booked_on"], payer=line["payer"] or "—", amount=show_money(line["amount"]))


def _join(session: Session, posting: Posting, line: Values, left: Decimal) -> None:
    """Join a receipt that was entered by hand to its line; raises UserError where they don't agree."""
    key = posting.entered or 0
    session.records.lock(session.entity("receipt"), key)
    stored = writing.stored_values(session, "receipt", key)
    if stored is None or stored["bank_line"] is not None or stored["amount"] != left:
        raise UserError(_("{line}: the receipt it was to be joined to was changed meanwhile. Look at it anew").format(line=_named(line)))
    given = {"payer": line["payer"], "reference": line["serial"], "account": line["account"]}
    filled = {name: value for name, value in given.items() if value and not stored[name]}
    records.save(session, "receipt", {**filled, "bank_line": posting.line}, key=key)


def set_aside(session: Session, ids: Sequence[int], *, aside: bool = True, reason: str = "") -> Changes[int]:
    """Set lines aside that are no receipts of customers, with the reason, or take them back; returns how many."""
    return records.change_many(session, "bank_line", Where("id", "in", tuple(ids)), {"set_aside": aside, "aside_reason": reason if aside else ""})
