"""Taking back what was done, whole or not at all, and bringing back what was deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import BlockedRecord, NotAllowed, UserError
from desktop_crm.base.i18n import _, ngettext
from desktop_crm.base.progress import silent
from desktop_crm.domain.conditions import Where, both
from desktop_crm.models import putting_back
from desktop_crm.models.changes import PRINT, PRUNE, REDO, UNDO
from desktop_crm.models.reading import BATCH
from desktop_crm.models.undoing import Undoing
from desktop_crm.services import policy, sign_in
from desktop_crm.services.books import check_books
from desktop_crm.services.closing import CLOSE, REOPEN
from desktop_crm.services.records import require_write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from desktop_crm.models.changes import Entry
    from desktop_crm.services.records import Step
    from desktop_crm.services.session import Changes, Session

Key = tuple[str, int]
UNDO_ANY: Final = frozenset({"admin", "manager"})
"""Roles that see and undo everybody's actions."""


def undo(session: Session, change_set: int, *, with_later: bool = False, step: Step = silent) -> Changes[None]:
    """Put everything back as it was before an action; the undo is an action too and can itself be undone.

    `with_later` takes back the later actions that stand in the way, as one with it. Raises Blocked, naming the records and these
    actions, where a later change stands on top, something new refers to what would go, or something linked to is gone; NotAllowed for
    somebody else's action, NotFound, UserError where it was undone before.
    """
    entry = session.log.entry(change_set)
    if entry.action == PRUNE:
        raise UserError(_("History that was removed can't be brought back"))
    if entry.action == PRINT:
        raise UserError(_("What was printed is on paper, so its entry in the log stays"))

    def work() -> None:
        log, sets = session.log, [change_set]
        if change_set not in log.standing(sets):
            raise UserError(_("“{action}” was undone already").format(action=entry.label))
        if with_later:
            sets = list(Undoing(log, step).with_later(sets) or sets)
        for one in log.entries_by_id(sets):
            if one.action in {CLOSE, REOPEN}:
                raise UserError(_("“{action}” is not undone: reopen or close the books in the settings").format(action=one.label))
            _refuse_stranger(session, one)
        session.relabel(label_of(session, entry, len(sets) - 1))
        plan = putting_back.undo(log, sets, session.now, step=step)
        _settle(session, plan.touched())

    return session.write(REDO if entry.action == UNDO else UNDO, label_of(session, entry, 0), work)


def last(session: Session) -> Entry:
    """Return this person's latest action that stands; raises UserError where there is none."""
    entry = session.log.last_of(session.person.id)
    if entry is None:
        raise UserError(_("There is nothing to undo"))
    return entry


def next_redo(session: Session) -> Entry:
    """Return this person's latest undo, unless something else was done since; raises UserError where there is none."""
    entry = session.log.next_redo(session.person.id)
    if entry is None:
        raise UserError(_("There is nothing to redo"))
    return entry


def undo_last(session: Session, *, step: Step = silent) -> Changes[None]:
    """Undo this person's latest action that stands; raises what `last` and `undo` raise."""
    return undo(session, last(session).id, step=step)


def redo_last(session: Session, *, step: Step = silent) -> Changes[None]:
    """Take this person's latest undo back; raises what `next_redo` and `undo` raise."""
    return undo(session, next_redo(session).id, step=step)


def restore(session: Session, keys: Sequence[Key], *, with_needed: bool = False, step: Step = silent) -> Changes[int]:
    """Bring deleted records back, with their lines and whatever went with them; returns how many came back.

    `with_needed` brings back the deleted records they link to as well. Raises Blocked, naming the records, where something they link to
    is gone or a value that must be unique is taken; NotAllowed, NotFound.
    """
    for name in {name for name, _record in keys}:
        session.spec(name)
        require_write(session, name)
    first = f"{session.everything[keys[0][0]].singular} {_title(session, keys[0])}".strip()

    def work() -> int:
        chosen = list(keys)
        if with_needed:
            chosen = list(Undoing(session.log, step).with_needed(keys) or chosen)
        plan = putting_back.restore(session.log, chosen, session.now, step=step)
        back = plan.touched()
        for name, ids in back.items():
            named = [record for other, record in chosen if other == name]
            _refuse_foreign(session, name, named, _("You have no right to restore some of these, so none was restored. Ask a manager"))
            if session.may_write(name):
                _refuse_foreign(session, name, ids, _("You have no right to restore some of these, so none was restored. Ask a manager"))
        _settle(session, back)
        return len(plan)

    more = len(keys) - 1
    label = _("Restored: {record}").format(record=first)
    if more:
        label = _("Restored: {record} and {count} more").format(record=first, count=more)
    return session.write("restore", label, work)


def offered(session: Session, change_sets: Sequence[int]) -> list[Entry] | None:
    """Return the later actions that would be undone too, the latest first; None where one of them is not this person's to undo."""
    found = session.log.entries_by_id(change_sets)
    try:
        for one in found:
            _refuse_stranger(session, one)
    except NotAllowed:
        return None
    return found


def names(session: Session, keys: Sequence[Key]) -> list[str]:
    """Return what deleted records were called, each with its kind."""
    return [f"{session.everything[name].singular} {_title(session, (name, record))}".strip() for name, record in keys]


def label_of(session: Session, entry: Entry, later: int) -> str:
    """Return what undoing an action is called: by the action it was first of all, however often it was undone and redone since."""
    redo = entry.action == UNDO
    root = entry
    while root.action in {UNDO, REDO}:
        undone = session.log.undone_by(root.id)
        found = session.log.entries_by_id(undone[:1])
        if not found:
            break
        later = max(later, len(undone) - 1)
        root = found[0]
    action = root.label
    if later:
        action = ngettext("{action} and {count} later action", "{action} and {count} later actions", later).format(action=action, count=later)
    return (_("Redo: {action}") if redo else _("Undo: {action}")).format(action=action)


def may_undo(session: Session, entry: Entry) -> bool:
    """Tell whether this person may take an action back, as far as the action itself goes."""
    return entry.action not in {PRINT, PRUNE, CLOSE, REOPEN} and (session.person.role in UNDO_ANY or entry.user_id == session.person.id)


def _title(session: Session, key: Key) -> str:
    return session.log.named(BlockedRecord(key[0], key[1], "")).title


def _settle(session: Session, touched: Mapping[str, Sequence[int]]) -> None:
    """Check what no trigger checks, and rebuild what follows from the people."""
    check_books(session, touched)
    if touched.keys() & {"user", "department"}:
        _keep_an_administrator(session)
        sign_in.rebuild_visibility(session.store)


def _refuse_stranger(session: Session, entry: Entry) -> None:
    """Raise NotAllowed where the action is somebody else's, or touches what this person may not change (any more)."""
    if not may_undo(session, entry):
        raise NotAllowed(_("Only the person who did this, a manager or an administrator can undo it"))
    if entry.entities and all(_writes_all(session, name) for name in entry.entities if session.may_write(name)):
        return
    for name, ids in session.log.touched(entry.id).items():
        if session.may_write(name):
            # What nobody may write by hand followed from the rest of the action and goes back with it.
            _refuse_foreign(session, name, ids, _("This can't be undone by you, because some of its records belong to others. Ask a manager"))


def _refuse_foreign(session: Session, name: str, ids: Sequence[int], message: str) -> None:
    """Raise NotAllowed where one of the records that are there isn't this person's to change."""
    if _writes_all(session, name):
        return
    entry, records = session.entity(name), session.records
    for start in range(0, len(ids), BATCH):
        there = Where("id", "in", ids[start : start + BATCH])
        if records.count(entry, there) != records.count(entry, both(there, session.scope(name, "write"))):
            raise NotAllowed(message)


def _writes_all(session: Session, name: str) -> bool:
    return policy.right(session.person, session.everything, session.everything[name]).write == "all"


def _keep_an_administrator(session: Session) -> None:
    if not session.store.scalar("SELECT COUNT(*) FROM `user` WHERE role = 'admin' AND active = 1"):
        raise UserError(_("This can't be undone, because the company would be left without an administrator"))
