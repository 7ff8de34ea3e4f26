"""Who changed what, in words a user reads."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import NotFound
from desktop_crm.base.i18n import N_, _, in_sentence
from desktop_crm.domain.catalog import BASE_FIELDS, EntitySpec
from desktop_crm.domain.conditions import Where, both
from desktop_crm.models.reading import read_state
from desktop_crm.services import policy
from desktop_crm.services.records import count
from desktop_crm.services.undoing import UNDO_ANY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from desktop_crm.models.changes import Entry, RecordChange
    from desktop_crm.services.session import Session

Titles = dict[str, dict[int, str]]
"""Titles of records by entity and id."""

WORDS: Final = {"insert": N_("Added"), "update": N_("Changed"), "delete": N_("Deleted")}


@dataclass(frozen=True)
class FieldChange:
    """One field of a record before and after, as texts: links as titles, amounts and dates as the screens show them."""

    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Event:
    """What one action did to one record: the record itself or one of its lines.

    `kind` is ``insert``, ``update`` or ``delete`` and `word` says it to the user; `label` is the whole action's. `hidden` tells that this
    person may not see the record: then there is neither title nor fields.
    """

    change_set: int
    at: datetime
    who: str
    computer: str
    label: str
    entity: str
    record: int
    title: str
    kind: str
    fields: tuple[FieldChange, ...]
    hidden: bool = False

    @property
    def word(self) -> str:
        """Added, changed or deleted, in the language in use."""
        return _(WORDS[self.kind])


@dataclass
class _Raw:
    """The changes of one record in one change set, joined: the stored values before the first and after the last."""

    entry: Entry
    entity: str
    record: int
    kind: str
    before: dict[str, Any]
    after: dict[str, Any]


def record_history(session: Session, name: str, key: int) -> list[Event]:
    """Return what happened to a record, its lines and what is `told` of it, the latest first; fields this person may not see are left out.

    A deleted record's history is there for those who see everything of its area. Raises NotFound, NotAllowed.
    """
    spec = session.spec(name)
    if not count(session, name, Where("id", "eq", key)):
        there = session.records.state(session.entity(name), key) is not None
        if there or policy.right(session.person, session.everything, spec).read != "all" or not session.log.history(name, key):
            raise NotFound(_("This {entity} is not there any more, or you have no right to see it").format(entity=in_sentence(spec.singular)))
    raw = _joined(session.log.history(name, key))
    for child in session.catalog.children(name):
        raw += _of_links(session, child.name, child.parent, key)
    for told, field in session.catalog.linking_to(name):
        if field.told:
            found = _of_links(session, told.name, field.name, key)
            hidden = _hidden(session, found)
            raw += [one for one in found if (one.entity, one.record) not in hidden]
    return _worded(session, sorted(raw, key=lambda change: (-change.entry.id, change.entity != name, change.record)))


def field_history(session: Session, name: str, key: int, field: str) -> list[Event]:
    """Return who changed one field of a record, the latest first: the events of `record_history` with this field alone."""
    events = [event for event in record_history(session, name, key) if event.entity == name and event.record == key]
    return [replace(event, fields=found) for event in events if (found := tuple(one for one in event.fields if one.field == field))]


def worded(session: Session, changes: Sequence[RecordChange]) -> list[Event]:
    """Return changes of any records in words, one event each; what this person may not see without title and fields."""
    raw = [_Raw(one.entry, one.entity, one.record_id, one.action, one.before, one.after) for one in changes]
    hidden = _hidden(session, raw)
    shown = iter(_worded(session, [one for one in raw if (one.entity, one.record) not in hidden], every=True))
    return [
        Event(one.entry.id, one.entry.at, one.entry.user_name, one.entry.computer, one.entry.label, one.entity, one.record, "", one.kind, (), hidden=True)
        if (one.entity, one.record) in hidden else next(shown)
        for one in raw
    ]


def _hidden(session: Session, changes: Sequence[_Raw]) -> set[tuple[str, int]]:
    """Return the records that this person may not see. Deleted ones are there for those who see all of their area, and whoever did it."""
    hidden: set[tuple[str, int]] = set()
    for name in {one.entity for one in changes}:
        ids = {one.record for one in changes if one.entity == name}
        if name not in session.catalog:
            hidden |= {(name, one) for one in ids}
            continue
        if policy.right(session.person, session.everything, session.everything[name]).read == "all":
            continue
        entry, records = session.entity(name), session.records
        there = Where("id", "in", sorted(ids))
        seen = set(records.ids_where(entry, both(there, session.scope(name))))
        gone = ids - set(records.ids_where(entry, there))
        own = {one.record for one in changes if one.entity == name and one.entry.user_id == session.person.id}
        hidden |= {(name, one) for one in ids - seen - (gone & own)}
    return hidden


def recent(session: Session, limit: int = 50) -> list[Entry]:
    """Return the latest actions, the latest first: everybody's for an administrator or manager, otherwise one's own."""
    if session.person.role in UNDO_ANY:
        return session.log.entries(limit=limit)
    return session.log.entries("WHERE s.user_id = ?", (session.person.id,), limit=limit)


def _of_links(session: Session, name: str, link: str, key: int) -> list[_Raw]:
    """Return the changes of the records whose `link` points to a record or did when they were deleted: those are found in what they were before."""
    there = session.records.ids_where(session.entity(name), Where(link, "eq", key))
    gone = session.store.sql(
        f"SELECT DISTINCT record_id FROM `change` WHERE entity = ? AND action = 'delete' AND JSON_EXTRACT(state_before, '$.{link}') = ?",  # noqa: S608 - a declared name
        (name, key),
    ).fetchall()
    return [change for one in dict.fromkeys([*there, *(int(row[0]) for row in gone)]) for change in _joined(session.log.history(name, one))]


def _joined(changes: Sequence[RecordChange]) -> list[_Raw]:
    """Join the changes of one record, the latest first, to one for each change set; what came out as it was is left out."""
    made: list[_Raw] = []
    for change in changes:
        if made and made[-1].entry.id == change.entry.id:
            last = made[-1]
            last.before |= change.before
            last.after = {**change.after, **last.after}
            last.kind = last.kind if last.kind == "delete" else change.action
        else:
            made.append(_Raw(change.entry, change.entity, change.record_id, change.action, dict(change.before), dict(change.after)))
    return [raw for raw in made if any(raw.before.get(key) != raw.after.get(key) for key in raw.before.keys() | raw.after.keys())]


def _worded(session: Session, changes: Sequence[_Raw], *, every: bool = False) -> list[Event]:
    titles = _titles(session, changes)
    made = []
    for raw in changes:
        spec, entry = session.catalog[raw.entity], raw.entry
        fields = tuple(_field_changes(session, spec, raw, titles))
        if fields or every or raw.kind != "update":
            title = titles[raw.entity].get(raw.record) or _gone_title(session, spec, raw, titles)
            made.append(Event(entry.id, entry.at, entry.user_name, entry.computer, entry.label, raw.entity, raw.record, title, raw.kind, fields))
    return made


def _gone_title(session: Session, spec: EntitySpec, raw: _Raw, titles: Titles) -> str:
    """Return the title of a record that isn't there any more, from what it was; a line deleted with others may have been unnamed."""
    was, became = raw.before.get(spec.title), raw.after.get(spec.title)
    value = became if was is None else was
    return _shown(session, spec, spec.title, value, titles)


def _titles(session: Session, changes: Iterable[_Raw]) -> Titles:
    """Return the titles of every record that the changes are about or point to, by entity: one question an entity."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for raw in changes:
        wanted[raw.entity].add(raw.record)
        for field in session.catalog[raw.entity].fields.values():
            if field.link:
                wanted[field.link] |= {int(value) for value in (raw.before.get(field.name), raw.after.get(field.name)) if value is not None}
    found = {name: session.records.titles(session.entity(name), ids) for name, ids in wanted.items()}
    for name, titles in found.items():
        titles.update(_former_titles(session, name, wanted[name] - titles.keys()))
    return defaultdict(dict, found)


def _former_titles(session: Session, name: str, gone: Iterable[int]) -> dict[int, str]:
    """Return the titles deleted records had, for those who see all of their area; one whose title is another record's has none."""
    entry, made = session.entity(name), {}
    field = entry.spec.fields[entry.spec.title]
    if field.link or name not in session.catalog or policy.right(session.person, session.everything, entry.spec).read != "all":
        return {}
    for one in gone:
        row = session.store.sql("SELECT state_before FROM `change` WHERE entity = ? AND record_id = ? AND action = 'delete' ORDER BY id DESC LIMIT 1", (name, one)).fetchone()
        if row:
            made[one] = field.show(entry.fields[field.name].from_database(read_state(row[0]).get(field.name)))
    return made


def _field_changes(session: Session, spec: EntitySpec, raw: _Raw, titles: Titles) -> Iterator[FieldChange]:
    written = session.entity(spec.name).written()
    for name, field in spec.fields.items():
        if name in BASE_FIELDS or name == spec.parent or name not in written:
            continue
        before, after = raw.before.get(name), raw.after.get(name)
        if raw.kind != "update" and not (before or after):
            # What a new record leaves empty is no change.
            continue
        shown = _shown(session, spec, name, before, titles), _shown(session, spec, name, after, titles)
        if shown[0] != shown[1]:
            yield FieldChange(name, field.title, *shown)


def _shown(session: Session, spec: EntitySpec, name: str, stored: Any, titles: Titles) -> str:
    """Return a stored value as its screen shows it; a linked record that is gone as its number."""
    field = spec.fields[name]
    if stored is None:
        return ""
    if field.link:
        return titles[field.link].get(int(stored)) or f"#{stored}"
    return field.show(session.entity(spec.name).fields[name].from_database(stored))
