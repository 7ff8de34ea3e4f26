"""What is overdue, since when, and when somebody was in touch last: kept by triggers, so that lists are sorted and filtered by it through an index."""

from __future__ import annotations

from typing import Any

from desktop_crm.models.schema import Column, add_column, create_table, drop_index


def up(_migrator: Any, db: Any) -> None:
    """Add the columns and the day that sums stand at, unless they are there already."""
    create_table(db, "sums_day", Column("day", "date"))
    if db.execute_sql("SELECT id FROM sums_day").fetchone() is None:
        db.execute_sql("INSERT INTO sums_day (id, day) VALUES (1, '0001-01-01')")
    due = "CASE WHEN amount - settled > 0 THEN COALESCE(due_on, document_on, '9999-12-31') ELSE '9999-12-31' END"
    add_column(db, "receivable", Column("open_due", "last", index=True, formula=due))
    add_column(db, "customer", Column("overdue", "count", index=True))
    add_column(db, "customer", Column("oldest_due", "last", index=True))
    add_column(db, "customer", Column("last_contact", "integer8", index=True))
    drop_index(db, "receivable", ["customer_id", "falls_due", "remaining"])
