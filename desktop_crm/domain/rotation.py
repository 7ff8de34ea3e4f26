"""Which backups may go: all of the last days stay, then one a week, then one a month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Rotation:
    """How long backups stay: all of `all_days`, then the last of each week for `weekly_weeks`, then of each month for `monthly_months`.

    0 months is for ever.
    """

    all_days: int = 7
    weekly_weeks: int = 9
    monthly_months: int = 0


@dataclass(frozen=True)
class Kept:
    """A backup: `number` counts them in the order they were made, whatever the clock said; `on` is the day it says."""

    name: str
    number: int
    on: date
    proven: bool = True


def to_delete(backups: Iterable[Kept], rotation: Rotation, today: date) -> list[Kept]:
    """Return the backups that may go, the oldest first.

    Of each week or month that is thinned out the last proven one stays. The newest stays in any case, as does what has no newer
    proven one, what is younger than `all_days`, and what is dated in the future since the clock was wrong.
    """
    ordered = sorted(backups, key=lambda backup: backup.number)
    newest_proven = max((backup.number for backup in ordered if backup.proven), default=-1)
    last_of: dict[tuple[int, ...], Kept] = {}
    for backup in ordered:
        period = _period(backup.on, rotation, today)
        if period and (backup.proven or period not in last_of or not last_of[period].proven):
            last_of[period] = backup
    stay = {backup.number for backup in last_of.values()}
    return [
        backup for backup in ordered
        if backup.number < newest_proven and backup.number not in stay and not _stays_by_age(backup.on, rotation, today)
    ]


def _stays_by_age(on: date, rotation: Rotation, today: date) -> bool:
    return (today - on).days < max(rotation.all_days, 1)


def _period(on: date, rotation: Rotation, today: date) -> tuple[int, ...]:
    """Return the week or the month of which one stays; empty where all stay or none."""
    if _stays_by_age(on, rotation, today):
        return ()
    if today - on < timedelta(days=rotation.all_days, weeks=rotation.weekly_weeks):
        year, week, _day = on.isocalendar()
        return (year, week, 0)
    if rotation.monthly_months and (today.year - on.year) * 12 + today.month - on.month >= rotation.monthly_months:
        return ()
    return (on.year, on.month)


def newest(backups: Sequence[Kept]) -> Kept | None:
    """Return the backup that was made last."""
    return max(backups, key=lambda backup: backup.number, default=None)
