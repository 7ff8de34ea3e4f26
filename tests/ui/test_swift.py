"""What lanes leave behind goes in the window's thread: a widget destroyed in another one ends the program."""

from __future__ import annotations

import gc
import threading
import weakref
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop_crm.ui import swift
from desktop_crm.ui.operations import Operations
from desktop_crm.ui.swift import collect_what_is_due

if TYPE_CHECKING:
    import pytest
    from pytestqt.qtbot import QtBot


class Ring:
    """Something that only the collector takes away."""

    def __init__(self) -> None:
        self.itself = self


def same(ring: Ring) -> Ring:
    """Answer with what was asked about."""
    return ring


def nothing(*_given: object) -> None:
    """Take any answer."""


def test_garbage_of_the_lanes_goes_in_the_windows_thread(qtbot: QtBot) -> None:
    owner = QObject()
    lanes = Operations(nothing, nothing, owner)
    gone: list[threading.Thread] = []
    watched: list[weakref.finalize[[], Ring]] = []

    def note() -> None:
        gone.append(threading.current_thread())

    def work() -> None:
        watched.extend(weakref.finalize(Ring(), note) for _number in range(3 * gc.get_threshold()[0]))

    lanes.read(owner, work, nothing)
    qtbot.waitUntil(lambda: len(watched) == 3 * gc.get_threshold()[0] and lanes.idle())
    qtbot.waitUntil(lambda: len(gone) == len(watched))
    assert set(gone) == {threading.main_thread()}
    lanes.stop()


def test_what_a_question_and_its_answer_hold_goes_in_the_windows_thread(qtbot: QtBot) -> None:
    owner = QObject()
    lanes = Operations(nothing, nothing, owner)
    gone: list[threading.Thread] = []

    def note() -> None:
        gone.append(threading.current_thread())

    for _number in range(200):
        ring = Ring()
        del ring.itself
        weakref.finalize(ring, note)
        lanes.read(owner, partial(same, ring), nothing)
        del ring
    qtbot.waitUntil(lambda: gc.collect() >= 0 and len(gone) == 200)
    assert set(gone) == {threading.main_thread()}
    lanes.stop()


def test_what_is_older_is_looked_through_only_while_the_lanes_rest(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, go_on = QObject(), threading.Event()
    monkeypatch.setattr(swift, "_lanes", weakref.WeakSet())  # windows of other tests have lanes too
    lanes = Operations(nothing, nothing, owner)
    looked: list[int] = []
    monkeypatch.setattr(gc, "get_count", lambda: tuple(most + 1 for most in gc.get_threshold()))
    monkeypatch.setattr(gc, "collect", looked.append)
    lanes.read(owner, go_on.wait, nothing)
    collect_what_is_due()
    assert looked == [0]
    go_on.set()
    qtbot.waitUntil(lanes.idle)
    looked.clear()  # the collector of a window looks too, whenever its time has come
    collect_what_is_due()
    assert looked == [2]
    lanes.stop()
