"""The draft of an editor's page: written soon after each change, deleted once it is saved or given up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from PySide6.QtCore import QObject, QTimer

from desktop_crm.base.i18n import _
from desktop_crm.ui.drafts import Draft, draft_path, drop_draft, keep_draft

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop_crm.ui.desk import Desk

DRAFT_MS: Final = 1200


class Drafted(Protocol):
    """A form of which a draft is kept while it is dirty."""

    dirty: bool

    def draft(self) -> Draft:
        """Return what was typed."""
        ...


class DraftKeeper(QObject):
    """Keeps the draft of one form. A new record that something is given for, such as its customer, has a draft of its own."""

    def __init__(self, desk: Desk, form: Drafted, entity: str, key: int | None, given: Mapping[str, Any]) -> None:
        super().__init__(desk)
        self.desk, self.form, self.entity, self.given = desk, form, entity, given
        self.set_key(key)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DRAFT_MS)
        self._timer.timeout.connect(self._keep)

    def set_key(self, key: int | None) -> None:
        """Keep it for the record `key` from now on; None is a new one."""
        path = draft_path(self.desk.session.url, self.desk.session.person.id, self.entity, key)
        given = "-".join(f"{name}-{int(value)}" for name, value in sorted(self.given.items()) if isinstance(value, int))
        self.path = path.with_name(f"{path.stem}-{given}.json") if given and key is None else path

    def touch(self) -> None:
        """Write the draft soon; changes that come meanwhile don't put it off."""
        if not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        """Write nothing more by itself."""
        self._timer.stop()

    def drop(self) -> None:
        """Delete the draft: what it held is saved, or not wanted any more."""
        self.stop()
        path = self.path
        self.desk.operations.write(self.desk, lambda: drop_draft(path), lambda _done: None)

    def _keep(self) -> None:
        if self.form.dirty:
            draft, path = self.form.draft(), self.path
            self.desk.operations.write(self.desk, lambda: keep_draft(path, draft), lambda _done: None, failed=self._not_kept)

    def _not_kept(self, problem: BaseException) -> None:
        self.desk.say(_("The draft could not be kept on this computer: {reason}. Save soon").format(reason=problem), "warn")
