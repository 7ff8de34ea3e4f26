"""Refund, transfer, write-off, release and move from the pages of receipt, receivable and allocation; invoices with red letters; the month-end close."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.services import closing, history, receipts, records, settlements
from desktop_crm.ui.ask_dialog import AskDialog
from desktop_crm.ui.extras import ACTIONS, load_special
from desktop_crm.ui.receipts import ReceiptEditor
from desktop_crm.ui.record_feed import change_events
from desktop_crm.ui.settings_closing import ClosingCard

if TYPE_CHECKING:
    from desktop_crm.services.session import Session
    from tests.ui.conftest import Bench

load_special()
DAY = dt.date(2026, 1, 10)


class Books:
    """A customer that owes 100 and 60, and has paid 150, of which 80 settles the first."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.customer = records.save(session, "customer", records.new(session, "customer", name="华信")).result.id
        self.debts = [
            records.save(session, "receivable", records.new(session, "receivable", customer=self.customer, amount=Decimal(amount), document_on=DAY)).result.id
            for amount in (100, 60)
        ]
        values = records.new(session, "receipt", customer=self.customer, amount=Decimal(150), received_on=DAY)
        self.receipt = receipts.post_receipt(session, values=values, allocations={self.debts[0]: Decimal(80)}).result.id

    def left(self) -> list[Decimal]:
        rows = session_rows(self.session, "receivable", "remaining")
        return [row["remaining"] for row in rows]


def session_rows(session: Session, name: str, *names: str) -> list[dict[str, Any]]:
    return session.records.find(session.entity(name), EVERYTHING, names, sort="id")


@pytest.fixture
def books(session: Session) -> Books:
    return Books(session)


def act(bench: Bench, entity: str, key: str, record: int) -> None:
    action = next(one for one in ACTIONS[entity] if one.key == key)
    values = records.get(bench.session, entity, record)
    assert action.visible(bench.session, values)
    action.act(bench.desk, values)
    bench.settle()


def dialog(name: str) -> AskDialog:
    return next(one for one in QApplication.topLevelWidgets() if isinstance(one, AskDialog) and one.objectName() == name and one.isVisible())


def answer(bench: Bench, name: str, **values: Any) -> AskDialog:
    asked = dialog(name)
    for field, value in values.items():
        asked.editors[field].set_value(value)
    asked.accept_button.click()
    bench.settle()
    return asked


def test_a_refund_is_asked_for_and_refused_with_its_reason(bench: Bench, books: Books) -> None:
    bench.show(QWidget())
    act(bench, "receipt", "refund", books.receipt)
    asked = answer(bench, "refund", amount=Decimal("70.01"))
    assert asked.isVisible()
    assert "70.00" in str(asked.editors["amount"].problem())
    answer(bench, "refund", amount=Decimal(30))
    assert not asked.isVisible()
    assert records.get(bench.session, "receipt", books.receipt)["unallocated"] == Decimal(40)
    assert "30.00" in bench.said[-1][0]


def test_nobody_to_transfer_to_is_said(bench: Bench, books: Books) -> None:
    bench.show(QWidget())
    act(bench, "receipt", "transfer", books.receipt)
    assert len(bench.said) == 1
    branch = records.save(bench.session, "customer", records.new(bench.session, "customer", name="华信分公司", payer=Ref(books.customer, "华信"))).result.id
    act(bench, "receipt", "transfer", books.receipt)
    asked = dialog("transfer")
    assert not records.get(bench.session, "customer", branch)["prepaid"]
    asked.reject()


def test_a_write_off_begins_with_what_remains(bench: Bench, books: Books) -> None:
    bench.show(QWidget())
    act(bench, "receivable", "write_off", books.debts[1])
    kind, entity, given = bench.opened[-1]
    assert (kind, entity, given["kind"], given["amount"]) == ("new", "receipt", "bad_debt", Decimal(60))
    page = ReceiptEditor(bench.desk, None, given)
    bench.show(page)
    assert page.table.parts() == {books.debts[1]: Decimal(60)}
    page.table.clear()
    page.save()
    bench.settle()
    assert books.left() == [Decimal(20), Decimal(60)], "a write-off that settles nothing isn't saved"
    page.table.put({books.debts[1]: Decimal(60)})
    page.save()
    bench.settle()
    assert books.left() == [Decimal(20), Decimal(0)]


def test_an_allocation_is_moved_and_released(bench: Bench, books: Books) -> None:
    bench.show(QWidget())
    ((first,),) = [(row["id"],) for row in session_rows(bench.session, "allocation", "amount")]
    act(bench, "allocation", "move", first)
    asked = dialog("move_allocation")
    editor: Any = asked.editors["receivable"]
    from desktop_crm.ui.kit.fields import Choice

    editor.set_value(Choice(books.debts[1], "YS"))
    answer(bench, "move_allocation", amount=Decimal(60))
    assert books.left() == [Decimal(80), Decimal(0)]
    act(bench, "allocation", "release", first)
    assert books.left() == [Decimal(100), Decimal(0)]
    assert bench.opened[-1] == ("back",)


def test_what_was_refunded_stays_in_the_grid(bench: Bench, books: Books) -> None:
    bench.show(QWidget())
    act(bench, "receipt", "refund", books.receipt)
    answer(bench, "refund", amount=Decimal(50))
    page = ReceiptEditor(bench.desk, books.receipt, {})
    bench.show(page)
    used = session_rows(bench.session, "receivable", "kind")[-1]["id"]
    page.table.suggest_again()
    assert page.table.parts() == {books.debts[0]: Decimal(100), used: Decimal(50)}
    page.table.clear()
    assert page.table.parts() == {used: Decimal(50)}
    page.save()
    bench.settle()
    assert books.left() == [Decimal(100), Decimal(60), Decimal(0)]


def test_an_invoice_and_its_red_letter(bench: Bench, books: Books) -> None:
    bench.show(QWidget())
    act(bench, "receivable", "issue_invoice", books.debts[0])
    answer(bench, "issue_invoice", number="24110001", amount=Decimal(90))
    made = session_rows(bench.session, "invoice", "total")[0]["id"]
    assert records.get(bench.session, "receivable", books.debts[0])["uninvoiced"] == Decimal(10)
    act(bench, "invoice", "red_letter", made)
    answer(bench, "red_letter", number="24110002", amount=Decimal(40))
    assert records.get(bench.session, "receivable", books.debts[0])["uninvoiced"] == Decimal(50)


def test_a_month_is_closed_and_reopened(bench: Bench, books: Books) -> None:
    card = ClosingCard(bench.desk)
    bench.desk.changed.connect(lambda _entities: card.load())
    bench.show(card)
    card.close_button.click()
    answer(bench, "close_books", through=DAY)
    assert closing.closed_through(bench.session) == DAY
    assert ("2026-01-10" in bench.said[-1][0], bench.said[-1][1]) == (True, None), "no undo is offered where there is none"
    label = card.findChild(QLabel, "settings.closing.through")
    assert label is not None
    assert "2026-01-10" in label.text()
    act(bench, "receipt", "refund", books.receipt)
    asked = answer(bench, "refund", on=DAY)
    assert "2026-01-10" in asked.problem.text()
    asked.reject()
    card.reopen_button.click()
    answer(bench, "reopen_books", through=None)
    assert closing.closed_through(bench.session) is None


def test_the_feed_of_a_receivable_says_what_settled_it_and_how_much(bench: Bench, books: Books) -> None:
    session = bench.session
    number = records.get(session, "receipt", books.receipt)["number"]
    (allocation,) = session_rows(session, "allocation", "id")
    settlements.release_allocation(session, allocation=allocation["id"])
    found = change_events(session.catalog, session.spec("receivable"), history.record_history(session, "receivable", books.debts[0]), DAY)
    assert [event.text for _at, event in found] == [f"核销记录 删除：{number} 收款 80.00", f"核销记录 新增：{number} 收款 80.00", "新增"]
