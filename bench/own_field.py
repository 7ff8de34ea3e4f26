"""A custom field of the customers with an amount in every row, for the time of a measurement."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from bench.company import analyze
from desktop_crm.models import triggers
from desktop_crm.services import custom_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.session import Session

LABEL: Final = "Deposit (bench)"
AMOUNTS: Final = 100_003
"""Different amounts, in minor units; a prime, so that they lie scattered over the rows."""


@contextmanager
def amounts(session: Session) -> Iterator[str]:
    """Yield the name of the field; it is retired afterwards, and used again by the next run on the same company."""
    row = next((one for one in custom_fields.fields_of(session, "customer") if one["label"] == LABEL), None)
    if row is None:
        name = custom_fields.add(session, "customer", {"label": LABEL, "kind": "money"}).result
        session.store.sql("DROP TRIGGER trace_customer_update")
        session.store.sql(f"UPDATE customer SET `{name}` = (id * 7919) % {AMOUNTS}")
        triggers.rebuild(session.store)
        analyze(session.store)
    else:
        name = str(row["name"])
        custom_fields.bring_back(session, row["id"])
    try:
        yield name
    finally:
        custom_fields.retire(session, next(one["id"] for one in custom_fields.fields_of(session, "customer") if one["label"] == LABEL))
