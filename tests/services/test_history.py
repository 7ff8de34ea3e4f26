from __future__ import annotations

from contextlib import closing
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import Blocked, NotAllowed, NotFound, UserError
from desktop_crm.domain.conditions import Where
from desktop_crm.services import records, users
from desktop_crm.services.history import recent, record_history
from desktop_crm.services.session import Session, open_session
from desktop_crm.services.undoing import undo, undo_last
from tests.support.company import company, make

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def boss(db_url: str) -> Iterator[Session]:
    with company(db_url) as session:
        yield session


def colleague(boss: Session, login: str, role: str = "sales") -> Session:
    if not records.count(boss, "user", Where("login", "eq", login)):
        users.add_user(boss, {"login": login, "name": login, "role": role})
    return open_session(boss.url, login)


def test_a_change_is_told_in_the_words_of_the_screen(boss: Session) -> None:
    key = make(boss, "customer", name="甲公司", status="new", credit_limit=Decimal(100))
    other = make(boss, "user", name="王敏", login="wangmin")
    saved = records.save(boss, "customer", {"status": "active", "credit_limit": Decimal("1234.5"), "owner": other, "next_contact": date(2026, 3, 1)}, key=key)
    changed, added = record_history(boss, "customer", key)
    assert (changed.change_set, changed.who, changed.computer, changed.kind, changed.title) == (saved.change_set, "boss", boss.computer, "update", "甲公司")
    spec = boss.spec("customer")
    assert {field.field: (field.before, field.after) for field in changed.fields} == {
        "status": tuple(spec.fields["status"].show(code) for code in ("new", "active")),
        "credit_limit": ("100.00", "1,234.50"),
        "owner": ("", "王敏"),
        "next_contact": ("", "2026-03-01"),
    }
    assert added.kind == "insert"
    assert "甲公司" in {field.after for field in added.fields}
    assert all(field.after for field in added.fields)


def test_lines_belong_to_the_history_of_their_record_also_when_they_are_gone(boss: Session) -> None:
    lines = [{"product_name": name, "quantity": Decimal(1), "price": Decimal(10)} for name in ("甲", "乙")]
    customer = make(boss, "customer", name="甲公司")
    key = records.save(boss, "contract", records.new(boss, "contract", customer=customer, signed_on=date(2026, 1, 1)), lines={"contract_line": lines}).result.id
    there = records.lines(boss, "contract", key)["contract_line"]
    records.save(boss, "contract", {}, key=key, lines={"contract_line": [{**there[0], "price": Decimal(12)}]})
    edit = [event for event in record_history(boss, "contract", key) if event.entity == "contract_line"][:2]
    assert {(event.title, event.kind) for event in edit} == {("甲", "update"), ("乙", "delete")}
    (price,) = [field for event in edit if event.kind == "update" for field in event.fields if field.field == "price"]
    assert (price.before, price.after) == ("10.00", "12.00")


def test_a_deleted_record_keeps_its_history_for_those_who_see_all(boss: Session) -> None:
    key = make(boss, "customer", name="甲公司")
    records.delete(boss, "customer", [key])
    deleted, added = record_history(boss, "customer", key)
    assert (deleted.kind, deleted.title, added.kind) == ("delete", "甲公司", "insert")
    with closing(colleague(boss, "wangmin")) as sales, pytest.raises(NotFound):
        record_history(sales, "customer", key)
    with pytest.raises(NotFound):
        record_history(boss, "customer", 999)


def test_nobody_reads_the_history_of_what_one_may_not_see(boss: Session) -> None:
    users.add_user(boss, {"login": "wangmin", "name": "王敏", "role": "sales"})
    product = make(boss, "product", name="货", cost=Decimal(5))
    key = make(boss, "customer", name="甲公司", owner=boss.person.id)
    with closing(colleague(boss, "wangmin")) as sales:
        with pytest.raises(NotFound):
            record_history(sales, "customer", key)
        shown = {field.field for event in record_history(sales, "product", product) for field in event.fields}
        assert "cost" not in shown
        assert recent(sales) == []
    assert "cost" in {field.field for event in record_history(boss, "product", product) for field in event.fields}


def test_an_undo_can_be_undone_and_nothing_is_undone_twice(boss: Session) -> None:
    key = make(boss, "customer", name="甲公司")
    saved = records.save(boss, "customer", {"name": "乙公司"}, key=key)
    assert saved.change_set is not None
    undone = undo(boss, saved.change_set)
    assert records.get(boss, "customer", key)["name"] == "甲公司"
    with pytest.raises(UserError, match=r"撤销|undone"):
        undo(boss, saved.change_set)
    assert undone.change_set is not None
    undo(boss, undone.change_set)
    assert records.get(boss, "customer", key)["name"] == "乙公司"
    undo_last(boss)
    assert records.get(boss, "customer", key)["name"] == "甲公司"
    undo_last(boss)
    assert records.count(boss, "customer") == 0


def test_an_undo_is_refused_whole_where_a_later_change_stands_on_top(boss: Session) -> None:
    keys = [make(boss, "customer", name=name) for name in ("甲公司", "乙公司")]
    many = records.change_many(boss, "customer", Where("id", "in", keys), {"city": "上海"})
    records.save(boss, "customer", {"city": "北京"}, key=keys[1])
    assert many.change_set is not None
    with pytest.raises(Blocked) as refused:
        undo(boss, many.change_set)
    assert [(item.entity, item.id, item.title) for item in refused.value.records] == [("customer", keys[1], "乙公司")]
    assert [records.get(boss, "customer", key)["city"] for key in keys] == ["上海", "北京"]


def test_only_ones_own_actions_are_undone_unless_one_leads(boss: Session) -> None:
    mine = records.save(boss, "customer", records.new(boss, "customer", name="甲公司")).change_set
    assert mine is not None
    with closing(colleague(boss, "wangmin")) as sales:
        with pytest.raises(NotAllowed):
            undo(sales, mine)
        theirs = records.save(sales, "customer", records.new(sales, "customer", name="乙公司"))
        assert [entry.id for entry in recent(sales)] == [theirs.change_set]
        records.save(boss, "customer", {"owner": boss.person.id}, key=theirs.result.id)
        assert theirs.change_set is not None
        with pytest.raises(NotAllowed):
            undo(sales, theirs.change_set)
    with closing(colleague(boss, "zhouli", "manager")) as manager, pytest.raises(NotAllowed):
        undo(manager, mine)
    undo_last(boss)


def test_undoing_a_receipt_frees_what_it_settled_and_a_change_of_role_takes_effect(boss: Session) -> None:
    customer = make(boss, "customer", name="甲公司")
    debt = make(boss, "receivable", customer=customer, amount=Decimal(100), document_on=date(2026, 1, 1))
    paid = records.save(
        boss, "receipt", records.new(boss, "receipt", customer=customer, amount=Decimal(60), received_on=date(2026, 1, 2)),
        lines={"allocation": [{"receivable": debt, "amount": Decimal(60)}]},
    )  # fmt: skip
    assert paid.change_set is not None
    smaller = records.save(boss, "receivable", {"amount": Decimal(60)}, key=debt)
    undo(boss, paid.change_set)
    assert records.get(boss, "receivable", debt)["remaining"] == Decimal(60)
    undo_last(boss)
    assert records.get(boss, "receivable", debt)["remaining"] == Decimal(100)
    assert smaller.change_set


def test_the_company_never_loses_its_last_administrator(boss: Session) -> None:
    first = recent(boss)[-1]
    with pytest.raises(UserError):
        undo(boss, first.id)
    assert records.count(boss, "user") == 1
