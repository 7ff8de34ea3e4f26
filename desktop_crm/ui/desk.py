"""The desk: what every page works with. It is made once a window and passed on; no page reaches for anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QWidget

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.ui.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from desktop_crm.base.settings import Settings
    from desktop_crm.domain.conditions import Condition
    from desktop_crm.services.session import Changes, Session
    from desktop_crm.ui.drafts import Kept
    from desktop_crm.ui.operations import Operations


class Page(QWidget):
    """One page of the window: a list, a record, a report, an import.

    `place` is the navigation item it belongs to. A page asks the desk for everything, refreshes when told what changed, and
    is asked before it is left.
    """

    place = ""
    topic = ""
    """What the guide's section about the page is found by, where it is not the place."""
    built = True
    """Whether all parts are there; False while a page is made in small steps."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._steps: Steps | None = None
        self._typed: list[QKeyEvent] | None = None
        self._when_seen: Callable[[], object] | None = None

    # ---- made in small steps

    def make(self, work: Iterator[None]) -> None:
        """Make the page, or a part of it, in small steps, the first of them at once; what is under way is finished before."""
        self.finish_making()
        self._steps = Steps(self, work)

    def build_up(self, parts: Iterator[None], then: Callable[[], object] | None = None) -> None:
        """Make all `parts` of the page in small steps, then do what comes `then`; only after that it is `built` and gives the focus on."""

        def work() -> Iterator[None]:
            yield from parts
            self.built = True
            if then is not None:
                then()
            yield
            if self.window().focusWidget() is self:
                self.take_focus()
            self.pass_keys()

        self.built = False
        self.hold_keys()
        self.make(work())

    def finish_making(self) -> None:
        """Do the steps that are left at once."""
        if self._steps is not None and self.is_being_made():
            self._steps.finish()

    def is_being_made(self) -> bool:
        """Tell whether there are steps left."""
        return self._steps is not None and self._steps.under_way()

    def hold_keys(self) -> None:
        """Keep the focus and what is typed until `pass_keys`: nobody who types ahead of a page loses it."""
        self._typed = self._typed or []

    def holds_keys(self) -> bool:
        """Tell whether what is typed waits for what it is typed into."""
        return self._typed is not None

    def pass_keys(self) -> None:
        """Type what was kept where the focus is now, and keep no more."""
        typed, self._typed = self._typed, None
        for event in typed or ():
            focus = QApplication.focusWidget()
            if focus is not None and self.isAncestorOf(focus):
                QApplication.sendEvent(focus, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep a key that comes before what it is typed into."""
        if self._typed is None or event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier):
            super().keyPressEvent(event)
            return
        self._typed.append(QKeyEvent(event.type(), event.key(), event.modifiers(), event.text(), event.isAutoRepeat(), event.count()))

    # ---- seen or not

    def when_seen(self, work: Callable[[], object]) -> None:
        """Do something now, or once the page is shown where it isn't: what nobody sees need not be read anew each time."""
        if self.isVisible():
            self._when_seen = None
            work()
        else:
            self._when_seen = work

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was put off."""
        super().showEvent(event)
        work, self._when_seen = self._when_seen, None
        if work is not None:
            work()

    # ---- what a page answers

    def crumbs(self) -> list[tuple[str, Callable[[], object] | None]]:
        """Return the breadcrumb: (text, action or None) from the general to this page."""
        return [(self.windowTitle(), None)]

    def refresh(self, entities: set[str]) -> None:
        """Show anew what depends on `entities`, which somebody changed; an empty set means everything."""

    def outdated(self) -> bool:
        """Tell whether the page was made for other fields than there are now, and may be made anew since nothing is typed into it."""
        return False

    def is_there(self) -> bool:
        """Tell whether what the page shows at first has been read."""
        return True

    def may_leave(self) -> bool:
        """Tell whether the page may be left now; it asks the user itself where something would be lost."""
        return True

    def take_focus(self) -> None:
        """Put the focus where work on this page begins: its table, else its first editor, else its first button.

        A page whose content is still being read keeps the focus itself and calls this again once the content is there.
        """
        target = self if self.holds_keys() else self.focusProxy() or first_stop(self) or self
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def resume(self, kept: Kept) -> None:
        """Go on with a draft that the page was opened for; a page that brings its draft back by itself needs nothing here."""

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Return what the window's keys do on this page, by action: new, save, submit, find, filter, print, export, import, refresh, next_problem, edit."""
        return {}


def first_stop(page: QWidget) -> QWidget | None:
    """Return the first table of a page, else its first editor, else the first button; None where it has none."""
    stops = [one for one in page.findChildren(QWidget) if one.isVisible() and one.isEnabled() and one.focusProxy() is None and one.focusPolicy() & Qt.FocusPolicy.TabFocus]
    tables = [stop for stop in stops if isinstance(stop, QAbstractItemView)]
    editors = [stop for stop in stops if not isinstance(stop, QAbstractButton)]
    return next(iter([*tables, *editors, *stops]), None)


class Desk(QObject):
    """Session, lanes, settings, and the ways from page to page.

    Signals: `changed` (set of entity names) after any write, `said` (text, undo change set or None, tone, detail) for a toast,
    `failed` (exception) for what a user must be told, `draft_wanted` (Kept) to go on with a draft, and one signal for each way of
    leaving a page; `leave_wanted` (why, what) closes the window for another company, or for this one restored or at its new place.
    """

    changed = Signal(object)
    said = Signal(str, object, str, str)
    failed = Signal(object)
    record_wanted = Signal(str, int, object)
    new_wanted = Signal(str, object)
    list_wanted = Signal(str, object, str)
    page_wanted = Signal(str, object)
    draft_wanted = Signal(object)
    back_wanted = Signal()
    settings_changed = Signal(object)
    crumbs_changed = Signal()
    leave_wanted = Signal(str, object)

    def __init__(self, session: Session, operations: Operations, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.operations = operations
        self.settings = settings

    def open_record(self, entity: str, key: int, *, siblings: Iterable[int] = ()) -> None:
        """Show one record; `siblings` are the ids before and after it in the list it was opened from."""
        self.record_wanted.emit(entity, key, list(siblings))

    def new_record(self, entity: str, **given: Any) -> None:
        """Show an empty form with the fields in `given` filled in."""
        self.new_wanted.emit(entity, given)

    def show_list(self, entity: str, condition: Condition | None = None, title: str = "") -> None:
        """Show the list of an entity, narrowed to `condition`, which `title` names."""
        self.list_wanted.emit(entity, condition, title)

    def show_page(self, key: str, /, **parameters: Any) -> None:
        """Show a page by its key, such as ``import``, ``settings`` or ``report.overdue``."""
        self.page_wanted.emit(key, parameters)

    def go_back(self) -> None:
        """Leave this page for the one before it."""
        self.back_wanted.emit()

    def write(self, owner: QObject, work: Callable[[], Changes[Any]], done: Callable[[Changes[Any]], None], *, failed: Callable[[BaseException], None] | None = None, say: bool = True) -> None:
        """Run a use case that writes, tell every page what changed, say so with a way to undo it, then call `done`."""

        def finished(changes: Changes[Any]) -> None:
            done(changes)
            self.tell(changes, say=say)

        self.operations.write(owner, work, finished, failed=failed)

    def write_long(self, owner: QObject, work: Callable[[Callable[[int, int], None]], Changes[Any]], done: Callable[[Changes[Any]], None], *, title: str,
                   failed: Callable[[BaseException], None] | None = None, say: bool = True) -> None:
        """Write like `write` what may take long: `work` gets a progress callback, and the user may stop it, which undoes all of it."""

        def finished(changes: Changes[Any]) -> None:
            done(changes)
            self.tell(changes, say=say)

        self.operations.long_write(owner, work, finished, title=title, failed=failed)

    def tell(self, changes: Changes[Any], *, say: bool = True) -> None:
        """Tell every page what a finished write changed, and offer to undo it."""
        if changes.change_set is None:
            return
        if say:
            self.said.emit(changes.said or changes.label, changes.change_set, "warn" if changes.warnings else "success", "\n".join(changes.warnings))
        QTimer.singleShot(0, self, lambda: self.changed.emit(changes.entities))

    def say(self, text: str, tone: str = "info") -> None:
        """Show a short message that needs no answer."""
        self.said.emit(text, None, tone, "")

    def fail(self, problem: BaseException) -> None:
        """Tell the user of a failure: a message for what can be put right, the crash dialog for anything else. What they stopped themselves they know."""
        if not isinstance(problem, Cancelled):
            self.failed.emit(problem)

    @staticmethod
    def message(problem: BaseException) -> str | None:
        """Return the message of a failure the user can put right, or None for a defect."""
        return problem.message if isinstance(problem, UserError) else None
