"""The tables under every company: change sets, who sees whose records, passwords, number counters."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_index, create_table, is_mysql


def up(_migrator: Any, db: Any) -> None:
    """Create the tables, unless they are there already."""
    create_table(
        db,
        "change_set",
        Column("uid", "text", size=32, unique=True),
        Column("at", "integer8", index=True),
        Column("user_id", "integer8", index=True),
        Column("user_name", "text", size=60),
        Column("computer", "text", size=100),
        Column("action", "text", size=40),
        Column("label", "text", size=300),
        Column("undoes", "integer8", index=True),
    )
    create_table(
        db,
        "change",
        Column("change_set_id", "link", to="change_set"),
        Column("entity", "text", size=60),
        Column("record_id", "integer8"),
        Column("action", "text", size=10),
        Column("state_before", "json"),
    )
    create_index(db, "change", ["entity", "record_id"])
    create_table(db, "visibility", Column("viewer_id", "integer8", index=True), Column("owner_id", "integer8"), keyed=False)
    create_table(db, "credential", Column("user_id", "integer8", unique=True), Column("password_hash", "text", size=300))
    create_table(db, "counter", Column("name", "text", size=100, unique=True), Column("value", "count"))
    if not is_mysql(db):
        create_table(db, "open_change_set", Column("id", "integer8"), keyed=False)
