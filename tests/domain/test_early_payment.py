from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from desktop_crm.domain.early_payment import discount_of, early_payment
from desktop_crm.domain.ledger import Debt, suggest_exact

DAY = date(2026, 6, 1)


@pytest.mark.parametrize(("terms", "found", "rest"), [
    ("2/10 net 30", [("0.02", 10)], "net 30"),
    ("1/20, 2/10, n/30", [("0.02", 10), ("0.01", 20)], "net 30"),
    ("10天内付款2%", [("0.02", 10)], ""),
    ("月结30天", [], "月结30天"),
    ("2026/06/30前", [], "2026/06/30前"),
])  # fmt: skip
def test_terms(terms: str, found: list[tuple[str, int]], rest: str) -> None:
    discounts, left = early_payment(terms)
    assert [(one.rate, one.days) for one in discounts] == [(Decimal(rate), days) for rate, days in found]
    assert left == rest


@pytest.mark.parametrize(("paid", "kept"), [(date(2026, 6, 11), "6.67"), (date(2026, 6, 12), "0.00"), (date(2026, 5, 31), "0.00")])
def test_a_discount_is_rounded_half_up_and_ends_with_its_day(paid: date, kept: str) -> None:
    assert discount_of(Decimal("333.33"), "2/10 net 30", DAY, paid) == Decimal(kept)


@pytest.mark.parametrize(("amount", "parts"), [
    ("800", ["0", "0", "800"]), ("1300", ["0", "500", "800"]), ("1200", ["1000", "200", "0"]), ("2300", ["1000", "500", "800"]),
])  # fmt: skip
def test_exact_sums_come_before_the_oldest(amount: str, parts: list[str]) -> None:
    debts = [Debt(number, date(2026, 1, number), DAY, Decimal(owed)) for number, owed in enumerate(("1000", "500", "800"), 1)]
    assert suggest_exact(Decimal(amount), debts) == [Decimal(part) for part in parts]
