"""A statement that nobody waits for any more is stopped in the middle, and its connection goes on."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import Cancelled
from desktop_crm.models.database import Store, parse_url
from desktop_crm.models.stopping import Stopper

if TYPE_CHECKING:
    from collections.abc import Callable

ENDLESS = {
    False: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n",
    True: "SELECT BENCHMARK(1000000000000, MD5('endless'))",
}


def wish_after(calls: int) -> Callable[[], None]:
    left = [calls]

    def ask() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Cancelled

    return ask


def test_a_long_statement_is_stopped(db_url: str) -> None:
    store = Store(parse_url(db_url))
    for _again in range(2):
        with pytest.raises(Cancelled), store.watched(wish_after(2)):
            store.sql(ENDLESS[store.mysql]).fetchall()
        assert store.scalar("SELECT 1") == 1
    with store.watched(wish_after(10**9)):
        assert store.scalar("SELECT 1") == 1
    store.close()


def test_what_is_wrong_with_a_statement_is_still_told(db_url: str) -> None:
    store = Store(parse_url(db_url))
    with pytest.raises(Exception, match="nowhere"), store.watched(wish_after(10**9)):
        store.sql("SELECT * FROM nowhere")
    store.close()


def test_nothing_is_stopped_once_the_watch_has_ended() -> None:
    killed: list[int] = []
    late = threading.Event()

    def kill(connection: int) -> None:
        killed.append(connection)
        late.set()

    stopper = Stopper(kill)
    with stopper.watching(7, wish_after(0)) as watch:
        assert late.wait(10)
        assert watch.wish is not None
    before = len(killed)
    with stopper.watching(8, wish_after(10**9)):
        deadline = time.monotonic() + 0.1
        while time.monotonic() < deadline:
            threading.Event().wait(0.01)
    assert len(killed) == before
    assert set(killed) == {7}
