"""Users."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "user",
        Column("name", "text", size=60),
        Column("login", "text", size=60),
        Column("role", "text", size=40),
        Column("department_id", "link", to="department"),
        Column("phone", "text", size=60),
        Column("email", "text"),
        Column("active", "integer2"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
