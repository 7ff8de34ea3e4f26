from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import NotAllowed
from desktop_crm.domain.conditions import Matching, Query
from desktop_crm.models import triggers
from desktop_crm.services import records, sample, users
from desktop_crm.services.check import check, repair
from desktop_crm.services.session import Session, open_session
from tests.support.company import company

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as session:
        sample.fill(session, 6)
        yield session


def found(session: Session) -> set[tuple[str, str, tuple[int, ...]]]:
    return {(problem.kind, problem.entity, problem.ids) for problem in check(session)}


def test_sample_records_add_up_and_are_as_many_as_asked(session: Session) -> None:
    counts = {name: records.count(session, name) for name in ("customer", "contact", "opportunity", "contract", "receivable", "receipt")}
    assert counts == {"customer": 6, "contact": 12, "opportunity": 3, "contract": 1, "receivable": 6, "receipt": 9}
    assert check(session) == []
    totals = records.totals(session, "receivable")
    allocated = records.totals(session, "receipt")["allocated"]
    assert totals["settled"] == allocated > 0


def test_a_wrong_sum_is_named_and_repaired(session: Session) -> None:
    session.store.sql("UPDATE receipt SET allocated = allocated + 1 WHERE id = 2")
    assert ("sum", "receipt", (2,)) in found(session)
    assert repair(session) == []


def test_a_changed_trigger_is_named_and_made_anew(session: Session) -> None:
    session.store.sql("DROP TRIGGER trace_customer_update")
    assert [problem.kind for problem in check(session)] == ["trigger"]
    assert repair(session) == []
    assert triggers.differences(session.store) == []


def test_lost_search_keys_are_named_and_made_anew(session: Session) -> None:
    session.store.sql("UPDATE customer SET search_key = '', sort_key = '' WHERE id = 3")
    assert ("search", "customer", (3,)) in found(session)
    assert repair(session) == []
    name = records.get(session, "customer", 3)["name"]
    assert [row["id"] for row in records.page(session, Query("customer", Matching(name)))] == [3]


def test_what_breaks_a_rule_is_named_and_not_repaired(session: Session) -> None:
    key = session.store.scalar("SELECT receipt_id FROM allocation ORDER BY id LIMIT 1")
    session.write("break", "break", lambda: session.store.sql("UPDATE receipt SET amount = 1 WHERE id = ?", (key,)))
    assert ("over_allocated", "receipt", (key,)) in found(session)
    assert [problem.kind for problem in repair(session)] == ["over_allocated"]


def test_a_link_to_nothing_is_named(session: Session) -> None:
    session.store.sql("SET foreign_key_checks = 0" if session.store.mysql else "PRAGMA foreign_keys = 0")
    session.write("break", "break", lambda: session.store.sql("UPDATE contact SET customer_id = 999 WHERE id = 1"))
    assert ("link", "contact", (1,)) in found(session)


def test_two_documents_of_one_number_are_named(session: Session) -> None:
    session.write("break", "break", lambda: session.store.sql("UPDATE receivable SET number = 'X-1' WHERE id IN (1, 2)"))
    assert ("repeated", "receivable", (1, 2)) in found(session)


def test_the_check_is_for_those_who_see_all_and_the_repair_for_administrators(session: Session) -> None:
    for login, role in (("wangmin", "sales"), ("zhaoting", "finance")):
        users.add_user(session, {"login": login, "name": login, "role": role})
    with closing(open_session(session.url, "wangmin")) as sales, pytest.raises(NotAllowed):
        check(sales)
    with closing(open_session(session.url, "zhaoting")) as finance:
        assert check(finance) == []
        for refused in (repair, lambda session: sample.fill(session, 1)):
            with pytest.raises(NotAllowed):
                refused(finance)
