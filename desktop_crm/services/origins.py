"""What documents come from stays: the two sides of a transfer, what uses up a remainder, and what follows from a contract or an opening balance.

The program keeps these in step by their kind. Made another kind, or another sum, by hand they would be money from nowhere, or owed twice after the
next change of their contract.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import Where
from desktop_crm.domain.money import show_money
from desktop_crm.domain.sources import USES
from desktop_crm.services.batches import FIRST, find_by_id, find_in, states_before
from desktop_crm.services.rules import after_save

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session

TRANSFER: Final = "transfer"
FOLLOWING: Final = frozenset({"contract", *USES})
"""Kinds of receivables that the program makes and keeps."""

_arriving: ContextVar[bool] = ContextVar("_arriving", default=False)


@contextmanager
def arriving() -> Iterator[None]:
    """Let a transferred prepayment be added meanwhile: its sending side comes with it."""
    token = _arriving.set(True)
    try:
        yield
    finally:
        _arriving.reset(token)


def _before(session: Session, name: str, rows: Sequence[Values]) -> dict[int, Values]:
    """Return what those of the records that were there before this change set were, by id; new ones are known without asking."""
    found = states_before(session, name, (row["id"] for row in rows if row["version"] != FIRST))
    return {key: state for key, state in found.items() if state is not None}


@after_save("receipt", only=("customer", "kind", "amount"), about=lambda new: new.get("kind") == TRANSFER)
def keep_transfers(session: Session, ids: Sequence[int]) -> None:
    """Raise UserError where a transfer is typed that nobody sent, or one that arrived differs from what was sent."""
    rows = find_in(session, "receipt", "id", ids, ["number", "customer", "kind", "amount", "version"])
    before = _before(session, "receipt", rows)
    rows = [row for row in rows if TRANSFER in {row["kind"], before.get(row["id"], {}).get("kind")}]
    sent = {one["counterpart"]: one for one in find_in(session, "receivable", "counterpart", (row["id"] for row in rows), ["number", "counterpart", "amount"])}
    for row in rows:
        other, former = sent.get(row["id"]), before.get(row["id"])
        if other is None:
            typed = row["version"] == FIRST if former is None else former["kind"] != TRANSFER
            if typed and row["kind"] == TRANSFER and not _arriving.get():
                raise UserError(_("A transferred prepayment comes from another customer's receipt: transfer it there, and it arrives here by itself"), field="kind")
        elif row["kind"] != TRANSFER or row["amount"] != other["amount"] or row["customer"] != (former or row).get("customer"):
            raise UserError(
                _("{number} is a prepayment of {amount} sent as {other}, so its customer, kind and amount stay. Delete it, which takes both sides back, and transfer it anew").format(
                    number=row["number"], amount=show_money(other["amount"]), other=other["number"]))


@after_save("receivable", only=("kind", "amount", "counterpart"))
def keep_origins(session: Session, ids: Sequence[int]) -> None:
    """Raise UserError where a receivable that the program made becomes another kind, or one typed becomes its kind, or the two sides of a transfer differ."""
    rows = find_in(session, "receivable", "id", ids, ["number", "kind", "amount", "customer", "counterpart", "version"])
    before = _before(session, "receivable", rows)
    changed = [row for row in rows if before.get(row["id"], row)["kind"] != row["kind"]]
    managed = find_by_id(session, "customer", (row["customer"] for row in changed), [], Where("opening_balance", "filled"))
    kind = session.everything["receivable"].fields["kind"]
    for row in changed:
        former = str(before[row["id"]]["kind"])
        if FOLLOWING & {former, row["kind"]} or (former == "opening" and row["customer"] in managed):
            raise UserError(
                _("{number} is there as “{former}”, which stays: delete it where it is wrong, and enter what is right").format(number=row["number"], former=kind.show(former)), field="kind")
    arrived = find_by_id(session, "receipt", (row["counterpart"] for row in rows), ["number", "amount"])
    for row in rows:
        other = arrived.get(row["counterpart"] or 0)
        if other is not None and other["amount"] != row["amount"]:
            raise UserError(
                _("{number} and {other} are the two sides of one transfer of {amount}. Delete {other}, which takes both back, and transfer anew").format(
                    number=row["number"], other=other["number"], amount=show_money(other["amount"])), field="amount")


@after_save("receivable", only=("amount",))
def keep_planned(session: Session, ids: Sequence[int]) -> None:
    """Raise UserError where a receivable that follows from a contract in force is another amount than its plan says: the next change of the contract would put it back."""
    rows = find_in(session, "receivable", "id", ids, ["number", "kind", "contract", "instalment", "amount"])
    rows = [row for row in rows if row["kind"] == "contract" and row["contract"] is not None]
    contracts = find_by_id(session, "contract", (row["contract"] for row in rows), ["number", "total"], Where("state", "in", ("active", "done"))) if rows else {}
    instalments = find_by_id(session, "instalment", (row["instalment"] for row in rows), ["amount"])
    for row in rows:
        contract = contracts.get(row["contract"])
        if contract is None:
            continue
        planned = instalments[row["instalment"]]["amount"] if row["instalment"] is not None else contract["total"]
        if planned != row["amount"]:
            raise UserError(
                _("{number} follows from contract {contract}, which says {planned}. Change the contract or its plan, and the receivable follows").format(
                    number=row["number"], contract=contract["number"], planned=show_money(planned)), field="amount")
