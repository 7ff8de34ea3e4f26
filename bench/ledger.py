"""The receivables ledger: aging, posting receipts one by one, and a customer's balance, at twenty receivables and thirty receipts a customer.

The floors: one hand-written statement that gives the same rows of the aging, bare INSERT transactions of a receipt and its allocation into tables
with the same columns and indexes, every column filled, each committed to the disk as ours is, and the row of the customer.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from bench import company
from bench.house import Ground, Line, in_turns
from desktop_crm.models import triggers
from desktop_crm.models.registry import column_name
from desktop_crm.reports.base import run
from desktop_crm.services import receipts, records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

RECEIVABLES: Final = 20
RECEIPTS: Final = 30
POSTED: Final = 200
"""Receipts a turn of the posting: the aim is told of a thousand one by one, and each is a transaction of its own."""


def measure(ground: Ground) -> Iterator[Line]:
    """Measure on a ledger of its own, of `scale` receivables and half as many receipts again."""
    with ground.empty() as session:
        customers = max(ground.scale // RECEIVABLES, 1)
        fill(session, customers)
        for name, days in DAYS:
            yield aging(session, customers, name, days)
        yield balance(session, customers)
        yield posting(session, customers)


def fill(session: Session, customers: int) -> None:
    """Write customers with their receivables, receipts and allocations."""
    with company._unindexed(session.store):  # noqa: SLF001 - the house's own way to write in bulk
        company.write(session, "customer", ({"id": key, "name": f"客户{key}", "owner": session.person.id} for key in range(1, customers + 1)))
        company.write(session, "receivable", (debt(session, key, customers) for key in range(1, RECEIVABLES * customers + 1)))
        company.write(session, "receipt", (paid(session, key, customers) for key in range(1, RECEIPTS * customers + 1)))
        company.write(session, "allocation", (part(session, key, customers) for key in range(1, RECEIPTS * customers + 1)))
    with session.store.transaction():
        triggers.recompute(session.store)
    company.analyze(session.store)


def debt(session: Session, key: int, customers: int) -> Values:
    """Return a receivable of 1,000 yuan of the last 600 days, due a month later."""
    on = session.today - timedelta(days=key * 7919 % 600)
    return {"id": key, "number": f"YS-{key}", "customer": (key - 1) % customers + 1, "document_on": on, "due_on": on + timedelta(days=30), "amount": Decimal(1000), "kind": "delivery"}


def paid(session: Session, key: int, customers: int) -> Values:
    """Return a receipt of some hundred yuan."""
    on = session.today - timedelta(days=key * 104729 % 570)
    return {"id": key, "number": f"SK-{key}", "customer": (key - 1) % customers + 1, "received_on": on, "amount": Decimal(300 + key % 90), "method": "transfer", "kind": "receipt"}


def part(session: Session, key: int, customers: int) -> Values:
    """Return what a receipt settles of one of its customer's receivables; two of three receivables get parts."""
    nth = (key - 1) // customers % RECEIVABLES
    target = nth * customers + (key - 1) % customers + 1
    return {"id": key, "receipt": key, "receivable": target, "amount": Decimal(300), "kind": "receipt", "allocated_on": paid(session, key, customers)["received_on"]}


AGING: Final = """
SELECT c.id, c.name, SUM(o.b0), SUM(o.b1), SUM(o.b2), SUM(o.b3), SUM(o.b4), SUM(o.ahead) FROM (
  SELECT r.customer_id AS customer,
    SUM(CASE WHEN r.falls_due >= '{d0}' THEN r.amount - COALESCE(a.part, 0) ELSE 0 END) AS b0,
    SUM(CASE WHEN r.falls_due < '{d0}' AND r.falls_due >= '{d1}' THEN r.amount - COALESCE(a.part, 0) ELSE 0 END) AS b1,
    SUM(CASE WHEN r.falls_due < '{d1}' AND r.falls_due >= '{d2}' THEN r.amount - COALESCE(a.part, 0) ELSE 0 END) AS b2,
    SUM(CASE WHEN r.falls_due < '{d2}' AND r.falls_due >= '{d3}' THEN r.amount - COALESCE(a.part, 0) ELSE 0 END) AS b3,
    SUM(CASE WHEN r.falls_due < '{d3}' THEN r.amount - COALESCE(a.part, 0) ELSE 0 END) AS b4, 0 AS ahead
  FROM receivable r LEFT JOIN (
    SELECT a.receivable_id AS id, SUM(a.amount) AS part FROM allocation a JOIN receipt p ON p.id = a.receipt_id JOIN receivable v ON v.id = a.receivable_id
    WHERE a.allocated_on <= '{d0}' AND p.received_on <= '{d0}' AND v.document_on <= '{d0}' GROUP BY a.receivable_id) a ON a.id = r.id
  WHERE r.document_on <= '{d0}' GROUP BY r.customer_id
  UNION ALL
  SELECT p.customer_id, 0, 0, 0, 0, 0, SUM(p.amount - COALESCE(a.part, 0)) FROM receipt p LEFT JOIN (
    SELECT a.receipt_id AS id, SUM(a.amount) AS part FROM allocation a JOIN receipt q ON q.id = a.receipt_id JOIN receivable v ON v.id = a.receivable_id
    WHERE a.allocated_on <= '{d0}' AND q.received_on <= '{d0}' AND v.document_on <= '{d0}' GROUP BY a.receipt_id) a ON a.id = p.id
  WHERE p.received_on <= '{d0}' GROUP BY p.customer_id
) o JOIN customer c ON c.id = o.customer GROUP BY c.id, c.name, c.sort_key ORDER BY c.sort_key, c.id
"""


DAYS: Final = (("today", 0), ("60 days ago", -60), ("400 days ago", -400), ("in 30 days", 30))
"""The days aging is asked for: today's balances tell only the first."""


def aging(session: Session, customers: int, name: str, days_ahead: int) -> Line:
    """Ask for the aging as of a day."""
    as_of = session.today + timedelta(days=days_ahead)
    days = {f"d{number}": (as_of - timedelta(days=back)).isoformat() for number, back in enumerate((0, 30, 60, 90))}
    text = AGING.format(**days)
    ours, floor = in_turns(lambda: run(session, "aging", as_of=as_of), lambda: session.store.sql(text).fetchall())
    told = run(session, "aging", as_of=as_of).totals
    raw = session.store.sql(text).fetchall()
    sums = [Decimal(int(sum(row[place] for row in raw))).scaleb(-2) for place in range(2, 8)]
    if [told["current"], *(told[f"overdue_{number}"] for number in range(1, 5)), told["prepaid"]] != sums:
        raise AssertionError((told, sums))
    return Line(f"aging as of {name}", ours, floor, limit=2, note=f"{RECEIVABLES * customers:,} receivables, {RECEIPTS * customers:,} receipts")


def balance(session: Session, customers: int) -> Line:
    """Read a customer with balance, prepayment, what is overdue and the credit in use, as its page does."""
    keys = count(1)

    def ours() -> None:
        records.get(session, "customer", next(keys) % customers + 1)

    def floor() -> None:
        session.store.sql("SELECT * FROM customer WHERE id = ?", (next(keys) % customers + 1,)).fetchall()

    return Line("a customer's page with its balances", *in_turns(ours, floor, 25), ceiling=5)


def posting(session: Session, customers: int) -> Line:
    """Post receipts one by one, each with an allocation, numbered, traced, checked and added up.

    The floor adds the same two rows, every column filled alike, to tables with the same columns and indexes, each pair in a transaction that
    reaches the disk in the same way.
    """
    store, numbers = session.store, count(1)
    targets = [row[0] for row in store.sql("SELECT id FROM receivable WHERE remaining >= 40000 ORDER BY id").fetchall()]

    def ours() -> None:
        for _number in range(POSTED):
            key = targets[next(numbers) % len(targets)]
            values = records.new(session, "receipt", customer=(key - 1) % customers + 1, amount=Decimal("0.01"), received_on=session.today)
            receipts.post_receipt(session, values=values, allocations={key: Decimal("0.01")})

    ours()
    receipt, allocation = (bare(session, name) for name in ("receipt", "allocation"))

    def floor() -> None:
        for _number in range(POSTED):
            key = targets[next(numbers) % len(targets)]
            with store.transaction(small=True):
                made = receipt(number=f"SK-{next(numbers)}", customer_id=(key - 1) % customers + 1)
                allocation(receipt_id=made, receivable_id=key)

    ours_ms, floor_ms = in_turns(ours, floor, 3)
    return Line(f"{POSTED} receipts posted one by one", ours_ms, floor_ms, limit=5, note=f"{POSTED / ours_ms * 1000:,.0f} a second")


def bare(session: Session, name: str) -> Callable[..., int]:
    """Make an empty table like an entity's and return what adds a copy of the entity's latest record to it, some columns changed."""
    store, entry = session.store, session.entity(name)
    store.sql(f"CREATE TABLE bare_{name} LIKE `{name}`" if store.mysql else f"CREATE TABLE bare_{name} (id INTEGER PRIMARY KEY, {', '.join(f'`{column_name(one)}`' for one in entry.stored().values())})")
    if not store.mysql:
        for index, text in store.sql("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL", (name,)).fetchall():
            store.sql(text.replace(f"`{index}`", f"`bare_{index}`").replace(f"ON `{name}`", f"ON `bare_{name}`"))
    columns = [column_name(one) for one in entry.written().values()]
    listed = ", ".join(f"`{column}`" for column in columns)
    row = dict(zip(columns, store.sql(f"SELECT {listed} FROM `{name}` ORDER BY id DESC LIMIT 1").fetchone(), strict=True))
    text = f"INSERT INTO bare_{name} ({listed}) VALUES ({', '.join('?' * len(columns))})"

    def add(**changed: Any) -> int:
        return int(store.sql(text, [*{**row, **changed}.values()]).lastrowid)

    return add
