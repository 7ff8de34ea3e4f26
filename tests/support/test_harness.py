"""The harness itself: a fresh database for each test, and a warning that nobody expected."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pymysql
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_an_empty_database(mariadb_url: str, turn: int) -> None:
    address = urlsplit(mariadb_url)
    with pymysql.connect(host=address.hostname, port=address.port or 0, user=address.username, database=address.path[1:]) as connection:
        cursor = connection.cursor()
        assert cursor.execute("SHOW TABLES") == 0
        cursor.execute("CREATE TABLE trace (turn INT)")
        cursor.execute("INSERT INTO trace VALUES (%s)", (turn,))


def test_an_expected_warning_passes(expect_log: Callable[[str], None]) -> None:
    expect_log("nearly full")
    logging.getLogger("disk").warning("The disk is nearly full")
