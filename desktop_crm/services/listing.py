"""What a list on the screen and in a file is read from: the records of an entity, the log of the company, the recycle bin."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from desktop_crm.base.lazily import dataclass
from desktop_crm.models.listed import Listed
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
    columns that `spec` names. Where rows are records, `ids` returns only these, for many at once. What was found out on the way to a page is kept for the next one; `anew` returns the list without that, for when
    something may have changed.
    """

    spec: EntitySpec
    count: Callable[[Condition], int]
    page: Callable[[Query, int, int, int | None], list[Values]]
    totals: Callable[[Condition], dict[str, Any]]
    afresh: Callable[[], Listing] | None = None
    ids: Callable[[Query, int, int, int | None], list[int]] | None = None

    def anew(self) -> Listing:
        """Return the same list with nothing remembered of it."""
        return self if self.afresh is None else self.afresh()


def of_entity(session: Session, name: str) -> Listing:
    """Return the list of an entity's records."""
    held: list[Listed] = []

    def ids(query: Query, offset: int, limit: int, total: int | None) -> list[int]:
        asked = replace(records.listed(session, query), columns=())
        if not held or held[0].query != asked:
            held[:] = [Listed(session.records, session.entity(name), asked)]
        return held[0].page(offset, limit, total)

    def page(query: Query, offset: int, limit: int, total: int | None) -> list[Values]:
        return records.read(session, session.spec(name), ids(query, offset, limit, total), query.columns or session.spec(name).columns)

    return Listing(
        session.spec(name), lambda condition: records.count(session, name, condition), page, lambda condition: records.totals(session, name, condition),
        lambda: of_entity(session, name), ids,
    )


def no_totals(_condition: Condition) -> dict[str, Any]:
    """Return the sums of a list that has none."""
    return {}
