"""What the contract editor writes, and what it says about the customer's credit."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import Query, Where
from desktop_crm.services import contracts, records
from desktop_crm.services.credit import credit_control
from desktop_crm.ui.contract_totals import money

if TYPE_CHECKING:
    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Changes, Session
    from desktop_crm.ui.desk import Desk

ZERO: Final = Decimal(0)
CREDIT: Final = ("credit_limit", "exposure", "balance", "overdue")


def save_contract(session: Session, values: Values, *, key: int | None, base: Values | None, lines: dict[str, list[Values]]) -> Changes[records.Saved]:
    """Save a contract with its lines; where that puts it in force, the message says which receivables it got."""

    def work() -> records.Saved:
        saved = records.save(session, "contract", values, key=key, base=base, lines=lines).result
        was = (base or {}).get("state")
        if values.get("state") in contracts.IN_FORCE and was not in contracts.IN_FORCE:
            number = records.get(session, "contract", saved.id)["number"]
            count = records.count(session, "receivable", Where("contract", "eq", saved.id)) if "receivable" in session.catalog else 0
            session.relabel(_("Contract {number} is in force; receivables: {count}").format(number=number, count=count))
        return saved

    return session.write("save", _("Contract saved"), work)


def customer_credit(session: Session, customer: int) -> Values:
    """Return the customer's credit limit, what is in use of it, its balance and overdue sum, as far as this person sees them, and what happens beyond the limit: `control`."""
    found = next(iter(records.page(session, Query("customer", Where("id", "eq", customer), columns=CREDIT), limit=1)), {})
    return {**found, "control": credit_control(session)}


def credit_words(customer: Values, more: Decimal = ZERO) -> tuple[str, bool]:
    """Return what stands under the customer, and whether it warns: the credit that is left, and what is overdue; where `more`, which a contract adds to what is in use, goes beyond the limit, by how much."""
    limit, balance, overdue = customer.get("credit_limit"), customer.get("balance") or ZERO, customer.get("overdue")
    control, used = customer.get("control"), customer.get("exposure") or ZERO
    parts = []
    left = (limit or ZERO) - used
    beyond = bool(limit and more > 0 and more > left and control != "off")
    if beyond:
        parts.append(_("With this contract {excess} beyond the credit limit of {limit}, of which {used} are in use").format(
            excess=money(more - left), limit=money(limit or ZERO), used=money(used)))
        if control == "hold":
            parts.append(_("it can't be put in force like this: wait for money, or have the limit raised"))
    elif limit and left >= 0:
        parts.append(_("Credit available {amount}").format(amount=money(left)))
    elif limit:
        parts.append(_("{amount} beyond the credit limit").format(amount=money(-left)))
    elif balance:
        parts.append(_("Owes {amount}").format(amount=money(balance)))
    if overdue:
        parts.append(_("overdue {amount}").format(amount=money(overdue)))
    return " · ".join(parts), beyond


def put_in_force(desk: Desk, values: Values) -> None:
    """Put a draft in force as it stands."""
    session, key = desk.session, int(values["id"])
    desk.write(desk, lambda: save_contract(session, {"state": "active"}, key=key, base={"state": values.get("state")}, lines={}), lambda _changes: None, failed=desk.fail)
