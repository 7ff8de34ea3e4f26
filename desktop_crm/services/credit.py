"""The credit limit: what a customer may owe. It counts receivables, due or not, and contracts in force that are not receivables yet, less prepayments.

A contract in force has its receivables at once, delivered or not, so undelivered orders count with it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import EVERYTHING, Every, Where
from desktop_crm.domain.money import show_money
from desktop_crm.domain.sources import USES
from desktop_crm.services.allocations import ZERO
from desktop_crm.services.batches import find_by_id, find_in, states_before
from desktop_crm.services.rules import after_save

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from desktop_crm.services.session import Session


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
    _refuse_beyond(session, [key for key, amount in more.items() if amount > 0])


def _refuse_beyond(session: Session, customers: Sequence[int]) -> None:
    found = find_by_id(session, "customer", customers, ["name", "credit_limit", "balance", "prepaid", "unposted", "exposure"])
    beyond = [row for row in found.values() if row["exposure"] > row["credit_limit"]]
    control = credit_control(session) if beyond else "off"
    if control == "off":
        return
    for row in beyond:
        text = _("{customer} is {excess} beyond the credit limit of {limit}: {balance} receivable, {unposted} in contracts, less {prepaid} prepaid").format(
            customer=row["name"], excess=show_money(row["exposure"] - row["credit_limit"]), limit=show_money(row["credit_limit"]),
            balance=show_money(row["balance"]), unposted=show_money(row["unposted"]), prepaid=show_money(row["prepaid"]))
        if control == "hold":
            raise UserError(_("{reason}. Wait for money, or have the limit raised").format(reason=text))
        session.remark(text)
