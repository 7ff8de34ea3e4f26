"""The rules calculated a second time, another way: words digit by digit, tax in fractions, due dates day by day."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.base.errors import ValueProblem
from desktop_crm.domain.early_payment import discount_of
from desktop_crm.domain.instalments import equal, monthly, plan
from desktop_crm.domain.ledger import Debt, bucket_of, suggest
from desktop_crm.domain.money import line_amounts, parse_amount
from desktop_crm.domain.terms import calendar_remark, china_calendar, due_date, parse_terms, roll
from desktop_crm.domain.words import bill_date, parse_bill_date, parse_rmb_words, rmb_words

FIGURES = "零壹贰叁肆伍陆柒捌玖"
# Zeros in every place are where the rules are.
in_cents = st.one_of(st.integers(0, 10**15 - 1), st.text("000123456789", min_size=1, max_size=15).map(int))
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
quantities = st.integers(-(10**8), 10**9).map(lambda number: Decimal(number).scaleb(-4))
prices = st.integers(0, 10**9).map(lambda number: Decimal(number).scaleb(-4))
rates = st.sampled_from([Decimal(rate) for rate in ("0.13", "0.09", "0.06", "0.05", "0.03", "0.01", "0")])
discounts = st.sampled_from([Decimal(1), Decimal("0.95"), Decimal("0.8888"), Decimal(0)])


def eight(number: int) -> str:
    """Write eight figures with the name of each place, zeros too."""
    return "".join(FIGURES[int(figure)] + (place if figure != "0" or place == "万" else "") for figure, place in zip(f"{number:08}", "仟佰拾万仟佰拾 ", strict=True)).strip()


def words(cents: int) -> str:
    """Write an amount figure by figure, then join zeros: those before 万, 亿 and 元 are silent."""
    yuan, rest = divmod(cents, 100)
    high, low = divmod(yuan, 10**8)
    whole = eight(high) + "亿" + eight(low) if high else eight(low)
    for before, after in (("^零+万?", ""), ("零+", "零"), ("零万", "万"), ("零亿", "亿"), ("亿万", "亿零"), ("零+", "零"), ("零$", "")):
        whole = re.sub(before, after, whole)
    # The first places of what is above 亿 may all be zeros as well.
    whole = re.sub("^零", "", whole)
    jiao, fen = divmod(rest, 10)
    if not rest:
        return f"人民币{whole or '零'}元整"
    zero = "零" if whole and (not jiao or yuan % 10 == 0) else ""
    return f"人民币{whole + '元' if whole else ''}{zero}{FIGURES[jiao] + '角' if jiao else ''}{FIGURES[fen] + '分' if fen else '整'}"


@given(in_cents)
def test_words_figure_by_figure(cents: int) -> None:
    amount = Decimal(cents).scaleb(-2)
    assert rmb_words(amount) == words(cents)
    assert parse_rmb_words(words(cents)) == amount
    assert not cents or parse_rmb_words(rmb_words(-amount)) == -amount


@pytest.mark.parametrize(
    ("text", "meant"),
    [("壹仟壹元", "人民币壹仟零壹元整"), ("壹佰元伍分", "人民币壹佰元零伍分"), ("壹元零伍分整", "人民币壹元零伍分"), ("人民币叁拾", "人民币叁拾元整"), ("壹拾贰万亿叁仟元", "人民币壹拾贰万亿零叁仟元整"), ("壹佰元整整", "人民币壹佰元整")],
)  # fmt: skip
def test_what_is_wrong_with_words_is_said(text: str, meant: str) -> None:
    with pytest.raises(ValueProblem, match=meant):
        parse_rmb_words(text)


@pytest.mark.parametrize(("text", "amount"), [("负人民币伍元整", "-5"), ("大写金额：壹佰元整。", "100"), ("RMB壹佰元整", "100"), ("金额（大写）人民币壹佰元", "100"), ("人民币负壹角", "-0.1")])
def test_what_stands_before_words(text: str, amount: str) -> None:
    assert parse_rmb_words(text) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("貳佰伍拾圓", "250"), ("壹佰萬圓整", "1000000"), ("壹万元人民币", "10000"), ("参佰元", "300"), ("两百五十块", "250"), ("五块钱", "5"), ("三块五毛", "3.5"),
        ("伍万元整（¥50,000.00）", "50000"), ("¥50,000.00（人民币伍万元整）", "50000"), ("１２元５角", "12.5"), ("12元5角3分", "12.53"), ("5角", "0.5"), ("-3元4分", "-3.04"),
        ("500元", "500"), ("(500)", "-500"),
    ],
)  # fmt: skip
def test_amounts_as_people_write_them(text: str, amount: str) -> None:
    assert parse_amount(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["伍万元整（¥5,000.00）", "3分", "12元5", "一千二", "三万五", "100(200)", "壹佰元（壹佰元）", "壹佰元（大写）5", "12元5角3"])
def test_amounts_that_may_be_two_are_refused(text: str) -> None:
    with pytest.raises(ValueProblem):
        parse_amount(text)


def test_every_day_of_a_leap_year_in_words() -> None:
    tens = ("", "壹拾", "贰拾", "叁拾")
    for number in range(366):
        day = date(2028, 1, 1) + timedelta(days=number)
        month = {1: "零壹", 2: "零贰", 10: "零壹拾"}.get(day.month) or tens[day.month // 10] + (FIGURES[day.month % 10] if day.month % 10 else "")
        ones = FIGURES[day.day % 10] if day.day % 10 else ""
        written = ("零" if day.day < 10 or not ones else "") + tens[day.day // 10] + ones
        assert bill_date(day) == f"贰零贰捌年{month}月{written}日"
        assert parse_bill_date(bill_date(day)) == day
    for wrong in ("贰零贰捌年壹贰月伍日", "贰零贰捌年壹月叁壹日", "贰零贰捌年零零月伍日", "贰零贰柒年零贰月贰拾玖日"):
        with pytest.raises(ValueProblem):
            parse_bill_date(wrong)
    assert parse_bill_date("二〇二八年元月五日") == date(2028, 1, 5)


def half_up(value: Fraction) -> Decimal:
    return Decimal(floor(abs(value) * 100 + Fraction(1, 2)) * (-1 if value < 0 else 1)).scaleb(-2)


@given(quantities, prices, rates, discounts)
def test_tax_in_fractions(quantity: Decimal, price: Decimal, rate: Decimal, discount: Decimal) -> None:
    amount = half_up(Fraction(quantity) * Fraction(price) * Fraction(discount))
    tax = half_up(Fraction(amount) * Fraction(rate))
    inside = half_up(Fraction(amount) * Fraction(rate) / (1 + Fraction(rate)))
    assert line_amounts(quantity, price, rate, tax_included=False, discount=discount) == (amount, tax, amount + tax)
    assert line_amounts(quantity, price, rate, tax_included=True, discount=discount) == (amount - inside, inside, amount)


def ends_period(day: date, code: str) -> bool:
    last = day.day == monthrange(day.year, day.month)[1]
    return {
        "eow": day.isoweekday() == 7, "eot": day.day in {10, 20} or last, "eoh": day.day == 15 or last, "eom": last, "eob": last and day.month in {2, 4, 6, 8, 10, 12}, "eoq": last and day.month in {3, 6, 9, 12},
    }[code]  # fmt: skip


@given(days, st.sampled_from(["eow", "eot", "eoh", "eom", "eob", "eoq"]), st.integers(0, 90))
def test_ends_of_periods_day_by_day(day: date, code: str, more: int) -> None:
    end = day
    while not ends_period(end, code):
        end += timedelta(days=1)
    assert due_date(parse_terms(f"{code}{more}"), day) == end + timedelta(days=more)


@given(days, st.integers(1, 31))
def test_a_day_of_each_month_is_the_next_one(day: date, number: int) -> None:
    due = day + timedelta(days=1)
    while due.day != min(number, monthrange(due.year, due.month)[1]):
        due += timedelta(days=1)
    assert due_date(parse_terms(f"每月{number}日"), day) == due


@given(st.integers(1, 10**12), st.integers(1, 60), st.booleans(), days)
def test_equal_parts(cents: int, count: int, by_month: bool, start: date) -> None:  # noqa: FBT001 - hypothesis gives it
    parts = [int(part.amount * 100) for part in plan(Decimal(cents).scaleb(-2), monthly(count) if by_month else equal(count), start=start)]
    share = (2 * cents + count) // (2 * count)
    assert sum(parts) == cents
    assert min(parts) >= 0
    if share * (count - 1) <= cents:
        assert parts == [share] * (count - 1) + [cents - share * (count - 1)]


@given(days, st.integers(-3, 40))
def test_the_day_of_the_discount_itself_counts(day: date, later: int) -> None:
    found = discount_of(Decimal("333.25"), "2/10, 1/20, net 30", day, day + timedelta(days=later))
    assert str(found) == ("6.67" if 0 <= later <= 10 else "3.33" if 10 < later <= 20 else "0.00")


@given(st.integers(1, 500), st.lists(st.tuples(st.integers(-50, 300), st.dates(date(2026, 1, 1), date(2026, 1, 9))), max_size=8))
def test_suggestions_cent_by_cent(cents: int, owed: list[tuple[int, date]]) -> None:
    debts = [Debt(number, due, due, Decimal(amount).scaleb(-2)) for number, (amount, due) in enumerate(owed)]
    receipt = Decimal(cents).scaleb(-2)
    exact = sorted((due, number) for number, (amount, due) in enumerate(owed) if amount == cents)
    expected = [0] * len(owed)
    if exact:
        expected[exact[0][1]] = cents
    else:
        # A cent at a time to the oldest debt that still has room.
        for _cent in range(cents):
            room = min(((due, number) for number, (amount, due) in enumerate(owed) if expected[number] < amount), default=None)
            if room is None:
                break
            expected[room[1]] += 1
    assert [int(part * 100) for part in suggest(receipt, debts)] == expected


@given(st.lists(st.integers(1, 400), min_size=1, max_size=6, unique=True).map(sorted), st.integers(-10, 500))
def test_the_last_day_of_a_bucket_belongs_to_it(limits: list[int], late: int) -> None:
    edges = [-(10**6), 0, *limits, 10**6]
    assert bucket_of(late, limits) == next(number for number in range(len(limits) + 2) if edges[number] < late <= edges[number + 1])


def span(first: str, last: str) -> set[date]:
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return {begin + timedelta(days=number) for number in range((end - begin).days + 1)}


# As the State Council's notices say it: 国办发明电〔2023〕7号, 〔2024〕12号, 〔2025〕7号; first the days off, then the weekends that are worked.
NOTICES = {
    2024: (
        span("2024-01-01", "2024-01-01") | span("2024-02-10", "2024-02-17") | span("2024-04-04", "2024-04-06") | span("2024-05-01", "2024-05-05")
        | span("2024-06-10", "2024-06-10") | span("2024-09-15", "2024-09-17") | span("2024-10-01", "2024-10-07"),
        ("02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"),
    ),
    2025: (
        span("2025-01-01", "2025-01-01") | span("2025-01-28", "2025-02-04") | span("2025-04-04", "2025-04-06") | span("2025-05-01", "2025-05-05")
        | span("2025-05-31", "2025-06-02") | span("2025-10-01", "2025-10-08"),
        ("01-26", "02-08", "04-27", "09-28", "10-11"),
    ),
    2026: (
        span("2026-01-01", "2026-01-03") | span("2026-02-15", "2026-02-23") | span("2026-04-04", "2026-04-06") | span("2026-05-01", "2026-05-05")
        | span("2026-06-19", "2026-06-21") | span("2026-09-25", "2026-09-27") | span("2026-10-01", "2026-10-07"),
        ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("year", NOTICES)
def test_the_calendar_is_that_of_the_notices(year: int) -> None:
    off, worked = NOTICES[year]
    moved = {date.fromisoformat(f"{year}-{day}") for day in worked}
    assert all(day.isoweekday() > 5 for day in moved)
    calendar = china_calendar()
    for day in span(f"{year}-01-01", f"{year}-12-31"):
        assert calendar.is_workday(day) == (day in moved or (day not in off and day.isoweekday() < 6)), day


@pytest.mark.parametrize(
    ("due", "rolled"),
    [("2024-02-10", "2024-02-18"), ("2025-01-28", "2025-02-05"), ("2025-10-01", "2025-10-09"), ("2025-10-11", "2025-10-11"), ("2026-02-15", "2026-02-24"),
     ("2026-09-26", "2026-09-28"), ("2026-10-01", "2026-10-08"), ("2026-12-31", "2026-12-31")],
)  # fmt: skip
def test_a_due_date_on_a_day_off_is_the_first_day_worked_after_it(due: str, rolled: str) -> None:
    assert roll(date.fromisoformat(due), china_calendar()) == date.fromisoformat(rolled)


def test_a_year_without_a_notice_knows_weekends_only_and_says_so() -> None:
    calendar = china_calendar()
    unknown = date(calendar.known_until().year + 1, 1, 1)
    assert calendar.is_workday(unknown) == (unknown.isoweekday() < 6)
    assert str(calendar.known_until()) in (calendar_remark(unknown, calendar) or "")
    assert calendar_remark(calendar.known_until(), calendar) is None
