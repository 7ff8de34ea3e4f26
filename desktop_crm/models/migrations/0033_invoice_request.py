"""Invoice requests."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "invoice_request",
        Column("number", "text", size=20, index=True),
        Column("customer_id", "link", to="customer"),
        Column("title_id", "link", to="invoice_title"),
        Column("contract_id", "link", to="contract"),
        Column("kind", "text", size=40),
        Column("requested_on", "date", index=True),
        Column("owner_id", "link", to="user"),
        Column("note", "note"),
        Column("exported_on", "date"),
        Column("total", "count"),
        Column("invoiced", "count"),
        Column("state", "text", size=40, index=True, formula="CASE WHEN invoiced <> 0 THEN 'issued' WHEN exported_on IS NOT NULL THEN 'exported' ELSE 'open' END"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
