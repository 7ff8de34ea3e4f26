"""Receivables."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "receivable",
        Column("number", "text", size=40, index=True),
        Column("name", "text"),
        Column("customer_id", "link", to="customer"),
        Column("contract_id", "link", to="contract"),
        Column("instalment_id", "link", to="instalment"),
        Column("kind", "text", size=40),
        Column("document_on", "date", index=True),
        Column("due_on", "date"),
        Column("amount", "integer8"),
        Column("owner_id", "link", to="user"),
        Column("note", "note"),
        Column("settled", "count"),
        Column("remaining", "integer8", index=True, formula="amount - settled"),
        Column("falls_due", "date", index=True, formula="COALESCE(due_on, document_on)"),
        Column("state", "text", size=40, index=True, formula="CASE WHEN settled >= amount THEN 'settled' WHEN settled > 0 THEN 'partial' ELSE 'open' END"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
