"""The company's log, the recycle bin and how long history is kept."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from desktop_crm.base.errors import NotAllowed, NotFound, UserError
from desktop_crm.domain.conditions import EVERYTHING, Condition, Every, Matching, Query, Where
from desktop_crm.models.changes import INSTANT
from desktop_crm.services import bin as recycled
from desktop_crm.services import check, history, logbook, records, retention, undoing, users, writing
from desktop_crm.services.session import Session, open_session
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


def labels(session: Session, condition: Condition = EVERYTHING) -> list[str]:
    listing = logbook.listing(session)
    count = listing.count(condition)
    rows = listing.page(Query("log", condition), 0, 100, count)
    assert len(rows) == min(count, 100)
    return [row["label"] for row in rows]


def binned(session: Session, condition: Condition = EVERYTHING) -> list[str]:
    listing = recycled.listing(session)
    rows = listing.page(Query("bin", condition), 0, 100, None)
    assert listing.count(condition) == len(rows)
    return [row["title"] for row in rows]


def test_the_log_is_filtered_by_person_period_action_kind_and_words(boss: Session) -> None:
    key = make(boss, "customer", name="Acme 公司")
    records.change_many(boss, "customer", EVERYTHING, {"city": "苏州"})
    make(boss, "product", name="泵")
    with closing(colleague(boss, "wangmin")) as sales:
        theirs = records.save(sales, "customer", records.new(sales, "customer", name="乙公司"))
        assert labels(sales) == labels(boss, Where("user", "in", (sales.person.id,)))
        assert len(labels(sales)) == 1
        with pytest.raises(NotFound):
            logbook.records_of(sales, boss.log.entries(limit=5)[-1].id)
    assert len(labels(boss, Where("entity", "in", ("customer",)))) == 3
    assert len(labels(boss, Where("entity", "in", ("customer", "product")))) == 4
    assert len(labels(boss, Where("action", "in", ("change_many",)))) == 1
    assert len(labels(boss, Matching("acme 公司"))) == 1
    assert labels(boss, Matching("没有这个")) == []
    assert labels(boss, Where("at", "period", "today")) == labels(boss)
    assert labels(boss, Where("at", "lt", boss.now - timedelta(days=1))) == []
    assert labels(boss, Every((Where("entity", "in", ("customer",)), Where("user", "in", (boss.person.id,)))))[-1].endswith("Acme 公司")
    undoing.undo(boss, theirs.change_set or 0)
    states = {row["id"]: row["state"] for row in logbook.page(boss, Query("log"))}
    assert states[theirs.change_set] == "undone"
    assert key


def test_pages_of_the_log_are_the_same_from_both_ends(boss: Session) -> None:
    for number in range(25):
        make(boss, "product", name=f"产品{number}")
    total = logbook.listing(boss).count(EVERYTHING)
    there = [row["id"] for offset in range(0, total, 7) for row in logbook.page(boss, Query("log"), offset=offset, limit=7, total=total)]
    assert there == sorted(there, reverse=True)
    assert len(there) == total


def test_an_action_tells_each_record_once_with_what_it_was_before_and_after(boss: Session) -> None:
    customer = make(boss, "customer", name="甲公司", credit_limit=Decimal(5))

    def work() -> None:
        records.save(boss, "customer", {"credit_limit": Decimal(6)}, key=customer)
        records.save(boss, "customer", {"credit_limit": Decimal(7)}, key=customer)
        make(boss, "contact", name="李工", customer=customer)

    done = boss.write("x", "x", work).change_set or 0
    records.save(boss, "customer", {"credit_limit": Decimal(8)}, key=customer)
    changed, added = logbook.records_of(boss, done)
    assert [(one.field, one.before, one.after) for one in changed.fields] == [("credit_limit", "5.00", "7.00")]
    assert (added.kind, added.title) == ("insert", "李工")
    assert logbook.records_of(boss, done, offset=1) == [added]
    assert boss.log.entry(done).records == 2
    found = history.field_history(boss, "customer", customer, "credit_limit")
    assert [(event.who, event.fields[0].before, event.fields[0].after) for event in found] == [
        ("boss", "7.00", "8.00"), ("boss", "5.00", "7.00"), ("boss", "", "5.00")]


def test_what_a_manager_may_not_see_has_neither_name_nor_figures_in_the_log(boss: Session) -> None:
    product = make(boss, "product", name="货", cost=Decimal(5))
    mine = records.save(boss, "customer", {"name": "秘密公司", "owner": boss.person.id}).change_set or 0
    gone = records.delete(boss, "customer", [make(boss, "customer", name="旧公司", owner=boss.person.id)]).change_set or 0
    with closing(colleague(boss, "zhouli", "manager")) as manager:
        for one in (mine, gone):
            (event,) = logbook.records_of(manager, one)
            assert (event.hidden, event.title, event.fields) == (True, "", ())
        assert "旧公司" not in binned(manager)
    with closing(colleague(boss, "wangmin")) as sales:
        own = records.save(sales, "customer", records.new(sales, "customer", name="乙公司"))
        (event,) = logbook.records_of(sales, own.change_set or 0)
        assert not event.hidden
        records.delete(sales, "customer", [own.result.id])
        assert binned(sales) == ["乙公司"]
        with pytest.raises(NotAllowed):
            undoing.restore(sales, [("product", product)])
        undoing.restore(sales, [("customer", own.result.id)])
        assert binned(sales) == []
    assert "cost" in {field.field for field in logbook.records_of(boss, boss.log.history("product", product)[0].entry.id)[0].fields}


def test_the_bin_lists_what_was_deleted_and_not_what_an_undo_took_back(boss: Session) -> None:
    rows = [writing.with_defaults(boss, "customer", {"name": f"客户{number}"}) for number in range(3)]
    imported = boss.write("import", "x", lambda: writing.insert_rows(boss, "customer", rows))
    undoing.undo(boss, imported.change_set or 0)
    assert binned(boss) == []
    customer = make(boss, "customer", name="甲 50% 公司")
    contract = records.save(boss, "contract", {"customer": customer, "signed_on": boss.today},
                            lines={"contract_line": [{"product_name": "泵", "quantity": Decimal(1), "price": Decimal(1)}]}).result.id
    product = make(boss, "product", name="泵")
    records.delete(boss, "contract", [contract])
    records.delete(boss, "customer", [customer])
    records.delete(boss, "product", [product])
    assert binned(boss)[0] == "泵"
    assert len(binned(boss)) == 3
    assert binned(boss, Where("entity", "in", ("customer",))) == ["甲 50% 公司"]
    assert binned(boss, Matching("50%")) == ["甲 50% 公司"]
    assert binned(boss, Every((Matching("甲"), Where("entity", "in", ("product",))))) == []
    assert len(binned(boss, Where("user", "in", (boss.person.id,)))) == 3
    assert binned(boss, Where("at", "lt", boss.now - timedelta(days=1))) == []
    assert set(recycled.keys_of(boss)) == {("product", product), ("customer", customer), ("contract", contract)}
    back = undoing.restore(boss, recycled.keys_of(boss))
    assert binned(boss) == []
    undoing.undo(boss, back.change_set or 0)
    assert len(binned(boss)) == 3
    assert check.check(boss) == []


def test_history_is_removed_from_its_beginning_and_only_as_far_as_nothing_kept_depends_on_it(boss: Session) -> None:
    def at(day: int) -> None:
        boss.clock = lambda: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=day)

    at(0)
    boss.store.sql("UPDATE change_set SET at = ?", (INSTANT.to_database(boss.now),))
    key = make(boss, "customer", name="甲")
    gone = make(boss, "customer", name="乙")
    records.delete(boss, "customer", [gone])
    at(10)
    first = records.save(boss, "customer", {"name": "甲一"}, key=key).change_set or 0
    at(400)
    undone = undoing.undo(boss, first).change_set or 0
    at(20)
    wrong_clock = records.save(boss, "customer", {"city": "苏州"}, key=key).change_set or 0
    at(800)
    with pytest.raises(UserError):
        retention.prune(boss)
    with pytest.raises(UserError):
        retention.keep_for(boss, 1)
    retention.keep_for(boss, 24)
    with closing(colleague(boss, "wangmin", "manager")) as manager, pytest.raises(NotAllowed):
        retention.prune(manager)
    found = retention.old(boss)
    assert found is not None
    # Day 70 on is kept, but the undo of day 400 needs what it took back; the deletion lies before that.
    assert (found.last < first, found.deletions) == (True, 1)
    assert retention.due(boss)
    kept = [entry.id for entry in boss.log.entries() if entry.id > found.last]
    assert {first, undone, wrong_clock} <= set(kept)
    told = [(event.change_set, event.fields) for event in history.record_history(boss, "customer", key)]
    done = retention.prune(boss)
    assert done.result == found.actions
    assert [entry.id for entry in boss.log.entries()][1:] == kept
    assert boss.log.entries()[0].label == done.label
    assert history.record_history(boss, "customer", key)
    assert told[:3] == [
        (event.change_set, event.fields) for event in history.record_history(boss, "customer", key)][:3]
    assert retention.begins(boss) == retention.limit(boss)
    assert not retention.due(boss)
    with pytest.raises(NotFound):
        undoing.restore(boss, [("customer", gone)])
    with pytest.raises(UserError):
        undoing.undo(boss, done.change_set or 0)
    undoing.undo(boss, undone, with_later=True)
    assert records.get(boss, "customer", key)["name"] == "甲一"
    assert retention.prune(boss).change_set is None
    at(20_000)
    retention.prune(boss)
    assert [entry.action for entry in boss.log.entries()] == ["prune"]
    assert check.check(boss) == []


def plan_of(session: Session, text: str, parameters: tuple[Any, ...] = ()) -> str:
    return " ".join(str(row) for row in session.store.sql(f"EXPLAIN {'' if session.store.mysql else 'QUERY PLAN '}{text}", parameters).fetchall())


def test_log_and_bin_are_asked_through_indexes(boss: Session) -> None:
    for number in range(30):
        make(boss, "product", name=f"产品{number}")
    records.delete(boss, "product", [1])
    deletions = plan_of(boss, "SELECT c.id FROM `change` c WHERE c.action = 'delete' AND c.entity = 'customer' ORDER BY c.id DESC LIMIT 100")
    assert "change_action_id_entity" in deletions
    newer = plan_of(boss, "SELECT 1 FROM `change` n WHERE n.entity = 'product' AND n.record_id = 5 AND n.id > 3")
    assert "change_entity_record_id" in newer or "PRIMARY" in newer
    person = plan_of(boss, "SELECT id FROM change_set WHERE user_id = 99 ORDER BY id DESC LIMIT 100")
    assert "change_set_user_id" in person
