"""A company of any size in little time: rows straight into tables without triggers and indexes, which are made afterwards.

For N customers: as many receivables, half as many contacts, receipts with their allocations and follow-ups, 3 contracts for 10;
everything spread over 60 users in 6 departments. What goes beyond FIRST customers are copies that the database makes of these, see `_Copies`.
"""

from __future__ import annotations

import random
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.domain.conditions import EVERYTHING, Where
from desktop_crm.domain.numbering import format_number, period_key
from desktop_crm.models import expected, triggers, turning
from desktop_crm.models.registry import column_name
from desktop_crm.services import records, sign_in, writing
from desktop_crm.services.numbers import document_date
from desktop_crm.services.sample import Inventor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from desktop_crm.domain.catalog import FieldSpec, Values
    from desktop_crm.models.database import Store
    from desktop_crm.services.session import Session

FIRST: Final = 100_000
"""Customers that are invented one by one; more are copies of all of them, so larger companies have a multiple of it."""
SCRATCH: Final = "bench_first"
DEPARTMENTS: Final = 6
USERS: Final = 60
PART: Final = 5000
UNOWNED: Final = 0.05
STATUSES: Final = (("new", "talking", "active", "paused", "lost"), (15, 20, 50, 8, 7))


def size(session: Session) -> int:
    """Return how many customers the company has."""
    return session.records.count(session.entity("customer"), EVERYTHING)


def seller(session: Session) -> Values:
    """Return a user who sees a twelfth of what there is."""
    return session.records.find(session.entity("user"), Where("role", "eq", "sales"), ["name", "department"], sort="id", limit=1)[0]


def build(session: Session, customers: int) -> None:
    """Fill an empty company."""
    owners = staff(session)
    invented = _Invented(session, min(customers, FIRST), owners)
    with _unindexed(session.store):
        for name, rows in invented.tables():
            write(session, name, rows)
        with session.store.transaction():
            triggers.recompute(session.store)
        turning.turn(session.store, session.today, lambda _done, _total: None)
        copies = _Copies(session, invented.sizes)
        for number in range(1, -(-customers // FIRST)):
            copies.add(number)
        copies.end()
    analyze(session.store)


def staff(session: Session) -> list[int]:
    """Add departments and users; return the ids of those who own records. A manager in each department sees what its people see."""
    departments = [records.save(session, "department", {"name": f"销售{number}部"}).result.id for number in range(1, DEPARTMENTS + 1)]
    maker = Inventor(7, session.today)
    users = []
    for number in range(USERS):
        role = "manager" if number < DEPARTMENTS else "sales"
        values = {"name": maker.person(), "login": f"user{number}", "role": role, "department": departments[number % DEPARTMENTS], "active": True}
        users.append(writing.with_defaults(session, "user", values))
    made: list[int] = session.write("bench", "bench", lambda: writing.insert_rows(session, "user", users)).result
    sign_in.rebuild_visibility(session.store)
    return made


def write(session: Session, name: str, rows: Iterable[Values]) -> None:
    """Write the rows of an entity, which carry their ids, as the records engine would store them, but for history."""
    entry, store, now = session.entity(name), session.store, session.now
    written = entry.written()
    names = ["id", *written]
    columns = ", ".join(f"`{name if name == 'id' else column_name(written[name])}`" for name in names)
    text = f"INSERT INTO `{entry.table}` ({columns}) VALUES ({', '.join('?' * len(names))})"
    part: list[tuple[Any, ...]] = []
    for row in rows:
        full = session.records.completed(entry, {"version": 1, "created_at": now, "updated_at": now, **row})
        part.append((full["id"], *(field.to_database(full.get(name)) for name, field in written.items())))
        if len(part) == PART:
            _flush(store, text, part)
    _flush(store, text, part)


def _flush(store: Store, text: str, part: list[tuple[Any, ...]]) -> None:
    with store.transaction():
        for start in range(0, len(part), 1000):
            store.many(text, part[start : start + 1000])
    part.clear()


@contextmanager
def _unindexed(store: Store) -> Iterator[None]:
    """Take triggers, checks of links and indexes off meanwhile; a server's indexes stay where a link needs them."""
    for name, _sql in list(triggers.present(store)):
        store.sql(f"DROP TRIGGER `{name}`")
    switch = "SET foreign_key_checks = {}" if store.mysql else "PRAGMA foreign_keys = {}"
    store.sql(switch.format(0))
    if not store.mysql:
        store.sql("PRAGMA synchronous = OFF")
        for (name,) in store.sql("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall():
            store.sql(f"DROP INDEX `{name}`")
    yield
    expected.rebuild_indexes(store)
    store.sql(switch.format(1))
    if not store.mysql:
        store.sql("PRAGMA synchronous = FULL")
    triggers.rebuild(store)


def analyze(store: Store) -> None:
    """Let a server count what it plans by, as it does by itself some time after a bulk load; the program never asks SQLite to."""
    if store.mysql:
        names = ", ".join(f"`{row[0]}`" for row in store.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'").fetchall())
        store.sql(f"ANALYZE TABLE {names}").fetchall()


class _Copies:
    """Adds everything that was invented once more, with other ids, numbers and mobile phones: names and amounts come again, sums stay right."""

    def __init__(self, session: Session, sizes: dict[str, int]) -> None:
        self.session, self.store, self.sizes = session, session.store, sizes

    def add(self, number: int) -> None:
        """Add the copy with this number, from 1 on."""
        for name, size in self.sizes.items():
            entry = self.session.entity(name)
            generated = {field for field in entry.stored() if entry.fields[field].formula}
            changed = {field: self.changed(column_name(entry.fields[field]), spec, number) for field, spec in entry.spec.fields.items() if spec.rule or field == "mobile"}
            values = {"id": f"id + {number * size}"}
            for field, declared in entry.stored().items():
                column = column_name(declared)
                if field not in generated:
                    moved = number * self.sizes.get(entry.fields[field].spec.link, 0)
                    values[column] = f"`{column}` + {moved}" if moved else changed.get(field, f"`{column}`")
            for field, text in changed.items():
                values["search_key"] = f"REPLACE({values['search_key']}, LOWER(`{field}`), LOWER({text}))"
            columns = ", ".join(f"`{column}`" for column in values)
            # From a table of its own: a server would put rows that go where they come from into a file first.
            self.store.sql(f"CREATE TABLE IF NOT EXISTS `{SCRATCH}_{entry.table}` AS SELECT * FROM `{entry.table}`")
            with self.store.transaction():
                self.store.sql(f"INSERT INTO `{entry.table}` ({columns}) SELECT {', '.join(values.values())} FROM `{SCRATCH}_{entry.table}` ORDER BY id")

    def end(self) -> None:
        """Leave nothing behind but the records."""
        for name in self.sizes:
            self.store.sql(f"DROP TABLE IF EXISTS `{SCRATCH}_{self.session.entity(name).table}`")

    def changed(self, column: str, spec: FieldSpec, number: int) -> str:
        """Return the SQL of a number with a letter before the last figures of its running part, which no other has, or of a phone number with its figures moved on."""
        if spec.rule:
            width = int(spec.rule.partition("{seq:")[2][0])
            parts = [f"SUBSTR(`{column}`, 1, LENGTH(`{column}`) - {width})", f"'{chr(ord('A') + number - 1)}'", f"SUBSTR(`{column}`, -{width})"]
        else:
            parts = [f"SUBSTR(`{column}`, 1, 2)", f"SUBSTR(`{column}`, {3 + number % 9})", f"SUBSTR(`{column}`, 3, {number % 9})"]
        return f"CONCAT({', '.join(parts)})" if self.store.mysql else " || ".join(parts)


class _Invented:
    """The rows, table after table; the same for the same size and day."""

    def __init__(self, session: Session, customers: int, owners: list[int]) -> None:
        self.session, self.size, self.owners = session, customers, owners
        self.make = Inventor(1, session.today)
        self.chance = random.Random(2)
        self.now = datetime.combine(session.today, datetime.min.time(), tzinfo=UTC)
        self.counters: dict[str, int] = {}
        self.sizes: dict[str, int] = {}
        """How many records there are of each entity."""

    def tables(self) -> Iterator[tuple[str, Iterator[Values]]]:
        """Yield entities and their rows; links point to what came before."""
        for name, count, make in (
            ("customer", self.size, self.customer), ("contact", self.size // 2, self.contact), ("contract", 3 * self.size // 10, self.contract),
            ("receivable", self.size, self.receivable), ("receipt", self.size // 2, self.receipt), ("allocation", self.size // 2, self.allocation),
            ("activity", self.size // 2, self.activity),
        ):
            self.sizes[name] = count
            yield name, (self.numbered(name, make(key)) for key in range(1, count + 1))
            self.keep_counters()

    def numbered(self, name: str, values: Values) -> Values:
        """Give a row its number and when it was made, as if they had come one after another over two years."""
        values["created_at"] = self.now - timedelta(seconds=self.chance.randrange(2 * 365 * 86400))
        for field in self.session.everything[name].fields.values():
            if field.rule:
                day = document_date(self.session, field, values)
                key = f"{name}.{field.name}.{period_key(field.rule, day)}"
                self.counters[key] = self.counters.get(key, 0) + 1
                values[field.name] = format_number(field.rule, day, self.counters[key])
        return values

    def keep_counters(self) -> None:
        """Let the next numbers go on where these end."""
        for name, value in self.counters.items():
            self.session.store.sql("DELETE FROM counter WHERE name = ?", (name,))
            self.session.store.sql("INSERT INTO counter (name, value) VALUES (?, ?)", (name, value))
        self.counters.clear()

    def owner(self, customer: int) -> int | None:
        """Return whose a customer is: always the same."""
        place = (customer * 2654435761) % 1000
        return None if place < UNOWNED * 1000 else self.owners[place % len(self.owners)]

    def any_customer(self) -> int:
        return self.chance.randint(1, self.size)

    def debtor(self, key: int) -> int:
        """Return who owes a receivable, and pays the receipt of the same id, which settles a part of it."""
        return (key * 2654435761) % self.size + 1

    def amount(self) -> Decimal:
        return Decimal(self.chance.randint(20_000, 9_000_000)).scaleb(-2)

    def day(self, back: int, ahead: int = 0) -> date:
        return self.make.day(back, ahead)

    def customer(self, key: int) -> Values:
        waits = self.chance.random() < 0.6  # noqa: PLR2004 - the others have no date
        return {
            **self.make.company(), "id": key, "status": self.chance.choices(*STATUSES)[0], "level": self.chance.randint(1, 5), "owner": self.owner(key),
            "source": self.chance.choice(("referral", "visit", "web", "phone")), "contact_person": self.make.person(),
            "mobile": f"1{self.chance.choice('358')}{self.chance.randrange(10**9):09d}", "payment_terms": self.make.pick("terms"),
            "next_contact": self.day(20, 40) if waits else None,
        }  # fmt: skip

    def contact(self, key: int) -> Values:
        customer = self.any_customer()
        return {
            "id": key, "name": self.make.person(), "customer": customer, "position": self.make.pick("positions")[0], "owner": self.owner(customer),
            "mobile": f"1{self.chance.choice('358')}{self.chance.randrange(10**9):09d}",
        }  # fmt: skip

    def contract(self, key: int) -> Values:
        customer, day = self.any_customer(), self.day(720)
        return {
            "id": key, "title": f"{self.make.pick('products')[0]}采购合同", "customer": customer, "signed_on": day, "expires_on": day + timedelta(days=365),
            "amount": self.amount(), "state": self.chance.choice(("draft", "active", "active", "done")), "owner": self.owner(customer),
        }  # fmt: skip

    def receivable(self, key: int) -> Values:
        customer, day, contracts = self.debtor(key), self.day(720), 3 * self.size // 10
        return {
            "id": key, "name": "送货款", "customer": customer, "contract": self.chance.randint(1, contracts) if key % 3 == 0 and contracts else None, "kind": "delivery", "document_on": day,
            "due_on": day + timedelta(days=self.chance.choice((0, 30, 60))), "amount": self.amount(), "owner": self.owner(customer),
        }  # fmt: skip

    def receipt(self, key: int) -> Values:
        customer = self.debtor(key)
        return {
            "id": key, "customer": customer, "received_on": self.day(700), "amount": self.amount(), "method": "transfer", "account": "工商银行基本户",
            "owner": self.owner(customer),
        }  # fmt: skip

    def allocation(self, key: int) -> Values:
        return {"id": key, "receipt": key, "receivable": key, "amount": Decimal("100.00"), "kind": "receipt", "allocated_on": self.day(600)}

    def activity(self, key: int) -> Values:
        customer = self.any_customer()
        return {
            "id": key, "customer": customer, "kind": self.chance.choice(("call", "visit", "wechat")), "content": f"谈{self.make.pick('products')[1]}的价格",
            "happened_at": self.now - timedelta(minutes=self.chance.randrange(700 * 1440)), "next_on": self.day(30, 30), "done": self.chance.random() < 0.8,  # noqa: PLR2004
            "owner": self.owner(customer),
        }  # fmt: skip
