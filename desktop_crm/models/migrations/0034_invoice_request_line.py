"""Lines of the request."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "invoice_request_line",
        Column("request_id", "link", to="invoice_request"),
        Column("position", "integer8"),
        Column("item", "text"),
        Column("tax_code", "text", size=19),
        Column("specification", "text"),
        Column("unit", "text", size=20),
        Column("quantity", "integer8"),
        Column("price", "integer8"),
        Column("tax_rate", "integer8"),
        Column("amount", "integer8"),
        Column("tax", "integer8"),
        Column("receivable_id", "link", to="receivable"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
