"""The values a printed document is filled with, made from the declarations for any entity.

To give the documents of an entity more than its fields, register a function with `enriches` in the file of that entity.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import NotFound
from desktop_crm.base.lazily import dataclass
from desktop_crm.domain.catalog import BASE_FIELDS, EntitySpec, FieldSpec, Ref, Values
from desktop_crm.domain.conditions import EVERYTHING
from desktop_crm.services import records

if TYPE_CHECKING:
    from desktop_crm.services.session import Session

Enrich = Callable[["Session", int, dict[str, Any]], None]
ENRICH: Final[dict[str, list[Enrich]]] = defaultdict(list)


@dataclass(frozen=True)
class PrintList:
    """A list a document has: its label, and the fields of its items or the entity they are lines of."""

    label: str
    items: str | tuple[FieldSpec, ...]


@dataclass(frozen=True)
class Printed:
    """What documents of a name can be printed with beside the fields of an entity of that name. `label` is a marked English text."""

    label: str = ""
    fields: tuple[FieldSpec, ...] = ()
    lists: Mapping[str, PrintList] = field(default_factory=dict)


PRINTED: Final[dict[str, Printed]] = {}


def printed(name: str, *, label: str = "", fields: Iterable[FieldSpec] = (), lists: Mapping[str, PrintList] | None = None) -> None:
    """Declare what documents of `name` – an entity, or a report that is printed by template – have beside their entity's fields.

    What is declared in several places adds up.
    """
    known = PRINTED.get(name, Printed())
    PRINTED[name] = Printed(label or known.label, (*known.fields, *fields), {**known.lists, **(lists or {})})


def enriches(entity: str) -> Callable[[Enrich], Enrich]:
    """Register a function that adds to the print values of a record: it is given the session, the id and the values.

    What it adds is declared with `printed`, so that it can be chosen in a designer.
    """

    def enter(function: Enrich) -> Enrich:
        ENRICH[entity].append(function)
        return function

    return enter


def print_values(session: Session, entity: str, key: int) -> dict[str, Any]:
    """Return what the record `key` is printed with.

    Fields by name: Decimal, date, local datetime, bool, int or text, a choice as the user reads it, None for nothing. A link is the
    linked record's fields (its own links as titles) with its ``title``, or None. Lines are lists by line entity, each with its ``no``
    from 1. `codes` holds the choices as they are stored. `company` and `print` are those of `surroundings`. Raises NotFound, NotAllowed.
    """
    spec = session.spec(entity)
    row = records.get(session, entity, key)
    values: dict[str, Any] = {name: plain(one, row[name]) for name, one in spec.fields.items() if not one.link}
    for name, one in spec.fields.items():
        if one.link:
            values[name] = linked_values(session, one, row[name])
    for child, lines in records.lines(session, entity, key).items():
        values[child] = [{"no": number, **flat(session.spec(child), line)} for number, line in enumerate(lines, 1)]
    # What a condition asks for must not depend on the language of whoever prints.
    values["codes"] = {name: row[name] for name, one in spec.fields.items() if one.choices}
    values |= surroundings(session)
    for enrich in ENRICH[entity]:
        enrich(session, key, values)
    return values


def surroundings(session: Session) -> dict[str, Any]:
    """Return what every document has: the fields of our own `company`, and `print` with the date and the user's name."""
    profile = session.records.ids_where(session.entity("company"), session.readable("company", EVERYTHING)) if "company" in session.catalog else []
    company = record_values(session, "company", profile[0]) if profile else {}
    return {"company": company, "print": {"date": session.today, "user": session.person.name}}


def record_values(session: Session, entity: str, key: int) -> dict[str, Any]:
    """Return the fields of one record as `print_values` does, its links as titles; raises NotFound."""
    return flat(session.spec(entity), records.get(session, entity, key))


def linked_values(session: Session, field: FieldSpec, value: Ref | None) -> dict[str, Any] | None:
    """Return the fields of the record a link points to; of one this person may not see, no more than its title."""
    if value is None:
        return None
    title = {"title": value.title}
    if field.link not in session.catalog:
        return title
    try:
        return title | record_values(session, field.link, int(value))
    except NotFound:
        return title | {session.catalog[field.link].title: value.title}


def flat(spec: EntitySpec, row: Values) -> dict[str, Any]:
    """Return a record's values with its links as titles."""
    return {name: plain(one, row[name]) for name, one in spec.fields.items() if name in row and name not in BASE_FIELDS}


def plain(field: FieldSpec, value: Any) -> Any:
    """Return a value as a template writes it."""
    if isinstance(value, Ref):
        return value.title
    if field.choices:
        return field.show(value)
    return value.astimezone() if isinstance(value, datetime) else value
