"""Watching which statements reach a database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.models.database import Store

Statement = tuple[str, tuple[Any, ...]]


@contextmanager
def statements(store: Store) -> Iterator[list[Statement]]:
    """Yield the list that statements of any thread are added to, with their parameters, while it is open."""
    seen: list[Statement] = []
    database: Any = store.db
    plain = database.execute_sql

    def watched(text: str, parameters: Any = None) -> Any:
        seen.append((text, tuple(parameters or ())))
        return plain(text, parameters)

    database.execute_sql = watched
    try:
        yield seen
    finally:
        database.execute_sql = plain


def selects(seen: list[Statement]) -> list[Statement]:
    """Return those that ask for rows."""
    return [one for one in seen if one[0].lstrip("(").startswith("SELECT")]
