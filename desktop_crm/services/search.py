"""Search over everything a person may see: names, codes, phone numbers and pinyin, for the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import _
from desktop_crm.base.lazily import dataclass
from desktop_crm.domain.conditions import Matching, Query, Where
from desktop_crm.domain.text import fold, search_text
from desktop_crm.models import search_index
from desktop_crm.services import records

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from desktop_crm.domain.catalog import EntitySpec, Values
    from desktop_crm.services.session import Session

EACH: Final = 6
BESIDE: Final = 3
"""Columns shown beside a title."""
POOL: Final = 120
"""Matches of an entity from which the best are chosen."""
AROUND: Final = 12
"""Characters shown before the place where a long text matches."""
MIDDLE: Final = 100_000
"""Farther than any beginning of a word."""


@dataclass(frozen=True)
class Found:
    """One record found: its entity, id and title, and in `detail` the field it was found by, where that is no other text shown, and a few of its columns."""

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
        beside = [name for name in spec.columns if name != spec.title and name in spec.fields][:BESIDE]
        query = Query(spec.name, Matching(text), columns=tuple(dict.fromkeys((spec.title, *beside, *(name for name in spec.search if name in spec.fields)))))
        rows = records.page(session, query, limit=POOL)
        keys = _search_texts(session, spec.name, [row["id"] for row in rows])
        for row in sorted(rows, key=lambda one: _distance(keys.get(one["id"], ""), words))[:each]:
            title = spec.fields[spec.title].show(row[spec.title]) or str(row["id"])
            found.append(Found(spec.name, row["id"], title, _detail(spec, row, title, beside, words), _spots(title, keys.get(row["id"], ""), words)))
    return found


def _detail(spec: EntitySpec, row: Values, title: str, beside: Sequence[str], words: Sequence[str]) -> str:
    """Return what stands beside the title: the columns `beside`, and before them each field without which nobody would see why the record was found."""
    shown = [text for name in beside if (text := spec.fields[name].show(row[name]))]
    missing = [word for word in words if not any(word in search_text(text) for text in (title, *shown))]
    told = []
    for name in spec.search:
        field = spec.fields.get(name)
        text = field.show(row[name]) if field is not None and missing else ""
        held = [word for word in missing if word in search_text(text)]
        if field is not None and held:
            told.append(_("{field}: {value}").format(field=field.title, value=_around(text, held[0])))
            missing = [word for word in missing if word not in held]
    return " · ".join([*told, *shown])


def _around(text: str, word: str) -> str:
    """Return a long text from shortly before the place where a word stands in it as written."""
    start = text.casefold().find(word) - AROUND
    return f"…{text[start:]}" if start > 0 else text


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
