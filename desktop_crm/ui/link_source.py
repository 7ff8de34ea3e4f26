"""How linked records are looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.services import records

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QObject

    from desktop_crm.domain.catalog import FieldSpec
    from desktop_crm.domain.conditions import Condition
    from desktop_crm.ui.desk import Desk
    from desktop_crm.ui.kit.popup import Choice


class LinkSource:
    """Looks linked records up on the reading lane; `owner` is who waits for the answers.

    `narrow(field)` may return a condition for what is offered, such as only the contacts of the customer that was chosen.
    """

    def __init__(self, desk: Desk, owner: QObject, *, narrow: Callable[[FieldSpec], Condition | None] | None = None) -> None:
        self.desk, self.owner = desk, owner
        self._narrow = narrow

    def suggest(self, spec: FieldSpec, text: str, reply: Callable[[list[Choice]], None]) -> None:
        """Look records up for a link field and answer with choices."""
        from desktop_crm.ui.kit.popup import Choice

        session = self.desk.session
        condition = self._narrow(spec) if self._narrow else None

        def work() -> list[Choice]:
            found = records.suggest(session, spec.link, text, condition=EVERYTHING if condition is None else condition)
            return [Choice(int(one), one.title) for one in found]

        self.desk.operations.read(self.owner, work, reply, key=f"suggest.{spec.name}")

    def may_create(self, spec: FieldSpec) -> bool:
        """Tell whether this person may add a record to link to."""
        return spec.link in self.desk.session.catalog and self.desk.session.may_write(spec.link)
