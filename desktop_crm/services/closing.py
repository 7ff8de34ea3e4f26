"""Month-end close (月末结账): no record dated through a day changes any more; `models/closing.py` holds to it. Reopening is an action like any other, so the log shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import NotAllowed, UserError
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.models import closing

if TYPE_CHECKING:
    from datetime import date

    from desktop_crm.services.session import Changes, Session

CLOSERS: Final = frozenset({"admin", "finance"})
CLOSE: Final = "close_books"
REOPEN: Final = "reopen_books"


def may_close(session: Session) -> bool:
    """Tell whether this person may close and reopen periods: administrators and finance."""
    return session.person.role in CLOSERS


def closed_through(session: Session) -> date | None:
    """Return the last day of the closed period, None where nothing is closed."""
    return closing.closed_through(session.store)


def close_books(session: Session, *, through: date) -> Changes[date]:
    """Close the books through a day that has come; raises NotAllowed, UserError where they are closed that far, or the day is still to come."""
    if through > session.today:
        raise UserError(_("{day} is still to come. Close through a day that has passed").format(day=through.isoformat()), field="through")

    def work() -> date:
        present = closed_through(session)
        if present is not None and through <= present:
            raise UserError(_("The books are closed through {day} already. Reopen the period first").format(day=present.isoformat()), field="through")
        _set(session, through)
        return through

    _require(session)
    return session.write(CLOSE, _("Books closed through {day}").format(day=through.isoformat()), work)


def reopen_books(session: Session, *, through: date | None = None) -> Changes[date | None]:
    """Reopen everything after `through`, or all there is; raises NotAllowed, UserError where that is open."""

    def work() -> date | None:
        present = closed_through(session)
        if present is None or (through is not None and through >= present):
            raise UserError(_("This period is open already"))
        label = _("Books reopened: closed through {day}, before that {before}").format(
            day=through.isoformat() if through else _("no day"), before=present.isoformat())
        session.relabel(label)
        _set(session, through)
        return through

    _require(session)
    return session.write(REOPEN, _("Books reopened"), work)


def _require(session: Session) -> None:
    if not may_close(session):
        raise NotAllowed(_("Only finance or an administrator may close and reopen the books"))


def _set(session: Session, through: date | None) -> None:
    entry = session.entity("company")
    for key in session.records.ids_where(entry, EVERYTHING):
        session.records.lock(entry, key)
        session.records.update(entry, key, {"closed_through": through}, session.now)
