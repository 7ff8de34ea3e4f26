"""The columns of the file and the fields they go to: samples, how sure the match is, and what the trial says about each."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QMenu, QWidget

from desktop_crm.base.i18n import N_, _
from desktop_crm.domain.text import fold, search_keys
from desktop_crm.services.imports.shapes import MADE, PERSON, PLACE, SEPARATORS, Shape, parts_by
from desktop_crm.services.imports.values import KINDS
from desktop_crm.services.workbooks.parts import column_letters
from desktop_crm.ui.import_fixed import FixedValues
from desktop_crm.ui.kit.fields import ComboEditor
from desktop_crm.ui.kit.sheets import Menu
from desktop_crm.ui.kit.tokens import theme
from desktop_crm.ui.kit.widgets import Button, Card, ElidedLabel, IconLabel, Label, LinkLabel, Pill, Segment, TabItem, hline, holder, row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from desktop_crm.services.importing import ColumnGuess, ImportResult, RowProblem, Source
    from desktop_crm.ui.editing import LinkSource

CONFIDENCE: Final = {
    "exact": (N_("Recognised"), "success"), "guess": (N_("Guessed"), "warn"), "plan": (N_("Last plan"), "info"), "none": (N_("Not matched"), "neutral"),
}
CHOSEN: Final = (N_("Chosen"), "info")
COMBO_WIDTH: Final = 210
ROW_HEIGHT: Final = 32
MOSTLY_EMPTY: Final = 0.5
MOST_JOINED: Final = 12
"""Columns that are offered to be joined with one."""


def matches(text: str, title: str) -> bool:
    """Tell whether a typed text finds a field: a part of its name, its pinyin or the initials of it."""
    wanted = fold(text).replace(" ", "")
    return any(wanted in key for key in search_keys(title)) or wanted in fold(title)


class MappingRow(QObject):
    """One column of the file; one that goes nowhere `may_add` a field. Signals: `look_wanted(field)`, `values_wanted(field)`, `shape_wanted(Shape)`, `unshape_wanted(column)`, `field_wanted(column)`."""

    look_wanted = Signal(str)
    values_wanted = Signal(str)
    shape_wanted = Signal(object)
    unshape_wanted = Signal(int)
    field_wanted = Signal(int)

    def __init__(self, guess: ColumnGuess, source: Source, choices: Sequence[tuple[object, str]], *, may_add: bool = False) -> None:
        super().__init__()
        self.may_add = may_add
        self.guess = guess
        self.source = source
        self.field = guess.field
        self._offer: Callable[[], object] | None = None
        self.letter = Label(column_letters(guess.column) if guess.column < MADE else "", "body", "text3")
        self.heading = ElidedLabel(guess.heading, bold=True)
        self.samples = ElidedLabel(" | ".join(guess.samples) or _("(empty)"), role="text2")
        self.arrow = IconLabel("arrow-right", "text3")
        self.combo = ComboEditor(choices, name=f"import.column.{guess.column}", label=guess.heading, empty=_("Not imported"), match=matches)
        # The list of choices may ask for more: a cut arrow would hide that there is a choice.
        self.combo.setFixedWidth(max(theme().px(COMBO_WIDTH), self.combo.minimumSizeHint().width()))
        self.pill = Pill("", "neutral")
        self.mark = IconLabel("circle-check", "success", 14)
        self.check = ElidedLabel("", "small", "text2")
        self.link = LinkLabel("", "small", name=f"import.fix.{guess.column}")
        self.link.clicked.connect(lambda: self._offer() if self._offer is not None else None)
        self.checked = holder(row(self.mark, self.check, self.link, None, gap=6))
        self.more = Button("", "ghost", icon="ellipsis", size="small", name=f"import.more.{guess.column}", tip=_("Take apart or join"), on_click=self._open_menu)
        self.troubled = False
        self.show_field(guess.field)

    def widgets(self) -> list[QWidget]:
        """Return the row's widgets from the left."""
        return [self.letter, self.heading, self.samples, self.arrow, self.combo, self.pill, self.checked, self.more]

    def _open_menu(self) -> None:
        self.menu().popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def menu(self) -> QMenu:
        """Return what can be done with the column beside choosing its field."""
        menu, shapes = Menu(self.more), self.source.shapes
        number, column = max((shape.number for shape in shapes), default=-1) + 1, self.guess.column
        if column >= MADE or any(column in shape.columns for shape in shapes):
            menu.addAction(_("Leave the column as it was")).triggered.connect(lambda: self.unshape_wanted.emit(column))
            return menu
        ways = [(PLACE, _("Take apart into province, city and district")), (PERSON, _("Take apart into name and numbers"))]
        ways += [(sign, _("Take apart at “{sign}”").format(sign=sign if sign.strip() else _("blank"))) for sign in SEPARATORS if any(sign in text for text in self.guess.samples)]
        for how, text in ways:
            shape = Shape(number, "split", (column,), how, parts_by(self.guess.samples, how))
            menu.addAction(text).triggered.connect(partial(self.shape_wanted.emit, shape))
        menu.addSeparator()
        if self.may_add:
            menu.addAction(_("New custom field…")).triggered.connect(lambda: self.field_wanted.emit(column))
            menu.addSeparator()
        others = [(other, heading) for other, heading in self.source.columns().items() if other < MADE and other != column]
        for other, heading in sorted(others, key=lambda pair: abs(pair[0] - column))[:MOST_JOINED]:
            shape = Shape(number, "join", (column, other))
            menu.addAction(_("Join with “{heading}”").format(heading=heading)).triggered.connect(partial(self.shape_wanted.emit, shape))
        return menu

    def show_field(self, field: str) -> None:
        """Show the field the column goes to; empty for none."""
        self.field = field
        self.combo.set_value(field or None)
        label, tone = CONFIDENCE[self.guess.confidence] if field == self.guess.field else CHOSEN if field else CONFIDENCE["none"]
        self.pill.set(_(label), tone)
        self.say("", "minus", "text3")

    def say(self, text: str, icon: str, role: str, offer: str = "", act: Callable[[], object] | None = None) -> None:
        """Show what the trial says about the column, and what can be done about it."""
        self._offer = act
        self.link.setText(offer)
        self.link.setVisible(bool(offer))
        self.mark.set_icon(icon, role)
        self.mark.setVisible(bool(text))
        self.check.setText(text)
        self.check.set_role(role if role != "success" else "text2")

    def judge(self, problems: Sequence[RowProblem], warnings: Sequence[RowProblem]) -> None:
        """Show what a trial found in the column."""
        refused, remarked = len({one.row for one in problems}), len({one.row for one in warnings})
        guessed = bool(self.field) and self.guess.confidence == "guess" and self.field == self.guess.field
        self.troubled = bool(refused or remarked) or guessed
        look = partial(self.look_wanted.emit, self.field)
        if self.field and refused:
            self._say_refused(problems, refused)
        elif self.field and remarked:
            self.say(_("{count} rows: {message}").format(count=f"{remarked:,}", message=_commonest(warnings)), "triangle-alert", "warn", _("Look"), look)
        elif self.guess.shape is not None:
            shape = self.guess.shape
            text, offer = (_("May be joined with another column"), _("Join")) if shape.kind == "join" else (_("Holds several values"), _("Take apart"))
            self.say(text, "lightbulb", "text2", offer, partial(self.shape_wanted.emit, shape))
        elif not self.field:
            text = self.guess.remark or (_("{percent}% empty").format(percent=round(self.guess.empty * 100)) if self.guess.empty >= MOSTLY_EMPTY else "")
            add = self.may_add and not self.guess.remark and self.guess.empty < 1
            self.say(text, "info", "text3", _("New custom field…") if add else "", partial(self.field_wanted.emit, self.guess.column))
        elif guessed and self.guess.remark:
            self.say(self.guess.remark, "triangle-alert", "warn")
        else:
            self.say(_("No problems"), "circle-check", "success")

    def _say_refused(self, problems: Sequence[RowProblem], refused: int) -> None:
        """Say what is refused in the column: values nobody knows can be settled one by one, for anything else the rows are shown."""
        unknown = list(dict.fromkeys(one.value.strip() for one in problems if one.value.strip()))
        field = self.source.spec.fields[self.field]
        if field.kind.name in KINDS and unknown and all(one.value.strip() for one in problems):
            named = _(", ").join(_("“{text}”").format(text=text) for text in unknown[:2])
            more = _(" and {count} more").format(count=len(unknown) - 2) if len(unknown) > 2 else ""  # noqa: PLR2004 - as many as are named
            text = _("{values} unknown, in {count} rows").format(values=named + more, count=f"{refused:,}")
            self.say(text, "triangle-alert", "danger", _("Say who") if field.link else _("Say what"), partial(self.values_wanted.emit, self.field))
            return
        text = _("{count} rows: {message}").format(count=f"{refused:,}", message=_commonest(problems))
        self.say(text, "circle-alert", "danger", _("Look"), partial(self.look_wanted.emit, self.field))


def _commonest(problems: Iterable[RowProblem]) -> str:
    return Counter(one.message for one in problems).most_common(1)[0][0]


class MappingCard(Card):
    """All columns, then the fields with a fixed value.

    Signals: `changed` when a field was chosen, where a field chosen twice leaves its former column, or a fixed value; `look_wanted(field)` for
    the rows behind a remark, `values_wanted(field)` for values nobody knows, `shapes_changed(shapes)` when a column is taken apart or joined, and
    `field_wanted(column)` for a field that isn't there yet, where somebody `may_add` one.
    """

    changed = Signal()
    look_wanted = Signal(str)
    values_wanted = Signal(str)
    shapes_changed = Signal(object)
    field_wanted = Signal(int)

    def __init__(self, links: LinkSource, *, may_add: bool = False) -> None:
        self.may_add = may_add
        self.only = Segment([TabItem("all", _("All")), TabItem("problems", _("To check"))], name="import.only", label=_("Columns shown"), small=True)
        self.add_fixed = Button(_("Fixed value"), "ghost", icon="plus", size="small", name="import.add_fixed", on_click=self._add_fixed)
        super().__init__(_("Columns and fields"), " ", actions=(self.only, self.add_fixed), padded=False)
        self.fixed = FixedValues(links)
        self.fixed.changed.connect(self._fixed_changed)
        self.rows: list[MappingRow] = []
        self.missing = Label("", "small", "danger", wrap=True)
        self.missing.setContentsMargins(15, 0, 15, 8)
        self.missing.hide()
        self._holder: QWidget | None = None
        self._source: Source | None = None
        self.body.addWidget(self.missing)
        self.body.addWidget(self.fixed)
        self.only.chosen.connect(self._filter)

    def show_columns(self, source: Source, guesses: Sequence[ColumnGuess], kept: dict[int, str] | None = None) -> Iterator[None]:
        """Show the columns of a file, made in small steps; `kept` are fields chosen before, by column."""
        choices: list[tuple[object, str]] = [(field.name, field.title + (" *" if field.required else "")) for field in source.spec.typed_fields()]
        rows: list[MappingRow] = []
        for guess in guesses:
            rows.append(MappingRow(guess, source, choices, may_add=self.may_add))
            yield
        self._source, self.rows = source, rows
        if self._holder is not None:
            self._holder.hide()
            self._holder.deleteLater()
        self.fixed.spec = source.spec
        grid = QGridLayout()
        grid.setContentsMargins(15, 0, 15, 10)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        titles = ("", _("Heading"), _("First values"), "", _("Field"), _("Match"), _("Check"), "")
        for place, title in enumerate(titles):
            grid.addWidget(Label(title, "small", "text2"), 0, place)
        rule = hline()
        grid.addWidget(rule, 1, 0, 1, len(titles))
        for line, one in enumerate(self.rows, 2):
            grid.setRowMinimumHeight(line, theme().px(ROW_HEIGHT))
            for place, widget in enumerate(one.widgets()):
                grid.addWidget(widget, line, place, Qt.AlignmentFlag.AlignVCenter)
            one.combo.changed.connect(partial(self._chosen, one))
            one.look_wanted.connect(self.look_wanted)
            one.values_wanted.connect(self.values_wanted)
            one.shape_wanted.connect(self._shape)
            one.unshape_wanted.connect(self._unshape)
            one.field_wanted.connect(self.field_wanted)
        for place, stretch in ((1, 3), (2, 5), (6, 5)):
            grid.setColumnStretch(place, stretch)
        self._holder = holder(grid)
        self.body.insertWidget(1, self._holder)
        for one in self.rows:
            if kept is not None:
                one.show_field(kept.get(one.guess.column, ""))
        self._count()

    def _shape(self, shape: Shape) -> None:
        self.shapes_changed.emit((*(self._source.shapes if self._source else ()), shape))

    def _unshape(self, column: int) -> None:
        shapes = self._source.shapes if self._source else ()
        self.shapes_changed.emit(tuple(shape for shape in shapes if column not in shape.columns and column not in shape.numbers()))

    def _add_fixed(self) -> None:
        if self._source is not None:
            self.fixed.ask(self.add_fixed, set(self.fixed.texts()))

    def _fixed_changed(self) -> None:
        self._count()
        self.changed.emit()

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
        given = {spec.fields[name].title for name in self.fixed.texts()} if spec else set()
        absent = [title for title in wanted if title not in self._mapped_titles() | given]
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
            one.link.setVisible(bool(one.link.text()))
