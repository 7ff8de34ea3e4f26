"""Aging against figures worked out elsewhere, by rules that must always hold, and as a sales person sees it."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_crm.base.errors import UserError
from desktop_crm.models import outstanding
from desktop_crm.reports import run, to_json
from desktop_crm.services import records, users, writing
from tests.services.ledger import TODAY, add, company, customer, debt, money, receive, rows, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.session import Session

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
NORTHWIND = DATA / "ar_northwind_derived"
PEERS = DATA / "peer_facts" / "ar_aging_allocation_credit.json"


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


def aging(session: Session, **params: Any) -> dict[str, Any]:
    return to_json(run(session, "aging", **params))


def buckets(data: dict[str, Any]) -> list[str]:
    return [data["totals"]["current"], *data["totals"]["buckets"]]


def test_the_days_decide_the_bucket(session: Session) -> None:
    of = customer(session)
    cases = {date(2026, 6, 30): 0, date(2026, 5, 31): 1, date(2026, 5, 30): 2, date(2026, 4, 1): 3, date(2026, 3, 31): 4, date(2025, 6, 30): 4}
    expected = [Decimal("0.00")] * 5
    for number, (due, bucket) in enumerate(cases.items()):
        debt(session, of, str(2**number), due)
        expected[bucket] += 2**number
    # Without a due date it is the document date that counts.
    debt(session, of, "1000", None, on=date(2026, 4, 1))
    expected[3] += 1000
    data = aging(session)
    assert data == {
        "as_of": "2026-06-30",
        "buckets": ["1-30", "31-60", "61-90", "90+"],
        "rows": [{"customer": "恒泰科技有限公司", "current": f"{expected[0]:.2f}", "buckets": [f"{part:.2f}" for part in expected[1:]],
                  "prepaid": "0.00", "balance": f"{sum(expected):.2f}"}],
        "totals": {"current": f"{expected[0]:.2f}", "buckets": [f"{part:.2f}" for part in expected[1:]], "prepaid": "0.00", "balance": f"{sum(expected):.2f}"},
    }  # fmt: skip
    assert aging(session, buckets="365")["totals"]["buckets"] == [f"{sum(expected) - expected[0]:.2f}", "0.00"]
    for wrong in ("", "60/30", "30/x", "0/30", "30/30"):
        with pytest.raises(UserError):
            aging(session, buckets=wrong)


def test_partial_payments_and_a_credit_note(session: Session) -> None:
    """Figures of a peer's own test suite; its bucket for a credit note is the one of its due date."""
    if not PEERS.is_file():
        pytest.skip(f"{PEERS} is not here")
    case = json.loads(PEERS.read_text(encoding="utf-8"))[0]
    of = customer(session)
    keys = {
        entry["no"]: debt(session, of, entry["amount"], date.fromisoformat(entry["due"]), on=date.fromisoformat(entry["date"]))
        for entry in case["given"]["invoices"]
    }
    for paid in case["given"]["payments"]:
        receive(session, of, paid["amount"], {keys[paid["invoice"]]: paid["amount"]}, on=date.fromisoformat(paid["date"]))
    data = aging(session, as_of=date.fromisoformat(case["given"]["as_of"]))
    wanted = case["expect"]
    assert buckets(data) == [wanted[name] for name in ("current", "d1_30", "d31_60", "d61_90", "over_90")]
    assert data["totals"]["balance"] == wanted["total"]


def test_an_advance_stands_apart_until_it_is_allocated(session: Session) -> None:
    of = customer(session)
    key = debt(session, of, "200")
    receive(session, of, "50")
    receive(session, of, "125", {key: "125"})
    assert (aging(session)["totals"]["balance"], aging(session)["totals"]["prepaid"]) == ("75.00", "50.00")


def test_a_receipt_dated_ahead_counts_from_its_day(session: Session) -> None:
    of = customer(session)
    key = debt(session, of, "100")
    receive(session, of, "100", {key: "100"}, on=TODAY + timedelta(days=1))
    today, tomorrow = aging(session), aging(session, as_of=TODAY + timedelta(days=1))
    assert (today["totals"]["balance"], today["totals"]["prepaid"]) == ("100.00", "0.00")
    assert tomorrow["rows"] == []


def northwind(session: Session) -> None:
    """Add invoices and receipts as a bulk; each receipt names its invoice and is allocated by the rules."""

    def entries(name: str) -> list[dict[str, str]]:
        with (NORTHWIND / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    invoices = entries("invoices.csv")
    names = {entry["customer_id"]: entry["customer"] for entry in invoices}

    def work() -> None:
        ids = writing.insert_rows(session, "customer", [{"name": name, "code": code} for code, name in names.items()])
        of = dict(zip(names, ids, strict=True))
        writing.insert_rows(session, "receivable", [
            {"number": entry["invoice_no"], "customer": of[entry["customer_id"]], "document_on": date.fromisoformat(entry["invoice_date"]),
             "due_on": date.fromisoformat(entry["due_date"]), "amount": Decimal(entry["amount"])}
            for entry in invoices
        ])  # fmt: skip
        writing.insert_rows(session, "receipt", [
            {"number": entry["receipt_no"], "settles": entry["invoice_no"], "received_on": date.fromisoformat(entry["date"]), "amount": Decimal(entry["amount"])}
            for entry in entries("receipts.csv")
        ])  # fmt: skip

    session.write("import", "import", work)


def test_a_years_books_age_as_worked_out_beforehand(session: Session) -> None:
    if not NORTHWIND.is_dir():
        pytest.skip(f"{NORTHWIND} is not here")
    expect = json.loads((NORTHWIND / "EXPECT.json").read_text(encoding="utf-8"))
    northwind(session)
    as_of = date.fromisoformat(expect["as_of"])
    report = run(session, "aging", as_of=as_of, buckets=(30, 60, 90, 180, 365))
    data = to_json(report)
    wanted = list(expect["aging"].values())
    assert buckets(data) == [amount for _count, amount in wanted[:-1]]
    assert (data["totals"]["balance"], data["totals"]["prepaid"]) == (wanted[-1][1], "0.00")
    counts = [records.count(session, drill.entity, drill.condition) for name, drill in report.total_drills.items() if name != "prepaid"]
    assert counts == [count for count, _amount in wanted]
    codes = dict(rows(session, "customer", "id", "code"))
    top = sorted(report.rows, key=lambda row: -row.values["balance"])[:5]
    assert [[codes[int(row.values["customer"])], str(row.values["balance"])] for row in top] == expect["top_debtors"]
    overdue = run(session, "overdue", as_of=as_of)
    assert overdue.totals["remaining"] == Decimal(wanted[-1][1]) - Decimal(wanted[0][1])
    assert len(overdue.rows) == wanted[-1][0] - wanted[0][0]
    assert sum(1 for row in overdue.rows if row.values["settled"]) <= expect["part_paid"]
    # On an earlier day, what came later had not happened.
    earlier = date(1997, 5, 6)
    owed = sum((amount for day, amount in rows(session, "receivable", "document_on", "amount") if day <= earlier), Decimal(0))
    owed -= sum((amount for day, amount in rows(session, "receipt", "received_on", "amount") if day <= earlier), Decimal(0))
    then = aging(session, as_of=earlier)["totals"]
    assert Decimal(then["balance"]) - Decimal(then["prepaid"]) == owed


def test_overdue_says_how_long_and_who(session: Session) -> None:
    of = customer(session)
    short = debt(session, of, "100", date(2026, 6, 29))
    long = debt(session, of, "300", date(2026, 1, 31))
    debt(session, of, "70", TODAY)
    receive(session, of, "50", {long: "50"}, on=date(2026, 6, 1))
    receive(session, of, "100", {short: "100"}, on=date(2026, 6, 30))
    report = run(session, "overdue")
    (row,) = report.rows
    shown = {spec.name: spec.show(row.values[spec.name]) for spec in report.columns}
    assert shown == {"customer": "恒泰科技有限公司", "number": "YS-26-0002", "contract": "", "due": "2026-01-31", "days": "150",
                     "amount": "300.00", "settled": "50.00", "remaining": "250.00", "owner": "boss"}  # fmt: skip
    before = run(session, "overdue", as_of=date(2026, 6, 29))
    assert [(row.values["settled"], row.values["remaining"]) for row in before.rows] == [(money("50"), money("250"))]
    assert to_json(report)["totals"]["remaining"] == "250.00"


def test_a_sales_person_sees_only_own_figures(session: Session, db_url: str) -> None:
    key = users.add_user(session, {"name": "李", "login": "li", "role": "sales"}).result.id
    mine, other = customer(session, "我的客户", owner=key), customer(session, "别人的客户")
    own = debt(session, mine, "100", date(2026, 5, 1), owner=key)
    debt(session, other, "900", date(2026, 5, 1))
    receive(session, mine, "40", {own: "40"}, owner=session.person.id)
    receive(session, other, "5")
    with signed_in(db_url, "li") as seller:
        data = aging(seller)
        assert [row["customer"] for row in data["rows"]] == ["我的客户"]
        assert (data["totals"]["balance"], data["totals"]["prepaid"]) == ("60.00", "0.00")
        assert [row.values["remaining"] for row in run(seller, "overdue").rows] == [money("60.00")]
        drill = run(seller, "aging").total_drills["balance"]
        assert records.count(seller, drill.entity, drill.condition) == 1
        with pytest.raises(UserError):
            run(seller, "statement", customer=other)


def test_wrong_names_are_told(session: Session) -> None:
    with pytest.raises(UserError, match="aging"):
        run(session, "profit")
    with pytest.raises(UserError, match="until"):
        run(session, "aging", until=TODAY)
    with pytest.raises(UserError):
        run(session, "statement")


DAYS = st.integers(0, 400).map(lambda days: date(2025, 6, 1) + timedelta(days=days))
CENTS = st.integers(1, 500_000).map(lambda cents: Decimal(cents).scaleb(-2))


@settings(max_examples=10)
@given(
    debts=st.lists(st.tuples(CENTS, DAYS, st.none() | st.integers(0, 90)), min_size=1, max_size=5),
    paid=st.lists(st.tuples(CENTS, DAYS), max_size=4),
    as_of=DAYS,
)
def test_on_any_day_the_buckets_are_what_was_owed_less_what_was_paid(
    session: Session, debts: list[tuple[Decimal, date, int | None]], paid: list[tuple[Decimal, date]], as_of: date
) -> None:
    of = customer(session, "客户")
    for amount, day, terms in debts:
        add(session, "receivable", customer=of, amount=amount, document_on=day, due_on=None if terms is None else day + timedelta(days=terms))
    numbers = ",".join(number for (number,) in rows(session, "receivable", "number", customer=of))
    for amount, day in paid:
        receive(session, of, str(amount), on=day, settles=numbers)
    report = run(session, "aging", as_of=as_of)
    owed = sum((amount for amount, day, _terms in debts if day <= as_of), Decimal(0)) - sum((amount for amount, day in paid if day <= as_of), Decimal(0))
    (values,) = [row.values for row in report.rows if row.values["customer"] == of] or [{"balance": Decimal(0), "prepaid": Decimal(0), "current": Decimal(0)}]
    assert values["balance"] - values["prepaid"] == owed
    assert values["balance"] == sum(value for name, value in values.items() if name == "current" or name.startswith("overdue_"))
    assert values["balance"] >= 0
    assert values["prepaid"] >= 0
    for long_ago in (True, False):
        with patch.object(outstanding, "mostly_later", return_value=long_ago):
            other = run(session, "aging", as_of=as_of)
        assert [row.values for row in other.rows] == [row.values for row in report.rows]
        assert other.totals == report.totals
