"""What invoices cover."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "invoice_cover",
        Column("invoice_id", "link", to="invoice"),
        Column("receivable_id", "link", to="receivable"),
        Column("contract_line_id", "link", to="contract_line"),
        Column("contract_id", "link", to="contract"),
        Column("amount", "integer8"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
