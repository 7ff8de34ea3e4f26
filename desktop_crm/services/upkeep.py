"""What keeps a company quick and is nobody's action: the sums that depend on the day, and the index of search. Everything is right meanwhile, only slower."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import Busy
from desktop_crm.base.i18n import N_
from desktop_crm.base.progress import silent
from desktop_crm.models import rekeying, search_index, turning

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_crm.services.session import Session

TRIES: Final = 3


def due(session: Session) -> str:
    """Return what is to be done, in the user's words once translated, empty where nothing is; a few small questions."""
    if turning.is_due(session.store, session.today):
        return N_("Working out what is overdue today…")
    return N_("Preparing the search…") if search_index.is_due(session.store) or rekeying.due(session.store) else ""


def tend(session: Session, *, step: Callable[[int, int], None]) -> None:
    """Do what is due. `step(done, total)` may raise Cancelled, and what is done until then stays."""
    for attempt in range(TRIES):
        try:
            turning.turn(session.store, session.today, step)
            break
        except Busy:
            # Somebody who posts meanwhile and this waited for each other.
            if attempt == TRIES - 1:
                raise
    while rekeying.some(session.store, session.records, step):
        # So that never more is pending than a search looks through.
        if search_index.is_due(session.store):
            search_index.tend(session.store, silent)
    if search_index.is_due(session.store):
        search_index.tend(session.store, step)
