"""The line of a bank statement that a receipt was posted from."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, add_column


def up(_migrator: Any, db: Any) -> None:
    """Add the column, unless it is there already."""
    add_column(db, "receipt", Column("bank_line_id", "link", to="bank_line", index=True))
