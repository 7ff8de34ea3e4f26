"""Opportunities."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "opportunity",
        Column("number", "text", size=40, index=True),
        Column("name", "text"),
        Column("customer_id", "link", to="customer"),
        Column("contact_id", "link", to="contact"),
        Column("stage", "text", size=40, index=True),
        Column("amount", "integer8"),
        Column("probability", "integer8"),
        Column("weighted", "integer8"),
        Column("close_on", "date", index=True),
        Column("owner_id", "link", to="user"),
        Column("source", "text", size=60),
        Column("next_step", "text"),
        Column("lost_reason", "text"),
        Column("note", "note"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
