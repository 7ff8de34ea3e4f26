"""From the arguments to the exit code: understands the command, signs in, runs the verb and words what went wrong."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import Blocked, Cancelled, ConnectionLost, Invalid, NoAccess, UserError
from desktop_crm.base.i18n import LANGUAGES, _, system_language, use_language
from desktop_crm.base.settings import load_settings
from desktop_crm.cli.answers import NOT_REACHED, REFUSED, WRONG_USAGE, Answer, Usage, give, tell

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from desktop_crm.services.session import Session

PASSWORD: Final = "DESKTOP_CRM_PASSWORD"  # noqa: S105 - the name of a variable
SERVER_PASSWORD: Final = "DESKTOP_CRM_SERVER_PASSWORD"  # noqa: S105 - the name of a variable
CHANGES_MUCH: Final = frozenset({"sample", "import", "import-company", "bring-back", "undo"})
WINDOW: Final = ("--db", "--user", "--lang")
STOPPED: Final = 130
"""What a shell expects of a program that was stopped by Ctrl+C."""


def session_verbs() -> dict[str, Callable[[Session, Namespace], Answer]]:
    """Return what each verb does that needs somebody signed in. Imported only now: the window starts without any of it."""
    from desktop_crm.cli import bank, books, company, copies, data, history, paper, tax, templates, workbooks

    return {
        "sample": company.sample,
        "backup": copies.backup,
        "check": company.check,
        "user": company.user,
        "import": data.import_file,
        "import-company": workbooks.import_company,
        "template-workbook": workbooks.template_workbook,
        "bring-back": workbooks.bring_back,
        "bank": bank.bank,
        "tax-workbook": tax.tax_workbook,
        "tax-issued": tax.tax_issued,
        "export": data.export_file,
        "list": data.list_records,
        "report": paper.report,
        "print": paper.print_documents,
        "template": templates.template,
        "history": history.history,
        "undo": history.undo,
        "close": books.close,
        "reopen": books.reopen,
        "log": history.log,
        "prune": history.prune,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 refused or partly refused, 2 wrong usage, 3 database not reached.

    Without a verb the window opens. `arguments` are those of the process where none are given.
    """
    given = _joined(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Programs that read the answer expect one encoding, whatever this computer's code page is.
            stream.reconfigure(encoding="utf-8")
    settings = load_settings()
    use_language(_option(given, "--lang") or settings.language or system_language())
    as_json = "--json" in given
    try:
        options = _of_window(given) or _parsed(given)
        options.json = as_json
        options.db = getattr(options, "db", None) or ("" if options.demo else settings.last_company)
        options.user = getattr(options, "user", None)
        return _run(options, as_json=as_json)
    except Usage as problem:
        return _refused(problem, str(problem), WRONG_USAGE, as_json=as_json)
    except (ConnectionLost, NoAccess) as problem:
        return _refused(problem, problem.message, NOT_REACHED, as_json=as_json)
    except UserError as problem:
        return _refused(problem, problem.message, REFUSED, as_json=as_json)
    except (KeyboardInterrupt, Cancelled):
        tell(_("Stopped; nothing was kept of the last step"))
        return STOPPED


def _parsed(given: list[str]) -> Namespace:
    from desktop_crm.cli.arguments import make_parser

    return make_parser().parse_args(given)


def _of_window(given: list[str]) -> SimpleNamespace | None:
    """Understand the arguments the window is started with, where there are no others: the parser of all verbs takes as long as an entity's list."""
    found = SimpleNamespace(verb=None, demo=False)
    rest = iter(given)
    for argument in rest:
        name, equals, value = argument.partition("=")
        if argument == "--demo":
            found.demo = True
        elif name in WINDOW:
            value = value if equals else next(rest, "")
            if not value or value.startswith("-") or (name == "--lang" and value not in LANGUAGES):
                return None
            setattr(found, name[2:], value)
        else:
            return None
    return found


def _joined(arguments: Sequence[str]) -> list[str]:
    """Write ``--sort -field`` as one argument, or the field would be taken for an option."""
    made: list[str] = []
    for argument in arguments:
        if made and made[-1] == "--sort" and argument.startswith("-") and not argument.startswith("--"):
            made[-1] = f"--sort={argument}"
        else:
            made.append(argument)
    return made


def _option(arguments: Sequence[str], name: str) -> str:
    """Return the value of an option needed before the arguments can be understood; empty where it is absent or unknown."""
    for number, argument in enumerate(arguments):
        value = arguments[number + 1] if argument == name and number + 1 < len(arguments) else argument.partition(f"{name}=")[2]
        if value in {"zh_CN", "zh_TW", "en"}:
            return value
    return ""


def _refused(problem: Exception, message: str, code: int, *, as_json: bool) -> int:
    """Say what went wrong on standard error, and in the JSON answer, and return the exit code."""
    tell(message)
    if as_json:
        found: dict[str, Any] = {"ok": False, "error": message}
        if isinstance(problem, Invalid):
            found["problems"] = [{"field": item.field, "message": item.message} for item in problem.problems]
        if isinstance(problem, Blocked):
            found["records"] = [{"entity": item.entity, "id": item.id, "title": item.title} for item in problem.records]
            found["later"] = list(problem.later)
        give(Answer(found), as_json=True)
    return code


def _run(options: Any, *, as_json: bool) -> int:
    if options.verb is None:
        gc.disable()  # until the first rows are there; the window switches it on
        from desktop_crm import app

        return int(app.main(options.db or None, user=options.user, demo=options.demo, language=getattr(options, "lang", None) or ""))
    gc.enable()
    if options.verb == "self-test":
        from desktop_crm.cli.self_test import self_test

        return give(self_test(options, main), as_json=as_json)
    if options.verb == "move":
        options.db = options.origin or options.db
    from desktop_crm.cli import company, copies

    if options.verb == "restore" and options.show:
        return give(copies.show(options), as_json=as_json)
    url = _database(options)
    if options.verb == "init":
        return give(company.init(url, options, os.environ.get(PASSWORD, ""), server_password), as_json=as_json)
    if options.verb == "restore":
        return give(copies.restore(url, options, server_password, lambda: sign_in(url, options.user)), as_json=as_json)
    with contextlib.closing(sign_in(url, options.user)) as session:
        if options.verb == "move":
            checked(options.target)
            return give(copies.move(session, options, server_password), as_json=as_json)
        answer = session_verbs()[options.verb](session, options)
        if options.verb in CHANGES_MUCH:
            _tend(session)
        return give(answer, as_json=as_json)


def _tend(session: Session) -> None:
    """Leave no work for the first list and search in the window; where it can't be done now, the window does it."""
    from desktop_crm.cli.answers import Percent
    from desktop_crm.services import upkeep

    with contextlib.suppress(UserError):
        if upkeep.due(session):
            upkeep.tend(session, step=Percent())


def _database(options: Namespace) -> str:
    if not options.db:
        raise Usage(_("No company was opened on this computer yet. Say which with --db"))
    return checked(str(options.db))


def checked(url: str) -> str:
    """Return the URL of a database; raises Usage where it is none."""
    from desktop_crm.models.location import parse_url

    try:
        parse_url(url)
    except UserError as problem:
        raise Usage(problem.message) from problem
    return url


def server_password(url: str) -> str:
    """Return the password of a database server: of the environment, else of the password store; empty where the URL has its own."""
    from desktop_crm.models.location import parse_url

    location = parse_url(url)
    if location.kind != "mysql" or location.password:
        return ""
    return os.environ.get(SERVER_PASSWORD) or _kept_password(url) or ""


def _kept_password(account: str) -> str | None:
    from desktop_crm.base.secrets import get_password  # the password store: of no use to the window

    return get_password(account)


def sign_in(url: str, user: str | None) -> Session:
    """Open the company and sign in: with the password of the environment, else none, else the store's, else the one typed.

    Raises UserError where that isn't enough, ConnectionLost where the company isn't there.
    """
    from desktop_crm.models.location import parse_url
    from desktop_crm.services.session import open_session
    from desktop_crm.services.sign_in import SignInNeeded

    path = parse_url(url).path
    if path is not None and not path.exists():
        raise ConnectionLost(_("There is no company file {path}").format(path=path))
    try:
        return open_session(url, user, os.environ.get(PASSWORD), server_password=server_password(url))
    except SignInNeeded:
        if user is None:
            raise
        kept = _kept_password(f"{url}#{user}")
        if kept is None and sys.stdin is not None and sys.stdin.isatty():
            from getpass import getpass

            kept = getpass(_("Password of {user}: ").format(user=user))
        if kept is None:
            raise
    return open_session(url, user, kept, server_password=server_password(url))
