"""The generic form over every declared entity: nothing is lost by opening it, and what is typed is what is saved."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_crm.domain.catalog import FieldSpec, Ref
from desktop_crm.services import records
from desktop_crm.services.session import prepare
from desktop_crm.ui.form import Form
from desktop_crm.ui.kit.fields import Editor, LineEditor

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from desktop_crm.services.session import Session
    from tests.ui.conftest import Bench

prepare()
VALUES: dict[str, Any] = {
    "money": Decimal("-1234567.05"), "price": Decimal("0.0125"), "quantity": Decimal("3.5"), "percent": Decimal("0.065"), "integer": 12, "stars": 3,
    "date": date(2026, 2, 28), "instant": datetime(2026, 2, 28, 1, 30, tzinfo=UTC), "boolean": True, "phone": "010-64026915",
    "email": "li@example.com", "credit_code": "91110000600037341L", "note": "第一行\n第二行", "number": "X-7",
}


def value_of(field: FieldSpec) -> Any:
    if field.link:
        return Ref(7, "某条记录")
    if field.choices:
        return field.choices[-1].code
    return VALUES.get(field.kind.name, "文字")


def line_of(editor: Editor) -> QWidget:
    line = editor.focusProxy()
    assert line is not None
    return line


def names() -> list[str]:
    from desktop_crm.models.registry import REGISTER

    return sorted(REGISTER)


@pytest.mark.parametrize("entity", names())
def test_a_record_comes_back_from_its_form_as_it_went_in(bench: Bench, session: Session, entity: str) -> None:
    spec = session.spec(entity)
    form = Form(bench.desk, spec)
    bench.show(form)
    values = {field.name: value_of(field) for field in spec.fields.values()}
    form.set_values(values)
    assert not form.dirty()
    form._touched = {name for name in form.editors if not spec.fields[name].derived}
    assert {name: form.current()[name] for name in form._touched} == {name: values[name] for name in form._touched}
    assert not form.dirty(), "reading an editor changes nothing"
    assert all(form.findChild(type(editor), f"form.{entity}.{name}") is editor for name, editor in form.editors.items())


def test_what_cannot_be_read_is_marked_kept_and_stands_in_the_way_of_saving(bench: Bench, session: Session) -> None:
    form = Form(bench.desk, session.spec("customer"))
    bench.show(form)
    form.set_values({"name": "甲", "credit_limit": Decimal(5)})
    editor = form.editors["credit_limit"]
    assert isinstance(editor, LineEditor)
    editor.setFocus()
    editor.line.selectAll()
    QTest.keyClicks(editor.line, "12.x")
    form.editors["name"].setFocus()
    assert editor.problem_level() == "error"
    assert editor.text() == "12.x"
    assert [problem.field for problem in form.problems()] == ["credit_limit"]
    assert form.current()["credit_limit"] == Decimal(5)
    assert form.draft() == {"credit_limit": "12.x"}


def test_an_unusual_value_is_remarked_on_and_may_be_saved(bench: Bench, session: Session) -> None:
    form = Form(bench.desk, session.spec("customer"))
    bench.show(form)
    form.set_values({"name": "甲"})
    editor = form.editors["credit_code"]
    editor.setFocus()
    QTest.keyClicks(line_of(editor), "9111000060003734xx")
    form.editors["name"].setFocus()
    assert editor.problem_level() == "warning"
    assert form.problems() == []


def test_a_required_field_left_empty_is_found_and_gone_to(bench: Bench, session: Session) -> None:
    form = Form(bench.desk, session.spec("receivable"))
    bench.show(form)
    form.set_values({"kind": "manual"})
    assert [problem.field for problem in form.problems()] == ["customer", "document_on", "amount"], "the number is given out and not asked for"
    assert form.go_to("amount")


def test_a_chosen_link_brings_along_what_is_still_empty(bench: Bench, session: Session) -> None:
    key = records.save(session, "customer", {"name": "甲", "payment_terms": "月结30天", "address": "长江路 1 号"}).result.id
    form = Form(bench.desk, session.spec("contract"))
    bench.show(form)
    form.set_values({"state": "draft"})
    form.set_value("delivery_address", "自提")
    form.set_link("customer", Ref(key, "甲"))
    bench.settle()
    now = form.current()
    assert now["payment_terms"] == "月结30天"
    assert now["delivery_address"] == "自提"


def test_a_link_offers_only_what_belongs_to_the_chosen_customer(bench: Bench, session: Session) -> None:
    first, second = (records.save(session, "customer", {"name": name}).result.id for name in ("甲", "乙"))
    for name, customer in (("张三", first), ("张四", second)):
        records.save(session, "contact", {"name": name, "customer": customer})
    form = Form(bench.desk, session.spec("contract"))
    bench.show(form)
    found: list[list[str]] = []
    for chosen in (None, Ref(second, "乙")):
        form.set_values({"customer": chosen}, touched=["customer"])
        form.links.suggest(form.spec.fields["contact"], "张", lambda choices: found.append([choice.title for choice in choices]))
        bench.settle()
    assert found == [["张三", "张四"], ["张四"]]


def test_derived_figures_follow_what_is_typed(bench: Bench, session: Session) -> None:
    form = Form(bench.desk, session.spec("invoice"))
    bench.show(form)
    form.set_values({"tax_rate": Decimal("0.13")})
    editor = form.editors["total"]
    editor.setFocus()
    QTest.keyClicks(line_of(editor), "113")
    shown = form.editors["net"]
    assert isinstance(shown, LineEditor)
    assert shown.text() == "100.00"
    QTest.keyClick(line_of(editor), Qt.Key.Key_Tab)
    assert form.changed_fields() == ["total"]


def test_a_rate_that_was_none_on_the_invoices_day_is_remarked_on(bench: Bench, session: Session) -> None:
    form = Form(bench.desk, session.spec("invoice"))
    bench.show(form)
    form.set_values({"tax_rate": Decimal("0.17"), "issued_on": date(2026, 3, 1)})
    assert form.editors["tax_rate"].problem_level() == "warning"
    form.set_value("issued_on", date(2017, 3, 1))
    form.editors["issued_on"].left.emit()
    assert not form.editors["tax_rate"].problem()
