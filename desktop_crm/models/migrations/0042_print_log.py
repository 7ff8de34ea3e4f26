"""Print log."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "print_log",
        Column("document", "text"),
        Column("entity", "text", size=60),
        Column("record", "integer8", index=True),
        Column("template", "text", size=40),
        Column("label", "text", size=100, index=True),
        Column("number", "integer8", index=True),
        Column("way", "text", size=40, index=True),
        Column("target", "text", index=True),
        Column("copies", "integer8", index=True),
        Column("pages", "integer8", index=True),
        Column("printed_at", "integer8", index=True),
        Column("owner_id", "link", to="user"),
        Column("note", "note"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
