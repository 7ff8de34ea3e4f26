"""The cards of the import of a whole workbook: what each sheet is, and what is wrong in which of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_crm.base.i18n import _
from desktop_crm.ui.fixed_rows import Column, FixedRows
from desktop_crm.ui.kit.cell_model import Shown
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.fields import ComboEditor
from desktop_crm.ui.kit.layouts import clear
from desktop_crm.ui.kit.table import DataTable
from desktop_crm.ui.kit.tokens import theme
from desktop_crm.ui.kit.widgets import Card, ElidedLabel, IconLabel, Label, Pill, column, hline, row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.domain.catalog import EntitySpec
    from desktop_crm.services.imports.company import CompanyBook, Part
    from desktop_crm.services.imports.company_run import CompanyResult, SheetResult

MOST_ROWS: Final = 8


class SheetLine(QWidget):
    """One sheet: its name, what its rows are, how many, and what becomes of them. Signal: `changed` when it is to be something else."""

    changed = Signal()

    def __init__(self, name: str, choices: Sequence[tuple[object, str]], entity: str) -> None:
        super().__init__()
        self.sheet = name
        self.name = ElidedLabel(name, "body", bold=True)
        self.name.setFixedWidth(190)
        self.combo = ComboEditor([("", _("Leave out")), *choices], name=f"company.sheet.{name}", label=_("What the rows of {sheet} are").format(sheet=name))
        self.combo.set_value(entity)
        self.combo.setFixedWidth(theme().px(240))
        self.combo.changed.connect(self.changed)
        self.facts = ElidedLabel("", "small", "text2")
        self.fate = Label("", "small", "text2")
        self.icon = IconLabel("table-2", "accent" if entity else "text3", 18)
        self.setLayout(row(self.icon, self.name, self.combo, (self.facts, 1), self.fate, gap=12, margins=(16, 6, 16, 6)))

    def show_part(self, part: Part) -> None:
        """Show what was found on the sheet."""
        unused = [guess.heading for guess in part.guesses if not part.mapping.get(guess.column) and guess.heading]
        facts = [_("{count} rows").format(count=f"{len(part.source.table.rows):,}"), _("{count} columns").format(count=len(part.mapping))]
        if unused:
            facts.append(_("not imported: {headings}").format(headings=_(", ").join(unused)))
        if part.source.table.excluded:
            facts.append(_("{count} rows are no data").format(count=len(part.source.table.excluded)))
        self.facts.setText(" · ".join(facts))

    def show_result(self, one: SheetResult | None) -> None:
        """Show what becomes, or became, of its rows."""
        if one is None:
            self.fate.setText("")
            return
        result = one.result
        counts = [(result.added, _("added")), (result.updated, _("updated")), (result.skipped, _("skipped")), (result.refused, _("with problems"))]
        self.fate.setText(" · ".join(f"{count:,} {word}" for count, word in counts if count) or _("nothing to do"))
        self.fate.set_role("danger" if result.refused else "text2")


class SheetsCard(Card):
    """The sheets of the workbook in the order they are imported. Signal: `changed`."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__(_("Sheets"), _("They are imported in this order, so that each finds what the others bring"), padded=False)
        self.lines: list[SheetLine] = []
        self._rows = column(gap=0)
        self.body.addLayout(self._rows)

    def show_book(self, book: CompanyBook, specs: Sequence[EntitySpec]) -> None:
        """Show the sheets of a workbook: those that are imported, then those that are left out, with the reason."""
        clear(self._rows)
        choices: list[tuple[object, str]] = [(spec.name, spec.plural) for spec in specs]
        self.lines = [SheetLine(part.source.sheet.name, choices, part.spec.name) for part in book.parts]
        for line, part in zip(self.lines, book.parts, strict=True):
            line.show_part(part)
        for name, reason in book.left_out:
            line = SheetLine(name, choices, "")
            line.facts.setText(reason)
            self.lines.append(line)
        for place, line in enumerate(self.lines):
            if place:
                self._rows.addWidget(hline())
            line.changed.connect(self.changed)
            self._rows.addWidget(line)

    def chosen(self) -> dict[str, str]:
        """Return what each sheet is to be, by name; "" leaves it out."""
        return {line.sheet: str(line.combo.value() or "") for line in self.lines}

    def show_result(self, result: CompanyResult | None) -> None:
        """Show what becomes of each sheet."""
        found = {one.sheet: one for one in result.sheets} if result is not None else {}
        for line in self.lines:
            line.show_result(found.get(line.sheet))


class SheetProblemsCard(Card):
    """The cells that are wrong, in all sheets, each with what to do."""

    def __init__(self) -> None:
        self.pill = Pill("", "danger")
        super().__init__(_("Rows with problems"), " ", padded=False)
        self.head.insertWidget(1, self.pill)
        self.model = FixedRows([
            Column("sheet", _("Sheet"), width=120), Column("row", _("Row"), Kind.NUMBER, 60), Column("column", _("Column"), width=130), Column("value", _("Value"), width=170),
            Column("message", _("What to do"), width=440),
        ], self)
        self.table = DataTable(name="company.problems", label=_("Rows with problems"), ticks=False, row_height=30)
        self.table.setModel(self.model)
        self.body.addWidget(self.table)

    def show_result(self, result: CompanyResult) -> None:
        """Show what is wrong, then what is only remarked on."""
        found = []
        for tone in ("danger", "warn"):
            for one in result.sheets:
                for item in one.result.problems if tone == "danger" else one.result.warnings:
                    cells = [Shown(one.sheet, "text2"), Shown(f"{item.row:,}", raw=item.row), Shown(item.column, bold=True), Shown(item.value, "text2"), Shown(item.message, tone, tip=item.message)]
                    found.append((item, cells))
        self.model.show_rows(found)
        self.table.setFixedHeight(48 + 30 * min(len(found), MOST_ROWS))
        refused = result.count("refused")
        rows = refused or sum(len({item.row for item in one.result.warnings}) for one in result.sheets)
        self.pill.set(_("{count} rows").format(count=f"{rows:,}"), "danger" if refused else "warn")
        self.hint.setText(_("They are left out; save them, put them right and import them again") if refused else _("Imported all the same; please look at them"))
        self.setVisible(bool(found))
