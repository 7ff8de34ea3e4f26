"""The filters a placeholder may use: ``{{ total|money }}``. Each makes an empty text of a missing value."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from jinja2.runtime import Undefined

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.dates import chinese_date, show_date
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


def default(value: object, other: object = "") -> object:
    """Return `other` where there is no value."""
    return other if value is None or isinstance(value, Undefined) or value == "" else value


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "money": money, "amount": amount, "rmb": rmb, "quantity": quantity, "price": price, "percent": percent, "date": day,
    "chinese_date": chinese_day, "upper": upper, "shorten": shorten, "default": default,
}  # fmt: skip
