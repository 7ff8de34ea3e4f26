"""Start: what must run before anything else, and what happens when something nobody expected goes wrong."""

from __future__ import annotations

import gc
import logging
import sys
import threading
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import TracebackType

log = logging.getLogger("desktop_crm")

HELPERS: Final = {"--read-workbook": "desktop_crm.services.workbooks.child", "--make-keys": "desktop_crm.services.imports.keymakers"}
"""What a bundled program, which is its own interpreter, is started as by itself: the module whose `run_if_asked` does that and ends."""


def log_crash(kind: type[BaseException], problem: BaseException, traceback: TracebackType | None) -> None:
    """Write what nobody caught to the log and to standard error, as a last resort; the window shows it besides."""
    if not issubclass(kind, KeyboardInterrupt):
        log.critical("Unexpected failure", exc_info=(kind, problem, traceback))
    sys.__excepthook__(kind, problem, traceback)


def _log_crash_of_thread(crash: threading.ExceptHookArgs) -> None:
    if crash.exc_value is not None and crash.exc_type is not SystemExit:
        log_crash(crash.exc_type, crash.exc_value, crash.exc_traceback)


def prepare() -> None:
    """Be the helper that this was started as; otherwise start the log and the crash hooks."""
    helper = HELPERS.get(sys.argv[1]) if len(sys.argv) > 1 else None
    if helper is not None:
        import_module(helper).run_if_asked()
    # What is loaded from here on stays until the end: looking through it for garbage, over and over, would hold up the start. Whoever works long switches it on.
    gc.disable()
    from desktop_crm.base.log import start_log

    try:
        start_log()
    except OSError as problem:
        # Without a place for the log the program still works.
        sys.stderr.write(f"{problem}\n")
    sys.excepthook = log_crash
    threading.excepthook = _log_crash_of_thread


def start() -> int:
    """Run the command line, which opens the window without a verb; return the exit code."""
    prepare()
    from desktop_crm.cli import main

    return main()


def window() -> int:
    """Open the window: the script without a console. Arguments are those of the command line."""
    return start()


if __name__ == "__main__":
    sys.exit(start())
