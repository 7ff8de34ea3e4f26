"""A few fields asked in a dialog, then one use case: a refund, a transfer, a red letter, the closing of a month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop_crm.base.errors import UserError, ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.services.checking import is_empty
from desktop_crm.ui.editing import LinkSource, make_editor, put_value, take_value
from desktop_crm.ui.kit.fields import Editor, FieldFrame
from desktop_crm.ui.kit.overlays import Dialog
from desktop_crm.ui.kit.widgets import Button, Label

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from PySide6.QtWidgets import QWidget

    from desktop_crm.domain.catalog import FieldSpec, Values
    from desktop_crm.domain.conditions import Condition
    from desktop_crm.services.session import Changes
    from desktop_crm.ui.desk import Desk


class AskDialog(Dialog):
    """Asks for `fields`, which begin with `values`, and runs `act` with what was typed on the writing lane; `done` is told its result.

    What the use case refuses is shown in the dialog, at its field where it names one, and nothing typed is lost. `undo` says whether the message of what was done offers to undo it.
    """

    def __init__(
        self, parent: QWidget, desk: Desk, title: str, hint: str, fields: Sequence[FieldSpec], values: Values, *, button: str, act: Callable[[Values], Changes[Any]],
        done: Callable[[Changes[Any]], object] = lambda _changes: None, narrow: Mapping[str, Condition] | None = None, undo: bool = True, name: str = "ask",
    ) -> None:
        super().__init__(parent, title, hint, width=480, name=name)
        self.desk, self.fields = desk, list(fields)
        self._act, self._done, self._undo = act, done, undo
        links = LinkSource(desk, self, narrow=lambda spec: (narrow or {}).get(spec.name))
        self.editors: dict[str, Editor] = {}
        for spec in self.fields:
            editor = self.editors[spec.name] = make_editor(spec, links, name=f"{name}.{spec.name}")
            put_value(editor, spec, values.get(spec.name))
            self.add(FieldFrame(spec.title, editor, required=spec.required, hint=_(spec.hint)))
        self.problem = Label("", "small", "danger", wrap=True)
        self.problem.setObjectName(f"{name}.problem")
        self.problem.hide()
        self.add(self.problem)
        self.add_button(Button(_("Cancel"), name=f"{name}.cancel", on_click=self.reject))
        self.accept_button = self.add_button(Button(button, "primary", name=f"{name}.accept", on_click=self.run))
        self.accept_button.setDefault(True)
        next(iter(self.editors.values())).setFocus()

    def _typed(self) -> Values | None:
        """Return what was typed, None where a field is wrong, which is marked."""
        values: Values = {}
        for spec in self.fields:
            editor = self.editors[spec.name]
            try:
                values[spec.name] = take_value(editor, spec)
                wrong = _("{field} must be filled in").format(field=spec.title) if spec.required and is_empty(values[spec.name]) else None
            except ValueProblem as problem:
                wrong = problem.message
            editor.set_problem(wrong)
            if wrong:
                editor.setFocus()
                return None
        return values

    def run(self) -> None:
        """Do it with what was typed."""
        values = self._typed()
        if values is None:
            return
        self.accept_button.set_busy(_("Saving…"))
        self.desk.write(self, lambda: self._act(values), self._finished, failed=self._refused, say=self._undo)

    def _finished(self, changes: Changes[Any]) -> None:
        self.accept()
        if not self._undo:
            self.desk.say(changes.label, "success")
        self._done(changes)

    def _refused(self, problem: BaseException) -> None:
        self.accept_button.set_busy(None)
        if not isinstance(problem, UserError):
            self.desk.fail(problem)
            return
        if problem.field in self.editors:
            self.editors[problem.field].set_problem(problem.message)
            self.problem.hide()
        else:
            self.problem.setText(problem.message)
            self.problem.show()
        self.refit()
