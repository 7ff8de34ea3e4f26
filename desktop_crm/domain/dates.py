"""Business dates: read as people write them, shown, and counted by month."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final, Literal

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import pattern
from desktop_crm.domain.text import narrow
from desktop_crm.domain.words import parse_bill_date

DateOrder = Literal["ymd", "mdy", "dmy"]

_FIRST_YEAR: Final = 1800
_LAST_YEAR: Final = 2999
_CENTURY: Final = 2000
_LAST_MONTH: Final = 12
_LAST_SERIAL: Final = 2_958_465
_PHANTOM_SERIAL: Final = 60
_TAIL: Final = (
    r"(?:\s*\(?(?:星期|周|週)[一二三四五六日天]\)?)?"
    r"(?:(?:[T\s]|(?=[凌上中下晚]))\s*(?:凌晨|上午|中午|下午|晚上|AM|PM)?\s*[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?\s*(?:Z|AM|PM|[+-][0-9]{2}:?[0-9]{2})?"
    r"|\s*(?:凌晨|上午|中午|下午|晚上)?[0-9]{1,2}\s?[时時点點]\s?(?:[0-9]{1,2}\s?分?)?(?:[0-9]{1,2}\s?秒)?)?"
)
_FULL: Final = pattern(r"([0-9]{4})\s?([-/.—\\])\s?([0-9]{1,2})\s?\2\s?([0-9]{1,2})[日号號.]?" + _TAIL, re.IGNORECASE)
_CHINESE: Final = pattern(r"([0-9]{4}|[0-9]{2})\s?年\s?([0-9]{1,2})\s?月\s?([0-9]{1,2})\s?[日号號]?" + _TAIL)
_COMPACT: Final = pattern(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:[0-9]{6})?" + _TAIL)
_REPUBLIC: Final = pattern(r"(?:中[华華])?民[国國]\s?([0-9]{1,3}|元)\s?[年./-]\s?([0-9]{1,2})\s?[月./-]\s?([0-9]{1,2})\s?[日号號]?" + _TAIL)
_BEFORE_REPUBLIC: Final = 1911
# With the month's name and four figures for the year there is one reading.
_DAY_FIRST: Final = pattern(r"([0-9]{1,2})(?:st|nd|rd|th)?[-\s./]+([A-Za-z]{3,9})\.?[-\s,./]+([0-9]{4})" + _TAIL)
_MONTH_FIRST: Final = pattern(r"([A-Za-z]{3,9})\.?\s+([0-9]{1,2})(?:st|nd|rd|th)?,?\s+([0-9]{4})" + _TAIL)
_MONTHS: Final = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_DOTTED: Final = pattern(r"([0-9]{2})\.([0-9]{1,2})\.([0-9]{1,2})")
_ANY_ORDER: Final = pattern(r"([0-9]{1,4})([-/.])([0-9]{1,2})\2([0-9]{1,4})" + _TAIL)
_MONTH_DAY: Final = pattern(r"([0-9]{1,2})(?:月|[-/])([0-9]{1,2})[日号號]?")
_NEAR: Final = {"前天": -2, "昨天": -1, "今天": 0, "明天": 1, "后天": 2, "後天": 2, "yesterday": -1, "today": 0, "tomorrow": 1}

ENGLISH_MONTHS: Final = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


def parse_date(text: str, *, today: date | None = None, order: DateOrder | None = None) -> date:
    """Read a date in any common Chinese or ISO writing; a time of day after it is dropped.

    `today` allows what a person types in a form: 1月5日 of this year, 今天. `order` is the explicit choice for texts that could be read
    in two ways, such as 25-1-2 or 1/2/2025; without it they raise ValueProblem, as does everything that is no date.
    """
    tidy = " ".join(narrow(text).split()).removeprefix("'").replace("元月", "1月")
    if today is not None:
        near = _NEAR.get(tidy.casefold())
        if near is not None:
            return today + timedelta(days=near)
        if match := _MONTH_DAY.fullmatch(tidy):
            return _date(today.year, int(match[1]), int(match[2]), text)
    parts = _parts(tidy, order)
    if parts is not None:
        return _date(*parts, text)
    worded = tidy.replace("1月", "一月")
    if "年" in worded and not re.search(r"[0-9]", worded):
        return parse_bill_date(worded)
    if _MONTH_DAY.fullmatch(tidy):
        raise ValueProblem(_("“{text}” has no year. Write it like 2026-01-05.").format(text=text.strip()))
    if _ANY_ORDER.fullmatch(tidy):
        raise ValueProblem(
            _("“{text}” can be read as more than one date. Write the year first, with four digits.").format(text=text.strip())
        )
    raise _unreadable(text)


def from_serial(number: float, *, date1904: bool = False) -> date:
    """Return the date of an Excel serial number; the part of a day behind the point is dropped.

    The 1900 system counts a 29 February 1900 that never was (serial 60); that one, negative numbers and numbers beyond 9999 raise ValueProblem.
    """
    days = int(number // 1)
    if not 0 <= days <= _LAST_SERIAL - (1462 if date1904 else 0) or (days == _PHANTOM_SERIAL and not date1904):
        raise ValueProblem(_("{number} is not the number of a date in Excel.").format(number=number))
    if date1904:
        return date(1904, 1, 1) + timedelta(days=days)
    # Excel shows serial 0 as "1900-01-00"; the first day it knows is 1 January 1900.
    start = date(1899, 12, 31) if days < _PHANTOM_SERIAL else date(1899, 12, 30)
    return start + timedelta(days=max(days, 1))


def show_date(day: date) -> str:
    """Return ``2026-01-05``."""
    return day.isoformat()[:10]


def chinese_date(day: date) -> str:
    """Return ``2026年1月5日``."""
    return f"{day.year}年{day.month}月{day.day}日"


def english_date(day: date) -> str:
    """Return the date as English letters write it: ``5 January 2026``, whatever the computer's language."""
    return f"{day.day} {ENGLISH_MONTHS[day.month - 1]} {day.year}"


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later (or earlier), or that month's last day: 01-31 + 1 month is 02-28."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, days_in(year, month + 1)))


def month_end(day: date) -> date:
    """Return the last day of the month."""
    return day.replace(day=days_in(day.year, day.month))


def days_in(year: int, month: int) -> int:
    """Return how many days a month has."""
    from calendar import monthrange  # brings the system's languages along, which a start needs nothing of

    return monthrange(year, month)[1]


def _parts(tidy: str, order: DateOrder | None) -> tuple[int, int, int] | None:
    """Return year, month and day as written, where there is one reading only or `order` chooses it."""
    if match := _FULL.fullmatch(tidy):
        return int(match[1]), int(match[3]), int(match[4])
    if match := _CHINESE.fullmatch(tidy) or _COMPACT.fullmatch(tidy):
        return _year(match[1]), int(match[2]), int(match[3])
    if match := _REPUBLIC.fullmatch(tidy):
        return (1 if match[1] == "元" else int(match[1])) + _BEFORE_REPUBLIC, int(match[2]), int(match[3])
    if named_month := _named(tidy):
        return named_month
    # 26.1.5 is the short writing of Chinese offices; up to 12 the first figure could be a month.
    if order is None and (match := _DOTTED.fullmatch(tidy)) and int(match[1]) > _LAST_MONTH:
        return _year(match[1]), int(match[2]), int(match[3])
    if order is not None and (match := _ANY_ORDER.fullmatch(tidy)):
        named = dict(zip(order, (match[1], match[3], match[4]), strict=True))
        return _year(named["y"]), int(named["m"]), int(named["d"])
    return None


def _named(tidy: str) -> tuple[int, int, int] | None:
    """Return year, month and day of a date with the month's English name or its first letters: 5-Jan-2026, January 5, 2026."""
    if match := _DAY_FIRST.fullmatch(tidy):
        day, name, year = match[1], match[2], match[3]
    elif match := _MONTH_FIRST.fullmatch(tidy):
        name, day, year = match[1], match[2], match[3]
    else:
        return None
    short = "sep" if name.casefold() == "sept" else name.casefold()
    month = next((number for number, month in enumerate(_MONTHS, start=1) if short in {month, month[:3]}), 0)
    return (int(year), month, int(day)) if month else None


def _year(written: str) -> int:
    return int(written) + (_CENTURY if len(written) <= len("26") else 0)


def _unreadable(text: str) -> ValueProblem:
    return ValueProblem(_("“{text}” is not a date. Write it like 2026-01-05.").format(text=text.strip()))


def _date(year: int, month: int, day: int, text: str) -> date:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise _unreadable(text)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise ValueProblem(_("“{text}” is not a day of the calendar.").format(text=text.strip())) from error
