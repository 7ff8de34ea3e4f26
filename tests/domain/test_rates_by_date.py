"""VAT rates on the days around each change, and what is said of a rate that none was."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.domain.rates import VAT_RATES, rate_remark, rates_on


@pytest.mark.parametrize(
    ("day", "rates"),
    [
        (date(2017, 6, 30), "0.17 0.13 0.11 0.06 0.05 0.03 0"), (date(2018, 5, 1), "0.16 0.10 0.06 0.05 0.03 0"), (date(2019, 3, 31), "0.16 0.10 0.06 0.05 0.03 0"),
        (date(2019, 4, 1), "0.13 0.09 0.06 0.05 0.03 0"), (date(2022, 6, 1), "0.13 0.09 0.06 0.05 0.03 0"), (date(2026, 11, 26), "0.13 0.09 0.06 0.05 0.03 0.01 0"),
        (date(2028, 1, 1), "0.13 0.09 0.06 0.05 0.03 0"),
    ],
)  # fmt: skip
def test_rates_of_a_day(day: date, rates: str) -> None:
    assert [one.rate for one in rates_on(day)] == [Decimal(rate) for rate in rates.split() if rate != "0.13" or day < date(2017, 7, 1) or day >= date(2019, 4, 1)]


def test_a_rate_that_none_was_is_remarked_on() -> None:
    assert rate_remark(Decimal("0.13"), date(2026, 1, 1)) is None
    assert rate_remark(None, date(2026, 1, 1)) is None
    told = rate_remark(Decimal("0.16"), date(2026, 1, 1)) or ""
    assert "16%" in told
    assert "13%" in told


@given(st.dates(date(1994, 1, 1), date(2040, 1, 1)))
def test_no_day_has_a_rate_twice(day: date) -> None:
    rates = [one.rate for one in rates_on(day)]
    assert len(rates) == len(set(rates))
    for one in VAT_RATES:
        assert one.last is None or one.last >= one.first
        assert one.last is None or one not in rates_on(one.last + timedelta(days=1))
