"""Instalments."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "instalment",
        Column("contract_id", "link", to="contract"),
        Column("position", "integer8"),
        Column("name", "text", size=60),
        Column("condition", "text"),
        Column("due_on", "date"),
        Column("billing", "text", size=40),
        Column("ratio", "integer8"),
        Column("amount", "integer8"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
