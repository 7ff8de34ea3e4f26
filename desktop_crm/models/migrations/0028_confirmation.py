"""Statement confirmations."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "confirmation",
        Column("number", "text", size=40, index=True),
        Column("customer_id", "link", to="customer"),
        Column("date_from", "date"),
        Column("date_to", "date", index=True),
        Column("closing", "integer8"),
        Column("sent_on", "date", index=True),
        Column("returned_on", "date", index=True),
        Column("their_balance", "integer8"),
        Column("difference", "integer8", formula="COALESCE(their_balance, closing) - closing"),
        Column("kept_at", "text"),
        Column("state", "text", size=40, index=True, formula="CASE WHEN returned_on IS NULL THEN 'out' WHEN COALESCE(their_balance, closing) = closing THEN 'agreed' ELSE 'differs' END"),
        Column("owner_id", "link", to="user"),
        Column("note", "note"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
