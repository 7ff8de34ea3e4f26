"""When to remind of what falls due, when which dunning letter is sent, and what a customer promised."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, add_column


def up(_migrator: Any, db: Any) -> None:
    """Add the columns, unless they are there already."""
    add_column(db, "company", Column("remind_before", "integer8"))
    add_column(db, "company", Column("remind_after", "integer8"))
    add_column(db, "company", Column("dunning_first", "integer8"))
    add_column(db, "company", Column("dunning_second", "integer8"))
    add_column(db, "company", Column("dunning_third", "integer8"))
    add_column(db, "company", Column("roll_due", "integer2"))
    add_column(db, "activity", Column("promised_on", "date", index=True))
