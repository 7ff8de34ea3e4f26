"""Custom fields."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "custom_field",
        Column("name", "text", size=60),
        Column("entity", "text", size=60, index=True),
        Column("label", "text", size=60),
        Column("kind", "text", size=40, index=True),
        Column("choices", "note"),
        Column("required", "integer2", index=True),
        Column("listed", "integer2", index=True),
        Column("sensitive", "integer2"),
        Column("hint", "text"),
        Column("section", "text", size=60),
        Column("position", "integer8"),
        Column("retired", "integer2", index=True),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
