"""Columns as a database keeps them, written without making a value of each cell; who looks at their cells one by one finds values."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, Generic, TypeVar, cast, overload

_DAY: Final = 86_400 * 10**6
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EXCELS: Final = datetime(1899, 12, 30, tzinfo=UTC)
"""What Excel counts days from, since it counts a 29th of February 1900."""
_CENTS: Final = [f".{cents:02d}" for cents in range(100)]

Value = TypeVar("Value")


class _Stored(Sequence[Value | None], Generic[Value]):
    def __init__(self, stored: Sequence[int | None]) -> None:
        self.stored = stored

    def __len__(self) -> int:
        return len(self.stored)

    @overload
    def __getitem__(self, index: int) -> Value | None: ...
    @overload
    def __getitem__(self, index: slice) -> list[Value | None]: ...
    def __getitem__(self, index: int | slice) -> Value | list[Value | None] | None:
        if isinstance(index, slice):
            return [None if one is None else self.value(one) for one in self.stored[index]]
        one = self.stored[index]
        return None if one is None else self.value(one)

    def __iter__(self) -> Iterator[Value | None]:
        value = self.value
        return (None if one is None else value(one) for one in self.stored)

    def given(self) -> Sequence[int]:
        """Return what is stored in those cells that are not empty."""
        return [one for one in self.stored if one is not None] if None in self.stored else cast("Sequence[int]", self.stored)

    @staticmethod
    @abstractmethod
    def value(one: int) -> Value:
        """Return the value of what is stored in a cell."""


class Amounts(_Stored[Decimal]):
    """Amounts of money, stored in cents."""

    @staticmethod
    def value(one: int) -> Decimal:
        """Return the amount."""
        return Decimal(one).scaleb(-2)

    def texts(self) -> list[str]:
        """Return the amounts with two places, "" for nothing."""
        given, tails = self.given(), _CENTS
        if given is not self.stored or min(given, default=0) < 0:
            return [
                "" if cents is None else f"{cents // 100}{tails[cents % 100]}" if cents >= 0 else f"-{-cents // 100}{tails[-cents % 100]}"
                for cents in self.stored
            ]
        return [f"{cents // 100}{tails[cents % 100]}" for cents in given]

    def largest(self) -> int:
        """Return the cents of the amount that is farthest from 0."""
        given = self.given()
        return max(max(given, default=0), -min(given, default=0))

    def total(self) -> Decimal:
        """Return the sum of the amounts."""
        return Decimal(sum(filter(None, self.stored))).scaleb(-2)


class Instants(_Stored[datetime]):
    """Instants, stored in microseconds since 1970."""

    @staticmethod
    def value(one: int) -> datetime:
        """Return the instant, aware of its zone."""
        return _EPOCH + timedelta(microseconds=one)

    def serials(self, ahead: Ahead) -> list[str] | None:
        """Return the numbers that stand for the local times in Excel, "" for nothing; None where one is not after 1970."""
        if min(self.given(), default=_DAY) < _DAY:
            return None
        return [
            "" if one is None else f"{(one + (_ahead(one) if (known := ahead[one // _DAY]) is None else known)) / _DAY:.16G}"
            for one in self.stored
        ]


class Ahead(dict[int, int | None]):
    """How many microseconds the local time, as Excel counts days, is ahead of an instant, by its day; None on a day on which that changes."""

    def __missing__(self, day: int) -> int | None:
        first, last = _ahead(day * _DAY), _ahead((day + 1) * _DAY)
        self[day] = first if first == last else None
        return self[day]


def _ahead(instant: int) -> int:
    local = Instants.value(instant).astimezone().replace(tzinfo=UTC)
    return (local - _EXCELS) // timedelta(microseconds=1) - instant
