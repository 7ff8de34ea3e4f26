"""The filters a placeholder may use: ``{{ total|money }}``. Each makes an empty text of a missing value."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from jinja2.runtime import Undefined

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.dates import chinese_date, english_date, show_date
from desktop_crm.domain.english import english_words
from desktop_crm.domain.money import show_money
from desktop_crm.domain.words import rmb_words

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_SHORTEN: Final = 1000


def _optional(function: Callable[..., str]) -> Callable[..., str]:
    @wraps(function)
    def filled(value: Any, *arguments: Any) -> str:
        empty = value is None or isinstance(value, Undefined) or (isinstance(value, str) and not value)
        return "" if empty else function(value, *arguments)

    return filled


def _number(value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    raise UserError(_("“{value}” isn't a number.").format(value=str(value)[:40]))


def _day(value: object) -> date:
    if isinstance(value, date):
        return value
    raise UserError(_("“{value}” isn't a date.").format(value=str(value)[:40]))


@_optional
def money(value: object, symbol: object = "") -> str:
    """Return an amount with two decimals and thousands separators, after `symbol`."""
    return show_money(_number(value), symbol=str(symbol)[:4])


@_optional
def amount(value: object) -> str:
    """Return an amount as `money` does, and nothing for 0: the way a column of increases or decreases is left blank."""
    number = _number(value)
    return show_money(number) if number else ""


@_optional
def rmb(value: object) -> str:
    """Return an amount in Chinese capitals (人民币大写)."""
    return rmb_words(_number(value))


@_optional
def rmb_traditional(value: object) -> str:
    """Return an amount in Chinese capitals as `rmb` does, in Traditional characters."""
    return rmb_words(_number(value), traditional=True)


def _plain(number: Decimal, least: int) -> str:
    rounded = number.quantize(Decimal("0.0001"), ROUND_HALF_UP)
    whole, _point, decimals = f"{rounded:,.4f}".partition(".")
    kept = decimals.rstrip("0").ljust(least, "0")
    return f"{whole}.{kept}" if kept else whole


@_optional
def quantity(value: object) -> str:
    """Return a quantity with up to four decimals, without the zeros at its end."""
    return _plain(_number(value), 0)


@_optional
def price(value: object) -> str:
    """Return a unit price with two to four decimals."""
    return _plain(_number(value), 2)


@_optional
def percent(value: object) -> str:
    """Return a rate such as 0.13 as 13%."""
    return _plain(_number(value) * 100, 0) + "%"


@_optional
def day(value: object) -> str:
    """Return a date the short way."""
    return show_date(_day(value))


@_optional
def chinese_day(value: object) -> str:
    """Return a date with 年, 月 and 日."""
    return chinese_date(_day(value))


@_optional
def upper(value: object) -> str:
    """Return a text in capital letters."""
    return str(value).upper()


@_optional
def shorten(value: object, length: object = 20) -> str:
    """Return the first `length` characters, the last of them an ellipsis where something was left out."""
    if not isinstance(length, int) or not 1 <= length <= MAX_SHORTEN:
        raise UserError(_("The length to shorten to is a number from 1 to {most}.").format(most=MAX_SHORTEN))
    text = str(value)
    return text if len(text) <= length else text[: length - 1] + "…"


@_optional
def words(value: object) -> str:
    """Return an amount in English words, as cheques and contracts write it."""
    return english_words(_number(value))


@_optional
def english_day(value: object) -> str:
    """Return a date as English letters write it: 5 January 2026."""
    return english_date(_day(value))


@_optional
def sign(value: object, place: object = 1) -> str:
    """Return the character at `place` (from 1), for forms with a box for each, such as postal codes."""
    text = str(value)
    return text[place - 1] if isinstance(place, int) and 0 < place <= len(text) else ""


@_optional
def digit(value: object, place: object = 0) -> str:
    """Return the figure of an amount at `place` (0 for 分, 1 for 角, 2 for 元 …), ¥ before the first, for forms with a box for each."""
    figures = f"{abs(_number(value).quantize(Decimal('0.01'), ROUND_HALF_UP)):.2f}".replace(".", "")
    if not isinstance(place, int) or place < 0 or place > len(figures):
        return ""
    return "¥" if place == len(figures) else figures[len(figures) - 1 - place]


def default(value: object, other: object = "") -> object:
    """Return `other` where there is no value."""
    return other if value is None or isinstance(value, Undefined) or value == "" else value


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "money": money, "amount": amount, "rmb": rmb, "rmb_traditional": rmb_traditional, "quantity": quantity, "price": price, "percent": percent, "date": day,
    "chinese_date": chinese_day, "english_date": english_day, "words": words, "sign": sign, "digit": digit, "upper": upper, "shorten": shorten, "default": default,
}  # fmt: skip
