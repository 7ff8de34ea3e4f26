"""Proving that a company is in order: the file, the links, the sums, the rules; and putting right what is derived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from desktop_crm.base.errors import NotAllowed
from desktop_crm.base.i18n import N_, _
from desktop_crm.models import integrity, triggers
from desktop_crm.models.migrate import schema_problems
from desktop_crm.models.registry import entity
from desktop_crm.services import policy, sign_in

if TYPE_CHECKING:
    from desktop_crm.models.integrity import Finding
    from desktop_crm.services.session import Session

Step = Callable[[int, int], None]

RULES: Final = {
    "over_allocated": N_("more is allocated than was received"),
    "over_settled": N_("more is settled than is due"),
    "plan_differs": N_("the instalments don't add up to the contract total"),
    "tax_differs": N_("net and tax don't add up to the total"),
}
TITLES_NAMED: Final = 10


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: `kind` for programs, `message` for people, and the records it is about."""

    kind: str
    message: str
    entity: str = ""
    ids: tuple[int, ...] = ()


def _silent(_done: int, _total: int) -> None:
    """Report no progress."""


def check(session: Session, *, step: Step = _silent) -> list[Problem]:
    """Return everything that is wrong with the company, nothing where all is in order; changes nothing.

    Raises NotAllowed for a role that doesn't see all customers and receivables, since problems name records.
    """
    for name in ("customer", "receivable"):
        if policy.right(session.person, session.everything, session.everything[name]).read != "all":
            raise NotAllowed(_("The check needs somebody who may see every record. Ask your administrator"))
    parts = (_damage, _tables, _triggers, _links, _sums, _rules, _repeated, _search)
    found: list[Problem] = []
    for done, part in enumerate(parts):
        step(done, len(parts))
        found += part(session)
    step(len(parts), len(parts))
    return found


def repair(session: Session, *, step: Step = _silent) -> list[Problem]:
    """Make the derived objects anew (triggers, sums, search keys, who sees whom) and return what is still wrong.

    No record is changed. Raises NotAllowed for anybody but an administrator.
    """
    if session.person.role != "admin":
        raise NotAllowed(_("Only an administrator may repair the company file"))
    integrity.rebuild_triggers(session.store)
    integrity.rebuild_sums(session.store)
    integrity.rebuild_keys(session.records, step)
    sign_in.rebuild_visibility(session.store)
    return check(session)


def _damage(session: Session) -> list[Problem]:
    return [Problem("damage", _("The database is damaged: {detail}. Restore the last backup").format(detail=text)) for text in integrity.damage(session.store)]


def _tables(session: Session) -> list[Problem]:
    return [
        Problem("schema", _("A table differs from what the program expects: {detail}").format(detail=text)) for text in schema_problems(session.store)
    ]


def _triggers(session: Session) -> list[Problem]:
    return [
        Problem("trigger", _("The part of the database that keeps history and sums was changed: {name}. Run the repair").format(name=name))
        for name in triggers.differences(session.store)
    ]


def _links(session: Session) -> list[Problem]:
    message = N_("{entity} {records}: the record in “{field}” doesn't exist any more")
    return [_about(session, "link", message, found) for found in integrity.broken_links(session.store)]


def _sums(session: Session) -> list[Problem]:
    message = N_("{entity} {records}: “{field}” differs from the sum of its rows. Run the repair")
    return [_about(session, "sum", message, found) for found in integrity.wrong_sums(session.store)]


def _rules(session: Session) -> list[Problem]:
    made = []
    for found in integrity.broken_rules(session.store):
        text = _("{entity} {records}: {problem}").format(
            entity=session.everything[found.entity].singular, records=_named(session, found), problem=_(RULES[found.what])
        )
        made.append(Problem(found.what, text, found.entity, found.ids))
    return made


def _repeated(session: Session) -> list[Problem]:
    message = N_("{entity} {records}: another one has the same “{field}”")
    return [_about(session, "repeated", message, found) for found in integrity.repeated_values(session.store)]


def _search(session: Session) -> list[Problem]:
    message = N_("{entity} {records}: can't be found by search. Run the repair")
    return [_about(session, "search", message, found) for found in integrity.unsearchable(session.store)]


def _about(session: Session, kind: str, message: str, found: Finding) -> Problem:
    """Word a finding about a field; `message` is a marked text."""
    spec = session.everything[found.entity]
    field = spec.fields[found.what].title if found.what in spec.fields else found.what
    text = _(message).format(entity=spec.singular, records=_named(session, found), field=field)
    return Problem(kind, text, found.entity, found.ids)


def _named(session: Session, found: Finding) -> str:
    """Return the titles of the first records of a finding, with their ids, and how many more there are."""
    first = found.ids[:TITLES_NAMED]
    titles = session.records.titles(entity(found.entity), first)
    listed = _(", ").join(f"{titles.get(key, '')} (#{key})".strip() for key in first)
    rest = len(found.ids) - len(first)
    return listed + (_(" and {count} more").format(count=rest) if rest else "")
