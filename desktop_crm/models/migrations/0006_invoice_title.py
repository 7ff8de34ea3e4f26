"""Invoice titles."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "invoice_title",
        Column("customer_id", "link", to="customer"),
        Column("title", "text"),
        Column("tax_number", "text", size=40),
        Column("address", "text", size=300),
        Column("phone", "text", size=60),
        Column("bank", "text"),
        Column("account", "text", size=60),
        Column("preferred", "integer2"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
