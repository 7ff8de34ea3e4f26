"""Change sets, their triggers and undo, on both engines."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import peewee
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_crm.base.errors import Blocked, Busy, Conflict, Invalid, NotFound
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.models import putting_back, triggers
from desktop_crm.models.changes import WrittenBefore
from desktop_crm.models.expected import differences
from desktop_crm.services import records
from tests.support.company import company, make

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.session import Session


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


def snapshot(session: Session) -> dict[str, dict[int, object]]:
    """Return every record of every entity as history keeps it, with the sums the database keeps."""
    found: dict[str, dict[int, object]] = {}
    for name in session.everything:
        entry = session.entity(name)
        ids = session.records.ids_where(entry, EVERYTHING)
        sums = [key for key, field in entry.fields.items() if field.rollup or field.formula]
        rows = {row["id"]: {key: row[key] for key in sums} for row in session.records.rows(entry, ids, sums)}
        found[name] = {key: (session.records.state(entry, key), rows[key]) for key in ids}
    return found


def undo(session: Session, change_set: int | None) -> int | None:
    assert change_set is not None
    return session.write("undo", "undo", lambda: putting_back.undo(session.log, [change_set], session.now)).change_set


def test_a_write_outside_a_change_set_is_refused(session: Session) -> None:
    key = make(session, "customer", name="甲公司")
    with pytest.raises(peewee.PeeweeException, match="no change set is open"):
        session.store.sql("UPDATE customer SET name = ? WHERE id = ?", ("乙公司", key))
    with pytest.raises(peewee.PeeweeException, match="no change set is open"):
        session.store.sql("DELETE FROM customer WHERE id = ?", (key,))
    assert records.get(session, "customer", key)["name"] == "甲公司"


def test_a_change_set_is_never_written_twice_nor_left_open(session: Session) -> None:
    key = make(session, "customer", name="甲公司")
    rename = "UPDATE customer SET name = ? WHERE id = ?"
    with session.log.open(session.actor, "x", "x", session.now, uid="same"):
        session.store.sql(rename, ("乙公司", key))
    with pytest.raises(WrittenBefore), session.log.open(session.actor, "x", "x", session.now, uid="same"):
        session.store.sql(rename, ("丙公司", key))
    assert session.log.holds("same")
    with pytest.raises(peewee.PeeweeException), session.log.open(session.actor, "x", "x", session.now, uid="other"):  # noqa: PT012 - the change and what fails behind it
        session.store.sql(rename, ("丁公司", key))
        session.store.sql("SELECT id FROM nowhere")
    assert not session.log.holds("other")
    with pytest.raises(peewee.PeeweeException, match="no change set is open"):
        session.store.sql(rename, ("戊公司", key))
    assert records.get(session, "customer", key)["name"] == "乙公司"
    assert session.store.scalar("SELECT MIN(records) FROM change_set") == 1


def test_a_bulk_statement_is_recorded_row_by_row(session: Session) -> None:
    keys = [make(session, "product", name=f"产品{number}") for number in range(3)]
    changes = session.write("x", "x", lambda: session.store.sql("UPDATE product SET unit = '箱'"))
    assert sorted(session.log.touched(changes.change_set or 0)["product"]) == keys
    undo(session, changes.change_set)
    assert {records.get(session, "product", key)["unit"] for key in keys} == {""}


def test_a_change_set_that_changed_nothing_is_not_kept(session: Session) -> None:
    before = len(session.log.entries())
    assert session.write("x", "x", lambda: None).change_set is None
    key = make(session, "product", name="产品")
    same = records.get(session, "product", key)
    records.save(session, "product", same, key=key)
    assert len(session.log.entries()) == before + 1


def test_a_failure_leaves_nothing_behind(session: Session) -> None:
    before = snapshot(session)

    def work() -> None:
        make(session, "customer", name="甲公司")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        session.write("x", "x", work)
    assert snapshot(session) == before
    make(session, "customer", name="乙公司")


def test_history_tells_each_change_with_before_and_after(session: Session) -> None:
    key = make(session, "customer", name="甲公司", credit_limit=Decimal(100))
    records.save(session, "customer", {"credit_limit": Decimal(250)}, key=key)
    records.delete(session, "customer", [key])
    deleted, changed, added = session.log.history("customer", key)
    assert (added.action, changed.action, deleted.action) == ("insert", "update", "delete")
    assert (changed.before, changed.after) == ({"credit_limit": 10000}, {"credit_limit": 25000})
    assert added.after["name"] == "甲公司"
    assert deleted.before["credit_limit"] == 25000
    assert changed.entry.user_name == "boss"
    assert changed.entry.computer


def test_undo_brings_back_a_deleted_record_with_its_lines_and_sums(session: Session) -> None:
    customer = make(session, "customer", name="甲公司")
    lines = {"contract_line": [{"product_name": "泵", "quantity": Decimal(3), "price": Decimal("0.33")}], "instalment": []}
    contract = records.save(session, "contract", {"customer": customer, "signed_on": date(2026, 1, 5)}, lines=lines).result.id
    before = snapshot(session)
    changes = records.delete(session, "contract", [contract])
    assert session.records.count(session.entity("contract_line"), EVERYTHING) == 0
    again = undo(session, changes.change_set)
    assert snapshot(session) == before
    undo(session, again)
    with pytest.raises(NotFound):
        records.get(session, "contract", contract)


def test_undo_refuses_whole_where_a_later_change_stands_on_top(session: Session) -> None:
    changes = session.write("x", "x", lambda: [make(session, "customer", name=name) for name in ("甲公司", "乙公司")])
    keys = changes.result
    records.save(session, "customer", {"city": "苏州"}, key=keys[1])
    with pytest.raises(Blocked, match="乙公司") as refused:
        undo(session, changes.change_set)
    assert [item.id for item in refused.value.records] == [keys[1]]
    assert records.get(session, "customer", keys[0])["name"] == "甲公司"


def test_undo_is_possible_again_once_the_later_change_is_undone(session: Session) -> None:
    added = records.save(session, "customer", {"name": "甲公司"})
    later = records.save(session, "customer", {"city": "苏州"}, key=added.result.id)
    undo(session, later.change_set)
    undo(session, added.change_set)
    assert session.records.count(session.entity("customer"), EVERYTHING) == 0


def test_undo_refuses_to_leave_a_record_without_what_it_links_to(session: Session) -> None:
    added = records.save(session, "customer", {"name": "甲公司"})
    make(session, "contact", name="李工", customer=added.result.id)
    with pytest.raises(Blocked, match="李工"):
        undo(session, added.change_set)


def test_a_deleted_number_is_never_used_again(session: Session) -> None:
    first = make(session, "customer", name="甲公司")
    records.delete(session, "customer", [first])
    assert make(session, "customer", name="乙公司") > first


def test_two_people_at_one_record_merge_or_are_told(session: Session) -> None:
    key = make(session, "customer", name="甲公司", city="苏州")
    base = records.get(session, "customer", key)
    records.save(session, "customer", {**base, "city": "无锡"}, key=key, base=base)
    merged = records.save(session, "customer", {**base, "name": "甲集团"}, key=key, base=base)
    assert merged.result.merged == ["city"]
    now = records.get(session, "customer", key)
    assert (now["name"], now["city"]) == ("甲集团", "无锡")
    with pytest.raises(Conflict) as conflict:
        records.save(session, "customer", {**base, "city": "常州"}, key=key, base=base)
    (field,) = conflict.value.fields
    assert (field.field, field.base, field.mine, field.theirs) == ("city", "苏州", "常州", "无锡")


def test_a_required_field_left_empty_changes_nothing(session: Session) -> None:
    before = snapshot(session)
    with pytest.raises(Invalid, match="客户名称"):
        records.save(session, "customer", {"name": "", "city": "苏州"})
    assert snapshot(session) == before


def test_derived_objects_match_the_declarations(session: Session) -> None:
    assert differences(session.store) == []
    assert triggers.differences(session.store) == []
    name = next(iter(triggers.wanted(session.store)))
    session.store.sql(f"DROP TRIGGER `{name}`")
    assert triggers.differences(session.store) == [name]
    triggers.rebuild(session.store)
    assert triggers.differences(session.store) == []


def test_a_busy_database_is_tried_again_whole(session: Session) -> None:
    tries: list[int] = []

    def work() -> int:
        tries.append(len(tries))
        key = make(session, "customer", name=f"第{len(tries)}次")
        if len(tries) < 3:
            raise Busy("")
        return key

    changes = session.write("x", "x", work)
    assert len(tries) == 3
    assert session.records.count(session.entity("customer"), EVERYTHING) == 1
    assert records.get(session, "customer", changes.result)["name"] == "第3次"


ACTIONS = st.lists(st.tuples(st.sampled_from(["add", "receivable", "change", "amount", "receipt", "delete", "line"]), st.integers(0, 5), st.integers(1, 99999)), min_size=1, max_size=10)


@given(actions=ACTIONS)
@settings(max_examples=25)
def test_undoing_everything_backwards_ends_where_it_began(session: Session, actions: list[tuple[str, int, int]]) -> None:
    start = snapshot(session)
    sets, states = [], []
    for action, pick, amount in actions:
        states.append(snapshot(session))
        change = act(session, action, pick, Decimal(amount) / 100)
        if change is None:
            states.pop()
        else:
            sets.append(change)
        check_sums(session)
    for change, state in zip(reversed(sets), reversed(states), strict=True):
        undo(session, change)
        assert snapshot(session) == state
        check_sums(session)
    assert snapshot(session) == start


def check_sums(session: Session) -> None:
    for what, statement in triggers.rollup_checks(mysql=session.store.mysql):
        assert session.store.sql(statement).fetchall() in ([], ()), what


def act(session: Session, action: str, pick: int, amount: Decimal) -> int | None:
    """Do one thing a user does and return its change set; None where there is nothing to do it to."""
    customers = session.records.ids_where(session.entity("customer"), EVERYTHING)
    receivables = session.records.ids_where(session.entity("receivable"), EVERYTHING)
    if action == "add" or not customers:
        return records.save(session, "customer", {"name": f"客户{amount}"}).change_set
    customer = customers[pick % len(customers)]
    if action == "receivable" or not receivables:
        return records.save(session, "receivable", {"customer": customer, "amount": amount, "document_on": date(2026, 1, 5)}).change_set
    receivable = receivables[pick % len(receivables)]
    row = records.get(session, "receivable", receivable)
    if action == "change":
        return records.save(session, "customer", {"city": f"城市{amount}"}, key=customer).change_set
    if action == "amount":
        return records.save(session, "receivable", {"amount": row["settled"] + amount}, key=receivable).change_set
    if action == "receipt" and row["remaining"] > 0:
        part = min(amount, row["remaining"])
        values = {"customer": int(row["customer"]), "amount": amount, "received_on": date(2026, 1, 6)}
        return records.save(session, "receipt", values, lines={"allocation": [{"receivable": receivable, "amount": part}]}).change_set
    if action == "line":
        lines = {"contract_line": [{"product_name": "泵", "quantity": Decimal(pick + 1), "price": amount}], "instalment": []}
        return records.save(session, "contract", {"customer": customer, "signed_on": date(2026, 1, 5)}, lines=lines).change_set
    receipts = session.records.ids_where(session.entity("receipt"), EVERYTHING)
    if action == "delete" and receipts:
        return records.delete(session, "receipt", [receipts[pick % len(receipts)]]).change_set
    return None
