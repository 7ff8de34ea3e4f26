"""Packages as programs other than Excel write them, and as Excel itself does more rarely; made here from raw parts."""

from __future__ import annotations

import zipfile
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import pytest

from desktop_crm.base.i18n import use_language
from desktop_crm.services.workbooks.cells import CellError
from desktop_crm.services.workbooks.reader import UnreadableFile, read_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from desktop_crm.services.workbooks.cells import Cell, Workbook

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
ROWS: Final = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>名称</t></is></c><c r="B1" t="inlineStr"><is><t>金额</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>甲</t></is></c><c r="B2"><v>12.5</v></c></row>'
)
READ: Final[list[list[Cell]]] = [["名称", "金额"], ["甲", Decimal("12.5")]]
STYLES: Final = f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'


def relation(name: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{name}" Type="{LINKS}/{kind}" Target="{target}"/>'


def relations(*inside: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}">{"".join(inside)}</Relationships>'


def workbook(before: str = "", after: str = "") -> str:
    return f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{before}<sheets><sheet name="客户" sheetId="1" r:id="rId1"/>{after}</sheets></workbook>'


def worksheet(rows: str, before: str = "", after: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


WORKBOOK, SHEET, LINKED = "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"
USUAL: Final = {
    "_rels/.rels": relations(relation("rId1", "officeDocument", WORKBOOK)),
    WORKBOOK: workbook(),
    LINKED: relations(relation("rId1", "worksheet", "worksheets/sheet1.xml")),
    SHEET: worksheet(ROWS),
}


def made(folder: Path, parts: dict[str, str | bytes | None]) -> Workbook:
    path = folder / "made.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (USUAL | parts).items():
            if content is not None:
                archive.writestr(name, content)
    return read_workbook(path)


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"_rels/.rels": None},
        {LINKED: relations(relation("rId1", "worksheet", "/xl/worksheets/sheet1.xml"))},
        {LINKED: relations(relation("rId1", "worksheet", "../xl/worksheets/sheet1.xml"))},
        {LINKED: relations(relation("rId1", "worksheet", "./worksheets/sheet1.xml"))},
        {LINKED: relations(relation("rId1", "worksheet", "worksheets\\sheet1.xml"))},
        {LINKED: relations(relation("rId1", "worksheet", "worksheets/Sheet1.xml"))},
        {LINKED: relations(relation("rId1", "worksheet", "worksheets/sheet1.xml"), relation("rId7", "externalLink", "file:///etc/passwd"))},
        {WORKBOOK: None, SHEET: None, LINKED: None, "xl\\workbook.xml": workbook(), "xl\\_rels\\workbook.xml.rels": USUAL[LINKED], "xl\\worksheets\\sheet1.xml": worksheet(ROWS)},
        {WORKBOOK: None, LINKED: None, "xl/workbook2.xml": workbook(), "xl/_rels/workbook2.xml.rels": USUAL[LINKED]},
        {
            "_rels/.rels": relations(relation("rId1", "officeDocument", "/book/wb.xml")), WORKBOOK: None, LINKED: None, SHEET: None,
            "book/wb.xml": workbook(), "book/_rels/wb.xml.rels": USUAL[LINKED], "book/worksheets/sheet1.xml": worksheet(ROWS),
        },
        {SHEET: worksheet(ROWS, '<dimension ref="A1"/>')},
        {SHEET: worksheet(ROWS, '<dimension ref="A1:XFD1048576"/>')},
        {SHEET: worksheet(ROWS, '<dimension ref="nonsense"/>')},
        {SHEET: worksheet(ROWS, after='<extLst><ext xmlns:x14="urn:x" uri="{0}"><x14:dataValidations count="1"/></ext></extLst>')},
        {SHEET: worksheet(f"<!-- a -->{ROWS}")},
        {SHEET: worksheet(ROWS.replace(' r="A1"', "").replace(' r="B1"', "").replace(' r="1"', "").replace(' r="A2"', "").replace(' r="B2"', ""))},
        {SHEET: f'<?xml version="1.0" encoding="UTF-16"?>{worksheet(ROWS)}'.encode("utf-16")},
        {SHEET: f'<?xml version="1.0" encoding="GBK"?>{worksheet(ROWS)}'.encode("gbk")},
        {SHEET: b"\xef\xbb\xbf" + worksheet(ROWS).encode()},
        {SHEET: worksheet(ROWS).replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x=")},
        {WORKBOOK: workbook().replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main").replace(LINKS, "http://purl.oclc.org/ooxml/officeDocument/relationships")},
    ],
)  # fmt: skip
def test_the_same_list_in_every_package(tmp_path: Path, parts: dict[str, str | bytes | None]) -> None:
    assert [sheet.rows for sheet in made(tmp_path, parts).sheets] == [READ]


def test_texts_in_pieces_with_readings_and_escapes(tmp_path: Path) -> None:
    shared = (
        f'<sst xmlns="{MAIN}"><si/><si><r><rPr><b/></rPr><t>名</t></r><r><t>称</t></r></si>'
        '<si><t>甲</t><rPh sb="0" eb="1"><t>KANA</t></rPh><phoneticPr fontId="1"/></si><si><t>a_x000D_\nb</t></si></sst>'
    )
    rows = "".join(f'<c t="s"><v>{number}</v></c>' for number in range(4))
    links = relations(relation("rId1", "worksheet", "worksheets/sheet1.xml"), relation("rId2", "sharedStrings", "sharedStrings.xml"))
    inline = '<c t="inlineStr"><is><r><t>行</t></r><r><t>内</t></r></is></c><c t="inlineStr"><is><t><![CDATA[甲&乙]]></t></is></c>'
    [sheet] = made(tmp_path, {LINKED: links, "xl/sharedStrings.xml": shared, SHEET: worksheet(f"<row>{rows}{inline}</row>")}).sheets
    assert sheet.rows == [[None, "名称", "甲", "a\nb", "行内", "甲&乙"]]


@pytest.mark.parametrize("said", ["1", "true"])
def test_both_ways_to_say_1904_in_a_package_that_is_put_together(tmp_path: Path, said: str) -> None:
    links = relations(relation("rId1", "worksheet", "../xl/worksheets/sheet1.xml"), relation("rId2", "styles", "./styles.xml"))
    book = workbook(f'<workbookPr date1904="{said}"/>')
    sheet = worksheet('<row r="1"><c r="A1" s="1"><v>44197</v></c></row>')
    assert made(tmp_path, {WORKBOOK: book, LINKED: links, "xl/styles.xml": STYLES, SHEET: sheet}).sheets[0].rows == [[date(2025, 1, 2)]]


def test_numbers_errors_and_formulas_of_other_programs(tmp_path: Path) -> None:
    cells = (
        '<c r="A1"><v>1.3812345678E10</v></c><c r="B1" t="inlineStr"><is><t>1.39E+10</t></is></c><c r="C1"><v>1E+400</v></c><c r="D1" t="e"><v>#REF!</v></c>'
        '<c r="E1"><f>1+1</f></c><c r="F1" t="str"><f>A1</f><v>文</v></c><c r="G1" t="b"><v>true</v></c><c r="H1"><v>1234567890123456</v></c>'
    )
    [sheet] = made(tmp_path, {SHEET: worksheet(f'<row r="1">{cells}</row>')}).sheets
    assert sheet.rows == [
        [Decimal(13812345678), "1.39E+10", CellError("#NUM!"), CellError("#REF!"), CellError("formula"), "文", True, Decimal(1234567890123456)],
    ]  # fmt: skip
    assert sheet.suspicious == {(0, 1), (0, 7)}


def test_a_sheet_that_is_named_and_is_not_there_is_said(tmp_path: Path) -> None:
    use_language("en")
    read = made(tmp_path, {WORKBOOK: workbook(after='<sheet name="旧" sheetId="2" r:id="rId2"/>')})
    assert ([sheet.rows for sheet in read.sheets], read.notes) == ([READ], ["The file names a sheet 旧 that isn't in it."])


def test_texts_that_are_missing_are_no_empty_cells(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        made(tmp_path, {SHEET: worksheet('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>3</v></c></row>')})


def test_what_stands_before_or_after_the_package_is_passed_over(tmp_path: Path) -> None:
    made(tmp_path, {})
    path = tmp_path / "made.xlsx"
    path.write_bytes(b"\r\n\r\n" + path.read_bytes() + bytes(50))
    assert read_workbook(path).sheets[0].rows == READ


CONTENT: Final = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.3"><office:body><office:spreadsheet><table:table table:name="客户">
<table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse"/>
{rows}<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""
CELL: Final = '<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def test_an_opendocument_sheet_says_what_is_hidden(tmp_path: Path) -> None:
    path = tmp_path / "made.ods"
    lines = [("", "客户", "手机"), (' table:visibility="filter"', "甲", "1"), (' table:visibility="collapse"', "乙", "2"), ("", "丙", "#N/A")]
    rows = "".join(f"<table:table-row{how}>{''.join(CELL.format(text=text) for text in cells)}</table:table-row>" for how, *cells in lines)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", CONTENT.format(rows=rows))
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" '
            'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>',
        )
    [sheet] = read_workbook(path).sheets
    assert sheet.rows == [["客户", "手机"], ["甲", "1"], ["乙", "2"], ["丙", CellError("#N/A")]]
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({1, 2}, {2})
