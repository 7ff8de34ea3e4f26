"""Columns read many cells at a time, and keys made many at a time, say what one by one would."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_crm.services.checking import check_values, is_empty
from desktop_crm.services.imports.columns import ColumnReader, Outcome
from desktop_crm.services.imports.links import Links
from desktop_crm.services.imports.matching import match_key, match_keys
from tests.services.import_support import company

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from desktop_crm.services.session import Session

FIELDS = ("name", "status", "level", "credit_code", "mobile", "email", "city", "credit_limit", "next_contact", "note", "owner")
TEXTS = st.one_of(
    st.text(max_size=12), st.sampled_from(["", " ", "NULL", "-", "46027", "甲 乙", "ＡＢＣ１", "Äpfel\n", "a@b.cn", "13800138000", "0516-8117 1979", "91320500MA00000010", "x" * 250]),
)  # fmt: skip
ALIKE = (
    st.sampled_from([None, "", "13800138000", "0512-62880001", "010-62880001", "13800138000|13800138001"]),
    st.sampled_from([None, "91320500MA0000001B", "91320500MA0000008M", "91320500MA0000008N", "91320500ma0000008m"]),
    st.sampled_from([None, "a@b.cn", "c.d@e.f.cn", "a@b.cn|c@d.cn", "a@b", "ab.cn", "a@b@c.cn"]),
    st.one_of(st.none(), st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**14), max_value=10**14), st.sampled_from([Decimal("-0.00"), Decimal("1E+2")])),
    st.one_of(st.none(), st.integers(-3, 7).map(Decimal), st.decimals(allow_nan=False, allow_infinity=False, places=3)),
    st.one_of(st.none(), st.dates()),
    st.booleans(),
)
"""Columns as lists have them: one kind of cells from top to bottom."""
CELLS = st.one_of(TEXTS, st.none(), st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**6), max_value=10**6), st.just(date(2026, 1, 5)), st.booleans())


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder: Path = tmp_path_factory.mktemp("columns")
    with company(f"sqlite:///{folder / 'c.sqlite3'}") as opened:
        yield opened


@settings(max_examples=150)
@given(cells=st.one_of(st.lists(CELLS, max_size=12), st.lists(TEXTS, max_size=12), *(st.lists(one, max_size=12) for one in ALIKE)), text_file=st.booleans())
def test_a_column_says_what_its_cells_say(session: Session, cells: list[Any], text_file: bool) -> None:  # noqa: FBT001 - drawn
    spec = session.spec("customer")
    for name in FIELDS:
        field = spec.fields[name]
        reader, alone = (ColumnReader(0, field.title, field, Links(session, create=False), text_file=text_file) for _which in range(2))
        values, told = reader.many(cells)
        assert [place for place, value in enumerate(values) if type(value) is Outcome] == told
        for cell, value in zip(cells, values, strict=True):
            said = alone.read(cell)
            assert (value if type(value) is Outcome else Outcome(value)) == (said if said.value != "" else said._replace(value=None) if type(value) is not Outcome else said)
            wrong = [] if is_empty(said.value) else check_values(spec, {name: said.value}, only=[name])
            assert list(said.checks) == wrong


@given(values=st.lists(st.one_of(st.none(), st.text(max_size=10), st.sampled_from(["恒泰 科技", "ＡＢＣ", "a b", "Äpfel", "A\nB"])), max_size=15))
def test_keys_made_together_are_those_made_alone(session: Session, values: list[str | None]) -> None:
    kind = session.spec("customer").fields["name"].kind
    assert match_keys(kind, values) == [None if is_empty(value) else match_key(kind, value) for value in values]
