"""The one way records are written: derived, numbered, checked, added or changed, and their rules run, inside a change set.

Forms, imports, mass updates and the program's own bookkeeping all come through here. Rights are checked by the use cases
above; the program's own bookkeeping (a receivable that follows from a contract) has no need of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import Blocked, Invalid
from desktop_crm.base.i18n import _
from desktop_crm.base.progress import silent
from desktop_crm.models.fields import LinkField
from desktop_crm.services.batches import find_in, parts
from desktop_crm.services.checking import check_derived, is_empty
from desktop_crm.services.numbers import assign_numbers
from desktop_crm.services.rules import ABOUT, AFTER_SAVE, ALONG, BEFORE_DELETE, BEFORE_SAVE, ONLY, Along, postpone

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from desktop_crm.domain.catalog import Values
    from desktop_crm.models.insertion import Keys
    from desktop_crm.services.rules import AfterSave
    from desktop_crm.services.session import Session


NAMED: Final = 10
"""Records named in a message; the rest are counted."""


def with_defaults(session: Session, name: str, values: Values) -> Values:
    """Return a new record's values with each field's default where nothing is given."""
    return {**session.everything[name].defaults, **values}


def complete(session: Session, name: str, rows: Sequence[Values]) -> None:
    """Fill in what follows from other values: by the entity's rules, then by its own derivation; raises Invalid for a figure too large to be kept."""
    for rule in BEFORE_SAVE[name]:
        rule(session, rows)
    spec = session.everything[name]
    if spec.derive is not None:
        for row in rows:
            spec.derive(row)
            if wrong := check_derived(spec, row):
                raise Invalid(wrong)


def insert_rows(session: Session, name: str, rows: Sequence[Values], *, completed: bool = False, rules: bool = True, keys: Keys | None = None) -> list[int]:
    """Add records and return their ids. `completed` rows have been through `complete`; without `rules` the caller runs them.

    `keys` is as for the records engine's insert.
    """
    if not rows:
        return []
    if not completed:
        complete(session, name, rows)
    assign_numbers(session, session.everything[name], rows)
    made = session.records.insert(session.entity(name), rows, session.now, keys=keys)
    if rules:
        run_after_save(session, name, made, added=rows)
    return made


def update_row(session: Session, name: str, key: int, values: Values, *, rules: bool = True) -> None:
    """Change one record to `values`, which hold all its written fields."""
    complete(session, name, [values])
    assign_numbers(session, session.everything[name], [values])
    session.records.update(session.entity(name), key, session.records.completed(session.entity(name), values), session.now)
    if rules:
        run_after_save(session, name, [key])


def update_rows(session: Session, name: str, ids: Sequence[int], values: Values) -> None:
    """Set `values` on some hundred records at once, with what follows from them: one statement for all that change alike."""
    entry = session.entity(name)
    keyed = {entry.spec.title, *entry.spec.search}
    stored = session.records.rows(entry, ids, _read_for(session, name, values, keyed))
    rows = [{**row, **values} for row in stored]
    complete(session, name, rows)
    assign_numbers(session, session.everything[name], rows)
    alike: dict[str, tuple[Values, list[int]]] = {}
    for old, row in zip(stored, rows, strict=True):
        changes = {key: row[key] for key in row if key in old and row[key] != old[key]}
        if keyed & changes.keys():
            new = session.records.completed(entry, row)
            changes |= {key: new[key] for key in ("search_key", "sort_key") if new[key] != old[key]}
        alike.setdefault(repr(sorted(changes.items())), (changes, []))[1].append(old["id"])
    for changes, keys in alike.values():
        if changes:
            session.records.change(entry, keys, changes, session.now)
    run_after_save(session, name, [row["id"] for row in stored], {key for changes, _keys in alike.values() for key in changes})


def _read_for(session: Session, name: str, values: Values, keyed: set[str]) -> list[str]:
    """Return the fields to be read before `values` are set: all that are written where keys of search, what rules complete or what is derived may follow."""
    spec = session.everything[name]
    if keyed & values.keys() or BEFORE_SAVE[name] or spec.derive:
        return [*session.entity(name).written()]
    numbers = [one for field in spec.numbered_fields for one in (field.name, field.dated_by) if one]
    return [*dict.fromkeys((*values, *numbers))]


def run_after_save(session: Session, name: str, ids: Sequence[int], changed: set[str] | None = None, *, added: Sequence[Values] = ()) -> None:
    """Run the rules of an entity for records that were added or changed; `changed` are all the fields that may have, where that is known.

    For new ones `added` are the values they were added with: rules that say nothing of such records are left out.
    """
    if postpone(name, ids):
        return
    for rule in AFTER_SAVE[name]:
        if added and not _concerns(session, name, rule, added):
            continue
        if changed is None or rule not in ONLY or ONLY[rule] & changed:
            rule(session, ids)


def _concerns(session: Session, name: str, rule: AfterSave, rows: Sequence[Values]) -> bool:
    """Tell whether a rule after a save says anything of new records: what all of them leave empty is as it is in no record at all."""
    about = ABOUT.get(rule)
    if about is not None:
        return any(map(about, rows))
    if rule not in ONLY:
        return True
    fields = session.everything[name].fields
    return any(one not in fields or fields[one].derived or not all(is_empty(row.get(one)) for row in rows) for one in ONLY[rule])


def run_parents_rules(session: Session, name: str, ids: Sequence[int]) -> None:
    """Run the rules of the records that the lines `ids` belong to; only once all their lines are written."""
    if session.everything[name].parent:
        run_rules_of(session, name, parents_of(session, name, ids))


def parents_of(session: Session, name: str, ids: Sequence[int]) -> list[int]:
    """Return the records that the lines `ids` belong to; none where the entity's records are no lines."""
    spec = session.everything[name]
    rows = session.records.rows(session.entity(name), ids, [spec.parent]) if spec.parent else []
    return list(dict.fromkeys(row[spec.parent] for row in rows))


def run_rules_of(session: Session, name: str, parents: Sequence[int]) -> None:
    """Run the rules of the records in `parents`, whose lines of the entity `name` were added, changed or removed."""
    if parents:
        spec = session.everything[name]
        run_after_save(session, spec.fields[spec.parent].link, parents)


def gone_with(session: Session, name: str) -> list[Along]:
    """Return what is deleted with the records of an entity: what its rules declare, then its lines."""
    lines = [
        Along(entry.name, field.spec.name)
        for entry in session.everything.values()
        for field in session.entity(entry.name).fields.values()
        if isinstance(field, LinkField) and field.cascade and field.spec.link == name
    ]
    return [*ALONG[name], *lines]


def delete_rows(session: Session, name: str, ids: Sequence[int], step: Callable[[int, int], None] = silent) -> None:
    """Delete records with their lines; raises Blocked, naming them, where other records refer to one of them, and what `step` raises to stop it."""
    if not ids:
        return
    step(0, len(ids))
    for rule in BEFORE_DELETE[name]:
        rule(session, ids)
    for along in gone_with(session, name):
        going = [row["id"] for row in find_in(session, along.entity, along.link, ids, [], along.condition)]
        delete_rows(session, along.entity, going, lambda _done, _total: step(0, len(ids)))
    blocked = session.log.links_to(name, list(ids))
    if blocked:
        named = _(", ").join(f"{session.everything[item.entity].singular} {item.title or item.id}" for item in blocked[:NAMED])
        more = _(" and {count} more").format(count=len(blocked) - NAMED) if len(blocked) > NAMED else ""
        raise Blocked(_("This can't be deleted, because it is used by: {records}").format(records=named + more), blocked)
    done = 0
    for part in parts(ids):
        step(done, len(ids))
        session.records.delete(session.entity(name), part)
        done += len(part)


def stored_values(session: Session, name: str, key: int) -> Values | None:
    """Return all written fields of a record as it stands, without regard to rights; None where it is gone."""
    entry = session.entity(name)
    rows = session.records.rows(entry, [key], [*entry.written()])
    return rows[0] if rows else None
