"""Names and conditions as they are typed on the command line: entities and fields by their declared names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import ValueProblem
from desktop_crm.base.i18n import _
from desktop_crm.cli.answers import Usage
from desktop_crm.domain.conditions import Condition, Every, Operator, Where
from desktop_crm.domain.dates import parse_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec
    from desktop_crm.services.session import Session

_COMPARISON: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_.]*)\s*(!=|>=|<=|=|>|<)(.*)", re.DOTALL)
_OPERATORS: Final[dict[str, Operator]] = {"=": "eq", "!=": "ne", ">=": "ge", "<=": "le", ">": "gt", "<": "lt"}


def entity_named(session: Session, name: str) -> EntitySpec:
    """Return the entity called `name`; raises Usage naming those there are, NotAllowed for one out of this person's reach."""
    if name not in session.everything:
        raise Usage(_("There is no entity “{name}”. There are: {known}").format(name=name, known=", ".join(session.catalog)))
    return session.spec(name)


def field_named(spec: EntitySpec, name: str) -> FieldSpec:
    """Return the field called `name`; raises Usage naming those there are."""
    if name not in spec.fields:
        raise Usage(_("{entity} has no field “{name}”. It has: {known}").format(entity=spec.name, name=name, known=", ".join(spec.fields)))
    return spec.fields[name]


def fields_named(spec: EntitySpec, listed: str | None) -> tuple[str, ...]:
    """Return the names in a comma-separated list, every visible field where none are given; raises Usage."""
    if not listed:
        return tuple(spec.fields)
    names = [name.strip() for name in re.split("[,，]", listed) if name.strip()]
    return tuple(field_named(spec, name).name for name in dict.fromkeys(names))


def sort_named(spec: EntitySpec, text: str | None, *, descending: bool) -> tuple[str, bool]:
    """Return the field of ``--sort`` and whether it runs downwards, which a leading minus says too; the entity's own order without one."""
    if not text:
        return spec.sort, spec.descending != descending
    downwards = text.startswith("-")
    return ("id" if text.lstrip("-") == "id" else field_named(spec, text.lstrip("-")).name), downwards or descending


def condition(session: Session, spec: EntitySpec, texts: Sequence[str]) -> Condition:
    """Return the condition that every ``FIELD=VALUE`` of `texts` gives together; raises Usage where one can't be understood."""
    return Every(tuple(_where(session, spec, text) for text in texts))


def _where(session: Session, spec: EntitySpec, text: str) -> Condition:
    found = _COMPARISON.fullmatch(text)
    if found is None:
        raise Usage(_("“{text}” is no condition; write it like status=active or amount>=100").format(text=text))
    name, sign, value = found.groups()
    operator = _OPERATORS[sign]
    if name == "id":
        return Where("id", operator, _whole_number(value))
    owner = spec
    *path, last = name.split(".")
    for link in path:
        target = field_named(owner, link).link
        if not target:
            raise Usage(_("{entity}.{name} is no link").format(entity=owner.name, name=link))
        owner = session.spec(target)
    field = field_named(owner, last)
    if not value.strip():
        return Where(name, "filled" if operator == "ne" else "empty")
    if field.link:
        return _linked(session, name, field.link, operator, value)
    try:
        return Where(name, operator, field.parse(value))
    except ValueProblem as problem:
        raise Usage(f"{text}: {problem.message}") from problem


def _linked(session: Session, name: str, target: str, operator: Operator, value: str) -> Condition:
    """Return the condition on a link: by the id of its record (a number, or #5), else by its title."""
    if operator not in ("eq", "ne"):
        raise Usage(_("“{name}” is a link and can only be compared with = and !=").format(name=name))
    ids = linked_ids(session, target, value)
    if operator == "eq":
        return Where(name, "in", ids)
    return Every(tuple(Where(name, "ne", key) for key in ids))


def linked_ids(session: Session, target: str, value: str) -> list[int]:
    """Return the ids of the records a text names: by title or a number that tells duplicates, or by id."""
    spec = session.spec(target)
    texts = [name for name in dict.fromkeys((spec.title, *spec.match)) if not spec.fields[name].link]
    for name in texts:
        ids = session.records.ids_where(session.entity(target), session.readable(target, Where(name, "eq", value.strip())))
        if ids:
            return ids
    bare = value.strip().removeprefix("#")
    return [int(bare)] if bare.isascii() and bare.isdigit() else []


def _whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError as problem:
        raise Usage(_("“{text}” is no whole number").format(text=text)) from problem


def day(text: str) -> date:
    """Return a typed date, in any common writing; raises Usage."""
    try:
        return parse_date(text)
    except ValueProblem as problem:
        raise Usage(problem.message) from problem


def known(names: Iterable[str]) -> str:
    """Return names as a list to choose from."""
    return ", ".join(sorted(names))


def shown(value: Any, field: FieldSpec) -> str:
    """Return a value as a person reads it."""
    return field.show(value)
