"""Undo, redo and restore from any screen: with progress, and with a question where other actions or records must go along."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import Blocked, Cancelled
from desktop_crm.base.i18n import _, ngettext
from desktop_crm.services import undoing
from desktop_crm.ui.kit.dialogs import Dialog
from desktop_crm.ui.kit.widgets import Avatar, Button, Label, column, hline, row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from PySide6.QtWidgets import QWidget

    from desktop_crm.models.changes import Entry
    from desktop_crm.services.session import Changes
    from desktop_crm.services.undoing import Key
    from desktop_crm.ui.desk import Desk

LISTED: Final = 50


class AlongDialog(Dialog):
    """Asks whether what stands in the way is to go along. `rows` are its lines; accepting means all of it."""

    def __init__(self, parent: QWidget, title: str, hint: str, action: str, rows: Sequence[QWidget | Any], more: str, *, name: str) -> None:
        super().__init__(parent, title, hint, width=600, name=name)
        self.add(hline())
        for one in rows:
            self.add(one)
        if more:
            self.add(Label(more, "small", "text3"))
        self.add_button(Button(_("Cancel"), name=f"{name}.cancel", on_click=self.reject), safe=True)
        self.accept_button = self.add_button(Button(action, "primary", name=f"{name}.accept", on_click=self.accept))


class TakingBack:
    """Takes actions back for a page or the window `owner`. `done(changes)` and `failed(problem)` may follow each of them."""

    def __init__(self, owner: QWidget, desk: Desk) -> None:
        self.owner, self.desk = owner, desk
        self.dialog: AlongDialog | None = None

    def undo(self, change_set: int, *, with_later: bool = False, done: Callable[[Changes[Any]], None] | None = None,
             failed: Callable[[BaseException], None] | None = None, say: bool = True) -> None:
        """Undo one action."""
        self._undo(lambda: change_set, with_later=with_later, done=done, failed=failed, say=say)

    def undo_last(self) -> None:
        """Undo this person's latest action."""
        self._undo(lambda: undoing.last(self.desk.session).id)

    def redo_last(self) -> None:
        """Redo what this person undid last."""
        self._undo(lambda: undoing.next_redo(self.desk.session).id, title=_("Redoing"))

    def _undo(self, which: Callable[[], int], *, with_later: bool = False, done: Callable[[Changes[Any]], None] | None = None,
              failed: Callable[[BaseException], None] | None = None, say: bool = True, title: str = "") -> None:
        session = self.desk.session
        chosen: list[int] = []

        def work(step: Callable[[int, int], None]) -> Changes[None]:
            chosen.append(which())
            return undoing.undo(session, chosen[-1], with_later=with_later, step=step)

        def refused(problem: BaseException) -> None:
            if isinstance(problem, Blocked) and problem.later and chosen and not with_later:
                self._ask_later(problem, chosen[-1], done, failed, say=say)
            else:
                self._failed(problem, failed)

        self.desk.write_long(self.owner, work, done or _nothing, title=title or _("Undoing"), failed=refused, say=say)

    def restore(self, keys: Sequence[Key], *, with_needed: bool = False, done: Callable[[Changes[Any]], None] | None = None) -> None:
        """Bring deleted records back."""
        session = self.desk.session

        def refused(problem: BaseException) -> None:
            if isinstance(problem, Blocked) and problem.needed and not with_needed:
                self._ask_needed(problem, keys, done)
            else:
                self._failed(problem, None)

        self.desk.write_long(
            self.owner, lambda step: undoing.restore(session, keys, with_needed=with_needed, step=step), done or _nothing, title=_("Restoring"), failed=refused,
        )

    def _failed(self, problem: BaseException, failed: Callable[[BaseException], None] | None) -> None:
        if isinstance(problem, Cancelled):
            self.desk.say(_("Stopped; nothing was changed"))
        if failed is not None:
            failed(problem)
        elif not isinstance(problem, Cancelled):
            self.desk.fail(problem)

    # ---- what goes along

    def _ask_later(self, problem: Blocked, change_set: int, done: Callable[[Changes[Any]], None] | None, failed: Callable[[BaseException], None] | None, *, say: bool) -> None:
        session, later = self.desk.session, problem.later

        def came(found: list[Entry] | None) -> None:
            if not found:
                self._failed(problem, failed)
                return
            action = ngettext("Undo this too", "Undo these {count} too", len(found)).format(count=f"{len(found):,}")
            rows = [_line(one, session.today) for one in found[:LISTED]]
            more = _("and {count} earlier ones").format(count=f"{len(found) - LISTED:,}") if len(found) > LISTED else ""
            again = partial(self.undo, change_set, with_later=True, done=done, failed=failed, say=say)
            title = ngettext("A later action builds on this", "{count} later actions build on this", len(found)).format(count=f"{len(found):,}")
            self._ask(AlongDialog(self.owner, title, problem.message, action, rows, more, name="later_dialog"), again, lambda: self._left(failed))

        self.desk.operations.read(self.owner, lambda: undoing.offered(session, later), came, failed=self.desk.fail)

    def _ask_needed(self, problem: Blocked, keys: Sequence[Key], done: Callable[[Changes[Any]], None] | None) -> None:
        session, needed = self.desk.session, problem.needed

        def came(found: list[str]) -> None:
            action = ngettext("Restore this too", "Restore these {count} too", len(needed)).format(count=f"{len(needed):,}")
            more = _("and {count} more").format(count=f"{len(needed) - LISTED:,}") if len(needed) > LISTED else ""
            rows = [Label(one, "body", wrap=True) for one in found]
            again = partial(self.restore, keys, with_needed=True, done=done)
            self._ask(AlongDialog(self.owner, _("What this belongs to was deleted too"), problem.message, action, rows, more, name="needed_dialog"), again, lambda: None)

        self.desk.operations.read(self.owner, lambda: undoing.names(session, needed[:LISTED]), came, failed=self.desk.fail)

    @staticmethod
    def _left(failed: Callable[[BaseException], None] | None) -> None:
        if failed is not None:
            failed(Cancelled())

    def _ask(self, dialog: AlongDialog, again: Callable[[], None], left: Callable[[], None]) -> None:
        self.dialog = dialog
        dialog.accepted.connect(again)
        dialog.rejected.connect(left)
        dialog.open()


def _nothing(_changes: object) -> None:
    """Do nothing more."""


def _line(entry: Entry, today: date) -> Any:
    at = entry.at.astimezone()
    when = at.strftime("%H:%M") if at.date() == today else at.strftime("%Y-%m-%d %H:%M")
    count = ngettext("{count} record", "{count} records", entry.records).format(count=f"{entry.records:,}")
    return row(Avatar(entry.user_name, 24), (column(Label(entry.label, "body", wrap=True), Label(f"{entry.user_name} · {when} · {count}", "small", "text3"), gap=1), 1), gap=10)
