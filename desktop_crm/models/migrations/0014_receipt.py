"""Receipts."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "receipt",
        Column("number", "text", size=40, index=True),
        Column("customer_id", "link", to="customer"),
        Column("received_on", "date", index=True),
        Column("amount", "integer8"),
        Column("method", "text", size=40),
        Column("account", "text", size=100),
        Column("payer", "text"),
        Column("reference", "text", size=100),
        Column("settles", "text"),
        Column("owner_id", "link", to="user"),
        Column("note", "note"),
        Column("allocated", "count"),
        Column("unallocated", "integer8", index=True, formula="amount - allocated"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
