"""What can be said about an import beside its mapping: columns taken apart and joined, values, fixed values, duplicates one by one, plans."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from desktop_crm.base.errors import NotFound, UserError
from desktop_crm.domain.places import split_place
from desktop_crm.services import importing, records
from desktop_crm.services.importing import (
    Decision,
    Options,
    Shape,
    Source,
    guess_mapping,
    open_source,
    plans,
    run_import,
    write_duplicates,
    write_refused,
)
from desktop_crm.services.imports.alike import AlikeNames, suggestions
from desktop_crm.services.imports.matching import Known
from desktop_crm.services.imports.shapes import PERSON, PLACE, how_to_take_apart, joined, taken_apart
from desktop_crm.services.policy import Person
from desktop_crm.services.session import Session
from tests.services.import_support import company, everything, load, text_file, undo, workbook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with company(f"sqlite:///{tmp_path / 'c.sqlite3'}") as opened:
        yield opened


def guessed(session: Session, source: Source, chosen: dict[int, str] | None = None) -> dict[int, str]:
    return importing.mapping_of(guess_mapping(session, source), chosen)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("江苏省苏州市虎丘区长江路1号", ("江苏省", "苏州市", "虎丘区", "长江路1号")), ("江苏苏州", ("江苏", "苏州", "", "")), ("北京市海淀区", ("北京市", "北京市", "海淀区", "")),
        ("北京市市辖区东城区", ("北京市", "北京市", "东城区", "")), ("上海浦东新区张江路1号", ("上海", "上海", "浦东新区", "张江路1号")), ("江苏省/苏州市/昆山市", ("江苏省", "苏州市", "昆山市", "")),
        ("湖北省荆州市沙市区", ("湖北省", "荆州市", "沙市区", "")), ("山东省济宁市市中区", ("山东省", "济宁市", "市中区", "")), ("河北省秦皇岛市秦皇岛市经济技术开发区", ("河北省", "秦皇岛市", "秦皇岛市经济技术开发区", "")),
        ("内蒙古自治区锡林郭勒盟二连浩特市", ("内蒙古自治区", "锡林郭勒盟", "二连浩特市", "")), ("长江路5号", ("", "", "", "长江路5号")), ("", ("", "", "", "")),
    ],
)  # fmt: skip
def test_a_place_is_taken_apart_by_its_ranks(text: str, place: tuple[str, ...]) -> None:
    assert split_place(text) == place


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("李建国 13810246688", ["李建国", "13810246688", ""]), ("李建国/0512-66668888", ["李建国", "", "0512-66668888"]), ("李建国（13810246688）", ["李建国", "13810246688", ""]),
        ("13810246688李建国", ["李建国", "13810246688", ""]), ("李四 13810246688/13910246688", ["李四", "13810246688", "13910246688"]), ("王芳", ["王芳", "", ""]),
    ],
)  # fmt: skip
def test_a_name_and_its_numbers_are_taken_apart(text: str, parts: list[str]) -> None:
    assert taken_apart(text, PERSON, 3) == parts


def test_how_a_column_is_to_be_taken_apart_shows_in_its_values() -> None:
    assert how_to_take_apart(["江苏省苏州市", "北京市海淀区", "江苏苏州"]) == PLACE
    assert how_to_take_apart(["李建国 13810246688", "王芳13910246688"]) == PERSON
    assert how_to_take_apart(["a/b", "c/d"]) == "/"
    assert how_to_take_apart(["北京华信科技有限公司", "上海明远机械"]) == ""
    assert taken_apart("甲/乙/丙", "/", 2) == ["甲", "乙/丙"]
    assert (joined(["李", "建国"]), joined(["John", "Doe"])) == ("李建国", "John Doe")


def test_columns_are_taken_apart_and_joined(session: Session, tmp_path: Path) -> None:
    rows = [["姓", "名", "联系人电话", "省市", "备注"], ["李", "建国", "13810246688", "江苏省苏州市虎丘区", "a"], ["Doe", None, None, "北京市海淀区", "b"]]
    source = open_source(session, "customer", workbook(tmp_path / "a.xlsx", rows))
    offered = {guess.heading: guess.shape for guess in guess_mapping(session, source) if guess.shape is not None}
    assert {heading: (shape.kind, shape.how) for heading, shape in offered.items() if shape} == {"姓": ("join", ""), "省市": ("split", PLACE)}
    assert guessed(session, source).get(3) is None
    source.shapes = (Shape(0, "join", (0, 1)), Shape(1, "split", (3,), PLACE))
    made = source.shapes[1].numbers()
    assert source.heading(source.shapes[0].numbers()[0]) == "姓+名"
    mapping = guessed(session, source, {source.shapes[0].numbers()[0]: "name"})
    assert (mapping[made[0]], mapping[made[1]], mapping[made[2]]) == ("province", "city", "district")
    result = run_import(session, source, Options(mapping)).result
    assert result.added == 2
    found = [(row["name"], row["province"], row["city"], row["district"]) for row in everything(session, "customer", "name", "province", "city", "district")]
    assert found == [("李建国", "江苏省", "苏州市", "虎丘区"), ("Doe", "北京市", "北京市", "海淀区")]


def test_a_damaged_number_is_refused_in_what_is_made_of_it(session: Session, tmp_path: Path) -> None:
    source = open_source(session, "customer", workbook(tmp_path / "a.xlsx", [["客户名称", "编号一", "编号二"], ["甲", 914403001234567890, "x"]]))
    source.shapes = (Shape(0, "join", (1, 2)),)
    result = run_import(session, source, Options({0: "name", source.shapes[0].numbers()[0]: "note"})).result
    assert (result.refused, result.problems[0].column) == (1, "编号一+编号二")


def test_fixed_values_fill_what_the_file_leaves_empty(session: Session, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["客户名称", "城市"], ["甲", "苏州"], ["乙", None]])
    result = load(session, "customer", path, fixed={"city": "无锡", "source": "展会", "owner": "boss", "credit_limit": "1万"})
    assert result.added == 2
    rows = everything(session, "customer", "city", "source", "credit_limit")
    assert [(row["city"], row["source"], row["credit_limit"]) for row in rows] == [("苏州", "exhibition", Decimal(10000)), ("无锡", "exhibition", Decimal(10000))]
    with pytest.raises(UserError, match="没这个"):
        load(session, "customer", path, fixed={"source": "没这个"})
    with pytest.raises(UserError, match="nonsense"):
        load(session, "customer", path, fixed={"nonsense": "x"})


def test_opportunities_without_customer_get_one_and_their_contacts_belong_to_it(session: Session, tmp_path: Path) -> None:
    rows = [["name", "expected_revenue", "chance", "contact name", "company", "stage_no"], ["Chairs", 3800, 90, "Robin", "Global", 2], ["Desks", 1000, None, "Robin", None, 3]]
    result = load(
        session, "opportunity", text_file(tmp_path / "a.csv", rows), {"chance": "probability", "stage_no": "stage"}, create_links=True,
        fixed={"customer": "Unknown"}, values={"stage": {"2": "needs", "3": "offer"}},
    )  # fmt: skip
    assert (result.added, result.created_links) == (2, {"customer": 2, "contact": 2})
    found = everything(session, "opportunity", "customer", "contact", "stage", "probability")
    assert [(row["customer"].title, row["stage"], row["probability"]) for row in found] == [("Global", "needs", Decimal("0.9")), ("Unknown", "offer", Decimal("0.5"))]
    assert [row["customer"].title for row in everything(session, "contact", "customer")] == ["Global", "Unknown"]


def test_values_nobody_knows_are_offered_what_is_near_and_read_as_told(session: Session, tmp_path: Path) -> None:
    seller = records.save(session, "user", records.new(session, "user", name="刘小明", login="lxm", role="sales")).result.id
    rows = [["客户名称", "负责人", "状态", "级别"], ["甲", "小刘", "VIP", "A+"], ["乙", "小刘", "成交客户户", "B"], ["丙", "boss", None, None]]
    path = workbook(tmp_path / "a.xlsx", rows)
    source = open_source(session, "customer", path)
    trial = load(session, "customer", path, {"状态": "status"}, dry_run=True)
    assert trial.refused == 2
    (owner,) = importing.unknown_values(session, source, trial, "owner", lambda _done, _all: None)
    assert (owner.text, owner.rows, owner.suggestions[0].text, owner.suggestions[0].title) == ("小刘", 2, f"#{seller}", "刘小明")
    status = importing.unknown_values(session, source, trial, "status", lambda _done, _all: None)
    assert {one.text: [offer.text for offer in one.suggestions][:1] for one in status} == {"VIP": [], "成交客户户": ["active"]}
    done = load(session, "customer", path, {"状态": "status"}, values={"owner": {"小刘": f"#{seller}"}, "status": {"vip": "active", "成交客户户": ""}, "level": {"A+": "5"}})
    assert done.added == 3
    found = everything(session, "customer", "owner", "status", "level")
    assert [(int(row["owner"]), row["status"], row["level"]) for row in found] == [(seller, "active", 5), (seller, "new", 4), (session.person.id, "new", None)]


def test_names_that_are_nearly_the_same_are_named_and_treated_as_asked(session: Session, tmp_path: Path) -> None:
    for name in ("苏州明远精密机械有限公司", "恒泰（上海）科技有限公司", "客户0001"):
        records.save(session, "customer", records.new(session, "customer", name=name))
    rows = [["客户名称", "手机"], ["苏州明远机械", "13800138000"], ["恒泰(上海)科技", "13800138001"], ["客户0002", "13800138002"], ["完全不同", "13800138003"]]
    path = workbook(tmp_path / "a.xlsx", rows)
    trial = load(session, "customer", path, dry_run=True)
    assert (trial.added, [(one.row, one.existing_title, one.action) for one in trial.duplicates]) == (
        4, [(2, "苏州明远精密机械有限公司", "add"), (3, "恒泰（上海）科技有限公司", "add")],
    )  # fmt: skip
    assert all(75 <= one.similarity < 100 for one in trial.duplicates)
    near = load(session, "customer", path, on_similar="fill")
    assert (near.added, near.updated) == (2, 2)
    assert everything(session, "customer", "mobile")[0]["mobile"] == "13800138000"
    undo(session, near.change_set)
    one = load(session, "customer", path, decisions={2: Decision("update", trial.duplicates[0].existing_id), 3: Decision("skip", None)})
    assert (one.added, one.updated, one.skipped) == (2, 1, 1)
    assert everything(session, "customer", "name")[0]["name"] == "苏州明远机械"


def test_a_decision_about_another_record_than_it_is_now_is_refused(session: Session, tmp_path: Path) -> None:
    there = records.save(session, "customer", records.new(session, "customer", name="甲公司")).result.id
    path = workbook(tmp_path / "a.xlsx", [["客户名称", "手机"], ["甲公司", "1"]])
    assert load(session, "customer", path, decisions={2: Decision("update", there + 5)}).refused == 1
    assert load(session, "customer", path, on_duplicate="add", decisions={2: Decision("update", there)}).updated == 1


def test_a_deleted_record_of_the_same_name_is_named(session: Session, tmp_path: Path) -> None:
    gone = records.save(session, "customer", records.new(session, "customer", name="顺安五金")).result.id
    records.delete(session, "customer", [gone])
    result = load(session, "customer", workbook(tmp_path / "a.xlsx", [["客户名称", "手机"], ["顺安 五金", "1"], ["别家", "2"]]))
    assert (result.added, [warning.row for warning in result.warnings if warning.field == "name"]) == (2, [2])


def test_the_list_of_duplicates_says_each_difference(session: Session, tmp_path: Path) -> None:
    records.save(session, "customer", records.new(session, "customer", name="甲公司", mobile="13800138000"))
    path = workbook(tmp_path / "a.xlsx", [["客户名称", "手机", "城市"], ["甲公司", "13900139000", "苏州"]])
    write_duplicates(open_source(session, "customer", path), load(session, "customer", path, dry_run=True), tmp_path / "d.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "d.xlsx").active.values)
    assert [(row[0], row[1], row[5] or "", row[6]) for row in rows[1:]] == [(2, "甲公司", "13800138000", "13900139000"), (2, "甲公司", "", "苏州")]


def test_refused_rows_come_back_as_they_were_and_go_in_once_they_are_put_right(session: Session, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "客户台账"
    for row in (["2026 年客户", None, None], ["基本", None, "其它"], ["客户名称", "手机", "信用额度"], ["甲公司", 13800138000, 5], ["乙公司", 13900139000, "很多"], ["丙公司", 12345678901234567890, "=NA()"]):
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("A2:B2")
    book.save(tmp_path / "a.xlsx")
    source = open_source(session, "customer", tmp_path / "a.xlsx")
    result = load(session, "customer", tmp_path / "a.xlsx", keep_good=True)
    assert (result.added, result.refused) == (1, 2)
    target = tmp_path / "bad.xlsx"
    assert write_refused(source, result, target) == 2
    back = openpyxl.load_workbook(target).active
    assert (back.title, back["A1"].value, [str(one) for one in back.merged_cells.ranges], back["B4"].value, back["B4"].number_format) == (
        "客户台账", "2026 年客户", ["A1:C1", "A2:B2"], "13900139000", "@",
    )  # fmt: skip
    again = load(session, "customer", target, keep_good=True)
    assert (again.rows, again.refused, [(one.row, one.field) for one in again.problems]) == (
        2, 2, [(row - 1, field) for row, field in ((one.row, one.field) for one in result.problems)],
    )  # fmt: skip
    corrected = openpyxl.load_workbook(target)
    corrected.active["C4"], corrected.active["B5"], corrected.active["C5"] = 7, "13700137000", None
    corrected.save(target)
    assert load(session, "customer", target).added == 2
    assert [(row["name"], row["mobile"]) for row in everything(session, "customer", "name", "mobile")][1:] == [("乙公司", "13900139000"), ("丙公司", "13700137000")]


def plan_of(session: Session, source: Source, **options: Any) -> Options:
    return Options(guessed(session, source, {1: "note"}), **options)


def test_a_plan_is_remembered_for_the_headings_by_colleagues_too(session: Session, tmp_path: Path) -> None:
    rows = [["客户名称", "手机", "省市"], ["甲公司", "13800138000", "江苏省苏州市"]]
    source = open_source(session, "customer", workbook(tmp_path / "a.xlsx", rows))
    assert plans.recall(session, source) is None
    source = replace(source, shapes=(Shape(4, "split", (2,), PLACE),))
    options = Options(guessed(session, source, {1: "note"}), ("name",), "fill", create_links=True, fixed={"source": "展会"}, values={"status": {"VIP": "active"}})
    assert plans.save(session, source, options) is not None
    assert plans.save(session, source, options) is None
    seller = records.save(session, "user", records.new(session, "user", name="小王", login="xw", role="sales")).result.id
    colleague = Session(session.store, Person(seller, "小王", "sales"))
    moved = open_source(colleague, "customer", workbook(tmp_path / "b.xlsx", [["说明"], ["省市", "客户 名称", "手机"], ["江苏省无锡市", "乙公司", "13800138001"]]))
    assert plans.recall(colleague, moved) is not None
    found = plans.recall(colleague, open_source(colleague, "customer", workbook(tmp_path / "c.xlsx", [["省市", "手机", "客户名称"], ["江苏省无锡市", "1", "乙公司"]])))
    assert found is not None
    assert (found.mapping[2], found.mapping[1], found.options.on_duplicate, found.options.fixed, found.options.values) == (
        "name", "note", "fill", {"source": "展会"}, {"status": {"VIP": "active"}},
    )  # fmt: skip
    guesses = plans.guesses_by(found, guess_mapping(colleague, found.source))
    assert {guess.heading: (guess.field, guess.confidence) for guess in guesses}["省市/城市" if "省市/城市" in found.source.columns().values() else "省市/City"] == ("city", "plan")
    assert run_import(colleague, found.source, found.options).result.added == 1
    assert everything(session, "customer", "city")[0]["city"] == "无锡市"


def test_plans_have_names_and_can_be_renamed_and_deleted(session: Session, tmp_path: Path) -> None:
    source = open_source(session, "customer", workbook(tmp_path / "a.xlsx", [["客户名称", "手机"], ["甲公司", "1"]]))
    plans.save(session, source, plan_of(session, source), "展会名单")
    plans.save(session, source, plan_of(session, source, on_duplicate="update"), "展会名单")
    (kept,) = plans.saved(session, "customer", source)
    assert (kept.name, kept.same, kept.remembered, plans.named(session, "customer", " 展会名单")) == ("展会名单", True, False, kept.id)
    assert plans.load(session, kept.id, source).options.on_duplicate == "update"
    other = open_source(session, "customer", workbook(tmp_path / "b.xlsx", [["客户名称", "备注"], ["甲公司", "1"]]))
    assert plans.load(session, kept.id, other).mapping == {0: "name"}
    plans.save(session, other, Options({0: "name"}), "另一个")
    with pytest.raises(UserError):
        plans.rename(session, kept.id, "另一个")
    with pytest.raises(UserError):
        plans.rename(session, kept.id, " ")
    plans.rename(session, kept.id, "新名")
    with pytest.raises(NotFound, match="新名"):
        plans.named(session, "customer", "展会名单")
    change = plans.delete(session, kept.id).change_set
    with pytest.raises(NotFound):
        plans.load(session, kept.id, source)
    undo(session, change)
    assert plans.load(session, kept.id, source).name == "新名"


def test_near_names_are_found_and_noise_is_not() -> None:
    names = AlikeNames(fuzzy=True)
    known = {name: Known({}, key=number) for number, name in enumerate(("苏州明远精密机械有限公司", "上海华信科技有限公司", "测试客户12有限公司", "Global Trading Company Ltd"))}
    for name, one in known.items():
        names.add(name, one)

    def found(name: str) -> list[str]:
        return [there for there, one in known.items() if one in [near for near, _share in names.find(name)]]

    assert found("苏州明远机械") == ["苏州明远精密机械有限公司"]
    assert found("上海华信科技股份有限公司") == ["上海华信科技有限公司"]
    assert found("Global Tradeing Company") == ["Global Trading Company Ltd"]
    assert (found("上海华鑫科技"), found("测试客户13"), found("明远")) == ([], [], [])
    assert suggestions("小刘", [("#1", "刘洋"), ("#2", "王敏")]) == [("#1", "刘洋", 80)]
    assert suggestions("date", [("#1", str(date(2026, 1, 1)))]) == []
