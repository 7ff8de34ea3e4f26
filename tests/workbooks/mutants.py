"""Files that are nearly right: lists as programs write them, each with a few faults, the same ones for the same seed."""

from __future__ import annotations

import csv
import random
import re
import zipfile
from datetime import date
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Final

import xlsxwriter
import xlwt

from tests.workbooks.support import DATA
from tests.workbooks.test_packages import CELL, CONTENT

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST: Final = 400_000
"""Files beyond this are left alone: they only take longer."""
LIST: Final = [
    ["客户名称", "联系人", "手机", "金额", "签约日期", "备注"],
    ["恒泰科技有限公司", "张三", "13800138000", "¥1,234.50", "2026年1月5日", "老客户"],
    ["华信机械设备有限公司", "李四", "1.39E+10", "9.62万", "26.1.5", 'a\nb,"c"'],
    ["", "", "", "", "", ""],
    ["合计", "", "", "(500)", "", ""],
]
CARDS: Final = (
    "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E5=BC=A0;=E4=B8=89;;;\r\nTEL;CELL:13800138000\r\nPHOTO;ENCODING=BASE64:\r\n"
    ' AAAA\r\n\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:4.0\r\nFN:李四\r\nTEL;VALUE=uri;TYPE="work,voice":tel:+86-755-26760000;ext=1\r\nBDAY:--0203\r\nADR:;;路1号;\r\n 深圳;广东;;\r\nEND:VCARD\r\n'
)  # fmt: skip
XML: Final = (
    '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
    '<Worksheet ss:Name="客户"><Table><Column ss:Index="2" ss:Hidden="1"/><Row><Cell><Data ss:Type="String">客户名称</Data></Cell><Cell ss:Index="3"><Data ss:Type="String">金额</Data>'
    '</Cell></Row><Row ss:Index="4" ss:Hidden="1"><Cell ss:MergeAcross="1"><Data ss:Type="String">甲</Data></Cell><Cell><Data ss:Type="Number">12.5</Data></Cell></Row></Table>'
    "</Worksheet></Workbook>"
)
PAGE: Final = "<html><meta charset=utf-8><table>" + "".join("<tr>" + "".join(f"<td rowspan=1>{cell}" for cell in row) for row in LIST) + "</table></html>"


def _xlsx() -> bytes:
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("客户")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for number, row in enumerate(LIST):
        sheet.write_row(number, 0, row)
        sheet.write_datetime(number, 7, date(2026, 1, 5), day)
        sheet.write_formula(number, 8, "=1/0", None, "#DIV/0!")
        sheet.write_number(number, 9, 1234567890123456 + number)
    sheet.merge_range(6, 0, 6, 3, "注：完")
    sheet.set_row(2, None, None, {"hidden": True})
    book.add_worksheet("字典").hide()
    book.close()
    return out.getvalue()


def _xls() -> bytes:
    out = BytesIO()
    book = xlwt.Workbook()
    sheet = book.add_sheet("客户")
    for number, row in enumerate(LIST):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    sheet.write(9, 0, xlwt.Formula("6*7"))
    sheet.write_merge(7, 8, 0, 2, 12.5)
    book.save(out)
    return out.getvalue()


def _ods() -> bytes:
    out = BytesIO()
    rows = "".join(f"<table:table-row>{''.join(CELL.format(text=cell.replace('&', '')) for cell in row)}</table:table-row>" for row in LIST)
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", CONTENT.format(rows=rows))
        archive.writestr("META-INF/manifest.xml", '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>')
    return out.getvalue()


def _texts() -> dict[str, bytes]:
    made = {}
    for name, sign in (("comma", ","), ("semicolon", ";"), ("tab", "\t")):
        out = StringIO(newline="")
        csv.writer(out, delimiter=sign).writerows(LIST)
        made[f"{name}.csv"] = out.getvalue().encode()
    plain = made["comma.csv"].decode()
    return made | {"gbk.csv": plain.encode("gb18030"), "utf16.txt": plain.encode("utf-16"), "big5.csv": "客戶名稱,聯絡人\r\n臺北市電子,王小明".encode("cp950")}


def seeds() -> dict[str, bytes]:
    """Return the files that are mutated: those made here, and the shared collections' where they are."""
    found = {"a.xlsx": _xlsx(), "a.xls": _xls(), "a.ods": _ods(), "a.vcf": CARDS.encode(), "xml.xls": XML.encode(), "page.xls": PAGE.encode(), **_texts()}
    for path in sorted(DATA.rglob("*")) if DATA.is_dir() else ():
        if path.suffix.lower() in {".xlsx", ".xls", ".xlsb", ".ods", ".csv", ".vcf", ".et", ".xlsm", ".txt"} and 0 < path.stat().st_size < LARGEST:
            found[path.name] = path.read_bytes()
    return found


# ---- faults


def _flip(drawn: random.Random, data: bytearray) -> None:
    for _time in range(drawn.choice((1, 1, 2, 8, 40))):
        data[drawn.randrange(len(data))] = drawn.choice((0, 0xFF, 0x7F, 0x80, drawn.randrange(256)))


def _cut(drawn: random.Random, data: bytearray) -> None:
    start = drawn.randrange(len(data))
    del data[start : start + drawn.choice((1, 7, 100, len(data)))]


def _repeat(drawn: random.Random, data: bytearray) -> None:
    start = drawn.randrange(len(data))
    piece = data[start : start + drawn.choice((1, 16, 300))]
    data[start:start] = piece * drawn.choice((1, 2, 50))


def _put(drawn: random.Random, data: bytearray) -> None:
    start = drawn.randrange(len(data) + 1)
    data[start:start] = drawn.choice((b'"', b"\x00", b",", b"\r", b"\n", b"\xef\xbb\xbf", b"<", b"&", b"\xff\xfe", b"E+99", b"<!DOCTYPE a>", b"sep=;\n", bytes(drawn.randbytes(9))))


def _number(drawn: random.Random, data: bytearray) -> None:
    """Replace a number by one at some limit."""
    places = list(re.finditer(rb"\d+", data[:60_000]))
    if places:
        found = drawn.choice(places)
        data[found.start() : found.end()] = drawn.choice((b"0", b"-1", b"99999999999999999999", b"1048577", b"16385", b"65536", b"1e999", b"NaN", b""))


def _swap(drawn: random.Random, data: bytearray) -> None:
    """Exchange two tags, lines or fields."""
    pieces = re.split(drawn.choice((rb"(?=<)", rb"(?=\n)", rb"(?=,)", rb"(?=;)")), bytes(data[:60_000]))
    if len(pieces) > 1:
        one, other = drawn.randrange(len(pieces)), drawn.randrange(len(pieces))
        pieces[one], pieces[other] = pieces[other], pieces[one]
        data[:60_000] = b"".join(pieces)


FAULTS: Final[tuple[Callable[[random.Random, bytearray], None], ...]] = (_flip, _cut, _repeat, _put, _number, _swap)


def _broken(drawn: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _time in range(drawn.choice((1, 1, 2, 4))):
        if changed:
            drawn.choice(FAULTS)(drawn, changed)
    return bytes(changed[: 4 * LARGEST])


def _broken_inside(drawn: random.Random, data: bytes) -> bytes:
    """Break one part of a ZIP container, with the right checksum, or leave it out."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as old:
            parts = {entry.filename: old.read(entry) for entry in old.infolist() if entry.file_size < LARGEST}
    except Exception:  # noqa: BLE001 - a seed that is broken itself is broken outside
        return _broken(drawn, data)
    if not parts:
        return _broken(drawn, data)
    name = drawn.choice(list(parts))
    changed = _broken(drawn, parts[name]) if drawn.random() < 0.9 else None
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part, content in parts.items():
            if part != name:
                new.writestr(part, content)
            elif changed is not None:
                new.writestr(part, changed)
    return out.getvalue()


def mutant(files: dict[str, bytes], seed: int) -> tuple[str, bytes]:
    """Return the name and the content of the file of a seed."""
    drawn = random.Random(seed)  # noqa: S311 - the same files for the same seed
    name = drawn.choice(list(files))
    data = files[name]
    inside = data[:2] == b"PK" and drawn.random() < 0.8
    return name, (_broken_inside if inside else _broken)(drawn, data)
