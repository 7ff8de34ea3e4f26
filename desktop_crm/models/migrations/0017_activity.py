"""Follow-ups."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "activity",
        Column("customer_id", "link", to="customer"),
        Column("contact_id", "link", to="contact"),
        Column("opportunity_id", "link", to="opportunity"),
        Column("contract_id", "link", to="contract"),
        Column("kind", "text", size=40),
        Column("content", "note"),
        Column("happened_at", "integer8", index=True),
        Column("next_on", "date", index=True),
        Column("done", "integer2"),
        Column("owner_id", "link", to="user"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
