from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.domain.lunar import lunar_text, next_birthday


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 2, 17), "正月初一"), (date(2026, 2, 16), "腊月廿九"), (date(2025, 7, 25), "闰六月初一"), (date(2025, 8, 22), "闰六月廿九"),
        (date(2024, 2, 9), "腊月三十"), (date(2025, 10, 6), "八月十五"), (date(1900, 1, 31), "正月初一"), (date(2025, 12, 20), "冬月初一"),
    ],
)  # fmt: skip
def test_lunar_dates_in_words(day: date, text: str) -> None:
    assert lunar_text(day) == text


def test_outside_the_calendar() -> None:
    for day in (date(1900, 1, 30), date(2100, 1, 1)):
        with pytest.raises(ValueError, match="lunar"):
            lunar_text(day)


def test_a_birthday_on_the_last_of_a_long_month_falls_on_the_29th() -> None:
    assert next_birthday(date(2024, 2, 9), lunar=True, today=date(2026, 1, 1)) == date(2026, 2, 16)


def test_a_birthday_in_a_leap_month_falls_in_the_ordinary_one() -> None:
    born = date(2025, 7, 25)
    assert lunar_text(next_birthday(born, lunar=True, today=date(2026, 1, 1))) == "六月初一"
    assert next_birthday(born, lunar=True, today=born) == born


def test_solar_birthdays() -> None:
    assert next_birthday(date(1988, 2, 29), lunar=False, today=date(2026, 1, 1)) == date(2026, 2, 28)
    assert next_birthday(date(1988, 2, 29), lunar=False, today=date(2027, 3, 1)) == date(2028, 2, 29)
    assert next_birthday(date(1990, 5, 5), lunar=False, today=date(2026, 5, 5)) == date(2026, 5, 5)


@given(st.dates(date(1930, 1, 1), date(2025, 12, 31)), st.booleans(), st.dates(date(2026, 1, 1), date(2060, 12, 31)))
def test_the_next_birthday_comes_within_thirteen_months(birth: date, lunar: bool, today: date) -> None:  # noqa: FBT001 - hypothesis gives it
    assert today <= next_birthday(birth, lunar=lunar, today=today) < today + timedelta(days=400)
