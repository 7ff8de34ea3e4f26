"""Customers."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "customer",
        Column("name", "text"),
        Column("short_name", "text", size=100),
        Column("code", "text", size=40, index=True),
        Column("status", "text", size=40, index=True),
        Column("level", "integer8", index=True),
        Column("owner_id", "link", to="user"),
        Column("source", "text", size=40),
        Column("industry", "text", size=60, index=True),
        Column("credit_code", "text", size=40, index=True),
        Column("website", "text"),
        Column("contact_person", "text", size=100),
        Column("mobile", "text", size=60, index=True),
        Column("phone", "text", size=60),
        Column("email", "text"),
        Column("wechat", "text", size=60),
        Column("fax", "text", size=60),
        Column("country", "text", size=60),
        Column("province", "text", size=60, index=True),
        Column("city", "text", size=60, index=True),
        Column("district", "text", size=60),
        Column("address", "text", size=300),
        Column("postal_code", "text", size=20),
        Column("credit_limit", "integer8"),
        Column("payment_terms", "text", size=60),
        Column("opening_balance", "integer8"),
        Column("tags", "text"),
        Column("next_contact", "date", index=True),
        Column("note", "note"),
        Column("contract_total", "count"),
        Column("receivable_total", "count"),
        Column("settled_total", "count"),
        Column("received_total", "count"),
        Column("allocated_total", "count"),
        Column("balance", "integer8", index=True, formula="receivable_total - settled_total"),
        Column("prepaid", "integer8", formula="received_total - allocated_total"),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
