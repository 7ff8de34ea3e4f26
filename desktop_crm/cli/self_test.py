"""Proves that an installed program works: the main things, one after the other, on an invented company that is thrown away."""

from __future__ import annotations

import io
import os
import sys
import tempfile
import time
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from desktop_crm.base.errors import UserError
from desktop_crm.base.i18n import _
from desktop_crm.base.settings import HOME_VARIABLE
from desktop_crm.cli.answers import Answer, table

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator, Sequence

STEPS: Final = (
    "init --db {db} --admin tester",
    "sample --db {db} --customers 50",
    "list customer --db {db} --limit 5 --json",
    "export customer {folder}/customers.xlsx --db {db}",
    "import customer {folder}/customers.xlsx --db {db} --dry-run --json",
    "report aging --db {db} --pdf {folder}/aging.pdf",
    "print delivery_note --db {db} --id 1 --pdf {folder}/note.pdf",
    "backup {folder}/company.crmbackup --db {db}",
    "restore {folder}/company.crmbackup --db {folder}/restored.sqlite3",
    "check --db {folder}/restored.sqlite3 --json",
)


def self_test(options: Namespace, main: Callable[[Sequence[str]], int]) -> Answer:
    """Run each step with `main`, then open the window, and tell how long each took; raises UserError for the first that fails.

    A window that has no screen is drawn nowhere, so that the test runs on a server too.
    """
    with tempfile.TemporaryDirectory(prefix="desktop-crm-") as name, _home(Path(name) / "home"):
        names = {"folder": name, "db": str(Path(name) / "company.sqlite3")}
        took = [_timed(step.split(maxsplit=1)[0], partial(_run, step, names, main)) for step in STEPS]
        if not options.no_window:
            took.append(_timed("window", lambda: _window(names["db"])))
    lines = table([_("Step"), _("Milliseconds")], [[one["step"], f"{one['ms']:,}"] for one in took])
    return Answer({"ok": True, "steps": took}, [*lines, _("Everything works")])


@contextmanager
def _home(folder: Path) -> Iterator[None]:
    """Keep settings, log and what the program makes for itself in a folder of the test's own."""
    before = os.environ.get(HOME_VARIABLE)
    os.environ[HOME_VARIABLE] = str(folder)
    try:
        yield
    finally:
        os.environ.pop(HOME_VARIABLE)
        if before is not None:
            os.environ[HOME_VARIABLE] = before


def _timed(step: str, work: Callable[[], None]) -> dict[str, Any]:
    begun = time.perf_counter()
    work()
    return {"step": step, "ms": round((time.perf_counter() - begun) * 1000)}


def _run(step: str, names: dict[str, str], main: Callable[[Sequence[str]], int]) -> None:
    """Run one command of the command line; what it says is shown only where it fails."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = main([part.format(**names) for part in step.split()])
    if code:
        raise UserError(_("The step “{step}” failed: {message}").format(step=step.split(maxsplit=1)[0], message=said.getvalue().strip()))


def _window(url: str) -> None:
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from desktop_crm import app

    if not app.try_out(url):
        raise UserError(_("The step “{step}” failed: {message}").format(step="window", message=_("The first page did not come")))
