"""The command line's verbs for whole workbooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from desktop_crm.services import records
from desktop_crm.services.session import open_session
from tests.cli.support import Shell
from tests.support.company import company

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    url = f"sqlite:///{tmp_path / 'company.db'}"
    with company(url):
        pass
    return Shell(capsys, url)


def test_a_whole_companys_workbook_is_made_filled_in_and_imported(shell: Shell, tmp_path: Path) -> None:
    path, back = tmp_path / "公司.xlsx", tmp_path / "退回.xlsx"
    assert shell.json("template-workbook", "--lang", "zh_CN", "company", str(path))["sheets"][0] == "填写说明"
    assert shell.json("import-company", "--lang", "zh_CN", str(path))["rows"] == 0
    book: Any = openpyxl.load_workbook(path)
    for sheet in book.worksheets[1:]:
        if isinstance(sheet["A2"].value, str):
            sheet["A2"].value = sheet["A2"].value.removeprefix("示例：")
    book["合同"]["D2"].value = "不是日期"
    book.save(path)
    answer = shell.json("import-company", "--lang", "zh_CN", str(path), "--refused", str(back), code=1)
    assert (answer["added"], answer["refused"], answer["change_set"]) == (0, 3, None)
    assert [(one["sheet"], len(one["problems"])) for one in answer["sheets"] if one["problems"]] == [("合同", 1), ("产品明细", 1), ("回款计划", 1)]
    assert answer["refused_rows_written"] == 3
    book["合同"]["D2"].value = "2026-01-15"
    book.save(path)
    done = shell.json("import-company", "--lang", "zh_CN", str(path), "--sheet", "产品=")
    assert (done["added"], done["refused"]) == (6, 0)
    assert {"sheet": "产品", "reason": "选择不导入"} in done["left_out"]
    shell.json("undo", done["change_set"])
    assert shell.json("list", "customer")["count"] == 0


def test_a_list_for_editing_comes_back_as_a_difference(shell: Shell, tmp_path: Path) -> None:
    session = open_session(shell.db, "boss")
    for name in ("华信公司", "远达公司", "长虹公司"):
        records.save(session, "customer", records.new(session, "customer", name=name))
    path = tmp_path / "客户.xlsx"
    shell.json("export", "customer", str(path), "--for-editing", "--columns", "name,city,level", "--sort", "name")
    book: Any = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    rows = {sheet.cell(number, 3).value: number for number in range(3, 6)}
    sheet.cell(rows["华信公司"], 4).value = "苏州"
    sheet.delete_rows(rows["长虹公司"])
    book.save(path)
    seen = shell.json("bring-back", str(path), "--dry-run")
    assert {name: seen[name] for name in ("changed", "added", "missing", "same", "conflicts", "change_set")} == {
        "changed": 1, "added": 0, "missing": 1, "same": 1, "conflicts": 0, "change_set": None,
    }  # fmt: skip
    records.save(session, "customer", {"city": "无锡"}, key=1)
    session.close()
    asked = shell.json("bring-back", str(path), "--delete-missing", code=1)
    assert (asked["conflicts"], asked["written"]) == (1, None)
    assert asked["rows"][0]["fields"] == [{"field": "city", "before": "", "now": "无锡", "new": "苏州", "conflict": True}]
    done = shell.json("bring-back", str(path), "--delete-missing", "--conflicts", "mine")
    assert done["written"] == {"changed": 1, "added": 0, "deleted": 1}
    assert [(row["name"], row["city"]) for row in shell.json("list", "customer", "--sort", "id", "--columns", "name,city")["rows"]] == [("华信公司", "苏州"), ("远达公司", "")]
    shell.json("undo", done["change_set"])
    assert shell.json("list", "customer")["count"] == 3
