from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.base.errors import ValueProblem
from desktop_crm.domain.dates import add_months, chinese_date, from_serial, month_end, parse_date, show_date
from tests.domain.vectors import sheet

TODAY = date(2026, 11, 22)


def test_every_date_of_the_awkward_sheet() -> None:
    for _customer, cell, wanted in sheet("e_日期大杂烩.xlsx"):
        if isinstance(cell, datetime):
            assert show_date(cell.date()) == wanted
        elif isinstance(cell, time):
            # The file holds serial 0 here, which the reader of this test shows as midnight.
            assert show_date(from_serial(0)) == wanted
        elif isinstance(cell, int) and cell < 10**6:
            assert show_date(from_serial(cell)) == wanted.split(" ")[0]
        elif cell == "二〇二五年一月二日":
            assert parse_date(cell) == date(2025, 1, 2)
        elif not cell or any(word in wanted for word in ("invalid", "row error")):
            with pytest.raises(ValueProblem):
                parse_date(cell or "")
        else:
            assert show_date(parse_date(str(cell))) == wanted.split(" ")[0], cell


@pytest.mark.parametrize(
    "text",
    [
        "2026年1月5日", "2026 年 01 月 05 日", "26年1月5号", "26.1.5", "20260105", "2026/1/5", "2026-01-05 08:30", "2026-01-05T23:30:00.000Z",
        "2026-01-05T00:30+08:00", "2026年1月5日 星期一", "2026-01-05（周一）", "２０２６．１．５", "贰零贰陆年零壹月零伍日", "2026-1-5 8:05:01", "20260105 08:30",
        "2026/01/05 上午 9:30", "2026/1/5 下午3:05", "2026-1-5 9:30:00 AM", "2026年1月5日9时30分", "民國115年1月5日", "中华民国115/1/5", "5-Jan-2026", "Jan 5, 2026",
        "5th January 2026", "2026.1.5.", "2026\\1\\5", "2026—01—05", "'2026-01-05", "二〇二六年元月五日", "20260105093000",
    ],
)  # fmt: skip
def test_writings_of_one_day(text: str) -> None:
    assert parse_date(text) == date(2026, 1, 5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1月5日",
        "5/1/2026",
        "05-Jan-26",
        "115/1/5",
        "Foo 5, 2026",
        "1.5.26",
        "12.1.5",
        "26-1-5",
        "2026-1/5",
        "45659",
        "2026年2月29日",
        "0205-01-02",
        "2026",
        "明天",
        "1.5",
        "2026-01-05x",
        "20261301",
    ],
)
def test_what_is_no_date_or_more_than_one_is_refused(text: str) -> None:
    with pytest.raises(ValueProblem):
        parse_date(text)


def test_what_is_typed_today() -> None:
    assert parse_date("1月5日", today=TODAY) == date(2026, 1, 5)
    assert parse_date("1-5", today=TODAY) == date(2026, 1, 5)
    assert parse_date("明天", today=TODAY) == date(2026, 11, 23)
    with pytest.raises(ValueProblem):
        parse_date("2-30", today=TODAY)


def test_the_chosen_order() -> None:
    assert parse_date("25-1-2", order="ymd") == date(2025, 1, 2)
    assert parse_date("1/2/2025", order="mdy") == date(2025, 1, 2)
    assert parse_date("1/2/2025 08:00", order="dmy") == date(2025, 2, 1)
    assert parse_date("2025/1/2", order="dmy") == date(2025, 1, 2)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_what_is_shown_reads_back(day: date) -> None:
    assert parse_date(show_date(day)) == parse_date(chinese_date(day)) == parse_date(day.strftime("%Y%m%d")) == day


def test_serials() -> None:
    assert from_serial(1) == date(1900, 1, 1)
    assert from_serial(59) == date(1900, 2, 28)
    assert from_serial(61) == date(1900, 3, 1)
    assert from_serial(45659.99) == date(2025, 1, 2)
    assert from_serial(45659 - 1462, date1904=True) == date(2025, 1, 2)
    assert from_serial(2958465) == date(9999, 12, 31)
    assert from_serial(2957003, date1904=True) == date(9999, 12, 31)
    for number in (60, -1, 2958466, 20250102):
        with pytest.raises(ValueProblem):
            from_serial(number)


def test_months() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 1, 31), -2) == date(2025, 11, 30)
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert add_months(date(2026, 12, 15), 1) == date(2027, 1, 15)
    assert month_end(date(2024, 2, 3)) == date(2024, 2, 29)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.integers(-240, 240))
def test_a_month_later_is_in_that_month(day: date, months: int) -> None:
    later = add_months(day, months)
    assert later.year * 12 + later.month == day.year * 12 + day.month + months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)
