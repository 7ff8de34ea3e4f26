"""What lanes leave behind goes in the window's thread: a widget destroyed in another one ends the program."""

from __future__ import annotations

import gc
import threading
import weakref
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop_crm.ui import swift
from desktop_crm.ui.operations import Operations
from desktop_crm.ui.steps import Steps
from desktop_crm.ui.swift import Collector, collect_what_is_due

if TYPE_CHECKING:
    import pytest
    from pytestqt.qtbot import QtBot

NEVER_S = 1e9


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


def test_what_is_older_is_looked_through_in_a_pause(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, go_on, window = QObject(), threading.Event(), QWidget()
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
    monkeypatch.setattr(swift, "_lanes", weakref.WeakSet())  # windows of other tests have lanes too
    monkeypatch.setattr(swift, "BEGIN_MS", 0)
    lanes, collector = Operations(nothing, nothing, owner), Collector(owner)
    monkeypatch.setattr(swift, "PAUSE_S", 0.0)
    qtbot.waitUntil(lambda: collector.hands is not None)
    assert collector.hands is not None
    qtbot.waitUntil(collector.pause)

    lanes.read(owner, go_on.wait, nothing)
    assert not collector.pause(), "a lane works"
    go_on.set()
    qtbot.waitUntil(lanes.idle)
    assert collector.pause()

    monkeypatch.setattr(swift, "PAUSE_S", NEVER_S)
    with monkeypatch.context() as patched:
        patched.setattr(swift, "last_step", lambda: -NEVER_S)
        collector.hands.at = -NEVER_S
        assert collector.pause()
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_A)
        assert not collector.pause(), "somebody types"
        collector.hands.at = -NEVER_S
        assert collector.pause()
    Steps(owner, iter([None, None]))
    assert not collector.pause(), "a page was made"
    lanes.stop()


def test_by_what_age_garbage_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    monkeypatch.setattr(gc, "get_count", lambda: tuple(most + 1 for most in gc.get_threshold()))
    monkeypatch.setattr(gc, "collect", looked.append)
    collect_what_is_due(older=False)
    collect_what_is_due(older=True)
    assert looked == [0, 2]
