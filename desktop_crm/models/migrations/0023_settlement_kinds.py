"""Credit notes, discounts and write-offs stand beside money received; what a receivable got in money is known apart."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, add_column, drop_column


def up(_migrator: Any, db: Any) -> None:
    """Create the columns, unless they are there already."""
    add_column(db, "receipt", Column("kind", "text", size=40, default="receipt", index=True))
    add_column(db, "allocation", Column("kind", "text", size=40, default="receipt"))
    money = "CASE WHEN kind IN ('credit', 'discount', 'bad_debt', 'difference') THEN 0 ELSE amount END"
    add_column(db, "allocation", Column("money", "integer8", formula=money))
    add_column(db, "receivable", Column("counterpart_id", "link", to="receipt"))
    add_column(db, "receivable", Column("received", "count"))
    add_column(db, "receivable", Column("relieved", "integer8", formula="settled - received"))
    # A debt below zero that nothing settles yet is open too.
    drop_column(db, "receivable", "state")
    state = "CASE WHEN settled = amount THEN 'settled' WHEN settled <> 0 THEN 'partial' ELSE 'open' END"
    add_column(db, "receivable", Column("state", "text", size=40, index=True, formula=state))
