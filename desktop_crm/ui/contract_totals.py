"""The totals of a contract: what it costs before and after discounts, the tax in it, the amount in words."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import _
from desktop_crm.domain.money import LIMIT, show_money
from desktop_crm.domain.words import words_to_read
from desktop_crm.ui.kit.widgets import Card, Label, box, column, hline, row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtWidgets import QWidget

    from desktop_crm.domain.catalog import Values
    from desktop_crm.ui.lines import LinesPanel

WIDTH: Final = 348


def money(amount: Decimal) -> str:
    """Return an amount as it stands in a text."""
    return show_money(amount, symbol="¥")


def in_words(amount: Decimal) -> str:
    """Return an amount in words as it stands under one that is being typed: nothing for one that no document can have."""
    return words_to_read(amount) if abs(amount) < LIMIT else ""


def fit_table(panel: LinesPanel, least: Mapping[str, int]) -> None:
    """Give a table the height of its lines, and share the room that is left among the columns in `least`, which names their least widths."""
    table = panel.table
    table.fit_height()
    columns = {one.key: number for number, one in enumerate(table.lines.columns)}
    others = sum(table.columnWidth(number) for key, number in columns.items() if key not in least)
    widths = {key: max(width, table.header.heading_width(columns[key])) for key, width in least.items()}
    extra = panel.width() - 4 - table.side.width() - others - sum(widths.values())
    for key, width in widths.items():
        table.setColumnWidth(columns[key], width + max(0, extra) // len(least))
    if extra < 0:
        table.setFixedHeight(table.height() + table.horizontalScrollBar().sizeHint().height())


class TotalsCard(Card):
    """Shows the sums of the lines; `amount` edits what a contract without lines costs."""

    def __init__(self, amount: QWidget) -> None:
        super().__init__()
        self.setObjectName("contract.totals")
        self.setAccessibleName(_("Totals"))
        self.amount = amount
        self._labels: dict[str, tuple[Label, Label]] = {}
        lines = column(*(self._line(key, label) for key, label in (
            ("gross", _("Before discount")), ("discount", _("Discount")), ("net", _("Net amount")), ("tax", _("Tax amount")))), gap=8)
        self._figures = box(lines, "surface")
        self.total = Label("", "page", selectable=True)
        self.total.setObjectName("contract.total")
        self.words = Label("", "body", bold=True, wrap=True, selectable=True)
        self.words.setObjectName("contract.words")
        words = box(column(Label(_("Amount in words"), "small", "text3"), self.words, gap=2, margins=(12, 8, 12, 8)), "inset")
        self.body.addWidget(self._figures)
        self.body.addWidget(amount)
        self.body.addWidget(hline())
        self.body.addLayout(row(Label(_("Total with tax"), "strong"), None, self.total))
        self.body.addWidget(words)
        self.body.addStretch(1)
        self.setFixedWidth(WIDTH)

    def _line(self, key: str, label: str) -> QWidget:
        name, value = Label(label, "body", "text2"), Label("", "body", selectable=True)
        self._labels[key] = (name, value)
        made = box(row(name, None, value), "surface")
        made.setObjectName(f"contract.total.{key}")
        return made

    def show_totals(self, rows: Sequence[Values], gross: Decimal, total: Decimal) -> None:
        """Show the sums of the lines; `total` is what the contract costs."""
        net = sum((one.get("net") or Decimal(0) for one in rows), Decimal(0))
        tax = sum((one.get("tax") or Decimal(0) for one in rows), Decimal(0))
        rates = sorted({one["tax_rate"] for one in rows if one.get("tax_rate")}, reverse=True)
        shown = " / ".join(f"{(rate * 100).normalize():f}%" for rate in rates)
        self._labels["tax"][0].setText(_("Tax amount ({rates})").format(rates=shown) if shown else _("Tax amount"))
        for key, value in (("gross", gross), ("discount", total - gross), ("net", net), ("tax", tax)):
            label = self._labels[key][1]
            label.setText(money(value))
            label.set_role("text")
        self._figures.setVisible(bool(rows))
        self.amount.setVisible(not rows)
        self.total.setText(money(total))
        self.words.setText(in_words(total))
