"""Named periods of filters and reports, such as today, this week and last month."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from desktop_crm.base.i18n import N_
from desktop_crm.domain.dates import add_months, month_end

PERIODS: Final[dict[str, str]] = {
    "overdue": N_("Before today"),
    "until_today": N_("Until today"),
    "today": N_("Today"),
    "tomorrow": N_("Tomorrow"),
    "this_week": N_("This week"),
    "next_7_days": N_("Next 7 days"),
    "next_30_days": N_("Next 30 days"),
    "this_month": N_("This month"),
    "last_month": N_("Last month"),
    "this_quarter": N_("This quarter"),
    "this_year": N_("This year"),
    "last_year": N_("Last year"),
}


def period_range(name: str, today: date) -> tuple[date, date]:
    """Return the first and the last day of the period `name` as seen on `today`; weeks begin on Monday.

    Raises KeyError for a name that is not in PERIODS.
    """
    month = today.replace(day=1)
    quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    ranges = {
        "overdue": (date.min, today - timedelta(days=1)),
        "until_today": (date.min, today),
        "today": (today, today),
        "tomorrow": (today + timedelta(days=1), today + timedelta(days=1)),
        "this_week": (today - timedelta(days=today.weekday()), today + timedelta(days=6 - today.weekday())),
        "next_7_days": (today, today + timedelta(days=7)),
        "next_30_days": (today, today + timedelta(days=30)),
        "this_month": (month, month_end(today)),
        "last_month": (add_months(month, -1), month - timedelta(days=1)),
        "this_quarter": (quarter, month_end(add_months(quarter, 2))),
        "this_year": (date(today.year, 1, 1), date(today.year, 12, 31)),
        "last_year": (date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
    }
    return ranges[name]
