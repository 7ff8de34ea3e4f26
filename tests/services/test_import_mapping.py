"""What the columns of a list are taken for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from desktop_crm.base.errors import NotAllowed, UserError
from desktop_crm.services.importing import ColumnGuess, Options, guess_mapping, mapping_of, open_source, run_import
from tests.services.import_support import company, workbook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from desktop_crm.services.session import Session


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with company(f"sqlite:///{tmp_path / 'c.sqlite3'}") as opened:
        yield opened


def guesses(session: Session, path: Path, entity: str, *rows: Any) -> list[ColumnGuess]:
    return guess_mapping(session, open_source(session, entity, workbook(path / "list.xlsx", rows)))


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("客户名称*", "name"), ("客户 名称", "name"), ("Customer name", "name"), ("CompanyName", "name"), ("company_name", "name"),
        ("信用额度(元)", "credit_limit"), ("信用额度（万元）", "credit_limit"), ("联系方式/手机", "mobile"), ("手机号码（必填）", "mobile"),
        ("credit_limit", "credit_limit"), ("ＣＵＳＴＯＭＥＲ　ＩＤ", "code"), ("手机1", "mobile"), ("客戶名稱", "name"), ("欠款余额", ""), ("创建时间", ""),
    ],
)  # fmt: skip
def test_a_heading_is_known_however_it_is_written(session: Session, tmp_path: Path, heading: str, field: str) -> None:
    (guess, _other) = guesses(session, tmp_path, "customer", [heading, "备注"], ["x", "y"])
    assert guess.field == field


def test_two_columns_never_go_to_one_field_and_each_says_so(session: Session, tmp_path: Path) -> None:
    found = guesses(
        session, tmp_path, "customer",
        ["客户名称", "电话", "电话", "备注", "备注", "客户 名称"], ["甲公司", "13800138000", "0755-26760000", "a", "b", "甲"],
    )  # fmt: skip
    assert [guess.field for guess in found] == ["name", "mobile", "phone", "note", "", ""]
    assert "备注" in found[4].remark
    assert "客户名称" in found[5].remark
    assert all(guess.confidence == "none" for guess in found[4:])


def test_an_unknown_heading_is_guessed_by_what_stands_below_it(session: Session, tmp_path: Path) -> None:
    rows = [["公司甲", "13800138000", "91110000600037341L", "a@b.cn", "3.50", "2026-01-05"], ["公司乙", "13900139000", "91110000600037341L", "c@d.cn", "4.20", "2026-02-05"]]
    found = guesses(session, tmp_path, "customer", ["客户名称", "怎么找他", "执照", "网上信箱", "随便", "那天"], *rows)
    assert [guess.field for guess in found] == ["name", "mobile", "credit_code", "email", "", ""]
    assert found[1].confidence == "guess"
    assert found[1].samples == ("13800138000", "13900139000")


def test_amounts_and_dates_are_guessed_only_where_a_required_field_waits(session: Session, tmp_path: Path) -> None:
    found = guesses(session, tmp_path, "receipt", ["付款客户", "进账", "何时"], ["甲公司", "3.50", "2026-01-05"])
    assert [guess.field for guess in found] == ["customer", "amount", "received_on"]


def test_choices_of_another_program_are_left_out(session: Session, tmp_path: Path) -> None:
    found = guesses(session, tmp_path, "customer", ["客户名称", "状态"], ["甲", 1], ["乙", 0])
    assert found[1].field == ""
    assert found[1].remark


def test_a_link_is_known_by_the_name_before_the_number(session: Session, tmp_path: Path) -> None:
    found = guesses(session, tmp_path, "receivable", ["invoice_no", "customer_id", "customer", "amount"], ["1", "A", "甲", 3])
    assert [guess.field for guess in found] == ["number", "", "customer", "amount"]
    found = guesses(session, tmp_path, "receivable", ["单号", "客户编号", "金额"], ["1", "A", 3])
    assert [guess.field for guess in found] == ["number", "customer", "amount"]


def test_what_is_chosen_goes_before_what_is_guessed(session: Session, tmp_path: Path) -> None:
    found = guesses(session, tmp_path, "customer", ["公司", "客户名称", "备注"], ["甲", "乙", "丙"])
    assert mapping_of(found)[1] == "name"
    assert mapping_of(found, {0: "name"}) == {0: "name", 2: "note"}
    assert mapping_of(found, {2: ""}) == {1: "name", 2: ""}


def test_a_mapping_that_can_not_be_is_refused(session: Session, tmp_path: Path) -> None:
    source = open_source(session, "customer", workbook(tmp_path / "a.xlsx", [["客户名称", "备注"], ["甲", "乙"]]))
    with pytest.raises(UserError, match="备注"):
        run_import(session, source, Options({0: "name", 1: "name"}))
    with pytest.raises(UserError, match="nonsense"):
        run_import(session, source, Options({0: "nonsense"}))
    with pytest.raises(UserError):
        run_import(session, source, Options({}))
    with pytest.raises(UserError):
        run_import(session, source, Options({9: "name"}))
    with pytest.raises(NotAllowed):
        run_import(session, source, Options({0: "name", 1: "balance"}))
    with pytest.raises(UserError):
        run_import(session, source, Options({0: "name"}, match=("code",)))
    assert session.records.count(session.entity("customer"), session.scope("customer")) == 0


def test_the_sheet_and_the_row_of_headings_may_be_said(session: Session, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["客户名称", "备注"], ["客户名称", "电话"], ["甲", "13800138000"]])
    assert open_source(session, "customer", path, header_row=2).table.headings == ["客户名称", "电话"]
    with pytest.raises(UserError, match="Sheet1"):
        open_source(session, "customer", path, sheet="没有")
    with pytest.raises(UserError):
        open_source(session, "customer", path, header_row=0)
    with pytest.raises(UserError):
        open_source(session, "customer", workbook(tmp_path / "b.xlsx", [["客户名称", "备注"]]))
