"""The verbs about the tax bureau."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import pytest

from tests.cli.support import Shell
from tests.services.bank_support import write
from tests.services.test_tax import CODE, FIRST, TAX

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    made = Shell(capsys, str(tmp_path / "company.sqlite3"))
    made.run("init", "--admin", "boss")
    lists = {
        "customer": ("客户名称,统一社会信用代码", f"恒泰科技有限公司,{TAX}"),
        "invoice_request": ("申请单号,客户名称,发票类型,申请日期", "KP2606-0001,恒泰科技有限公司,数电专票,2026-06-01"),
        "invoice_request_line": ("申请单号,项目名称,税收编码,金额,税率", f"KP2606-0001,软件服务费,{CODE},100,0.13"),
    }
    for entity, lines in lists.items():
        path = tmp_path / f"{entity}.csv"
        path.write_text("\n".join(lines), encoding="utf-8-sig")
        assert made.json("import", entity, str(path))["added"] == 1, made.out
    return made


def test_requests_go_out_and_invoices_come_back(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "开票.xlsx"
    assert shell.json("tax-workbook", str(path))["written"] == 1
    assert openpyxl.load_workbook(path)["2-发票明细信息"]["C2"].value == CODE
    listed = write(tmp_path / "issued.csv", [["发票流水号", "数电票号码", "开票日期", "价税合计"], ["KP2606-0001", FIRST, "2026-06-29", "90.00"]])
    assert shell.json("tax-issued", str(listed), code=1)["taken"] == 0
    done = shell.json("tax-issued", str(listed), "--accept")
    assert (done["taken"], done["rows"][0]["number"]) == (1, FIRST)
    assert [row["total"] for row in shell.json("list", "invoice")["rows"]] == ["90.00"]
    assert shell.json("tax-issued", str(listed))["rows"][0]["known"]
    shell.json("undo", done["change_set"])
    assert shell.json("list", "invoice")["count"] == 0


def test_nothing_is_written_where_a_cell_would_be_refused(shell: Shell, tmp_path: Path) -> None:
    long = tmp_path / "long.csv"
    long.write_text(f"客户名称,统一社会信用代码\n恒泰科技有限公司,\n{'恒' * 60},{TAX}\n", encoding="utf-8-sig")
    shell.json("import", "customer", str(long), "--match", "name", "--on-duplicate", "update")
    more = tmp_path / "more.csv"
    more.write_text(f"申请单号,客户名称,发票类型,申请日期\nKP2606-0002,{'恒' * 60},数电专票,2026-06-01\n", encoding="utf-8-sig")
    shell.json("import", "invoice_request", str(more))
    path = tmp_path / "开票.xlsx"
    answer = shell.json("tax-workbook", str(path), code=1)
    assert {one["heading"] for one in answer["problems"]} >= {"购买方名称", "发票流水号"}
    assert not path.exists()
