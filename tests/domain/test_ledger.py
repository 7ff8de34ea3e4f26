from __future__ import annotations

import csv
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.domain.ledger import Debt, bucket_labels, bucket_of, days_overdue, suggest, suggest_by_ratio
from tests.domain.vectors import facts, shared, vectors

AS_OF = date(2026, 6, 30)
LONG = (30, 60, 90, 180, 365)
money = st.integers(-500, 10**7).map(lambda cents: Decimal(cents).scaleb(-2))
days = st.dates(date(2024, 1, 1), date(2026, 12, 31))
debt_lists = st.lists(st.builds(Debt, id=st.integers(1, 99), due=st.none() | days, document_date=days, remaining=money), max_size=12)


def debts(*remaining: str) -> list[Debt]:
    return [Debt(number, date(2026, 1, number), date(2025, 12, 1), Decimal(amount)) for number, amount in enumerate(remaining, 1)]


@pytest.mark.parametrize(
    ("receipt", "expected"),
    [
        ("1300", ("1000", "300", "0")),
        ("2500", ("1000", "500", "800")),
        ("800", ("0", "0", "800")),
        ("0", ("0", "0", "0")),
        ("-5", ("0", "0", "0")),
    ],
)
def test_suggestion(receipt: str, expected: tuple[str, ...]) -> None:
    assert suggest(Decimal(receipt), debts("1000", "500", "800")) == [Decimal(amount) for amount in expected]


def test_the_oldest_due_comes_first_whatever_the_order_and_without_due_date_the_document_counts() -> None:
    listed = [
        Debt(1, date(2026, 3, 1), date(2026, 1, 1), Decimal(10)),
        Debt(2, None, date(2026, 2, 1), Decimal(10)),
        Debt(3, date(2026, 2, 15), date(2026, 1, 15), Decimal(10)),
        Debt(4, date(2025, 1, 1), date(2025, 1, 1), Decimal(-7)),
    ]
    assert suggest(Decimal(15), listed) == [Decimal(0), Decimal(10), Decimal(5), Decimal(0)]
    assert suggest(Decimal(10), listed) == [Decimal(0), Decimal(10), Decimal(0), Decimal(0)]


def test_terms_of_one_invoice_fill_from_the_earliest() -> None:
    fact = next(fact for fact in facts("ar_aging_allocation_credit.json") if fact["id"] == "erpnext-terms-1")
    parts = debts(*(term["amount"] for term in fact["given"]["terms"]))
    assert suggest(Decimal(fact["given"]["payments"][0]), parts) == [Decimal(30), Decimal(10), Decimal(0)]


@given(st.integers(-100, 10**8).map(lambda cents: Decimal(cents).scaleb(-2)), debt_lists)
def test_no_suggestion_pays_more_than_a_debt_or_than_there_is(receipt: Decimal, listed: list[Debt]) -> None:
    owed = sum((max(debt.remaining, Decimal(0)) for debt in listed), Decimal(0))
    for allocated in (suggest(receipt, listed), suggest_by_ratio(receipt, listed)):
        assert len(allocated) == len(listed)
        assert all(0 <= amount <= max(debt.remaining, Decimal(0)) for amount, debt in zip(allocated, listed, strict=True))
        assert sum(allocated) == max(min(receipt, owed), Decimal(0))


def test_by_ratio() -> None:
    assert suggest_by_ratio(Decimal(230), debts("1000", "500", "800")) == [Decimal(100), Decimal(50), Decimal(80)]
    assert max(suggest_by_ratio(Decimal("0.04"), debts(*["0.01"] * 10))) == Decimal("0.01")


@pytest.mark.parametrize(
    ("due", "late", "bucket"),
    [
        ("2026-06-30", 0, 0),
        ("2026-05-31", 30, 1),
        ("2026-05-30", 31, 2),
        ("2026-04-01", 90, 3),
        ("2026-03-31", 91, 4),
        ("2025-06-30", 365, 5),
        ("2025-06-29", 366, 6),
    ],
)
def test_aging(due: str, late: int, bucket: int) -> None:
    assert days_overdue(date.fromisoformat(due), AS_OF) == late
    assert bucket_of(late, LONG) == bucket


def test_aging_examples() -> None:
    labels = bucket_labels(LONG)
    for due, late, label in vectors("aging_asof_2026-06-30"):
        bucket = bucket_of(days_overdue(date.fromisoformat(due), AS_OF), LONG)
        assert days_overdue(date.fromisoformat(due), AS_OF) == late
        assert bucket == 0 if label == "未到期" else labels[bucket] == label
    assert bucket_labels()[1:] == ["1-30", "31-60", "61-90", "90+"]


def test_a_ledger_of_eight_hundred_invoices_adds_up_by_age() -> None:
    expected: dict[str, Any] = json.loads(shared("data/ar_northwind_derived/EXPECT.json").read_text(encoding="utf-8"))
    with shared("data/ar_northwind_derived/invoices.csv").open(encoding="utf-8-sig", newline="") as file:
        invoices = list(csv.DictReader(file))
    with shared("data/ar_northwind_derived/receipts.csv").open(encoding="utf-8-sig", newline="") as file:
        receipts = list(csv.DictReader(file))
    assert {"invoice_no", "due_date", "amount"} <= set(invoices[0]), invoices[0]
    left = {row["invoice_no"]: Decimal(row["amount"]) for row in invoices}
    for row in receipts:
        left[row["invoice_no"]] -= Decimal(row["amount"])
    sums = [Decimal(0)] * 7
    for row in invoices:
        sums[bucket_of(days_overdue(date.fromisoformat(row["due_date"]), date.fromisoformat(expected["as_of"])), LONG)] += left[
            row["invoice_no"]
        ]
    assert [str(amount) for amount in sums] == [amount for name, (_count, amount) in expected["aging"].items() if name != "total"]
