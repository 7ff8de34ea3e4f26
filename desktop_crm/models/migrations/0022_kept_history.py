"""Deletions are found without reading all changes; how long history is kept, and since when there is any."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, add_column, create_index


def up(_migrator: Any, db: Any) -> None:
    """Create the index and the columns, unless they are there already."""
    create_index(db, "change", ["action", "id", "entity"], only="action = 'delete'")
    add_column(db, "company", Column("history_months", "integer8"))
    add_column(db, "company", Column("history_from", "date"))
