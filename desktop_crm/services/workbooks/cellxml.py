"""The XML of a sheet's rows, made column by column: what holds of all cells of a column is asked and written once.

ECMA-376 part 1, 18.3.1.4 (cells) and 22.9.2.19 (escaped characters).
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from html import escape
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.services.workbooks.cellvalues import FIRST_YEAR, ColumnOut, as_text, held, plain
from desktop_crm.services.workbooks.parts import column_letters
from desktop_crm.services.workbooks.stored import Ahead, Amounts, Instants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

LONGEST_TEXT: Final = 32_767
_REMEMBERED: Final = 5000
_EPOCH: Final = date(1899, 12, 31).toordinal()
# Serial 60 is the 29th of February 1900, which never was.
_PHANTOM: Final = 59
_DAY_SECONDS: Final = 86_400
_SURE_DIGITS: Final = 15
_SURE: Final = 10**_SURE_DIGITS
_TEXTS: Final = frozenset((str, type(None)))
_NUMBERS: Final = frozenset((int, Decimal, type(None)))
_SIGNS: Final = ("&", "<", ">", "_x")
_AWKWARD: Final = re.compile("[&<>\\x00-\\x08\\x0b-\\x1f\\ud800-\\udfff\\ufffe\\uffff]|\\A\\s|\\s\\Z|_x[0-9A-Fa-f]{4}_")
_CONTROLS: Final = re.compile("[\\x00-\\x08\\x0b-\\x1f]")
_NEVER: Final = re.compile("[\\ud800-\\udfff\\ufffe\\uffff]")
_TEXT_END, _NUMBER_END = "</t></is></c>", "</v></c>"


class TooLong(Exception):
    """A text is longer than a cell holds."""


class _Tails(dict[Any, str]):
    """The end of a cell's XML, after the number of its row, by its value; texts and dates that come again are written once."""

    def __init__(self, make: Callable[[Any], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: Any) -> str:
        made = self._make(value)
        # Not numbers: 1 and True are equal, and the hash of a Decimal costs more than writing it.
        if len(self) < _REMEMBERED and type(value) in (str, date):
            self[value] = made
        return made


class Cells:
    """Writes the cells of a column, many at a time."""

    def __init__(self, index: int, column: ColumnOut, style: str) -> None:
        self._column = column
        self._opening = f'<c r="{column_letters(index)}'
        self._number = f'" s="{style}"><v>'
        self._text = f'" s="{style}" t="inlineStr"><is><t>'
        self._spaced = f'{self._text.removesuffix(">")} xml:space="preserve">'
        self._counts = column.kind not in {"text", "date", "datetime"}
        self._ahead = Ahead()
        self._tails = _Tails(self._make)
        self.empty = f'" s="{style}"/>'

    def add(self, parts: list[Iterable[str]], ending: str, numbers: Sequence[str], values: Sequence[object]) -> str:
        """Add the cells of some rows to the parts each row is put together of, what ends the cell before first; return what ends the last one.

        There is nothing for an empty cell. Raises TooLong.
        """
        between, contents, end = self._contents(values)
        if all(contents):
            parts += [repeat(f"{ending}{self._opening}"), numbers, repeat(between), contents]  # type: ignore[list-item]  # none is None
            return end
        if ending:
            parts.append(repeat(ending))
        opening = self._opening
        parts.append([f"{opening}{number}{between}{content}{end}" if content else "" for number, content in zip(numbers, contents, strict=True)])
        return ""

    def one(self, number: int, value: object) -> str:
        """Return the XML of one cell, an empty one included."""
        return f"{self._opening}{number}{self.empty if value is None else self._make(value)}"

    def _contents(self, values: Sequence[Any]) -> tuple[str, Sequence[str | None], str]:
        """Return what stands before, in and after each cell, following its number; an empty cell has nothing in it."""
        if isinstance(values, Amounts):
            if self._counts and values.largest() < _SURE:
                return self._number, values.texts(), _NUMBER_END
        elif isinstance(values, Instants) and self._column.kind == "datetime" and (serials := values.serials(self._ahead)) is not None:
            return self._number, serials, _NUMBER_END
        kinds = set(map(type, values))
        if kinds <= _TEXTS and (texts := _plain_texts(values)) is not None:
            return self._text, texts, _TEXT_END
        if kinds <= _NUMBERS and self._counts and (digits := _sure(["" if value is None else str(value) for value in values])) is not None:
            return self._number, digits, _NUMBER_END
        tails = self._tails
        return "", [None if value is None else tails[value] for value in values], ""

    def _make(self, value: object) -> str:
        return self._make_text(value) if type(value) is str else self._make_other(plain(value))

    def _make_other(self, value: object) -> str:
        if isinstance(value, (int, Decimal)) and self._counts:
            number = held(value, self._column)
            if number is not None:
                return f"{self._number}{number:.16G}{_NUMBER_END}"
        if isinstance(value, date) and value.year >= FIRST_YEAR and self._column.kind != "text":
            return f"{self._number}{_serial(value)}{_NUMBER_END}"
        return self._make_text(as_text(value))

    def _make_text(self, text: str) -> str:
        if len(text) > LONGEST_TEXT:
            raise TooLong(self._column.heading)
        if not text.isalnum() and _AWKWARD.search(text):
            return f"{self._spaced}{_escaped(text)}{_TEXT_END}"
        return f"{self._text}{text}{_TEXT_END}"


def rows(number: int, page: Sequence[Sequence[Any]], writers: Sequence[Cells]) -> str:
    """Return the XML of rows from `number` on, given as their columns; an empty cell is none, and has its column's format. Raises TooLong."""
    count = len(page[0])
    numbers = [str(row) for row in range(number, number + count)]
    parts: list[Iterable[str]] = [repeat('<row r="'), numbers]
    ending = '">'
    for writer, values in zip(writers, page, strict=False):
        if len(values) != count:
            raise ValueError(len(values))
        ending = writer.add(parts, ending, numbers, values)
    # One join of all of it: what is the same in each row costs its copying only.
    return "".join(chain.from_iterable(zip(*parts, repeat(f"{ending}</row>"))))


def _plain_texts(values: Sequence[Any]) -> Sequence[str | None] | None:
    """Return texts that are written as they are; None where one of them may not be."""
    joined = "|".join(filter(None, values))
    # What can't be printed – controls, line breaks, rare blanks – is looked at one by one, as are blanks at either end.
    if not joined.isprintable() or len(joined) > LONGEST_TEXT * len(values) or any(sign in joined for sign in _SIGNS):
        return None
    if " " in joined and (joined[0] == " " or joined[-1] == " " or " |" in joined or "| " in joined):
        return None
    return None if len(joined) > LONGEST_TEXT and max(map(len, filter(None, values))) > LONGEST_TEXT else values


def _sure(digits: list[str]) -> list[str] | None:
    """Return numbers, where each has no more digits than Excel keeps: they are written with those they have, never as a binary fraction."""
    if max(map(len, digits)) > _SURE_DIGITS:
        return None
    joined = "".join(digits)
    return None if "E" in joined or "N" in joined or "I" in joined else digits


def _escaped(text: str) -> str:
    text = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    text = _CONTROLS.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return escape(_NEVER.sub("\ufffd", text), quote=False)


def _serial(value: date) -> str:
    """Return the number that stands for a date or a time in Excel."""
    days = value.toordinal() - _EPOCH
    days += days > _PHANTOM
    if not isinstance(value, datetime):
        return str(days)
    seconds = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 10**6
    return f"{days + seconds / _DAY_SECONDS:.16G}"
