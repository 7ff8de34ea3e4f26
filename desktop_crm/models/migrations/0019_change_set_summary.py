"""What a change set touched stands in its own row, so that the log of a company needs no look at millions of changes."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, add_column, is_mysql


def up(_migrator: Any, db: Any) -> None:
    """Add the columns, unless they are there already, and fill them in."""
    add_column(db, "change_set", Column("records", "count"))
    add_column(db, "change_set", Column("entities", "text", size=600))
    if is_mysql(db):
        number, names = "COUNT(DISTINCT c.entity, c.record_id)", "CONCAT(',', GROUP_CONCAT(DISTINCT c.entity), ',')"
    else:
        number, names = "COUNT(DISTINCT c.entity || ':' || c.record_id)", "',' || GROUP_CONCAT(DISTINCT c.entity) || ','"
    inside = "FROM `change` c WHERE c.change_set_id = change_set.id"
    db.execute_sql(f"UPDATE change_set SET records = (SELECT {number} {inside}), entities = COALESCE((SELECT {names} {inside}), '')")
