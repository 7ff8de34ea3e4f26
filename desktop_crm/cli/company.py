"""Verbs about the company as a whole: making, filling, checking, and who works with it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from desktop_crm.base.errors import NotFound
from desktop_crm.base.i18n import _
from desktop_crm.cli.answers import Answer, Percent, Usage, first_line, table
from desktop_crm.cli.naming import linked_ids
from desktop_crm.domain.catalog import Ref
from desktop_crm.domain.conditions import Where
from desktop_crm.services import check as checks
from desktop_crm.services import sample as samples
from desktop_crm.services import users
from desktop_crm.services.session import create_company

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from desktop_crm.services.session import Session

    Passwords = Callable[[str], str]

def init(url: str, options: Namespace, password: str, passwords: Passwords) -> Answer:
    """Make an empty company with one administrator; the password is that of the environment."""
    session = create_company(url, admin=options.admin, password=password, company=options.company, server_password=passwords(url))
    try:
        return Answer({"db": session.url, "admin": session.person.name}, [_("Made {db}; the administrator is {user}").format(db=session.url, user=session.person.name)])
    finally:
        session.close()


def sample(session: Session, options: Namespace) -> Answer:
    """Fill the company with invented records."""
    if options.customers < 1:
        raise Usage(_("There must be at least one customer"))
    added = samples.fill(session, options.customers, options.seed, step=Percent())
    return Answer({"added": added}, [f"{session.everything[name].plural}\t{number}" for name, number in added.items()])


def check(session: Session, options: Namespace) -> Answer:
    """Prove that the company is in order; with ``--repair`` after making what is derived anew."""
    far = Percent()
    found = checks.repair(session, step=far, about=far.about) if options.repair else checks.check(session, quick=options.quick, step=far, about=far.about)
    problems = [
        {"kind": problem.kind, "message": problem.message, "entity": problem.entity, "ids": list(problem.ids),
         "advice": problem.advice, "repairable": problem.repairable}
        for problem in found
    ]
    return Answer({"ok": not found, "problems": problems}, _told(found) or [_("The company is in order")], refused=bool(found))


def _told(found: list[checks.Problem]) -> list[str]:
    """Return problems as lines: each kind under its heading, with what to do below."""
    lines: list[str] = []
    for title in dict.fromkeys(problem.title for problem in found):
        same = [problem for problem in found if problem.title == title]
        lines += [title, *(f"  {problem.message}" for problem in same), f"  → {same[0].advice}"]
    return lines


def user(session: Session, options: Namespace) -> Answer:
    """Add, disable or list users, or set a password."""
    actions = {"add": _add_user, "disable": _disable_user, "password": _set_password, "list": _list_users}
    return actions[options.action](session, options)


def _new_password(options: Namespace) -> str:
    """Return the password to set: from a file or standard input, else typed twice at a terminal; empty for none."""
    source = options.password_from
    if source:
        return first_line(source)
    if sys.stdin is not None and sys.stdin.isatty():
        from getpass import getpass

        first = getpass(_("New password: "))
        if first != getpass(_("The same again: ")):
            raise Usage(_("The two passwords differ; nothing was changed"))
        return first
    return ""


def _add_user(session: Session, options: Namespace) -> Answer:
    values: dict[str, Any] = {"login": options.login, "name": options.name or options.login, "role": options.role}
    if options.department:
        found = linked_ids(session, "department", options.department)
        if len(found) != 1:
            raise Usage(_("There is no department “{name}”").format(name=options.department))
        values["department"] = found[0]
    changes = users.add_user(session, values, _new_password(options))
    return Answer({"id": changes.result.id, "login": options.login, "change_set": changes.change_set}, [changes.label])


def _disable_user(session: Session, options: Namespace) -> Answer:
    key = _user_id(session, options.login)
    changes = users.disable_user(session, key)
    return Answer({"id": key, "login": options.login, "change_set": changes.change_set}, [changes.label])


def _set_password(session: Session, options: Namespace) -> Answer:
    key = _user_id(session, options.login)
    password = _new_password(options)
    users.set_password(session, key, password)
    done = _("{user} has a new password") if password else _("{user} has no password any more")
    return Answer({"id": key, "login": options.login, "has_password": bool(password)}, [done.format(user=options.login)])


def _list_users(session: Session, _options: Namespace) -> Answer:
    spec = session.spec("user")
    found = users.list_users(session)
    names = [name for name in users.LISTED if name in spec.fields]
    rows = [{"id": row["id"], **{name: row[name].title if isinstance(row[name], Ref) else row[name] for name in names}, "has_password": row["has_password"]} for row in found]
    lines = table([spec.fields[name].title for name in names], [[spec.fields[name].show(row[name]) for name in names] for row in found])
    return Answer({"count": len(rows), "rows": rows}, lines)


def _user_id(session: Session, login: str) -> int:
    """Return the id of the user who signs in as `login`; raises NotFound."""
    found = session.records.ids_where(session.entity("user"), session.readable("user", Where("login", "eq", login)))
    if not found:
        raise NotFound(_("There is no user “{login}”").format(login=login))
    return found[0]
