"""The window takes what waits for the index of search in by itself, after the start and after changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desktop_crm.models import search_index, turning
from desktop_crm.services import records, search, upkeep
from desktop_crm.ui import search_upkeep
from desktop_crm.ui.search_upkeep import SearchUpkeep

if TYPE_CHECKING:
    from tests.ui.conftest import Bench


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "DUE", 2)
    monkeypatch.setattr(search_upkeep, "FIRST_MS", 10)
    monkeypatch.setattr(search_upkeep, "SOON_MS", 10)


def add(bench: Bench, count: int) -> None:
    for number in range(count):
        records.save(bench.session, "customer", {"name": f"华信{number}"})


def test_what_waits_is_taken_in_after_the_start_and_after_a_change(bench: Bench) -> None:
    add(bench, 4)
    assert search.index_due(bench.session)
    kept = SearchUpkeep(bench.desk)
    bench.qtbot.waitUntil(lambda: bench.operations.idle() and not search.index_due(bench.session))
    bench.desk.operations.write(kept, lambda: add(bench, 4), lambda _none: None)
    bench.qtbot.waitUntil(lambda: bench.operations.idle() and search_index.pending_count(bench.session.store) == 0)
    bench.settle()


def test_the_day_is_moved_on_after_the_start(bench: Bench) -> None:
    assert upkeep.due(bench.session)
    kept = SearchUpkeep(bench.desk)
    bench.qtbot.waitUntil(lambda: bench.operations.idle() and not upkeep.due(bench.session))
    assert turning.day_of(bench.session.store) == bench.session.today
    assert kept.desk is bench.desk
    bench.settle()


def test_one_who_stops_it_is_not_asked_again_at_once(bench: Bench) -> None:
    turning.turn(bench.session.store, bench.session.today, lambda _done, _total: None)
    add(bench, 4)
    titles: list[str] = []
    real = bench.operations.file

    def stopped(*given: object, **named: object) -> object:
        titles.append(str(named["title"]))
        job = real(*given, **named)  # type: ignore[arg-type]
        job.cancel()
        return job

    bench.operations.file = stopped  # type: ignore[method-assign, assignment]
    kept = SearchUpkeep(bench.desk)
    bench.qtbot.waitUntil(lambda: bool(titles))
    bench.settle()
    assert titles == ["正在准备搜索…"]
    assert search.index_due(bench.session)
    bench.operations.file = real  # type: ignore[method-assign]
    kept.look()
    bench.qtbot.waitUntil(lambda: bench.operations.idle() and not search.index_due(bench.session))
