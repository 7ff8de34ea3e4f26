"""The day through which the books are closed, and what happens beyond a credit limit."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, add_column


def up(_migrator: Any, db: Any) -> None:
    """Create the columns, unless they are there already."""
    add_column(db, "company", Column("credit_control", "text", size=40, default="warn"))
    add_column(db, "company", Column("closed_through", "date"))
