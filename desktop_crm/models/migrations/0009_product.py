"""Products."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "product",
        Column("code", "text", size=40, index=True),
        Column("name", "text"),
        Column("specification", "text"),
        Column("category", "text", size=100, index=True),
        Column("unit", "text", size=20),
        Column("brand", "text", size=60),
        Column("barcode", "text", size=60),
        Column("price", "integer8"),
        Column("tax_rate", "integer8"),
        Column("cost", "integer8"),
        Column("active", "integer2"),
        Column("note", "note"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
