"""Saved views."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "saved_view",
        Column("entity", "text", size=60, index=True),
        Column("name", "text", size=60),
        Column("content", "note"),
        Column("position", "integer8"),
        Column("owner_id", "link", to="user"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
