"""Everything in the window that asks the database, on one that doesn't answer and on one that fails: the wait shows itself, can be stopped, and leaves the window as it was."""

from __future__ import annotations

from decimal import Decimal
from itertools import cycle
from typing import TYPE_CHECKING, Any, Final

import pytest

from desktop_crm.services import records
from desktop_crm.ui.designer.document import put
from desktop_crm.ui.extras import ACTIONS
from desktop_crm.ui.quick_create import QuickCreate
from desktop_crm.ui.settings_people import PasswordDialog
from tests.ui.slow_stage import DAY, FAILURES, Act, Stage, each, is_left, is_stopped_fails_and_is_done, press
from tests.ui.test_import_page import workbook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def page(key: str, **parameters: Any) -> Act:
    return Act(f"page {key}", lambda stage: stage.desk.show_page(key, **parameters), again=lambda stage: stage.page.refresh(set()))


def customers(stage: Stage) -> None:
    stage.desk.show_list("customer")


def record(name: str) -> Callable[[Stage], None]:
    return lambda stage: stage.desk.open_record(name, stage.keys[name][0])


def own_act(entity: str, key: str) -> Callable[[Stage], object]:
    def do(stage: Stage) -> object:
        action = next(one for one in ACTIONS[entity] if one.key == key)
        return action.act(stage.desk, records.get(stage.session, entity, stage.keys[entity][0]))

    return do


def typed_new(entity: str, /, **values: Any) -> Callable[[Stage], None]:
    """Lead to a new record with something typed."""

    def before(stage: Stage) -> None:
        stage.desk.new_record(entity)
        stage.settle()
        form = stage.page.edit.form if hasattr(stage.page, "edit") else stage.page.form
        for field, value in values.items():
            form.set_value(field, stage.keys[value][0] if isinstance(value, str) and value in stage.keys else value)
        stage.settle()

    return before


def begun_edit(stage: Stage) -> None:
    record("contact")(stage)
    stage.settle()
    stage.page.begin_edit()
    stage.settle()
    stage.page.edit.form.set_value("position", "采购经理" if stage.session.store.scalar("SELECT position FROM contact LIMIT 1") != "采购经理" else "采购员")


def ticked(stage: Stage) -> None:
    customers(stage)
    stage.settle()
    stage.page.table.tick_all()


def new_password(stage: Stage) -> None:
    dialog = PasswordDialog(stage.window, stage.desk, stage.session.person.id, stage.session.person.name)
    dialog.show()
    for line in (dialog.first, dialog.second):
        line.line.setText("kaidan2026")


def mass_changed(stage: Stage) -> None:
    source = ("bid", "fair")[stage.written() % 2]
    stage.page.acts.with_selection(lambda chosen: stage.page.acts._write(chosen, "source", source))


def searched(stage: Stage) -> None:
    stage.page.bar.search.setText("华信")
    stage.page.bar.search.returnPressed.emit()


def palette(stage: Stage) -> None:
    stage.window.searching.open()
    stage.window.searching.palette.input.setText("恒泰")


def settings(stage: Stage) -> None:
    stage.desk.show_page("settings")
    stage.settle()


def closing_asked(stage: Stage) -> None:
    settings(stage)
    stage.page.closing.close_books()


def safety(stage: Stage) -> None:
    stage.desk.show_page("safety")


def import_page(stage: Stage) -> None:
    stage.desk.show_page("import", entity="customer")


def matched(stage: Stage) -> None:
    """Lead to an import whose file was read."""
    import_page(stage)
    stage.settle()
    stage.page.open(book(stage))


def book(stage: Stage) -> Path:
    number = stage.written()
    return workbook(stage.folder / f"book{number}.xlsx", [["客户名称"], [f"客户{number}有限公司"]])


def shown_preview(stage: Stage) -> None:
    stage.desk.show_page("preview", prints="contract", ids=[1])


def linked_asked(stage: Stage) -> None:
    customers(stage)
    spec = stage.session.spec("customer")
    dialog = QuickCreate(stage.window, stage.desk, spec, {})
    dialog.open()
    stage.settle()
    dialog.form.set_value("name", f"新客户 {stage.written()}")


def linked_typed(stage: Stage) -> None:
    line = stage.page.form.editors["customer"].line
    line.setFocus()
    line.setText("恒泰")
    line.textEdited.emit("恒泰")


def company_typed(stage: Stage) -> None:
    settings(stage)
    stage.page.company.form.set_value("name", f"恒信商贸 {stage.written()}")
    stage.page.company.form.changed.emit("name")


def designed(stage: Stage) -> None:
    stage.desk.show_page("designer", name="delivery_note")
    stage.settle()
    stage.page.design.edit("title", put(stage.page.design.doc, "label", f"送货单 {stage.written()}"), [])


READING: Final = [
    Act("list", lambda stage: stage.desk.show_list("contact"), customers, again=lambda stage: stage.page.refresh(set())),
    Act("list sorted", lambda stage: stage.page.table.sort_requested.emit(0, True), customers),
    Act("list searched", searched, customers, again=lambda stage: stage.page.refresh(set())),
    Act("record", record("customer"), customers, again=lambda stage: stage.page.refresh(set())),
    Act("record read again", lambda stage: stage.page.load(), record("customer")),
    Act("contract edited", lambda stage: stage.desk.show_page("edit", entity="contract", key=stage.keys["contract"][0]), customers),
    Act("new contract", lambda stage: stage.desk.new_record("contract"), customers),
    Act("new receipt", lambda stage: stage.desk.new_record("receipt"), customers),
    Act("palette", palette, customers,
        again=lambda stage: stage.window.searching.palette.input.setText("恒泰 ")),
    Act("deletion looked at", lambda stage: stage.page.delete(), record("customer")),
    Act("early payment asked for", own_act("receivable", "discount"), record("receivable")),
    Act("customer looked for", linked_typed, lambda stage: stage.desk.new_record("receipt")),
    Act("printing asked for", lambda stage: stage.page.acts.print_all(), customers),
]
PAGES: Final = [
    *[page(key) for key in ("bank", "tax", "report.aging", "report.due", "report.overdue", "report.dunning", "report.statements", "report.receipts", "report.invoiced", "templates",
                            "bin", "log", "prints", "safety", "settings")],
    page("designer", name="delivery_note"),
    page("merge", entity="customer", ids=[1, 2]),
    page("action", change_set=1),
    page("preview", prints="statement", customer=1),
    page("preview", prints="contract", ids=[1]),
]
WRITING: Final = [
    Act("new record saved", lambda stage: stage.page.edit.save(), typed_new("contact", name="李工", customer="customer"), writes=True),
    Act("record saved", lambda stage: stage.page.edit.save(), begun_edit, writes=True),
    Act("receipt saved", lambda stage: stage.page.save(), typed_new("receipt", customer="customer", amount=Decimal(20), received_on=DAY), writes=True),
    Act("field saved in its place", lambda stage: stage.page.in_place.save("position", f"主任 {stage.written()}"), record("contact"), writes=True),
    Act("mass change", mass_changed, ticked, writes=True),
    Act("undone", lambda stage: stage.window.taking_back.undo_last(), customers, writes=True),
    Act("redone", lambda stage: stage.window.taking_back.redo_last(), customers, writes=True),
    Act("view kept", lambda stage: stage.page.views._keep(f"我的 {stage.written()}"), customers, writes=True),
    Act("password changed", press("password_dialog.accept"), new_password, works=True),
    Act("linked record added", press("quick_create.accept"), linked_asked, writes=True),
    Act("comment sent", lambda stage: stage.page.feed._send("comment", f"第 {stage.written()} 次"), record("customer"), writes=True),
    Act("company saved", lambda stage: stage.page.company.save(), company_typed, writes=True),
    Act("allocation released", own_act("allocation", "release"), record("allocation"), writes=True),
    Act("template saved", lambda stage: stage.page.save(), designed, writes=True),
    Act("contact deleted", lambda stage: stage.page.delete(), record("contact"), writes=True),
    Act("books closed", press("close_books.accept"), closing_asked, writes=True),
]


WORKING: Final = [
    Act("file read for an import", lambda stage: stage.page.open(book(stage)), import_page),
    Act("import tried out", lambda stage: stage.page.try_out(), matched),
    Act("list exported", lambda stage: stage.page.acts.export_all(), customers, works=True),
    Act("preview made again", lambda stage: stage.page.load(), shown_preview),
    Act("company backed up", lambda stage: stage.page.backups.back_up(), safety, works=True),
    Act("company checked", lambda stage: stage.page.check.check(), safety, works=True),
    Act("duplicates looked for", lambda stage: stage.desk.show_page("duplicates", entity="customer"), customers, again=lambda stage: stage.page.load(), works=True),
]
IMPORTING: Final = [Act("import", lambda stage: stage.page.start(), matched, writes=True, again=lambda stage: stage.page.start())]


GROUPS: Final = {"reading": READING, "pages": PAGES, "writing": WRITING, "working": WORKING, "importing": IMPORTING}


@pytest.mark.parametrize("group", GROUPS)
def test_every_wait_is_shown_and_stopped_and_every_failure_told(stage: Stage, group: str) -> None:
    failures = cycle(FAILURES)
    each(stage, GROUPS[group], lambda stage, act: is_stopped_fails_and_is_done(stage, act, next(failures)))


@pytest.mark.parametrize("acts", [READING[:6], [act for act in WRITING if act.name != "contact deleted"]], ids=["reading", "writing"])
def test_a_page_is_closed_while_it_waits(stage: Stage, acts: list[Act]) -> None:
    each(stage, acts, is_left)
