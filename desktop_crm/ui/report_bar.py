"""The settings above a report: an editor for each, in as many lines as the window's width needs."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.ui.editing import LinkSource, edit_text, make_editor, put_value, read_text, take_value
from desktop_crm.ui.kit.fields import CheckEditor
from desktop_crm.ui.kit.flow import Flow
from desktop_crm.ui.kit.fonts import text_width
from desktop_crm.ui.kit.widgets import Label, holder, row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop_crm.reports import Definition, Parameter
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.kit.fields import Editor

WAIT_MS: Final = 150
WIDTHS: Final = {"link": 170, "date": 132, "text": 110, "integer": 80}
ASKED: Final = 240
"""Width of a link that the report can't do without."""
MARGINS: Final = 56
"""Room for the frame and the arrow of a choice."""


class ReportBar(QWidget):
    """Signals: `asked` a moment after something changed; `wrong(ValueProblem)` where a setting can't be understood."""

    asked = Signal()
    wrong = Signal(object)

    def __init__(self, desk: Desk, definition: Definition, given: Mapping[str, Any]) -> None:
        super().__init__()
        self.desk, self.definition = desk, definition
        self.editors: dict[str, tuple[Parameter, Editor]] = {}
        self.wait = QTimer(self)
        self.wait.setSingleShot(True)
        self.wait.setInterval(WAIT_MS)
        self.wait.timeout.connect(self.asked)
        links = LinkSource(desk, self)
        flow = Flow(gap=16, margins=(20, 0, 20, 10))
        for parameter in definition.parameters:
            flow.addWidget(self._field(parameter, links, given.get(parameter.key)))
        self.setLayout(flow)

    def _field(self, parameter: Parameter, links: LinkSource, value: Any) -> QWidget:
        spec, name = parameter.field(), f"page.{self.definition.name}.{parameter.key.removeprefix('date_')}"
        ticked = parameter.kind.name == "boolean"
        editor = CheckEditor(parameter.title, name=name) if ticked else make_editor(spec, links, name=name)
        if value is None:
            value = self._usual(parameter)
        if isinstance(value, tuple):
            value = "/".join(str(part) for part in value)
        put_value(editor, spec, value)
        if not ticked:
            editor.setFixedWidth(_width(parameter))
        editor.setToolTip(_(parameter.hint) if parameter.hint else "")
        editor.left.connect(self.wait.start)
        if parameter.link or parameter.choices or parameter.kind.name == "date":
            editor.changed.connect(self.wait.start)
        self.editors[parameter.key] = (parameter, editor)
        return holder(row(*([] if ticked else [Label(parameter.title, "small", "text2")]), editor))

    def settings(self) -> dict[str, Any] | None:
        """Return what stands in the settings; None where one can't be understood, which is told."""
        found: dict[str, Any] = {}
        for key, (parameter, editor) in self.editors.items():
            try:
                value = take_value(editor, parameter.field())
            except ValueProblem as problem:
                self.wrong.emit(ValueProblem(problem.message, field=key))
                return None
            editor.set_problem(None)
            found[key] = value if value not in (None, "") else None
        return found

    def kept(self) -> dict[str, Any]:
        """Return the settings as they are kept under a name: those only that are not what the report takes by itself, such as today."""
        found = {}
        for key, (parameter, editor) in self.editors.items():
            spec = parameter.field()
            try:
                text = edit_text(spec, take_value(editor, spec))
            except ValueProblem:
                continue
            if text != edit_text(spec, self._usual(parameter)):
                found[key] = text
        return found

    def put(self, kept: Mapping[str, Any]) -> None:
        """Put settings that were kept into the bar, and ask."""
        for key, (parameter, editor) in self.editors.items():
            spec, value = parameter.field(), self._usual(parameter)
            if key in kept:
                with suppress(ValueProblem):
                    value = read_text(spec, kept[key])
            put_value(editor, spec, value)
        self.wait.stop()
        self.asked.emit()

    def _usual(self, parameter: Parameter) -> Any:
        value = parameter.default(self.desk.session) if parameter.default is not None else None
        return "/".join(str(part) for part in value) if isinstance(value, tuple) else value

    def misses(self, settings: Mapping[str, Any]) -> bool:
        """Tell whether something is not there yet that the report can't do without."""
        return any(settings[key] is None and parameter.default is None and not parameter.optional for key, (parameter, _editor) in self.editors.items())

    def mark(self, field: str, message: str | None) -> None:
        """Show what is wrong with one setting, or that none is."""
        for key, (_parameter, editor) in self.editors.items():
            editor.set_problem(message if key == field else None)


def _width(parameter: Parameter) -> int:
    """Return how wide an editor is: a choice as its longest text."""
    if parameter.choices:
        return max(text_width(_(choice.label)) for choice in parameter.choices) + MARGINS
    return ASKED if parameter.link and not parameter.optional else WIDTHS.get(parameter.kind.name, 120)
