"""The little cards that a filter is set in, one for each form of field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.periods import PERIODS
from desktop_crm.ui.filters import Filter, form_of
from desktop_crm.ui.kit.fields import AmountEditor, DateEditor, LineEditor, LinkEditor, ParsedEditor
from desktop_crm.ui.kit.overlays import Popover
from desktop_crm.ui.kit.widgets import Button, CheckBox, Chip, Label, column, holder, row, scroll

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QWidget

    from desktop_crm.domain.catalog import FieldSpec
    from desktop_crm.ui.editing import LinkSource
    from desktop_crm.ui.kit.editor_base import Line

MANY: Final = 9
WIDTH: Final = 260


class FilterCard(Popover):
    """Sets one filter. Signal: `applied(Filter)`, with nothing to ask for a filter that is taken away.

    `links` looks linked records up. Enter applies, Esc closes.
    """

    applied = Signal(object)

    def __init__(self, anchor: QWidget, spec: FieldSpec, links: LinkSource, current: Filter | None) -> None:
        super().__init__(anchor, name=f"filter_card.{spec.name}")
        self.spec, self.links = spec, links
        self.form = form_of(spec)
        self.current = current
        self.value: Any = current.value if current else None
        self._boxes: dict[str, CheckBox] = {}
        self._ends: list[ParsedEditor] = []
        self._line: LineEditor | None = None
        self._refs: list[Ref] = list(self.value or ()) if self.form == "link" else []
        self.content.addWidget(Label(spec.title, "small", "text2", bold=True))
        self._problem = Label("", "small", "danger", wrap=True)
        self._problem.hide()
        getattr(self, f"_build_{self.form}")()
        self.content.addWidget(self._problem)
        quiet = [Button(_("Is empty"), "ghost", size="small", name="filter_card.empty", on_click=lambda: self._send(Filter(spec.name, empty=True)))]
        if self.form != "boolean":
            quiet.append(Button(_("Is filled in"), "ghost", size="small", name="filter_card.filled", on_click=lambda: self._send(Filter(spec.name, filled=True))))
        apply = Button(_("Apply"), "primary", size="small", name="filter_card.apply", on_click=self.apply)
        self.content.addLayout(row(*(quiet if self.form != "boolean" else ()), None, apply, gap=4))
        self.setMinimumWidth(WIDTH)

    # ---- one form each

    def _build_choice(self) -> None:
        inner = column(gap=2)
        for choice in self.spec.choices:
            box = CheckBox(_(choice.label), name=f"filter_card.{choice.code}", checked=choice.code in (self.value or ()))
            self._boxes[choice.code] = box
            inner.addWidget(box)
        if len(self.spec.choices) > MANY:
            area = scroll(holder(inner))
            area.setFixedHeight(MANY * 26)
            self.content.addWidget(area)
        else:
            self.content.addLayout(inner)

    def _build_link(self) -> None:
        self._picked = column(gap=2)
        self._link = LinkEditor(lambda text, reply: self.links.suggest(self.spec, text, reply), name="filter_card.link", label=self.spec.title, placeholder=_("Search"))
        self._link.changed.connect(self._add_link)
        self.content.addWidget(self._link)
        self.content.addLayout(self._picked)
        for ref in self._refs:
            self._show_ref(ref)

    def _show_ref(self, ref: Ref) -> None:
        box = CheckBox(ref.title, checked=True)
        self._boxes[str(int(ref))] = box
        self._picked.addWidget(box)

    def _add_link(self) -> None:
        chosen = self._link.choice()
        if chosen is None:
            return
        ref = Ref(int(str(chosen.value)), chosen.title)
        self._link.set_value(None)
        if str(int(ref)) in self._boxes:
            self._boxes[str(int(ref))].setChecked(True)
        else:
            self._refs.append(ref)
            self._show_ref(ref)
        self.adjustSize()

    def _build_date(self) -> None:
        periods = list(PERIODS.items())
        for start in range(0, len(periods), 3):
            chips = []
            for key, label in periods[start : start + 3]:
                chip = Chip(_(label), name=f"filter_card.period.{key}")
                chip.setChecked(self.value == key)
                chip.clicked.connect(lambda *_checked, key=key: self._send(Filter(self.spec.name, key)))
                chips.append(chip)
            self.content.addLayout(row(*chips, None, gap=6))
        ends = self.value if isinstance(self.value, tuple) else (None, None)
        names = (("from", _("From")), ("to", _("To")))
        self._ends = [DateEditor(_day, name=f"filter_card.{name}", label=label, placeholder=label) for name, label in names]
        self._put_ends(ends)

    def _build_number(self) -> None:
        names = (("from", _("From")), ("to", _("To")))
        self._ends = [AmountEditor(self.spec.parse, self.spec.show, name=f"filter_card.{name}", label=label, placeholder=label) for name, label in names]
        self._put_ends(self.value or (None, None))

    def _put_ends(self, ends: tuple[Any, Any]) -> None:
        for editor, value in zip(self._ends, ends, strict=True):
            editor.set_value(value)
            editor.line.key_hook = self._wrap(editor.line)
        self.content.addLayout(row(self._ends[0], Label("–", "body", "text3"), self._ends[1], gap=6))

    def _build_boolean(self) -> None:
        for value, label in ((True, _("Yes")), (False, _("No"))):
            chip = Chip(label, name=f"filter_card.{'yes' if value else 'no'}")
            chip.setChecked(self.value is value)
            chip.clicked.connect(lambda *_checked, value=value: self._send(Filter(self.spec.name, value)))
            self.content.addWidget(chip)

    def _build_text(self) -> None:
        self._line = LineEditor(name="filter_card.text", label=self.spec.title, placeholder=_("Contains"))
        self._line.set_value(self.value or "")
        self._line.line.key_hook = self._wrap(self._line.line)
        self.content.addWidget(self._line)

    def _wrap(self, line: Line) -> Any:
        """Let Enter apply, and leave every other key to the input."""
        inner = line.key_hook

        def hook(event: QKeyEvent) -> bool:
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self.apply()
                return True
            return inner(event) if inner is not None else False

        return hook

    # ---- taking it

    def apply(self) -> None:
        """Take what is set; nothing set takes the filter away."""
        try:
            made = self._made()
        except ValueProblem as problem:
            self._problem.setText(problem.message)
            self._problem.show()
            self.adjustSize()
            return
        self._send(made)

    def _made(self) -> Filter | None:
        name = self.spec.name
        if self.form == "choice":
            codes = tuple(code for code, box in self._boxes.items() if box.isChecked())
            return Filter(name, codes) if codes else None
        if self.form == "link":
            refs = tuple(ref for ref in self._refs if self._boxes[str(int(ref))].isChecked())
            return Filter(name, refs) if refs else None
        if self._ends:
            first, last = (editor.value() for editor in self._ends)
            if first is None and last is None:
                return self.current if isinstance(self.value, str) else None
            return Filter(name, (first, last))
        if self._line is not None:
            text = str(self._line.value())
            return Filter(name, text) if text else None
        return self.current

    def _send(self, made: Filter | None) -> None:
        self.close_up()
        self.applied.emit(made)


def _day(text: str) -> Any:
    from desktop_crm.domain.dates import parse_date

    return parse_date(text)


