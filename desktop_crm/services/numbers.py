"""Document numbers: given out by rule where none was typed, without gaps from two people asking at once."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from desktop_crm.domain.numbering import around_number, format_number, period_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Values
    from desktop_crm.models.database import Store
    from desktop_crm.models.engines import Answer, Statement
    from desktop_crm.services.session import Session

ASKED: Final = 500
"""Numbers looked up in one query."""


def assign_numbers(session: Session, spec: EntitySpec, rows: Sequence[Values]) -> None:
    """Give a number to every row that has none, in their order; call it inside the change set that writes them."""
    for field in spec.numbered_fields:
        waiting: dict[str, list[Values]] = defaultdict(list)
        for row in rows:
            if not row.get(field.name):
                waiting[period_key(field.rule, document_date(session, field, row))].append(row)
        for period, unnumbered in waiting.items():
            _give(session, spec, field, period, unnumbered)


def document_date(session: Session, field: FieldSpec, row: Values) -> date:
    """Return the date a row's number counts on: that of its document, today where it has none yet."""
    dated = row.get(field.dated_by) if field.dated_by else None
    if isinstance(dated, datetime):
        return dated.astimezone().date()
    return dated or session.today


def _give(session: Session, spec: EntitySpec, field: FieldSpec, period: str, rows: Sequence[Values]) -> None:
    """Give numbers to `rows` from the counter of `period`, stepping over numbers somebody typed by hand."""
    store, name = session.store, f"{spec.name}.{field.name}.{period}"
    table = session.entity(spec.name).table
    waiting = list(rows)
    while waiting:
        asked = waiting[:ASKED]
        days = [document_date(session, field, row) for row in asked]
        if len(asked) == 1:
            last, used = _next(session, name, table, field, days[0])
            free = [] if used else [format_number(field.rule, days[0], last)]
        else:
            last = _advance(store, name, len(asked)) - len(asked)
            numbers = [format_number(field.rule, day, last + place) for place, day in enumerate(days, 1)]
            marks = ", ".join("?" * len(numbers))
            taken = {row[0] for row in store.sql(f"SELECT `{field.name}` FROM `{table}` WHERE `{field.name}` IN ({marks})", numbers).fetchall()}
            free = [number for number in numbers if number not in taken]
        for row, number in zip(waiting, free, strict=False):
            row[field.name] = number
        waiting = waiting[len(free):]


def _next(session: Session, name: str, table: str, field: FieldSpec, day: date) -> tuple[int, bool]:
    """Move a counter on by one, hold it until the transaction ends, and return where it stands and whether somebody typed that number; one way to a server and back."""
    store, reserved = session.store, session.records.reserved.pop(name, None)
    if reserved is not None:
        return reserved
    for _turn in range(2):
        if store.mysql:
            found = _taken(*store.together(*_asking(name, table, field, day)))
        else:
            before, places, behind = around_number(field.rule, day)
            used = f"EXISTS (SELECT 1 FROM `{table}` t WHERE t.`{field.name}` = ? || printf('%0*d', ?, counter.value) || ?)"
            found = store.sql(f"UPDATE counter SET value = value + 1 WHERE name = ? RETURNING value, {used}", (name, before, places, behind), aside=True).fetchone()
        if found is not None:
            return int(found[0]), bool(found[1])
        _begin(store, name)
    raise KeyError(name)


def _asking(name: str, table: str, field: FieldSpec, day: date) -> tuple[Statement, Statement]:
    """Return what a server is asked for the next number and for whether it is used."""
    number = "CONCAT(?, LPAD(LAST_INSERT_ID(), GREATEST(?, CHAR_LENGTH(LAST_INSERT_ID())), '0'), ?)"
    return (
        ("UPDATE counter SET value = LAST_INSERT_ID(value + 1) WHERE name = ?", (name,)),
        (f"SELECT EXISTS (SELECT 1 FROM `{table}` t WHERE t.`{field.name}` = {number})", around_number(field.rule, day)),
    )


def _taken(moved: Answer, used: Answer) -> tuple[int, bool] | None:
    """Return where the counter stands and whether its number is used; None where there is no counter yet."""
    return (moved.added, bool(used.rows[0][0])) if moved.changed else None


def reserving(session: Session, spec: EntitySpec, values: Values) -> tuple[list[Statement], Callable[[Sequence[Answer]], None]]:
    """Return what a server may be asked early for the number of a new record, and what keeps the answers for `assign_numbers`."""
    names: list[str] = []
    asked: list[Statement] = []
    for field in spec.numbered_fields:
        if not values.get(field.name):
            day = document_date(session, field, values)
            names.append(f"{spec.name}.{field.name}.{period_key(field.rule, day)}")
            asked += _asking(names[-1], session.entity(spec.name).table, field, day)

    def keep(answers: Sequence[Answer]) -> None:
        found = map(_taken, answers[::2], answers[1::2])
        session.records.reserved.update((name, one) for name, one in zip(names, found, strict=True) if one is not None)

    return asked, keep


def _advance(store: Store, name: str, count: int) -> int:
    """Move a counter on by `count`, hold it until the transaction ends, and return where it stands then; one statement, but for its first time."""
    for _turn in range(2):
        if store.mysql:
            cursor = store.sql("UPDATE counter SET value = LAST_INSERT_ID(value + ?) WHERE name = ?", (count, name))
            if cursor.rowcount:
                return int(cursor.lastrowid)
        else:
            row = store.sql("UPDATE counter SET value = value + ? WHERE name = ? RETURNING value", (count, name), aside=True).fetchone()
            if row is not None:
                return int(row[0])
        _begin(store, name)
    raise KeyError(name)


def _begin(store: Store, name: str) -> None:
    """Begin a counter, unless somebody else does in this moment."""
    store.sql(f"INSERT {'IGNORE' if store.mysql else 'OR IGNORE'} INTO counter (name, value) VALUES (?, 0)", (name,))
