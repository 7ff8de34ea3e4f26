"""The turn of the day: sums of what lies before today are kept as of one day for the whole company, and moved on when another comes.

Only what falls due in between is read and added, some thousand rows a transaction. Nobody has to wait for it: as of any other day the
value is worked out from the sum and what lies between, so it is right wherever the day stands, also for two computers whose days differ.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

from desktop_crm.models.registry import REGISTER, Entity, column_name
from desktop_crm.models.triggers import Kept, kept_sums

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from desktop_crm.models.database import Store
    from desktop_crm.models.fields import Rollup

PART: Final = 5_000
"""Rows that are added in one transaction, if they don't all lie on the same day."""
AHEAD: Final = timedelta(days=1)
"""So far may the clock of another computer be ahead, in another time zone; a sum that stands further ahead is taken back."""


def day_of(store: Store, *, hold: bool = False) -> date:
    """Return the day as of which sums are kept; `hold` lets nobody move it until the transaction ends."""
    found = store.scalar(f"SELECT day FROM sums_day WHERE id = 1{' FOR UPDATE' if hold and store.mysql else ''}")
    return found if isinstance(found, date) else date.fromisoformat(found) if found else date.min


def is_due(store: Store, today: date) -> bool:
    """Tell whether the day has to be moved: on to today, or back where somebody's clock was wrong. One small question."""
    return not today <= day_of(store) <= today + AHEAD


def turn(store: Store, today: date, step: Callable[[int, int], None]) -> None:
    """Move the day to `today`. `step(done, total)` may raise Cancelled: what is done until then stays, and is right."""
    far = abs((today - day_of(store)).days) if is_due(store, today) else 0
    left = far
    while left:
        with store.transaction():
            day = day_of(store, hold=True)
            if day != today:
                _move(store, day, today)
        left = abs((today - day_of(store)).days)
        step(max(far - left, 0), far)


def _move(store: Store, day: date, today: date) -> None:
    """Move the day as far towards `today` as it is done in one go."""
    forth = today > day
    kept = list(_dated())
    until = [_until(store, one, rollup, day, today) for one, _column, rollup in kept]
    to = min(until) if forth else max(until)
    for one, column, rollup in kept:
        _add(store, one, column, rollup, min(day, to), max(day, to), "+" if forth else "-")
    if not store.sql("UPDATE sums_day SET day = ? WHERE id = 1", (to.isoformat(),)).rowcount:
        store.sql("INSERT INTO sums_day (id, day) VALUES (1, ?)", (to.isoformat(),))


def _dated() -> Iterator[tuple[Kept, str, Rollup]]:
    """Yield the sums that depend on the day, with their columns."""
    for entry in REGISTER.values():
        for kept in kept_sums(entry):
            yield from ((kept, column, rollup) for column, rollup in kept.kept.items() if rollup.before)


def _until(store: Store, kept: Kept, rollup: Rollup, day: date, today: date) -> date:
    """Return how far the day may move for about PART rows."""
    when, first, last = kept.of(rollup.before), min(day, today), max(day, today)
    way = "ASC" if today > day else "DESC"
    text = f"SELECT `{when}` FROM `{kept.child.table}` WHERE `{when}` >= ? AND `{when}` < ? ORDER BY `{when}` {way} LIMIT 1 OFFSET {PART}"
    found = store.scalar(text, (first.isoformat(), last.isoformat()))
    if found is None:
        return today
    found = found if isinstance(found, date) else date.fromisoformat(found)
    return max(found, day + timedelta(days=1)) if today > day else min(found + timedelta(days=1), day - timedelta(days=1))


def _add(store: Store, kept: Kept, column: str, rollup: Rollup, first: date, last: date, sign: str) -> None:
    """Add to, or take off, a sum what lies from `first` to before `last`."""
    when, table = kept.of(rollup.before), kept.entry.table
    value = f"COALESCE(SUM(c.`{kept.of(rollup.field)}`), 0)" if rollup.field else "COUNT(*)"
    rows = f"(SELECT c.`{kept.link}` AS id, {value} AS part FROM `{kept.child.table}` c WHERE c.`{when}` >= ? AND c.`{when}` < ? GROUP BY c.`{kept.link}`) g"
    change = f"SET `{column}` = `{column}` {sign} g.part"
    text = f"UPDATE `{table}` JOIN {rows} ON g.id = `{table}`.id {change}" if store.mysql else f"UPDATE `{table}` {change} FROM {rows} WHERE g.id = `{table}`.id"
    store.sql(text, (first.isoformat(), last.isoformat()))


@cache
def as_of_today(entry: Entity, name: str) -> str:
    """Return the SQL of a sum of what lies before ``{today}``, wherever the day stands, over the row ``this``, as that of an expression."""
    column = column_name(entry.fields[name])
    kept, rollup = next((kept, kept.kept[column]) for kept in kept_sums(entry) if column in kept.kept)
    when, reached = f"r.`{kept.of(rollup.before)}`", "(SELECT day FROM sums_day WHERE id = 1)"
    value = f"COALESCE(r.`{kept.of(rollup.field)}`, 0)" if rollup.field else "1"
    between = f"({when} < {{today}}) <> ({when} < {reached})"
    moved = f"(SELECT COALESCE(SUM(CASE WHEN {when} < {{today}} THEN {value} ELSE -{value} END), 0) FROM `{kept.child.table}` r WHERE r.`{kept.link}` = this.id AND {between})"
    own = f"this.`{column}`"
    return f"CASE WHEN {reached} = {{today}} THEN {own} ELSE {own} + {moved} END"
