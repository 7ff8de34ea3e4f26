"""The documents a receipt names: its customer is theirs, and they are settled by it in that order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import Every, Where, both
from desktop_crm.services import writing
from desktop_crm.services.allocations import allocation_rows
from desktop_crm.services.batches import find_by_id, find_in, grouped, states_before
from desktop_crm.services.rules import after_save, before_save

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

SEPARATORS: Final = re.compile(r"[,，、;；\s]+")


@dataclass
class Named:
    """What numbers in `settles` point to: the customer of each, and its receivables in the order they are settled."""

    customers: dict[str, int] = field(default_factory=dict)
    receivables: dict[str, list[Values]] = field(default_factory=dict)


def numbers_in(text: str | None) -> list[str]:
    """Return the document numbers in a text such as ``YS-26-0001，YS-26-0002``, each once."""
    return list(dict.fromkeys(number for number in SEPARATORS.split(text or "") if number))


def documents_named(session: Session, numbers: Iterable[str]) -> Named:
    """Find receivables by number, and for the numbers of invoices the receivables they cover, else those of the same contract, else of the customer.

    Only what this person may see is found, with a few statements for all of them.
    """
    names = ["number", "customer", "contract", "falls_due", "document_on", "remaining"]
    seen = session.readable("receivable", Every())
    wanted = list(dict.fromkeys(numbers))
    named = Named()
    for row in find_in(session, "receivable", "number", wanted, names, seen):
        named.customers[row["number"]] = row["customer"]
        named.receivables[row["number"]] = [row]
    missing = [number for number in wanted if number not in named.customers]
    invoices = find_in(session, "invoice", "number", missing, ["number", "customer", "contract", "covered"], session.readable("invoice", Every()))
    unsettled = both(seen, Where("remaining", "gt", 0))
    covers = grouped(find_in(session, "invoice_cover", "invoice", (row["id"] for row in invoices if row["covered"]), ["invoice", "receivable"]), "invoice")
    debts = find_by_id(session, "receivable", (row["receivable"] for found in covers.values() for row in found), names, unsettled)
    of_contracts = grouped(find_in(session, "receivable", "contract", (row["contract"] for row in invoices), names, unsettled), "contract")
    loose = [row["customer"] for row in invoices if row["contract"] is None]
    of_customers = grouped(find_in(session, "receivable", "customer", loose, names, unsettled), "customer")
    for invoice in invoices:
        found = of_customers[invoice["customer"]] if invoice["contract"] is None else of_contracts[invoice["contract"]]
        if any(row["receivable"] for row in covers[invoice["id"]]):
            found = [debts[row["receivable"]] for row in covers[invoice["id"]] if row["receivable"] in debts]
        named.customers[invoice["number"]] = invoice["customer"]
        named.receivables[invoice["number"]] = sorted(found, key=lambda row: (row["falls_due"], row["document_on"], row["id"]))
    return named


@before_save("receipt")
def fill_customers(session: Session, rows: Sequence[Values]) -> None:
    """Give a receipt without a customer the one whose document it settles."""
    waiting = [(row, numbers_in(row.get("settles"))) for row in rows if row.get("customer") is None and row.get("settles")]
    named = documents_named(session, (number for _row, numbers in waiting for number in numbers)) if waiting else Named()
    for row, numbers in waiting:
        row["customer"] = next((named.customers[number] for number in numbers if number in named.customers), None)


@after_save("receipt", about=lambda new: new.get("settles"))
def settle_named(session: Session, ids: Sequence[int]) -> None:
    """Allocate receipts to the documents they name, in that order, where they are new or name others than before, and have no allocation.

    Numbers nobody knows are left alone: the receipt is then a prepayment. Raises UserError where a document is another customer's.
    """
    receipts = [row for row in find_in(session, "receipt", "id", ids, ["number", "customer", "amount", "settles", "received_on"]) if row["settles"]]
    if not receipts:
        return
    before = states_before(session, "receipt", (row["id"] for row in receipts))
    held = {row["receipt"] for row in allocation_rows(session, "receipt", before)}
    fresh = [row for row in receipts if row["id"] in before and row["id"] not in held and (before[row["id"]] or {}).get("settles") != row["settles"]]
    named = documents_named(session, (number for row in fresh for number in numbers_in(row["settles"])))
    remaining = {row["id"]: row["remaining"] for found in named.receivables.values() for row in found}
    rows: list[Values] = []
    for receipt in fresh:
        left = receipt["amount"]
        for target in _targets(receipt, named):
            part = min(left, remaining[target["id"]])
            if part > 0:
                rows.append({"receipt": receipt["id"], "receivable": target["id"], "amount": part, "allocated_on": receipt["received_on"]})
                remaining[target["id"]] -= part
                left -= part
    writing.insert_rows(session, "allocation", rows)


def _targets(receipt: Values, named: Named) -> list[Values]:
    found: dict[int, Values] = {}
    for number in numbers_in(receipt["settles"]):
        for row in named.receivables.get(number, ()):
            if row["customer"] != receipt["customer"]:
                raise UserError(
                    _("Receipt {receipt} names {number}, which belongs to another customer. Correct the customer or the number").format(
                        receipt=receipt["number"], number=number))
            found[row["id"]] = row
    return list(found.values())
