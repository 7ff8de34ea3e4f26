"""The page of any record: to be read, with every field changeable in place, and its editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from desktop_crm.base.errors import NotFound, UserError
from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.domain.catalog import Ref
from desktop_crm.services import records
from desktop_crm.ui.deleting import Deleting
from desktop_crm.ui.desk import Desk, Page
from desktop_crm.ui.editing import LinkSource
from desktop_crm.ui.extras import EDITORS
from desktop_crm.ui.in_place import InPlace, field_in_focus
from desktop_crm.ui.kit.widgets import Banner, Button, EmptyState, Skeleton, box, clear, column, hline, holder, scroll
from desktop_crm.ui.quick_create import started
from desktop_crm.ui.record_body import SIDE, Lines, RecordBody
from desktop_crm.ui.record_draft import RecordDraft
from desktop_crm.ui.record_edit import RecordEdit
from desktop_crm.ui.record_feed import FeedBeside, RecordFeed
from desktop_crm.ui.record_head import RecordHead, record_title

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from desktop_crm.domain.catalog import EntitySpec, Values
    from desktop_crm.ui.drafts import Kept


class RecordPage(Page):
    """One record, or a new one where `key` is None, which begins with `given`. `siblings` are the ids it can be stepped through."""

    def __init__(self, desk: Desk, entity: str, key: int | None, *, given: Mapping[str, Any] | None = None, siblings: Sequence[int] = ()) -> None:
        super().__init__(desk)
        self.spec: EntitySpec = desk.session.spec(entity)
        self.place = entity
        self.key = key
        self.given = dict(given or {})
        self.siblings = list(siblings)
        self.values: Values = {}
        self.lines: Lines = {}
        self.edit: RecordEdit | None = None
        self._gone = False
        self._first: str | None = None  # the field to begin with, while the editor is being made
        self.setObjectName(f"record.{entity}")
        self.setWindowTitle(self.spec.singular if key is not None else _("New {entity}").format(entity=in_sentence(self.spec.singular)))
        self.links = LinkSource(desk, self)
        self.deleting = Deleting(self, desk, self.spec)
        self.deleting.deleted.connect(self._deleted)
        self.body = RecordBody(desk, self.spec, self.links)
        self.cards, self.panels = self.body.cards, self.body.panels
        self.in_place = InPlace(self, desk, self.spec, key, fields=self.body.fields, values=lambda: self.values, saved=self.load)
        self.drafts = RecordDraft(self, desk, self.spec, key, self.given, fields=lambda: list(self.body.fields().values()),
                                  values=lambda: self.values)
        self.stack = QStackedWidget()
        self.setLayout(column(self.stack, gap=0))
        self.blank = box(column(Skeleton(8), None, margins=(20, 20, 20, 20)), "surface")
        self.stack.addWidget(self.blank)
        self.view: QWidget | None = None
        if key is None:
            self.hold_keys()
        self.load()

    # ---- the parts to be read

    def _build_view(self) -> Iterator[None]:
        """Make the parts and fill them, from the top: what is made is seen while the rest is still to come."""
        desk, spec = self.desk, self.spec
        self.head = RecordHead(desk, spec)
        self.head.edit_wanted.connect(self.begin_edit)
        self.head.delete_wanted.connect(self.delete)
        self.head.step_wanted.connect(self.step)
        self.head.state_wanted.connect(lambda code: self.in_place.save(spec.state, code))
        self.head.show_record(self.values, self.siblings)
        self.banner = Banner(name="record.banner")
        self.banner.hide()
        yield
        self.feed = RecordFeed(desk, spec)
        body = column(self.banner, None, gap=12, margins=(SIDE, 12, SIDE, 20))
        self.beside = FeedBeside(scroll(holder(body), name=f"record.{spec.name}.body"), self.feed, self.body.needed_width)
        self.view = holder(column(self.head, hline(), (self.beside, 1), gap=0))
        yield
        self.stack.addWidget(self.view)
        if self.edit is None:
            self.stack.setCurrentWidget(self.view)
        yield
        yield from self.body.build(body, lambda: self.values, saved=self.in_place.save, typed=self.drafts.keeper.touch)

    # ---- reading

    def load(self) -> None:
        """Read the record and its lines, at first with the draft there may be of it."""
        self.drafts.look(self._read)

    def _read(self) -> None:
        session, spec, key, given = self.desk.session, self.spec, self.key, self.given

        def work() -> tuple[Values, Lines]:
            if key is None:
                return started(self.desk, spec, given), {}
            return records.get(session, spec.name, key), records.lines(session, spec.name, key)

        self.desk.operations.read(self, work, lambda found: self._show(*found), key="load", failed=self._failed)

    def _show(self, values: Values, lines: Lines) -> None:
        self.finish_making()
        self.values, self.lines = values, lines
        if self.key is None:
            self.make(self._begin_new())
            return
        self.setWindowTitle(record_title(self.spec, values))
        self.desk.crumbs_changed.emit()
        self.make(self._fill())

    def _fill(self) -> Iterator[None]:
        """Show the record that was read; its parts are made the first time."""
        if self.view is None:
            yield from self._build_view()
        else:
            self.head.show_record(self.values, self.siblings)
            for card in self.cards:
                card.set_values(self.values)
                yield
        yield from self.body.show_lines(self.lines)
        self._offer_draft(self.banner)
        self.beside.arrange()
        if self.edit is None and self.view is not None:
            self.stack.setCurrentWidget(self.view)
            # Once the fields are seen: where the record was read again meanwhile, all of them were made in this turn.
            QTimer.singleShot(0, self, self._give_focus_on)
        yield
        self._show_around()
        self._go_on()

    def _give_focus_on(self) -> None:
        if self.hasFocus():
            self.take_focus()

    def _show_around(self) -> None:
        """Ask for what belongs to the record and for what happened to it."""
        if self.key is None or self._gone:
            return
        self.body.show_around(Ref(self.key, record_title(self.spec, self.values)))
        self.feed.show_record(self.values)

    def take_focus(self) -> None:
        """Begin with the first field that can be changed; in the editor with its first input."""
        if self.edit is not None or self.holds_keys():
            super().take_focus()
            return
        fields = [field for field in self.body.fields().values() if field.editable]
        if fields and fields[0].isVisible():
            fields[0].setFocus(Qt.FocusReason.OtherFocusReason)
        elif self.view is not None and self.view.isVisible() and not self.is_being_made():
            super().take_focus()
        else:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _failed(self, problem: BaseException) -> None:
        self.pass_keys()
        if not isinstance(problem, UserError) or self.values:
            self.desk.fail(problem)
            if not isinstance(problem, NotFound):
                return
        layout = self.blank.layout()
        if layout is not None and isinstance(problem, UserError):
            clear(layout)
            layout.addWidget(EmptyState(self.spec.icon, _("This {entity} can't be shown").format(entity=in_sentence(self.spec.singular)), problem.message,
                                        [Button(_("Go back"), name="action.back", on_click=self.desk.go_back)]))
        self.stack.setCurrentWidget(self.blank)

    def refresh(self, entities: set[str]) -> None:
        """Read anew what somebody changed; what is being typed stays."""
        if self.key is None or self._gone or (entities and not entities & self.concerns()):
            return
        self.when_seen(self._load_anew)

    def _load_anew(self) -> None:
        if self.edit is None:
            self.load()

    def outdated(self) -> bool:
        """Tell whether records have other fields by now, and nothing is typed here."""
        typed = self.drafts.typing() or (self.edit is not None and self.edit.is_dirty())
        return not typed and self.desk.session.catalog.get(self.spec.name) != self.spec

    def concerns(self) -> set[str]:
        """Return the entities whose changes show on this page."""
        catalog = self.desk.session.catalog
        return {self.spec.name, *(one.link for one in self.spec.fields.values() if one.link), *(entity.name for entity, _field in catalog.linking_to(self.spec.name))}

    # ---- drafts

    def _offer_draft(self, banner: Banner) -> None:
        self.drafts.offer(banner, self.restore_draft, self.discard_draft)

    def resume(self, kept: Kept) -> None:
        """Go on with a draft as soon as the record was read."""
        if self.edit is not None and self.edit.is_dirty():
            return
        self.drafts.earlier, self.drafts.resuming = kept, True
        if self.values:
            self._go_on()

    def _go_on(self) -> None:
        if self.drafts.resuming:
            self.drafts.resuming = False
            self.restore_draft()

    def restore_draft(self) -> None:
        """Open the editor with what was typed before."""
        if self.drafts.earlier is None or not self.desk.session.may_write(self.spec.name):
            return
        if self.key is not None and self.spec.name in EDITORS:
            self.desk.show_page("edit", entity=self.spec.name, key=self.key)
        elif self.edit is not None:
            self.edit.banner.hide()
            self._give_draft(self.edit)
        elif self.key is None:
            self.drafts.resuming = True  # as soon as the editor, which is being made, is there
        else:
            self._make_editor()

    def discard_draft(self) -> None:
        """Throw the draft away."""
        self.drafts.discard()
        (self.banner if self.edit is None else self.edit.banner).hide()

    def _give_draft(self, edit: RecordEdit) -> None:
        """Let the editor go on with what there is, and say so."""
        kept = self.drafts.take()
        if kept is not None:
            edit.restore(kept)
            drop = Button(_("Discard"), size="small", name="action.discard_draft", on_click=edit.cancel)
            edit.banner.show_text(_("What you typed and did not save was brought back"), "info", actions=[drop])
            edit.banner.show()

    # ---- editing

    def begin_edit(self) -> None:
        """Open the editor of the whole record; an entity with an editor of its own gets that."""
        if self.key is None or not self.values or not self.desk.session.may_write(self.spec.name):
            return
        if self.spec.name in EDITORS:
            self.drafts.keeper.keep()
            self.desk.show_page("edit", entity=self.spec.name, key=self.key)
        elif self.edit is None:
            self._make_editor()

    def _make_editor(self) -> None:
        if self._first is None:
            self._first = field_in_focus()
            self.hold_keys()
            self.take_focus()
            self.make(self._begin_edit())

    def _begin_edit(self) -> Iterator[None]:
        """Open the editor of the record that is shown, with the draft there is, in small steps."""
        yield from self._open_editor()
        self._first = None
        self.pass_keys()

    def _begin_new(self) -> Iterator[None]:
        """Open the editor of a new record, made in small steps."""
        if self.edit is None:
            yield from self._open_editor()
        self.pass_keys()
        self._go_on()

    def _open_editor(self) -> Iterator[None]:
        """Make the editor unseen, in small steps, and show it, with the focus in the field to begin with."""
        edit = RecordEdit(self.desk, self.spec, self.key, self.given)
        yield from edit.build()
        edit.start(self.values, self.lines)
        yield
        self.edit, first = edit, self._first or ""
        edit.saved.connect(self._saved)
        edit.cancelled.connect(self._cancelled)
        self.stack.addWidget(edit)
        yield
        self.stack.setCurrentWidget(edit)
        if self.key is None:
            self._offer_draft(edit.banner)
            first = next((name for name, editor in edit.form.editors.items() if not self.values.get(name) and not self.spec.fields[name].rule and editor.isEnabled()), "")
        else:
            self._give_draft(edit)
        edit.form.go_to(first or next(iter(edit.form.editors), ""))
        yield

    def _close_editor(self) -> None:
        edit, self.edit = self.edit, None
        self.drafts.look_again()
        if edit is not None:
            # A widget that goes with the focus in it would pass it on to whatever comes next, the rail at last.
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            self.stack.removeWidget(edit)
            edit.deleteLater()

    def _saved(self, key: int) -> None:
        self._close_editor()
        if self.key is None:
            self.stack.setCurrentWidget(self.blank)
            self.desk.go_back()
            self.desk.open_record(self.spec.name, key)
            return
        self.load()

    def _cancelled(self) -> None:
        self._close_editor()
        if self.key is None:
            self.desk.go_back()
            return
        if self.view is not None:
            self.stack.setCurrentWidget(self.view)
        self.load()

    def delete(self) -> None:
        """Delete the record, after showing what hangs on it where anything does; the toast undoes it."""
        key = self.key
        if key is not None and self.desk.session.may_write(self.spec.name):
            self.deleting.start(lambda: [key])

    def _deleted(self, _ids: object) -> None:
        self._gone = True
        self.desk.go_back()

    # ---- what the window asks of a page

    def step(self, by: int) -> None:
        """Go to a neighbour."""
        place = self.siblings.index(self.key) + by if self.key in self.siblings else -1
        if 0 <= place < len(self.siblings) and self.edit is None:
            self.desk.open_record(self.spec.name, self.siblings[place], siblings=self.siblings)

    def edit_field(self) -> None:
        """Open the field in focus in place; the first one where none is. In the editor, the cell in focus."""
        if self.edit is not None:
            self.edit.edit_cell()
            return
        self.in_place.open()

    def _submit(self) -> None:
        focus = QApplication.focusWidget()
        if self.edit is not None:
            self.edit.save()
        elif focus is not None and self.view is not None:
            composer = self.feed.composer
            if composer is not None and composer.isAncestorOf(focus):
                composer.send.click()
            else:
                self.in_place.take()

    def shortcuts(self) -> Mapping[str, Callable[[], object]]:
        """Return what the window's keys do here."""
        if self.edit is not None:
            return {"save": self.edit.save, "submit": self.edit.save, "next_problem": self.edit.next_problem, "edit": self.edit.edit_cell}
        if self.view is None:
            return {"previous": lambda: self.step(-1), "next": lambda: self.step(1), "refresh": self.load}
        return {"edit": self.edit_field, "previous": lambda: self.step(-1), "next": lambda: self.step(1), "refresh": self.load, "submit": self._submit,
                "save": self._submit, "print": self.head.print, "delete": self.delete}

    def crumbs(self) -> list[tuple[str, Callable[[], object] | None]]:
        """Return the list, then this record."""
        return [(self.spec.plural, lambda: self.desk.show_list(self.spec.name)), (self.windowTitle(), None)]

    def may_leave(self) -> bool:
        """Keep what was typed as a draft."""
        if self.view is not None:
            self.feed.keep()
        if self.edit is None and self.drafts.typing():
            self.drafts.keeper.keep()
            self.desk.say(_("What you typed is kept as a draft; open the form again to go on"))
        return self.edit is None or self.edit.may_leave()

