"""Real documents to look at a template with: which there are, and the values each is printed with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import NotFound
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import EVERYTHING, Query
from desktop_crm.reports import REPORTS
from desktop_crm.services import records
from desktop_crm.services.documents import PRINTED
from desktop_crm.services.print_sources import SOURCES, Asked, documents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop_crm.services.session import Session

CUSTOMER: Final = "customer"
"""Whose documents those are that are no record themselves: statements and letters."""
RECENT: Final = 100
"""How many documents the check of overflow looks at."""


def entity_of(session: Session, prints: str) -> str:
    """Return the entity whose records are chosen for documents of a kind; empty where there is none to choose from."""
    entity = CUSTOMER if prints in SOURCES else prints
    return entity if entity in session.catalog else ""


def values_of(session: Session, prints: str, key: int, template: str) -> Mapping[str, Any]:
    """Return what a document is printed with; raises NotFound, NotAllowed, UserError."""
    today = session.today
    asked = Asked(prints, (key,), template, (today.replace(month=1, day=1), today))
    found = next(iter(documents(session, asked)), None)
    if found is None:
        raise NotFound(_("There is no document to show"))
    return found.values


def recent(session: Session, prints: str, count: int = RECENT) -> list[int]:
    """Return the latest documents of a kind, the latest first."""
    entity = entity_of(session, prints)
    if not entity:
        return []
    spec = session.spec(entity)
    return [int(row["id"]) for row in records.page(session, Query(entity, EVERYTHING, "id", True, (spec.title,)), limit=count)]


def title_of(session: Session, prints: str, key: int) -> str:
    """Return what a document is called."""
    return session.records.titles(session.entity(entity_of(session, prints)), [key]).get(key, "")


def prints_label(session: Session, prints: str) -> str:
    """Return what a template prints, in words."""
    if prints in session.catalog:
        return session.catalog[prints].singular
    if prints in PRINTED and PRINTED[prints].label:
        return _(PRINTED[prints].label)
    return _(REPORTS[prints].label) if prints in REPORTS else prints
