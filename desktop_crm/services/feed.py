"""What others have changed: the change sets since the last look, so that every window shows the same within two seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.base.lazily import dataclass
from desktop_crm.domain.conditions import EVERYTHING, Condition, Where, both
from desktop_crm.models import custom
from desktop_crm.models.migrate import refuse_upgraded
from desktop_crm.services import records

if TYPE_CHECKING:
    from desktop_crm.domain.catalog import EntitySpec, View
    from desktop_crm.services.session import Session


@dataclass(frozen=True)
class News:
    """The latest change set there is, and the entities touched by those after the one asked about."""

    latest: int
    entities: frozenset[str]


def news(session: Session, since: int) -> News:
    """Return what was changed after the change set `since`; two small questions where nothing was.

    The company's own fields are read anew where they are among it. Raises NewerDatabase where a newer version of the program has upgraded the database under this one.
    """
    refuse_upgraded(session.store)
    latest = int(session.store.scalar("SELECT COALESCE(MAX(id), 0) FROM change_set") or 0)
    if latest <= since:
        return News(latest, frozenset())
    rows = session.store.sql("SELECT DISTINCT entity FROM `change` WHERE change_set_id > ?", (since,)).fetchall()
    found = frozenset(row[0] for row in rows)
    if custom.ENTITY in found:
        session.store.read_entities()
    return News(latest, found)


@dataclass(frozen=True)
class Attention:
    """A view that asks for attention, and how many records are in it now."""

    entity: str
    view: View
    count: int


def attention(session: Session) -> list[Attention]:
    """Return the counts of every view with a tone that this person may see: what is overdue, what is to be done today."""
    found: list[Attention] = []
    for spec in session.catalog.values():
        views = [view for view in spec.views if view.tone and spec.group]
        found += [Attention(spec.name, view, records.count(session, spec.name, view_condition(session, spec, view))) for view in views]
    return found


def view_condition(session: Session, spec: EntitySpec, view: View) -> Condition:
    """Return what a view shows to this person: a view of one's own records asks for them."""
    return both(view.condition, Where(spec.owner, "eq", session.person.id)) if view.mine and spec.owner else view.condition


def company_name(session: Session) -> str:
    """Return the name of the company this is; empty where its profile has none."""
    found = session.records.find(session.entity("company"), EVERYTHING, ["name"], limit=1)
    return str(found[0]["name"]) if found else ""
