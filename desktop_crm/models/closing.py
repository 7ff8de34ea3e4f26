"""The closed period: what is dated in it stays as it is, whichever way a change comes.

Looked at where every change set ends, over the rows its triggers wrote, so no form, import, merge, undo or bulk statement can pass it by.
An entity says by `dated` which of its fields puts a record into the books.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import Blocked, BlockedRecord
from desktop_crm.base.i18n import _
from desktop_crm.models.reading import BATCH, read_state
from desktop_crm.models.registry import Entity, column_name
from desktop_crm.models.undoing import differing, parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from desktop_crm.models.database import Store
    from desktop_crm.models.records import Records

NAMED: Final = 5
CLOSED: Final = "SELECT closed_through FROM company WHERE closed_through IS NOT NULL ORDER BY closed_through DESC LIMIT 1"


def closed_through(store: Store) -> date | None:
    """Return the last day of the closed period, None where nothing is closed."""
    return day_in(store.sql(CLOSED).fetchall())


def held(store: Store) -> str:
    """Return the question for the closed period that keeps it so until the transaction ends; `day_in` reads the answer."""
    return f"{CLOSED} LOCK IN SHARE MODE" if store.mysql else CLOSED


def day_in(rows: Sequence[Sequence[Any]]) -> date | None:
    """Return the day the question was answered with."""
    found = rows[0][0] if rows else None
    return date.fromisoformat(found) if isinstance(found, str) else found


def refuse_closed(records: Records, change_set: int, touched: Iterable[str], through: date | None) -> None:
    """Raise Blocked, naming the records, where the open change set adds, changes or removes what is dated in the period that is closed `through` a day."""
    if through is None:
        return
    entities = records.store.entities
    dated = [entry for name in touched if name in entities and (entry := entities[name]).spec.dated]
    found = [record for entry in dated for record in _closed(records, entry, change_set, through)]
    if not found:
        return
    named = _(", ").join(f"{entities[one.entity].spec.singular} {one.title or one.id} ({one.reason})" for one in found[:NAMED])
    if len(found) > NAMED:
        named += _(" and {count} more").format(count=len(found) - NAMED)
    raise Blocked(
        _("The books are closed through {day}, so nothing dated in that period can be added, changed or removed: {records}. "
          "Use a later date, correct it with a new document, or ask the bookkeeper to reopen the period in the settings").format(day=through.isoformat(), records=named),
        found,
    )


def _closed(records: Records, entry: Entity, change_set: int, through: date) -> Iterator[BlockedRecord]:
    """Yield the records of an entity that this change set leaves otherwise than they were and that are, or were, dated in the period."""
    store, field = records.store, entry.fields[entry.spec.dated]
    before = f"JSON_UNQUOTE(JSON_EXTRACT(c.state_before, '$.{entry.spec.dated}'))" if store.mysql else f"JSON_EXTRACT(c.state_before, '$.{entry.spec.dated}')"
    rows = store.sql(
        "SELECT c.record_id, c.state_before FROM (SELECT record_id, MIN(id) AS first_id FROM `change` WHERE change_set_id = ? AND entity = ? GROUP BY record_id) f "
        f"JOIN `change` c ON c.id = f.first_id LEFT JOIN `{entry.table}` t ON t.id = c.record_id WHERE {before} <= ? OR t.`{column_name(field)}` <= ? ORDER BY c.record_id",
        (change_set, entry.name, through.isoformat(), through.isoformat()),
    ).fetchall()
    texts = {int(record): text for record, text in rows}
    for part in parts(texts):
        now = records.state_texts(entry, part)
        changed = [key for key in part if _differs(entry, texts[key], now.get(key))]
        titles = records.titles(entry, changed[:BATCH])
        for key in changed:
            state = read_state(texts[key] or now[key])
            yield BlockedRecord(entry.name, key, titles.get(key, "") or str(state.get(entry.spec.title) or ""), str(state[entry.spec.dated]))


def _differs(entry: Entity, before: str | None, now: str | None) -> bool:
    """Tell whether a record differs in more than whose it is and what may be filled in later."""
    if before is None or now is None:
        return before is not now
    present, former = read_state(now), read_state(before)
    filled = {name for name in entry.spec.filled_later if present.get(name) is None or former.get(name) is None}
    return bool(differing(present, former).keys() - {entry.spec.owner, *filled})
