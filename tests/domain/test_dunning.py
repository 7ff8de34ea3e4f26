"""Which letter a debt of some age calls for."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.domain.dunning import STEPS, is_sent, set_off, step_of, steps_of


def test_letters_on_the_days_around_each_step() -> None:
    assert [step_of(days) for days in (0, 6, 7, 29, 30, 59, 60, 999)] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert steps_of([None, None, None]) == STEPS
    assert steps_of([None, 45, None]) == (7, 45, 60)


def test_a_letter_is_due_once_and_the_next_one_when_its_day_comes() -> None:
    due, sent = date(2026, 5, 1), date(2026, 5, 10)
    told = {days: is_sent(days, sent, due + timedelta(days=days)) for days in (0, 6, 7, 9, 29, 30, 59, 60)}
    assert told == {0: False, 6: False, 7: True, 9: True, 29: True, 30: False, 59: False, 60: False}
    assert not is_sent(40, None, date(2026, 6, 30))
    assert [is_sent(45, date(2026, 6, day), date(2026, 6, 30)) for day in (14, 15, 30)] == [False, True, True], "the second letter is due since the 15th"


@given(st.lists(st.none() | st.integers(-10, 400), min_size=3, max_size=3), st.integers(0, 500))
def test_a_later_letter_is_never_sent_earlier(days: list[int | None], age: int) -> None:
    steps = steps_of(days)
    assert list(steps) == sorted(steps)
    assert steps[0] >= 1
    assert step_of(age, steps) <= step_of(age + 1, steps)
    assert step_of(0, steps) == 0


MONEY = st.integers(0, 50_000).map(lambda cents: Decimal(cents).scaleb(-2))
MEANT = st.none() | st.integers(1, 3)


def test_credit_covers_the_oldest_first_and_a_contract_s_money_its_own() -> None:
    debts = [(None, Decimal(100)), (1, Decimal(50)), (2, Decimal(50))]
    assert set_off(debts, {None: Decimal(120)}) == [100, 20, 0]
    assert set_off(debts, {1: Decimal(80)}) == [0, 50, 0]
    assert set_off(debts, {1: Decimal(30), None: Decimal(110), 9: Decimal(999)}) == [100, 40, 0]
    assert set_off([], {None: Decimal(5)}) == []


@given(st.lists(st.tuples(MEANT, MONEY), max_size=6), st.dictionaries(MEANT, MONEY, max_size=4))
def test_nothing_is_covered_twice_and_nothing_left_that_could_cover(debts: list[tuple[int | None, Decimal]], credit: dict[int | None, Decimal]) -> None:
    covered = set_off(debts, credit)
    assert all(0 <= part <= amount for part, (_contract, amount) in zip(covered, debts, strict=True))
    # What is meant for a contract covers it as far as it goes; what is left of all debts takes what is meant for none.
    own = {key: min(credit.get(key, Decimal(0)), sum((amount for contract, amount in debts if contract == key), Decimal(0))) for key in (1, 2, 3)}
    left = sum((amount for _contract, amount in debts), Decimal(0)) - sum(own.values())
    assert sum(covered, Decimal(0)) == sum(own.values()) + min(left, credit.get(None, Decimal(0)))
    for key, amount in own.items():
        assert sum((part for part, (contract, _amount) in zip(covered, debts, strict=True) if contract == key), Decimal(0)) >= amount
