"""The product lines of a contract: products looked up by name, code or pinyin, rows pasted from Excel, a discount on all of them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtGui import QGuiApplication

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import Either, Every, Query, Where
from desktop_crm.domain.money import round_money
from desktop_crm.services import records
from desktop_crm.ui.contract_totals import fit_table
from desktop_crm.ui.kit.blocks import parse_block
from desktop_crm.ui.kit.editors import AmountEditor
from desktop_crm.ui.kit.fields import FieldFrame
from desktop_crm.ui.kit.overlays import Popover
from desktop_crm.ui.kit.popup import Choice, later
from desktop_crm.ui.kit.widgets import Button, Label, hline, row
from desktop_crm.ui.lines import LinesPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from desktop_crm.domain.catalog import FieldSpec, Values
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.kit.line_table import LineColumn

ENTITY: Final = "contract_line"
PRODUCT: Final = "product"
TYPED: Final = "_typed"
"""Key of a row under which the fields the user typed are kept: a product found by its code must not overwrite them."""
LEAST: Final = {"product_name": 122, "specification": 80}
"""Least widths of the columns that share what room is left."""
WIDTHS: Final = {"product_code": 86, "unit": 48, "quantity": 72, "price": 94, "discount": 68,
                 "tax_rate": 60, "net": 100, "tax": 92, "total": 104}
HEADINGS: Final = 2
"""Headings that must be recognised before a pasted block's first row counts as its headings."""


class DiscountCard(Popover):
    """Asks for the discount rate of every line. `taken` is called with it."""

    def __init__(self, anchor: QWidget, field: FieldSpec, taken: Callable[[Decimal], None]) -> None:
        super().__init__(anchor, name="discount_card")
        self.field, self._taken = field, taken
        self.rate = AmountEditor(field.parse, field.show, name="discount_card.rate")
        self.rate.set_value(Decimal(1))
        self.rate.line.returnPressed.connect(self.take)
        self.content.addWidget(Label(_("Discount on the whole document"), "body", bold=True))
        self.content.addWidget(FieldFrame(field.title, self.rate, hint=_("95% leaves 95% of the price; it replaces the rate of every line")))
        accept = Button(_("Apply"), "primary", size="small", name="discount_card.accept", on_click=self.take)
        self.content.addLayout(row(None, Button(_("Cancel"), "ghost", size="small", name="discount_card.cancel", on_click=self.close_up), accept))
        self.setMinimumWidth(300)

    def take(self) -> None:
        """Give the rate on, where it is one."""
        try:
            rate = self.rate.value()
        except ValueProblem as problem:
            self.rate.set_problem(problem.message)
            return
        wrong = self.field.check(rate) if self.field.check else None
        if not isinstance(rate, Decimal) or wrong:
            self.rate.set_problem(wrong or _("Enter a rate such as 95%"))
            return
        self.close_up()
        self._taken(rate)


class ProductLines(LinesPanel):
    """The lines card of the contract editor."""

    def __init__(self, desk: Desk) -> None:
        self._asked: set[tuple[str, str]] = set()
        paste = Button(_("Paste rows from Excel"), "ghost", icon="file-spreadsheet", size="small", name="contract.lines.paste", on_click=self.paste_rows)
        self.discount_button = Button(_("Discount on all"), "ghost", icon="sliders-horizontal", size="small", name="contract.lines.discount", on_click=self.ask_discount)
        add = Button(_("Add product"), icon="plus", size="small", name="contract.lines.add", on_click=self.add_line)
        super().__init__(desk, desk.session.spec(ENTITY), actions=(paste, self.discount_button, add))
        self.title.setText(_("Product lines"))
        self.table.setObjectName("contract.lines")
        self.body.setSpacing(0)
        self.body.insertWidget(1, hline())
        self.table.pasted.connect(self._pasted)
        self.edited.connect(self._look_up)
        self.table.lines.ghost_text = _("Name, code or pinyin")
        self._card: DiscountCard | None = None

    def _column(self, field: FieldSpec) -> LineColumn:
        made = super()._column(field)
        width = WIDTHS.get(field.name, made.width)
        if field.name == "product_name" and PRODUCT in self.desk.session.catalog:
            return replace(made, width=width, suggest=self._suggest)
        return replace(made, width=width)

    def _fit(self) -> None:
        if not self.table.lines.pasting:
            fit_table(self, LEAST)

    # ---- rows

    def rows(self) -> list[Values]:
        """Return the lines, without those in which nothing was filled in."""
        return [one for one in super().rows() if filled_in(one)]

    def tidy(self) -> None:
        """Take out lines in which nothing was filled in."""
        kept = len(self.rows())
        for number in range(len(self.table.lines.entries) - 1, -1, -1):
            if kept < len(self.table.lines.entries) and not filled_in(self.table.lines.entries[number].values):
                self.table.lines.remove(number, number)

    def gross(self) -> Decimal:
        """Return what the lines cost without their discounts."""
        return sum((round_money(one["quantity"] * one["price"]) for one in self.rows() if one.get("quantity") is not None and one.get("price") is not None), Decimal(0))

    def total(self, name: str) -> Decimal:
        """Return the sum of a column."""
        return sum((one.get(name) or Decimal(0) for one in self.rows()), Decimal(0))

    def add_line(self) -> None:
        """Go to the line that makes a new one and open its product."""
        self.table.show_cell(len(self.table.lines.entries), "product_name")
        self.table.edit(self.table.currentIndex())

    # ---- products

    def _suggest(self, text: str, reply: Callable[[list[Choice]], None]) -> None:
        session = self.desk.session

        def work() -> list[Choice]:
            found = records.suggest(session, PRODUCT, text, condition=Where("active", "eq", value=True))
            spec = session.spec(PRODUCT)
            rows = {one["id"]: one for one in records.read(session, spec, [int(one) for one in found], ["code", "specification", "price"])}
            return [Choice(int(one), one.title, _describe(rows.get(int(one), {}))) for one in found]

        self.desk.operations.read(self, work, reply, key="suggest.product")

    def _picked(self, number: int, key: str, choice: Choice) -> None:
        self.table.update_row(number, {TYPED: ()})
        super()._picked(number, key, choice)

    def _cell_changed(self, number: int, key: str) -> None:
        values = self.table.lines.entries[number].values
        if not isinstance(values.get(key), int):
            changes: dict[str, object] = {TYPED: (*typed_fields(values), key)}
            if key == "product_code":
                changes["product"] = None
            self.table.update_row(number, changes)
        super()._cell_changed(number, key)

    def _look_up(self) -> None:
        """Find the products of lines whose code or name was typed or pasted, and fill in what is missing."""
        wanted = {pair for one in self.rows() if not one.get("id") and not one.get("product") and (pair := _pair(one)) != ("", "")} - self._asked
        if not wanted or PRODUCT not in self.desk.session.catalog:
            return
        self._asked |= wanted
        session, fills = self.desk.session, self.spec.fields["product"].fills
        codes, names = [code for code, _name in wanted if code], [name for code, name in wanted if name and not code]

        def work() -> list[Values]:
            condition = Every((Where("active", "eq", value=True), Either((Where("code", "in", codes), Where("name", "in", names)))))
            return records.page(session, Query(PRODUCT, condition, columns=tuple(dict.fromkeys(["name", "code", *fills.values()]))), limit=len(wanted) * 2)

        self.desk.operations.read(self, work, self._found, failed=self.desk.fail)

    def _found(self, products: list[Values]) -> None:
        by_code = {one["code"]: one for one in products}
        by_name = {one["name"]: one for one in products}
        filled = False
        for number, entry in enumerate(self.table.lines.entries):
            values = entry.values
            code, name = _pair(values)
            product = by_code.get(code) if code else by_name.get(name)
            if product is None or values.get("product") or values.get("id"):
                continue
            self._fill(number, values, product)
            filled = True
        if filled:
            self._changed()

    def _fill(self, number: int, values: dict[str, object], product: Values) -> None:
        typed = typed_fields(values)
        made: Values = {**values, "product": Ref(product["id"], product["name"])}
        for name, source in self.spec.fields["product"].fills.items():
            default = self.spec.fields[name].default
            free = made.get(name) in {None, ""} or (name not in typed and made.get(name) == default)
            if free and product.get(source) not in {None, ""}:
                made[name] = product[source]
        self._work_out(made)
        self.table.update_row(number, made)
        for name in self.spec.fields["product"].fills:
            if made.get(name) not in {None, ""}:
                self.table.set_problem(number, name, None)

    # ---- Excel

    def paste_rows(self) -> None:
        """Add the clipboard's rows as lines; a first row of headings says which column is which."""
        text = QGuiApplication.clipboard().text()
        if not text.strip():
            self.desk.say(_("Copy rows in Excel first, then paste them here"), "warn")
            return
        block = [[cell.strip() for cell in line] for line in parse_block(text.strip("\r\n"))]
        names = self._names()
        known = {heading.casefold(): name for name in names for heading in self.spec.fields[name].headings()}
        heads = [known.get(cell.casefold()) for cell in block[0]]
        if sum(1 for head in heads if head) >= HEADINGS:
            places = [(column, head) for column, head in enumerate(heads) if head]
            block = [[line[column] if column < len(line) else "" for column, _head in places] for line in block[1:]]
            targets = [self.table.lines.column_of(head) for _column, head in places]
        else:
            targets = list(range(len(names)))
        lines, bad = self.table.lines.paste(len(self.table.lines.entries), targets, block)
        self.table.pasted.emit(lines, bad)
        self.table.changed.emit()

    def _pasted(self, lines: int, bad: int) -> None:
        text = _("{count} rows pasted").format(count=lines)
        if bad:
            text += " · " + _("{count} cells could not be understood; they are marked").format(count=bad)
        self.desk.say(text, "warn" if bad else "success")

    # ---- discount

    def ask_discount(self) -> None:
        """Ask for the discount rate of every line."""
        if self._card is not None:
            self._card.deleteLater()
        self._card = DiscountCard(self.discount_button, self.spec.fields["discount"], self.set_discount)
        self._card.open(self._card.rate)
        later(self._card, self._card.rate.line.selectAll)

    def set_discount(self, rate: Decimal) -> None:
        """Set the discount rate of every line, as one step that Ctrl+Z takes back."""
        self.table.lines.remember()
        for number, entry in enumerate(self.table.lines.entries):
            made = {**entry.values, "discount": rate}
            self._work_out(made)
            self.table.lines.set_problem(number, "discount", None)
            self.table.update_row(number, made)
        self._changed()

    def _show_sums(self) -> None:
        super()._show_sums()
        count = _("{count} lines").format(count=len(self.rows()))
        self.hint.setText(f"{count}   " + _("Tab next cell · Enter next row · Ctrl+V pastes from Excel"))


def typed_fields(row: dict[str, Any]) -> tuple[str, ...]:
    """Return the fields of a line that the user typed."""
    return tuple(row.get(TYPED) or ())


def filled_in(row: dict[str, Any]) -> bool:
    """Tell whether anything was typed into a line."""
    return bool(row.get("id") or row.get("product_name") or row.get("product_code") or row.get("specification")) or row.get("price") is not None


def _pair(row: dict[str, Any]) -> tuple[str, str]:
    return str(row.get("product_code") or "").strip(), str(row.get("product_name") or "").strip()


def _describe(product: Values) -> str:
    price = product.get("price")
    parts = [product.get("code"), product.get("specification"), f"¥{price:,.2f}" if price is not None else ""]
    return " · ".join(str(part) for part in parts if part)
