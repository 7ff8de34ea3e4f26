"""Closing and reopening the books from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.support import Shell
from tests.support.company import company

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shell(db_url: str, capsys: pytest.CaptureFixture[str]) -> Shell:
    with company(db_url):
        pass
    return Shell(capsys, db_url)


def test_a_closed_month_refuses_an_import_until_it_is_reopened(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "应收.csv"
    path.write_text("客户名称,单据日期,金额\n华信,2026-03-15,100\n", encoding="utf-8")
    assert shell.json("close", "2026-03-31")["closed_through"] == "2026-03-31"
    refused = shell.json("import", "receivable", str(path), "--create-links", code=1)
    assert "2026-03-31" in refused["error"]
    assert shell.json("list", "receivable")["count"] == 0
    assert shell.json("reopen", "2026-02-28")["closed_through"] == "2026-02-28"
    assert shell.json("import", "receivable", str(path), "--create-links")["added"] == 1
    assert shell.json("reopen")["closed_through"] is None
