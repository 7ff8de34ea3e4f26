"""A receipt can name its contract, money out of the bank is a refund, and a line left aside says why."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, add_column, drop_column


def up(_migrator: Any, db: Any) -> None:
    """Create the columns, unless they are there already."""
    add_column(db, "receipt", Column("contract_id", "link", to="contract"))
    advance = "CASE WHEN kind IN ('credit', 'discount', 'bad_debt', 'difference') THEN 0 ELSE amount - allocated END"
    add_column(db, "receipt", Column("advance", "integer8", formula=advance))
    add_column(db, "contract", Column("prepaid", "count"))
    add_column(db, "receivable", Column("bank_line_id", "link", to="bank_line"))
    add_column(db, "bank_line", Column("refunded", "count"))
    add_column(db, "bank_line", Column("aside_reason", "text", size=60))
    # What is refunded of money out counts as posted.
    drop_column(db, "bank_line", "state")
    state = (
        "CASE WHEN posted - refunded <> 0 AND posted - refunded = amount THEN 'posted' WHEN posted - refunded <> 0 THEN 'partial' WHEN set_aside = 1 THEN 'aside' "
        "WHEN amount < 0 THEN 'outgoing' ELSE 'open' END"
    )
    add_column(db, "bank_line", Column("state", "text", size=40, index=True, formula=state))
