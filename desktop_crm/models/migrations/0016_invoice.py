"""Invoices."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "invoice",
        Column("number", "text", size=40, index=True),
        Column("customer_id", "link", to="customer"),
        Column("contract_id", "link", to="contract"),
        Column("kind", "text", size=40),
        Column("issued_on", "date", index=True),
        Column("total", "integer8"),
        Column("tax_rate", "integer8"),
        Column("net", "integer8"),
        Column("tax", "integer8"),
        Column("title", "text"),
        Column("owner_id", "link", to="user"),
        Column("note", "note"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
