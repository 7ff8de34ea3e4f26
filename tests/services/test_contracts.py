"""A contract in force has the receivables its plan says, and nothing that is settled gets lost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from desktop_crm.base.errors import Blocked, Invalid, UserError, ValueProblem
from desktop_crm.domain.instalments import by_shares, equal, monthly
from desktop_crm.services import contracts, documents, records, undoing
from tests.services.ledger import add, company, customer, figures, money, receive, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.session import Session

SIGNED = date(2026, 1, 10)


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


def line(price: str, quantity: str = "1", **values: Any) -> dict[str, Any]:
    return {"product_name": "机床", "quantity": money(quantity), "price": money(price), **values}


def instalment(name: str, amount: str, due: date = date(2026, 3, 1)) -> dict[str, Any]:
    return {"name": name, "amount": money(amount), "due_on": due}


def contract(session: Session, plan: list[dict[str, Any]], *, total: str = "100", state: str = "active", **values: Any) -> int:
    of = values.pop("customer", None) or customer(session)
    return add(session, "contract", customer=of, signed_on=SIGNED, state=state, lines={"contract_line": [line(total)], "instalment": plan}, **values)


def plan_of(session: Session, key: int) -> list[dict[str, Any]]:
    return records.lines(session, "contract", key)["instalment"]


def change(session: Session, key: int, plan: list[dict[str, Any]] | None = None, **values: Any) -> None:
    records.save(session, "contract", values, key=key, lines={"instalment": plan} if plan is not None else None)


def receivables(session: Session, key: int) -> list[tuple[Any, ...]]:
    return rows(session, "receivable", "name", "document_on", "due_on", "amount", contract=key)


def test_each_instalment_has_one_receivable_once_in_force(session: Session) -> None:
    key = contract(session, [instalment("预付款", "30"), instalment("尾款", "70", date(2026, 5, 1))], state="draft")
    assert receivables(session, key) == []
    change(session, key, state="active")
    expected = [("预付款", SIGNED, date(2026, 3, 1), money("30.00")), ("尾款", SIGNED, date(2026, 5, 1), money("70.00"))]
    assert receivables(session, key) == expected
    change(session, key, note="again")
    assert receivables(session, key) == expected
    change(session, key, state="done")
    assert receivables(session, key) == expected
    assert figures(session, "contract", key, "receivable_total", "unreceived") == (money("100"), money("100"))


def test_receivables_follow_a_changed_plan_keeping_their_numbers(session: Session) -> None:
    key = contract(session, [instalment("预付款", "30"), instalment("尾款", "70")])
    first, second = rows(session, "receivable", "number", contract=key)
    plan = plan_of(session, key)
    change(session, key, [{**plan[0], "amount": money("40"), "due_on": date(2026, 4, 1)}, {**plan[1], "amount": money("60")}])
    found = rows(session, "receivable", "number", "amount", "due_on", contract=key)
    assert found == [(*first, money("40.00"), date(2026, 4, 1)), (*second, money("60.00"), date(2026, 3, 1))]
    change(session, key, [{**plan_of(session, key)[1], "amount": money("100")}])
    assert rows(session, "receivable", "number", "amount", contract=key) == [(*second, money("100.00"))]


def test_a_plan_in_force_must_add_up(session: Session) -> None:
    with pytest.raises(UserError, match=r"9\.50"):
        contract(session, [instalment("预付款", "30.50"), instalment("尾款", "60")])
    assert rows(session, "contract", "number") == []
    draft = contract(session, [instalment("预付款", "30")], state="draft")
    with pytest.raises(UserError, match=r"70\.00"):
        change(session, draft, state="active")
    assert figures(session, "contract", draft, "state") == ("draft",)


def test_without_a_plan_the_whole_is_due_by_the_terms(session: Session) -> None:
    by_terms = contract(session, [], payment_terms="月结30天", title="机床采购")
    unreadable = contract(session, [], payment_terms="看情况再说")
    assert receivables(session, by_terms) == [("机床采购", SIGNED, date(2026, 3, 2), money("100.00"))]
    ((_name, _on, due, amount),) = receivables(session, unreadable)
    assert (due, amount) == (None, money("100.00"))
    assert rows(session, "receivable", "falls_due", contract=unreadable) == [(SIGNED,)]


def test_a_settled_receivable_neither_shrinks_nor_goes(session: Session) -> None:
    key = contract(session, [instalment("预付款", "30"), instalment("尾款", "70")])
    of = figures(session, "contract", key, "customer")[0]
    ((paid, number), _other) = rows(session, "receivable", "id", "number", contract=key)
    receive(session, of, "25", {paid: "25"})
    plan = plan_of(session, key)
    with pytest.raises(UserError, match=number):
        change(session, key, [{**plan[0], "amount": money("20")}, {**plan[1], "amount": money("80")}])
    with pytest.raises(Blocked, match=number):
        change(session, key, [{**plan[1], "amount": money("100")}])
    with pytest.raises(Blocked, match=number):
        records.delete(session, "contract", [key])
    with pytest.raises(Blocked, match=number):
        records.delete(session, "receivable", [paid])
    change(session, key, [{**plan[0], "amount": money("25")}, {**plan[1], "amount": money("75")}])
    assert rows(session, "receivable", "amount", "settled", contract=key) == [(money("25"), money("25")), (money("75"), money("0"))]


def test_moving_a_settled_contract_to_another_customer_is_refused(session: Session) -> None:
    key = contract(session, [])
    of = figures(session, "contract", key, "customer")[0]
    ((receivable,),) = rows(session, "receivable", "id", contract=key)
    receive(session, of, "10", {receivable: "10"})
    with pytest.raises(UserError, match="SK-26-0001"):
        change(session, key, customer=customer(session, "另一家"))


def test_ending_a_contract_drops_what_is_not_settled(session: Session) -> None:
    key = contract(session, [instalment("预付款", "30"), instalment("尾款", "70")])
    of = figures(session, "contract", key, "customer")[0]
    receive(session, of, "10", {rows(session, "receivable", "id", contract=key)[0][0]: "10"})
    change(session, key, state="ended")
    assert rows(session, "receivable", "name", "remaining", contract=key) == [("预付款", money("20.00"))]


def test_deleting_a_contract_takes_its_receivables_and_undo_brings_them_back(session: Session) -> None:
    key = contract(session, [instalment("预付款", "30"), instalment("尾款", "70")])
    before = rows(session, "receivable", "number", "instalment", "amount")
    deleted = records.delete(session, "contract", [key])
    assert rows(session, "receivable", "id") == []
    assert deleted.change_set is not None
    undoing.undo(session, deleted.change_set)
    assert rows(session, "receivable", "number", "instalment", "amount") == before
    assert figures(session, "contract", key, "total", "planned", "receivable_total") == (money("100"), money("100"), money("100"))


def test_many_contracts_get_their_receivables_without_a_query_for_each(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    of = customer(session)
    keys = [contract(session, [instalment("预付款", "30"), instalment("尾款", "70")], state="draft", customer=of) for _number in range(12)]
    asked: list[str] = []
    real = session.store.execute

    def counted(query: Any) -> Any:
        asked.append(str(query))
        return real(query)

    monkeypatch.setattr(session.store, "execute", counted)
    contracts.follow_plan(session, keys)
    assert len(asked) <= 5
    assert rows(session, "receivable", "id") == []


def test_an_opportunity_is_won_by_its_contract(session: Session) -> None:
    of = customer(session)
    opportunity = add(session, "opportunity", name="二期项目", customer=of, amount=money("800"))
    values = contracts.from_opportunity(session, opportunity)
    assert (values["customer"], values["title"], values["amount"]) == (of, "二期项目", money("800.00"))
    key = records.save(session, "contract", values).result.id
    assert figures(session, "opportunity", opportunity, "stage") == ("found",)
    change(session, key, state="active")
    assert figures(session, "opportunity", opportunity, "stage", "probability") == ("won", Decimal(1))
    assert rows(session, "receivable", "amount", contract=key) == [(money("800.00"),)]


def test_plans_by_template_add_up(session: Session) -> None:
    parts = contracts.plan_instalments(session, money("9999.99"), "30/60/10", SIGNED)
    assert [part["amount"] for part in parts] == [money("3000.00"), money("5999.99"), money("1000.00")]
    assert contracts.balance_of_plan(money("9999.99"), parts) == 0
    assert contracts.balance_of_plan(money("100"), [{"amount": money("30")}, {"amount": None}]) == money("70")
    with pytest.raises(UserError, match="40/50"):
        contracts.plan_instalments(session, money("1"), "40/50", SIGNED)


def test_print_values_of_a_contract(session: Session) -> None:
    of = add(session, "customer", name="恒泰", credit_code="91350100M000100Y43", contact_person="王经理", mobile="13800138000",
             lines={"invoice_title": [{"title": "恒泰总公司"}, {"title": "恒泰分公司", "preferred": True}]})  # fmt: skip
    key = add(session, "contract", customer=of, signed_on=SIGNED, state="active", lines={
        "contract_line": [line("10", "3", discount=money("0.9"))], "instalment": [instalment("预付款", "27")]})  # fmt: skip
    values = documents.print_values(session, "contract", key)
    assert (values["state"], values["signed_on"], values["total"]) == ("执行中", SIGNED, money("27.00"))
    assert (values["customer"]["name"], values["customer"]["status"], values["customer"]["owner"]) == ("恒泰", "新客户", "boss")
    assert [(row["no"], row["product_name"], row["total"]) for row in values["lines"]] == [(1, "机床", money("27.00"))]
    assert [(row["no"], row["name"]) for row in values["instalments"]] == [(1, "预付款")]
    assert (values["discount_total"], values["net"] + values["tax"]) == (money("3.00"), money("27.00"))
    assert values["invoice_title"]["title"] == "恒泰分公司"
    assert (values["contact"]["name"], values["contact"]["mobile"]) == ("王经理", "13800138000")
    assert (values["owner"]["name"], values["print"]["user"], values["company"]["name"]) == ("boss", "boss", "我的公司")
    bare = contract(session, [], customer=customer(session, "无抬头", credit_code="91350100M000100Y43"))
    assert documents.print_values(session, "contract", bare)["invoice_title"] == {"title": "无抬头", "tax_number": "91350100M000100Y43"}


def test_a_plan_has_no_empty_instalments_and_none_against_the_contract(session: Session) -> None:
    for total, template in (("0.01", equal(3)), ("0.05", "30/60/10"), ("-0.02", monthly(6))):
        with pytest.raises(ValueProblem, match=str(len(by_shares(template) if isinstance(template, str) else template))):
            contracts.plan_instalments(session, money(total), template, SIGNED)
    assert [str(row["amount"]) for row in contracts.plan_instalments(session, money("0.03"), equal(3), SIGNED)] == ["0.01", "0.01", "0.01"]
    with pytest.raises(UserError, match="多收"):
        contract(session, [instalment("多收", "150"), instalment("退回", "-50")])
    assert rows(session, "receivable", "id") == rows(session, "contract", "id") == []


def test_a_line_beyond_all_amounts_is_refused(session: Session) -> None:
    """Each figure is within its limit, their product is not: neither database could keep it."""
    with pytest.raises(Invalid, match="价税合计"):
        add(session, "contract", customer=customer(session), state="draft", signed_on=date(2026, 1, 1), lines={"contract_line": [line("9999999999", "69012345678")]})
    assert not rows(session, "contract", "id")
