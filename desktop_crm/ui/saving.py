"""Saving a record from a screen: the write, and the conversation where somebody else changed the same field meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop_crm.base.errors import Cancelled, Conflict, UserError
from desktop_crm.base.i18n import _
from desktop_crm.services import records
from desktop_crm.ui.conflict import ConflictDialog
from desktop_crm.ui.editor_conflict import other_side

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from desktop_crm.domain.catalog import EntitySpec, Values
    from desktop_crm.services.records import Lines
    from desktop_crm.services.session import Changes
    from desktop_crm.ui.conflict import Theirs
    from desktop_crm.ui.desk import Desk


class Stopped(UserError, Cancelled):
    """The user stopped a save: said where the record is; the window says it anyway."""


class Saver:
    """Saves one record for `owner`. `saved(id)`, `refused(UserError)` and `resolved(values)`, which a conflict's dialog ended with, are called."""

    def __init__(self, owner: QWidget, desk: Desk, spec: EntitySpec, *, saved: Callable[[int], None], refused: Callable[[UserError], None],
                 resolved: Callable[[Values], None] | None = None) -> None:
        self.owner, self.desk, self.spec = owner, desk, spec
        self._saved, self._refused, self._resolved = saved, refused, resolved
        self.dialog: ConflictDialog | None = None

    def save(self, values: Values, *, key: int | None, base: Values | None, lines: Lines | None = None) -> None:
        """Write the record; `values` hold only what the user changed where it exists already."""
        session, name = self.desk.session, self.spec.name

        def done(changes: Changes[records.Saved]) -> None:
            tell_merged(self.desk, self.spec, changes.result.merged)
            self._saved(changes.result.id)

        def failed(problem: BaseException) -> None:
            if isinstance(problem, Conflict) and key is not None:
                self._ask(problem, values, key, base or {}, lines)
            elif isinstance(problem, UserError):
                self._refused(problem)
            elif isinstance(problem, Cancelled):
                self._refused(Stopped(_("Stopped; nothing was changed")))
            else:
                self._refused(UserError(_("This could not be saved; what you typed is kept")))
                self.desk.fail(problem)

        self.desk.write(self.owner, lambda: records.save(session, name, values, key=key, base=base, lines=lines), done, failed=failed)

    def _ask(self, conflict: Conflict, values: Values, key: int, base: Values, lines: Lines | None) -> None:
        session, spec = self.desk.session, self.spec

        def came(theirs: Theirs) -> None:
            title = spec.fields[spec.title].show(base.get(spec.title)) or spec.singular
            shown = [type(one)(one.field, base.get(one.field), values.get(one.field), one.theirs) for one in conflict.fields]
            self.dialog = ConflictDialog(self.owner, self.desk, spec, title, shown, theirs)
            self.dialog.accepted.connect(lambda: self._again(values, key, theirs.values, lines))
            self.dialog.rejected.connect(lambda: self._refused(UserError(_("Not saved yet: somebody else changed this meanwhile"))))
            self.dialog.open()

        self.desk.operations.read(self.owner, lambda: other_side(session, spec, key), came, key="conflict", failed=self._failed_to_ask)

    def _failed_to_ask(self, problem: BaseException) -> None:
        if isinstance(problem, UserError):
            self._refused(problem)
        else:
            self.desk.fail(problem)

    def _again(self, values: Values, key: int, current: Values, lines: Lines | None) -> None:
        chosen: dict[str, Any] = self.dialog.result_values if self.dialog is not None else {}
        if self._resolved is not None:
            self._resolved(chosen)
        self.save({**values, **chosen}, key=key, base=current, lines=lines)


def tell_merged(desk: Desk, spec: EntitySpec, names: Sequence[str]) -> None:
    """Say which fields a save took over from somebody else's change."""
    if names:
        fields = _(", ").join(spec.fields[one].title for one in names)
        desk.say(_("Taken over from somebody else's change: {fields}").format(fields=fields))
