"""A closed period refuses every change dated in it, whichever way it comes, and nothing else."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from desktop_crm.base.errors import Blocked, NotAllowed, UserError
from desktop_crm.domain.conditions import EVERYTHING, Where
from desktop_crm.reports.outstanding import rows_outstanding, rows_prepaying
from desktop_crm.reports.statement import account
from desktop_crm.services import closing, custom_fields, importing, invoices, merging, receipts, records, settlements, undoing, users
from desktop_crm.services.check import check
from tests.services.ledger import TODAY, add, company, customer, debt, figures, money, receive, rows, signed_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from desktop_crm.reports.accounts import Account
    from desktop_crm.services.session import Session

MARCH = date(2026, 3, 31)
IN_MARCH = date(2026, 3, 15)
IN_APRIL = date(2026, 4, 2)


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


def everything(session: Session) -> dict[str, Any]:
    names = ("receivable", "receipt", "allocation", "invoice")
    return {name: session.records.find(session.entity(name), EVERYTHING, [*session.entity(name).written(), "version"]) for name in names}


def test_nothing_dated_in_the_closed_period_changes(session: Session, tmp_path: Path) -> None:
    of, other = customer(session), customer(session, "恒泰科技")
    owed = debt(session, of, "1000", on=IN_MARCH)
    posted = receipts.post_receipt(session, values=records.new(session, "receipt", customer=of, amount=money("300"), received_on=IN_MARCH), allocations={owed: money("200")})
    issued = invoices.issue_invoice(session, values={"number": "24110001", "issued_on": IN_MARCH}, receivables={owed: money("500")}).result
    ((allocation,),) = rows(session, "allocation", "id")
    closing.close_books(session, through=MARCH)
    path = tmp_path / "receipts.csv"
    path.write_text("客户名称,收款日期,收款金额\n恒泰科技,2026-03-20,10\n恒泰科技,2026-04-20,10\n", encoding="utf-8")

    def bring_in() -> None:
        source = importing.open_source(session, "receipt", path)
        importing.run_import(session, source, importing.Options(importing.mapping_of(importing.guess_mapping(session, source)), keep_good=False))

    attempts: dict[str, Callable[[], object]] = {
        "post": lambda: receive(session, of, "10", on=IN_MARCH),
        "owe": lambda: debt(session, of, "10", on=MARCH),
        "edit": lambda: records.save(session, "receipt", {"note": "x"}, key=posted.result.id),
        "date into": lambda: records.save(session, "receivable", {"document_on": IN_MARCH}, key=debt(session, of, "5", on=IN_APRIL)),
        "date out of": lambda: records.save(session, "receivable", {"document_on": IN_APRIL}, key=owed),
        "delete": lambda: records.delete(session, "invoice", [issued]),
        "delete allocation": lambda: records.delete(session, "allocation", [allocation]),
        "many": lambda: records.change_many(session, "receivable", EVERYTHING, {"name": "x"}),
        "undo": lambda: undoing.undo(session, posted.change_set or 0),
        "merge": lambda: merging.merge(session, "customer", other, [of], {}),
        "import": bring_in,
    }
    before = everything(session)
    for what, attempt in attempts.items():
        if what == "date into":
            continue
        with pytest.raises(Blocked, match="2026-03-31") as refused:
            attempt()
        assert refused.value.records, what
        assert everything(session) == before, what
    with pytest.raises(Blocked):
        attempts["date into"]()


def test_what_is_dated_later_goes_on_and_an_owner_may_change(session: Session) -> None:
    of = customer(session)
    owed = debt(session, of, "1000", on=IN_MARCH)
    paid = receive(session, of, "300", on=IN_MARCH)
    closing.close_books(session, through=MARCH)
    receive(session, of, "100", {owed: "100"}, on=IN_APRIL)
    receipts.post_receipt(session, values={}, allocations={owed: money("250")}, key=paid.id)
    assert rows(session, "allocation", "allocated_on", receipt=paid.id) == [(TODAY,)], "a prepayment of a closed period is used today"
    assert figures(session, "receivable", owed, "remaining") == (money("650.00"),)
    seller = users.add_user(session, {"name": "李四", "login": "li", "role": "sales"}).result.id
    records.change_many(session, "receivable", Where("id", "eq", owed), {"owner": seller})


def aged(session: Session, day: date) -> list[tuple[Any, ...]]:
    """Return what remained of each receivable and receipt on a day."""
    owed, paid = rows_outstanding(session, day, EVERYTHING, ["number"]), rows_prepaying(session, day, EVERYTHING, ["number"])
    return [*((row["number"], row["remaining"]) for row in owed), *((row["number"], row["unallocated"]) for row in paid)]


def sums(found: Account) -> tuple[Any, ...]:
    return found.opening, found.increases, found.decreases, found.closing


def test_a_bounced_cheque_is_taken_back_in_the_next_period_and_the_closed_one_stays(session: Session) -> None:
    of = customer(session)
    owed = debt(session, of, "1000", on=IN_MARCH)
    cheque = receive(session, of, "800", {owed: "800"}, on=IN_MARCH, method="cheque").id
    ((allocation,),) = rows(session, "allocation", "id")
    printed = {day: aged(session, day) for day in (IN_MARCH, MARCH)}
    said = sums(account(session, of, date(2026, 3, 1), MARCH))
    closing.close_books(session, through=MARCH)
    done = settlements.release_allocation(session, allocation=allocation)
    assert rows(session, "allocation", "amount", "allocated_on") == [(money("800.00"), IN_MARCH), (money("-800.00"), TODAY)]
    assert figures(session, "receivable", owed, "remaining", "received", "state") == (money("1000.00"), money("0.00"), "open")
    with pytest.raises(UserError, match="YS-"):
        settlements.release_allocation(session, allocation=allocation)
    settlements.refund(session, receipt=cheque, on=TODAY)
    assert figures(session, "customer", of, "balance", "prepaid") == (money("1000.00"), money("0.00"))
    assert {day: aged(session, day) for day in printed} == printed
    assert sums(account(session, of, date(2026, 3, 1), MARCH)) == said == (money("0.00"), money("1000.00"), money("800.00"), money("200.00"))
    assert sums(account(session, of, IN_APRIL, TODAY)) == (money("200.00"), money("800.00"), money("0.00"), money("1000.00"))
    assert done.change_set is not None
    with pytest.raises(UserError):
        undoing.undo(session, done.change_set)
    assert check(session) == []


def test_a_wrong_allocation_of_a_closed_period_moves_as_of_a_later_day(session: Session) -> None:
    of = customer(session)
    wrong, right = debt(session, of, "500", on=IN_MARCH), debt(session, of, "700", on=IN_MARCH)
    key = receive(session, of, "500", {wrong: "500"}, on=IN_MARCH).id
    ((allocation,),) = rows(session, "allocation", "id")
    printed = aged(session, MARCH)
    closing.close_books(session, through=MARCH)
    with pytest.raises(Blocked, match="2026-03-31"):
        settlements.move_allocation(session, allocation=allocation, receivable=right, on=MARCH)
    settlements.move_allocation(session, allocation=allocation, receivable=right, amount=money("200"), on=IN_APRIL)
    assert aged(session, MARCH) == printed
    assert aged(session, IN_APRIL) == [("YS-26-0001", money("200.00")), ("YS-26-0002", money("500.00"))]
    with pytest.raises(UserError, match=r"300\.00"):
        settlements.move_allocation(session, allocation=allocation, receivable=right, amount=money("300.01"))
    # The receipt's own grid does the same: all of it goes to the right one.
    receipts.post_receipt(session, values={}, allocations={right: money("500")}, key=key)
    assert aged(session, MARCH) == printed
    assert [figures(session, "receivable", one, "settled") for one in (wrong, right)] == [(money("0.00"),), (money("500.00"),)]
    assert [row["allocated"] for row in receipts.open_receivables(session, of, receipt=key)] == [money("0.00"), money("500.00")]
    receipts.post_receipt(session, values={}, allocations={}, key=key)
    assert figures(session, "receipt", key, "unallocated") == (money("500.00"),)
    assert aged(session, MARCH) == printed
    assert check(session) == []


@pytest.mark.parametrize("kind", ["discount", "bad_debt", "difference"])
def test_a_settlement_without_money_of_a_closed_period_is_taken_back_later(session: Session, kind: str) -> None:
    of = customer(session)
    owed, other = debt(session, of, "1000", on=IN_MARCH), debt(session, of, "500", on=IN_MARCH)
    key = settlements.settle_without_money(session, kind=kind, allocations={owed: money("30"), other: money("20")}, on=IN_MARCH).result.id
    first = rows(session, "allocation", "id", receivable=owed)[0][0]
    printed, said = aged(session, MARCH), sums(account(session, of, date(2026, 3, 1), MARCH))
    closing.close_books(session, through=MARCH)
    before = everything(session)
    done = settlements.release_allocation(session, allocation=first)
    assert aged(session, MARCH) == printed
    assert sums(account(session, of, date(2026, 3, 1), MARCH)) == said
    assert figures(session, "receivable", owed, "remaining", "state") == (money("1000.00"), "open"), "owed again, with its own due day"
    assert figures(session, "receipt", key, "amount", "allocated") == (money("50.00"), money("50.00"))
    assert figures(session, "customer", of, "balance", "prepaid") == (money("1480.00"), money("0.00"))
    assert sums(account(session, of, IN_APRIL, TODAY))[3] == money("1480.00")
    ((made, number),) = rows(session, "receivable", "id", "number", kind="reversal")
    with pytest.raises(UserError):
        settlements.release_allocation(session, allocation=first)
    with pytest.raises(UserError, match=str(records.get(session, "receipt", key)["number"])):
        records.delete(session, "receivable", [made])
    with pytest.raises(UserError, match=str(number)):
        invoices.issue_invoice(session, values={"number": "1", "issued_on": TODAY}, receivables={made: money("1")})
    assert check(session) == []
    closing.reopen_books(session)
    records.delete(session, "receipt", [key])
    assert rows(session, "receivable", "number", kind="reversal") == []
    undoing.undo_last(session)
    closing.close_books(session, through=MARCH)
    assert done.change_set is not None
    undoing.undo(session, done.change_set)
    assert {name: [{**row, "version": 0, "updated_at": 0} for row in some] for name, some in everything(session).items()} == {
        name: [{**row, "version": 0, "updated_at": 0} for row in some] for name, some in before.items()}
    assert check(session) == []


def test_money_taken_back_later_is_not_allocated_a_second_time_before(session: Session) -> None:
    of = customer(session)
    first, second = debt(session, of, "100", on=IN_MARCH), debt(session, of, "100", on=IN_MARCH)
    key = receive(session, of, "100", {first: "100"}, on=IN_MARCH).id
    ((allocation,),) = rows(session, "allocation", "id")
    closing.close_books(session, through=MARCH)
    settlements.release_allocation(session, allocation=allocation)
    with pytest.raises(UserError, match="2026-04-02"):
        receipts.apply_prepayment(session, key, {second: money("1")}, on=IN_APRIL)
    with pytest.raises(UserError, match="2026-04-02"):
        receive(session, of, "50", {first: "50"}, on=IN_APRIL)
    receipts.apply_prepayment(session, key, {second: money("100")})
    closing.reopen_books(session)
    with pytest.raises(UserError):
        records.delete(session, "allocation", [allocation])
    assert check(session) == []


def test_editing_a_receipt_leaves_the_days_of_its_allocations(session: Session) -> None:
    of = customer(session)
    owed = debt(session, of, "1000", on=IN_MARCH)
    key = receive(session, of, "300", {owed: "100"}, on=IN_MARCH).id
    receipts.apply_prepayment(session, key, {owed: money("50")}, on=IN_APRIL)
    receipts.post_receipt(session, values={"note": "x"}, allocations={owed: money("150")}, key=key)
    assert rows(session, "allocation", "amount", "allocated_on") == [(money("100.00"), IN_MARCH), (money("50.00"), IN_APRIL)]
    receipts.post_receipt(session, values={}, allocations={owed: money("120")}, key=key)
    assert rows(session, "allocation", "amount", "allocated_on") == [(money("100.00"), IN_MARCH), (money("20.00"), IN_APRIL)], "the latest gives way first"


def test_closing_and_reopening_are_logged_and_not_undone_by_the_way(session: Session, db_url: str) -> None:
    users.add_user(session, {"name": "出纳", "login": "cash", "role": "sales"})
    users.add_user(session, {"name": "会计", "login": "books", "role": "finance"})
    with pytest.raises(UserError):
        closing.close_books(session, through=date(2026, 7, 1))
    with signed_in(db_url, "cash") as seller, pytest.raises(NotAllowed):
        closing.close_books(seller, through=MARCH)
    with signed_in(db_url, "books") as finance:
        done = closing.close_books(finance, through=MARCH)
        with pytest.raises(UserError):
            closing.close_books(finance, through=MARCH)
        assert done.change_set is not None
        with pytest.raises(UserError, match="2026-03-31"):
            undoing.undo(finance, done.change_set)
        closing.reopen_books(finance, through=date(2026, 2, 28))
        assert closing.closed_through(finance) == date(2026, 2, 28)
        closing.reopen_books(finance)
        assert closing.closed_through(finance) is None
        with pytest.raises(UserError):
            closing.reopen_books(finance)
    labels = [entry.label for entry in session.log.entries(limit=3)]
    assert "2026-02-28" in labels[0]
    assert "2026-02-28" in labels[1]
    assert "2026-03-31" in labels[2]


def test_a_discount_is_dated_by_its_own_day(session: Session) -> None:
    of = customer(session)
    owed = debt(session, of, "100", on=IN_MARCH)
    closing.close_books(session, through=MARCH)
    settlements.settle_without_money(session, kind="discount", allocations={owed: money("2")}, on=IN_APRIL)
    assert add(session, "invoice", customer=of, number="1", issued_on=IN_APRIL, total=money("10"))


def test_a_companys_own_fields_are_part_of_what_is_closed(session: Session) -> None:
    names: dict[str, Any] = {entity: custom_fields.add(session, entity, {"label": "备注二", "kind": "text"}).result for entity in ("customer", "receivable", "receipt")}
    of = customer(session, **{names["customer"]: "甲"})
    own: dict[str, Any] = {names["receivable"]: "乙"}
    owed = add(session, "receivable", customer=of, amount=money("1000"), document_on=IN_MARCH, **own)
    posted = receive(session, of, "300", {owed: "200"}, on=IN_MARCH)
    assert records.get(session, "receivable", owed)[names["receivable"]] == "乙"
    assert records.get(session, "customer", of)["balance"] == money("800")
    assert check(session) == []
    closing.close_books(session, through=MARCH)
    owner = session.entity("receivable").spec.owner
    other = add(session, "user", login="xiaoliu", name="小刘", role="sales")
    records.save(session, "receivable", {owner: other}, key=owed)
    for entity, key in (("receivable", owed), ("receipt", posted.id)):
        with pytest.raises(Blocked, match="2026-03-31"):
            records.save(session, entity, {names[entity]: "丙"}, key=key)
    later = receive(session, of, "50", {owed: "50"}, on=IN_APRIL)
    records.save(session, "receipt", {names["receipt"]: "丁"}, key=later.id)
    assert check(session) == []
