"""What makes the window come up sooner and stutter less: costs of the interpreter and of PySide6 that this program has no use for."""

from __future__ import annotations

import builtins
import gc

import PySide6.QtCore  # noqa: F401 - it puts the hook in place


def plain_imports() -> None:
    """Give Python its own import back.

    PySide6 looks through the source of every module imported after it for the use of ``__feature__``, which is nowhere used here: half a
    millisecond a module, a quarter of the whole start.
    """
    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)


def keep_what_was_loaded() -> None:
    """Take what was loaded out of what the garbage collector looks through, and let it run where the start had switched it off.

    Modules and declarations stay until the end. With them a full collection stops the window for 50 ms and more.
    """
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
