"""What a trial or an import came to: counts, rows with problems, duplicates, and the page at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_crm.base.i18n import _
from desktop_crm.ui.fixed_rows import Column, FixedRows
from desktop_crm.ui.kit.cell_model import Shown
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.table import DataTable
from desktop_crm.ui.kit.tokens import theme
from desktop_crm.ui.kit.widgets import Banner, Button, Card, IconLabel, Label, LinkLabel, Pill, StackBar, column, hline, row

if TYPE_CHECKING:
    from desktop_crm.services.importing import ImportResult, RowProblem

MOST_ROWS: Final = 7
WIDTH: Final = 620


def counts(result: ImportResult) -> list[tuple[int, str, str]]:
    """Return (count, colour role, word) of what becomes of the rows; they add up to all of them."""
    return [
        (result.added, "successfill", _("added")), (result.updated, "infofill", _("updated")),
        (result.skipped, "neutralfill", _("skipped")), (result.refused, "dangerfill", _("with problems")),
    ]


class CountsBar(QWidget):
    """The rows as a bar with its legend."""

    def __init__(self, *, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.bar = StackBar(thickness=6)
        self.setLayout(column(self.bar))
        self.setMinimumWidth(theme().px(380))

    def show_result(self, result: ImportResult | None) -> None:
        """Show a result, or that there is none yet."""
        if result is None:
            self.bar.set([])
            return
        total = max(1, result.rows)
        self.bar.set([(count / total, role, word, f"{count:,}") for count, role, word in counts(result)])
        self.setAccessibleName(", ".join(f"{word} {count}" for count, _role, word in counts(result)))


class ProblemsCard(Card):
    """The cells that are wrong, each with what to do."""

    def __init__(self) -> None:
        self.pill = Pill("", "danger")
        self.all = LinkLabel("", "small", name="import.problems_all")
        super().__init__(_("Rows with problems"), " ", actions=(self.all,), padded=False)
        self.head.insertWidget(1, self.pill)
        self.all.clicked.connect(self.show_all)
        self._result: ImportResult | None = None
        self._field = ""
        self.model = FixedRows([
            Column("row", _("Row"), Kind.NUMBER, 64), Column("column", _("Column"), width=150), Column("value", _("Value"), width=200), Column("message", _("What to do"), width=460),
        ], self)
        self.table = DataTable(name="import.problems", label=_("Rows with problems"), ticks=False, row_height=30)
        self.table.setModel(self.model)
        self.body.addWidget(self.table)

    def show_only(self, field: str) -> None:
        """Show only what there is to say about one field."""
        self._field = field
        if self._result is not None:
            self.show_result(self._result)

    def show_all(self) -> None:
        """Show what there is to say about every field again."""
        self.show_only("")

    def show_result(self, result: ImportResult) -> None:
        """Show what is wrong, then what is only remarked on."""
        self._result = result
        if self._field and not any(one.field == self._field for one in (*result.problems, *result.warnings)):
            self._field = ""
        found = [(one, self._cells(one, role)) for group, role in ((result.problems, "danger"), (result.warnings, "warn")) for one in group if self._field in {"", one.field}]
        self.model.show_rows(found)
        self.all.setText(_("Show all columns"))
        self.all.setVisible(bool(self._field))
        self.table.setFixedHeight(48 + 30 * min(len(found), MOST_ROWS))
        rows = result.refused or len({one.row for one in result.warnings})
        self.pill.set(_("{count} rows").format(count=f"{rows:,}"), "danger" if result.refused else "warn")
        text = _("They are left out; save them, put them right and import them again") if result.refused else _("Imported all the same; please look at them")
        self.hint.setText(text)
        self.setVisible(bool(found))

    @staticmethod
    def _cells(one: RowProblem, role: str) -> list[Shown]:
        return [Shown(f"{one.row:,}", raw=one.row), Shown(one.column, bold=True), Shown(one.value, "text2", raw=one.value), Shown(one.message, role, tip=one.message)]


class DoneStep(QWidget):
    """The end of an import. Signals: `undo_wanted`, `list_wanted`, `refused_wanted`, `again_wanted`."""

    undo_wanted = Signal()
    list_wanted = Signal()
    refused_wanted = Signal()
    again_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.icon = IconLabel("circle-check", "success", 24, ground="successbg", field=56)
        self.title = Label("", "title", wrap=True)
        self.counts = CountsBar(name="import.done_counts")
        self.note = Label("", "small", "text2", wrap=True)
        self.problem = Banner(name="import.done_problem")
        self.problem.hide()
        self.undo = Button(_("Undo the import"), icon="undo-2", name="import.undo", on_click=self.undo_wanted.emit)
        self.refused = Button(_("Save refused rows…"), icon="file-down", name="import.save_refused", on_click=self.refused_wanted.emit)
        self.again = Button(_("Import another file"), "ghost", name="import.again", on_click=self.again_wanted.emit)
        self.open = Button(_("Open list"), "primary", icon="list", name="import.open_list", on_click=self.list_wanted.emit)
        card = Card("", "", self.problem, row(self.icon, (column(self.title, self.note, gap=4), 1), gap=16), self.counts, hline(), row(self.undo, self.refused, None, self.again, self.open))
        card.body.setContentsMargins(24, 20, 24, 20)
        card.setFixedWidth(WIDTH + 120)
        self.setLayout(column(24, row(None, card, None), None))

    def show_result(self, result: ImportResult) -> None:
        """Show what was imported."""
        written = result.change_set is not None
        self.problem.hide()
        self.icon.set_icon("circle-check" if written else "info", "success" if written else "info")
        self.title.setText(result.label)
        self.counts.show_result(result)
        self.counts.show()
        made = sum(result.created_links.values())
        notes = [_("{count} linked records were added").format(count=made)] if made else []
        notes += [_("The refused rows can be saved with the reasons, put right and imported again")] if result.refused else []
        self.note.setText(_("; ").join(notes))
        self.note.setVisible(bool(notes))
        self.undo.setEnabled(written)
        self.undo.setVisible(written)
        self.refused.setVisible(bool(result.refused))

    def show_undone(self) -> None:
        """Show that the import was taken back."""
        self.icon.set_icon("undo-2", "info")
        self.title.setText(_("The import was undone; everything is as before"))
        for one in (self.note, self.undo, self.counts, self.problem):
            one.hide()
