"""The tax bureau's workbook and its answer: checked to the byte, joined by the request number, taken over once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_crm.base.errors import NotAllowed, UserError
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.services import invoices, records, settlements, undoing, users, writing
from desktop_crm.services.session import Session, open_session
from desktop_crm.services.tax import issued, layout, requests, workbook
from desktop_crm.services.tax.layout import Column
from tests.services.bank_support import write
from tests.services.ledger import add, company, customer, debt, figures, noon, receive, rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TAX = "91310115MA1K35X65C"
CODE = "1090101010000000000"
FIRST, SECOND = "26312000000012345678", "26312000000012345679"


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


def buyer(session: Session, name: str = "恒泰科技有限公司", **title: Any) -> int:
    key = customer(session, name)
    add(session, "invoice_title", customer=key, **{"title": name, "tax_number": TAX, "address": "上海市浦东新区世纪大道 1 号", "phone": "021-58880000", "bank": "工行陆家嘴支行",
                                                   "account": "1001", **title})  # fmt: skip
    return key


def coded(session: Session, key: int) -> int:
    """Give every line of a request a tax code."""
    lines = records.lines(session, "invoice_request", key)["invoice_request_line"]
    records.save(session, "invoice_request", {}, key=key, lines={"invoice_request_line": [{**line, "tax_code": CODE} for line in lines]})
    return key


def request(session: Session, of: int, *amounts: str) -> int:
    debts = [debt(session, of, amount, name="软件服务费") for amount in amounts]
    return coded(session, requests.from_receivables(session, debts, merge=True).result[0])


def found(session: Session, key: int) -> list[workbook.CellProblem]:
    columns = layout.current(session)
    return workbook.problems(workbook.drafts(session, [key], columns), columns)


def bureau(path: Path, *lines: tuple[str, ...]) -> Path:
    return write(path, [["发票流水号", "数电票号码", "开票日期", "金额", "税额", "价税合计", "购买方名称", "开票状态", "失败原因"], *lines])


# ---- requests


def test_receivables_become_one_request_a_customer_or_one_each(session: Session) -> None:
    one, two = buyer(session), buyer(session, "另一家")
    debts = [debt(session, of, amount) for of, amount in ((one, "100"), (one, "50.5"), (two, "7"))]
    merged = requests.from_receivables(session, debts[:2], merge=True).result
    assert [figures(session, "invoice_request", key, "total", "state") for key in merged] == [(Decimal("150.50"), "open")]
    with pytest.raises(UserError):
        requests.from_receivables(session, debts[:2], merge=True)
    each = requests.from_receivables(session, debts, merge=False).result
    assert [figures(session, "invoice_request", key, "customer", "total") for key in each] == [(two, Decimal(7))], "what is requested already is not requested again"


def test_money_paid_back_is_never_requested(session: Session) -> None:
    of = buyer(session)
    paid = receive(session, of, "80")
    back = settlements.refund(session, receipt=paid.id, amount=Decimal(30)).result.receivable
    owed = debt(session, of, "100")
    with pytest.raises(UserError):
        requests.from_receivables(session, [back], merge=True)
    (key,) = requests.from_receivables(session, [back, owed], merge=True).result
    assert figures(session, "invoice_request", key, "total") == (Decimal(100),)


def test_a_receivable_of_a_contract_brings_the_lines(session: Session) -> None:
    of = buyer(session)
    product = add(session, "product", name="传感器", tax_code=CODE)
    goods = [
        {"product": product, "product_name": "传感器", "specification": "X-1", "unit": "只", "quantity": Decimal(3), "price": Decimal("33.33"), "tax_rate": Decimal("0.13")},
        {"product_name": "安装", "quantity": Decimal(1), "price": Decimal("50.01"), "tax_rate": Decimal("0.06")},
    ]
    contract = add(session, "contract", customer=of, state="active", signed_on=date(2026, 6, 1), lines={"contract_line": goods})
    whole = rows(session, "receivable", "id", contract=contract)[0][0]
    key = requests.from_receivables(session, [whole], merge=True).result[0]
    assert rows(session, "invoice_request_line", "item", "tax_code", "quantity", "price", "tax_rate", "amount", "receivable") == [
        ("传感器", CODE, Decimal(3), Decimal("33.33"), Decimal("0.13"), Decimal("99.99"), whole), ("安装", "", Decimal(1), Decimal("50.01"), Decimal("0.06"), Decimal("50.01"), whole)]
    assert figures(session, "invoice_request", key, "total", "contract") == (Decimal("150.00"), contract)
    assert [(one.heading, one.value) for one in found(session, key)] == [("商品和服务税收编码", "")]


@given(amount=st.integers(1, 10**7).map(lambda cents: Decimal(cents) / 100), totals=st.lists(st.integers(1, 10**6).map(lambda cents: Decimal(cents) / 100), max_size=6))
def test_the_lines_of_a_part_add_up_to_it(amount: Decimal, totals: list[Decimal]) -> None:
    goods = [{"product": None, "product_name": "A", "specification": "", "unit": "", "quantity": Decimal(1), "price": total, "discount": None, "tax_rate": None, "total": total} for total in totals]
    made = requests.lines_of({"id": 1, "name": "", "number": "YS"}, amount, goods, {})
    assert sum(line["amount"] for line in made) == amount
    assert all(line["amount"] > 0 for line in made)


# ---- the workbook


def test_all_cells_are_text_and_the_sheets_join(session: Session, tmp_path: Path) -> None:
    keys = [request(session, buyer(session), "100", "50.50"), request(session, buyer(session, "另一家"), "7")]
    path = tmp_path / "开票.xlsx"
    done = workbook.write(session, keys, path, layout.current(session))
    assert done.result == 2
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["1-发票基本信息", "2-发票明细信息"]
    head, lines = (list(book[name].iter_rows(values_only=True)) for name in book.sheetnames)
    assert all(value is None or isinstance(value, str) for row in (*head, *lines) for value in row)
    assert all(cell.number_format == "@" for name in book.sheetnames for row in book[name].iter_rows() for cell in row)
    serials = [figures(session, "invoice_request", key, "number")[0] for key in keys]
    assert [row[0] for row in head[1:]] == serials
    assert [row[0] for row in lines[1:]] == [serials[0], serials[0], serials[1]]
    named = dict(zip(head[0], head[1], strict=True))
    assert (named["发票类型"], named["是否含税"], named["购买方名称"], named["购买方纳税人识别号"]) == ("增值税专用发票", "是", "恒泰科技有限公司", TAX)
    first = dict(zip(lines[0], lines[1], strict=True))
    assert (first["项目名称"], first["商品和服务税收编码"], first["金额"], first["税率"], first["数量"]) == ("软件服务费", CODE, "100.00", "0.13", None)
    assert [figures(session, "invoice_request", key, "state")[0] for key in keys] == ["exported", "exported"]
    with pytest.raises(UserError):
        records.delete(session, "invoice_request", keys)
    assert workbook.take_back(session, keys).result == 2
    records.delete(session, "invoice_request", keys)


@pytest.mark.parametrize(("values", "heading"), [
    ({"title": "恒" * 51}, "购买方名称"),
    ({"address": "路" * 40, "phone": "0" * 21}, "购买方地址和购买方电话"),
    ({"bank": "行" * 45, "account": "1" * 11}, "购买方开户银行和购买方银行账号"),
    ({"tax_number": ""}, "购买方纳税人识别号"),
])  # fmt: skip
def test_what_the_bureau_would_refuse_is_named_by_cell(session: Session, values: dict[str, str], heading: str, tmp_path: Path) -> None:
    key = request(session, buyer(session, **values), "100")
    assert [one.heading for one in found(session, key)] == [heading]
    path = tmp_path / "a.xlsx"
    with pytest.raises(UserError, match=heading):
        workbook.write(session, [key], path, layout.current(session))
    assert not path.exists()
    assert figures(session, "invoice_request", key, "state") == ("open",)


def test_lengths_are_counted_in_bytes_of_gbk(session: Session) -> None:
    assert (workbook.gbk_length("恒泰a1"), workbook.gbk_length("𬭎"), workbook.gbk_length("（）")) == (6, 4, 4)
    assert found(session, request(session, buyer(session, title="恒" * 50, address="路" * 40, phone="0" * 20), "100")) == []


def test_sums_that_do_not_match_and_rates_that_cannot_be(session: Session) -> None:
    key = request(session, buyer(session), "100")
    line = records.lines(session, "invoice_request", key)["invoice_request_line"][0]
    for change, heading in (({"quantity": Decimal(3), "price": Decimal(30)}, "金额"), ({"quantity": Decimal(3), "price": None}, "数量"), ({"tax_code": "123"}, "商品和服务税收编码"),
                            ({"amount": Decimal("100.01")}, "金额")):  # fmt: skip
        records.save(session, "invoice_request", {}, key=key, lines={"invoice_request_line": [{**line, **change}]})
        assert [one.heading for one in found(session, key)] == [heading], change
    records.save(session, "invoice_request", {}, key=key, lines={"invoice_request_line": [{**line, "quantity": Decimal(3), "price": Decimal("33.33")}]})
    assert found(session, key) == [], "a cent of rounding is taken"


def test_the_columns_can_be_changed_and_put_back(session: Session, tmp_path: Path) -> None:
    key = request(session, buyer(session), "100")
    columns = layout.shipped()
    head = columns.sheets[0]
    changed = replace(columns, sheets=(replace(head, name="发票", columns=(*head.columns[:2], Column("合同", "contract", "无"))), columns.sheets[1]))
    layout.save(session, changed)
    assert layout.current(session) == changed
    workbook.write(session, [key], tmp_path / "a.xlsx", layout.current(session))
    assert [row[2] for row in openpyxl.load_workbook(tmp_path / "a.xlsx")["发票"].iter_rows(values_only=True)] == ["合同", "无"]
    for wrong in (Column("合同", "nothing"), Column("", "contract"), Column("发票流水号", "contract")):
        with pytest.raises(UserError):
            layout.save(session, replace(columns, sheets=(replace(head, columns=(*head.columns, wrong)),)))
    with pytest.raises(UserError):
        layout.save(session, replace(columns, sheets=(replace(head, columns=(Column("合同", "contract"),)),)))
    layout.reset(session)
    assert layout.current(session) == layout.shipped()


# ---- what was issued


def test_issued_invoices_are_taken_over_once_and_undone(session: Session, tmp_path: Path) -> None:
    keys = [request(session, buyer(session), "100", "50.50"), request(session, buyer(session, "另一家"), "7")]
    one, two = (figures(session, "invoice_request", key, "number")[0] for key in keys)
    path = bureau(tmp_path / "a.xlsx", (one, FIRST, "2026-06-29 10:00:00", "133.18", "17.32", "150.50", "恒泰科技有限公司", "开具成功", ""), (two, "", "", "", "", "", "", "开具失败", "税号错误"))
    file = issued.read_issued(session, path)
    assert [(row.ready, row.problem[:3]) for row in file.rows] == [(True, ""), (False, "未开具")]
    done = issued.take_over(session, file.rows)
    assert rows(session, "invoice", "number", "issued_on", "total", "net", "tax", "kind", "title", "covered", "uncovered") == [
        (FIRST, date(2026, 6, 29), Decimal("150.50"), Decimal("133.18"), Decimal("17.32"), "e_special", "恒泰科技有限公司", Decimal("150.50"), Decimal(0))]
    assert [figures(session, "invoice_request", key, "state")[0] for key in keys] == ["issued", "open"]
    assert [row[0] for row in rows(session, "receivable", "uninvoiced")] == [0, 0, 7]
    again = issued.read_issued(session, path)
    assert [row.known for row in again.rows] == [True, False]
    assert issued.take_over(session, again.rows).result == []
    undoing.undo(session, done.change_set or 0)
    assert rows(session, "invoice", "id") == []
    assert figures(session, "invoice_request", keys[0], "state") == ("open",)
    assert issued.read_issued(session, path).rows[0].ready


def test_what_differs_is_shown_and_what_cannot_be_is_refused(session: Session, tmp_path: Path) -> None:
    key = request(session, buyer(session), "100")
    serial = figures(session, "invoice_request", key, "number")[0]
    other = request(session, buyer(session, "丙"), "9")
    other_serial = figures(session, "invoice_request", other, "number")[0]
    add(session, "invoice", number=SECOND, customer=customer(session, "乙"), issued_on=date(2026, 6, 1), total=Decimal(5))
    day = "2026年06月29日"
    path = bureau(
        tmp_path / "a.csv", (serial, FIRST, day, "79.65", "10.35", "90.00", "别的公司", "", ""), (serial, FIRST[:-1] + "1", day, "", "", "100.00", "", "", ""),
        ("KP-unknown", FIRST[:-1] + "2", day, "", "", "1", "", "", ""), (other_serial, SECOND, day, "", "", "9", "", "", ""), (other_serial, "123", day, "", "", "9", "", "", ""),
        (other_serial, FIRST, day, "", "", "9", "", "", ""), (other_serial, FIRST[:-1] + "3", "soon", "", "", "9", "", "", ""),
    )  # fmt: skip
    file = issued.read_issued(session, path)
    assert [bool(row.problem) for row in file.rows] == [False, True, True, True, True, True]
    assert len(file.rows[0].differences) == 2
    assert [one.row for one in file.problems] == [8]
    issued.take_over(session, file.rows)
    assert figures(session, "invoice", rows(session, "invoice", "id", number=FIRST)[0][0], "total", "covered", "tax") == (Decimal(90), Decimal(90), Decimal("10.35"))
    assert figures(session, "invoice_request", other, "state") == ("open",)


def test_a_list_without_request_numbers_is_joined_by_the_note_or_by_what_fits(session: Session, tmp_path: Path) -> None:
    first, second = request(session, buyer(session), "100"), request(session, buyer(session, "乙公司"), "200")
    serial = figures(session, "invoice_request", first, "number")[0]
    path = write(tmp_path / "a.xlsx", [["数电发票号码", "开票日期", "价税合计", "购买方名称", "备注"], [FIRST, "2026-06-29", "100.00", "恒泰科技有限公司", f"单号{serial}"],
                                       [SECOND, "2026-06-29", "200.00", "乙公司", ""], [FIRST[:-1] + "1", "2026-06-29", "3.00", "丙", ""]])  # fmt: skip
    file = issued.read_issued(session, path)
    assert [(row.request or {}).get("id") for row in file.rows] == [first, second, None]
    assert [row.ready for row in file.rows] == [True, False, False]
    issued.take_over(session, file.rows)
    assert len(rows(session, "invoice", "id")) == 2


def test_two_people_cannot_take_over_one_request(session: Session, tmp_path: Path) -> None:
    key = request(session, buyer(session), "100")
    serial = figures(session, "invoice_request", key, "number")[0]
    file = issued.read_issued(session, bureau(tmp_path / "a.csv", (serial, FIRST, "2026-06-29", "", "", "100", "", "", "")))
    other = open_session(session.url)
    try:
        issued.take_over(other, issued.read_issued(other, bureau(tmp_path / "b.csv", (serial, SECOND, "2026-06-29", "", "", "100", "", "", ""))).rows)
    finally:
        other.close()
    with pytest.raises(UserError, match=serial):
        issued.take_over(session, file.rows)
    assert records.count(session, "invoice") == 1


def test_sales_people_see_their_requests_and_issue_none(session: Session, tmp_path: Path) -> None:
    key = request(session, buyer(session), "100")
    users.add_user(session, {"login": "sam", "name": "Sam", "role": "sales"}, "secret-1")
    sales = open_session(session.url, "sam", "secret-1")
    sales.clock = noon
    try:
        assert records.count(sales, "invoice_request") == 0
        for attempt in (lambda: workbook.write(sales, [key], tmp_path / "a.xlsx", layout.shipped()), lambda: issued.take_over(sales, []),
                        lambda: requests.from_receivables(sales, [], merge=True)):  # fmt: skip
            with pytest.raises(NotAllowed):
                attempt()
    finally:
        sales.close()


# ---- red letters

RED = [FIRST[:-1] + figure for figure in "1234567"]
HEADS = ["数电发票号码", "开票日期", "金额", "税额", "价税合计", "购买方名称", "备注"]


def red_note(number: str) -> str:
    return f"被红冲蓝字数电发票号码：{number} 红字发票信息确认单编号：31011526061000000001"


def test_red_letters_of_the_list_take_back_what_their_note_names(session: Session, tmp_path: Path) -> None:
    key = request(session, buyer(session), "100", "50.50")
    serial = figures(session, "invoice_request", key, "number")[0]
    path = write(tmp_path / "a.xlsx", [
        HEADS, [RED[0], "2026-06-29", "-44.25", "-5.75", "-50.00", "", red_note(FIRST)], [FIRST, "2026-06-28", "133.18", "17.32", "150.50", "恒泰科技有限公司", serial],
        [RED[1], "2026-06-30", "-88.93", "-11.57", "-100.50", "", red_note(FIRST)], [RED[2], "2026-06-30", "-0.01", "0", "-0.01", "", red_note(FIRST)],
        [RED[3], "2026-06-30", "-1", "0", "-1", "", red_note(SECOND)], [RED[4], "2026-06-30", "-1", "0", "-1", "", "退货"], [RED[1], "2026-06-30", "-1", "0", "-1", "", red_note(FIRST)],
    ])  # fmt: skip
    file = issued.read_issued(session, path)
    assert [row.ready for row in file.rows] == [True, True, True, False, False, False, False]
    done = issued.take_over(session, [row for row in file.rows if row.ready])
    assert sorted(rows(session, "invoice", "number", "net", "tax", "total")) == sorted([
        (FIRST, Decimal("133.18"), Decimal("17.32"), Decimal("150.50")), (RED[0], Decimal("-44.25"), Decimal("-5.75"), Decimal("-50.00")),
        (RED[1], Decimal("-88.93"), Decimal("-11.57"), Decimal("-100.50"))])  # fmt: skip
    assert [row[0] for row in rows(session, "receivable", "uninvoiced")] == [Decimal("100.00"), Decimal("50.50")], "both may be invoiced again"
    assert [row.known for row in issued.read_issued(session, path).rows] == [True, True, True, False, False, False, False]
    undoing.undo(session, done.change_set or 0)
    assert rows(session, "invoice", "id") == []


def test_a_column_may_name_what_is_taken_back(session: Session, tmp_path: Path) -> None:
    add(session, "invoice", number="12345678", customer=customer(session), issued_on=date(2026, 6, 1), total=Decimal(113), kind="special")
    path = write(tmp_path / "a.csv", [[*HEADS, "原发票号码"], [FIRST, "2026-06-29", "-100", "-13", "-113", "", "", "12345678"]])
    (row,) = issued.read_issued(session, path).rows
    assert row.ready
    issued.take_over(session, [row])
    assert rows(session, "invoice", "number", "tax", "state") == [("12345678", Decimal(13), "back"), (FIRST, Decimal(-13), "red")]


def test_the_tax_of_red_letters_adds_up_to_that_of_the_invoice(session: Session) -> None:
    of = customer(session)
    # Three lines of 0.37 with 13 % have 0.12 tax, their total 1.11 has 0.13: the bureau's figures come with the request.
    asked = add(session, "invoice_request", customer=of, requested_on=date(2026, 6, 1), lines={"invoice_request_line": [{"item": "件", "amount": Decimal("0.37"), "tax_rate": Decimal("0.13")}] * 3})
    for number, rate in ((FIRST, Decimal("0.13")), (SECOND, None)):
        made = records.save(session, "invoice", records.new(session, "invoice", number=number, customer=of, issued_on=date(2026, 6, 1), total=Decimal("1.11"), tax_rate=rate, request=asked)).result.id
        stored = writing.stored_values(session, "invoice", made) or {}
        session.write("test", "test", lambda made=made, stored=stored: writing.update_row(session, "invoice", made, {**stored, "tax": Decimal("0.12"), "net": Decimal("0.99")}))  # type: ignore[misc]
        back = Decimal("0.37") if rate is None else None
        while figures(session, "invoice", made, "state") != ("back",):
            invoices.red_letter(session, invoice=made, number=f"{number[:-3]}{session.records.count(session.entity('invoice'), EVERYTHING):03}", total=back)
    assert sum(row[0] for row in rows(session, "invoice", "tax")) == 0
    assert sum(row[0] for row in rows(session, "invoice", "net")) == 0
    red = rows(session, "invoice", "id", "tax", red_of=rows(session, "invoice", "id", number=FIRST)[0][0])[0]
    assert red[1] == Decimal("-0.12")
    records.save(session, "invoice", {"note": "退货"}, key=red[0])
    assert figures(session, "invoice", red[0], "tax") == (Decimal("-0.12"),), "a note changes no tax"


def test_what_the_bureau_would_refuse_of_a_line_names_the_line(session: Session) -> None:
    of = buyer(session)
    key = requests.from_receivables(session, [debt(session, of, amount, name="软件服务费") for amount in ("100", "200")], merge=True).result[0]
    told = [one.message for one in found(session, key) if one.sheet.startswith("2")]
    assert {text[:5] for text in told} == {"第 1 行", "第 2 行"}
