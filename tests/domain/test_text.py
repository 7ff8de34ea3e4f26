from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.domain.text import (
    fold,
    fold_company,
    initials,
    is_chinese,
    narrow,
    pinyin_full,
    search_keys,
    search_text,
    sort_key,
    unseen_left_out,
)
from tests.domain.vectors import facts, shared


def test_fold() -> None:
    assert fold("  ＡＢＣ　Äpfel\u00a0Straße ") == "abc apfel strasse"
    assert fold("Bólido") == fold("BOLIDO") == "bolido"
    assert narrow("１０²－①") == "10²-①"


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("恒泰科技（上海）有限公司", "恒泰科技(上海)股份有限公司"), ("恒泰科技", "恒泰 科技有限责任公司"), ("Acme Co., Ltd.", "ACME"),
        ("恒泰集团股份有限公司", "恒泰集团"), ("恒泰·科技　有限公司", "恒泰-科技公司"),
    ],
)  # fmt: skip
def test_the_same_company(one: str, other: str) -> None:
    assert fold_company(one) == fold_company(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("恒泰科技（上海）有限公司", "恒泰科技（北京）有限公司"), ("Zinc", "Z"), ("有限公司", ""), ("大公司", "大"), ("恒泰一厂", "恒泰二厂")],
)
def test_different_companies(one: str, other: str) -> None:
    assert fold_company(one) != fold_company(other)


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("曾国藩", "zengguofan"), ("单雄信", "shanxiongxin"), ("仇和", "qiuhe"), ("查良镛", "zhaliangyong"), ("区洪", "ouhong"), ("万俟卨", "moqixie"),
        ("单于丹", "chanyudan"), ("尉迟恭", "yuchigong"), ("长孙无忌", "zhangsunwuji"), ("重庆银行", "chongqingyinhang"), ("浦发银行", "pufayinhang"),
        ("金融行业", "jinronghangye"), ("中国人", "zhongguoren"), ("黄山B股", "huangshanbgu"), ("阿Q", "aq"), ("单位", "danwei"), ("翟天临", "zhaitianlin"),
    ],
)  # fmt: skip
def test_likely_reading(name: str, full: str) -> None:
    assert pinyin_full(name) == full


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("单雄信", {"sxx", "dxx", "shanxiongxin", "danxiongxin", "单雄信"}), ("仇和", {"qh", "ch", "qiuhe"}), ("曾国藩", {"zgf", "cgf", "cengguofan"}),
        ("查良镛", {"zly", "cly"}), ("区洪", {"oh", "qh"}), ("解晓东", {"xxd", "jxd"}), ("盖叫天", {"gjt", "gejiaotian"}), ("重庆", {"cq", "zq"}),
        ("中国移动ABC公司", {"zgydabcgs", "zhongguoyidongabcgongsi"}), ("会计", {"kj", "huiji", "kuaiji"}), ("吕布", {"lb", "lvbu", "lubu"}),
        ("138 0013 8000", {"13800138000"}), ("张三 0755-2676-0000", {"075526760000"}), ("Acme", {"acme"}),
    ],
)  # fmt: skip
def test_every_reading_is_a_key(name: str, keys: set[str]) -> None:
    assert keys <= search_keys(name)


def test_examples_of_other_programs() -> None:
    for fact in facts("pinyin.json"):
        if fact["kind"] == "initial":
            assert initials(fact["text"])[fact["pos"]] == fact["initial"]
        elif fact["kind"] == "search" and fact["query"].isascii() and fact["query"] != "hyupy":
            assert (fact["query"] in search_text(fact["text"])) == (fact["match"] is not None), fact
        elif fact["kind"] != "search":
            assert pinyin_full(fact["text"]) == fact["pinyin"].replace(" ", "").lower()


def test_real_names_are_found_by_their_likely_reading_and_stay_short() -> None:
    names = shared("data/cn_names_companies/person_names_5000.txt").read_text(encoding="utf-8").split()[:1500]
    for name in names:
        line = search_text(name)
        assert fold(name) in line
        assert initials(name) in line
        assert pinyin_full(name) in line
        assert pinyin_full(name).isascii() or not all(map(is_chinese, name))
    assert sum(len(search_text(f"上海{name}科技有限公司")) for name in names) / len(names) < 160


def test_a_long_name_has_a_bounded_number_of_keys() -> None:
    assert len(search_keys("重单曾查区解仇乐" * 12)) <= 1 + 2 * 32


def test_search_text_joins_without_repeating() -> None:
    assert search_text("恒泰", "", "恒泰", "138 0013 8000").split().count("恒泰") == 1
    assert "13800138000" in search_text("恒泰", "138 0013 8000")
    assert search_text("", "  ") == ""


def test_names_sort_by_pinyin_with_the_same_character_together() -> None:
    names = ["张三", "章一", "张一", "查良镛", "战国", "阿里", "重庆", "曾国藩", "abc", "客户10", "客户2", "张"]
    assert sorted(names, key=sort_key) == [
        "阿里",
        "abc",
        "重庆",
        "客户2",
        "客户10",
        "曾国藩",
        "查良镛",
        "战国",
        "张",
        "张三",
        "张一",
        "章一",
    ]


@given(st.text(max_size=200))
def test_keys_of_any_text(text: str) -> None:
    assert len(sort_key(text)) <= 120
    assert all(search_keys(text)) or not text.strip()
    assert sort_key(text) == sort_key(fold(text))


def test_what_nobody_sees_is_left_out_of_a_line() -> None:
    assert unseen_left_out("\u202e恒泰\u200b科技\ufeff \x07\u2069公司\u200e ") == "恒泰科技 公司"
    kept = "👨\u200d👩\u200d👧 ★ مرحبا né 𬭎"
    assert unseen_left_out(kept) == kept
