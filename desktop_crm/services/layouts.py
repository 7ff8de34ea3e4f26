"""Layouts of files that a company remembers: which column of which file is what, as JSON under a purpose and a key of the headings."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from desktop_crm.domain.conditions import Every, Where
from desktop_crm.services import writing
from desktop_crm.services.imports.source import heading_key
from desktop_crm.services.records import require_write

if TYPE_CHECKING:
    from collections.abc import Iterable

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Changes, Session

ENTITY = "file_layout"


def headings_key(headings: Iterable[str]) -> str:
    """Return the key of a set of headings, whatever their order, width and punctuation."""
    return hashlib.sha256("\n".join(sorted(heading_key(text) for text in headings)).encode()).hexdigest()


def recall(session: Session, purpose: str, headings: str = "") -> Any:
    """Return what is remembered under a purpose and a key of headings; None where nothing is, or nothing this person may see."""
    if ENTITY not in session.catalog:
        return None
    row = _find(session, purpose, headings)
    return json.loads(row["content"]) if row else None


def remember(session: Session, purpose: str, name: str, content: Any, headings: str = "") -> Changes[None] | None:
    """Remember a layout in the place of the one before; None where it is the same. Raises NotAllowed without the right to change any."""
    require_write(session, ENTITY)
    text = json.dumps(content, ensure_ascii=False, indent=1)
    held = _find(session, purpose, headings)
    if held is not None and held["content"] == text:
        return None
    values: Values = {"name": name[:100], "purpose": purpose, "headings": headings, "content": text}

    def work() -> None:
        if held is None:
            writing.insert_rows(session, ENTITY, [values])
        else:
            writing.update_row(session, ENTITY, held["id"], {**(writing.stored_values(session, ENTITY, held["id"]) or {}), **values})

    return session.write("layout", name, work)


def forget(session: Session, purpose: str, headings: str = "") -> Changes[None] | None:
    """Go back to what ships with the program; None where nothing was remembered."""
    require_write(session, ENTITY)
    held = _find(session, purpose, headings)
    return session.write("layout", held["name"], lambda: writing.delete_rows(session, ENTITY, [held["id"]])) if held is not None else None


def _find(session: Session, purpose: str, headings: str) -> Values | None:
    condition = Every((Where("purpose", "eq", purpose), Where("headings", "eq", headings)))
    rows = session.records.find(session.entity(ENTITY), condition, ["name", "content"], sort="id")
    return rows[0] if rows else None
