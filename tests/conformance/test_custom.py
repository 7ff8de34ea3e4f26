"""What holds of every declared entity holds of one with fields of the company's own too, of every kind and on both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from desktop_crm.services import custom_fields
from tests.conformance import test_entities as suite
from tests.conformance import test_files as files
from tests.support.company import company
from tests.support.custom import KINDS, add_every_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from desktop_crm.services.session import Session

NAMES = ("customer",)
on_a_file = pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)
"""For what has nothing to do with the engine."""


@pytest.fixture(params=NAMES)
def extended(request: pytest.FixtureRequest, db_url: str) -> Iterator[tuple[Session, str]]:
    with company(db_url) as made:
        add_every_kind(made, request.param)
        yield made, request.param


@pytest.mark.parametrize("check", [suite.test_a_record_comes_back_as_it_was_saved, suite.test_every_column_sorts_and_every_filter_filters])
def test_what_holds_of_every_entity(extended: tuple[Session, str], check: Callable[[Session, str], None]) -> None:
    check(*extended)


@on_a_file
@pytest.mark.parametrize("check", [suite.test_without_a_right_there_is_nothing, suite.test_search_finds_it_by_its_title, files.test_every_field_is_a_placeholder])
def test_what_holds_of_every_entity_whatever_the_engine(extended: tuple[Session, str], check: Callable[[Session, str], None]) -> None:
    check(*extended)


@on_a_file
@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_what_is_exported_is_imported_as_it_was(extended: tuple[Session, str], suffix: str, tmp_path: Path) -> None:
    files.test_what_is_exported_is_imported_as_it_was(*extended, suffix, tmp_path)


@on_a_file
def test_the_fields_are_where_they_were_asked_for(extended: tuple[Session, str]) -> None:
    session, name = extended
    spec = session.catalog[name]
    own: dict[str, Any] = {row["label"]: row["name"] for row in custom_fields.fields_of(session, name)}
    assert list(own) == list(KINDS.values())
    assert [spec.fields[field].title for field in spec.form[-1].fields] == list(KINDS.values())
    assert set(spec.columns) >= set(own.values()) - {own[KINDS["note"]]}
