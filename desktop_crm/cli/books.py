"""Verbs of the month-end close: closing the books through a day, and reopening them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_crm.cli.answers import Answer
from desktop_crm.domain.dates import parse_date
from desktop_crm.services import closing

if TYPE_CHECKING:
    from argparse import Namespace

    from desktop_crm.services.session import Session


def close(session: Session, options: Namespace) -> Answer:
    """Close the books through a day."""
    changes = closing.close_books(session, through=parse_date(options.day, today=session.today))
    return Answer({"closed_through": changes.result.isoformat(), "change_set": changes.change_set}, [changes.label])


def reopen(session: Session, options: Namespace) -> Answer:
    """Reopen what is dated after a day, or everything without one."""
    changes = closing.reopen_books(session, through=parse_date(options.day, today=session.today) if options.day else None)
    day = changes.result
    return Answer({"closed_through": day.isoformat() if day else None, "change_set": changes.change_set}, [changes.label])
