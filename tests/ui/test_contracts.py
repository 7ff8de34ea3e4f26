"""The contract editor: lines, instalments, totals, what it refuses, its draft, conflicts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from desktop_crm.base.errors import NotAllowed
from desktop_crm.base.i18n import use_language
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import EVERYTHING, Where
from desktop_crm.services import records
from desktop_crm.services.policy import Person
from desktop_crm.services.session import Session
from desktop_crm.ui.contracts import ContractEditor
from desktop_crm.ui.kit.labels import LinkLabel

if TYPE_CHECKING:
    from tests.ui.conftest import Bench


@pytest.fixture
def ids(session: Session) -> dict[str, int]:
    """Two customers with a contact each, and two products."""

    def add(entity: str, **values: Any) -> int:
        return records.save(session, entity, records.new(session, entity, **values)).result.id

    one = add("customer", name="北京华信科技有限公司", payment_terms="月结30天", address="中关村大街 1 号", credit_limit=Decimal(50000))
    two = add("customer", name="上海远洋贸易有限公司", payment_terms="现结", address="外滩 9 号")
    return {
        "one": one, "two": two, "contact": add("contact", customer=one, name="李雷"), "other_contact": add("contact", customer=two, name="韩梅"),
        "gateway": add("product", code="CP-1001", name="智能网关", specification="双电源", unit="台", price=Decimal(2680), tax_rate=Decimal("0.13")),
        "service": add("product", code="FW-0301", name="安装服务", unit="项", price=Decimal(9600), tax_rate=Decimal("0.06")),
    }


def line(**values: Any) -> dict[str, Any]:
    return {"product_name": "智能网关", "quantity": Decimal(10), "price": Decimal(100), "discount": Decimal(1), "tax_rate": Decimal("0.13"), **values}


def saved(session: Session, customer: int, *, lines: list[dict[str, Any]] | None = None, plan: list[dict[str, Any]] | None = None, **values: Any) -> int:
    given = records.new(session, "contract", customer=customer, signed_on=dt.date(2026, 7, 29), **values)
    return records.save(session, "contract", given, lines={"contract_line": [line()] if lines is None else lines, "instalment": plan or []}).result.id


def opened(bench: Bench, key: int | None, **given: Any) -> ContractEditor:
    page = ContractEditor(bench.desk, key, given)
    bench.show(page)
    assert page.ready
    return page


def press(page: QWidget, name: str) -> None:
    button = page.findChild(QPushButton, name)
    assert button is not None, name
    button.click()


def text_of(page: QWidget, name: str) -> str:
    label = page.findChild(QLabel, name)
    assert label is not None, name
    return label.text()


def type_cell(bench: Bench, page: ContractEditor, table: str, row: int, key: str, text: str, end: Qt.Key = Qt.Key.Key_Return) -> None:
    """Type into a cell as a user does: go there, type, leave with a key."""
    grid = {"lines": page.lines.table, "plan": page.plan.table}[table]
    grid.show_cell(row, key)
    bench.qtbot.keyClick(grid, Qt.Key.Key_F2)
    editor = grid.findChild(QLineEdit, f"{grid.objectName()}.editor")
    assert editor is not None
    editor.selectAll()
    if text.isascii():
        bench.qtbot.keyClicks(editor, text)
    else:
        editor.insert(text)
    bench.settle()
    bench.qtbot.keyClick(editor, end)
    bench.settle()


def type_field(page: ContractEditor, name: str, text: str) -> None:
    editor: Any = page.form.editors[name]
    editor.line.setText(text)
    editor.changed.emit()
    editor.line.left.emit()


def test_a_contract_typed_from_nothing(bench: Bench, ids: dict[str, int]) -> None:
    page = opened(bench, None)
    customer: Any = page.findChild(QWidget, "form.contract.customer")
    customer.line.setFocus()
    bench.qtbot.keyClicks(customer.line, "hxkj")
    bench.settle()
    bench.qtbot.keyClick(customer.line, Qt.Key.Key_Return)
    bench.settle()
    assert page.form.get("customer") == ids["one"]
    assert page.form.get("payment_terms") == "月结30天"
    assert page.form.get("delivery_address") == "中关村大街 1 号"
    assert "¥50,000.00" in page.form.frames["customer"].message.text()
    # A product looked up by pinyin in the ghost line brings its values along; Enter picks it.
    type_cell(bench, page, "lines", 0, "product_name", "znwg")
    first = page.lines.rows()[0]
    assert (first["product"], first["product_code"], first["unit"], first["price"], first["total"]) == (ids["gateway"], "CP-1001", "台", Decimal(2680), Decimal("2680.00"))
    type_cell(bench, page, "lines", 0, "quantity", "20")
    type_cell(bench, page, "lines", 0, "discount", "95%")
    assert [page.lines.rows()[0][name] for name in ("net", "tax", "total")] == [Decimal("45061.95"), Decimal("5858.05"), Decimal("50920.00")]
    assert text_of(page, "contract.total") == "¥50,920.00"
    assert text_of(page, "contract.words") == "人民币伍万零玖佰贰拾元整"
    press(page, "action.save")
    bench.settle()
    assert page.key is not None
    stored = records.get(bench.session, "contract", page.key)
    assert (stored["state"], stored["total"], stored["customer"]) == ("draft", Decimal("50920.00"), ids["one"])
    assert stored["number"] in page.windowTitle()
    assert not page.dirty


def test_pasted_excel_rows_find_their_products_and_mark_what_is_no_number(bench: Bench, ids: dict[str, int]) -> None:
    page = opened(bench, saved(bench.session, ids["one"]))
    QGuiApplication.clipboard().setText("货号\t数量\t含税单价\nCP-1001\t3\t2,500.00\nFW-0301\t两\t\n")
    press(page, "contract.lines.paste")
    bench.settle()
    rows = page.lines.rows()
    assert [(row["product_name"], row["price"], row["tax_rate"]) for row in rows[1:]] == [("智能网关", Decimal(2500), Decimal("0.13")), ("安装服务", Decimal(9600), Decimal("0.06"))]
    assert rows[1]["total"] == Decimal("7500.00")
    (problem,) = page.lines.table.problems()
    assert problem[:2] == (2, "quantity")
    assert page.lines.problems()[0].message.startswith("合同明细第 3 行：")
    assert page.lines.table.lines.text(2, "quantity") == "两"
    press(page, "action.save")
    bench.settle()
    assert len(records.lines(bench.session, "contract", page.key or 0)["contract_line"]) == 1
    assert not page.banner.isHidden()
    type_cell(bench, page, "lines", 2, "quantity", "2")
    press(page, "action.save")
    bench.settle()
    assert records.get(bench.session, "contract", page.key or 0)["total"] == Decimal("1000.00") + Decimal("7500.00") + Decimal("19200.00")


def test_a_discount_on_all_lines_is_one_step_back(bench: Bench, ids: dict[str, int]) -> None:
    page = opened(bench, saved(bench.session, ids["one"], lines=[line(), line(price=Decimal(50))]))
    press(page, "contract.lines.discount")
    rate: Any = page.window().findChild(QLineEdit, "discount_card.rate.input")
    rate.setText("120%")
    bench.qtbot.keyClick(rate, Qt.Key.Key_Return)
    assert page.lines.total("total") == Decimal("1500.00")
    rate.setText("90%")
    bench.qtbot.keyClick(rate, Qt.Key.Key_Return)
    assert page.lines.total("total") == Decimal("1350.00")
    assert text_of(page, "contract.total") == "¥1,350.00"
    bench.qtbot.keyClick(page.lines.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.lines.total("total") == Decimal("1500.00")
    assert text_of(page, "contract.total") == "¥1,500.00"


def test_only_a_plan_that_adds_up_is_put_in_force(bench: Bench, ids: dict[str, int]) -> None:
    page = opened(bench, saved(bench.session, ids["one"]))
    page.plan.apply("30/60/10")
    bench.settle()
    assert [row["amount"] for row in page.plan.rows()] == [Decimal("300.00"), Decimal("600.00"), Decimal("100.00")]
    type_cell(bench, page, "lines", 0, "quantity", "11")
    assert "100.00" in text_of(page, "contract.balance")
    page.submit()
    bench.settle()
    assert records.get(bench.session, "contract", page.key or 0)["state"] == "draft"
    link = page.banner.findChild(LinkLabel)
    assert link is not None
    assert "100.00" in link.text()
    press(page, "contract.instalments.repair")
    bench.settle()
    assert page.plan.rows()[-1]["amount"] == Decimal("200.00")
    assert page.banner.isHidden()
    page.shortcuts()["submit"]()
    bench.settle()
    stored = records.get(bench.session, "contract", page.key or 0)
    assert (stored["state"], stored["receivable_total"]) == ("active", Decimal("1100.00"))
    assert records.count(bench.session, "receivable", Where("contract", "eq", page.key)) == 3
    assert stored["number"] in bench.said[-1][0]
    assert "3" in bench.said[-1][0]
    assert ("record", "contract", page.key, []) in bench.opened


def test_shares_and_amounts_follow_each_other(bench: Bench, ids: dict[str, int]) -> None:
    page = opened(bench, saved(bench.session, ids["one"]))
    type_cell(bench, page, "plan", 0, "name", "预付款")
    type_cell(bench, page, "plan", 0, "due_on", "2026-8-5")
    type_cell(bench, page, "plan", 0, "ratio", "30")
    assert page.plan.rows()[0]["amount"] == Decimal("300.00")
    type_cell(bench, page, "plan", 0, "amount", "250")
    assert page.plan.rows()[0]["ratio"] == Decimal("0.25")
    press(page, "contract.instalments.add")
    assert page.plan.rows()[1]["amount"] == Decimal("750.00")
    assert page.plan.missing() == 0
    type_cell(bench, page, "lines", 0, "quantity", "20")
    press(page, "contract.instalments.shares")
    assert [row["amount"] for row in page.plan.rows()] == [Decimal("500.00"), Decimal("1500.00")]


def test_what_is_wrong_is_listed_and_nothing_is_saved(bench: Bench, ids: dict[str, int]) -> None:
    page = opened(bench, saved(bench.session, ids["one"]))
    type_field(page, "signed_on", "很快")
    type_cell(bench, page, "lines", 0, "quantity", "abc")
    type_cell(bench, page, "lines", 0, "discount", "120%")
    version = records.get(bench.session, "contract", page.key or 0)["version"]
    page.save()
    bench.settle()
    assert records.get(bench.session, "contract", page.key or 0)["version"] == version
    assert len(page.banner.findChildren(LinkLabel)) == 3
    page.next_problem()
    current = page.lines.table.currentIndex()
    assert page.lines.table.lines.columns[current.column()].key in {"quantity", "discount"}
    assert page.lines.table.lines.text(0, "quantity") == "abc"


def test_the_windows_keys_work_on_the_table_in_use(bench: Bench, ids: dict[str, int]) -> None:
    page = opened(bench, saved(bench.session, ids["one"]))
    type_cell(bench, page, "lines", 0, "quantity", "5")
    page.lines.table.setFocus()
    page.shortcuts()["undo"]()
    assert page.lines.rows()[0]["quantity"] == Decimal(10)
    assert not page.dirty
    page.lines.table.show_cell(0, "price")
    page.shortcuts()["edit"]()
    editor = page.lines.table.findChild(QLineEdit, "contract.lines.editor")
    assert editor is not None
    assert editor.text() == "100.00"


def test_an_open_cell_counts_when_saving(bench: Bench, ids: dict[str, int]) -> None:
    page = opened(bench, saved(bench.session, ids["one"]))
    page.lines.table.show_cell(0, "quantity")
    bench.qtbot.keyClick(page.lines.table, Qt.Key.Key_F2)
    editor = page.lines.table.findChild(QLineEdit, "contract.lines.editor")
    assert editor is not None
    editor.setText("3")
    page.save()
    bench.settle()
    assert records.get(bench.session, "contract", page.key or 0)["total"] == Decimal("300.00")


def test_a_crash_gives_back_what_was_typed(bench: Bench, ids: dict[str, int]) -> None:
    key = saved(bench.session, ids["one"])
    page = opened(bench, key)
    type_field(page, "title", "二期采购")
    type_cell(bench, page, "lines", 0, "quantity", "7")
    bench.qtbot.waitUntil(page.drafts.path.exists)
    again = opened(bench, key)
    assert again.form.get("title") == "二期采购"
    assert again.lines.rows()[0]["quantity"] == Decimal(7)
    assert again.dirty
    again.save()
    bench.settle()
    assert records.get(bench.session, "contract", key)["title"] == "二期采购"
    assert not again.drafts.path.exists()


def test_leaving_keeps_the_draft_and_cancelling_can_be_taken_back(bench: Bench, ids: dict[str, int]) -> None:
    page = opened(bench, None, customer=Ref(ids["one"], "华信"))
    type_field(page, "title", "框架合同")
    assert page.may_leave()
    other = opened(bench, None, customer=Ref(ids["two"], "远洋"))
    assert not other.form.get("title")
    again = opened(bench, None, customer=Ref(ids["one"], "华信"))
    assert again.form.get("title") == "框架合同"
    again.cancel()
    bench.settle()
    assert ("back",) in bench.opened
    assert not again.drafts.path.exists()


def test_a_line_beyond_all_amounts_is_named_and_its_draft_can_be_opened(bench: Bench, ids: dict[str, int]) -> None:
    """Two bar codes pasted into quantity and price: no crash, neither while typing nor when the draft comes back, and nothing saved."""
    page = opened(bench, None, customer=Ref(ids["one"], "华信"))
    QGuiApplication.clipboard().setText("产品名称\t数量\t含税单价\n网关\t69012345678\t9999999999\n")
    press(page, "contract.lines.paste")
    bench.settle()
    assert page.lines.rows()[0]["total"] > Decimal(10) ** 18
    assert not text_of(page, "contract.words")
    press(page, "action.save")
    bench.settle()
    assert page.key is None
    assert "价税合计" in page.lines.table.problems()[0][2]
    assert page.may_leave()
    again = opened(bench, None, customer=Ref(ids["one"], "华信"))
    assert again.lines.rows()[0]["quantity"] == Decimal(69012345678)
    type_cell(bench, again, "lines", 0, "quantity", "2")
    type_cell(bench, again, "lines", 0, "price", "10")
    press(again, "action.save")
    bench.settle()
    assert again.key is not None
    assert records.get(bench.session, "contract", again.key)["total"] == Decimal("20.00")


def test_another_customer_takes_its_own_along(bench: Bench, ids: dict[str, int]) -> None:
    page = opened(bench, None)
    page.form.set_link("customer", Ref(ids["one"], "北京华信科技有限公司"))
    bench.settle()
    page.form.set_link("contact", Ref(ids["contact"], "李雷"))
    page.form.set_link("customer", Ref(ids["two"], "上海远洋贸易有限公司"))
    bench.settle()
    assert page.form.get("contact") is None
    assert page.form.get("payment_terms") == "现结"
    assert page.form.get("delivery_address") == "外滩 9 号"


def test_a_conflict_is_decided_field_by_field(bench: Bench, ids: dict[str, int]) -> None:
    key = saved(bench.session, ids["one"], title="一期")
    page = opened(bench, key)
    type_field(page, "title", "我的")
    records.save(bench.session, "contract", {"title": "他的", "note": "改过"}, key=key)
    page.save()
    bench.settle()
    dialog: Any = page.window().findChild(QWidget, "conflict_dialog")
    assert records.get(bench.session, "contract", key)["title"] == "他的"
    dialog.all("mine")
    dialog.save.click()
    bench.settle()
    stored = records.get(bench.session, "contract", key)
    assert (stored["title"], stored["note"]) == ("我的", "改过")
    assert not page.dirty


def test_both_sides_of_a_conflict_are_read_to_their_end(bench: Bench, ids: dict[str, int]) -> None:
    key = saved(bench.session, ids["one"], title="一期")
    page = opened(bench, key)
    type_field(page, "title", "现场安装并调试" * 14)
    records.save(bench.session, "contract", {"title": "他的"}, key=key)
    page.save()
    bench.settle()
    dialog: Any = page.window().findChild(QWidget, "conflict_dialog")
    mine, theirs = dialog.rows[0].options["mine"], dialog.rows[0].options["theirs"]
    lines = len("现场安装并调试" * 14) * mine.fontMetrics().horizontalAdvance("场") / (mine.width() - 48)
    assert mine.height() >= lines * mine.fontMetrics().height()
    assert mine.height() == theirs.height()
    dialog.reject()


def test_an_opportunity_becomes_a_contract_without_lines(bench: Bench, ids: dict[str, int]) -> None:
    given = records.new(bench.session, "opportunity", name="网关项目", customer=ids["one"], amount=Decimal(86000))
    opportunity = records.save(bench.session, "opportunity", given).result.id
    page = opened(bench, None, opportunity=opportunity)
    assert text_of(page, "contract.total") == "¥86,000.00"
    page.submit()
    bench.settle()
    assert records.get(bench.session, "opportunity", opportunity)["stage"] == "won"
    assert records.get(bench.session, "contract", page.key or 0)["receivable_total"] == Decimal("86000.00")


def test_the_preview_shows_what_was_saved_first(bench: Bench, ids: dict[str, int]) -> None:
    page = opened(bench, saved(bench.session, ids["one"]))
    type_cell(bench, page, "lines", 0, "quantity", "4")
    press(page, "action.preview")
    bench.settle()
    assert records.get(bench.session, "contract", page.key or 0)["total"] == Decimal("400.00")
    assert bench.opened[-1] == ("page", "preview", {"prints": "contract", "ids": (page.key,), "template": "delivery_note"})


def test_nobody_without_the_right_gets_the_editor(bench: Bench, ids: dict[str, int]) -> None:
    key = saved(bench.session, ids["one"])
    reader = Session(bench.session.store, Person(bench.session.person.id, "访客", "viewer"))
    bench.desk.session = reader
    with pytest.raises(NotAllowed):
        ContractEditor(bench.desk, key, {})


def test_unusual_rates_and_days_beyond_the_known_holidays_are_told_calmly(bench: Bench, session: Session, ids: dict[str, int]) -> None:
    (company,) = session.records.ids_where(session.entity("company"), EVERYTHING)
    records.save(session, "company", {"roll_due": True}, key=company)
    key = saved(session, ids["one"], lines=[line(tax_rate=Decimal("0.16"))], plan=[{"name": "全款", "due_on": dt.date(2031, 2, 3), "amount": Decimal(1000)}])
    page = opened(bench, key)
    assert "16%" in page.lines.remark.text()
    assert page.lines.remark.isVisibleTo(page)
    assert page.plan.remark.isVisibleTo(page)
    page.form.set_value("signed_on", dt.date(2018, 7, 1))
    assert not page.lines.remark.isVisibleTo(page), "16% was a rate then"
    page.plan.replace([{"name": "全款", "due_on": dt.date(2026, 9, 1), "amount": Decimal(1000)}])
    assert not page.plan.remark.isVisibleTo(page)
    assert not page.form.dirty() or page.form.changed_fields() == ["signed_on"]


def test_a_refusal_is_read_to_its_end_and_the_credit_left_is_what_the_limit_counts(bench: Bench, ids: dict[str, int]) -> None:
    session = bench.session
    profile = session.records.ids_where(session.entity("company"), EVERYTHING)[0]
    records.save(session, "company", {"credit_control": "hold"}, key=profile)
    records.save(session, "receipt", records.new(session, "receipt", customer=ids["one"], amount=Decimal(5000), received_on=dt.date(2026, 7, 1)))
    page = opened(bench, saved(session, ids["one"], lines=[line(price=Decimal(6000))]))
    assert "¥5,000.00" in page.form.frames["customer"].message.text(), "a prepayment leaves room for all but this"
    assert page.form.frames["customer"].message.role() == "warn"
    page.submit()
    bench.settle()
    assert records.count(session, "receivable") == 0
    (link,) = page.notes.banner.findChildren(LinkLabel)
    assert "5,000.00" in link.text()
    assert link.heightForWidth(link.width()) <= link.height(), "every line of it is shown"
    assert link.height() > link.fontMetrics().height() * 1.5
    records.save(session, "customer", {"credit_limit": Decimal(55000)}, key=ids["one"])
    page.submit()
    bench.settle()
    assert records.count(session, "receivable") == 1


def test_going_beyond_the_credit_limit_is_warned_of_while_typing_and_when_saved(bench: Bench, ids: dict[str, int]) -> None:
    page = opened(bench, saved(bench.session, ids["one"], lines=[line(price=Decimal(4900))]))
    message = page.form.frames["customer"].message
    assert "50,000.00" in message.text(), "all of it is left"
    assert message.role() == "text3"
    type_cell(bench, page, "lines", 0, "price", "5200")
    assert "2,000.00" in message.text()
    assert message.role() == "warn"
    page.form.go_to("title")
    assert "2,000.00" in message.text(), "leaving the field takes nothing away"
    type_cell(bench, page, "lines", 0, "price", "5000")
    assert message.role() == "text3", "up to the limit is fine"
    type_cell(bench, page, "lines", 0, "price", "5200")
    page.submit()
    bench.settle()
    assert records.count(bench.session, "receivable") == 1
    said, (tone, detail) = bench.said[-1], bench.tones[-1]
    assert tone == "warn"
    assert said[1] is not None, "it can be undone"
    assert "2,000.00" not in said[0]
    assert "2,000.00" in detail
    assert "50,000.00" in detail
    again = opened(bench, page.key)
    assert again.form.frames["customer"].message.role() == "text3", "what is in force is in use already"


@pytest.mark.parametrize("language", ["zh_CN", "zh_TW", "en"])
def test_no_heading_of_the_tables_is_cut_beside_the_navigation(bench: Bench, ids: dict[str, int], language: str) -> None:
    use_language(language)
    bench.window.resize(1280 - 176, 800)
    page = opened(bench, saved(bench.session, ids["one"]))
    for table in (page.lines.table, page.plan.table):
        cut = [one.heading for number, one in enumerate(table.lines.columns) if table.columnWidth(number) < table.header.heading_width(number)]
        assert cut == []
        assert table.horizontalScrollBar().maximum() == 0, "and nothing has to be scrolled"
