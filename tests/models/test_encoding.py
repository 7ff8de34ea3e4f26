"""Rows on their way into the database: the quick way stores what the fields themselves would."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from desktop_crm.models import insertion
from desktop_crm.models.registry import REGISTER
from desktop_crm.services.session import prepare

prepare()
SAMPLES: dict[str, Any] = {
    "text": "甲", "note": "a\nb", "decimal": Decimal("12.3400"), "integer": 3, "date": date(2026, 1, 5), "instant": datetime(2026, 1, 5, tzinfo=UTC),
    "boolean": True, "link": 7,
}


@pytest.mark.parametrize("name", sorted(REGISTER))
def test_a_row_is_stored_as_its_fields_store_it(name: str) -> None:
    entry = REGISTER[name]
    written = entry.written()
    now = datetime(2026, 1, 6, tzinfo=UTC)
    full = {"id": 9, **{field: SAMPLES[declared.kind.storage] for field, declared in written.items()}}
    rows: list[dict[str, Any]] = [{"id": 9}, full, {**full, **dict.fromkeys(written, None), "id": 9}]
    # Alone, where a column has one value for all rows, and together, where it has different ones.
    for some in (*([row] for row in rows), rows):
        _text, stored = insertion.of(entry, some, now, None, given=True)
        for row, cells, texts in zip(some, stored, insertion.texts_of(entry.spec, some), strict=True):
            searched, sorted_by = insertion.keys_of(texts)
            given = {"version": 1, "created_at": now, **row, "updated_at": now, "search_key": searched, "sort_key": sorted_by}
            assert cells == (9, *(field.to_database(given.get(own)) for own, field in written.items()))
