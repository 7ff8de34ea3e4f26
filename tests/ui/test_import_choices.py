"""The import page beyond fields: columns taken apart, values settled, fixed values, duplicates decided one by one, plans. With the clicks a user makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from desktop_crm.domain.conditions import EVERYTHING, Query
from desktop_crm.services import records
from desktop_crm.ui.import_page import DONE, ImportPage
from desktop_crm.ui.kit.fields import LinkEditor
from desktop_crm.ui.kit.widgets import LinkLabel
from tests.ui.test_import_page import column, counted, opened, workbook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop_crm.services.session import Session
    from tests.ui.conftest import Bench, FakeFiles

HEADINGS = ["客户名称", "联系人及电话", "负责人", "状态", "省市"]
ROWS: list[list[Any]] = [
    ["北京华信科技有限公司", "李建国 13810246688", "王敏", "正式客户", "北京市海淀区"],
    ["苏州明远机械", "周海涛 13962212345", "小刘", "正式客户", "江苏省苏州市虎丘区"],
    ["宁波东海紧固件有限公司", "沈丽 0574-87651234", "小刘", "VIP", "浙江省宁波市北仑区"],
]


@pytest.fixture
def page(bench: Bench) -> ImportPage:
    made = ImportPage(bench.desk, "customer")
    bench.show(made)
    return made


def stored(session: Session, entity: str, *names: str) -> list[dict[str, Any]]:
    return records.page(session, Query(entity, EVERYTHING, "id", columns=names), limit=5)


def click(page: ImportPage, name: str) -> None:
    """Click a link or a button by its name, as it stands on the page."""
    found = next(one for kind in (LinkLabel, QPushButton) for one in page.window().findChildren(kind, name) if one.isVisible())
    QTest.mouseClick(found, Qt.MouseButton.LeftButton)


def fix(page: ImportPage, heading: str) -> None:
    click(page, f"import.fix.{column(page, heading).guess.column}")


def import_all(bench: Bench, page: ImportPage) -> None:
    page.go.click()
    bench.settle()
    assert page.steps.current() == DONE


def test_a_column_is_taken_apart_by_the_link_beside_it_and_put_back(bench: Bench, session: Session, page: ImportPage, tmp_path: Path) -> None:
    opened(bench, page, workbook(tmp_path / "客户.xlsx", [HEADINGS, *ROWS[:1]]))
    fix(page, "省市")
    bench.settle()
    fix(page, "联系人及电话")
    bench.settle()
    mapped = {row.guess.heading.partition("/")[0] + "/" + row.field for row in page.mapping.rows if "/" in row.guess.heading}
    assert {"省市/province", "省市/city", "省市/district", "联系人及电话/contact_person", "联系人及电话/mobile"} <= mapped
    menu = column(page, "省市").menu()
    menu.actions()[0].trigger()
    bench.settle()
    assert not [row for row in page.mapping.rows if row.guess.heading.startswith("省市/")]
    assert [row.field for row in page.mapping.rows if row.guess.heading.startswith("联系人及电话/")][:2] == ["contact_person", "mobile"]
    import_all(bench, page)
    (row,) = stored(session, "customer", "contact_person", "mobile")
    assert (row["contact_person"], row["mobile"]) == ("李建国", "13810246688")


def test_values_nobody_knows_are_settled_on_the_page_and_remembered(bench: Bench, session: Session, page: ImportPage, tmp_path: Path) -> None:
    seller = records.save(session, "user", records.new(session, "user", name="刘小明", login="lxm", role="sales")).result.id
    path = workbook(tmp_path / "客户.xlsx", [HEADINGS, *ROWS])
    opened(bench, page, path)
    assert counted(page) == (0, 0, 1, 2)
    fix(page, "负责人")
    bench.settle()
    assert [row.one.text for row in page.unknown.rows] == ["小刘"]
    assert isinstance(page.unknown.rows[0].editor, LinkEditor)
    click(page, "import.values_apply")
    bench.settle()
    assert page.unknown.isHidden()
    assert counted(page) == (0, 0, 1, 2), "nothing that was offered is taken by itself"
    fix(page, "负责人")
    bench.settle()
    click(page, "import.offer.0.0")
    click(page, "import.values_apply")
    bench.settle()
    assert counted(page) == (0, 0, 2, 1)
    fix(page, "状态")
    bench.settle()
    click(page, "import.empty.0")
    click(page, "import.values_apply")
    bench.settle()
    assert counted(page) == (3, 0, 0, 0)
    import_all(bench, page)
    assert [int(row["owner"]) for row in stored(session, "customer", "owner")] == [session.person.id, seller, seller]
    click(page, "import.undo")
    bench.settle()
    again = ImportPage(bench.desk, "customer")
    bench.show(again)
    opened(bench, again, path)
    assert counted(again) == (3, 0, 0, 0)
    assert column(again, "负责人").guess.confidence == "plan"


def test_a_fixed_value_fills_a_field_no_column_has(bench: Bench, session: Session, page: ImportPage, tmp_path: Path) -> None:
    opened(bench, page, workbook(tmp_path / "客户.xlsx", [HEADINGS[:2], *(row[:2] for row in ROWS)]))
    click(page, "import.add_fixed")
    bench.settle()
    card = page.mapping.fixed.card
    assert card is not None
    assert not card.add.isEnabled()
    QTest.keyClicks(card.field.line, "laiyuan")
    QTest.keyClick(card.field.line, Qt.Key.Key_Return)
    card.add.click()
    assert card.isVisible(), "without a value there is nothing to fill in"
    assert card.editor is not None
    card.editor.set_value("exhibition")
    card.add.click()
    bench.settle()
    assert page.mapping.fixed.texts() == {"source": "exhibition"}
    import_all(bench, page)
    assert {row["source"] for row in stored(session, "customer", "source")} == {"exhibition"}


def test_a_fixed_value_can_be_taken_away_again(bench: Bench, page: ImportPage, tmp_path: Path) -> None:
    opened(bench, page, workbook(tmp_path / "客户.xlsx", [HEADINGS[:2], *(row[:2] for row in ROWS)]))
    page.mapping.fixed._add("source", "nonsense", "nonsense")
    bench.settle()
    assert page.problem.isVisible()
    assert not page.go.isEnabled()
    click(page, "import.fixed.source")
    bench.settle()
    assert counted(page) == (3, 0, 0, 0)
    assert page.mapping.fixed.isHidden()


def test_duplicates_are_decided_one_by_one_and_all_at_once(bench: Bench, session: Session, page: ImportPage, tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles]) -> None:
    there = [records.save(session, "customer", records.new(session, "customer", name=name, city="旧")).result.id for name in ("北京华信科技有限公司", "苏州明远精密机械有限公司")]
    rows = [["客户名称", "城市"], ["北京华信科技有限公司", "北京"], ["苏州明远机械", "苏州"], ["宁波东海紧固件有限公司", "宁波"]]
    opened(bench, page, workbook(tmp_path / "客户.xlsx", rows))
    assert counted(page) == (2, 0, 1, 0)
    assert [(page.duplicates.model.thing(row).existing_id, page.duplicates.model.thing(row).action) for row in range(2)] == [(there[0], "skip"), (there[1], "add")]
    update = page.duplicates.menu(1).actions()[1]
    update.trigger()
    bench.settle()
    assert counted(page) == (1, 1, 1, 0)
    page.duplicates.bulk.set_value("fill")
    page.duplicates.bulk.changed.emit()
    bench.settle()
    assert counted(page) == (1, 0, 2, 0), "their cities are filled already"
    target = tmp_path / "重复.xlsx"
    answer_files(target)
    click(page, "import.duplicates_export")
    bench.settle()
    assert openpyxl.load_workbook(target).active.max_row > 2
    page.duplicates.table.toggle_tick(0)
    page.duplicates.bulk.set_value("update")
    page.duplicates.bulk.changed.emit()
    bench.settle()
    import_all(bench, page)
    assert [row["city"] for row in stored(session, "customer", "city")] == ["北京", "旧", "宁波"]


def test_a_plan_is_kept_chosen_renamed_and_deleted(bench: Bench, session: Session, page: ImportPage, tmp_path: Path) -> None:
    opened(bench, page, workbook(tmp_path / "客户.xlsx", [["客户名称", "编注"], ["甲公司", "x"]]))
    column(page, "编注").combo.set_value("short_name")
    column(page, "编注").combo.changed.emit()
    bench.settle()
    page.keep.click()
    bench.settle()
    card = page.plans.card
    assert card is not None
    card.save.click()
    assert records.count(session, "import_plan") == 0, "a plan without a name is none"
    QTest.keyClicks(card.name.line, "trade fair")
    QTest.keyClick(card.name.line, Qt.Key.Key_Return)
    bench.settle()
    column(page, "编注").combo.set_value(None)
    column(page, "编注").combo.changed.emit()
    bench.settle()
    page.keep.click()
    bench.settle()
    assert page.plans.card is not None
    key = stored(session, "import_plan", "name")[0]["id"]
    click(page, f"import.plan.use.{key}")
    bench.settle()
    assert column(page, "编注").field == "short_name"
    page.keep.click()
    bench.settle()
    click(page, f"import.plan.rename.{key}")
    page.plans.card.name.set_value("新名")
    page.plans.card.save.click()
    bench.settle()
    assert records.get(session, "import_plan", key)["name"] == "新名"
    click(page, f"import.plan.delete.{key}")
    bench.settle()
    assert records.count(session, "import_plan") == 0


def test_looking_at_a_column_shows_its_rows_alone(bench: Bench, page: ImportPage, tmp_path: Path) -> None:
    rows: list[list[Any]] = [["客户名称", "下次跟进", "信用额度"], [None, "下周", "1"], ["甲", "2026-01-05", "很多"]]
    opened(bench, page, workbook(tmp_path / "客户.xlsx", rows))
    assert page.problems.model.rowCount() == 2
    fix(page, "信用额度")
    bench.settle()
    assert [one.field for one in page.problems.model._things] == ["credit_limit"]
    click(page, "import.problems_all")
    assert page.problems.model.rowCount() == 2
