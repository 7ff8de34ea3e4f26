"""The page that posts bank lines, over real files and a real company."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import Where
from desktop_crm.services import records
from desktop_crm.ui import bank_actions  # noqa: F401 - it registers what lists offer
from desktop_crm.ui.ask_dialog import AskDialog
from desktop_crm.ui.bank_page import COLUMNS, REVIEW, BankPage
from desktop_crm.ui.bank_split import SplitDialog
from desktop_crm.ui.editing import put_value
from desktop_crm.ui.extras import ACTIONS, selection_actions
from tests.services.bank_support import Entry, abc, write
from tests.services.ledger import add, debt, rows

if TYPE_CHECKING:
    from pathlib import Path

    from desktop_crm.services.session import Session
    from tests.ui.conftest import Bench

HENGTAI, YONGXIN = "恒泰科技有限公司", "苏州永新机电有限公司"


@pytest.fixture
def page(bench: Bench, session: Session) -> BankPage:
    for name in (HENGTAI, YONGXIN):
        debt(session, add(session, "customer", name=name), "100", date(2026, 1, 1))
    made = BankPage(bench.desk)
    bench.show(made)
    return made


def entries(*amounts: str) -> list[Entry]:
    payers = (HENGTAI, "不认识的人", "苏州永新机电厂")
    return [Entry(datetime.fromisoformat(f"2026-06-0{n} 09:00:00"), Decimal(amount), payers[(n - 1) % 3], "", f"S{n}", f"6222{n}") for n, amount in enumerate(amounts, 1)]


def take_over(bench: Bench, page: BankPage, path: Path) -> None:
    page.read_button.click()
    page.choose.open(path)
    bench.settle()
    assert page.stack.currentIndex() == COLUMNS
    page.keep_button.click()
    bench.settle()
    assert page.stack.currentIndex() == REVIEW


def cell(page: BankPage, row: int, key: str) -> object:
    return page.table.rows()[row][key]


def test_a_statement_is_read_looked_at_and_posted(bench: Bench, session: Session, page: BankPage, tmp_path: Path) -> None:
    assert page.nothing.isVisible()
    take_over(bench, page, write(tmp_path / "a.xlsx", abc(entries("100", "8", "60", "-5"))))
    assert [(cell(page, n, "on"), cell(page, n, "sureness")) for n in range(3)] == [(True, "确定"), (False, "未匹配"), (False, "未匹配")]
    assert page.post_button.isEnabled()
    page.post_button.click()
    bench.settle()
    assert rows(session, "receipt", "amount", "allocated") == [(Decimal(100), Decimal(100))]
    assert len(page.proposals) == 2, "what isn't posted waits on"
    assert not page.post_button.isEnabled()
    assert bench.said[-1][1] is not None, "it can be undone"


def test_a_customer_chosen_and_a_part_typed_by_hand(bench: Bench, session: Session, page: BankPage, tmp_path: Path) -> None:
    take_over(bench, page, write(tmp_path / "a.csv", abc(entries("40", "60"))))
    yongxin = rows(session, "customer", "id", name=YONGXIN)[0][0]
    page.table.lines.put_value(1, "customer", yongxin)
    bench.settle()
    assert (cell(page, 1, "on"), cell(page, 1, "sureness")) == (True, "确定")
    page.table.show_cell(1, "payer")
    bench.settle()
    assert page.details.grid.parts() == {rows(session, "receivable", "id", customer=yongxin)[0][0]: Decimal(60)}
    grid = page.details.grid.table
    grid.lines.type_in(0, grid.lines.column_of("part"), "15")
    bench.settle()
    assert page.proposals[1].prepaid == 45
    page.tick({"likely", "sure"})
    page.post_button.click()
    bench.settle()
    assert rows(session, "receipt", "customer", "amount", "allocated") == [(yongxin - 1, Decimal(40), Decimal(40)), (yongxin, Decimal(60), Decimal(15))]


def test_unticked_lines_stay_unticked(bench: Bench, page: BankPage, tmp_path: Path) -> None:
    take_over(bench, page, write(tmp_path / "a.csv", abc(entries("100"))))
    page.table.lines.put_value(0, "on", value=False)
    bench.settle()
    page.load()
    bench.settle()
    assert page.ticked == set()
    page.tick({"sure"})
    assert len(page.ticked) == 1


def test_the_same_file_brings_nothing_new(bench: Bench, session: Session, page: BankPage, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", abc(entries("100", "8")))
    take_over(bench, page, path)
    take_over(bench, page, path)
    assert records.count(session, "bank_line") == 2


def test_set_aside_waits_no_more(bench: Bench, session: Session, page: BankPage, tmp_path: Path) -> None:
    take_over(bench, page, write(tmp_path / "a.csv", abc(entries("100", "8"))))
    page.table.show_cell(1, "payer")
    page.reasons().actions()[0].trigger()
    bench.settle()
    assert [one.line["payer"] for one in page.proposals] == [HENGTAI]
    assert rows(session, "bank_line", "state", "aside_reason") == [("open", ""), ("aside", "银行手续费")]


def test_a_line_is_divided_and_money_out_is_refunded(bench: Bench, session: Session, page: BankPage, tmp_path: Path) -> None:
    ((first,),), ((second,),) = rows(session, "customer", "id", name=HENGTAI), rows(session, "customer", "id", name=YONGXIN)
    take_over(bench, page, write(tmp_path / "a.csv", abc(entries("150", "8"))))
    page.table.show_cell(0, "payer")
    page.split_button.click()
    (dialog,) = page.window().findChildren(SplitDialog)
    dialog.table.set_rows([{"customer": first, "amount": Decimal(160)}])
    dialog._show_rest()
    assert "10.00" in dialog.rest.text()
    assert not dialog.accept_button.isEnabled()
    dialog.table.set_rows([{"customer": first, "amount": Decimal(130)}, {"customer": second, "amount": Decimal(15)}])
    dialog._show_rest()
    assert "5.00" in dialog.rest.text()
    dialog.run()
    bench.settle()
    assert rows(session, "receipt", "customer", "amount", "unallocated") == [(first, Decimal(130), Decimal(30)), (second, Decimal(15), Decimal(0))]
    assert page.proposals[0].amount == 5, "what nobody got waits on"
    take_over(bench, page, write(tmp_path / "b.csv", abc([Entry(datetime.fromisoformat("2026-06-09 09:00:00"), Decimal(-30), HENGTAI, "退款", "B1", "62221")])))
    place = next(number for number, one in enumerate(page.proposals) if one.amount < 0)
    assert cell(page, place, "pays") == "退款：SK-26-0001"
    page.table.show_cell(place, "payer")
    assert not page.split_button.isEnabled()
    page.tick(set())
    page.tick({"likely"})
    page.ticked = {page.proposals[place].line["id"]}
    page.post()
    bench.settle()
    assert rows(session, "receivable", "kind", "amount", kind="refund") == [("refund", Decimal(30))]


def test_lines_are_set_aside_and_taken_back_in_their_list(bench: Bench, session: Session, page: BankPage, tmp_path: Path) -> None:
    take_over(bench, page, write(tmp_path / "a.csv", abc(entries("100", "8"))))
    keys = [row[0] for row in rows(session, "bank_line", "id")]
    aside, back = selection_actions("bank_line")
    for action, state in ((aside, "aside"), (back, "open")):
        action.act(bench.desk, keys, lambda: None)
        bench.settle()
        assert [row[0] for row in rows(session, "bank_line", "state")] == [state, state]
    assert len(page.proposals) == 2, "the page follows"


def test_columns_are_chosen_where_they_are_not_known(bench: Bench, session: Session, page: BankPage, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [["日期", "进来", "对方", "备注"], ["2026-06-02", "100.00", HENGTAI, ""], ["bad", "5", "x", ""], ["2026-06-03", "7", "y", ""]])
    page.read_button.click()
    page.choose.open(path)
    bench.settle()
    assert page.columns.problem.isVisible()
    assert not page.keep_button.isEnabled()
    page.columns.columns.combos[1].set_value("credit")
    page.columns.columns.combos[1].changed.emit()
    bench.settle()
    assert page.keep_button.isEnabled()
    assert "bad" not in page.columns.trouble_text.text() or page.columns.troubles.isVisible()
    page.keep_button.click()
    bench.settle()
    assert records.count(session, "bank_line") == 2
    assert records.count(session, "file_layout") == 1


def test_a_file_that_is_none_is_told(bench: Bench, page: BankPage, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("", encoding="utf-8")
    page.read_button.click()
    page.choose.open(path)
    bench.settle()
    assert page.choose.problem.isVisible()


def test_money_out_is_refunded_from_its_own_page(bench: Bench, session: Session, page: BankPage, tmp_path: Path) -> None:
    ((first,),) = rows(session, "customer", "id", name=HENGTAI)
    values = records.new(session, "receipt", customer=first, amount=Decimal(30), received_on=date(2026, 5, 1))
    records.save(session, "receipt", values)
    take_over(bench, page, write(tmp_path / "a.csv", abc(entries("100", "-20"))))
    (key,) = session.records.ids_where(session.entity("bank_line"), Where("state", "eq", "outgoing"))
    line = records.get(session, "bank_line", key)
    refund = next(one for one in ACTIONS["bank_line"] if one.key == "refund")
    assert refund.visible(session, line)
    assert not refund.visible(session, {**line, "state": "open"})
    refund.act(bench.desk, line)
    (dialog,) = bench.window.findChildren(AskDialog)
    put_value(dialog.editors["customer"], dialog.fields[0], Ref(first, HENGTAI))
    dialog.run()
    bench.settle()
    assert rows(session, "bank_line", "state", "refunded", id=key) == [("posted", Decimal(20))]
