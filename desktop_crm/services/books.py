"""The rules of the ledger for writes that run no rules of their own, such as an undo or a merge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.services import allocations, covers
from desktop_crm.services.batches import find_in, states_before

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from desktop_crm.services.session import Session


def check_books(session: Session, touched: Mapping[str, Sequence[int]]) -> None:
    """Raise UserError where the allocations and invoices behind the records in `touched`, ids by entity, don't add up.

    Those that this change set removed count too: what they belonged to is looked at.
    """
    removed = [state for state in states_before(session, "allocation", touched.get("allocation", ())).values() if state is not None]
    allocations.check_books(session, {
        **touched,
        "receipt": [*touched.get("receipt", ()), *(state["receipt"] for state in removed)],
        "receivable": [*touched.get("receivable", ()), *(state["receivable"] for state in removed)],
    })  # fmt: skip
    freed = [state for state in states_before(session, "invoice_cover", touched.get("invoice_cover", ())).values() if state is not None]
    covers.check_invoiced(session, [state["receivable"] for state in freed], [state["contract_line"] for state in freed])
    invoices = find_in(session, "invoice_cover", "id", touched.get("invoice_cover", ()), ["invoice"])
    covers.check_invoices(session, [*touched.get("invoice", ()), *(row["invoice"] for row in invoices)])
    covers.check_invoiced_receivables(session, touched.get("receivable", ()))
    covers.check_invoiced_lines(session, touched.get("contract", ()))
