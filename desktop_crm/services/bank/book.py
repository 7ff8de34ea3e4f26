"""What the company knows about payers: customers and invoice titles by name, accounts and payers of former money, numbers of documents, and open debts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import N_, _
from desktop_crm.domain.bank import bare, collects, company_keys, cut_names, mentions, numbers_in
from desktop_crm.domain.conditions import Every, Where, both
from desktop_crm.services.batches import find_by_id, find_in, grouped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from desktop_crm.domain.catalog import Values
    from desktop_crm.domain.conditions import Condition
    from desktop_crm.services.session import Session

KNOWN, PROBABLE, GUESSED = 3, 2, 1
NEARBY: Final = timedelta(days=3)
"""How far the day of a receipt entered by hand may be from the bank's."""
DEBT_FIELDS: Final = ("number", "customer", "contract", "document_on", "due_on", "falls_due", "remaining")

NAMED: Final = N_("The remark names {number}")
BY_ACCOUNT: Final = N_("Paid from this account before")
BY_TITLE_ACCOUNT: Final = N_("The account of the invoice title")
BY_NAME: Final = N_("The payer is the customer")
BY_TITLE: Final = N_("The payer is an invoice title of the customer")
BY_PAYER: Final = N_("Paid under this name before")
BY_BARE: Final = N_("The names agree but for the legal form")
BY_SHORT: Final = N_("The payer is the customer's short name")
BY_CUT: Final = N_("The customer's name begins like this")
BY_CONTACT: Final = N_("A contact of the customer has this name")
BY_AMOUNT: Final = N_("Only this customer owes just this amount")


@dataclass
class Sign:
    """Why a line may be a customer's: how strong, the words for it, and whether the remark says so and not who paid."""

    customer: int
    strength: int
    reason: str
    named: bool = False


@dataclass
class Book:
    """What there is to match a set of lines with; only what the person may see."""

    whole: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    legal: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    short: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    titles: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    payers: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    contacts: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    accounts: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    title_accounts: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    documents: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    contracts: dict[int, str] = field(default_factory=dict)
    named_contracts: dict[str, tuple[int, int]] = field(default_factory=dict)
    paid_by: dict[int, int] = field(default_factory=dict)
    rests: dict[int, list[Values]] = field(default_factory=dict)
    debts: dict[int, list[Values]] = field(default_factory=dict)
    by_amount: dict[Decimal, set[int]] = field(default_factory=lambda: defaultdict(set))
    entered: list[Values] = field(default_factory=list)
    sorted_names: list[str] = field(default_factory=list)
    ours: str = ""

    def is_ours(self, line: Values) -> bool:
        """Tell whether money came from another account of our own."""
        return bool(self.ours) and bare(line["payer"] or "") == self.ours

    def signs(self, line: Values) -> list[Sign]:
        """Return everything that speaks for a customer, the strongest first."""
        passed_on = collects(line["payer"] or "")
        whole, legal = company_keys(line["payer"] or "") if not passed_on else ("", "")
        account = bare(line["payer_account"] or "") if not passed_on else ""
        found = [Sign(key, KNOWN, _(NAMED).format(number=number), named=True) for number in numbers_in(line["remark"] or "") for key in self.documents.get(number, ())]
        if whole:
            found += [
                Sign(key, strength, _(reason))
                for names, name, strength, reason in (
                    (self.whole, whole, KNOWN, BY_NAME), (self.titles, whole, KNOWN, BY_TITLE), (self.payers, whole, KNOWN, BY_PAYER),
                    (self.legal, legal, PROBABLE, BY_BARE), (self.short, whole, PROBABLE, BY_SHORT), (self.contacts, whole, GUESSED, BY_CONTACT),
                )
                for key in names.get(name, ())
            ]  # fmt: skip
        if account:
            found += [Sign(key, KNOWN, _(BY_ACCOUNT)) for key in self.accounts.get(account, ())]
            found += [Sign(key, KNOWN, _(BY_TITLE_ACCOUNT)) for key in self.title_accounts.get(account, ())]
        if not found and whole:
            found += [Sign(key, PROBABLE, _(BY_CUT)) for key in cut_names(line["payer"], self.whole, self.sorted_names)]
        owing = self.by_amount.get(line["amount"], set())
        if not found and len(owing) == 1:
            found += [Sign(key, GUESSED, _(BY_AMOUNT)) for key in owing]
        return sorted(found, key=lambda sign: -sign.strength)

    def contradicts(self, signs: Sequence[Sign], customer: int) -> bool:
        """Tell whether money of one customer names the document of another, `customer`, that it doesn't pay for: it may have paid for it, or mistaken the number."""
        paying = {sign.customer for sign in signs if not sign.named and sign.strength == KNOWN}
        payers = {self.paid_by.get(key, key) for key in paying}
        return bool(paying) and customer not in paying and self.paid_by.get(customer, customer) not in payers

    def named_debts(self, line: Values, customer: int) -> list[Values]:
        """Return the customer's open debts that the remark names, by their own number or their contract's."""
        remark = line["remark"] or ""
        own = [debt for debt in self.debts.get(customer, ()) if mentions(remark, debt["number"])]
        return own or [debt for debt in self.debts.get(customer, ()) if mentions(remark, self.contracts.get(debt["contract"], ""))]


def named_contract(book: Book, line: Values, customer: int) -> int | None:
    """Return the customer's contract that the remark of a line names."""
    found = (book.named_contracts.get(number) for number in numbers_in(line["remark"] or ""))
    return next((contract for one in found if one is not None for contract, of in [one] if of == customer), None)


def open_book(session: Session, lines: Sequence[Values], customers: Iterable[int] = ()) -> Book:
    """Read what `lines` may be matched with, and what `customers` chosen by hand owe, with a fixed number of questions."""
    book = Book()
    _read_names(session, book)
    _read_former(session, book, lines)
    _read_documents(session, book, lines)
    amounts = [line["amount"] for line in lines if line["amount"] > 0]
    for row in find_in(session, "receivable", "remaining", amounts, ["customer", "remaining"], _readable(session, "receivable")):
        book.by_amount[row["remaining"]].add(row["customer"])
    concerned = {sign.customer for line in lines for sign in book.signs(line)} | set(customers)
    open_debts = both(_readable(session, "receivable"), Where("remaining", "gt", 0))
    debts = find_in(session, "receivable", "customer", concerned, DEBT_FIELDS, open_debts)
    debts.sort(key=lambda row: (row["falls_due"], row["document_on"], row["id"]))
    book.debts = grouped(debts, "customer")
    book.contracts = {key: row["number"] for key, row in find_by_id(session, "contract", (debt["contract"] for debt in debts), ["number"]).items()}
    _read_entered(session, book, lines, concerned)
    if any(line["amount"] < 0 for line in lines):
        left = both(_readable(session, "receipt"), Where("unallocated", "gt", 0))
        rests = find_in(session, "receipt", "customer", concerned, ["number", "customer", "received_on", "unallocated"], left)
        book.rests = grouped(sorted(rests, key=lambda row: (row["received_on"], row["id"])), "customer")
    return book


def _readable(session: Session, name: str) -> Condition:
    return session.readable(name, Every())


def _read_names(session: Session, book: Book) -> None:
    for row in session.records.find(session.entity("customer"), _readable(session, "customer"), ["name", "short_name", "payer"]):
        whole, legal = company_keys(row["name"])
        book.whole[whole].add(row["id"])
        book.legal[legal].add(row["id"])
        if row["payer"] is not None:
            book.paid_by[row["id"]] = row["payer"]
        if row["short_name"]:
            book.short[bare(row["short_name"])].add(row["id"])
    for row in session.records.find(session.entity("invoice_title"), _readable(session, "invoice_title"), ["customer", "title", "account"]):
        book.titles[bare(row["title"])].add(row["customer"])
        if row["account"]:
            book.title_accounts[bare(row["account"])].add(row["customer"])
    book.sorted_names = sorted(book.whole)
    profile = session.records.find(session.entity("company"), Every(), ["name"])
    book.ours = bare(profile[0]["name"]) if profile else ""


def _read_former(session: Session, book: Book, lines: Sequence[Values]) -> None:
    """Read who paid before under the names and from the accounts of the lines."""
    names = {spelling for line in lines if line["payer"] for spelling in _spellings(line["payer"])}
    for row in find_in(session, "receipt", "payer", names, ["customer", "payer"], _readable(session, "receipt")):
        book.payers[bare(row["payer"])].add(row["customer"])
    for row in find_in(session, "contact", "name", names, ["customer", "name"], _readable(session, "contact")):
        if row["customer"] is not None:
            book.contacts[bare(row["name"])].add(row["customer"])
    accounts = {line["payer_account"] for line in lines if line["payer_account"]}
    posted = find_in(session, "bank_line", "payer_account", accounts, ["payer_account"], both(_readable(session, "bank_line"), Where("posted", "gt", 0)))
    by_line = {row["id"]: row["payer_account"] for row in posted}
    for row in find_in(session, "receipt", "bank_line", by_line, ["customer", "bank_line"], _readable(session, "receipt")):
        book.accounts[bare(by_line[row["bank_line"]])].add(row["customer"])


def _spellings(name: str) -> set[str]:
    """Return a name as it may be stored, for a question that compares letter by letter."""
    half = name.replace("（", "(").replace("）", ")")
    return {name, half, half.replace("(", "（").replace(")", "）"), name.replace(" ", "")}


def _read_documents(session: Session, book: Book, lines: Sequence[Values]) -> None:
    numbers = {number for line in lines for number in numbers_in(line["remark"] or "")}
    for name in ("receivable", "contract", "invoice"):
        if name in session.catalog:
            for row in find_in(session, name, "number", numbers, ["number", "customer"], _readable(session, name)):
                book.documents[row["number"]].add(row["customer"])
                if name == "contract":
                    book.named_contracts[row["number"]] = row["id"], row["customer"]


def _read_entered(session: Session, book: Book, lines: Sequence[Values], customers: Iterable[int]) -> None:
    """Read receipts that may be the lines already, entered by hand: of the same reference, or of these customers about these days."""
    fields = ["number", "customer", "amount", "received_on", "reference"]
    loose = both(_readable(session, "receipt"), Where("bank_line", "empty"))
    found = find_in(session, "receipt", "reference", (line["serial"] for line in lines if line["serial"]), fields, loose)
    days = [line["booked_on"] for line in lines]
    if days:
        near = Every((loose, Where("received_on", "ge", min(days) - NEARBY), Where("received_on", "le", max(days) + NEARBY)))
        found += find_in(session, "receipt", "customer", customers, fields, near)
    book.entered = list({row["id"]: row for row in found}.values())
