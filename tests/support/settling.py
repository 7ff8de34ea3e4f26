"""Waiting until a window has done what it was about to do: a condition, not a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.exceptions import TimeoutError as NeverCame

from desktop_crm.ui.steps import steps_rest

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

SOON_MS: Final = 320  # what a page puts off while someone types is asked for within this time; what waits longer is not awaited
ROUNDS: Final = 4
TURN_MS: Final = 2
BUSY_MS: Final = 5
TIMEOUT_S: Final = 60
"""Only a window that never comes to rest waits so long."""


def settle(qtbot: QtBot, idle: Callable[[], bool]) -> None:
    """Wait until `idle` says that nothing is under way and no timer of a window is about to begin something, several turns of the event loop long."""
    quiet, until = 0, time.monotonic() + TIMEOUT_S
    while quiet < ROUNDS:
        if time.monotonic() > until:
            raise NeverCame(f"not settled within {TIMEOUT_S} s")
        quiet = quiet + 1 if idle() and not about_to_begin() else 0
        qtbot.wait(TURN_MS if quiet else BUSY_MS)


def about_to_begin(within_ms: int = SOON_MS) -> bool:
    """Tell whether a timer of any window fires once in so many ms, or something is done step by step."""
    return not steps_rest() or any(
        timer.isActive() and (timer.interval() <= within_ms if timer.isSingleShot() else timer.interval() == 0)
        for window in QApplication.topLevelWidgets()
        for timer in window.findChildren(QTimer)
    )
