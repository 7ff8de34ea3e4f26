"""Pages far inside a filtered list are parts of the whole list, and the index of values leaves exactly what matches whatever happened to the records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desktop_crm.domain.conditions import Every, Query, VisibleTo, Where
from desktop_crm.models import listed, name_places
from desktop_crm.models.listed import Listed
from desktop_crm.services import check, records, undoing
from desktop_crm.services.session import Session, create_company
from tests.services.test_value_index import fill, people, tend
from tests.support.prepared import lay

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    made = create_company(lay(db_url), admin="王敏")
    yield made
    made.close()


def far_pages(session: Session, owners: list[int]) -> None:
    """Assert that pages are counted, and are what the whole list has there."""
    entry = session.entity("customer")
    active, levels = Where("status", "eq", "active"), Where("level", "in", (4, 5))
    for condition in (active, levels, Every((active, levels)), VisibleTo(owners[0], "owner"), Every((VisibleTo(owners[0], "owner"), active))):
        for descending in (False, True):
            query = Query("customer", condition, "name", descending=descending)
            whole = Listed(session.records, entry, query).whole().tolist()
            one = Listed(session.records, entry, query)
            for offset in (len(whole) // 2, len(whole) // 2 + 4, len(whole) // 3, len(whole) // 2 - 7):
                assert one.page(offset, 4, len(whole)) == whole[offset : offset + 4], (condition, descending, offset)
            assert one.known is None, "not all ids were read"


def test_far_pages_before_and_after_changes(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    for place, name, value in ((name_places, "SMALL", 0), (name_places, "ANEW", 0), (listed, "FAR", 5), (listed, "EARLY", 0), (listed, "FEW", 0)):
        monkeypatch.setattr(place, name, value)
    owners = people(session)
    ids = fill(session, 150, 1, owners)
    tend(session)
    far_pages(session, owners)
    entry = session.entity("customer")
    session.write("test", "test", lambda: session.records.change(entry, ids[:40], {"status": "active", "level": 5}, session.now))
    session.write("test", "test", lambda: session.records.relink(entry, "owner", ids[20:60], owners[0], session.now))
    records.save(session, "customer", {"name": "华信改名"}, key=ids[70])
    fill(session, 20, 2, owners)
    gone = records.delete(session, "customer", ids[30:50])
    far_pages(session, owners)
    tend(session)
    far_pages(session, owners)
    undoing.undo(session, gone.change_set or 0)
    far_pages(session, owners)
    tend(session)
    far_pages(session, owners)
    assert check.check(session) == []
