"""Many records at once: what a rule asks of a whole import in a few hundred statements instead of one a record."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.domain.conditions import EVERYTHING, Condition, Where, both
from desktop_crm.models import triggers
from desktop_crm.models.reading import read_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

PART: Final = 500
FIRST: Final = 1
"""The version of a record that nobody has changed since it was added."""


def parts(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield the different values in parts that fit one statement; None is left out."""
    different = different_ones(values)
    for start in range(0, len(different), PART):
        yield different[start : start + PART]


def different_ones(values: Iterable[Any]) -> list[Any]:
    """Return the different values in their order; None is left out."""
    return [value for value in dict.fromkeys(values) if value is not None]


def find_in(session: Session, name: str, field: str, values: Iterable[Any], names: Sequence[str], condition: Condition = EVERYTHING) -> list[Values]:
    """Return the records of the entity `name` whose `field` is one of `values` and that fulfil `condition`, by id within each part.

    No rights are asked: they belong into `condition` where a person is to see the result.
    """
    if condition is EVERYTHING or condition == EVERYTHING:
        # Rules ask this again and again while one record is saved, so it takes the shortest way.
        wanted = values if type(values) is list and len(values) == 1 and values[0] is not None else different_ones(values)
        if not wanted:
            return []
        entry, records = session.entity(name), session.records
        if field == "id":
            return records.rows(entry, wanted if len(wanted) == 1 else sorted(map(int, wanted)), names)
        if len(wanted) <= PART:
            return records.rows(entry, records.ids_in(entry, field, wanted), names)
        return [row for part in parts(wanted) for row in records.rows(entry, records.ids_in(entry, field, part), names)]
    return [
        row
        for part in parts(values)
        for row in session.records.find(session.entity(name), both(condition, Where(field, "in", part)), names, sort="id")
    ]


def find_by_id(session: Session, name: str, ids: Iterable[Any], names: Sequence[str], condition: Condition = EVERYTHING) -> dict[int, Values]:
    """Return records by id; see `find_in`."""
    return {row["id"]: row for row in find_in(session, name, "id", ids, names, condition)}


def grouped(rows: Iterable[Values], by: str) -> dict[Any, list[Values]]:
    """Return the rows by the value of their field `by`, in their order."""
    found: dict[Any, list[Values]] = defaultdict(list)
    for row in rows:
        found[row[by]].append(row)
    return found


def written_fields(session: Session, name: str) -> list[str]:
    """Return the fields that `update_row` wants to have values for."""
    return [*session.entity(name).written()]


def states_before(session: Session, name: str, ids: Iterable[int]) -> dict[int, dict[str, Any] | None]:
    """Return what the records were before the open change set: stored values by field name, None where it added them.

    Records that it has not touched are left out.
    """
    current = triggers.current(mysql=session.store.mysql)
    # Found by the record, from the first change of this change set on: by the change set, an import would look through all its rows for each batch.
    since = f"SELECT MIN(id) FROM `change` WHERE change_set_id = {current}"  # noqa: S608 - a name only
    found: dict[int, dict[str, Any] | None] = {}
    for part in parts(ids):
        rows = session.store.sql(
            f"SELECT record_id, state_before FROM `change` WHERE change_set_id + 0 = {current} AND id >= ({since}) AND entity = ? AND record_id IN ({', '.join('?' * len(part))}) ORDER BY id",  # noqa: S608 - signs only
            [name, *part],
        ).fetchall()
        for record, text in rows:
            found.setdefault(int(record), read_state(text) if text else None)
    return found


def former_states(session: Session, name: str) -> list[dict[str, Any]]:
    """Return what those records of an entity were that the open change set changed or removed: stored values by field name."""
    current = triggers.current(mysql=session.store.mysql)
    rows = session.store.sql(f"SELECT state_before FROM `change` WHERE change_set_id = {current} AND entity = ? AND state_before IS NOT NULL ORDER BY id", [name]).fetchall()  # noqa: S608 - signs only
    return [read_state(text) for (text,) in rows]
