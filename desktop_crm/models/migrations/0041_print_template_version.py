"""Template versions."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "print_template_version",
        Column("template_id", "link", to="print_template"),
        Column("number", "integer8"),
        Column("published_at", "integer8"),
        Column("publisher", "text", size=100),
        Column("remark", "text"),
        Column("body", "note"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
