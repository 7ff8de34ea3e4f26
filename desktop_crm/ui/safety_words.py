"""How sizes, instants and places are said on the pages about the safety of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.base.i18n import _

if TYPE_CHECKING:
    from datetime import date, datetime

    from desktop_crm.services.session import Session

UNITS: Final = ("B", "KB", "MB", "GB", "TB")
STEP: Final = 1024


def size_text(size: int) -> str:
    """Return a size in bytes as people say it: 3.2 MB."""
    amount, unit = float(size), 0
    while amount >= STEP and unit < len(UNITS) - 1:
        amount, unit = amount / STEP, unit + 1
    return f"{amount:.0f} {UNITS[unit]}" if unit == 0 or amount >= 100 else f"{amount:.1f} {UNITS[unit]}"  # noqa: PLR2004 - three figures are enough


def instant_text(instant: datetime, today: date) -> str:
    """Return an instant in local time; today's only by the hour."""
    local = instant.astimezone()
    clock = local.strftime("%H:%M")
    return _("today {time}").format(time=clock) if local.date() == today else f"{local.date().isoformat()} {clock}"


def place_text(session: Session) -> str:
    """Return where the company is: its file, or the database on its server."""
    place = session.store.location
    if place.path is None:
        return _("Server {host}, database {name}").format(host=", ".join(place.hosts), name=place.name)
    return _("{path} (network folder, shared)").format(path=place.path) if place.shared else str(place.path)
