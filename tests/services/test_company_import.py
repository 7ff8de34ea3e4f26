"""A workbook of several related sheets: each finds what the others bring, all of it or nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
import xlsxwriter

from desktop_crm.base.errors import Cancelled, NotAllowed
from desktop_crm.base.i18n import LANGUAGES, use_language
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.services import records
from desktop_crm.services.importing import guess_mapping, mapping_of, open_source
from desktop_crm.services.imports.company import open_company
from desktop_crm.services.imports.company_run import COUNTS, CompanyOptions, CompanyResult, run_company, write_company_refused
from desktop_crm.services.imports.template_books import write_template
from desktop_crm.services.policy import Person
from desktop_crm.services.session import Session
from tests.services.import_support import company, everything, undo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# Deliberately not in the order in which they must be imported.
SHEETS: dict[str, list[Sequence[Any]]] = {
    "期初应收": [("客户", "单据编号", "单据日期", "到期日", "应收金额"), ("华信公司", "QC-1", date(2025, 12, 31), date(2026, 1, 31), 1200.5), ("KH-2", "QC-2", date(2025, 12, 31), None, 80)],
    "回款计划": [
        ("合同编号", "款项名称", "到期日", "金额"), ("HT-1", "首付", date(2026, 2, 1), 30), ("HT-2", "全款", date(2026, 2, 1), 50), ("HT-1", "尾款", date(2026, 3, 1), 70),
    ],
    "合同明细": [("合同编号", "产品名称", "数量", "含税单价"), ("HT-1", "法兰", 2, 25), ("HT-1", "垫片", 5, 10), ("HT-2", "法兰", 2, 25)],
    "合同": [("合同编号", "客户名称", "签订日期", "合同状态"), ("HT-1", "华信公司", date(2026, 1, 5), "执行中"), ("HT-2", "远达公司", date(2026, 1, 6), "执行中")],
    "联系人": [("姓名", "客户", "手机"), ("王五", "华信公司", "13800138000"), ("赵六", "远达公司", "13800138001")],
    "客户资料": [("客户名称", "客户编号", "等级"), ("华信公司", "KH-1", "A"), ("远达公司", "KH-2", "B")],
    "填表说明": [("说明",), ("请按格式填写",)],
}  # fmt: skip


def written(path: Path, sheets: dict[str, list[Sequence[Any]]]) -> Path:
    book = xlsxwriter.Workbook(path)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, value, day)
                else:
                    sheet.write(number, column, value)
    book.close()
    return path


def changed(**rows: list[Sequence[Any]]) -> dict[str, list[Sequence[Any]]]:
    return {name: [rows_of[0], *rows[name]] if name in rows else rows_of for name, rows_of in SHEETS.items()}


def load(session: Session, path: Path, **options: Any) -> CompanyResult:
    result = run_company(session, open_company(session, path), CompanyOptions(**options)).result
    for one in result.sheets:
        assert one.result.rows == sum(getattr(one.result, name) for name in COUNTS[1:]), one
    return result


def count(session: Session, entity: str) -> int:
    return session.records.count(session.entity(entity), EVERYTHING)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with company(f"sqlite:///{tmp_path / 'company.db'}") as opened:
        yield opened


@pytest.fixture
def anywhere(db_url: str) -> Iterator[Session]:
    with company(db_url) as opened:
        yield opened


def test_sheets_are_known_put_in_order_linked_and_undone_in_one_step(anywhere: Session, tmp_path: Path) -> None:
    path = written(tmp_path / "公司.xlsx", SHEETS)
    book = open_company(anywhere, path)
    assert [part.spec.name for part in book.parts] == ["customer", "contact", "contract", "instalment", "receivable", "contract_line"]
    assert [name for name, _reason in book.left_out] == ["填表说明"]
    result = load(anywhere, path)
    assert {name: result.count(name) for name in COUNTS} == {"rows": 14, "added": 14, "updated": 0, "skipped": 0, "refused": 0}
    found = everything(anywhere, "receivable", "number", "kind", "customer", "amount", "name")
    assert sorted((row["kind"], row["customer"].title, row["amount"]) for row in found) == [
        ("contract", "华信公司", Decimal(30)), ("contract", "华信公司", Decimal(70)), ("contract", "远达公司", Decimal(50)),
        ("opening", "华信公司", Decimal("1200.50")), ("opening", "远达公司", Decimal(80)),
    ]  # fmt: skip
    assert sorted(row["total"] for row in everything(anywhere, "contract", "total")) == [Decimal(50), Decimal(100)]
    again = load(anywhere, path)
    assert (again.count("skipped"), again.count("added"), again.change_set) == (14, 0, None)
    assert count(anywhere, "contract_line") == 3
    undo(anywhere, result.change_set)
    assert [count(anywhere, entity) for entity in ("customer", "contact", "contract", "contract_line", "instalment", "receivable")] == [0] * 6


def test_one_bad_row_keeps_all_sheets_out_and_says_what_hangs_on_it(session: Session, tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", changed(客户资料=[("华信公司", "KH-1", "很好"), ("远达公司", "KH-2", "B")]))
    result = load(session, path)
    assert (result.change_set, result.count("added")) == (None, 0)
    assert count(session, "customer") == 0
    problems = {one.sheet: [problem.message for problem in one.result.problems] for one in result.sheets}
    assert "客户资料" in problems["联系人"][0]
    assert len(problems["合同"]) == 1
    assert result.count("rows") == 14


def test_the_good_rows_are_kept_by_choice_and_the_refused_ones_come_in_when_put_right(anywhere: Session, tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", changed(客户资料=[("华信公司", "KH-1", "很好"), ("远达公司", "KH-2", "B")]))
    book = open_company(anywhere, path)
    result = run_company(anywhere, book, CompanyOptions(keep_good=True)).result
    assert [count(anywhere, entity) for entity in ("customer", "contact", "contract", "contract_line", "instalment")] == [1, 1, 1, 1, 1]
    back = tmp_path / "退回.xlsx"
    assert write_company_refused(book, result, back) == result.count("refused") == 8
    again: Any = openpyxl.load_workbook(back)
    assert again.sheetnames == ["期初应收", "回款计划", "合同明细", "合同", "联系人", "客户资料"]
    again["客户资料"]["C2"].value = "A"
    again.save(back)
    second = load(anywhere, back)
    assert (second.count("refused"), second.count("added")) == (0, 8)
    assert [count(anywhere, entity) for entity in ("customer", "contact", "contract", "contract_line", "instalment", "receivable")] == [2, 2, 2, 3, 3, 5]


def test_a_plan_that_doesnt_add_up_is_put_down_to_its_contract(session: Session, tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", changed(回款计划=[("HT-1", "首付", date(2026, 2, 1), 30), ("HT-2", "全款", date(2026, 2, 1), 50)]))
    result = load(session, path)
    contracts = next(one for one in result.sheets if one.entity == "contract")
    assert [(problem.row, problem.value) for problem in contracts.result.problems] == [(2, "HT-1")]
    assert count(session, "customer") == 0
    kept = load(session, path, keep_good=True)
    assert count(session, "contract") == 1
    assert kept.count("refused") == 4


def test_a_trial_and_a_stop_leave_nothing(session: Session, tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", SHEETS)
    assert (load(session, path, dry_run=True).count("added"), count(session, "customer")) == (14, 0)

    def stop(done: int, _total: int) -> None:
        if done > 8:
            raise Cancelled

    with pytest.raises(Cancelled):
        run_company(session, open_company(session, path), CompanyOptions(), progress=stop)
    assert count(session, "customer") == 0


def test_who_may_not_write_all_of_it_imports_none_of_it(session: Session, tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", SHEETS)
    book = open_company(session, path)
    key = records.save(session, "user", {"name": "李", "login": "li", "role": "viewer"}).result.id
    viewer = Session(session.store, Person(key, "李", "viewer"))
    with pytest.raises(NotAllowed):
        run_company(viewer, book, CompanyOptions())
    with pytest.raises(NotAllowed):
        write_template(viewer, tmp_path / "b.xlsx")


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_workbook_to_fill_in_is_imported_as_it_is(tmp_path: Path, language: str) -> None:
    use_language(language)
    with company(f"sqlite:///{tmp_path / 'a.db'}") as session:
        path = tmp_path / "a.xlsx"
        write_template(session, path)
        empty = load(session, path)
        assert (empty.count("rows"), empty.change_set) == (0, None)
        assert all(one.result.excluded for one in empty.sheets)
        book: Any = openpyxl.load_workbook(path)
        for sheet in book.worksheets[1:]:
            cell = sheet["A2"]
            if isinstance(cell.value, str):
                cell.value = cell.value.replace("：", ": ").partition(": ")[2]
        book.save(path)
        result = load(session, path)
        assert (result.count("added"), result.count("refused"), len(result.sheets)) == (7, 0, 7)
        assert [row["kind"] for row in everything(session, "receivable", "kind")] == ["opening", "contract"]


def test_every_entitys_own_workbook_knows_its_headings(tmp_path: Path) -> None:
    with company(f"sqlite:///{tmp_path / 'a.db'}") as session:
        for name, spec in session.catalog.items():
            if not (spec.group or spec.parent or spec.sheet):
                continue
            path = tmp_path / f"{name}.xlsx"
            write_template(session, path, name)
            source = open_source(session, name, path)
            assert source.table.rows == []
            mapping = mapping_of(guess_mapping(session, source))
            assert sorted(mapping) == source.table.columns, name
