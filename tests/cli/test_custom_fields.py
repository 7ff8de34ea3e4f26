"""Custom fields on the command line: by the name they have in templates, and by their own heading in files."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from desktop_crm.services import custom_fields
from desktop_crm.services.session import open_session
from tests.cli.support import Shell
from tests.support.company import company

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_files_and_answers_have_it(db_url: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with company(db_url) as session:
        way = custom_fields.add(session, "customer", {"label": "运输方式", "kind": "choice", "choices": "汽运\n海运"}).result
        money = custom_fields.add(session, "customer", {"label": "保证金", "kind": "money"}).result
    shell = Shell(capsys, db_url)
    path = tmp_path / "list.csv"
    path.write_text('客户名称,运输方式,保证金\n恒泰,海运,"1,000.10"\n华信,汽运,999\n', encoding="utf-8-sig")
    answer = shell.json("import", "customer", str(path))
    assert answer["added"] == 2
    listed = shell.json("list", "customer", "--sort", f"-{money}", "--columns", f"name,{money},{way}")
    assert [(row["name"], row[money], row[way]) for row in listed["rows"]] == [("恒泰", "1000.10", "海运"), ("华信", "999.00", "汽运")]
    assert shell.json("list", "customer", "--where", f"{way}=汽运", "--where", f"{money}<1000")["count"] == 1
    out = tmp_path / "out.csv"
    shell.run("export", "customer", str(out), "--columns", f"name,{money}")
    assert "保证金" in out.read_text(encoding="utf-8-sig")
    shell.run("history", "customer", 1)
    assert "保证金" in shell.out
    path.write_text("客户名称,运输方式\n远达,空运\n万通,海运\n", encoding="utf-8-sig")
    refused = shell.json("import", "customer", str(path), code=1)
    assert refused["problems"][0]["column"] == "运输方式"
    shell.json("undo", answer["change_set"])
    assert shell.json("list", "customer")["count"] == 0
    assert shell.json("check")["ok"]
    with closing(open_session(db_url, "boss")) as session:
        assert money in session.catalog["customer"].fields
