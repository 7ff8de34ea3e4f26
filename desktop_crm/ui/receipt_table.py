"""The open receivables of a customer and what a receipt gives to each of them."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _, ngettext
from desktop_crm.domain import ledger
from desktop_crm.domain.money import parse_amount, round_money, show_money
from desktop_crm.domain.sources import DEBITS, USES
from desktop_crm.services.allocations import fits
from desktop_crm.services.receipts import WAYS
from desktop_crm.ui.contract_totals import money
from desktop_crm.ui.kit.cells import Kind
from desktop_crm.ui.kit.flow import Apart
from desktop_crm.ui.kit.line_table import LineColumn, LineTable, SumRow
from desktop_crm.ui.kit.notices import EmptyState, StackBar
from desktop_crm.ui.kit.tabs import Segment, TabItem
from desktop_crm.ui.kit.widgets import Button, Card, ElidedLabel, Label, column, hline, holder, row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from PySide6.QtGui import QResizeEvent

    from desktop_crm.domain.catalog import Values
    from desktop_crm.ui.kit.line_model import Row

ZERO: Final = Decimal("0.00")
ROWS_SHOWN: Final = 12
ROOMY: Final = {"settled": 940, "age": 800, "after": 760, "amount": 640}
"""Widths of the card from which a column has room; the due date's colour says what the age does, the outcome what is left then."""


def read_part(text: str) -> Decimal:
    """Read an amount to allocate; raises ValueProblem."""
    value = parse_amount(text)
    if value != round_money(value):
        raise ValueProblem(_("Amounts have two decimals at most"))
    return round_money(value)


def age_words(due: date, today: date) -> str:
    """Return how far a due date is away."""
    days = ledger.days_overdue(due, today)
    if days > 0:
        return _("{count} d overdue").format(count=days)
    return _("due today") if days == 0 else _("in {count} d").format(count=-days)


def modes() -> tuple[TabItem, ...]:
    """Return the ways of allocating."""
    return TabItem("due", _("Oldest due first")), TabItem("ratio", _("By ratio")), TabItem("exact", _("Exact")), TabItem("hand", _("By hand"))


class AllocationCard(Card):
    """Allocates a receipt. Signals: `edited` by the user's hand, `allocated` whenever the figures are other ones."""

    edited = Signal()
    allocated = Signal()
    ticked_without_amount = Signal()

    def __init__(self, today: date) -> None:
        super().__init__(padded=False)
        self.today = today
        self.setObjectName("receipt.allocation_card")
        self.setAccessibleName(_("Allocation to receivables"))
        self._amount = ZERO
        self._first = 0
        self._fixed: dict[int, Decimal] = {}
        self._kinds = {choice.code: _(choice.label) for choice in DEBITS}
        self.title = Label(_("Allocate to receivables"), "strong")
        self.about = ElidedLabel(_("Tick receivables, or type into “This time”"), "small", "text3")
        self.mode = Segment(modes(), name="receipt.mode", label=_("How to allocate"), small=True)
        again = Button(_("Suggest again"), "ghost", icon="wand-sparkles", size="small", name="receipt.suggest", on_click=self.suggest_again)
        empty = Button(_("Clear"), "ghost", size="small", name="receipt.clear", on_click=self.clear)
        self.bar = StackBar()
        above = Apart(row(self.title, (self.about, 1)), row(self.mode, again, empty))
        head = column(above, self.bar, gap=8, margins=(16, 10, 12, 10))
        self.table = LineTable(self._columns(), name="receipt.allocations", label=_("Open receivables"), numbered=False, stretch="document", menu=False)
        self.sums = SumRow(self.table, name="receipt.sums")
        self.nothing = EmptyState("circle-check", _("No open receivables"), _("The whole receipt becomes a prepayment of the customer"))
        self.ask = EmptyState("users", _("Choose a customer"), _("What the customer has not paid yet is listed here"))
        self.body.setSpacing(0)
        self.body.addWidget(holder(head))
        self.body.addWidget(hline())
        self.body.addWidget(holder(column(self.table, self.sums, gap=0)))
        self.body.addWidget(self.nothing)
        self.body.addWidget(self.ask)
        self.mode.chosen.connect(self._mode_chosen)
        self.table.cell_changed.connect(self._cell_changed)
        self.table.changed.connect(self._changed)
        self.set_rows([], {})

    def _columns(self) -> list[LineColumn]:
        def due_tone(values: Row) -> str:
            return "danger" if isinstance(values.get("late"), int) and int(str(values["late"])) > 0 else "text2"

        def cents(value: object) -> str:
            return show_money(Decimal(str(value))) if value else ""

        return [
            LineColumn("on", "", Kind.CHECK, 36),
            LineColumn("document", _("Contract / instalment"), Kind.TEXT, 150, editable=False),
            LineColumn("due", _("Due on"), Kind.DATE, 92, editable=False, tone=due_tone),
            LineColumn("age", _("Age"), Kind.TEXT, 82, editable=False, tone=due_tone),
            LineColumn("amount", _("Sum due"), Kind.MONEY, 94, editable=False, show=cents),
            LineColumn("settled", _("Settled before"), Kind.MONEY, 94, editable=False, show=cents),
            LineColumn("remaining", _("Remaining"), Kind.MONEY, 94, editable=False, show=cents),
            LineColumn("part", _("This time"), Kind.MONEY, 114, parse=read_part, show=cents, boxed=True),
            LineColumn("after", _("Left then"), Kind.MONEY, 94, editable=False, show=cents),
            LineColumn("result", _("Outcome"), Kind.PILL, 80, editable=False, tone=lambda values: str(values.get("tone", "neutral"))),
        ]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what can be done without where there is little room."""
        super().resizeEvent(event)
        for key, width in ROOMY.items():
            self.table.setColumnHidden(self.table.lines.column_of(key), event.size().width() < width)

    # ---- rows

    def set_rows(self, rows: Sequence[Values], parts: Mapping[int, Decimal], *, customer: int | None = None, contract: int | None = None) -> None:
        """Show receivables, and what is given to each of them.

        What was refunded or transferred stays as it is; only receivables of `customer` itself are suggested, not those it pays for besides. Those of `contract` stand first and are paid first.
        """
        self._fixed = {one["id"]: parts.get(one["id"], ZERO) for one in rows if one["kind"] in USES}
        own = [one for one in rows if one["id"] not in self._fixed and customer in (None, one["customer"])]
        self._first = sum(1 for one in own if contract is not None and one.get("contract") == contract)
        self._debts = [ledger.Debt(one["id"], one["due_on"], one["document_on"], one["remaining"]) for one in own]
        self.table.set_rows([self._row(one, parts.get(one["id"]), other=customer not in (None, one["customer"])) for one in rows])
        self.table.setVisible(bool(rows))
        self.sums.setVisible(bool(rows))
        self.nothing.setVisible(not rows and customer is not None)
        self.ask.setVisible(not rows and customer is None)
        shown = min(len(rows), ROWS_SHOWN)
        self.table.setFixedHeight(self.table.header.height() + shown * self.table.side.defaultSectionSize() + 1)
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if len(rows) > ROWS_SHOWN else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.table.setVerticalScrollBarPolicy(policy)
        if self.mode.current() != "hand":
            self._suggest()
        self._show()

    def _row(self, one: Values, part: Decimal | None, *, other: bool) -> Row:
        contract = one.get("contract")
        names = [one["customer"].title] if other else []
        if one["id"] in self._fixed:
            names.append(self._kinds[one["kind"]])
        names += [contract.title if contract is not None else one["number"], "" if one["id"] in self._fixed else one.get("name") or ""]
        if contract is not None and not one.get("name"):
            names.append(one["number"])
        due = one["falls_due"]
        made: Row = {
            "id": one["id"], "document": "  ".join(name for name in names if name), "due": due.isoformat(), "age": age_words(due, self.today),
            "late": ledger.days_overdue(due, self.today), "amount": one["amount"], "settled": one["settled"], "remaining": one["remaining"], "part": part or None,
        }
        return made | self._result(made)

    @staticmethod
    def _result(values: Row) -> Row:
        """Return what follows from the part given to a receivable."""
        remaining, part = _decimal(values.get("remaining")), _decimal(values.get("part"))
        after = remaining - part
        if not part:
            return {"on": False, "after": after, "result": _("Unticked"), "tone": "neutral"}
        if not fits(part, remaining):
            return {"on": True, "after": after, "result": _("Too much"), "tone": "danger"}
        if not after:
            return {"on": True, "after": after, "result": _("In full"), "tone": "success"}
        return {"on": True, "after": after, "result": _("In part"), "tone": "warn"}

    def rows(self) -> list[Row]:
        """Return the rows as they stand."""
        return self.table.rows()

    def parts(self) -> dict[int, Decimal]:
        """Return what is given to each receivable, by id."""
        return {int(str(one["id"])): _decimal(one["part"]) for one in self.rows() if one.get("part")}

    def whole(self) -> Decimal:
        """Return what is allocated in all."""
        return sum(self.parts().values(), ZERO)

    # ---- changes

    def set_amount(self, amount: Decimal | None) -> None:
        """Take note of the amount received; a way of allocating other than by hand allocates it anew."""
        if amount == self._amount:
            return
        self._amount = amount or ZERO
        if self.mode.current() != "hand":
            self._suggest()
        self._show()

    def set_mode(self, mode: str) -> None:
        """Choose a way of allocating without allocating anew."""
        blocked = self.mode.blockSignals(True)
        self.mode.set_items([*modes()], mode)
        self.mode.blockSignals(blocked)

    def _mode_chosen(self, mode: str) -> None:
        if mode != "hand":
            self._suggest()
            self.edited.emit()

    def suggest_again(self) -> None:
        """Allocate anew: the oldest due first where it was done by hand."""
        if self.mode.current() == "hand":
            self.set_mode("due")
        self._suggest()
        self.edited.emit()

    def _suggest(self) -> None:
        left = self._amount - sum(self._fixed.values(), ZERO)
        self._put({debt.id: part for debt, part in zip(self._debts, ledger.suggest_first(WAYS[self.mode.current()], left, self._debts, self._first), strict=True)})

    def clear(self) -> None:
        """Allocate nothing."""
        self.set_mode("hand")
        self._put({})
        self.edited.emit()

    def put(self, parts: Mapping[int, Decimal]) -> None:
        """Give these parts, as if they were typed by hand."""
        self.set_mode("hand")
        self._put(parts)

    def _put(self, parts: Mapping[int, Decimal]) -> None:
        self.table.lines.remember()
        parts = {**parts, **self._fixed}
        for number, values in enumerate(self.rows()):
            values["part"] = parts.get(int(str(values["id"]))) or None
            self.table.set_problem(number, "part", None)
            self.table.update_row(number, values | self._result(values))
        self._show()

    def _cell_changed(self, number: int, key: str) -> None:
        values = dict(self.table.lines.entries[number].values)
        if key == "on":
            values["part"] = self._ticked(number, values) if values.get("on") else None
            self.table.set_problem(number, "part", None)
        values["part"] = self._fixed.get(int(str(values["id"])), values.get("part"))
        self.set_mode("hand")
        self.table.update_row(number, values | self._result(values))
        self.check_row(number)

    def _ticked(self, number: int, values: Row) -> Decimal | None:
        """Return what a receivable gets that was just ticked: what is left of the receipt, at most what remains of the receivable."""
        remaining = _decimal(values["remaining"])
        if not self._amount:
            return remaining
        left = self._amount - sum((_decimal(one.get("part")) for place, one in enumerate(self.rows()) if place != number), ZERO)
        return remaining if remaining < 0 else min(left, remaining) if left > 0 else None

    def _changed(self) -> None:
        for number, values in enumerate(self.rows()):
            self.table.update_row(number, self._result(values))
        self._show()
        self.edited.emit()

    # ---- checking

    def check_row(self, number: int) -> bool:
        """Mark what is wrong with the part of one receivable; tell whether it is right."""
        entry = self.table.lines.entries[number]
        problem = entry.problems.get("part")
        if problem is not None and problem.typed is not None:
            return False
        part, remaining = _decimal(entry.values.get("part")), _decimal(entry.values["remaining"])
        if fits(part, remaining):
            self.table.set_problem(number, "part", None)
            return True
        text = _("An amount below zero can't be allocated here") if part < 0 < remaining else _("Only {amount} of it remains").format(amount=money(remaining))
        fix = (_("Take {amount}").format(amount=money(remaining)), partial(self._take_remaining, number))
        self.table.set_problem(number, "part", text, fixes=[fix])
        return False

    def _take_remaining(self, number: int) -> None:
        self.table.lines.put_value(number, "part", self.table.lines.entries[number].values["remaining"])

    def problems(self) -> list[tuple[int, str]]:
        """Return (row, words) of every part that can't be given."""
        for number in range(len(self.table.lines.entries)):
            self.check_row(number)
        return [(number, f"{self.table.lines.text(number, 'document')}: {text}") for number, _key, text in self.table.problems()]

    def go_to(self, number: int) -> None:
        """Go to the part of one receivable."""
        self.table.show_cell(number, "part")

    # ---- what is shown

    def _show(self) -> None:
        rows = self.rows()
        sums: dict[str, Any] = {key: money_text(rows, key) for key in ("amount", "settled", "remaining", "part", "after")}
        self.table.sum_row(ngettext("{count} receivable in all", "{count} receivables in all", len(rows)).format(count=len(rows)), sums, self.sums)
        overdue = sum((_decimal(one.get("part")) for one in rows if int(str(one["late"])) > 0), ZERO)
        whole = sum((_decimal(one.get("part")) for one in rows), ZERO)
        rest = max(self._amount - whole, ZERO)
        base = max(self._amount, whole)
        parts = [(overdue, "dangerfill", _("Settles overdue")), (whole - overdue, "infofill", _("Settles not yet due")), (rest, "violetfill", _("Becomes a prepayment"))]
        self.bar.set([(float(part / base) if base else 0.0, role, label, money(part)) for part, role, label in parts if part or not base])
        self.allocated.emit()


def money_text(rows: Sequence[Row], key: str) -> str:
    """Return the sum of a column as it is shown under it."""
    return show_money(sum((_decimal(one.get(key)) for one in rows), ZERO))


def _decimal(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else ZERO
