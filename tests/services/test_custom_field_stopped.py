"""A field of a company's own whose making is stopped leaves nothing behind."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import Cancelled
from desktop_crm.services import custom_fields
from desktop_crm.services.check import check
from desktop_crm.services.session import Session, open_session
from tests.support.company import company

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


def add(session: Session) -> str:
    return custom_fields.add(session, "customer", {"label": "保证金", "kind": "money", "listed": True}).result


def test_one_that_is_stopped_before_it_stands_leaves_nothing(session: Session) -> None:
    def too_late() -> None:
        raise Cancelled

    with pytest.raises(Cancelled), session.store.watched(lambda: None, too_late):
        add(session)
    assert custom_fields.fields_of(session, "customer") == []
    assert "custom_1_money" not in session.entity("customer").fields
    assert check(session) == []
    assert add(session) == "custom_1_money"


@pytest.mark.parametrize("db_url", ["mysql"], indirect=True)
def test_the_statement_of_a_server_is_stopped_while_it_runs(session: Session) -> None:
    with closing(open_session(session.url)) as other, closing(open_session(session.url)) as looking:

        def look() -> None:
            if threading.current_thread() is not threading.main_thread():
                with closing(looking.store):
                    if looking.store.scalar("SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for table metadata%' AND db = DATABASE()"):
                        raise Cancelled

        with other.store.transaction():
            assert other.store.sql("SELECT COUNT(*) FROM customer").fetchone() == (0,)
            with pytest.raises(Cancelled), session.store.watched(look, lambda: None):
                add(session)
    assert custom_fields.fields_of(session, "customer") == []
    assert "custom_1_money" not in session.entity("customer").fields
    assert check(session) == []
    assert add(session) == "custom_1_money"
