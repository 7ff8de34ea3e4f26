"""A record's page: changed in place, edited as a whole, two people at once, drafts, lines."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

import desktop_crm.ui.pages  # noqa: F401 - what is special about an entity registers there
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import Query, Where
from desktop_crm.services import records
from desktop_crm.ui.kit.fields import Editor, LineEditor
from desktop_crm.ui.kit.popup import Choice
from desktop_crm.ui.record_page import RecordPage

if TYPE_CHECKING:
    from pathlib import Path

    from desktop_crm.services.session import Session
    from desktop_crm.ui.record_edit import RecordEdit
    from tests.ui.conftest import Bench


@pytest.fixture
def customer(session: Session) -> int:
    return records.save(session, "customer", {"name": "恒泰科技", "mobile": "13800138000", "city": "北京", "credit_limit": Decimal(100)}).result.id


def opened(bench: Bench, entity: str, key: int | None, **given: object) -> RecordPage:
    page = RecordPage(bench.desk, entity, key, given=given)
    bench.show(page)
    return page


def editor_of(page: RecordPage) -> RecordEdit:
    assert page.edit is not None
    return page.edit


def press(editor: Editor | None, key: Qt.Key) -> None:
    line = editor.focusProxy() if editor is not None else None
    assert line is not None
    QTest.keyClick(line, key)


def test_a_field_is_changed_in_place(bench: Bench, session: Session, customer: int) -> None:
    page = opened(bench, "customer", customer)
    field = page.cards[1].fields["city"]
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_F2)
    assert field.editor is not None
    field.editor.set_value("上海")
    press(field.editor, Qt.Key.Key_Return)
    bench.settle()
    assert records.get(session, "customer", customer)["city"] == "上海"
    assert field.editor is None
    assert field.value == "上海"
    limit = page.cards[2].fields["credit_limit"]
    limit.edit()
    assert limit.editor is not None
    assert isinstance(limit.editor, LineEditor)
    QTest.keyClicks(limit.editor.line, "viel")
    press(limit.editor, Qt.Key.Key_Return)
    assert limit.editor is not None, "what can't be read stays open"
    press(limit.editor, Qt.Key.Key_Escape)
    assert limit.editor is None
    assert limit.value == Decimal(100)


def test_fields_that_only_one_side_changed_merge_and_the_others_are_asked_about(bench: Bench, session: Session, customer: int) -> None:
    page = opened(bench, "customer", customer)
    page.begin_edit()
    bench.settle()
    edit = editor_of(page)
    records.save(session, "customer", {"city": "广州", "mobile": "13911112222"}, key=customer)
    edit.form.set_value("mobile", "13700137000")
    edit.form.set_value("short_name", "恒泰")
    edit.save()
    bench.settle()
    dialog = edit.saver.dialog
    assert dialog is not None
    assert [one.field.name for one in dialog.rows] == ["mobile"]
    assert not dialog.save.isEnabled(), "nothing is saved before every field is decided"
    dialog.rows[0].choose("mine")
    dialog.save.click()
    bench.settle()
    now = records.get(session, "customer", customer)
    assert (now["city"], now["mobile"], now["short_name"]) == ("广州", "13700137000", "恒泰")
    assert page.edit is None


def test_going_back_from_a_conflict_keeps_what_was_typed(bench: Bench, session: Session, customer: int) -> None:
    page = opened(bench, "customer", customer)
    page.begin_edit()
    bench.settle()
    edit = editor_of(page)
    records.save(session, "customer", {"mobile": "13911112222"}, key=customer)
    edit.form.set_value("mobile", "13700137000")
    edit.save()
    bench.settle()
    assert edit.saver.dialog is not None
    edit.saver.dialog.reject()
    bench.settle()
    assert edit.form.current()["mobile"] == "13700137000"
    assert edit.save_button.isEnabled()
    assert records.get(session, "customer", customer)["mobile"] == "13911112222"


def test_a_draft_survives_the_page_and_is_offered_again(bench: Bench, session: Session, customer: int) -> None:
    page = opened(bench, "customer", customer)
    page.begin_edit()
    bench.settle()
    edit = editor_of(page)
    edit.form.set_value("note", "谈到一半")
    edit.form.set_value("city", "杭州")
    path: Path = edit.drafts.path
    bench.qtbot.waitUntil(path.exists)
    again = opened(bench, "customer", customer)
    assert again.banner.isVisible()
    records.save(session, "customer", {"city": "广州"}, key=customer)
    again.restore_draft()
    bench.settle()
    edit = editor_of(again)
    assert edit.form.current()["note"] == "谈到一半"
    edit.save()
    bench.settle()
    assert edit.saver.dialog is not None, "a change made since the draft was begun is not overwritten"
    assert [one.field.name for one in edit.saver.dialog.rows] == ["city"]
    edit.saver.dialog.all("mine")
    edit.saver.dialog.save.click()
    bench.settle()
    now = records.get(session, "customer", customer)
    assert (now["note"], now["city"]) == ("谈到一半", "杭州")
    assert not path.exists()


def test_leaving_with_changes_keeps_them_as_a_draft_and_says_so(bench: Bench, session: Session, customer: int) -> None:
    del session
    page = opened(bench, "customer", customer)
    assert page.may_leave()
    page.begin_edit()
    bench.settle()
    edit = editor_of(page)
    edit.form.set_value("credit_limit", Decimal("12.34"))
    assert page.may_leave()
    assert json.loads(edit.drafts.path.read_text(encoding="utf-8"))["fields"] == {"credit_limit": "12.34"}
    assert bench.said
    edit.cancel()
    bench.settle()
    assert not edit.drafts.path.exists()


def test_a_new_record_is_saved_with_its_lines_and_their_figures(bench: Bench, session: Session, customer: int) -> None:
    product = records.save(session, "product", {"name": "电机", "unit": "台", "price": Decimal("113.00"), "tax_rate": Decimal("0.13")}).result.id
    page = opened(bench, "contract", None, customer=customer)
    edit = editor_of(page)
    assert isinstance(edit.values()["customer"], Ref)
    edit.save()
    assert edit.banner.isVisible(), "the date is missing"
    edit.form.set_value("signed_on", date(2026, 3, 1))
    panel = edit.panels["contract_line"]
    lines = panel.table.lines
    name = lines.column_of("product_name")
    lines.pick(0, name, Choice(product, "电机"))
    bench.settle()
    lines.type_in(0, lines.column_of("quantity"), "2")
    row = panel.rows()[0]
    assert (row["unit"], row["net"], row["total"]) == ("台", Decimal("200.00"), Decimal("226.00"))
    assert (int(row["product"]), row["product_name"]) == (product, "电机")
    edit.save()
    bench.settle()
    (made,) = records.page(session, Query("contract", columns=("number", "total", "customer")))
    assert made["total"] == Decimal("226.00")
    assert made["number"]
    assert bench.opened[-1][:3] == ("record", "contract", made["id"])


def test_a_line_that_cannot_be_saved_is_marked_in_its_cell(bench: Bench, session: Session, customer: int) -> None:
    del session
    page = opened(bench, "contract", None, customer=customer)
    edit = editor_of(page)
    edit.form.set_value("signed_on", date(2026, 3, 1))
    panel = edit.panels["contract_line"]
    panel.table.lines.type_in(0, panel.table.lines.column_of("product_name"), "电机")
    panel.table.lines.type_in(0, panel.table.lines.column_of("quantity"), "zwei")
    edit.save()
    assert {key for _row, key, _text in panel.table.problems()} == {"quantity", "price"}
    assert [problem.field for problem in edit._found] == ["contract_line.1.quantity", "contract_line.1.price"]


def test_lines_of_a_draft_come_back(bench: Bench, session: Session, customer: int) -> None:
    del session
    page = opened(bench, "contract", None, customer=customer)
    edit = editor_of(page)
    panel = edit.panels["contract_line"]
    panel.table.lines.type_in(0, panel.table.lines.column_of("product_name"), "电机")
    panel.table.lines.type_in(0, panel.table.lines.column_of("price"), "9.99")
    panel.table.lines.type_in(0, panel.table.lines.column_of("quantity"), "zwei")
    edit.drafts.keep()
    bench.settle()
    again = opened(bench, "contract", None)
    again.restore_draft()
    lines = editor_of(again).panels["contract_line"].table
    assert "quantity" in {key for _row, key, _text in lines.problems()}, "what is no value stands there as it was typed"
    assert lines.lines.entries[0].problems["quantity"].typed == "zwei"
    assert [(row["product_name"], row["price"]) for row in editor_of(again).panels["contract_line"].rows()] == [("电机", Decimal("9.99"))]


def test_a_stage_is_moved_with_a_click(bench: Bench, session: Session, customer: int) -> None:
    key = records.save(session, "opportunity", {"name": "扩建", "customer": customer, "stage": "found", "amount": Decimal(1000)}).result.id
    page = opened(bench, "opportunity", key)
    assert page.head.stages is not None
    next(stage for stage in page.head.stages.buttons if stage.choice.code == "offer").click()
    bench.settle()
    now = records.get(session, "opportunity", key)
    assert (now["stage"], now["weighted"]) == ("offer", Decimal("500.00"))
    assert [stage.where for stage in page.head.stages.buttons][:3] == ["past", "past", "now"]


def test_a_follow_up_written_beside_the_record_is_shown_there(bench: Bench, session: Session, customer: int) -> None:
    page = opened(bench, "customer", customer)
    assert page.feed.composer is not None
    page.feed.composer.text.set_value("电话确认了付款日")
    page.feed.composer.send.setEnabled(True)
    page.feed.composer.send.click()
    bench.settle()
    assert records.count(session, "activity", Where("customer", "eq", customer)) == 1
    assert [event.text for _at, event in page.feed._done] == ["电话确认了付款日"]


def test_what_belongs_to_a_record_is_counted_and_opened_and_added(bench: Bench, session: Session, customer: int) -> None:
    for amount in (100, 250):
        records.save(session, "receivable", {"customer": customer, "amount": Decimal(amount), "document_on": date(2026, 1, 1)})
    page = opened(bench, "customer", customer)
    assert page.body.related is not None
    counts = {item.key: item.count for item in page.body.related.tabs.items()}
    assert counts["receivable.customer"] == "2"
    page.body.related.tabs.set_current("receivable.customer")
    bench.settle()
    assert page.body.related._model is not None
    assert page.body.related._model.totals["amount"] == Decimal(350)
    page.body.related._new()
    kind, entity, given = bench.opened[-1]
    assert (kind, entity, int(given["customer"]), given["customer"].title) == ("new", "receivable", customer, "恒泰科技")


def test_a_deleted_record_leads_back(bench: Bench, session: Session, customer: int) -> None:
    page = opened(bench, "customer", customer)
    page.delete()
    bench.settle()
    assert ("back",) in bench.opened
    assert records.count(session, "customer") == 0


def test_a_linked_record_is_added_without_leaving_the_form(bench: Bench, session: Session, customer: int) -> None:
    page = opened(bench, "contract", None, customer=customer)
    edit = editor_of(page)
    edit.form.create_wanted.emit("contact", "张三")
    bench.settle()
    creator = edit.creator
    assert creator is not None
    assert creator.form.current()["name"] == "张三"
    creator.save()
    bench.settle()
    contact = edit.values()["contact"]
    assert contact.title == "张三"
    assert int(records.get(session, "contact", int(contact))["customer"]) == customer
    edit.cancel()


def test_ctrl_p_previews_the_only_paper_or_asks_which(bench: Bench, session: Session, customer: int) -> None:
    page = opened(bench, "customer", customer)
    page.shortcuts()["print"]()
    assert bench.opened[-1][:2] == ("page", "report.statement")
    contract = records.save(session, "contract", {"customer": Ref(customer, ""), "title": "设备", "signed_on": date(2026, 7, 1)}).result.id
    page = opened(bench, "contract", contract)
    papers = page.head.print_menu().actions()
    assert len(papers) == 2
    papers[0].trigger()
    assert bench.opened[-1][:2] == ("page", "preview")
