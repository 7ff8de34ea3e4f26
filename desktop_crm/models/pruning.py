"""Removing the oldest change sets: always from the beginning on, so that what is kept still tells a whole story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.base.lazily import dataclass
from desktop_crm.models.changes import INSTANT

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from desktop_crm.models.changes import ChangeLog

ROWS: Final = 5000


@dataclass(frozen=True)
class Old:
    """What may go: change sets up to the number `last`, how many they are, and how many deleted records only they could bring back."""

    last: int
    actions: int
    deletions: int


def old(log: ChangeLog, before: datetime) -> Old:
    """Return what lies wholly before an instant.

    It ends before the first change set that is not older, whatever the clock said of later ones, and before one that an undo which
    is kept took back.
    """
    store = log.store
    stop = store.scalar("SELECT MIN(id) FROM change_set WHERE at >= ?", (INSTANT.to_database(before),))
    if stop is None:
        stop = store.scalar("SELECT COALESCE(MAX(id), 0) + 1 FROM change_set")
    stop = int(stop)
    while True:
        needed = store.scalar("SELECT MIN(undoes) FROM undone WHERE change_set_id >= ? AND undoes < ?", (stop, stop))
        if needed is None:
            break
        stop = int(needed)
    actions = int(store.scalar("SELECT COUNT(*) FROM change_set WHERE id < ?", (stop,)) or 0)
    deletions = store.scalar(
        "SELECT COUNT(*) FROM `change` c WHERE c.action = 'delete' AND c.change_set_id < ? "
        "AND NOT EXISTS (SELECT 1 FROM `change` n WHERE n.entity = c.entity AND n.record_id = c.record_id AND n.id > c.id)", (stop,),
    ) if actions else 0
    return Old(stop - 1, actions, int(deletions or 0))


def remove(log: ChangeLog, last: int, step: Callable[[int, int], None]) -> None:
    """Remove the change sets up to the number `last` with their changes, inside the transaction of the caller."""
    store = log.store
    total = int(store.scalar("SELECT COUNT(*) FROM `change` WHERE change_set_id <= ?", (last,)) or 0)
    done = 0
    while True:
        step(min(done, total), total)
        ids = [row[0] for row in store.sql("SELECT id FROM `change` WHERE change_set_id <= ? ORDER BY change_set_id LIMIT ?", (last, ROWS)).fetchall()]
        if not ids:
            break
        store.sql(f"DELETE FROM `change` WHERE id IN ({', '.join('?' * len(ids))})", ids)
        done += len(ids)
    store.sql("DELETE FROM undone WHERE undoes <= ?", (last,))
    store.sql("DELETE FROM undone WHERE change_set_id <= ?", (last,))
    store.sql("DELETE FROM change_set WHERE id <= ?", (last,))
    step(total, total)
