"""Real documents to look at a template with: which there are, and the values each is printed with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import EVERYTHING, Query
from desktop_crm.reports import statement
from desktop_crm.reports.dunning import letter_values
from desktop_crm.services import records
from desktop_crm.services.documents import PRINTED, print_values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from desktop_crm.services.session import Session

CUSTOMER: Final = "customer"
RECENT: Final = 100
"""How many documents the check of overflow looks at."""


def _statement(session: Session, key: int) -> Mapping[str, Any]:
    today: date = session.today
    return statement.statement_values(session, key, today.replace(month=1, day=1), today)


def _letter(session: Session, key: int) -> Mapping[str, Any]:
    return next((values for _letter_, values in letter_values(session, (key,), session.today, 1)), {})


OF_CUSTOMERS: Final[Mapping[str, Callable[[Session, int], Mapping[str, Any]]]] = {"statement": _statement, "dunning": _letter}
"""Documents that are no record themselves: a customer's."""


def entity_of(session: Session, prints: str) -> str:
    """Return the entity whose records are chosen for documents of a kind; empty where there is none to choose from."""
    if prints in OF_CUSTOMERS:
        return CUSTOMER if CUSTOMER in session.catalog else ""
    return prints if prints in session.catalog else ""


def values_of(session: Session, prints: str, key: int) -> Mapping[str, Any]:
    """Return what a document is printed with; raises NotFound, NotAllowed."""
    if prints in OF_CUSTOMERS:
        return OF_CUSTOMERS[prints](session, key)
    return print_values(session, prints, key)


def recent(session: Session, prints: str, count: int = RECENT) -> list[int]:
    """Return the latest documents of a kind, the latest first."""
    entity = entity_of(session, prints)
    if not entity:
        return []
    spec = session.spec(entity)
    return [int(row["id"]) for row in records.page(session, Query(entity, EVERYTHING, "id", True, (spec.title,)), limit=count)]


def title_of(session: Session, prints: str, key: int) -> str:
    """Return what a document is called."""
    entity = entity_of(session, prints)
    spec = session.spec(entity)
    (row,) = records.read(session, spec, [key], [spec.title])
    return str(spec.fields[spec.title].show(row.get(spec.title)))


def prints_label(session: Session, prints: str) -> str:
    """Return what a template prints, in words."""
    if prints in session.catalog:
        return session.catalog[prints].singular
    return _(PRINTED[prints].label) if prints in PRINTED and PRINTED[prints].label else prints
