"""Checking a record before it is written, field by field, the same for a form, an import and the command line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from desktop_crm.base.errors import FieldProblem
from desktop_crm.base.i18n import _
from desktop_crm.domain.conditions import EVERYTHING, Every, Where
from desktop_crm.domain.number_kinds import NUMBER_LIMIT, refused_number
from desktop_crm.models.reading import FEW
from desktop_crm.services.numbers import reserving

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Values
    from desktop_crm.models.registry import Entity
    from desktop_crm.services.session import Session


def is_empty(value: Any) -> bool:
    """Tell whether a field holds nothing; a zero is something."""
    return value is None or value == ""


def check_value(field: FieldSpec, value: Any) -> list[FieldProblem]:
    """Return what is wrong with a value that isn't empty by itself."""
    found = []
    wrong = refused_number(value, exact=field.exact) if field.kind.storage == "decimal" else None
    if not wrong and field.check:
        wrong = field.check(value)
    if wrong:
        found.append(FieldProblem(field.name, wrong))
    remark = field.kind.warn(value) if field.kind.warns else None
    if remark:
        found.append(FieldProblem(field.name, remark, warning=True))
    return found


def check_values(spec: EntitySpec, values: Values, *, only: Sequence[str] | None = None, skip: Sequence[str] = ()) -> list[FieldProblem]:
    """Return what is wrong with the typed fields of a record, warnings marked as such; no database is asked."""
    found = []
    for field in spec.checked_fields if only is None else [spec.fields[name] for name in only]:
        if field.name in skip or field.derived:
            continue
        value = values.get(field.name)
        if value is None or value == "":
            if field.required and not field.rule:
                found.append(FieldProblem(field.name, _("{field} must be filled in").format(field=field.title)))
            continue
        found += check_value(field, value)
    return found if only is not None else found + check_derived(spec, values)


def check_derived(spec: EntitySpec, values: Values) -> list[FieldProblem]:
    """Return the largest of the figures, worked out already, that are more than can be kept, as a price times a quantity may be."""
    large = [(abs(value), field) for field in spec.derived_figures if isinstance(value := values.get(field.name), Decimal) and abs(value) >= NUMBER_LIMIT]
    if not large:
        return []
    amount, field = max(large, key=lambda one: one[0])
    text = _("{field} is {amount}, more than can be kept. Check the figures it follows from").format(field=field.title, amount=f"{amount:,.2f}")
    return [FieldProblem(field.name, text)]


def remarks(spec: EntitySpec, values: Values, day: date) -> list[FieldProblem]:
    """Return what is to be said calmly of the values: `day` is the document's where the record has no date of its own."""
    found = []
    for field in spec.typed_fields():
        value = values.get(field.name)
        if field.remark is not None and not is_empty(value):
            own = values.get(field.dated_by) if field.dated_by else None
            text = field.remark(value, own if isinstance(own, date) else day)
            found += [FieldProblem(field.name, text, warning=True)] if text else []
    return found


def check_unique(session: Session, spec: EntitySpec, values: Values, key: int | None, *, besides: Sequence[int] = ()) -> list[FieldProblem]:
    """Return the fields whose value another record has already and that must be the only one; those of `besides` are about to go."""
    found = []
    for field in spec.unique_fields:
        value = values.get(field.name)
        if is_empty(value):
            continue
        same: Every | Where = Where(field.name, "eq", value)
        if key is not None:
            same = Every((same, *(Where("id", "ne", own) for own in (key, *besides))))
        if session.records.count(session.entity(spec.name), same):
            found.append(FieldProblem(field.name, taken(field, value)))
    return found


def taken(field: FieldSpec, value: Any) -> str:
    """Return the words for a value that must be unique and isn't."""
    return _("{field} {value} is used already; choose another").format(field=field.title, value=field.show(value))


def seen(session: Session, name: str, key: int) -> bool:
    """Tell whether a record is there and this person may see it."""
    if session.scope(name) is EVERYTHING:
        return bool(session.records.ids_in(session.entity(name), "id", [key]))
    return bool(session.records.count(session.entity(name), session.readable(name, Where("id", "eq", key))))


def _links_set(session: Session, spec: EntitySpec, values: Values, before: Values) -> tuple[list[tuple[FieldSpec, int]], list[tuple[Entity, int]]]:
    """Return the links that were set, and what those point to that this person sees all of."""
    changed = [(field, int(key)) for field in spec.link_fields if (key := values.get(field.name)) is not None and key != before.get(field.name)]
    return changed, [(session.entity(field.link), key) for field, key in changed if field.link in session.catalog and session.scope(field.link) is EVERYTHING]


def look_ahead(session: Session, spec: EntitySpec, values: Values, name: str, ids: Iterable[int]) -> None:
    """Let a server tell at once what adding a record with `values` is going to ask: its number, whether what it links to is there, and the records `ids` of the entity `name`."""
    keys = [int(key) for key in ids]
    if session.store.mysql and session.scope(name) is EVERYTHING and len(keys) <= FEW:
        _changed, linked = _links_set(session, spec, values, {})
        first, keep = reserving(session, spec, values)
        keep(session.records.ahead(session.entity(name), keys, linked, first))


def check_links(session: Session, spec: EntitySpec, values: Values, before: Values) -> list[FieldProblem]:
    """Return the links that were set to a record that is gone or that this person may not see."""
    changed, open_to_all = _links_set(session, spec, values, before)
    there = session.records.there(open_to_all) if open_to_all else set()
    return [
        FieldProblem(field.name, _("{field}: this record is not there any more, or you have no right to see it; choose another").format(field=field.title))
        for field, key in changed
        if (field.link, key) not in there and (field.link not in session.catalog or not seen(session, field.link, key))
    ]
