"""What is special about receipts on screen: their editor with the allocation to receivables, and their actions."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QTimer

from desktop_crm.base.errors import Invalid, UserError
from desktop_crm.base.i18n import N_, _
from desktop_crm.domain.catalog import Ref, Values
from desktop_crm.domain.conditions import Every, Query, Where
from desktop_crm.domain.sources import EXACT
from desktop_crm.services import receipts, records
from desktop_crm.ui.contract_totals import in_words, money
from desktop_crm.ui.editor_notes import Trouble
from desktop_crm.ui.editor_page import EditorPage
from desktop_crm.ui.extras import ACTIONS, EDITORS, Action
from desktop_crm.ui.kit.fields import AmountEditor
from desktop_crm.ui.kit.widgets import Button, Card, KeyHint, column, holder, row
from desktop_crm.ui.laid_form import names_in
from desktop_crm.ui.quick_create import started
from desktop_crm.ui.receipt_cards import Equation, PrepaymentCard, RecentCard, recent_receipts
from desktop_crm.ui.receipt_table import ZERO, AllocationCard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from desktop_crm.services.session import Changes, Session
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.kit.line_table import LineTable

FIELDS: Final = (
    (("customer", 2),), (("contract", 2),), (("amount", 2),), (("kind", 2),), (("received_on", 1), ("method", 1)), (("account", 2),), (("payer", 2),), (("reference", 2),),
    (("number", 1), ("owner", 1)), (("note", 2),),
)
LEFT_WIDTH: Final = 304
REFERENCE_MS: Final = 250
NAMED: Final = 3


class ReceiptEditor(EditorPage):
    """A receipt with what it settles; what is left is the customer's prepayment."""

    def __init__(self, desk: Desk, key: int | None, given: Mapping[str, Any]) -> None:
        super().__init__(desk, "receipt", key, given, names_in(FIELDS))
        self._customer: int | None = None
        self._contract: int | None = None
        self._start: dict[int, Decimal] = {}
        self._wanted: dict[int, Decimal] | None = None
        self._reference = QTimer(self)
        self._reference.setSingleShot(True)
        self._reference.setInterval(REFERENCE_MS)
        self._reference.timeout.connect(self._check_reference)
        self.begin()

    def build(self) -> Iterator[None]:
        """Make the fields' card and the table of what is settled."""
        fields = Card(_("Receipt"), "", self.form.grid((*FIELDS, *self.form.own_rows(2)), columns=2))
        fields.body.addStretch(1)
        fields.setFixedWidth(LEFT_WIDTH)
        amount = self.form.editors["amount"]
        if isinstance(amount, AmountEditor):
            amount.line.set_look("large")
        yield
        self.table = AllocationCard(self.desk.session.today)
        yield
        self.equation = Equation()
        self.prepayment = PrepaymentCard()
        self.recent = RecentCard()
        yield
        right = column(self.table, self.prepayment, self.equation, self.recent, None, gap=12)
        self._content = holder(row(fields, (right, 1), gap=12, margins=(20, 12, 20, 16)))
        self._connect()
        yield
        self.save_button = Button(_("Save receipt"), "primary", icon="check", name="action.save", tip=_("Save receipt (Ctrl+Enter)"), on_click=self.save)
        self.print_button = Button(_("Save and print"), icon="printer", name="action.save_print", tip=_("Save the receipt and show its voucher for printing"), on_click=self.save_and_print)
        self.finish(self._content, [self.cancel_button(), self.print_button, self.save_button, KeyHint("Ctrl Enter")])
        yield

    def _connect(self) -> None:
        self.form.changed.connect(self._field_changed)
        for name in ("payer", "reference"):
            if name in self.form.editors:
                self.form.editors[name].left.connect(self._check_payer if name == "payer" else self._reference.start)
        self.table.edited.connect(self._edited)
        self.table.allocated.connect(self._show_figures)
        self.recent.open_wanted.connect(lambda key: self.desk.open_record("receipt", key))
        self.recent.all_wanted.connect(self._show_all)

    # ---- reading

    def read(self) -> tuple[Values, list[Values], tuple[list[Values], int]]:
        """Read the receipt, or what a new one starts with, and the customer's receivables and last receipts."""
        session = self.desk.session
        if self.key is not None:
            values = records.get(session, "receipt", self.key)
        else:
            given = {name: value for name, value in self.given.items() if name in self.spec.fields}
            values = started(self.desk, self.spec, {"received_on": session.today, **given})
            values.setdefault("account", last_account(session))
        customer, contract = values.get("customer"), values.get("contract")
        return values, *of_customer(session, customer, self.key, contract)

    def take(self, state: tuple[Values, list[Values], tuple[list[Values], int]]) -> Iterator[None]:
        """Show a receipt."""
        values, rows, recent = state
        self.base = values
        self.form.set_values(values)
        self._customer, self._contract = values.get("customer"), values.get("contract")
        yield
        self._take_customer(rows, recent)
        yield
        number = values.get("number") or ""
        new = _("Register receipt") if values.get("kind") == "receipt" else self.spec.fields["kind"].show(values.get("kind"))
        self.set_title(_("Edit receipt {number}").format(number=number) if self.key else new, number or new)
        self._check_payer()
        self._reference.start()

    def _take_customer(self, rows: list[Values], recent: tuple[list[Values], int]) -> None:
        self._start = {one["id"]: one["allocated"] for one in rows if one["allocated"]}
        chosen = next((one for one in rows if one["id"] == self.given.get("receivable")), None) if self.key is None else None
        if chosen is not None:
            amount = self.form.get("amount") or chosen["remaining"]
            self._start = {chosen["id"]: min(amount, chosen["remaining"])}
        by_hand = self.key is not None or chosen is not None
        self.table.set_mode("hand" if by_hand else "due")
        self.table.set_rows(rows, self._start, customer=self._customer, contract=self._contract)
        self.table.set_amount(self.form.get("amount"))
        self.recent.show_receipts(*recent)
        self.recent.setVisible(self._customer is not None)
        if self._wanted is not None:
            self.table.put(self._wanted)
            self._wanted = None
        self._show_figures()

    def first_focus(self) -> None:
        """Begin with the first field that is empty."""
        self.form.go_to("customer" if self.form.get("customer") is None else "amount")

    def concerned(self, entities: set[str]) -> bool:
        """Tell whether receivables or receipts changed."""
        return not entities or bool(entities & {"receipt", "receivable", "allocation"})

    # ---- what follows from what was typed

    def _field_changed(self, name: str) -> None:
        if name in {"", "customer", "contract"}:
            self._customer_changed()
        if name in {"", "amount"}:
            self.table.set_amount(self.form.get("amount"))
            self._show_figures()
        if name in {"customer", "payer"}:
            self._check_payer()
        if name in {"", "reference"}:
            self._reference.start()
        self.touch()

    def _customer_changed(self) -> None:
        customer, contract = self.form.get("customer"), self.form.get("contract")
        if customer != self._customer and contract is not None and contract == self._contract:
            # It belongs to the customer before.
            contract = None
            self._contract = None
            self._customer = customer
            self.form.set_value("contract", None)
        elif (customer, contract) == (self._customer, self._contract):
            return
        if customer == self._customer and self.table.mode.current() == "hand":
            self._wanted = self.table.parts()  # what was typed stays
        self._customer, self._contract = customer, contract
        self._read_rows()

    def _read_rows(self) -> None:
        session, key, customer, contract = self.desk.session, self.key, self._customer, self._contract
        self.desk.operations.read(self, lambda: of_customer(session, customer, key, contract), lambda found: self._take_customer(*found), key="customer", failed=self.desk.fail)

    def _edited(self) -> None:
        if not self.form.get("amount") and self.table.whole() > 0:
            self.form.set_value("amount", self.table.whole())
        self.touch()

    def _check_payer(self) -> None:
        """Remark on a payer who isn't the customer."""
        payer, customer = str(self.form.get("payer") or "").strip(), self.form.get("customer")
        differs = bool(payer) and isinstance(customer, Ref) and payer.casefold() != customer.title.casefold()
        self.form.editors["payer"].set_problem(_("The payer is not the customer. Check that the money belongs here") if differs else None, warning=True)

    def _check_reference(self) -> None:
        """Look for receipts with the same bank reference."""
        text, session, key = str(self.form.get("reference") or "").strip(), self.desk.session, self.key
        editor = self.form.editors["reference"]
        if not text:
            editor.set_problem(None)
            return

        def came(found: list[Values]) -> None:
            if str(self.form.get("reference") or "").strip() != text:
                return
            if found:
                named = _(", ").join(f"{one['number']} ({one['received_on'].isoformat()}, {money(one['amount'])})" for one in found[:NAMED])
                editor.set_problem(_("The same reference stands on {receipts}").format(receipts=named), warning=True)
            else:
                editor.set_ok(_("No other receipt has this reference"))

        self.desk.operations.read(self, lambda: same_reference(session, text, key), came, key="reference", failed=self.desk.fail)

    def _amount(self) -> Decimal:
        amount = self.form.get("amount")
        return amount if isinstance(amount, Decimal) else ZERO

    def _show_figures(self) -> None:
        amount, parts = self._amount(), self.table.parts()
        full = sum(1 for one in self.table.rows() if one.get("part") and not one.get("after"))
        self.equation.show_figures(amount, self.table.whole(), len(parts), full)
        self.prepayment.show_rest(amount - self.table.whole(), amount)
        self.form.frames["amount"].set_hint(in_words(amount) if amount else "")
        self.pill.set(_("Settles {count}").format(count=len(parts)), "info" if parts else "neutral")
        self.pill.setVisible(bool(parts))

    def _show_all(self) -> None:
        customer = self.form.get("customer")
        if isinstance(customer, Ref):
            self.desk.show_list("receipt", Where("customer", "eq", int(customer)), customer.title)

    # ---- what EditorPage asks

    def tables(self) -> list[LineTable]:
        """Return the table of allocations."""
        return [self.table.table]

    def changed(self) -> bool:
        """Tell whether anything differs from what was read."""
        return self.form.dirty() or self.table.parts() != self._start or bool(self.table.table.problems())

    def lines_draft(self) -> dict[str, Any]:
        """Return what a draft keeps of the allocations."""
        return {"allocation": {str(key): str(part) for key, part in self.table.parts().items()}}

    def restore_lines(self, kept: dict[str, Any]) -> None:
        """Show what a draft kept; another customer's receivables have to come first."""
        parts = {int(key): Decimal(part) for key, part in kept.get("allocation", {}).items()}
        if self.form.get("customer") != self.base.get("customer"):
            self._wanted = parts
        else:
            self.table.put(parts)

    def troubles(self) -> list[Trouble]:
        """Check the fields, each part, and that no more is allocated than came in."""
        found = [Trouble(one.message, partial(self.form.go_to, one.field)) for one in self.form.problems()]
        amount, refund = self._amount(), (self.base.get("amount") or ZERO) < 0
        if amount <= 0 and not refund and not self.form.editors["amount"].problem():
            text = _("The amount received must be above zero")
            self.form.editors["amount"].set_problem(text)
            found.append(Trouble(text, partial(self.form.go_to, "amount")))
        found += [Trouble(text, partial(self.table.go_to, number)) for number, text in self.table.problems()]
        over = self.table.whole() - amount
        if over > 0 and amount > 0:
            last = max((number for number, one in enumerate(self.table.rows()) if one.get("part")), default=0)
            found.append(Trouble(_("{amount} more is allocated than was received").format(amount=money(over)), partial(self.table.go_to, last)))
        if over < 0 and self.form.get("kind") in EXACT:
            text = _("{amount} is not allocated. This kind of document exists only for what it settles: allocate all of it").format(amount=money(-over))
            found.append(Trouble(text, partial(self.table.go_to, 0)))
        return found

    def refuse(self, problem: UserError) -> list[Trouble]:
        """Mark what was refused; the receivables may have changed meanwhile, so they are read anew under what was typed."""
        if not isinstance(problem, Invalid):
            self._wanted = self.table.parts()
            self._read_rows()
        return super().refuse(problem)

    # ---- saving

    def save(self) -> None:
        """Post the receipt with what it settles."""
        self._post(self.save_button, self._saved)

    def save_and_print(self) -> None:
        """Post the receipt and go on to its voucher (收款收据)."""

        def saved(changes: Changes[receipts.Posted]) -> None:
            self._saved(changes)
            self.desk.show_page("preview", prints="receipt", ids=(changes.result.id,))

        self._post(self.print_button, saved)

    def _post(self, button: Button, done: Callable[[Changes[receipts.Posted]], None]) -> None:
        if not self.checked():
            return
        session, key = self.desk.session, self.key

        def prepare() -> Callable[[], Changes[receipts.Posted]]:
            values, parts, base = self.typed(), self.table.parts(), self.base if key is not None else None
            return lambda: receipts.post_receipt(session, values=values, allocations=parts, key=key, base=base)

        self.write(button, prepare, done)

    def _saved(self, changes: Changes[receipts.Posted]) -> None:
        self.desk.go_back()
        self.desk.open_record("receipt", changes.result.id)


def of_customer(session: Session, customer: int | None, receipt: int | None, contract: int | None = None) -> tuple[list[Values], tuple[list[Values], int]]:
    """Return the customer's open receivables as they stand without this receipt, and the last receipts; nothing without a customer."""
    if customer is None:
        return [], ([], 0)
    return receipts.open_receivables(session, int(customer), receipt=receipt, contract=None if contract is None else int(contract)), recent_receipts(session, int(customer), but=receipt)


def last_account(session: Session) -> str:
    """Return the account of the receipt registered last: most money goes to the same one."""
    found = records.page(session, Query("receipt", Where("account", "filled"), "id", descending=True, columns=("account",)), limit=1)
    return str(found[0]["account"]) if found else ""


def same_reference(session: Session, text: str, key: int | None) -> list[Values]:
    """Return other receipts with the same bank reference."""
    condition = Every((Where("reference", "eq", text), *([Where("id", "ne", key)] if key is not None else [])))
    return records.page(session, Query("receipt", condition, "id", descending=True, columns=("number", "received_on", "amount")), limit=NAMED)


def _for_receivable(desk: Desk, values: Values) -> None:
    desk.new_record("receipt", customer=values["customer"], amount=values["remaining"], receivable=int(values["id"]))


EDITORS["receipt"] = ReceiptEditor

ACTIONS.setdefault("receipt", []).append(
    Action("prepayment", N_("Use prepayment"), "hand-coins", lambda desk, values: desk.show_page("edit", entity="receipt", key=int(values["id"])),
           lambda session, values: session.may_write("receipt") and (values.get("unallocated") or 0) > 0, primary=True),
)
ACTIONS.setdefault("receivable", []).append(
    Action("receipt", N_("Register receipt"), "wallet", _for_receivable, lambda session, values: session.may_write("receipt") and (values.get("remaining") or 0) > 0, primary=True),
)
