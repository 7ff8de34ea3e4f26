"""What a contract still lacks counts what was credited or written off too; who pays for a customer, and how much credit is in use."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, add_column, drop_column


def up(_migrator: Any, db: Any) -> None:
    """Create the columns, unless they are there already."""
    total = "CASE WHEN lines_total <> 0 THEN lines_total ELSE COALESCE(amount, 0) END"
    add_column(db, "contract", Column("settled", "count"))
    drop_column(db, "contract", "unreceived")
    add_column(db, "contract", Column("unreceived", "integer8", formula=f"({total}) - settled"))
    unposted = f"CASE WHEN state = 'active' AND ({total}) > receivable_total THEN ({total}) - receivable_total ELSE 0 END"
    add_column(db, "contract", Column("unposted", "integer8", formula=unposted))
    add_column(db, "customer", Column("payer_id", "link", to="customer"))
    add_column(db, "customer", Column("unposted", "count"))
    exposure = "receivable_total - settled_total - received_total + allocated_total + unposted"
    add_column(db, "customer", Column("exposure", "integer8", formula=exposure))
