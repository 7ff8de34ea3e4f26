"""Due dates that count from the invoice, the delivery or the signed statement come with it, and go when it goes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from desktop_crm.base.errors import Blocked
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.reports.base import run
from desktop_crm.reports.dunning import letters
from desktop_crm.services import closing, invoices, records, undoing
from desktop_crm.services.check import check
from tests.services.ledger import TODAY, add, company, customer, debt, figures, money, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.session import Session

SIGNED = date(2026, 1, 10)


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made
        assert check(made) == []


def sold(session: Session, of: int, terms: str, **values: Any) -> tuple[int, int]:
    """Return a contract in force over 100 and its receivable."""
    key = add(session, "contract", customer=of, title="法兰", signed_on=SIGNED, state="active", amount=money("100"), payment_terms=terms, **values)
    ((receivable,),) = rows(session, "receivable", "id", contract=key)
    return key, receivable


def due(session: Session, receivable: int) -> date | None:
    found: date | None = records.get(session, "receivable", receivable)["due_on"]
    return found


def invoice(session: Session, number: str, on: date, receivable: int, amount: str = "100") -> int:
    return invoices.issue_invoice(session, values={"number": number, "issued_on": on}, receivables={receivable: money(amount)}).result


def test_before_the_invoice_there_is_no_due_date_and_the_report_says_so(session: Session) -> None:
    of = customer(session)
    _contract, owed = sold(session, of, "票到30天")
    assert due(session, owed) is None
    answer = run(session, "aging", as_of=TODAY)
    assert answer.totals["balance"] == money("100.00")
    assert answer.rows[0].values["overdue_4"] == money("100.00"), "its document date counts"
    assert "1" in answer.notes[0]
    assert letters(session, TODAY) == {}, "nobody is dunned for what waits"
    assert "1" in run(session, "dunning", as_of=TODAY).notes[0]
    invoice(session, "1", date(2026, 6, 20), owed)
    assert due(session, owed) == date(2026, 7, 20)
    answer = run(session, "aging", as_of=TODAY)
    assert answer.rows[0].values["current"] == money("100.00")
    assert answer.notes == ()
    assert letters(session, date(2026, 7, 30))[of].days == 10


def test_month_ends_and_working_days_are_reckoned_from_the_invoice_as_well(session: Session) -> None:
    of = customer(session)
    (_one, monthly), (_two, worked) = sold(session, of, "票到月结30天"), sold(session, of, "收到发票后10个工作日")
    assert (due(session, monthly), due(session, worked)) == (None, None)
    invoice(session, "1", date(2026, 4, 20), monthly)
    invoice(session, "2", date(2026, 4, 20), worked)
    assert due(session, monthly) == date(2026, 5, 30)
    assert due(session, worked) == date(2026, 5, 7), "Labour Day is off from the 1st to the 5th"


def test_the_first_invoice_that_stands_counts(session: Session) -> None:
    _contract, owed = sold(session, customer(session), "票到30天")
    first = invoice(session, "1", date(2026, 3, 1), owed, "40")
    second = invoice(session, "2", date(2026, 4, 1), owed, "60")
    assert due(session, owed) == date(2026, 3, 31)
    red = invoices.red_letter(session, invoice=first, number="3", on=date(2026, 5, 1))
    assert due(session, owed) == date(2026, 5, 1), "30 days after the second"
    undoing.undo(session, red.change_set or 0)
    assert due(session, owed) == date(2026, 3, 31)
    records.save(session, "invoice", {"issued_on": date(2026, 3, 11)}, key=first)
    assert due(session, owed) == date(2026, 4, 10)
    records.delete(session, "invoice", [first])
    assert due(session, owed) == date(2026, 5, 1)
    records.save(session, "invoice", {}, key=second, lines={"invoice_cover": []})
    assert due(session, owed) == date(2026, 5, 1), "now it stands for the contract as a whole"
    records.delete(session, "invoice", [second])
    assert due(session, owed) is None


def test_an_invoice_that_names_the_contract_alone_counts(session: Session) -> None:
    of = customer(session)
    key, owed = sold(session, of, "票到1个月")
    add(session, "invoice", customer=of, contract=key, number="1", issued_on=date(2026, 1, 31), total=money("100"))
    assert due(session, owed) == date(2026, 2, 28)
    records.save(session, "contract", {"title": "法兰盘"}, key=key)
    assert due(session, owed) == date(2026, 2, 28)
    records.save(session, "contract", {"payment_terms": "月结30天"}, key=key)
    assert due(session, owed) == date(2026, 3, 2)
    records.save(session, "contract", {"payment_terms": "票到10天"}, key=key)
    assert due(session, owed) == date(2026, 2, 10)


def test_the_delivery_of_the_contract_counts(session: Session) -> None:
    key, owed = sold(session, customer(session), "货到30天")
    assert due(session, owed) is None
    records.save(session, "contract", {"delivery_on": date(2026, 2, 1)}, key=key)
    assert due(session, owed) == date(2026, 3, 3)
    records.save(session, "contract", {"delivery_on": None}, key=key)
    assert due(session, owed) is None


def test_the_signed_statement_counts_where_it_agrees(session: Session) -> None:
    of = customer(session, payment_terms="对账后30天")
    _contract, owed = sold(session, of, "对账后30天")
    by_hand, typed, later = debt(session, of, "50", on=date(2026, 1, 20)), debt(session, of, "60", date(2026, 2, 2), on=date(2026, 1, 20)), debt(session, of, "70", on=date(2026, 2, 1))
    sent = add(session, "confirmation", customer=of, date_from=date(2026, 1, 1), date_to=date(2026, 1, 31), closing=money("210"), sent_on=date(2026, 2, 3))
    assert due(session, owed) is due(session, by_hand) is None
    records.save(session, "confirmation", {"returned_on": date(2026, 2, 10), "their_balance": money("200")}, key=sent)
    assert due(session, owed) is None, "it came back with a difference"
    records.save(session, "confirmation", {"their_balance": None}, key=sent)
    assert [due(session, key) for key in (owed, by_hand, typed, later)] == [date(2026, 3, 12), date(2026, 3, 12), date(2026, 2, 2), None]
    records.delete(session, "confirmation", [sent])
    assert due(session, owed) is None


def test_a_due_date_rolls_over_the_holidays(session: Session) -> None:
    profile = session.records.ids_where(session.entity("company"), EVERYTHING)[0]
    records.save(session, "company", {"roll_due": True}, key=profile)
    _contract, owed = sold(session, customer(session), "票到30天")
    invoice(session, "1", date(2026, 1, 20), owed)
    assert due(session, owed) == date(2026, 2, 24), "2026-02-19 lies in the Spring Festival"


def test_a_closed_period_lets_the_due_date_come_and_go_but_not_change(session: Session) -> None:
    _contract, owed = sold(session, customer(session), "票到30天")
    closing.close_books(session, through=date(2026, 3, 31))
    first = invoice(session, "1", date(2026, 5, 1), owed)
    assert due(session, owed) == date(2026, 5, 31)
    invoices.red_letter(session, invoice=first, number="2", on=date(2026, 6, 1))
    assert due(session, owed) is None
    invoice(session, "3", date(2026, 6, 2), owed)
    assert due(session, owed) == date(2026, 7, 2)
    for value in (date(2026, 12, 31), date(2025, 1, 1)):
        with pytest.raises(Blocked):
            records.save(session, "receivable", {"due_on": value}, key=owed)
    assert figures(session, "receivable", owed, "due_on") == (date(2026, 7, 2),)
