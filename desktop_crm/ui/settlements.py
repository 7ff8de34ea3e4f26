"""What can be done with a receipt, a receivable and an allocation beside allocating: refund, transfer, credit note, write-off, release and move."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtWidgets import QApplication

from desktop_crm.base.i18n import N_, _
from desktop_crm.domain import kinds
from desktop_crm.domain.catalog import FieldSpec, Values
from desktop_crm.domain.conditions import Either, Every, Where
from desktop_crm.domain.sources import USES
from desktop_crm.services import settlements
from desktop_crm.services.payers import same_payer
from desktop_crm.ui.ask_dialog import AskDialog
from desktop_crm.ui.extras import ACTIONS, Action

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from desktop_crm.domain.conditions import Condition
    from desktop_crm.services.session import Changes, Session
    from desktop_crm.ui.desk import Desk

SMALL: Final = Decimal(10)
"""Remainders up to this many yuan are offered as a small difference."""

AMOUNT: Final = FieldSpec("amount", kinds.MONEY, N_("Amount"), required=True)
DAY: Final = FieldSpec("on", kinds.DATE, N_("Date"), required=True)
NOTE: Final = FieldSpec("note", kinds.TEXT, N_("Note"), scale=200)


def _ask(desk: Desk, title: str, hint: str, fields: Sequence[FieldSpec], values: Values, button: str, act: Callable[[Values], Changes[Any]], *,
         narrow: Mapping[str, Condition] | None = None, done: Callable[[Changes[Any]], object] = lambda _changes: None, name: str) -> None:  # fmt: skip
    window = QApplication.activeWindow() or desk.parent()
    AskDialog(window, desk, title, hint, fields, values, button=button, act=act, narrow=narrow, done=done, name=name).show()  # type: ignore[arg-type]  # a desk's parent is its window


def _refund(desk: Desk, values: Values) -> None:
    key, session = int(values["id"]), desk.session
    _ask(desk, _("Refund from {number}").format(number=values["number"]), _("What is paid back is no prepayment any more; it stands in the customer's account"),
         (AMOUNT, DAY, NOTE), {"amount": values["unallocated"], "on": session.today}, _("Refund"),
         lambda typed: settlements.refund(session, receipt=key, amount=typed["amount"], on=typed["on"], note=typed["note"] or ""), name="refund")


def _keep(desk: Desk, values: Values) -> None:
    key, session = int(values["id"]), desk.session
    _ask(desk, _("Keep what is left of {number}").format(number=values["number"]), _("The customer paid a little too much, and nobody will ask for it back"),
         (AMOUNT, DAY, NOTE), {"amount": values["unallocated"], "on": session.today}, _("Keep"),
         lambda typed: settlements.keep_difference(session, receipt=key, amount=typed["amount"], on=typed["on"], note=typed["note"] or ""), name="keep_difference")


def _transfer(desk: Desk, values: Values) -> None:
    """Read who has the same payer, then ask."""
    session, own, key = desk.session, int(values["customer"]), int(values["id"])
    customer = FieldSpec("customer", kinds.LINK, N_("To customer"), required=True, link="customer")

    def ask(found: list[int]) -> None:
        others = [one for one in found if one != own]
        if not others:
            desk.say(_("Nobody else has this customer's payer. Enter “Paid for by” in the other customer first"), "warn")
            return
        _ask(desk, _("Transfer from {number}").format(number=values["number"]), _("To a customer with the same payer; the accounts of both show it"),
             (customer, AMOUNT, DAY, NOTE), {"amount": values["unallocated"], "on": session.today}, _("Transfer"),
             lambda typed: settlements.transfer_prepayment(session, receipt=key, customer=int(typed["customer"]), amount=typed["amount"], on=typed["on"], note=typed["note"] or ""),
             narrow={"customer": Where("id", "in", others)}, name="transfer")

    desk.operations.read(desk, lambda: same_payer(session, own), ask, key="payers", failed=desk.fail)


def _without_money(kind: str) -> Callable[[Desk, Values], None]:
    def begin(desk: Desk, values: Values) -> None:
        desk.new_record("receipt", kind=kind, customer=values["customer"], amount=values["remaining"], receivable=int(values["id"]), method="other")

    return begin


def _discount(desk: Desk, values: Values) -> None:
    """Offer what the payment terms let be kept back today."""
    session, key = desk.session, int(values["id"])

    def begin(found: dict[int, Decimal]) -> None:
        if key not in found:
            desk.say(_("The payment terms give no discount for paying today. They are read like 2/10 net 30"), "warn")
            return
        desk.new_record("receipt", kind="discount", customer=values["customer"], amount=found[key], receivable=key, method="other")

    desk.operations.read(desk, lambda: settlements.early_discounts(session, [key], paid_on=session.today), begin, key="discount", failed=desk.fail)


def _release(desk: Desk, values: Values) -> None:
    session, key = desk.session, int(values["id"])
    desk.write(desk, lambda: settlements.release_allocation(session, allocation=key), lambda _changes: desk.go_back(), failed=desk.fail)


def _move(desk: Desk, values: Values) -> None:
    """Read whose receivables can be settled instead, then ask."""
    session, key, old = desk.session, int(values["id"]), int(values["receivable"])

    def owner() -> int:
        rows = session.records.rows(session.entity("receivable"), [old], ["customer"])
        return int(rows[0]["customer"]) if rows else 0

    def ask(customer: int) -> None:
        target = FieldSpec("receivable", kinds.LINK, N_("To receivable"), required=True, link="receivable")
        open_ones = Every((Where("customer", "eq", customer), Where("id", "ne", old), Either((Where("remaining", "gt", 0), Where("remaining", "lt", 0)))))
        _ask(desk, _("Move the allocation from {number}").format(number=values["receivable"].title), _("What it settled until now is open again"),
             (target, AMOUNT, DAY), {"amount": values["amount"], "on": session.today}, _("Move"),
             lambda typed: settlements.move_allocation(session, allocation=key, receivable=int(typed["receivable"]), amount=typed["amount"], on=typed["on"]),
             narrow={"receivable": open_ones}, done=lambda _changes: desk.go_back(), name="move_allocation")

    desk.operations.read(desk, owner, ask, key="move", failed=desk.fail)


def _has_rest(session: Session, values: Values) -> bool:
    return session.may_write("receipt") and (values.get("unallocated") or 0) > 0


def _owed(session: Session, values: Values) -> bool:
    return session.may_write("receipt") and (values.get("remaining") or 0) > 0 and values.get("kind") not in USES


def _may(session: Session, _values: Values) -> bool:
    return session.may_write("allocation")


ACTIONS.setdefault("receipt", []).extend([
    Action("refund", N_("Refund"), "undo-2", _refund, _has_rest),
    Action("transfer", N_("Transfer"), "arrow-left-right", _transfer, _has_rest),
    Action("keep_difference", N_("Keep difference"), "coins", _keep, lambda session, values: _has_rest(session, values) and values["unallocated"] <= SMALL, rare=True),
])
ACTIONS.setdefault("receivable", []).extend([
    Action("credit_note", N_("Credit note"), "file-x", _without_money("credit"), _owed, rare=True),
    Action("discount", N_("Discount"), "percent", _discount, lambda session, values: _owed(session, values) and not values.get("settled"), rare=True),
    Action("write_off", N_("Write off"), "ban", _without_money("bad_debt"), _owed, rare=True),
])
ACTIONS.setdefault("allocation", []).extend([
    Action("release", N_("Release"), "unlink", _release, _may),
    Action("move", N_("Move"), "arrow-left-right", _move, _may, primary=True),
])
