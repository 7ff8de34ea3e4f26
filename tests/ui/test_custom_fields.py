"""The card of custom fields in the settings, and what the rest of the window makes of it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt

from desktop_crm.app import build
from desktop_crm.base.settings import Settings, save_settings
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import Query, Where
from desktop_crm.services import custom_fields, records
from desktop_crm.services.policy import Person
from desktop_crm.ui.contracts import ContractEditor
from desktop_crm.ui.import_page import ImportPage
from desktop_crm.ui.list_page import ListPage
from desktop_crm.ui.receipts import ReceiptEditor
from desktop_crm.ui.record_page import RecordPage
from desktop_crm.ui.settings_fields import FieldDialog, FieldsCard
from desktop_crm.ui.settings_page import SettingsPage
from tests.support.company import company, make
from tests.support.custom import add_every_kind
from tests.support.settling import settle
from tests.ui.test_import_page import workbook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from desktop_crm.services.session import Session
    from desktop_crm.ui.main_window import MainWindow
    from tests.ui.conftest import Bench


def card(bench: Bench) -> FieldsCard:
    page = SettingsPage(bench.desk)
    bench.show(page)
    assert page.fields is not None
    return page.fields


def dialog(bench: Bench) -> FieldDialog:
    bench.settle()
    return bench.window.findChildren(FieldDialog)[-1]


def fill(asked: FieldDialog, **values: object) -> None:
    for name, value in values.items():
        asked.editors[name].set_value(value)
        asked.editors[name].changed.emit()


def test_fields_are_added_changed_ordered_and_retired(bench: Bench, session: Session) -> None:
    fields = card(bench)
    assert not fields.table.isVisible()
    fields.new.click()
    asked = dialog(bench)
    assert not asked.editors["choices"].isVisible()
    fill(asked, label="运输方式", kind="choice")
    assert asked.editors["choices"].isVisible()
    asked.run()
    bench.settle()
    assert asked.editors["choices"].problem(), "a choice without choices is refused at its field"
    fill(asked, choices="汽运\n海运")
    asked.run()
    bench.settle()
    fields.new.click()
    asked = dialog(bench)
    fill(asked, label="保证金", kind="money")
    asked.run()
    bench.settle()
    assert [field.title for name, field in session.catalog["customer"].fields.items() if name.startswith("custom_")] == ["运输方式", "保证金"]
    assert fields.model.rowCount() == 2
    assert fields.up.isEnabled() != fields.down.isEnabled()
    fields.table.set_current_row(1)
    fields.up.click()
    bench.settle()
    assert [row["label"] for row in custom_fields.fields_of(session, "customer")] == ["保证金", "运输方式"]
    fields.table.set_current_row(0)
    fields.edit.click()
    asked = dialog(bench)
    assert "kind" not in asked.editors
    fill(asked, label="履约保证金", required=True)
    asked.run()
    bench.settle()
    fields.turn.click()
    bench.settle()
    assert [field.title for name, field in session.catalog["customer"].fields.items() if name.startswith("custom_")] == ["运输方式"]
    assert fields.model.shown(0, 0).text.startswith("履约保证金")
    fields.turn.click()
    bench.settle()
    assert len(session.catalog["customer"].form[-1].fields) == 2


def test_a_hostile_name_is_drawn_as_it_is(bench: Bench, session: Session) -> None:
    label = "<b>R&D</b> 预算 %s {x}"
    name = custom_fields.add(session, "customer", {"label": label, "kind": "money"}).result
    records.save(session, "customer", {"name": "恒泰", name: Decimal(5)})
    page = ListPage(bench.desk, "customer")
    bench.show(page)
    entries = [action.text() for action in page.columns.menu().actions() if action.objectName() == f"column.{name}"]
    assert entries == [label.replace("&", "&&")]
    column = [one.name for one in page.model.columns].index(name)
    assert page.model.headerData(column, Qt.Orientation.Horizontal) == label


def test_only_who_administers_is_offered_it(bench: Bench, session: Session) -> None:
    session.person = Person(session.person.id, "王敏", "manager")
    page = SettingsPage(bench.desk)
    bench.show(page)
    assert page.fields is None


def test_an_import_makes_the_field_a_column_lacks(bench: Bench, session: Session, tmp_path: Path) -> None:
    page = ImportPage(bench.desk, "customer")
    bench.show(page)
    rows: list[list[Any]] = [["客户名称", "内部序号", "运输方式", "保证金", "年检日期"]]
    rows += [[f"测试客户{number}有限公司", f"00{number}", ("汽运", "海运")[number % 2], number + 0.5, f"2026-11-{number + 1:02}"] for number in range(12)]
    page.choose.open(workbook(tmp_path / "list.xlsx", rows))
    bench.settle()
    for heading, kind in (("内部序号", "text"), ("运输方式", "choice"), ("保证金", "money"), ("年检日期", "date")):
        one = next(row for row in page.mapping.rows if row.guess.heading == heading)
        assert one.link.text(), "it is offered at the column"
        one.link.clicked.emit()
        asked = dialog(bench)
        assert (asked.editors["label"].value(), asked.editors["kind"].value()) == (heading, kind)
        asked.run()
        bench.settle()
    own = {row["label"]: row["name"] for row in custom_fields.fields_of(session, "customer")}
    assert set(page.mapping.mapping().values()) == {"name", *own.values()}
    page.start()
    bench.settle()
    assert page.result is not None
    assert page.result.added == 12
    assert records.count(session, "customer", Where(own["运输方式"], "eq", "海运")) == 6
    assert records.totals(session, "customer")[own["保证金"]] == Decimal("72.00")
    first = records.page(session, Query("customer", sort="name", columns=(own["内部序号"],)))[0]
    assert first[own["内部序号"]].startswith("00")


@pytest.mark.parametrize(("entity", "make_editor"), [("contract", ContractEditor), ("receipt", ReceiptEditor)])
def test_editors_that_lay_their_fields_out_have_room_for_it(bench: Bench, session: Session, entity: str, make_editor: type[ContractEditor | ReceiptEditor]) -> None:
    names = add_every_kind(session, entity)
    customer = make(session, "customer", name="恒泰科技有限公司")
    page = make_editor(bench.desk, None, {"customer": Ref(customer, "恒泰科技有限公司"), "title": "合同", "amount": Decimal(5)})
    bench.show(page)
    assert all(page.form.frames[name].isVisible() for name in names.values())
    page.form.editors[names["text"]].set_value("苏州")
    page.form.editors[names["text"]].changed.emit()
    page.form.editors[names["boolean"]].set_value(True)
    page.form.editors[names["boolean"]].changed.emit()
    assert page.is_dirty()
    page.save()
    bench.settle()
    saved = records.get(session, entity, records.page(session, Query(entity))[0]["id"])
    assert (saved[names["text"]], saved[names["boolean"]]) == ("苏州", True)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with company(str(tmp_path / "company.sqlite3")) as session:
        make(session, "customer", name="恒泰科技有限公司")
        save_settings(Settings(language="zh_CN"))
        made = build(session)
        qtbot.addWidget(made)
        made.show()
        settle(qtbot, made.operations.idle)
        yield made
        made.close()


def test_open_pages_show_a_new_field_at_once_and_keep_what_is_typed(window: MainWindow, qtbot: QtBot) -> None:
    session, desk = window.desk.session, window.desk
    desk.new_record("customer")
    settle(qtbot, window.operations.idle)
    form = window.page()
    assert isinstance(form, RecordPage)
    assert form.edit is not None
    form.edit.form.editors["name"].set_value("正在输入")
    form.edit.form.editors["name"].changed.emit()
    changes = custom_fields.add(session, "customer", {"label": "保证金", "kind": "money"})
    desk.tell(changes)
    settle(qtbot, window.operations.idle)
    assert window.page() is form, "nobody takes a form away that is typed into"
    name = changes.result
    desk.show_list("customer")
    settle(qtbot, window.operations.idle)
    page = window.page()
    assert isinstance(page, ListPage)
    assert name in [one.name for one in page.model.columns]
    key = records.save(session, "customer", {"name": "华信", name: Decimal("12.30")}).result.id
    desk.open_record("customer", key)
    settle(qtbot, window.operations.idle)
    record = window.page()
    assert isinstance(record, RecordPage)
    assert any(name in shown.fields for shown in record.cards)
    custom_fields.retire(session, int(custom_fields.fields_of(session, "customer")[0]["id"]))
    window._have_news({custom_fields.ENTITY})
    settle(qtbot, window.operations.idle)
    record = window.page()
    assert isinstance(record, RecordPage)
    assert not any(name in shown.fields for shown in record.cards)
