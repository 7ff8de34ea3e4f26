"""Verbs about what was done: the history of a record and of the company, taking an action back, and removing what is old."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from desktop_crm.base.i18n import _
from desktop_crm.cli.answers import Answer, plain
from desktop_crm.cli.naming import entity_named
from desktop_crm.domain.conditions import Condition, Every, Matching, Query, Where
from desktop_crm.services import history as histories
from desktop_crm.services import logbook, retention, undoing

if TYPE_CHECKING:
    from argparse import Namespace

    from desktop_crm.services.session import Session


def history(session: Session, options: Namespace) -> Answer:
    """Say who changed what of a record, the latest first."""
    spec = entity_named(session, options.entity)
    events = histories.record_history(session, spec.name, options.id)
    found = [{name: plain(value) for name, value in dataclasses.asdict(event).items()} | {"word": event.word} for event in events]
    lines = []
    for event in events:
        lines.append(f"{event.at.astimezone():%Y-%m-%d %H:%M}\t{event.who}\t{event.word} {event.title}\t#{event.change_set} {event.label}")
        lines += [f"\t{change.label}: {change.before or '-'} → {change.after or '-'}" for change in event.fields]
    return Answer({"entity": spec.name, "id": options.id, "history": found}, lines)


def undo(session: Session, options: Namespace) -> Answer:
    """Take an action back; the undo has a change set of its own, by which it can be taken back too."""
    changes = undoing.undo(session, options.change_set, with_later=options.with_later)
    found = {"undone": options.change_set, "change_set": changes.change_set, "label": changes.label}
    return Answer(found, [_("{action} (number {number})").format(action=changes.label, number=changes.change_set)])


def log(session: Session, options: Namespace) -> Answer:
    """List the actions of the whole company, the latest first, as far as this person may see them."""
    parts: list[Condition] = []
    if options.entity:
        parts.append(Where("entity", "eq", entity_named(session, options.entity).name))
    if options.search:
        parts.append(Matching(options.search))
    query, listing = Query(logbook.NAME, Every(tuple(parts))), logbook.listing(session)
    total = listing.count(query.condition)
    rows = listing.page(query, options.offset, options.limit or total, total) if total else []
    found = [{"change_set": row["id"], **{name: plain(row[name]) for name in ("at", "action", "label", "records", "computer", "state")},
              "who": row["user"].title if row["user"] else ""} for row in rows]
    lines = [f"#{row['id']}\t{row['at'].astimezone():%Y-%m-%d %H:%M}\t{row['user'].title if row['user'] else ''}\t{row['label']}" for row in rows]
    return Answer({"count": total, "actions": found}, lines)


def prune(session: Session, options: Namespace) -> Answer:
    """Remove the history that is older than the company keeps it; with ``--dry-run`` only say how much that would be."""
    if options.dry_run:
        found = retention.old(session)
        actions, deletions = (found.actions, found.deletions) if found else (0, 0)
        return Answer({"actions": actions, "deleted_records": deletions}, [_("{actions} actions would be removed").format(actions=actions)])
    changes = retention.prune(session)
    return Answer({"actions": changes.result, "change_set": changes.change_set}, [changes.label])
