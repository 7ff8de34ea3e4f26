"""Saved views: the lists a user has put together and kept under a name. The one file of the screens that knows where they are kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.lazily import dataclass
from desktop_crm.domain.conditions import Every, Query, Where
from desktop_crm.services import records

if TYPE_CHECKING:
    from desktop_crm.services.records import Saved
    from desktop_crm.services.session import Changes, Session

ENTITY: Final = "saved_view"
MOST: Final = 50


@dataclass(frozen=True)
class SavedView:
    """A view kept under a name; `content` is what `ListState.to_data` wrote."""

    id: int
    name: str
    content: dict[str, Any]


def saved_views(session: Session, entity: str) -> list[SavedView]:
    """Return this person's views of a list, in the order they were made; one that can't be read is left out."""
    mine = Every((Where("entity", "eq", entity), Where("owner", "eq", session.person.id)))
    rows = records.page(session, Query(ENTITY, mine, "id", columns=("name", "content")), limit=MOST)
    return [SavedView(row["id"], row["name"], content) for row in rows if (content := _content(row["content"])) is not None]


def _content(text: str) -> dict[str, Any] | None:
    try:
        content = json.loads(text)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def save_view(session: Session, entity: str, name: str, content: dict[str, Any], *, key: int | None = None) -> Changes[Saved]:
    """Keep a list under a name, or change the view `key`."""
    values = {"entity": entity, "name": name, "content": json.dumps(content, ensure_ascii=False)}
    return records.save(session, ENTITY, values if key is not None else records.new(session, ENTITY, **values), key=key)


def rename_view(session: Session, key: int, name: str) -> Changes[Saved]:
    """Give a view another name."""
    return records.save(session, ENTITY, {"name": name}, key=key)


def delete_view(session: Session, key: int) -> Changes[int]:
    """Delete a view."""
    return records.delete(session, ENTITY, [key])


def may_save(session: Session) -> bool:
    """Tell whether this person may keep views."""
    return session.may_write(ENTITY)
