"""The instalments of a contract: templates, shares, and whether they add up to its total."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal

from desktop_crm.base.i18n import _
from desktop_crm.domain.instalments import COMMON_SHARES, TEMPLATES, PlanLine, equal, monthly
from desktop_crm.domain.money import round_money, round_scale, split
from desktop_crm.domain.terms import calendar_remark
from desktop_crm.services import contracts
from desktop_crm.ui.contract_totals import fit_table, money
from desktop_crm.ui.kit.labels import IconLabel
from desktop_crm.ui.kit.sheets import Menu
from desktop_crm.ui.kit.widgets import Button, Label, hline, holder, row
from desktop_crm.ui.lines import LinesPanel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from desktop_crm.domain.catalog import FieldSpec, Values
    from desktop_crm.domain.terms import WorkCalendar
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.kit.line_table import LineColumn

ENTITY: Final = "instalment"
EQUAL: Final = (2, 3, 4, 6, 12)
MONTHLY: Final = (3, 6, 12, 24)
LEAST: Final = {"name": 96, "condition": 96}
"""Least widths of the columns that share what room is left."""
WIDTHS: Final = {"due_on": 94, "billing": 84, "ratio": 68, "amount": 104}


class PlanLines(LinesPanel):
    """The instalments card of the contract editor. Signal: `balanced` when the balance may have changed."""

    balanced = Signal()

    def __init__(self, desk: Desk) -> None:
        self._total = Decimal(0)
        self._calendar: WorkCalendar | None = None
        self._start: date = desk.session.today
        self.template_button = Button(_("Apply a template"), "ghost", icon="wand-sparkles", size="small", name="contract.instalments.template", trailing="chevron-down", on_click=self._open_templates)
        again = Button(_("Recalculate by share"), "ghost", icon="refresh-cw", size="small", name="contract.instalments.shares", on_click=self.by_share)
        super().__init__(desk, desk.session.spec(ENTITY), actions=(self.template_button, again))
        self.title.setText(_("Payment plan"))
        self.table.setObjectName("contract.instalments")
        self.body.setSpacing(0)
        self.body.insertWidget(1, hline())
        self.table.lines.ghost_text = _("Add an instalment")
        self.icon = IconLabel("circle-check", "success", 14)
        self.balance_text = Label("", "small", "success", wrap=True)
        self.balance_text.setObjectName("contract.balance")
        self.repair = Button(_("Add the difference to the last instalment"), "soft", size="mini", name="contract.instalments.repair", on_click=self.repair_last)
        add = Button(_("Add instalment"), size="mini", name="contract.instalments.add", on_click=self.add_line)
        self.body.addStretch(1)
        self.body.addWidget(hline())
        self.body.addWidget(holder(row(self.icon, (self.balance_text, 1), self.repair, add, gap=6, margins=(16, 6, 12, 6))))
        self.edited.connect(self._show_balance)
        self._show_balance()

    def _column(self, field: FieldSpec) -> LineColumn:
        made = super()._column(field)
        return replace(made, width=WIDTHS.get(field.name, made.width))

    def _fit(self) -> None:
        fit_table(self, LEAST)

    # ---- the contract's side

    def set_total(self, total: Decimal) -> None:
        """Take note of what the instalments must add up to."""
        self._total = total
        self._show_sums()
        self._show_balance()

    def set_start(self, day: date) -> None:
        """Take note of the day templates count from."""
        self._start = day

    def set_calendar(self, calendar: WorkCalendar | None) -> None:
        """Take note of the calendar by which due dates are moved on, None where the company leaves them."""
        self._calendar = calendar
        self._show_remarks()

    def _show_remarks(self) -> None:
        """Say it where the holidays of the last due date's year are not known yet."""
        days = [one["due_on"] for one in self.rows() if one.get("due_on") is not None]
        text = calendar_remark(max(days), self._calendar) if days and self._calendar is not None else None
        self.remark.setText(text or "")
        self.remark.setVisible(bool(text))

    def planned(self) -> Decimal:
        """Return what the instalments add up to."""
        return sum((one.get("amount") or Decimal(0) for one in self.rows()), Decimal(0))

    def missing(self) -> Decimal:
        """Return what the plan lacks to the contract's total, below zero where it is too much; none is no lack."""
        rows = self.rows()
        return contracts.balance_of_plan(self._total, rows) if rows else Decimal(0)

    def rows(self) -> list[Values]:
        """Return the instalments, without lines in which nothing was filled in."""
        return [one for one in super().rows() if filled_in(one)]

    def tidy(self) -> None:
        """Take out lines in which nothing was filled in."""
        kept = len(self.rows())
        for number in range(len(self.table.lines.entries) - 1, -1, -1):
            if kept < len(self.table.lines.entries) and not filled_in(self.table.lines.entries[number].values):
                self.table.lines.remove(number, number)

    # ---- working out

    def _cell_changed(self, number: int, key: str) -> None:
        values = self.table.lines.entries[number].values
        ratio, amount = values.get("ratio"), values.get("amount")
        if key == "ratio" and isinstance(ratio, Decimal):
            self.table.update_row(number, {"amount": round_money(self._total * ratio)})
            self.table.set_problem(number, "amount", None)
        elif key == "amount" and isinstance(amount, Decimal) and self._total:
            self.table.update_row(number, {"ratio": round_scale(amount / self._total, 4)})
        super()._cell_changed(number, key)

    def replace(self, rows: Sequence[Values]) -> None:
        """Put other instalments in the place of those that are there, as one step that Ctrl+Z takes back."""
        lines = self.table.lines
        if lines.entries:
            lines.remove(0, len(lines.entries) - 1)
        else:
            lines.remember()
        for number, values in enumerate(rows):
            lines.insert(number)
            self.table.update_row(number, values)
        self._changed()

    def apply(self, template: str | Sequence[PlanLine]) -> None:
        """Plan the contract's total by a template."""
        session, total, start = self.desk.session, self._total, self._start
        self.desk.operations.read(self, lambda: contracts.plan_instalments(session, total, template, start), self._planned, key="plan")

    def _planned(self, rows: list[Values]) -> None:
        self.replace([{name: value for name, value in one.items() if name != "position"} for one in rows])

    def by_share(self) -> None:
        """Work the amounts out of the shares again, the last instalment taking the rounding where they make a whole."""
        rows = self.rows()
        shares = [one.get("ratio") or Decimal(0) for one in rows]
        if not any(shares):
            self.desk.say(_("Enter shares first, such as 30% and 70%"), "warn")
            return
        whole = abs(sum(shares) - 1) < Decimal("0.001")
        amounts = split(self._total, shares) if whole else [round_money(self._total * share) for share in shares]
        self.replace([{**one, "amount": amount} for one, amount in zip(rows, amounts, strict=True)])

    def repair_last(self) -> None:
        """Add what is missing to the last instalment."""
        rows, missing = self.rows(), self.missing()
        if rows and missing:
            amount = (rows[-1].get("amount") or Decimal(0)) + missing
            rows[-1] = {**rows[-1], "amount": amount, "ratio": round_scale(amount / self._total, 4) if self._total else None}
            self.replace(rows)

    def add_line(self) -> None:
        """Go to the line that makes a new instalment; it starts with what is missing."""
        missing = self.missing() if self.rows() else self._total
        last = len(self.table.lines.entries)
        self.table.lines.remember()
        self.table.lines.insert(last)
        self.table.update_row(last, {"name": _("Instalment {number}").format(number=last + 1)})
        if missing > 0:
            self.table.lines.put_value(last, "amount", missing)
        self._changed()
        self.table.show_cell(last, "name")

    # ---- templates

    def _open_templates(self) -> None:
        menu = Menu(self)
        for name, lines in TEMPLATES.items():
            menu.addAction(f"{name}   {' · '.join(_(line.name) for line in lines)}", partial(self.apply, name))
        for name in COMMON_SHARES:
            menu.addAction(name, partial(self.apply, name))
        menu.addSeparator()
        parts = menu.addMenu(_("Equal parts, every 30 days"))
        months = menu.addMenu(_("Monthly"))
        for count in EQUAL:
            parts.addAction(_("{count} instalments").format(count=count), partial(self.apply, equal(count)))
        for count in MONTHLY:
            months.addAction(_("{count} instalments").format(count=count), partial(self.apply, monthly(count)))
        menu.popup(self.template_button.mapToGlobal(self.template_button.rect().bottomLeft()))
        menu.aboutToHide.connect(menu.deleteLater)

    # ---- what is shown

    def _show_sums(self) -> None:
        self._show_remarks()
        rows = self.rows()
        missing, planned = self.missing(), self.planned()
        tone = "danger" if missing else "text"
        ratio = self.spec.fields["ratio"].show(round_scale(planned / self._total, 4)) if self._total else ""
        self.sums.setVisible(bool(rows))
        self.table.sum_row(_("Planned in total"), {"ratio": (ratio, tone), "amount": (self.spec.fields["amount"].show(planned), tone)}, self.sums)
        self.hint.setText(_("{count} instalments").format(count=len(rows)) if rows else "")

    def _show_balance(self) -> None:
        rows, missing = self.rows(), self.missing()
        role, icon, text = "success", "circle-check", _("The instalments add up to the contract's total")
        if not rows:
            role, icon, text = "text3", "info", _("Without a plan the whole contract falls due at once, by its payment terms")
        elif missing:
            role, icon, text = "danger", "circle-alert", balance_words(missing)
        self.icon.set_icon(icon, role)
        self.balance_text.set_role(role)
        self.balance_text.setText(text)
        self.repair.setVisible(bool(rows) and bool(missing))
        self.balanced.emit()


def balance_words(missing: Decimal) -> str:
    """Return what is wrong with a plan that lacks `missing`."""
    if missing > 0:
        return _("The instalments are {amount} less than the total").format(amount=money(missing))
    return _("The instalments are {amount} more than the total").format(amount=money(-missing))


def filled_in(row: Values) -> bool:
    """Tell whether anything was typed into an instalment."""
    return bool(row.get("id")) or any(row.get(name) not in {None, ""} for name in ("name", "due_on", "amount", "ratio"))
