"""Where the place of each record in the order of names is kept, by blocks of ids."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import existing_tables, is_mysql


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already."""
    if "search_place" in existing_tables(db):
        return
    if is_mysql(db):
        columns = "`entity` VARCHAR(60) NOT NULL, `block` INT NOT NULL, `places` MEDIUMBLOB NOT NULL"
        ending = " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"
    else:
        columns = "`entity` VARCHAR(60) NOT NULL, `block` INTEGER NOT NULL, `places` BLOB NOT NULL"
        ending = ""
    key = "PRIMARY KEY" if is_mysql(db) else "UNIQUE"
    db.execute_sql(f"CREATE TABLE `search_place` ({columns}, {key} (`entity`, `block`)){ending}")
