"""The lines of a record, edited like a spreadsheet: columns from the line's declaration, its figures worked out while typing."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Signal

from desktop_crm.base.errors import FieldProblem, ValueProblem
from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.domain.catalog import Ref
from desktop_crm.services import records
from desktop_crm.services.checking import check_values, remarks
from desktop_crm.ui.editing import LinkSource, edit_text, read_text
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.line_table import LineColumn, LineTable, SumRow
from desktop_crm.ui.kit.widgets import Card, Label, column, holder
from desktop_crm.ui.show import WIDTHS, cell_kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QWidget

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Values
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.kit.popup import Choice

ROW: Final = 32
NAME_WIDTH: Final = 150
READ_NAME_WIDTH: Final = 104
LINE_WIDTHS: Final = {Kind.MONEY: 100, Kind.NUMBER: 78, Kind.PERCENT: 68, Kind.TEXT: 96}
SHORT_TEXT: Final = 20
TEXT_KINDS: Final = frozenset({Kind.NAME, Kind.PILL, Kind.STARS, Kind.LINK})


class LinesPanel(Card):
    """The table of one line entity, with its totals. Signal: `edited` after any change by the user.

    `fixed` shows the lines to be read only. Rows keep the ids they came with.
    """

    edited = Signal()

    def __init__(self, desk: Desk, spec: EntitySpec, *, fixed: bool = False, actions: tuple[QWidget, ...] = ()) -> None:
        super().__init__(spec.plural, "", padded=False, actions=actions)
        self.desk, self.spec, self.fixed = desk, spec, fixed
        self._least = READ_NAME_WIDTH if fixed else NAME_WIDTH
        self.links = LinkSource(desk, self)
        self._before: list[Values] = []
        self._lookups = self._find_lookups()
        columns = [self._column(spec.fields[name]) for name in self._names()]
        self.table = LineTable(
            columns, name=f"form.{spec.name}", label=spec.plural, new_line=None if fixed else self._new_line, ghost_text=_("Add a line"),
            row_height=ROW,
        )
        self.table.set_read_only(fixed)
        self.sums = SumRow(self.table, name=f"form.{spec.name}.sums")
        self.body.addWidget(holder(column(self.table, self.sums, gap=0)))
        self.day = desk.session.today
        self.remark = Label("", "small", "text2", wrap=True)
        self.remark.setObjectName(f"form.{spec.name}.remark")
        self.remark.setContentsMargins(16, 4, 16, 6)
        self.remark.hide()
        self.body.addWidget(self.remark)
        self.table.lines.cell_changed.connect(self._cell_changed)
        self.table.lines.block_typed.connect(self._block_typed)
        self.table.lines.picked.connect(self._picked)
        self.table.changed.connect(self._changed)
        self.table.typing.connect(self.edited)
        self.table.lines.rowsInserted.connect(self._fit)
        self.table.pasted.connect(lambda _lines, _bad: self._fit())
        self.table.lines.rowsRemoved.connect(self._fit)
        self.set_rows([])

    # ---- columns

    def _names(self) -> list[str]:
        return [name for name in self.spec.columns if name != self.spec.parent and name in self.spec.fields]

    def _find_lookups(self) -> dict[str, FieldSpec]:
        """Return, by column, the link that is looked up there: the link itself, or the text that a link fills in with its title."""
        found: dict[str, FieldSpec] = {}
        for link in self.spec.fields.values():
            target = self.desk.session.catalog.get(link.link)
            if not link.link or link.name == self.spec.parent or target is None:
                continue
            filled = next((name for name, source in link.fills.items() if source == target.title), "")
            if link.name in self.spec.columns:
                found[link.name] = link
            elif filled in self.spec.columns:
                found[filled] = link
        return found

    def _column(self, field: FieldSpec) -> LineColumn:
        kind = cell_kind(self.spec, field)
        link = self._lookups.get(field.name)
        boolean = field.kind.name == "boolean"
        choices = tuple((choice.code, _(choice.label)) for choice in field.choices)
        return LineColumn(
            field.name, field.title, Kind.CHECK if boolean else Kind.TEXT if kind in TEXT_KINDS else kind, _width(field, kind),
            editable=not field.derived and not self.fixed, required=field.required and not self.fixed,
            parse=partial(_read_link, field) if field.link else field.parse, show=field.show, choices=choices,
            suggest=partial(self.links.suggest, link) if link is not None else None,
        )

    def _new_line(self) -> dict[str, object]:
        return {field.name: field.default for field in self.spec.typed_fields() if field.default is not None}

    # ---- rows

    def set_rows(self, rows: Sequence[Values]) -> None:
        """Show the lines of a record."""
        self._before = [dict(one) for one in rows]
        self.put_rows(rows)

    def put_rows(self, rows: Sequence[Values]) -> None:
        """Replace the lines, as a change of the user's."""
        made = [dict(one) for one in rows]
        for one in made:
            self._work_out(one)
        self.table.set_rows(made)
        self._fit()
        self._show_sums()

    def rows(self) -> list[Values]:
        """Return the lines as they are typed now."""
        return [dict(one) for one in self.table.rows()]

    def dirty(self) -> bool:
        """Tell whether a line was changed, added, moved or taken out."""
        typed = [field.name for field in self.spec.typed_fields()]
        now = [(one.get("id"), [one.get(name) for name in typed]) for one in self.rows()]
        return now != [(one.get("id"), [one.get(name) for name in typed]) for one in self._before] or bool(self.table.problems()) or self.table.open_cell() is not None

    def draft(self) -> list[dict[str, Any]]:
        """Return the lines as JSON keeps them, with the cell that is being typed in and texts that are no values."""
        names = [field.name for field in self.spec.typed_fields()]
        made = [{"id": one.get("id"), **{name: edit_text(self.spec.fields[name], one.get(name)) for name in names if one.get(name) is not None}} for one in self.rows()]
        for number, entry in enumerate(self.table.lines.entries):
            made[number] |= {key: problem.typed for key, problem in entry.problems.items() if problem.typed is not None}
        typing = self.table.open_cell()
        if typing is not None:
            number, key, text = typing
            made += [{"id": None} for _missing in range(number + 1 - len(made))]
            made[number][key] = text
        return made

    def restore(self, kept: Sequence[dict[str, Any]]) -> None:
        """Show the lines of a draft; what is no value stands in its cell as it was typed."""
        by_id = {one["id"]: one for one in self._before if one.get("id")}
        made, unread = [], []
        for number, one in enumerate(kept):
            row: Values = dict(by_id.get(one.get("id"), {})) or dict(self._new_line())
            for name, text in one.items():
                if name in self.spec.fields and name != "id":
                    try:
                        row[name] = read_text(self.spec.fields[name], text)
                    except ValueProblem:
                        row[name] = None
                        unread.append((number, name, str(text)))
            made.append(row)
        self.put_rows(made)
        for number, name, text in unread:
            if name in self._names():
                self.table.lines.type_in(number, self.table.lines.column_of(name), text)

    # ---- working out

    def _work_out(self, row: Values) -> None:
        if self.spec.derive is not None:
            self.spec.derive(row)

    def _cell_changed(self, number: int, key: str) -> None:
        del key
        if not self.table.lines.pasting and self._row_changed(number):
            self._changed()

    def _block_typed(self, rows: list[int]) -> None:
        for number in rows:
            self._row_changed(number)

    def _row_changed(self, number: int) -> bool:
        """Work out what follows in a line; tell whether it is complete."""
        row = dict(self.table.lines.entries[number].values)
        if any(isinstance(value, int) and not isinstance(value, (bool, Ref)) and name in self._lookups for name, value in row.items()):
            # A choice was picked; what it stands for follows at once in `_picked`.
            return False
        self._work_out(row)
        self.table.update_row(number, row)
        return True

    def _picked(self, number: int, key: str, choice: Choice) -> None:
        link = self._lookups.get(key)
        if link is None:
            return
        ref = Ref(int(str(choice.value)), choice.title)
        self.table.update_row(number, {link.name: ref, key: ref if key == link.name else choice.title})
        values = {**self.table.lines.entries[number].values, **dict.fromkeys(link.fills)}
        session, spec = self.desk.session, self.spec

        def work() -> Values:
            names = records.filled(session, spec, values, link.name)
            return {name: values[name] for name in names}

        def came(found: Values) -> None:
            entries = self.table.lines.entries
            if number < len(entries) and entries[number].values.get(link.name) == ref:
                row = {**entries[number].values, **found}
                self._work_out(row)
                self.table.update_row(number, row)
                for name in found:
                    self.table.lines.set_problem(number, name, None)
                self._show_sums()
                self.edited.emit()

        self.desk.operations.read(self, work, came, key=f"fill.{number}", failed=self.desk.fail)

    def _changed(self) -> None:
        self._show_sums()
        self.edited.emit()

    def set_day(self, day: date) -> None:
        """Take note of the document's day, which remarks on its lines count on."""
        if day != self.day:
            self.day = day
            self._show_remarks()

    def _show_remarks(self) -> None:
        """Say calmly under the table what is unusual in its lines, each thing once."""
        told = [] if self.fixed else list(dict.fromkeys(one.message for values in self.rows() for one in remarks(self.spec, values, self.day)))
        self.remark.setText("\n".join(told))
        self.remark.setVisible(bool(told))

    def _show_sums(self) -> None:
        self._show_remarks()
        names, rows = self._names(), self.rows()
        sums = {}
        for name in self.spec.totals:
            if name in names:
                field = self.spec.fields[name]
                total = sum((one.get(name) or Decimal(0) for one in rows), Decimal(0))
                sums[name] = field.show(total)
        self.sums.setVisible(bool(sums))
        if sums:
            self.table.sum_row(_("Total of {count}").format(count=len(rows)), sums, self.sums)

    def needed_width(self) -> int:
        """Return the width at which every column of the lines is seen."""
        names = self._names()
        columns = (self._least if name == self.spec.title else self.table.columnWidth(place) for place, name in enumerate(names))
        return sum(columns) + self.table.side.width() + 4

    def _fit(self) -> None:
        """Give the naming column what room is left, and the table the height of its lines."""
        if self.table.lines.pasting:
            return
        self.table.fit_height()
        names = self._names()
        if self.spec.title in names:
            place = names.index(self.spec.title)
            others = sum(self.table.columnWidth(number) for number in range(len(names)) if number != place)
            room = self.width() - 4 - self.table.side.width() - others
            self.table.setColumnWidth(place, max(self._least, room))
            if room < self._least:
                self.table.setFixedHeight(self.table.height() + self.table.horizontalScrollBar().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the page's width."""
        super().resizeEvent(event)
        self._fit()

    # ---- checking

    def problems(self) -> list[FieldProblem]:
        """Return what stands in the way of saving and mark it; fields are named ``entity.number.field`` as the service does."""
        words = _("{lines} {number}: {message}")
        found = [FieldProblem(f"{self.spec.name}.{number + 1}.{key}", words.format(lines=self.spec.singular, number=number + 1, message=text))
                 for number, key, text in self.table.problems() if self._unread(number, key)]
        unread = {one.field for one in found}
        for number, row in enumerate(self.rows(), 1):
            for problem in check_values(self.spec, row, skip=(self.spec.parent,)):
                name = f"{self.spec.name}.{number}.{problem.field}"
                if not problem.warning and name not in unread:
                    found.append(FieldProblem(name, words.format(lines=self.spec.singular, number=number, message=problem.message)))
        self.mark(found)
        return found

    def _unread(self, number: int, key: str) -> bool:
        problem = self.table.lines.entries[number].problems.get(key)
        return problem is not None and problem.typed is not None

    def mark(self, problems: Sequence[FieldProblem]) -> None:
        """Mark the cells that these problems name."""
        for problem in problems:
            place = self.place_of(problem.field)
            if place is not None and not self._unread(*place):
                self.table.set_problem(*place, problem.message)

    def place_of(self, field: str) -> tuple[int, str] | None:
        """Return (row, column) that a problem's field names, None where it is another table's."""
        entity, _dot, rest = field.partition(".")
        number, _dot, key = rest.partition(".")
        if entity != self.spec.name or not number.isdigit() or key not in self._names() or int(number) > len(self.table.lines.entries):
            return None
        return int(number) - 1, key

    def go_to(self, field: str) -> bool:
        """Go to the cell that a problem names; tell whether it is in this table."""
        place = self.place_of(field)
        if place is None:
            return False
        self.table.show_cell(*place)
        return True


def _width(field: FieldSpec, kind: Kind) -> int:
    if kind is Kind.TEXT and not field.link and not field.choices and field.scale <= SHORT_TEXT:
        return 60
    return LINE_WIDTHS.get(kind, WIDTHS.get(kind, 96))


def _read_link(field: FieldSpec, text: str) -> object:
    raise ValueProblem(_("Choose a {entity} from the list: “{text}” alone is not enough").format(entity=in_sentence(field.title), text=text))
