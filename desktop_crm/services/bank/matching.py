"""Whose money each bank line is and what it pays: proposals that a person looks at, changes and accepts."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import _
from desktop_crm.domain.bank import Sureness, sureness
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import Where
from desktop_crm.domain.ledger import exact_parts
from desktop_crm.domain.money import show_money
from desktop_crm.services.bank.book import NEARBY, PROBABLE, Book, Sign, named_contract, open_book
from desktop_crm.services.batches import find_by_id, find_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

ZERO: Final = Decimal("0.00")
LINE_FIELDS: Final = ("booked_on", "payer", "payer_account", "amount", "posted", "refunded", "remark", "serial", "account", "balance", "state", "version")
OPEN_STATES: Final = ("open", "partial")
OUTGOING: Final = Where("state", "eq", "outgoing")


@dataclass(frozen=True)
class Part:
    """What a line gives to one receivable."""

    receivable: int
    number: str
    amount: Decimal


@dataclass(frozen=True)
class Back:
    """What money out pays back of one receipt's remainder."""

    receipt: int
    number: str
    amount: Decimal


@dataclass(frozen=True)
class Choice:
    """What a person decided about a line: its customer, and what it pays where that is not left to the proposal."""

    customer: int | None
    parts: Mapping[int, Decimal] | None = None


@dataclass
class Proposal:
    """What is proposed for a line: its customer (None: nobody), what it pays, what stays a prepayment, how sure, and why.

    `amount` is what of the line isn't posted yet. `others` are further customers it may be of. `entered` is a receipt that was entered by
    hand and probably is this line: it is joined to it instead of posted again. Money out, its amount below zero, pays `backs` back.
    `contract` is the customer's that the remark names.
    """

    line: Values
    amount: Decimal
    customer: Ref | None = None
    parts: list[Part] = field(default_factory=list)
    sureness: Sureness = "none"
    reasons: list[str] = field(default_factory=list)
    others: list[Ref] = field(default_factory=list)
    entered: Ref | None = None
    chosen: bool = False
    backs: list[Back] = field(default_factory=list)
    contract: int | None = None

    @property
    def prepaid(self) -> Decimal:
        """What stays a prepayment of the customer."""
        return ZERO if self.amount < 0 else self.amount - sum((part.amount for part in self.parts), ZERO)


def open_lines(session: Session) -> list[int]:
    """Return the lines that wait to be posted, the oldest first: money in, and money out to a customer who has a prepayment left."""
    entry = session.entity("bank_line")
    rows = session.records.find(entry, session.readable("bank_line", Where("state", "in", OPEN_STATES)), ["booked_on"])
    prepaid = session.records.find(session.entity("customer"), session.readable("customer", Where("prepaid", "gt", 0)), ["name"])
    rows += find_in(session, "bank_line", "payer", (row["name"] for row in prepaid), ["booked_on"], session.readable("bank_line", OUTGOING))
    return [row["id"] for row in sorted(rows, key=lambda row: (row["booked_on"], row["id"]))]


def propose(session: Session, ids: Sequence[int], choices: Mapping[int, Choice] | None = None) -> list[Proposal]:
    """Return a proposal for each line that waits, in the order of the bank; `choices` by line go before any proposal.

    Of money out, only what may be a refund or was chosen is among them.

    What one line pays is not proposed for the next one again.
    """
    chosen = choices or {}
    rows = find_in(session, "bank_line", "id", ids, LINE_FIELDS, session.readable("bank_line", Where("state", "in", (*OPEN_STATES, "outgoing"))))
    rows.sort(key=lambda row: (row["booked_on"], row["id"]))
    book = open_book(session, rows, [choice.customer for choice in chosen.values() if choice.customer is not None])
    matcher = _Matcher(book)
    # By hand a line may also pay what customers of the same payer owe.
    given = {key for choice in chosen.values() for key in choice.parts or ()}
    matcher.numbers |= {key: row["number"] for key, row in find_by_id(session, "receivable", given, ["number"]).items()}
    # What people decided comes first: it must not be spent on a guess.
    decided = {row["id"]: matcher.take(row, chosen[row["id"]]) for row in rows if row["id"] in chosen}
    found = [decided.get(row["id"]) or matcher.propose(row) for row in rows]
    found = [one for one in found if one.amount > 0 or one.chosen or one.backs]
    names = session.records.titles(session.entity("customer"), {int(ref) for one in found for ref in (one.customer, *one.others) if ref is not None})
    for one in found:
        one.customer = None if one.customer is None else Ref(int(one.customer), names.get(int(one.customer), ""))
        one.others = [Ref(int(ref), names.get(int(ref), "")) for ref in one.others]
    return found


def left_of(row: Values) -> Decimal:
    """Return what of a bank line isn't posted yet, below zero for money out."""
    left: Decimal = row["amount"] - row["posted"] + row["refunded"]
    return left


class _Matcher:
    """Goes through the lines with one book, keeping count of what each debt has left."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.left: dict[int, Decimal] = {debt["id"]: debt["remaining"] for debts in book.debts.values() for debt in debts}
        self.numbers = {debt["id"]: debt["number"] for debts in book.debts.values() for debt in debts}
        self.joined: set[int] = set()
        self.rests: dict[int, Decimal] = {one["id"]: one["unallocated"] for rests in book.rests.values() for one in rests}

    def propose(self, row: Values) -> Proposal:
        """Return what the book says about a line."""
        made = Proposal(row, left_of(row))
        if self.book.is_ours(row):
            made.reasons = [_("From another account of our own")]
            return made
        signs = self.book.signs(row)
        if made.amount < 0:
            self._propose_refund(made, signs)
            return made
        ranked = self._ranked(row, made.amount, signs)
        if not ranked:
            return made
        best, rank = ranked[0]
        # Another one is as probable where the signs are as strong and the amount doesn't tell them apart.
        contradicted = self.book.contradicts(signs, best)
        alone = not contradicted and (len(ranked) == 1 or ranked[1][1][:2] < rank[:2])
        made.customer = Ref(best, "")
        made.others = [Ref(key, "") for key, _rank in ranked[1:]]
        made.contract = named_contract(self.book, row, best)
        made.reasons = list(dict.fromkeys(sign.reason for sign in signs if sign.customer == best and sign.strength == rank[0]))
        entered = self._entered(row, best)
        if entered is not None:
            self.joined.add(entered["id"])
            same = bool(row["serial"]) and entered["reference"] == row["serial"]
            made.entered = Ref(entered["id"], entered["number"])
            made.sureness = "sure" if same else "likely"
            made.reasons.append(_("Receipt {number} was entered with the same reference").format(number=entered["number"]) if same
                                else _("Receipt {number} of the same amount was entered about this day").format(number=entered["number"]))
            return made
        exact, why = self._pay(made, row, best)
        made.sureness = sureness(rank[0], alone=alone, exact=exact)
        made.reasons += [why] if why else []
        if contradicted:
            made.reasons.append(_("But another customer is the payer"))
        elif not alone:
            made.reasons.append(_("It may be of another customer as well"))
        return made

    def take(self, row: Values, choice: Choice) -> Proposal:
        """Return what a person decided about a line; without parts of theirs the best ones are found."""
        made = Proposal(row, left_of(row), chosen=True)
        if choice.customer is None:
            return made
        made.customer = Ref(choice.customer, "")
        made.reasons = [_("Chosen by you")]
        made.sureness = "sure"
        made.contract = named_contract(self.book, row, choice.customer)
        if made.amount < 0:
            self._give_back(made, choice.customer)
        elif choice.parts is None:
            _exact, why = self._pay(made, row, choice.customer)
            made.reasons += [why] if why else []
        else:
            made.parts = [Part(key, self.numbers.get(key, ""), part) for key, part in choice.parts.items() if part]
            self._spend(made)
        return made

    def _propose_refund(self, made: Proposal, signs: Sequence[Sign]) -> None:
        """Propose to pay back what a customer has left, where the name or the account is known; never surely, since it may be something else."""
        known = [sign for sign in signs if sign.strength >= PROBABLE]
        ranks = sorted(((max(sign.strength for sign in known if sign.customer == key), sum(sign.customer == key for sign in known), key) for key in {sign.customer for sign in known}), reverse=True)
        alone = len(ranks) == 1 or (len(ranks) > 1 and ranks[0][:2] > ranks[1][:2])
        if alone and self._give_back(made, ranks[0][-1]):
            made.customer, made.sureness = Ref(ranks[0][-1], ""), "likely"
            made.reasons = [*dict.fromkeys(sign.reason for sign in known if sign.customer == ranks[0][-1]), *made.reasons]

    def _give_back(self, made: Proposal, customer: int) -> bool:
        """Find which remainders of the customer's receipts money out pays back: one of just this amount, else the oldest; tell whether there is enough."""
        rests = [(one, self.rests[one["id"]]) for one in self.book.rests.get(customer, ()) if self.rests[one["id"]] > 0]
        wanted = -made.amount
        whole = sum((rest for _one, rest in rests), ZERO)
        if whole < wanted:
            made.reasons.append(_("Only {left} of this customer's receipts is left to be refunded").format(left=show_money(whole)))
            return False
        rests.sort(key=lambda one: one[1] != wanted)
        for one, rest in rests:
            part = min(rest, wanted)
            if part > 0:
                made.backs.append(Back(one["id"], one["number"], part))
                self.rests[one["id"]] -= part
                wanted -= part
        made.reasons.append(_("A refund of what is left of {numbers}").format(numbers=_(", ").join(back.number for back in made.backs)))
        return True

    def _ranked(self, row: Values, amount: Decimal, signs: Sequence[Sign]) -> list[tuple[int, tuple[int, int, int]]]:
        """Return the customers that signs speak for, the best first, each with how strong, whether the amount fits, and how many signs."""
        customers = list(dict.fromkeys(sign.customer for sign in signs))
        ranks = {}
        for key in customers:
            mine = [sign.strength for sign in signs if sign.customer == key]
            open_now = [self.left[debt["id"]] for debt in self.book.debts.get(key, ()) if self.left[debt["id"]] > 0]
            fits = bool(self.book.named_debts(row, key)) or exact_parts(amount, open_now) is not None
            ranks[key] = (max(mine), int(fits), len(mine))
        return sorted(ranks.items(), key=lambda one: (one[1], -one[0]), reverse=True)

    def _pay(self, made: Proposal, row: Values, customer: int) -> tuple[bool, str]:
        """Find what a line pays: what its remark names, then an exact sum, then the oldest due; tell whether it comes out even."""
        debts = [debt for debt in self.book.debts.get(customer, ()) if self.left[debt["id"]] > 0]
        named = [debt for debt in self.book.named_debts(row, customer) if self.left[debt["id"]] > 0]
        for group, words in ((named, _("Just what remains of {numbers}, which the remark names")), (debts, _("Just what remains of {numbers}"))):
            places = exact_parts(made.amount, [self.left[debt["id"]] for debt in group])
            if places is not None:
                made.parts = [Part(group[place]["id"], group[place]["number"], self.left[group[place]["id"]]) for place in places]
                self._spend(made)
                return True, words.format(numbers=_(", ").join(part.number for part in made.parts))
        rest = made.amount
        for debt in [*named, *(debt for debt in debts if debt not in named)]:
            part = min(rest, self.left[debt["id"]])
            if part <= 0:
                break
            made.parts.append(Part(debt["id"], debt["number"], part))
            rest -= part
        self._spend(made)
        if not debts:
            return False, _("Nothing is open: it becomes a prepayment")
        return False, _("More than is open: the rest becomes a prepayment") if rest > 0 else _("The oldest due first")

    def _spend(self, made: Proposal) -> None:
        for part in made.parts:
            self.left[part.receivable] = self.left.get(part.receivable, ZERO) - part.amount

    def _entered(self, row: Values, customer: int) -> Values | None:
        """Return a receipt that was entered by hand and probably is this line."""
        if row["posted"]:
            return None
        same = [one for one in self.book.entered if one["amount"] == row["amount"] and one["customer"] == customer and one["id"] not in self.joined]
        by_reference = next((one for one in same if row["serial"] and one["reference"] == row["serial"]), None)
        near = (one for one in same if abs(one["received_on"] - row["booked_on"]) <= NEARBY and (not one["reference"] or not row["serial"]))
        return by_reference or next(near, None)
