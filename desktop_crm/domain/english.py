"""Amounts in English words, for documents that foreign customers read."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

_ONES: Final = (
    "", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen",
    "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES: Final = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (10**3, "thousand"))
_TOO_BIG: Final = Decimal(10) ** 15
_TWENTY: Final = 20
_HUNDRED: Final = 100


def english_words(amount: Decimal, currency: str = "RMB") -> str:
    """Return the amount, rounded half up to the cent: ``SAY RMB ONE THOUSAND AND FIVE AND CENTS TWENTY ONLY``.

    Raises ValueError from 10^15 on, where the words end.
    """
    if not amount.is_finite() or abs(amount) >= _TOO_BIG:
        raise ValueError("amount too big for words")
    cents = int(abs(amount).quantize(Decimal("0.01"), ROUND_HALF_UP) * _HUNDRED)
    whole, rest = divmod(cents, _HUNDRED)
    minus = "minus " if amount < 0 and cents else ""
    part = f" and cents {_number(rest)}" if rest else ""
    return f"say {currency} {minus}{_number(whole) or 'zero'}{part} only".upper()


def _number(number: int) -> str:
    parts = []
    for scale, name in _SCALES:
        count, number = divmod(number, scale)
        if count:
            parts.append(f"{_below_thousand(count)} {name}")
    if number:
        parts.append(("and " if parts and number < _HUNDRED else "") + _below_thousand(number))
    return " ".join(parts)


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, _HUNDRED)
    small = _ONES[rest] if rest < _TWENTY else _TENS[rest // 10] + (f"-{_ONES[rest % 10]}" if rest % 10 else "")
    return " ".join(part for part in (f"{_ONES[hundreds]} hundred" if hundreds else "", "and" if hundreds and rest else "", small) if part)
