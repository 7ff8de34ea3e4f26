"""Making one record of several that mean the same: everything that hangs on them moves to the one that stays, in one change set.

Which entities this is for is declared (`mergeable`). Links are moved in the database's own bookkeeping, whoever owns what they
belong to, as a deletion takes lines along; only the records that become one must be this person's to change.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from desktop_crm.base.errors import Conflict, Invalid, NotAllowed, NotFound, UserError
from desktop_crm.base.i18n import _, in_sentence
from desktop_crm.base.progress import silent
from desktop_crm.domain.conditions import Where, both
from desktop_crm.services import writing
from desktop_crm.services.batches import find_in
from desktop_crm.services.books import check_books
from desktop_crm.services.checking import check_links, check_unique, check_values, is_empty
from desktop_crm.services.records import Step, read, require_write, still_allowed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec, Values
    from desktop_crm.services.session import Changes, Session

Moved = dict[str, list[int]]
"""Ids of the records whose links were moved, by entity."""


@dataclass
class Merged:
    """What a merge did: the record that stayed, and how many records of each entity were moved to it."""

    id: int
    moved: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Moving:
    """Records of one entity that a merge moves to the record that stays: how many, and from which of the records, by id.

    `hidden` counts those among them that this person may not see; they move all the same.
    """

    entity: str
    count: int
    by_record: Mapping[int, int]
    hidden: int = 0


@dataclass(frozen=True)
class Offer:
    """What a merge has to decide: the records with all their fields, in the order asked for, and what moves."""

    rows: list[Values]
    moves: list[Moving]

    def versions(self) -> dict[int, int]:
        """Return the versions of the records as they were read."""
        return {row["id"]: row["version"] for row in self.rows}


def offer(session: Session, name: str, ids: Sequence[int]) -> Offer:
    """Return what there is to choose from when the records `ids` are merged; raises NotFound, NotAllowed, UserError."""
    spec = session.spec(name)
    _refuse(session, spec, ids)
    rows = read(session, spec, list(dict.fromkeys(ids)), list(spec.fields))
    return Offer(rows, _moving(session, name, [row["id"] for row in rows]))


def proposal(spec: EntitySpec, rows: Sequence[Values], keep: int) -> Values:
    """Return the values a merge begins with: those of the record that stays, filled from the others, and sums of what adds up."""
    ordered = sorted(rows, key=lambda row: row["id"] != keep)
    made: Values = {}
    for one in spec.typed_fields():
        held = [row[one.name] for row in ordered if not is_empty(row.get(one.name))]
        made[one.name] = sum(held, Decimal(0)) if one.adds_up and held else held[0] if held else ordered[0].get(one.name)
    return made


def merge(
    session: Session, name: str, keep: int, others: Sequence[int], values: Values, *, versions: Mapping[int, int] | None = None, step: Step = silent
) -> Changes[Merged]:
    """Make one record of `keep` and `others`: `keep` gets `values`, every link to the others points to it, the others are deleted.

    `versions` are those of the records as the user saw them: Conflict is raised where one was changed since. Fields that add up
    become the sum, whatever `values` say, and fields this person may not see keep what there is. One change set, undone in one
    step. Raises Invalid naming each field that is wrong, NotAllowed, NotFound, and UserError where the entity isn't mergeable.
    """
    spec = session.spec(name)
    gone = [key for key in dict.fromkeys(others) if key != keep]

    def work() -> Merged:
        _refuse(session, spec, [keep, *gone])
        stored = _locked(session, spec, [keep, *gone], versions or {})
        titles = session.records.titles(session.entity(name), [keep, *gone])
        full = _result(session, spec, stored, values)
        # An undo runs backwards: what pointed to a record that goes must have been let go of before it went.
        moved = _move(session, name, keep, gone, step)
        _write(session, spec, keep, full)
        _fold_lines(session, name, keep, moved)
        for key in _inner_first(spec, stored[1:]):
            writing.delete_rows(session, name, [key])
        check_books(session, moved)
        _refuse_circle(session, spec, keep)
        still_allowed(session, name, [keep])
        session.relabel(_label(session, spec, keep, [titles.get(key, "") for key in gone]))
        return Merged(keep, {entity: len(ids) for entity, ids in moved.items()})

    return session.write("merge", _("{entity} merged").format(entity=spec.plural), work)


def _label(session: Session, spec: EntitySpec, keep: int, gone: Sequence[str]) -> str:
    title = session.records.titles(session.entity(spec.name), [keep]).get(keep, "")
    return _("{entity} merged: {others} into {title}").format(entity=spec.plural, others=_(", ").join(gone), title=title)


def _refuse(session: Session, spec: EntitySpec, ids: Sequence[int]) -> None:
    """Raise where the records can't be merged by this person, or by nobody."""
    require_write(session, spec.name)
    if not spec.mergeable:
        raise UserError(_("{entity} can't be merged, because each was issued or posted by itself").format(entity=spec.plural))
    different = set(ids)
    if len(different) < 2:  # noqa: PLR2004 - one alone is one already
        raise UserError(_("Choose at least two different records to merge"))
    named = Where("id", "in", sorted(different))
    entry = session.entity(spec.name)
    if session.records.count(entry, session.readable(spec.name, named)) != len(different):
        raise NotFound(_("One of these records is not there any more, or you have no right to see it"))
    if session.records.count(entry, both(named, session.scope(spec.name, "write"))) != len(different):
        raise NotAllowed(_("You may not change all of these, so they can't be merged by you. Ask a manager"))


def _locked(session: Session, spec: EntitySpec, ids: Sequence[int], versions: Mapping[int, int]) -> list[Values]:
    """Hold the records, in the order of their ids, and return them, the one that stays first."""
    held = {key: session.records.lock(session.entity(spec.name), key) for key in sorted(ids)}
    rows = []
    for key in ids:
        row = writing.stored_values(session, spec.name, key)
        if row is None:
            raise NotFound(_("One of these records is not there any more, or you have no right to see it"))
        if key in versions and held[key] != versions[key]:
            title = session.records.titles(session.entity(spec.name), [key])[key]
            raise Conflict(_("“{title}” was changed by somebody meanwhile, so nothing was merged. Look at the values again").format(title=title), current=dict(row))
        rows.append(row)
    return rows


def _result(session: Session, spec: EntitySpec, stored: Sequence[Values], values: Values) -> Values:
    """Return all written values of the record that stays; raises Invalid."""
    keep, others = stored[0], stored[1:]
    ids = [row["id"] for row in stored]
    full = dict(keep)
    for one in session.everything[spec.name].typed_fields():
        if one.adds_up:
            held = [row[one.name] for row in stored if row[one.name] is not None]
            full[one.name] = sum(held, Decimal(0)) if held else None
        elif one.name in spec.fields and one.name in values:
            full[one.name] = values[one.name]
        elif is_empty(full[one.name]):
            full[one.name] = next((row[one.name] for row in others if not is_empty(row[one.name])), full[one.name])
        if one.link == spec.name and full[one.name] in ids:
            full[one.name] = None
    known = {one.name: full[one.name] if _among(full[one.name], one.name, stored) else keep[one.name] for one in spec.typed_fields()}
    problems = [problem for problem in check_values(spec, full) if not problem.warning]
    problems += check_unique(session, spec, full, keep["id"], besides=[row["id"] for row in others]) + check_links(session, spec, full, known)
    if problems:
        raise Invalid(problems)
    return full


def _among(value: Any, name: str, stored: Sequence[Values]) -> bool:
    return any(row[name] == value for row in stored)


def _write(session: Session, spec: EntitySpec, keep: int, full: Values) -> None:
    """Write the result with the rules of its entity, except what adds up: the documents behind it came along already."""
    sums = {one.name: full[one.name] for one in session.everything[spec.name].typed_fields() if one.adds_up}
    before = writing.stored_values(session, spec.name, keep) or {}
    writing.update_row(session, spec.name, keep, {**full, **{name: before[name] for name in sums}})
    changed = {name: value for name, value in sums.items() if before[name] != value}
    if changed:
        session.records.update(session.entity(spec.name), keep, changed, session.now)


def _links(session: Session, name: str) -> list[tuple[EntitySpec, FieldSpec]]:
    """Return every stored link to the entity, whether or not this person sees it."""
    return [(entity, link) for entity, link in session.everything.linking_to(name) if link.name in session.entity(entity.name).written()]


def _move(session: Session, name: str, keep: int, gone: Sequence[int], step: Step = silent) -> Moved:
    """Point every link to one of `gone` to `keep`; return what was moved. A link of `keep` to itself is emptied."""
    moved: dict[str, dict[int, None]] = defaultdict(dict)
    links = _links(session, name)
    for done, (entity, link) in enumerate(links):
        step(done, len(links))
        ids = [row["id"] for row in find_in(session, entity.name, link.name, gone, [])]
        own = [key for key in ids if entity.name == name and key == keep]
        rest = [key for key in ids if key not in own]
        session.records.relink(session.entity(entity.name), link.name, own, None, session.now)
        session.records.relink(session.entity(entity.name), link.name, rest, keep, session.now)
        moved[entity.name].update(dict.fromkeys(key for key in rest if entity.name != name or key not in gone))
    step(len(links), len(links))
    return {entity: list(ids) for entity, ids in moved.items() if ids}


def _inner_first(spec: EntitySpec, rows: Sequence[Values]) -> list[int]:
    """Return the ids of records that go so that one which linked to another of them comes before it."""
    own = [one.name for one in spec.fields.values() if one.link == spec.name and not one.derived]
    left = {row["id"]: {row[name] for name in own} for row in rows}
    ordered: list[int] = []
    while left:
        pointed = set().union(*left.values())
        free = [key for key in left if key not in pointed] or list(left)
        ordered += free
        for key in free:
            del left[key]
    return ordered


def _fold_lines(session: Session, name: str, keep: int, moved: Moved) -> None:
    """Make one of lines that came along and say the same as one that is there, such as an invoice title both records had."""
    for child in session.everything.children(name):
        came = set(moved.get(child.name, ()))
        if not child.match or not came:
            continue
        told = [one.name for one in child.typed_fields() if one.name != child.parent and one.kind.name != "boolean" and one.name != child.sort]
        alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for row in find_in(session, child.name, child.parent, [keep], told):
            alike[tuple(row[one] for one in told)].append(row["id"])
        for ids in alike.values():
            first, *rest = sorted(ids, key=lambda key: (key in came, key))
            same = [key for key in rest if key in came]
            if same:
                _move(session, child.name, first, same)
                writing.delete_rows(session, child.name, same)
                moved[child.name] = [key for key in moved[child.name] if key not in same]


def _refuse_circle(session: Session, spec: EntitySpec, keep: int) -> None:
    """Raise UserError where the record that stays would be above itself, such as a department part of its own part."""
    for one in session.everything[spec.name].typed_fields():
        if one.link != spec.name:
            continue
        at: int | None = keep
        seen: set[int] = set()
        while at is not None and at not in seen:
            seen.add(at)
            rows = session.records.rows(session.entity(spec.name), [at], [one.name])
            at = rows[0][one.name] if rows else None
        if at == keep:
            raise UserError(_("“{field}” would lead back to the {entity} itself. Choose another value for it").format(field=one.title, entity=in_sentence(spec.singular)), field=one.name)


def _moving(session: Session, name: str, ids: Sequence[int]) -> list[Moving]:
    """Count what hangs on each of the records, by entity; a record with two links to them counts once."""
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for entity, link in _links(session, name):
        for row in find_in(session, entity.name, link.name, ids, [link.name]):
            if not (entity.name == name and row["id"] in ids):
                found[entity.name].setdefault(row["id"], int(row[link.name]))
    made = []
    for entity_name, owners in found.items():
        seen = set()
        if entity_name in session.catalog:
            seen = {row["id"] for row in find_in(session, entity_name, "id", owners, [], session.scope(entity_name))}
        counts: dict[int, int] = defaultdict(int)
        for owner in owners.values():
            counts[owner] += 1
        made.append(Moving(entity_name, len(owners), dict(counts), len(owners) - len(seen)))
    return made
