"""The harness itself: a fresh database for each test, and what it lays down there; and a warning that nobody expected."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pymysql
import pytest

from desktop_crm.services.check import check
from tests.conftest import ADDRESS
from tests.support.company import company

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.services.session import Session


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_an_empty_database(mariadb_url: str, turn: int) -> None:
    address = urlsplit(mariadb_url)
    with pymysql.connect(host=address.hostname, port=address.port or 0, user=address.username, database=address.path[1:]) as connection:
        cursor = connection.cursor()
        assert cursor.execute("SHOW TABLES") == 0
        cursor.execute("CREATE TABLE trace (turn INT)")
        cursor.execute("INSERT INTO trace VALUES (%s)", (turn,))


def test_companies_laid_down_on_a_server_have_triggers_of_their_own(request: pytest.FixtureRequest, mariadb_url: str) -> None:
    """Their files are the same ones; a trigger that goes in one company is still there in others, those that are made later too."""
    address = request.config.stash[ADDRESS]

    def triggers(session: Session) -> list[str]:
        return [str(row[0]) for row in session.store.sql("SHOW TRIGGERS").fetchall()]

    with company(mariadb_url) as first, address.fresh_database() as url, company(url) as second:
        everything = triggers(first)
        assert "trace_customer_update" in everything
        second.store.sql("DROP TRIGGER trace_customer_update")
        with address.fresh_database() as later, company(later) as third:
            assert triggers(first) == triggers(third) == everything
            assert len(triggers(second)) == len(everything) - 1
            for session in (first, third):
                with pytest.raises(Exception, match="no change set is open"):
                    session.store.sql("UPDATE `user` SET name = 'x'")
                assert check(session) == []


def test_an_expected_warning_passes(expect_log: Callable[[str], None]) -> None:
    expect_log("nearly full")
    logging.getLogger("disk").warning("The disk is nearly full")
