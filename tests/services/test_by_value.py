"""Lists in the order of choices and short texts are what the plain statement sorts, value by value, whatever happened to the records meanwhile."""

from __future__ import annotations

import random
from itertools import count
from typing import TYPE_CHECKING, Any

import peewee
import pytest

from desktop_crm.domain.conditions import Condition, Every, Matching, Query, VisibleTo, Where
from desktop_crm.models import by_value, listed, name_places, value_index
from desktop_crm.models.by_value import ByValue
from desktop_crm.models.listed import Listed
from desktop_crm.services import check, records, undoing, writing
from desktop_crm.services.session import Session, create_company
from tests.services.test_value_index import people, tend
from tests.support.prepared import lay

if TYPE_CHECKING:
    from collections.abc import Iterator

SUZHOU = "苏州"
TWIN = next(text for number in count() if value_index.bucket(text := f"x{number}") == value_index.bucket(SUZHOU))
"""Another city with the same number in the index."""
CITIES = (SUZHOU, TWIN, "无锡", "a", "a ", "B", "b", "", "Ä", "常州")
ORDERS = {"city": "city", "level": "level", "status": "status", "industry": "industry", "name": "sort_key"}
"""By what lists are sorted, and the column that keeps it."""


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    made = create_company(lay(db_url), admin="王敏")
    yield made
    made.close()


def fill(session: Session, number: int, chance: random.Random, owners: list[int]) -> list[int]:
    """Add customers; where a city stands in the order says something about the name, as it does in an office."""
    rows = []
    for _row in range(number):
        city = chance.choice(CITIES)
        rows.append(writing.with_defaults(session, "customer", {
            "name": f"{city.strip() or '华'}{''.join(chance.choices('华信恒', k=2))}", "city": city, "level": chance.choice((None, 1, 4, 5)), "owner": chance.choice((None, *owners)),
            "status": chance.choice(("new", "active")), "credit_limit": chance.choice((None, 5, 800)),
        }))  # fmt: skip
    return session.write("test", "test", lambda: writing.insert_rows(session, "customer", rows)).result


def conditions(owners: list[int]) -> list[Condition]:
    city, level, mine, active = Where("city", "in", (SUZHOU, TWIN, "a")), Where("level", "in", (4, 5)), VisibleTo(owners[0], "owner"), Where("status", "eq", "active")
    words, limit = Matching("常州"), Where("credit_limit", "gt", 100)
    return [city, level, mine, active, words, limit, Matching("华 信"), Every((city, level, active)), Every((mine, words)), Every((active, limit)), Every((words, limit, mine)), Where("city", "eq", "拉萨")]


def plain(session: Session, query: Query) -> list[int]:
    """Return the ids as one statement finds and sorts them, in which no index here has a part."""
    compiler = session.records.compiler(session.entity("customer"))
    compiler.sieve = None
    way = "DESC" if query.descending else "ASC"
    asked = compiler.table.select(compiler.id).where(compiler.where(query.condition))
    return [int(row[0]) for row in session.store.execute(asked.order_by(peewee.SQL(f"this.`{ORDERS[query.sort]}` {way}"), peewee.SQL(f"this.id {way}"))).fetchall()]


def same_order(session: Session, owners: list[int], chance: random.Random) -> None:
    """Assert that pages from either end, and far inside, are those of the plain statement."""
    entry = session.entity("customer")
    for condition in conditions(owners):
        query = Query("customer", condition, chance.choice([*ORDERS]), descending=chance.random() < 0.5)
        expected = plain(session, query)
        total = len(expected)
        for offset, limit in ((0, 7), (chance.randrange(total + 1), 11), (max(total - 5, 0), 5), (0, total + 3)):
            assert Listed(session.records, entry, query).page(offset, limit, total if offset else None) == expected[offset : offset + limit], (query, offset, limit)
        one = Listed(session.records, entry, query)
        for offset in (total // 2, total // 3, total // 2 + 4):
            assert one.page(offset, 4, total) == expected[offset : offset + 4], (query, offset)


@pytest.mark.parametrize("far", [False, True], ids=["from the ends", "far inside"])
def test_pages_are_those_of_the_plain_statement(session: Session, monkeypatch: pytest.MonkeyPatch, *, far: bool) -> None:
    for name, value in {"READ": 2, "BEYOND": 1, "LEAST_OF": 1000}.items():
        monkeypatch.setattr(by_value, name, value)
    chosen: dict[str, object] = {"FAR": 5, "EARLY": 0, "PASSED": 0} if far else {"CHUNKS": (0, 400), "SOME": -1, "LEAST_OF": 1000}
    monkeypatch.setattr(name_places, "SMALL", 0)
    for name, given in {"FEW": 0, **chosen}.items():
        monkeypatch.setattr(listed, name, given)
    way, used = "page" if far else "first", list[object]()
    real = getattr(ByValue, way)

    def told(*given: Any, **named: Any) -> Any:
        used.append(given)
        return real(*given, **named)

    monkeypatch.setattr(ByValue, way, told)
    chance = random.Random(7 + far)  # noqa: S311 - it must be repeatable
    owners = people(session)
    ids = fill(session, 160, chance, owners)
    tend(session)
    same_order(session, owners, chance)
    assert len(used) > 10, "lists are read by values"
    entry = session.entity("customer")
    moved = session.write("test", "test", lambda: session.records.change(entry, ids[:40], {"city": TWIN, "level": None}, session.now))
    records.save(session, "customer", {"name": "常州改名", "city": "a "}, key=ids[70])
    fill(session, 20, chance, owners)
    gone = records.delete(session, "customer", ids[30:60])
    same_order(session, owners, chance)
    tend(session)
    same_order(session, owners, chance)
    undoing.undo(session, gone.change_set or 0)
    undoing.undo(session, moved.change_set or 0)
    same_order(session, owners, chance)
    tend(session)
    same_order(session, owners, chance)
    assert check.check(session) == []


def test_too_many_values_are_not_gone_through(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_value, "VALUES_MOST", 3)
    chance = random.Random(1)  # noqa: S311 - it must be repeatable
    owners = people(session)
    fill(session, 60, chance, owners)
    tend(session)
    entry = session.entity("customer")
    assert by_value.values_of(session.store, entry, "city") is None
    assert by_value.values_of(session.store, entry, "level") == [None, 1, 4, 5]
    assert by_value.values_of(session.store, entry, "name") is None
    same_order(session, owners, chance)


def test_where_the_index_is_not_known_another_way_is_taken(session: Session) -> None:
    chance = random.Random(2)  # noqa: S311 - it must be repeatable
    owners = people(session)
    fill(session, 60, chance, owners)
    same_order(session, owners, chance)
    tend(session)
    with session.store.transaction():
        value_index.forget(session.store, [session.entity("customer")])
    same_order(session, owners, chance)
