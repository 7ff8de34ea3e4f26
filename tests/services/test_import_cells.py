"""What becomes of single cells of a list: days, amounts and numbers as people and programs leave them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from desktop_crm.base.i18n import use_language
from tests.services.import_support import company, everything, load, text_file, workbook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from desktop_crm.services.session import Session


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    use_language("en")
    with company(f"sqlite:///{tmp_path / 'c.sqlite3'}") as opened:
        yield opened


def test_dashes_serials_and_fractions_of_a_text_file(session: Session, tmp_path: Path) -> None:
    rows = [
        ["客户名称", "手机", "信用额度", "下次跟进"], ["甲公司", "13812345678.0", "-", "46027"], ["乙公司", "1.3812345679E+10", "¥1,234.50", "—"], ["丙公司", "1.38E+10", "1", ""],
        ["丁公司", "13812345670", "1", "1月5日"],
    ]  # fmt: skip
    result = load(session, "customer", text_file(tmp_path / "a.csv", rows), keep_good=True)
    found = everything(session, "customer", "name", "mobile", "credit_limit", "next_contact")
    assert [(row["name"], row["mobile"], row["credit_limit"], str(row["next_contact"])) for row in found] == [
        ("甲公司", "13812345678", None, "2026-01-05"), ("乙公司", "13812345679", Decimal("1234.50"), "None"),
    ]  # fmt: skip
    assert [(problem.row, problem.column) for problem in result.problems] == [(4, "手机"), (5, "下次跟进")]
    assert "no year" in result.problems[1].message
    assert [(warning.row, warning.message) for warning in result.warnings if "empty" in warning.message] == [(2, "“-” was read as empty"), (3, "“—” was read as empty")]


def test_cards_become_contacts_as_they_are(session: Session, tmp_path: Path) -> None:
    load(session, "customer", workbook(tmp_path / "c.xlsx", [["客户名称"], ["恒泰科技有限公司"]]))
    path = tmp_path / "通讯录.vcf"
    path.write_text(
        "BEGIN:VCARD\nVERSION:3.0\nN:张;三;;;\nFN:张三\nORG:恒泰科技有限公司;销售部\nTITLE:经理\nTEL;TYPE=CELL:13800138000\nTEL;TYPE=CELL:13900139000\n"
        "TEL;TYPE=WORK:0755-26760000\nEMAIL:a@b.cn\nBDAY:19800102\nADR;TYPE=WORK:;;科苑路8号;深圳市;广东省;;\nX-QQ:12345\nEND:VCARD\n",
        encoding="utf-8",
    )
    for language in ("en", "zh_TW", "zh_CN"):
        use_language(language)
        assert load(session, "contact", path, on_duplicate="skip").refused == 0
    [row] = everything(session, "contact")
    named = {name: str(row[name]) for name in ("name", "position", "mobile", "mobile2", "phone", "email", "qq", "address", "birthday", "note")}
    assert named == {
        "name": "张三", "position": "经理", "mobile": "13800138000", "mobile2": "13900139000", "phone": "0755-26760000", "email": "a@b.cn", "qq": "12345",
        "address": "广东省深圳市科苑路8号", "birthday": "1980-01-02", "note": "Department: 销售部",
    }  # fmt: skip
    assert row["customer"].title == "恒泰科技有限公司"
