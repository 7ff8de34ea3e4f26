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
