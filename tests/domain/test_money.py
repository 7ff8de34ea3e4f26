from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.base.errors import ValueProblem
from desktop_crm.domain.money import CENT, line_amounts, parse_amount, round_money, round_scale, show_money, split
from tests.domain.vectors import facts, sheet, vectors

cents = st.integers(-(10**13), 10**13).map(lambda number: Decimal(number).scaleb(-2))
fractions = st.decimals(Decimal(0), Decimal(10**6), places=4)
rates = st.sampled_from([Decimal(rate) for rate in ("0", "0.01", "0.03", "0.06", "0.09", "0.13")])


def numbers(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


def test_half_cents_go_up_and_zero_has_no_sign() -> None:
    assert str(round_money(Decimal("1.105"))) == "1.11"
    assert str(round_money(Decimal("-1.105"))) == "-1.11"
    assert str(round_money(Decimal("-0.004"))) == "0.00"
    assert str(round_scale(Decimal("2.00005"), 4)) == "2.0001"


@pytest.mark.parametrize(("name", "included"), [("vat_exclusive", False), ("vat_inclusive", True)])
def test_vat_examples(name: str, included: bool) -> None:  # noqa: FBT001 - a parameter of the table
    for quantity, price, rate, *expected in vectors(name):
        amounts = line_amounts(*numbers(quantity, price, rate), tax_included=included)
        assert [str(amount) for amount in amounts] == expected, (quantity, price, rate)


def test_vat_of_other_programs() -> None:
    expected = {fact["id"]: fact["expect"] for fact in facts("tax_rounding.json")}
    one = Decimal(1)
    assert line_amounts(one, Decimal("1.24"), Decimal("0.1"), tax_included=False)[1] == Decimal(expected["dolibarr-1"]["vat"])
    assert 2 * line_amounts(one, Decimal("1.24"), Decimal("0.1"), tax_included=False)[2] == Decimal(
        expected["dolibarr-2lines-per-line"]["gross"]
    )
    assert 2 * line_amounts(one, Decimal(50), Decimal("0.19"), tax_included=True)[1] == Decimal(expected["ninja-inclusive"]["taxes"])
    assert line_amounts(one, Decimal(10), Decimal("0.1"), tax_included=False, discount=Decimal("0.8"))[1] == Decimal(
        expected["ninja-line-discount-tax1"]["tax"]
    )
    for name, gross, rate in (("odoo-incl-8", "124.40", "0.08"), ("odoo-incl-21a", "11.90", "0.21")):
        net, tax, _total = line_amounts(*numbers("1", gross, rate), tax_included=True)
        assert (net, tax) == (Decimal(expected[name]["net"]), Decimal(expected[name]["tax"]))


def test_an_amount_off_is_spread_over_the_lines_before_tax() -> None:
    expected = next(fact["expect"] for fact in facts("tax_rounding.json") if fact["id"] == "ninja-discount-over-lines")
    prices = numbers("8000", "9500")
    nets = [price - off for price, off in zip(prices, split(Decimal(14191), prices), strict=True)]
    taxes = [line_amounts(Decimal(1), net, Decimal("0.05"), tax_included=False)[1] for net in nets]
    assert [str(tax) for tax in taxes] == expected["line_tax"]
    assert sum(nets) + sum(taxes) == Decimal(expected["total"])


@given(fractions, fractions, rates, st.booleans(), st.decimals(Decimal(0), Decimal(1), places=4))
def test_a_line_adds_up(quantity: Decimal, price: Decimal, rate: Decimal, included: bool, discount: Decimal) -> None:  # noqa: FBT001 - hypothesis gives it
    net, tax, total = line_amounts(quantity, price, rate, tax_included=included, discount=discount)
    assert net + tax == total
    assert all(amount == round_money(amount) for amount in (net, tax, total))
    if included:
        assert total == round_money(quantity * price * discount)


@pytest.mark.parametrize(
    ("total", "weights", "expected"),
    [
        ("100", ("1", "1", "1"), ("33.33", "33.33", "33.34")),
        ("9999.99", ("30", "30", "40"), ("3000.00", "3000.00", "3999.99")),
        ("-100", ("1", "1", "1"), ("-33.33", "-33.33", "-33.34")),
        ("1587.35", ("0.25", "0.25", "0.25", "0.25"), ("396.84", "396.84", "396.84", "396.83")),
        ("0.00", ("1", "2"), ("0.00", "0.00")),
    ],
)
def test_split(total: str, weights: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert [str(share) for share in split(Decimal(total), numbers(*weights))] == list(expected)


@given(cents, st.lists(st.decimals(Decimal(0), Decimal(1000), places=2), min_size=1, max_size=300).filter(any))
def test_shares_add_up_and_keep_the_sign(total: Decimal, weights: list[Decimal]) -> None:
    shares = split(total, weights)
    assert sum(shares) == total
    assert all(share * total >= 0 and share == round_money(share) for share in shares)


def test_many_small_shares_never_spend_more_than_there_is() -> None:
    shares = split(Decimal("1.00"), [Decimal(1)] * 200)
    assert (sum(shares), min(shares), max(shares)) == (Decimal(1), Decimal(0), CENT)


@pytest.mark.parametrize("weights", [(), ("0", "0"), ("1", "-1"), ("-2", "1")])
def test_weights_that_add_up_to_nothing_are_refused(weights: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split(Decimal(1), numbers(*weights))


def test_show() -> None:
    assert show_money(Decimal("1234.5")) == "1,234.50"
    assert show_money(Decimal("-1234.5"), symbol="¥") == "-¥1,234.50"
    assert show_money(Decimal("1234567.5"), symbol="¥") == "¥1,234,567.50"
    assert show_money(Decimal("-0.001")) == "0.00"


@given(cents)
def test_what_is_shown_reads_back(value: Decimal) -> None:
    assert parse_amount(show_money(value)) == value
    assert parse_amount(show_money(value, symbol="¥")) == value


# What the sheet leaves open, decided: read where one meaning is left, refused otherwise, never rounded.
CHOSEN = {
    "1.2万": "12000",
    "1 234.50": "1234.50",
    "RMB 1,234.50": "1234.50",
    "1234.567": "1234.567",
    "0.005": "0.005",
    "1e3": None,
    "": None,
}


def test_every_amount_of_the_awkward_sheet() -> None:
    for _customer, written, wanted in sheet("i_金额文本花样.xlsx"):
        expected = CHOSEN[written] if written in CHOSEN else None if "row error" in wanted else wanted.split(" ")[0]
        if expected is None:
            with pytest.raises(ValueProblem):
                parse_amount(written)
        else:
            assert parse_amount(written) == Decimal(expected), written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9.62万", "96200"), ("1.2亿元", "120000000"), ("3千万", "30000000"), ("(500)", "-500"), ("（¥500.00）", "-500"), ("500-", "-500"),
        ("－５００", "-500"), ("-¥500", "-500"), ("¥-500", "-500"), ("+500", "500"), ("负500元", "-500"), ("1234.5元整", "1234.5"),
        ("壹佰元整", "100"), ("人民币负叁佰贰拾伍元零肆分", "-325.04"), ("=3*4280", "12840"), ("=(1.1+2.2)/3", "1.1"), ("=-2×-3", "6"),
        ("=0.1+0.2", "0.3"), ("CNY 12", "12"), (".5", "0.5"), ("1 234 567", "1234567"), ("\ufeff12", "12"),
        ("人民币：500元", "500"), ("大写：伍佰元整", "500"), ("500.", "500"), ("1.2w", "12000"), ("3K", "3000"), ("十二万", "120000"), ("(1,234.50)元", "-1234.5"),
    ],
)  # fmt: skip
def test_amounts_as_people_write_them(text: str, expected: str) -> None:
    assert parse_amount(text) == Decimal(expected)


@pytest.mark.parametrize(
    "text",
    [
        "", "-", "—", "--5", "(-5)", "(5", "5)", "-5-", "1 234,50", "1,2345", "12,345.", "10²", "①", "½", "٣", "13%", "$5", "NaN", "Infinity", "0x10", "1_000", "五", "12kw", "500 km", "1e3",
        "=", "=1/0", "=2**9", "=1e3", "=a", "=1,000*2", "=(1", "=__import__('os')", "=007", "=1_0", "=" + "9*" * 60 + "9", "=9" + "*9" * 150,
        "=" + "(" * 190 + "1", "9" * 15, "1" * 400 + "元",
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueProblem):
        parse_amount(text)


@given(st.text(max_size=30))
def test_any_text_gives_a_number_or_a_message(text: str) -> None:
    with contextlib.suppress(ValueProblem):
        assert parse_amount(text).is_finite()
