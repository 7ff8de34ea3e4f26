"""What a list on the screen and in a file is read from: the records of an entity, the log of the company, the recycle bin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop_crm.services import records

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.domain.catalog import EntitySpec, Values
    from desktop_crm.domain.conditions import Condition, Query
    from desktop_crm.services.session import Session


@dataclass(frozen=True)
class Listing:
    """A list by position, with the reader's rights in every answer.

    `count(condition)` says how long it is, `page(query, offset, limit, total)` returns rows, `totals(condition)` the sums of the
    columns that `spec` names.
    """

    spec: EntitySpec
    count: Callable[[Condition], int]
    page: Callable[[Query, int, int, int | None], list[Values]]
    totals: Callable[[Condition], dict[str, Any]]


def of_entity(session: Session, name: str) -> Listing:
    """Return the list of an entity's records."""
    return Listing(
        session.spec(name),
        lambda condition: records.count(session, name, condition),
        lambda query, offset, limit, total: records.page(session, query, offset=offset, limit=limit, total=total),
        lambda condition: records.totals(session, name, condition),
    )


def no_totals(_condition: Condition) -> dict[str, Any]:
    """Return the sums of a list that has none."""
    return {}
