"""Print templates."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "print_template",
        Column("label", "text", size=100),
        Column("name", "text", size=40, index=True),
        Column("prints", "text", size=60, index=True),
        Column("paper", "text", size=60, index=True),
        Column("number", "integer8", index=True),
        Column("active", "integer2", index=True),
        Column("base", "text", size=40),
        Column("draft", "note"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
