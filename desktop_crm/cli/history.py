"""Verbs about what was done: reading the history of a record, and taking an action back."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from desktop_crm.base.i18n import _
from desktop_crm.cli.answers import Answer, plain
from desktop_crm.cli.naming import entity_named
from desktop_crm.services import history as histories
from desktop_crm.services import undoing

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
