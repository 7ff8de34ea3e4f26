"""Which change sets an undo took back; one undo may take back several."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, create_table, table_columns


def up(_migrator: Any, db: Any) -> None:
    """Create the table, unless it is there already, and take over what stood in the change sets themselves."""
    create_table(db, "undone", Column("change_set_id", "link", to="change_set"), Column("undoes", "link", to="change_set"))
    if "undoes" in table_columns(db, "change_set"):
        db.execute_sql(
            "INSERT INTO undone (change_set_id, undoes) SELECT s.id, s.undoes FROM change_set s JOIN change_set o ON o.id = s.undoes "
            "WHERE NOT EXISTS (SELECT 1 FROM undone u WHERE u.change_set_id = s.id)"
        )
