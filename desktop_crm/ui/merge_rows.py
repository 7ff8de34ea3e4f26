"""One field of records that are merged: what each of them holds, and the value that is kept, chosen or typed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtWidgets import QButtonGroup

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.services.checking import check_values, is_empty
from desktop_crm.ui.conflict import Option
from desktop_crm.ui.editing import make_editor, put_value, take_value
from desktop_crm.ui.kit.widgets import Label, LinkLabel, column, holder, row
from desktop_crm.ui.show import full_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QLayout

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Values
    from desktop_crm.ui.editing import LinkSource

NAME_WIDTH: Final = 148
OPTION_WIDTH: Final = 124
RESULT_WIDTH: Final = 196
JOINED: Final = ("text", "note")
"""Kinds whose values can be put one after the other."""


class MergeRow:
    """The options of one field and the editor of what is kept. A field that adds up has nothing to choose.

    `contested` tells whether two of the records say something different; where only some say anything, that is what is kept.
    """

    def __init__(self, spec: EntitySpec, field: FieldSpec, rows: Sequence[Values], links: LinkSource, kept: Any, changed: Callable[[], None]) -> None:
        self.spec, self.field = spec, field
        self.values = {int(one["id"]): one.get(field.name) for one in rows}
        filled = [value for value in self.values.values() if not is_empty(value)]
        self.contested = any(value != filled[0] for value in filled[1:])
        self.equal = all(value == next(iter(self.values.values())) for value in self.values.values())
        self._changed = changed
        today = links.desk.session.today
        self.options = {key: Option(full_text(field, value, today)[0], "", name=f"merge.{field.name}.{key}") for key, value in self.values.items()}
        self.group = QButtonGroup(links.owner)
        for key, option in self.options.items():
            option.setMinimumWidth(OPTION_WIDTH)
            option.setAccessibleName(f"{field.title}: {option.text() or _('empty')}")
            option.clicked.connect(partial(self.choose, key))
            self.group.addButton(option)
        self.editor = make_editor(field, links, name=f"merge.{field.name}.result")
        self.editor.setFixedWidth(RESULT_WIDTH)
        self.editor.set_read_only(field.adds_up)
        self.put(kept)
        self.editor.changed.connect(self._typed)

    def layout(self) -> QLayout:
        """Return the line: the field's name, an option a record, the result."""
        field = self.field
        text, role = (_("added up"), "text3") if field.adds_up else (_("different"), "warn") if self.contested else (_("filled in from another"), "text3")
        note = row(Label(text, "small", role), gap=6)
        if self.contested and field.kind.name in JOINED:
            join = LinkLabel(_("put together"), "small", name=f"merge.{field.name}.join")
            join.clicked.connect(self.join)
            note.addWidget(join)
        note.addStretch(1)
        name = holder(column(None, Label(field.title, "body", bold=True, wrap=True), note, None, gap=1))
        name.setFixedWidth(NAME_WIDTH)
        made = row(name, gap=12)
        for option in self.options.values():
            made.addWidget(Label(option.text() or "—", "body", "text2") if field.adds_up else option, 1)
        made.addWidget(self.editor)
        return made

    def put(self, value: Any) -> None:
        """Keep a value, and mark the records that hold it."""
        put_value(self.editor, self.field, value)
        self.editor.set_problem(None)
        self._mark(next((key for key, held in self.values.items() if held == value), None))

    def choose(self, key: int) -> None:
        """Keep what one record holds."""
        put_value(self.editor, self.field, self.values[key])
        self.editor.set_problem(None)
        self._mark(key)
        self._changed()

    def join(self) -> None:
        """Put the different texts one after the other."""
        texts = list(dict.fromkeys(str(value).strip() for value in self.values.values() if not is_empty(value)))
        put_value(self.editor, self.field, ("\n" if self.field.kind.name == "note" else _("; ")).join(texts))
        self._typed()

    def _typed(self) -> None:
        self._mark(None)
        self._changed()

    def _mark(self, chosen: int | None) -> None:
        # An exclusive group doesn't let go of its last choice; a typed value is nobody's.
        self.group.setExclusive(False)
        for key, option in self.options.items():
            option.setChecked(key == chosen)
        self.group.setExclusive(True)

    def chosen(self) -> int | None:
        """Return the record whose value is kept, None where it was typed."""
        return next((key for key, option in self.options.items() if option.isChecked()), None)

    def value(self) -> Any:
        """Return the value that is kept; raises ValueProblem after marking it."""
        try:
            value = take_value(self.editor, self.field)
        except ValueProblem as problem:
            self.editor.set_problem(problem.message)
            raise
        wrong = [one for one in check_values(self.spec, {self.field.name: value}, only=[self.field.name]) if not one.warning]
        if wrong:
            self.editor.set_problem(wrong[0].message)
            raise ValueProblem(wrong[0].message, field=self.field.name)
        return value
