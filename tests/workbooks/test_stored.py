"""Columns as they are stored are written as the values they stand for, one by one, would be."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_crm.services.workbooks.cellvalues import ColumnOut
from desktop_crm.services.workbooks.cellxml import Cells, rows
from desktop_crm.services.workbooks.stored import Amounts, Instants

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CENTS = st.lists(st.none() | st.integers(-(10**4), 10**4) | st.integers(-(10**17), 10**17), min_size=1, max_size=8)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture(params=["Asia/Shanghai", "UTC", "America/New_York", "Australia/Lord_Howe"])
def _zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if not hasattr(time, "tzset"):
        pytest.skip("this system has one zone")
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def written(column: ColumnOut, values: Sequence[object]) -> str:
    """Return a sheet's rows between texts, as they are in a list."""
    names = [f"客户{number}" for number in range(len(values))]
    return rows(2, [names, values, names], [Cells(0, ColumnOut("a"), "1"), Cells(1, column, "2"), Cells(2, ColumnOut("b"), "1")])


@given(CENTS)
def test_amounts_are_written_as_decimals_are(cents: list[int | None]) -> None:
    amounts = Amounts(cents)
    assert len(amounts) == len(cents)
    assert amounts.texts() == ["" if one is None else f"{one:.2f}" for one in amounts]
    assert amounts.total() * 100 == sum(one for one in cents if one is not None)
    for kind in ("money", "text"):
        column = ColumnOut("金额", kind)
        assert numbers(written(column, amounts)) == numbers(written(column, list(amounts)))


@pytest.mark.usefixtures("_zone")
@settings(max_examples=40)
@given(st.lists(st.none() | st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 31)), min_size=1, max_size=8))  # noqa: DTZ001 - made aware below
def test_instants_are_written_as_local_times_whatever_the_zone(moments: list[datetime | None]) -> None:
    given = [None if one is None else one.replace(tzinfo=UTC) for one in moments]
    stored = Instants([None if one is None else (one - EPOCH) // timedelta(microseconds=1) for one in given])
    assert list(stored) == given
    column = ColumnOut("时间", "datetime")
    ours, theirs = numbers(written(column, stored)), numbers(written(column, given))
    assert [place for place, _number in ours] == [place for place, _number in theirs]
    # A microsecond is 1.2e-11 of a day; the usual way rounds twice.
    assert [number for _place, number in ours] == pytest.approx([number for _place, number in theirs], abs=2e-11, rel=0)


@pytest.mark.usefixtures("_zone")
def test_an_hour_that_comes_twice_is_told_apart() -> None:
    night = datetime(2026, 11, 1, 4, tzinfo=UTC)
    moments = [night + timedelta(minutes=15 * number) for number in range(20)]
    stored = Instants([(one - EPOCH) // timedelta(microseconds=1) for one in moments])
    column = ColumnOut("时间", "datetime")
    assert [number for _place, number in numbers(written(column, stored))] == pytest.approx([number for _place, number in numbers(written(column, moments))], abs=2e-11, rel=0)


def numbers(xml: str) -> list[tuple[str, float]]:
    """Return place and number of the cells of the second column."""
    return [(place, float(number)) for place, number in re.findall(r'<c r="(B\d+)"[^>]*>(?:<v>|<is><t>)([^<]*)<', xml)]


def test_columns_of_different_lengths_are_an_error() -> None:
    with pytest.raises(ValueError, match="2"):
        rows(2, [["a", "b", "c"], ["a", "b"]], [Cells(0, ColumnOut("a"), "1"), Cells(1, ColumnOut("b"), "1")])
