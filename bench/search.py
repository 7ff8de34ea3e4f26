"""Typing in the search box: the first hits beside the raw statement for the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.house import Ground, Line, in_turns
from desktop_crm.domain.conditions import Matching, Query
from desktop_crm.services import records

if TYPE_CHECKING:
    from collections.abc import Iterator


def measure(ground: Ground) -> Iterator[Line]:
    """Measure searches of the customers."""
    session = ground.session
    for text, words in (("恒达", ("恒达",)), ("hd 138", ("hd", "138"))):
        asked = f"SELECT id FROM customer WHERE {' AND '.join('search_key LIKE ?' for _word in words)} ORDER BY sort_key, id LIMIT 100"
        likes = tuple(f"%{word}%" for word in words)

        def floor(asked: str = asked, likes: tuple[str, ...] = likes) -> None:
            session.store.sql(asked, likes).fetchall()

        ours, least = in_turns(lambda text=text: records.page(session, Query("customer", Matching(text))), floor)  # type: ignore[misc]
        yield Line(f"search {text}", ours, least)
