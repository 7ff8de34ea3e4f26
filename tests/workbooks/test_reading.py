"""Workbooks made here: values, errors, formulas, hidden parts, passwords, and what hostile files do."""

from __future__ import annotations

import struct
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
import xlsxwriter
import xlwt

from desktop_crm.base.i18n import use_language
from desktop_crm.services.workbooks import reader
from desktop_crm.services.workbooks.cells import CellError, Merge
from desktop_crm.services.workbooks.reader import PasswordNeeded, UnreadableFile, read_workbook
from tests.support.children import python

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def made(tmp_path: Path) -> Callable[[Callable[[Any, Any], None]], Path]:
    """Make an .xlsx with one sheet; the function given fills it."""

    def make(fill: Callable[[Any, Any], None], **options: Any) -> Path:
        path = tmp_path / "made.xlsx"
        book = xlsxwriter.Workbook(path, options)
        fill(book, book.add_worksheet("客户"))
        book.close()
        return path

    return make


def _with_part(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """Change one part of an .xlsx."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[part] = change(parts.get(part, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return path


def test_values_keep_their_kind(made: Callable[..., Path]) -> None:
    def fill(book: Any, sheet: Any) -> None:
        day = book.add_format({"num_format": 31})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_row(0, 0, [0.1, 1234.5, 13800000000, 1e15, "001", "  两边空  "])
        sheet.write_string(0, 6, "=1+1")
        sheet.write_boolean(0, 7, True)
        sheet.write_datetime(0, 8, datetime(2025, 6, 30), day)  # noqa: DTZ001 - a cell has no zone
        sheet.write_datetime(0, 9, datetime(2025, 6, 30, 17, 5), moment)  # noqa: DTZ001 - a cell has no zone
        sheet.write_number(0, 10, 0.5, book.add_format({"num_format": "hh:mm"}))
        sheet.write_number(0, 11, 1 / 3)

    sheet = read_workbook(made(fill)).sheets[0]
    assert sheet.rows == [
        [
            *(Decimal("0.1"), Decimal("1234.5"), Decimal(13800000000), Decimal(10**15), "001", "  两边空  ", "=1+1", True),
            *(date(2025, 6, 30), datetime(2025, 6, 30, 17, 5), time(12), Decimal(repr(1 / 3))),  # noqa: DTZ001 - a cell has no zone
        ]
    ]
    assert str(sheet.cell(0, 2)) == "13800000000"
    assert sheet.suspicious == {(0, 3)}


def test_dates_of_the_1904_system(made: Callable[..., Path]) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_datetime(0, 0, datetime(2025, 1, 1), book.add_format({"num_format": "yyyy-mm-dd"}))  # noqa: DTZ001 - a cell has no zone

    assert read_workbook(made(fill, date_1904=True)).sheets[0].rows == [[date(2025, 1, 1)]]


def test_a_formula_never_calculated_is_no_zero(tmp_path: Path) -> None:
    path = tmp_path / "formulas.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["数量", "金额"], [2, "=A2*3"], [None, '=IF(1,"","")']):
        sheet.append(row)
    book.save(path)
    assert read_workbook(path).sheets[0].rows[1:] == [[Decimal(2), CellError("formula")], [None, CellError("formula")]]


def test_a_placeholder_zero_of_a_program_that_cannot_calculate_is_no_zero(made: Callable[..., Path]) -> None:
    def fill(_book: Any, sheet: Any) -> None:
        sheet.write_formula(0, 0, "=6*7")
        sheet.write_formula(0, 1, "=6*7", None, 42)
        sheet.write_formula(0, 2, '=""', None, "empty")
        sheet.write_string(0, 3, "x")

    path = _with_part(made(fill), "xl/worksheets/sheet1.xml", lambda content: content.replace(b"<v>empty</v>", b"<v></v>"))
    assert read_workbook(path).sheets[0].rows == [[CellError("formula"), Decimal(42), None, "x"]]


def test_error_cells_are_told_from_text_and_from_nothing(made: Callable[..., Path]) -> None:
    def fill(_book: Any, sheet: Any) -> None:
        sheet.write_formula(0, 0, "=1/0", None, "#DIV/0!")
        sheet.write_formula(2, 3, "=NA()", None, "#N/A")

    rows = read_workbook(made(fill)).sheets[0].rows
    assert rows[0][0] == CellError("#DIV/0!")
    assert rows[2] == [None, None, None, CellError("#N/A")]


def test_hidden_sheets_rows_and_columns(made: Callable[..., Path]) -> None:
    def fill(book: Any, sheet: Any) -> None:
        for row in range(5):
            sheet.write_row(row, 0, ["a", "b", "c"])
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_column(1, 1, None, None, {"hidden": True})
        sheet.merge_range(6, 0, 6, 2, "merged")
        other = book.add_worksheet("字典")
        other.write(0, 0, "x")
        other.hide()

    workbook = read_workbook(made(fill))
    assert [sheet.hidden for sheet in workbook.sheets] == [False, True]
    assert workbook.sheets[0].hidden_rows == {2}
    assert workbook.sheets[0].hidden_columns == {1}
    assert workbook.sheets[0].merged == [Merge(6, 0, 6, 2)]


def test_old_workbooks_say_what_is_hidden_and_wrong(tmp_path: Path) -> None:
    path = tmp_path / "old.xls"
    book = xlwt.Workbook()
    sheet = book.add_sheet("客户")
    for row in range(4):
        sheet.write(row, 0, f"客户{row}")
    sheet.row(1).hidden = True
    sheet.col(2).hidden = True
    sheet.row(2).set_cell_error(1, 0x2A)
    sheet.write(3, 1, xlwt.Formula("6*7"))
    book.save(str(path))
    read = read_workbook(path).sheets[0]
    assert read.hidden_rows == {1}
    assert 2 in read.hidden_columns
    assert read.cell(2, 1) == CellError("#N/A")
    assert read.cell(3, 1) == CellError("formula")


def test_a_wrong_extension_is_remarked_upon(made: Callable[..., Path]) -> None:
    use_language("en")
    path = made(lambda _book, sheet: sheet.write(0, 0, "x"))
    assert read_workbook(path).notes == []
    assert read_workbook(path.rename(path.with_suffix(".xls"))).notes == ["The file is really an Excel workbook (.xlsx)."]


def test_a_password_is_asked_for_and_used(tmp_path: Path, made: Callable[..., Path]) -> None:
    from msoffcrypto.format.ooxml import OOXMLFile

    plain = made(lambda _book, sheet: sheet.write(0, 0, "机密"))
    path = tmp_path / "locked.xlsx"
    out = BytesIO()
    OOXMLFile(BytesIO(plain.read_bytes())).encrypt("会计2025", out)
    path.write_bytes(out.getvalue())
    with pytest.raises(PasswordNeeded):
        read_workbook(path)
    with pytest.raises(PasswordNeeded):
        read_workbook(path, password="wrong")
    assert read_workbook(path, password="会计2025").sheets[0].rows == [["机密"]]


@pytest.mark.parametrize("spelling", ["utf-8", "utf-16"])
@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"])
def test_declared_entities_are_refused(made: Callable[..., Path], part: str, spelling: str) -> None:
    def declare(content: bytes) -> bytes:
        text = content.decode().partition("?>")[2]
        padding = "<!--" + "x" * 70_000 + "-->"
        return f'<?xml version="1.0" encoding="{spelling}"?>{padding}<!DOCTYPE a [<!ENTITY b "c">]>{text}'.encode(spelling)

    use_language("en")
    path = _with_part(made(lambda _book, sheet: sheet.write(0, 0, "x")), part, declare)
    with pytest.raises(UnreadableFile, match="DOCTYPE"):
        read_workbook(path)


def test_a_bomb_and_a_lying_size_are_refused(made: Callable[..., Path]) -> None:
    use_language("en")
    path = made(lambda _book, sheet: sheet.write(0, 0, "x"))
    bomb = _with_part(path, "xl/worksheets/sheet1.xml", lambda content: content + b" " * (64 << 20))
    with pytest.raises(UnreadableFile, match="extraordinary size"):
        read_workbook(bomb)
    data = bytearray(bomb.read_bytes())
    with zipfile.ZipFile(bomb) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    bomb.write_bytes(bytes(data).replace(struct.pack("<I", size), struct.pack("<I", 4096)))
    with pytest.raises(UnreadableFile, match="damaged"):
        read_workbook(bomb)


def test_a_cell_in_the_far_corner_does_not_take_all_memory(made: Callable[..., Path]) -> None:
    def fill(_book: Any, sheet: Any) -> None:
        sheet.write(0, 0, "a")
        sheet.write(1_048_575, 16_383, "b")

    use_language("en")
    with pytest.raises(UnreadableFile, match="more memory"):
        read_workbook(made(fill))


@pytest.mark.parametrize(("cell", "said"), [("A1048577", "goes down to row 1,048,577.*CSV"), ("XFE9", "more than 16,384 columns")])
def test_a_sheet_larger_than_excels_says_so(made: Callable[..., Path], cell: str, said: str) -> None:
    use_language("en")
    row = cell.lstrip("AEFX")
    beyond = f'<row r="{row}"><c r="{cell}" t="inlineStr"><is><t>b</t></is></c></row></sheetData>'.encode()
    path = _with_part(made(lambda _book, sheet: sheet.write(0, 0, "a")), "xl/worksheets/sheet1.xml", lambda content: content.replace(b"</sheetData>", beyond))
    with pytest.raises(UnreadableFile, match=said):
        read_workbook(path)


def test_an_old_workbook_that_goes_round_in_circles_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "loop.xls"
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    for row in range(2000):
        sheet.write(row, 0, f"客户{row}")
    book.save(str(path))
    data = bytearray(path.read_bytes())
    allocation = 512 + struct.unpack_from("<I", data, 76)[0] * 512
    for entry in range(128):
        struct.pack_into("<I", data, allocation + 4 * entry, entry % 3)
    path.write_bytes(data)
    with pytest.raises(UnreadableFile):
        read_workbook(path)


def test_a_reading_process_that_dies_or_hangs_is_a_refusal(made: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    use_language("en")
    path = made(lambda _book, sheet: sheet.write(0, 0, "x"))
    with monkeypatch.context() as patch:
        patch.setattr(reader, "SECONDS", 0.001)
        with pytest.raises(UnreadableFile, match="too long"):
            read_workbook(path)
    monkeypatch.setattr(reader, "_MODULE", "no.such.module")
    with pytest.raises(UnreadableFile, match="damaged") as caught:
        read_workbook(path)
    assert "no.such.module" in str(caught.value.__cause__)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", b"", "empty"),
        ("a.xlsx", b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "a PNG picture"),
        ("a.csv", b"%PDF-1.7\n", "a PDF document"),
        ("a.xls", b"only words you see", "plain text"),
        ("a.csv", b"\r\n \r\n,,\r\n", "no data"),
        ("a.csv", bytes(range(256)) * 8, "isn't known"),
        ("a.xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "an XML file"),
    ],
)
def test_what_is_no_spreadsheet_is_named(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    use_language("en")
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=said):
        read_workbook(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    use_language("en")
    with pytest.raises(UnreadableFile, match="isn't there"):
        read_workbook(tmp_path / "none.xlsx")
    with pytest.raises(UnreadableFile, match="a folder"):
        read_workbook(tmp_path)


def test_the_reading_process_loads_neither_qt_nor_the_database() -> None:
    code = "import sys, desktop_crm.services.workbooks.child, desktop_crm.services.workbooks.reading; print(sorted(sys.modules))"
    modules = python(["-c", code], cwd=Path(__file__).parents[2], check=True).stdout
    assert "python_calamine" in modules
    assert not any(name in modules for name in ("PySide6", "peewee", "reportlab", "xlsxwriter", "cryptography"))
