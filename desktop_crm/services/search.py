"""Search over everything a person may see: names, codes, phone numbers and pinyin, for the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.base.lazily import dataclass
from desktop_crm.domain.conditions import Matching, Query, Where
from desktop_crm.domain.text import fold
from desktop_crm.models import search_index
from desktop_crm.services import records

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.services.session import Session

EACH: Final = 6
POOL: Final = 120
"""Matches of an entity from which the best are chosen."""
MIDDLE: Final = 100_000
"""Farther than any beginning of a word."""


@dataclass(frozen=True)
class Found:
    """One record found: its entity, id and title, and the texts of a few of its columns."""

    entity: str
    id: int
    title: str
    detail: str
    spots: tuple[tuple[int, int], ...] = ()
    """Where the query's pinyin initials stand in the title, as (start, end)."""


def find(session: Session, text: str, *, each: int = EACH) -> list[Found]:
    """Return up to `each` records of every entity in the navigation whose search text holds every word of `text`, the best match first."""
    found: list[Found] = []
    words = fold(text).split()
    if not words:
        return found
    for spec in session.catalog.values():
        if not spec.group or not spec.search:
            continue
        beside = [name for name in spec.columns if name != spec.title and name in spec.fields][:3]
        query = Query(spec.name, Matching(text), columns=(spec.title, *beside))
        rows = records.page(session, query, limit=POOL)
        keys = _search_texts(session, spec.name, [row["id"] for row in rows])
        for row in sorted(rows, key=lambda one: _distance(keys.get(one["id"], ""), words))[:each]:
            detail = " · ".join(shown for name in beside if (shown := spec.fields[name].show(row[name])))
            title = spec.fields[spec.title].show(row[spec.title]) or str(row["id"])
            found.append(Found(spec.name, row["id"], title, detail, _spots(title, keys.get(row["id"], ""), words)))
    return found


def _search_texts(session: Session, name: str, ids: list[int]) -> dict[int, str]:
    """Return the search texts of records that were found; each begins with the title, then its initials and full pinyin."""
    rows = session.records.find(session.entity(name), Where("id", "in", tuple(ids)), ["search_key"], sort="id")
    return {row["id"]: str(row["search_key"]) for row in rows}


def _distance(key: str, words: list[str]) -> int:
    """Return how far from the beginning of its search text a record matches; the beginning of a word goes before its middle."""
    far = 0
    for word in words:
        start = f" {key}".find(f" {word}")
        far += start if start >= 0 else MIDDLE + max(key.find(word), 0)
    return far


def _spots(title: str, key: str, words: list[str]) -> tuple[tuple[int, int], ...]:
    """Return where initials stand in a title: its search text holds one letter for each of its characters."""
    plain = fold(title)
    letters = key.removeprefix(plain).split(maxsplit=1)[:1]
    if len(plain) != len(title) or not key.startswith(f"{plain} ") or not letters or len(letters[0]) != len(title):
        return ()
    found = sorted((start, start + len(word)) for word in words if word not in plain and (start := letters[0].find(word)) >= 0)
    return tuple(spot for place, spot in enumerate(found) if not place or spot[0] >= found[place - 1][1])


def index_due(session: Session) -> bool:
    """Tell whether much waits to be taken into the index of search, which slows it down; two small questions."""
    return search_index.is_due(session.store)


def tend_index(session: Session, *, step: Callable[[int, int], None]) -> None:
    """Take into the index what waits; search answers meanwhile. `step(done, total)` may raise Cancelled, and what is done until then stays."""
    search_index.tend(session.store, step)
