"""Working out anew by what records are found, in the background: where a company retires or brings back a text of its own, up to all records of an entity are found by another text.

A row of `search_posting` says from which id on that is still to be done for an entity, so it goes on where it was stopped, whoever does it. Until then a search finds such a
record by the text it was found by before. Only records with a text of the company's own can be concerned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.models.registry import REGISTER, Entity, column_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.models.database import Store
    from desktop_crm.models.records import Records

BATCH: Final = 500
ASKED: Final = -2
"""The block of the row that says so."""


def _texts(entry: Entity) -> list[str]:
    """Return the columns of the company's own texts, those that are retired too."""
    return [column_name(field) for field in entry.fields.values() if field.spec.own and field.kind.name == "text"]


def ask(store: Store, entry: Entity) -> None:
    """Ask for all records of an entity to be looked at, from the first."""
    if _texts(entry):
        _note(store, entry, 0)


def due(store: Store) -> list[Entity]:
    """Return the entities that wait; one small question."""
    marks = ", ".join("?" for _name in REGISTER)
    waiting = {row[0] for row in store.sql(f"SELECT entity FROM search_posting WHERE block = ? AND entity IN ({marks})", [ASKED, *REGISTER]).fetchall()}
    return [entry for entry in store.entities.values() if entry.name in waiting]


def some(store: Store, records: Records, step: Callable[[int, int], None]) -> bool:
    """Look at the next part of what waits; tell whether there was some. `step(id reached, last id)` may raise Cancelled, before anything is written."""
    for entry in due(store):
        after = int(store.scalar("SELECT ids FROM search_posting WHERE entity = ? AND block = ?", (entry.name, ASKED)) or 0)
        texts = _texts(entry)
        filled = " OR ".join(f"`{column}` <> ''" for column in texts) or "1 = 0"
        ids = [int(row[0]) for row in store.sql(f"SELECT id FROM `{entry.table}` WHERE id > ? AND ({filled}) ORDER BY id LIMIT {BATCH}", (after,)).fetchall()]
        step(ids[-1] if ids else after, int(store.scalar(f"SELECT MAX(id) FROM `{entry.table}`") or 0))
        with store.transaction():
            _key_anew(store, records, entry, ids)
            if ids:
                _note(store, entry, ids[-1])
            else:
                store.sql("DELETE FROM search_posting WHERE entity = ? AND block = ?", (entry.name, ASKED))
        return True
    return False


def _key_anew(store: Store, records: Records, entry: Entity, ids: list[int]) -> None:
    """Write the keys of records that have others now; who changes a record meanwhile works out its keys himself."""
    names = [*dict.fromkeys((entry.spec.title, *entry.spec.search)), "search_key", "sort_key"]
    full = [(row, records.completed(entry, row)) for row in records.rows(entry, ids, names)]
    turned = [(one["search_key"], one["sort_key"], row["id"], row["version"]) for row, one in full if one["search_key"] != row["search_key"]]
    if turned:
        store.many(f"UPDATE `{entry.table}` SET search_key = ?, sort_key = ? WHERE id = ? AND version = ?", turned)


def _note(store: Store, entry: Entity, reached: int) -> None:
    store.sql("REPLACE INTO search_posting (entity, block, gram, ids) VALUES (?, ?, ?, ?)", (entry.name, ASKED, b"", str(reached).encode()))
