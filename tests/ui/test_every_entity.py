"""What must hold of every entity on the screen: its form gives back what it was given, its list keeps Qt's rules of models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from PySide6.QtTest import QAbstractItemModelTester

from desktop_crm.domain.conditions import EVERYTHING, Query
from desktop_crm.models.registry import full_catalog
from desktop_crm.services import records
from desktop_crm.services.session import Session, prepare
from desktop_crm.ui.form import Form
from desktop_crm.ui.rows import RowsModel
from tests.conformance.test_entities import RULES_MOVE
from tests.support.company import typed_entities, values_of

if TYPE_CHECKING:
    from tests.ui.conftest import Bench

prepare()
ENTITIES = typed_entities()


@pytest.mark.parametrize("name", ENTITIES)
def test_a_form_gives_back_what_it_was_given(bench: Bench, session: Session, name: str) -> None:
    spec = session.catalog[name]
    key = records.save(session, name, values_of(session, spec) | RULES_MOVE.get(name, {})).result.id
    saved = records.get(session, name, key)
    form = Form(bench.desk, spec)
    bench.show(form)
    form.set_values(saved)
    bench.settle()
    assert form.changed_fields() == []
    assert not form.dirty()
    shown = [field for section in spec.form for field in section.fields if not spec.fields[field].derived]
    assert {field: form.current()[field] for field in shown} == {field: saved[field] for field in shown}
    assert not [problem for problem in form.problems() if not problem.warning]


@pytest.mark.parametrize("name", ENTITIES)
def test_a_draft_gives_back_everything_that_was_typed(bench: Bench, session: Session, name: str) -> None:
    spec = session.catalog[name]
    key = records.save(session, name, values_of(session, spec) | RULES_MOVE.get(name, {})).result.id
    saved = records.get(session, name, key)
    form = Form(bench.desk, spec)
    bench.show(form)
    form.set_values(records.new(session, name))
    typed = [field for section in spec.form for field in section.fields if not spec.fields[field].derived and saved[field] not in {None, ""}]
    for field in typed:
        form.set_value(field, saved[field])
    bench.settle()
    kept = json.loads(json.dumps(form.kept(), ensure_ascii=False))
    again = Form(bench.desk, spec)
    bench.show(again)
    again.set_values(records.new(session, name))
    again.restore(kept["fields"])
    bench.settle()
    assert {field: again.current()[field] for field in typed} == {field: saved[field] for field in typed}


@pytest.mark.parametrize("name", [name for name in ENTITIES if full_catalog()[name].group])
def test_a_list_keeps_the_rules_of_models(bench: Bench, session: Session, name: str) -> None:
    spec = session.catalog[name]
    values = values_of(session, spec) | RULES_MOVE.get(name, {})
    records.save(session, name, values)
    model = RowsModel(session, bench.operations, Query(name, columns=spec.columns), bench.window)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning, model)
    model.load()
    bench.settle()
    assert model.rowCount() == session.records.count(session.entity(name), EVERYTHING)
    for column in range(model.columnCount()):
        model.data(model.index(0, column))
    bench.settle()
    title = spec.columns.index(spec.title) if spec.title in spec.columns else 0
    assert isinstance(model.data(model.index(0, title)), str)
