"""Invoices cover receivables and contract lines, many to many, never more than there is; a red letter frees them again. And the credit limit."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import Invalid, NotAllowed, UserError
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.services import invoices, receipts, records, undoing, users
from desktop_crm.services.check import check
from tests.services.ledger import TODAY, add, company, customer, debt, figures, money, rows, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.session import Changes, Session


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made
        assert check(made) == []


def issue(session: Session, number: str, parts: dict[int, str], lines: dict[int, str] | None = None) -> Changes[int]:
    values = {"number": number, "issued_on": TODAY, "kind": "e_special"}
    return invoices.issue_invoice(session, values=values, receivables={key: money(part) for key, part in parts.items()},
                                  lines={key: money(part) for key, part in (lines or {}).items()})  # fmt: skip


def sold(session: Session, of: int, amount: str = "1130") -> tuple[int, int, int]:
    """Return a contract in force with one line, the line and its receivable."""
    line = {"product_name": "阀门", "quantity": money("1"), "price": money(amount)}
    contract = add(session, "contract", customer=of, title="阀门", signed_on=date(2026, 1, 1), state="active", lines={"contract_line": [line]})
    return contract, rows(session, "contract_line", "id", contract=contract)[0][0], rows(session, "receivable", "id", contract=contract)[0][0]


def test_one_invoice_for_several_receivables_and_several_for_one(session: Session) -> None:
    of = customer(session)
    first, second = debt(session, of, "1000"), debt(session, of, "500")
    merged = issue(session, "1", {first: "600", second: "500"}).result
    issue(session, "2", {first: "300"})
    assert figures(session, "invoice", merged, "total", "covered", "net", "tax") == (money("1100.00"), money("1100.00"), money("973.45"), money("126.55"))
    assert [figures(session, "receivable", key, "invoiced", "uninvoiced") for key in (first, second)] == [
        (money("900.00"), money("100.00")), (money("500.00"), money("0.00"))]
    assert [row["id"] for row in invoices.to_invoice(session, of)] == [first]


def test_an_invoice_beyond_what_is_left_is_refused(session: Session) -> None:
    of = customer(session)
    first, foreign = debt(session, of, "1000"), debt(session, customer(session, "另一家"), "1000")
    issue(session, "1", {first: "600"})
    for parts in ({first: "400.01"}, {first: "0"}, {first: "-5"}, {first: "100", foreign: "100"}, {first: "0.001"}):
        with pytest.raises(UserError):
            issue(session, "2", parts)
    assert rows(session, "invoice", "number") == [("1",)]
    with pytest.raises(UserError):
        records.save(session, "receivable", {"amount": money("599.99")}, key=first)


def test_contracts_know_what_was_invoiced_by_receivable_by_line_and_whole(session: Session) -> None:
    of = customer(session)
    contract, line, owed = sold(session, of)
    issue(session, "1", {owed: "100"})
    issue(session, "2", {}, {line: "200"})
    add(session, "invoice", customer=of, contract=contract, number="3", issued_on=TODAY, total=money("300"))
    assert figures(session, "contract", contract, "invoiced") == (money("600.00"),)
    assert rows(session, "contract_line", "invoiced", "uninvoiced") == [(money("200.00"), money("930.00"))]
    with pytest.raises(UserError, match=r"1,130\.00"):
        add(session, "invoice", customer=of, contract=contract, number="4", issued_on=TODAY, total=money("530.01"))
    issue(session, "5", {}, {line: "530"})
    assert figures(session, "contract", contract, "invoiced") == (money("1130.00"),)


def test_a_red_letter_frees_what_was_covered(session: Session) -> None:
    of = customer(session)
    contract, _line, first = sold(session, of)
    second = debt(session, of, "500")
    made = issue(session, "1", {first: "1000", second: "500"}).result
    part = invoices.red_letter(session, invoice=made, number="R1", total=money("1200"))
    assert [figures(session, "receivable", key, "invoiced")[0] for key in (first, second)] == [money("0.00"), money("300.00")]
    assert figures(session, "contract", contract, "invoiced") == (money("0.00"),)
    assert figures(session, "invoice", made, "taken_back", "state") == (money("1200.00"), "partly_back")
    with pytest.raises(UserError, match=r"300\.00"):
        invoices.red_letter(session, invoice=made, number="R2", total=money("300.01"))
    invoices.red_letter(session, invoice=made, number="R2")
    assert figures(session, "invoice", made, "state") == ("back",)
    assert figures(session, "invoice", part.result, "state", "total") == ("red", money("-1200.00"))
    issue(session, "2", {first: "1130", second: "500"})
    assert part.change_set is not None
    with pytest.raises(UserError):
        undoing.undo(session, part.change_set)


def test_receipts_that_name_an_invoice_settle_what_it_covers(session: Session) -> None:
    of = customer(session)
    debt(session, of, "100", date(2026, 1, 5))
    covered = debt(session, of, "200", date(2026, 3, 5))
    issue(session, "24110001", {covered: "200"})
    posted = receipts.post_receipt(session, values={"amount": money("250"), "received_on": TODAY, "settles": "24110001"}, allocations={}).result
    assert rows(session, "allocation", "receivable", "amount") == [(covered, money("200.00"))]
    assert posted.prepaid == money("50.00")


def test_the_credit_limit_warns_or_holds_by_setting(session: Session) -> None:
    of = customer(session, credit_limit=money("1000"))
    debt(session, of, "900")
    done = records.save(session, "receivable", records.new(session, "receivable", customer=of, amount=money("300"), document_on=TODAY))
    assert "200.00" in done.label
    assert "1,000.00" in done.label
    profile = session.records.ids_where(session.entity("company"), EVERYTHING)[0]
    records.save(session, "company", {"credit_control": "hold"}, key=profile)
    with pytest.raises(UserError, match=r"1,000\.00"):
        sold(session, of, "500")
    assert rows(session, "contract", "id") == []
    receipts.post_receipt(session, values=records.new(session, "receipt", customer=of, amount=money("800"), received_on=TODAY), allocations={})
    sold(session, of, "500")
    records.save(session, "company", {"credit_control": "off"}, key=profile)
    debt(session, of, "5000")
    assert figures(session, "customer", of, "exposure") == (money("5900.00"),)
    records.save(session, "company", {"credit_control": "hold"}, key=profile)
    key = rows(session, "receivable", "id")[0][0]
    records.save(session, "receivable", {"note": "已催"}, key=key)
    records.save(session, "receivable", {"amount": money("800")}, key=key)


def test_where_a_limit_holds_only_finance_and_managers_raise_it(session: Session) -> None:
    profile = session.records.ids_where(session.entity("company"), EVERYTHING)[0]
    seller = users.add_user(session, {"name": "小李", "login": "li", "role": "sales"}).result.id
    users.add_user(session, {"name": "会计", "login": "kj", "role": "finance"})
    of = customer(session, credit_limit=money("1000"), owner=seller)
    draft = add(session, "contract", customer=of, title="阀门", signed_on=TODAY, amount=money("1200"), owner=seller)
    with signed_in(session.url, "li") as own:
        records.save(own, "customer", {"credit_limit": money("1500")}, key=of)
        records.save(own, "customer", {"credit_limit": money("1000")}, key=of)
        records.save(session, "company", {"credit_control": "hold"}, key=profile)
        for limit in (money("1200"), money("0"), None):
            with pytest.raises(NotAllowed, match=r"1,000\.00") as refused:
                records.save(own, "customer", {"credit_limit": limit}, key=of)
            assert refused.value.field == "credit_limit"
        with pytest.raises(NotAllowed):
            records.change_many(own, "customer", EVERYTHING, {"credit_limit": money("5000")})
        with pytest.raises(UserError, match=r"1,000\.00.*200\.00.*0\.00.*1,200\.00"):
            records.change_many(own, "contract", EVERYTHING, {"state": "active"})
        with signed_in(session.url, "kj") as finance:
            records.save(finance, "customer", {"credit_limit": money("1200")}, key=of)
        records.save(own, "contract", {"state": "active"}, key=draft)
        lowered = records.save(own, "customer", {"credit_limit": money("800")}, key=of)
        assert "1,200.00" in lowered.label, "whoever lowers a limit learns what is in use already"
    assert rows(session, "customer", "credit_limit", "exposure") == [(money("800.00"), money("1200.00"))]


def test_open_contracts_and_undelivered_orders_count_once(session: Session) -> None:
    of = customer(session, credit_limit=money("1000"))
    draft, _first, _second = sold(session, of, "400")
    records.save(session, "contract", {"state": "draft"}, key=draft)
    assert figures(session, "customer", of, "exposure") == (money("0.00"),), "a draft binds nobody"
    records.save(session, "contract", {"state": "active"}, key=draft)
    assert figures(session, "customer", of, "exposure", "balance") == (money("400.00"), money("400.00")), "in force it counts, delivered or not"
    ((owed,),) = rows(session, "receivable", "id")
    invoices.issue_invoice(session, values={"number": "24110001", "issued_on": TODAY}, receivables={owed: money("400")})
    records.save(session, "contract", {"state": "done"}, key=draft)
    assert figures(session, "customer", of, "exposure") == (money("400.00"),), "neither invoicing nor delivering counts it again"
    by_hand = records.new(session, "receivable", customer=of, contract=draft, kind="delivery", amount=money("150"), document_on=TODAY)
    done = records.save(session, "receivable", by_hand)
    assert "550.00" in done.label, "what is entered beside the contract's own is remarked"
    receipts.post_receipt(session, values=records.new(session, "receipt", customer=of, amount=money("100"), received_on=TODAY), allocations={owed: money("60")})
    assert figures(session, "customer", of, "exposure", "balance", "prepaid") == (money("450.00"), money("490.00"), money("40.00"))


@pytest.mark.parametrize(("entity", "field", "amount"), [("customer", "credit_limit", "-1"), ("customer", "credit_limit", "0.005"), ("customer", "opening_balance", "1.001"), ("contract", "amount", "2.675")])
def test_amounts_that_are_none_are_refused(session: Session, entity: str, field: str, amount: str) -> None:
    given = {"customer": customer(session), "signed_on": TODAY} if entity == "contract" else {"name": "丙公司"}
    before = records.count(session, entity)
    with pytest.raises(Invalid):
        records.save(session, entity, records.new(session, entity, **given, **{field: money(amount)}))
    assert records.count(session, entity) == before


def test_of_thousands_of_remarks_a_few_are_said(session: Session) -> None:
    def many() -> None:
        for number in range(9):
            session.remark(f"#{number}")

    label = session.write("test", "x", many).label
    assert "#2" in label
    assert "#3" not in label
    assert "6" in label
