"""A list by position gives what sorting all records gives, on whichever of its ways it gets there."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from desktop_crm.domain.conditions import EVERYTHING, Condition, Either, Every, Matching, Query, Related, VisibleTo, Where
from desktop_crm.models import by_links, listed, turning
from desktop_crm.models.listed import Listed
from desktop_crm.services import records, writing
from tests.support.company import company

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.session import Session

COUNT = 60
DAY = date(2026, 3, 1)
SORTS = ("name", "city", "level", "owner", "next_contact", "balance", "overdue", "overdue_days", "last_contact", "address", "created_at", "id")
CONDITIONS: dict[str, Condition] = {
    "everything": EVERYTHING,
    "a city": Where("city", "eq", "苏州"),
    "several": Every((Where("city", "in", ("苏州", "无锡")), Where("level", "ge", 2), Where("next_contact", "filled"))),
    "either": Either((Where("level", "eq", 1), Where("next_contact", "empty"))),
    "a figure": Where("overdue", "gt", Decimal(150)),
    "no figure": Where("overdue", "le", 0),
    "days": Where("overdue_days", "empty"),
    "a link's field": Where("owner.role", "eq", "sales"),
    "others": Related("receivable", "customer", Where("amount", "gt", Decimal(300))),
    "visible": VisibleTo(2, "owner"),
    "words": Matching("苏州"),
    "nothing": Where("city", "eq", "拉萨"),
}


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        fill(made)
        yield made


def fill(session: Session) -> None:
    """Add customers with owners, some without, receivables of which some are late, and follow-ups."""

    def add(name: str, rows: list[dict[str, Any]]) -> list[int]:
        return writing.insert_rows(session, name, [writing.with_defaults(session, name, row) for row in rows])

    def work() -> None:
        sellers = add("user", [{"name": name, "login": name, "role": "sales"} for name in ("赵一", "赵一", "钱二")])
        customers = add("customer", [{
            "name": f"{('苏州', '无锡', '宁波')[number % 3]}{number % 7}号公司", "city": ("苏州", "无锡", "宁波")[number % 3], "level": number % 4 or None,
            "owner": ([*sellers, None])[number % 4], "next_contact": DAY + timedelta(days=number % 9) if number % 5 else None, "address": f"路{number % 11}",
        } for number in range(COUNT)])
        add("receivable", [{
            "customer": customers[number % 40], "document_on": DAY - timedelta(days=number % 90), "due_on": session.today + timedelta(days=number % 5 - 3),
            "amount": Decimal(100 + number),
        } for number in range(0, 300, 3)])
        add("activity", [{"customer": customers[number * 3 % COUNT], "content": "电话", "happened_at": session.now - timedelta(hours=number)} for number in range(25)])

    session.write("test", "test", work)


def in_full(session: Session, query: Query) -> list[int]:
    """Return the ids as one plain statement sorts them, record by record."""
    entry = session.entity(query.entity)
    links = entry.fields[query.sort].spec.link if query.sort != "id" else ""
    rows = session.records.find(entry, query.condition, [query.sort] if links else [], sort=query.sort, descending=query.descending)
    ids = [row["id"] for row in rows]
    if not links:
        return ids
    # Linked records of the same name stay apart.
    names = {row["id"]: (row[query.sort] is not None, title_key(session, links, row[query.sort]), row[query.sort] or 0, row["id"]) for row in rows}
    return sorted(ids, key=names.__getitem__, reverse=query.descending)


def title_key(session: Session, name: str, key: int | None) -> str:
    return "" if key is None else session.records.find(session.entity(name), Where("id", "eq", key), ["sort_key"])[0]["sort_key"]


@pytest.mark.parametrize(("few", "followed"), [(0, 25), (0, 1), (7, 1), (4000, 25)], ids=["follows", "gives up", "few are kept", "as it comes"])
@pytest.mark.parametrize("far", [2, 5000], ids=["all are read", "from the ends"])
def test_every_page_is_where_it_belongs(session: Session, monkeypatch: pytest.MonkeyPatch, few: int, followed: int, far: int) -> None:
    monkeypatch.setattr(listed, "FEW", few)
    monkeypatch.setattr(listed, "FOLLOWED", followed)
    monkeypatch.setattr(listed, "FAR", far)
    monkeypatch.setattr(by_links, "COUNTED", 0 if few else 5000)
    monkeypatch.setattr(listed, "SPREAD", 0 if few else listed.SPREAD)
    if few:
        turning.turn(session.store, session.today, lambda _done, _total: None)
    entry = session.entity("customer")
    for name, condition in CONDITIONS.items():
        count = session.records.count(entry, condition)
        for number, sort in enumerate(SORTS):
            query = Query("customer", condition, sort, descending=bool((number + far + few) % 2))
            expected = in_full(session, query)
            assert len(expected) == count, (name, sort)
            for limit in (11, COUNT):
                reading = Listed(session.records, entry, query)
                for offset in (0, 22, 11, max(count - limit, 0), count):
                    known = None if offset == 0 else count
                    assert reading.page(offset, limit, known) == expected[offset : offset + limit], (name, sort, offset, limit)
            assert session.records.ids(query) == expected


def test_sums_are_those_of_the_rows(session: Session) -> None:
    entry = session.entity("customer")
    for name, condition in CONDITIONS.items():
        rows = session.records.find(entry, condition, ["balance", "overdue", "prepaid"])
        found = session.records.totals(entry, condition, ["balance", "overdue", "prepaid"])
        assert found == {"count": len(rows), **{field: sum((row[field] for row in rows), Decimal(0)) for field in ("balance", "overdue", "prepaid")}}, name
    assert found["count"] == 0
    assert session.records.totals(entry, EVERYTHING, ["overdue"])["overdue"] > 0


def test_ids_come_in_their_order_however_they_are_sent(session: Session) -> None:
    compiler = session.records.compiler(session.entity("customer"))
    asked = compiler.select(Where("level", "ge", 1), compiler.id).order_by(compiler.served("sort_key"), compiler.id).limit(40)
    expected = [row[0] for row in session.store.execute(asked).fetchall()]
    assert len(expected) == 40
    assert session.store.ids(asked).tolist() == expected
    if session.store.mysql:
        session.store.sql("SET group_concat_max_len = 20")
        assert session.store.ids(asked).tolist() == expected
    assert not session.store.ids(compiler.select(Where("level", "eq", 99), compiler.id).limit(5))


def test_linked_records_without_end_are_not_followed_for_ever(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_links, "PARTS", (1,))
    for descending in (False, True):
        query = Query("customer", sort="owner", descending=descending)
        assert Listed(session.records, session.entity("customer"), query).page(0, COUNT) == in_full(session, query)


def test_who_sees_a_part_is_asked_once(session: Session) -> None:
    engine = session.records
    compiled = engine.compiler(session.entity("customer")).where(VisibleTo(2, "owner"))
    text, values = session.store.db.get_sql_context().sql(compiled).query()
    assert "visibility" not in text
    assert values == [2]
    assert records.count(session, "customer", VisibleTo(99, "owner")) == COUNT // 4, "without anybody to see, what nobody owns is left"
