"""Measures what a user waits for, each beside its floor: the least that raw statements need for the same rows in the same run.

Only the ratio holds on another machine. Every figure is the median of several runs.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

from bench.copies import copies
from desktop_crm.domain.conditions import EVERYTHING, Matching, Query, Where
from desktop_crm.models import triggers
from desktop_crm.services import exporting, records, undoing, writing
from desktop_crm.services.session import Session, create_company

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from desktop_crm.domain.catalog import Values

RUNS: Final = 5
SYLLABLES: Final = "华信恒泰东海明远精密机械云栖包装材料锦程国际货运"


def median(work: Callable[[], Any], runs: int = RUNS) -> float:
    """Return the median milliseconds of `runs` calls."""
    times = []
    for _run in range(runs):
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def customers(session: Session, count: int) -> list[Values]:
    """Return `count` invented customers."""
    drawn = random.Random(1)
    return [
        writing.with_defaults(session, "customer", {
            "name": f"{''.join(drawn.choices(SYLLABLES, k=4))}{number}有限公司", "mobile": f"138{drawn.randrange(10**8):08d}",
            "city": drawn.choice(["苏州", "无锡", "宁波"]), "industry": f"行业{drawn.randrange(50)}",
        })
        for number in range(count)
    ]


def insert(session: Session, count: int) -> tuple[float, float]:
    """Measure a bulk insert with history, numbers, search text and sums against one without any of them."""
    rows = customers(session, count)
    begun = time.perf_counter()
    session.write("bench", "bench", lambda: writing.insert_rows(session, "customer", rows))
    ours = (time.perf_counter() - begun) * 1000
    store = session.store
    store.sql("CREATE TABLE bench_floor AS SELECT * FROM customer WHERE 1 = 0")
    for column in ("code", "status", "level", "owner_id", "industry", "credit_code", "mobile", "province", "city", "next_contact", "balance", "sort_key"):
        store.sql(f"CREATE INDEX bench_{column} ON bench_floor ({column})")
    text, values = stored_rows(session, count)
    text = text.replace("INSERT INTO customer ", "INSERT INTO bench_floor ")
    begun = time.perf_counter()
    with store.transaction():
        for start in range(0, count, 500):
            store.many(text, values[start : start + 500])
    floor = (time.perf_counter() - begun) * 1000
    store.sql("DROP TABLE bench_floor")
    return ours, floor


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


def tracing(session: Session, count: int) -> dict[str, tuple[float, float]]:
    """Measure the same statements with history and without: a bulk insert, its undo against the bare deletion, the undo of a mass update."""
    store = session.store
    text, values = stored_rows(session, count)

    def write() -> None:
        for start in range(0, count, 500):
            store.many(text, values[start : start + 500])

    def timed(work: Callable[[], Any]) -> float:
        begun = time.perf_counter()
        work()
        return (time.perf_counter() - begun) * 1000

    def bare(work: Callable[[], None]) -> float:
        with untraced(session), store.transaction():
            return timed(work)

    def delete_new() -> None:
        ids = [int(row[0]) for row in store.sql("SELECT id FROM customer WHERE id > ?", (highest,)).fetchall()]
        session.records.delete(session.entity("customer"), ids)

    highest = int(store.scalar("SELECT COALESCE(MAX(id), 0) FROM customer") or 0)
    plain = bare(write)
    deleted = bare(delete_new)
    sets: list[int | None] = []
    traced = timed(lambda: sets.append(session.write("import", "bench", write).change_set))
    updated = timed(lambda: sets.append(session.write("bench", "bench", lambda: store.sql("UPDATE customer SET city = '上海'")).change_set))
    mass = timed(lambda: undoing.undo(session, sets[1] or 0))
    undone = timed(lambda: undoing.undo(session, sets[0] or 0))
    return {"traced insert": (traced, plain), "undo of a mass update": (mass, updated), "undo of an import": (undone, deleted)}


def lists(session: Session) -> dict[str, tuple[float, float]]:
    """Measure a list's first page, its end, a sort, a filter and searches against the raw statements for the same rows."""
    store = session.store
    total = records.count(session, "customer")
    asked = {
        "open": (Query("customer"), 0, "ORDER BY sort_key, id"),
        "jump to end": (Query("customer"), max(total - 100, 0), "ORDER BY sort_key DESC, id DESC"),
        "sort by city": (Query("customer", sort="city"), 0, "ORDER BY city, id"),
        "filter by city": (Query("customer", Where("city", "eq", "苏州")), 0, "WHERE city = '苏州' ORDER BY sort_key, id"),
        "search 东海": (Query("customer", Matching("东海")), 0, "WHERE search_key LIKE '%东海%' ORDER BY sort_key, id"),
        "search htkj 138": (Query("customer", Matching("htmy 138")), 0, "WHERE search_key LIKE '%htmy%' AND search_key LIKE '%138%' ORDER BY sort_key, id"),
    }
    found = {}
    for name, (query, offset, raw) in asked.items():
        def ours(query: Query = query, offset: int = offset) -> None:
            count = records.count(session, "customer", query.condition)
            records.page(session, query, offset=offset, limit=100, total=count)

        def floor(raw: str = raw) -> None:
            where = raw.split("ORDER BY", maxsplit=1)[0]
            store.sql(f"SELECT COUNT(*) FROM customer {where}").fetchone()
            ids = [row[0] for row in store.sql(f"SELECT id FROM customer {raw} LIMIT 100").fetchall()]
            store.sql(f"SELECT * FROM customer WHERE id IN ({', '.join('?' * len(ids))})", ids).fetchall() if ids else None

        found[name] = (median(ours), median(floor))
    return found


def export(session: Session, folder: Path) -> tuple[float, float]:
    """Measure an export to Excel against the same writer fed with rows that are ready."""
    spec = session.catalog["customer"]
    query = Query("customer", EVERYTHING, columns=spec.columns)
    ours = median(lambda: exporting.export_list(session, query, folder / "ours.xlsx"), runs=1)
    ready = [tuple(spec.fields[name].show(row[name]) for name in spec.columns) for row in records.page(session, query, limit=10**9)]

    def floor() -> None:
        book = xlsxwriter.Workbook(folder / "floor.xlsx", {"constant_memory": True})
        sheet = book.add_worksheet()
        for number, row in enumerate(ready):
            for column, text in enumerate(row):
                sheet.write_string(number, column, text)
        book.close()

    return ours, median(floor, runs=1)


def main(arguments: list[str]) -> int:
    """Run everything and print a table; returns the exit code."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--scale", type=int, default=20000, help="customers")
    parser.add_argument("--url", help="an empty database to measure on, such as mysql://root@127.0.0.1/bench; a temporary SQLite file without it")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        session = create_company(options.url or str(folder / "bench.sqlite3"), admin="bench")
        found = {
            **tracing(session, options.scale), "bulk insert": insert(session, options.scale), **lists(session), "export to Excel": export(session, folder),
            **copies(session, folder),
        }
        session.close()
    rows = {name: {"ms": round(ours, 1), "floor_ms": round(floor, 1), "ratio": round(ours / max(floor, 0.001), 2)} for name, (ours, floor) in found.items()}
    print(f"{'measured':24}{'ms':>12}{'floor':>12}{'ratio':>8}   ({options.scale} customers)")
    for label, row in rows.items():
        print(f"{label:24}{row['ms']:>12}{row['floor_ms']:>12}{row['ratio']:>8}")
    if options.json:
        options.json.write_text(json.dumps({"scale": options.scale, "measured": rows}, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
