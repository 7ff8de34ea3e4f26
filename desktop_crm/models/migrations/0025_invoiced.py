"""What is invoiced of receivables, contract lines and contracts follows from what invoices cover; red-letter invoices name what they take back."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, add_column, drop_column


def up(_migrator: Any, db: Any) -> None:
    """Create the columns, unless they are there already."""
    add_column(db, "invoice", Column("red_of_id", "link", to="invoice"))
    add_column(db, "invoice", Column("covered", "count"))
    add_column(db, "invoice", Column("uncovered", "integer8", formula="total - covered"))
    add_column(db, "receivable", Column("invoiced", "count"))
    uninvoiced = "CASE WHEN kind IN ('refund', 'transfer', 'difference') THEN 0 ELSE amount - invoiced END"
    add_column(db, "receivable", Column("uninvoiced", "integer8", formula=uninvoiced))
    add_column(db, "contract_line", Column("invoiced", "count"))
    add_column(db, "contract_line", Column("uninvoiced", "integer8", formula="COALESCE(total, 0) - invoiced"))
    add_column(db, "contract", Column("invoiced_whole", "count"))
    add_column(db, "contract", Column("invoiced_covered", "count"))
    drop_column(db, "contract", "invoiced")
    add_column(db, "contract", Column("invoiced", "integer8", formula="invoiced_whole + invoiced_covered"))
