"""A server that goes away: in a commit, between two questions, for good. Nothing is written twice and nothing is lost."""

from __future__ import annotations

import threading
from contextlib import closing, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pymysql
import pytest

from desktop_crm.base.errors import Busy, ConnectionLost
from desktop_crm.domain.conditions import Where
from desktop_crm.models.changes import WrittenBefore
from desktop_crm.services import records
from desktop_crm.services import session as sessions
from desktop_crm.services.check import check
from desktop_crm.services.session import create_company, open_session
from tests.faults.wires import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from desktop_crm.services.session import Session

PAUSE = 0.15


@pytest.fixture
def wire(mariadb_url: str) -> Iterator[Wire]:
    create_company(mariadb_url, admin="boss").close()
    with closing(Wire(mariadb_url)) as wire:
        yield wire


def direct(url: str) -> Any:
    parts = urlsplit(url)
    return pymysql.connect(host="127.0.0.1", port=parts.port or 0, user="root", database=parts.path[1:], autocommit=False)


def customers(session: Session) -> int:
    return session.records.count(session.entity("customer"), Where("name", "eq", "华信"))


def test_a_commit_whose_answer_is_lost_is_written_once(wire: Wire) -> None:
    with closing(open_session(wire.url)) as session:
        wire.cut = ["after"]
        saved = records.save(session, "customer", {"name": "华信"})
        assert wire.cut == []
        assert customers(session) == 1
        assert saved.entities == {"customer"}
        assert session.log.entry(saved.change_set or 0).label == saved.label
        assert records.get(session, "customer", saved.result.id)["name"] == "华信"
        assert check(session) == []


def test_a_commit_that_never_reached_the_server_is_made_again(wire: Wire) -> None:
    with closing(open_session(wire.url)) as session:
        wire.cut = ["before", "after", "before"]
        saved = records.save(session, "customer", {"name": "华信"})
        assert customers(session) == 1
        assert session.log.entry(saved.change_set or 0).records == 1
        wire.cut = []
        assert check(session) == []


def test_a_commit_that_is_still_under_way_is_waited_for(mariadb_url: str) -> None:
    create_company(mariadb_url, admin="boss").close()
    with closing(open_session(mariadb_url)) as session, closing(direct(mariadb_url)) as other, other.cursor() as cursor:
        cursor.execute("INSERT INTO change_set (uid, at, user_name, computer, action, label) VALUES ('same', 1, 'x', 'x', 'x', 'x')")
        found: list[type[BaseException]] = []

        def again() -> None:
            try:
                with closing(open_session(mariadb_url)) as same, same.log.open(same.actor, "x", "x", same.now, uid="same"):
                    found.append(AssertionError)
            except WrittenBefore:
                found.append(WrittenBefore)

        waiting = threading.Thread(target=again)
        waiting.start()
        while not session.store.scalar("SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"):
            # The server renews this table only when nobody has asked it for a tenth of a second.
            waiting.join(PAUSE)
            assert waiting.is_alive()
        other.commit()
        waiting.join()
        assert found == [WrittenBefore]


def test_a_connection_the_server_closed_meanwhile_is_made_anew(wire: Wire) -> None:
    with closing(open_session(wire.url)) as session:
        for work in (lambda: customers(session), lambda: records.save(session, "customer", {"name": "华信"})):
            number = session.store.scalar("SELECT CONNECTION_ID()")
            with closing(direct(wire.url)) as other:
                other.kill(number)
            work()
        assert customers(session) == 1


def test_a_connection_lost_in_the_middle_of_a_change_set_repeats_all_of_it(wire: Wire) -> None:
    with closing(open_session(wire.url)) as session:
        killed: list[int] = []

        def work() -> None:
            records.save(session, "customer", {"name": "华信"})
            if not killed:
                killed.append(int(session.store.scalar("SELECT CONNECTION_ID()")))
                with closing(direct(wire.url)) as other:
                    other.kill(killed[0])
            records.save(session, "customer", {"name": "华信"})

        done = session.write("both", "both", work)
        assert customers(session) == 2
        assert session.log.entry(done.change_set or 0).records == 2
        assert check(session) == []


def test_when_nobody_can_say_whether_it_was_saved_the_user_is_told_so(wire: Wire, mariadb_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "DOUBT_TRIES", 2)
    session = open_session(wire.url)
    wire.cut, wire.dead_afterwards = ["after"], True
    with pytest.raises(ConnectionLost, match=r"(?i)look for it|是否") as told:
        records.save(session, "customer", {"name": "华信"})
    assert not isinstance(told.value, Busy)
    with pytest.raises(ConnectionLost):
        customers(session)
    with suppress(ConnectionLost):
        session.close()
    with closing(open_session(mariadb_url)) as again:
        assert customers(again) == 1
