"""Notices what must never happen in the window's thread: a statement to a database, a file, a connection, another program.

It is exact where a stopwatch isn't: a fast disk hides a wait that a network folder makes long. Only what the screens do counts: a test may
ask the database itself. Python tells of files, sockets and programs by its audit events, the database by `Store._told`, which every statement passes, and `Store.connect`.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import desktop_crm
from desktop_crm.base.resources import resources_folder
from desktop_crm.models.database import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

SCREENS: Final = str(Path(desktop_crm.__file__).parent / "ui") + os.sep
TESTS: Final = str(Path(__file__).parents[1]) + os.sep
WATCHED: Final = frozenset({
    "open", "sqlite3.connect", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.listdir",
    "os.scandir", "os.link", "os.truncate", "shutil.copyfile",
})
LOADING: Final = frozenset({"<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>"})
MEANT: Final = frozenset({"closeEvent", "keep_now", "_folder", "_tell", "report"})
"""Where it is meant: nobody waits when the window closes, and what was typed is on the disk before its page is left, since nothing is lost comes first.

The program's own folders are made where they are first named, and the last net looks at what it needs: there is nothing else left to wait for."""


class _Guard:
    """What was seen while it is on."""

    def __init__(self) -> None:
        self.on = False
        self.seen: list[str] = []

    def look(self, what: str) -> None:
        """Enter what is done just now, if it is the screens that do it in the window's thread."""
        if not self.on or threading.current_thread() is not threading.main_thread():
            return
        by = _screen(sys._getframe(2))
        if by:
            self.seen.append(f"{what}, by {by}")


GUARD: Final = _Guard()


def _screen(frame: FrameType | None) -> str:
    """Return which line of the screens is at work, empty where it is none, a module is being loaded or a window closes."""
    found, outermost = "", None
    while frame is not None:
        code = frame.f_code
        if code.co_filename in LOADING or code.co_name in MEANT or (code.co_name == "draft" and code.co_filename.endswith("operations.py")):
            return ""
        if code.co_filename.startswith(SCREENS):
            found = found or f"{Path(code.co_filename).name}:{frame.f_lineno} {code.co_name}"
            outermost = frame
        frame = frame.f_back
    # What the screens do in a lane, such as reading saved views, a test may call for itself.
    called_by_test = outermost is not None and outermost.f_back is not None and "self" not in outermost.f_locals and outermost.f_back.f_code.co_filename.startswith(TESTS)
    return "" if called_by_test else found


def _own(path: object) -> bool:
    """Tell whether a file came with the program, as icons do: small, local and read once."""
    return isinstance(path, str | os.PathLike) and Path(os.fspath(path)).is_relative_to(resources_folder())


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if GUARD.on and event in WATCHED and not (event == "open" and (_own(arguments[0]) or isinstance(arguments[0], int))):
        GUARD.look(f"{event} {arguments[0] if arguments else ''}")


sys.addaudithook(_audit)  # for the whole process: there is no way to take it back, so it is switched


@contextmanager
def watching() -> Iterator[_Guard]:
    """Watch the window's thread; what was seen stands in the guard's `seen`."""
    connect, told = Store.connect, Store._told

    def connecting(self: Store) -> None:
        GUARD.look("database")
        connect(self)

    def asking(self: Store, statement: Callable[..., Any], *given: Any) -> Any:
        GUARD.look("database")
        return told(self, statement, *given)

    GUARD.on, GUARD.seen = True, []
    Store.connect, Store._told = connecting, asking  # type: ignore[method-assign]
    try:
        yield GUARD
    finally:
        Store.connect, Store._told = connect, told  # type: ignore[method-assign]
        GUARD.on = False
