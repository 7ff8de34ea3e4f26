"""The lunar calendar: dates in words and birthdays kept by it."""

from __future__ import annotations

from datetime import date
from typing import Final

from borax.calendars import LCalendars, LunarDate

from desktop_crm.domain.dates import month_end

_MONTHS: Final = ("正月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "冬月", "腊月")
_DIGITS: Final = "一二三四五六七八九十"
_FIRST_DAY: Final = date(1900, 1, 31)
_LAST_YEAR: Final = 2099
_LONG_MONTH: Final = 30


def lunar_text(day: date) -> str:
    """Return the lunar month and day: ``正月初一``, ``闰六月三十``. Raises ValueError outside 1900-01-31 to 2099."""
    lunar = _lunar(day)
    return f"{'闰' if lunar.leap else ''}{_MONTHS[lunar.month - 1]}{_day_text(lunar.day)}"


def next_birthday(birth: date, *, lunar: bool, today: date) -> date:
    """Return the next birthday from `today` on, `today` included; `birth` is the solar date of birth in either case.

    29 February falls on the 28th in common years. A lunar birthday falls on the 29th where its month has no 30th (no 腊月三十), and in
    the ordinary month where the year has no such leap month. Raises ValueError for lunar dates outside 1900–2099.
    """
    if not lunar:
        this_year = _in_year(birth, today.year)
        return this_year if this_year >= today else _in_year(birth, today.year + 1)
    born = _lunar(birth)
    year = _lunar(today).year
    this_year = _lunar_in_year(born, year)
    return this_year if this_year >= today else _lunar_in_year(born, year + 1)


def _day_text(day: int) -> str:
    tens, ones = divmod(day, 10)
    if ones == 0:
        return ("初十", "二十", "三十")[tens - 1]
    return "初十廿"[tens] + _DIGITS[ones - 1]


def _lunar(day: date) -> LunarDate:
    if day < _FIRST_DAY or day.year > _LAST_YEAR:
        raise ValueError("outside the lunar calendar's years")
    return LunarDate.from_solar_date(day.year, day.month, day.day)


def _in_year(birth: date, year: int) -> date:
    return date(year, birth.month, min(birth.day, month_end(date(year, birth.month, 1)).day))


def _lunar_in_year(born: LunarDate, year: int) -> date:
    leap = born.leap and LCalendars.leap_month(year) == born.month
    try:
        return _solar(LunarDate(year, born.month, born.day, int(leap)))
    except ValueError:
        if born.day < _LONG_MONTH:
            raise
        return _solar(LunarDate(year, born.month, born.day - 1, int(leap)))


def _solar(lunar: LunarDate) -> date:
    day: date = lunar.to_solar_date()
    return day
