"""Two people changed the same field: both values side by side, and the one to keep chosen or typed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.ui.editing import LinkSource, make_editor, put_value, take_value
from desktop_crm.ui.kit.fonts import font, line_height
from desktop_crm.ui.kit.overlays import Dialog
from desktop_crm.ui.kit.paint import fill, frame, put, smooth
from desktop_crm.ui.kit.tokens import color, theme
from desktop_crm.ui.kit.widgets import Avatar, Button, IconLabel, Label, ProgressBar, column, hline, row
from desktop_crm.ui.show import full_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.base.errors import FieldConflict
    from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Values
    from desktop_crm.ui.desk import Desk

WIDTH: Final = 920
NAME_WIDTH: Final = 150
HEIGHT: Final = 46
DEEP: Final = 1_000_000
BESIDE: Final = 48
"""What ring and margins take of an option's width."""


class Option(QAbstractButton):
    """One of the two values, with a ring that is filled where it is the one to keep. It is as tall as the whole value: who decides has to read it."""

    def __init__(self, text: str, sub: str, *, name: str) -> None:
        super().__init__()
        self._sub = sub
        self.setText(text)
        self.setObjectName(name)
        self.setAccessibleName(f"{text} {sub}".strip())
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def nextCheckState(self) -> None:
        """Stay chosen when clicked again."""
        self.setChecked(True)

    def sizeHint(self) -> QSize:
        """Hold two lines."""
        return QSize(180, theme().px(HEIGHT))

    def hasHeightForWidth(self) -> bool:
        """Tell that a long value takes more lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Hold the lines of the value, and the note below it."""
        return max(theme().px(HEIGHT), self._text_height(width) + (line_height("small") if self._sub else 0) + 12)

    def _text_height(self, width: int) -> int:
        return max(line_height("body"), self._lines(width)[1].height())

    def _lines(self, width: int) -> tuple[int, QRect]:
        """Return how the value is broken into lines, between words where that does, and the place that takes."""
        measure, room = QFontMetrics(font("body", bold=True)), max(1, width - BESIDE)
        how = int(Qt.TextFlag.TextWordWrap)
        place = measure.boundingRect(0, 0, room, DEEP, how, self.text())
        if place.width() > room:
            how |= Qt.TextFlag.TextWrapAnywhere
            place = measure.boundingRect(0, 0, room, DEEP, how, self.text())
        return how, place

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card, the ring and the two lines."""
        del event
        painter = QPainter(self)
        smooth(painter)
        box, on = QRectF(self.rect()), self.isChecked()
        frame(painter, box, "focus" if on or self.hasFocus() else "border", 6, inside="accentsoft" if on else "hover" if self.underMouse() else "surface")
        ring = QRectF(12, theme().px(HEIGHT) / 2 - 8, 16, 16)
        frame(painter, ring, "accent" if on else "edge", 8, inside="accent" if on else "surface")
        if on:
            fill(painter, ring.adjusted(5, 5, -5, -5), "onaccent", 3)
        first, second = self._text_height(self.width()), line_height("small")
        top = (theme().px(HEIGHT) - line_height("body") - (second if self._sub else 0)) / 2
        place = QRectF(40, top, box.width() - BESIDE, first)
        if first == line_height("body"):
            put(painter, place, self.text(), bold=on)
        else:
            painter.setFont(font("body", bold=on))
            painter.setPen(color("text"))
            painter.drawText(place, self._lines(self.width())[0], self.text())
        if self._sub:
            put(painter, QRectF(40, top + first, box.width() - 48, second), self._sub, style="small", role="text2")


@dataclass(frozen=True)
class Theirs:
    """The other side: who saved when, and what the record holds now, links with their titles."""

    who: str
    at: str
    values: Values


class _Row:
    """One field: the two options and the editor of what is kept."""

    def __init__(self, dialog: ConflictDialog, field: FieldSpec, conflict: FieldConflict, theirs: Any) -> None:
        self.field, self.dialog = field, dialog
        self.sides: dict[str, Any] = {"mine": conflict.mine, "theirs": theirs}
        today = dialog.desk.session.today
        texts = {side: full_text(field, value, today)[0] for side, value in self.sides.items()}
        notes = {"mine": _("not saved yet"), "theirs": _("saved {time}").format(time=dialog.theirs.at)}
        self.options = {side: Option(texts[side] or "—", notes[side], name=f"conflict.{field.name}.{side}") for side in self.sides}
        for side, option in self.options.items():
            option.clicked.connect(partial(self.choose, side))
        self.editor = make_editor(field, dialog.links, name=f"conflict.{field.name}.result")
        self.editor.changed.connect(self._typed)
        self.decided = False
        self.original = full_text(field, conflict.base, today)[0] or "—"

    def choose(self, side: str) -> None:
        """Keep one side's value."""
        for name, option in self.options.items():
            option.setChecked(name == side)
        put_value(self.editor, self.field, self.sides[side])
        self.editor.set_problem(None)
        self.decided = True
        self.dialog.count()

    def _typed(self) -> None:
        for option in self.options.values():
            option.setChecked(False)
        self.decided = True
        self.dialog.count()


class ConflictDialog(Dialog):
    """Lets the user choose field by field. After `accept`, `result_values` holds what to save; closing goes back to editing."""

    def __init__(self, parent: QWidget, desk: Desk, spec: EntitySpec, title: str, conflicts: Sequence[FieldConflict], theirs: Theirs) -> None:
        hint = _("{who} saved “{title}” at {time}. Your changes aren't saved yet; all of them are kept below").format(who=theirs.who, title=title, time=theirs.at)
        super().__init__(parent, _("Somebody else has just changed this {entity}").format(entity=in_sentence(spec.singular)), hint, width=WIDTH, name="conflict_dialog")
        self.desk, self.theirs = desk, theirs
        self.links = LinkSource(desk, self)
        self.result_values: Values = {}
        me = desk.session.person.name
        self.add(self._line(Label(_("Field"), "small", "text2"), row(Avatar(me, 20), Label(_("Your change"), "body", bold=True), None, gap=6),
                            row(Avatar(theirs.who, 20), Label(_("Change by {who}").format(who=theirs.who), "body", bold=True), None, gap=6),
                            row(IconLabel("merge", "accent"), Label(_("Result"), "body", bold=True), None, gap=6)))
        self.add(hline())
        self.rows = [_Row(self, spec.fields[one.field], one, theirs.values.get(one.field)) for one in conflicts]
        for one in self.rows:
            name = column(Label(one.field.title, "body", bold=True), Label(_("was: {value}").format(value=one.original), "small", "text2", wrap=True), None, gap=1)
            line = self._line(name, one.options["mine"], one.options["theirs"], one.editor)
            line.setAlignment(one.editor, Qt.AlignmentFlag.AlignTop)
            self.add(line)
        self.state = Label("", "body", bold=True)
        self.bar = ProgressBar(0, "successfill")
        self.bar.setFixedWidth(92)
        mine = Button(_("All mine"), "ghost", name="conflict.all_mine", on_click=partial(self.all, "mine"))
        other = Button(_("All theirs"), "ghost", name="conflict.all_theirs", on_click=partial(self.all, "theirs"))
        self.add(row(self.state, self.bar, 12, mine, other, None))
        self.add_button(Button(_("Go on editing"), name="conflict.back", on_click=self.reject), safe=True)
        self.save = self.add_button(Button(_("Save the result"), "primary", icon="check", name="conflict.save", on_click=self._take))
        self.count()

    @staticmethod
    def _line(name: Any, mine: Any, theirs: Any, result: Any) -> Any:
        line = row((name, 2), (mine, 3), (theirs, 3), (result, 3), gap=12)
        if isinstance(name, QWidget):
            name.setMinimumWidth(NAME_WIDTH)
        return line

    def all(self, side: str) -> None:
        """Keep one side's value in every field."""
        for one in self.rows:
            one.choose(side)

    def count(self) -> None:
        """Show how many fields are decided."""
        done, total = sum(one.decided for one in self.rows), len(self.rows)
        self.state.setText(_("{total} in conflict, {done} decided").format(total=total, done=done))
        self.bar.set(done / total if total else 1)
        self.save.setEnabled(done == total)

    def _take(self) -> None:
        values: Values = {}
        for one in self.rows:
            try:
                values[one.field.name] = take_value(one.editor, one.field)
            except ValueProblem as problem:
                one.editor.set_problem(problem.message)
                one.editor.setFocus()
                return
        self.result_values = values
        self.accept()
