"""Contacts."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "contact",
        Column("name", "text", size=100),
        Column("customer_id", "link", to="customer"),
        Column("position", "text", size=100),
        Column("role", "text", size=40),
        Column("gender", "text", size=40),
        Column("mobile", "text", size=60, index=True),
        Column("mobile2", "text", size=60),
        Column("phone", "text", size=60),
        Column("email", "text"),
        Column("wechat", "text", size=60),
        Column("qq", "text", size=40),
        Column("address", "text", size=300),
        Column("birthday", "date"),
        Column("lunar_birthday", "integer2"),
        Column("preferred", "integer2"),
        Column("owner_id", "link", to="user"),
        Column("note", "note"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
