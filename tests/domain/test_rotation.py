"""Rotation may forget what is crowded, never what is the last of its kind."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.domain.rotation import Kept, Rotation, to_delete

TODAY = date(2026, 6, 30)

backup_lists = st.lists(st.tuples(st.integers(-40, 900), st.booleans()), max_size=60).map(
    lambda drawn: [Kept(f"b{number}", number, TODAY - timedelta(days=age), proven) for number, (age, proven) in enumerate(drawn, 1)]
)
rotations = st.builds(Rotation, st.integers(1, 30), st.integers(0, 20), st.sampled_from([0, 0, 1, 6, 24]))


def week(backup: Kept) -> tuple[int, int]:
    return backup.on.isocalendar()[:2]


def month(backup: Kept) -> tuple[int, int]:
    return backup.on.year, backup.on.month


@given(backup_lists, rotations)
def test_the_newest_the_young_and_the_future_stay(backups: list[Kept], rotation: Rotation) -> None:
    gone = to_delete(backups, rotation, TODAY)
    assert not {backup.number for backup in gone} & {max((backup.number for backup in backups), default=0)}
    for backup in gone:
        assert (TODAY - backup.on).days >= rotation.all_days
        assert any(other.proven and other.number > backup.number and other not in gone for other in backups), "a newer proven one is there"


@given(backup_lists, rotations)
def test_each_week_and_month_keeps_one(backups: list[Kept], rotation: Rotation) -> None:
    gone = to_delete(backups, rotation, TODAY)
    left = [backup for backup in backups if backup not in gone]
    edge = rotation.all_days + 7 * rotation.weekly_weeks
    for backup in gone:
        if (TODAY - backup.on).days < edge:
            assert any(week(other) == week(backup) for other in left)
        elif not rotation.monthly_months:
            assert any(month(other) == month(backup) for other in left)
        if backup.proven and ((TODAY - backup.on).days < edge or not rotation.monthly_months):
            period = week if (TODAY - backup.on).days < edge else month
            assert any(other.proven and period(other) == period(backup) for other in left), "a proven one isn't given up for one that isn't"


@given(backup_lists, rotations)
def test_once_thinned_out_it_is_thin(backups: list[Kept], rotation: Rotation) -> None:
    gone = to_delete(backups, rotation, TODAY)
    left = [backup for backup in backups if backup not in gone]
    assert to_delete(left, rotation, TODAY) == []


def test_two_years_of_days_leave_a_week_the_weeks_and_the_months() -> None:
    left: list[Kept] = []
    for number in range(730):
        today = TODAY - timedelta(days=729 - number)
        left.append(Kept(str(number), number, today))
        gone = to_delete(left, Rotation(), today)
        left = [backup for backup in left if backup not in gone]
    ages = [(TODAY - backup.on).days for backup in left]
    assert ages[-7:] == [6, 5, 4, 3, 2, 1, 0]
    assert len([age for age in ages if 7 <= age < 70]) in (9, 10)
    months = {(backup.on.year, backup.on.month) for backup in left}
    assert len(months) >= 24, "no month is without one"
    assert len(left) <= 7 + 10 + 24


def test_a_clock_that_was_set_back_costs_no_backup() -> None:
    future = [Kept(f"f{number}", number, TODAY + timedelta(days=300 + number)) for number in range(5)]
    now = [Kept(f"n{number}", number, TODAY) for number in range(5, 8)]
    assert to_delete([*future, *now], Rotation(), TODAY) == []
