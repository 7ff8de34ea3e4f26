"""Document numbers: given out by rule where none was typed, without gaps from two people asking at once."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from desktop_crm.domain.numbering import format_number, period_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Values
    from desktop_crm.services.session import Session

ASKED: Final = 500
"""Numbers looked up in one query."""


def assign_numbers(session: Session, spec: EntitySpec, rows: Sequence[Values]) -> None:
    """Give a number to every row that has none, in their order; call it inside the change set that writes them."""
    for field in spec.fields.values():
        if not field.rule:
            continue
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
    held = " FOR UPDATE" if store.mysql else ""
    asked = f"SELECT value FROM counter WHERE name = ?{held}"
    found = store.scalar(asked, (name,))
    if found is None:
        # Somebody else may begin the same year in this moment.
        store.sql(f"INSERT {'IGNORE' if store.mysql else 'OR IGNORE'} INTO counter (name, value) VALUES (?, 0)", (name,))
        found = store.scalar(asked, (name,))
    last = int(found)
    table = session.entity(spec.name).table
    waiting = list(rows)
    while waiting:
        numbers = [format_number(field.rule, document_date(session, field, row), last + place) for place, row in enumerate(waiting[:ASKED], 1)]
        last += len(numbers)
        marks = ", ".join("?" * len(numbers))
        taken = {row[0] for row in store.sql(f"SELECT `{field.name}` FROM `{table}` WHERE `{field.name}` IN ({marks})", numbers).fetchall()}
        free = [number for number in numbers if number not in taken]
        for row, number in zip(waiting, free, strict=False):
            row[field.name] = number
        waiting = waiting[len(free):]
    store.sql("UPDATE counter SET value = ? WHERE name = ?", (last, name))
