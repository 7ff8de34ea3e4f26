"""The columns of a bank's file: what each is, what can't be read by that, and how many lines are new."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_crm.base.i18n import _
from desktop_crm.services.bank.columns import ROLES
from desktop_crm.ui.column_card import ColumnCard
from desktop_crm.ui.fixed_rows import Column, FixedRows
from desktop_crm.ui.kit.cell_model import Shown
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.editors import LineEditor
from desktop_crm.ui.kit.fields import FieldFrame
from desktop_crm.ui.kit.table import DataTable
from desktop_crm.ui.kit.tokens import theme
from desktop_crm.ui.kit.widgets import Banner, Card, ElidedLabel, Label, column, row

if TYPE_CHECKING:
    from desktop_crm.services.bank.reading import Statement

PREVIEWED: Final = 8
MOST_PROBLEMS: Final = 50
ACCOUNT_WIDTH: Final = 240


class BankColumns(QWidget):
    """A file's columns, our account and the first lines as they are read. Signal: `changed` when a column or the account was chosen."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.statement: Statement | None = None
        self.about = ElidedLabel("", "small", "text2")
        self.problem = Banner(name="bank.missing")
        self.account = LineEditor(name="bank.account", label=_("Our account"))
        self.account.setMinimumWidth(theme().px(ACCOUNT_WIDTH))
        self.account.left.connect(self._account_left)
        self.columns = ColumnCard(name="bank.column")
        self.columns.changed.connect(self.changed)
        heads = [Column("row", _("Row"), Kind.NUMBER, 56), Column("booked_on", ROLES.by_key["date"].title, Kind.DATE, 92),
                 Column("amount", ROLES.by_key["amount"].title, Kind.MONEY, 110), Column("payer", ROLES.by_key["payer"].title, Kind.TEXT, 220),
                 Column("remark", ROLES.by_key["remark"].title, Kind.TEXT, 240), Column("serial", ROLES.by_key["serial"].title, Kind.TEXT, 160)]
        self.model = FixedRows(heads, self)
        self.table = DataTable(name="bank.preview", label=_("First lines"), ticks=False)
        self.table.setModel(self.model)
        self.table.setFixedHeight(self.table.header.height() + PREVIEWED * self.table.side.defaultSectionSize() + 2)
        self.preview = Card(_("First lines"), "", self.table, padded=False)
        self.troubles = Card(_("Rows that can't be read"), "")
        self.trouble_text = Label("", "small", "text", wrap=True, selectable=True)
        self.troubles.body.addWidget(self.trouble_text)
        top = row((self.about, 1), FieldFrame(_("Our account"), self.account), gap=16)
        self.setLayout(column(top, self.problem, self.columns, self.preview, self.troubles, None, gap=12, margins=(20, 12, 20, 16)))

    def show_statement(self, statement: Statement) -> None:
        """Show a file that was read."""
        self.statement = statement
        self.account.set_value(statement.account)
        self.columns.show_file(statement)
        self.show_lines(0)

    def _account_left(self) -> None:
        if self.statement is not None and self.account.text().strip() != self.statement.account:
            self.statement.account = self.account.text().strip()
            self.changed.emit()

    def show_lines(self, known: int) -> None:
        """Show what is read by the columns as they are; `known` lines are there already."""
        if self.statement is None:
            return
        lines, problems = self.statement.lines, [*self.statement.problems, *self.statement.warnings]
        absent = self.statement.missing()
        self.problem.setVisible(bool(absent))
        self.problem.show_text(_("Say which column is {columns}, or nothing can be read").format(columns=_(", ").join(absent)), "danger")
        self.about.setText(_("{file}: {rows} rows, {lines} lines, {known} of them known before, {refused} can't be read").format(
            file=self.statement.workbook.path.name, rows=len(self.statement.table.rows), lines=len(lines), known=known, refused=len(self.statement.problems)))
        self.model.show_rows([(line, [
            Shown(str(line["row"])), Shown(line["booked_on"].isoformat()), Shown(f"{line['amount']:,.2f}", tone="danger" if line["amount"] < 0 else ""), Shown(line["payer"]),
            Shown(line["remark"]), Shown(line["serial"])]) for line in lines[:PREVIEWED]])  # fmt: skip
        self.troubles.setVisible(bool(problems))
        texts = [_("Row {row}, {column}: {message}").format(row=one.row, column=one.column or one.field, message=one.message) for one in problems[:MOST_PROBLEMS]]
        if len(problems) > MOST_PROBLEMS:
            texts.append(_("and {count} more").format(count=len(problems) - MOST_PROBLEMS))
        self.trouble_text.setText("\n".join(texts))
