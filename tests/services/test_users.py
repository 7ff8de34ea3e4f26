"""Who may sign in, and that somebody is always left who may let others in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import NotAllowed, UserError
from desktop_crm.services import records, sign_in, users
from tests.conftest import HARD
from tests.services.ledger import add, company, customer, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.session import Session


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        users.set_password(made, made.person.id, "secret-1")
        yield made


def seller(session: Session, login: str = "li", **values: object) -> int:
    return users.add_user(session, {"name": f"李{login}", "login": login, "role": "sales", **values}, "secret-2").result.id


def test_an_added_user_signs_in_until_disabled(session: Session, db_url: str) -> None:
    key = seller(session)
    with signed_in(db_url, "li", "secret-2") as other:
        assert other.person.id == key
    users.disable_user(session, key)
    with pytest.raises(UserError), signed_in(db_url, "li", "secret-2"):
        pass
    assert {row["login"]: (row["active"], row["has_password"]) for row in users.list_users(session)} == {"boss": (True, True), "li": (False, True)}


def test_a_kept_password_is_hard_to_guess(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "hasher", HARD[1])
    sign_in.set_password(session.store, session.person.id, "secret-9")
    kept = str(session.store.scalar("SELECT password_hash FROM credential WHERE user_id = ?", (session.person.id,)))
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert sign_in.authenticate(session.store, "boss", "secret-9").name == "boss"


def test_a_password_too_short_adds_nobody(session: Session) -> None:
    with pytest.raises(UserError):
        users.add_user(session, {"name": "王", "login": "wang"}, "short")
    assert [row["login"] for row in users.list_users(session)] == ["boss"]


def test_the_last_administrator_stays(session: Session) -> None:
    me = session.person.id
    seller(session)
    for refused in (
        lambda: users.disable_user(session, me),
        lambda: records.save(session, "user", {"role": "sales"}, key=me),
        lambda: records.delete(session, "user", [me]),
    ):
        with pytest.raises(UserError):
            refused()
    second = seller(session, "second", role="admin")
    users.disable_user(session, second)
    with pytest.raises(UserError):
        records.save(session, "user", {"role": "manager"}, key=me)


def test_a_deleted_users_password_is_gone(session: Session) -> None:
    key = seller(session)
    records.delete(session, "user", [key])
    assert not session.store.scalar("SELECT COUNT(*) FROM credential WHERE user_id = ?", (key,))


def test_passwords_are_set_by_oneself_or_an_administrator(session: Session, db_url: str) -> None:
    key = seller(session)
    with signed_in(db_url, "li", "secret-2") as other:
        users.set_password(other, key, "secret-3")
        with pytest.raises(NotAllowed):
            users.set_password(other, session.person.id, "secret-4")
        with pytest.raises(NotAllowed):
            users.disable_user(other, session.person.id)
    users.set_password(session, key, "secret-5")
    with signed_in(db_url, "li", "secret-5") as other:
        assert other.person.id == key


def test_a_manager_sees_the_department_as_soon_as_it_is_arranged(session: Session, db_url: str) -> None:
    east = add(session, "department", name="华东")
    shanghai = add(session, "department", name="上海")
    manager = seller(session, "manager", role="manager", department=east)
    member = seller(session, "member", department=shanghai)
    customer(session, "上海客户", owner=member)
    customer(session, "经理客户", owner=manager)
    with signed_in(db_url, "manager", "secret-2") as other:
        assert records.count(other, "customer") == 1
        records.save(session, "department", {"parent_department": east}, key=shanghai)
        assert records.count(other, "customer") == 2
        records.save(session, "user", {"department": None}, key=member)
        assert records.count(other, "customer") == 1
