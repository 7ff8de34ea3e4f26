"""What is new or changed takes its place in the order of names, and is found while it waits for the index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import Cancelled
from desktop_crm.base.progress import silent
from desktop_crm.domain.conditions import Query
from desktop_crm.models import name_places, search_index, waiting
from desktop_crm.services import records, writing
from desktop_crm.services.session import Session, create_company
from tests.services.test_search_index import by_places, fill, found, same_pages, tend
from tests.support.company import make
from tests.support.prepared import lay

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    made = create_company(lay(db_url), admin="王敏")
    yield made
    made.close()


def test_what_is_new_or_renamed_takes_its_place_without_the_others(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = fill(session, 120, 17)
    entry = session.entity("customer")
    monkeypatch.setattr(name_places, "SMALL", 0)
    monkeypatch.setattr(name_places, "ANEW", 0)
    tend(session)
    with monkeypatch.context() as patch:
        patch.setattr(name_places, "make", None)
        for turn in range(3):
            fill(session, 20, 18 + turn)
            for key in ids[turn::40]:
                records.save(session, "customer", {"name": f"{key}改名"}, key=key)
            tend(session)
            assert not [*name_places.misplaced(session.store, entry, set())]
            assert all(name_places.kept(session.store, entry)[0][key] for key in session.records.ids(Query("customer")))
            with by_places(monkeypatch):
                same_pages(session, 4)
    monkeypatch.setattr(name_places, "ANEW", 10)
    fill(session, 20, 21)
    search_index.tend(session.store, silent)
    _version, count, since = name_places._COUNTS.unpack(session.store.scalar("SELECT places FROM search_place WHERE entity = 'customer' AND block = ?", (name_places.MADE,)))
    assert (count, since) == (200, 0), "so many came in that all were made anew"


@pytest.mark.parametrize("left", [b"", b"\x01\x00\x00\x00", b"\xa5" * 8, b"\xa5" * 16], ids=["all", "how many", "an earlier mark", "a mark"])
def test_places_that_another_program_did_not_finish_or_an_earlier_one_made_are_made_anew(session: Session, monkeypatch: pytest.MonkeyPatch, left: bytes) -> None:
    fill(session, 30, 24)
    entry = session.entity("customer")
    monkeypatch.setattr(name_places, "SMALL", 0)
    tend(session)
    assert entry not in name_places.unmade(session.store)
    session.store.sql("DELETE FROM search_place WHERE entity = 'customer'")
    session.store.sql("INSERT INTO search_place (entity, block, places) VALUES ('customer', ?, ?)", (name_places.MADE, left))
    assert name_places.unmade(session.store) == [entry]
    search_index.tend(session.store, silent)
    assert name_places.unmade(session.store) == []
    assert name_places.kept(session.store, entry)
    with by_places(monkeypatch):
        same_pages(session, 4)


def test_names_that_crowd_one_place_are_told_apart(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(session, 60, 22)
    monkeypatch.setattr(name_places, "SMALL", 0)
    monkeypatch.setattr(name_places, "ANEW", 0)
    monkeypatch.setattr(name_places, "CROWD", 5)
    tend(session)
    rows = [writing.with_defaults(session, "customer", {"name": f"重庆{number:03}"}) for number in range(10)]
    made = session.write("test", "test", lambda: writing.insert_rows(session, "customer", rows)).result
    tend(session)
    places = name_places.kept(session.store, session.entity("customer"))[0]
    assert len({places[key] for key in made}) == len(made)


def test_what_a_transaction_that_is_taken_back_saw_is_not_remembered(session: Session) -> None:
    fill(session, 5, 23)
    tend(session)
    entry = session.entity("customer")

    def fail() -> None:
        writing.insert_rows(session, "customer", [writing.with_defaults(session, "customer", {"name": "昙花一现"})])
        assert len(found(session, "昙花")) == 1
        raise Cancelled

    with pytest.raises(Cancelled):
        session.write("test", "test", fail)
    assert found(session, "昙花") == []
    key = make(session, "customer", name="取而代之")
    assert found(session, "取而") == [key]
    assert found(session, "昙花") == []
    held = waiting.waiting(session.store, entry)
    assert held is not None
    assert {*held.texts} == {key}
    assert waiting.waiting(session.store, entry) is held, "what is known isn't read again"
    records.save(session, "customer", {"name": "更名换姓"}, key=key)
    assert found(session, "更名") == [key]
    assert found(session, "取而") == []
