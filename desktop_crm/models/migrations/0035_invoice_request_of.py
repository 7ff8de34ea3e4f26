"""The request that an invoice answers."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, add_column


def up(_migrator: Any, db: Any) -> None:
    """Add the column, unless it is there already."""
    add_column(db, "invoice", Column("request_id", "link", to="invoice_request", index=True))
