"""Invoices through the tax bureau on screen: requested in a list, written, read back, and the columns changed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import openpyxl
import pytest

from desktop_crm.base.errors import UserError
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.services import records
from desktop_crm.services.tax import layout, requests
from desktop_crm.ui import invoice_requests
from desktop_crm.ui.ask_dialog import AskDialog
from desktop_crm.ui.extras import selection_actions
from desktop_crm.ui.list_page import ListPage
from desktop_crm.ui.tax_page import TaxPage
from tests.services.bank_support import write
from tests.services.ledger import add, debt, rows
from tests.services.test_tax import CODE, FIRST, TAX

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop_crm.services.session import Session
    from tests.ui.conftest import Bench, FakeFiles


@pytest.fixture
def made(session: Session) -> list[int]:
    """Two requests: one in order, one without a tax code."""
    keys = []
    for name, amount, code in (("恒泰科技有限公司", "100", CODE), ("苏州永新机电有限公司", "7", "")):
        key = add(session, "customer", name=name)
        add(session, "invoice_title", customer=key, title=name, tax_number=TAX)
        request = requests.from_receivables(session, [debt(session, key, amount)], merge=True).result[0]
        line = records.lines(session, "invoice_request", request)["invoice_request_line"][0]
        records.save(session, "invoice_request", {}, key=request, lines={"invoice_request_line": [{**line, "tax_code": code}]})
        keys.append(request)
    return keys


@pytest.fixture
def page(bench: Bench, made: list[int]) -> TaxPage:
    del made
    shown = TaxPage(bench.desk)
    bench.show(shown)
    return shown


def test_what_is_in_order_is_ticked_and_written(bench: Bench, session: Session, page: TaxPage, tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles]) -> None:
    tab = page.requests
    assert [(one["on"], bool(one["trouble"])) for one in tab.table.rows()] == [(True, False), (False, True)]
    tab.table.show_cell(1, "number")
    assert any(label.text().startswith("第 1 行：请填写") for label in tab.card.findChildren(type(tab.status)))
    tab.table.lines.put_value(1, "on", value=True)
    assert not tab.write_button.isEnabled()
    tab.table.lines.put_value(1, "on", value=False)
    answer_files(tmp_path / "开票")
    tab.write_button.click()
    bench.settle()
    assert openpyxl.load_workbook(tmp_path / "开票.xlsx").sheetnames == [sheet.name for sheet in layout.shipped().sheets]
    assert [row[0] for row in rows(session, "invoice_request", "state")] == ["exported", "open"]
    assert tab.take_back.isEnabled()
    tab.not_given()
    bench.settle()
    assert [row[0] for row in rows(session, "invoice_request", "state")] == ["open", "open"]


def test_issued_invoices_are_looked_at_and_taken_over(bench: Bench, session: Session, page: TaxPage, tmp_path: Path) -> None:
    numbers = [row[0] for row in rows(session, "invoice_request", "number")]
    path = write(tmp_path / "a.xlsx", [["发票流水号", "发票号码", "开票日期", "价税合计"], [numbers[0], FIRST, "2026-06-29", "100.00"], [numbers[1], FIRST[:-1] + "1", "2026-06-29", "6.00"],
                                       ["x", FIRST[:-1] + "2", "2026-06-29", "6.00"]])  # fmt: skip
    page.tabs.set_current("issued")
    page.turn("issued")
    tab = page.issued
    tab.open(path)
    bench.settle()
    assert [(one["on"], one["verdict"]) for one in tab.table.rows()] == [(True, "一致"), (False, "有差异"), (False, "无法读回")]
    assert tab.take_button.isVisible()
    assert not page.requests.write_button.isVisible()
    tab.table.lines.put_value(1, "on", value=True)
    tab.take_button.click()
    bench.settle()
    assert rows(session, "invoice", "total", "covered") == [(Decimal(100), Decimal(100)), (Decimal(6), Decimal(6))]
    assert bench.opened[-1][:2] == ("list", "invoice")
    assert records.count(session, "file_layout") == 1


def test_columns_of_the_workbook_are_changed_and_put_back(bench: Bench, session: Session, page: TaxPage) -> None:
    page.turn("columns")
    bench.settle()
    tab = page.columns
    tab.table.lines.type_in(2, tab.table.lines.column_of("text"), "货物")
    tab.name.set_value("发票")
    tab.sheets.set_current("1")
    bench.settle()
    tab.save_button.click()
    bench.settle()
    kept = layout.current(session)
    assert tab.sheets.items()[0].label == "发票", "the switch says what the sheet is called now"
    for name in ("", "一/二", "很" * 32, kept.sheets[0].name):
        with pytest.raises(UserError):
            layout.check(replace(kept, sheets=(kept.sheets[0], replace(kept.sheets[1], name=name))))
    assert (kept.sheets[0].name, kept.sheets[0].columns[2].text, kept.sheets[1]) == ("发票", "货物", layout.shipped().sheets[1])
    tab.table.lines.type_in(1, tab.table.lines.column_of("heading"), "发票流水号")
    tab.save_button.click()
    bench.settle()
    assert tab.problem.isVisible(), "two columns of one heading can't be told apart"
    assert layout.current(session) == kept
    tab.reset_button.click()
    bench.settle()
    assert layout.current(session) == layout.shipped()


def test_ticked_receivables_are_requested(bench: Bench, session: Session, made: list[int]) -> None:
    customer = rows(session, "customer", "id")[0][0]
    debts = [debt(session, customer, "10"), debt(session, customer, "20")]
    page = ListPage(bench.desk, "receivable", condition=EVERYTHING, title="")
    bench.show(page)
    assert "request_invoices" in [key for key, *_rest in page.acts.bar()]
    (action,) = selection_actions("receivable")
    assert action.allowed(session)
    invoice_requests.make_requests(bench.desk, debts, merge=True, done=lambda: None)
    bench.settle()
    assert bench.opened[-1][:2] == ("page", "tax")
    assert [row[0] for row in rows(session, "invoice_request", "total")] == [Decimal(100), Decimal(7), Decimal(30)]
    assert len(made) == 2


def test_one_invoice_for_several_receivables(bench: Bench, session: Session) -> None:
    one, other = (add(session, "customer", name=name) for name in ("甲公司", "乙公司"))
    debts = [debt(session, one, "10"), debt(session, one, "20"), debt(session, other, "5")]
    bench.show(ListPage(bench.desk, "receivable", condition=EVERYTHING, title=""))
    invoice_requests.enter_invoice(bench.desk, debts, lambda: None)
    bench.settle()
    assert "一个客户" in bench.said[-1][0]
    invoice_requests.enter_invoice(bench.desk, debts[:2], lambda: None)
    bench.settle()
    dialog = bench.window.findChild(AskDialog, "merge_invoice")
    assert dialog is not None
    dialog.editors["number"].set_value(FIRST)
    dialog.accept_button.click()
    bench.settle()
    assert rows(session, "invoice", "number", "total", "covered") == [(FIRST, Decimal(30), Decimal(30))]
    assert rows(session, "receivable", "uninvoiced", customer=one) == [(Decimal(0),), (Decimal(0),)]
