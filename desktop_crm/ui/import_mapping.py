"""The columns of the file and the fields they go to: samples, how sure the match is, and what the trial says about each."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop_crm.base.i18n import N_, _
from desktop_crm.domain.text import fold, search_keys
from desktop_crm.services.workbooks.parts import column_letters
from desktop_crm.ui.kit.fields import ComboEditor
from desktop_crm.ui.kit.tokens import theme
from desktop_crm.ui.kit.widgets import Card, ElidedLabel, IconLabel, Label, Pill, Segment, TabItem, hline, holder, row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from desktop_crm.services.importing import ColumnGuess, ImportResult, RowProblem, Source

CONFIDENCE: Final = {"exact": (N_("Recognised"), "success"), "guess": (N_("Guessed"), "warn"), "none": (N_("Not matched"), "neutral")}
CHOSEN: Final = (N_("Chosen"), "info")
COMBO_WIDTH: Final = 210


def matches(text: str, title: str) -> bool:
    """Tell whether a typed text finds a field: a part of its name, its pinyin or the initials of it."""
    wanted = fold(text).replace(" ", "")
    return any(wanted in key for key in search_keys(title)) or wanted in fold(title)


class MappingRow:
    """One column of the file."""

    def __init__(self, guess: ColumnGuess, choices: Sequence[tuple[object, str]]) -> None:
        self.guess = guess
        self.field = guess.field
        self.letter = Label(column_letters(guess.column), "body", "text3")
        self.heading = ElidedLabel(guess.heading, bold=True)
        self.samples = ElidedLabel(" | ".join(guess.samples) or _("(empty)"), role="text2")
        self.arrow = IconLabel("arrow-right", "text3")
        self.combo = ComboEditor(choices, name=f"import.column.{guess.column}", label=guess.heading, empty=_("Not imported"), match=matches)
        # The list of choices may ask for more: a cut arrow would hide that there is a choice.
        self.combo.setFixedWidth(max(theme().px(COMBO_WIDTH), self.combo.minimumSizeHint().width()))
        self.pill = Pill("", "neutral")
        self.mark = IconLabel("circle-check", "success", 14)
        self.check = ElidedLabel("", "small", "text2")
        self.checked = holder(row(self.mark, (self.check, 1), gap=6))
        self.troubled = False
        self.show_field(guess.field)

    def widgets(self) -> list[QWidget]:
        """Return the row's widgets from the left."""
        return [self.letter, self.heading, self.samples, self.arrow, self.combo, self.pill, self.checked]

    def show_field(self, field: str) -> None:
        """Show the field the column goes to; empty for none."""
        self.field = field
        self.combo.set_value(field or None)
        label, tone = CONFIDENCE[self.guess.confidence] if field == self.guess.field else CHOSEN if field else CONFIDENCE["none"]
        self.pill.set(_(label), tone)
        self.say("", "minus", "text3")

    def say(self, text: str, icon: str, role: str) -> None:
        """Show what the trial says about the column."""
        self.mark.set_icon(icon, role)
        self.mark.setVisible(bool(text))
        self.check.setText(text)
        self.check.set_role(role if role != "success" else "text2")

    def judge(self, problems: Sequence[RowProblem], warnings: Sequence[RowProblem]) -> None:
        """Show what a trial found in the column."""
        refused, remarked = len({one.row for one in problems}), len({one.row for one in warnings})
        self.troubled = bool(refused or remarked) or (bool(self.field) and self.guess.confidence == "guess" and self.field == self.guess.field)
        if not self.field:
            self.say(self.guess.remark, "info", "text3")
        elif refused:
            self.say(_("{count} rows: {message}").format(count=f"{refused:,}", message=_commonest(problems)), "circle-alert", "danger")
        elif remarked:
            self.say(_("{count} rows: {message}").format(count=f"{remarked:,}", message=_commonest(warnings)), "triangle-alert", "warn")
        elif self.field == self.guess.field and self.guess.remark:
            self.say(self.guess.remark, "triangle-alert", "warn")
        else:
            self.say(_("No problems"), "circle-check", "success")


def _commonest(problems: Iterable[RowProblem]) -> str:
    return Counter(one.message for one in problems).most_common(1)[0][0]


class MappingCard(Card):
    """All columns. Signal: `changed` when a field was chosen; a field chosen twice leaves its former column."""

    changed = Signal()

    def __init__(self) -> None:
        self.only = Segment([TabItem("all", _("All")), TabItem("problems", _("To check"))], name="import.only", label=_("Columns shown"), small=True)
        super().__init__(_("Columns and fields"), " ", actions=(self.only,), padded=False)
        self.rows: list[MappingRow] = []
        self.missing = Label("", "small", "danger", wrap=True)
        self.missing.setContentsMargins(15, 0, 15, 8)
        self.missing.hide()
        self._holder: QWidget | None = None
        self._source: Source | None = None
        self.body.addWidget(self.missing)
        self.only.chosen.connect(self._filter)

    def show_columns(self, source: Source, guesses: Sequence[ColumnGuess], kept: dict[int, str] | None = None) -> None:
        """Show the columns of a file; `kept` are fields chosen before, by column."""
        self._source = source
        if self._holder is not None:
            self._holder.hide()
            self._holder.deleteLater()
        choices: list[tuple[object, str]] = [(field.name, field.title + (" *" if field.required else "")) for field in source.spec.typed_fields()]
        self.rows = [MappingRow(guess, choices) for guess in guesses]
        grid = QGridLayout()
        grid.setContentsMargins(15, 0, 15, 10)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        titles = ("", _("Heading"), _("First values"), "", _("Field"), _("Match"), _("Check"))
        for place, title in enumerate(titles):
            grid.addWidget(Label(title, "small", "text2"), 0, place)
        rule = hline()
        grid.addWidget(rule, 1, 0, 1, len(titles))
        for line, one in enumerate(self.rows, 2):
            for place, widget in enumerate(one.widgets()):
                grid.addWidget(widget, line, place, Qt.AlignmentFlag.AlignVCenter)
            one.combo.changed.connect(partial(self._chosen, one))
        for place, stretch in ((1, 3), (2, 5), (6, 5)):
            grid.setColumnStretch(place, stretch)
        self._holder = holder(grid)
        self.body.insertWidget(1, self._holder)
        for one in self.rows:
            if kept is not None:
                one.show_field(kept.get(one.guess.column, ""))
        self._count()

    def mapping(self) -> dict[int, str]:
        """Return the field of each column that is imported."""
        return {one.guess.column: one.field for one in self.rows if one.field}

    def _chosen(self, changed: MappingRow) -> None:
        field = str(changed.combo.value() or "")
        for one in self.rows:
            if one is not changed and field and one.field == field:
                one.show_field("")
        changed.show_field(field)
        self._count()
        self.changed.emit()

    def judge(self, result: ImportResult | None) -> None:
        """Show what a trial found in each column; None while it is under way."""
        for one in self.rows:
            if result is None:
                one.say(_("Checking…") if one.field else "", "refresh-cw", "text3")
            else:
                here = [[found for found in group if found.field == one.field] for group in (result.problems, result.warnings)]
                one.judge(*here)
        self._count()

    def _count(self) -> None:
        mapped = sum(bool(one.field) for one in self.rows)
        guessed = sum(bool(one.field) and one.field == one.guess.field and one.guess.confidence == "guess" for one in self.rows)
        text = _("{count} columns, {mapped} matched, {guessed} of them guessed, {left} not imported")
        self.hint.setText(text.format(count=len(self.rows), mapped=mapped, guessed=guessed, left=len(self.rows) - mapped))
        troubled = sum(one.troubled for one in self.rows)
        self.only.set_count("problems", str(troubled) if troubled else "")
        spec = self._source.spec if self._source else None
        wanted = [field.title for field in spec.typed_fields() if field.required and not field.rule and field.default is None] if spec else []
        absent = [title for title in wanted if title not in self._mapped_titles()]
        self.missing.setText(_("No column goes to {fields}, which must be filled in. Choose one, or nothing can be imported").format(fields=_(", ").join(absent)))
        self.missing.setVisible(bool(absent))
        self._filter()

    def _mapped_titles(self) -> set[str]:
        return {self._source.spec.fields[one.field].title for one in self.rows if one.field} if self._source else set()

    def _filter(self, _key: str = "") -> None:
        only = self.only.current() == "problems"
        for one in self.rows:
            for widget in one.widgets():
                widget.setVisible(not only or one.troubled)
        for one in self.rows:
            one.mark.setVisible(bool(one.check.text()))
