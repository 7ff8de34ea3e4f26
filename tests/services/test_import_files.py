"""Every importable file of the shared collections goes in as its manifest says; their unreadable ones are the reader's tests."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import ValueProblem
from desktop_crm.domain.conditions import Where
from desktop_crm.domain.dates import parse_date
from desktop_crm.domain.money import parse_amount, round_money
from desktop_crm.services import records
from desktop_crm.services.importing import open_source
from tests.services.import_support import DATA, company, everything, load, undo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from desktop_crm.services.session import Session

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared collections of spreadsheets aren't here")

AWKWARD = DATA / "awkward_crm_shaped"
LISTS = [
    "a_标题合并双层表头_合计行.xlsx", "b_尾部空行空列.xlsx", "j_密码123456.xlsx", "n_其实是CSV.xlsx", "n_其实是HTML.xls", "n_其实是XLSX.xls",
    "p_首表是说明_含隐藏行列.xlsx", "s_客户.ods", "s_客户_旧格式.xls", "t_客户_基准.xlsx",
]  # fmt: skip


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with company(f"sqlite:///{tmp_path / 'c.sqlite3'}") as opened:
        yield opened


@pytest.fixture
def either(db_url: str) -> Iterator[Session]:
    with company(db_url) as opened:
        yield opened


@pytest.mark.parametrize("name", LISTS)
def test_the_same_list_in_every_disguise(session: Session, name: str) -> None:
    result = load(session, "customer", AWKWARD / name)
    assert (result.rows, result.added, result.problems) == (91, 91, [])
    assert result.hidden_rows == (10 if name.startswith("p_") else 0)
    rows = everything(session, "customer", "name", "mobile", "credit_limit", "code")
    assert sum(row["credit_limit"] for row in rows) == Decimal("33224.55")
    assert rows[0]["mobile"] == "13810000000"
    assert len({row["name"] for row in rows}) == 91


@pytest.mark.parametrize("name", ["o_客户_GB18030生僻字.csv", "o_客户_GBK.csv", "o_客户_UTF16LE制表符.txt", "o_客户_UTF8无BOM.csv"])
def test_text_files_in_every_encoding(session: Session, name: str) -> None:
    assert load(session, "customer", AWKWARD / name).added == 91
    rows = everything(session, "customer", "contact_person", "note", "address")
    if "生僻字" in name:
        assert [rows[index]["contact_person"] for index in (0, 1, 3)] == ["𠮷田㙍", "买买提·阿不都拉", "欧阳㛃"]


def test_a_row_that_is_too_long_is_named_and_short_ones_are_filled_up(session: Session) -> None:
    result = load(session, "customer", AWKWARD / "o_客户_列数不齐.csv", keep_good=True)
    assert (result.rows, result.added, [problem.row for problem in result.problems]) == (17, 16, [7])


def test_repeated_headings_reach_both_telephones(session: Session) -> None:
    assert load(session, "customer", AWKWARD / "c_重复表头.xlsx").added == 91
    row = everything(session, "customer", "mobile", "phone", "note", "address")[0]
    assert (row["mobile"], row["note"], row["address"]) == ("13810000000", "A0", "Obere Str. 57")
    assert row["phone"].replace("-", "") == "0300074321"


def test_long_numbers(session: Session) -> None:
    path = AWKWARD / "d_长数字_科学计数.xlsx"
    lost = load(session, "customer", path, {"证照号(18位数值,已丢精度)": "credit_code"})
    assert (lost.added, lost.refused) == (0, 91)
    result = load(session, "customer", path, {"银行账号(文本)": "note"})
    assert result.added == 91
    assert {warning.column for warning in result.warnings} == {"证照号(18位数值,已丢精度)", "银行账号(数值19位,已丢精度)"}
    row = everything(session, "customer", "mobile", "note")[0]
    assert (row["mobile"], row["note"]) == ("13810000000", "6222021001000000000")


def test_dates_become_what_they_are_or_are_refused(session: Session) -> None:
    path = AWKWARD / "e_日期大杂烩.xlsx"
    source = open_source(session, "customer", path)
    expected = {str(source.sheet.cell(row, 0)): str(source.sheet.cell(row, 2) or "") for row in source.table.rows}
    result = load(session, "customer", path, {"签约日期": "next_contact"}, keep_good=True)
    got = {row["name"]: row["next_contact"] for row in everything(session, "customer", "name", "next_contact")}
    for name, text in expected.items():
        dated = re.match(r"\d{4}-\d\d-\d\d", text)
        if dated:
            assert got[name] == parse_date(dated[0]), text
        else:
            assert name not in got or got[name] is None or "fine" in text, text
    assert len(result.problems) == result.refused == 8


def test_the_1904_calendar(session: Session) -> None:
    load(session, "customer", AWKWARD / "f_1904日期系统.xlsx", {"签约日期": "next_contact"})
    days = [row["next_contact"].isoformat() for row in everything(session, "customer", "next_contact")]
    assert (min(days), max(days)) == ("2025-01-01", "2025-04-01")


def test_formulas_count_only_where_they_were_worked_out(session: Session) -> None:
    unknown = load(session, "customer", AWKWARD / "g_公式无缓存值.xlsx", {"金额": "credit_limit"})
    assert (unknown.added, unknown.refused, unknown.change_set) == (0, 91, None)
    load(session, "customer", AWKWARD / "g_公式有缓存值.xlsx", {"金额": "credit_limit"})
    assert sum(row["credit_limit"] for row in everything(session, "customer", "credit_limit")) == Decimal("13474.35")


def test_cells_with_errors_are_never_values(session: Session) -> None:
    result = load(session, "customer", AWKWARD / "h_错误值单元格.xlsx", {"金额": "credit_limit"}, keep_good=True)
    assert (result.added, result.refused) == (78, 13)
    rows = everything(session, "customer", "name", "credit_limit")
    assert sum(row["credit_limit"] for row in rows) == Decimal("28579.54")
    assert not [row for row in rows if row["name"].startswith("#")]


def test_amounts_become_what_they_are_or_are_refused(session: Session) -> None:
    path = AWKWARD / "i_金额文本花样.xlsx"
    source = open_source(session, "customer", path)
    expected = {str(source.sheet.cell(row, 0)): str(source.sheet.cell(row, 2)) for row in source.table.rows}
    load(session, "customer", path, {"金额(文本)": "credit_limit"}, keep_good=True)
    got = {row["name"]: row["credit_limit"] for row in everything(session, "customer", "name", "credit_limit")}
    for name, text in expected.items():
        try:
            said = parse_amount(text.split()[0])
        except ValueProblem:
            assert got.get(name) is None or "rounding" in text or "1000.00" in text, text
        else:
            # A credit limit is never below zero and has no parts of a cent.
            amount = said if said >= 0 and said == round_money(said) else None
            assert got.get(name, amount if "row error" in text else None) == amount, text


def test_duplicates_inside_a_file_and_a_second_time(either: Session) -> None:
    result = load(either, "customer", AWKWARD / "q_文件内重复.xlsx")
    assert (result.rows, result.added, result.skipped) == (96, 91, 5)
    assert [duplicate.existing_row for duplicate in result.duplicates] == [2, 3, 4, 5, 6]
    again = load(either, "customer", AWKWARD / "q_文件内重复.xlsx")
    assert (again.added, again.skipped, again.change_set) == (0, 96, None)
    undo(either, result.change_set)
    assert records.count(either, "customer") == 0


def test_duplicates_found_by_name_alone(session: Session) -> None:
    result = load(session, "customer", AWKWARD / "q_文件内重复.xlsx", match=("name",))
    assert (result.added, result.skipped) == (91, 5)


def test_twenty_thousand_customers_and_their_undo(session: Session) -> None:
    told: list[tuple[int, int]] = []
    result = load(session, "customer", AWKWARD / "r_两万客户.xlsx", progress=lambda done, total: told.append((done, total)))
    assert (result.added, told[-1]) == (20000, (20000, 20000))
    assert session.records.totals(session.entity("customer"), session.scope("customer"), ["opening_balance"])["opening_balance"] == Decimal("99848100.00")
    undo(session, result.change_set)
    assert records.count(session, "customer") == 0


def test_templates_of_another_program(session: Session) -> None:
    folder = DATA / "cn_jsherp_templates"
    assert load(session, "customer", folder / "customer_template.xls").added == 2
    rows = everything(session, "customer", "name", "mobile", "opening_balance", "status")
    assert [(row["name"], row["mobile"], row["opening_balance"]) for row in rows] == [
        ("客户a", "13000000000", Decimal("100.00")), ("客户b", "15000000000", Decimal("0.00")),
    ]  # fmt: skip
    assert load(session, "product", folder / "goods_template.xls").added == 2
    assert [row["barcode"] for row in everything(session, "product", "barcode")] == ["2001", "2011"]


def test_orders_with_their_customers_products_and_lines(session: Session) -> None:
    folder = DATA / "orders_northwind"
    assert load(session, "customer", folder / "customers.csv").added == 91
    assert records.count(session, "customer", Where("province", "eq", "NULL")) == 0
    assert load(session, "product", folder / "products.csv").added == 77
    assert load(session, "contract", folder / "orders.csv", {"employeeID": ""}).added == 830
    lines = load(session, "contract_line", folder / "order_details.csv", {"discount": ""})
    assert lines.added == 2155
    truth = json.loads((folder / "EXPECT.json").read_text(encoding="utf-8"))
    assert session.records.totals(session.entity("contract"), session.scope("contract"), ["total"])["total"] == Decimal(truth["gross"])


def test_receivables_and_the_receipts_that_settle_them(either: Session) -> None:
    folder = DATA / "ar_northwind_derived"
    truth = json.loads((folder / "EXPECT.json").read_text(encoding="utf-8"))
    made = load(either, "receivable", folder / "invoices.csv", create_links=True)
    assert (made.added, made.created_links) == (830, {"customer": 89})
    paid = load(either, "receipt", folder / "receipts.csv")
    assert (paid.added, paid.problems) == (585, [])
    totals = records.totals(either, "receivable")
    assert (totals["amount"], totals["settled"]) == (Decimal(truth["sum_invoices"]), Decimal(truth["sum_receipts"]))
    assert records.count(either, "receivable", Where("state", "eq", "partial")) == truth["part_paid"]
    undo(either, paid.change_set)
    assert records.totals(either, "receivable")["settled"] == Decimal("0.00")
