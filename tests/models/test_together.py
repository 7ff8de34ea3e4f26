"""Statements that wait for the next one, and several in one packet: the same answers, the same failures, nothing of them after a failure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import peewee
import pytest

from desktop_crm.base.errors import Invalid
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.models import changes
from desktop_crm.services import receipts, records
from desktop_crm.services.check import check
from tests.services.ledger import company
from tests.support.spying import packets, statements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from desktop_crm.models.engines import Later
    from desktop_crm.services.session import Session

ADD = "INSERT INTO counter (name, value) VALUES (?, ?)"
TEXT = "“a”; b' %s ? \\ \n; COMMIT"


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


def kept(session: Session) -> int:
    """Return how many counters of the test are there."""
    return int(session.store.scalar("SELECT COUNT(*) FROM counter WHERE name LIKE 'test%'"))


def broken_off(session: Session, work: Callable[[], object]) -> None:
    """Do something in a transaction that fails."""

    def fail() -> None:
        with session.store.transaction():
            work()
            raise KeyError

    with pytest.raises(KeyError):
        fail()


def test_what_waits_is_done_before_the_next_statement_and_each_gets_its_own_answer(session: Session) -> None:
    store = session.store
    with store.transaction():
        store.later(ADD, ("test.a", 1))
        store.later(ADD, (f"test.{TEXT}", 2))
        assert kept(session) == 2
        first, added, last = store.together(("SELECT name FROM counter WHERE value = ?", (2,)), (ADD, ("test.%", 3)), ("SELECT COUNT(*) FROM counter WHERE name LIKE 'test%'", ()))
        assert [row[0] for row in first.rows] == [f"test.{TEXT}"]
        assert added.added or store.mysql is False
        assert last.rows[0][0] == 3
    assert kept(session) == 3


def test_what_waits_at_the_end_is_committed_and_what_waits_at_a_failure_is_not(session: Session) -> None:
    store = session.store
    with store.transaction():
        store.later(ADD, ("test.a", 1))
    broken_off(session, lambda: store.later(ADD, ("test.b", 1)))
    assert kept(session) == 1


def test_a_failure_of_what_waited_takes_the_whole_transaction_back(session: Session) -> None:
    store = session.store

    def twice(*, asked: bool) -> None:
        with store.transaction():
            store.sql(ADD, ("test.a", 1))
            for number in (2, 2, 3):
                store.later("INSERT INTO counter (id, name, value) VALUES (?, ?, 1)", (number + 1000, f"test.{number}"))
            assert not asked or kept(session)

    for asked in (True, False):
        with pytest.raises(peewee.IntegrityError):
            twice(asked=asked)
        assert kept(session) == 0


def test_many_rows_and_rows_read_one_by_one_belong_to_the_transaction_that_has_just_begun(session: Session) -> None:
    store = session.store
    broken_off(session, lambda: store.many(ADD, [("test.a", 1), ("test.b", 1)]))
    assert kept(session) == 0
    with store.transaction():
        store.later(ADD, ("test.a", 1))
        entry = session.entity("user")
        assert len(list(store.stream(session.records.compiler(entry).table.select(peewee.SQL("id"))))) == 1
    assert kept(session) == 1


def test_no_change_set_stays_open_after_one_that_failed(session: Session) -> None:
    def fail() -> None:
        records.save(session, "customer", {"name": "甲公司"})
        raise KeyError

    with pytest.raises(KeyError):
        session.write("test", "test", fail)
    with pytest.raises(peewee.DatabaseError, match="no change set is open"):
        session.store.sql("UPDATE user SET name = 'other'")
    assert check(session) == []


def test_no_change_set_stays_open_after_one_that_was_refused_at_its_end(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: object) -> None:
        raise KeyError

    monkeypatch.setattr(changes, "refuse_closed", refuse)
    with pytest.raises(KeyError):
        records.save(session, "customer", {"name": "甲公司"})
    with pytest.raises(peewee.DatabaseError, match="no change set is open"):
        session.store.sql("UPDATE user SET name = 'other'")
    assert session.records.count(session.entity("customer"), EVERYTHING) == 0


def test_a_receipt_that_links_to_nothing_and_has_its_number_is_refused_like_any_other(session: Session) -> None:
    with pytest.raises(Invalid) as refused:
        receipts.post_receipt(session, values={"number": "SK-1", "amount": Decimal(1), "received_on": session.today}, allocations={})
    assert [problem.field for problem in refused.value.problems] == ["customer"]


def test_a_label_with_signs_of_statements_is_kept_as_it_is(session: Session) -> None:
    name = TEXT.replace("\n", " ")
    done = records.save(session, "customer", {"name": name})
    assert session.log.entry(done.change_set or 0).label.endswith(f" {name}")


def test_a_transaction_without_a_statement_asks_the_server_nothing(session: Session) -> None:
    if session.store.mysql:
        with packets(session.store) as seen, session.store.transaction():
            pass
        assert seen == []


def test_a_statement_that_waits_tells_its_id_once_it_ran_and_is_run_where_somebody_asks(session: Session) -> None:
    store = session.store
    with store.transaction():
        asked, told = store.later(ADD, ("test.a", 1)), store.later(ADD, ("test.b", 2))
        assert asked.added() == store.scalar("SELECT id FROM counter WHERE name = ?", ("test.a",))
        assert told.added() == asked.added() + 1

    def never() -> None:
        dropped.append(store.later(ADD, ("test.c", 3)))

    dropped: list[Later] = []
    broken_off(session, never)
    assert kept(session) == 2


def test_questions_asked_along_are_answered_only_while_nothing_is_written_behind_them(session: Session) -> None:
    store = session.store
    question = ("SELECT COUNT(*) FROM counter WHERE name LIKE 'test%'", ())
    with store.transaction():
        for number in range(3):
            store.along(question)
            store.together((ADD, (f"test.{number}", 1)))
            if number == 1:
                store.sql(ADD, ("test.more", 1))
            with packets(store) if store.mysql else statements(store) as seen:
                (answer,) = store.answered(question)
            assert answer.rows[0][0] == number + 1 + (number > 0)
            assert not store.mysql or len(seen) == (number == 1)
