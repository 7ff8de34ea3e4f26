"""Contracts."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "contract",
        Column("number", "text", size=40, index=True),
        Column("title", "text"),
        Column("customer_id", "link", to="customer"),
        Column("contact_id", "link", to="contact"),
        Column("invoice_title_id", "link", to="invoice_title"),
        Column("opportunity_id", "link", to="opportunity"),
        Column("state", "text", size=40, index=True),
        Column("signed_on", "date", index=True),
        Column("delivery_on", "date"),
        Column("expires_on", "date", index=True),
        Column("payment_terms", "text", size=60),
        Column("delivery_address", "text", size=300),
        Column("amount", "integer8"),
        Column("owner_id", "link", to="user"),
        Column("note", "note"),
        Column("lines_net", "count"),
        Column("lines_tax", "count"),
        Column("lines_total", "count"),
        Column("planned", "count"),
        Column("receivable_total", "count"),
        Column("received", "count"),
        Column("invoiced", "count"),
        Column("total", "integer8", index=True, formula="CASE WHEN lines_total <> 0 THEN lines_total ELSE COALESCE(amount, 0) END"),
        Column("counted", "integer8", formula="CASE WHEN state IN ('active', 'done') THEN CASE WHEN lines_total <> 0 THEN lines_total ELSE COALESCE(amount, 0) END ELSE 0 END"),
        Column("unreceived", "integer8", formula="(CASE WHEN lines_total <> 0 THEN lines_total ELSE COALESCE(amount, 0) END) - received"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
