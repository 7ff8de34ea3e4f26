"""Contract lines."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "contract_line",
        Column("contract_id", "link", to="contract"),
        Column("position", "integer8"),
        Column("product_id", "link", to="product"),
        Column("product_code", "text", size=60),
        Column("product_name", "text"),
        Column("specification", "text"),
        Column("unit", "text", size=20),
        Column("quantity", "integer8"),
        Column("price", "integer8"),
        Column("discount", "integer8"),
        Column("tax_rate", "integer8"),
        Column("net", "integer8"),
        Column("tax", "integer8"),
        Column("total", "integer8"),
        Column("note", "text"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
