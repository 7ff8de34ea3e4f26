"""What is special about opportunities: moving to another stage brings its usual chance along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.services.batches import find_by_id
from desktop_crm.services.rules import before_save

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.session import Session


@before_save("opportunity")
def follow_stage(session: Session, rows: Sequence[Values]) -> None:
    """Forget a probability that was the former stage's, or typed for it, unless another is typed with the new stage."""
    before = find_by_id(session, "opportunity", (row.get("id") for row in rows), ["stage", "probability"])
    for row in rows:
        old = before.get(row.get("id") or 0)
        if old is not None and old["stage"] != row.get("stage") and old["probability"] == row.get("probability"):
            row["probability"] = None
