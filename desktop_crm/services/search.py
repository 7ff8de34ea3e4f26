"""Search over everything a person may see: names, codes, phone numbers and pinyin, for the palette."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop_crm.domain.conditions import Matching, Query
from desktop_crm.services import records

if TYPE_CHECKING:
    from desktop_crm.services.session import Session

EACH = 6


@dataclass(frozen=True)
class Found:
    """One record found: its entity, id and title, and the texts of a few of its columns."""

    entity: str
    id: int
    title: str
    detail: str


def find(session: Session, text: str, *, each: int = EACH) -> list[Found]:
    """Return up to `each` records of every entity in the navigation whose search text holds every word of `text`."""
    found: list[Found] = []
    if not text.strip():
        return found
    for spec in session.catalog.values():
        if not spec.group or not spec.search:
            continue
        beside = [name for name in spec.columns if name != spec.title and name in spec.fields][:3]
        query = Query(spec.name, Matching(text), columns=(spec.title, *beside))
        for row in records.page(session, query, limit=each):
            detail = " · ".join(shown for name in beside if (shown := spec.fields[name].show(row[name])))
            found.append(Found(spec.name, row["id"], spec.fields[spec.title].show(row[spec.title]) or str(row["id"]), detail))
    return found
