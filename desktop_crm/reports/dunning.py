"""Who is to be reminded (催款): each customer with something overdue, what is left of it after what the customer has to its credit, and which letter that calls for.

Money not allocated yet and credit notes are set off against what is overdue, the oldest first, as `domain.dunning.set_off` says: who has paid is not asked again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import N_, ngettext
from desktop_crm.base.lazily import dataclass
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import Choice
from desktop_crm.domain.conditions import EVERYTHING, Every, Where, both
from desktop_crm.domain.dunning import is_sent, set_off, step_of
from desktop_crm.domain.ledger import days_overdue
from desktop_crm.domain.words import words_to_read
from desktop_crm.reports.accounts import named
from desktop_crm.reports.aging import narrowed
from desktop_crm.reports.base import Drill, Parameter, Report, Row, column, report
from desktop_crm.reports.due import AS_OF, promises
from desktop_crm.reports.outstanding import ZERO, outstanding, prepaying, rows_outstanding, rows_prepaying
from desktop_crm.services.batches import find_in, grouped, parts
from desktop_crm.services.documents import PrintList, printed, record_values, surroundings
from desktop_crm.services.due_events import FIELDS, waiting
from desktop_crm.services.dunning import Letter
from desktop_crm.services.print_sources import Asked, Document, prints_as
from desktop_crm.services.reminding import rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from decimal import Decimal

    from desktop_crm.domain.catalog import Values
    from desktop_crm.domain.conditions import Condition
    from desktop_crm.services.session import Session

LETTERS: Final = (Choice("0", N_("None yet")), Choice("1", N_("First letter"), "info"), Choice("2", N_("Second letter"), "warn"), Choice("3", N_("Third letter"), "danger"),
                  Choice("sent", N_("Sent already"), "success"), Choice("covered", N_("Covered"), "success"))
CREDITS: Final = column("credits", N_("Open credit notes"), kinds.MONEY)
COLUMNS: Final = (
    column("customer", N_("Customer"), kinds.LINK, link="customer"),
    column("count", N_("Overdue receivables"), kinds.INTEGER),
    column("amount", N_("Overdue"), kinds.MONEY),
    column("prepaid", N_("Prepayment"), kinds.MONEY),
    column("demand", N_("To ask for"), kinds.MONEY),
    column("days", N_("Days overdue"), kinds.INTEGER, unit=N_("days")),
    column("step", N_("Letter due"), kinds.CHOICE, choices=LETTERS),
    column("sent", N_("Last dunned"), kinds.INSTANT),
    column("promised", N_("Promised for"), kinds.DATE),
)


ITEMS: Final = (
    column("number", N_("Number"), kinds.TEXT), column("name", N_("Name"), kinds.TEXT), column("document_on", N_("Document date"), kinds.DATE),
    column("due", N_("Due date"), kinds.DATE), column("days", N_("Days overdue"), kinds.INTEGER), column("amount", N_("Amount"), kinds.MONEY),
    column("remaining", N_("Remaining"), kinds.MONEY),
)  # fmt: skip
printed(
    "dunning",
    label=N_("Dunning letter"),
    fields=(
        column("customer", N_("Customer"), kinds.LINK, link="customer"), column("as_of", N_("As of"), kinds.DATE), column("step", N_("Letter due"), kinds.INTEGER),
        column("count", N_("Overdue receivables"), kinds.INTEGER), column("credit", N_("Set off"), kinds.MONEY), column("total", N_("To ask for"), kinds.MONEY),
        column("total_words", N_("Amount to ask for in words"), kinds.TEXT), column("days", N_("Days overdue"), kinds.INTEGER),
    ),
    lists={"items": PrintList(N_("Overdue receivables"), ITEMS)},
)  # fmt: skip


@dataclass
class Credit:
    """What stands to a customer's credit: what is left of receipts, what is left of receivables below zero, and both by the contract they are meant for."""

    prepaid: Decimal = ZERO
    notes: Decimal = ZERO
    meant_for: dict[int | None, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))


@dataclass
class Claim:
    """What is overdue of one customer, the oldest first, what stands to its credit, and what is covered by that of each."""

    items: list[Values]
    credit: Credit
    covered: list[Decimal]

    @property
    def amount(self) -> Decimal:
        """What is overdue."""
        return sum((item["remaining"] for item in self.items), ZERO)

    @property
    def demand(self) -> Decimal:
        """What is left to ask for."""
        return self.amount - sum(self.covered, ZERO)

    @property
    def left(self) -> list[tuple[Values, Decimal]]:
        """The overdue receivables that aren't covered in full, each with what is covered of it."""
        return [(item, covered) for item, covered in zip(self.items, self.covered, strict=True) if covered < item["remaining"]]

    @property
    def kept(self) -> bool:
        """Whether something stands to the customer's credit that covers nothing, though something is left to ask for: it is meant for other contracts."""
        return self.demand > 0 and self.credit.prepaid + self.credit.notes > sum(self.covered, ZERO)


@report(
    "dunning", N_("Dunning list"), AS_OF,
    Parameter("owner", N_("Owner"), kinds.LINK, link="user", optional=True),
    Parameter("customer", N_("Customer"), kinds.LINK, link="customer", optional=True),
)  # fmt: skip
def dunning(session: Session, settings: Values) -> Report:
    """Answer with a row for each customer with something overdue on the day, the oldest first; the letter follows from the oldest debt not covered, and is due once."""
    as_of: date = settings["as_of"]
    claims, waiting = _claims(session, as_of, narrowed(settings))
    found = _letters(session, as_of, claims)
    sent, promised = _last_dunned(session, found), promises(session, set(found))
    rows = []
    for customer in named(session, found):
        letter, claim = found[int(customer)], claims[int(customer)]
        dates = [day for (key, _contract), day in promised.items() if key == int(customer)]
        values: Values = {
            "customer": customer, "count": len(claim.items), "amount": claim.amount, "prepaid": claim.credit.prepaid, "credits": claim.credit.notes, "demand": claim.demand,
            "days": letter.days, "step": "covered" if letter.covered else "sent" if letter.sent else str(letter.step),
            "sent": sent.get(int(customer)), "promised": max(dates, default=None),
        }  # fmt: skip
        behind, under = partial(_drills, int(customer), as_of, claim), partial(_documents, as_of=as_of, customer=int(customer), claim=claim)
        rows.append(Row(values, behind, under=under, replayed=as_of != session.today))
    rows.sort(key=lambda row: -row.values["days"])
    columns = COLUMNS if not any(row.values["credits"] for row in rows) else (*COLUMNS[:4], CREDITS, *COLUMNS[4:])
    totals: dict[str, Any] = {spec.name: sum((row.values[spec.name] for row in rows), ZERO) for spec in columns if spec.kind is kinds.MONEY}
    totals["count"] = sum(row.values["count"] for row in rows)
    return Report("dunning", N_("Dunning list"), settings, columns, rows, totals, notes=_notes(waiting, sum(claim.kept for claim in claims.values())))


def _notes(waiting: int, kept: int) -> tuple[str, ...]:
    waits = ngettext("{count} receivable waits for the delivery, the invoice or the signed statement; no letter asks for it",
                     "{count} receivables wait for the delivery, the invoice or the signed statement; no letter asks for them", waiting).format(count=waiting)  # fmt: skip
    meant = ngettext("{count} customer has paid ahead for other contracts; that is not set off here",
                     "{count} customers have paid ahead for other contracts; that is not set off here", kept).format(count=kept)  # fmt: skip
    return (*((waits,) if waiting else ()), *((meant,) if kept else ()))


@prints_as("dunning", of="customer")
def documents(session: Session, asked: Asked) -> Iterator[Document]:
    """Yield the letters to customers with something to ask for today; without a step in the template's name the oldest debt decides which letter it is."""
    for letter, values in letter_values(session, asked.ids, session.today, step_named(asked.template)):
        template = asked.template if asked.template not in {"", "dunning"} else f"dunning_{letter.step}"
        title = f"{values['customer']['name']} {session.today.isoformat()}"
        yield Document("customer", letter.customer, title, values, template, letter.customer, letter, periodic=True)


def step_named(template: str) -> int | None:
    """Return which letter a template is, as its short name begins; None where the age of the debt decides."""
    figure = template.removeprefix("dunning_")[:1]
    return int(figure) if template.startswith("dunning_") and figure.isdigit() else None


def letters(session: Session, as_of: date, condition: Condition = EVERYTHING) -> dict[int, Letter]:
    """Return the letter that each customer with something overdue should get, by customer."""
    return _letters(session, as_of, _claims(session, as_of, condition)[0])


def _letters(session: Session, as_of: date, claims: dict[int, Claim]) -> dict[int, Letter]:
    steps = rules(session).steps
    dunned = _last_dunned(session, claims)
    found: dict[int, Letter] = {}
    for customer, claim in claims.items():
        asked = [item for item, _covered in claim.left]
        days = max(days_overdue(item["falls_due"], as_of) for item in asked or claim.items)
        last = dunned.get(customer)
        sent = is_sent(days, last.astimezone().date() if last is not None else None, as_of, steps)
        found[customer] = Letter(customer, step_of(days, steps), len(asked), claim.demand, days, sent)
    return found


def letter_values(session: Session, customers: Iterable[int], as_of: date, step: int | None = None) -> Iterator[tuple[Letter, dict[str, Any]]]:
    """Yield each letter and what it is printed with, in the order of the customers; those with nothing overdue, or nothing that isn't covered, are left out.

    `step` is the letter wanted; without it the oldest debt decides, the first letter at least.
    """
    wanted = list(dict.fromkeys(customers))
    claims, _waiting = _claims(session, as_of, Where("customer", "in", wanted))
    due = _letters(session, as_of, claims)
    around = surroundings(session)
    for customer in wanted:
        if customer not in due or due[customer].covered:
            continue
        letter = replace(due[customer], step=step or max(due[customer].step, 1), sent=False)
        asked = claims[customer].left
        lines = [
            {"no": number, "number": item["number"], "name": item["name"], "document_on": item["document_on"], "due": item["falls_due"],
             "days": days_overdue(item["falls_due"], as_of), "amount": item["amount"], "remaining": item["remaining"]}
            for number, (item, _covered) in enumerate(asked, 1)
        ]  # fmt: skip
        yield letter, {
            "customer": record_values(session, "customer", customer), "as_of": as_of, "step": letter.step, "count": letter.count, "total": letter.amount,
            "credit": sum((covered for _item, covered in asked), ZERO), "total_words": words_to_read(letter.amount), "days": letter.days, "items": lines, **around,
        }  # fmt: skip


def _claims(session: Session, as_of: date, condition: Condition) -> tuple[dict[int, Claim], int]:
    """Return what is overdue by customer, and how many wait for the event their due date counts from."""
    names = ["number", "name", "falls_due", "amount", "contract", *FIELDS]
    owed = rows_outstanding(session, as_of, both(condition, Where("falls_due", "lt", as_of)), names)
    found = [row for row in owed if row["remaining"] > 0]
    left_out = waiting(session, found)
    items = grouped(sorted((row for row in found if row["id"] not in left_out), key=lambda row: (row["falls_due"], row["id"])), "customer")
    found_credit = _credit(session, as_of, items)
    claims = {}
    for customer, rows in items.items():
        credit = found_credit[customer]
        claims[customer] = Claim(rows, credit, set_off([(row["contract"], row["remaining"]) for row in rows], credit.meant_for))
    return claims, len(left_out)


def _credit(session: Session, as_of: date, customers: Iterable[int]) -> dict[int, Credit]:
    """Return what stood to the customers' credit at the end of `as_of`, of what this person sees; what is below zero waits for no due date."""
    found: dict[int, Credit] = defaultdict(Credit)
    for part in parts(customers):
        these = Where("customer", "in", part)
        for row in rows_prepaying(session, as_of, these, ["customer", "contract"]):
            found[row["customer"]].prepaid += row["unallocated"]
            found[row["customer"]].meant_for[row["contract"]] += row["unallocated"]
        for row in rows_outstanding(session, as_of, both(these, Where("amount", "lt", 0)), ["customer", "contract"]):
            found[row["customer"]].notes -= row["remaining"]
            found[row["customer"]].meant_for[row["contract"]] -= row["remaining"]
    return found


def _last_dunned(session: Session, customers: Iterable[int]) -> dict[int, Any]:
    if "activity" not in session.catalog:
        return {}
    told = session.readable("activity", Where("kind", "eq", "dunning"))
    rows = find_in(session, "activity", "customer", customers, ["customer", "happened_at"], told)
    return {row["customer"]: row["happened_at"] for row in sorted(rows, key=lambda row: row["happened_at"])}


def _documents(reader: Session, *, as_of: date, customer: int, claim: Claim) -> list[Row]:
    """Return what a row is made of, in the same columns: what is overdue, with what is left to ask for of it, and what stands to the customer's credit."""
    rows = []
    for item, covered in zip(claim.items, claim.covered, strict=True):
        values = {"customer": " ".join(part for part in (item["number"], item["name"]) if part), "due": item["falls_due"], "days": days_overdue(item["falls_due"], as_of)}
        rows.append(_document(item["id"], "receivable", values | {"amount": item["remaining"], "demand": item["remaining"] - covered}))
    these = Where("customer", "eq", customer)
    rows += [
        _document(row["id"], "receipt", {"customer": row["number"], "received_on": row["received_on"], "prepaid": row["unallocated"]})
        for row in rows_prepaying(reader, as_of, these, ["number", "received_on"])
    ]
    for row in rows_outstanding(reader, as_of, both(these, Where("amount", "lt", 0)), ["number", "document_on", "falls_due"]):
        values = {"customer": row["number"], "due": row["falls_due"], "days": days_overdue(row["falls_due"], as_of)}
        rows.append(_document(row["id"], "receivable", values | {"credits": -row["remaining"]}))
    return rows


def _document(key: int, entity: str, values: Values) -> Row:
    this = Drill(entity, Where("id", "eq", key))
    return Row(values, lambda: dict.fromkeys(values, this), counted=False)


def _drills(customer: int, as_of: date, claim: Claim) -> dict[str, Drill]:
    this = Where("customer", "eq", customer)
    owed = Drill("receivable", Where("id", "in", tuple(item["id"] for item in claim.items)))
    asked = Drill("receivable", Where("id", "in", tuple(item["id"] for item, _covered in claim.left)))
    return {
        "count": owed, "amount": owed, "days": asked if claim.left else owed, "prepaid": Drill("receipt", prepaying(as_of, this)),
        "credits": Drill("receivable", outstanding(as_of, both(this, Where("amount", "lt", 0)))), "sent": Drill("activity", Every((this, Where("kind", "eq", "dunning")))),
    }  # fmt: skip
