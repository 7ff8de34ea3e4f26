"""What a field and an entity are, as data: every screen, file, print and check is derived from these declarations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Self

from desktop_crm.base.i18n import _, in_every_language
from desktop_crm.base.lazily import dataclass
from desktop_crm.domain.conditions import EVERYTHING, Condition

if TYPE_CHECKING:
    from datetime import date

    from desktop_crm.domain.kind import Kind

Values = dict[str, Any]
"""A record's values by field name: Decimal for money and numbers, date, aware datetime, bool, str, int for a link, None for nothing."""


class Ref(int):
    """A link's value as it is read: the id of the record, with the title a user knows it by."""

    title: str

    def __new__(cls, key: int, title: str) -> Self:
        """Make a reference to the record `key`."""
        made = super().__new__(cls, key)
        made.title = title
        return made

    def __reduce__(self) -> tuple[type[Ref], tuple[int, str]]:
        """Keep the title when copied."""
        return (Ref, (int(self), self.title))


@dataclass(frozen=True)
class Choice:
    """One value of a choice field: the stored code, what the user reads, and the tone of its pill."""

    code: str
    label: str
    tone: str = "neutral"
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldSpec:
    """One field of an entity.

    `label` is a marked English text; `aliases` are further headings real workbooks use. `derived` fields are kept by the
    database and never typed. `link` names the entity a link points to. `sensitive` fields are left out for roles without the
    right to them. `rule` is the document-number rule of a number field, `dated_by` the field whose date it counts on.
    `fills` maps fields of this record to fields of the linked one that are copied when the link is chosen and they are empty.
    `opposites` are headings under which other programs keep what is missing to the whole, as a discount taken off instead of the share paid.
    `tone` colours a figure above zero, such as ``danger``; a date of the tone ``due`` is shown as seen from today, an instant
    of the tone ``clock`` with its time of day.
    `remark` says something calm about a value on a day, that of the field `dated_by` or today; it never forbids.
    `exact` amounts of the books are refused where they have more than two decimals, instead of rounded.
    `own` fields are those a company added itself.
    `told` says of a link that what happens to these records is told in the history of the one it points to as well.
    `way_out` says of a link what to do where it forbids the deletion of what it points to.
    `adds_up` says that of records merged into one the sum is kept, since the documents behind each are kept too.
    """

    name: str
    kind: Kind
    label: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    opposites: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    link: str = ""
    default: Any = None
    hint: str = ""
    unit: str = ""
    derived: bool = False
    sensitive: bool = False
    unique: bool = False
    rule: str = ""
    dated_by: str = ""
    fills: Mapping[str, str] = field(default_factory=dict)
    check: Callable[[Any], str | None] | None = None
    remark: Callable[[Any, date], str | None] | None = None
    scale: int = 2
    sortable: bool = True
    tone: str = ""
    adds_up: bool = False
    exact: bool = False
    own: bool = False
    way_out: str = ""
    told: bool = False

    def __deepcopy__(self, _memo: object) -> FieldSpec:
        """Stay one: peewee copies the fields every entity inherits, and all that hangs on them."""
        return self

    def called(self, name: str) -> FieldSpec:
        """Return the same under another name: like `replace`, without asking anew whether all is there, for the hundreds of fields that are named at each start."""
        made = object.__new__(FieldSpec)
        vars(made).update(vars(self), name=name)
        return made

    @property
    def title(self) -> str:
        """The label in the language in use."""
        return _(self.label)

    def headings(self) -> list[str]:
        """Every heading this field is recognised by: its name, its label in every language and its aliases."""
        return list(dict.fromkeys([self.name, *in_every_language(self.label), *self.aliases]))

    def choice(self, code: str) -> Choice | None:
        """Return the choice stored as `code`, or None."""
        return next((choice for choice in self.choices if choice.code == code), None)

    def parse(self, raw: Any) -> Any:
        """Turn a typed text or a workbook cell into a value; raises ValueProblem."""
        return self.kind.parse(raw, self)

    def show(self, value: Any) -> str:
        """Return the text a user reads; empty for nothing."""
        return "" if value is None or value == "" else self.kind.show(value, self)

    def edit(self, value: Any) -> str:
        """Return the text that stands in an editor or a CSV cell and parses back to the same value."""
        return "" if value is None or value == "" else self.kind.edit(value, self)


@dataclass(frozen=True)
class Section:
    """A titled group of fields of a form."""

    label: str
    fields: tuple[str, ...]

    def __init__(self, label: str, *fields: str) -> None:
        object.__setattr__(self, "label", label)
        object.__setattr__(self, "fields", fields)


@dataclass(frozen=True)
class View:
    """A tab of a list: a named condition; `tone` colours its count where it asks for attention."""

    key: str
    label: str
    condition: Condition = EVERYTHING
    mine: bool = False
    tone: str = ""


@dataclass(frozen=True)
class SheetSpec:
    """An entity's sheet in the workbook of a whole company: its columns in their order, and what all of its rows say without a column.

    `label` is the sheet's name, the entity's own where it is empty. `example` fills the row that shows how to fill the sheet in;
    marked texts are translated, codes of choices shown as their labels.
    """

    fields: tuple[str, ...]
    label: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    example: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class EntitySpec:
    """One entity: its fields and where each of them is shown.

    `title` is the field a record is known by, `search` the fields whose text finds it, `match` those that tell duplicates.
    `parent` is the link of a line to the record it belongs to; `lines` are the entities edited inside this one;
    `related` are (entity, link) pairs shown below the record. `owner` is the link to the user who owns the record.
    `area` groups entities for the roles' rights; `group` is the group of the navigation, empty for none.
    `state` is the choice field shown as the record's status; `totals` are the columns summed under a list.
    `dated` is the field whose date puts a record into the books: in a closed period nothing of it may change but its owner,
    and the fields `filled_later`, which say no figure, may be filled in or emptied.
    `mergeable` records may be made one where they mean the same; documents that were issued or posted are not.
    `sheet` is the entity's place in the workbook a whole company begins with.
    """

    name: str
    label: str
    one: str
    icon: str
    title: str
    fields: Mapping[str, FieldSpec]
    sort: str = ""
    descending: bool = False
    columns: tuple[str, ...] = ()
    form: tuple[Section, ...] = ()
    filters: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    match: tuple[str, ...] = ()
    views: tuple[View, ...] = ()
    totals: tuple[str, ...] = ()
    key_figures: tuple[str, ...] = ()
    parent: str = ""
    lines: tuple[str, ...] = ()
    related: tuple[tuple[str, str], ...] = ()
    owner: str = ""
    area: str = "sales"
    group: str = ""
    state: str = ""
    dated: str = ""
    filled_later: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    mergeable: bool = False
    sheet: SheetSpec | None = None
    derive: Callable[[Values], None] | None = None

    @property
    def plural(self) -> str:
        """The entity's name of many, in the language in use."""
        return _(self.label)

    @property
    def singular(self) -> str:
        """The entity's name of one, in the language in use."""
        return _(self.one)

    def typed_fields(self) -> Iterator[FieldSpec]:
        """Yield the fields a user may fill in."""
        return iter(self._typed)

    @cached_property
    def _typed(self) -> tuple[FieldSpec, ...]:
        return tuple(spec for spec in self.fields.values() if not spec.derived)

    @cached_property
    def checked_fields(self) -> tuple[FieldSpec, ...]:
        """The fields a user may fill in of whose values anything can be wrong."""
        return tuple(spec for spec in self._typed if spec.required or spec.check or spec.kind.storage == "decimal" or spec.kind.warns)

    @cached_property
    def derived_figures(self) -> tuple[FieldSpec, ...]:
        """The amounts and numbers that follow from other values of the record."""
        return tuple(spec for spec in self.fields.values() if spec.derived and spec.kind.storage == "decimal") if self.derive is not None else ()

    @cached_property
    def link_fields(self) -> tuple[FieldSpec, ...]:
        """The links a user may set."""
        return tuple(spec for spec in self._typed if spec.link)

    @cached_property
    def numbered_fields(self) -> tuple[FieldSpec, ...]:
        """The fields that a rule gives a number to where they are empty."""
        return tuple(spec for spec in self.fields.values() if spec.rule)

    @cached_property
    def unique_fields(self) -> tuple[FieldSpec, ...]:
        """The fields no two records may have the same value in."""
        return tuple(spec for spec in self.fields.values() if spec.unique)

    @cached_property
    def defaults(self) -> Values:
        """The values a new record starts with."""
        return {spec.name: spec.default for spec in self._typed if spec.default is not None}

    def without(self, names: set[str]) -> EntitySpec:
        """Return the entity as somebody sees it who may not see the fields `names`."""
        if not names:
            return self

        def keep(fields: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(name for name in fields if name not in names)

        return replace(
            self,
            fields={name: spec for name, spec in self.fields.items() if name not in names},
            columns=keep(self.columns),
            filters=keep(self.filters),
            search=keep(self.search),
            match=keep(self.match),
            totals=keep(self.totals),
            key_figures=keep(self.key_figures),
            form=tuple(Section(section.label, *keep(section.fields)) for section in self.form),
        )


class Catalog(Mapping[str, EntitySpec]):
    """The entities as one user sees them, by name."""

    def __init__(self, entities: Mapping[str, EntitySpec]) -> None:
        self._entities = dict(entities)

    def __getitem__(self, name: str) -> EntitySpec:
        return self._entities[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entities

    def __iter__(self) -> Iterator[str]:
        return iter(self._entities)

    def __len__(self) -> int:
        return len(self._entities)

    def children(self, name: str) -> list[EntitySpec]:
        """Return the line entities edited inside the entity `name`."""
        return [self[line] for line in self[name].lines if line in self]

    def linking_to(self, name: str) -> list[tuple[EntitySpec, FieldSpec]]:
        """Return every (entity, link field) pair that points to the entity `name`."""
        return [(entity, spec) for entity in self.values() for spec in entity.fields.values() if spec.link == name]


BASE_FIELDS: Final = ("id", "version", "created_at", "updated_at")
"""Fields that every record has beside the declared ones."""
