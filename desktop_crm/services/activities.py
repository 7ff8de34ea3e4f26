"""Follow-ups: what was agreed last is the customer's next date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.domain.conditions import Where
from desktop_crm.services import records, writing
from desktop_crm.services.batches import find_by_id, find_in, grouped, written_fields
from desktop_crm.services.rules import after_save, before_save

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.records import Saved
    from desktop_crm.services.session import Changes, Session


@before_save("activity")
def date_activities(session: Session, rows: Sequence[Values]) -> None:
    """Date what is noted without a time: it happened now."""
    for row in rows:
        if row.get("happened_at") is None:
            row["happened_at"] = session.now


@after_save("activity")
def follow_next_step(session: Session, ids: Sequence[int]) -> None:
    """Give customers the next date of their latest follow-up that has one and isn't done; a date that is done with is taken away."""
    saved = grouped(find_in(session, "activity", "id", ids, ["customer", "next_on", "done"], Where("next_on", "filled")), "customer")
    open_ones = Where("done", "eq", value=False)
    planned = grouped(
        (row for row in find_in(session, "activity", "customer", saved, ["customer", "happened_at", "next_on"], open_ones) if row["next_on"] is not None),
        "customer",
    )
    customers = find_by_id(session, "customer", saved, written_fields(session, "customer"))
    for key, customer in customers.items():
        latest = max(planned[key], key=lambda row: (row["happened_at"] or session.now, row["id"]), default=None)
        done_with = {row["next_on"] for row in saved[key] if row["done"]}
        if latest is None and customer["next_contact"] not in done_with:
            continue
        next_on = latest["next_on"] if latest is not None else None
        if customer["next_contact"] != next_on:
            writing.update_row(session, "customer", key, {**customer, "next_contact": next_on}, rules=False)


def follow_up(session: Session, customer: int, text: str, kind: str = "call", next_on: date | None = None) -> Changes[Saved]:
    """Note what happened with a customer now, and when to see to it next; raises as `records.save` does."""
    values = records.new(session, "activity", customer=customer, kind=kind, content=text.strip(), happened_at=session.now, next_on=next_on)
    return records.save(session, "activity", values)
