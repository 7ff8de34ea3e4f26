"""Import plans."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "import_plan",
        Column("name", "text", size=100),
        Column("entity", "text", size=60, index=True),
        Column("headings", "text", size=64, index=True),
        Column("content", "note"),
        Column("remembered", "integer2"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
