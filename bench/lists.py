"""Lists: the first page, the end, a sort and a filter, each beside the raw statements for the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.house import Ground, Line, in_turns
from desktop_crm.domain.conditions import Query, Where
from desktop_crm.services import records

if TYPE_CHECKING:
    from collections.abc import Iterator


def measure(ground: Ground) -> Iterator[Line]:
    """Measure the list of customers."""
    session = ground.session
    total = records.count(session, "customer")
    asked = {
        "open": (Query("customer"), 0, "ORDER BY sort_key, id"),
        "jump to the end": (Query("customer"), max(total - 100, 0), "ORDER BY sort_key DESC, id DESC"),
        "sort by city": (Query("customer", sort="city"), 0, "ORDER BY city, id"),
        "filter by city": (Query("customer", Where("city", "eq", "苏州")), 0, "WHERE city = '苏州' ORDER BY sort_key, id"),
    }
    for name, (query, offset, raw) in asked.items():
        def floor(raw: str = raw) -> None:
            ids = [row[0] for row in session.store.sql(f"SELECT id FROM customer {raw} LIMIT 100").fetchall()]
            session.store.sql(f"SELECT * FROM customer WHERE id IN ({', '.join('?' * len(ids))})", ids).fetchall()

        def ours(query: Query = query, offset: int = offset) -> None:
            records.page(session, query, offset=offset, limit=100, total=total)

        yield Line(name, *in_turns(ours, floor), limit=3, ceiling=100)
