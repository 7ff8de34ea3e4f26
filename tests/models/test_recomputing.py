"""Kept sums that are wrong are found and put right, with those above them, whether a record has rows behind it or not."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from desktop_crm.models import triggers, turning
from desktop_crm.services.check import check
from tests.services.ledger import TODAY, add, company, customer, debt, receive
from tests.support.spying import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.services.session import Session

WRONG = {
    "receivable": "settled = 7, received = 9",
    "receipt": "allocated = 5",
    "customer": "overdue = 5, oldest_due = '2020-01-01', last_contact = NULL, settled_total = 3, receivable_total = 1, received_total = 8",
}


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        for number in range(3):
            owing = customer(made, f"客户{number}")
            if number:
                add(made, "activity", customer=owing, content="来访")
                due = debt(made, owing, "100.10", date(2026, 1, 2 + number))
                receive(made, owing, "30.05", {due: "30.05"})
        turning.turn(made.store, TODAY, lambda _done, _total: None)
        yield made


def kept(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    found = {}
    for entry in triggers.sums_first():
        columns = [f"`{column}`" for kept in triggers.kept_sums(entry) for column in kept.kept]
        if columns:
            found[entry.table] = list(session.store.sql(f"SELECT id, {', '.join(columns)} FROM `{entry.table}` ORDER BY id").fetchall())  # noqa: S608 - names of the declarations
    return found


def test_what_is_wrong_is_put_right_and_nothing_else_is_written(session: Session) -> None:
    before = kept(session)
    session.write("spoil", "spoil", lambda: [session.store.sql(f"UPDATE `{table}` SET {values}") for table, values in WRONG.items()])  # noqa: S608 - as above
    wrong = {what for what, statement in triggers.rollup_checks(mysql=session.store.mysql) if session.store.sql(statement).fetchall()}
    assert wrong >= {"receivable.settled", "receipt.allocated", "customer.overdue", "customer.oldest_due", "customer.last_contact"}
    assert kept(session) != before
    with session.store.transaction():
        triggers.recompute(session.store)
    assert kept(session) == before
    assert not check(session)
    with session.store.transaction(), statements(session.store) as seen:
        triggers.recompute(session.store)
    assert len(seen) == sum(len(triggers.kept_sums(entry)) for entry in triggers.sums_first()), "one statement for each link"
