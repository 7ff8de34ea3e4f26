"""What a cell of a written list holds: values as Excel and CSV take them, and how wide they show."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final, Literal

from desktop_crm.base.i18n import _

_EXACT_DIGITS: Final = 15
# Normalising in the usual context would round to 28 digits.
_WIDE: Final = Context(prec=100)
FIRST_YEAR: Final = 1900
DATE_FORMAT: Final = "yyyy-mm-dd"
DATETIME_FORMAT: Final = "yyyy-mm-dd hh:mm"
_MEASURED: Final = 200
"""Characters of a text that are measured; it is cut off long before in any column."""

Kind = Literal["text", "number", "integer", "money", "percent", "date", "datetime"]


@dataclass(frozen=True)
class ColumnOut:
    """A column to write.

    `width` is in characters, None measures it; `scale` is the number of decimals shown, `pattern` Excel's own number format instead
    of it. `note` explains the heading, `choices` is the range of cells that is offered as a list, as Excel writes it. What is typed
    into a `checked` column is looked at by its kind. A `required` heading is marked, a `fixed` column is grey: it can't be changed there.
    """

    heading: str
    kind: Kind = "text"
    width: float | None = None
    scale: int = 2
    pattern: str = ""
    note: str = ""
    choices: str = ""
    checked: bool = False
    required: bool = False
    fixed: bool = False
    hidden: bool = False


def plain(value: object) -> object:
    """Return a value as it is written: instants in local time, text for what has no kind of its own."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return value.astimezone().replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, (int, Decimal, date)):
        return value
    return str(value)


def held(value: Decimal | int, column: ColumnOut) -> Decimal | None:
    """Return the number for Excel, which keeps 15 digits: rounded to what the column shows if it must be, None if that is still longer."""
    number = Decimal(value)
    if not number.is_finite():
        return None
    if _digits(number) > _EXACT_DIGITS:
        places = {"percent": column.scale + 2, "integer": 0}.get(column.kind, column.scale)
        number = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _WIDE)
    return number if _digits(number) <= _EXACT_DIGITS else None


def _digits(number: Decimal) -> int:
    return len(number.normalize(_WIDE).as_tuple().digits)


class _Letters(dict[str, int]):
    """How many characters wide a letter is; Chinese ones take two."""

    def __missing__(self, letter: str) -> int:
        self[letter] = width = 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        return width


_LETTERS: Final = _Letters()


def _cells(text: str) -> int:
    """Return the width of the longest line in characters."""
    return max(len(line) if line.isascii() else sum(map(_LETTERS.__getitem__, line)) for line in text.split("\n"))


def as_text(value: object) -> str:
    """Return a value as it is written where it has no kind of its own."""
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def width_of(column: ColumnOut, value: object) -> int:
    """Return the width a value shows in, in characters."""
    if value is None:
        return 0
    if type(value) is str:
        return _cells(value[:_MEASURED]) + 1
    if isinstance(value, (int, Decimal)) and column.kind not in {"text", "date", "datetime"}:
        number = held(value, column)
        if number is not None:
            return _cells(f"{number:,.{column.scale}f}") + 1
    if isinstance(value, date) and value.year >= FIRST_YEAR and column.kind != "text":
        return len(DATETIME_FORMAT if isinstance(value, datetime) else DATE_FORMAT) + 1
    return _cells(as_text(value)[:_MEASURED]) + 1
