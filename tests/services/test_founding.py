"""Making a company that is stopped or fails leaves its place as it was: no file, an empty database, or none."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import Cancelled, CompanyThere, ConnectionLost, UserError
from desktop_crm.models import indexes
from desktop_crm.models.database import Store
from desktop_crm.models.location import parse_url
from desktop_crm.models.migrate import COPYING, HISTORY
from desktop_crm.services import archives, sign_in
from desktop_crm.services.session import create_company, open_session
from tests.conftest import ADDRESS
from tests.support.company import company
from tests.support.prepared import lay

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EARLY, LATER, NEVER = 3, 120, 1_000_000


class Stop:
    """Asked whether the company is wanted still, it says no from the `at`-th time on."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, _done: int, _total: int) -> None:
        self.left -= 1
        if self.left <= 0:
            raise Cancelled


def tables(url: str) -> set[str]:
    """Return the tables of a place; none where there is no such file."""
    location = parse_url(url)
    if location.path is not None and not location.path.exists():
        return set()
    with closing(Store(location)) as store:
        store.connect()
        return set(store.db.get_tables())


def files(tmp_path: Path) -> set[str]:
    return {one.name for one in tmp_path.iterdir() if one.is_file()}


@pytest.mark.parametrize("at", [EARLY, LATER])
def test_a_company_whose_making_is_stopped_leaves_nothing(db_url: str, tmp_path: Path, at: int) -> None:
    with pytest.raises(Cancelled):
        create_company(db_url, admin="王敏", step=Stop(at))
    assert tables(db_url) == set()
    assert files(tmp_path) == set()


def test_one_that_fails_in_the_middle_leaves_nothing(db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_given: object) -> None:
        raise ConnectionLost("the server")

    monkeypatch.setattr(indexes, "rebuild", away)
    with pytest.raises(ConnectionLost):
        create_company(db_url, admin="王敏")
    assert tables(db_url) == set()
    assert files(tmp_path) == set()


def test_it_can_be_stopped_until_it_is_committed_and_made_anew(db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = Stop(NEVER)
    first_user = sign_in.first_user

    def writing(store: Store, *given: object) -> int:
        made = first_user(store, *given)  # type: ignore[arg-type]
        stop.left = 1  # what is asked next is asked right before the commit
        return made

    monkeypatch.setattr(sign_in, "first_user", writing)
    with pytest.raises(Cancelled):
        create_company(db_url, admin="王敏", step=stop)
    assert tables(db_url) == set()

    monkeypatch.setattr(sign_in, "first_user", first_user)
    with closing(create_company(lay(db_url), admin="王敏", step=Stop(NEVER))) as session:
        assert session.person.name == "王敏"
    assert files(tmp_path) <= {"company.sqlite3"}
    with pytest.raises(CompanyThere):
        create_company(db_url, admin="别人")
    with closing(open_session(db_url)) as session:
        assert session.person.name == "王敏"


def test_an_empty_file_that_was_there_stays_an_empty_file(tmp_path: Path) -> None:
    place = tmp_path / "company.sqlite3"
    place.touch()
    with pytest.raises(Cancelled):
        create_company(str(place), admin="王敏", step=Stop(LATER))
    assert tables(str(place)) == set()
    create_company(str(place), admin="王敏").close()
    assert files(tmp_path) == {"company.sqlite3"}


@pytest.fixture
def missing(mariadb_url: str, request: pytest.FixtureRequest) -> Callable[[], bool]:
    """Drop the server's database; what is returned tells whether it is still missing."""
    name = parse_url(mariadb_url).name
    with closing(request.config.stash[ADDRESS].connect()) as connection:
        connection.query(f"DROP DATABASE {name}")

    def told() -> bool:
        with closing(request.config.stash[ADDRESS].connect()) as connection, connection.cursor() as cursor:
            return not cursor.execute("SELECT 1 FROM information_schema.schemata WHERE schema_name = %s", (name,))

    return told


def test_a_database_that_was_made_for_it_goes_again(mariadb_url: str, missing: Callable[[], bool]) -> None:
    with pytest.raises(Cancelled):
        create_company(mariadb_url, admin="王敏", step=Stop(EARLY))
    assert missing()


def test_so_does_one_that_a_company_was_to_be_moved_to(mariadb_url: str, missing: Callable[[], bool], tmp_path: Path) -> None:
    with company(str(tmp_path / "old.sqlite3")) as session:
        for at in (EARLY, LATER):
            with pytest.raises(Cancelled):
                archives.move(session, mariadb_url, step=Stop(at))
            assert missing()


def test_what_somebody_else_has_made_there_meanwhile_stays(mariadb_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They were quicker with the company: nothing of it is taken away."""
    first_user = sign_in.first_user

    def overtaken(store: Store, *given: object) -> int:
        first_user(store, *given)  # type: ignore[arg-type]
        store.db.commit()
        raise Cancelled

    monkeypatch.setattr(sign_in, "first_user", overtaken)
    with pytest.raises(Cancelled):
        create_company(mariadb_url, admin="王敏")
    assert "user" in tables(mariadb_url)


def test_a_strangers_database_is_left_alone(mariadb_url: str) -> None:
    with closing(Store(parse_url(mariadb_url))) as store:
        store.connect()
        store.sql("CREATE TABLE theirs (a INT)")
    with pytest.raises(UserError, match="别的数据"):
        create_company(mariadb_url, admin="王敏")
    assert tables(mariadb_url) == {"theirs"}


def test_what_a_killed_copy_left_is_no_company_and_gives_way_to_one(mariadb_url: str) -> None:
    with closing(Store(parse_url(lay(mariadb_url)))) as store:
        store.connect()
        store.sql(f"ALTER TABLE {HISTORY} RENAME TO {COPYING}")
    with closing(create_company(mariadb_url, admin="王敏")) as session:
        assert session.person.name == "王敏"
