"""What adding records takes: the statement and its parameters, made a column at a time for many rows, with the keys they are searched and sorted by."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, Any

from desktop_crm.domain.kind import Kind
from desktop_crm.domain.text import search_text, sort_key
from desktop_crm.models.fields import Declared
from desktop_crm.models.registry import Entity, column_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Values

Keys = Callable[[tuple[str, ...]], tuple[str, str]]


def keyed_by(spec: EntitySpec) -> list[FieldSpec]:
    """Return the fields whose texts make a record's keys, the title first."""
    return [spec.fields[name] for name in dict.fromkeys((spec.title, *spec.search)) if not spec.fields[name].link]


def texts_of(spec: EntitySpec, rows: Sequence[Values]) -> list[tuple[str, ...]]:
    """Return the texts that make the keys of some rows, as they are shown; nothing is shown of nothing, but a zero is."""
    columns = [_shown(field, [row.get(field.name) for row in rows]) for field in keyed_by(spec)]
    return list(zip(*columns, strict=True)) if columns else [()] * len(rows)


def _shown(field: FieldSpec, values: list[Any]) -> list[str]:
    # A plain text is shown as it is.
    if type(field.kind).show is Kind.show:
        return ["" if value is None else value if type(value) is str else str(value) for value in values]
    return [field.show(value) for value in values]


@lru_cache(maxsize=500)
def keys_of(texts: tuple[str, ...]) -> tuple[str, str]:
    """Return the search text and the order of names of a record with these `texts_of`."""
    return search_text(*texts), sort_key(texts[0] if texts else "")


@lru_cache(maxsize=200)
def _keyed(entry: Entity) -> list[FieldSpec]:
    """Return `keyed_by` of an entity."""
    return keyed_by(entry.spec)


@lru_cache(maxsize=200)
def _statement(entry: Entity, given: bool) -> tuple[str, list[tuple[str, Any, Callable[[Any], Any] | None]]]:  # noqa: FBT001 - a part of the key
    """Return the statement that adds a record, under a `given` id or a new one, and of each of its parameters the field, what an empty one is, and what converts it."""
    written = entry.written()
    names = [*(["id"] if given else []), *written]
    columns = ["id" if name == "id" else column_name(written[name]) for name in names]
    text = f"INSERT INTO `{entry.table}` ({', '.join(f'`{column}`' for column in columns)}) VALUES ({', '.join('?' * len(columns))})"
    made: list[tuple[str, Any, Callable[[Any], Any] | None]] = []
    for name in names:
        field = written.get(name)
        same = field is None or type(field).to_database is Declared.to_database
        made.append((name, field.to_database(None) if field is not None else None, None if same or field is None else field.to_database))
    return text, made


def of(entry: Entity, rows: Sequence[Values], now: datetime, keys: Keys | None, *, given: bool) -> tuple[str, list[tuple[Any, ...]]]:
    """Return the statement that adds records and its parameters for each; `keys` knows the keys of `texts_of`, where somebody worked them out before."""
    text, fields = _statement(entry, given)
    if len(rows) == 1:
        return text, [_one(entry, fields, rows[0], now, keys)]
    found = list(map(keys or keys_of, texts_of(entry.spec, rows)))
    own: dict[str, list[Any]] = {"search_key": [one[0] for one in found], "sort_key": [one[1] for one in found], "updated_at": [now] * len(rows)}
    usual = {"version": 1, "created_at": now}
    named = set().union(*rows)
    columns: list[Iterable[Any]] = []
    for name, empty, convert in fields:
        if name not in named and name not in own:
            one = usual.get(name)
            columns.append(repeat(empty if one is None else one if convert is None else convert(one), len(rows)))
            continue
        otherwise = usual.get(name)
        values = own.get(name) or [row.get(name, otherwise) for row in rows]
        columns.append([empty if value is None else value if convert is None else convert(value) for value in values])
    return text, list(zip(*columns, strict=True))


def _one(entry: Entity, fields: list[tuple[str, Any, Callable[[Any], Any] | None]], row: Values, now: datetime, keys: Keys | None) -> tuple[Any, ...]:
    """Return the parameters of a single record, where columns of many would cost more than they spare."""
    searched, sorted_by = (keys or keys_of)(tuple([_shown(field, [row.get(field.name)])[0] for field in _keyed(entry)]))
    whole = {"version": 1, "created_at": now, **row, "search_key": searched, "sort_key": sorted_by, "updated_at": now}
    made = []
    for name, empty, convert in fields:
        value = whole.get(name)
        made.append(empty if value is None else value if convert is None else convert(value))
    return tuple(made)
