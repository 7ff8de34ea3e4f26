"""What history costs: bulk statements with and without it, and taking them back."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from bench.house import Ground, Line, milliseconds
from desktop_crm.models import triggers
from desktop_crm.services import undoing, writing
from desktop_crm.services.sample import Inventor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

MOST: Final = 100_000
INDEXED: Final = ("code", "status", "level", "owner_id", "industry", "credit_code", "mobile", "province", "city", "next_contact", "balance", "sort_key")


def measure(ground: Ground) -> Iterator[Line]:
    """Measure in an empty company, with as many customers as the scale says, 100,000 at most."""
    count = min(ground.scale, MOST)
    with ground.empty() as session:
        yield from tracing(session, count)
        yield insert(session, count)


def customers(session: Session, count: int) -> list[Values]:
    """Return `count` invented customers."""
    maker = Inventor(1, session.today)
    return [writing.with_defaults(session, "customer", {**maker.company(), "mobile": maker.mobile()}) for _number in range(count)]


def stored_rows(session: Session, count: int) -> tuple[str, list[tuple[Any, ...]]]:
    """Return the statement that inserts customers, and `count` rows of values ready for it."""
    entry = session.entity("customer")
    written = entry.written()
    columns = [str(field.column_name) for field in written.values()]  # type: ignore[attr-defined]
    text = f"INSERT INTO customer ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    now = session.now
    full = [session.records.completed(entry, {"version": 1, "created_at": now, "updated_at": now, **row}) for row in customers(session, count)]
    return text, [tuple(field.to_database(row.get(name)) for name, field in written.items()) for row in full]


@contextmanager
def untraced(session: Session) -> Iterator[None]:
    """Take the triggers that write history off meanwhile; those that keep sums stay."""
    for name, _sql in list(triggers.present(session.store)):
        if name.startswith("trace_"):
            session.store.sql(f"DROP TRIGGER `{name}`")
    try:
        yield
    finally:
        triggers.rebuild(session.store)


def tracing(session: Session, count: int) -> Iterator[Line]:
    """Measure the same statements with history and without: a bulk insert, its undo against the bare deletion, the undo of a mass update."""
    store = session.store
    text, values = stored_rows(session, count)

    def write() -> None:
        for start in range(0, count, 500):
            store.many(text, values[start : start + 500])

    def bare(work: Any) -> float:
        with untraced(session), store.transaction():
            return milliseconds(work)

    def delete_new() -> None:
        ids = [int(row[0]) for row in store.sql("SELECT id FROM customer WHERE id > ?", (highest,)).fetchall()]
        session.records.delete(session.entity("customer"), ids)

    highest = int(store.scalar("SELECT COALESCE(MAX(id), 0) FROM customer") or 0)
    plain = bare(write)
    deleted = bare(delete_new)
    sets: list[int | None] = []
    traced = milliseconds(lambda: sets.append(session.write("import", "bench", write).change_set))
    updated = milliseconds(lambda: sets.append(session.write("bench", "bench", lambda: store.sql("UPDATE customer SET city = '上海'")).change_set))
    mass = milliseconds(lambda: undoing.undo(session, sets[1] or 0))
    undone = milliseconds(lambda: undoing.undo(session, sets[0] or 0))
    yield Line("traced insert", traced, plain, limit=2.5, note=f"{count:,} rows")
    yield Line("undo of a mass update", mass, updated)
    yield Line("undo of an import", undone, deleted)


def insert(session: Session, count: int) -> Line:
    """Measure a bulk insert with history, numbers, search text and sums against one without any of them."""
    rows = customers(session, count)
    ours = milliseconds(lambda: session.write("bench", "bench", lambda: writing.insert_rows(session, "customer", rows)))
    store = session.store
    store.sql("CREATE TABLE bench_floor AS SELECT * FROM customer WHERE 1 = 0")
    for column in INDEXED:
        store.sql(f"CREATE INDEX bench_{column} ON bench_floor ({column})")
    text, values = stored_rows(session, count)
    text = text.replace("INSERT INTO customer ", "INSERT INTO bench_floor ")

    def bare() -> None:
        with store.transaction():
            for start in range(0, count, 500):
                store.many(text, values[start : start + 500])

    floor = milliseconds(bare)
    store.sql("DROP TABLE bench_floor")
    return Line("bulk insert", ours, floor, note=f"{count:,} rows")
