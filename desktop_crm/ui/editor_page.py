"""What editors with a page of their own share: header, problems, unsaved mark, draft on disk, saving, conflicts, leaving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QTimer

from desktop_crm.base.errors import Conflict, Invalid, NotAllowed, UserError
from desktop_crm.base.i18n import _
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.drafts import DraftKeeper, save_draft
from desktop_crm.ui.kit.dialogs import confirm
from desktop_crm.ui.kit.line_editor import CellLine
from desktop_crm.ui.kit.widgets import Banner, Button, Label, Pill, box, column, hline, holder, row, scroll
from desktop_crm.ui.tell import toasts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QWidget

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Changes
    from desktop_crm.ui.kit.line_table import LineTable

SHOWN_PROBLEMS: Final = 3


@dataclass(frozen=True)
class Trouble:
    """One thing that stands in the way of saving: the words, and what brings the user there."""

    text: str
    go: Callable[[], object]


class EditorPage(Page):
    """A record's editor on a page of its own.

    A subclass builds its cards and calls `finish`; it answers `read` (on the reading lane), `take` (shows what was read), `content`
    and `put_content` (the draft), `troubles` and `saved`.
    """

    saves: str = ""

    def __init__(self, desk: Desk, entity: str, key: int | None, given: Mapping[str, Any]) -> None:
        super().__init__(desk)
        if not desk.session.may_write(entity):
            raise NotAllowed(_("Your role may look at this but not change it. Ask your administrator"))
        self.spec = desk.session.spec(entity)
        self.place = entity
        self.setObjectName(f"edit.{entity}")
        self.key, self.given = key, dict(given)
        self.base: Values = {}
        self.dirty = False
        self.ready = False
        self._shown: list[Trouble] = []
        self._next = 0
        self._refused: list[Trouble] = []
        slot = str(key) if key is not None else "-".join(["new", *(f"{name}-{value}" for name, value in sorted(self.given.items()) if isinstance(value, int))])
        self.drafts = DraftKeeper(desk, self, entity, slot, self.content)
        self.heading = Label("", "page")
        self.pill = Pill("", "neutral")
        self.pill.hide()
        self.mark = holder(row(Label("●", "small", "warn"), Label(_("Unsaved changes"), "small", "warn"), gap=5), name="edit.unsaved")
        self.mark.hide()
        self.banner = Banner(name=f"edit.{entity}.problems")
        self.banner.hide()
        self.notice = Banner(name=f"edit.{entity}.notice")
        self.notice.hide()
        self._troubles_timer = QTimer(self)
        self._troubles_timer.setSingleShot(True)
        self._troubles_timer.setInterval(0)
        self._troubles_timer.timeout.connect(self._show_again)

    # ---- what a subclass answers

    def read(self) -> Any:
        """Read the record and what is shown with it, on the reading lane."""
        raise NotImplementedError

    def take(self, state: Any) -> None:
        """Show what was read."""
        raise NotImplementedError

    def content(self) -> dict[str, Any]:
        """Return what a draft keeps."""
        raise NotImplementedError

    def put_content(self, content: dict[str, Any]) -> None:
        """Show what a draft kept."""
        raise NotImplementedError

    def troubles(self) -> list[Trouble]:
        """Check everything; return what stands in the way of saving."""
        raise NotImplementedError

    def refuse(self, problem: UserError) -> list[Trouble]:
        """Mark what a use case refused; return it as troubles."""
        return [Trouble(problem.message, self.setFocus)]

    def tables(self) -> list[LineTable]:
        """Return the tables in which a cell may be open."""
        return []

    # ---- building

    def finish(self, body: QWidget, buttons: list[QWidget]) -> None:
        """Lay out header and body, and read what is to be shown."""
        head = box(row(self.heading, self.pill, self.mark, None, *buttons, gap=8, margins=(20, 10, 16, 10)), "surface")
        banners = holder(column(self.banner, self.notice, gap=8, margins=(20, 10, 20, 0)))
        self._banners = banners
        banners.hide()
        self.area = scroll(body, name=f"edit.{self.spec.name}.body")
        self.setLayout(column(box(column(head, hline(), banners, (self.area, 1), gap=0), "app"), gap=0))
        self.area.setEnabled(False)
        self.load()

    def cancel_button(self) -> Button:
        """Return the button that leaves without saving."""
        return Button(_("Cancel"), "ghost", name="action.cancel", on_click=self.cancel)

    def crumbs(self) -> list[tuple[str, Callable[[], object] | None]]:
        """Return the list and this record."""
        return [(self.spec.plural, lambda: self.desk.show_list(self.spec.name)), (self.windowTitle(), None)]

    def set_title(self, heading: str, title: str) -> None:
        """Name the page."""
        self.heading.setText(heading)
        self.setWindowTitle(title)
        self.desk.crumbs_changed.emit()

    # ---- reading

    def load(self) -> None:
        """Read what is to be shown."""
        self.desk.operations.read(self, self.read, self._have, key="load", failed=self._not_read)

    def _not_read(self, problem: BaseException) -> None:
        self.desk.fail(problem)
        if not self.ready:
            self.desk.go_back()

    def _have(self, state: Any) -> None:
        first = not self.ready
        self.take(state)
        self.ready = True
        self.area.setEnabled(True)
        self.set_dirty(on=False)
        self.show_troubles([])
        if first:
            self._restore()
            self.first_focus()

    def first_focus(self) -> None:
        """Put the focus where typing begins."""

    def _restore(self) -> None:
        found = self.drafts.load()
        if found is None:
            return
        content, at = found
        self.put_content(content)
        self.set_dirty(on=True)
        drop = Button(_("Discard"), size="small", name="action.discard_draft", on_click=self._discard)
        self.tell(_("Unsaved changes from {time} were brought back").format(time=f"{at.astimezone():%m-%d %H:%M}"), "info", actions=[drop])

    def _discard(self) -> None:
        self.drafts.discard()
        self.tell("")
        self.load()

    def tell(self, text: str, tone: str = "info", *, detail: str = "", actions: list[Button] | None = None) -> None:
        """Say something above the form, or nothing."""
        self.notice.setVisible(bool(text))
        if text:
            self.notice.show_text(text, tone, detail=detail, actions=actions or [])
        self._fit_banners()

    def _fit_banners(self) -> None:
        self._banners.setVisible(not (self.banner.isHidden() and self.notice.isHidden()))

    def refresh(self, entities: set[str]) -> None:
        """Read anew what somebody else changed, unless there are unsaved changes here: those are compared when they are saved."""
        if self.ready and not self.dirty and self.concerned(entities):
            self.load()

    def concerned(self, entities: set[str]) -> bool:
        """Tell whether a change of `entities` may be seen here."""
        return self.key is not None and (not entities or self.spec.name in entities)

    # ---- changes

    def set_dirty(self, *, on: bool) -> None:
        """Show or take away the mark of unsaved changes."""
        self.dirty = on
        self.mark.setVisible(on)

    def touch(self) -> None:
        """Take note of a change by the user: mark it, keep a draft of it, see whether a problem went away."""
        if not self.ready:
            return
        self._refused = []
        self.set_dirty(on=True)
        self.drafts.touch()
        if self._shown:
            self._troubles_timer.start()

    def commit_cells(self) -> None:
        """Take what stands in an open cell, as pressing Enter would."""
        for table in self.tables():
            for line in table.findChildren(CellLine):
                delegate = table.itemDelegate()
                delegate.commitData.emit(line)
                delegate.closeEditor.emit(line)

    # ---- problems

    def _show_again(self) -> None:
        self.show_troubles([*self.troubles(), *self._refused])

    def show_troubles(self, found: list[Trouble]) -> None:
        """Show what stands in the way of saving, with a link to each."""
        self._shown = found
        self.banner.setVisible(bool(found))
        if found:
            text = _("1 thing to correct before saving") if len(found) == 1 else _("{count} things to correct before saving").format(count=len(found))
            links = [(one.text, one.go) for one in found[:SHOWN_PROBLEMS]]
            self.banner.show_text(text, "danger", links=links, hint=_("F8 goes to the next"))
        self._fit_banners()

    def next_problem(self) -> None:
        """Go to the next thing that is wrong."""
        if not self._shown:
            self.show_troubles(self.troubles())
        if self._shown:
            self._next %= len(self._shown)
            self._shown[self._next].go()
            self._next += 1

    def checked(self) -> bool:
        """Check everything and tell whether it may be saved; otherwise go to the first thing that is wrong."""
        self.commit_cells()
        if not self.ready:
            return False
        self._refused = []
        self._next = 0
        found = self.troubles()
        self.show_troubles(found)
        if found:
            self.next_problem()
        return not found

    # ---- saving

    def write(self, button: Button, work: Callable[[], Changes[Any]], done: Callable[[Changes[Any]], None], *, say: bool = True) -> None:
        """Run a use case; `button` says so meanwhile. What it refuses is shown where it belongs."""
        button.set_busy(_("Saving …"))
        self.area.setEnabled(False)

        def free() -> None:
            button.set_busy(None)
            self.area.setEnabled(True)

        def finished(changes: Changes[Any]) -> None:
            free()
            self.set_dirty(on=False)
            self.drafts.discard()
            self.tell("")
            done(changes)

        def failed(problem: BaseException) -> None:
            free()
            self._failed(problem)

        self.desk.write(self, work, finished, failed=failed, say=say)

    def _failed(self, problem: BaseException) -> None:
        if isinstance(problem, Conflict):
            self.conflict(problem)
        elif isinstance(problem, Invalid) or (isinstance(problem, UserError) and problem.field):
            self._show_refused(self.refuse(problem))
        elif isinstance(problem, UserError):
            self._show_refused([Trouble(problem.message, self.setFocus)])
        else:
            self.desk.fail(problem)

    def _show_refused(self, found: list[Trouble]) -> None:
        self._refused = found
        self.show_troubles(found)
        self.next_problem()

    def conflict(self, problem: Conflict) -> None:
        """Say that somebody else changed the same fields, and let the user take their state; what was typed stays until then."""
        theirs = Button(_("Load their version"), size="small", name="action.take_theirs", on_click=self._discard)
        mine = Button(_("Keep mine"), size="small", name="action.keep_mine", on_click=lambda: self._keep_mine(problem))
        self.tell(problem.message, "warn", detail=_("Nothing was saved. What you typed is still here"), actions=[theirs, mine])

    def _keep_mine(self, problem: Conflict) -> None:
        """Begin from what is stored now, so that saving again writes what stands in this form."""
        self.base = {**self.base, **{one.field: one.theirs for one in problem.fields}}
        self.tell("")
        self.save()

    def save(self) -> None:
        """Save; a subclass says how."""
        raise NotImplementedError

    # ---- leaving

    def cancel(self) -> None:
        """Leave without saving; the message that says so brings everything back."""
        if not self.dirty:
            self.desk.go_back()
            return
        desk, entity, slot, content, key, given = self.desk, self.spec.name, self.drafts.slot, self.content(), self.key, self.given
        toasts = toasts_of(self)

        def again() -> None:
            save_draft(desk.session.url, entity, slot, content)
            if key is None:
                desk.new_record(entity, **given)
            else:
                desk.show_page("edit", entity=entity, key=key)

        self.set_dirty(on=False)
        self.drafts.discard()
        desk.go_back()
        toasts.show(_("Changes discarded"), "info", action=(_("Undo"), again))

    def may_leave(self) -> bool:
        """Let the user leave; unsaved changes stay in the draft. Asks only where that can't be written."""
        if not self.dirty:
            return True
        self.commit_cells()
        try:
            self.drafts.keep_now()
        except OSError as problem:
            return confirm(self, _("The draft can't be kept"), _("The disk refused it: {reason}. What you typed here would be lost").format(reason=problem.strerror or problem), _("Leave all the same"))
        return True
