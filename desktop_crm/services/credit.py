"""The credit limit: what a customer may owe. It counts receivables, due or not, and contracts in force that are not receivables yet, less prepayments.

A contract in force has its receivables at once, delivered or not, so undelivered orders count with it. Where the company refuses what goes beyond, the way out is the limit itself:
finance and managers raise it, which stands in the customer's history, and nobody else.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import NotAllowed, UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import EVERYTHING, Every, Where
from desktop_crm.domain.money import show_money
from desktop_crm.domain.sources import USES
from desktop_crm.services.allocations import ZERO
from desktop_crm.services.batches import find_by_id, find_in, states_before
from desktop_crm.services.rules import after_save

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from desktop_crm.services.session import Session

RAISE: Final = frozenset({"admin", "manager", "finance"})
"""Roles that may raise a credit limit where the company refuses what goes beyond it."""


def credit_control(session: Session) -> str:
    """Return what happens beyond a credit limit: ``warn``, ``hold`` or ``off``."""
    rows = session.records.find(session.entity("company"), EVERYTHING, ["credit_control"], limit=1)
    return str(rows[0]["credit_control"] or "warn") if rows else "warn"


@after_save("receivable")
def watch_receivables(session: Session, ids: Sequence[int]) -> None:
    """Warn, or raise UserError where the company says so, with the figures, where more is owed than before and beyond the credit limit."""
    rows = find_in(session, "receivable", "id", ids, ["customer", "kind", "amount"])
    limited = find_by_id(session, "customer", (row["customer"] for row in rows), [], Every((Where("credit_limit", "gt", 0),)))
    rows = [row for row in rows if row["customer"] in limited and row["kind"] not in (*USES, "opening")]
    before = states_before(session, "receivable", (row["id"] for row in rows))
    money = session.entity("receivable").fields["amount"]
    more: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        state = before.get(row["id"])
        if row["id"] in before:
            same = state is not None and state.get("customer") == row["customer"]
            more[row["customer"]] += row["amount"] - ((money.from_database(state["amount"]) or ZERO) if same and state else ZERO)
    _refuse_beyond(session, {key: amount for key, amount in more.items() if amount > 0})


@after_save("customer", only=("credit_limit",))
def watch_limits(session: Session, ids: Sequence[int]) -> None:
    """Raise NotAllowed where the company refuses what goes beyond a limit and somebody who may not raises or empties one; remark what is beyond a lowered one."""
    before = states_before(session, "customer", ids)
    money = session.entity("customer").fields["credit_limit"]
    for key, row in find_by_id(session, "customer", (key for key, state in before.items() if state), ["name", "credit_limit", "exposure"]).items():
        old, new = money.from_database((before[key] or {}).get("credit_limit")) or ZERO, row["credit_limit"] or ZERO
        if old and (not new or new > old) and session.person.role not in RAISE and credit_control(session) == "hold":
            raise NotAllowed(
                _("Only finance, a manager or an administrator may raise the credit limit of {customer}. It stays {limit}; ask one of them").format(
                    customer=row["name"], limit=show_money(old)), field="credit_limit")
        if new and new != old and row["exposure"] > new:
            session.warn(_("{customer} already uses {used} of the credit limit of {limit}").format(customer=row["name"], used=show_money(row["exposure"]), limit=show_money(new)))


def _refuse_beyond(session: Session, more: Mapping[int, Decimal]) -> None:
    """Say of whom it is beyond the limit with `more` owed by each customer, or raise UserError, where the company wants that."""
    found = find_by_id(session, "customer", more, ["name", "credit_limit", "balance", "overdue", "prepaid", "unposted", "exposure"])
    beyond = [row for row in found.values() if row["exposure"] > row["credit_limit"]]
    control = credit_control(session) if beyond else "off"
    if control == "off":
        return
    for row in beyond:
        figures = {name: show_money(row[name]) for name in ("balance", "overdue", "unposted", "prepaid")}
        text = _("{customer} is {excess} beyond the credit limit of {limit}: {used} in use, {more} more with this. It is then {balance} receivable, {overdue} of it overdue, "
                 "and {unposted} in contracts, less {prepaid} prepaid").format(
            customer=row["name"], excess=show_money(row["exposure"] - row["credit_limit"]), limit=show_money(row["credit_limit"]),
            used=show_money(row["exposure"] - more[row["id"]]), more=show_money(more[row["id"]]), **figures)
        if control == "hold":
            raise UserError(_("{reason}. Wait for money, or have finance or a manager raise the limit").format(reason=text))
        session.warn(text)
