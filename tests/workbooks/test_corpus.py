"""Every file of the shared collections: what is readable is read with the right rows, what isn't is refused with a reason."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from desktop_crm.base.i18n import use_language
from desktop_crm.services.workbooks.cells import CellError, Workbook
from desktop_crm.services.workbooks.layout import Table, best_sheet, find_table
from desktop_crm.services.workbooks.reader import PasswordNeeded, UnreadableFile, read_workbook
from tests.support.children import HANGS
from tests.workbooks.support import DATA, known

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared collections of spreadsheets aren't here")

# Data rows of the tables; where the manifest says none here, being readable is all that is asked.
ROWS = dict.fromkeys(
    [
        "a_标题合并双层表头_合计行.xlsx",
        "b_尾部空行空列.xlsx",
        "c_重复表头.xlsx",
        "d_长数字_科学计数.xlsx",
        "f_1904日期系统.xlsx",
        "g_公式无缓存值.xlsx",
        "g_公式有缓存值.xlsx",
        "h_错误值单元格.xlsx",
        "n_其实是CSV.xlsx",
        "n_其实是HTML.xls",
        "n_其实是XLSX.xls",
        "o_客户_GB18030生僻字.csv",
        "o_客户_GBK.csv",
        "o_客户_UTF16LE制表符.txt",
        "o_客户_UTF8无BOM.csv",
        "p_首表是说明_含隐藏行列.xlsx",
        "s_客户.ods",
        "s_客户_旧格式.xls",
        "t_客户_基准.xlsx",
    ],
    91,
) | {
    "e_日期大杂烩.xlsx": 24,
    "i_金额文本花样.xlsx": 24,
    "o_客户_列数不齐.csv": 17,
    "q_文件内重复.xlsx": 96,
    "r_两万客户.xlsx": 20000,
    "cal__header-row.xlsx": 1,
    "cal__temperature-in-middle.xlsx": 2,
    "poi__chinese-provinces.xls": 3,
    "php__autofilter2.xlsx": 29,
    "sjs__fn.et": 2,
    "sjs__ErrorTypes.xlsx": 13,
    "poi__InlineStrings.xlsx": 6,
}
SUMS = {
    "a_标题合并双层表头_合计行.xlsx": ("信用额度", "33224.55"),
    "b_尾部空行空列.xlsx": ("信用额度", "33224.55"),
    "n_其实是XLSX.xls": ("信用额度", "33224.55"),
    "s_客户.ods": ("信用额度", "33224.55"),
    "s_客户_旧格式.xls": ("信用额度", "33224.55"),
    "t_客户_基准.xlsx": ("信用额度", "33224.55"),
    "g_公式有缓存值.xlsx": ("金额", "13474.35"),
    "h_错误值单元格.xlsx": ("金额", "28579.54"),
    "r_两万客户.xlsx": ("期初应收", "99848100"),
}


def _manifest(collection: str) -> list[tuple[str, str, str]]:
    path = DATA / collection / "MANIFEST.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [(collection, row["file"], row["expect"]) for row in csv.DictReader(file)]


def _table(path: Path) -> tuple[Workbook, Table]:
    workbook = read_workbook(path)
    sheet = best_sheet(workbook, known)
    assert sheet is not None
    table = find_table(sheet, known)
    assert table is not None
    return workbook, table


def _sum(workbook: Workbook, table: Table, heading: str) -> Decimal:
    """Add up a column over the rows without an error."""
    sheet = next(sheet for sheet in workbook.sheets if sheet.name == table.sheet)
    column = table.columns[table.headings.index(heading)]
    cells = [sheet.cell(row, column) for row in table.rows if not any(isinstance(cell, CellError) for cell in sheet.rows[row])]
    return sum((cell for cell in cells if isinstance(cell, Decimal)), Decimal())


def processor_seconds() -> float:
    """Return how long this process and those it started have worked: what a loaded machine doesn't make longer."""
    return sum(os.times()[:4])


@pytest.mark.parametrize(("collection", "name", "expect"), _manifest("awkward_crm_shaped") + _manifest("awkward_library"))
def test_every_file_is_read_or_refused_as_the_manifest_says(collection: str, name: str, expect: str) -> None:
    started = processor_seconds()
    try:
        workbook = read_workbook(DATA / collection / name)
    except UnreadableFile as problem:
        workbook, reason = None, problem.message
    else:
        reason = ""
    assert processor_seconds() - started < 10
    # Formulas without results ("REFUSE rows") are refused cell by cell: the rest of the file can still be looked at.
    allowed = {"REFUSE": {True}, "IMPORT_OR_REFUSE": {True, False}}.get(expect, {False})
    assert bool(reason) in allowed
    if workbook is None or name not in ROWS:
        return
    sheet = best_sheet(workbook, known)
    table = find_table(sheet, known) if sheet else None
    assert table is not None
    assert len(table.rows) == ROWS[name]
    if name in SUMS:
        heading, total = SUMS[name]
        assert _sum(workbook, table, heading) == Decimal(total)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows doesn't say how much memory a process took")
@pytest.mark.parametrize("name", ["l_压缩炸弹.xlsx", "m_XXE.xlsx"])
def test_a_bomb_takes_little_memory(name: str) -> None:
    code = (
        "import resource, sys; from pathlib import Path; from desktop_crm.services.workbooks.reader import *\n"
        "try: read_workbook(Path(sys.argv[1]))\n"
        "except UnreadableFile: print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(DATA / "awkward_crm_shaped" / name)],
        capture_output=True,
        check=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        cwd=DATA,
        timeout=HANGS,
    )
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(ended.stdout) * unit < 500 * 1024 * 1024


@pytest.mark.parametrize("name", ["j_密码123456.xlsx", "poi__protected_passtika.xlsx", "sjs__password_2002_40_xor.xls"])
def test_protected_files_ask_for_the_password(name: str) -> None:
    folder = "awkward_crm_shaped" if name.startswith("j_") else "awkward_library"
    with pytest.raises(PasswordNeeded):
        read_workbook(DATA / folder / name)
    with pytest.raises(PasswordNeeded):
        read_workbook(DATA / folder / name, password="not this one")


def test_the_password_opens_the_file() -> None:
    workbook = read_workbook(DATA / "awkward_crm_shaped" / "j_密码123456.xlsx", password="123456")
    assert len(workbook.sheets[0].rows) > 90


def test_two_storey_headings_totals_and_notes() -> None:
    _workbook, table = _table(DATA / "awkward_crm_shaped" / "a_标题合并双层表头_合计行.xlsx")
    assert table.header_rows == (3, 4)
    assert table.headings[:5] == ["客户编号", "客户名称", "联系方式/联系人", "联系方式/手机", "联系方式/电话"]
    assert [row for row, _reason in table.excluded] == [96, 98]


def test_instructions_dictionary_hidden_rows_and_required_marks() -> None:
    workbook, table = _table(DATA / "awkward_crm_shaped" / "p_首表是说明_含隐藏行列.xlsx")
    assert table.sheet == "客户"
    assert table.headings[:2] == ["客户编号", "客户名称"]
    assert table.hidden_rows == 10
    sheet = workbook.sheets[1]
    assert len(sheet.hidden_columns) == 1
    assert workbook.sheets[2].hidden


def test_rare_characters_and_quoted_line_breaks() -> None:
    folder = DATA / "awkward_crm_shaped"
    rare = read_workbook(folder / "o_客户_GB18030生僻字.csv")
    assert rare.encoding == "gb18030"
    assert [rare.sheets[0].cell(row, 1) for row in (1, 2, 4)] == ["𠮷田㙍", "买买提·阿不都拉", "欧阳㛃"]
    address = read_workbook(folder / "o_客户_GBK.csv").sheets[0].cell(3, 3)
    assert isinstance(address, str)
    assert "," in address
    assert '"' in address
    assert "\n" in address


def test_ragged_rows_stay_ragged_and_what_stands_beyond_is_named() -> None:
    workbook, table = _table(DATA / "awkward_crm_shaped" / "o_客户_列数不齐.csv")
    assert len(workbook.sheets[0].rows[4]) < len(table.headings)
    assert {row for row, _column in table.beyond} == {6}


def test_long_numbers_are_flagged_and_short_ones_exact() -> None:
    workbook, table = _table(DATA / "awkward_crm_shaped" / "d_长数字_科学计数.xlsx")
    sheet = workbook.sheets[0]
    assert {column for _row, column in sheet.suspicious} == {3, 6}
    assert str(sheet.cell(1, 1)) == str(sheet.cell(1, 2)) == "13810000000"
    assert sheet.cell(2, 5) == "6222021001000012345"
    assert len(sheet.suspicious) == 2 * len(table.rows)


def test_errors_and_formulas_without_results_are_no_values() -> None:
    folder = DATA / "awkward_crm_shaped"
    errors = [cell for row in read_workbook(folder / "h_错误值单元格.xlsx").sheets[0].rows for cell in row if isinstance(cell, CellError)]
    assert len(errors) == 13
    rows = read_workbook(folder / "g_公式无缓存值.xlsx").sheets[0].rows
    assert {row[3] for row in rows[1:]} == {CellError("formula")}


def test_a_picture_is_called_a_picture() -> None:
    use_language("en")
    with pytest.raises(UnreadableFile, match="a PNG picture"):
        read_workbook(DATA / "awkward_crm_shaped" / "n_其实是PNG.xlsx")
    assert read_workbook(DATA / "awkward_crm_shaped" / "n_其实是CSV.xlsx").notes == ["The file is really a text file (CSV)."]


def _easyexcel() -> list[tuple[str, list[tuple[str, int, int]]]]:
    path = DATA / "cn_easyexcel" / "EXPECT.json"
    return list(json.loads(path.read_text(encoding="utf-8")).items()) if path.is_file() else []


@pytest.mark.parametrize(("name", "sheets"), _easyexcel())
def test_chinese_exports_have_their_size(name: str, sheets: list[tuple[str, int, int]]) -> None:
    workbook = read_workbook(DATA / "cn_easyexcel" / name)
    found = [(sheet.name, len(sheet.rows), max(map(len, sheet.rows), default=0)) for sheet in workbook.sheets]
    assert found == [tuple(sheet) for sheet in sheets]


@pytest.mark.parametrize("path", sorted((DATA / "cn_jsherp_templates").glob("*.xls")), ids=lambda path: path.stem)
def test_import_templates_skip_their_instructions(path: Path) -> None:
    _workbook, table = _table(path)
    assert table.header_rows == (1,)
    assert len(table.rows) == 2
    assert not any("*" in heading for heading in table.headings)


def test_a_template_keeps_its_figures() -> None:
    workbook, table = _table(DATA / "cn_jsherp_templates" / "customer_template.xls")
    sheet = workbook.sheets[0]
    column = dict(zip(table.headings, table.columns, strict=True))
    assert [sheet.cell(row, column["名称"]) for row in table.rows] == ["客户a", "客户b"]
    assert [str(sheet.cell(row, column["手机号码"])) for row in table.rows] == ["13000000000", "15000000000"]
    assert [sheet.cell(row, column["期初应收"]) for row in table.rows] == [100, 0]
