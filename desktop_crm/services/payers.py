"""Customers that one payer pays for: a head office and its branches, a person and the shops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import Either, Where
from desktop_crm.services.batches import find_by_id
from desktop_crm.services.rules import after_save

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from desktop_crm.services.session import Session


def payer_of(session: Session, customers: Iterable[int]) -> dict[int, int]:
    """Return who pays for each customer: the one it names, else itself."""
    return {key: row["payer"] or key for key, row in find_by_id(session, "customer", customers, ["payer"]).items()}


def same_payer(session: Session, customer: int) -> list[int]:
    """Return the customers with the same payer as this one, itself first; only those this person may see."""
    payer = payer_of(session, [customer]).get(customer, customer)
    condition = session.readable("customer", Either((Where("id", "eq", payer), Where("payer", "eq", payer))))
    found = session.records.ids_where(session.entity("customer"), condition)
    return [customer, *(key for key in found if key != customer)]


def refuse_strangers(session: Session, customer: int, others: Iterable[int]) -> None:
    """Raise UserError where one of `others` has another payer than `customer`."""
    keys = list(dict.fromkeys([customer, *others]))
    payers = payer_of(session, keys)
    for key in keys:
        if payers.get(key) != payers.get(customer):
            names = session.records.titles(session.entity("customer"), [customer, key])
            raise UserError(
                _("{other} is not paid for by the payer of {customer}. Enter who pays for it (“Paid for by”) in the customer first").format(
                    other=names.get(key, ""), customer=names.get(customer, "")), field="customer")


@after_save("customer", only=("payer",))
def refuse_chains(session: Session, ids: Sequence[int]) -> None:
    """Raise UserError where a payer is itself paid for by another: money would have to be passed on twice."""
    rows = find_by_id(session, "customer", ids, ["name", "payer"], Where("payer", "filled"))
    over = find_by_id(session, "customer", (row["payer"] for row in rows.values()), ["name"], Where("payer", "filled"))
    paid_for = session.records.find(session.entity("customer"), Where("payer", "in", list(rows)), ["payer"], limit=1) if rows else []
    for key, row in rows.items():
        if row["payer"] == key:
            raise UserError(_("{customer} can't be named as paid for by itself. Leave it empty").format(customer=row["name"]), field="payer")
        if row["payer"] in over or any(one["payer"] == key for one in paid_for):
            raise UserError(_("{customer} can't be paid for by another, because one of the two stands in between. Name the last payer for each").format(customer=row["name"]), field="payer")
