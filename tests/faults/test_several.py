"""Several programs at one company at once, and a clock that goes back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.services import history, records, undoing
from desktop_crm.services.check import check
from desktop_crm.services.session import Session, create_company, open_session
from tests.faults.operations import a_later_version
from tests.faults.sites import Site
from tests.support.children import python
from tests.support.company import company
from tests.upgrades import released

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = 3
TIMES = 6


def together(commands: Sequence[Sequence[str]]) -> list[list[str]]:
    """Start programs at once and return the lines each said; all must end well."""
    with ThreadPoolExecutor(len(commands)) as pool:
        done = list(pool.map(lambda command: python(["-m", *command], cwd=ROOT, check=True), commands))
    return [program.stdout.split() for program in done]


@pytest.mark.parametrize("ending", ["", "?shared=1"])
def test_programs_that_write_to_one_file_at_once_lose_nothing(tmp_path: Path, ending: str) -> None:
    url = f"sqlite:///{tmp_path / 'company.sqlite3'}{ending}"
    create_company(url, admin="boss").close()
    said = together([("tests.faults.writer", url, str(TIMES))] * PROGRAMS)
    numbers = [int(line) for lines in said for line in lines]
    assert len(set(numbers)) == len(numbers) == PROGRAMS * TIMES
    with closing(open_session(url)) as session:
        assert {entry.id for entry in session.log.entries()} >= set(numbers)
        assert session.records.count(session.entity("receipt"), EVERYTHING) == PROGRAMS * TIMES
        receipts = session.records.find(session.entity("receipt"), EVERYTHING, ["number"])
        assert len({row["number"] for row in receipts}) == PROGRAMS * TIMES
        assert check(session) == []


def test_of_programs_that_start_at_once_one_upgrades_and_the_others_wait(db_url: str, tmp_path: Path) -> None:
    released.put(released.FILES[0], db_url)
    with a_later_version(Site("local", tmp_path)):
        said = together([("tests.faults.opener", db_url, str(tmp_path / "migrations"))] * PROGRAMS)
        assert sorted(int(line) > 0 for lines in said for line in lines) == [False, False, True]
        with closing(open_session(db_url, "boss")) as session:
            assert check(session) == []
    assert len(list(tmp_path.glob("*before-upgrade*"))) == (0 if db_url.startswith("mysql") else 1)


def test_a_clock_that_goes_back_mixes_nothing_up(db_url: str) -> None:
    with company(db_url) as made:
        clocks = [datetime(2026, 3, 1, 2, tzinfo=UTC), datetime(2025, 12, 30, 2, tzinfo=UTC), datetime(1999, 1, 1, tzinfo=UTC)]
        numbers = []
        key = 0
        for turn, now in enumerate(clocks):
            session = Session(made.store, made.person, clock=partial(datetime.fromtimestamp, now.timestamp(), UTC))
            customer = records.save(session, "customer", {"name": f"客户{turn}"}).result.id
            for _again in range(2):
                values = {"customer": customer, "amount": Decimal(10), "received_on": date(2026, 3, 1)}
                saved = records.save(session, "receipt", values)
                numbers.append(records.get(session, "receipt", saved.result.id)["number"])
            key = key or customer
            last = records.save(session, "customer", {"city": f"城市{turn}"}, key=key).change_set
        assert len(set(numbers)) == len(numbers)
        events = history.record_history(session, "customer", key)
        assert [event.change_set for event in events] == sorted((event.change_set for event in events), reverse=True)
        assert [field.after for event in events for field in event.fields if field.field == "city"] == ["城市2", "城市1", "城市0"]
        newest = session.log.last_of(session.person.id)
        assert newest is not None
        assert newest.id == last
        undoing.undo(session, newest.id)
        assert records.get(session, "customer", key)["city"] == "城市1"
        assert check(session) == []
