"""Editing a whole record: form, lines, what is special about the entity, a draft that is kept meanwhile, and saving."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QWidget

from desktop_crm.base.errors import FieldProblem, Invalid, UserError
from desktop_crm.base.i18n import _, in_sentence, ngettext
from desktop_crm.ui.editor_draft import DraftKeeper, leave_kept, offer_back
from desktop_crm.ui.extras import PANELS
from desktop_crm.ui.form import Form
from desktop_crm.ui.kit.widgets import Banner, Button, ElidedLabel, IconLabel, Label, box, column, hline, holder, row, scroll
from desktop_crm.ui.lines import LinesPanel
from desktop_crm.ui.quick_create import QuickCreate
from desktop_crm.ui.saving import Saver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from desktop_crm.domain.catalog import EntitySpec, Ref, Values
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.drafts import Draft, Kept

LINKED: Final = 4


class RecordEdit(QWidget):
    """The editor of one record; it is the FormContext of the panels in it.

    Signals: `saved(int)`, `cancelled`. Go through `build`, then fill it with `start`, or `restore` a draft into it afterwards.
    """

    saved = Signal(int)
    cancelled = Signal()

    def __init__(self, desk: Desk, spec: EntitySpec, key: int | None, given: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.desk, self.spec, self.key = desk, spec, key
        self.creator: QuickCreate | None = None
        self._calls: list[Callable[[], None]] = []
        self._found: list[FieldProblem] = []
        self._at = -1
        self._over = False
        self.form = Form(desk, spec, later=True)
        self.form.changed.connect(self._changed)
        self.form.create_wanted.connect(self._create_link)
        self.panels: dict[str, LinesPanel] = {}
        self.banner = Banner(name="form.problems")
        self.banner.hide()
        self.saver = Saver(self, desk, spec, saved=self._saved, refused=self._refused, resolved=self._resolved)
        self.drafts = DraftKeeper(desk, self, spec.name, key, given, title=self._called)

    def build(self) -> Iterator[None]:
        """Make the parts in small steps."""
        yield from self.form.build()
        for child in self.desk.session.catalog.children(self.spec.name):
            self.panels[child.name] = panel = LinesPanel(self.desk, child)
            panel.edited.connect(self._changed)
            yield
        verb = _("New {entity}") if self.key is None else _("Edit {entity}")
        self.title = Label(verb.format(entity=in_sentence(self.spec.singular)), "page")
        self.name = ElidedLabel("", "body", "text2")
        self.mark = holder(row(IconLabel("circle", "warnfill", 8, filled=True), Label(_("Not saved yet"), "small", "warn"), gap=6))
        self.mark.hide()
        cancel = Button(_("Cancel"), name="action.cancel", on_click=self.cancel)
        self.save_button = Button(_("Save"), "primary", icon="check", name="action.save", tip=_("Save (Ctrl+S)"), on_click=self.save)
        head = row(self.title, (self.name, 1), self.mark, cancel, self.save_button, margins=(20, 12, 16, 12))
        body = column(self.banner, self.form, gap=12, margins=(20, 16, 20, 24))
        for panel in self.panels.values():
            body.addWidget(panel)
        yield
        for make in PANELS.get(self.spec.name, ()):
            body.addWidget(make(self.desk, self))
        body.addStretch(1)
        self.area = scroll(holder(body), name=f"form.{self.spec.name}")
        self.setLayout(column(box(head, "surface"), hline(), (self.area, 1), gap=0))

    # ---- what it holds

    def start(self, values: Values, lines: dict[str, list[Values]], *, touched: Sequence[str] = ()) -> None:
        """Show a record and its lines."""
        self.form.set_values(values, touched=touched)
        for name, panel in self.panels.items():
            panel.set_rows(lines.get(name, []))
        self.mark.hide()
        self.name.setText("" if self.key is None else self.spec.fields[self.spec.title].show(values.get(self.spec.title)))
        self._tell()

    def values(self) -> Values:
        """Return the record's values as they are typed now."""
        return self.form.current()

    def set_value(self, field: str, value: Any) -> None:
        """Type a value into a field."""
        self.form.set_value(field, value)

    def lines(self, entity: str) -> list[Values]:
        """Return the lines of a line entity as they are typed now."""
        return self.panels[entity].rows() if entity in self.panels else []

    def set_lines(self, entity: str, rows: list[Values]) -> None:
        """Replace the lines of a line entity."""
        self.panels[entity].put_rows(rows)
        self._changed()

    def on_change(self, call: Callable[[], None]) -> None:
        """Have `call` run after anything was typed, and once now."""
        self._calls.append(call)
        call()

    def is_dirty(self) -> bool:
        """Tell whether anything was changed and is still to be kept."""
        return not self._over and self.dirty()

    def dirty(self) -> bool:
        """Tell whether anything was changed."""
        return self.form.dirty() or any(panel.dirty() for panel in self.panels.values())

    def _tell(self) -> None:
        for call in self._calls:
            call()

    def _changed(self, _field: str = "") -> None:
        self.mark.setVisible(self.dirty())
        self.drafts.touch()
        self._tell()

    def _create_link(self, name: str, text: str) -> None:
        field = self.spec.fields[name]
        other = self.desk.session.catalog[field.link]
        given: Values = {other.title: text} if text and not other.fields[other.title].link else {}
        narrow = self.form.narrow(field)
        if narrow is not None:
            given[narrow.field] = narrow.value
        self.creator = QuickCreate(self, self.desk, other, given)
        self.creator.made.connect(partial(self._linked, name))
        self.creator.open()

    def _linked(self, name: str, ref: Ref) -> None:
        self.form.set_link(name, ref)
        self.form.go_to(name)

    # ---- drafts

    def draft(self) -> Draft:
        """Return what was typed, as a draft keeps it."""
        return {**self.form.kept(), "lines": {name: panel.draft() for name, panel in self.panels.items() if panel.dirty()}}

    def _called(self) -> str:
        return self.spec.fields[self.spec.title].show(self.form.current().get(self.spec.title))

    def restore(self, kept: Kept) -> None:
        """Type a draft into the form; where the record changed since, the values the draft began from are compared when saving."""
        draft = kept.draft
        self.drafts.adopt(kept)
        if self.key is not None:
            self.form.set_values(self.form.began_from(draft))
        self.form.restore(draft["fields"])
        for name, rows in draft["lines"].items():
            if name in self.panels:
                self.panels[name].restore(rows)
        self._changed()

    def may_leave(self) -> bool:
        """Keep what was typed as a draft and say so; ask only where it can't be kept."""
        self.drafts.stop()
        if not self.is_dirty():
            return True
        return leave_kept(self, self.drafts)

    def _drop(self) -> None:
        self._over = True
        self.drafts.drop()

    def cancel(self) -> None:
        """Give the changes up; the message that says so brings them back."""
        if self.is_dirty():
            offer_back(self, self.drafts)
        self._drop()
        self.cancelled.emit()

    # ---- saving

    def problems(self) -> list[FieldProblem]:
        """Return what stands in the way of saving, and mark it."""
        found = self.form.problems()
        for panel in self.panels.values():
            found += panel.problems()
        return found

    def save(self) -> None:
        """Save the record, or show what stands in the way."""
        focus = QApplication.focusWidget()
        if focus is not None and self.isAncestorOf(focus):
            # What is being typed in a cell counts.
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        found = self.problems()
        if found:
            self.show_problems(found)
            return
        self.banner.hide()
        self.save_button.set_busy(_("Saving…"))
        now = self.form.current()
        new = self.key is None
        values = now if new else {name: now.get(name) for name in self.form.changed_fields() if not self.spec.fields[name].derived}
        lines = {name: panel.rows() for name, panel in self.panels.items() if panel.dirty() or (new and panel.rows())}
        self.saver.save(values, key=self.key, base=None if new else self.form.base(), lines=lines)

    def show_problems(self, found: list[FieldProblem]) -> None:
        """List the problems over the form and go to the first."""
        self._found, self._at = found, -1
        text = ngettext("{count} thing to put right before saving", "{count} things to put right before saving", len(found)).format(count=len(found))
        links = [(self._name_of(one), partial(self._go_to, one)) for one in found[:LINKED]]
        self.banner.show_text(text, "danger", links=links, hint=_("F8 next"))
        self.banner.show()
        self.area.ensureVisible(0, 0)
        self.next_problem()

    def _name_of(self, problem: FieldProblem) -> str:
        entity, _dot, rest = problem.field.partition(".")
        if rest and entity in self.panels:
            number, _dot, name = rest.partition(".")
            child = self.panels[entity].spec
            return _("{field}, line {number}").format(field=child.fields[name].title if name in child.fields else child.singular, number=number)
        return self.spec.fields[problem.field].title if problem.field in self.spec.fields else problem.message

    def _go_to(self, problem: FieldProblem) -> None:
        if not self.form.go_to(problem.field):
            for panel in self.panels.values():
                if panel.go_to(problem.field):
                    break
        focus = QApplication.focusWidget()
        if focus is not None:
            self.area.ensureWidgetVisible(focus, 0, 80)

    def next_problem(self) -> None:
        """Go to the next problem."""
        if self._found:
            self._at = (self._at + 1) % len(self._found)
            self._go_to(self._found[self._at])

    def edit_cell(self) -> None:
        """Open the current cell of a table of lines."""
        for panel in self.panels.values():
            if panel.table.hasFocus() and panel.table.currentIndex().isValid():
                panel.table.edit(panel.table.currentIndex())

    def _resolved(self, chosen: Values) -> None:
        for name, value in chosen.items():
            self.form.set_value(name, value)
        self.save_button.set_busy(_("Saving…"))

    def _saved(self, key: int) -> None:
        self._drop()
        self.save_button.set_busy(None)
        self.saved.emit(key)

    def _refused(self, problem: UserError) -> None:
        self.save_button.set_busy(None)
        if isinstance(problem, Invalid):
            self.form.mark(problem.problems)
            for panel in self.panels.values():
                panel.mark(problem.problems)
            self.show_problems(problem.problems)
            return
        self.banner.show_text(problem.message, "danger", detail=_("Nothing was saved; what you typed is still here"))
        self.banner.show()
        self.drafts.keep()

