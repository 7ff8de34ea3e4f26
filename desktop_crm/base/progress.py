"""How long work says how far it is: a function of what is done and of how much there is."""

from __future__ import annotations


def silent(_done: int, _total: int) -> None:
    """Report no progress."""
