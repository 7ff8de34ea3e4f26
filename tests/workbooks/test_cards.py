"""Business cards: the versions, encodings and folds that telephones and mail programs write."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.i18n import use_language
from desktop_crm.services.workbooks.cards import read_cards
from desktop_crm.services.workbooks.reader import UnreadableFile, read_workbook
from tests.workbooks.support import DATA

if TYPE_CHECKING:
    from pathlib import Path

    from desktop_crm.services.workbooks.cells import Cell


@pytest.fixture(autouse=True)
def english() -> None:
    use_language("en")


def _card(*lines: str, version: str = "3.0", encoding: str = "utf-8", ends: str = "\r\n") -> dict[str, Cell]:
    text = ends.join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])
    rows, _encoding, _pictures = read_cards(text.encode(encoding))
    assert len(rows) == 2
    return dict(zip(map(str, rows[0]), rows[1], strict=True))


def test_a_chinese_card_fills_every_column() -> None:
    card = _card(
        "N:欧阳;小明;;;", "FN:小明 欧阳", "ORG:恒泰科技有限公司;销售部", "TITLE:经理", "TEL;TYPE=CELL,PREF:+86 138 0013 8000", "TEL;TYPE=HOME:139-0013-9000",
        "TEL;TYPE=WORK,VOICE:0755-26760000", "TEL;TYPE=WORK,FAX:0755-26760001", "TEL;TYPE=CELL:13700137000", "EMAIL;TYPE=INTERNET:a@b.cn", "EMAIL:c@d.cn",
        "item1.ADR;TYPE=WORK:;;科苑路8号;深圳市;广东省;518057;中国", "BDAY:1980-01-02", "X-QQ:12345", "IMPP;X-SERVICE-TYPE=WeChat:wechat:ouyang", r"NOTE:第一行\n第二行\, 完",
    )
    assert card == {
        "Contact name": "欧阳小明", "Company": "恒泰科技有限公司", "Job title": "经理", "Mobile": "+86 138 0013 8000", "Second mobile": "139-0013-9000",
        "Phone": "0755-26760000", "E-mail": "a@b.cn", "WeChat": "ouyang", "QQ": "12345", "Address": "中国广东省深圳市科苑路8号 518057", "Birthday": "1980-01-02",
        "Note": "第一行\n第二行, 完\nFax: 0755-26760001\nMobile: 13700137000\nE-mail: c@d.cn\nDepartment: 销售部",
    }


@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r"])
def test_quoted_printable_in_its_own_encoding_over_soft_breaks(ends: str) -> None:
    card = _card(
        "N;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:=D5=C5;=C8=FD;;;", f"NOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E5=A4=87={ends}=E6=B3=A8=0D=0A=E4=BA=8C",
        "TEL;CELL;PREF:13800138000", version="2.1", ends=ends,
    )
    assert (card["Contact name"], card["Note"], card["Mobile"]) == ("张三", "备注\n二", "13800138000")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_whole_files_in_every_encoding(encoding: str) -> None:
    assert _card("N:李;四;;;", "ORG:华信机械设备有限公司", encoding=encoding) == {"Contact name": "李四", "Company": "华信机械设备有限公司"}


def test_lines_in_different_encodings_are_each_read_for_themselves() -> None:
    data = b"BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=GBK:" + "王;五".encode("gbk") + "\nORG;CHARSET=UTF-8:华信\nEND:VCARD\n".encode()
    assert read_cards(data)[0][1][:2] == ["王五", "华信"]


def test_version_4_names_numbers_as_addresses() -> None:
    card = _card('TEL;VALUE=uri;TYPE="work,voice";PREF=1:tel:+1-418-656-9254;ext=102', "FN:Simon", "EMAIL:mailto:s@v.ca", "GENDER:M", "BDAY:--0203", version="4.0")
    assert card == {
        "Contact name": "Simon", "Gender": "Male", "Phone": "+1-418-656-9254 ext. 102", "E-mail": "s@v.ca", "Note": "Birthday: 02-03",
    }  # fmt: skip


def test_folded_pictures_other_cards_inside_and_rubbish_do_no_harm() -> None:
    card = _card(
        "PHOTO;ENCODING=BASE64;TYPE=JPEG:", " /9j/4AAQSkZJRgABAQAA", " AAA:BBB;==", "", "no property at all", "FN:赵", " 六", "AGENT:", "BEGIN:VCARD", "FN:别人", "END:VCARD",
        "KEY;X509;ENCODING=BASE64:", "  MIID", ":::", ";;", "TEL", 'X-ODD;A="b:c;d":e', version="2.1",
    )
    assert card == {"Contact name": "赵六"}


def test_a_card_without_a_name_is_called_by_what_else_it_has() -> None:
    assert _card("EMAIL;PREF:a@b.cn")["Contact name"] == "a@b.cn"
    assert _card("ORG:恒泰;") == {"Contact name": "恒泰", "Company": "恒泰"}


def test_a_card_that_is_cut_off_counts_and_a_file_without_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "通讯录.txt"
    path.write_text("BEGIN:VCARD\nFN:钱七\n", encoding="utf-8")
    workbook = read_workbook(path)
    assert (workbook.kind, workbook.sheets[0].rows) == ("vcf", [["Contact name"], ["钱七"]])
    assert workbook.notes == ["The file is really a file of business cards (vCard)."]
    path.write_text("BEGIN:VCARD\nEND:VCARD\n", encoding="utf-8")
    with pytest.raises(UnreadableFile, match="no data"):
        read_workbook(path)


def _expected() -> list[tuple[str, int, int]]:
    path = DATA / "vcards_ezvcard" / "EXPECT.json"
    return [(name, facts["cards"], facts["tel"]) for name, facts in json.loads(path.read_text(encoding="utf-8")).items()] if path.is_file() else []


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared collections of spreadsheets aren't here")
@pytest.mark.parametrize(("name", "cards", "numbers"), _expected())
def test_cards_of_real_programs(name: str, cards: int, numbers: int) -> None:
    workbook = read_workbook(DATA / "vcards_ezvcard" / name)
    headings, *rows = workbook.sheets[0].rows
    assert len(rows) == cards
    assert all(row[0] for row in rows)
    found = [line for row in rows for heading, cell in zip(headings, row, strict=False) if cell for line in _numbers_in(str(heading), str(cell))]
    # The same number at work and at home, or in the same card twice, is told once.
    assert numbers - 2 <= len(found) <= numbers
    assert name != "John_Doe_ANDROID.vcf" or len(found) == numbers


def _numbers_in(heading: str, text: str) -> list[str]:
    if heading in {"Mobile", "Second mobile", "Phone"}:
        return [text]
    return [line for line in text.splitlines() if line.startswith(("Fax: ", "Mobile: ", "Phone: "))] if heading == "Note" else []
