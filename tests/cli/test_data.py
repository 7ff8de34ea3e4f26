from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import openpyxl
import pypdf
import pytest

from desktop_crm.services import records
from desktop_crm.services.session import open_session
from tests.cli.support import Shell
from tests.support.company import company

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shell(db_url: str, capsys: pytest.CaptureFixture[str]) -> Shell:
    with company(db_url):
        pass
    return Shell(capsys, db_url)


def customers_file(folder: Path, *rows: str) -> str:
    path = folder / "客户.csv"
    path.write_text("\n".join(["客户名称,统一社会信用代码,信用额度,下次跟进,等级", *rows]), encoding="utf-8-sig")
    return str(path)


def test_an_import_answers_with_its_counts_and_is_undone_by_its_number(shell: Shell, tmp_path: Path) -> None:
    path = customers_file(tmp_path, '华信科技有限公司,,"1,200.50",2026-03-01,A', "远达商贸有限公司,,,,3")
    answer = shell.json("import", "customer", path)
    assert {name: answer[name] for name in ("rows", "added", "updated", "skipped", "refused", "problems")} == {
        "rows": 2, "added": 2, "updated": 0, "skipped": 0, "refused": 0, "problems": [],
    }  # fmt: skip
    listed = shell.json("list", "customer", "--sort", "-credit_limit", "--columns", "name,credit_limit,next_contact,level,owner")
    assert listed["count"] == 2
    assert listed["rows"][0] == {
        "id": 1, "name": "华信科技有限公司", "credit_limit": "1200.50", "next_contact": "2026-03-01", "level": 5, "owner": "boss", "owner_id": 1,
    }  # fmt: skip
    undone = shell.json("undo", answer["change_set"])
    assert shell.json("list", "customer")["count"] == 0
    shell.json("undo", undone["change_set"])
    assert shell.json("list", "customer")["count"] == 2
    session = open_session(shell.db, "boss")
    records.save(session, "customer", {"city": "苏州"}, key=1)
    session.close()
    assert [(item["entity"], item["id"]) for item in shell.json("undo", answer["change_set"], code=1)["records"]] == [("customer", 1)]


def test_a_bad_row_keeps_everything_out_and_is_named(shell: Shell, tmp_path: Path) -> None:
    path = customers_file(tmp_path, "华信科技有限公司,,abc,,", "远达商贸有限公司,,5,,")
    answer = shell.json("import", "customer", path, code=1)
    assert (answer["rows"], answer["added"], answer["refused"], answer["change_set"]) == (2, 0, 1, None)
    (problem,) = answer["problems"]
    assert (problem["row"], problem["column"], problem["value"]) == (2, "信用额度", "abc")
    assert problem["message"]
    kept = shell.json("import", "customer", path, "--keep-good", code=1)
    assert (kept["added"], kept["refused"]) == (1, 1)
    again = shell.json("import", "customer", path, "--keep-good", "--dry-run", "--on-duplicate", "add", code=1)
    assert (again["added"], shell.json("list", "customer")["count"]) == (1, 1)


def test_columns_are_mapped_by_hand(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("甲,乙,备注\n华信科技,上海,x\n", encoding="utf-8")
    answer = shell.json("import", "customer", str(path), "--header-row", 1, "--map", "甲=name", "--map", "乙=city", "--map", "备注=")
    assert answer["mapping"] == {"甲": "name", "乙": "city"}
    shell.run("import", "customer", str(path), "--header-row", 1, "--map", "丙=name")
    assert shell.code == 2
    assert "甲" in shell.err
    shell.run("import", "customer", str(path), "--header-row", 1, "--map", "甲=nothing")
    assert shell.code == 2


def test_columns_values_and_duplicates_are_told_what_to_do(shell: Shell, tmp_path: Path) -> None:
    path, bad = tmp_path / "名单.csv", tmp_path / "bad.xlsx"
    listed_in = str(path)
    path.write_text("姓,名,省市,电话,级别,公司\n李,建国,江苏省苏州市,李工 13810246688,A+,甲公司\n王,芳,上海市浦东新区,王 13910246688,B,\n赵,六,江苏省无锡市,无,很好,乙公司\n", encoding="utf-8")
    told = (
        "--join", "name=姓+名", "--split", "省市=province,city@place", "--split", "电话=contact_person,mobile@person", "--value", "level:A+=5", "--fixed", "source=展会", "--map", "公司=",
    )  # fmt: skip
    refused = shell.json("import", "customer", listed_in, *told, "--keep-good", "--save-plan", "名单", "--refused", str(bad), code=1)
    assert (refused["added"], refused["refused"], [problem["field"] for problem in refused["problems"]]) == (2, 1, ["level"])
    assert refused["mapping"]["姓+名"] == "name"
    assert "姓" not in refused["ignored"]
    listed = shell.json("list", "customer", "--sort", "id", "--columns", "name,province,city,mobile,level,source")
    assert [(row["name"], row["province"], row["city"], row["mobile"], row["level"], row["source"]) for row in listed["rows"]] == [
        ("李建国", "江苏省", "苏州市", "13810246688", 5, "exhibition"), ("王芳", "上海市", "上海市", "13910246688", 4, "exhibition"),
    ]  # fmt: skip
    book = openpyxl.load_workbook(bad)
    book.active["E2"] = "C"
    book.save(bad)
    again = shell.json("import", "customer", str(bad), "--plan", "名单")
    assert (again["added"], again["refused"]) == (1, 0)
    path.write_text("客户名称,城市\n李建国公司,镇江\n", encoding="utf-8")
    near = shell.json("import", "customer", listed_in, "--on-similar", "fill", "--duplicates", str(tmp_path / "d.xlsx"))
    assert (near["added"], near["updated"], near["skipped"]) == (0, 0, 1)
    assert (near["duplicates"][0]["existing_title"], near["duplicates"][0]["similarity"]) == ("李建国", 99)
    assert (tmp_path / "d.xlsx").exists()
    for wrong in (("--split", "没有=name"), ("--join", "name"), ("--value", "level"), ("--fixed", "nonsense=1"), ("--split", "城市=name,code"), ("--split", "城市=a,b,c,d,e,f,g@/")):
        shell.json("import", "customer", listed_in, *wrong, code=2)
    assert "名单" in shell.json("import", "customer", listed_in, "--plan", "没有", code=1)["error"]


def test_linked_records_are_made_only_when_asked(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "应收.csv"
    path.write_text("单据编号,客户名称,单据日期,应收金额\nA-1,新客户有限公司,2026-01-05,100.10\n", encoding="utf-8")
    assert shell.json("import", "receivable", str(path), code=1)["refused"] == 1
    assert shell.json("import", "receivable", str(path), "--create-links")["created_links"] == {"customer": 1}
    (row,) = shell.json("list", "receivable", "--where", "customer=新客户有限公司")["rows"]
    assert (row["number"], row["amount"], row["remaining"], row["customer"]) == ("A-1", "100.10", "100.10", "新客户有限公司")


@pytest.fixture
def filled(shell: Shell) -> Shell:
    session = open_session(shell.db, "boss")
    for number, (name, city, limit) in enumerate((("甲公司", "上海", "100"), ("乙公司", "北京", "250.50"), ("丙公司", "", None)), 1):
        values = {"name": name, "city": city, "credit_limit": limit and Decimal(limit), "status": "active" if number > 1 else "new"}
        key = records.save(session, "customer", records.new(session, "customer", **values)).result.id
        day = date(2026, number, 15)
        records.save(session, "receivable", records.new(session, "receivable", customer=key, document_on=day, due_on=day, amount=Decimal("100.10") * number))
    session.close()
    return shell


CONDITIONS: tuple[tuple[str, list[str], int], ...] = (
    ("customer", ["city=上海"], 1),
    ("customer", ["city="], 1),
    ("customer", ["city!="], 2),
    ("customer", ["status=active", "credit_limit>=250.5"], 1),
    ("customer", ["credit_limit<250.50"], 1),
    ("customer", ["id>1"], 2),
    ("receivable", ["customer=乙公司"], 1),
    ("receivable", ["customer!=乙公司"], 2),
    ("receivable", ["customer=没有这家"], 0),
    ("receivable", ["customer.city=上海"], 1),
    ("receivable", ["document_on>=2026-02-15", "document_on<2026/3/15"], 1),
    ("receivable", ["amount=200.20"], 1),
    ("receivable", ["owner=boss"], 3),
)


def test_conditions(filled: Shell) -> None:
    for entity, conditions, count in CONDITIONS:
        arguments = [part for text in conditions for part in ("--where", text)]
        assert filled.json("list", entity, *arguments)["count"] == count, conditions


def test_a_list_is_searched_and_paged(filled: Shell) -> None:
    assert [row["name"] for row in filled.json("list", "customer", "--search", "乙 公司")["rows"]] == ["乙公司"]
    page = filled.json("list", "customer", "--sort", "id", "--limit", 1, "--offset", 2)
    assert (page["count"], [row["name"] for row in page["rows"]]) == (3, ["丙公司"])
    assert filled.json("list", "customer", "--limit", 0) == {"count": 3, "rows": []}


WRONG: tuple[tuple[str, ...], ...] = (
    ("list", "nothing"),
    ("list", "customer", "--where", "nothing=1"),
    ("list", "customer", "--where", "no condition"),
    ("list", "receivable", "--where", "customer>3"),
    ("list", "customer", "--where", "credit_limit=viel"),
    ("list", "customer", "--sort", "nothing"),
    ("list", "customer", "--columns", "name,nothing"),
    ("list", "customer", "--limit", "-1"),
    ("list",),
    ("lists", "customer"),
    ("report", "nothing"),
    ("report", "overdue", "--customer", "甲公司"),
    ("report", "aging", "--as-of", "neulich"),
    ("print", "nothing", "--pdf", "x.pdf"),
    ("print", "delivery_note", "--pdf", "x.pdf"),
    ("user",),
    ("sample", "--customers", "0"),
)


def test_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    db = str(tmp_path / "company.sqlite3")
    with company(db):
        pass
    shell = Shell(capsys, db)
    for arguments in WRONG:
        answer = shell.json(*arguments, code=2)
        assert answer["ok"] is False
        assert answer["error"] in shell.err


def test_exports_are_read_back(filled: Shell, tmp_path: Path) -> None:
    target = tmp_path / "客户.xlsx"
    answer = filled.json("export", "customer", str(target), "--where", "status=active", "--columns", "name,credit_limit", "--sort", "id", "--lang", "en")
    assert answer["rows"] == 2
    rows = list(openpyxl.load_workbook(target).active.iter_rows(values_only=True))
    assert rows == [("Customer name", "Credit limit"), ("乙公司", 250.5), ("丙公司", None)]
    listed = tmp_path / "r.csv"
    filled.json("export", "receivable", str(listed), "--lang", "en")
    with listed.open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.reader(file))[0] == "Receivable number"
    filled.run("export", "customer", str(tmp_path / "x.doc"))
    assert filled.code == 1


def test_reports_and_documents(filled: Shell, tmp_path: Path) -> None:
    aging = filled.json("report", "aging", "--as-of", "2026-02-20", "--set", "buckets=30/60")
    assert aging["as_of"] == "2026-02-20"
    assert aging["totals"]["balance"] == "300.30"
    for ending in ("xlsx", "pdf"):
        path = tmp_path / f"a.{ending}"
        filled.run("report", "aging", f"--{ending}", str(path))
        assert (filled.code, path.stat().st_size > 1000) == (0, True), filled.err
    text = "".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "a.pdf").pages)
    assert all(part in text for part in ("甲公司", "100.10", "600.60"))
    statement = filled.json("report", "statement", "--customer", "乙公司", "--from", "2026-01-01", "--to", "2026-12-31", "--pdf", str(tmp_path / "s.pdf"))
    assert (statement["opening"], statement["closing"], len(statement["movements"])) == ("0.00", "200.20", 1)
    printed = filled.json("print", "statement", "--customer", "甲公司", "--from", "2026-01-01", "--to", "2026-06-30", "--pdf", str(tmp_path / "p.pdf"))
    assert printed["documents"] == 1
    assert (tmp_path / "p.pdf").read_bytes().startswith(b"%PDF")
    assert filled.json("print", "delivery_note", "--id", 99, "--pdf", str(tmp_path / "n.pdf"), code=1)["error"]
    assert not (tmp_path / "n.pdf").exists()


def test_the_history_of_a_record(filled: Shell) -> None:
    session = open_session(filled.db, "boss")
    change = records.save(session, "customer", {"city": "苏州"}, key=1)
    session.close()
    latest, first = filled.json("history", "customer", 1, "--lang", "en")["history"]
    assert (latest["change_set"], latest["who"], latest["kind"]) == (change.change_set, "boss", "update")
    assert latest["fields"] == [{"field": "city", "label": "City", "before": "上海", "after": "苏州"}]
    assert first["kind"] == "insert"
    filled.run("history", "customer", 99)
    assert filled.code == 1
    blocked = filled.json("undo", first["change_set"], code=1)
    assert {(item["entity"], item["id"]) for item in blocked["records"]} >= {("customer", 1)}


def test_the_later_actions_go_along_and_the_log_says_so(filled: Shell) -> None:
    there = filled.json("list", "customer")["count"]
    session = open_session(filled.db, "boss")
    change = records.save(session, "customer", {"city": "苏州"}, key=1)
    session.close()
    first = filled.json("history", "customer", 1)["history"][-1]["change_set"]
    blocked = filled.json("undo", first, code=1)
    assert change.change_set in blocked["later"]
    undone = filled.json("undo", first, "--with-later")
    assert filled.json("list", "customer")["count"] < there
    log = filled.json("log", "--limit", 1)
    assert (log["actions"][0]["change_set"], log["actions"][0]["action"], log["actions"][0]["who"]) == (undone["change_set"], "undo", "boss")
    assert len(filled.json("log", "--offset", 1)["actions"]) == log["count"] - 1
    assert filled.json("log", "--entity", "customer", "--search", "没有这个")["count"] == 0
    filled.json("undo", undone["change_set"])
    assert filled.json("list", "customer")["count"] == there
    filled.run("prune")
    assert filled.code == 1
    assert filled.json("prune", "--dry-run") == {"actions": 0, "deleted_records": 0}


def test_columns_of_the_same_heading_are_told_apart_and_none_is_left_out_silently(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "客户.csv"
    path.write_text("客户名称,电话,电话,备注,备注\n华信科技有限公司,0512-66668888,13800138000,甲,乙\n", encoding="utf-8-sig")
    answer = shell.json("import", "customer", str(path), "--dry-run")
    assert answer["mapping"] == {"客户名称": "name", "电话": "phone", "电话#2": "mobile", "备注": "note"}
    assert answer["ignored"] == ["备注#2"]
    answer = shell.json("import", "customer", str(path), "--map", "备注#2=tags")
    assert shell.json("list", "customer", "--columns", "note,tags")["rows"][0]["tags"] == "乙"
    assert (answer["ignored"], answer["hidden_rows"]) == ([], 0)


def test_a_file_that_can_not_be_read_is_named_with_what_to_do(shell: Shell, tmp_path: Path) -> None:
    empty = tmp_path / "空.xlsx"
    empty.write_bytes(b"")
    assert shell.json("import", "customer", str(empty), code=1)["error"] == f"{empty}: The file is empty (0 bytes). Export or copy it again."


def test_a_company_that_is_not_there_was_not_reached(shell: Shell) -> None:
    other = Shell(shell.capsys, f"{shell.db}_elsewhere")
    other.json("list", "customer", code=3)


def test_how_a_file_is_read_is_said_and_can_be_put_right(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "兩個表.csv"
    lines = ["訂單號|品名|數目", "D1|螺絲|5", "D2|墊圈|7", "", "客戶清單", "客戶名稱|手機", "華信有限公司|13800138000", "合計|"]
    path.write_bytes("\n".join(lines).encode("cp950"))
    answer = shell.json("import", "customer", str(path), "--dry-run")
    assert (answer["rows"], answer["added"]) == (1, 1)
    read = answer["read"]
    assert (read["kind"], read["encoding"], read["separator"], read["heading_row"]) == ("csv", "cp950", "|", 6)
    assert read["tables"] == ["訂單號", "客戶清單"]
    assert [row["row"] for row in read["left_out"]] == [8]
    other = shell.json("import", "customer", str(path), "--dry-run", "--table", 1, "--map", "品名=name")
    assert (other["read"]["heading_row"], other["rows"]) == (1, 2)
    shell.run("import", "customer", str(path), "--dry-run", "--table", 3)
    assert shell.code == 1
    assert shell.json("import", "customer", str(path), "--dry-run", "--encoding", "big5", "--separator", "|", "--heading-row", 6)["rows"] == 1
    shell.run("import", "customer", str(path), "--dry-run", "--encoding", "utf-16")
    assert shell.code == 1


def test_the_password_of_a_workbook_comes_from_a_file(shell: Shell, tmp_path: Path) -> None:
    from io import BytesIO

    import xlsxwriter
    from msoffcrypto.format.ooxml import OOXMLFile

    plain, sealed = BytesIO(), BytesIO()
    book = xlsxwriter.Workbook(plain, {"in_memory": True})
    book.add_worksheet().write_column(0, 0, ["客户名称", "华信有限公司"])
    book.close()
    OOXMLFile(plain).encrypt("会计2026", sealed)
    path, secret = tmp_path / "加密.xlsx", tmp_path / "口令.txt"
    path.write_bytes(sealed.getvalue())
    secret.write_text("会计2026\n", encoding="utf-8")
    shell.run("import", "customer", str(path))
    assert shell.code == 1
    assert shell.json("import", "customer", str(path), "--password-from", str(secret))["added"] == 1
