"""The index of values is made anew, without the values that records had before: it leaves exactly those that match from now on."""

from __future__ import annotations

from typing import Any


def up(_migrator: Any, db: Any) -> None:
    """Empty it; the program makes it anew in the background."""
    db.execute_sql("DELETE FROM search_posting WHERE SUBSTR(entity, LENGTH(entity)) = '='")
