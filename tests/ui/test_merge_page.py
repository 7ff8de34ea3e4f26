"""Merging on screen: duplicates found, two records side by side, one kept; by mouse and keyboard; and what a deletion shows first."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from desktop_crm.domain.conditions import EVERYTHING, Where
from desktop_crm.services import records
from desktop_crm.services.merging import merge
from desktop_crm.services.undoing import undo
from desktop_crm.ui.duplicates_page import DuplicatesPage, GroupCard
from desktop_crm.ui.kit.ranges import RowRanges
from desktop_crm.ui.list_page import ListPage
from desktop_crm.ui.merge_page import MergePage
from desktop_crm.ui.record_page import RecordPage
from tests.services.test_merging import with_documents
from tests.support.company import make

if TYPE_CHECKING:
    from desktop_crm.services.session import Session
    from tests.ui.conftest import Bench


@pytest.fixture
def pair(session: Session) -> tuple[int, int]:
    kept = with_documents(session, "恒泰科技（上海）有限公司", 1000, phone="", city="上海", industry="软件", opening_balance=Decimal(500))
    gone = with_documents(session, "恒泰科技(上海)", 400, phone="021-61234567", city="苏州", industry="软件", note="老板爱喝茶")
    return kept, gone


def widget(page: QWidget, name: str) -> QWidget:
    found = page.findChild(QWidget, name)
    assert found is not None, name
    return found


def click(page: QWidget, name: str) -> None:
    target = widget(page, name)
    QTest.mouseClick(target, Qt.MouseButton.LeftButton, pos=QPoint(8, target.height() // 2))


def opened(bench: Bench, ids: tuple[int, ...]) -> MergePage:
    page = MergePage(bench.desk, "customer", ids)
    bench.show(page)
    return page


def test_the_ticked_rows_are_merged_into_the_one_that_was_chosen(bench: Bench, session: Session, pair: tuple[int, int]) -> None:
    kept, gone = pair
    page = opened(bench, pair)
    assert [one.field.name for one in page.rows if one.contested][:3] == ["name", "code", "city"]
    assert not page.findChild(QWidget, f"merge.industry.{kept}"), "what is the same is folded"
    other = next(key for key in pair if key != page.keep)
    before = page.rows[0].chosen()
    click(page, f"merge.keep.{other}")
    assert (page.keep, page.rows[0].chosen()) == (other, other), "values nobody touched follow the record that stays"
    assert before != other
    click(page, f"merge.city.{kept}")
    click(page, f"merge.keep.{kept}")
    click(page, f"merge.city.{gone}")
    city = next(one for one in page.rows if one.field.name == "city")
    assert city.value() == "苏州"
    bench.qtbot.keyClick(city.options[gone], Qt.Key.Key_Left)
    assert city.value() == "上海", "the arrow keys choose among the records"
    QTest.mouseClick(widget(page, "merge.name.join"), Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert page.rows[0].value() == "恒泰科技（上海）有限公司；恒泰科技(上海)"
    assert page.rows[0].chosen() is None
    click(page, f"merge.name.{kept}")
    page.save_button.click()
    bench.settle()
    now = records.get(session, "customer", kept)
    assert (now["city"], now["phone"], now["note"], now["contract_total"]) == ("上海", "021-61234567", "老板爱喝茶", Decimal(1400))
    assert records.count(session, "customer") == 1
    assert bench.opened[-2:] == [("back",), ("record", "customer", kept, [])]
    change_set = bench.said[-1][1]
    assert change_set is not None
    undo(session, change_set)
    assert records.count(session, "customer") == 2


def test_a_value_that_cannot_be_is_marked_and_nothing_is_merged(bench: Bench, session: Session, pair: tuple[int, int]) -> None:
    make(session, "customer", name="丙", code="C-3")
    page = opened(bench, pair)
    rows = {one.field.name: one for one in page.rows}
    rows["code"].put("C-3")
    page.save()
    bench.settle()
    assert page.banner.isVisible()
    assert rows["code"].editor.problem()
    rows["name"].put("")
    page.save()
    assert rows["name"].editor.problem()
    assert records.count(session, "customer") == 3
    records.save(session, "customer", {"city": "广州"}, key=pair[1])
    rows["code"].choose(pair[0])
    rows["name"].choose(pair[0])
    page.save()
    bench.settle()
    assert records.count(session, "customer") == 3, "somebody changed one of them meanwhile"
    click(page, "merge.reload")
    bench.settle()
    assert "广州" in [option.text() for one in page.rows if one.field.name == "city" for option in one.options.values()]


def test_five_are_the_most_and_what_is_gone_is_said(bench: Bench, session: Session, pair: tuple[int, int]) -> None:
    page = ListPage(bench.desk, "customer")
    bench.show(page)
    page.table.set_ticked(RowRanges([(0, 0)]))
    page.acts.merge()
    assert not [one for one in bench.opened if one[:2] == ("page", "merge")]
    page.table.set_ticked(RowRanges([(0, 1)]))
    menu = page.row_menu(0, 0)
    assert isinstance(menu, QMenu)
    next(action for action in menu.actions() if action.text().startswith("合并")).trigger()
    bench.settle()
    ((_page, _key, given),) = [one for one in bench.opened if one[:2] == ("page", "merge")]
    assert set(given["ids"]) == set(pair)
    lonely = make(session, "customer", name="独")
    records.delete(session, "customer", [lonely])
    gone = opened(bench, (pair[0], lonely))
    assert not gone.save_button.isEnabled()
    gone.save()
    bench.settle()
    assert records.count(session, "customer") == 2


def test_groups_of_duplicates_lead_to_the_merge_and_can_be_put_aside(bench: Bench, session: Session, pair: tuple[int, int]) -> None:
    others = [make(session, "customer", name=name) for name in ("张伟贸易有限公司", "张伟贸易")]
    page = DuplicatesPage(bench.desk, "customer")
    bench.show(page)
    cards = page.findChildren(GroupCard)
    assert [set(card.group.ids) for card in cards] == [set(pair), set(others)]
    click(cards[0], "duplicates.merge")
    assert bench.opened[-1] == ("page", "merge", {"entity": "customer", "ids": pair})
    click(cards[1], "duplicates.different")
    again = DuplicatesPage(bench.desk, "customer")
    bench.show(again)
    assert [set(card.group.ids) for card in again.findChildren(GroupCard)] == [set(pair)]
    merge(session, "customer", pair[0], [pair[1]], {})
    again.refresh({"customer"})
    bench.settle()
    assert [card for card in again.findChildren(GroupCard) if card.isVisible()] == []


def test_a_record_on_which_nothing_hangs_goes_at_once(bench: Bench, session: Session) -> None:
    make(session, "customer", name="独")
    page = ListPage(bench.desk, "customer")
    bench.show(page)
    page.table.set_current_row(0)
    page.shortcuts()["delete"]()
    bench.settle()
    assert page.acts.deleting.dialog is None
    assert records.count(session, "customer") == 0
    assert bench.said[-1][1] is not None, "the toast undoes it"


def test_a_contract_with_lines_shows_what_goes_along_and_esc_keeps_it(bench: Bench, session: Session, pair: tuple[int, int]) -> None:
    line = {"product_name": "货", "quantity": Decimal(1), "price": Decimal(7)}
    key = records.save(session, "contract", records.new(session, "contract", customer=pair[0], signed_on=session.today, state="active"), lines={"contract_line": [line]}).result.id
    page = RecordPage(bench.desk, "contract", key)
    bench.show(page)
    for keep in (True, False):
        page.delete()
        bench.settle()
        dialog = page.deleting.dialog
        assert dialog is not None
        assert {one.entity: one.count for one in dialog.preview.going} == {"contract_line": 1, "receivable": 1}
        focused = QApplication.focusWidget()
        assert focused is None or focused.objectName() != "deletion_dialog.delete", "the safe answer has the focus"
        if keep:
            bench.qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        else:
            click(dialog, "deletion_dialog.delete")
        bench.settle()
        assert records.count(session, "contract") == (3 if keep else 2)
    assert bench.opened[-1] == ("back",)


def test_the_books_forbid_it_and_the_receipt_is_a_click_away(bench: Bench, session: Session, pair: tuple[int, int]) -> None:
    (held, *_rest) = session.records.ids_where(session.entity("contract"), EVERYTHING)
    loose = records.save(session, "contract", records.new(session, "contract", customer=pair[0], signed_on=session.today)).result.id
    page = ListPage(bench.desk, "contract")
    bench.show(page)
    page.acts.deleting.start(lambda: [held, loose], 2)
    bench.settle()
    dialog = page.acts.deleting.dialog
    assert dialog is not None
    (obstacle,) = [one for one in dialog.preview.obstacles if (one.entity, one.target) == ("receipt", "receivable")]
    QTest.mouseClick(widget(dialog, f"deletion_dialog.receipt.{obstacle.id}"), Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert bench.opened[-1][:3] == ("record", "receipt", obstacle.id)
    page.acts.deleting.start(lambda: [held, loose], 2)
    bench.settle()
    dialog = page.acts.deleting.dialog
    assert dialog is not None
    click(dialog, "deletion_dialog.delete")
    bench.settle()
    assert records.count(session, "contract", Where("id", "in", [held, loose])) == 1
