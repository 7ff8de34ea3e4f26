"""Writing what was decided about a list that came back, as one change set."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from desktop_crm.base.errors import StorageFailed, UserError
from desktop_crm.base.i18n import _
from desktop_crm.base.progress import silent
from desktop_crm.domain.conditions import Where, both
from desktop_crm.services import records, writing
from desktop_crm.services.batches import parts
from desktop_crm.services.records import require_write
from desktop_crm.services.rules import AFTER_SAVE, postponed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from desktop_crm.domain.catalog import Values
    from desktop_crm.services.roundtrip.back import Edited, RowChange
    from desktop_crm.services.session import Changes, Session

Side = Literal["mine", "theirs"]


@dataclass(frozen=True)
class Decisions:
    """What is to be done with what differs.

    `sides` says which side a field takes that both changed, by (id, field), `conflicts` it for all others; "" leaves it open. `delete`
    are the ids of missing records that are deleted, `leave` the rows of the file that are left out, as the sheet counts.
    """

    conflicts: Side | Literal[""] = ""
    sides: Mapping[tuple[int, str], Side] = field(default_factory=dict)
    delete: frozenset[int] = frozenset()
    leave: frozenset[int] = frozenset()

    def side(self, row: RowChange, name: str) -> str:
        """Return the side a field of a row takes, "" where nobody decided."""
        return self.sides.get((row.key or 0, name), self.conflicts)


@dataclass
class Applied:
    """What was written: how many records were changed, added and deleted."""

    changed: int = 0
    added: int = 0
    deleted: int = 0


ALIKE: Final = 5
"""So many records that change alike are written together."""


def open_questions(edited: Edited, decisions: Decisions) -> list[RowChange]:
    """Return the rows that can't be written as they stand: with problems, or with fields both sides changed and nobody decided about."""
    found = []
    for row in edited.rows:
        if row.row in decisions.leave or row.state == "gone" or (row.state == "missing" and row.key not in decisions.delete):
            continue
        if row.problems or any(not decisions.side(row, one.field) for one in row.conflicts):
            found.append(row)
    return found


def apply_back(session: Session, edited: Edited, decisions: Decisions, *, progress: Callable[[int, int], None] = silent) -> Changes[Applied]:
    """Write what the file changes, adds and, where decided, deletes as one change set, which `undo` takes back.

    Raises UserError where a row has problems or undecided conflicts, or a record changed again since the file was compared: nothing is
    written then. NotAllowed without the right.
    """
    require_write(session, edited.spec.name)
    questions = open_questions(edited, decisions)
    if questions:
        raise UserError(_("{count} rows are to be decided first: they have problems, or somebody else changed the same fields").format(count=len(questions)))

    def work() -> Applied:
        done = _write(session, edited, decisions, progress)
        counts = {"entity": edited.spec.plural, "file": edited.path.name, "changed": done.changed, "added": done.added, "deleted": done.deleted}
        session.relabel(_("{entity} brought back from {file}: {changed} changed, {added} added, {deleted} deleted").format(**counts))
        return done

    return session.write("bring_back", _("{entity} brought back").format(entity=edited.spec.plural), work)


def _write(session: Session, edited: Edited, decisions: Decisions, progress: Callable[[int, int], None]) -> Applied:
    spec, done = edited.spec, Applied()
    rows = [row for row in edited.rows if row.row not in decisions.leave and row.state in {"changed", "added"}]
    gone = [row for row in edited.of("missing") if row.key in decisions.delete]
    _refuse_changed(session, edited, [*rows, *gone])
    total = len(rows) + len(gone)
    # The lines of a document are checked together when all of them are written.
    with postponed({spec.fields[spec.parent].link} if spec.parent else ()) as waiting:
        for place, group in _alike(rows, decisions):
            progress(place, total)
            if len(group) >= ALIKE:
                _save_alike(session, spec.name, group, _taken(group[0], decisions))
                done.changed += len(group)
                continue
            for row in group:
                values = _taken(row, decisions)
                if row.key is None:
                    _save(session, spec.name, row, records.new(session, spec.name, **values), None)
                    done.added += 1
                else:
                    _save(session, spec.name, row, values, row.key)
                    done.changed += 1
        keys = [row.key for row in gone if row.key is not None]
        if keys:
            done.deleted = records.delete(session, spec.name, keys).result
    for entity, ids in waiting.items():
        for rule in AFTER_SAVE[entity] if ids else ():
            rule(session, list(ids))
    progress(total, total)
    return done


def _alike(rows: list[RowChange], decisions: Decisions) -> Iterator[tuple[int, list[RowChange]]]:
    """Yield the rows that are written, those that change their records alike together, each with how many went before: a column that was filled down is one."""
    groups: dict[object, list[RowChange]] = {}
    for row in rows:
        values = _taken(row, decisions)
        if values:
            groups.setdefault(row.row if row.key is None else repr(sorted(values.items())), []).append(row)
    done = 0
    for group in groups.values():
        yield done, group
        done += len(group)


def _save_alike(session: Session, entity: str, rows: list[RowChange], values: Values) -> None:
    entry, scope = session.entity(entity), session.scope(entity, "write")
    for part in parts([row.key for row in rows]):
        if session.records.count(entry, both(Where("id", "in", part), scope)) != len(part):
            raise UserError(_("You have no right to change this"))
        writing.update_rows(session, entity, part, values)
        records.still_allowed(session, entity, part)
        writing.run_parents_rules(session, entity, part)


def _taken(row: RowChange, decisions: Decisions) -> Values:
    return {one.field: one.value for one in row.fields if not one.conflict or decisions.side(row, one.field) == "mine"}


def _save(session: Session, entity: str, row: RowChange, values: Values, key: int | None) -> None:
    try:
        records.save(session, entity, values, key=key)
    except StorageFailed:
        raise
    except UserError as problem:
        raise UserError(_("Row {row}, {title}: {message} Nothing was written").format(row=row.row, title=row.title, message=problem.message), field=problem.field) from problem


def _refuse_changed(session: Session, edited: Edited, rows: list[RowChange]) -> None:
    """Raise UserError where a record isn't any more what the file was compared with."""
    compared = {row.key: row for row in rows if row.key is not None}
    entry = session.entity(edited.spec.name)
    found: dict[int, int] = {}
    for part in parts(compared):
        keys = session.records.ids_where(entry, Where("id", "in", part))
        found.update((int(key), int(version)) for key, version in session.records.stored(entry, keys, ["version"]))
    other = [row.title for key, row in compared.items() if found.get(key) != row.version]
    if other:
        raise UserError(_("{records} changed again since the file was compared. Open the file once more and look at the differences").format(records=_(", ").join(other[:5])))
