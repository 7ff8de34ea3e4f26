"""Importing: what goes in, what doesn't, what it links to, and that undo takes it all back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.errors import Cancelled, NotAllowed
from desktop_crm.domain.conditions import Where
from desktop_crm.services import records, sign_in
from desktop_crm.services.importing import open_source, write_refused
from desktop_crm.services.policy import Person
from desktop_crm.services.session import Session
from tests.services.import_support import company, everything, load, text_file, undo, workbook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CUSTOMERS: list[list[object]] = [
    ["客户编号", "客户名称", "手机", "信用额度", "下次跟进", "备注"],
    ["A1", "恒泰科技有限公司", 13800138000, 1234.5, date(2026, 1, 5), "a"],
    ["A2", "明达贸易有限公司", "139 0013 9000", "￥2,000.10", "2026年2月3日", "b"],
    [None, "华信电子厂", None, None, None, None],
]


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as opened:
        yield opened


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Session]:
    """Open a company where the engine makes no difference."""
    with company(f"sqlite:///{tmp_path / 'c.sqlite3'}") as opened:
        yield opened


def count(session: Session, entity: str = "customer") -> int:
    return records.count(session, entity)


def other_person(session: Session, name: str, role: str) -> Session:
    made = records.save(session, "user", records.new(session, "user", name=name, login=name, role=role))
    sign_in.rebuild_visibility(session.store)
    return Session(session.store, Person(made.result.id, name, role))


def test_an_import_is_one_change_set_that_undo_takes_back(session: Session, tmp_path: Path) -> None:
    result = load(session, "customer", workbook(tmp_path / "a.xlsx", CUSTOMERS))
    assert (result.added, result.refused, result.problems) == (3, 0, [])
    rows = everything(session, "customer", "code", "name", "mobile", "credit_limit", "next_contact", "note")
    assert [row["code"] for row in rows] == ["A1", "A2", "KH-00001"]
    assert [row["mobile"] for row in rows] == ["13800138000", "13900139000", ""]
    assert [row["credit_limit"] for row in rows] == [Decimal("1234.50"), Decimal("2000.10"), None]
    assert [row["next_contact"] for row in rows] == [date(2026, 1, 5), date(2026, 2, 3), None]
    assert records.count(session, "customer", Where("owner", "eq", session.person.id)) == 3
    assert session.log.last_of(session.person.id).id == result.change_set  # type: ignore[union-attr]
    undo(session, result.change_set)
    assert count(session) == 0


def test_bad_rows_keep_everything_out_and_each_is_named(session: Session, tmp_path: Path) -> None:
    rows = [*CUSTOMERS, ["A4", None, "1", "很多", "2026-02-30", "c"], ["A1", "又一家", None, None, None, None]]
    path = workbook(tmp_path / "a.xlsx", rows)
    result = load(session, "customer", path, on_duplicate="add")
    assert (result.added, result.skipped, result.refused, result.change_set) == (0, 3, 2, None)
    assert [(problem.row, problem.column, problem.value) for problem in result.problems] == [
        (5, "信用额度", "很多"), (5, "下次跟进", "2026-02-30"), (6, "客户编号", "A1"),
    ]  # fmt: skip
    assert count(session) == 0
    good = load(session, "customer", path, on_duplicate="add", keep_good=True)
    assert (good.added, good.refused) == (3, 2)
    assert count(session) == 3


def test_a_trial_says_what_would_be_and_writes_nothing(session: Session, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["单号", "客户", "金额", "日期"], ["R1", "新客户", 3, date(2026, 1, 1)]])
    trial = load(session, "receivable", path, create_links=True, dry_run=True)
    assert (trial.added, trial.created_links, trial.change_set) == (1, {"customer": 1}, None)
    assert (count(session), count(session, "receivable"), session.store.scalar("SELECT COUNT(*) FROM change_set WHERE action = 'import'")) == (0, 0, 0)
    real = load(session, "receivable", path, create_links=True)
    assert (real.added, real.created_links, count(session)) == (1, {"customer": 1}, 1)


def test_the_required_field_is_named_where_no_column_has_it(local: Session, tmp_path: Path) -> None:
    result = load(local, "customer", workbook(tmp_path / "a.xlsx", [["手机", "备注"], ["13800138000", "x"]]))
    assert (result.refused, result.problems[0].field, result.problems[0].row) == (1, "name", 2)


def test_rows_that_say_the_same_are_duplicates_of_the_first(session: Session, tmp_path: Path) -> None:
    rows = [["客户编号", "客户名称", "手机"], ["A", "Around the Horn", "1"], ["A", "Around the Horn", "1"], [None, "AROUND THE HORN ", "1"], ["", "　Ａround the Horn", "2"]]
    path = workbook(tmp_path / "a.xlsx", rows)
    first = load(session, "customer", path)
    assert (first.added, first.skipped) == (1, 3)
    assert [(item.row, item.existing_row, item.existing_id) for item in first.duplicates] == [(3, 2, None), (4, 2, None), (5, 2, None)]
    second = load(session, "customer", path)
    assert (second.added, second.skipped, second.change_set) == (0, 4, None)
    assert second.duplicates[3].differences == [("name", "Around the Horn", "Ａround the Horn"), ("mobile", "1", "2")]


def test_duplicates_update_or_fill_what_is_there_and_undo_brings_it_back(session: Session, tmp_path: Path) -> None:
    load(session, "customer", workbook(tmp_path / "a.xlsx", CUSTOMERS))
    before = everything(session, "customer")
    newer = workbook(
        tmp_path / "b.xlsx",
        [["客户编号", "客户名称", "手机", "信用额度", "备注"], ["A1", "恒泰科技有限公司", "13811112222", None, "新"], [None, "华信电子厂", "13800000000", 5, "x"], ["A9", "新来的", None, 1, None]],
    )
    filled = load(session, "customer", newer, on_duplicate="fill")
    assert (filled.added, filled.updated, filled.skipped) == (1, 1, 1)
    rows = {row["name"]: row for row in everything(session, "customer", "name", "mobile", "note", "credit_limit")}
    assert (rows["恒泰科技有限公司"]["mobile"], rows["恒泰科技有限公司"]["note"]) == ("13800138000", "a")
    assert (rows["华信电子厂"]["mobile"], rows["华信电子厂"]["credit_limit"]) == ("13800000000", Decimal("5.00"))
    updated = load(session, "customer", newer, on_duplicate="update")
    assert (updated.added, updated.updated, updated.skipped) == (0, 1, 2)
    changed = everything(session, "customer", "mobile", "credit_limit", "note", condition=Where("code", "eq", "A1"))[0]
    assert (changed["mobile"], changed["credit_limit"], changed["note"]) == ("13811112222", Decimal("1234.50"), "新")
    undo(session, updated.change_set)
    undo(session, filled.change_set)
    kept = [{name: value for name, value in row.items() if name not in {"version", "updated_at"}} for row in before]
    assert [{name: value for name, value in row.items() if name not in {"version", "updated_at"}} for row in everything(session, "customer")] == kept


def test_a_later_row_of_the_file_updates_the_earlier_one(local: Session, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["客户名称", "手机", "备注"], ["甲公司", "1", "a"], ["甲公司", "2", None]])
    assert (load(local, "customer", path, on_duplicate="update")).updated == 1
    (row,) = everything(local, "customer", "mobile", "note")
    assert (row["mobile"], row["note"]) == ("2", "a")


def test_namesakes_of_other_customers_are_other_people(local: Session, tmp_path: Path) -> None:
    load(local, "customer", workbook(tmp_path / "a.xlsx", [["客户名称", "备注"], ["甲公司", "x"], ["乙公司", "y"]]))
    rows = [["姓名", "客户", "手机"], ["张伟", "甲公司", "13800138000"], ["张伟", "乙公司", None], ["张伟", "乙公司", None]]
    result = load(local, "contact", workbook(tmp_path / "b.xlsx", rows))
    assert (result.added, result.skipped) == (2, 1)
    assert [warning.row for warning in result.warnings] == [3]


def test_links_are_found_by_title_number_and_folded_name(session: Session, tmp_path: Path) -> None:
    load(session, "customer", workbook(tmp_path / "a.xlsx", CUSTOMERS))
    rows = [["单号", "客户", "金额", "日期"], ["1", "A1", 1, date(2026, 1, 1)], ["2", "恒泰科技", 2, date(2026, 1, 1)], ["3", "明达贸易 有限公司", 3, date(2026, 1, 1)], ["4", "没这家", 4, date(2026, 1, 1)]]
    path = workbook(tmp_path / "b.xlsx", rows)
    result = load(session, "receivable", path, keep_good=True)
    assert (result.added, result.refused, result.problems[0].row, result.problems[0].value) == (3, 1, 5, "没这家")
    assert "没这家" in result.problems[0].message
    assert [row["customer"].title for row in everything(session, "receivable", "customer")] == ["恒泰科技有限公司", "恒泰科技有限公司", "明达贸易有限公司"]
    made = load(session, "receivable", path, create_links=True)
    assert (made.added, made.skipped, made.created_links) == (1, 3, {"customer": 1})
    undo(session, made.change_set)
    assert (count(session), count(session, "receivable")) == (3, 3)


def test_a_name_that_fits_two_records_is_not_guessed(local: Session, tmp_path: Path) -> None:
    load(local, "customer", workbook(tmp_path / "a.xlsx", [["客户名称", "客户编号"], ["恒泰科技有限公司", "A"], ["恒泰科技股份有限公司", "B"]]))
    path = workbook(tmp_path / "b.xlsx", [["单号", "客户", "金额", "日期"], ["1", "恒泰科技", 1, date(2026, 1, 1)]])
    result = load(local, "receivable", path, create_links=True)
    assert result.refused == 1
    assert "恒泰科技股份有限公司" in result.problems[0].message


def test_records_made_for_refused_rows_are_not_kept(local: Session, tmp_path: Path) -> None:
    rows = [["单号", "客户", "金额", "日期", "业务员"], ["1", "新客户", None, date(2026, 1, 1), None], ["2", "另一家", 2, date(2026, 1, 1), "没这人"], ["3", "第三家", 3, date(2026, 1, 1), "boss"]]
    result = load(local, "receivable", workbook(tmp_path / "b.xlsx", rows), create_links=True, keep_good=True)
    assert (result.added, result.refused, result.created_links) == (1, 2, {"customer": 1})
    assert [row["name"] for row in everything(local, "customer", "name")] == ["第三家"]


def test_lines_take_what_their_product_gives_and_add_up(session: Session, tmp_path: Path) -> None:
    load(session, "product", workbook(tmp_path / "p.xlsx", [["产品编码", "产品名称", "单价", "税率"], ["P1", "轴承", 9.99, "13%"]]))
    load(session, "contract", workbook(tmp_path / "c.xlsx", [["合同编号", "客户", "签订日期", "状态"], ["H1", "甲公司", date(2026, 1, 1), "执行中"]]), create_links=True)
    lines = workbook(tmp_path / "l.xlsx", [["合同编号", "productID", "数量"], ["H1", "P1", 3], ["H1", "轴承", 1]])
    result = load(session, "contract_line", lines)
    assert result.added == 2
    assert [row["total"] for row in everything(session, "contract_line", "total")] == [Decimal("29.97"), Decimal("9.99")]
    assert everything(session, "contract", "total")[0]["total"] == Decimal("39.96")
    undo(session, result.change_set)
    assert everything(session, "contract", "total")[0]["total"] == Decimal("0.00")


def test_receipts_settle_the_documents_they_name_and_the_wrong_one_is_found(session: Session, tmp_path: Path) -> None:
    rows = [["单号", "客户", "金额", "日期"], *([f"R{number}", f"客户{number}", 100, date(2026, 1, 1)] for number in range(1, 6))]
    load(session, "receivable", workbook(tmp_path / "r.xlsx", rows), create_links=True)
    paid = [["收款单号", "发票号", "客户", "金额", "收款日期"], ["S1", "R1", None, 60, date(2026, 2, 1)], ["S2", "R2", None, 150, date(2026, 2, 1)], ["S3", "R3", "客户4", 10, date(2026, 2, 1)]]
    path = workbook(tmp_path / "s.xlsx", paid)
    refused = load(session, "receipt", path)
    assert (refused.added, refused.refused, refused.problems[0].row, count(session, "receipt")) == (0, 1, 4, 0)
    kept = load(session, "receipt", path, keep_good=True)
    assert (kept.added, kept.refused) == (2, 1)
    totals = records.totals(session, "receipt")
    assert (totals["amount"], totals["allocated"], totals["unallocated"]) == (Decimal("210.00"), Decimal("160.00"), Decimal("50.00"))
    undo(session, kept.change_set)
    assert records.totals(session, "receivable")["settled"] == Decimal("0.00")


def test_a_text_file_of_another_program(local: Session, tmp_path: Path) -> None:
    rows = [["customerID", "companyName", "region", "phone"], ["ALFKI", "Alfreds 𠮷", "NULL", "0755-26760000"], ["", "", "", ""], ["B", "b", "x", "1", "too much"], ["C", "NULL", "", ""], ["D", "short"]]
    result = load(local, "customer", text_file(tmp_path / "a.csv", rows, "gb18030"), keep_good=True)
    assert (result.rows, result.added, sorted({problem.row for problem in result.problems})) == (4, 2, [4, 5])
    assert [(row["name"], row["province"]) for row in everything(local, "customer", "name", "province")] == [("Alfreds 𠮷", ""), ("short", "")]


def test_numbers_that_lost_digits_and_numbers_for_dates(local: Session, tmp_path: Path) -> None:
    rows = [["客户名称", "统一社会信用代码", "下次跟进"], ["甲", 914403001234567890, None], ["乙", None, 45659], ["丙", None, 12], ["丁", None, 20250102]]
    result = load(local, "customer", workbook(tmp_path / "a.xlsx", rows), keep_good=True)
    assert [(problem.row, problem.field) for problem in result.problems] == [(2, "credit_code"), (4, "next_contact")]
    assert [row["next_contact"] for row in everything(local, "customer", "next_contact")] == [date(2025, 1, 2), date(2025, 1, 2)]
    assert [warning.row for warning in result.warnings] == [3]


def test_an_odd_credit_code_is_imported_and_remarked_on(local: Session, tmp_path: Path) -> None:
    result = load(local, "customer", workbook(tmp_path / "a.xlsx", [["客户名称", "税号"], ["甲", "91350211M000100Y49"]]))
    assert (result.added, result.warnings[0].row, result.warnings[0].column) == (1, 2, "税号")


def test_breaking_off_leaves_nothing_behind(session: Session, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["客户名称", "备注"], *([f"客户{number}", "x"] for number in range(1100))])

    def stop(done: int, _total: int) -> None:
        if done >= 1000:
            raise Cancelled

    with pytest.raises(Cancelled):
        load(session, "customer", path, progress=stop)
    assert (count(session), session.store.scalar("SELECT COUNT(*) FROM change_set WHERE action = 'import'")) == (0, 0)


def test_rights_hold_row_by_row(session: Session, tmp_path: Path) -> None:
    load(session, "customer", workbook(tmp_path / "a.xlsx", [["客户名称", "手机", "业务员"], ["老板的客户", "1", "boss"]]))
    sales = other_person(session, "小王", "sales")
    rows = [["客户名称", "手机", "业务员"], ["老板的客户", "2", None], ["我的客户", "3", None], ["送人的客户", "4", "boss"]]
    path = workbook(tmp_path / "b.xlsx", rows)
    result = load(sales, "customer", path, on_duplicate="update", keep_good=True)
    assert (result.added, sorted({problem.row for problem in result.problems})) == (1, [2, 4])
    assert (result.duplicates[0].differences, result.duplicates[0].existing_title) == ([], "老板的客户")
    assert everything(session, "customer", "owner", condition=Where("name", "eq", "我的客户"))[0]["owner"] == sales.person.id
    viewer = other_person(session, "小李", "viewer")
    with pytest.raises(NotAllowed):
        open_source(viewer, "customer", path)
    with pytest.raises(NotAllowed):
        load(sales, "receivable", path)


def test_refused_rows_come_back_in_the_users_own_layout(local: Session, tmp_path: Path) -> None:
    rows = [["客户 名称*", "信用额度", "下次跟进", "别的"], ["甲", 1, date(2026, 1, 5), "x"], ["乙", "很多", date(2026, 1, 6), 3], [None, 5, None, 4]]
    source = open_source(local, "customer", workbook(tmp_path / "a.xlsx", rows))
    result = load(local, "customer", workbook(tmp_path / "a.xlsx", rows))
    write_refused(source, result, tmp_path / "bad.xlsx")
    again = open_source(local, "customer", tmp_path / "bad.xlsx")
    assert again.table.headings[:4] == source.table.headings
    assert [again.sheet.rows[row][:4] for row in again.table.rows] == [["乙", "很多", date(2026, 1, 6), Decimal(3)], [None, Decimal(5), None, Decimal(4)]]
    assert "很多" in str(again.sheet.cell(again.table.rows[0], 4))


@pytest.mark.parametrize(
    ("heading", "cell", "paid", "total"),
    [
        ("discount", 0, "1", "100.00"), ("discount", 0.15, "0.85", "85.00"), ("优惠率", "15%", "0.85", "85.00"),
        ("折扣率", 0.95, "0.95", "95.00"), ("折扣", "9.5折", "0.95", "95.00"), ("折扣", 9.5, "0.95", "95.00"), ("折扣", "九折", "0.9", "90.00"), ("折扣", 95, "0.95", "95.00"),
    ],
)  # fmt: skip
def test_a_discount_is_the_share_paid_however_it_is_written(local: Session, tmp_path: Path, heading: str, cell: object, paid: str, total: str) -> None:
    load(local, "customer", workbook(tmp_path / "c.xlsx", CUSTOMERS))
    load(local, "contract", workbook(tmp_path / "h.xlsx", [["合同编号", "客户名称", "签订日期"], ["HT1", "华信电子厂", date(2026, 1, 5)]]))
    lines = [["合同编号", "品名", "数量", "单价", heading], ["HT1", "阀门", 1, 100, cell]]
    assert load(local, "contract_line", workbook(tmp_path / "l.xlsx", lines)).added == 1
    (line,) = everything(local, "contract_line", "discount", "total")
    assert (line["discount"], line["total"]) == (Decimal(paid), Decimal(total))


def test_every_row_is_told_whose_linked_record_can_not_be_made_of_its_name(local: Session, tmp_path: Path) -> None:
    rows = [["客户名称", "负责人"], ["甲公司", "王五"], ["乙公司", "赵六"], ["丙公司", "王五"]]
    result = load(local, "customer", workbook(tmp_path / "c.xlsx", rows), create_links=True)
    assert (result.refused, result.skipped) == (3, 0)
    assert [(problem.row, problem.value) for problem in result.problems] == [(2, "王五"), (3, "赵六"), (4, "王五")]


def test_rules_look_at_a_list_of_which_few_rows_have_what_they_are_about(local: Session, tmp_path: Path) -> None:
    rows: list[list[object]] = [["客户名称", "期初余额"], ["恒泰一厂", None], ["恒泰二厂", None], ["明达贸易", 1200.5]]
    assert load(local, "customer", workbook(tmp_path / "a.xlsx", rows)).added == 3
    assert [(row["name"], row["balance"]) for row in everything(local, "customer", "name", "balance") if row["balance"]] == [("明达贸易", Decimal("1200.50"))]
    (opening,) = everything(local, "receivable", "kind", "amount")
    assert (opening["kind"], opening["amount"]) == ("opening", Decimal("1200.50"))
