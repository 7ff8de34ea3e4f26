"""The draft of one form: written soon after each change, deleted once it is saved or given up."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final, Protocol

from PySide6.QtCore import QObject, QTimer

from desktop_crm.base.files import disk_reason
from desktop_crm.base.i18n import _
from desktop_crm.domain.catalog import Ref
from desktop_crm.ui.drafts import DamagedDraft, Draft, Kept, draft_path, drop_draft, keep_draft, kept_drafts, read_draft
from desktop_crm.ui.kit.dialogs import confirm
from desktop_crm.ui.tell import toasts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QWidget

    from desktop_crm.ui.desk import Desk

DRAFT_MS: Final = 1000
"""From a change to its draft on the disk, which takes moments more: two seconds at most."""


class Drafted(Protocol):
    """A form of which a draft is kept while it is dirty."""

    def is_dirty(self) -> bool:
        """Tell whether anything was typed that isn't saved."""
        ...

    def draft(self) -> Draft:
        """Return what was typed."""
        ...


class DraftKeeper(QObject):
    """Keeps the draft of one form: of the record `key`, or of a new one that `given` was given for.

    `title` says what the record is called; `page` is the page that brings the draft back, where that isn't the record's own. It lives
    as long as the form, or `owner` where the form is no QObject.
    """

    def __init__(self, desk: Desk, form: Drafted, entity: str, key: int | None, given: Mapping[str, Any] | None = None, *,
                 title: Callable[[], str] | None = None, page: str = "", owner: QObject | None = None) -> None:
        super().__init__(form if isinstance(form, QObject) else owner)
        self.desk, self.form, self.entity = desk, form, entity
        self._given = {name: [int(value), value.title if isinstance(value, Ref) else ""] for name, value in sorted((given or {}).items()) if isinstance(value, int)}
        self._title, self._page = title, page
        self._lock = threading.Lock()
        self._asked = self._done = 0
        self._there = False
        self.set_key(key)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DRAFT_MS)
        self._timer.timeout.connect(self.keep)

    def set_key(self, key: int | None) -> None:
        """Keep it for the record `key` from now on; None is a new one."""
        self.key = key
        self.path = draft_path(self.desk.session.url, self.desk.session.person.id, self.entity, key)

    # ---- reading

    def read(self, *, any_given: bool = False) -> Kept | None:
        """Return the draft there is of this form, away from the window; raises DamagedDraft.

        With `any_given` a form that nothing was given for takes any draft of a new record.
        """
        if self.key is not None:
            draft = read_draft(self.path)
            return None if draft is None else Kept(self.path, draft)
        session = self.desk.session
        found, damaged = kept_drafts(session.url, session.person.id, entity=self.entity, new=True)
        if damaged:
            raise damaged[0]
        fitting = [one for one in found if not one.page and (one.given == self._given or (any_given and not self._given))]
        return next(iter(sorted(fitting, key=lambda one: one.given != self._given)), None)

    def read_or_tell(self, *, any_given: bool = False) -> tuple[Kept | None, str]:
        """Return the draft there is of this form, and what is to be told of one that can't be read."""
        try:
            return self.read(any_given=any_given), ""
        except DamagedDraft as problem:
            return None, problem.message

    def adopt(self, kept: Kept) -> None:
        """Go on with a draft in its own file."""
        self.path, self._there = kept.path, True

    # ---- writing

    def touch(self) -> None:
        """Write the draft soon, or drop it where nothing is left of it; changes that come meanwhile don't put it off."""
        if not self.form.is_dirty():
            if self._there or self._timer.isActive():
                self.drop()
        elif not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        """Write nothing more by itself."""
        self._timer.stop()

    def content(self) -> Draft:
        """Return what is kept."""
        title = self._title() if self._title is not None else ""
        about = {"entity": self.entity, "key": self.key, "title": title, "given": self._given, "page": self._page, "at": self.desk.session.now.isoformat()}
        return {**self.form.draft(), **about}

    def keep(self) -> None:
        """Write the draft, away from the window."""
        self._timer.stop()
        if self.form.is_dirty():
            work = self._work(self.content())
            self.desk.operations.draft(self.desk, work, lambda _done: None, failed=self._not_kept)

    def keep_now(self) -> None:
        """Write the draft before going on; raises OSError when the disk refuses."""
        self._timer.stop()
        if self.form.is_dirty():
            self._work(self.content())()

    def drop(self) -> None:
        """Delete the draft: what it held is saved, or not wanted any more."""
        self.stop()
        self.desk.operations.draft(self.desk, self._work(None), lambda _done: None)

    def _work(self, draft: Draft | None) -> Callable[[], None]:
        """Return the writing of a draft, or its removal; one that was asked for before another is never done after it."""
        self._asked += 1
        self._there = draft is not None
        number, path = self._asked, self.path

        def work() -> None:
            with self._lock:
                if number < self._done:
                    return
                self._done = number
                if draft is None:
                    drop_draft(path)
                else:
                    keep_draft(path, draft)

        return work

    def _not_kept(self, problem: BaseException) -> None:
        self.desk.say(_("The draft could not be kept on this computer: {reason}. Save soon").format(reason=disk_reason(problem)), "warn")


def offer_back(widget: QWidget, keeper: DraftKeeper) -> None:
    """Say that what was typed is given up, and offer to keep it again and go on with it."""
    desk, kept = keeper.desk, Kept(keeper.path, keeper.content())

    def again() -> None:
        desk.operations.draft(desk, lambda: keep_draft(kept.path, kept.draft), lambda _done: desk.draft_wanted.emit(kept), failed=desk.fail)

    toasts_of(widget).show(_("Changes discarded"), "info", action=(_("Undo"), again))


def leave_kept(widget: QWidget, keeper: DraftKeeper) -> bool:
    """Keep what was typed as a draft, now, and say so; tells whether it may be left: it is asked only where that can't be kept."""
    try:
        keeper.keep_now()
    except OSError as problem:
        text = _("The draft could not be kept on this computer: {reason}").format(reason=disk_reason(problem))
        return confirm(widget, _("Leave without saving?"), text, _("Leave without saving"))
    keeper.desk.say(_("What you typed is kept as a draft; open the form again to go on"))
    return True
