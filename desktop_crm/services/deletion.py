"""What a deletion would do, before it is done: what goes along, and what stands in its way."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import NotAllowed
from desktop_crm.base.i18n import N_, _
from desktop_crm.base.lazily import dataclass
from desktop_crm.services import writing
from desktop_crm.services.batches import find_in
from desktop_crm.services.records import require_write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_crm.domain.catalog import EntitySpec, FieldSpec
    from desktop_crm.services.session import Session

OTHERWISE: Final = N_("Delete it first, or let it point to another record")
"""What to do about a link that says nothing else."""
NAMED: Final = 50
"""Obstacles that are named; the rest are counted."""

Roots = dict[str, dict[int, int]]
"""By entity and id of a record that goes: the record to be deleted it goes with."""


@dataclass(frozen=True)
class Going:
    """Records of one entity that go along: how many, the sums of their totals, and how many more this person may not see."""

    entity: str
    count: int
    sums: dict[str, Any]
    hidden: int = 0


@dataclass(frozen=True)
class Obstacle:
    """A record that forbids the deletion: it points with `link` to the record `target_title` of `target`, which would go.

    A line stands for its document, which `entity`, `id` and `title` name. `way_out` says what to do about it.
    """

    entity: str
    id: int
    title: str
    link: str
    target: str
    target_title: str
    way_out: str


@dataclass(frozen=True)
class Preview:
    """What the deletion of `ids` would do. `free` are those that nothing stands in the way of; `hidden` counts obstacles out of sight."""

    entity: str
    ids: tuple[int, ...]
    going: list[Going] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)
    more: int = 0
    hidden: int = 0
    free: tuple[int, ...] = ()

    @property
    def forbidden(self) -> bool:
        """Tell whether anything stands in the way."""
        return bool(self.obstacles or self.more or self.hidden)

    @property
    def plain(self) -> bool:
        """Tell whether nothing hangs on the records, so that an undo is all the user needs."""
        return not self.going and not self.forbidden


@dataclass(frozen=True)
class _Pointer:
    """A record `id` of `entity` that points to a record that goes; `root` is the one to be deleted."""

    entity: str
    id: int
    link: FieldSpec
    target: str
    target_id: int
    root: int


def deletion_preview(session: Session, name: str, ids: Sequence[int]) -> Preview:
    """Return what the deletion of records would do, with a few statements for each link however many there are.

    Rules that look at more than links (the last administrator) speak up when it is done. Raises NotAllowed where some of the
    records aren't this person's to delete.
    """
    require_write(session, name)
    wanted = tuple(dict.fromkeys(ids))
    mine = {row["id"] for row in find_in(session, name, "id", wanted, [], session.scope(name, "write"))}
    if len(mine) != len(wanted):
        raise NotAllowed(_("You have no right to delete some of these, so none was deleted"))
    roots = _roots(session, name, wanted)
    pointers = _pointers(session, name, roots)
    blocked = {one.root for one in pointers}
    seen, hidden = _visible(session, pointers)
    going = [_going(session, session.everything[entity], list(found)) for entity, found in roots.items() if entity != name]
    return Preview(
        name, wanted, going, [_obstacle(session, one) for one in seen[:NAMED]], max(len(seen) - NAMED, 0), hidden, tuple(key for key in wanted if key not in blocked),
    )


def _roots(session: Session, name: str, ids: Sequence[int]) -> Roots:
    """Return everything that goes: the records and, from each to the next, what goes along with it."""
    roots: Roots = {name: {key: key for key in ids}}
    waiting: list[tuple[str, dict[int, int]]] = [(name, dict(roots[name]))]
    while waiting:
        entity, held = waiting.pop(0)
        for along in writing.gone_with(session, entity):
            known = roots.setdefault(along.entity, {})
            rows = find_in(session, along.entity, along.link, held, [along.link], along.condition)
            fresh = {row["id"]: held[row[along.link]] for row in rows if row["id"] not in known}
            known.update(fresh)
            if fresh:
                waiting.append((along.entity, fresh))
    return {entity: found for entity, found in roots.items() if found}


def _pointers(session: Session, name: str, roots: Roots) -> list[_Pointer]:
    """Return the records that stay and point to one that goes."""
    found: dict[tuple[str, int, int], _Pointer] = {}
    for target, held in roots.items():
        for entity, link in session.everything.linking_to(target):
            if link.name not in session.entity(entity.name).written():
                continue
            for row in find_in(session, entity.name, link.name, held, [link.name]):
                leaves = row["id"] in roots.get(entity.name, {}) and entity.name != name
                if not leaves:
                    root = held[row[link.name]]
                    found.setdefault((entity.name, row["id"], root), _Pointer(entity.name, row["id"], link, target, row[link.name], root))
    return list(found.values())


def _visible(session: Session, pointers: Sequence[_Pointer]) -> tuple[list[_Pointer], int]:
    """Return the pointers this person may see, and how many others there are."""
    by_entity: dict[str, list[int]] = defaultdict(list)
    for one in pointers:
        by_entity[one.entity].append(one.id)
    seen = {
        (entity, row["id"])
        for entity, ids in by_entity.items() if entity in session.catalog
        for row in find_in(session, entity, "id", ids, [], session.scope(entity))
    }
    shown = [one for one in pointers if (one.entity, one.id) in seen]
    return shown, len({(one.entity, one.id) for one in pointers}) - len(seen)


def _obstacle(session: Session, one: _Pointer) -> Obstacle:
    spec = session.everything[one.entity]
    entity, key = one.entity, one.id
    if spec.parent:
        (row,) = session.records.rows(session.entity(entity), [key], [spec.parent])
        entity, key = spec.fields[spec.parent].link, int(row[spec.parent])
    title = session.records.titles(session.entity(entity), [key]).get(key, "")
    target = session.records.titles(session.entity(one.target), [one.target_id]).get(one.target_id, "")
    return Obstacle(entity, key, title, one.link.title, one.target, target, _(one.link.way_out or OTHERWISE))


def _going(session: Session, spec: EntitySpec, ids: Sequence[int]) -> Going:
    """Count and add up what goes along of one entity, as far as this person may see it."""
    if spec.name not in session.catalog:
        return Going(spec.name, 0, {}, len(ids))
    names = [name for name in session.catalog[spec.name].totals if spec.fields[name].kind.name == "money"]
    rows = find_in(session, spec.name, "id", ids, names, session.scope(spec.name))
    sums = {name: sum(row[name] for row in rows if row[name] is not None) for name in names}
    return Going(spec.name, len(rows), sums, len(ids) - len(rows))
