"""What makes bank lines the same, what a remark names, and which debts add up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.domain.bank import bare, collects, company_keys, cut_names, identities, mentions, numbers_in, sureness
from desktop_crm.domain.ledger import exact_parts

DAY = date(2026, 6, 1)


def line(**given: Any) -> dict[str, Any]:
    return {"booked_on": DAY, "amount": Decimal(100), "payer": "甲", "payer_account": "62", "remark": "货款", "serial": "", "balance": None, "account": "11", "time": "", **given}


def test_a_line_is_the_same_however_it_is_written() -> None:
    one, two = identities([line(serial="A-1")]), identities([line(serial="a1", payer="乙", remark="", balance=Decimal(5))])
    assert one == two
    assert identities([line(payer="恒泰（上海）")]) == identities([line(payer="恒泰(上海)")])
    assert identities([line(serial="A1")]) != identities([line(serial="A1", amount=Decimal(101))])
    assert identities([line(serial="A1")]) != identities([line(serial="A1", booked_on=date(2026, 6, 2))])
    assert identities([line(serial="A1")]) != identities([line(serial="A1", account="12")])


def test_equal_lines_without_a_serial_number_count_each() -> None:
    twice = identities([line(), line()])
    assert len(set(twice)) == 2
    assert identities([line()]) == twice[:1], "the first of them is the same line in a file that holds only one"


def test_one_serial_number_on_different_lines() -> None:
    fee, money = line(serial="A1", remark="手续费"), line(serial="A1", remark="货款")
    assert len(set(identities([fee, money]))) == 2
    assert len(set(identities([money, money]))) == 1, "the same line twice in a file is one"


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["", "A1", "A2"]), st.sampled_from(["甲", "乙"])), max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_a_file_says_nothing(rows: list[tuple[int, str, str]], random: Any) -> None:
    lines = [line(amount=Decimal(amount), serial=serial, payer=payer) for amount, serial, payer in rows]
    mixed = list(lines)
    random.shuffle(mixed)
    assert sorted(identities(lines)) == sorted(identities(mixed))


@pytest.mark.parametrize(("remark", "number", "expected"), [
    ("付HT-2026-0017货款", "HT-2026-0017", True),
    ("付 HT20260017 货款", "HT-2026-0017", True),
    ("ＨＴ－２０２６－００１７", "HT-2026-0017", True),
    ("HT-2026-00171", "HT-2026-0017", False),
    ("1YS-26-0001", "YS-26-0001", True),
    ("发票26312000000012345678", "26312000000012345678", True),
    ("发票126312000000012345678", "26312000000012345678", False),
    ("货款 A1", "A1", False),
    ("", "HT-2026-0017", False),
])  # fmt: skip
def test_a_remark_mentions_a_document(remark: str, number: str, expected: bool) -> None:  # noqa: FBT001 - a case of the table
    assert mentions(remark, number) is expected


def test_numbers_in_a_remark() -> None:
    assert numbers_in("付ht-2026-0017,YS-26-0001货款") == ["HT-2026-0017", "YS-26-0001"]
    assert numbers_in("HT20260017/YS-26-0001") == ["HT20260017/YS-26-0001", "HT20260017", "YS-26-0001"]
    assert numbers_in("2026年6月 金额 50000 票号 12345678") == ["12345678"], "years and amounts name nothing"
    assert numbers_in("货款 abcd") == []


def test_who_passes_money_on() -> None:
    assert all(collects(name) for name in ("支付宝（中国）网络技术有限公司", "财付通支付科技有限公司", "银联商务股份有限公司客户备付金", "待清算商户消费款"))
    assert not any(collects(name) for name in ("恒泰科技有限公司", "上海银行浦东支行", ""))


def test_names() -> None:
    assert company_keys("恒泰科技（上海）有限公司") == ("恒泰科技上海有限公司", "恒泰科技上海")
    assert company_keys(" 恒泰科技(上海) 股份有限公司")[1] == "恒泰科技上海"
    names = {bare("恒泰科技发展（上海）有限公司"): {1}, bare("恒泰科技"): {2}}
    assert cut_names("恒泰科技发展（上海", names, sorted(names)) == {1}
    assert cut_names("恒泰科技", names, sorted(names)) == set(), "what is left of the name says too little"


cents = st.integers(1, 500).map(lambda value: Decimal(value) / 100)


@given(st.lists(cents, max_size=9), st.integers(1, 2000).map(lambda value: Decimal(value) / 100))
def test_exact_parts_add_up_and_are_found(debts: list[Decimal], amount: Decimal) -> None:
    found = exact_parts(amount, debts)
    possible = sum(debts) == amount or any(sum(group) == amount for size in (1, 2, 3, 4) for group in combinations(debts, size))
    assert (found is not None) == possible
    if found is not None:
        assert len(set(found)) == len(found)
        assert sum(debts[place] for place in found) == amount


def test_exact_parts_prefer_fewer_and_older() -> None:
    debts = [Decimal(value) for value in (10, 20, 30, 30)]
    assert exact_parts(Decimal(30), debts) == (2,)
    assert exact_parts(Decimal(50), debts) == (1, 2)
    assert exact_parts(Decimal(90), debts) == (0, 1, 2, 3)
    assert exact_parts(Decimal(0), debts) is None


def test_sureness() -> None:
    assert sureness(3, alone=True, exact=True) == "sure"
    assert sureness(3, alone=True, exact=False) == sureness(2, alone=True, exact=True) == "likely"
    assert sureness(3, alone=False, exact=True) == sureness(1, alone=True, exact=True) == sureness(2, alone=True, exact=False) == "doubtful"
    assert sureness(0, alone=True, exact=True) == "none"
