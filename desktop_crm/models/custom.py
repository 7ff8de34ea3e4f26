"""Fields of a company's own: each is a real column of its entity's table, named after what it is, such as ``custom_7_money``.

The tables say which columns there are, the records of `custom_field` what each is called and where it is shown. Both together give the entities of one
company, `Store.entities`, in which these fields are like any declared one; every engine works on those. A column without such a record, as after the undo of its
making, stays stored, traced and copied, and is shown nowhere.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import N_, Own, _, in_every_language
from desktop_crm.base.lazily import dataclass
from desktop_crm.base.progress import silent
from desktop_crm.domain.catalog import Choice, EntitySpec, Section, SheetSpec
from desktop_crm.models import fields as kinds
from desktop_crm.models import indexes, migrate, triggers
from desktop_crm.models.database import BUSY_SECONDS
from desktop_crm.models.registry import REGISTER, Entity, Record, as_column
from desktop_crm.models.schema import Column, add_columns, drop_column, table_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from desktop_crm.models.database import Store
    from desktop_crm.models.fields import Declared
    from desktop_crm.models.records import Records

ENTITY: Final = "custom_field"
MOST: Final = 30
"""Columns of one table: a server's rows and its number of indexes have an end."""
AT_ONCE: Final = 4
"""Parts of records whose keys are worked out anew while somebody waits for a field to change."""
SECTION: Final = N_("Further details")
_NAME: Final = re.compile(r"custom_(\d+)_([a-z]+)")
_ROW: Final = ("name", "entity", "label", "kind", "choices", "required", "listed", "sensitive", "hint", "section", "position", "retired")
_MAKERS: Final[dict[str, Any]] = {
    "text": kinds.TextField,
    "note": kinds.NoteField,
    "quantity": kinds.QuantityField,
    "money": kinds.MoneyField,
    "date": kinds.DateField,
    "boolean": kinds.BooleanField,
    "choice": kinds.ChoiceField,
    "customer": kinds.LinkField,
    "user": kinds.LinkField,
}
_LINKS: Final = frozenset({"customer", "user"})
_ALWAYS_INDEXED: Final = frozenset({"money", "date"})


@dataclass(frozen=True)
class CustomField:
    """What a record of `custom_field` says, its texts as they were typed."""

    name: str
    entity: str
    label: str
    kind: str
    choices: str
    required: bool
    listed: bool
    sensitive: bool
    hint: str
    section: str
    position: int | None
    retired: bool


def choices_of(text: str) -> list[str]:
    """Return the choices that are written a line each, without repeats."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def kind_of(column: str) -> str:
    """Return the kind of the field that a column of this name holds; empty where it is no custom field's."""
    found = _NAME.fullmatch(column)
    return found[2] if found and found[2] in _MAKERS else ""


def load(store: Store) -> Mapping[str, Entity]:
    """Return the entities of the company in `store`, with the fields of its own."""
    columns = _columns(store)
    if not columns:
        return REGISTER
    rows = [CustomField(*row) for row in store.sql(f"SELECT {', '.join(f'`{name}`' for name in _ROW)} FROM `{ENTITY}` ORDER BY position, id").fetchall()]
    made = {}
    for name, entry in REGISTER.items():
        there = columns.get(entry.table, ())
        made[name] = _with_fields(entry, there, [row for row in rows if row.entity == name and row.name in there]) if there else entry
    return made


def _columns(store: Store) -> dict[str, list[str]]:
    """Return the columns of custom fields by table, in the order they were made."""
    store.connect()
    if store.mysql:
        found = store.sql("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name LIKE 'custom!_%' ESCAPE '!'").fetchall()
    else:
        text = "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name LIKE 'custom!_%' ESCAPE '!'"
        found = store.sql(text).fetchall()
    made: dict[str, list[str]] = {}
    for table, column in sorted(found, key=lambda row: (row[0], number_of(row[1]))):
        if kind_of(column):
            made.setdefault(table, []).append(column)
    return made


def number_of(column: str) -> int:
    """Return the number in the name of a custom field's column, 0 for any other column."""
    found = _NAME.fullmatch(column)
    return int(found[1]) if found else 0


def _with_fields(entry: Entity, columns: Iterable[str], rows: list[CustomField]) -> Entity:
    """Return an entity with the custom fields `columns` of its table, of which `rows` tell more."""
    told = {row.name: row for row in rows}
    ordered = [*(row.name for row in rows), *(column for column in columns if column not in told)]
    own = {column: _field(entry.model, column, told.get(column)) for column in ordered}
    shown = [row for row in rows if not row.retired]
    return Entity(_spec(entry.spec, shown, own), entry.model, {**entry.fields, **own})


def _field(model: type[Record], column: str, row: CustomField | None) -> Declared:
    """Return the field of a column."""
    kind = kind_of(column)
    options: dict[str, Any] = {"index": kind in _ALWAYS_INDEXED}
    given: list[Any] = []
    if kind in _LINKS:
        given.append(kind)
    if row is None:
        options |= {"internal": True}
    else:
        options |= {"index": kind != "note" and (bool(row.listed) or kind in _ALWAYS_INDEXED), "internal": bool(row.retired)}
        options |= {"required": bool(row.required) and kind != "boolean", "sensitive": bool(row.sensitive), "hint": Own(row.hint)}
        if kind == "choice":
            given += [Choice(one, Own(one)) for one in choices_of(row.choices)]
    made: Declared = _MAKERS[kind](Own(row.label if row else column), *given, **options)
    made.bind(model, column, set_attribute=False)  # type: ignore[attr-defined]  # peewee's
    made.column_name = column  # type: ignore[attr-defined]  # peewee's
    made.spec = replace(made.spec, name=column, own=True)
    return made


def _spec(spec: EntitySpec, rows: list[CustomField], own: Mapping[str, Declared]) -> EntitySpec:
    """Return what an entity is with these fields of its own: where each of them is shown."""
    names = tuple(row.name for row in rows)
    listed = tuple(row.name for row in rows if row.listed and row.kind != "note")
    base = set(Record._meta.fields)
    fields = {name: field for name, field in spec.fields.items() if name not in base}
    fields |= {name: own[name].spec for name in names}
    fields |= {name: field for name, field in spec.fields.items() if name in base}
    sheet = spec.sheet and SheetSpec((*spec.sheet.fields, *names), spec.sheet.label, spec.sheet.given, spec.sheet.example)
    return replace(
        spec,
        fields=fields,
        columns=(*spec.columns, *listed),
        filters=(*spec.filters, *(name for name in listed if name not in spec.filters)),
        search=(*spec.search, *(row.name for row in rows if row.kind == "text")) if spec.search else (),
        totals=(*spec.totals, *(row.name for row in rows if row.kind == "money" and row.listed)),
        form=_form(spec, rows),
        sheet=sheet,
    )


def _form(spec: EntitySpec, rows: list[CustomField]) -> tuple[Section, ...]:
    """Return the form with each field in the section that is named for it, which may be one of its own."""
    sections = [(section.label, list(section.fields)) for section in spec.form]
    for row in rows:
        label = Own(row.section) if row.section else SECTION
        found = next((fields for other, fields in sections if label in in_every_language(other) or other == label), None)
        if found is None:
            found = []
            sections.append((label, found))
        found.append(row.name)
    return tuple(Section(label, *fields) for label, fields in sections)


def column_of(name: str) -> Column:
    """Return the column of a custom field in the language of migrations, by its name alone; computers that don't know it yet leave it out of what they add."""
    field = _field(Record, name, None)
    column = as_column(field, index=bool(field.index))  # type: ignore[attr-defined]  # peewee's
    return replace(column, type="memo") if column.type == "note" else column


@contextmanager
def _unhurried(store: Store) -> Iterator[None]:
    """Let a server add a column at once: one that is empty refers to nothing wrong; and give up after a while where somebody holds the table."""
    if not store.mysql:
        yield
        return
    with store.pinned():
        store.sql(f"SET SESSION foreign_key_checks = 0, lock_wait_timeout = {BUSY_SECONDS}")
        try:
            yield
        finally:
            if not store.db.is_closed():
                store.sql("SET SESSION foreign_key_checks = 1, lock_wait_timeout = DEFAULT")


def make_columns(store: Store, table: str, names: Iterable[str]) -> None:
    """Make the columns `names` of custom fields that a table doesn't have; a table of a company is made anew so."""
    missing = sorted((name for name in set(names) - table_columns(store.db, table) if kind_of(name)), key=number_of)
    if missing:
        with _unhurried(store):
            add_columns(store.db, table, [column_of(name) for name in missing])
        store.read_entities()


def add(store: Store, table: str, kind: str, *, listed: bool) -> str:
    """Make the column of a new field of `kind` in a table, traced and, where it is listed, with its index; return its name, which is the field's.

    Nothing shows it until a record of `custom_field` names it, so nobody writes it untraced. Raises UserError where the table has MOST already, Busy.
    It can be stopped until it is there: on a server that is one statement, which writes the table anew.
    """
    try:
        with migrate.lock(store), store.errors():
            return _add(store, table, kind, listed=listed)
    finally:
        with store.watched(_go_on):
            store.read_entities()


def _add(store: Store, table: str, kind: str, *, listed: bool) -> str:
    there = _columns(store)
    if len(there.get(table, ())) >= MOST:
        raise UserError(_("A list can have {count} custom fields at most. Retire one that nobody needs and give it another name instead").format(count=MOST))
    name = f"custom_{1 + max((number_of(column) for columns in there.values() for column in columns), default=0)}_{kind}"
    column = column_of(name)
    try:
        with _unhurried(store):
            add_columns(store.db, table, [replace(column, index=column.index or (listed and kind != "note"))])
        if store.mysql:
            store.stands()
        store.read_entities()
        triggers.rebuild(store)
    except BaseException:
        # A file forgets it by itself, with the transaction.
        if store.mysql and not store.db.is_closed():
            _take_back(store, table, name)
        raise
    return name


def _take_back(store: Store, table: str, name: str) -> None:
    """Take a column away that a server has made and nobody is to see, over a connection whose statements nobody stops; a link's key holds it: it is shown nowhere and does no harm."""
    store.close()
    with store.watched(_go_on):
        store.connect()
        if kind_of(name) not in _LINKS:
            drop_column(store.db, table, name)
        store.read_entities()


def _go_on() -> None:
    """Stop nothing."""


def settle(store: Store, records: Records) -> None:
    """Bring what is derived in line with the records of `custom_field` after these changed: indexes, and the keys of records that are found by another text now. Where these are many, the rest is left to `rekeying`."""
    from desktop_crm.models import rekeying
    from desktop_crm.models.insertion import keyed_by

    before = store.entities
    now = store.read_entities()
    if indexes.missing(store):
        with migrate.lock(store), store.errors():
            indexes.rebuild(store.db, now)
    for name, entry in now.items():
        turned = {field.name for field in keyed_by(before[name].spec)} ^ {field.name for field in keyed_by(entry.spec)}
        if turned & entry.fields.keys():
            rekeying.ask(store, entry)
            for _part in range(AT_ONCE):
                if not rekeying.some(store, records, silent):
                    break
