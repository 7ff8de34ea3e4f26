"""What a user does with the records of any entity: look, search, save, delete, change many at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import Conflict, FieldConflict, FieldProblem, Invalid, NotAllowed, NotFound
from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.base.lazily import dataclass, module
from desktop_crm.base.progress import silent
from desktop_crm.domain.catalog import EntitySpec, Ref, Values
from desktop_crm.domain.conditions import EVERYTHING, Condition, Every, Matching, Query, Where, both

if TYPE_CHECKING:
    from desktop_crm.services import batches, checking, writing
    from desktop_crm.services.session import Changes, Session
else:
    # The first list is there before anything can be saved.
    batches, checking, writing = (module(f"desktop_crm.services.{name}") for name in ("batches", "checking", "writing"))

Lines = Mapping[str, Sequence[Values]]
"""The lines of a record by line entity, in their order; those that are there and not named are deleted."""

Step = Callable[[int, int], None]


@dataclass
class Saved:
    """A saved record: its id, and the fields another user's change was merged into."""

    id: int
    merged: list[str] = dataclasses.field(default_factory=list)


SUGGESTIONS: Final = 12


def listed(session: Session, query: Query) -> Query:
    """Return the query with the reader's rights in it."""
    return Query(query.entity, session.readable(query.entity, query.condition), query.sort, query.descending, query.columns)


def count(session: Session, name: str, condition: Condition = EVERYTHING) -> int:
    """Return how many records this person may see that fulfil the condition."""
    return session.records.count(session.entity(name), session.readable(name, condition))


def totals(session: Session, name: str, condition: Condition = EVERYTHING) -> dict[str, Any]:
    """Return the count and the sums of the entity's total columns over everything that matches."""
    spec = session.spec(name)
    return session.records.totals(session.entity(name), session.readable(name, condition), spec.totals)


@dataclass(frozen=True)
class Figures:
    """What a spreadsheet tells of a column: the sum and the count of what is filled in."""

    sum: Decimal
    count: int


def figures(session: Session, name: str, condition: Condition, field: str) -> Figures:
    """Return the sum and count of a numeric field over everything that matches and this person may see."""
    spec, asked = session.spec(name), session.readable(name, condition)
    found = session.records.totals(session.entity(name), asked, [spec.fields[field].name])
    return Figures(Decimal(found[field]), session.records.count(session.entity(name), both(asked, Where(field, "filled"))))


def page(session: Session, query: Query, *, offset: int = 0, limit: int = 100, total: int | None = None) -> list[Values]:
    """Return the rows of a list from `offset` on, links as Ref; `total` is the list's count, which makes its end as near as its start."""
    spec = session.spec(query.entity)
    ids = session.records.ids(listed(session, query), limit=limit, offset=offset, count=total)
    return read(session, spec, ids, query.columns or spec.columns)


def read(session: Session, spec: EntitySpec, ids: Sequence[int], names: Sequence[str]) -> list[Values]:
    """Return records by id in that order, with links as Ref: one query for the rows and one for each link column."""
    wanted = [name for name in names if name in spec.fields]
    rows = session.records.rows(session.entity(spec.name), ids, wanted)
    return with_titles(session, spec, rows, wanted)


def with_titles(session: Session, spec: EntitySpec, rows: list[Values], names: Sequence[str]) -> list[Values]:
    """Turn the ids of links into Ref."""
    for name in names:
        link = spec.fields[name].link if name in spec.fields else ""
        if not link:
            continue
        found = session.records.titles(session.entity(link), {row[name] for row in rows if row[name] is not None})
        for row in rows:
            if row[name] is not None:
                row[name] = Ref(row[name], found.get(row[name], ""))
    return rows


def get(session: Session, name: str, key: int) -> Values:
    """Return one record with every field this person may see; raises NotFound."""
    spec = session.spec(name)
    # Whoever sees all is answered with one question.
    found = read(session, spec, [key], list(spec.fields)) if session.scope(name) is EVERYTHING or count(session, name, Where("id", "eq", key)) else []
    if not found:
        raise NotFound(_("This {entity} is not there any more, or you have no right to see it").format(entity=in_sentence(spec.singular)))
    return found[0]


def lines(session: Session, name: str, key: int) -> dict[str, list[Values]]:
    """Return the lines of a record by line entity, in their order."""
    found: dict[str, list[Values]] = {}
    for child in session.catalog.children(name):
        entry = session.entity(child.name)
        condition = session.readable(child.name, Where(child.parent, "eq", key))
        ids = session.records.ids(Query(child.name, condition, child.sort or "id"))
        found[child.name] = with_titles(session, child, session.records.rows(entry, ids, list(child.fields)), list(child.fields))
    return found


def new(session: Session, name: str, /, **given: Any) -> Values:
    """Return the values a new record starts with: defaults, this person as the owner, and what is given."""
    spec = session.spec(name)
    values = writing.with_defaults(session, name, given)
    if spec.owner and values.get(spec.owner) is None:
        values[spec.owner] = Ref(session.person.id, session.person.name)
    for link in [key for key, value in given.items() if isinstance(value, int) and key in spec.fields and spec.fields[key].link]:
        filled(session, spec, values, link)
    return values


def filled(session: Session, spec: EntitySpec, values: Values, link: str) -> list[str]:
    """Copy what the chosen link gives into fields that are empty; return their names."""
    target = spec.fields[link]
    if not target.fills or values.get(link) is None:
        return []
    asked = session.spec(target.link)
    open_ones = {name: source for name, source in target.fills.items() if source in asked.fields and values.get(name) in (None, "")}
    if not open_ones:
        return []
    rows = read(session, asked, [int(values[link])], [*open_ones.values()])
    if not rows or not (session.scope(target.link) is EVERYTHING or checking.seen(session, target.link, int(values[link]))):
        raise NotFound(_("This {entity} is not there any more, or you have no right to see it").format(entity=in_sentence(asked.singular)))
    other = rows[0]
    names = [name for name, source in open_ones.items() if other[source] not in (None, "")]
    for name in names:
        values[name] = other[open_ones[name]]
    return names


def save(session: Session, name: str, values: Values, *, key: int | None = None, base: Values | None = None, lines: Lines | None = None) -> Changes[Saved]:
    """Add a record, or change the one with `key`, with its lines; returns its id.

    `base` is the record as the user began with it: fields that only one side changed since merge by themselves, and Conflict
    is raised where both changed one. Raises Invalid naming each field that is wrong, NotAllowed, NotFound.
    """
    spec = session.spec(name)
    require_write(session, name)
    label = (_("{entity} added") if key is None else _("{entity} changed")).format(entity=spec.singular)

    def work() -> Saved:
        done = save_within(session, spec, dict(values), key, base, lines or {})
        session.relabel(lambda: _named(session, name, label, done.id))
        return done

    return session.write("save", label, work)


def save_within(session: Session, spec: EntitySpec, values: Values, key: int | None, base: Values | None, lines: Lines) -> Saved:
    """Save a record as `save` does inside the open change set, which has a label of its own; that this person may write such records is the caller's to ask."""
    merged: list[str] = []
    fresh = key is None
    if key is None:
        current: Values = writing.with_defaults(session, spec.name, {})
    else:
        held = session.records.lock(session.entity(spec.name), key)
        stored = writing.stored_values(session, spec.name, key) if held is not None else None
        if stored is None or not session.records.count(session.entity(spec.name), both(Where("id", "eq", key), session.scope(spec.name, "write"))):
            raise NotFound(_("This {entity} is not there any more, or you have no right to change it").format(entity=in_sentence(spec.singular)))
        current = stored
        if base is not None and base.get("version") != current["version"]:
            merged = _merge(spec, base, values, current)
    typed = {field.name: values[field.name] for field in spec.typed_fields() if field.name in values}
    full = {**current, **typed}
    problems = [problem for problem in checking.check_values(spec, full, skip=_given_later(spec)) if not problem.warning]
    problems += checking.check_unique(session, spec, full, key) + checking.check_links(session, spec, full, current)
    if problems:
        raise Invalid(problems)
    last = next((child for child, rows in reversed([*lines.items()]) if rows), "")
    if key is None:
        if not last:
            session.log.expect_the_end()
        (key,) = writing.insert_rows(session, spec.name, [full], rules=False)
    else:
        writing.update_row(session, spec.name, key, full, rules=False)
    for child, rows in lines.items():
        if child == last and fresh:
            session.log.expect_the_end()
        save_lines(session, session.spec(child), key, rows, fresh=fresh)
    writing.run_after_save(session, spec.name, [key], added=[full] if fresh else ())
    writing.run_parents_rules(session, spec.name, [key])
    still_allowed(session, spec.name, [key])
    return Saved(key, merged)


def _named(session: Session, name: str, label: str, key: int) -> str:
    """Return the label of what was done to a record, with its title."""
    return f"{label} {session.records.titles(session.entity(name), [key]).get(key, '')}".strip()


def _given_later(spec: EntitySpec) -> list[str]:
    """Return required fields a rule of the entity fills in itself when they are empty: those with a number rule."""
    return [field.name for field in spec.numbered_fields]


def still_allowed(session: Session, name: str, ids: Sequence[int]) -> None:
    """Raise NotAllowed where a write would give records away to where this person can't write them any more."""
    if session.scope(name, "write") is EVERYTHING:
        return
    mine = sum(session.records.count(session.entity(name), both(Where("id", "in", part), session.scope(name, "write"))) for part in batches.parts(ids))
    if mine != len(set(ids)):
        raise NotAllowed(_("You can't give a record to somebody whose records you may not change. Ask a manager to do it"))


def _merge(spec: EntitySpec, base: Values, mine: Values, theirs: Values) -> list[str]:
    """Take over what only the other side changed into `mine`; raise Conflict where both changed a field differently."""
    conflicts, merged = [], []
    for field in spec.typed_fields():
        name = field.name
        if name not in mine or name not in base or theirs.get(name) == base[name]:
            continue
        if mine[name] == base[name]:
            mine[name] = theirs[name]
            merged.append(name)
        elif mine[name] != theirs[name]:
            conflicts.append(FieldConflict(name, base[name], mine[name], theirs[name]))
    if conflicts:
        names = _(", ").join(spec.fields[conflict.field].title for conflict in conflicts)
        raise Conflict(_("Somebody else changed this meanwhile: {fields}. Choose which to keep").format(fields=names), current=dict(theirs), fields=conflicts)
    return merged


def save_lines(session: Session, spec: EntitySpec, parent: int, rows: Sequence[Values], *, fresh: bool = False) -> None:
    """Make the lines of a record, which has none where it is `fresh`, equal to `rows`: changed, added and deleted, inside the open change set."""
    entry = session.entity(spec.name)
    there = {} if fresh else {row["id"]: row for row in batches.find_in(session, spec.name, spec.parent, [parent], list(entry.written()))}
    problems, added = [], []
    kept: set[int] = set()
    for number, row in enumerate(rows, 1):
        typed = {field.name: row[field.name] for field in spec.typed_fields() if field.name in row}
        old = there.get(row.get("id") or 0)
        full = {**(old or writing.with_defaults(session, spec.name, {})), **typed, spec.parent: parent}
        if "position" in spec.fields:
            full["position"] = number
        for problem in checking.check_values(spec, full) + checking.check_links(session, spec, full, {spec.parent: parent, **(old or {})}):
            if not problem.warning:
                message = _("{lines} {number}: {message}").format(lines=spec.singular, number=number, message=problem.message)
                problems.append(FieldProblem(f"{spec.name}.{number}.{problem.field}", message))
        if problems:
            continue
        if old is None:
            added.append(full)
        else:
            kept.add(old["id"])
            writing.complete(session, spec.name, [full])
            if any(full.get(key) != value for key, value in old.items()):
                writing.update_row(session, spec.name, old["id"], full)
    if problems:
        raise Invalid(problems)
    writing.delete_rows(session, spec.name, [key for key in there if key not in kept])
    writing.insert_rows(session, spec.name, added)


def delete(session: Session, name: str, ids: Sequence[int], *, step: Step = silent) -> Changes[int]:
    """Delete records with their lines; returns how many. Raises Blocked where others refer to one, NotAllowed."""
    spec = session.spec(name)
    require_write(session, name)
    return session.write("delete", _("{entity} deleted: {count}").format(entity=spec.singular, count=len(ids)), lambda: _delete(session, name, ids, step))


def _delete(session: Session, name: str, ids: Sequence[int], step: Step) -> int:
    allowed = session.records.ids_where(session.entity(name), both(Where("id", "in", list(ids)), session.scope(name, "write")))
    if len(allowed) != len(set(ids)):
        raise NotAllowed(_("You have no right to delete some of these, so none was deleted"))
    parents = writing.parents_of(session, name, allowed)
    writing.delete_rows(session, name, allowed, step)
    writing.run_rules_of(session, name, parents)
    return len(allowed)


def change_many(session: Session, name: str, condition: Condition, values: Values, *, step: Step = silent) -> Changes[int]:
    """Set the fields in `values` on every record that fulfils the condition; returns how many. One change set, undone in one step."""
    spec = session.spec(name)
    require_write(session, name)
    problems = [problem for problem in checking.check_values(spec, values, only=list(values)) if not problem.warning]
    if problems:
        raise Invalid(problems)
    names = _(", ").join(spec.fields[key].title for key in values)

    def work() -> int:
        ids = session.records.ids_where(session.entity(name), Every((session.readable(name, condition), session.scope(name, "write"))))
        done = 0
        for part in batches.parts(ids):
            step(done, len(ids))
            writing.update_rows(session, name, part, values)
            done += len(part)
        still_allowed(session, name, ids)
        writing.run_parents_rules(session, name, ids)
        return len(ids)

    return session.write("change_many", _("{fields} changed on many: {entity}").format(fields=names, entity=spec.plural), work)


def suggest(session: Session, name: str, text: str, *, limit: int = SUGGESTIONS, condition: Condition = EVERYTHING) -> list[Ref]:
    """Return records whose search text holds every word of `text`, for a look-up; the best known name first."""
    spec = session.spec(name)
    ids = session.records.ids(Query(name, session.readable(name, both(condition, Matching(text)))), limit=limit)
    found = session.records.titles(session.entity(spec.name), ids)
    return [Ref(key, found[key]) for key in ids if key in found]


def require_write(session: Session, name: str) -> None:
    """Raise NotAllowed where this person's role changes nothing of the entity."""
    if not session.may_write(name):
        raise NotAllowed(_("Your role may look at this but not change it. Ask your administrator"))
