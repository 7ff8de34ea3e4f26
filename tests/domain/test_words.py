from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import use_language
from desktop_crm.domain.words import bill_date, parse_bill_date, parse_rmb_words, rmb_words, words_to_read
from tests.domain.vectors import facts, vectors

amounts = st.one_of(
    st.integers(0, 10**18 - 1),
    # Zeros in every place are where the rules are.
    st.lists(st.sampled_from("000123456789"), min_size=1, max_size=18).map(lambda digits: int("".join(digits))),
).map(lambda cents: Decimal(cents).scaleb(-2))


@pytest.mark.parametrize("name", ["rmb_official", "rmb_default"])
def test_examples_of_the_rules(name: str) -> None:
    for row in vectors(name):
        options = row.get("opts", {})
        assert rmb_words(Decimal(row["amount"]), **options) == row["text"]
        assert parse_rmb_words(row["text"]) == Decimal(row["amount"])


def test_examples_of_other_programs() -> None:
    for row in facts("rmb_uppercase.csv"):
        amount = Decimal(row["amount"])
        variants = [row["expected"], *filter(None, row["also_accept(|)"].split("|"))]
        assert rmb_words(amount).removeprefix("人民币") in variants
        for variant in variants:
            assert parse_rmb_words(variant) == amount.quantize(Decimal("0.01")), variant


@given(amounts, st.booleans(), st.booleans())
def test_words_read_back(amount: Decimal, zheng: bool, negative: bool) -> None:  # noqa: FBT001 - hypothesis gives them
    value = -amount if negative else amount
    words = rmb_words(value, zheng_after_jiao=zheng)
    assert parse_rmb_words(words) == value
    assert parse_rmb_words(words.removeprefix("人民币")) == value
    assert "零零" not in words
    assert not words.endswith("分整")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("人民币壹拾万零柒仟元伍角叁分", "107000.53"), ("人民币壹仟陆佰捌拾元叁角贰分", "1680.32"), ("壹仟万零壹仟元整", "10001000"), ("一百二十元五角", "120.5"),
        ("拾元整", "10"), ("廿五元", "25"), ("贰圆正", "2"), ("两千元", "2000"), ("人民币：叁元零角伍分", "3.05"), ("人民幣壹萬貳仟圓整", "12000"), ("零元整", "0"), ("人民币（大写）：壹元整", "1"), ("￥伍角", "0.5"), ("(大写)负壹佰元整", "-100"), ("壹元伍角零分", "1.5"), ("叁万零叁元整", "30003"),
    ],
)  # fmt: skip
def test_legal_variants(text: str, expected: str) -> None:
    assert parse_rmb_words(text) == Decimal(expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "元",
        "人民币",
        "壹佰",
        "壹仟壹元",
        "壹拾拾元",
        "壹元壹元",
        "零壹元",
        "壹拾元伍分",
        "壹角壹元",
        "叁佰肆佰元",
        "壹元伍分整",
        "拾壹拾元",
        "免费元",
        "壹万万元",
        "亿" * 3000 + "元",
    ],
)
def test_what_is_no_amount_in_words_is_refused(text: str) -> None:
    with pytest.raises(ValueProblem):
        parse_rmb_words(text)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("3000072010677.07", "人民币叁万亿零柒仟贰佰零壹万零陆佰柒拾柒元零柒分"), ("300007201", "人民币叁亿零柒仟贰佰零壹元整"), ("10000010000", "人民币壹佰亿零壹万元整"),
        ("1000000000000", "人民币壹万亿元整"), ("107000.53", "人民币壹拾万柒仟元零伍角叁分"), ("30000030000000", "人民币叁拾万亿零叁仟万元整"),
    ],
)  # fmt: skip
def test_a_group_of_nothing_but_noughts_is_one_ling(amount: str, words: str) -> None:
    assert rmb_words(Decimal(amount)) == words
    assert parse_rmb_words(words) == parse_rmb_words(words.replace("亿零柒仟", "亿柒仟").replace("亿零叁仟", "亿叁仟") if "万亿" in words else words) == Decimal(amount)


def test_rounds_half_up_and_ends_where_the_words_end() -> None:
    assert rmb_words(Decimal("0.005")) == "人民币壹分"
    assert rmb_words(Decimal("-0.004")) == "人民币零元整"
    for big in ("10000000000000000", "9999999999999999.995", "1e40", "NaN"):
        with pytest.raises(ValueError, match="too big"):
            rmb_words(Decimal(big))


def test_dates_on_bills() -> None:
    for day, text in vectors("cap_date"):
        assert bill_date(date.fromisoformat(day)) == text
    assert bill_date(date(2026, 10, 20)) == "贰零贰陆年零壹拾月零贰拾日"
    assert bill_date(date(2026, 12, 31)) == "贰零贰陆年壹拾贰月叁拾壹日"
    assert parse_bill_date("二〇二六年十月五号") == date(2026, 10, 5)
    with pytest.raises(ValueProblem):
        parse_bill_date("贰零贰陆年零贰月叁拾日")


@given(st.integers(0, 150_000))
def test_bill_dates_read_back(days: int) -> None:
    day = date(1900, 1, 1) + timedelta(days=days)
    assert parse_bill_date(bill_date(day)) == day


@pytest.mark.parametrize(("language", "words"), [("zh_CN", "人民币负叁亿贰仟万零陆元整"), ("en", "人民币负叁亿贰仟万零陆元整"), ("zh_TW", "人民幣負參億貳仟萬零陸元整")])
def test_readers_of_traditional_chinese_read_traditional_words(language: str, words: str) -> None:
    use_language(language)
    assert words_to_read(Decimal(-320000006)) == words
    assert parse_rmb_words(words) == Decimal(-320000006)
