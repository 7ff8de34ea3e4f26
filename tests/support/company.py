"""A company for a test, and plausible values for the fields of any entity."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.models.registry import full_catalog
from desktop_crm.services import policy, records
from desktop_crm.services.policy import Person
from desktop_crm.services.session import Session, create_company
from tests.support.prepared import lay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Values

TEXTS = {
    "text": "华信科技 Ä-1",
    "note": "第一行\n第二行 'x' %_",
    "email": "li@huaxin.example",
    "phone": "13800138000",
    "credit_code": "91350100M000100Y43",
    "number": "",
}
OTHERS = {
    "money": Decimal("1234.56"),
    "price": Decimal("9.9999"),
    "quantity": Decimal("3.5"),
    "percent": Decimal("0.13"),
    "integer": 7,
    "stars": 4,
    "date": date(2026, 2, 28),
    "instant": datetime(2026, 2, 28, 8, 30, tzinfo=UTC),
    "boolean": True,
}


def typed_entities() -> list[str]:
    """Return the entities that somebody types; the others are written by the program alone."""
    catalog, administrator = full_catalog(), Person(0, "", "admin")
    return sorted(name for name, spec in catalog.items() if policy.right(administrator, catalog, spec).write != "none")


@contextmanager
def company(url: str) -> Iterator[Session]:
    """Make an empty company at `url` and close it afterwards."""
    session = create_company(lay(url), admin="boss", company="恒信商贸")
    try:
        yield session
    finally:
        session.close()


def value_of(session: Session, field: FieldSpec, owner: str) -> Any:
    """Return a value for one field; a required link gets the first record there is, or one made for it."""
    if field.link == "user" and field.name == "owner":
        return session.person.id
    if field.link:
        if field.link == owner or not field.required:
            return None
        there = session.records.ids_where(session.entity(field.link), EVERYTHING)
        return there[0] if there else make(session, field.link)
    if field.kind.name == "choice":
        return field.choices[-1].code
    if field.kind.name in TEXTS:
        return TEXTS[field.kind.name]
    return OTHERS[field.kind.name]


def values_of(session: Session, spec: EntitySpec) -> Values:
    """Return a value for every typed field of an entity."""
    return {field.name: value_of(session, field, spec.name) for field in spec.typed_fields()}


def make(session: Session, name: str, /, **given: Any) -> int:
    """Add a record with what it requires and return its id."""
    spec = session.everything[name]
    required = {field.name: value_of(session, field, name) for field in spec.typed_fields() if field.required and field.name not in given}
    unique = {field.name: f"{field.name}-{session.records.count(session.entity(name), EVERYTHING)}" for field in spec.typed_fields()
              if field.unique and not field.rule and field.name not in given}
    return records.save(session, name, {**required, **unique, **given}).result.id
