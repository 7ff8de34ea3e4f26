"""What is done with a hundred thousand rows at once: copied, summed, changed and taken back.

The floors: raw rows joined to text; the raw sum; one raw UPDATE with the same triggers, and the same again for the way back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bench.house import Ground, Line, in_turns, milliseconds
from desktop_crm.domain.conditions import Query, Where
from desktop_crm.models.registry import column_name
from desktop_crm.services import records, undoing
from desktop_crm.services.exporting import texts
from desktop_crm.services.listing import of_entity
from desktop_crm.ui.kit.blocks import texts_block

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST: Final = 100_000


def measure(ground: Ground) -> Iterator[Line]:
    """Measure with the first 100,000 customers."""
    session, store = ground.session, ground.session.store
    condition = Where("id", "le", MOST)
    count = records.count(session, "customer", condition)
    note = f"{count:,} rows"
    spec, entry = session.spec("customer"), session.entity("customer")
    query = Query("customer", condition, "name", columns=tuple(spec.columns))
    columns = ", ".join(column_name(entry.fields[name]) for name in spec.columns if name in entry.stored())

    def copied() -> str:
        return texts_block([row for part in texts(session, of_entity(session, "customer"), query, [(0, count - 1)], count) for row in part])

    def raw() -> str:
        rows = store.sql(f"SELECT {columns} FROM customer WHERE id <= {MOST} ORDER BY sort_key, id").fetchall()
        return "\n".join("\t".join(map(str, row)) for row in rows)

    yield Line("copy", *in_turns(copied, raw, runs=1), note=f"{note}, on the lane for files; the floor has neither names of links nor figures")
    yield Line("sum and average of a column", *in_turns(
        lambda: records.figures(session, "customer", condition, "balance"),
        lambda: store.sql(f"SELECT SUM(balance), COUNT(balance) FROM customer WHERE id <= {MOST}").fetchall(),
    ), limit=3, ceiling=100, note=note)
    yield from changed(ground, condition, note)


def changed(ground: Ground, condition: Where, note: str) -> Iterator[Line]:
    """Measure a mass change and its undo; the company is as before afterwards."""
    session, store = ground.session, ground.session.store
    sets: list[Any] = []

    def plain(source: str) -> float:
        return milliseconds(lambda: sets.append(session.write("bench", "bench", lambda: store.sql(f"UPDATE customer SET source = '{source}' WHERE id <= {MOST}")).change_set))

    floor = plain("other")
    back = milliseconds(lambda: undoing.undo(session, sets.pop()))
    ours = milliseconds(lambda: sets.append(records.change_many(session, "customer", condition, {"source": "bid"}).change_set))
    yield Line("mass change", ours, floor, note=f"{note}, on the lane for writing, with progress")
    undone = milliseconds(lambda: undoing.undo(session, sets.pop()))
    yield Line("its undo", undone, floor, note=f"{note}; of the raw change {back:,.0f} ms")
