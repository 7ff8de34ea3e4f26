"""The receipt editor: suggestion, allocation by hand, what it refuses, duplicates, prepayments, releasing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import Query, Where
from desktop_crm.services import receipts, records, undoing
from desktop_crm.ui.extras import ACTIONS
from desktop_crm.ui.receipts import ReceiptEditor

if TYPE_CHECKING:
    from desktop_crm.services.session import Session
    from tests.ui.conftest import Bench

DUE = dt.date(2026, 1, 10)


@pytest.fixture
def customer(session: Session) -> Ref:
    """Make a customer that owes 100, 200 and 300, in the order they fall due."""
    key = records.save(session, "customer", records.new(session, "customer", name="北京华信科技有限公司")).result.id
    for number, amount in enumerate((100, 200, 300)):
        add(session, key, amount, DUE + dt.timedelta(days=number))
    return Ref(key, "北京华信科技有限公司")


def add(session: Session, customer: int, amount: int, due: dt.date) -> int:
    given = records.new(session, "receivable", customer=customer, document_on=DUE - dt.timedelta(30), due_on=due, amount=Decimal(amount))
    return records.save(session, "receivable", given).result.id


def post(session: Session, customer: int, amount: int, parts: dict[int, Decimal], **values: Any) -> int:
    given = records.new(session, "receipt", customer=customer, received_on=DUE, amount=Decimal(amount), **values)
    return receipts.post_receipt(session, values=given, allocations=parts).result.id


def opened(bench: Bench, key: int | None, **given: Any) -> ReceiptEditor:
    page = ReceiptEditor(bench.desk, key, given)
    bench.show(page)
    assert page.ready
    return page


def type_field(bench: Bench, page: ReceiptEditor, name: str, text: str) -> None:
    editor: Any = page.form.editors[name]
    editor.line.setFocus()
    editor.line.selectAll()
    if text.isascii():
        bench.qtbot.keyClicks(editor.line, text)
    else:
        editor.line.insert(text)
        editor.line.textEdited.emit(text)
    editor.line.left.emit()
    bench.settle()


def type_part(bench: Bench, page: ReceiptEditor, row: int, text: str) -> None:
    grid = page.table.table
    grid.show_cell(row, "part")
    bench.qtbot.keyClick(grid, Qt.Key.Key_F2)
    editor = next(one for one in grid.findChildren(QLineEdit, "receipt.allocations.editor") if not one.isHidden())
    editor.selectAll()
    bench.qtbot.keyClicks(editor, text) if text else editor.clear()
    bench.qtbot.keyClick(editor, Qt.Key.Key_Return)
    bench.settle()


def tick(bench: Bench, page: ReceiptEditor, row: int) -> None:
    page.table.table.show_cell(row, "on")
    bench.qtbot.keyClick(page.table.table, Qt.Key.Key_Space)


def remaining(session: Session) -> list[Decimal]:
    return [row["remaining"] for row in records.page(session, Query("receivable", sort="falls_due", columns=("remaining",)))]


def equation(page: ReceiptEditor, key: str) -> str:
    holder = page.findChild(QWidget, f"receipt.equation.{key}")
    assert holder is not None
    return holder.findChildren(QLabel)[1].text()


def parts(page: ReceiptEditor) -> list[Decimal | None]:
    return [row.get("part") for row in page.table.rows()]  # type: ignore[misc]


def test_an_amount_is_suggested_to_the_oldest_and_posted(bench: Bench, customer: Ref) -> None:
    page = opened(bench, None, customer=customer)
    type_field(bench, page, "amount", "250")
    assert parts(page) == [Decimal(100), Decimal(150), None]
    assert [row["tone"] for row in page.table.rows()] == ["success", "warn", "neutral"]
    assert page.form.frames["amount"].message.text() == "人民币贰佰伍拾元整"
    assert (equation(page, "amount"), equation(page, "allocated"), equation(page, "prepaid")) == ("¥250.00", "¥250.00", "¥0.00")
    page.shortcuts()["submit"]()
    bench.settle()
    assert remaining(bench.session) == [Decimal(0), Decimal(50), Decimal(300)]
    (key,) = records.page(bench.session, Query("receipt", columns=("number", "amount", "allocated")))
    assert (key["amount"], key["allocated"]) == (Decimal(250), Decimal(250))
    assert key["number"] in bench.said[-1][0]
    assert bench.opened[-1] == ("record", "receipt", key["id"], [])
    change_set = bench.said[-1][1]
    assert change_set is not None
    undoing.undo(bench.session, change_set)
    assert remaining(bench.session) == [Decimal(100), Decimal(200), Decimal(300)]
    assert records.count(bench.session, "receipt") == 0


def test_an_amount_typed_on_a_tick_goes_into_its_row(bench: Bench, customer: Ref) -> None:
    page = opened(bench, None, customer=customer)
    type_field(bench, page, "amount", "600")
    grid = page.table.table
    for part in (None, Decimal(200)):
        grid.show_cell(1, "part")
        bench.qtbot.keyClick(grid, Qt.Key.Key_Space)
        assert parts(page) == [Decimal(100), part, Decimal(300)], "the space bar fills from the amount as well"
    for typed, part in (("150", Decimal(150)), ("99.999", Decimal(150))):
        grid.show_cell(1, "on")
        bench.qtbot.keyClicks(grid, typed[0])
        editor = next(one for one in grid.findChildren(QLineEdit, "receipt.allocations.editor") if not one.isHidden())
        bench.qtbot.keyClicks(editor, typed[1:])
        bench.qtbot.keyClick(editor, Qt.Key.Key_Return)
        bench.settle()
        assert parts(page) == [Decimal(100), part, Decimal(300)]
    page.save()
    bench.settle()
    assert records.count(bench.session, "receipt") == 0, "a part of a cent is not rounded away"
    assert page.notes.found


def test_what_is_left_is_said_to_become_a_prepayment(bench: Bench, customer: Ref) -> None:
    page = opened(bench, None, customer=customer)
    type_field(bench, page, "amount", "700")
    assert parts(page) == [Decimal(100), Decimal(200), Decimal(300)]
    assert equation(page, "prepaid") == "¥100.00"
    assert page.prepayment.amount.text() == "¥100.00"
    page.save()
    bench.settle()
    assert records.get(bench.session, "customer", int(customer))["prepaid"] == Decimal(100)


def test_ways_of_allocating(bench: Bench, customer: Ref) -> None:
    page = opened(bench, None, customer=customer)
    type_field(bench, page, "amount", "120")
    page.table.mode.setCurrentIndex(1)
    assert parts(page) == [Decimal(20), Decimal(40), Decimal(60)]
    type_field(bench, page, "amount", "600.00")
    assert parts(page) == [Decimal(100), Decimal(200), Decimal(300)]
    clear, suggest = page.findChild(QPushButton, "receipt.clear"), page.findChild(QPushButton, "receipt.suggest")
    assert clear is not None
    assert suggest is not None
    clear.click()
    assert page.table.whole() == 0
    tick(bench, page, 2)
    tick(bench, page, 0)
    assert parts(page) == [Decimal(100), None, Decimal(300)]
    # By hand an amount that changes leaves the parts alone.
    type_field(bench, page, "amount", "450")
    assert parts(page) == [Decimal(100), None, Decimal(300)]
    tick(bench, page, 1)
    assert parts(page) == [Decimal(100), Decimal(50), Decimal(300)]
    tick(bench, page, 1)
    assert parts(page) == [Decimal(100), None, Decimal(300)]
    suggest.click()
    assert parts(page) == [Decimal(100), Decimal(200), Decimal(150)]


def test_more_than_remains_is_marked_and_put_right_with_a_click(bench: Bench, customer: Ref) -> None:
    page = opened(bench, None, customer=customer)
    type_field(bench, page, "amount", "600")
    type_part(bench, page, 0, "150")
    assert page.table.table.problems()[0][:2] == (0, "part")
    page.save()
    bench.settle()
    assert not page.banner.isHidden()
    assert records.count(bench.session, "receipt") == 0
    page.table.go_to(0)
    fix = page.window().findChild(QPushButton, "receipt.allocations.fix_1")
    assert fix is not None
    fix.click()
    assert parts(page)[0] == Decimal(100)
    assert page.table.table.problems() == []
    bench.settle()
    assert page.banner.isHidden()


@pytest.mark.parametrize("text", ["abc", "-5", "1.005"])
def test_a_part_that_is_no_amount_is_refused(bench: Bench, customer: Ref, text: str) -> None:
    page = opened(bench, None, customer=customer)
    type_field(bench, page, "amount", "600")
    type_part(bench, page, 1, text)
    page.save()
    bench.settle()
    assert page.table.table.problems()[0][:2] == (1, "part")
    assert page.table.table.lines.text(1, "part").strip() != ""
    assert records.count(bench.session, "receipt") == 0


@pytest.mark.parametrize("text", ["", "0", "-20", "二十只"])
def test_an_amount_that_is_none_is_refused(bench: Bench, customer: Ref, text: str) -> None:
    page = opened(bench, None, customer=customer)
    if text:
        type_field(bench, page, "amount", text)
    page.save()
    bench.settle()
    assert page.form.editors["amount"].problem_level() == "error"
    assert not page.banner.isHidden()
    assert records.count(bench.session, "receipt") == 0


def test_allocating_more_than_came_in_is_refused(bench: Bench, customer: Ref) -> None:
    page = opened(bench, None, customer=customer)
    type_field(bench, page, "amount", "250")
    type_part(bench, page, 2, "300")
    assert equation(page, "open") == "-¥300.00"
    page.save()
    bench.settle()
    assert records.count(bench.session, "receipt") == 0
    assert not page.banner.isHidden()
    type_field(bench, page, "amount", "550")
    assert page.banner.isHidden()
    page.save()
    bench.settle()
    assert remaining(bench.session) == [Decimal(0), Decimal(50), Decimal(0)]


def test_a_reference_that_came_before_and_another_payer_are_remarked_on(bench: Bench, customer: Ref) -> None:
    key = post(bench.session, customer, 60, {}, reference="CMB 0001")
    number = records.get(bench.session, "receipt", key)["number"]
    page = opened(bench, None, customer=customer)
    type_field(bench, page, "reference", "CMB 0001")
    reference, payer = page.form.editors["reference"], page.form.editors["payer"]
    assert reference.problem_level() == "warning"
    assert number in reference.problem()
    type_field(bench, page, "reference", "CMB 0002")
    assert reference.problem_level() == "ok"
    type_field(bench, page, "payer", "天津分公司")
    assert payer.problem_level() == "warning"
    type_field(bench, page, "payer", "北京华信科技有限公司")
    assert payer.problem_level() == ""
    assert [row["number"] for row in page.recent.table.rows()] == [number]
    # A remark doesn't stand in the way.
    type_field(bench, page, "reference", "CMB 0001")
    type_field(bench, page, "amount", "100")
    page.save()
    bench.settle()
    assert records.count(bench.session, "receipt", Where("reference", "eq", "CMB 0001")) == 2


def test_an_allocation_is_released_by_emptying_it(bench: Bench, customer: Ref) -> None:
    first, second = (row["id"] for row in records.page(bench.session, Query("receivable", sort="falls_due", columns=("number",)), limit=2))
    key = post(bench.session, customer, 250, {first: Decimal(100), second: Decimal(150)})
    page = opened(bench, key)
    assert parts(page) == [Decimal(100), Decimal(150), None]
    assert [row["remaining"] for row in page.table.rows()] == [Decimal(100), Decimal(200), Decimal(300)]
    assert not page.dirty
    type_part(bench, page, 0, "")
    assert page.dirty
    assert equation(page, "prepaid") == "¥100.00"
    page.save()
    bench.settle()
    assert remaining(bench.session) == [Decimal(100), Decimal(50), Decimal(300)]
    assert records.get(bench.session, "receipt", key)["unallocated"] == Decimal(100)


def test_a_prepayment_is_used_later(bench: Bench, customer: Ref) -> None:
    key = post(bench.session, customer, 80, {})
    action = next(one for one in ACTIONS["receipt"] if one.key == "prepayment")
    values = records.get(bench.session, "receipt", key)
    assert action.visible(bench.session, values)
    action.act(bench.desk, values)
    assert bench.opened[-1] == ("page", "edit", {"entity": "receipt", "key": key})
    page = opened(bench, key)
    tick(bench, page, 1)
    assert parts(page) == [None, Decimal(80), None]
    page.save()
    bench.settle()
    assert remaining(bench.session) == [Decimal(100), Decimal(120), Decimal(300)]
    assert not action.visible(bench.session, records.get(bench.session, "receipt", key))


def test_a_receivable_brings_its_customer_and_what_remains(bench: Bench, customer: Ref) -> None:
    second = records.page(bench.session, Query("receivable", sort="falls_due", columns=("number",)), limit=2)[1]["id"]
    action = next(one for one in ACTIONS["receivable"] if one.key == "receipt")
    action.act(bench.desk, records.get(bench.session, "receivable", second))
    _kind, entity, given = bench.opened[-1]
    assert entity == "receipt"
    page = opened(bench, None, **given)
    assert (page.form.get("customer"), page.form.get("amount")) == (customer, Decimal(200))
    assert parts(page) == [None, Decimal(200), None]
    page.save()
    bench.settle()
    assert remaining(bench.session) == [Decimal(100), Decimal(0), Decimal(300)]


def test_another_customer_brings_other_receivables(bench: Bench, customer: Ref) -> None:
    other = records.save(bench.session, "customer", records.new(bench.session, "customer", name="上海远洋")).result.id
    add(bench.session, other, 70, DUE)
    page = opened(bench, None, customer=customer)
    type_field(bench, page, "amount", "100")
    page.form.set_link("customer", Ref(other, "上海远洋"))
    bench.settle()
    assert [row["remaining"] for row in page.table.rows()] == [Decimal(70)]
    assert parts(page) == [Decimal(70)]
    assert equation(page, "prepaid") == "¥30.00"


def test_the_draft_keeps_the_allocation(bench: Bench, customer: Ref) -> None:
    page = opened(bench, None)
    page.form.set_link("customer", customer)
    bench.settle()
    type_field(bench, page, "amount", "90")
    type_part(bench, page, 2, "40")
    type_part(bench, page, 0, "")
    assert page.may_leave()
    again = opened(bench, None)
    assert (again.form.get("customer"), again.form.get("amount")) == (customer, Decimal(90))
    assert parts(again) == [None, None, Decimal(40)]
    again.save()
    bench.settle()
    assert remaining(bench.session) == [Decimal(100), Decimal(200), Decimal(260)]
    assert not again.drafts.path.exists()


def test_a_receivable_settled_meanwhile_is_refused_in_words(bench: Bench, customer: Ref) -> None:
    first = records.page(bench.session, Query("receivable", sort="falls_due", columns=("number",)), limit=1)[0]["id"]
    page = opened(bench, None, customer=customer)
    type_field(bench, page, "amount", "100")
    post(bench.session, customer, 100, {first: Decimal(100)})
    page.save()
    bench.settle()
    assert records.count(bench.session, "receipt") == 1
    assert not page.banner.isHidden()
    assert page.dirty
    assert [row["remaining"] for row in page.table.rows()] == [Decimal(200), Decimal(300)]
