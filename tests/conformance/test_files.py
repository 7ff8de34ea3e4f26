"""What must hold of every entity on its way to a workbook, a page and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desktop_crm.domain.conditions import EVERYTHING, Query
from desktop_crm.printing.values import Text
from desktop_crm.services import documents, exporting, importing, records
from desktop_crm.services.session import Session, prepare
from tests.conformance.test_entities import RULES_MOVE
from tests.support.company import company, typed_entities, values_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

prepare()
ENTITIES = typed_entities()


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    with company(db_url) as made:
        yield made


@pytest.mark.parametrize("name", [name for name in ENTITIES if name != "user"])  # the one who works can't be deleted
@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_what_is_exported_is_imported_as_it_was(session: Session, name: str, suffix: str, tmp_path: Path) -> None:
    spec = session.catalog[name]
    key = records.save(session, name, values_of(session, spec) | RULES_MOVE.get(name, {})).result.id
    before = records.get(session, name, key)
    path = tmp_path / f"list.{suffix}"
    columns = [field.name for field in spec.typed_fields()]
    written = exporting.export_list(session, Query(name), path, columns=columns)
    records.delete(session, name, [key])
    source = importing.open_source(session, name, path)
    mapping = importing.mapping_of(importing.guess_mapping(session, source))
    assert set(mapping.values()) - {""} >= {column for column in columns if before[column] not in (None, "")}
    result = importing.run_import(session, source, importing.Options(mapping)).result
    assert result.problems == []
    assert result.rows == written
    ids = session.records.ids_where(session.entity(name), EVERYTHING)
    again = records.get(session, name, max(ids))
    assert {column: again[column] for column in columns} == {column: before[column] for column in columns}


@pytest.mark.parametrize("name", ENTITIES)
def test_every_field_is_a_placeholder(session: Session, name: str) -> None:
    spec = session.catalog[name]
    key = records.save(session, name, values_of(session, spec) | RULES_MOVE.get(name, {})).result.id
    values = documents.print_values(session, name, key)
    for field in spec.fields.values():
        text = Text("{{ " + field.name + " }}").render(values)
        assert "None" not in text
        assert "Decimal" not in text
        if field.required and not field.link:
            assert text, field.name
