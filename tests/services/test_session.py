"""Opening a company: signing in, whose records one sees, and everything that can be wrong with a file or a server."""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import ConnectionLost, Invalid, NewerDatabase, NotAllowed, NotFound, UserError
from desktop_crm.domain.conditions import Query
from desktop_crm.services import feed, records, sign_in
from desktop_crm.services.session import Session, connect, create_company, open_session
from tests.support.company import company, make

if TYPE_CHECKING:
    from pathlib import Path


def user(session: Session, login: str, role: str, department: int | None = None, password: str = "") -> int:
    key = records.save(session, "user", {"name": login, "login": login, "role": role, "department": department, "active": True}).result.id
    sign_in.set_password(session.store, key, password)
    sign_in.rebuild_visibility(session.store)
    return key


def test_one_user_without_a_password_signs_in_by_itself(db_url: str) -> None:
    create_company(db_url, admin="boss").close()
    session = open_session(db_url)
    assert (session.person.name, session.person.role) == ("boss", "admin")
    session.close()


def test_a_second_user_must_say_who_he_is(db_url: str) -> None:
    with company(db_url) as session:
        user(session, "li", "sales", password="geheim1")
        with pytest.raises(sign_in.SignInNeeded, match="身份"):
            open_session(db_url)
        with pytest.raises(sign_in.SignInNeeded, match="密码"):
            open_session(db_url, "li")
        for name, password in (("li", "wrong!!"), ("nobody", "geheim1"), ("li", "")):
            with pytest.raises(UserError, match="用户名或密码不正确"):
                open_session(db_url, name, password)
        other = open_session(db_url, "li", "geheim1")
        assert other.person.role == "sales"
        other.close()


def test_a_password_is_stored_as_argon2_and_can_be_taken_away(db_url: str) -> None:
    with company(db_url) as session:
        key = user(session, "li", "sales", password="geheim1")
        stored = session.store.scalar("SELECT password_hash FROM credential WHERE user_id = ?", (key,))
        assert stored.startswith("$argon2id$")
        assert "geheim1" not in stored
        with pytest.raises(UserError, match="6"):
            sign_in.set_password(session.store, key, "kurz")
        assert session.store.scalar("SELECT password_hash FROM credential WHERE user_id = ?", (key,)) == stored
        sign_in.set_password(session.store, key, "")
        open_session(db_url, "li").close()


def test_sales_people_see_their_own_and_what_nobody_owns(db_url: str) -> None:
    with company(db_url) as session:
        north = make(session, "department", name="北区")
        team = make(session, "department", name="北区一组", parent_department=north)
        li, wang = user(session, "li", "sales", team), user(session, "wang", "sales")
        user(session, "zhou", "manager", north)
        for name, owner in (("甲", li), ("乙", wang), ("丙", None)):
            make(session, "customer", name=name, owner=owner)
        seen = {}
        for login in ("li", "wang", "zhou"):
            other = open_session(db_url, login)
            seen[login] = {row["name"] for row in records.page(other, Query("customer"))}
            assert records.totals(other, "customer")["count"] == len(seen[login])
            other.close()
        assert seen == {"li": {"甲", "丙"}, "wang": {"乙", "丙"}, "zhou": {"甲", "丙"}}


def test_rights_decide_in_the_query_for_reads_and_writes_by_id(db_url: str) -> None:
    with company(db_url) as session:
        li, wang = user(session, "li", "sales"), user(session, "wang", "sales")
        theirs = make(session, "customer", name="乙", owner=wang)
        mine = make(session, "customer", name="甲", owner=li)
        title = make(session, "invoice_title", title="乙抬头", customer=theirs)
        cost = make(session, "product", name="泵", cost=Decimal(5))
        other = open_session(db_url, "li")
        with pytest.raises(NotFound):
            records.get(other, "customer", theirs)
        with pytest.raises(NotFound):
            records.save(other, "customer", {"name": "改名"}, key=theirs)
        with pytest.raises(NotAllowed):
            records.delete(other, "customer", [mine, theirs])
        with pytest.raises(NotAllowed, match="转给"):
            records.save(other, "customer", {"owner": wang}, key=mine)
        with pytest.raises(NotFound):
            records.get(other, "invoice_title", title)
        with pytest.raises(NotAllowed):
            records.save(other, "product", {"name": "阀"})
        assert "cost" not in records.get(other, "product", cost)
        assert records.suggest(other, "customer", "乙") == []
        assert records.get(session, "customer", mine)["owner"] == li
        other.close()


def test_links_to_what_is_gone_or_hidden_are_refused(db_url: str) -> None:
    with company(db_url) as session, pytest.raises((Invalid, UserError)):
        records.save(session, "contact", {"name": "李工", "customer": 4711})


def test_a_company_made_by_a_newer_program_is_refused(db_url: str) -> None:
    with company(db_url) as session:
        make(session, "customer", name="甲")
        with session.store.transaction():
            session.store.sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_future', '2030-01-01 00:00:00')")
        with pytest.raises(NewerDatabase, match="9999_future"):
            feed.news(session, 0)
    with pytest.raises(NewerDatabase, match="9999_future"):
        open_session(db_url)


def test_a_file_that_is_no_company_is_refused_and_left_alone(tmp_path: Path) -> None:
    picture = tmp_path / "photo.sqlite3"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 5000)
    before = picture.read_bytes()
    with pytest.raises(UserError, match="不是公司文件"):
        open_session(str(picture))
    assert picture.read_bytes() == before
    strange = tmp_path / "other.sqlite3"
    other = sqlite3.connect(strange)
    other.execute("CREATE TABLE notes (text)")
    other.commit()
    other.close()
    there = strange.read_bytes()
    with pytest.raises(UserError, match="还没有公司"):
        open_session(str(strange))
    with pytest.raises(UserError, match="别的数据"):
        create_company(str(strange), admin="boss")
    assert strange.read_bytes() == there
    with pytest.raises(UserError, match="找不到"):
        open_session(str(tmp_path / "none.sqlite3"))
    assert not (tmp_path / "none.sqlite3").exists()
    with pytest.raises(UserError, match="文件夹"):
        open_session(str(tmp_path))
    with pytest.raises(UserError, match="不存在"):
        create_company(str(tmp_path / "no" / "such.sqlite3"), admin="boss")


def test_there_is_one_company_in_a_file(db_url: str) -> None:
    create_company(db_url, admin="boss").close()
    with pytest.raises(UserError, match="已经有一家公司"):
        create_company(db_url, admin="boss")


def test_a_read_only_file_says_so_and_keeps_its_data(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root writes to read-only files; the message is tested with a database opened read-only below")
    path = tmp_path / "company.sqlite3"
    with company(str(path)):
        pass
    path.chmod(0o444)
    with pytest.raises(UserError, match="只读"):
        open_session(str(path))


def test_a_database_that_refuses_writes_says_so(tmp_path: Path) -> None:
    with company(str(tmp_path / "company.sqlite3")) as session:
        session.store.sql("PRAGMA query_only = 1")
        with pytest.raises(UserError, match="只读"):
            make(session, "customer", name="甲")


def test_a_server_that_does_not_answer_says_so_soon() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        begun = time.monotonic()
        with pytest.raises(ConnectionLost, match=f"无法连接服务器 127.0.0.1 的端口 {port}"):
            connect(f"mysql://root@127.0.0.1:{port}/crm")
        assert time.monotonic() - begun < 30


def test_a_server_that_refuses_the_user_says_so(mariadb_url: str) -> None:
    wrong = mariadb_url.replace("root@", "nobody:secret@")
    with pytest.raises(UserError, match="拒绝") as refused:
        connect(wrong)
    assert "secret" not in refused.value.message
    with pytest.raises(UserError, match="没有数据库"):
        connect(f"{mariadb_url}_nowhere")


@pytest.mark.parametrize("url", ["postgres://x/y", "mysql://root@/crm", "mysql://root@host", "mysql://root@host:x/crm"])
def test_a_url_that_is_none_says_so(url: str) -> None:
    with pytest.raises(UserError):
        connect(url)
