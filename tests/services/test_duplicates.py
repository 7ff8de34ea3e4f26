"""Groups of probable duplicates: what is taken for the same, what isn't, and for whom. On both engines."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from desktop_crm.domain.conditions import Where
from desktop_crm.services import records, users
from desktop_crm.services.duplicates import Group, find_duplicates
from desktop_crm.services.session import Session, open_session
from tests.support.company import company, make

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path


@pytest.fixture
def boss(db_url: str) -> Iterator[Session]:
    with company(db_url) as session:
        yield session


CODES = ("91350100M000100Y43", "91310115MA1H9XXK2E")


def test_writings_of_one_name_code_and_number_are_one_and_the_surer_field_decides(boss: Session) -> None:
    kept = make(boss, "customer", name="恒泰科技（上海）有限公司", credit_code=CODES[0])
    bracket = make(boss, "customer", name="恒泰科技(上海)股份有限公司 ")
    other = make(boss, "customer", name="恒泰科技（上海）", credit_code=CODES[1])
    code = make(boss, "customer", name="别的名字", credit_code=CODES[0].lower())
    by_phone = [make(boss, "customer", name=name, phone=phone) for name, phone in (("甲", "0755-26760000"), ("乙", "（0755）2676 0000"))]
    for number in range(7):
        make(boss, "customer", name=f"同一总机 {number}", mobile="13800138000")
    groups = find_duplicates(boss, "customer")
    assert groups == [
        Group((kept, bracket, code), ("credit_code", "name"), frozenset()),
        Group(tuple(by_phone), ("phone",), frozenset()),
    ]
    assert all(other not in group.ids for group in groups)
    assert find_duplicates(boss, "customer", Where("id", "in", [kept, bracket])) == [Group((kept, bracket), ("name",), frozenset())]


def test_people_of_one_name_are_the_same_only_at_one_customer(boss: Session) -> None:
    first, second = (make(boss, "customer", name=name) for name in ("甲", "乙"))
    pair = [make(boss, "contact", name="张伟", customer=first) for _number in range(2)]
    make(boss, "contact", name="张伟", customer=second)
    assert find_duplicates(boss, "contact") == [Group(tuple(pair), ("name",), frozenset({"name"}))]


def test_a_group_holds_only_what_its_reader_may_see(boss: Session) -> None:
    users.add_user(boss, {"login": "wangmin", "name": "王敏", "role": "sales"})
    mine = make(boss, "customer", name="恒泰", owner=boss.person.id)
    with closing(open_session(boss.url, "wangmin")) as sales:
        own = make(sales, "customer", name="恒泰有限公司", owner=sales.person.id)
        assert find_duplicates(sales, "customer") == []
        loose = make(boss, "customer", name="恒泰", owner=None)
        assert [group.ids for group in find_duplicates(sales, "customer")] == [(own, loose)]
    assert [group.ids for group in find_duplicates(boss, "customer")] == [(mine, own, loose)]


def test_ten_thousand_of_one_name_take_no_longer_than_others(tmp_path: Path) -> None:
    """The time grows with the records, not with their pairs: the same number of records, all of one name, takes at most a few times as long."""

    def seconds(session: Session) -> float:
        start = time.process_time()  # other programs make the wait longer, and not for both alike
        find_duplicates(session, "contact")
        return time.process_time() - start

    took = []
    for number, name in enumerate(("张伟{}", "张伟")):
        with company(f"sqlite:///{tmp_path / f'{number}.sqlite3'}") as session:
            customers = [make(session, "customer", name=f"客户{place}") for place in range(20)]
            now = session.now

            def fill(session: Session = session, customers: list[int] = customers, name: str = name, now: datetime = now) -> list[int]:
                rows = [{"name": name.format(place), "customer": customers[place % 20]} for place in range(4000)]
                return session.records.insert(session.entity("contact"), rows, now)

            session.write("save", "many", fill)
            took.append(seconds(session))
            assert records.count(session, "contact") == 4000
    assert took[1] < took[0] * 5
