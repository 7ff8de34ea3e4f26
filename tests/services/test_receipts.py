"""Receipts settle receivables: never more than there is, never another customer's, and what is left is a prepayment."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_crm.base.errors import Blocked, UserError
from desktop_crm.domain.conditions import Where
from desktop_crm.models import putting_back
from desktop_crm.reports import run
from desktop_crm.services import allocations, receipts, records, undoing, writing
from desktop_crm.services.check import check
from tests.services.ledger import add, company, customer, debt, figures, money, receive, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.session import Session


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


def test_suggestions_by_due_date_and_by_ratio(session: Session) -> None:
    of = customer(session)
    late = debt(session, of, "1000", date(2026, 2, 1))
    later = debt(session, of, "500", date(2026, 3, 1))
    last = debt(session, of, "800", None, on=date(2026, 4, 1))
    debt(session, customer(session, "另一家"), "999", date(2025, 1, 1))
    assert receipts.suggest_allocation(session, of, money("1300")) == {late: money("1000"), later: money("300")}
    assert receipts.suggest_allocation(session, of, money("2500")) == {late: money("1000"), later: money("500"), last: money("800")}
    by_ratio = receipts.suggest_allocation(session, of, money("230"), by="ratio")
    assert by_ratio == {late: money("100.00"), later: money("50.00"), last: money("80.00")}
    open_ones = receipts.open_receivables(session, of)
    assert [(row["id"], row["remaining"], row["overdue_days"]) for row in open_ones] == [(late, 1000, 149), (later, 500, 121), (last, 800, 90)]


def test_posting_says_what_it_settled_and_what_is_prepaid(session: Session) -> None:
    of = customer(session)
    first, second = debt(session, of, "1000"), debt(session, of, "500")
    values = records.new(session, "receipt", customer=of, amount=money("1300"), received_on=date(2026, 2, 1))
    done = receipts.post_receipt(session, values=values, allocations={first: money("1000"), second: money("100")})
    assert (done.result.settled, done.result.partly, done.result.prepaid) == (1, 1, money("200.00"))
    assert "SK-26-0001" in done.label
    assert "200.00" in done.label
    assert figures(session, "customer", of, "balance", "prepaid") == (money("400.00"), money("200.00"))
    assert rows(session, "allocation", "allocated_on") == [(date(2026, 2, 1),)] * 2
    assert done.change_set is not None
    undoing.undo(session, done.change_set)
    assert figures(session, "customer", of, "balance", "prepaid") == (money("1500.00"), money("0.00"))


@pytest.mark.parametrize(("amount", "part"), [("100", "100.01"), ("500", "300.01"), ("100", "0"), ("100", "-1")])
def test_too_much_or_nothing_is_refused_and_nothing_is_kept(session: Session, amount: str, part: str) -> None:
    of = customer(session)
    key = debt(session, of, "300")
    with pytest.raises(UserError):
        receive(session, of, amount, {key: part})
    assert rows(session, "receipt", "id") == []


def test_another_customers_receivable_is_refused(session: Session) -> None:
    of, other = customer(session), customer(session, "另一家")
    key = debt(session, other, "300")
    with pytest.raises(UserError, match="YS-26-0001"):
        receive(session, of, "100", {key: "100"})
    with pytest.raises(UserError, match="YS-26-0001"):
        add(session, "receipt", customer=of, amount=money("100"), received_on=date(2026, 2, 1),
            lines={"allocation": [{"receivable": key, "amount": money("100")}]})  # fmt: skip
    paid = receive(session, other, "100", {key: "100"})
    with pytest.raises(UserError, match="YS-26-0001"):
        records.save(session, "receipt", {"customer": of}, key=paid.id)
    with pytest.raises(UserError, match="SK-26-0001"):
        records.save(session, "receivable", {"customer": of}, key=key)


def test_documents_can_not_become_smaller_than_what_is_allocated(session: Session) -> None:
    of = customer(session)
    key = debt(session, of, "300")
    paid = receive(session, of, "200", {key: "150"})
    with pytest.raises(UserError, match="YS-26-0001"):
        records.save(session, "receivable", {"amount": money("149.99")}, key=key)
    with pytest.raises(UserError, match="SK-26-0001"):
        records.save(session, "receipt", {"amount": money("149.99")}, key=paid.id)
    with pytest.raises(Blocked, match="YS-26-0001"):
        records.delete(session, "receivable", [key])
    records.save(session, "receivable", {"amount": money("150")}, key=key)
    assert figures(session, "receivable", key, "state", "remaining") == ("settled", money("0.00"))


def test_changing_allocations_moves_amounts_between_receivables(session: Session) -> None:
    of = customer(session)
    first, second = debt(session, of, "60"), debt(session, of, "100")
    paid = receive(session, of, "100", {first: "60", second: "40"})
    base = records.get(session, "receipt", paid.id)
    offered = receipts.open_receivables(session, of, receipt=paid.id)
    assert [(row["id"], row["remaining"], row["allocated"]) for row in offered] == [(first, 60, 60), (second, 100, 40)]
    done = receipts.post_receipt(session, values={**base, "amount": money("110")}, allocations={second: money("100"), first: money("10")}, key=paid.id, base=base)
    assert done.result.prepaid == 0
    assert figures(session, "receivable", first, "settled") == (money("10.00"),)
    assert figures(session, "receivable", second, "settled") == (money("100.00"),)
    with pytest.raises(UserError):
        receipts.post_receipt(session, values={**base}, allocations={first: money("60")}, key=paid.id, base=base)


def test_money_received_is_never_below_zero(session: Session) -> None:
    of = customer(session)
    with pytest.raises(UserError, match="退款"):
        receive(session, of, "-5")
    assert rows(session, "receipt", "id") == []


def test_a_credit_note_offsets_an_invoice(session: Session) -> None:
    of = customer(session)
    invoice, credit = debt(session, of, "100"), debt(session, of, "-100", on=date(2026, 2, 1))
    receive(session, of, "0", {invoice: "100", credit: "-100"})
    assert figures(session, "customer", of, "balance", "prepaid") == (0, 0)
    assert receipts.open_receivables(session, of) == []
    with pytest.raises(UserError):
        receive(session, of, "0", {credit: "-1"})


def test_a_prepayment_is_applied_later(session: Session) -> None:
    of = customer(session)
    paid = receive(session, of, "500")
    assert [row["unallocated"] for row in receipts.receipts_with_prepayment(session, of)] == [money("500.00")]
    key = debt(session, of, "300", on=date(2026, 3, 1))
    done = receipts.apply_prepayment(session, paid.id, {key: money("300")})
    assert (done.result.settled, done.result.prepaid) == (1, money("200.00"))
    assert rows(session, "allocation", "allocated_on") == [(date(2026, 6, 30),)]
    more = debt(session, of, "300", on=date(2026, 3, 1))
    with pytest.raises(UserError, match=r"200\.00"):
        receipts.apply_prepayment(session, paid.id, {more: money("200.01")})


def test_receipts_settle_the_documents_they_name(session: Session) -> None:
    of = customer(session)
    first, second = debt(session, of, "100", number="A-1"), debt(session, of, "50", number="A-2")
    contract = add(session, "contract", customer=of, signed_on=date(2026, 1, 1), amount=money("70"), state="active")
    add(session, "invoice", number="26320000000000000001", customer=of, contract=contract, issued_on=date(2026, 1, 5), total=money("70"))
    values = records.new(session, "receipt", amount=money("260"), received_on=date(2026, 2, 1), settles="A-2，A-1；26320000000000000001 未知")
    done = receipts.post_receipt(session, values=values, allocations={}).result
    assert (done.settled, done.prepaid) == (3, money("40.00"))
    assert figures(session, "receipt", done.id, "customer") == (of,)
    assert rows(session, "allocation", "receivable", "amount")[:2] == [(second, money("50.00")), (first, money("100.00"))]
    assert figures(session, "contract", contract, "received") == (money("70.00"),)
    receipts.post_receipt(session, values={}, allocations={}, key=done.id)
    records.save(session, "receipt", {"note": "released"}, key=done.id)
    assert figures(session, "receipt", done.id, "allocated") == (0,)


def test_naming_another_customers_document_is_refused(session: Session) -> None:
    debt(session, customer(session, "另一家"), "100", number="A-1")
    with pytest.raises(UserError, match="A-1"):
        receive(session, customer(session), "10", settles="A-1")


def test_many_named_receipts_share_a_receivable_without_a_query_for_each(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    of = customer(session)
    key = debt(session, of, "100", number="A-1")
    many = [records.new(session, "receipt", amount=money("30"), received_on=date(2026, 2, 1), settles="A-1", number=f"R{number}") for number in range(40)]
    asked: list[Any] = []
    real = session.store.execute

    def counted(query: Any) -> Any:
        asked.append(query)
        return real(query)

    monkeypatch.setattr(session.store, "execute", counted)
    session.write("import", "import", lambda: writing.insert_rows(session, "receipt", many))
    assert len(asked) < 30
    assert rows(session, "allocation", "amount") == [(money("30.00"),)] * 3 + [(money("10.00"),)]
    assert {row[0] for row in rows(session, "receipt", "customer")} == {of}
    assert figures(session, "receivable", key, "state") == ("settled",)


def test_an_undo_that_would_leave_too_much_allocated_is_found(session: Session) -> None:
    of = customer(session)
    key = debt(session, of, "300")
    paid = receive(session, of, "100")
    raised = records.save(session, "receipt", {"amount": money("300")}, key=paid.id)
    receipts.apply_prepayment(session, paid.id, {key: money("300")})
    assert raised.change_set is not None
    touched = session.log.touched(raised.change_set)

    def undo_and_check() -> None:
        putting_back.undo(session.log, [raised.change_set or 0], session.now)
        allocations.check_books(session, touched)

    with pytest.raises(UserError, match="SK-26-0001"):
        session.write("undo", "undo", undo_and_check)
    assert figures(session, "receipt", paid.id, "amount", "allocated") == (money("300.00"), money("300.00"))


AMOUNTS = st.integers(1, 5000).map(lambda cents: Decimal(cents).scaleb(-2))
STEP = st.tuples(st.sampled_from(["debt", "receive", "named", "change", "undo"]), AMOUNTS, st.integers(0, 9), st.sampled_from(["due", "ratio"]))


@settings(max_examples=12)
@given(st.lists(STEP, min_size=4, max_size=14))
def test_sums_hold_after_any_sequence_of_posting_and_undoing(session: Session, steps: list[tuple[str, Decimal, int, str]]) -> None:
    of = customer(session, "客户")
    done: list[int] = []
    for action, amount, pick, by in steps:
        changed = _act(session, of, action, amount, pick, by, done)
        if changed is not None:
            done.append(changed)
        _check_sums(session, of)


def _act(session: Session, of: int, action: str, amount: Decimal, pick: int, by: Any, done: list[int]) -> int | None:
    paid = rows(session, "receipt", "id", customer=of)
    values = {"customer": of, "amount": amount, "received_on": date(2026, 2, 1)}
    try:
        if action == "debt":
            return records.save(session, "receivable", {"customer": of, "amount": amount, "document_on": date(2026, 1, 1 + pick)}).change_set
        if action == "receive":
            return receipts.post_receipt(session, values=values, allocations=receipts.suggest_allocation(session, of, amount, by=by)).change_set
        if action == "named":
            numbers = [row["number"] for row in receipts.open_receivables(session, of)][: pick % 3]
            return receipts.post_receipt(session, values={**values, "settles": ",".join(numbers)}, allocations={}).change_set
        if action == "change" and paid:
            key = paid[pick % len(paid)][0]
            parts = receipts.suggest_allocation(session, of, amount, by=by, receipt=key)
            return receipts.post_receipt(session, values={"amount": amount}, allocations=parts, key=key).change_set
        if action == "undo" and done:
            undoing.undo(session, done.pop(pick % len(done)))
    except UserError:
        # A later change stands on top of what was to be undone: refused whole.
        return None
    return None


def _check_sums(session: Session, of: int) -> None:
    settled: dict[int, Decimal] = defaultdict(Decimal)
    allocated: dict[int, Decimal] = defaultdict(Decimal)
    for receipt, receivable, amount in rows(session, "allocation", "receipt", "receivable", "amount"):
        allocated[receipt] += amount
        settled[receivable] += amount
    debts = rows(session, "receivable", "id", "amount", "settled", "remaining", customer=of)
    paid = rows(session, "receipt", "id", "amount", "allocated", "unallocated", customer=of)
    assert all((kept, left) == (settled[key], amount - settled[key]) and 0 <= kept <= amount for key, amount, kept, left in debts)
    assert all((kept, left) == (allocated[key], amount - allocated[key]) for key, amount, kept, left in paid)
    expected = sum(row[3] for row in debts), sum(row[3] for row in paid)
    assert figures(session, "customer", of, "balance", "prepaid") == expected


def test_a_receipt_for_a_contract_pays_its_receivables_first_and_what_is_left_counts_for_it(session: Session) -> None:
    of = customer(session)
    old = debt(session, of, "100", date(2026, 1, 1))
    contract = records.save(session, "contract", records.new(session, "contract", customer=of, signed_on=date(2026, 5, 1), amount=Decimal(300), state="active")).result.id
    (own,) = session.records.ids_where(session.entity("receivable"), Where("contract", "eq", contract))
    assert [row["id"] for row in receipts.open_receivables(session, of, contract=contract)] == [own, old]
    assert receipts.suggest_allocation(session, of, money("250"), contract=contract) == {own: money("250")}
    assert receipts.suggest_allocation(session, of, money("100"), by="exact", contract=contract) == {own: money("100")}
    assert receipts.suggest_allocation(session, of, money("350"), contract=contract) == {own: money("300"), old: money("50")}
    values = records.new(session, "receipt", customer=of, contract=contract, amount=money("120"), received_on=date(2026, 6, 1))
    paid = receipts.post_receipt(session, values=values, allocations={own: money("20")}).result
    assert figures(session, "contract", contract, "received", "prepaid") == (money("20"), money("100"))
    (row,) = [one for one in run(session, "invoiced").rows if int(one.values["contract"]) == contract]
    assert (row.values["received"], row.values["prepaid"], row.values["received_share"]) == (money("120"), money("100"), Decimal("0.4"))
    receipts.apply_prepayment(session, paid.id, {own: money("100")})
    assert figures(session, "contract", contract, "received", "prepaid") == (money("120"), money("0"))
    draft = records.save(session, "contract", records.new(session, "contract", customer=of, signed_on=date(2026, 5, 1), amount=Decimal(5))).result.id
    receipts.post_receipt(session, values=records.new(session, "receipt", customer=of, contract=draft, amount=money("5"), received_on=date(2026, 6, 1)), allocations={})
    other = records.new(session, "receipt", customer=customer(session, "另一家"), contract=contract, amount=money("1"), received_on=date(2026, 6, 1))
    with pytest.raises(UserError, match="另一"):
        receipts.post_receipt(session, values=other, allocations={})
    with pytest.raises(UserError, match="另一"):
        records.save(session, "contract", {"customer": other["customer"]}, key=draft)
    assert check(session) == []
