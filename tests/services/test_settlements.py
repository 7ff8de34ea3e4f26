"""Credit notes, discounts, write-offs, refunds, transfers, and allocations taken back: the account of each customer adds up after each of them."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import Blocked, NotFound, UserError
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.services import receipts, records, settlements, undoing, users
from desktop_crm.services.check import check
from desktop_crm.services.history import record_history
from desktop_crm.services.session import open_session
from tests.services.ledger import TODAY, add, company, customer, debt, figures, money, receive, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.session import Session


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made
        assert check(made) == []


def test_a_credit_note_settles_without_being_money(session: Session) -> None:
    of = customer(session)
    contract = add(session, "contract", customer=of, title="供货", signed_on=date(2026, 1, 1), amount=money("1000"), state="active")
    ((key,),) = [(row[0],) for row in rows(session, "receivable", "id", contract=contract)]
    settlements.settle_without_money(session, kind="credit", allocations={key: money("100")}, on=date(2026, 2, 1), note="质量折让")
    receive(session, of, "600", {key: "600"})
    assert figures(session, "receivable", key, "settled", "received", "relieved", "remaining", "state") == (
        money("700.00"), money("600.00"), money("100.00"), money("300.00"), "partial")
    assert figures(session, "contract", contract, "received", "unreceived") == (money("600.00"), money("300.00"))
    assert figures(session, "customer", of, "balance", "prepaid") == (money("300.00"), money("0.00"))


def test_what_is_left_of_a_credit_note_is_a_prepayment(session: Session) -> None:
    of = customer(session)
    key = debt(session, of, "100")
    done = settlements.settle_without_money(session, kind="credit", customer=of, amount=money("250"), allocations={key: money("100")})
    assert done.result.prepaid == money("150.00")
    settlements.refund(session, receipt=done.result.id, amount=money("150"))
    assert figures(session, "customer", of, "balance", "prepaid") == (money("0.00"), money("0.00"))


def test_what_settled_a_receivable_and_was_taken_back_stands_in_its_own_history(session: Session) -> None:
    of = customer(session)
    key, other = debt(session, of, "100"), debt(session, of, "80")
    money_in = receive(session, of, "60", {key: "60"})
    relief = settlements.settle_without_money(session, kind="discount", allocations={key: money("3"), other: money("2")}).result
    numbers = [figures(session, "receipt", one, "number")[0] for one in (money_in.id, relief.id)]
    for mine in rows(session, "allocation", "id", receipt=relief.id):
        settlements.release_allocation(session, allocation=mine[0])
    assert rows(session, "receipt", "id") == [(money_in.id,)], "nothing is left of the discount"
    told = [(one.kind, one.title, *(field.after or field.before for field in one.fields if field.field == "amount"))
            for one in record_history(session, "receivable", key) if one.entity == "allocation"]
    assert told == [("delete", numbers[1], "3.00"), ("insert", numbers[1], "3.00"), ("insert", numbers[0], "60.00")]
    users.add_user(session, {"login": "seller", "name": "小赵", "role": "sales"})
    with closing(open_session(session.url, "seller")) as own, pytest.raises(NotFound):
        record_history(own, "receivable", key)


@pytest.mark.parametrize("kind", ["discount", "bad_debt", "difference"])
def test_a_write_off_is_allocated_in_full_and_shrinks_when_released(session: Session, kind: str) -> None:
    of = customer(session)
    first, second = debt(session, of, "100"), debt(session, of, "50")
    with pytest.raises(UserError):
        settlements.settle_without_money(session, kind=kind, amount=money("160"), allocations={first: money("100"), second: money("50")})
    done = settlements.settle_without_money(session, kind=kind, allocations={first: money("100"), second: money("50")}).result
    (one, two) = [row[0] for row in rows(session, "allocation", "id", receipt=done.id)]
    with pytest.raises(UserError):
        records.delete(session, "allocation", [one])
    settlements.release_allocation(session, allocation=one)
    assert figures(session, "receipt", done.id, "amount", "allocated") == (money("50.00"), money("50.00"))
    released = settlements.release_allocation(session, allocation=two)
    assert rows(session, "receipt", "id") == []
    assert figures(session, "customer", of, "balance", "prepaid") == (money("150.00"), money("0.00"))
    assert released.change_set is not None
    undoing.undo(session, released.change_set)
    assert figures(session, "receipt", done.id, "amount", "allocated") == (money("50.00"), money("50.00"))


def test_a_refund_uses_up_what_is_left_and_gives_it_back_when_deleted(session: Session) -> None:
    of = customer(session)
    paid = receive(session, of, "500", {debt(session, of, "300"): "300"})
    with pytest.raises(UserError, match=r"200\.00"):
        settlements.refund(session, receipt=paid.id, amount=money("200.01"))
    done = settlements.refund(session, receipt=paid.id, amount=money("120"), on=date(2026, 3, 1)).result
    assert figures(session, "customer", of, "balance", "prepaid") == (money("0.00"), money("80.00"))
    assert figures(session, "receivable", done.receivable, "kind", "state") == ("refund", "settled")
    ((allocation,),) = rows(session, "allocation", "id", receivable=done.receivable)
    for attempt in (lambda: settlements.release_allocation(session, allocation=allocation), lambda: records.delete(session, "receipt", [paid.id])):
        with pytest.raises(Blocked):
            attempt()
    records.delete(session, "receivable", [done.receivable])
    assert figures(session, "customer", of, "prepaid") == (money("200.00"),)


def test_nothing_is_refunded_by_typing_a_receivable(session: Session) -> None:
    with pytest.raises(UserError):
        debt(session, customer(session), "100", kind="refund")


def test_a_prepayment_moves_to_a_customer_of_the_same_payer(session: Session) -> None:
    head = customer(session, "华信集团")
    branch, stranger = customer(session, "华信上海", payer=head), customer(session, "外人")
    owed = debt(session, branch, "70")
    paid = receive(session, head, "100")
    with pytest.raises(UserError, match="外人"):
        settlements.transfer_prepayment(session, receipt=paid.id, customer=stranger)
    done = settlements.transfer_prepayment(session, receipt=paid.id, customer=branch, allocations={owed: money("70")}, on=date(2026, 3, 1)).result
    assert figures(session, "customer", head, "balance", "prepaid") == (money("0.00"), money("0.00"))
    assert figures(session, "customer", branch, "balance", "prepaid") == (money("0.00"), money("30.00"))
    with pytest.raises(Blocked):
        records.delete(session, "receivable", [done.receivable])
    assert done.receipt is not None
    records.delete(session, "receipt", [done.receipt])
    assert figures(session, "customer", head, "prepaid") == (money("100.00"),)
    assert figures(session, "customer", branch, "balance") == (money("70.00"),)
    assert rows(session, "receivable", "id", kind="transfer") == []


def test_one_payment_settles_receivables_of_several_customers_of_one_payer(session: Session) -> None:
    head = customer(session, "华信集团")
    shanghai, wuhan = customer(session, "华信上海", payer=head), customer(session, "华信武汉", payer=head)
    own, first, second = debt(session, head, "100"), debt(session, shanghai, "200"), debt(session, wuhan, "300")
    offered = receipts.open_receivables(session, head)
    assert [row["id"] for row in offered] == [own, first, second]
    values = records.new(session, "receipt", customer=head, amount=money("600"), received_on=date(2026, 2, 1))
    done = receipts.post_receipt(session, values=values, allocations={own: money("100"), first: money("200"), second: money("250")})
    balances = [figures(session, "customer", of, "balance", "prepaid") for of in (head, shanghai, wuhan)]
    assert balances == [(money("0.00"), money("50.00")), (money("0.00"), money("0.00")), (money("50.00"), money("0.00"))]
    assert rows(session, "receipt", "amount", kind="receipt") == [(money("600.00"),)], "the bank's line is one receipt"
    assert done.change_set is not None
    undoing.undo(session, done.change_set)
    assert rows(session, "receipt", "id") == []
    assert rows(session, "receivable", "id", kind="transfer") == []


def test_an_edited_receipt_keeps_what_was_refunded(session: Session) -> None:
    of = customer(session)
    owed = debt(session, of, "300")
    paid = receive(session, of, "500", {owed: "300"})
    used = settlements.refund(session, receipt=paid.id, amount=money("150")).result.receivable
    base = records.get(session, "receipt", paid.id)
    with pytest.raises(UserError):
        receipts.post_receipt(session, values={"amount": money("500")}, allocations={owed: money("300")}, key=paid.id, base=base)
    receipts.post_receipt(session, values={"amount": money("460")}, allocations={owed: money("300"), used: money("150")}, key=paid.id, base=base)
    assert figures(session, "receipt", paid.id, "unallocated") == (money("10.00"),)
    settlements.keep_difference(session, receipt=paid.id)
    assert figures(session, "customer", of, "balance", "prepaid") == (money("0.00"), money("0.00"))


def test_an_allocation_moves_to_another_receivable_whole_or_in_part(session: Session) -> None:
    of = customer(session)
    first, second, foreign = debt(session, of, "100"), debt(session, of, "80"), debt(session, customer(session, "另一家"), "80")
    paid = receive(session, of, "100", {first: "100"})
    ((allocation,),) = rows(session, "allocation", "id")
    settlements.move_allocation(session, allocation=allocation, receivable=second, amount=money("30"))
    assert [figures(session, "receivable", key, "settled")[0] for key in (first, second)] == [money("70.00"), money("30.00")]
    for target, amount in ((second, "50.01"), (second, "0"), (second, "70.01"), (foreign, "10")):
        with pytest.raises(UserError):
            settlements.move_allocation(session, allocation=allocation, receivable=target, amount=money(amount))
    settlements.move_allocation(session, allocation=allocation, receivable=second, amount=money("50"), on=TODAY)
    assert [figures(session, "receivable", key, "settled")[0] for key in (first, second)] == [money("20.00"), money("80.00")]
    assert figures(session, "receipt", paid.id, "unallocated") == (money("0.00"),)


def test_a_write_off_moves_as_one(session: Session) -> None:
    of = customer(session)
    first, second = debt(session, of, "5"), debt(session, of, "8")
    settlements.settle_without_money(session, kind="difference", allocations={first: money("5")})
    ((allocation,),) = rows(session, "allocation", "id")
    settlements.move_allocation(session, allocation=allocation, receivable=second)
    assert figures(session, "receivable", second, "relieved") == (money("5.00"),)


def test_the_kind_of_what_settled_something_stays(session: Session) -> None:
    of = customer(session)
    paid = receive(session, of, "100", {debt(session, of, "100"): "100"})
    with pytest.raises(UserError, match="SK-26-0001"):
        records.save(session, "receipt", {"kind": "bad_debt"}, key=paid.id)


@pytest.mark.parametrize("amount", ["10.005", "99.999", "NaN", "-Infinity", "1e20", "92233720368547758.08"])
def test_a_part_of_a_cent_and_what_is_no_amount_are_refused(session: Session, amount: str) -> None:
    of = customer(session)
    key = debt(session, of, "100")
    paid = receive(session, of, "100")
    for attempt in (
        lambda: receive(session, of, "100", {key: amount}),
        lambda: receipts.apply_prepayment(session, paid.id, {key: money(amount)}),
        lambda: settlements.refund(session, receipt=paid.id, amount=money(amount)),
        lambda: settlements.settle_without_money(session, kind="credit", allocations={key: money(amount)}),
        lambda: records.save(session, "receipt", {"amount": money(amount)}, key=paid.id),
        lambda: records.save(session, "receipt", {"amount": float(amount)}, key=paid.id),
        lambda: debt(session, of, amount),
    ):
        with pytest.raises(UserError):
            attempt()
    assert rows(session, "allocation", "id") == []
    assert (figures(session, "receipt", paid.id, "amount"), len(rows(session, "receivable", "id"))) == ((money("100.00"),), 1)


def test_discounts_follow_from_the_terms(session: Session) -> None:
    of = customer(session, payment_terms="2/10 net 30")
    contract = add(session, "contract", customer=of, title="供货", signed_on=date(2026, 6, 25), amount=money("1000"), payment_terms="5/3, 1/10, n/60", state="active")
    ((planned, due),) = rows(session, "receivable", "id", "due_on", contract=contract)
    assert due == date(2026, 8, 24)
    plain = debt(session, of, "333.33", on=date(2026, 6, 21))
    old = debt(session, of, "100", on=date(2026, 6, 1))
    assert settlements.early_discounts(session, [planned, plain, old], paid_on=TODAY) == {planned: money("10.00"), plain: money("6.67")}


def test_payers_do_not_stand_in_line(session: Session) -> None:
    head = customer(session, "集团")
    branch = customer(session, "分公司", payer=head)
    for attempt in (
        lambda: customer(session, "孙公司", payer=branch),
        lambda: records.save(session, "customer", {"payer": Ref(branch, "")}, key=head),
        lambda: records.save(session, "customer", {"payer": Ref(branch, "")}, key=branch),
    ):
        with pytest.raises(UserError):
            attempt()


def test_the_two_sides_of_a_transfer_stay_the_same(session: Session) -> None:
    head = customer(session, "华信集团")
    branch = customer(session, "华信上海", payer=head)
    paid = receive(session, head, "100")
    done = settlements.transfer_prepayment(session, receipt=paid.id, customer=branch, amount=money("40")).result
    assert done.receipt is not None
    for values in ({"amount": money("10")}, {"kind": "receipt"}, {"customer": head}):
        with pytest.raises(UserError, match="40"):
            records.save(session, "receipt", values, key=done.receipt)
    with pytest.raises(UserError):
        records.change_many(session, "receivable", EVERYTHING, {"kind": "opening"})
    with pytest.raises(UserError):
        receive(session, branch, "5", kind="transfer")
    records.save(session, "receipt", {"note": "转入"}, key=done.receipt)
    owed = debt(session, branch, "40")
    receipts.post_receipt(session, values={}, allocations={owed: money("25")}, key=done.receipt)
    assert figures(session, "customer", branch, "balance", "prepaid") == (money("15.00"), money("15.00"))
    assert figures(session, "customer", head, "prepaid") == (money("60.00"),)


def test_what_follows_from_a_contract_is_changed_there(session: Session) -> None:
    key = add(session, "contract", customer=customer(session), title="法兰", signed_on=date(2026, 1, 1), state="active", amount=money("100"))
    ((owed,),) = rows(session, "receivable", "id")
    for values in ({"amount": money("80")}, {"kind": "manual"}):
        with pytest.raises(UserError):
            records.save(session, "receivable", values, key=owed)
    records.save(session, "contract", {"amount": money("80")}, key=key)
    assert figures(session, "receivable", owed, "amount") == (money("80.00"),)
    by_hand = debt(session, customer(session, "乙"), "5")
    with pytest.raises(UserError):
        records.save(session, "receivable", {"kind": "contract"}, key=by_hand)
    records.save(session, "receivable", {"kind": "delivery"}, key=by_hand)
