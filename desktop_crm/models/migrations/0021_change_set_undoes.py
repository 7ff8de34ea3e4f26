"""What an undo took back stands in a table of its own now."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import drop_column


def up(_migrator: Any, db: Any) -> None:
    """Take the column away, unless it is gone already."""
    drop_column(db, "change_set", "undoes")
