"""Lists: the first page by every column and filter, places far inside, counts and sums, for who sees all and who sees a part.

The floor is what a perfect list would ask for the same rows in raw statements: the ids of a page from an index in the wanted order, the rows
by id, the names behind their links.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from bench import own_field
from bench.house import Ground, Line, in_turns, resident_mb
from desktop_crm.domain.conditions import EVERYTHING, Condition, Every, Query, Where
from desktop_crm.services import records
from desktop_crm.services.listing import of_entity
from desktop_crm.ui.rows import KEPT_PAGES, PAGE, made_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from desktop_crm.services.session import Session

LIMIT: Final = 3
UNNOTICED_MS: Final = 100
KEPT: Final = {"name": "sort_key", "owner": "sort_key", "overdue_days": "oldest_due"}
"""The column with an index that a perfect list would follow for a column of another name."""


def measure(ground: Ground) -> Iterator[Line]:
    """Measure the list of customers, and that of contacts by the names of a million others."""
    bench = _Lists(ground.session)
    yield from bench.opened()
    yield from bench.sorted()
    yield from bench.filtered()
    yield from bench.far()
    yield from bench.asked_whole()
    yield from _Lists(ground.seller(), "a salesperson: ").seen_in_part()
    yield bench.memory()
    with own_field.amounts(ground.session) as name:
        yield from _Lists(ground.session).own(name)


class _Lists:
    """The measurements for one person."""

    def __init__(self, session: Session, label: str = "") -> None:
        self.session, self.store, self.label = session, session.store, label
        self.spec = session.spec("customer")
        self.total = records.count(session, "customer")
        owners = self.store.sql("SELECT owner_id FROM visibility WHERE viewer_id = ?", (session.person.id,)).fetchall()
        self.right = "" if session.person.role == "admin" else f"(owner_id IN ({', '.join(str(row[0]) for row in owners)}) OR owner_id IS NULL)"

    # ---- what is measured

    def opened(self) -> Iterator[Line]:
        yield self.line("open", Query("customer", sort="name"), "ORDER BY sort_key, id")
        yield self.line("jump to the end", Query("customer", sort="name"), "ORDER BY sort_key DESC, id DESC", offset=max(self.total - PAGE, 0))

    def sorted(self) -> Iterator[Line]:
        """Every column of the list, both ways in turn; the floor of a link is that of a column with an index."""
        for number, name in enumerate(self.spec.columns):
            down = bool(number % 2)
            yield self.line(f"sort by {name}{' downwards' if down else ''}", Query("customer", sort=name, descending=down), self.raw_order(name, down=down))
        yield self.line("contacts by customer", Query("contact", sort="customer"), "ORDER BY sort_key, id", entity="contact")
        yield self.line("sort by address, no column of the list", Query("customer", sort="address"), "ORDER BY address, id", note="no index")

    def raw_order(self, name: str, *, down: bool) -> str:
        way = " DESC" if down else ""
        column = KEPT.get(name, name)
        return f"ORDER BY {column}{way}, id{way}"

    def filters(self) -> dict[str, tuple[Condition, str]]:
        today = self.session.today
        return {
            "one city": (Where("city", "in", ("苏州",)), "city = '苏州'"),
            "active": (Where("status", "in", ("active",)), "status = 'active'"),
            "two levels": (Where("level", "in", (4, 5)), "level IN (4, 5)"),
            "one owner": (Where("owner", "in", (20,)), "owner_id = 20"),
            "balance above": (Where("balance", "gt", 150_000), "balance > 15000000"),
            "follow up today": (Where("next_contact", "eq", today), f"next_contact = '{today}'"),
            "no date": (Where("next_contact", "empty"), "next_contact IS NULL"),
            "one code": (Where("code", "eq", "KH-00777"), "code = 'KH-00777'"),
            "four together": (
                Every((Where("city", "in", ("苏州",)), Where("status", "in", ("active",)), Where("level", "in", (4, 5)), Where("next_contact", "filled"))),
                "city = '苏州' AND status = 'active' AND level IN (4, 5) AND next_contact IS NOT NULL",
            ),
        }

    def filtered(self) -> Iterator[Line]:
        for name, (condition, raw) in self.filters().items():
            yield self.line(f"filter {name}", Query("customer", condition, "name"), "ORDER BY sort_key, id", raw)
        condition, raw = self.filters()["one city"]
        yield self.line("filter one city, sort by balance", Query("customer", condition, "balance", descending=True), "ORDER BY balance DESC, id DESC", raw)
        yield self.line("filter one city, sort by owner", Query("customer", condition, "owner"), "ORDER BY sort_key, id", raw)
        condition, raw = self.filters()["four together"]
        yield self.line("filter four together, sort by level", Query("customer", condition, "level"), "ORDER BY level, id", raw)
        for name, condition in (("overdue", Where("overdue", "gt", 0)), ("overdue 300 days", Where("overdue_days", "gt", 300))):
            raw = "overdue > 0" if name == "overdue" else f"oldest_due < '{self.session.today - timedelta(days=300)}'"
            yield self.line(f"filter {name}", Query("customer", condition, "name"), "ORDER BY sort_key, id", raw)

    def far(self) -> Iterator[Line]:
        """Places in the middle: the first time, and the next page there."""
        middle = self.total // 2
        yield self.line("jump to the middle", Query("customer", sort="name"), "ORDER BY sort_key, id", offset=middle)
        yield self.line("jump to the middle, by owner", Query("customer", sort="owner"), "ORDER BY owner_id, id", offset=middle)
        condition, raw = self.filters()["active"]
        count = records.count(self.session, "customer", condition)
        yield self.line("jump to the middle, active", Query("customer", condition, "name"), "ORDER BY sort_key, id", raw, offset=count // 2, total=count)
        yield self.line("the next page there", Query("customer", condition, "name"), "ORDER BY sort_key, id", raw, offset=count // 2, total=count, again=True)
        yield self.line("jump to the middle, active, by level", Query("customer", condition, "level"), "ORDER BY level, id", raw, offset=count // 2, total=count)
        condition, raw = self.filters()["no date"]
        count = records.count(self.session, "customer", condition)
        yield self.line("jump to the middle, no date", Query("customer", condition, "name"), "ORDER BY sort_key, id", raw, offset=count // 2, total=count)
        yield self.line("jump to the middle, by address", Query("customer", sort="address"), "ORDER BY address, id", offset=middle, note="no index")

    def asked_whole(self) -> Iterator[Line]:
        """Ask for counts and sums over everything that matches; nobody waits for them, the rows are there before."""
        for name, condition, raw in (("all", EVERYTHING, ""), *((name, *self.filters()[name]) for name in ("one city", "active", "four together"))):
            where = f"WHERE {raw}" if raw else ""
            yield self.timed(f"count {name}", partial(records.count, self.session, "customer", condition), self.asks(f"SELECT COUNT(*) FROM customer {where}"))
            yield self.timed(f"sums of {name}", partial(records.totals, self.session, "customer", condition),
                             self.asks(f"SELECT COUNT(*), SUM(balance), SUM(prepaid), SUM(overdue) FROM customer {where}"))

    def seen_in_part(self) -> Iterator[Line]:
        yield self.line("open", Query("customer", sort="name"), "ORDER BY sort_key, id")
        yield self.line("sort by balance downwards", Query("customer", sort="balance", descending=True), "ORDER BY balance DESC, id DESC")
        yield self.line("sort by owner", Query("customer", sort="owner"), "ORDER BY sort_key, id")
        for name in ("one city", "four together"):
            condition, raw = self.filters()[name]
            yield self.line(f"filter {name}", Query("customer", condition, "name"), "ORDER BY sort_key, id", raw)
        yield self.line("jump to the middle", Query("customer", sort="name"), "ORDER BY sort_key, id", offset=self.total // 2)
        yield self.timed("count", lambda: records.count(self.session, "customer"), self.asks(f"SELECT COUNT(*) FROM customer WHERE {self.right}"))

    def own(self, name: str) -> Iterator[Line]:
        """By a field of the company's own, which is a column with an index like any other."""
        above = Where(name, "gt", Decimal(900))
        yield self.line("sort by a custom field", Query("customer", sort=name), self.raw_order(name, down=False))
        yield self.line("sort by a custom field downwards, far", Query("customer", sort=name, descending=True), self.raw_order(name, down=True), offset=max(self.total - PAGE, 0))
        yield self.line("filter a custom field", Query("customer", Where(name, "eq", Decimal("7.77")), "name"), "ORDER BY sort_key, id", f"{name} = 777")
        yield self.line("filter above, sort by it", Query("customer", above, name), self.raw_order(name, down=False), f"{name} > 90000")
        yield self.timed("sum of a custom field", partial(records.figures, self.session, "customer", EVERYTHING, name),
                         self.asks(f"SELECT COUNT(*), SUM({name}) FROM customer", f"SELECT COUNT(*) FROM customer WHERE {name} IS NOT NULL"))

    def memory(self) -> Line:
        """As many pages as a list keeps, and all ids as a jump into a filtered list keeps them."""
        listing = of_entity(self.session, "customer")
        columns = [self.spec.fields[name] for name in self.spec.columns]
        before = resident_mb()
        query = Query("customer", Where("id", "gt", 0), "name")
        kept = [made_rows(listing.page(query, number * PAGE, PAGE, self.total), columns, self.session.today) for number in range(40, 40 + KEPT_PAGES)]
        listing.page(query, self.total // 2, PAGE, self.total)
        return Line("memory a list adds", resident_mb() - before, ceiling=80, unit="MB", note=f"{sum(map(len, kept)):,} rows kept")

    # ---- how

    def line(self, name: str, query: Query, raw: str, where: str = "", *, offset: int = 0, total: int | None = None, entity: str = "customer", again: bool = False,
             note: str = "") -> Line:
        """Measure a page of a list; `again` with what the list remembers of an earlier one."""
        listing = of_entity(self.session, entity)
        count = (self.total if total is None else total) if offset else None
        if again:
            listing.page(query, offset, PAGE, count)

        def ours() -> None:
            (listing if again else listing.anew()).page(query, offset + (PAGE if again else 0), PAGE, count)

        return self.timed(name, ours, self.page_floor(raw, " AND ".join(filter(None, (where, self.right))), offset if "DESC" not in raw else 0, entity), note)

    def timed(self, name: str, ours: Callable[[], Any], floor: Callable[[], Any], note: str = "") -> Line:
        return Line(self.label + name, *in_turns(ours, floor), limit=LIMIT, ceiling=UNNOTICED_MS, note=note)

    def asks(self, *texts: str) -> Callable[[], None]:
        def ask() -> None:
            for text in texts:
                self.store.sql(text).fetchall()

        return ask

    def page_floor(self, raw: str, where: str, offset: int, entity: str) -> Callable[[], None]:
        """Return what asks for a page in raw statements."""
        head = f"{f'WHERE {where} ' if where else ''}{raw}"
        spec = self.session.spec(entity)
        columns = ", ".join(str(field.column_name) for name, field in self.session.entity(entity).stored().items() if name in spec.columns)  # type: ignore[attr-defined]
        names = [(field.link, f"{name}_id") for name, field in spec.fields.items() if field.link and name in spec.columns]

        def ask() -> None:
            ids = ", ".join(str(row[0]) for row in self.store.sql(f"SELECT id FROM {entity} {head} LIMIT {PAGE} OFFSET {offset}").fetchall()) or "0"
            self.store.sql(f"SELECT id, version, {columns} FROM {entity} WHERE id IN ({ids})").fetchall()
            for link, column in names:
                self.store.sql(f"SELECT id, sort_key FROM {link} WHERE id IN (SELECT {column} FROM {entity} WHERE id IN ({ids}))").fetchall()

        return ask
