"""Changing many records at once: in few statements, stopped and taken back as one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import Cancelled, UserError
from desktop_crm.domain.conditions import EVERYTHING, Matching, Where
from desktop_crm.services import records, undoing, writing
from tests.support.company import company
from tests.support.spying import selects, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.session import Session

COUNT = 1200


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        rows = [writing.with_defaults(made, "customer", {"name": f"客户{number}", "city": "上海" if number % 2 else "北京"}) for number in range(COUNT)]
        made.write("add", "add", lambda: writing.insert_rows(made, "customer", rows))
        yield made


def states(session: Session) -> dict[int, dict[str, object]]:
    entry = session.entity("customer")
    return session.records.states(entry, session.records.ids_where(entry, EVERYTHING))


def test_many_change_and_are_found_by_it(session: Session) -> None:
    before, told = states(session), []
    with statements(session.store) as seen:
        done = records.change_many(session, "customer", Where("city", "eq", "上海"), {"address": "人民路8号"}, step=lambda *now: told.append(now))
    assert done.result == COUNT // 2
    assert len(selects(seen)) < 40, "what is asked is asked for many at once, though each has a search text of its own"
    assert told == [(0, COUNT // 2), (500, COUNT // 2)]
    assert records.count(session, "customer", Matching("人民路8")) == COUNT // 2
    assert all(row["version"] == (2 if row["city"] == "上海" else 1) for row in session.records.find(session.entity("customer"), EVERYTHING, ["city"]))
    undoing.undo(session, done.change_set or 0)
    assert states(session) == before
    assert records.count(session, "customer", Matching("人民路8")) == 0


def test_records_that_change_alike_change_in_one_statement(session: Session) -> None:
    with statements(session.store) as seen:
        records.change_many(session, "customer", EVERYTHING, {"level": 3, "credit_limit": Decimal(500)})
    assert len([text for text, _values in seen if text.startswith("UPDATE `customer`")]) == 3
    assert records.totals(session, "customer", Where("level", "eq", 3))["count"] == COUNT
    with statements(session.store) as seen:
        assert records.change_many(session, "customer", EVERYTHING, {"level": 3}).change_set is None
    assert not [text for text, _values in seen if text.startswith("UPDATE `customer`")], "what is so already is left alone"


def test_stopping_leaves_everything_as_it_was(session: Session) -> None:
    before = states(session)

    def stop(done: int, _total: int) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        records.change_many(session, "customer", EVERYTHING, {"city": "广州"}, step=stop)
    assert states(session) == before
    assert records.count(session, "customer", Where("city", "eq", "广州")) == 0


def test_rules_of_the_entity_run_for_all_of_them(session: Session) -> None:
    customer = session.records.ids_where(session.entity("customer"), EVERYTHING)[0]
    for number in range(3):
        values = records.new(session, "opportunity", name=f"商机{number}", customer=customer, amount=Decimal(1000))
        records.save(session, "opportunity", values)
    records.change_many(session, "opportunity", EVERYTHING, {"stage": "lost", "close_on": session.today + timedelta(days=1)})
    rows = session.records.find(session.entity("opportunity"), EVERYTHING, ["stage", "probability"])
    assert [(row["stage"], row["probability"]) for row in rows] == [("lost", Decimal(0))] * 3


def test_a_figure_of_all_that_match(session: Session) -> None:
    records.change_many(session, "customer", Where("city", "eq", "上海"), {"credit_limit": Decimal("10.50")})
    assert records.figures(session, "customer", EVERYTHING, "credit_limit") == records.Figures(Decimal("10.50") * (COUNT // 2), COUNT // 2)


def test_rules_see_what_they_look_at(session: Session) -> None:
    north = Where("city", "eq", "北京")
    payer = records.save(session, "customer", {"name": "总公司"}).result.id
    with statements(session.store) as seen:
        records.change_many(session, "customer", north, {"level": 2})
    assert not [text for text, _values in selects(seen) if "state_before" in text or "search_key" in text], "a level concerns no rule and is in no key"
    records.change_many(session, "customer", north, {"opening_balance": Decimal("8.80")})
    assert records.totals(session, "receivable", EVERYTHING)["count"] == COUNT // 2
    records.change_many(session, "customer", north, {"payer": payer})
    with pytest.raises(UserError):
        records.change_many(session, "customer", Where("id", "eq", payer), {"payer": payer})


def test_values_that_differ_come_back_each_to_its_record(session: Session) -> None:
    few = Where("id", "le", 40)
    rows = session.records.find(session.entity("customer"), few, ["name"], sort="id")
    for row in rows[:6]:
        records.save(session, "customer", {"address": f"路{row['id']}号"}, key=row["id"])
    before = states(session)
    done = records.change_many(session, "customer", few, {"address": "人民路8号", "level": 4})
    undoing.undo(session, done.change_set or 0)
    assert states(session) == before
