"""What is proven after each fault: no acknowledged change is lost, none is there by half, the books add up, the check is clean."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from desktop_crm.base.errors import ConnectionLost
from desktop_crm.models import tables
from desktop_crm.models.registry import REGISTER
from desktop_crm.services.check import check

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from desktop_crm.services.session import Session

BACK_SECONDS = 120
Ack = dict[str, Any]
"""What a worker says of a finished action; `describe` makes it of its change set."""


def describe(session: Session, change_set: int | None) -> Ack:
    """Return what a change set did: its id, a digest of its rows of history, and how many rows of each kind."""
    rows = _asked(session, "SELECT entity, record_id, action, state_before FROM `change` WHERE change_set_id = ? ORDER BY id", change_set)
    kinds = Counter(f"{entity}.{action}" for entity, _record, action, _state in rows)
    return {"set": change_set, "digest": hashlib.sha256(repr(rows).encode()).hexdigest(), "shape": sorted(kinds.items())}


def _asked(session: Session, text: str, change_set: int | None) -> list[Any]:
    """Ask for the rows of a finished change set, waiting where the server was killed between its commit and this question."""
    deadline = time.monotonic() + BACK_SECONDS
    while True:
        try:
            return list(session.store.sql(text, (change_set,)).fetchall())
        except ConnectionLost:
            if time.monotonic() > deadline:
                raise


@dataclass
class Books:
    """The state a company was found in: its latest change set, and its records by entity."""

    latest: int
    counts: dict[str, int]

    @classmethod
    def of(cls, session: Session) -> Books:
        """Return the state the company is in."""
        latest = int(session.store.scalar("SELECT COALESCE(MAX(id), 0) FROM change_set") or 0)
        return cls(latest, {name: tables.count_rows(session.store, entry.table) for name, entry in REGISTER.items()})


@dataclass
class Verdict:
    """What was found wrong after a fault, and whether the action under way had come through."""

    wrong: list[str] = field(default_factory=list)
    came_through: bool = False


def prove(session: Session, before: Books, acks: Sequence[Ack], *, in_flight: bool, shapes: Iterable[Any] = ()) -> Verdict:
    """Compare a company with what was acknowledged since `before`; one more change set may be there, whole, where one was `in_flight`."""
    verdict = Verdict()
    said = {ack["set"]: ack for ack in acks if ack.get("set") is not None}
    there = [int(row[0]) for row in session.store.sql("SELECT id FROM change_set WHERE id > ? ORDER BY id", (before.latest,)).fetchall()]
    verdict.wrong += [f"lost: change set {key}" for key in sorted(said.keys() - set(there))]
    more = sorted(set(there) - said.keys())
    if len(more) > (1 if in_flight else 0):
        verdict.wrong.append(f"change sets nobody acknowledged: {more}")
    for key in there:
        found = describe(session, key)
        if key in said and found["digest"] != said[key]["digest"]:
            verdict.wrong.append(f"change set {key} is not what was acknowledged: {found['shape']} instead of {said[key]['shape']}")
        if key in more:
            verdict.came_through = True
            if _plain(found["shape"]) not in [_plain(shape) for shape in shapes]:
                verdict.wrong.append(f"change set {key} is there by half: {found['shape']}")
    verdict.wrong += _accounts(session, before)
    verdict.wrong += [f"check: {problem.message}" for problem in check(session)]
    return verdict


def _plain(shape: Any) -> list[tuple[str, int]]:
    return [(str(kind), int(count)) for kind, count in shape]


def _accounts(session: Session, before: Books) -> list[str]:
    """Return the entities whose records are not those that were, and what history says of added and deleted ones since."""
    wrong = []
    now = Books.of(session)
    for name, count in now.counts.items():
        rows = dict(session.store.sql(
            "SELECT action, COUNT(*) FROM `change` WHERE entity = ? AND change_set_id > ? GROUP BY action", (name, before.latest)).fetchall())
        due = before.counts[name] + int(rows.get("insert", 0)) - int(rows.get("delete", 0))
        if count != due:
            wrong.append(f"{name}: {count} records, history accounts for {due}")
    return wrong


def digest(session: Session) -> dict[str, str]:
    """Return a digest of every row of every table, the same on every engine; what is derived from the rest is left out."""
    store = session.store
    return {table: tables.digest(store, table, tables.kept_columns(store, table), lambda _text, _rows: None)[2] for table in tables.table_names(store)}
