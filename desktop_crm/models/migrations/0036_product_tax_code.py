"""The tax bureau's code of what a product is."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, add_column


def up(_migrator: Any, db: Any) -> None:
    """Add the column, unless it is there already."""
    add_column(db, "product", Column("tax_code", "text", size=19))
