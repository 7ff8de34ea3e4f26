"""What a customer has prepaid follows from what is settled: that equals what is allocated, so the customer is written once less for each allocation."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, add_column, drop_column, table_columns


def up(_migrator: Any, db: Any) -> None:
    """Make the two figures anew that named the sum, and take it away, unless it is gone already."""
    if "allocated_total" in table_columns(db, "customer"):
        for name in ("prepaid", "exposure", "allocated_total"):
            drop_column(db, "customer", name)
    add_column(db, "customer", Column("prepaid", "integer8", formula="received_total - settled_total"))
    add_column(db, "customer", Column("exposure", "integer8", formula="receivable_total - received_total + unposted"))
