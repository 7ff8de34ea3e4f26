"""The register of entities: one declaration each, checked when the program starts.

To add an entity: 1. a file in `models/entities/` with a registered Record; 2. a migration, printed by
``python -m desktop_crm.models.freeze NAME``; 3. its name in `models/entities/__init__.py`. Nothing else.
"""

from __future__ import annotations

import re
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

import peewee

from desktop_crm.base.i18n import N_
from desktop_crm.base.lazily import dataclass
from desktop_crm.domain.catalog import Catalog, EntitySpec, FieldSpec
from desktop_crm.domain.conditions import Condition, Either, Every, Related, Where
from desktop_crm.domain.numbering import check_rule
from desktop_crm.models.fields import Declared, InstantField, IntegerField, NoteField, TextField
from desktop_crm.models.schema import Column

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Key(peewee.AutoField):
    """The id of a record."""

    def __deepcopy__(self, _memo: object) -> Key:
        """Return another: peewee copies it for each entity with all that hangs on it, as it does the fields (`Declared`)."""
        copy: Key = object.__new__(type(self))
        vars(copy).update(vars(self))
        return copy


class Record(peewee.Model):
    """A record of the company: what every entity has beside its declared fields.

    `version` grows with each change and catches two people at the same record. `search_key` carries search, `sort_key` the
    order of names; both are kept by the records engine. `custom` holds the values of custom fields as JSON.
    """

    id = Key()
    version = IntegerField(N_("Version"), derived=True)
    created_at = InstantField(N_("Created"), derived=True, index=True, aliases=("创建时间", "建档时间", "录入时间"))
    updated_at = InstantField(N_("Last changed"), derived=True, index=True)
    sort_key = TextField(N_("Sorting name"), derived=True, internal=True, index=True, scale=120)
    search_key = NoteField(N_("Search text"), derived=True, internal=True)
    custom = NoteField(N_("Custom fields"), derived=True, internal=True)

    @staticmethod
    def derive(values: dict[str, Any]) -> None:
        """Fill in what follows from other fields of the same record, such as a line's tax; called before each write."""


UNTRACKED: Final = frozenset({"id", "version", "updated_at", "sort_key", "search_key"})
"""Columns whose change alone is no change of the record: they are left out of history and of an undo's comparison."""


@dataclass(frozen=True, eq=False)
class Entity:
    """A registered entity: what it is (`spec`), where it is stored (`model`), and its declared fields by name."""

    spec: EntitySpec
    model: type[Record]
    fields: dict[str, Declared]

    @cached_property
    def name(self) -> str:
        """The entity's name, which is its table's."""
        return self.spec.name

    @cached_property
    def table(self) -> str:
        """The table's name."""
        return str(self.model._meta.table_name)

    def stored(self) -> Mapping[str, Declared]:
        """Return the fields that are columns, by field name; figures asked for when shown are not."""
        return self._stored

    @cached_property
    def _stored(self) -> Mapping[str, Declared]:
        return MappingProxyType({name: field for name, field in self.fields.items() if not field.expression})

    def written(self) -> Mapping[str, Declared]:
        """Return the fields that an insert or an update gives a value to."""
        return self._written

    @cached_property
    def _written(self) -> Mapping[str, Declared]:
        return MappingProxyType({name: field for name, field in self._stored.items() if not (field.rollup or field.formula)})

    @cached_property
    def places(self) -> Mapping[str, int]:
        """At which place each field stands in a row read whole, see `whole_sql`, whose value is just what is stored."""
        return MappingProxyType({name: place for place, (name, field) in enumerate(self._stored.items()) if not (field.rollup and field.rollup.before)})

    @cached_property
    def whole_sql(self) -> str:
        """The SQL of all columns of the row ``this``, the id first."""
        return ", ".join(("this.id", *(f"this.`{column_name(field)}`" for field in self._stored.values())))

    def tracked(self) -> dict[str, str]:
        """Return column name by field name of what history and undo keep."""
        return {name: column_name(field) for name, field in self.written().items() if name not in UNTRACKED}

    def state_sql(self, row: str) -> str:
        """Return the SQL of a record's state as `change` keeps it, JSON of what is tracked; `row` is the name of the row, such as ``OLD``."""
        pairs = ", ".join(f"'{name}', {row}.`{column}`" for name, column in self.tracked().items())
        return f"JSON_OBJECT({pairs})"

    def indexed(self, name: str) -> bool:
        """Tell whether a field has an index: links, what is declared with one, and what a list begins with, as it is sorted and filtered by that.

        A title is sorted by its sort key, and lines are no list of their own.
        """
        field = self.stored().get(name)
        if field is None:
            return False
        listed = name in self._listed and name != self.spec.title and not self.spec.parent
        return (listed and field.column_type != "note") or bool(field.index)  # type: ignore[attr-defined]

    @cached_property
    def _listed(self) -> frozenset[str]:
        return frozenset((*self.spec.columns, *self.spec.filters))

    def columns(self) -> list[Column]:
        """Return the table in the language of migrations."""
        return [as_column(field, index=self.indexed(name)) for name, field in self.stored().items()]

    def problems(self) -> list[str]:
        """Return what is wrong with the declaration, in plain English for whoever wrote it."""
        spec, found = self.spec, []
        if not re.fullmatch(r"[a-z][a-z_]*", spec.name):
            found.append(f"{spec.name}: the name must be snake_case")
        named = {"columns": spec.columns, "filters": spec.filters, "search": spec.search, "match": spec.match, "totals": spec.totals}
        named |= {"title": (spec.title,), "sort": (spec.sort or spec.title,), "key_figures": spec.key_figures}
        named |= {"form": tuple(name for section in spec.form for name in section.fields)}
        named |= {"sheet": (*spec.sheet.fields, *spec.sheet.given, *spec.sheet.example) if spec.sheet else ()}
        named |= {"owner": (spec.owner,) if spec.owner else (), "parent": (spec.parent,) if spec.parent else (), "state": (spec.state,) if spec.state else (), "dated": (spec.dated,) if spec.dated else (), "filled_later": spec.filled_later}
        for where, names in named.items():
            found += [f"{spec.name}.{where}: there is no field “{name}”" for name in names if name not in spec.fields]
        for field in spec.fields.values():
            if field.link and field.link not in REGISTER:
                found.append(f"{spec.name}.{field.name}: links to “{field.link}”, which is no entity")
            if field.rule:
                check_rule(field.rule)
            if field.dated_by and field.dated_by not in spec.fields:
                found.append(f"{spec.name}.{field.name}: is dated by “{field.dated_by}”, which is no field")
        for child, via in (*spec.related, *((line, "") for line in spec.lines)):
            if child not in REGISTER or (via and via not in REGISTER[child].spec.fields):
                found.append(f"{spec.name}: “{child}.{via}” is shown with it and doesn't exist")
        for view in spec.views:
            found += [f"{spec.name}.{view.key}: there is no field “{name}”" for name in condition_fields(view.condition) if name.split(".")[0] not in spec.fields]
        return found


REGISTER: Final[dict[str, Entity]] = {}
RecordClass = TypeVar("RecordClass", bound=type[Record])


def condition_fields(condition: Condition) -> set[str]:
    """Return the names of the fields of the record itself that a condition asks for."""
    match condition:
        case Where(name):
            return {name}
        case Every(parts) | Either(parts):
            return set().union(*(condition_fields(part) for part in parts))
        case Related():
            return set()
        case _:
            return set()


def column_name(field: Declared) -> str:
    """Return the name of a field's column."""
    return str(field.column_name)  # type: ignore[attr-defined]  # every Declared is mixed into a peewee field


def as_column(field: Declared, *, index: bool) -> Column:
    """Return a field as a column of the migrations' language."""
    counted = field.rollup is not None and field.rollup.how == "sum"
    return Column(
        name=column_name(field),
        type="count" if counted or field.spec.name == "version" else field.column_type,
        size=field.spec.scale,
        to=field.spec.link,
        index=index,
        formula=field.formula,
    )


def snake(name: str) -> str:
    """Return a class name as snake_case: ContractLine → contract_line."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def register(**declaration: Any) -> Callable[[RecordClass], RecordClass]:
    """Register a Record as an entity; the keywords are those of EntitySpec, `title` defaulting to ``name``."""

    def enter(model: RecordClass) -> RecordClass:
        name = snake(model.__name__)
        model._meta.set_table_name(name)
        fields: dict[str, Declared] = {}
        specs: dict[str, FieldSpec] = {}
        declared = [field for field in model._meta.sorted_fields if isinstance(field, Declared)]
        base = set(Record._meta.fields)
        for field in sorted(declared, key=lambda field: field.name in base):  # type: ignore[attr-defined]
            field.spec = field.spec.called(field.name)  # type: ignore[attr-defined]
            fields[field.spec.name] = field
            if not field.internal:
                specs[field.spec.name] = field.spec
        declaration.setdefault("title", "name")
        derive = model.derive if model.derive is not Record.derive else None
        spec = EntitySpec(name=name, fields=specs, derive=derive, **declaration)
        REGISTER[name] = Entity(spec=spec, model=model, fields=fields)
        return model

    return enter


def entity(name: str) -> Entity:
    """Return the registered entity; raises KeyError where there is none."""
    return REGISTER[name]


def full_catalog() -> Catalog:
    """Return every entity with every field, as somebody sees it who may see all."""
    return Catalog({name: entry.spec for name, entry in REGISTER.items()})


def check_declarations() -> None:
    """Raise ValueError naming everything that is wrong with any declaration."""
    found = [problem for entry in REGISTER.values() for problem in entry.problems()]
    if found:
        raise ValueError("\n".join(found))
