"""Lists by the index of values are what the filters alone would give, whatever happened to the records, in every order."""

from __future__ import annotations

import random
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.base.errors import Cancelled
from desktop_crm.base.progress import silent
from desktop_crm.domain.conditions import Every, Matching, Query, VisibleTo, Where
from desktop_crm.models import first_by_name, held_values, listed, name_places, search_index, triggers, value_index, waiting
from desktop_crm.models.registry import REGISTER
from desktop_crm.services import check, records, search, undoing, writing
from desktop_crm.services.session import Session, create_company
from tests.support.company import make
from tests.support.prepared import lay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.domain.conditions import Condition

CITIES = ("苏州", "无锡", "Ä", "a ", "", "A")
NAMES = "华信恒泰东海"


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    made = create_company(lay(db_url), admin="王敏")
    yield made
    made.close()


def tend(session: Session) -> None:
    search.tend_index(session, step=silent)


def fill(session: Session, count: int, seed: int, owners: list[int]) -> list[int]:
    chance = random.Random(seed)  # noqa: S311 - it must be repeatable
    rows = [
        writing.with_defaults(session, "customer", {
            "name": "".join(chance.choices(NAMES, k=3)), "city": chance.choice(CITIES), "level": chance.choice((None, 1, 4, 5)), "owner": chance.choice((None, *owners)),
            "status": chance.choice(("new", "active")), "mobile": f"13{chance.randrange(10**9):09d}",
        })
        for _row in range(count)
    ]  # fmt: skip
    return session.write("test", "test", lambda: writing.insert_rows(session, "customer", rows)).result


def conditions(owners: list[int]) -> list[Condition]:
    parts: list[Condition] = [
        Where("city", "in", ["苏州", "无锡"]), Where("city", "eq", "a"), Where("city", "empty"), Where("level", "in", (4, 5)), Where("level", "eq", None), Where("level", "ge", 4),
        Where("owner", "eq", owners[0]), Where("owner", "in", ()), VisibleTo(owners[-1], "owner"), Where("status", "ne", "new"), Where("status", "eq", "active"),
        Where("id", "gt", 20), Matching("华"), Matching("13 信恒"),
    ]  # fmt: skip
    return [*parts, *(Every((first, second)) for first in parts for second in parts[::3]), Every((parts[0], parts[3], parts[8], parts[10])), Every((parts[3], parts[10], parts[12]))]


def plain(session: Session, asked: list[Condition]) -> dict[Condition | int, set[int]]:
    """Return what fulfils each condition by statements that no index here has a part in."""
    compiler = session.records.compiler(session.entity("customer"))
    compiler.sieve = None
    return {place: {int(row[0]) for row in session.store.execute(compiler.table.select(compiler.id).where(compiler.where(one))).fetchall()} for place, one in enumerate(asked)}


def same_lists(session: Session, owners: list[int], step: int = 1) -> None:
    """Assert that every list is what it should be: complete, and its pages parts of it, from both ends."""
    asked = conditions(owners)[::step]
    expected = plain(session, asked)
    for place, condition in enumerate(asked):
        sort, descending = (("name", False), ("name", True), ("balance", False), ("city", True), ("owner", False))[place % 5]
        query = Query("customer", condition, sort, descending=descending)
        whole = session.records.ids(query)
        assert set(whole) == expected[place], condition
        assert len(whole) == len(set(whole))
        for offset, limit in ((0, 5), (3, 200)):
            assert session.records.ids(query, limit=limit, offset=offset) == whole[offset : offset + limit], (condition, sort, offset)
        if len(whole) > 8:
            assert session.records.ids(query, limit=4, offset=len(whole) - 4, count=len(whole)) == whole[-4:], (condition, sort)


@contextmanager
def forced(monkeypatch: pytest.MonkeyPatch, way: str) -> Iterator[None]:
    """Let lists be read in one way wherever they can."""
    with monkeypatch.context() as patch:
        patch.setattr(name_places, "SMALL", 0)
        for name, value in {"SOONER": -1, "LOOKED_AT": (3, 4, 5), "PART": 2, "SORTED_MOST": 3, "SAMPLE": 4, "FEW_LEFT": 0, "FEW_FOUND": 0}.items():
            patch.setattr(first_by_name, name, value)
        chosen: dict[str, dict[str, object]] = {
            "walked": {"FEW": 0, "NEAR": 2, "CHUNKS": (60, 400)}, "places": {"CHUNKS": (0, 400), "WALKED": 0, "WALKED_ON_SERVER": 0, "FEW": 0}, "few": {"LOOK_ON_FILE": 0, "LOOK_ON_SERVER": 0},
            "among": {"FEW": 5, "CHUNKS": (0, 400), "FOLLOWED": 0, "WALKED": 0, "WALKED_ON_SERVER": 0},
        }  # fmt: skip
        for name, given in chosen[way].items():
            patch.setattr(listed, name, given)
        yield


def people(session: Session) -> list[int]:
    """Add two salespeople and return their ids."""
    return [make(session, "user", name=name, login=f"seller{number}", role="sales") for number, name in enumerate(("李四", "赵六"))]


def test_lists_in_every_way_and_state_of_the_index(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    owners = people(session)
    ids = fill(session, 90, 1, owners)
    entry = session.entity("customer")
    with forced(monkeypatch, "walked"):
        same_lists(session, owners, 3)
        tend(session)
        assert waiting.waiting(session.store, entry) is waiting.NOBODY
        same_lists(session, owners)
    changed = session.write("test", "test", lambda: session.records.change(entry, ids[:30], {"city": "无锡", "level": 5}, session.now))
    handed = session.write("test", "test", lambda: session.records.relink(entry, "owner", ids[20:60], owners[0], session.now))
    held = waiting.waiting(session.store, entry)
    assert held is not None
    assert 30 < len(held.values.keys() & {*ids[:60]}) == len(held.values), "those that had these values already don't wait"
    fill(session, 10, 2, owners)
    for way in ("places", "few", "among"):
        with forced(monkeypatch, way):
            same_lists(session, owners, 3)
    gone = records.delete(session, "customer", ids[5:12])
    tend(session)
    undoing.undo(session, gone.change_set or 0)
    undoing.undo(session, handed.change_set or 0)
    for way in ("walked", "places", "few", "among"):
        with forced(monkeypatch, way):
            tend(session)
            same_lists(session, owners, 3)
    undoing.undo(session, changed.change_set or 0)
    monkeypatch.setattr(waiting, "MOST", 1)
    same_lists(session, owners, 4)
    assert check.check(session) == []


def test_the_index_is_what_leads_to_the_page(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    owners = people(session)
    fill(session, 60, 3, owners)
    tend(session)
    with monkeypatch.context() as patch:
        patch.setattr(held_values.Held, "_read", lambda *_given: pytest.fail("it was asked"))
        with pytest.raises(pytest.fail.Exception):
            session.records.ids(Query("customer", Every((Where("city", "eq", "苏州"), Where("level", "in", (4, 5)))), "name"), limit=5)


def test_a_value_that_is_lost_is_named_and_made_anew(session: Session) -> None:
    fill(session, 20, 4, [session.person.id])
    tend(session)
    city = value_index.gram("city", value_index.bucket("苏州"))
    assert session.store.sql("DELETE FROM search_posting WHERE entity = 'customer=' AND gram = ?", (city,)).rowcount == 1
    (problem,) = [one for one in check.check(session) if one.kind == "search"]
    assert problem.entity == "customer"
    assert check.repair(session) == []
    assert check.check(session) == []


def test_where_a_trigger_was_missing_nothing_is_trusted(session: Session) -> None:
    ids = fill(session, 20, 5, [session.person.id])
    tend(session)
    name, _gone = value_index.trigger_names(session.entity("customer"))
    session.store.sql(f"DROP TRIGGER `{name}`")
    session.write("test", "test", lambda: session.records.change(session.entity("customer"), ids, {"city": "宁波"}, session.now))
    assert triggers.rebuild(session.store) == [name]
    assert session.entity("customer").name in {entry.name for entry in value_index.unready(session.store)}
    assert session.entity("customer") not in search_index.unready(session.store), "what it is found by didn't change"
    assert set(session.records.ids(Query("customer", Every((Where("city", "eq", "宁波"), Where("id", "gt", 0))), "name"), limit=50)) == set(ids)
    tend(session)
    assert check.check(session) == []


def test_the_name_of_a_trigger_says_what_it_looks_at(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = REGISTER["customer"]
    before = value_index.trigger_names(entry)
    monkeypatch.setattr(value_index, "indexed", lambda _name: {"city": str})
    assert value_index.trigger_names(entry) != before


def test_making_it_goes_on_where_it_was_stopped(session: Session) -> None:
    owners = people(session)
    fill(session, 30, 6, owners)

    def stop(_done: int, _total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        search.tend_index(session, step=stop)
    same_lists(session, owners, 5)
    tend(session)
    same_lists(session, owners, 5)


@given(st.lists(st.one_of(st.none(), st.integers(-(2**40), 2**40), st.text(max_size=5)), max_size=30))
def test_what_a_database_takes_for_the_same_has_the_same_number(values: list[int | str | None]) -> None:
    for value in values:
        assert 0 <= value_index.bucket(value) <= value_index.BUCKETS
        if isinstance(value, str):
            assert value_index.bucket(value) == value_index.bucket(f"{value}  ")
