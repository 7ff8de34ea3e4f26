"""Every figure of every report opens rows that add up to it: a list of records, or the rows under its row."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from desktop_crm.reports.base import Row, run
from desktop_crm.services import invoices, settlements
from tests.services.ledger import TODAY, add, company, customer, debt, money, receive, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.session import Session

ADDED = {"receivable": ("remaining", "amount", "settled"), "receipt": ("unallocated", "amount", "allocated"), "contract": ("total",), "allocation": ("amount",), "invoice": ("total",)}
ASKED: list[tuple[str, dict[str, Any]]] = [
    *(("aging", {"by": by, "basis": basis, "as_of": day}) for by in ("customer", "owner", "department", "contract") for basis in ("due", "document") for day in (TODAY, date(2026, 3, 15), date(2026, 9, 1))),
    ("aging", {"as_of": date(2026, 3, 15), "less_prepaid": True, "buckets": (10, 20, 45)}), ("aging", {"overdue_only": True}),
    ("overdue", {}), ("due", {}), ("dunning", {}), ("invoiced", {}), ("statements", {"date_from": date(2026, 1, 1)}),
    *(("receipts", {"date_from": date(2026, 1, 1), "by": by}) for by in ("month", "day", "customer", "owner", "method")),
]  # fmt: skip


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


def books(session: Session) -> None:
    """Two contracts invoiced on one invoice, money before and after a day, a prepayment for a contract, a red letter, a refund, a credit note."""
    of, other = customer(session), customer(session, "乙公司")
    for number, state in ((1, "active"), (2, "done")):
        add(session, "contract", customer=of, number=f"HT{number}", title="法兰", signed_on=date(2026, 1, number), state=state, amount=money("1000"), payment_terms="月结30天")
    first, second = (row[0] for row in rows(session, "receivable", "id"))
    one, two = (row[0] for row in rows(session, "contract", "id"))
    add(session, "receivable", customer=of, contract=one, kind="delivery", amount=money("333.33"), document_on=date(2026, 2, 3))
    merged = invoices.issue_invoice(session, values={"number": "1", "issued_on": date(2026, 2, 5)}, receivables={first: money("600"), second: money("400")}).result
    invoices.red_letter(session, invoice=merged, number="2", on=date(2026, 4, 1), total=money("700"))
    add(session, "invoice", customer=of, contract=two, number="3", issued_on=date(2026, 5, 1), total=money("113"))
    receive(session, of, "1500", {first: "700", second: "300"}, on=date(2026, 2, 10), contract=two)
    receive(session, of, "200", {first: "200"}, on=date(2026, 5, 10))
    paid = receive(session, other, "80", {debt(session, other, "50", on=date(2026, 3, 1)): "50"}, on=date(2026, 3, 10))
    settlements.refund(session, receipt=paid.id, amount=money("10"), on=date(2026, 5, 2))
    settlements.settle_without_money(session, kind="credit", allocations={debt(session, other, "70.07", date(2026, 2, 1)): money("20.01")}, on=date(2026, 4, 20))
    debt(session, other, "9.99", date(2026, 8, 1), on=date(2026, 6, 29))


def opened(session: Session, row: Row, key: str) -> Decimal | set[Decimal]:
    """Return the sum of the rows under a row, or the sums of the records a figure lists: which of these it is, its heading says."""
    if row.under is not None and (row.replayed or key not in row.drills):
        return sum((one.values[key] for one in row.under(session) if isinstance(one.values.get(key), Decimal)), Decimal(0))
    drill = row.drills[key]
    found = session.records.find(session.entity(drill.entity), session.readable(drill.entity, drill.condition), ADDED[drill.entity])
    return {sum((one[name] for one in found), Decimal(0)) for name in ADDED[drill.entity]}


def test_what_a_figure_opens_adds_up_to_it(session: Session) -> None:
    books(session)
    for name, settings in ASKED:
        report = run(session, name, **settings)
        assert report.rows
        amounts = [spec.name for spec in report.columns if spec.kind.name == "money"]
        for row in report.rows:
            for key in amounts:
                figure = row.values.get(key)
                if figure is not None and (key in row.drills or row.under is not None):
                    sums = opened(session, row, key)
                    assert figure == sums or (isinstance(sums, set) and figure in sums), (name, settings, key)
        for key in amounts:
            assert report.totals.get(key) in {None, sum((row.values.get(key) or Decimal(0) for row in report.rows), Decimal(0))}, (name, settings, key)
