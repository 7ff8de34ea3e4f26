"""A customer's opening balance is one receivable, in step with what is typed at the customer."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import Blocked, UserError
from desktop_crm.services import records, undoing, writing
from tests.services.ledger import TODAY, company, customer, debt, figures, money, receive, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.session import Session


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


def set_opening(session: Session, of: int, amount: str | None) -> int | None:
    return records.save(session, "customer", {"opening_balance": money(amount) if amount else None}, key=of).change_set


def openings(session: Session, of: int) -> list[tuple[object, ...]]:
    found = rows(session, "receivable", "kind", "name", "document_on", "amount", customer=of)
    return [row for row in found if row[0] == "opening"]


def test_the_opening_receivable_comes_changes_and_goes(session: Session) -> None:
    of = customer(session, opening_balance=money("1200.50"))
    assert openings(session, of) == [("opening", "期初余额", TODAY, money("1200.50"))]
    records.save(session, "customer", {"note": "call back"}, key=of)
    changed = set_opening(session, of, "800")
    assert openings(session, of) == [("opening", "期初余额", TODAY, money("800.00"))]
    set_opening(session, of, None)
    assert openings(session, of) == []
    assert figures(session, "customer", of, "balance") == (0,)
    undoing.undo_last(session)
    assert changed is not None
    undoing.undo(session, changed)
    assert figures(session, "customer", of, "opening_balance", "balance") == (money("1200.50"), money("1200.50"))


def test_a_settled_opening_balance_neither_shrinks_below_nor_goes(session: Session) -> None:
    of = customer(session, opening_balance=money("1000"))
    ((key,),) = rows(session, "receivable", "id", customer=of)
    receive(session, of, "400", {key: "400"})
    with pytest.raises(UserError, match=r"400\.00"):
        set_opening(session, of, "399.99")
    with pytest.raises(Blocked, match="YS-26-0001"):
        set_opening(session, of, None)
    set_opening(session, of, "400")
    assert figures(session, "receivable", key, "state") == ("settled",)


def test_opening_receivables_entered_by_hand_are_left_alone(session: Session) -> None:
    of = customer(session)
    debt(session, of, "60", kind="opening")
    debt(session, of, "40", kind="opening")
    records.save(session, "customer", {"note": "call back"}, key=of)
    assert len(openings(session, of)) == 2
    set_opening(session, of, "7")
    set_opening(session, of, None)
    assert [row[3] for row in openings(session, of)] == [money("60.00"), money("40.00")]


def test_a_customer_in_credit_starts_below_zero(session: Session) -> None:
    of = customer(session, opening_balance=money("-50"))
    assert figures(session, "customer", of, "balance") == (money("-50.00"),)


def test_many_customers_get_their_opening_balances_without_a_query_for_each(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [records.new(session, "customer", name=f"客户{number}", opening_balance=money("1.10") if number % 2 else None) for number in range(60)]
    asked: list[object] = []
    real = session.store.execute

    def counted(query: object) -> object:
        asked.append(query)
        return real(query)

    monkeypatch.setattr(session.store, "execute", counted)
    session.write("import", "import", lambda: writing.insert_rows(session, "customer", many))
    assert len(asked) < 20
    assert records.totals(session, "customer")["balance"] == money("33.00")
    assert {row[0] for row in rows(session, "receivable", "document_on")} == {date(2026, 6, 30)}
