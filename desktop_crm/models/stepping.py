"""Going through the migrations. It is loaded where one is missing: most starts need none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playhouse.migrations import Runner

from desktop_crm.models import migrate

if TYPE_CHECKING:
    from desktop_crm.models.database import Store


class Stepping(Runner):  # type: ignore[misc]  # it ships no types
    """Applies migrations, kept in mind in the table `history`; whoever may stop it is asked between two of them."""

    def __init__(self, store: Store, history: str) -> None:
        super().__init__(store.db, str(migrate.FOLDER), table_name=history)
        self._store = store

    def _run(self, *given: Any, **named: Any) -> None:
        self._store.wanted()
        super()._run(*given, **named)
