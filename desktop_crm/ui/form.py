"""The form of any entity: its sections as cards, an editor for every field, checked while it is filled in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop_crm.base.errors import FieldProblem, ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import Where
from desktop_crm.services import records
from desktop_crm.services.checking import check_values, is_empty, remarks
from desktop_crm.ui.editing import LinkSource, edit_text, make_editor, put_value, read_text, take_value
from desktop_crm.ui.field_history import FieldMenu, traced
from desktop_crm.ui.kit.fields import Editor, FieldFrame, LineEditor
from desktop_crm.ui.kit.widgets import Card, column

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from PySide6.QtGui import QResizeEvent

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Ref, Section, Values
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.drafts import Draft

FIELD_WIDTH: Final = 232
MOST_COLUMNS: Final = 4


class FieldGrid(QWidget):
    """Frames side by side, as many as there is room for; long texts take a whole row."""

    def __init__(self, frames: Sequence[tuple[FieldFrame, bool]]) -> None:
        super().__init__()
        self._frames = list(frames)
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(12)
        self._lay(2)

    def _lay(self, columns: int) -> None:
        if columns == self._columns:
            return
        for frame, _wide in self._frames:
            self._grid.removeWidget(frame)
        for place in range(MOST_COLUMNS):
            self._grid.setColumnStretch(place, 1 if place < columns else 0)
        self._columns = columns
        line = place = 0
        for frame, wide in self._frames:
            if wide and place:
                line, place = line + 1, 0
            self._grid.addWidget(frame, line, place, 1, columns if wide else 1, Qt.AlignmentFlag.AlignTop)
            place = columns if wide else place + 1
            if place >= columns:
                line, place = line + 1, 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many columns as fit."""
        super().resizeEvent(event)
        self._lay(max(1, min(MOST_COLUMNS, event.size().width() // FIELD_WIDTH)))


class Form(QWidget):
    """Editors for a record's fields. Signals: `changed(field)` by the user's hand; `filled(fields)` when a link brought values along.

    `create(field, text)` adds a record for a link field. Values not touched stay exactly as they were set.
    """

    changed = Signal(str)
    filled = Signal(object)
    create_wanted = Signal(str, str)

    def __init__(self, desk: Desk, spec: EntitySpec, *, sections: Sequence[Section] | None = None, create: bool = True, later: bool = False) -> None:
        super().__init__()
        self.desk, self.spec = desk, spec
        self.links = LinkSource(desk, self, narrow=self.narrow)
        self.editors: dict[str, Editor] = {}
        self.frames: dict[str, FieldFrame] = {}
        self._base: Values = {}
        self._touched: set[str] = set()
        self._create = self._create_link if create else None
        self.cards: dict[str, Card] = {}
        self._sections = spec.form if sections is None else sections
        self._column = column(gap=12)
        self.setLayout(self._column)
        if not later:
            for _step in self.build():
                pass

    def build(self) -> Iterator[None]:
        """Make the editors, a few in each step; done already unless the form was made to be built `later`."""
        for section in self._sections:
            made = []
            for name in section.fields:
                if name in self.spec.fields:
                    field = self.spec.fields[name]
                    made.append((self._frame(field), field.kind.name == "note"))
                    yield
            if made:
                self.cards[section.label] = card = Card(_(section.label), "", FieldGrid(made))
                self._column.addWidget(card)
                yield

    def _frame(self, field: FieldSpec) -> FieldFrame:
        editor = make_editor(field, self.links, name=f"form.{self.spec.name}.{field.name}", create=self._create)
        if field.rule and isinstance(editor, LineEditor):
            editor.line.setPlaceholderText(_("Given out when saved"))
        frame = FieldFrame(field.title, editor, required=field.required and not field.rule and not field.derived, hint=_(field.hint))
        editor.changed.connect(partial(self._typed, field.name))
        editor.left.connect(partial(self._left, field.name))
        self.editors[field.name], self.frames[field.name] = editor, frame
        if traced(field):
            FieldMenu(frame, self.desk, self.spec, field.name, lambda: self._base.get("id"))
        return frame

    # ---- linked records

    def narrow(self, field: FieldSpec) -> Where | None:
        """Offer only what belongs to the same record: a customer's contacts once the customer is chosen."""
        catalog = self.desk.session.catalog
        target = catalog.get(field.link)
        for other in self.spec.fields.values():
            chosen = self.current().get(other.name) if other.link and other.name != field.name else None
            if target is None or chosen is None or other.link not in catalog:
                continue
            owner = catalog[other.link]
            via = next((via for name, via in owner.related if name == target.name), target.parent if target.name in owner.lines else "")
            if via and target.fields[via].link == owner.name:
                return Where(via, "eq", int(chosen))
        return None

    def _create_link(self, field: FieldSpec, text: str) -> None:
        self.create_wanted.emit(field.name, text)

    def set_link(self, name: str, ref: Ref) -> None:
        """Link a record as if the user had chosen it."""
        self.set_value(name, ref)
        self._fill(name)

    def _fill(self, name: str) -> None:
        field = self.spec.fields[name]
        values = self.current()
        if not field.fills or values.get(name) is None:
            return
        session, spec = self.desk.session, self.spec

        def work() -> tuple[list[str], Values]:
            copy = dict(values)
            return records.filled(session, spec, copy, name), copy

        def came(found: tuple[list[str], Values]) -> None:
            names, given = found
            now = self.current()
            taken = [one for one in names if is_empty(now.get(one))]
            for one in taken:
                self.set_value(one, given[one])
            if taken:
                self.filled.emit(taken)

        self.desk.operations.read(self, work, came, key=f"fill.{name}", failed=self.desk.fail)

    # ---- values

    def set_values(self, values: Mapping[str, Any], *, touched: Sequence[str] = ()) -> None:
        """Show a record; fields `touched` count as typed by the user."""
        self._base = dict(values)
        self._touched = set(touched)
        for name, editor in self.editors.items():
            editor.set_problem(None)
            put_value(editor, self.spec.fields[name], values.get(name))
        self._derive()
        self._show_remarks()

    def set_value(self, name: str, value: Any) -> None:
        """Type a value into a field."""
        if name in self.editors:
            put_value(self.editors[name], self.spec.fields[name], value)
            self.editors[name].set_problem(None)
        else:
            self._base[name] = value
        self._typed(name, filling=False)

    def current(self) -> Values:
        """Return the values as they are typed now; what can't be understood is as it was."""
        values = dict(self._base)
        for name in self._touched & self.editors.keys():
            try:
                values[name] = take_value(self.editors[name], self.spec.fields[name])
            except ValueProblem:
                continue
        return values

    def base(self) -> Values:
        """Return the values the form began with."""
        return dict(self._base)

    def changed_fields(self) -> list[str]:
        """Return the fields that hold something else than they began with."""
        now = self.current()
        unread = {problem.field for problem in self._unread()}
        return [name for name in self.editors if name in self._touched and (name in unread or now.get(name) != self._base.get(name))]

    def dirty(self) -> bool:
        """Tell whether anything was changed."""
        return bool(self.changed_fields())

    def draft(self) -> dict[str, Any]:
        """Return what was typed as JSON keeps it, by field; a text that is no value is kept as it was typed."""
        kept: dict[str, Any] = {}
        for name in self.changed_fields():
            field, editor = self.spec.fields[name], self.editors[name]
            try:
                kept[name] = edit_text(field, take_value(editor, field))
            except ValueProblem:
                kept[name] = editor.text() if isinstance(editor, LineEditor) else ""
        return kept

    def kept(self) -> Draft:
        """Return everything a draft keeps of the fields: what was typed, what stood there before, and all of it as it would be saved."""
        changed, base, now = self.draft(), self.base(), self.current()
        before = {name: edit_text(self.spec.fields[name], base.get(name)) for name in changed}
        typed = [name for name in self.editors if not self.spec.fields[name].derived and not self.spec.fields[name].rule]
        whole = {name: edit_text(self.spec.fields[name], now.get(name)) for name in typed if not is_empty(now.get(name))}
        return {"fields": changed, "base": before, "whole": whole, "version": base.get("version"), "lines": {}}

    def began_from(self, draft: Draft) -> Values:
        """Return the values a draft began from, where the record was changed since: they are what its saving is compared with."""
        values = self.base()
        if draft.get("version") == values.get("version"):
            return values
        for name, kept in draft.get("base", {}).items():
            if name in self.spec.fields:
                try:
                    values[name] = read_text(self.spec.fields[name], kept)
                except ValueProblem:
                    continue
        values["version"] = draft.get("version")
        return values

    def restore(self, draft: Mapping[str, Any]) -> None:
        """Type a draft into the form."""
        for name, kept in draft.items():
            if name not in self.editors:
                continue
            field, editor = self.spec.fields[name], self.editors[name]
            try:
                put_value(editor, field, read_text(field, kept))
            except ValueProblem:
                if isinstance(editor, LineEditor):
                    editor.line.setText(str(kept))
            self._touched.add(name)
        self._derive()
        self.changed.emit("")

    # ---- checking

    def _typed(self, name: str, *, filling: bool = True) -> None:
        self._touched.add(name)
        if name in self.editors and self.editors[name].problem():
            self.editors[name].set_problem(None)
        self._derive()
        if filling and self.spec.fields[name].link:
            self._fill(name)
        self.changed.emit(name)

    def _derive(self) -> None:
        derived = [name for name in self.editors if self.spec.fields[name].derived]
        if self.spec.derive is None or not derived:
            return
        values = self.current()
        self.spec.derive(values)
        for name in derived:
            put_value(self.editors[name], self.spec.fields[name], values.get(name))

    def _left(self, name: str) -> None:
        field, editor = self.spec.fields[name], self.editors[name]
        if field.derived:
            return
        try:
            value = take_value(editor, field)
        except ValueProblem as problem:
            editor.set_problem(problem.message)
            return
        if isinstance(value, str) and value and isinstance(editor, LineEditor):
            put_value(editor, field, value)
        found = [one for one in check_values(self.spec, {name: value}, only=[name]) if name in self._touched or value not in {None, ""}]
        if not found:
            editor.set_problem(None)
        else:
            editor.set_problem(found[0].message, found[0].warning)
        self._show_remarks()

    def _show_remarks(self) -> None:
        """Show what is to be said calmly of the values as they are now, where nothing is wrong with them."""
        told = {one.field: one.message for one in remarks(self.spec, self.current(), self.desk.session.today)}
        for name, editor in self.editors.items():
            if self.spec.fields[name].remark is not None and editor.problem_level() != "error":
                editor.set_problem(told.get(name), warning=True)

    def _unread(self) -> list[FieldProblem]:
        found = []
        for name, editor in self.editors.items():
            field = self.spec.fields[name]
            if name in self._touched and not field.derived:
                try:
                    take_value(editor, field)
                except ValueProblem as problem:
                    found.append(FieldProblem(name, problem.message))
        return found

    def problems(self) -> list[FieldProblem]:
        """Return what stands in the way of saving, in the order of the form, and mark it."""
        unread = self._unread()
        names = {problem.field for problem in unread}
        checked = check_values(self.spec, self.current(), skip=[field.name for field in self.spec.typed_fields() if field.rule])
        found = unread + [problem for problem in checked if not problem.warning and problem.field not in names]
        self.mark(found)
        order = list(self.editors)
        return sorted(found, key=lambda problem: order.index(problem.field) if problem.field in order else len(order))

    def mark(self, problems: Sequence[FieldProblem]) -> None:
        """Mark these problems at their fields, and no others."""
        by_field = {problem.field: problem for problem in problems}
        for name, editor in self.editors.items():
            problem = by_field.get(name)
            if problem is not None:
                editor.set_problem(problem.message, problem.warning)
            elif editor.problem_level() == "error":
                editor.set_problem(None)

    def go_to(self, name: str) -> bool:
        """Put the focus into a field; tell whether the form has it."""
        if name not in self.editors:
            return False
        self.editors[name].setFocus(Qt.FocusReason.OtherFocusReason)
        return True
