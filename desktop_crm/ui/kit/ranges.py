"""Rows as ranges: a million ticked rows are one pair of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload


class RowRanges(Sequence[int]):
    """Row numbers in ascending order, held as inclusive ranges (first, last)."""

    def __init__(self, ranges: Sequence[tuple[int, int]] = ()) -> None:
        merged: list[tuple[int, int]] = []
        for first, last in sorted(ranges):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        self.ranges = merged

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.ranges)

    def __iter__(self) -> Iterator[int]:
        for first, last in self.ranges:
            yield from range(first, last + 1)

    def __contains__(self, row: object) -> bool:
        return isinstance(row, int) and any(first <= row <= last for first, last in self.ranges)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        left = index + len(self) if index < 0 else index
        for first, last in self.ranges:
            if left <= last - first and left >= 0:
                return first + left
            left -= last - first + 1
        raise IndexError(index)

    def __eq__(self, other: object) -> bool:
        return self.ranges == other.ranges if isinstance(other, RowRanges) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self.ranges))
