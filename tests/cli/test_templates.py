"""Templates and batches from the command line."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from desktop_crm.printing.documents import BUILTIN
from desktop_crm.services import records
from tests.cli.support import Shell
from tests.support.company import company

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    url = f"sqlite:///{tmp_path / 'c.sqlite3'}"
    with company(url) as session:
        customer = records.save(session, "customer", records.new(session, "customer", name="甲公司")).result.id
        for month in (1, 2, 3):
            lines = [{"product_name": "产品", "quantity": Decimal(month), "price": Decimal("9.99")}]
            values = records.new(session, "contract", customer=customer, number=f"HT-{month}", signed_on=date(2026, month, 10))
            records.save(session, "contract", values, lines={"contract_line": lines})
    return Shell(capsys, url)


def test_templates_are_listed_copied_changed_and_taken_over(shell: Shell, tmp_path: Path) -> None:
    listed = shell.json("template", "list")["templates"]
    assert {one["name"] for one in listed} == set(BUILTIN)
    made = shell.json("template", "duplicate", "delivery_note", "--label", "我的送货单")
    assert (made["name"], made["draft"]) == ("delivery_note_2", True)
    assert shell.json("template", "publish", made["name"], "--remark", "第一版")["version"] == 1
    shown = shell.json("template", "show", made["name"])
    assert shown["versions"][0]["remark"] == "第一版"
    path = tmp_path / "t.json"
    shell.json("template", "export", made["name"], str(path))
    assert json.loads(path.read_text("utf-8"))["label"] == "我的送货单"
    again = shell.json("template", "import", str(path), "--publish")
    assert (again["version"], again["draft"]) == (1, False)
    assert shell.json("template", "check", str(path))["ok"]


def test_a_wrong_file_is_told_in_full_and_not_published(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    data = json.loads(json.dumps(shell.json("template", "show", "delivery_note")["template"]))
    data["bands"]["page_header"]["elements"][0]["text"] = "{{ nothing_of_the_kind }}"
    data["bands"]["page_header"]["elements"][1]["x"] = 5000
    path.write_text(json.dumps(data))
    found = shell.json("template", "check", str(path), code=1)
    assert not found["ok"]
    assert len(found["problems"]) >= 2, "all of it is told, not the first alone"
    assert all(one["path"].startswith("bands/page_header/elements/") for one in found["problems"] if one["severity"] == "error")
    assert shell.json("template", "import", str(path), "--publish", code=1)["error"]
    path.write_text("{")
    assert not shell.json("template", "check", str(path), code=1)["ok"]


def test_a_period_into_one_file_each(shell: Shell, tmp_path: Path) -> None:
    printed = shell.json("print", "delivery_note", "--period", "2026-02", "--pdf", str(tmp_path / "feb.pdf"))
    assert printed["documents"] == 1
    assert "HT-2" in "".join(page.extract_text() for page in PdfReader(tmp_path / "feb.pdf").pages)
    each = shell.json("print", "delivery_note", "--where", "number!=HT-1", "--sort", "-number", "--each", str(tmp_path / "out"), "--name", "{{ no }} {{ number }}")
    assert [path.rpartition("/")[2].rpartition("\\")[2] for path in each["files"]] == ["1 HT-3.pdf", "2 HT-2.pdf"]
    assert shell.json("list", "print_log")["count"] == 3
    assert shell.json("print", "delivery_note", "--period", "1999-01", "--pdf", str(tmp_path / "x.pdf"), code=1)["error"]
    assert not (tmp_path / "x.pdf").exists()


@pytest.mark.parametrize("words", [
    ("print", "delivery_note", "--pdf", "x.pdf"), ("print", "delivery_note", "--id", "1"), ("print", "delivery_note", "--period", "sometime", "--pdf", "x.pdf"),
    ("print", "delivery_note", "--all", "--each", "x", "--name", "{{ number"), ("template",), ("template", "burn"),
])
def test_wrong_usage_is_explained(shell: Shell, words: tuple[str, ...]) -> None:
    shell.run(*words)
    assert shell.code == 2
    assert shell.err


def test_every_template_that_ships_prints_and_a_wrong_one_only_when_told_to(shell: Shell, tmp_path: Path) -> None:
    for name in ("quotation", "sales_contract_en", "delivery_note_a5", "return_note"):
        found = shell.json("print", name, "--id", 2, "--pdf", str(tmp_path / f"{name}.pdf"))
        assert found["documents"] == 1
        assert "HT-2" in "".join(page.extract_text() for page in PdfReader(tmp_path / f"{name}.pdf").pages)
    labels = shell.json("print", "customer_label", "--id", 1, "--start", 5, "--pdf", str(tmp_path / "labels.pdf"))
    assert labels["pages"] == 1
    assert "甲公司" in PdfReader(tmp_path / "labels.pdf").pages[0].extract_text()
    path, out = tmp_path / "bad.json", tmp_path / "bad.pdf"
    data = shell.json("template", "show", "delivery_note")["template"]
    data["bands"]["page_header"]["elements"][1]["colour"] = "red"
    data["bands"]["page_header"]["elements"][0]["text"] = "{{ total + customer.name }}"
    path.write_text(json.dumps(data), encoding="utf-8")
    shell.run("print", str(path), "--id", 2, "--pdf", str(out), "--json")
    assert shell.code == 1
    assert not out.exists()
    found = shell.json("print", str(path), "--id", 2, "--pdf", str(out), "--anyway")
    assert len(found["left_out"]) == 2
    text = PdfReader(out).pages[0].extract_text()
    assert "HT-2" in text
    assert "送　货　单" not in text
