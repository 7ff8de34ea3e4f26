"""What editors with a page of their own share: header, problems, unsaved mark, draft on disk, saving, conflicts, leaving."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer

from desktop_crm.base.errors import Conflict, Invalid, NotAllowed, UserError
from desktop_crm.base.i18n import _
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.editor_cells import commit_cells, open_cell, undo_in
from desktop_crm.ui.editor_conflict import ask_conflict
from desktop_crm.ui.editor_draft import DraftKeeper, leave_kept, offer_back
from desktop_crm.ui.editor_notes import Notes, Trouble
from desktop_crm.ui.kit.widgets import Button, Label, Pill, box, column, hline, holder, row, scroll
from desktop_crm.ui.laid_form import LaidForm
from desktop_crm.ui.quick_create import QuickCreate
from desktop_crm.ui.saving import tell_merged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from PySide6.QtWidgets import QWidget

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Changes
    from desktop_crm.ui.drafts import Draft, Kept
    from desktop_crm.ui.kit.line_table import LineTable


class EditorPage(Page):
    """A record's editor on a page of its own, around the form of its fields.

    A subclass ends its constructor with `begin` and answers `build` (makes its cards in small steps and calls `finish`), `read` (on the reading lane), `take` (shows
    what was read), `lines_draft` and `restore_lines` (the draft), `changed`, `troubles` and `save`. Raises NotAllowed for somebody who may not change the entity.
    """

    def __init__(self, desk: Desk, entity: str, key: int | None, given: Mapping[str, Any], names: Sequence[str]) -> None:
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
        self._kept: Kept | None = None
        self._refused: list[Trouble] = []
        self.drafts = DraftKeeper(desk, self, entity, key, self.given, title=self.windowTitle)
        self.form = LaidForm(desk, self.spec, names)
        self.form.setParent(self)
        self.form.hide()
        self.form.create_wanted.connect(self._create)
        self.heading = Label("", "page")
        self.pill = Pill("", "neutral")
        self.pill.hide()
        self.mark = holder(row(Label("●", "small", "warn"), Label(_("Unsaved changes"), "small", "warn"), gap=5), name="edit.unsaved")
        self.mark.hide()
        self.notes = Notes(f"edit.{entity}")
        self.banner, self.tell = self.notes.banner, self.notes.tell
        self._troubles_timer = QTimer(self)
        self._troubles_timer.setSingleShot(True)
        self._troubles_timer.setInterval(0)
        self._troubles_timer.timeout.connect(self._show_again)

    # ---- what a subclass answers

    def build(self) -> Iterator[None]:
        """Make the cards around the form's fields in small steps, and `finish`."""
        raise NotImplementedError

    def read(self) -> Any:
        """Read the record and what is shown with it, on the reading lane."""
        raise NotImplementedError

    def take(self, state: Any) -> Iterator[None]:
        """Show what was read, in small steps."""
        raise NotImplementedError

    def lines_draft(self) -> dict[str, Any]:
        """Return what a draft keeps beside the form's fields."""
        raise NotImplementedError

    def restore_lines(self, kept: dict[str, Any]) -> None:
        """Show what `lines_draft` kept."""
        raise NotImplementedError

    def troubles(self) -> list[Trouble]:
        """Check everything; return what stands in the way of saving."""
        raise NotImplementedError

    def changed(self) -> bool:
        """Tell whether anything differs from what was read."""
        raise NotImplementedError

    def form_troubles(self) -> list[Trouble]:
        """Check the form's fields."""
        return [Trouble(one.message, partial(self.form.go_to, one.field)) for one in self.form.problems()]

    def go_to(self, field: str) -> bool:
        """Go to the field or the cell that a problem names; tell whether it is here."""
        return self.form.go_to(field)

    def refuse(self, problem: UserError) -> list[Trouble]:
        """Mark what a use case refused; return it as troubles."""
        if isinstance(problem, Invalid):
            self.form.mark(problem.problems)
            return [Trouble(one.message, partial(self.go_to, one.field)) for one in problem.problems]
        return [Trouble(problem.message, partial(self.go_to, problem.field))]

    def tables(self) -> list[LineTable]:
        """Return the tables in which a cell may be open."""
        return []

    # ---- building

    def begin(self) -> None:
        """Make the page in small steps, then read what is to be shown."""
        self.hold_keys()
        self.make(self._made())

    def _made(self) -> Iterator[None]:
        yield from self.form.build()
        yield from self.build()
        self.load()

    def finish(self, body: QWidget, buttons: list[QWidget]) -> None:
        """Lay out header and body."""
        head = box(row(self.heading, self.pill, self.mark, None, *buttons, gap=8, margins=(20, 10, 16, 10)), "surface")
        self.area = scroll(body, name=f"edit.{self.spec.name}.body")
        self.setLayout(column(box(column(head, hline(), self.notes, (self.area, 1), gap=0), "app"), gap=0))
        self.area.setEnabled(False)

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
        """Read what is to be shown, at first with the draft there may be."""
        if self.ready:
            self.desk.operations.read(self, self.read, self._have, key="load", failed=self._not_read)
        else:
            self.desk.operations.draft(self, self.drafts.read_or_tell, self._have_draft, failed=self.desk.fail)

    def _have_draft(self, found: tuple[Kept | None, str]) -> None:
        kept, trouble = found
        self._kept = self._kept or kept
        if trouble:
            self.desk.say(trouble, "warn")
        self.desk.operations.read(self, self.read, self._have, key="load", failed=self._not_read)

    def _not_read(self, problem: BaseException) -> None:
        self.pass_keys()
        self.desk.fail(problem)
        if not self.ready:
            self.desk.go_back()

    def _have(self, state: Any) -> None:
        again = self.ready
        self.make(self._shown(state))
        if again:  # what is shown can be typed into
            self.finish_making()

    def _shown(self, state: Any) -> Iterator[None]:
        first = not self.ready
        yield from self.take(state)
        self.set_dirty(on=False)
        self.notes.show_troubles([])
        while first and self._kept is not None:
            kept, self._kept = self._kept, None
            yield from self._resumed(kept)
        self.ready = True
        self.area.setEnabled(True)
        if first:
            self.first_focus()
            self.pass_keys()

    def first_focus(self) -> None:
        """Put the focus where typing begins."""

    # ---- the draft

    def is_dirty(self) -> bool:
        """Tell whether anything was changed and is still to be kept."""
        return self.dirty

    def draft(self) -> Draft:
        """Return what was typed, as a draft keeps it."""
        return {**self.form.kept(), "lines": self.lines_draft()}

    def resume(self, kept: Kept) -> None:
        """Go on with a draft; where the record changed since, the values it began from are compared when it is saved."""
        if not self.ready:
            self._kept = kept
            return
        if not self.dirty:
            for _step in self._resumed(kept):  # into what can be typed into: in one piece
                pass

    def _resumed(self, kept: Kept) -> Iterator[None]:
        draft = kept.draft
        self.drafts.adopt(kept)
        if self.key is not None:
            values = self.form.began_from(draft)
            self.base = {**self.base, **values}
            self.form.set_values(values)
            yield
        self.form.restore(draft["fields"])
        self.restore_lines(draft["lines"])  # no answer to what the fields have asked for may come before
        yield
        self.set_dirty(on=True)
        drop = Button(_("Discard"), size="small", name="action.discard_draft", on_click=self._discard)
        self.tell(_("What you typed and did not save was brought back"), "info", actions=[drop])

    def _discard(self) -> None:
        self.drafts.drop()
        self.tell("")
        self.load()

    def refresh(self, entities: set[str]) -> None:
        """Read anew what somebody else changed, unless there are unsaved changes here: those are compared when they are saved."""
        if self.ready and not self.dirty and self.concerned(entities):
            self.load()

    def outdated(self) -> bool:
        """Tell whether records have other fields by now, and nothing is typed here."""
        return not self.dirty and self.desk.session.catalog.get(self.spec.name) != self.spec

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
        self.set_dirty(on=self.changed())
        self.drafts.touch()
        if self.notes.found:
            self._troubles_timer.start()

    def edit_cell(self) -> None:
        """Open the current cell of the table in use."""
        open_cell(self.tables())

    def undo(self) -> None:
        """Take back the last change of the table in use; what is saved already is not touched from here."""
        undo_in(self.tables())

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Save, go to the next problem, and what the table in use does."""
        if not self.ready:
            return {}
        return {"save": self.save, "submit": self.save, "next_problem": self.next_problem, "edit": self.edit_cell, "undo": self.undo}

    def _create(self, name: str, text: str) -> None:
        """Add a record to link to without leaving the page."""
        target = self.desk.session.catalog[self.spec.fields[name].link]
        given: Values = {target.title: text} if text else {}
        customer = self.form.get("customer")
        if customer is not None and "customer" in target.fields:
            given["customer"] = customer
        dialog = QuickCreate(self, self.desk, target, given)
        dialog.made.connect(lambda ref: self.form.set_link(name, ref))
        dialog.open()

    def commit_cells(self) -> None:
        """Take what stands in an open cell, as pressing Enter would."""
        commit_cells(self.tables())

    # ---- problems

    def _show_again(self) -> None:
        self.notes.show_troubles([*self.troubles(), *self._refused])

    def next_problem(self) -> None:
        """Go to the next thing that is wrong."""
        if not self.notes.found:
            self.notes.show_troubles(self.troubles())
        self.notes.next()

    def checked(self) -> bool:
        """Check everything and tell whether it may be saved; otherwise go to the first thing that is wrong."""
        self.commit_cells()
        if not self.ready:
            return False
        self._refused = []
        found = self.troubles()
        self.notes.show_troubles(found)
        if found:
            self.next_problem()
        return not found

    # ---- saving

    def write(self, button: Button, prepare: Callable[[], Callable[[], Changes[Any]]], done: Callable[[Changes[Any]], None], *, say: bool = True) -> None:
        """Run the use case that `prepare` returns; `button` says so meanwhile. What it refuses is shown where it belongs.

        After a conflict was decided it is prepared anew, from what the form and `base` then hold.
        """
        button.set_busy(_("Saving…"))
        self.area.setEnabled(False)

        def free() -> None:
            button.set_busy(None)
            self.area.setEnabled(True)

        def finished(changes: Changes[Any]) -> None:
            free()
            self.set_dirty(on=False)
            self.drafts.drop()
            self.tell("")
            tell_merged(self.desk, self.spec, getattr(changes.result, "merged", []))
            done(changes)

        def failed(problem: BaseException) -> None:
            free()
            if isinstance(problem, Conflict) and self.key is not None:
                self._ask(problem, lambda: self.write(button, prepare, done, say=say))
            elif isinstance(problem, UserError):
                self._show_refused(self.refuse(problem))
            else:
                self.desk.fail(problem)

        self.desk.write(self, prepare(), finished, failed=failed, say=say)

    def typed(self) -> Values:
        """Return what is to be written: of a record that is there only what was changed, so that others' changes to the rest stand."""
        values = self.form.current()
        return values if self.key is None else {name: values.get(name) for name in self.form.changed_fields()}

    def _show_refused(self, found: list[Trouble]) -> None:
        self._refused = found
        self.notes.show_troubles(found)
        self.next_problem()

    def _ask(self, conflict: Conflict, again: Callable[[], None]) -> None:
        """Let the user decide each field that somebody else changed too, then save again."""

        def decided(chosen: Values, theirs: Values) -> None:
            for name, value in chosen.items():
                self.form.set_value(name, value)
            self.base = theirs
            again()

        def undecided() -> None:
            self.tell(_("Not saved yet: somebody else changed this meanwhile"), "warn")

        ask_conflict(self, self.desk, self.spec, (self.base, self.form.current()), conflict, decided, undecided)

    def save(self) -> None:
        """Save; a subclass says how."""
        raise NotImplementedError

    # ---- leaving

    def cancel(self) -> None:
        """Leave without saving; the message that says so brings everything back."""
        if not self.dirty:
            self.desk.go_back()
            return
        offer_back(self, self.drafts)
        self.set_dirty(on=False)
        self.drafts.drop()
        self.desk.go_back()

    def may_leave(self) -> bool:
        """Keep what was typed as a draft and say so; ask only where it can't be kept."""
        self.drafts.stop()
        if not self.dirty:
            return True
        self.commit_cells()
        return leave_kept(self, self.drafts)
