"""The verb about bank statements."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.cli.support import Shell
from tests.services.bank_support import Entry, abc, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    made = Shell(capsys, str(tmp_path / "company.sqlite3"))
    made.run("init", "--admin", "boss")
    (tmp_path / "customers.csv").write_text("客户名称\n恒泰科技有限公司\n", encoding="utf-8-sig")
    (tmp_path / "debts.csv").write_text("客户名称,应收单号,单据日期,应收金额\n恒泰科技有限公司,YS-1001,2026-01-01,100\n恒泰科技有限公司,YS-1002,2026-01-02,50\n", encoding="utf-8-sig")
    made.json("import", "customer", str(tmp_path / "customers.csv"))
    made.json("import", "receivable", str(tmp_path / "debts.csv"))
    return made


def test_a_statement_is_matched_and_posted_once(shell: Shell, tmp_path: Path) -> None:
    entries = [Entry(datetime.fromisoformat("2026-06-02 09:00:00"), Decimal(amount), payer, "", serial, f"62220000{serial[1]}")
               for amount, payer, serial in (("150", "恒泰科技有限公司", "S1"), ("7", "恒泰科技有限公司", "S2"), ("9", "张三", "S3"), ("-4", "电力公司", "S4"))]
    path = write(tmp_path / "statement.csv", abc(entries))
    looked = shell.json("bank", str(path))
    assert (looked["lines"], looked["added"], looked["known"], looked["posted"]) == (4, 4, 0, 0)
    assert [(one["amount"], one["sure"], [part["number"] for part in one["receivables"]]) for one in looked["proposals"]] == [
        ("150.00", "sure", ["YS-1001", "YS-1002"]), ("7.00", "likely", []), ("9.00", "none", [])]
    posted = shell.json("bank", str(path), "--post")
    assert (posted["added"], posted["known"], posted["posted"]) == (0, 4, 1)
    assert shell.json("bank", str(path), "--post")["posted"] == 0
    assert shell.json("bank", str(path), "--post", "--sure", "likely")["posted"] == 1
    assert sorted(row["amount"] for row in shell.json("list", "receipt")["rows"]) == ["150.00", "7.00"]
    shell.json("undo", posted["posted_change_set"], code=0)
    assert shell.json("list", "receipt")["count"] == 1
    assert shell.json("bank", str(path), "--post")["posted"] == 1
    assert "张三" in shell.run("bank", str(path))


def test_columns_named_on_the_command_line_are_remembered(shell: Shell, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [["日子", "进", "谁"], ["2026-06-02", "5", "恒泰科技有限公司"], ["bad", "5", "x"]])
    assert "error" in shell.json("bank", str(path), "--header-row", 1, code=1)
    answer = shell.json("bank", str(path), "--header-row", 1, "--map", "日子=date", "--map", "进=credit", "--map", "谁=payer", code=1)
    assert (answer["added"], answer["refused"], answer["problems"][0]["row"]) == (1, 1, 3)
    assert shell.json("bank", str(path), "--header-row", 1, code=1)["known"] == 1
    shell.run("bank", str(path), "--map", "nothing")
    assert shell.code == 2
