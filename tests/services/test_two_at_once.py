"""Two people at the same receivable, receipt or invoice in the same moment: one is done, the other is told why not, and nothing is half posted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from desktop_crm.base.errors import UserError
from desktop_crm.services import closing, invoices, receipts, records, settlements
from desktop_crm.services.check import check
from tests.services.ledger import TODAY, company, customer, debt, figures, money, receive, rows, signed_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.services.session import Session


def at_once(url: str, *works: Callable[[Session], Any]) -> list[str]:
    """Do all of it at the same time, each from a connection of its own; return what was refused."""
    barrier = Barrier(len(works))

    def one(work: Callable[[Session], Any]) -> str:
        with signed_in(url, "boss") as session:
            session.records.count(session.entity("customer"), session.scope("customer"))
            barrier.wait(timeout=300)
            try:
                work(session)
            except UserError as problem:
                return problem.message
            return ""

    with ThreadPoolExecutor(len(works)) as pool:
        return [message for message in pool.map(one, works) if message]


def test_two_receipts_for_one_receivable(db_url: str) -> None:
    with company(db_url) as session:
        of = customer(session)
        owed = debt(session, of, "100")

        def post(mine: Session) -> None:
            values = records.new(mine, "receipt", customer=of, amount=money("80"), received_on=TODAY)
            receipts.post_receipt(mine, values=values, allocations={owed: money("80")})

        (refused,) = at_once(db_url, post, post)
        assert "YS-26-0001" in refused
        assert figures(session, "receivable", owed, "settled") == (money("80.00"),)
        assert len(rows(session, "receipt", "id")) == len(rows(session, "allocation", "id")) == 1
        assert check(session) == []


@pytest.mark.parametrize("use", ["refund", "apply", "transfer"])
def test_two_uses_of_one_prepayment(db_url: str, use: str) -> None:
    with company(db_url) as session:
        of = customer(session)
        other = customer(session, "分公司", payer=of)
        owed = debt(session, of, "300")
        paid = receive(session, of, "100").id
        works: dict[str, Callable[[Session], Any]] = {
            "refund": lambda mine: settlements.refund(mine, receipt=paid, amount=money("60")),
            "apply": lambda mine: receipts.apply_prepayment(mine, paid, {owed: money("60")}),
            "transfer": lambda mine: settlements.transfer_prepayment(mine, receipt=paid, customer=other, amount=money("60")),
        }
        assert len(at_once(db_url, works["refund"], works[use])) == 1
        assert figures(session, "receipt", paid, "unallocated") == (money("40.00"),)
        assert check(session) == []


def test_two_invoices_for_one_receivable(db_url: str) -> None:
    with company(db_url) as session:
        owed = debt(session, customer(session), "100")

        def issue(number: str) -> Callable[[Session], Any]:
            return lambda mine: invoices.issue_invoice(mine, values={"number": number, "issued_on": TODAY}, receivables={owed: money("60")})

        assert len(at_once(db_url, issue("1"), issue("2"))) == 1
        assert figures(session, "receivable", owed, "invoiced") == (money("60.00"),)
        assert check(session) == []


def test_closing_while_somebody_posts(db_url: str) -> None:
    with company(db_url) as session:
        of = customer(session)
        at_once(db_url, lambda mine: closing.close_books(mine, through=TODAY), lambda mine: receive(mine, of, "10", on=TODAY))
        assert closing.closed_through(session) == TODAY
        with pytest.raises(UserError):
            receive(session, of, "10", on=TODAY)


@pytest.mark.parametrize("use", ["release", "delete the debt", "delete the receipt", "less debt", "less money", "write off"])
def test_a_receipt_is_allocated_while_somebody_else_changes_what_it_stands_on(db_url: str, use: str) -> None:
    with company(db_url) as session:
        of = customer(session)
        owed, other = debt(session, of, "100"), debt(session, of, "100")
        paid = receive(session, of, "100", {other: "30"}).id
        ((allocation,),) = rows(session, "allocation", "id")
        works: dict[str, Callable[[Session], Any]] = {
            "release": lambda mine: settlements.release_allocation(mine, allocation=allocation),
            "delete the debt": lambda mine: records.delete(mine, "receivable", [owed]),
            "delete the receipt": lambda mine: records.delete(mine, "receipt", [paid]),
            "less debt": lambda mine: records.save(mine, "receivable", {"amount": money("40")}, key=owed),
            "less money": lambda mine: records.save(mine, "receipt", {"amount": money("40")}, key=paid),
            "write off": lambda mine: settlements.settle_without_money(mine, kind="bad_debt", allocations={owed: money("100")}),
        }
        refused = at_once(db_url, works[use], lambda mine: receipts.apply_prepayment(mine, paid, {owed: money("60")}))
        # Whoever comes first: what both may do stands, and of what can't be together one is refused for a reason of the books.
        assert len(refused) <= (use != "release")
        assert "别人" not in "".join(refused)
        parts = rows(session, "allocation", "receipt", "receivable", "amount")
        for name in ("receipt", "receivable"):
            whole = "allocated" if name == "receipt" else "settled"
            for key, amount, kept in rows(session, name, "id", "amount", whole):
                assert kept == sum((part[2] for part in parts if part[name == "receivable"] == key), money("0"))
                assert kept <= amount
        assert check(session) == []
