from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.base.errors import ValueProblem
from desktop_crm.domain.instalments import COMMON_SHARES, TEMPLATES, PlanLine, by_shares, equal, monthly, plan
from desktop_crm.domain.terms import china_calendar

START = date(2026, 1, 31)
templates = st.one_of(
    st.sampled_from(list(TEMPLATES.values())),
    st.integers(1, 60).map(equal),
    st.integers(1, 60).map(monthly),
    st.lists(st.integers(1, 100), min_size=1, max_size=8).map(lambda parts: tuple(PlanLine("x", Decimal(part)) for part in parts)),
)


@given(st.integers(-(10**10), 10**10).map(lambda cents: Decimal(cents).scaleb(-2)), templates)
def test_a_plan_adds_up_and_its_dates_ascend(total: Decimal, template: tuple[PlanLine, ...]) -> None:
    parts = plan(total, template, start=START)
    assert sum(part.amount for part in parts) == total
    assert [part.number for part in parts] == list(range(1, len(template) + 1))
    assert [part.due for part in parts] == sorted(part.due for part in parts)


def test_deposit_delivery_retention() -> None:
    parts = plan(Decimal("9999.99"), TEMPLATES["30/60/10"], start=date(2026, 1, 10))
    assert [(str(part.amount), part.due) for part in parts] == [
        ("3000.00", date(2026, 1, 10)),
        ("5999.99", date(2026, 2, 9)),
        ("1000.00", date(2027, 1, 10)),
    ]


def test_monthly_plans_keep_the_day_of_the_start() -> None:
    parts = plan(Decimal(100), monthly(3), start=START)
    assert [str(part.amount) for part in parts] == ["33.33", "33.33", "33.34"]
    assert [part.due for part in parts] == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]


def test_due_dates_move_on_to_workdays() -> None:
    parts = plan(Decimal(100), equal(2, days=15), start=START, calendar=china_calendar())
    assert [part.due for part in parts] == [date(2026, 2, 2), date(2026, 2, 24)]


def test_a_plan_needs_a_share() -> None:
    for template in ((), (PlanLine("x", Decimal(0)),)):
        with pytest.raises(ValueError, match="weights"):
            plan(Decimal(1), template, start=START)
    with pytest.raises(ValueError, match="at least"):
        monthly(0)


def test_shares_as_they_are_written() -> None:
    assert by_shares("30/60/10") == TEMPLATES["30/60/10"]
    for text, shares in (("3：7", ["30.00", "70.00"]), ("30%-30%-40%", ["30.00", "30.00", "40.00"]), ("33.3/33.3/33.4", ["33.30", "33.30", "33.40"]), ("3成7成", ["30.00", "70.00"])):
        assert [str(part.amount) for part in plan(Decimal(100), by_shares(text), start=START)] == shares
    for name in COMMON_SHARES:
        assert by_shares(name)
    for text in ("", "30/60", "0/100", "50/50/0", "三七", "30/70 x", "/".join(["1"] * 100)):
        with pytest.raises(ValueProblem):
            by_shares(text)
