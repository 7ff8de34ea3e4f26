"""How long work says how far it is: a function of what is done and of how much there is."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

Step = Callable[[int, int], None]
One = TypeVar("One")


def silent(_done: int, _total: int) -> None:
    """Report no progress."""


def stepped(several: Collection[One], step: Step) -> Iterator[One]:
    """Yield several things one after the other, and report before each how many are done."""
    for done, one in enumerate(several):
        step(done, len(several))
        yield one
    step(len(several), len(several))
