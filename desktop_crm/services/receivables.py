"""Receivables: the one that stands for what a customer owed when the company began with this program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import Where
from desktop_crm.domain.money import show_money
from desktop_crm.services import writing
from desktop_crm.services.allocations import ZERO, fits, refuse_allocated
from desktop_crm.services.batches import find_in, grouped, states_before, written_fields
from desktop_crm.services.rules import after_save

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

OPENING: Final = Where("kind", "eq", "opening")


@after_save("customer", only=("opening_balance",))
def follow_opening_balance(session: Session, ids: Sequence[int]) -> None:
    """Keep one receivable of kind opening in step with each customer's opening balance.

    Opening receivables that were entered one by one, where no balance was ever typed, are left alone. Raises UserError where receipts
    settle more of it than the new balance.
    """
    before = states_before(session, "customer", ids)
    # Rows that this change set has not touched are in step already.
    customers = find_in(session, "customer", "id", before, ["name", "owner", "opening_balance"])
    concerned = [row for row in customers if (row["opening_balance"] or ZERO) != _balance_before(session, before[row["id"]])]
    names = [*written_fields(session, "receivable"), "settled"]
    there = grouped(find_in(session, "receivable", "customer", (row["id"] for row in concerned), names, OPENING), "customer")
    added: list[Values] = []
    gone: list[int] = []
    for customer in concerned:
        wanted = customer["opening_balance"] or ZERO
        held = _managed(there[customer["id"]], _balance_before(session, before[customer["id"]]))
        if not held and wanted:
            added.append(_opening(session, customer, wanted))
        elif not wanted:
            gone += [row["id"] for row in held]
        else:
            gone += _bring_to(session, customer, held, wanted)
    refuse_allocated(session, gone, _("The opening balance can't be emptied, because receipts are allocated to {records}. Release the allocation first"))
    writing.delete_rows(session, "receivable", gone)
    writing.insert_rows(session, "receivable", [writing.with_defaults(session, "receivable", row) for row in added])


def _balance_before(session: Session, state: dict[str, Any] | None) -> Decimal:
    stored = (state or {}).get("opening_balance")
    found = session.entity("customer").fields["opening_balance"].from_database(stored)
    return found or ZERO


def _managed(rows: Sequence[Values], balance: Decimal) -> list[Values]:
    """Return the receivables that stand for the balance typed before, among those of kind opening.

    A customer that two were merged into has one of each.
    """
    if not balance:
        return []
    same = [row for row in rows if row["amount"] == balance][:1]
    return same or (list(rows) if len(rows) == 1 or sum((row["amount"] for row in rows), ZERO) == balance else [])


def _bring_to(session: Session, customer: Values, held: Sequence[Values], wanted: Decimal) -> list[int]:
    """Make the receivables add up to `wanted`, the first that can taking the difference; return those of which nothing is left."""
    left = wanted - sum((row["amount"] for row in held), ZERO)
    gone: list[int] = []
    for row in held[:-1]:
        amount = row["amount"] + left
        taken = amount if amount * row["amount"] > 0 and fits(row["settled"], amount) else row["settled"]
        left -= taken - row["amount"]
        if not taken:
            gone.append(row["id"])
        elif taken != row["amount"]:
            _change(session, customer, row, taken)
    last = held[-1] if held else None
    if last is not None and last["amount"] + left == 0:
        gone.append(last["id"])
    elif last is not None and left:
        _change(session, customer, last, last["amount"] + left)
    return gone


def _opening(session: Session, customer: Values, amount: Decimal) -> Values:
    return {
        "kind": "opening", "name": _("Opening balance"), "customer": customer["id"], "owner": customer["owner"],
        "document_on": session.today, "amount": amount,
    }  # fmt: skip


def _change(session: Session, customer: Values, held: Values, wanted: Decimal) -> None:
    if not fits(held["settled"], wanted):
        raise UserError(
            _("The opening balance of {customer} can't become {amount}, because {settled} of it is settled already. Release the allocation first").format(
                customer=customer["name"], amount=show_money(wanted), settled=show_money(held["settled"])), field="opening_balance")
    values = {name: value for name, value in held.items() if name != "settled"}
    writing.update_row(session, "receivable", held["id"], {**values, "amount": wanted})
