"""Text files and web pages: encodings, separators, line ends, quotation marks, tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.i18n import use_language
from desktop_crm.services.workbooks import texts
from desktop_crm.services.workbooks.cells import CellError
from desktop_crm.services.workbooks.reader import UnreadableFile, read_workbook
from desktop_crm.services.workbooks.refusal import Refused
from desktop_crm.services.workbooks.web import read_tables

if TYPE_CHECKING:
    from pathlib import Path

LIST = "客户名称,联系人\r\n北京𬭎图公司,𠮷田\r\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (LIST.encode("utf-8-sig"), "utf-8"),
        (LIST.encode(), "utf-8"),
        (LIST.encode("gb18030"), "gb18030"),
        (LIST.encode("utf-16"), "utf-16-le"),
        (LIST.encode("utf-16-le"), "utf-16-le"),
        (LIST.encode("utf-16-be"), "utf-16-be"),
        ("Taquería,Åkesson".encode(), "utf-8"),
        ("专业,位".encode("gbk"), "gb18030"),
        ("客戶名稱,聯絡人\n臺北市電子股份有限公司,王小明\n".encode("cp950"), "cp950"),
        ("客戶名稱,聯絡人\n臺北市電子股份有限公司,王小明\n".encode("gb18030"), "gb18030"),
        ("Péricles,México D.F.\nGalería,España\n".encode("cp1252"), "cp1252"),
        ("name,note\nAlfreds 𠮷,x\n".encode("gb18030"), "gb18030"),
    ],
)
def test_the_encoding_is_recognised(data: bytes, encoding: str) -> None:
    text, found = texts.decode(data)
    assert found == encoding
    assert text == data.decode("utf-8-sig" if encoding == "utf-8" else "utf-16" if data[:1] == b"\xff" else encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_file_cut_off_inside_a_character_is_read_and_the_loss_is_said(tmp_path: Path, encoding: str) -> None:
    use_language("en")
    path = tmp_path / "a.csv"
    path.write_bytes(("客户名称,联系人\n" + "华信机械设备有限公司,王小明\n" * 4).encode(encoding)[:-2])
    workbook = read_workbook(path)
    assert workbook.encoding == encoding
    assert [row[0] for row in workbook.sheets[0].rows] == ["客户名称", *["华信机械设备有限公司"] * 4]
    assert workbook.notes == [f"1 characters of the file are damaged or not written in {encoding}; they show as \ufffd."]


def test_zero_bytes_and_marks_in_the_middle_are_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbfname,phone\r\nAlpha\x00 Ltd,1\n\xef\xbb\xbfname,phone\rBeta Limited Company,2\r\n" + bytes(300))
    assert read_workbook(path).sheets[0].rows == [["name", "phone"], ["Alpha Ltd", "1"], ["name", "phone"], ["Beta Limited Company", "2"]]


def test_big5_by_choice_and_gbk_means_gb18030(tmp_path: Path) -> None:
    assert texts.decode("客戶名稱,聯絡人".encode("cp950"), "big5") == ("客戶名稱,聯絡人", "cp950")
    assert texts.decode("䶮".encode("gb18030"), "GBK") == ("䶮", "gb18030")
    use_language("en")
    path = tmp_path / "a.csv"
    path.write_bytes("客户,姓名".encode())
    with pytest.raises(UnreadableFile, match="another encoding"):
        read_workbook(path, encoding="cp950")
    with pytest.raises(UnreadableFile, match="isn't known"):
        read_workbook(path, encoding="no-such-code")


@pytest.mark.parametrize(
    ("text", "separator", "rows"),
    [
        ("a,b\n1,2\n", ",", [["a", "b"], ["1", "2"]]),
        ("a;b\r1,5;2,5\r", ";", [["a", "b"], ["1,5", "2,5"]]),
        ("a\tb\r\n1,2,3\t4\r\n", "\t", [["a", "b"], ["1,2,3", "4"]]),
        ("sep=;\r\na;b,c\r\n", ";", [["a", "b,c"]]),
        ('a,b\n"x\ny,""z""",2\n', ",", [["a", "b"], ['x\ny,"z"', "2"]]),
        ("a,b,c\n1\n1,2,3,4\n,,\n\n", ",", [["a", "b", "c"], ["1"], ["1", "2", "3", "4"]]),
        ("单列\n甲\n", ",", [["单列"], ["甲"]]),
        ("电话,备注\n'+86 138,'=1+1\n-5,O'Neil\n", ",", [["电话", "备注"], ["+86 138", "=1+1"], ["-5", "O'Neil"]]),
    ],
)
def test_rows_and_their_separator(text: str, separator: str, rows: list[list[str]]) -> None:
    assert texts.read_rows(text) == (rows, separator)


def test_a_quotation_mark_that_swallows_the_rest_is_refused_with_its_line() -> None:
    with pytest.raises(Refused) as caught:
        texts.read_rows('a,b\n1,2\n"3,4\n5,6\n7,8\n')
    assert (caught.value.code, caught.value.values) == ("quote-open", {"row": 3})


def test_shortened_numbers_and_errors_of_a_text_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("手机,金额\n1.38E+10,#N/A\n6.22202E+18,1e3\n1.3812345678E+10,2\n", encoding="utf-8")
    sheet = read_workbook(path).sheets[0]
    assert sheet.suspicious == {(1, 0), (2, 0)}
    assert sheet.cell(3, 0) == "13812345678"
    assert sheet.cell(1, 1) == CellError("#N/A")


def test_tables_of_a_web_page() -> None:
    page = """<html><style>td{x}</style><body><table><tr><th rowspan=2>客户</th><th colspan=2>联系&nbsp;方式</th></tr>
        <tr><td>手机<td>电话</tr><tr><td>甲&amp;乙</td><td>1<br>2</td><td></td></tr></table><p>x</p><table></table></body></html>"""
    [(rows, merged)] = read_tables(page)
    assert rows == [["客户", "联系\xa0方式", None], [None, "手机", "电话"], ["甲&乙", "1\n2", None]]
    assert [tuple(merge) for merge in merged] == [(0, 0, 1, 0), (0, 1, 0, 2)]


def test_a_web_page_called_xls(tmp_path: Path) -> None:
    path = tmp_path / "导出.xls"
    page = '<html><head><meta charset="gb2312"></head><table><tr><td>客户<td>金额<tr><td>镕鑫𬭎<td>1,234.50</table></html>'
    path.write_bytes(page.encode("gb18030"))
    workbook = read_workbook(path)
    assert (workbook.kind, workbook.encoding) == ("html", "gb18030")
    assert workbook.sheets[0].rows == [["客户", "金额"], ["镕鑫𬭎", "1,234.50"]]
    assert len(workbook.notes) == 1
