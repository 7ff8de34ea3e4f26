"""Asking which values to keep where somebody else changed the same fields of a record that is open in an editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.base.errors import FieldConflict
from desktop_crm.services import history, records
from desktop_crm.ui.conflict import ConflictDialog, Theirs

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from desktop_crm.base.errors import Conflict
    from desktop_crm.domain.catalog import EntitySpec, Values
    from desktop_crm.services.session import Session
    from desktop_crm.ui.desk import Desk


def ask_conflict(owner: QWidget, desk: Desk, spec: EntitySpec, sides: tuple[Values, Values], conflict: Conflict,
                 decided: Callable[[Values, Values], None], undecided: Callable[[], None]) -> None:
    """Show the dialog for a record; `sides` are the values it began with and those typed.

    `decided` is called with the values to keep and with the record as it is now, `undecided` where the user goes on editing.
    """
    base, mine = sides
    session, key = desk.session, int(base["id"])

    def came(theirs: Theirs) -> None:
        shown = [FieldConflict(one.field, base.get(one.field), mine.get(one.field), one.theirs) for one in conflict.fields]
        dialog = ConflictDialog(owner, desk, spec, spec.fields[spec.title].show(base.get(spec.title)) or spec.singular, shown, theirs)
        dialog.accepted.connect(lambda: decided(dialog.result_values, theirs.values))
        dialog.rejected.connect(undecided)
        dialog.open()

    desk.operations.read(owner, lambda: other_side(session, spec, key), came, key="conflict", failed=desk.fail)


def other_side(session: Session, spec: EntitySpec, key: int) -> Theirs:
    """Return who changed a record last and when, and what it holds now."""
    now = records.get(session, spec.name, key)
    last = next(iter(history.record_history(session, spec.name, key)), None)
    at = (last.at if last else session.now).astimezone()
    return Theirs(last.who if last else "?", at.strftime("%H:%M") if at.date() == session.today else at.strftime("%m-%d %H:%M"), now)
