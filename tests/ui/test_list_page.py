"""The list page with a mouse and a keyboard: views, filters, ticked rows, mass changes, files."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import Query, Where
from desktop_crm.services import records, writing
from desktop_crm.services.policy import Person
from desktop_crm.services.session import Session
from desktop_crm.ui.filters import Filter, ListState
from desktop_crm.ui.kit.ranges import RowRanges
from desktop_crm.ui.kit.widgets import EmptyState
from desktop_crm.ui.list_page import ListPage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.ui.conftest import Bench, FakeFiles

COUNT = 240


@pytest.fixture
def customers(session: Session) -> list[int]:
    rows = [
        {"name": f"客户{number:04}", "status": "active" if number % 3 else "new", "city": "上海" if number % 2 else "北京", "credit_limit": Decimal(number)}
        for number in range(COUNT)
    ]
    return session.write("add", "add", lambda: writing.insert_rows(session, "customer", rows)).result


def listed(bench: Bench) -> ListPage:
    page = ListPage(bench.desk, "customer")
    bench.show(page)
    return page


def names(page: ListPage) -> list[str]:
    return [str(page.model.data(page.model.index(row, 0), Qt.ItemDataRole.DisplayRole)) for row in range(page.model.rowCount())]


def test_views_show_their_counts_and_search_and_filters_narrow_the_list(bench: Bench, customers: list[int]) -> None:
    page = listed(bench)
    counts = {item.key: item.count for item in page.views.tabs.items()}
    assert counts["all"] == str(len(customers))
    assert counts["unowned"] == str(COUNT)
    assert counts["mine"] == "0"
    page.bar.search.setText("客户001")
    bench.settle()
    assert names(page) == [f"客户{number:04}" for number in range(10, 20)]
    page.bar.put([Filter("status", ("new",)), Filter("city", "北")], "客户00")
    page.bar.changed.emit()
    bench.settle()
    assert names(page) == [f"客户{number:04}" for number in range(0, 100, 6)]
    assert page.bar.save.isVisible()
    page.bar.clear_all()
    bench.settle()
    assert page.model.rowCount() == COUNT
    assert not page.bar.save.isVisible()


def test_a_filter_is_set_in_its_card(bench: Bench, customers: list[int]) -> None:
    assert customers
    page = listed(bench)
    card = page.bar.edit("credit_limit")
    card._ends[0].line.setText("10")
    card._ends[1].line.setText("1,2x")
    card.apply()
    assert not page.bar.filters, "a figure that can't be read applies nothing"
    card._ends[1].line.setText("12")
    card.apply()
    bench.settle()
    assert names(page) == ["客户0010", "客户0011", "客户0012"]


@pytest.mark.parametrize(
    "one",
    [
        Filter("status", ("new", "lost")), Filter("owner", (Ref(3, "李"),)), Filter("next_contact", "this_week"), Filter("balance", (Decimal("1.50"), None)),
        Filter("city", "海"), Filter("owner", empty=True), Filter("city", filled=True),
    ],
)
def test_a_filter_comes_back_from_a_saved_view_as_it_was(session: Session, one: Filter) -> None:
    spec = session.spec("customer")
    state = ListState("all", (one,), "客", "balance", descending=True)
    again = ListState.from_data(state.to_data(spec), spec)
    assert again == state
    condition = again.filters[0].condition(spec.fields[one.field])
    assert records.count(session, "customer", condition) == 0


def test_a_saved_view_is_there_again_for_its_owner_only(bench: Bench, session: Session, customers: list[int]) -> None:
    assert customers
    page = listed(bench)
    page.bar.put([Filter("status", ("new",))])
    page.bar.changed.emit()
    bench.settle()
    page.views.ask_name()
    assert page.views._card is not None
    page.views._card.line.set_value("新的")
    page.views._card._take()
    bench.settle()
    assert [item.label for item in page.views.tabs.items()][-1] == "新的"
    assert not page.bar.save.isVisible()
    again = listed(bench)
    place = again.views.tabs.count() - 1
    assert again.views.tabs.items()[place].count == str(COUNT // 3)
    again.views.choose(place)
    bench.settle()
    assert again.model.rowCount() == COUNT // 3
    key = records.save(session, "user", {"name": "李", "login": "li", "role": "sales"}).result.id
    other = Session(session.store, Person(key, "李", "sales"))
    from desktop_crm.ui.saved_views import saved_views

    assert saved_views(other, "customer") == []


def test_everything_that_matches_is_changed_at_once_and_nothing_else(bench: Bench, session: Session, customers: list[int]) -> None:
    assert customers
    page = listed(bench)
    page.bar.put([Filter("status", ("new",))])
    page.bar.changed.emit()
    bench.settle()
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert page.selection.isVisible()
    page.acts.change()
    card = page.acts._card
    assert card is not None
    card.fields.set_value("city")
    card._chosen()
    assert card._editor is not None
    card._editor.set_value("苏州")
    card._take()
    bench.settle()
    assert records.count(session, "customer", Where("city", "eq", "苏州")) == COUNT // 3
    assert records.count(session, "customer", Where("status", "ne", "new")) == COUNT - COUNT // 3
    assert bench.said[-1][1] is not None, "it can be undone"


def test_ticked_rows_are_deleted_and_come_back_by_undo(bench: Bench, session: Session, customers: list[int]) -> None:
    page = listed(bench)
    page.table.set_ticked(RowRanges([(0, 1), (230, 230)]))
    page.acts.delete()
    bench.settle()
    left = records.page(session, Query("customer", Where("id", "in", (customers[0], customers[1], customers[230]))))
    assert left == []
    assert page.model.rowCount() == COUNT - 3
    assert not page.table.ticked()
    from desktop_crm.services import undoing

    change = bench.said[-1][1]
    assert change is not None
    bench.desk.write(page, lambda: undoing.undo(session, change), lambda _changes: None)
    bench.settle()
    assert page.model.rowCount() == COUNT


def test_ticks_and_the_current_row_follow_their_records_when_somebody_adds_one_before_them(bench: Bench, session: Session, customers: list[int]) -> None:
    page = listed(bench)
    page.table.set_current_row(5)
    page.table.set_ticked(RowRanges([(3, 4)]))
    records.save(session, "customer", {"name": "阿一"})
    page.refresh({"customer"})
    bench.settle()
    assert page.model.ids_in(page.table.ticked()) == customers[3:5]
    assert page.current_id() == customers[5]


def test_the_list_is_written_with_the_columns_that_are_shown(bench: Bench, customers: list[int], tmp_path: Path, answer_files: Callable[[Path | None], FakeFiles]) -> None:
    assert customers
    target = tmp_path / "out.csv"
    answer_files(target)
    page = listed(bench)
    for name in page.columns.shown():
        if name not in {"name", "city"}:
            page.columns.show_column(name, shown=False)
    page.bar.put([], "客户002")
    page.bar.changed.emit()
    bench.settle()
    page.acts.export_all()
    bench.settle()
    lines = target.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "客户名称,城市"
    assert lines[1] == "客户0020,北京"
    assert len(lines) == 11


def test_columns_are_remembered_for_each_view(bench: Bench, customers: list[int]) -> None:
    assert customers
    page = listed(bench)
    page.columns.show_column("email", shown=True)
    page.columns.show_column("level", shown=False)
    page.columns.keep()
    again = listed(bench)
    assert "email" in again.columns.shown()
    assert "level" not in again.columns.shown()
    again.views.choose(1)
    bench.settle()
    assert "level" in again.columns.shown()
    assert "email" not in again.columns.shown()


def test_an_empty_list_says_what_to_do_and_a_reader_is_offered_no_changes(bench: Bench, session: Session, qtbot: Any) -> None:
    page = listed(bench)
    empty = page.empty.findChild(EmptyState)
    assert empty is not None
    assert page.findChild(QWidget, "action.empty_new") is not None
    page.bar.put([], "没有")
    page.bar.changed.emit()
    bench.settle()
    button = page.findChild(QWidget, "action.empty_clear")
    assert button is not None
    reader = Session(session.store, Person(session.person.id, "王敏", "viewer"))
    bench.desk.session = reader
    other = listed(bench)
    assert other.findChild(QWidget, "list.customer.new") is None
    assert [key for key, *_rest in other.acts.bar()] == ["print", "export"]
    before = list(bench.opened)
    for key in ("new", "import", "delete"):
        other.shortcuts()[key]()
    bench.settle()
    assert bench.opened == before, "a key leads nowhere that refuses"
    del qtbot


def test_enter_opens_the_record_and_space_shows_it_beside_the_list(bench: Bench, customers: list[int]) -> None:
    page = listed(bench)
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Down)
    QTest.keyClick(page.table, Qt.Key.Key_Space)
    bench.settle()
    assert page.preview.isVisible()
    assert page.preview.key == customers[1]
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    kind, entity, key, siblings = bench.opened[-1]
    assert (kind, entity, key) == ("record", "customer", customers[1])
    assert siblings[:2] == customers[:2]
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    assert not page.preview.isVisible()


def test_totals_of_the_former_filter_are_gone_while_the_new_ones_are_read(bench: Bench, customers: list[int]) -> None:
    page = listed(bench)
    assert page.sums.accessibleName()
    page.bar.put([], "没有")
    page.bar.changed.emit()
    assert not page.sums.accessibleName().strip()
    bench.settle()
    assert page.model.count == 0 < len(customers)


def test_width_that_is_left_over_goes_to_names_that_were_cut_short(bench: Bench, session: Session) -> None:
    records.save(session, "product", {"name": "一种名字特别长的产品" * 3})
    bench.window.resize(1800, 800)
    page = ListPage(bench.desk, "product")
    bench.show(page)
    place = [one.name for one in page.model.columns].index("name")
    assert page.table.columnWidth(place) >= page.table.needed_width(place)


def test_the_status_line_adds_up_the_current_column_of_the_ticked_rows(bench: Bench, customers: list[int]) -> None:
    assert customers
    page = listed(bench)
    column = [one.name for one in page.model.columns].index("credit_limit") if "credit_limit" in [one.name for one in page.model.columns] else -1
    if column < 0:
        page.ask(columns=("name", "status", "credit_limit"))
        bench.settle()
        column = 2
    page._sort(column, False)
    bench.settle()
    page.table.setCurrentIndex(page.model.index(0, column))
    page.table.set_ticked(RowRanges([(1, 2), (5, 5)]))
    assert "8.00" in page.status.text()
    assert "2.67" in page.status.text()
    page.table.setCurrentIndex(page.model.index(0, 0))
    assert "2.67" not in page.status.text()
    page.table.setCurrentIndex(page.model.index(0, column))
    page.table.clear_ticks()
    assert "2.67" not in page.status.text()


def test_rows_that_were_never_on_screen_are_copied(bench: Bench, customers: list[int]) -> None:
    page = listed(bench)
    page.ask(columns=("name", "city", "credit_limit"))
    bench.settle()
    page.table.tick_all()
    page.table.copy(headers=True)
    bench.settle()
    lines = QGuiApplication.clipboard().text().split("\n")
    assert len(lines) == len(customers) + 1
    assert lines[0].split("\t")[0] == "客户名称"
    assert lines[240].split("\t") == ["客户0239", "上海", "239.00"]
    assert bench.said[-1][0] == "已复制 240 行"
    page.table.set_ticked(RowRanges([(2, 3), (205, 206)]))
    page.table.copy()
    bench.settle()
    assert [line.split("\t")[0] for line in QGuiApplication.clipboard().text().split("\n")] == ["客户0002", "客户0003", "客户0205", "客户0206"]


def test_sum_and_average_of_everything_are_asked_for(bench: Bench, customers: list[int]) -> None:
    page = listed(bench)
    page.ask(columns=("name", "credit_limit"))
    bench.settle()
    page.table.tick_all()
    page.table.setCurrentIndex(page.model.index(0, 1))
    bench.settle()
    total = sum(range(len(customers)))
    assert f"求和 {total:,}.00 · 平均 119.50 · 计数 240" in page.status.text()
