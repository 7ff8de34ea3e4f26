"""Proving that a company is in order: the file, the links, the sums, the rules; and putting right what is derived."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import ConnectionLost, NotAllowed, UserError
from desktop_crm.base.i18n import N_, _
from desktop_crm.base.progress import Step, silent
from desktop_crm.models import expected, integrity, soundness, triggers
from desktop_crm.services import policy, sign_in
from desktop_crm.services.findings import Problem

if TYPE_CHECKING:
    from desktop_crm.models.integrity import Finding
    from desktop_crm.services.session import Session

log = logging.getLogger(__name__)

__all__ = ["Problem", "check", "may_repair", "repair"]

About = Callable[[str], None]

RULES: Final = {
    "over_allocated": N_("more is allocated than was received"),
    "over_settled": N_("more is settled than is due"),
    "other_customer": N_("receipt and receivable belong to different customers"),
    "partly_for_itself": N_("it exists for what it settles, but isn't allocated in full"),
    "not_covered": N_("it uses up what is left of a receipt, but no receipt covers it in full"),
    "over_invoiced": N_("more is invoiced than it is"),
    "over_covered": N_("more is covered than the invoice is"),
    "wrong_target": N_("it belongs to a receivable and to a contract line; it may only belong to one of them"),
    "taken_back": N_("more was taken back than the receipt had settled of it"),
    "other_kind": N_("it is of another kind than its receipt"),
    "plan_differs": N_("the instalments don't add up to the contract total"),
    "tax_differs": N_("net and tax don't add up to the total"),
}
NOT_FOUND: Final = N_("{entity} {records}: can't be found by search. Run the repair")
TITLES_NAMED: Final = 10


def _untold(_part: str) -> None:
    """Say nothing of the part that begins."""


def may_repair(session: Session) -> bool:
    """Tell whether this person may have derived data made anew."""
    return session.person.role == "admin"


def check(session: Session, *, quick: bool = False, step: Step = silent, about: About = _untold) -> list[Problem]:
    """Return everything that is wrong with the company, nothing where all is in order; changes nothing.

    The quick check looks at the file, the tables, the triggers and what the program keeps for itself, not at every record. What can't be
    looked at because of damage is told as damage. `about` is told before each part which it is, `step` how far that part is, (0, 0) where nobody knows.
    Raises NotAllowed for a role that doesn't see all customers and receivables, Cancelled.
    """
    if not policy.may_check(session):
        raise NotAllowed(_("The check needs somebody who may see every record. Ask your administrator"))
    parts = [part for part in PARTS if part.quick or not quick]
    found: list[Problem] = []
    for number, part in enumerate(parts, 1):
        about(_at(number, len(parts), part.name))
        with _stoppable(session, step) as far:
            try:
                found += part.look(session, quick, far)
            except ConnectionLost:
                raise
            except UserError as problem:
                found.append(Problem("damage", problem.message))
    return list(dict.fromkeys(found))


def repair(session: Session, *, step: Step = silent, about: About = _untold) -> list[Problem]:
    """Make the derived objects anew (indexes, triggers, sums, search keys and their index, who sees whom, ids) and return what is still wrong.

    No record is changed. Raises NotAllowed for anybody but an administrator, Cancelled; what was done until then stays. `step` and `about` are told as by `check`, which follows.
    """
    if not may_repair(session):
        raise NotAllowed(_("Only an administrator may repair the company file"))
    store = session.store
    works: tuple[tuple[str, Callable[[Step], object]], ...] = (
        (N_("Changes left open"), lambda _far: integrity.close_left_open(store)),
        (N_("Indexes"), lambda _far: expected.rebuild_indexes(store)),
        (N_("Triggers"), lambda _far: integrity.rebuild_triggers(store)),
        (N_("Numbers of new rows"), lambda _far: integrity.move_ids_on(store)),
        (N_("Who may see whose records"), lambda _far: sign_in.rebuild_visibility(store)),
        (N_("Sums"), lambda _far: integrity.rebuild_sums(store)),
        (N_("What records are searched and sorted by"), lambda far: integrity.rebuild_keys(session.records, far)),
        (N_("Index of search"), lambda far: integrity.rebuild_search(store, far)),
    )
    for number, (name, work) in enumerate(works, 1):
        about(_at(number, len(works), name))
        with _stoppable(session, step) as far:
            try:
                work(far)
            except ConnectionLost:
                raise
            except UserError as problem:
                # What is damaged can't be worked out anew; the check that follows names it.
                log.info("Not repaired: %s", problem.message)
    return check(session, step=step, about=about)


def _at(number: int, count: int, name: str) -> str:
    return _("{number} of {count}: {part}").format(number=number, count=count, part=_(name))


@contextmanager
def _stoppable(session: Session, step: Step) -> Iterator[Step]:
    """Let the user stop within a long statement too: give what reports how far a part is, which is reported again while its statements run."""
    reached = [(0, 0)]

    def far(done: int, total: int) -> None:
        reached[0] = (done, total)
        step(done, total)

    far(0, 0)
    with session.store.watched(lambda: step(*reached[0])):
        yield far


def _damage(session: Session, quick: bool, far: Step) -> Iterator[Problem]:  # noqa: FBT001 - every part is called alike
    for text in integrity.damage(session.store, quick=quick, step=far):
        yield Problem("damage", _("The database is damaged: {detail}. Restore the last backup").format(detail=text))


def _tables(session: Session, _quick: bool, _far: Step) -> Iterator[Problem]:  # noqa: FBT001
    for found in expected.differences(session.store):
        if found.what == "index":
            yield Problem("index", _("An index that makes lists fast is missing: {detail}. Run the repair").format(detail=found))
        else:
            yield Problem("schema", _("A table differs from what the program expects: {detail}").format(detail=found))


def _triggers(session: Session, _quick: bool, _far: Step) -> Iterator[Problem]:  # noqa: FBT001
    for name in triggers.differences(session.store):
        yield Problem("trigger", _("The part of the database that keeps history and sums was changed: {name}. Run the repair").format(name=name))
    if integrity.left_open(session.store):
        yield Problem("open", _("A change was left open, so that other programs could write without history. Run the repair"))


def _kept(session: Session, _quick: bool, _far: Step) -> Iterator[Problem]:  # noqa: FBT001
    """Look at what the program keeps for itself beside the records."""
    if sign_in.visibility_differs(session.store):
        yield Problem("visibility", _("Who may see whose records differs from roles and departments. Run the repair"))
    for table in integrity.ids_behind(session.store):
        yield Problem("ids", _("{table}: a new row would get a number that was used before. Run the repair").format(table=table))
    for found in integrity.lost_credentials(session.store):
        yield Problem("credential", _("Passwords are kept for users who never were: {rows}").format(rows=_numbers(found)))
    for found in integrity.wrong_counters(session.store):
        yield Problem("counter", _("Counters of document numbers hold what can't be one: {rows}").format(rows=_numbers(found)))


def _history(session: Session, _quick: bool, _far: Step) -> Iterator[Problem]:  # noqa: FBT001
    for found in integrity.broken_history(session.store):
        yield Problem("history", _("Past changes can't be read: {rows}").format(rows=_numbers(found)))


def _links(session: Session, _quick: bool, far: Step) -> Iterator[Problem]:  # noqa: FBT001
    for found in integrity.broken_links(session.store, far):
        if found.entity:
            yield _about(session, "link", N_("{entity} {records}: the record in “{field}” doesn't exist any more"), found)
        else:
            yield Problem("history", _("Rows refer to others that are gone ({table}): {rows}").format(table=found.what, rows=_numbers(found)))


def _sums(session: Session, _quick: bool, far: Step) -> Iterator[Problem]:  # noqa: FBT001
    message = N_("{entity} {records}: “{field}” differs from the sum of its rows. Run the repair")
    return (_about(session, "sum", message, found) for found in integrity.wrong_sums(session.store, far))


def _rules(session: Session, _quick: bool, far: Step) -> Iterator[Problem]:  # noqa: FBT001
    for found in integrity.broken_rules(session.store, far):
        text = _("{entity} {records}: {problem}").format(
            entity=session.everything[found.entity].singular, records=_named(session, found), problem=_(RULES[found.what])
        )
        yield Problem(found.what, text, found.entity, found.ids)


def _repeated(session: Session, _quick: bool, far: Step) -> Iterator[Problem]:  # noqa: FBT001
    message = N_("{entity} {records}: another one has the same “{field}”")
    return (_about(session, "repeated", message, found) for found in integrity.repeated_values(session.store, far))


def _values(session: Session, _quick: bool, far: Step) -> Iterator[Problem]:  # noqa: FBT001
    message = N_("{entity} {records}: “{field}” holds what can't be one")
    yield from (_about(session, "value", message, found, titles=False) for found in soundness.wrong_values(session.store, far))


def _texts(session: Session, _quick: bool, far: Step) -> Iterator[Problem]:  # noqa: FBT001
    for found in soundness.unreadable_texts(session.store, far):
        if found.entity:
            yield _about(session, "value", N_("{entity} {records}: a text can't be read"), found, titles=False)
        else:
            yield Problem("history", _("Texts can't be read ({table}): {rows}").format(table=found.what, rows=_numbers(found)))


def _formulas(session: Session, _quick: bool, far: Step) -> Iterator[Problem]:  # noqa: FBT001
    message = N_("{entity} {records}: “{field}” doesn't follow from the other fields")
    yield from (_about(session, "formula", message, found) for found in soundness.wrong_formulas(session.store, far))


def _worked_out(session: Session, _quick: bool, far: Step) -> Iterator[Problem]:  # noqa: FBT001
    for found in integrity.worked_out_wrongly(session.records, far):
        if found.what == "derived":
            yield _about(session, "derived", N_("{entity} {records}: what the program works out differs from what was typed"), found)
        else:
            yield _about(session, "search", NOT_FOUND, found)


def _searched(session: Session, _quick: bool, far: Step) -> Iterator[Problem]:  # noqa: FBT001
    return (_about(session, "search", NOT_FOUND, found) for found in integrity.lost_to_search(session.store, far))


@dataclass(frozen=True)
class _Part:
    """One part of the check; the quick ones don't read every record."""

    name: str
    look: Callable[[Session, bool, Step], Iterable[Problem]]
    quick: bool = False


PARTS: Final = (
    _Part(N_("The file"), _damage, quick=True),
    _Part(N_("Tables and indexes"), _tables, quick=True),
    _Part(N_("Triggers"), _triggers, quick=True),
    _Part(N_("What the program keeps for itself"), _kept, quick=True),
    _Part(N_("History"), _history),
    _Part(N_("Links"), _links),
    _Part(N_("Sums"), _sums),
    _Part(N_("What must never be"), _rules),
    _Part(N_("Numbers that are given once"), _repeated),
    _Part(N_("Values"), _values),
    _Part(N_("Texts"), _texts),
    _Part(N_("Columns that follow from others"), _formulas),
    _Part(N_("What the program works out of each record"), _worked_out),
    _Part(N_("Index of search"), _searched),
)


def _about(session: Session, kind: str, message: str, found: Finding, *, titles: bool = True) -> Problem:
    """Word a finding about a field; `message` is a marked text. Titles aren't asked for where they may be what can't be read."""
    spec, fields = session.everything[found.entity], session.entity(found.entity).fields
    field = fields[found.what].spec.title if found.what in fields else found.what
    records = _named(session, found) if titles else _numbers(found)
    text = _(message).format(entity=spec.singular, records=records, field=field)
    return Problem(kind, text, found.entity, found.ids)


def _numbers(found: Finding) -> str:
    """Return the ids of the first rows of a finding, and how many more there are."""
    return _listed([f"#{key}" for key in found.ids[:TITLES_NAMED]], len(found.ids))


def _named(session: Session, found: Finding) -> str:
    """Return the titles of the first records of a finding, with their ids, and how many more there are."""
    first = found.ids[:TITLES_NAMED]
    titles = session.records.titles(session.entity(found.entity), first)
    return _listed([f"{titles.get(key, '')} (#{key})".strip() for key in first], len(found.ids))


def _listed(named: list[str], whole: int) -> str:
    rest = whole - len(named)
    return _(", ").join(named) + (_(" and {count} more").format(count=rest) if rest else "")
