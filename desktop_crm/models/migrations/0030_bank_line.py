"""Bank lines."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table

STATE = (
    "CASE WHEN posted <> 0 AND posted = amount THEN 'posted' WHEN posted <> 0 THEN 'partial' WHEN set_aside = 1 THEN 'aside' "
    "WHEN amount < 0 THEN 'outgoing' ELSE 'open' END"
)


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    create_table(
        db,
        "bank_line",
        Column("booked_on", "date", index=True),
        Column("amount", "integer8"),
        Column("payer", "text"),
        Column("payer_account", "text", size=60, index=True),
        Column("remark", "text", size=300),
        Column("serial", "text", size=100, index=True),
        Column("balance", "integer8"),
        Column("account", "text", size=60),
        Column("set_aside", "integer2"),
        Column("owner_id", "link", to="user"),
        Column("identity", "text", size=40, index=True, unique=True),
        Column("posted", "count"),
        Column("state", "text", size=40, index=True, formula=STATE),
        Column("version", "count"),
        Column("created_at", "integer8", index=True),
        Column("updated_at", "integer8", index=True),
        Column("sort_key", "text", size=120, index=True),
        Column("search_key", "note"),
        Column("custom", "note"),
    )
