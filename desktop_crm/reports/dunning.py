"""Who is to be reminded (催款): each customer with something overdue, how old it is, and which letter that calls for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import N_, ngettext
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import Choice
from desktop_crm.domain.conditions import EVERYTHING, Every, Where, both
from desktop_crm.domain.dunning import is_sent, step_of
from desktop_crm.domain.ledger import days_overdue
from desktop_crm.domain.words import words_to_read
from desktop_crm.reports.accounts import named
from desktop_crm.reports.aging import narrowed
from desktop_crm.reports.base import Drill, Parameter, Report, Row, column, report
from desktop_crm.reports.due import AS_OF, promises
from desktop_crm.reports.outstanding import ZERO, rows_outstanding
from desktop_crm.services.batches import find_in, grouped
from desktop_crm.services.documents import PrintList, printed, record_values, surroundings
from desktop_crm.services.due_events import FIELDS, waiting
from desktop_crm.services.dunning import Letter
from desktop_crm.services.print_sources import Asked, Document, prints_as
from desktop_crm.services.reminding import rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from desktop_crm.domain.catalog import Values
    from desktop_crm.domain.conditions import Condition
    from desktop_crm.services.session import Session

LETTERS: Final = (Choice("0", N_("None yet")), Choice("1", N_("First letter"), "info"), Choice("2", N_("Second letter"), "warn"), Choice("3", N_("Third letter"), "danger"),
                  Choice("sent", N_("Sent already"), "success"))
COLUMNS: Final = (
    column("customer", N_("Customer"), kinds.LINK, link="customer"),
    column("count", N_("Overdue receivables"), kinds.INTEGER),
    column("amount", N_("Overdue"), kinds.MONEY),
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
        column("count", N_("Overdue receivables"), kinds.INTEGER), column("total", N_("Overdue"), kinds.MONEY),
        column("total_words", N_("Overdue amount in words"), kinds.TEXT), column("days", N_("Days overdue"), kinds.INTEGER),
    ),
    lists={"items": PrintList(N_("Overdue receivables"), ITEMS)},
)  # fmt: skip


@report(
    "dunning", N_("Dunning list"), AS_OF,
    Parameter("owner", N_("Owner"), kinds.LINK, link="user", optional=True),
    Parameter("customer", N_("Customer"), kinds.LINK, link="customer", optional=True),
)  # fmt: skip
def dunning(session: Session, settings: Values) -> Report:
    """Answer with a row for each customer with something overdue on the day, the oldest first; the letter follows from the oldest debt, and is due once."""
    as_of: date = settings["as_of"]
    items, waiting = _overdue(session, as_of, narrowed(settings))
    found = _letters(session, as_of, items)
    sent, promised = _last_dunned(session, found), promises(session, set(found))
    rows = []
    for customer in named(session, found):
        letter = found[int(customer)]
        dates = [day for (key, _contract), day in promised.items() if key == int(customer)]
        values: Values = {
            "customer": customer, "count": letter.count, "amount": letter.amount, "days": letter.days, "step": "sent" if letter.sent else str(letter.step),
            "sent": sent.get(int(customer)), "promised": max(dates, default=None),
        }  # fmt: skip
        rows.append(Row(values, partial(_drills, int(customer), [item["id"] for item in items[int(customer)]])))
    rows.sort(key=lambda row: -row.values["days"])
    totals: dict[str, Any] = {"count": sum(row.values["count"] for row in rows), "amount": sum((row.values["amount"] for row in rows), ZERO)}
    notes = (
        ngettext("{count} receivable waits for the delivery, the invoice or the signed statement; no letter asks for it",
                 "{count} receivables wait for the delivery, the invoice or the signed statement; no letter asks for them", waiting).format(count=waiting),)  # fmt: skip
    return Report("dunning", N_("Dunning list"), settings, COLUMNS, rows, totals, notes=notes if waiting else ())


@prints_as("dunning", of="customer")
def documents(session: Session, asked: Asked) -> Iterator[Document]:
    """Yield the letters to customers with something overdue today; without a step in the template's name the oldest debt decides which letter it is."""
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
    return _letters(session, as_of, _overdue(session, as_of, condition)[0])


def _letters(session: Session, as_of: date, overdue: dict[int, list[Values]]) -> dict[int, Letter]:
    steps = rules(session).steps
    dunned = _last_dunned(session, overdue)
    found: dict[int, Letter] = {}
    for customer, items in overdue.items():
        days = max(days_overdue(item["falls_due"], as_of) for item in items)
        last = dunned.get(customer)
        sent = is_sent(days, last.astimezone().date() if last is not None else None, as_of, steps)
        found[customer] = Letter(customer, step_of(days, steps), len(items), sum((item["remaining"] for item in items), ZERO), days, sent)
    return found


def letter_values(session: Session, customers: Iterable[int], as_of: date, step: int | None = None) -> Iterator[tuple[Letter, dict[str, Any]]]:
    """Yield each letter and what it is printed with, in the order of the customers; those with nothing overdue are left out.

    `step` is the letter wanted; without it the oldest debt decides, the first letter at least.
    """
    wanted = list(dict.fromkeys(customers))
    chosen = Where("customer", "in", wanted)
    items, _waiting = _overdue(session, as_of, chosen)
    due = _letters(session, as_of, items)
    around = surroundings(session)
    for customer in wanted:
        if customer not in due:
            continue
        letter = due[customer]
        letter = Letter(customer, step or max(letter.step, 1), letter.count, letter.amount, letter.days)
        lines = [
            {"no": number, "number": item["number"], "name": item["name"], "document_on": item["document_on"], "due": item["falls_due"],
             "days": days_overdue(item["falls_due"], as_of), "amount": item["amount"], "remaining": item["remaining"]}
            for number, item in enumerate(items[customer], 1)
        ]  # fmt: skip
        yield letter, {
            "customer": record_values(session, "customer", customer), "as_of": as_of, "step": letter.step, "count": letter.count, "total": letter.amount,
            "total_words": words_to_read(letter.amount), "days": letter.days, "items": lines, **around,
        }  # fmt: skip


def _overdue(session: Session, as_of: date, condition: Condition) -> tuple[dict[int, list[Values]], int]:
    """Return what is overdue by customer, the oldest first, and how many wait for the event their due date counts from."""
    names = ["number", "name", "falls_due", "amount", *FIELDS]
    found = [row for row in rows_outstanding(session, as_of, both(condition, Where("falls_due", "lt", as_of)), names) if row["remaining"] > 0]
    left_out = waiting(session, found)
    rows = sorted((row for row in found if row["id"] not in left_out), key=lambda row: (row["falls_due"], row["id"]))
    return grouped(rows, "customer"), len(left_out)


def _last_dunned(session: Session, customers: Iterable[int]) -> dict[int, Any]:
    if "activity" not in session.catalog:
        return {}
    told = session.readable("activity", Where("kind", "eq", "dunning"))
    rows = find_in(session, "activity", "customer", customers, ["customer", "happened_at"], told)
    return {row["customer"]: row["happened_at"] for row in sorted(rows, key=lambda row: row["happened_at"])}


def _drills(customer: int, items: Sequence[int]) -> dict[str, Drill]:
    owed = Drill("receivable", Where("id", "in", tuple(items)))
    return {"count": owed, "amount": owed, "days": owed, "sent": Drill("activity", Every((Where("customer", "eq", customer), Where("kind", "eq", "dunning"))))}
