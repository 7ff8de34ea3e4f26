"""What was agreed last with a customer is when to see to it next."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from desktop_crm.services import activities, records, writing
from tests.services.ledger import add, company, customer, figures, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.session import Session


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


def noted(session: Session, of: int, day: int, next_on: date | None, *, done: bool = False) -> int:
    return add(session, "activity", customer=of, content="谈价格", happened_at=datetime(2026, 6, day, 9, tzinfo=UTC), next_on=next_on, done=done)


def test_the_latest_follow_up_with_a_date_wins(session: Session) -> None:
    of = customer(session)
    done = activities.follow_up(session, of, " 要样品 ", "visit", date(2026, 7, 10)).result
    assert figures(session, "activity", done.id, "content", "kind", "owner", "happened_at") == ("要样品", "visit", session.person.id, session.now)
    assert figures(session, "customer", of, "next_contact", "last_contact") == (date(2026, 7, 10), session.now)
    noted(session, of, 1, date(2026, 6, 5))
    assert figures(session, "customer", of, "next_contact") == (date(2026, 7, 10),)
    activities.follow_up(session, of, "没人接")
    assert figures(session, "customer", of, "next_contact") == (date(2026, 7, 10),)


def test_a_date_done_with_is_taken_away_or_gives_way_to_the_one_before(session: Session) -> None:
    of = customer(session)
    earlier = noted(session, of, 1, date(2026, 7, 1))
    later = noted(session, of, 2, date(2026, 7, 2))
    records.save(session, "activity", {"done": True}, key=later)
    assert figures(session, "customer", of, "next_contact") == (date(2026, 7, 1),)
    records.save(session, "activity", {"done": True}, key=earlier)
    assert figures(session, "customer", of, "next_contact") == (None,)
    records.save(session, "customer", {"next_contact": date(2026, 8, 1)}, key=of)
    records.save(session, "activity", {"content": "已谈妥"}, key=earlier)
    assert figures(session, "customer", of, "next_contact") == (date(2026, 8, 1),)


def test_many_follow_ups_at_once(session: Session) -> None:
    keys = [customer(session, f"客户{number}") for number in range(3)]
    many = [
        {"customer": key, "content": "x", "happened_at": datetime(2026, 6, day, tzinfo=UTC), "next_on": date(2026, 7, day)} for key in keys for day in (9, 3, 6)
    ]
    session.write("import", "import", lambda: writing.insert_rows(session, "activity", many))
    assert rows(session, "customer", "next_contact") == [(date(2026, 7, 9),)] * 3
