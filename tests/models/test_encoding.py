"""Rows on their way into the database: the quick way stores what the fields themselves would."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from desktop_crm.models.records import _encoder
from desktop_crm.models.registry import REGISTER
from desktop_crm.services.session import prepare

prepare()
SAMPLES: dict[str, Any] = {
    "text": "甲", "note": "a\nb", "decimal": Decimal("12.3400"), "integer": 3, "date": date(2026, 1, 5), "instant": datetime(2026, 1, 5, tzinfo=UTC),
    "boolean": True, "link": 7,
}


@pytest.mark.parametrize("name", sorted(REGISTER))
def test_a_row_is_stored_as_its_fields_store_it(name: str) -> None:
    written = REGISTER[name].written()
    names = ["id", *written]
    encode = _encoder(names, written)
    full = {"id": 9, **{field: SAMPLES[declared.kind.storage] for field, declared in written.items()}}
    for row in ({"id": 9}, full, {**full, **dict.fromkeys(written, None)}):
        assert encode(row) == (9, *(field.to_database(row.get(own)) for own, field in written.items()))
