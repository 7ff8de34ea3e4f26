"""Rows of a sheet that are not all held: a sequence that knows how many there are and makes each when it is asked for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from desktop_crm.services.workbooks.cells import Cell


class LazyRows(Sequence["list[Cell]"]):
    """Answers like a list of rows; a subclass says its length and makes the `row` at a place."""

    @abstractmethod
    def row(self, place: int) -> list[Cell]:
        """Return the row at a place, which is there."""

    @overload
    def __getitem__(self, index: int) -> list[Cell]: ...
    @overload
    def __getitem__(self, index: slice) -> list[list[Cell]]: ...
    def __getitem__(self, index: int | slice) -> list[Cell] | list[list[Cell]]:
        """Return a row, counted from the end where the index is negative, or the list of some; raises IndexError."""
        count = len(self)
        if isinstance(index, slice):
            return [self.row(place) for place in range(*index.indices(count))]
        place = index + count if index < 0 else index
        if not 0 <= place < count:
            raise IndexError(index)
        return self.row(place)
