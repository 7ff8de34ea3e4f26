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


@contextmanager
def packets(store: Store) -> Iterator[list[str]]:
    """Yield the list that what this thread sends to a server is added to, a text each time however many statements go together."""
    seen: list[str] = []
    connection: Any = store.db.connection()
    plain = connection._execute_command

    def watched(command: int, text: bytes) -> None:
        seen.append(text.decode())
        plain(command, text)

    connection._execute_command = watched
    try:
        yield seen
    finally:
        connection._execute_command = plain


def selects(seen: list[Statement]) -> list[Statement]:
    """Return those that ask for rows."""
    return [one for one in seen if one[0].lstrip("(").startswith("SELECT")]
