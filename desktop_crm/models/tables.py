"""A company's tables as rows of plain values: what an archive keeps, in one order and one spelling on every engine.

Everything that is in the database is kept, whether this program declares it or not, but for what is made anew from it.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.models.migrate import COPYING, HISTORY
from desktop_crm.models.registry import REGISTER, column_name
from desktop_crm.models.schema import is_mysql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from desktop_crm.models.database import Store

ROWS: Final = 2000
MADE_ANEW: Final = frozenset({"visibility", "open_change_set", "search_pending", "search_posting", "search_place", HISTORY, COPYING})
"""Tables that are worked out from the others, or belong to one database and not to the company."""


@dataclass(frozen=True)
class TableFacts:
    """What is known of a table's content: the columns kept, the rows, their text's length in bytes and SHA-256.

    `last_id` is the highest id that ever was, `sums` the total of each amount of money in minor units.
    """

    columns: tuple[str, ...]
    rows: int
    bytes: int
    sha256: str
    last_id: int
    sums: dict[str, int]


def table_names(store: Store) -> list[str]:
    """Return the tables to keep."""
    store.connect()
    if store.mysql:
        found = store.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'").fetchall()
    else:
        found = store.sql("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'").fetchall()
    return sorted({row[0] for row in found} - MADE_ANEW)


def kept_columns(store: Store, table: str) -> tuple[str, ...]:
    """Return the columns of a table but those the database works out, ``id`` first and the rest by name."""
    if is_mysql(store.db):
        rows = store.sql(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? AND extra NOT LIKE '%GENERATED%'", (table,)
        ).fetchall()
        names = [row[0] for row in rows]
    else:
        names = [row[1] for row in store.sql(f"PRAGMA table_xinfo(`{table}`)").fetchall() if row[6] == 0]
    return tuple(sorted(names, key=lambda name: (name != "id", name)))


def count_rows(store: Store, table: str) -> int:
    """Return the number of rows."""
    return int(store.scalar(f"SELECT COUNT(*) FROM `{table}`") or 0)


def pages(store: Store, table: str, columns: Sequence[str]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows in parts, by id; a table without ids by all of its columns."""
    listed = ", ".join(f"`{column}`" for column in columns)
    if "id" in columns:
        place, last = list(columns).index("id"), None
        while True:
            where, parameters = ("WHERE id > ?", (last,)) if last is not None else ("", ())
            rows = store.sql(f"SELECT {listed} FROM `{table}` {where} ORDER BY id LIMIT {ROWS}", parameters).fetchall()
            if not rows:
                return
            yield rows
            last = rows[-1][place]
    start = 0
    while True:
        rows = store.sql(f"SELECT {listed} FROM `{table}` ORDER BY {listed} LIMIT {ROWS} OFFSET {start}").fetchall()
        if not rows:
            return
        yield rows
        start += len(rows)


def _as_text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(repr(value))


_line = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False, allow_nan=False, default=_as_text).encode


def as_lines(rows: Sequence[Sequence[Any]]) -> bytes:
    """Return rows as text: a JSON array a line, of whole numbers, texts and null."""
    return ("\n".join(map(_line, rows)) + "\n").encode()


def digest(store: Store, table: str, columns: Sequence[str], take: Callable[[bytes, int], None]) -> tuple[int, int, str]:
    """Return the rows, bytes and SHA-256 of a table's text, passing it on to `take(text, rows)` piece by piece."""
    seal, rows, length = hashlib.sha256(), 0, 0
    for page in pages(store, table, columns):
        text = as_lines(page)
        seal.update(text)
        rows += len(page)
        length += len(text)
        take(text, len(page))
    return rows, length, seal.hexdigest()


def money_sums(store: Store, table: str) -> dict[str, int]:
    """Return the total in minor units of each amount of money that is a column of the table, worked out ones included."""
    entry = next((entry for entry in store.entities.values() if entry.table == table), None)
    if entry is None:
        return {}
    there = all_columns(store, table)
    names = [column_name(field) for field in entry.stored().values() if field.kind.name == "money" and column_name(field) in there]
    return sums(store, table, names)


def sums(store: Store, table: str, columns: Sequence[str]) -> dict[str, int]:
    """Return the total of each of some columns of whole numbers."""
    if not columns:
        return {}
    listed = ", ".join(f"COALESCE(SUM(`{column}`), 0)" for column in columns)
    row = store.sql(f"SELECT {listed} FROM `{table}`").fetchone()
    return {column: int(total) for column, total in zip(columns, row, strict=True)}


def all_columns(store: Store, table: str) -> set[str]:
    """Return the names of all columns of a table."""
    if store.mysql:
        rows = store.sql("SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?", (table,)).fetchall()
        return {row[0] for row in rows}
    return {row[1] for row in store.sql(f"PRAGMA table_xinfo(`{table}`)").fetchall()}


def last_id(store: Store, table: str) -> int:
    """Return the highest id a record of the table ever had, deleted ones included; 0 where it has none."""
    found = [int(store.scalar(f"SELECT MAX(id) FROM `{table}`") or 0)]
    entry = next((entry for entry in REGISTER.values() if entry.table == table), None)
    if entry is not None:
        found.append(int(store.scalar("SELECT MAX(record_id) FROM `change` WHERE entity = ?", (entry.name,)) or 0))
    if store.mysql:
        made = re.search(r"\bAUTO_INCREMENT=(\d+)", str(store.sql(f"SHOW CREATE TABLE `{table}`").fetchone()[1]))
        found.append(int(made[1]) - 1 if made else 0)
    elif store.scalar("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'"):
        found.append(int(store.scalar("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)) or 0))
    return max(found)


def continue_ids(store: Store, table: str, last: int) -> None:
    """Make new records of the table take ids above `last`: a deleted record's history must not become another's."""
    if store.mysql:
        store.sql(f"ALTER TABLE `{table}` AUTO_INCREMENT = {last + 1}")
    elif last:
        store.sql("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        store.sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, last))
