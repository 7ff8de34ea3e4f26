"""The search behind the palette: what matches best comes first, and the letters of pinyin initials are known by their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.services.search import EACH, find
from desktop_crm.services.session import create_company
from tests.support.company import make
from tests.support.prepared import lay

if TYPE_CHECKING:
    from desktop_crm.services.session import Session


def titles(session: Session, text: str) -> list[str]:
    return [one.title for one in find(session, text) if one.entity == "customer"]


def test_the_best_match_comes_first_and_its_initials_are_marked(db_url: str) -> None:
    session = create_company(lay(db_url), admin="王敏")
    try:
        for number in range(EACH + 3):
            make(session, "customer", name=f"甲乙{number}", address="广州市沙洲路")
        make(session, "customer", name="张华信")
        make(session, "customer", name="华信机电")
        make(session, "customer", name="苏州信岳")
        assert titles(session, "sz")[0] == "苏州信岳"
        assert titles(session, "hx") == ["华信机电", "张华信"]
        assert titles(session, "华信") == ["华信机电", "张华信"]
        first = find(session, "hx")[0]
        assert first.spots == ((0, 2),)
        assert find(session, "华信")[0].spots == ()
        assert find(session, " ") == []
    finally:
        session.close()


def test_the_field_a_record_was_found_by_is_shown(db_url: str) -> None:
    session = create_company(lay(db_url), admin="王敏")
    try:
        make(session, "customer", name="苏州新锐", mobile="13962158866", wechat="weixin2026", contact_person="李建国", address="园区星湖街 328 号创意产业园 5 栋 2 层东侧仓库")
        details = {text: next(one.detail for one in find(session, text) if one.entity == "customer") for text in ("苏州", "weixin", "ljg", "新锐 weixin 李建", "东侧仓")}
        assert "weixin" not in details["苏州"]
        assert details["weixin"].startswith("微信：weixin2026")
        assert details["ljg"].startswith("主联系人：李建国")
        assert details["新锐 weixin 李建"].startswith("主联系人：李建国 · 微信：weixin2026")
        assert details["东侧仓"].startswith("地址：…")
        assert "东侧仓库" in details["东侧仓"]
    finally:
        session.close()
