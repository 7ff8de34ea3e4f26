"""A list on paper as it is shown: its rows in its order, the columns that are shown, the sums under it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.reports import Report, Row
from desktop_crm.services import records

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.domain.conditions import Query
    from desktop_crm.services.session import Session

AT_ONCE: Final = 500
MOST_ROWS: Final = 20_000
"""Rows of a list on paper, about 500 sheets; more are no list to be read."""


def list_report(session: Session, query: Query, step: Callable[[int, int], None]) -> Report:
    """Return a list as a table for paper; raises UserError where it is too long for one, and whatever `step` raises."""
    spec = session.spec(query.entity)
    total = records.count(session, query.entity, query.condition)
    if total > MOST_ROWS:
        raise UserError(_("A list of {count} rows is too long for paper; at most {most} are printed. Filter the list first").format(count=f"{total:,}", most=f"{MOST_ROWS:,}"))
    columns = tuple(spec.fields[name] for name in query.columns if name in spec.fields)
    asked = replace(query, columns=tuple(field.name for field in columns))
    rows: list[Row] = []
    for offset in range(0, total, AT_ONCE):
        rows += [Row(values) for values in records.page(session, asked, offset=offset, limit=AT_ONCE, total=total)]
        step(len(rows), total)
    sums = records.totals(session, query.entity, query.condition)
    totals = {field.name: sums[field.name] for field in columns if field.name in spec.totals}
    count = _("{count} records").format(count=f"{total:,}")
    return Report(query.entity, spec.label, {"date": session.today}, columns, rows, totals, notes=(count,))
