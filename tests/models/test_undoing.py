"""Undo of any action with those on top of it, redo, and restore: what was, is again, whatever was done and in whichever order."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_crm.base.errors import Blocked, Cancelled, UserError
from desktop_crm.domain.conditions import EVERYTHING, Where
from desktop_crm.models.undoing import Differences, Undoing, differing, standing_on_top
from desktop_crm.services import check, records, undoing, writing
from tests.models.test_changes import check_sums, snapshot
from tests.support.company import company, make

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from desktop_crm.services.session import Session

DAY = date(2026, 1, 5)


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


def ids(session: Session, name: str) -> list[int]:
    return session.records.ids_where(session.entity(name), EVERYTHING)


def add_customer(session: Session, _pick: int, number: int) -> int | None:
    return records.save(session, "customer", {"name": f"客户{number}"}).change_set


def add_contact(session: Session, pick: int, number: int) -> int | None:
    there = ids(session, "customer")
    return records.save(session, "contact", {"name": f"李{number}", "customer": there[pick % len(there)]}).change_set if there else None


def add_contract(session: Session, pick: int, number: int) -> int | None:
    there = ids(session, "customer")
    lines = {"contract_line": [{"product_name": "泵", "quantity": Decimal(pick + 1), "price": Decimal(number)}], "instalment": []}
    return records.save(session, "contract", {"customer": there[pick % len(there)], "signed_on": DAY}, lines=lines).change_set if there else None


def change_one(session: Session, pick: int, number: int) -> int | None:
    there = ids(session, "customer")
    return records.save(session, "customer", {"name": f"改{number}", "city": f"城{number}"}, key=there[pick % len(there)]).change_set if there else None


def change_all(session: Session, _pick: int, number: int) -> int | None:
    return records.change_many(session, "customer", EVERYTHING, {"city": f"城{number % 3}"}).change_set


def merge(session: Session, pick: int, _number: int) -> int | None:
    """Move everything from one customer to another and delete it, in one action."""
    there = ids(session, "customer")
    kept, gone = there[pick % len(there)] if there else 0, there[-1] if there else 0
    if kept == gone:
        return None

    def work() -> None:
        for spec, field in session.everything.linking_to("customer"):
            for key in session.records.ids_where(session.entity(spec.name), Where(field.name, "eq", gone)):
                session.records.update(session.entity(spec.name), key, {field.name: kept}, session.now)
        writing.delete_rows(session, "customer", [gone])

    return session.write("merge", "merge", work).change_set


def drop(name: str) -> Callable[[Session, int, int], int | None]:
    def act(session: Session, pick: int, _number: int) -> int | None:
        there = ids(session, name)
        try:
            return records.delete(session, name, [there[pick % len(there)]]).change_set if there else None
        except Blocked:
            return None

    return act


def pay(session: Session, pick: int, number: int) -> int | None:
    there = ids(session, "customer")
    if not there:
        return None
    customer = there[pick % len(there)]

    def work() -> None:
        debt = make(session, "receivable", customer=customer, amount=Decimal(number), document_on=DAY)
        values = {"customer": customer, "amount": Decimal(number), "received_on": DAY}
        records.save(session, "receipt", values, lines={"allocation": [{"receivable": debt, "amount": Decimal(number)}]})

    return session.write("x", "x", work).change_set


def undo_one(session: Session, sets: list[int], pick: int) -> int | None:
    """Take one of these actions back with the later ones, where it stands."""
    standing = sorted(session.log.standing(sets))
    return undoing.undo(session, standing[pick % len(standing)], with_later=True).change_set if standing else None


ACTIONS = (add_customer, add_contact, add_contract, change_one, change_all, merge, drop("contact"), drop("customer"), drop("contract"), drop("receipt"), pay)
STEPS = st.lists(st.tuples(st.integers(0, len(ACTIONS)), st.integers(0, 5), st.integers(1, 999)), min_size=2, max_size=9)


def test_any_action_is_undone_with_the_later_ones_and_redone(session: Session) -> None:
    @given(steps=STEPS, chosen=st.integers(0, 20))
    @settings(max_examples=3 if session.store.mysql else 15)
    def run(steps: list[tuple[int, int, int]], chosen: int) -> None:
        undone_and_redone(session, steps, chosen)

    run()


def undone_and_redone(session: Session, steps: list[tuple[int, int, int]], chosen: int) -> None:
    begun = len(session.log.entries(limit=10_000))
    states: list[object] = []
    sets: list[int] = []
    for which, pick, number in steps:
        before = snapshot(session)
        made = ACTIONS[which](session, pick, number) if which < len(ACTIONS) else undo_one(session, sets, pick)
        if made is not None:
            states.append(before)
            sets.append(made)
    last = snapshot(session)
    if sets:
        place = chosen % len(sets)
        only = sets[place]
        # Whatever does not hang on it stays: with all the later ones it is exactly as it was. What was undone already isn't asked for.
        later = [one for one in sets[place:] if one in session.log.standing(sets)]
        if only in later:
            everything = Undoing(session.log).with_later([only])
            assert everything is not None, "what was done can always be undone from its end"
            undone = undoing.undo(session, only, with_later=True)
            check_sums(session)
            assert check.check(session) == []
            assert undone.change_set is not None
            if set(everything) == set(later):
                assert snapshot(session) == states[place]
            undoing.undo(session, undone.change_set)
            assert snapshot(session) == last
            assert only in session.log.standing([only])
    for entry in session.log.entries(limit=10_000)[:-begun]:
        if entry.action not in {"undo", "redo"} and entry.id in session.log.standing([entry.id]):
            undoing.undo(session, entry.id, with_later=True)
            check_sums(session)
    assert len(ids(session, "customer")) == 0


def test_what_came_out_as_it_was_stands_on_top_of_nothing() -> None:
    a, b, c = '{"x": 1}', '{"x": 2}', '{"x": 3}'
    assert standing_on_top([(1, a), (2, b)], c, {1}) == {2}
    assert standing_on_top([(1, a), (2, b), (3, c)], b, {1}) == set()
    assert standing_on_top([(1, a), (2, b), (3, c), (4, b)], c, {1}) == {4}
    assert standing_on_top([(1, a), (2, b), (3, c)], a, {1, 3}) == {2}
    assert standing_on_top([(1, None), (2, a)], None, {1}) == {2}
    assert standing_on_top([(1, a), (2, b)], '{"x": 2, "new": 5}', {1}) == set()


VALUES = st.none() | st.integers(-3, 3) | st.text(alphabet=',"\\ }{:ab华', max_size=5)
STATES = st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=6)


@settings(max_examples=400)
@given(STATES, st.booleans(), st.booleans())
def test_only_what_differs_of_two_states_is_read(pairs: list[tuple[int | str | None, int | str | None]], server: bool, other: bool) -> None:  # noqa: FBT001 - drawn
    """As both engines write them, whatever stands in the texts, also where one of the two has a field more."""
    now, former = ({f"f{place}": pair[side] for place, pair in enumerate(pairs)} for side in (0, 1))
    if other:
        now["later"] = 1
    field, between = (", ", ', "') if server else (",", ',"')
    texts = [json.dumps(state, ensure_ascii=False, separators=(field, ": " if server else ":")) for state in (now, former)]
    told = Differences(between)
    for _again in range(2):
        assert told.of(texts[0], texts[1]) == differing(now, former)


def test_the_later_actions_are_named_and_go_with_it_as_one(session: Session) -> None:
    first = records.save(session, "customer", {"name": "甲公司"})
    renamed = records.save(session, "customer", {"city": "苏州"}, key=first.result.id)
    contact = records.save(session, "contact", {"name": "李工", "customer": first.result.id})
    other = records.save(session, "contact", {"phone": "123"}, key=contact.result.id)
    unrelated = records.save(session, "product", {"name": "泵"})
    before = snapshot(session)
    assert first.change_set
    with pytest.raises(Blocked, match="甲公司") as refused:
        undoing.undo(session, first.change_set)
    assert set(refused.value.later) == {renamed.change_set, contact.change_set, other.change_set}
    assert {item.title for item in refused.value.records} == {"甲公司", "李工"}
    assert snapshot(session) == before
    together = undoing.undo(session, first.change_set, with_later=True)
    assert ids(session, "customer") == ids(session, "contact") == []
    assert len(ids(session, "product")) == 1
    assert session.log.standing([first.change_set, contact.change_set or 0, unrelated.change_set or 0]) == {unrelated.change_set}
    undoing.undo(session, together.change_set or 0)
    assert snapshot(session) == before


def test_what_would_come_back_to_something_gone_is_refused_and_offered_with_it(session: Session) -> None:
    customer = make(session, "customer", name="甲公司")
    contact = make(session, "contact", name="李工", customer=customer)
    deleted = records.delete(session, "contact", [contact])
    gone = records.delete(session, "customer", [customer])
    assert deleted.change_set
    with pytest.raises(Blocked, match="甲公司") as refused:
        undoing.undo(session, deleted.change_set)
    assert refused.value.later == (gone.change_set,)
    with pytest.raises(Blocked, match="甲公司") as refused:
        undoing.restore(session, [("contact", contact)])
    assert refused.value.needed == (("customer", customer),)
    assert undoing.restore(session, [("contact", contact)], with_needed=True).result == 2
    assert records.get(session, "contact", contact)["customer"] == customer
    assert session.log.standing([deleted.change_set, gone.change_set or 0]) == set()


def test_a_value_that_must_be_unique_is_not_brought_back_twice(session: Session) -> None:
    key = make(session, "product", name="泵", code="P-1")
    records.delete(session, "product", [key])
    taken = records.save(session, "product", {"name": "阀", "code": "P-1"})
    if not session.everything["product"].fields["code"].unique:
        pytest.skip("products have no code of their own")
    with pytest.raises(Blocked, match="阀") as refused:
        undoing.restore(session, [("product", key)])
    assert refused.value.needed == ()
    undoing.undo(session, taken.change_set or 0)
    undoing.restore(session, [("product", key)])


def test_one_of_many_deleted_comes_back_with_all_that_went_with_it(session: Session) -> None:
    customers = [make(session, "customer", name=name) for name in ("甲公司", "乙公司")]
    lines = {"contract_line": [{"product_name": "泵", "quantity": Decimal(3), "price": Decimal(7)}], "instalment": [{"name": "首款", "due_on": DAY, "amount": Decimal(21)}]}
    keys = [records.save(session, "contract", {"customer": one, "signed_on": DAY, "state": "active"}, lines=lines).result.id for one in customers]
    before = snapshot(session)
    mine = {name: [key for key in before[name] if (name == "contract" and key == keys[0]) or (name != "contract" and records.get(session, name, key)["contract"] == keys[0])]
            for name in ("contract", "contract_line", "instalment", "receivable")}
    deletion = records.delete(session, "contract", keys)
    back = undoing.restore(session, [("contract", keys[0])])
    after = snapshot(session)
    for name, there in mine.items():
        assert there
        assert after[name] == {key: before[name][key] for key in there}
    check_sums(session)
    with pytest.raises(UserError):
        undoing.restore(session, [("contract", keys[0])])
    undoing.undo(session, back.change_set or 0)
    assert ids(session, "contract_line") == []
    undoing.restore(session, [("contract", key) for key in keys])
    assert snapshot(session) == before
    assert deletion.change_set not in session.log.standing([deletion.change_set or 0])


def test_departments_within_one_another_come_and_go(session: Session) -> None:
    above = make(session, "department", name="总部")
    below = make(session, "department", name="华东", parent_department=above)
    records.save(session, "department", {"parent_department": None}, key=below)
    records.save(session, "department", {"parent_department": below}, key=above)
    gone = session.write("delete", "x", lambda: (
        records.save(session, "department", {"parent_department": None}, key=above), records.delete(session, "department", [above, below])))
    undoing.undo(session, gone.change_set or 0)
    assert records.get(session, "department", above)["parent_department"] == below


def test_an_undo_that_is_cancelled_leaves_everything_as_it_is(session: Session) -> None:
    rows = [writing.with_defaults(session, "customer", {"name": f"客户{number}"}) for number in range(1200)]
    made = session.write("import", "x", lambda: writing.insert_rows(session, "customer", rows))
    before = snapshot(session)

    def step(done: int, _total: int) -> None:
        if done >= 500:
            raise Cancelled

    with pytest.raises(Cancelled):
        undoing.undo(session, made.change_set or 0, step=step)
    assert snapshot(session) == before
    undoing.undo(session, made.change_set or 0)
    assert ids(session, "customer") == []


def test_undo_and_redo_go_through_ones_actions_one_by_one(session: Session) -> None:
    key = make(session, "customer", name="一")
    for name in ("二", "三"):
        records.save(session, "customer", {"name": name}, key=key)

    def named() -> object:
        return records.get(session, "customer", key)["name"]

    for act, expected in ((undoing.undo_last, "二"), (undoing.undo_last, "一"), (undoing.redo_last, "二"), (undoing.redo_last, "三")):
        act(session)
        assert named() == expected
    with pytest.raises(UserError):
        undoing.redo_last(session)
    undoing.undo_last(session)
    assert named() == "二"
    records.save(session, "customer", {"name": "四"}, key=key)
    with pytest.raises(UserError):
        undoing.redo_last(session)
    undoing.undo_last(session)
    assert named() == "二"
    labels = {entry.label for entry in session.log.entries()}
    assert not any(label.count("撤销：") > 1 or label.count("Undo: ") > 1 for label in labels)
