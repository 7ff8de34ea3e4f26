"""Where the index of search keeps which records hold which grams, and which records it has yet to take in."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table, existing_tables, is_mysql


def up(_migrator: Any, db: Any) -> None:
    """Create the tables, unless they are there already."""
    create_table(db, "search_pending", Column("entity", "text", size=60), Column("record_id", "integer8"))
    if "search_posting" in existing_tables(db):
        return
    if is_mysql(db):
        columns = "`entity` VARCHAR(60) NOT NULL, `block` INT NOT NULL, `gram` VARBINARY(16) NOT NULL, `ids` BLOB NOT NULL"
        ending = " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"
    else:
        columns = "`entity` VARCHAR(60) NOT NULL, `block` INTEGER NOT NULL, `gram` BLOB NOT NULL, `ids` BLOB NOT NULL"
        ending = ""
    # As SQLite's primary key it would keep a part of each long value in a page of its own, and take twice the room.
    key = "PRIMARY KEY" if is_mysql(db) else "UNIQUE"
    db.execute_sql(f"CREATE TABLE `search_posting` ({columns}, {key} (`entity`, `block`, `gram`)){ending}")
