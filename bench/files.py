"""Excel: a list imported and a list written, each beside raw means for the same rows and columns."""

from __future__ import annotations

import random
import resource
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from python_calamine import CalamineWorkbook
from rustpy_xlsxwriter import FastExcel

from bench.house import Ground, Line, in_turns, milliseconds, resident_mb
from desktop_crm.domain.conditions import EVERYTHING, Query
from desktop_crm.services import exporting, importing, records
from desktop_crm.services.workbooks.writer import ColumnOut

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from desktop_crm.models.database import Store
    from desktop_crm.services.session import Session

RUNS: Final = 3
COLUMNS: Final = (
    "name", "code", "status", "level", "industry", "credit_code", "contact_person", "mobile", "phone", "email", "province", "city", "address",
    "credit_limit", "next_contact", "note",
)  # fmt: skip
SYLLABLES: Final = "华信恒泰东海明远精密锦程云栖鑫盛达利源丰宏图嘉禾新兴百汇天成金龙永安博瑞科创联合众诚"
SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗曾查单仇区"
CODE_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def measure(ground: Ground) -> Iterator[Line]:
    """Measure an import and an export of as many customers as the company has."""
    yield from importing_lines(ground)
    yield from exporting_lines(ground)


def invented(count: int) -> Iterator[list[object]]:
    """Yield rows of COLUMNS as an office's list has them."""
    drawn = random.Random(7)
    places = (("江苏", "苏州"), ("江苏", "无锡"), ("浙江", "宁波"), ("广东", "深圳"), ("上海", "上海"))
    for number in range(1, count + 1):
        province, city = drawn.choice(places)
        yield [
            f"{city}{''.join(drawn.choices(SYLLABLES, k=4))}{number}{drawn.choice(('科技', '贸易', '机械设备', '包装材料'))}有限公司", f"C{number:07d}",
            drawn.choice(("新客户", "洽谈中", "正式客户")), Decimal(drawn.randint(1, 5)), f"行业{drawn.randrange(40)}", _credit_code(number),
            drawn.choice(SURNAMES) + "".join(drawn.choices(SYLLABLES, k=drawn.randint(1, 2))), f"13{drawn.randrange(10**9):09d}",
            f"0{drawn.randint(510, 519)}-8{drawn.randrange(10**7):07d}", f"a{number}@example.com", province, city,
            f"{province}{city}{drawn.choice(SYLLABLES)}{drawn.choice(SYLLABLES)}路{drawn.randint(1, 999)}号", Decimal(drawn.randrange(10**8)) / 100,
            date(2026, 1, 1) + timedelta(days=drawn.randrange(365)), "老客户介绍，账期要跟紧" if number % 5 == 0 else None,
        ]  # fmt: skip


def _credit_code(number: int) -> str:
    base = f"91320500MA{number:07d}"
    total = sum(CODE_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(base))
    return base + CODE_SIGNS[-total % 31]


def importing_lines(ground: Ground) -> Iterator[Line]:
    """Import into an empty company, beside a bare reader and bare inserts into a table with the same columns and indexes.

    The floor puts the name itself into the column lists are sorted by: an index over nothing but empty texts would cost it nothing.
    """
    path = ground.folder / "list.xlsx"
    fields = ground.session.catalog["customer"].fields
    exporting.export_rows(path, [ColumnOut(fields[name].title, exporting.column_of(fields[name]).kind) for name in COLUMNS], invented(ground.scale))
    runs: list[list[float]] = [[], [], []]
    for _run in range(RUNS if ground.scale <= 100_000 else 1):  # noqa: PLR2004 - a million take minutes
        with ground.empty() as session:
            runs[1].append(milliseconds(lambda session=session: _bare_import(session.store, path)))  # type: ignore[misc]
            runs[2].append(milliseconds(lambda session=session: importing.open_source(session, "customer", path)))  # type: ignore[misc]
            runs[0].append(milliseconds(lambda session=session: _import(session, path)))  # type: ignore[misc]
    ours, floor, reading = (sorted(times)[len(times) // 2] for times in runs)
    yield Line("import", ours, floor, limit=1 / 0.3, note=f"{ground.scale:,} rows of {len(COLUMNS)}, opened, matched, checked, traced, searchable")
    yield Line("  of it opening the file", reading)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    yield Line("  memory now", resident_mb(), unit="MB", note=f"the reading process took {peak:,.0f} MB at most")


def _import(session: Session, path: Path) -> None:
    source = importing.open_source(session, "customer", path)
    done = importing.run_import(session, source, importing.Options(importing.mapping_of(importing.guess_mapping(session, source)))).result
    if done.added != done.rows:
        raise AssertionError(done.problems[:3])


def _bare_import(store: Store, path: Path) -> None:
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    others = ("short_name", "source", "website", "wechat", "fax", "country", "district", "postal_code", "payment_terms", "tags", "search_key", "custom")
    same = (1, 1, 1, *("" for _one in others))
    # The driver of the server puts rows into one statement only where all values are parameters; in a file a constant is cheaper.
    constants = ", ".join("?" if store.mysql else repr(one) for one in same)
    text = (
        f"INSERT INTO bench_floor ({', '.join((*COLUMNS, 'sort_key', 'version', 'created_at', 'updated_at', *others))}) "
        f"VALUES ({', '.join('?' * len(COLUMNS))}, ?, {constants})"
    )
    added = same if store.mysql else ()
    if store.mysql:
        store.sql("CREATE TABLE bench_floor LIKE customer")
    else:
        made = store.scalar("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'customer'")
        store.sql(made.replace("customer", "bench_floor", 1))
        for (index,) in store.sql("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'customer' AND sql IS NOT NULL").fetchall():
            store.sql(index.replace("customer", "bench_floor"))
    step = 2000 if store.mysql else 500
    with store.transaction():
        for start in range(1, len(rows), step):
            store.many(text, [(*(None if cell == "" and place in {3, 13, 14} else cell for place, cell in enumerate(row)), row[0], *added) for row in rows[start : start + step]])
    store.sql("DROP TABLE bench_floor")


def exporting_lines(ground: Ground) -> Iterator[Line]:
    """Write the company's list, beside the fastest writer that keeps types, fed with rows that are ready."""
    session, folder = ground.session, ground.folder
    spec = session.catalog["customer"]
    query = Query("customer", EVERYTHING, columns=spec.columns)
    fields = [spec.fields[name] for name in spec.columns]
    ready: list[dict[str, Any]] = []
    for start in range(0, ground.scale, 5000):
        for row in records.page(session, query, offset=start, limit=5000):
            cells = [exporting.cell_of(field, row[field.name]) for field in fields]
            ready.append({field.name: float(cell) if isinstance(cell, Decimal) else cell for field, cell in zip(fields, cells, strict=True)})
    before = resident_mb()
    exporting.export_list(session, query, folder / "ours.xlsx")
    taken = resident_mb() - before
    runs = RUNS if ground.scale <= 100_000 else 1  # noqa: PLR2004 - a million take a minute
    ours, floor = in_turns(
        lambda: exporting.export_list(session, query, folder / "ours.xlsx"), lambda: FastExcel(str(folder / "floor.xlsx")).sheet("S", ready).save(), runs=runs
    )
    yield Line("export to Excel", ours, floor, limit=1 / 0.6, note=f"{ground.scale:,} rows of {len(fields)}")
    yield Line("  memory it adds", taken, unit="MB")
    with closing((folder / "ours.csv").open("w")):
        ours, _none = in_turns(lambda: exporting.export_list(session, query, folder / "ours.csv"), lambda: None, runs=1)
    yield Line("export to CSV", ours)
