"""How long history is kept, and removing what is older: the one thing here that can't be taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import NotAllowed, UserError
from desktop_crm.base.i18n import _, ngettext
from desktop_crm.base.progress import silent
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.domain.dates import add_months
from desktop_crm.models import pruning
from desktop_crm.models.changes import PRUNE
from desktop_crm.services import records

if TYPE_CHECKING:
    from desktop_crm.domain.catalog import Values
    from desktop_crm.models.pruning import Old
    from desktop_crm.services.records import Step
    from desktop_crm.services.session import Changes, Session

MONTHS: Final = (0, 12, 24, 36, 60, 120)
"""What the screen offers; 0 is for ever."""
LEAST: Final = 12


def kept_months(session: Session) -> int:
    """Return for how many months history is kept, 0 for ever."""
    found = _company(session)
    return int(found["history_months"] or 0) if found else 0


def begins(session: Session) -> date | None:
    """Return the day from which on there is history, None where nothing was ever removed."""
    found = _company(session)
    return found["history_from"] if found else None


def _company(session: Session) -> Values | None:
    found = session.records.find(session.entity("company"), EVERYTHING, ["history_months", "history_from"], limit=1)
    return found[0] if found else None


def keep_for(session: Session, months: int) -> Changes[records.Saved]:
    """Set for how many months history is kept, 0 for ever; removes nothing by itself. Raises NotAllowed, UserError."""
    _require_admin(session)
    if months and months < LEAST:
        raise UserError(_("History is kept for at least {months} months").format(months=LEAST))
    found = _company(session)
    if found is None:
        raise UserError(_("Fill in the company profile first"))
    return records.save(session, "company", {"history_months": months or None}, key=found["id"])


def limit(session: Session) -> date | None:
    """Return the day before which history may go, None where it is kept for ever."""
    months = kept_months(session)
    return add_months(session.today, -months) if months else None


def old(session: Session) -> Old | None:
    """Return what would be removed now, None where history is kept for ever: numbers of actions and of deleted records that couldn't be restored any more."""
    day = limit(session)
    return None if day is None else pruning.old(session.log, _instant(day))


def due(session: Session) -> bool:
    """Tell whether there is something to remove that wasn't looked at today; only an administrator's computer does it."""
    day = limit(session)
    if session.person.role != "admin" or day is None or begins(session) == day:
        return False
    return bool(pruning.old(session.log, _instant(day)).actions)


def prune(session: Session, *, step: Step = silent) -> Changes[int]:
    """Remove the history before the day that `limit` says and note it in the log; returns the number of actions removed.

    Nothing newer goes, and nothing that something newer depends on. Raises NotAllowed for anybody but an administrator, UserError where
    history is kept for ever.
    """
    _require_admin(session)
    day = limit(session)
    if day is None:
        raise UserError(_("History is kept for ever. Set in the log for how long to keep it first"))

    def work() -> int:
        company = _company(session)
        found = pruning.old(session.log, _instant(day))
        if company is None or not found.actions:
            return 0
        pruning.remove(session.log, found.last, step)
        session.records.update(session.entity("company"), company["id"], {"history_from": day}, session.now)
        session.relabel(ngettext("History before {date} removed: {count} action", "History before {date} removed: {count} actions", found.actions).format(
            date=day.isoformat(), count=f"{found.actions:,}"))
        return found.actions

    return session.write(PRUNE, _("History removed"), work)


def _instant(day: date) -> datetime:
    return datetime.combine(day, time()).astimezone(UTC)


def _require_admin(session: Session) -> None:
    if session.person.role != "admin":
        raise NotAllowed(_("Only an administrator decides how long history is kept"))
