"""Document numbers: given out by rule where none was typed, without gaps from two people asking at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Values
from desktop_crm.domain.numbering import format_number, period_key

if TYPE_CHECKING:
    from desktop_crm.services.session import Session


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
    """Number `rows` from the counter of `period`, stepping over numbers somebody typed by hand."""
    store, name = session.store, f"{spec.name}.{field.name}.{period}"
    held = " FOR UPDATE" if store.mysql else ""
    if store.scalar("SELECT COUNT(*) FROM counter WHERE name = ?", (name,)) == 0:
        store.sql("INSERT INTO counter (name, value) VALUES (?, 0)", (name,))
    last = int(store.scalar(f"SELECT value FROM counter WHERE name = ?{held}", (name,)))
    table, column = session.entity(spec.name).table, field.name
    for row in rows:
        while True:
            last += 1
            number = format_number(field.rule, document_date(session, field, row), last)
            if not store.scalar(f"SELECT COUNT(*) FROM `{table}` WHERE `{column}` = ?", (number,)):
                break
        row[field.name] = number
    store.sql("UPDATE counter SET value = ? WHERE name = ?", (last, name))
