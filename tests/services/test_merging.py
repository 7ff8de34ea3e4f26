"""Several records made one: everything moves, nothing is lost, one undo brings all of it back. On both engines."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_crm.base.errors import Conflict, Invalid, NotAllowed, NotFound, UserError
from desktop_crm.domain.conditions import EVERYTHING, Where
from desktop_crm.models.registry import REGISTER, full_catalog
from desktop_crm.services import policy, receipts, records, users
from desktop_crm.services.check import check
from desktop_crm.services.history import record_history
from desktop_crm.services.merging import merge, offer, proposal
from desktop_crm.services.session import Session, open_session, prepare
from desktop_crm.services.undoing import undo
from tests.conformance.test_entities import RULES_MOVE
from tests.support.company import company, make, values_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


prepare()


@pytest.fixture
def boss(db_url: str) -> Iterator[Session]:
    with company(db_url) as session:
        yield session


def everything(session: Session) -> dict[str, dict[int, dict[str, Any]]]:
    """Return every record with all that is stored of it, sums included, but what only counts changes."""
    made = {}
    for name, entry in REGISTER.items():
        fields = [field for field in entry.stored() if field not in {"version", "updated_at"}]
        ids = session.records.ids_where(entry, EVERYTHING)
        made[name] = {row["id"]: {field: row[field] for field in fields} for row in session.records.rows(entry, ids, fields)}
    return made


def with_documents(session: Session, name: str, amount: int, **given: Any) -> int:
    """Make a customer with a contract in force, a receipt that settles a part of it, a contact and a follow-up."""
    customer = make(session, "customer", name=name, **given)
    contact = make(session, "contact", name=f"{name}的张三", customer=customer)
    lines = [{"product_name": "货", "quantity": Decimal(1), "price": Decimal(amount)}]
    contract = records.save(session, "contract", records.new(session, "contract", customer=customer, contact=contact, signed_on=date(2026, 1, 5), state="active"),
                            lines={"contract_line": lines}).result.id
    (debt,) = session.records.ids_where(session.entity("receivable"), Where("contract", "eq", contract))
    receipts.post_receipt(session, values={"customer": customer, "contract": contract, "amount": Decimal(amount), "received_on": date(2026, 2, 1)}, allocations={debt: Decimal(amount) / 2})
    make(session, "activity", customer=customer, content="谈过", contract=contract)
    return customer


def test_two_customers_become_one_with_all_their_documents_and_one_undo_parts_them_again(boss: Session) -> None:
    kept = with_documents(boss, "恒泰科技有限公司", 1000, phone="", city="上海", opening_balance=Decimal(500))
    gone = with_documents(boss, "恒泰科技", 400, phone="021-61234567", city="苏州", opening_balance=Decimal("70.5"))
    before = everything(boss)
    seen = offer(boss, "customer", [kept, gone])
    chosen = proposal(boss.spec("customer"), seen.rows, kept)
    assert (chosen["name"], chosen["phone"], chosen["city"]) == ("恒泰科技有限公司", "021-61234567", "上海")
    assert {(one.entity, one.count, one.by_record[gone]) for one in seen.moves} == {
        ("contact", 2, 1), ("contract", 2, 1), ("receivable", 4, 2), ("receipt", 2, 1), ("activity", 2, 1)}
    done = merge(boss, "customer", kept, [gone], {**chosen, "city": "苏州"}, versions=seen.versions())
    assert done.result.moved == {"contact": 1, "contract": 1, "receivable": 2, "receipt": 1, "activity": 1}
    assert "恒泰科技" in done.label
    now = records.get(boss, "customer", kept)
    assert (now["city"], now["opening_balance"], now["contract_total"], now["received_total"], now["prepaid"]) == (
        "苏州", Decimal("570.50"), Decimal(1400), Decimal(1400), Decimal(700))
    assert now["balance"] == Decimal(1400) + Decimal("570.5") - Decimal(700)
    assert records.count(boss, "customer") == 1
    assert records.count(boss, "receivable", Where("kind", "eq", "opening")) == 2
    assert check(boss) == []
    assert {event.kind for event in record_history(boss, "customer", gone)} >= {"delete", "insert"}
    assert done.change_set is not None
    undo(boss, done.change_set)
    assert everything(boss) == before
    assert check(boss) == []


@pytest.mark.parametrize("wanted", ["700", "30", "0", "-5"])
def test_the_opening_balance_of_a_merged_customer_can_be_changed_afterwards(boss: Session, wanted: str) -> None:
    kept = make(boss, "customer", name="甲", opening_balance=Decimal(500))
    gone = make(boss, "customer", name="乙", opening_balance=Decimal(70))
    merge(boss, "customer", kept, [gone], {})
    assert records.get(boss, "customer", kept)["balance"] == Decimal(570)
    records.save(boss, "customer", {"opening_balance": Decimal(wanted)}, key=kept)
    assert records.get(boss, "customer", kept)["balance"] == Decimal(wanted)
    assert check(boss) == []


def test_a_unique_value_of_one_that_goes_may_be_kept_and_a_wrong_choice_changes_nothing(boss: Session) -> None:
    kept, gone, third = (make(boss, "customer", name=name, code=code) for name, code in (("甲", "A-1"), ("甲公司", "A-2"), ("丙", "A-3")))
    before = everything(boss)
    with pytest.raises(Invalid) as refused:
        merge(boss, "customer", kept, [gone], {"code": "A-3", "name": ""})
    assert {one.field for one in refused.value.problems} == {"code", "name"}
    assert everything(boss) == before
    merge(boss, "customer", kept, [gone], {"code": "A-2"})
    assert [row["code"] for row in boss.records.find(boss.entity("customer"), EVERYTHING, ["code"], sort="code")] == ["A-2", "A-3"]
    assert third


def test_links_to_itself_are_emptied_and_circles_refused(boss: Session) -> None:
    top = make(boss, "department", name="总部")
    kept = make(boss, "department", name="销售一部", parent_department=top)
    gone = make(boss, "department", name="销售部", parent_department=kept)
    below = make(boss, "department", name="华东组", parent_department=gone)
    person = make(boss, "user", name="王敏", login="wangmin", department=gone)
    with pytest.raises(UserError, match=r"上级部门|Part of"):
        merge(boss, "department", kept, [gone], {"parent_department": below})
    before = everything(boss)
    done = merge(boss, "department", kept, [gone], {"parent_department": gone})
    assert records.get(boss, "department", kept)["parent_department"] is None
    assert records.get(boss, "department", below)["parent_department"] == kept
    assert records.get(boss, "user", person)["department"] == kept
    assert done.change_set is not None
    undo(boss, done.change_set)
    assert everything(boss) == before


def test_lines_that_say_the_same_become_one_with_what_points_to_them(boss: Session) -> None:
    title = {"title": "恒泰科技有限公司", "tax_number": "91350100M000100Y43", "account": "6222 1"}
    kept, gone = (make(boss, "customer", name=name) for name in ("恒泰", "恒泰科技"))
    mine, theirs = (make(boss, "invoice_title", customer=customer, **title) for customer in (kept, gone))
    other = make(boss, "invoice_title", customer=gone, **{**title, "account": "6222 2"})
    contract = make(boss, "contract", customer=gone, signed_on=date(2026, 1, 1), invoice_title=theirs)
    before = everything(boss)
    done = merge(boss, "customer", kept, [gone], {})
    assert {row["id"] for row in records.lines(boss, "customer", kept)["invoice_title"]} == {mine, other}
    assert records.get(boss, "contract", contract)["invoice_title"] == mine
    assert done.change_set is not None
    undo(boss, done.change_set)
    assert everything(boss) == before


def test_what_was_changed_meanwhile_or_went_is_not_merged(boss: Session) -> None:
    kept, gone = (make(boss, "customer", name=name) for name in ("甲", "乙"))
    seen = offer(boss, "customer", [kept, gone])
    records.save(boss, "customer", {"city": "上海"}, key=gone)
    with pytest.raises(Conflict, match="乙"):
        merge(boss, "customer", kept, [gone], {}, versions=seen.versions())
    records.delete(boss, "customer", [gone])
    with pytest.raises(NotFound):
        merge(boss, "customer", kept, [gone], {})
    with pytest.raises(UserError):
        merge(boss, "customer", kept, [kept], {})


def test_documents_are_not_merged_and_nobody_merges_what_others_own(boss: Session) -> None:
    customer = make(boss, "customer", name="甲", owner=boss.person.id)
    pair = [make(boss, "receipt", customer=customer, amount=Decimal(10), received_on=date(2026, 1, 1)) for _number in range(2)]
    with pytest.raises(UserError, match=r"不能合并|can't be merged"):
        merge(boss, "receipt", pair[0], pair[1:], {})
    users.add_user(boss, {"login": "wangmin", "name": "王敏", "role": "sales"})
    with closing(open_session(boss.url, "wangmin")) as sales:
        own = make(sales, "customer", name="甲公司", owner=sales.person.id)
        loose = make(boss, "customer", name="甲（公海）", owner=None)
        with pytest.raises(NotFound):
            merge(sales, "customer", own, [customer], {})
        debt = make(boss, "receivable", customer=loose, amount=Decimal(5), document_on=date(2026, 1, 1), owner=boss.person.id)
        with pytest.raises(NotAllowed):
            merge(sales, "customer", own, [loose], {"owner": boss.person.id})
        (moving,) = offer(sales, "customer", [own, loose]).moves
        assert (moving.entity, moving.count, moving.hidden) == ("receivable", 1, 1)
        merge(sales, "customer", own, [loose], {})
    assert records.get(boss, "receivable", debt)["customer"] == own


def test_fields_a_role_may_not_see_are_kept_and_filled(boss: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    users.add_user(boss, {"login": "wangmin", "name": "王敏", "role": "manager"})
    kept, gone = make(boss, "product", name="货", code="P1"), make(boss, "product", name="货物", code="P2", cost=Decimal(5))
    hidden = [field.name for field in boss.everything["product"].typed_fields() if field.sensitive]
    assert "cost" in hidden
    monkeypatch.setattr(policy, "SEES_SENSITIVE", frozenset({"admin"}))
    session = open_session(boss.url, "wangmin")
    with closing(session):
        merge(session, "product", kept, [gone], {"cost": Decimal(99)})
    assert records.get(boss, "product", kept)["cost"] == Decimal(5)


@pytest.mark.parametrize("name", sorted(spec.name for spec in full_catalog().values() if spec.mergeable))
def test_every_mergeable_entity_merges_and_parts_again(boss: Session, name: str) -> None:
    spec = boss.spec(name)
    keep = records.save(boss, name, values_of(boss, spec) | RULES_MOVE.get(name, {})).result.id
    gone = make(boss, name)
    for entity, link in boss.everything.linking_to(name):
        if not link.derived and not link.required and entity.name != name:
            make(boss, entity.name, **{link.name: gone})
    before = everything(boss)
    seen = offer(boss, name, [keep, gone])
    done = merge(boss, name, keep, [gone], proposal(spec, seen.rows, keep), versions=seen.versions())
    assert done.result.moved.keys() == {one.entity for one in seen.moves}
    assert check(boss) == []
    assert done.change_set is not None
    undo(boss, done.change_set)
    assert everything(boss) == before


@settings(max_examples=12)
@given(st.data())
def test_whatever_hangs_on_whatever_a_merge_is_whole_and_its_undo_exact(tmp_path: Path, data: st.DataObject) -> None:
    number = len(list(tmp_path.glob("*.sqlite3")))
    with company(f"sqlite:///{tmp_path / f'{number}.sqlite3'}") as session:
        made = {
            "customer": [make(session, "customer", name=f"客户{n}", opening_balance=data.draw(st.sampled_from([None, Decimal(10), Decimal("2.5")]))) for n in range(4)],
            "department": [make(session, "department", name=f"部门{n}") for n in range(4)],
            "product": [make(session, "product", name=f"货{n}", code=f"P{n}") for n in range(3)],
        }
        pick = {name: st.sampled_from(ids) for name, ids in made.items()}
        for key in made["department"]:
            above = data.draw(st.sampled_from([None, *[other for other in made["department"] if other < key]]))
            records.save(session, "department", {"parent_department": above}, key=key)
        for _round in range(data.draw(st.integers(1, 6))):
            customer = data.draw(pick["customer"])
            kind = data.draw(st.sampled_from(["contact", "contract", "receivable", "activity", "invoice_title", "user"]))
            if kind == "contract":
                line = {"product": data.draw(pick["product"]), "product_name": "货", "quantity": Decimal(1), "price": Decimal(7)}
                records.save(session, "contract", records.new(session, "contract", customer=customer, signed_on=date(2026, 1, 1), state="active"), lines={"contract_line": [line]})
            elif kind == "receivable":
                debt = make(session, "receivable", customer=customer, amount=Decimal(9), document_on=date(2026, 1, 1))
                receipts.post_receipt(session, values={"customer": customer, "amount": Decimal(4), "received_on": date(2026, 1, 2)}, allocations={debt: Decimal(3)})
            elif kind == "user":
                make(session, "user", department=data.draw(pick["department"]))
            elif kind == "invoice_title":
                make(session, kind, customer=customer, title=data.draw(st.sampled_from(["抬头一", "抬头二"])))
            else:
                make(session, kind, customer=customer)
        name = data.draw(st.sampled_from(sorted(made)))
        keep, *others = data.draw(st.lists(pick[name], min_size=2, max_size=3, unique=True))
        before = everything(session)
        balances = {row["id"]: row["balance"] for row in session.records.find(session.entity("customer"), EVERYTHING, ["balance"])}
        try:
            done = merge(session, name, keep, others, {})
        except UserError:
            assert name == "department", "only a circle stands in the way"
            assert everything(session) == before
            return
        assert [problem.message for problem in check(session)] == []
        linked = [row[link.name] for entity, link in session.everything.linking_to(name)
                  for row in session.records.find(session.entity(entity.name), EVERYTHING, [link.name])]
        assert not set(linked) & set(others)
        if name == "customer":
            assert records.get(session, "customer", keep)["balance"] == sum(balances[key] for key in (keep, *others))
        assert done.change_set is not None
        undo(session, done.change_set)
        assert everything(session) == before
