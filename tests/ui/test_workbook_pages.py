"""The pages for whole workbooks: all related sheets at once, and what comes back from Excel."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from PySide6.QtWidgets import QMenu

from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import Query
from desktop_crm.services import records, roundtrip
from desktop_crm.ui.bring_back_page import BringBackPage
from desktop_crm.ui.company_import_page import DONE, SHEETS, CompanyImportPage
from desktop_crm.ui.import_page import ImportPage
from desktop_crm.ui.list_page import ListPage
from desktop_crm.ui.workbook_offer import save_for_editing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop_crm.services.session import Session
    from tests.ui.conftest import Bench, FakeFiles

SHEET_ROWS: dict[str, list[tuple[Any, ...]]] = {
    "联系人": [("姓名", "客户", "手机"), ("王五", "华信公司", "13800138000"), ("赵六", "远达公司", "13800138001")],
    "客户资料": [("客户名称", "等级"), ("华信公司", "A"), ("远达公司", "B")],
    "合同": [("合同编号", "客户名称", "签订日期"), ("HT-1", "华信公司", date(2026, 1, 5))],
}


def workbook(path: Path, **changed: list[tuple[Any, ...]]) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, rows in SHEET_ROWS.items():
        sheet = made.create_sheet(name)
        for row in changed.get(name, rows):
            sheet.append(row)
    made.save(path)
    return path


def test_a_workbook_of_related_lists_is_offered_imported_and_undone(bench: Bench, session: Session, tmp_path: Path) -> None:
    page = ImportPage(bench.desk, "customer")
    bench.show(page)
    page.choose.open(workbook(tmp_path / "公司.xlsx"))
    bench.settle()
    assert page.offer.isVisible()
    page.offer.findChild(type(page.go), "import.whole").click()  # type: ignore[union-attr]
    (_kind, key, parameters) = bench.opened[-1]
    assert key == "import_company"
    whole = CompanyImportPage(bench.desk, **parameters)
    bench.show(whole)
    bench.settle()
    assert whole.steps.current() == SHEETS
    assert [line.sheet for line in whole.sheets.lines] == ["客户资料", "联系人", "合同"]
    assert whole.go.text() == _("Import {count} rows").format(count=5)
    assert records.count(session, "customer") == 0
    whole.go.click()
    bench.settle()
    assert whole.steps.current() == DONE
    assert [records.count(session, name) for name in ("customer", "contact", "contract")] == [2, 2, 1]
    whole.done.undo.click()
    bench.settle()
    assert records.count(session, "customer") == 0


def test_problems_are_named_by_sheet_a_sheet_may_be_left_out_and_refused_rows_saved(
    bench: Bench, session: Session, tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles]
) -> None:
    rows: list[tuple[Any, ...]] = [SHEET_ROWS["合同"][0], ("HT-1", "华信公司", "昨天吧")]
    page = CompanyImportPage(bench.desk, "customer", workbook(tmp_path / "a.xlsx", 合同=rows))
    bench.show(page)
    bench.settle()
    assert page.trial is not None
    assert page.trial.count("refused") == 1
    assert not page.go.isEnabled()
    assert page.problems.model.shown(0, 0).text == "合同"
    target = tmp_path / "退回.xlsx"
    answer_files(target)
    page.save_refused.click()
    bench.settle()
    assert openpyxl.load_workbook(target).sheetnames == ["合同"]
    next(line for line in page.sheets.lines if line.sheet == "合同").combo.set_value("")
    page.sheets.changed.emit()
    bench.settle()
    assert page.go.isEnabled()
    page.go.click()
    bench.settle()
    assert [records.count(session, name) for name in ("customer", "contact", "contract")] == [2, 2, 0]


@pytest.fixture
def customers(session: Session) -> list[int]:
    names = ("华信公司", "远达公司", "长虹公司", "大唐公司")
    return [records.save(session, "customer", records.new(session, "customer", name=name, level=2, city="苏州")).result.id for name in names]


def edited(session: Session, path: Path) -> Any:
    roundtrip.export_for_editing(session, Query("customer", sort="id"), path, columns=["name", "level", "city"])
    return openpyxl.load_workbook(path)


def test_differences_are_decided_one_by_one_and_taken_over(bench: Bench, session: Session, customers: list[int], tmp_path: Path) -> None:
    path = tmp_path / "客户.xlsx"
    book = edited(session, path)
    sheet = book.worksheets[0]
    sheet["D3"].value, sheet["E4"].value, sheet["D5"].value = 5, "无锡", "很好"
    sheet.delete_rows(6)
    sheet.append([None, None, "新来公司", 1, "南京"])
    book.save(path)
    records.save(session, "customer", {"city": "上海"}, key=customers[1])
    page = BringBackPage(bench.desk, path)
    bench.show(page)
    bench.settle()
    assert [line.group for line in page.lines] == ["changed", "conflict", "problem", "added", "added", "added", "missing"]
    assert not page.go.isEnabled()
    conflict = [line.group for line in page.lines].index("conflict")
    page.decide(conflict)
    assert page.decision(page.lines[conflict])[0] == _("Takes the file's")
    page.decide(conflict)
    assert page.decision(page.lines[conflict])[0] == _("Keeps what is here")
    page.mine.click()
    page.leave_bad.setChecked(True)
    page.delete_all.setChecked(True)
    assert page.go.isEnabled()
    page.chips["missing"].click()
    assert page.model.rowCount() == 1
    page.go.click()
    bench.settle()
    found = records.page(session, Query("customer", sort="id", columns=("name", "level", "city")))
    assert [(row["name"], row["level"], row["city"]) for row in found] == [("华信公司", 5, "苏州"), ("远达公司", 2, "无锡"), ("长虹公司", 2, "苏州"), ("新来公司", 1, "南京")]
    assert bench.said[-1][1] is not None
    assert bench.opened[-1][:2] == ("list", "customer")


def test_what_cannot_be_brought_back_is_said_on_the_page(bench: Bench, session: Session, customers: list[int], tmp_path: Path) -> None:
    del session, customers
    page = BringBackPage(bench.desk, workbook(tmp_path / "a.xlsx"))
    bench.show(page)
    bench.settle()
    assert page.problem.isVisible()
    assert not page.go.isEnabled()


def test_a_lists_menu_writes_workbooks_for_editing_and_to_fill_in(
    bench: Bench, session: Session, customers: list[int], tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles]
) -> None:
    page = ListPage(bench.desk, "customer")
    bench.show(page)
    menu = QMenu()
    page.acts.menu(menu)
    by_text = {action.text(): action for action in menu.actions()}
    answer_files(tmp_path / "填写.xlsx")
    by_text[_("Workbook to fill in…")].trigger()
    bench.settle()
    assert len(openpyxl.load_workbook(tmp_path / "填写.xlsx").sheetnames) == 3
    answer_files(tmp_path / "编辑")
    by_text[_("Export for editing…")].trigger()
    bench.settle()
    assert len(roundtrip.read_back(session, tmp_path / "编辑.xlsx").rows) == 0
    answer_files(tmp_path / "编辑.xlsx")
    by_text[_("Bring back an edited list…")].trigger()
    assert bench.opened[-1][1] == "bring_back"
    answer_files(None)
    save_for_editing(page, bench.desk, session.spec("customer"), Query("customer"), ["name"])
    del customers


def test_a_list_for_editing_that_is_imported_is_offered_as_a_difference(bench: Bench, session: Session, customers: list[int], tmp_path: Path) -> None:
    edited(session, tmp_path / "a.xlsx")
    page = ImportPage(bench.desk, "customer")
    bench.show(page)
    page.choose.open(tmp_path / "a.xlsx")
    bench.settle()
    page.offer.findChild(type(page.go), "import.bring_back").click()  # type: ignore[union-attr]
    assert bench.opened[-1][1] == "bring_back"
    del customers
