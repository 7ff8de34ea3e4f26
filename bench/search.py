"""Typing in the search box: the first hits beside what a perfect index would cost, which knows their ids and has only to read them.

Then what the index costs: where records are added, when it is made, and on the disk.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from bench.house import Ground, Line, in_turns, milliseconds
from desktop_crm.domain.conditions import EVERYTHING, Condition, Matching, Query, Where, both
from desktop_crm.domain.text import initials, pinyin_full
from desktop_crm.models import search_index
from desktop_crm.models.registry import entity
from desktop_crm.services import records, search, writing
from desktop_crm.services.sample import Inventor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.domain.catalog import Values
    from desktop_crm.models.database import Store
    from desktop_crm.services.session import Session

AIM_MS: Final = 100
ADDED: Final = 10_000


def measure(ground: Ground) -> Iterator[Line]:
    """Measure searches of the customers, as somebody who sees all and as somebody of the sales department."""
    session = ground.session
    if search.index_due(session):
        made = milliseconds(lambda: search.tend_index(session, step=lambda _done, _total: None))
        yield Line("index made for the whole company", made)
    asked = texts(session, ground.scale)
    for name, text in asked.items():
        yield first_hits(session, f"{name}: {text}", text)
    seller, city = ground.seller(), Where("city", "eq", "苏州")
    for name in ("two characters", "two frequent characters", "phone, a part"):
        yield first_hits(seller, f"{name}, own customers: {asked[name]}", asked[name])
        yield first_hits(session, f"{name}, one city: {asked[name]}", asked[name], city)
        yield first_hits(seller, f"{name}, own in one city: {asked[name]}", asked[name], city)
    for who, label in ((session, ""), (seller, ", own customers")):
        yield first_hits(who, f"two frequent characters, by city{label}: {asked['two frequent characters']}", asked["two frequent characters"], sort="city")
    for name in ("two characters", "two frequent characters"):
        yield Line(f"{name}, counted", milliseconds(lambda name=name: records.count(session, "customer", Matching(asked[name]))))  # type: ignore[misc]
    yield from costs(session)


def texts(session: Session, scale: int) -> dict[str, str]:
    """Return what is typed, taken from a customer in the middle of the table."""
    names = ["name", "short_name", "mobile", "code", "city", "contact_person"]
    (one,) = session.records.rows(session.entity("customer"), [max(scale // 2, 1)], names)
    short, mobile = one["short_name"], one["mobile"]
    return {
        "two characters": short[:2], "two frequent characters": one["city"][:2], "the whole name": one["name"], "one character": short[:1],
        "phone, a part": mobile[3:9], "phone, three figures": mobile[4:7], "code, a part": one["code"][-4:], "initials": initials(short) + "kj",
        "two initials": initials(one["contact_person"])[:2], "full pinyin": pinyin_full(short), "pinyin, begun": pinyin_full(short)[:4],
        "mixed": f"{short[:2]} {mobile[:3]}", "frequent together": f"{one['city'][:2]} {mobile[:3]}", "nowhere": "龘靐", "nowhere, Latin": "qqzzq",
        "each somewhere, never together": f"{one['city'][:2]} {'宁波' if one['city'] != '宁波' else '苏州'}市",
    }  # fmt: skip


def first_hits(session: Session, name: str, text: str, filtered: Condition = EVERYTHING, sort: str = "") -> Line:
    """Measure the first page of a search, in the order of names where no other is given."""
    query = Query("customer", both(Matching(text), filtered), sort)
    ids = [row["id"] for row in records.page(session, query)]
    entry = session.entity("customer")
    columns = ", ".join(f"`{name}`" for name in ("id", "name", "status", "level", "owner_id", "industry", "city", "balance", "next_contact", "mobile", "phone", "code"))
    read = f"SELECT {columns} FROM `{entry.table}` WHERE id IN ({', '.join('?' * len(ids)) or '0'})"
    ours, floor = in_turns(lambda: records.page(session, query), lambda: session.store.sql(read, ids).fetchall())
    return Line(name, ours, floor, ceiling=AIM_MS, note=f"{len(ids)} hits")


def costs(session: Session) -> Iterator[Line]:
    """Measure what the index costs who adds records, and the disk."""
    maker = Inventor(11, session.today)
    entry, store = session.entity("customer"), session.store
    rows = [writing.with_defaults(session, "customer", {**maker.company(), "code": f"N{number}", "mobile": maker.mobile()}) for number in range(ADDED)]
    _added(session, rows[:200], gone=True)
    with_index, made = _added(session, rows)
    tended = milliseconds(lambda: search.tend_index(session, step=lambda _done, _total: None))
    session.write("bench", "bench", lambda: session.records.delete(entry, made))
    with _without(store):
        without, _none = _added(session, rows, gone=True)
    yield Line(f"add {ADDED:,} customers, pending for the index", with_index, without)
    yield Line(f"add {ADDED:,} customers, taken into the index as well", with_index + tended, without)
    size, whole = _size(store, "search_posting"), _size(store, "customer")
    yield Line("index of all entities on the disk, beside the customers", size, whole, unit="MB")


def _added(session: Session, rows: list[Values], *, gone: bool = False) -> tuple[float, list[int]]:
    """Add rows and return how long that took, and their ids; with `gone` they are deleted again afterwards."""
    made: list[int] = []

    def add() -> None:
        made.extend(session.write("bench", "bench", lambda: session.records.insert(session.entity("customer"), rows, session.now)).result)

    took = milliseconds(add)
    if gone:
        session.write("bench", "bench", lambda: session.records.delete(session.entity("customer"), made))
    return took, made


@contextmanager
def _without(store: Store) -> Iterator[None]:
    """Take the triggers that tell the index off meanwhile; what is added must be gone again at the end, so that the index stays whole."""
    asked = search_index.triggers(entity("customer"), mysql=store.mysql)
    for name in asked:
        store.sql(f"DROP TRIGGER `{name}`")
    try:
        yield
    finally:
        for text in asked.values():
            store.sql(text)


def _size(store: Store, table: str) -> float:
    """Return the megabytes a table takes, its indexes not counted."""
    if store.mysql:
        store.sql(f"ANALYZE TABLE `{table}`").fetchall()
        found: Any = store.scalar("SELECT data_length FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?", (table,))
    else:
        found = store.scalar("SELECT SUM(pgsize) FROM dbstat WHERE name = ?", (table,))
    return float(found or 0) / 1_000_000
